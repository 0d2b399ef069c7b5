"""An incident that is over, and its post-mortem in a pull request: where conversations about that begin."""

from __future__ import annotations

from allclear.core.postmortem.verdict import CONTEXT, MARK
from conversations.room import SETTINGS, Room, minutes
from core.postmortem.mending import mended

PATH = "reports/incidents/2025-10-19-login-is-broken.md"
GREEN = ("success", "Nothing holds the publication.")
ASKED = SETTINGS.replace("runbook: hotdash", "runbook: asked")
"""The settings of a repository that has a runbook of its own."""
RUNBOOK = ".github/allclear/runbooks/asked.yml"
"""Its file."""
APPROVALS = {
    RUNBOOK: """\
name: asked
extends: hotdash
review:
  reviewers: [Manager, responders]
  approvals: 1
"""
}
"""One that asks for an approval."""


def over(room: Room, title: str = "Login is broken", severity: str = "P3") -> int:
    """An incident that is over, and its post-mortem waits in a pull request. Returns the issue's number."""
    number = room.opens("ann", f"[INCIDENT {severity}] {title}", labels=("incident", severity))
    for text in ("/ack", "/finding the pool is too small", "/status monitoring larger pool"):
        room.says("bob", text)
    if severity == "P3":
        room.says("ann", "/check verification")
        room.says("bob", "/resolve larger pool", after=minutes(45))
        room.says("ann", "/all-clear")
        room.says("ann", "/postmortem")
    else:
        room.says("bob", "/resolve larger pool", after=minutes(45))
        room.says("mia", '/all-clear --override "the rest is not for us"')
    return number


def write_green(room: Room) -> None:
    """Such a one, and bob wrote what only people know into its post-mortem: nothing is left that holds it."""
    over(room)
    push(room, mended(text_of(room), room.runbook))
    room.printed.clear()
    room.codes.clear()


def branch(room: Room) -> str:
    return room.incident.postmortem.branch


def pull(room: Room) -> int:
    number = room.incident.postmortem.pull
    assert number is not None
    return number


def head(room: Room) -> str:
    return room.repo.branches()[branch(room)]


def text_of(room: Room) -> str:
    return room.repo.file(PATH, branch(room)) or ""


def push(room: Room, text: str) -> None:
    room.clock.advance(minutes(5))
    room.people["bob"].push_file(branch(room), PATH, text)
    room.deliver()


def status(room: Room) -> tuple[str, str]:
    found = room.repo.statuses(head(room))[CONTEXT]
    return found.state, found.description or ""


def comment(room: Room) -> str:
    """The one comment of the review, as it is read."""
    said = [one.body for one in room.repo.issue(pull(room)).comments if one.body.startswith(MARK)]
    assert len(said) == 1
    return said[0].replace("\\", "").replace("\u2060", "").replace("`", "")
