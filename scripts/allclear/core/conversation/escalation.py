"""Whom `/escalate` names: a title, a chain, or nobody, which is the next level."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from itertools import dropwhile
from typing import Annotated

from msgspec import Struct

from allclear.core.clock.chains import chain_named, chains_of, next_level
from allclear.core.conversation.command import Arg, ArgumentCursor, CommandContext
from allclear.core.conversation.marks import QUESTION, begins_with_question
from allclear.core.model.errors import MissingArgumentError, UserError
from allclear.core.model.neutral import code
from allclear.core.model.structs import replace
from allclear.core.policy.deadline import Chain
from allclear.core.policy.runbook import Runbook
from allclear.core.record.progress import Escalated


class Named(Struct, frozen=True):
    """What stood behind the command: the title of somebody, and ``others``, or the id of a chain. ``asked``:
    a question mark stands first, so it is a question and calls nobody.
    """

    title: str = ""
    chain: str = ""
    others: tuple[str, ...] = ()
    asked: bool = False


NEXT = Named()
"""Whoever is next."""


def titles(context: CommandContext) -> tuple[str, ...]:
    """Everybody who has a name here, in the runbook or in the settings, each once."""
    runbook = context.runbook
    found = [
        title
        for chain in chains_of(runbook, context.incident.severity)
        for level in chain.levels
        for title in level
    ]
    found += [title for chain in runbook.chains for level in chain.levels for title in level]
    found += [title for deadline in runbook.deadlines for title in deadline.to]
    found += [role.title for role in runbook.roles]
    found += [contact.title for contact in runbook.contacts]
    found += context.settings.people
    return tuple({title.lower(): title for title in reversed(found)}.values())[::-1]


_SEVERITY_WORDS = 2
"""Words in which a severity is spelt, as in ``SEV 1``."""
_SMALL = frozenset({"to", "the", "our"})
_JOINING = frozenset({"and", "&", "+", ",", "/"})
_MOST_OTHERS = 20
"""Titles that one line may name beside the first."""


def _whom(cursor: ArgumentCursor, context: CommandContext) -> tuple[Named, ArgumentCursor]:
    line = cursor.line.lstrip()
    if not begins_with_question(line):
        return _named(cursor, context)
    try:
        named, cursor = _named(ArgumentCursor(line.lstrip(f"{QUESTION}! "), cursor.below), context)
    except MissingArgumentError:
        named = NEXT
    return replace(named, asked=True), cursor


def _named(cursor: ArgumentCursor, context: CommandContext) -> tuple[Named, ArgumentCursor]:
    words = cursor.line.replace("`", "").split()
    if not words:
        raise MissingArgumentError("Whom?")
    # "/escalate to the CEO": the small words in front of a title name nobody.
    words = list(dropwhile(lambda word: word.lower() in _SMALL, words)) or words
    chains = {chain.id: Named(chain=chain.id) for chain in context.runbook.chains}
    known = {title.lower(): Named(title=title) for title in titles(context)}
    for count, said in _beginnings(words):
        found = known.get(said) or chains.get(said)
        if found is not None:
            others, taken = _others(words, count, known) if found.title else ((), count)
            return replace(found, others=others), ArgumentCursor(" ".join(words[taken:]), cursor.below)
    _check_no_severity(" ".join(words), cursor.below, context)
    if words[0].startswith("@"):
        raise UserError(f"Write a title, not a login: {example(context)}.")
    for count, said in _beginnings(words):
        near = get_close_matches(
            said, [name for name in (*known, *chains) if len(name.split()) == count], 1, 0.8
        )
        if near:
            meant = (known.get(near[0]) or Named()).title or near[0]
            raise UserError(
                f"{code(' '.join(words[:count]), 60)} is nobody here; did you mean {code(meant)}? "
                f"Write {example(context, meant)}, or say why in other words."
            )
    raise MissingArgumentError("Whom?")


def _others(words: list[str], taken: int, known: Mapping[str, Named]) -> tuple[tuple[str, ...], int]:
    """The titles that a comma or an ``and`` joins to the one in the first ``taken`` words, and how many words
    all of them are.
    """
    others = list[str]()
    while len(others) < _MOST_OTHERS:
        joined = taken
        while words[joined : joined + 1] and words[joined].lower() in _JOINING | _SMALL:
            joined += 1
        divided = joined > taken and words[taken].lower() in _JOINING
        if not (divided or words[taken - 1].endswith(",")):
            break
        named = ((count, known[said]) for count, said in _beginnings(words[joined:]) if said in known)
        count, found = next(named, (0, NEXT))
        if not count:
            break
        others.append(found.title)
        taken = joined + count
    return tuple(others), taken


def _check_no_severity(said: str, below: str, context: CommandContext) -> None:
    """Refuse a severity and nothing else: who escalates to P1 rather means the severity than the people."""
    severity = context.runbook.severity_named(said) if len(said.split()) <= _SEVERITY_WORDS else None
    if severity is not None and not below.strip():
        raise UserError(
            f"{code(said)} is a severity, so nobody was told. {code(f'/sev {severity.id}')} sets the"
            " severity, and `/escalate` tells the next level.",
            "unclear",
        )


def _beginnings(words: list[str]) -> Iterator[tuple[int, str]]:
    """What the first words may name, the longest first, without the sign that may end a name."""
    for count in range(min(len(words), 6), 0, -1):
        yield count, " ".join(words[:count]).rstrip(".,:;").lower()


Whom = Annotated[Named, Arg("<to>", _whom)]


def example(context: CommandContext, title: str = "") -> str:
    """The command as it would be written here, naming somebody of the chain."""
    chain = chain_named(context.runbook, context.incident.severity)
    return code(f"/escalate {title or chain.levels[-1][0]} <why>")


def escalated(named: Named, why: str, context: CommandContext) -> tuple[Escalated, Chain | None]:
    """Who is called, and the chain that they were found in: the lowest level of it that was not told, when
    nobody is named.
    """
    severity, runbook = context.incident.severity, context.runbook
    if named.title:
        to = tuple(dict.fromkeys((named.title, *named.others)))
        level = _level(named.title, runbook, severity)
        if any(_level(one, runbook, severity) != level for one in to):
            level = ("", 0)
        return Escalated(to=to, why=why, chain=level[0], level=level[1]), None
    chain = chain_named(runbook, severity, named.chain)
    number = next_level(chain, context.incident.progress.told)
    return Escalated(to=chain.levels[number - 1], chain=chain.id, level=number, why=why), chain


def _level(title: str, runbook: Runbook, severity: str) -> tuple[str, int]:
    """The first chain that somebody stands in, and the level; none and 0 for others."""
    for chain in (*chains_of(runbook, severity), *runbook.chains):
        for number, level in enumerate(chain.levels, start=1):
            if title.lower() in {one.lower() for one in level}:
                return chain.id, number
    return "", 0
