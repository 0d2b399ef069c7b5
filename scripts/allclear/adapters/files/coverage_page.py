"""The page about every rule of the runbooks that people wrote down: where it stands, and what shows it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from allclear.adapters.files.runbooks import at, find, items_of
from allclear.core.language.checking import ENGINE, Where
from allclear.core.model.frozen import Frozen, Texts, one_or_more

Kind = Literal["executed", "enforced", "rendered", "only text"]
ORDER: tuple[Kind, ...] = ("executed", "enforced", "rendered", "only text")

BY_KEY: Mapping[str, Kind] = {
    "severities": "executed",
    "calendars": "executed",
    "chains": "executed",
    "rules": "executed",
    "flags": "executed",
    "roles": "executed",
    "voices": "executed",
    "routines": "executed",
    "patterns": "executed",
    "measures": "enforced",
    "lists": "enforced",
    "review": "enforced",
    "zone": "rendered",
    "phases": "rendered",
    "detection": "rendered",
    "causes": "rendered",
    "rollback": "rendered",
    "contacts": "rendered",
    "channels": "rendered",
    "states": "rendered",
    "look": "rendered",
    "links": "rendered",
    "about": "only text",
}
"""What becomes of what stands under a key of a runbook."""


INTRO = (
    "Each number is a rule of a runbook that people wrote down before. Executed: Allclear does it by itself. "
    "Enforced: something waits for it, or is refused without it. Rendered: people are shown it where they "
    "need it. Only text: it stands in the runbook, for the reason given."
)


class CoverageProof(Frozen):
    """What people add to the page: ``tests`` that show a rule, and ``text``: why a rule is only text, by the
    rules' numbers.
    """

    tests: dict[str, Texts] = Field(default_factory=dict)
    text: dict[str, str] = Field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CoveredItem:
    """A rule of a runbook: where it stands, the strongest thing that becomes of it, and what shows it."""

    number: str
    places: tuple[str, ...]
    kind: Kind
    tests: tuple[str, ...]
    reason: str

    @property
    def missing(self) -> str:
        """What the page still lacks about it; empty for nothing."""
        if self.kind == "only text":
            return "" if self.reason else f"{self.number} is only text: say why"
        return "" if self.tests else f"{self.number} is {self.kind}: name the test that shows it"


def covered(root: Path, names: Iterable[str], proof: CoverageProof) -> Iterator[CoveredItem]:
    """Every rule of these runbooks, in order. Raises UnreadableError."""
    for name in names:
        written = find(root, name)
        kinds = _kinds(written.source.value, written.source.lines)
        for number, lines in items_of(root, name).items():
            found = {kinds.get((number, line)) if isinstance(line, int) else "executed" for line in lines}
            strongest = next((kind for kind in ORDER if kind in found), ORDER[-1])
            places = tuple("the engine" if one == ENGINE else f"{written.path}:{one}" for one in lines)
            tests = proof.tests.get(number, ())
            reason = proof.text.get(number, "")
            yield CoveredItem(number, places, "only text" if reason else strongest, tests, reason)


def coverage(found: Iterable[CoveredItem]) -> str:
    """The page (Markdown)."""
    rows = [
        f"| {one.number} | {', '.join(f'`{place}`' for place in one.places)} | {one.kind} | "
        f"{', '.join(f'`{test}`' for test in one.tests) or one.reason} |"
        for one in found
    ]
    head = [
        "# What becomes of every rule",
        "",
        INTRO,
        "",
        "| Rule | Where it stands | What becomes of it | The test that shows it |",
        "| --- | --- | --- | --- |",
    ]
    return "\n".join([*head, *rows]) + "\n"


def unproved(found: Iterable[CoveredItem]) -> tuple[str, ...]:
    """What the page still lacks, a sentence each."""
    return tuple(one.missing for one in found if one.missing)


def _kinds(value: Any, lines: Mapping[Where, int]) -> dict[tuple[str, int], Kind]:
    """What becomes of a rule at a line, by its number and the line."""
    found = dict[tuple[str, int], Kind]()
    for path, line in lines.items():
        if path[-1] == "item":
            for number in one_or_more(at(value, path)):
                found[str(number), line] = BY_KEY[str(path[0])]
    for number, paths in value.get("items", {}).items():
        for one in one_or_more(paths):
            where = tuple(str(one).split("."))
            if where in lines:
                found[str(number), lines[where]] = BY_KEY.get(where[0], "rendered")
    return found
