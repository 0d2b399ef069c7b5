"""The page about every rule of the runbooks that people wrote down: where it stands, and what shows it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

from msgspec import Struct
from pydantic import Field

from allclear.adapters.files.runbooks import at, find, items_of
from allclear.adapters.files.sentences import dotted
from allclear.core.language.checking import ENGINE as BY_THE_ENGINE
from allclear.core.language.known_names import Where
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
}
"""What becomes of what stands under a key of a runbook. Of the other keys it depends on what is said there,
and else people are shown it.
"""

BY_ENTRY: Mapping[str, tuple[tuple[str, Kind], ...]] = {
    "lists": (("before", "enforced"), ("due", "executed")),
    "steps": (("done", "executed"), ("run", "executed")),
    "measures": (("recovered", "enforced"),),
    "meeting": (("invite", "executed"),),
    "horizons": (("within", "executed"),),
    "immediate": (("when", "executed"), ("for", "executed")),
}
"""The keys of an entry that make more of it than something to read."""

INTRO = (
    "Each number is a rule of a runbook that people wrote down before. Executed: Allclear does it by itself, "
    "or when somebody writes the command that stands there. Enforced: something waits for it, or is refused "
    "without it. Rendered: people are shown it where they need it. Only text: it stands in the runbook, for "
    "the reason given. Channel: later: its words and its clock run and stand in the issue, and are not sent "
    "to the phone, chat, mail or page yet."
)
LACKING = "no test yet"
COMMAND = "`/"
"""How a text names what people write."""


class CoverageProof(Frozen):
    """What people add to the page, by the rules' numbers: ``tests`` that show a rule, ``text``: why a rule is
    only text, ``open``: what is known to lack a test, with what it waits for, and ``later``: what else is for
    a channel to which nothing is sent yet.
    """

    tests: dict[str, Texts] = Field(default_factory=dict)
    text: dict[str, str] = Field(default_factory=dict)
    open: dict[str, str] = Field(default_factory=dict)
    later: tuple[str, ...] = ()


class CoveredItem(Struct, frozen=True):
    """A rule of a runbook: where it stands, what becomes of it, the strongest first, and what shows it.

    ``runbook``: the path of its file; ``places``: the keys in it that say the rule; ``later``: it is for a
    channel that nothing is sent to yet; ``waits``: what its missing test waits for.
    """

    runbook: str
    number: str
    places: tuple[str, ...]
    kinds: tuple[Kind, ...]
    later: bool
    tests: tuple[str, ...]
    reason: str
    waits: str

    @property
    def missing(self) -> str:
        """What the page still lacks about it; empty for nothing."""
        if self.kinds == ("only text",):
            return "" if self.reason else f"{self.number} is only text: say why"
        return "" if self.tests else f"{self.number} is {self.told}: name the test that shows it"

    @property
    def told(self) -> str:
        """``executed and enforced``."""
        return " and ".join(self.kinds)

    @property
    def row(self) -> str:
        """Its row of the table."""
        places = ", ".join(f"`{place}`" for place in self.places)
        kind = f"{self.told}; channel: later" if self.later else self.told
        shown = ", ".join(f"`{test}`" for test in self.tests) or self.reason
        lacking = ": ".join(filter(None, (LACKING, self.waits)))
        return f"| {self.number} | {places} | {kind} | {shown or lacking} |"


def covered(root: Path, names: Iterable[str], proof: CoverageProof) -> Iterator[CoveredItem]:
    """Every rule of these runbooks, in order. Raises UnreadableError."""
    for name in names:
        written = find(root, name)
        said = _places(written.source.value)
        for number, lines in items_of(root, name).items():
            paths = said.get(number, [])
            found = {kind for path in paths for kind in kinds_of(written.source.value, path)}
            places = [dotted(path) for path in paths]
            if BY_THE_ENGINE in lines:
                found.add("executed")
                places.append("the engine")
            reason = proof.text.get(number, "")
            yield CoveredItem(
                written.path,
                number,
                tuple(dict.fromkeys(places)),
                ("only text",) if reason else tuple(kind for kind in ORDER if kind in found),
                number in proof.later or any(_later(written.source.value, path) for path in paths),
                proof.tests.get(number, ()),
                reason,
                proof.open.get(number, ""),
            )


def coverage(found: Iterable[CoveredItem]) -> str:
    """The page (Markdown)."""
    rows = tuple(found)
    lacking = [one.number for one in rows if one.missing]
    told = (
        f"Of {len(rows)} rules, {len(rows) - len(lacking)} have a test or a reason. "
        f"Without a test: {', '.join(lacking)}."
        if lacking
        else f"All {len(rows)} rules have a test or a reason."
    )
    counts = ", ".join(f"{sum(kind in one.kinds for one in rows)} are {kind}" for kind in ORDER)
    lines = ["# What becomes of every rule", "", INTRO, "", f"{told} {counts}."]
    for path in dict.fromkeys(one.runbook for one in rows):
        lines += ["", f"## `{path}`", "", "| Rule | Where it stands | What becomes of it | What shows it |"]
        lines += ["| --- | --- | --- | --- |", *(one.row for one in rows if one.runbook == path)]
    return "\n".join(lines) + "\n"


def unproved(found: Iterable[CoveredItem]) -> tuple[str, ...]:
    """What the page still lacks, a sentence each."""
    return tuple(one.missing for one in found if one.missing)


def kinds_of(value: Any, path: Where) -> set[Kind]:
    """What becomes of what stands at a path of the file, and of what it holds: more than that it is shown,
    where there is more.
    """
    if path[0] in BY_KEY:
        return {BY_KEY[str(path[0])]}
    above = [str(part) for part in path]
    group = next((part for part in reversed(above) if part in BY_ENTRY), "")
    kinds = set(_inside(at(value, path), BY_ENTRY.get(group, ())))
    if group == "steps":  # It is done with the list that it stands in.
        kinds |= {kind for key, kind in BY_ENTRY["lists"] if key in at(value, path[: above.index("steps")])}
    return kinds or {"rendered"}


def _inside(entry: Any, keys: Iterable[tuple[str, Kind]]) -> Iterator[Kind]:
    """What becomes of an entry, or of those in it: by its keys, and by the commands that its texts name."""
    if isinstance(entry, str) and COMMAND in entry:
        yield "executed"
    if isinstance(entry, dict):
        yield from (kind for key, kind in keys if key in entry)
        for key, inner in entry.items():
            yield from _inside(inner, BY_ENTRY.get(str(key), keys))
    if isinstance(entry, list):
        for inner in entry:
            yield from _inside(inner, keys)


def _later(value: Any, path: Where) -> bool:
    """Whether what stands there goes to a channel beside the issue."""
    if path[0] == "channels":
        return True
    entry = at(value, path[:2]) if path[0] == "voices" else {}
    return set(one_or_more(entry.get("to", ()))) - {"issue"} != set()


def _places(value: Any) -> dict[str, list[Where]]:
    """The paths of the entries that stand for each rule."""
    found = dict[str, list[Where]]()
    for path, numbers in _named(value, ()):
        for number in numbers:
            found.setdefault(number, []).append(path)
    for number, paths in value.get("items", {}).items():
        for one in one_or_more(paths):
            if one != BY_THE_ENGINE:
                found.setdefault(str(number), []).append(tuple(str(one).split(".")))
    return found


def _named(value: Any, path: Where) -> Iterator[tuple[Where, tuple[str, ...]]]:
    """Every entry that names rules, with their numbers."""
    if isinstance(value, dict):
        if "item" in value:
            yield path, tuple(map(str, one_or_more(value["item"])))
        for key, inner in value.items():
            yield from _named(inner, (*path, str(key)))
    if isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _named(inner, (*path, index))
