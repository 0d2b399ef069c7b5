"""Facts: what an entry can say happened. A fact holds the outcome, never the request."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from allclear.core.model.frozen import Frozen
from allclear.core.model.milestones import IncidentKind, Milestone
from allclear.core.model.people import Person
from allclear.core.record.operation_facts import (
    HotfixAsked,
    HotfixMerged,
    HotfixOpened,
    OperationApproved,
    OperationAsked,
    OperationEnded,
    OperationStarted,
)


class Reported(Frozen):
    """Somebody without the right to declare opened it: a report, not an incident, until confirmed."""

    t: Literal["reported"] = "reported"
    title: str


class Declared(Frozen):
    """It is an incident from here on."""

    t: Literal["declared"] = "declared"
    severity: str
    asked: bool = False
    title: str
    kind: IncidentKind = "real"
    started: datetime | None = None
    detected: datetime | None = None
    detected_by: str | None = None
    reporter: Person | None = None
    impact: str | None = None
    services: tuple[str, ...] = ()
    runbook: str
    runbook_hash: str


class Dismissed(Frozen):
    """The report is not an incident."""

    t: Literal["dismissed"] = "dismissed"
    why: str = ""


class SeveritySet(Frozen):
    """The severity is now ``to``."""

    t: Literal["severity"] = "severity"
    to: str
    why: str = ""


class StatusSet(Frozen):
    """The status is now ``to``, a state of the runbook."""

    t: Literal["status"] = "status"
    to: str
    text: str = ""


class Acknowledged(Frozen):
    """``by`` responds; the first one stops the response clock."""

    t: Literal["acknowledged"] = "acknowledged"
    by: Person


class RoleSet(Frozen):
    """``person`` None: nobody holds the role any more."""

    t: Literal["role"] = "role"
    role: str
    person: Person | None = None


class ImpactSet(Frozen):
    """Who is hit: a number of users, an amount of money as written, a sentence. What is left out stays."""

    t: Literal["impact"] = "impact"
    users: int | None = None
    revenue: str | None = None
    text: str = ""


class Affected(Frozen):
    """These services are hit, too."""

    t: Literal["affects"] = "affects"
    services: tuple[str, ...]


class Found(Frozen):
    """The findings of item 000-13. A field left out keeps what it was."""

    t: Literal["finding"] = "finding"
    root_cause: str = ""
    evidence: str = ""
    impact: str = ""
    proposed_fix: str = ""


class Updated(Frozen):
    """A status update was announced (item 000-26); the cadence clock starts anew."""

    t: Literal["update"] = "update"
    text: str
    next: str = ""
    eta: str = ""


class Noted(Frozen):
    """A line of the timeline at ``at``, which may lie in the past."""

    t: Literal["note"] = "note"
    at: datetime
    text: str


class MilestoneSet(Frozen):
    """A milestone was corrected; ``old`` stays in the record."""

    t: Literal["milestone"] = "milestone"
    milestone: Milestone
    at: datetime
    old: datetime | None = None


class Ticked(Frozen):
    """A person says that a step of the checklist is done."""

    t: Literal["tick"] = "tick"
    step: str


class Unticked(Frozen):
    """A person takes the tick off a step."""

    t: Literal["untick"] = "untick"
    step: str


class Flagged(Frozen):
    """A condition holds that deadlines and gates refer to (004-A9)."""

    t: Literal["flag"] = "flag"
    flag: str


class Unflagged(Frozen):
    """The condition holds no longer."""

    t: Literal["unflag"] = "unflag"
    flag: str


class Resolved(Frozen):
    """The fix is verified and announced (000-A5); the all-clear comes after the monitoring window."""

    t: Literal["resolved"] = "resolved"
    text: str = ""


class Cleared(Frozen):
    """The all-clear of item 000-20: the issue is closed.
    ``override`` holds the reason when gates were open.
    """

    t: Literal["cleared"] = "cleared"
    text: str = ""
    override: str = ""
    open_gates: tuple[str, ...] = ()


class Reopened(Frozen):
    """A new interval with its own clocks."""

    t: Literal["reopened"] = "reopened"
    why: str = ""


class Duplicated(Frozen):
    """This is the incident of issue ``of``; the clocks here stop."""

    t: Literal["duplicate"] = "duplicate"
    of: int


class Joined(Frozen):
    """Another incident was found to be this one; its people come along."""

    t: Literal["joined"] = "joined"
    issue: int
    people: tuple[Person, ...] = ()


class ActionAdded(Frozen):
    """``owner`` None: nobody yet. ``due`` is a date, ``YYYY-MM-DD``, or empty."""

    t: Literal["action"] = "action"
    owner: Person | None = None
    due: str = ""
    text: str


class Undone(Frozen):
    """The entry with this key counts no longer."""

    t: Literal["undo"] = "undo"
    key: str
    what: str = ""


class Fired(Frozen):
    """A deadline came due and people were told. ``covers`` are the lower levels that collapsed into it."""

    t: Literal["fired"] = "fired"
    timer: str
    deadline: str
    due: datetime
    to: tuple[str, ...] = ()
    covers: tuple[str, ...] = ()


class PostmortemAsked(Frozen):
    """The post-mortem has to be written, or written anew."""

    t: Literal["postmortem-asked"] = "postmortem-asked"


class PostmortemOpened(Frozen):
    """``pull`` None: GitHub did not let the token open one;
    the branch and ``url`` (a compare link) are there.
    """

    t: Literal["postmortem-opened"] = "postmortem-opened"
    path: str
    branch: str
    url: str
    pull: int | None = None


class PostmortemPublished(Frozen):
    """The post-mortem pull request was merged."""

    t: Literal["postmortem-published"] = "postmortem-published"
    at: datetime


class RunbookChanged(Frozen):
    """The runbook changed while the incident was open; the clocks are re-planned."""

    t: Literal["runbook"] = "runbook"
    name: str
    hash: str


class Tampered(Frozen):
    """A reply of ours was deleted, or edited so that it no longer counts.
    ``url`` names it, or the one after the gap.
    """

    t: Literal["tampered"] = "tampered"
    what: Literal["edited", "gap"]
    url: str = ""


class Refused(Frozen):
    """A command was answered with no. ``code`` is the stable reason (see core.errors)."""

    t: Literal["refused"] = "refused"
    code: str


class Helped(Frozen):
    """A question was answered; nothing changed."""

    t: Literal["helped"] = "helped"


Fact = Annotated[
    Reported
    | Declared
    | Dismissed
    | SeveritySet
    | StatusSet
    | Acknowledged
    | RoleSet
    | ImpactSet
    | Affected
    | Found
    | Updated
    | Noted
    | MilestoneSet
    | Ticked
    | Unticked
    | Flagged
    | Unflagged
    | Resolved
    | Cleared
    | Reopened
    | Duplicated
    | Joined
    | ActionAdded
    | Undone
    | Fired
    | PostmortemAsked
    | PostmortemOpened
    | PostmortemPublished
    | RunbookChanged
    | Tampered
    | OperationAsked
    | OperationApproved
    | OperationStarted
    | OperationEnded
    | HotfixAsked
    | HotfixOpened
    | HotfixMerged
    | Refused
    | Helped,
    Field(discriminator="t"),
]
