"""A report file line by line: its front matter, its headings, and what people read below each."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import takewhile

from msgspec import Struct

from allclear.core.model.patterns import lazy_regex

_HEADING = lazy_regex(r"(#{1,6})[ \t]{1,200}(?=\S)")
_FENCE = lazy_regex(r"[ ]{0,3}(`{3,}|~{3,})")
_TICKS = lazy_regex(r"`+")
_ESCAPED = lazy_regex(r"\\.")
_AROUND = " \t"
_DRESS = lazy_regex(r"^(?:\d{1,2}[.)])?[\W_]{0,20}|[\s:*_`]{1,20}$")
"""What people put around the words of a heading: a number or a sign in front, emphasis, a colon behind."""


def _title(text: str) -> tuple[int, str] | None:
    """The level and the words of a heading; None of any other line."""
    begin = _HEADING.match(text)
    if begin is None:
        return None
    words = text[begin.end() :].rstrip()
    # Signs that close it stand apart from its words (https://spec.commonmark.org/0.31.2/#atx-headings).
    bare = words.rstrip("#")
    return len(begin[1]), bare.rstrip() if not bare or bare[-1] in _AROUND else words


def bare_heading(text: str) -> str:
    """A heading without what people put around its words, in one case."""
    text = text.strip()[:LONGEST_HEADING]
    return _DRESS.sub("", _DRESS.sub("", text, count=1)).casefold() or text.casefold()


LONGEST_HEADING = 300
"""Characters of a heading that are compared."""


class Line(Struct, frozen=True):
    """One line: its number in the file, from 1, and its text. ``code``: it stands in a fenced block."""

    number: int
    text: str
    code: bool = False

    @property
    def heading(self) -> bool:
        """Whether it is one, of any level."""
        return not self.code and self.text.startswith("#") and _title(self.text) is not None

    @property
    def indent(self) -> int:
        """How many columns it stands in from the left; a tab is four."""
        begin = self.text[: len(self.text) - len(self.text.lstrip())]
        return len(begin.expandtabs(4))


class Chapter(Struct, frozen=True):
    """A heading of the second level with the lines below it; ``heading`` is empty above the first one."""

    heading: str
    number: int
    lines: tuple[Line, ...]

    @property
    def prose(self) -> Iterator[Line]:
        """The lines that are no code and no heading, and have text."""
        return (line for line in self.lines if not (line.code or line.heading) and line.text.strip())


class ReportOutline(Struct, frozen=True):
    """``front`` are the lines between the two ``---``, empty when the file has no front matter."""

    front: tuple[Line, ...]
    chapters: tuple[Chapter, ...]

    def chapter(self, heading: str) -> Chapter | None:
        """The first chapter of that heading, in any case, however people have numbered or marked it."""
        wanted = bare_heading(heading)
        near = (one for one in self.chapters if wanted in one.heading.casefold())
        return next((one for one in near if bare_heading(one.heading) == wanted), None)

    def front_line(self, key: str) -> int:
        """The number of the line that begins with ``key:``; 1 when there is none."""
        return next((line.number for line in self.front if line.text.startswith(f"{key}:")), 1)


def outline(text: str) -> ReportOutline:
    """Take a report apart. HTML comments are blanked out, for people do not see them."""
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").split("\n")
    front = _front(lines)
    begin = len(front) + 2 if front else 0
    chapters = [(Line(begin + 1, ""), "", list[Line]())]
    for line in _shown(lines, begin):
        title = None if line.code else _title(line.text)
        if title is not None and title[0] == 2:
            chapters.append((line, title[1], []))
        else:
            chapters[-1][2].append(line)
    return ReportOutline(
        tuple(front), tuple(Chapter(heading, at.number, tuple(below)) for at, heading, below in chapters)
    )


def _front(lines: list[str]) -> list[Line]:
    if lines[0].rstrip() != "---":
        return []
    inside = list(takewhile(lambda text: text.rstrip() != "---", lines[1:]))
    return [Line(n, text) for n, text in enumerate(inside, 2)] if len(inside) < len(lines) - 1 else []


def _shown(lines: list[str], begin: int) -> Iterator[Line]:
    """The lines from ``begin`` on as they are read: comments gone, fenced ones marked."""
    fence, comment = "", False
    for number, text in enumerate(lines[begin:], begin + 1):
        if fence:
            yield Line(number, text, code=True)
            ends = _FENCE.match(text)
            fence = "" if ends and ends[1].startswith(fence) and not text.strip(" `~") else fence
            continue
        shown = text
        if comment or "<!--" in text:
            shown, comment = _without_comments(text, inside=comment)
        begins = _FENCE.match(shown)
        if begins:
            fence = begins[1]
        yield Line(number, shown, code=begins is not None)


def _without_comments(text: str, *, inside: bool) -> tuple[str, bool]:
    """The text outside of HTML comments, and whether one goes on in the next line."""
    kept, at, literal = "", 0, _literal(text)
    while at < len(text):
        mark = "-->" if inside else "<!--"
        found = text.find(mark, at)
        while found in literal and not inside:
            found = text.find(mark, found + 1)
        end = len(text) if found < 0 else found
        kept += "" if inside else text[at:end]
        inside = inside != (found >= 0)
        at = end + len(mark)
    return kept, inside


def _literal(text: str) -> frozenset[int]:
    """Where a ``<`` is no more than that sign: behind a backslash, which is how we write what people said, or
    in code within the line.
    """
    found = {one.end() - 1 for one in _ESCAPED.finditer(text) if text[one.end() - 1] == "<"}
    ends: dict[str, int] = {}
    closing: dict[int, int] = {}
    runs = [(one.start(), one[0]) for one in _TICKS.finditer(text)]
    for at, ticks in reversed(runs):
        closing[at] = ends.get(ticks, -1)
        ends[ticks] = at
    over = 0
    for at, _ in runs:
        if at >= over and closing[at] > at:
            over = closing[at] + 1
            found |= {place for place in range(at, over) if text[place] == "<"}
    return frozenset(found)
