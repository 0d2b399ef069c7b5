"""Which routine is due, and the issue that is opened for it.

A routine is due until its next turn. That opens the next issue, whether or not the last one was closed, and
says there that the last one is overdue: once, to the same people. Of turns that nobody saw come, the last one
is opened.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from msgspec import Struct

from allclear.core.calendar.recurrence import AfterPeriod
from allclear.core.conversation.command import Policy
from allclear.core.conversation.notices import Audience, audience
from allclear.core.model.asking import Asking, Knowledge
from allclear.core.model.errors import TextError
from allclear.core.model.neutral import code, cut, headline, inline
from allclear.core.model.snapshot import Issue, Repository, Snapshot
from allclear.core.model.structs import replace
from allclear.core.model.times import clock_time
from allclear.core.plan.routine_issue import (
    MOST,
    RoutineIssue,
    RoutineMarker,
    RoutineMemory,
    Turn,
    first_line,
)
from allclear.core.policy.routine import Routine, RoutineStep
from allclear.core.policy.runbook import Runbook
from allclear.core.policy.settings import Settings
from allclear.core.record.incident import Incident

FIRST = timedelta(days=1)
"""A routine without any issue begins with a turn that is not older: schedules are hours late on bad days."""
MOST_OPENED = 5
"""Issues that one run opens; the next one opens the others."""
MOST_ASSIGNED = 10
"""https://docs.github.com/en/rest/issues/assignees#add-assignees-to-an-issue"""
LONGEST = 60_000
"""Characters of an issue's text; GitHub takes 65,536."""
LONGEST_TITLE = 200


class PublishedIncident(Struct, frozen=True):
    """An incident whose post-mortem was published ``at`` this time. ``title`` is raw."""

    number: int
    title: str
    url: str
    severity: str
    at: datetime


class Opening(Struct, frozen=True):
    """An issue to open. ``after``: the incident that it comes after, beside the turns. ``overdue``: issues of
    the routine that were not closed until now.
    """

    routine: Routine
    marker: RoutineMarker
    until: datetime
    after: PublishedIncident | None = None
    overdue: tuple[RoutineIssue, ...] = ()


class NewIssue(Struct, frozen=True):
    """What to open."""

    title: str
    body: str
    marker: RoutineMarker
    assignees: tuple[str, ...]


def openings(
    runbook: Runbook, memory: RoutineMemory, told: Sequence[PublishedIncident], now: datetime
) -> tuple[Opening, ...]:
    """The issues that are missing, the most pressing ones when there are many."""
    found = [one for routine in runbook.routines for one in _of(routine, runbook, memory, told, now)]
    turns = dict(memory.turns)
    written = []
    for one in found[:MOST_OPENED]:
        written.append(replace(one, marker=replace(one.marker, others=dict(_others(one, turns)))))
        if one.after is None:
            turns[one.routine.id] = one.marker.turn
    return tuple(written)


def _others(opening: Opening, turns: dict[str, Turn]) -> list[tuple[str, Turn]]:
    """What the issue remembers of the turns: of its own routine only when it is not one of them itself."""
    own = opening.routine.id if opening.after is None else ""
    return [(name, turn) for name, turn in turns.items() if name != own][:MOST]


def _of(
    routine: Routine,
    runbook: Runbook,
    memory: RoutineMemory,
    told: Sequence[PublishedIncident],
    now: datetime,
) -> Iterator[Opening]:
    times = runbook.times
    if routine.every.refusal(times):
        return
    last = memory.turns.get(routine.id)
    turn = _turn(routine, runbook, last, now)
    begun = turn or last or Turn(due=now, since=now)
    until = routine.every.next_after(now, times, begun.since)
    issues = [one for one in memory.issues if one.marker.name == routine.id]
    if turn is not None:
        missed = [one for one in issues if one.open and last and last.due <= one.marker.turn.due]
        yield Opening(routine, RoutineMarker(name=routine.id, turn=turn), until, overdue=tuple(missed))
    after = {one.marker.incident for one in issues}
    for incident in told:
        if incident.severity in routine.after and incident.number not in after and now - incident.at <= FIRST:
            own = RoutineMarker(
                name=routine.id, turn=Turn(due=incident.at, since=incident.at), incident=incident.number
            )
            yield Opening(routine, own, until, after=incident)


def _turn(routine: Routine, runbook: Runbook, last: Turn | None, now: datetime) -> Turn | None:
    """The turn that has come and has no issue. The first one of ``3mo``, which counts from it, is now."""
    if last is None and isinstance(routine.every, AfterPeriod):
        return Turn(due=now, since=now)
    since = last.since if last else now
    due = routine.every.latest(now, runbook.times, since)
    if due is None or (due <= last.due if last else now - due > FIRST):
        return None
    return Turn(due=due, since=last.since if last else due)


