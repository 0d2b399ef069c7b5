"""How far the work is: steps, flags, updates, notes, action items, and the deadlines that came due."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal, assert_never

from allclear.core.model.asking import HistoryNeededError
from allclear.core.model.people import Person
from allclear.core.model.stored import Stored
from allclear.core.model.structs import replace
from allclear.core.policy.runbook import Runbook
from allclear.core.record.action_item import ActionItem, action_of
from allclear.core.record.changes import add_line, unlearned
from allclear.core.record.header import EntryHeader
from allclear.core.record.incident import (
    Escalation,
    Incident,
    Raising,
    Update,
)
from allclear.core.record.lean import LONGEST, beginning
from allclear.core.record.step import StepDuty, Tick, step_of


class Ticked(Stored, frozen=True, kw_only=True, tag_field="t", tag="tick"):
    """A person says that a step of the checklist is done. ``without``: why it is ticked although the record
    does not have what it stands for. ``dropped``: nobody will do it, and ``without`` says why.
    """

    step: str
    without: str = ""
    dropped: bool = False


class Unticked(Stored, frozen=True, kw_only=True, tag_field="t", tag="untick"):
    """A person takes the tick off a step."""

    step: str


class StepAssigned(Stored, frozen=True, kw_only=True, tag_field="t", tag="step"):
    """Whose a step for afterwards is from now on, and by when. ``owner`` None: that of its list. ``due`` is a
    date, ``YYYY-MM-DD``; empty: when its list is due.
    """

    step: str
    owner: Person | None = None
    due: str = ""


class Flagged(Stored, frozen=True, kw_only=True, tag_field="t", tag="flag"):
    """A condition holds that deadlines and gates refer to (004-A9)."""

    flag: str


class Unflagged(Stored, frozen=True, kw_only=True, tag_field="t", tag="unflag"):
    """The condition holds no longer."""

    flag: str


class Escalated(Stored, frozen=True, kw_only=True, tag_field="t", tag="escalated"):
    """Somebody calls these titles: level ``level`` (from 1) of ``chain``, or others where that is empty."""

    to: tuple[str, ...]
    chain: str = ""
    level: int = 0
    why: str = ""


class Updated(Stored, frozen=True, kw_only=True, tag_field="t", tag="update"):
    """A status update was announced (item 000-26); the cadence clock starts anew."""

    text: str
    next: str = ""
    eta: str = ""


class Noted(Stored, frozen=True, kw_only=True, tag_field="t", tag="note"):
    """A line of the timeline at ``at``, which may lie in the past."""

    at: datetime
    text: str


class ActionAdded(Stored, frozen=True, kw_only=True, tag_field="t", tag="action"):
    """``owner`` None: nobody yet. ``due`` is a date, ``YYYY-MM-DD``, or empty. ``number`` 0: the
    next one, and nobody asks for it (it was added by an earlier version).
    """

    number: int = 0
    owner: Person | None = None
    due: str = ""
    text: str


class ActionEnded(Stored, frozen=True, kw_only=True, tag_field="t", tag="action-ended"):
    """The action item of that number is done, or nobody will do it, and ``why``."""

    number: int
    outcome: Literal["done", "dropped"] = "done"
    why: str = ""


class ActionFiled(Stored, frozen=True, kw_only=True, tag_field="t", tag="action-filed"):
    """The action item of that number has an issue of its own, ``issue``."""

    number: int
    issue: int


class ActionReopened(Stored, frozen=True, kw_only=True, tag_field="t", tag="action-reopened"):
    """The action item of that number, which was over, is open again."""

    number: int


class Fired(Stored, frozen=True, kw_only=True, tag_field="t", tag="fired"):
    """A deadline came due and people were told. ``covers`` are the lower levels that collapsed into it.
    ``unheard``: it reached nobody of the team. ``titles``: whom it is for, where the runbook does not say so
    by the deadline alone.
    """

    timer: str
    deadline: str
    due: datetime
    to: tuple[str, ...] = ()
    covers: tuple[str, ...] = ()
    unheard: bool = False
    titles: tuple[str, ...] = ()


ProgressFact = (
    Ticked
    | Unticked
    | StepAssigned
    | Flagged
    | Unflagged
    | Escalated
    | Updated
    | Noted
    | ActionAdded
    | ActionEnded
    | ActionFiled
    | ActionReopened
    | Fired
)


def apply_progress(incident: Incident, entry: EntryHeader, fact: ProgressFact, runbook: Runbook) -> Incident:  # noqa: C901, PLR0911, PLR0912 - one arm a fact
    """The incident after one more fact about how far the work is."""
    known = incident.progress
    match fact:
        case Ticked():
            ticks = {**known.ticks, fact.step: Tick(entry.by, entry.at, fact.without, fact.dropped)}
            incident = replace(incident, progress=replace(known, ticks=ticks))
            if not fact.without:
                return incident
            step = runbook.step(fact.step)
            what = "Will not be done" if fact.dropped else "Ticked by hand"
            return add_line(incident, entry, f"{what}: {step.text if step else fact.step}", fact.without)
        case Unticked():
            ticks = {step: tick for step, tick in known.ticks.items() if step != fact.step}
            return unlearned(replace(incident, progress=replace(known, ticks=ticks)))
        case StepAssigned():
            duties = {**known.duties, fact.step: StepDuty(fact.owner, fact.due)}
            return replace(incident, progress=replace(known, duties=duties))
        case Flagged():
            raised = {fact.flag: Raising(entry.key, entry.at)} | dict(known.raised)
            known = replace(known, flags=known.flags | {fact.flag}, raised=raised)
            return add_line(replace(incident, progress=known), entry, "Flag raised", fact.flag)
        case Unflagged():
            raised = {flag: one for flag, one in known.raised.items() if flag != fact.flag}
            known = replace(known, flags=known.flags - {fact.flag}, raised=raised)
            return add_line(replace(incident, progress=known), entry, "Flag lowered", fact.flag)
        case Escalated():
            why = beginning(fact.why, LONGEST["progress.escalations.why"])
            called = Escalation(entry.key, entry.at, entry.by, fact.to, fact.chain, fact.level, why)
            told = known.told | {title.lower() for title in fact.to}
            known = replace(known, escalations=(*known.escalations, called), told=told)
            line = f"Escalated to {', '.join(fact.to)}"
            return add_line(replace(incident, progress=known), entry, line, fact.why)
        case Updated():
            update = Update(entry.at, entry.by, fact.text, fact.next, fact.eta)
            updated = replace(known, updates=(*known.updates, update), updated=known.updated + 1)
            return add_line(replace(incident, progress=updated), entry, "Update", fact.text)
        case Noted():
            return add_line(incident, entry, "Note", fact.text, fact.at)
        case ActionAdded():
            number = fact.number or known.planned + 1
            action = ActionItem(fact.owner, fact.due, fact.text, number, followed=fact.number > 0)
            more = replace(known, actions=(*known.actions, action), planned=number)
            return add_line(unlearned(replace(incident, progress=more)), entry, "Action item", fact.text)
        case ActionEnded():
            return _without_action(incident, entry, fact)
        case ActionFiled():
            return _with_item(incident, fact.number, issue=fact.issue)
        case ActionReopened():
            again = _with_item(unlearned(incident), fact.number, outcome="", why="", ended=None)
            again = replace(again, progress=replace(again.progress, ended=again.progress.ended - 1))
            return add_line(again, entry, f"Action item {fact.number} open again")
        case Fired():
            fired = {**known.fired, fact.timer: entry.at} | dict.fromkeys(fact.covers, entry.at)
            unheard = known.unheard | ({fact.timer, *fact.covers} if fact.unheard else frozenset())
            later = replace(
                known,
                actions=_asked(known.actions, fact, entry.at),
                duties=_owners_asked(known.duties, fact, entry.at),
                fired=fired,
                unheard=unheard,
                told=known.told | _told(fact, incident.interval, runbook),
                escalations=tuple(
                    one for one in known.escalations if one.timer(incident.interval) != fact.timer
                ),
            )
            return add_line(replace(incident, progress=later), entry, fact.deadline, ", ".join(fact.to))
        case _:
            assert_never(fact)


def _without_action(incident: Incident, entry: EntryHeader, fact: ActionEnded) -> Incident:
    """With the action item ended. Raises HistoryNeededError when it cannot be told which comes up in its
    place.
    """
    known = incident.progress
    if known.left_out:
        raise HistoryNeededError
    item = next((one for one in known.open_actions if one.number == fact.number), None)
    if item is None:
        return incident
    ended = replace(item, outcome=fact.outcome, why=fact.why, ended=entry.at)
    actions = tuple(ended if one is item else one for one in known.actions)
    incident = replace(incident, progress=replace(known, actions=actions, ended=known.ended + 1))
    return add_line(incident, entry, f"Action item {fact.number} {fact.outcome}", fact.why)


def _with_item(incident: Incident, number: int, **changes: Any) -> Incident:
    """With an action item changed. Raises HistoryNeededError when it is not among those that are known."""
    known = incident.progress
    if all(one.number != number for one in known.actions):
        raise HistoryNeededError
    actions = tuple(replace(one, **changes) if one.number == number else one for one in known.actions)
    return replace(incident, progress=replace(known, actions=actions))


def _asked(actions: tuple[ActionItem, ...], fact: Fired, at: datetime) -> tuple[ActionItem, ...]:
    """The action items, of which a notice asked for some."""
    numbers = {action_of(timer) for timer in (fact.timer, *fact.covers)} - {0}
    return tuple(replace(one, asked=at) if one.number in numbers else one for one in actions)


def _owners_asked(duties: Mapping[str, StepDuty], fact: Fired, at: datetime) -> Mapping[str, StepDuty]:
    """The duties, of which a notice asked for some."""
    steps = {step_of(timer) for timer in (fact.timer, *fact.covers)}
    return {step: replace(one, asked=at) if step in steps else one for step, one in duties.items()}


def _told(fact: Fired, interval: int, runbook: Runbook) -> frozenset[str]:
    """Whom a deadline and those that it covers told: whom the runbook names for them, and who was chosen."""
    parts = [timer.split("/", 2) for timer in (fact.timer, *fact.covers)]
    ids = {name for name, *rest in parts if rest[:1] == [str(interval)]}
    named = [one.to for one in runbook.deadlines if ids & {one.id, *one.earlier}]
    return frozenset(title.lower() for titles in (*named, fact.titles) for title in titles)
