"""How the page names things: severities, conditions, moments, and numbers by severity."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from allclear.core.calendar.period import Span
from allclear.core.calendar.rhythm import Rhythm
from allclear.core.language.document import RunbookFile
from allclear.core.language.done import read_done
from allclear.core.language.entries import WrittenEntry, WrittenWhen
from allclear.core.language.markdown import small
from allclear.core.language.selection import ALL, Levels
from allclear.core.model.slug import spelt

FIXED: Mapping[str, str] = {
    "rollback": "it was fixed by a rollback",
    "fix-forward": "it was fixed forward",
    "hotfix": "it was fixed by a hotfix",
}

SINCE: Mapping[str, str] = {
    "declared": "it is declared",
    "acknowledged": "somebody acknowledges",
    "identified": "the cause is known",
    "mitigated": "the fix is applied",
    "resolved": "it is resolved",
    "all-clear": "the all-clear is given",
    "published": "the post-mortem is published",
}
"""The moments, as they are said behind "when"."""

DONE: Mapping[str, str] = {
    "severity": "somebody names the severity",
    "told": "the page is sent",
    "smoke": "a smoke run passes",
    "watched": "the fix was watched for long enough",
    "meeting": "the meeting has a date",
    "actions": "each action item has an owner and a date",
    "post-mortem": "the post-mortem is opened",
}

WAYS: Mapping[str, str] = {
    "acknowledged": "`/ack`",
    "resolved": "`/resolve`",
    "all-clear": "`/all-clear`",
    "mitigated": "`/status monitoring`",
    "published": "the publication of the post-mortem",
}
"""How people come to a moment; to any other state it is ``/status``."""


def items(entry: WrittenEntry) -> str:
    """The numbers of the rules, small, behind what they stand for."""
    return small(entry.item)


def titled(name: str, title: str) -> str:
    """What people call it."""
    return title or spelt(name)


def shown(file: RunbookFile, name: str) -> str:
    """The severity as texts print it."""
    return (file.severities[name].shown or name) if name in file.severities else name


def levels_of(file: RunbookFile, names: Sequence[str]) -> tuple[str, ...]:
    """The ids of the severities that are meant; all of them where nothing is said."""
    return Levels(tuple(file.severities)).selected(names or (ALL,))


def severities(file: RunbookFile, names: Sequence[str]) -> str:
    """``P0, P1``; empty for all severities."""
    levels = levels_of(file, names)
    return ", ".join(shown(file, name) for name in levels) if len(levels) < len(file.severities) else ""


def capital(text: str) -> str:
    """With a capital letter, and the rest as it is."""
    return text[:1].upper() + text[1:]


def bracketed(told: str) -> str:
    """`` (P0, P1)``; empty for nothing."""
    return f" ({told})" if told else ""


def role_title(file: RunbookFile, name: str) -> str:
    """What people call the role; a title of a person stays as it is."""
    return titled(name, file.roles[name].title) if name in file.roles else name


def condition(file: RunbookFile, when: WrittenWhen) -> str:
    """``when `security` is flagged``; empty without a condition."""
    told = [f"{' or '.join(f'`{flag}`' for flag in when.flag)} is flagged"] if when.flag else []
    told += [FIXED[when.fix]] if when.fix else []
    for name, least in when.measured.items():
        measure = file.measures[name]
        told.append(f"{titled(name, measure.title)} is at least {least:g} {measure.unit}".strip())
    return f"when {' and '.join(told)}" if told else ""


def grouped(told: Mapping[str, str]) -> dict[str, list[str]]:
    """The severities of each value, in the order in which they come."""
    groups = dict[str, list[str]]()
    for name, value in told.items():
        groups.setdefault(value, []).append(name)
    return groups


def by_level(file: RunbookFile, told: Mapping[str, str], among: Iterable[str]) -> str:
    """``15 minutes`` where it is the same for all of them, else ``P0: 15 minutes; P1, P2: 1 hour``."""
    groups = grouped(told)
    if len(groups) == 1 and set(told) >= set(among):
        return next(iter(groups))
    return "; ".join(
        f"{', '.join(shown(file, name) for name in names)}: {value}" for value, names in groups.items()
    )


def way_to(moment: str) -> str:
    """What brings an incident to this moment or state."""
    return WAYS.get(moment, f"`/status {moment}`")


def ticked_by(file: RunbookFile, words: str) -> str:
    """``somebody acknowledges``: what the engine ticks a step by."""
    done = read_done(words)
    match done.kind:
        case "moment":
            return SINCE[done.names[0]]
        case "said":
            return f"`{done.names[0]}` has said its text for {done.moment}"
        case "role":
            titles = ", ".join(role_title(file, name) for name in done.names)
            return f"somebody is {titles}"
        case "evidence":
            return f"evidence is kept: {', '.join(done.names)}"
        case "told" if done.names:
            return f"{done.names[0]} is told"
        case _:
            return DONE[done.kind]


def climb(rhythm: Rhythm, levels: Sequence[Sequence[str]]) -> str:
    """``Team Lead after 30 minutes, CTO after 1 hour and again every 30 minutes``: who is told, and when,
    while nobody acknowledges.
    """
    titles = [" and ".join(level) for level in levels[1:] or levels]
    if not rhythm.steps:
        return f"by `/escalate` only: {' → '.join(titles)}" if len(levels) > 1 else ""
    times = _times(rhythm, len(titles))
    if not times:
        return f"{' → '.join(titles)}, {rhythm.words()}"
    told = [
        f"{title} {f'after {time.words()}' if not time.empty else 'at once'}"
        for time, title in zip(times, titles, strict=True)
    ]
    return f"{', '.join(told)} and again every {rhythm.steps[-1].period.cadence()}"


def _times(rhythm: Rhythm, number: int) -> list[Span]:
    """When each repetition is due after the start; none where it takes a calendar or a clock to say so."""
    periods = [step.period for step in rhythm.steps]
    spans = [period for period in periods if isinstance(period, Span)]
    if len(spans) < len(periods) or any(step.after for step in rhythm.steps):
        return []
    found = [Span()]
    for at in range(number):
        step, so_far = spans[min(at, len(spans) - 1)], found[-1]
        found.append(Span(so_far.elapse + step.elapse, so_far.days + step.days, so_far.months + step.months))
    return found[1:]
