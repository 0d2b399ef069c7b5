"""How far the work is: steps, flags, updates, notes, action items, and the deadlines that came due."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Literal, assert_never

from allclear.core.model.frozen import Frozen
from allclear.core.model.people import Person
from allclear.core.record.changes import add_line
from allclear.core.record.header import EntryHeader
from allclear.core.record.incident import ActionItem, Incident, Tick, Update


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


class ActionAdded(Frozen):
    """``owner`` None: nobody yet. ``due`` is a date, ``YYYY-MM-DD``, or empty."""

    t: Literal["action"] = "action"
    owner: Person | None = None
    due: str = ""
    text: str


class Fired(Frozen):
    """A deadline came due and people were told. ``covers`` are the lower levels that collapsed into it.
    ``unheard``: it reached nobody of the team.
    """

    t: Literal["fired"] = "fired"
    timer: str
    deadline: str
    due: datetime
    to: tuple[str, ...] = ()
    covers: tuple[str, ...] = ()
    unheard: bool = False


ProgressFact = Ticked | Unticked | Flagged | Unflagged | Updated | Noted | ActionAdded | Fired


def apply_progress(incident: Incident, entry: EntryHeader, fact: ProgressFact) -> Incident:
    """The incident after one more fact about how far the work is."""
    known = incident.progress
    match fact:
        case Ticked():
            ticks = {**known.ticks, fact.step: Tick(entry.by, entry.at)}
            return replace(incident, progress=replace(known, ticks=ticks))
        case Unticked():
            ticks = {step: tick for step, tick in known.ticks.items() if step != fact.step}
            return replace(incident, progress=replace(known, ticks=ticks))
        case Flagged():
            raised = replace(known, flags=known.flags | {fact.flag})
            return add_line(replace(incident, progress=raised), entry, "Flag raised", fact.flag)
        case Unflagged():
            lowered = replace(known, flags=known.flags - {fact.flag})
            return add_line(replace(incident, progress=lowered), entry, "Flag lowered", fact.flag)
        case Updated():
            update = Update(entry.at, entry.by, fact.text, fact.next, fact.eta)
            updated = replace(known, updates=(*known.updates, update), updated=known.updated + 1)
            return add_line(replace(incident, progress=updated), entry, "Update", fact.text)
        case Noted():
            return add_line(incident, entry, "Note", fact.text, fact.at)
        case ActionAdded():
            action = ActionItem(fact.owner, fact.due, fact.text)
            more = replace(known, actions=(*known.actions, action), planned=known.planned + 1)
            return add_line(replace(incident, progress=more), entry, "Action item", fact.text)
        case Fired():
            fired = {**known.fired, fact.timer: entry.at} | dict.fromkeys(fact.covers, entry.at)
            unheard = known.unheard | ({fact.timer, *fact.covers} if fact.unheard else frozenset())
            later = replace(known, fired=fired, unheard=unheard)
            return add_line(replace(incident, progress=later), entry, fact.deadline, ", ".join(fact.to))
        case _:
            assert_never(fact)
