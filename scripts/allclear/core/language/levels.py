"""The severities: their names, and every way in which people spell them."""

from __future__ import annotations

from collections.abc import Iterator

from allclear.core.language.document import RunbookFile
from allclear.core.language.entries import WrittenSeverity
from allclear.core.language.selection import RESERVED, Levels
from allclear.core.model.patterns import lazy_regex
from allclear.core.policy.contradictions import MisplacedError
from allclear.core.policy.runbook import Severity

COLOURS = ("b60205", "d93f0b", "fbca04", "0e8a16", "1d76db")
"""Of the labels, the worst first; every further one has the last."""

_NUMBERED = lazy_regex(r"([A-Za-z]+)([0-9]+)")


def levels_of(file: RunbookFile) -> Levels:
    """The order of the severities. Raises MisplacedError for an id that means something else."""
    for name in file.severities:
        if name.lower() in RESERVED:
            raise MisplacedError(
                f"{name!r} stands for a group of severities; choose another id", ("severities", name)
            )
    return Levels(tuple(file.severities))


def severities(file: RunbookFile, levels: Levels) -> tuple[Severity, ...]:
    """The severities, the worst first. Raises MisplacedError where two of them share a spelling."""
    taken: dict[str, str] = {}
    found = []
    for rank, name in enumerate(levels.ids):
        one = file.severities[name]
        words = tuple(dict.fromkeys(word.lower() for word in _spellings(name, one)))
        for word in words:
            if taken.setdefault(word, name) != name:
                raise MisplacedError(f"{word!r} names {taken[word]} and {name}", ("severities", name))
        found.append(
            Severity(
                id=name,
                name=one.name or name,
                shown=one.shown or name,
                definition=", ".join(one.definition),
                definitions=one.definition,
                examples=one.examples,
                impact=one.impact,
                response=one.response,
                words=words,
                color=COLOURS[min(rank, len(COLOURS) - 1)],
                label=one.label,
                extra_labels=one.labels,
            )
        )
    return tuple(found)


def _spellings(name: str, one: WrittenSeverity) -> Iterator[str]:
    """``SEV1`` is also ``sev-1``, ``SEV 1``, ``severity 1`` and ``1``; so are what texts print, and the name
    up to a bracket.
    """
    yield from (name, one.shown or name, one.label or name)
    yield from filter(None, (one.name.strip(), one.name.split("(")[0].strip()))
    numbered = _NUMBERED.fullmatch(name)
    if numbered:
        letters, number = numbered.groups()
        yield from (number, f"{letters}-{number}", f"{letters} {number}")
        if letters.lower() == "sev":
            yield from (f"severity{number}", f"severity-{number}", f"severity {number}")
