"""A strict reader of YAML: text, lists and mappings, and where each stands. No value is guessed from its
looks.

Every scalar is text, so ``no``, ``007``, ``14:15`` and ``2025-10-19`` stay what was typed; the schema makes
numbers and booleans of them. Anchors, aliases, tags, a second document, doubled keys and deep nesting are
refused (E17).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from msgspec import Struct

from allclear.core.model.patterns import lazy_regex

DEEPEST = 20

Path = tuple[int | str, ...]


NOTHING = ("", "~", "null")
"""A value left out, as YAML writes it; in quotes they are text."""


CLOCK = lazy_regex(r"\d{1,3}:\d\d(:\d\d)?")
"""What other readers of YAML take for a number of base sixty (https://yaml.org/type/int.html)."""

CUT = lazy_regex(r"\s*#\S")
"""A comment that was hardly meant as one: there is no blank behind the sign."""


class Mistake(Exception):  # noqa: N818 - it is the person's, and reads like that where it is caught
    """Something that may not stand there; the message begins with the line."""


class Source(Struct, frozen=True):
    """``value`` is text, a list or a mapping.
    ``lines`` has the line, from 1, of each key and item by its path. ``doubts``: what is YAML and was hardly
    meant, each with its line.
    """

    value: Any
    lines: dict[Path, int]
    doubts: tuple[tuple[int, str], ...] = ()

    def line(self, path: Path) -> int:
        """The line of what stands at ``path``, or of the nearest thing around it that stands in the file."""
        for length in range(len(path), 0, -1):
            if path[:length] in self.lines:
                return self.lines[path[:length]]
        return 1


def load(text: str) -> Source:
    """Read YAML text. Keys without a value are left out, except where null means something (the names of
    ``services``, what a check has to ``expect``); an empty file is a mapping. Raises Mistake.
    """
    import yaml  # noqa: PLC0415 - not for a pass that has the settings in its checkpoint

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    lines: dict[Path, int] = {}
    try:
        reader = _Reader(yaml, yaml.parse(text, Loader=loader), lines, text.splitlines())
        value = reader.document()
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise Mistake(f"line {line}: this is not YAML: {error.reason}.") from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        raise Mistake(f"line {line}: this is not YAML: {error.problem}. {_hint(error, text)}") from error
    return Source({} if value is None else value, lines, tuple(reader.doubts))


def _hint(error: Any, text: str) -> str:
    """What to do about a problem of libyaml's (https://github.com/yaml/libyaml/blob/master/src/parser.c)."""
    problem, mark = str(error.problem), error.problem_mark
    opened = f" that line {error.context_mark.line + 1} opens" if error.context_mark else ""
    if "',' or" in problem:
        return f"Close the bracket{opened}."
    if "end of stream" in problem:
        return f"Close the quote{opened}."
    if "tab character" in problem or _sign(text, mark) == "\t":
        return f"Indent with blanks, not with a tab.{_written(_line_at(text, mark).expandtabs(2))}"
    if "cannot start any token" in problem:
        return "Put this text in quotes; a login stands there without the @."
    if "escape character" in problem:
        return "Put this text in single quotes, where a backslash is one."
    if "node content" in problem:
        return "Put this text in quotes, or look for a bracket too many."
    if "mapping values" in problem:
        name, _, rest = _line_at(text, mark).partition(": ")
        quoted = "" if not rest or set("{}[]'\"") & set(rest) else f'{name}: "{rest.strip()}"'
        return (
            "A colon ends a name: indent this line as it should be, or put a text with a colon in quotes."
            f"{_written(quoted)}"
        )
    return "Indent this line like those that it belongs to, and look for a colon or a quote that is missing."


def _sign(text: str, mark: Any) -> str:
    """The sign at a mark; empty at the end of the text."""
    return _line_at(text, mark)[mark.column : mark.column + 1] if mark else ""


def _line_at(text: str, mark: Any) -> str:
    """The line of a mark; empty at the end of the text."""
    lines = text.splitlines()
    return lines[mark.line] if mark and mark.line < len(lines) else ""


def _written(line: str) -> str:
    """The line as it should be, behind a sentence."""
    return f" Write `{line.strip()}`." if line.strip() else ""


class _Reader:
    """Builds the value from the parser's events, one at a time."""

    def __init__(self, yaml: Any, events: Iterator[Any], lines: dict[Path, int], text: Sequence[str]) -> None:
        self.doubts: list[tuple[int, str]] = []
        self._text = text
        self._yaml = yaml
        self._events = events
        self._lines = lines

    def document(self) -> Any:
        """The value of the only document; None when there is none."""
        yaml = self._yaml
        value, seen = None, False
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent):
                if seen:
                    raise Mistake(f"line {_line(event)}: a second document begins here; keep one.")
                seen = True
                value = self._value(next(self._events), ())
        return value

    def _value(self, event: Any, path: Path) -> Any:
        yaml = self._yaml
        if isinstance(event, yaml.AliasEvent):
            raise Mistake(f"line {_line(event)}: `*{event.anchor}` is an alias; write the value out.")
        if event.anchor is not None:
            raise Mistake(
                f"line {_line(event)}: `&{event.anchor}` is an anchor; write the value out where it is used."
            )
        if event.tag is not None:
            raise Mistake(f"line {_line(event)}: tags such as `{event.tag}` are not understood; remove it.")
        if len(path) > DEEPEST:
            raise Mistake(f"line {_line(event)}: nested deeper than {DEEPEST} levels.")
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(path)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(path)
        plain = event.implicit[0]
        if plain:
            self._doubt(event, str(path[-1]) if path and isinstance(path[-1], str) else "")
        return None if plain and event.value in NOTHING else event.value

    def _doubt(self, event: Any, name: str) -> None:
        """Keep what other readers, or the person who wrote it, take for something else."""
        before = f"{name}: " if name else ""
        line = self._text[event.end_mark.line] if event.end_mark.line < len(self._text) else ""
        rest = line[event.end_mark.column :]
        if CUT.match(rest):
            whole = f'{before}"{event.value}{rest.rstrip() if event.value else rest.strip()}"'
            why = f"`#` begins a comment, so nothing behind it counts. Write `{whole}`, or a blank behind it."
            self.doubts.append((_line(event), why))
        if CLOCK.fullmatch(event.value):
            why = f'other readers of YAML take {event.value} for a number. Write `{before}"{event.value}"`.'
            self.doubts.append((_line(event), why))

    def _mapping(self, path: Path) -> dict[str, Any]:
        found: dict[str, Any] = {}
        seen: set[str] = set()
        while not isinstance(event := next(self._events), self._yaml.MappingEndEvent):
            key = self._value(event, path)
            if not isinstance(key, str):
                raise Mistake(f"line {_line(event)}: a name has to stand before the colon.")
            if key in seen:
                raise Mistake(f"line {_line(event)}: `{key}` is there twice; keep one.")
            seen.add(key)
            self._lines[(*path, key)] = _line(event)
            value = self._value(next(self._events), (*path, key))
            # Of a service nothing may be known, and an answer may have to be null.
            if value is not None or path == ("services",) or path[-1:] == ("expect",):
                found[key] = value
        return found

    def _sequence(self, path: Path) -> list[Any]:
        found: list[Any] = []
        while not isinstance(event := next(self._events), self._yaml.SequenceEndEvent):
            here = (*path, len(found))
            self._lines[here] = _line(event)
            value = self._value(event, here)
            if value is None:
                raise Mistake(f"line {_line(event)}: this item of the list is empty.")
            found.append(value)
        return found


def _line(event: Any) -> int:
    line: int = event.start_mark.line + 1
    return line