def no_issue(repository: Repository, now: datetime) -> Snapshot:
    """What is known before an issue is there: where it will be."""
    blank = Issue(0, "", "", None, "open", frozenset(), (), now, repository.url)
    return Snapshot(repository=repository, issue=blank, comments=(), now=now)


def published(incidents: Iterable[tuple[Incident, str]]) -> tuple[PublishedIncident, ...]:
    """Those incidents whose post-mortem is published, with the addresses of their issues. A drill is none."""
    return tuple(
        PublishedIncident(one.number, one.title, url, one.severity, at)
        for one, url in incidents
        if (at := one.reached("published")) is not None and one.kind != "drill"
    )


def issue_of(
    opening: Opening, incidents: Sequence[Issue] | None, policy: Policy, nothing: Snapshot
) -> Asking[NewIssue]:
    """The issue to open, with the people it is for. ``incidents``: those that are open; None: GitHub did not
    say. ``nothing``: see `no_issue`.
    """
    reached = yield from audience(opening.routine.to, Incident(number=0), policy, Knowledge(nothing))
    values = routine_values(opening, reached, incidents, policy, nothing.repository)
    try:
        text = policy.renderer.file("routine.md.j2", values).strip()
    except TextError:
        text = _plain(opening, reached)
    return NewIssue(
        title=_title(opening, policy.zone),
        body=f"{first_line(opening.marker)}\n{cut(text, LONGEST)}",
        marker=opening.marker,
        assignees=() if reached.instead else reached.mentions[:MOST_ASSIGNED],
    )


def routine_values(
    opening: Opening,
    reached: Audience,
    incidents: Sequence[Issue] | None,
    policy: Policy,
    repository: Repository,
) -> dict[str, object]:
    """The values of ``routine.md.j2``: every text in them is inert."""
    routine, after = opening.routine, opening.after
    listed = None if incidents is None else _about(routine, incidents, policy)
    return {
        "title": inline(routine.title),
        "mentions": list(reached.mentions),
        "names": [inline(name) for name in reached.names],
        "instead": reached.instead,
        "until": _day_and_time(opening.until, policy.zone),
        "after": _link(after.title, after.url, after.number) if after else "",
        "overdue": [_link(one.title, one.url, one.number) for one in opening.overdue],
        "steps": [_step(step, policy.settings) for step in routine.steps],
        "severities": [inline(policy.runbook.severity(level).shown or level) for level in routine.open],
        "incidents": None if listed is None else [_link(one.title, one.url, one.number) for one in listed],
        "list_url": f"{repository.url}/issues?q=is%3Aissue+is%3Aopen",
    }


def _about(routine: Routine, incidents: Sequence[Issue], policy: Policy) -> list[Issue]:
    """Those of the severities that the routine lists, the oldest first."""
    found = []
    for one in incidents:
        levels = (level.id for label in one.labels if (level := policy.labels.level(label)))
        if not set(routine.open).isdisjoint(levels):
            found.append(one)
    return sorted(found, key=lambda one: one.number)


def _step(step: RoutineStep, settings: Settings) -> dict[str, object]:
    action = settings.actions.get(step.run)
    return {
        "text": inline(step.text, 1000),
        "parts": [inline(part, 500) for part in step.parts],
        "optional": step.optional,
        "run": code(step.run) if step.run else "",
        "command": code(" ".join(action.run), 300) if action else "",
    }


def _link(title: str, url: str, number: int) -> str:
    return f"[{inline(title) or f'issue {number}'}]({url})"


def _title(opening: Opening, zone: ZoneInfo) -> str:
    """``Daily Checks, 2025-10-20``, in the zone that people read."""
    name = cut(headline(opening.routine.title), LONGEST_TITLE) or opening.routine.id
    if opening.after is not None:
        return f"{name}, after incident {opening.after.number}"
    return f"{name}, {opening.marker.turn.due.astimezone(zone):%Y-%m-%d}"


def _day_and_time(when: datetime, zone: ZoneInfo) -> str:
    local = when.astimezone(zone)
    return f"{local:%A}, {local:%Y-%m-%d}, {clock_time(when, zone)}"


def _plain(opening: Opening, reached: Audience) -> str:
    """While the template cannot be rendered: whom it is for, and the boxes."""
    people = " ".join(f"@{login}" for login in reached.mentions)
    steps = [f"- [ ] {inline(step.text, 1000)}" for step in opening.routine.steps]
    return "\n".join((f"{people} {inline(opening.routine.title)}".strip(), "", *steps))
