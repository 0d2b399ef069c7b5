"""The hotfix of an incident (000-15, 003-13): the branch, the words of its commit and pull request, its
record.

The reference to the incident closes nothing (000-A1): the gates end an incident, not a merge.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime

from allclear.core.conversation.command import Policy
from allclear.core.model.effects import Reply
from allclear.core.model.neutral import JOINER, Renderer, block, code, cut, headline, inline
from allclear.core.model.snapshot import Repository
from allclear.core.record.entry import Entry
from allclear.core.record.incident import Incident, Stage
from allclear.core.record.production import HotfixMerged, HotfixOpened
from allclear.core.view.reply import engine_reply

LONGEST = 120
"""Characters of the description that the titles carry; all of it stands in the body."""

_BRANCH = re.compile(r"hotfix/incident-([1-9][0-9]{0,9})(?:-[1-9][0-9]?)?")
_CLOSING = re.compile(
    r"\b(?:close[sd]?|fix(?:es|ed)?|resolve[sd]?)\b(?=\W*(?:$|#|GH|https?|[\w.-]+/))", re.IGNORECASE
)
"""GitHub's keywords, where something follows that could be an issue, or nothing: a title goes on."""


def branch(number: int, attempt: int = 1) -> str:
    """``hotfix/incident-12`` (000-15); after one that was merged and did not hold, the next attempt's."""
    return f"hotfix/incident-{number}" + (f"-{attempt}" if attempt > 1 else "")


def incident_of(name: str) -> int | None:
    """The incident whose hotfix a branch of this name would be."""
    match = _BRANCH.fullmatch(name)
    return int(match.group(1)) if match else None


def attempt(entries: Iterable[Entry]) -> int:
    """Whose turn it is: the attempt after those that were merged."""
    return 1 + sum(isinstance(fact, HotfixMerged) for entry in entries for fact in entry.facts)


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
    hotfix = incident.production.hotfix
    values = {
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
    return renderer.file("hotfix.md.j2", values)


def record_opening(
    incident: Incident,
    entries: Sequence[Entry],
    opened: HotfixOpened,
    note: str,
    policy: Policy,
    repository: Repository,
    now: datetime,
) -> Reply:
    """The reply that records where the hotfix is.

    ``note``: what kept it from being a pull request: our sentence, or GitHub's words when there is no URL.
    """
    say = _where(opened, note) if opened.url else _manual_steps(incident, opened, note)
    entry = Entry(key=f"hotfix:{len(entries)}", what="hotfix", at=now, facts=(opened,))
    repo, number = repository.id, incident.number
    chained = entry.after(entries, repo, number)
    return engine_reply(
        chained,
        say,
        repo,
        number,
        renderer=policy.renderer,
        zone=policy.zone,
        now=now,
        keys=policy.keys,
    )


def _where(opened: HotfixOpened, note: str) -> str:
    pull = f"[pull request #{opened.pull}]({opened.url})" if opened.pull else "no pull request yet"
    waits = (
        f"It merges into {code(opened.base)}, and that does not close the incident. The checks of a pull "
        "request that a workflow opened wait until somebody with write access presses **Approve workflows to "
        "run**. What you push is checked as usual."
    )
    fetch = f"```\ngit fetch origin && git switch {opened.branch}\n```"
    begun = f"The hotfix has the branch {code(opened.branch)} and {pull}. Push the fix to that branch:"
    return f"{begun}\n\n{fetch}\n\n{waits if opened.pull else note}"


def _manual_steps(incident: Incident, opened: HotfixOpened, note: str) -> str:
    commit = incident.production.hotfix.commit[:12] if incident.production.hotfix else ""
    return (
        f"GitHub did not allow the hotfix to be prepared: {inline(note, 600)}. You can do it by hand: start "
        f"the branch {code(opened.branch)} at {code(commit or opened.base)}, open its pull request into "
        f"{code(opened.base)}, and write `/hotfix` again, which finds both."
    )
