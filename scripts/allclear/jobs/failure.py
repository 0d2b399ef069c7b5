"""A run that failed says so on the issue: which commands wait, who was to be paged, and what comes next."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from allclear.adapters.github.errors import GitHubError
from allclear.core.conversation.parse import find
from allclear.core.model.neutral import code, inline
from allclear.core.model.times import stamp
from allclear.core.record.entry import OPENING
from allclear.core.view.reply import mention
from allclear.jobs.run import Run

FAILED = "<!-- allclear:failed -->"
SILENCE = timedelta(hours=1)
"""So long nothing more is said of a failure that goes on."""
LOOK_BACK = timedelta(days=1)
MOST = 10
"""Commands and people that are named."""


def report_failure(run: Run, number: int) -> None:
    """Say on the issue that this run failed; once an hour while it goes on. The traceback is in the run."""
    url = f"{run.repository.url}/actions/runs/{run.env.get('GITHUB_RUN_ID', '')}"
    path = f"/repos/{run.repository.name}/issues/{number}"
    try:
        issue = run.client.get(path).data
        recent = run.client.items(f"{path}/comments", {"since": stamp(run.client.now - LOOK_BACK)})
        told = [one for one in recent if _ours(one) and str(one.get("body", "")).startswith(FAILED)]
        newest = max((str(one.get("created_at", "")) for one in told), default="")
        if newest > stamp(run.client.now - SILENCE):
            return
        body = "\n".join(filter(None, _lines(run, issue, recent, url, again=bool(told))))
        run.client.send("POST", f"{path}/comments", {"body": f"{FAILED}\n\n{body}"})
    except GitHubError as error:
        run.out(f"GitHub did not take the comment about this failure on issue {number}: {error.status}")


def _lines(
    run: Run, issue: Mapping[str, Any], recent: Iterable[Mapping[str, Any]], url: str, *, again: bool
) -> list[str]:
    people, waiting = _people(run, issue), _waiting(recent)
    first = next((policy.runbook.first_responder for policy in run.policies.values()), "")
    if again:
        comes = "It failed before, so the next run will most likely fail as well: somebody has to look at it."
    else:
        comes = "Nothing is lost: the next run, at the latest the next sweep, tries again."
    paged = f", and {inline(first)}, who is notified first" if first else ""
    return [
        " ".join(mention(login) for login in people),
        f"⚠️ Allclear failed here; [its run]({url}) says why. {comes}",
        f"These commands have no answer yet: {', '.join(code(one) for one in waiting)}." if waiting else "",
        f"Notices that were due did not go out. This one is for whoever responds{paged}.",
    ]


def _people(run: Run, issue: Mapping[str, Any]) -> list[str]:
    """Who is at work on it, and who responds first, as far as that can still be read; with nobody there,
    whom the settings name, or else who opened the issue.
    """
    found = [str(one["login"]) for one in issue.get("assignees") or ()]
    for policy in run.policies.values():
        found += policy.settings.holders(policy.runbook.first_responder)
    named = [login for policy in run.policies.values() for login in policy.settings.named]
    author = [str(issue["user"]["login"])] if (issue.get("user") or {}).get("type") == "User" else []
    return list(dict.fromkeys(found or named or author))[:MOST]


def _waiting(recent: Iterable[Mapping[str, Any]]) -> list[str]:
    """The commands of people since our last answer."""
    found: list[str] = []
    for one in sorted(recent, key=lambda comment: int(comment["id"])):
        body = str(one.get("body") or "")
        if not _ours(one):
            found += [call.typed for call in find(body)]
        elif body.startswith(OPENING):  # other workflows comment too, and answer nothing
            found = []
    return found[:MOST]


def _ours(comment: Mapping[str, Any]) -> bool:
    """Whether a bot wrote it; people may write what they like."""
    return (comment.get("user") or {}).get("type") == "Bot"
