"""The clock. A deadline is data: from a milestone, until a milestone, within a limit, then an action; it may
repeat.

Whoever wakes first executes everything due. Several missed levels of one ladder collapse into the highest,
several missed repetitions into the last; how late it is stands on the notice.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from types import MappingProxyType
from zoneinfo import ZoneInfo

from msgspec import Struct, field

from allclear.core.calendar.period import Span
from allclear.core.clock import step_duties
from allclear.core.clock.action_items import asked_at, dated, deadline_of, earliest, timer_key
from allclear.core.clock.anchors import Anchor, anchors, running
from allclear.core.clock.chains import addressed, asked_when_worse
from allclear.core.clock.silence import watch_for_silence
from allclear.core.model.structs import replace
from allclear.core.model.times import clock_time
from allclear.core.policy.deadline import Deadline
from allclear.core.policy.runbook import Runbook
from allclear.core.record.action_item import ACTION_DUE, action_of
from allclear.core.record.incident import CALLED, Escalation, Incident
from allclear.core.record.step import STEP_DUE, step_of


class Timer(Struct, frozen=True):
    """One occurrence of a deadline. ``key`` is its name for ever; ``covers`` the missed ones that collapsed
    into it.

    ``to``: the titles it is for, those of the covered ones included: who should have heard of it still does.
    ``values``: what its text may name beside what every text may; raw.
    """

    key: str
    deadline: Deadline
    due: datetime
    to: tuple[str, ...]
    covers: tuple[str, ...] = ()
    values: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


class _Clock(Struct, frozen=True):
    """A deadline that counts from one of its anchors."""

    incident: Incident
    deadline: Deadline
    runbook: Runbook
    anchor: Anchor

    def due(self, number: int) -> datetime | None:
        """When the repetition of that number is due; 0 comes after the limit. None: it never is."""
        level, times = self.incident.severity, self.runbook.times
        begun = self.deadline.within[level].after(self.anchor.at, times)
        rhythm = self.deadline.repeat.get(level)
        found: datetime | None = begun
        if number:
            found = rhythm.due(number, begun, times, self.anchor.at) if rhythm else None
        return max(found, self.anchor.not_before or found) if found else None

    @property
    def _name(self) -> str:
        return "/".join(filter(None, (self.deadline.id, str(self.incident.interval), self.anchor.mark)))

    @property
    def _repeats(self) -> bool:
        return self.deadline.last is None and self.incident.severity in self.deadline.repeat

    def key(self, number: int, due: datetime) -> str:
        """Its name for ever. A number that had another time, under another severity, gets another name."""
        plain = f"{self._name}/{number - self.deadline.first}"
        before = self.incident.progress.fired.get(plain)
        again = self._repeats and before is not None and before < due
        return f"{self._name}/{due:%Y%m%dT%H%M%S}/{number - self.deadline.first}" if again else plain

    def said(self, key: str, due: datetime) -> bool:
        """Whether people were told, by this timer or by what it was called before: of what is repeated, since
        it was due; of anything else, ever.
        """
        fired = self.incident.progress.fired
        if self._repeats and self._since(f"{self._name}/", due):
            return True
        return key in fired or any(
            self._since(f"{earlier}/{self.incident.interval}/", due) for earlier in self.deadline.earlier
        )

    def _since(self, prefix: str, due: datetime) -> bool:
        fired = self.incident.progress.fired
        return any(at >= due for timer, at in fired.items() if timer.startswith(prefix))

    def timer(self, number: int) -> Timer | None:
        """The occurrence of that number; None when it is none of this deadline's, or never due."""
        last = self.deadline.last
        due = self.due(number) if last is None or number <= last else None
        return Timer(self.key(number, due), self.deadline, due, self.deadline.to) if due else None

    def next(self, now: datetime) -> Timer | None:
        """The occurrence that is due now with the missed ones in it, else the next to come; None when there
        is no more.
        """
        number = max(self.deadline.first, self._number_at(now))
        if self.deadline.last is not None:
            number = min(number, self.deadline.last)
        timer = self.timer(number)
        if timer is not None and self.said(timer.key, timer.due):
            return self.timer(number + 1)
        return timer

    def _number_at(self, now: datetime) -> int:
        level, times = self.incident.severity, self.runbook.times
        rhythm = self.deadline.repeat.get(level)
        begun = self.deadline.within[level].after(self.anchor.at, times)
        return rhythm.number_at(now, begun, times, self.anchor.at) if rhythm and begun <= now else 0


