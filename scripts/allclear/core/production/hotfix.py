"""The hotfix of an incident (000-15, 003-13): the branch, the words of its commit and pull request, its
record.

The reference to the incident closes nothing (000-A1): the gates end an incident, not a merge.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Literal, assert_never

from msgspec import Struct

from allclear.core.conversation.command import Policy
from allclear.core.conversation.engine_reply import engine_reply
from allclear.core.model.effects import Reply
from allclear.core.model.errors import TextError
from allclear.core.model.neutral import JOINER, Renderer, block, code, cut, headline, inline
from allclear.core.model.patterns import lazy_regex
from allclear.core.model.snapshot import PullSeen, Repository
from allclear.core.record.entry import Entry, Recorded
from allclear.core.record.incident import Incident, Stage
from allclear.core.record.production import HOTFIX_BRANCH, HotfixOpened

LONGEST = 120
"""Characters of the description that the titles carry; all of it stands in the body."""

_COMMIT = lazy_regex(r"[0-9a-f]{40}|[0-9a-f]{64}")
_CLOSING = lazy_regex(
    r"\b(?:close[sd]?|fix(?:es|ed)?|resolve[sd]?)\b(?=\W*(?:$|#|GH|https?|[\w.-]+/))", re.IGNORECASE
)
"""GitHub's keywords, where something follows that could be an issue, or nothing: a title goes on."""


Obstacle = Literal["workflows", "token", "rule", "base", "commit"]
"""What keeps us from making the branch: workflow files that no branch has any more, a permission of the
token, a rule of the repository, a base that is no branch, a commit that is gone.
"""


class Hurdle(Struct, frozen=True):
    """``what`` keeps us from making it, and what GitHub ``said``: raw words, empty when it said nothing.

    ``start``: the default branch, from which it starts where no commit was named.
    """

    what: Obstacle
    said: str = ""
    start: str = ""


def branch(number: int, attempt: int = 1) -> str:
    """``hotfix/incident-12`` (000-15); after one that was merged and did not hold, the next attempt's."""
    return f"hotfix/incident-{number}" + (f"-{attempt}" if attempt > 1 else "")


def incident_of(name: str) -> int | None:
    """The incident whose hotfix a branch of this name would be."""
    match = HOTFIX_BRANCH.fullmatch(name)
    return int(match.group(1)) if match else None


def attempt(incident: Incident) -> int:
    """Whose turn it is: the attempt after those that were merged, or closed."""
    return incident.production.spent + 1


def made_by_hand(
    incident: Incident, pulls: Iterable[PullSeen], answered: Callable[[str], bool]
) -> list[PullSeen]:
    """Pull requests that people opened as 000-15 tells them to, and that may be this incident's hotfix: from
    its branch in this repository. Those that are open come first, then the newest.

    ``answered``: whether the record has this key. What ended before this interval began is none of its fixes,
    and one that was abandoned before we saw it is no news.
    """
    since = incident.opened
    found = [
        one
        for one in pulls
        if incident_of(one.branch) == incident.number
        and not one.fork
        and one.author is not None
        and (one.closed is None or one.merged is not None)
        and (one.merged is None or since is None or one.merged >= since)
        and (one.merged is None or not answered(merged_key(one.number)))
    ]
    return sorted(found, key=lambda one: (one.closed is not None, -one.number))


def merged_key(pull: int) -> str:
    """The key of the entry that says that a hotfix was merged: once a pull request."""
    return f"hotfix-merged:{pull}"


def wanted(incident: Incident) -> bool:
    """Whether branch and pull request have to be made."""
    return (
        incident.stage == Stage.OPEN
        and incident.production.hotfix is not None
        and incident.production.hotfix.pending
    )


def harmless(text: str, limit: int = LONGEST) -> str:
    """A description as plain text for a title or a commit message: one line that mentions nobody, refers to
    and closes nothing (I7), and keeps no check from running.

    https://docs.github.com/en/issues/tracking-your-work-with-issues/using-issues/linking-a-pull-request-to-an-issue
    https://docs.github.com/en/actions/how-tos/manage-workflow-runs/skip-workflow-runs
    """
    line = cut(headline(text), limit).replace("[", f"[{JOINER}")
    return _CLOSING.sub(lambda word: f"{word[0][:1]}{JOINER}{word[0][1:]}", line)


def title(incident: Incident) -> str:
    """``HOTFIX: <description>`` (000-15)."""
    return f"HOTFIX: {_description(incident)}"


def message(incident: Incident) -> str:
    """``hotfix: <description> (refs #12)``: the "Fixes" of 000-15 would close the incident (000-A1)."""
    return f"hotfix: {_description(incident)} (refs #{incident.number})"


def _description(incident: Incident) -> str:
    asked = incident.production.hotfix.text if incident.production.hotfix else ""
    return harmless(asked) or "fix the incident"


