"""Lists, the gates that the engine itself has, the watch over a fix, and evidence."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Literal

from allclear.core.calendar.period import NumberName, Period, Span
from allclear.core.calendar.rhythm import Rhythm
from allclear.core.language.checking_texts import PLACES, never
from allclear.core.language.clocks import title_of
from allclear.core.language.document import RunbookFile
from allclear.core.language.done import read_done
from allclear.core.language.limits import Limits
from allclear.core.language.lists import WrittenList, WrittenStep
from allclear.core.language.selection import MAJOR
from allclear.core.language.wording import filled, lines_that_stay, named
from allclear.core.model.patterns import lazy_regex
from allclear.core.model.people import RESPONDERS
from allclear.core.model.slug import spelt
from allclear.core.policy.checklists import Checklist, Done, Step, milestone
from allclear.core.policy.contradictions import MisplacedError
from allclear.core.policy.deadline import Deadline
from allclear.core.policy.gate import Gate
from allclear.core.policy.runbook import EvidenceRule, Watching

_BRACES = lazy_regex(r"[{}%#]+")
EVERY = timedelta(minutes=10)
"""From one smoke run to the next while a fix is watched."""


def checklists(file: RunbookFile, limits: Limits) -> tuple[Checklist, ...]:
    """The lists, in the order in which they were written. Raises MisplacedError."""
    return tuple(_list(name, one, file, limits) for name, one in file.lists.items())


def _list(name: str, one: WrittenList, file: RunbookFile, limits: Limits) -> Checklist:
    levels = limits.levels.selected(one.for_)
    due = limits.spread(one.due)
    return Checklist(
        id=name,
        title=one.title or spelt(name),
        levels=levels,
        when=one.when.condition,
        role=one.role,
        opens=one.opens,
        before=one.before,
        due={level: limit for level, limit in due.items() if level in levels},
        steps=tuple(_steps(name, one, levels, file, limits)),
    )


def _steps(
    name: str, one: WrittenList, levels: tuple[str, ...], file: RunbookFile, limits: Limits
) -> Iterator[Step]:
    for step, written in one.steps.items():
        chosen = limits.levels.selected(written.for_)
        yield Step(
            id=step,
            text=_placed(written.text, file),
            parts=written.parts,
            done=_done(written, ("lists", name, "steps", step, "done")),
            run=written.run,
            optional=written.optional,
            levels=tuple(
                level for level in levels if level in chosen and _says(written.text, level, file, limits)
            ),
            when=written.when.condition,
            role=written.role or one.role,
        )


def _says(text: str, level: str, file: RunbookFile, limits: Limits) -> bool:
    """Whether anything is left of it in this severity."""
    return any(lines_that_stay(text, never(file, level, None, limits.numbers)))


def _placed(text: str, file: RunbookFile) -> str:
    """The text with the channels that it names, whose own values stay."""
    places = {name: file.channels.get(channel, "") for name, channel in PLACES.items()}
    others = {name: f"{{{{ {name} }}}}" for name in named(text)}
    return filled(text, others | {name: place for name, place in places.items() if place})


def _done(step: WrittenStep, where: tuple[str, ...]) -> Done | None:
    try:
        return read_done(step.done) if step.done else None
    except ValueError as error:
        raise MisplacedError(str(error), where) from error


def dues(file: RunbookFile, limits: Limits) -> Iterator[Deadline]:
    """By when the lists are to be done, and again each day until they are. What is due with the post-mortem
    is said with it.
    """
    for one in checklists(file, limits):
        if one.due:
            written = limits.levels.spread(file.lists[one.id].due)
            with_it = [level for level, limit in written.items() if limit is NumberName.REVIEW]
            role = file.roles.get(one.role)
            whom = (role.title or spelt(one.role),) if role else (title_of("ic", file), RESPONDERS)
            yield Deadline(
                id=f"{one.id}-list",
                title=f"Checklist due: {one.title}",
                start=milestone(one.opens),
                checklist=one.id,
                within=dict(one.due),
                repeat=dict.fromkeys(one.due, Rhythm.of(Span(days=1))),
                to=whom,
                when=one.when,
                ladder=dict.fromkeys(with_it, "review"),
                text=f"Not all of \u201c{_BRACES.sub('', one.title)}\u201d is done, and it is due. "
                "The panel shows what is left; `/check <step>` ticks it.",
            )


def gates(file: RunbookFile, limits: Limits) -> tuple[Gate, ...]:
    """What the resolution and the all-clear wait for in every runbook, lists apart."""
    return (
        Gate(before="resolve", severity=True, needs={"mitigated": limits.levels.members(MAJOR)}, smoke=True),
        Gate(
            before="all-clear",
            reached=("resolved",),
            watch={
                "rollback": _watch("rollback", file, limits),
                "fix-forward": _watch("fix-forward", file, limits),
            },
            recovered=True,
            smoke=True,
        ),
    )


def _watch(way: Literal["rollback", "fix-forward"], file: RunbookFile, limits: Limits) -> dict[str, Period]:
    """How long a fix that came about so is watched, by severity; the engine's where none is named."""
    found = {}
    for level, one in file.severities.items():
        default = limits.levels.chosen(limits.numbers.watch, level)
        own = one.watch and (one.watch.rollback if way == "rollback" else one.watch.fix_forward)
        length = own or default
        if isinstance(length, Period) and not length.empty:
            found[level] = length
    return found


def watching(file: RunbookFile, limits: Limits) -> Watching:
    """The smoke runs while a fix is watched."""
    levels = _watch("rollback", file, limits) | _watch("fix-forward", file, limits)
    return Watching(every=dict.fromkeys(levels, EVERY))


def evidence(limits: Limits) -> EvidenceRule:
    """Until when evidence is kept."""
    return EvidenceRule(within=dict(limits.numbered(NumberName.EVIDENCE)))