def _clocks(incident: Incident, runbook: Runbook) -> Iterator[_Clock]:
    """Everything that counts, whether it is said already or not."""
    every = (*runbook.deadlines, *step_duties.undated_lists(runbook))
    live = [deadline for deadline in every if running(incident, deadline, runbook)]
    if not any(_insists(deadline, incident.severity) for deadline in live):
        live += [deadline for deadline in watch_for_silence(runbook) if running(incident, deadline, runbook)]
    for deadline in live:
        for anchor in anchors(incident, deadline, runbook):
            yield _Clock(incident, deadline, runbook, anchor)


def _insists(deadline: Deadline, level: str) -> bool:
    """Whether it is said again and again until somebody acknowledges: then nothing is forgotten meanwhile."""
    rhythm = deadline.repeat.get(level)
    return (
        deadline.until == "acknowledged"
        and deadline.last is None
        and rhythm is not None
        and bool(rhythm.steps)
    )


def due_time(incident: Incident, runbook: Runbook, key: str) -> datetime | None:
    """When the timer of this key is due (UTC), as the incident stands; None when it has no such timer."""
    name, *mark = key.split("/")
    if name == CALLED:
        return next((one.due for one in _called(incident) if one.key == key), None)
    if name == ACTION_DUE:
        return next((earliest(one) for one in dated(incident) if one.number == action_of(key)), None)
    if name == STEP_DUE:
        steps = step_duties.owned(incident, runbook)
        return next((step_duties.earliest(one) for one in steps if one.item.step.id == step_of(key)), None)
    number = int(mark[-1]) if mark and mark[-1].isascii() and mark[-1].isdigit() and len(mark[-1]) < 7 else -1
    for deadline in (
        *runbook.deadlines,
        *step_duties.undated_lists(runbook),
        *watch_for_silence(runbook),
    ):
        if deadline.id != name or incident.severity not in deadline.within or number < 0:
            continue
        for anchor in anchors(incident, deadline, runbook):
            timer = _Clock(incident, deadline, runbook, anchor).timer(number + deadline.first)
            if timer is not None and timer.key == key:
                return timer.due
    return None


def _called(incident: Incident) -> list[Timer]:
    """Whom people called and nobody has told yet."""
    return [_call(one, incident) for one in incident.progress.escalations] if incident.active else []


def _call(one: Escalation, incident: Incident) -> Timer:
    who = one.by.login if one.by is not None else "Somebody"
    deadline = Deadline(
        id=CALLED,
        title=f"Escalation to {' and '.join(one.to)}",
        start="declared",
        within={incident.severity: Span()},
        action="escalate",
        to=one.to,
        level=one.level,
        text=(
            "{{ who }} asks for your help with this {{ severity }} incident: {{ why }}"
            if one.why
            else "{{ who }} asks for your help with this {{ severity }} incident: {{ brief }}"
        ),
    )
    return Timer(one.timer(incident.interval), deadline, one.at, one.to, values={"who": who, "why": one.why})


def _actions(incident: Incident, runbook: Runbook) -> Iterator[Timer]:
    """The action items whose date comes."""
    for item in dated(incident):
        due = asked_at(item, runbook.times)
        deadline = deadline_of(item, incident, runbook)
        yield Timer(timer_key(item, due), deadline, due, deadline.to)


def _steps(incident: Incident, runbook: Runbook) -> Iterator[Timer]:
    """The steps for afterwards that somebody took on."""
    for one in step_duties.owned(incident, runbook):
        due = step_duties.asked_at(one, runbook)
        deadline = step_duties.deadline_of(one, incident)
        yield Timer(step_duties.timer_key(one, incident, due), deadline, due, deadline.to)


