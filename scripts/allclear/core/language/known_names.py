"""The names that a runbook has, and what is said of one that it does not have."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from difflib import get_close_matches

from msgspec import Struct

from allclear.core.language.document import RunbookFile
from allclear.core.language.lists import WrittenStep
from allclear.core.language.selection import ALL, MAJOR, MINOR, WORST, Levels

Where = tuple[str | int, ...]


class RunbookMistake(Struct, frozen=True):
    """``why`` is one sentence about what stands at ``where``. ``warning``: it works, and is hardly meant;
    ``row``: so many lines below it.
    """

    where: Where
    why: str
    warning: bool = False
    row: int = 0


def unknown(kind: str, name: str, known: Collection[str]) -> str:
    """``no flag 'secruity'; did you mean 'security'?``"""
    near = get_close_matches(name, known, 1) or get_close_matches(name.lower(), known, 1)
    there = f"there are {', '.join(known)}" if known else f"the runbook has no {kind}"
    return f"no {kind} {name!r}; " + (f"did you mean {near[0]!r}?" if near else f"{there}.")


def named(
    kind: str, where: Where, names: Iterable[str], known: Collection[str], *, alone: bool = False
) -> Iterator[RunbookMistake]:
    """Each of these names that is not known. ``alone``: the name is the value itself, not one of a list."""
    for at, name in enumerate(names):
        if name not in known:
            place = where if alone else (*where, name if isinstance(names, Mapping) else at)
            yield RunbookMistake(place, unknown(kind, name, known))


def titled(
    where: Where, names: Iterable[str], known: Collection[str], *, alone: bool = False
) -> Iterator[RunbookMistake]:
    """Each of these titles that nobody has, in any case. ``alone`` as in ``named``."""
    folded = {name.lower() for name in known}
    for at, name in enumerate(names):
        if name.lower() not in folded:
            near = get_close_matches(name, known, 1)
            hint = (
                f"did you mean {near[0]!r}?"
                if near
                else "put the title into a chain, a role or `contacts`, or write a role's id."
            )
            yield RunbookMistake(where if alone else (*where, at), f"nobody is {name!r}; {hint}")


def titles(file: RunbookFile) -> frozenset[str]:
    """Everybody whom the runbook introduces: in chains, as primary or backup, among the contacts."""
    found = {title for chain in file.chains.values() for level in chain.levels for title in level}
    found |= {title for role in file.roles.values() for title in (*role.primary, *role.backup)}
    return frozenset(found | file.contacts.keys())


def selectors(file: RunbookFile) -> tuple[str, ...]:
    """What severities are chosen by: their ids, and the groups."""
    return (*file.severities, ALL, MAJOR, MINOR, WORST)


def members(file: RunbookFile, names: Iterable[str]) -> frozenset[str]:
    """The severities that these names stand for; names that are not there stand for none."""
    return frozenset(
        Levels(tuple(file.severities)).selected(name for name in names if name in selectors(file))
    )


def steps_of(file: RunbookFile) -> Iterator[tuple[Where, WrittenStep]]:
    """Every step of the lists and routines, with its place."""
    for part in ("lists", "routines"):
        for name, one in getattr(file, part).items():
            for step, written in one.steps.items():
                yield (part, name, "steps", step), written
