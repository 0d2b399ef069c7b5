"""Who and what is hit, as the text of an issue says it: read as `/impact` and `/affects` read theirs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from msgspec import Struct

from allclear.core.conversation.field_values import MOST_SERVICES, in_words, services_in
from allclear.core.conversation.impact import said_impact
from allclear.core.conversation.quantities import count_at
from allclear.core.conversation.services import in_parts, service_named, tells
from allclear.core.model.counts import About, counted
from allclear.core.model.errors import UserError
from allclear.core.model.neutral import code, cut
from allclear.core.model.patterns import lazy_regex
from allclear.core.model.structs import replace
from allclear.core.record.findings import ImpactSet

LONGEST_TEXT = 500
MOST_VALUES = 4
"""Lines of values that are read."""
MOST_NOTES = 6
"""Notes of one answer."""

_PEOPLE = lazy_regex(
    r"(?<![\w-])(?:users?|customers?|people|clients?|visitors?|tenants?|accounts?)(?![\w-])", re.IGNORECASE
)


class DeclaredImpact(Struct, frozen=True):
    """``notes``: what was not taken, each as a sentence with what to write instead."""

    users: int | None = None
    about: About = ""
    revenue: str = ""
    text: str = ""
    services: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def declared_impact(told: Mapping[str, str], known: Iterable[str]) -> DeclaredImpact:
    """The impact that ``told``, the fields of an issue's body, name. ``known``: the services of the settings;
    where there are some, no other name is taken.
    """
    services = tuple(known)
    said = DeclaredImpact()
    for name in ("user impact", "impact", "impact values"):
        for value in filter(None, told.get(name, "").split("\n")[:MOST_VALUES]):
            said = _merged(said, _sentence(value))
    said = _affected(said, told.get("affected", ""), services)
    for name, title in (("users", "Users"), ("revenue", "Revenue")):
        if name in told:
            said = _field(said, name, title, told[name])
    said = _services(said, "Affected services", told.get("affected services", ""), services)
    return replace(said, notes=said.notes[:MOST_NOTES])


def _sentence(text: str) -> DeclaredImpact:
    """The numbers and the sentence of a text."""
    text = cut(text, LONGEST_TEXT)
    try:
        fact, untold = said_impact(text)
    except UserError as error:
        note = f"{code('Impact: ' + text)} stands as text only. {error.message}"
        return DeclaredImpact(text=text, notes=(note,))
    return _taken(fact, untold)


def _taken(fact: ImpactSet, untold: Iterable[str]) -> DeclaredImpact:
    notes = tuple(
        f"{code(words)} is not one number, so it stands in the text only. `/impact users=15000` records one."
        for words in untold
    )
    return DeclaredImpact(fact.users, fact.about, fact.revenue or "", fact.text, notes=notes)


def _merged(one: DeclaredImpact, other: DeclaredImpact) -> DeclaredImpact:
    """What is said first, and what is said later: of two numbers the later one counts, which is told."""
    said = _noted(one, *other.notes)
    text = cut("; ".join(dict.fromkeys(filter(None, (one.text, other.text)))), LONGEST_TEXT)
    said = replace(said, text=text)
    if other.users is not None:
        said = _counted(said, other.users, other.about)
    return _priced(said, other.revenue) if other.revenue else said


def _counted(said: DeclaredImpact, users: int, about: About) -> DeclaredImpact:
    before, now = counted(said.users, said.about), counted(users, about)
    if before and before != now:
        said = _noted(said, f"The text names {before} and {now}; the second counts. `/impact` corrects it.")
    return replace(said, users=users, about=about)


def _priced(said: DeclaredImpact, revenue: str) -> DeclaredImpact:
    if said.revenue not in ("", revenue):
        both = f"{code(said.revenue)} and {code(revenue)}"
        said = _noted(said, f"The text names {both}; the second counts. `/impact` corrects it.")
    return replace(said, revenue=revenue)


def _field(said: DeclaredImpact, name: str, title: str, value: str) -> DeclaredImpact:
    """A field that is one number or one amount, and what is said behind it; anything else is told."""
    lines = tuple(dict.fromkeys(cut(line, LONGEST_TEXT) for line in value.split("\n")))
    shown = code(f"{title}: {' / '.join(lines)}")
    example = "`/impact users=15000`" if name == "users" else "`/impact revenue=$45000`"
    value, *others = lines
    if others:
        return _noted(said, f"{shown} can be two numbers, so none was recorded. {example} records one.")
    what = "number" if name == "users" else "amount"
    try:
        fact, untold = said_impact(f"{name}={value}")
    except UserError:
        return _noted(said, f"{shown} is not one {what}, so it was not recorded. {example} records one.")
    if fact.users is None and not fact.revenue:
        text = DeclaredImpact(text=f"{title}: {value}")
        note = f"{shown} is not one {what}, so it stands in the text only. {example} records one."
        return _noted(_merged(said, text), note)
    return _merged(said, _taken(fact, untold))


def _ends(value: str, at: int) -> bool:
    return not value[at:].strip(" .!")


def _noted(said: DeclaredImpact, *notes: str) -> DeclaredImpact:
    return replace(said, notes=(*said.notes, *notes))


def _affected(said: DeclaredImpact, value: str, known: tuple[str, ...]) -> DeclaredImpact:
    """``Affected:`` says people or services, or it is a sentence of the impact."""
    if not value:
        return said
    count = count_at(value)
    if count is not None and count.number is not None and _ends(value, count.end):
        return _counted(said, count.number, count.about)
    if _PEOPLE.search(value) or tells(value, known):
        return _merged(said, _sentence(value))
    return _services(said, "Affected", value, known)


def _services(said: DeclaredImpact, title: str, value: str, known: tuple[str, ...]) -> DeclaredImpact:
    """The services that a field lists; a sentence lists none, and a name that the settings do not have is
    told.
    """
    if not value:
        return said
    example = code(f"/affects {' '.join(known[:2]) or 'checkout api'}")
    if tells(value, known) or (not known and in_words(value)):
        shown = code(f"{title}: {value}")
        return _noted(said, f"{shown} is no list of services, so none was recorded. {example} records them.")
    names = services_in(value)
    if known:
        names = tuple(part for name in names for part in in_parts(name, known))
    found = [service_named(name, known) for name in names] if known else list(names)
    strange = [name for name, its in zip(names, found, strict=True) if not its]
    if strange:
        said = _noted(
            said,
            f"{', '.join(map(code, strange))} is no service here, so it was not recorded; this repository "
            f"has {', '.join(map(code, known))}. {example} records one.",
        )
    new = dict.fromkeys((*said.services, *filter(None, found)))
    return replace(said, services=tuple(new)[:MOST_SERVICES])