def timers(incident: Incident, runbook: Runbook, now: datetime) -> tuple[Timer, ...]:
    """What happens next, one line a clock, in the order of time (UTC); some may be due already.

    What only waits for silence to last too long is not among it.
    """
    return tuple(timer for timer in _timers(incident, runbook, now) if not timer.deadline.quiet)


def _timers(incident: Incident, runbook: Runbook, now: datetime) -> list[Timer]:
    found = [timer for clock in _clocks(incident, runbook) if (timer := clock.next(now)) is not None]
    heard = incident.progress.told
    # While nobody has acknowledged, only a call counts: a notice asks nobody to come.
    called = heard if incident.reached("acknowledged") is not None else asked_when_worse(incident, runbook)
    found = [timer for timer in found if not _first_again(timer, called)]
    found = [
        replace(timer, to=addressed(timer.deadline, incident, runbook, heard))
        for timer in (*found, *_called(incident), *_actions(incident, runbook), *_steps(incident, runbook))
    ]
    return sorted(found, key=lambda timer: (timer.due, timer.deadline.id))


def next_due(incident: Incident, runbook: Runbook, now: datetime) -> datetime | None:
    """When the first of all clocks is due (UTC), which may be by now; None: none runs."""
    return next((timer.due for timer in _timers(incident, runbook, now)), None)


def _first_again(timer: Timer, called: frozenset[str]) -> bool:
    """Whether a chain would begin, for a severity that came later, with people who were called before."""
    first = timer.deadline.aim == "" and timer.deadline.level == 1 and timer.deadline.action == "notify"
    return first and bool(timer.to) and all(title.lower() in called for title in timer.to)


def due(incident: Incident, runbook: Runbook, now: datetime) -> tuple[Timer, ...]:
    """What has to be said now: of every ladder only the highest level, which covers the lower ones."""
    late = [timer for timer in _timers(incident, runbook, now) if timer.due <= now]
    heard = before = incident.progress.told
    spoken: list[Timer] = []
    for ladder in dict.fromkeys(timer.deadline.ladder_at(incident.severity) for timer in late):
        levels = [timer for timer in late if timer.deadline.ladder_at(incident.severity) == ladder]
        # What people called was said by each of them for reasons of their own.
        for group in [[timer] for timer in levels] if ladder == CALLED else [levels]:
            *covered, top = sorted(group, key=lambda timer: (timer.deadline.level, timer.due))
            to: tuple[str, ...] = ()
            for timer in (*covered, top):
                # Who is told at the same time by something else needs no reminder of it.
                known = before if timer.deadline.aim == "told" else heard
                more = addressed(timer.deadline, incident, runbook, known)
                heard |= {title.lower() for title in more}
                to = (*more, *to)
            covers = tuple(timer.key for timer in covered)
            spoken.append(replace(top, to=tuple(dict.fromkeys(to)), covers=covers))
    return tuple(spoken)


def upcoming(incident: Incident, runbook: Runbook, now: datetime) -> tuple[Timer, ...]:
    """What is still to come after ``now``."""
    return tuple(timer for timer in timers(incident, runbook, now) if timer.due > now)


def _at(when: str, timer: Timer) -> str:
    return f"{timer.deadline.title} {when} ({', '.join(timer.to)})"


def outlook(incident: Incident, runbook: Runbook, now: datetime, tz: ZoneInfo, limit: int = 3) -> str:
    """``Next: Team notification now (DevOps); Response due at 14:17 UTC (DevOps).``, or that there is none.

    At most ``limit`` deadlines to come; those that are due already are said to be ``now``. All of it is the
    runbook's text.
    """
    said = [_at("now", timer) for timer in due(incident, runbook, now) if not timer.deadline.quiet]
    coming = upcoming(incident, runbook, now)
    said += [_at(f"at {clock_time(timer.due, tz, near=now)}", timer) for timer in coming[:limit]]
    return f"Next: {'; '.join(said)}." if said else "No deadline is running."