def body(incident: Incident, name: str, base: str, issue_url: str, renderer: Renderer) -> str:
    """The text of the pull request from branch ``name`` into ``base``."""
    values = body_values(incident, name, base, issue_url)
    try:
        return renderer.file("hotfix.md.j2", values)
    except TextError:
        told = f"Refs #{incident.number}: **{values['title']}** ({values['severity']})."
        return "\n\n".join(filter(None, (told, str(values["text"]))))


def body_values(incident: Incident, name: str, base: str, issue_url: str) -> dict[str, object]:
    """The values of ``hotfix.md.j2``."""
    hotfix = incident.production.hotfix
    return {
        "number": incident.number,
        "issue_url": issue_url,
        "title": inline(incident.title),
        "severity": inline(incident.severity),
        "drill": incident.kind == "drill",
        "text": block(hotfix.text) if hotfix and hotfix.text else "",
        "branch": code(name),
        "base": code(base),
        "commit": code(hotfix.commit[:7]) if hotfix and hotfix.commit else "",
    }


def record_opening(
    incident: Incident,
    record: Recorded,
    opened: HotfixOpened,
    note: str | Hurdle,
    policy: Policy,
    repository: Repository,
    now: datetime,
) -> Reply:
    """The reply that records where the hotfix is. ``note``: what kept it from being a pull request, as
    Markdown, or from being a branch at all.
    """
    say = _where(opened, note) if isinstance(note, str) else _by_hand(incident, opened, note)
    entry = Entry(key=f"hotfix:{record.count}", what="hotfix", at=now, facts=(opened,))
    return engine_reply(entry, say, record, repo=repository.id, issue=incident.number, policy=policy)


def _where(opened: HotfixOpened, note: str) -> str:
    pull = f"[pull request #{opened.pull}]({opened.url})" if opened.pull else "no pull request yet"
    waits = (
        f"It merges into {code(opened.base)}, and that does not close the incident. The checks of a pull "
        "request that a workflow opened wait until somebody with write access presses **Approve workflows to "
        "run**. What you push is checked as usual."
    )
    found = f"{note} It is followed here as soon as it is there."
    fetch = f"```\ngit fetch origin && git switch {shlex.quote(opened.branch)}\n```"
    begun = f"The hotfix has the branch {code(opened.branch)} and {pull}. Push the fix to that branch:"
    return f"{begun}\n\n{fetch}\n\n{waits if opened.pull else found}"


def _by_hand(incident: Incident, opened: HotfixOpened, hurdle: Hurdle) -> str:
    """Why we could not make the branch, and the lines with which a person makes it."""
    asked = incident.production.hotfix
    commit = asked.commit if asked and _COMMIT.fullmatch(asked.commit) else ""
    begin = "GitHub did not let the branch of the hotfix be made"
    told = f" (GitHub says: {inline(hurdle.said, 600)})" if hurdle.said else ""
    match hurdle.what:
        case "base":
            return (
                f"There is no branch {code(opened.base)} to merge the hotfix into. Name another one as "
                "`hotfix: { base: … }` of the service in `.github/allclear.yml`, and write `/hotfix` again."
            )
        case "commit":
            return (
                f"The commit {code(commit[:7])}, which runs in production, is not in this repository{told}. "
                "Let the hotfix start elsewhere, `hotfix: { start: default-branch }` in "
                "`.github/allclear.yml`, and write `/hotfix` again."
            )
        case "workflows":
            since = f"{code(commit[:7])}, which runs in production" if commit else "the commit it starts from"
            why = (
                f"{begin}: a file in `.github/workflows` was changed since {since}, and no workflow may push "
                "a branch whose workflow files no other branch has. People may."
            )
        case "token":
            why = (
                f"{begin}{told}. The job `hotfix` needs `contents: write`; compare its `permissions:` with "
                "those of the workflow as it is shipped."
            )
        case "rule":
            why = (
                f"{begin}{told}. A rule for branches can forbid it (Settings → Rules); it has to let GitHub "
                f"Actions create {code('hotfix/*')}."
            )
        case _:
            assert_never(hurdle.what)
    return f"{why} Somebody with write access can push it:\n\n{_lines(opened, hurdle, commit)}"


def _lines(opened: HotfixOpened, hurdle: Hurdle, commit: str) -> str:
    """What a person pastes into a terminal: names are quoted, for a branch may be called anything."""
    name, start = shlex.quote(opened.branch), shlex.quote(hurdle.start)
    pasted = (
        f"git fetch origin {commit or start}\n"
        f"git switch --create {name} {commit or 'FETCH_HEAD'}\n"
        f"git push --set-upstream origin {name}"
    )
    return (
        f"```\n{pasted}\n```\n\n"
        f"Put the fix on it, before or after that. Its pull request into {code(opened.base)} is opened by "
        "the next run that finds the branch, within about ten minutes; `/hotfix` again does it at once."
    )
