"""Finds commands in a comment. They are looked for in the Markdown tree, so code, quotes and HTML never
execute.

A command is a line of a paragraph that begins with ``/word``; its text runs on to the next command. Lines
that are not taken for one although they look like one are found too, so that the person hears why nothing
happened.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from itertools import chain, groupby, islice, repeat
from typing import TYPE_CHECKING, ClassVar

from allclear.core.conversation.mail import parted
from allclear.core.conversation.several import pieces
from allclear.core.conversation.slash import (
    ONLY_KNOWN,
    TAKEN,
    How,
    Shape,
    Shapes,
    SlashWord,
    begins,
    unknown,
)
from allclear.core.model.patterns import lazy_regex
from allclear.core.model.structs import PartlyCompared, replace

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

LONGEST_BODY = 65_536
"""Characters GitHub accepts in a comment; more than that is not looked at."""

MOST_CALLS = 100
"""Commands taken from one comment.
One more is found, so that it can be answered with a refusal; the rest is not read.
"""

MOST_LINES = 2_000
"""Lines of one comment that begin with a slash-word, code and quotes included; the rest is not looked at."""

MOST_ALIKE = 3
"""Lines that are the same, one after the other, that Markdown is asked about (fault H16)."""

_PLAIN_BEGINNINGS = frozenset("/@(\"'")
"""Beside letters, what a line may begin with that is a line of a paragraph whatever stands around it."""
_INLINE = "`<\\"
"""What hides a part of a paragraph: code, HTML, and what takes the meaning of these."""

_OPEN, _CLOSE = "\ue000", "\ue001"
"""Private-use signs around the line number that stands in front of a candidate's
slash while Markdown is parsed; input loses them.
"""
_MARK = lazy_regex(rf"{_OPEN}(\d+){_CLOSE}")
_HTML = lazy_regex(rf"<!--|-->|<(/?)([A-Za-z][A-Za-z0-9-]*)[^<>]*>|{_OPEN}(\d+){_CLOSE}")
_VOID = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"}
)
_HIDING = frozenset({"blockquote", "code", "del", "details", "pre", "s", "script", "style", "textarea"})
"""What stands between these tags is folded, quoted, struck out or code."""


class Typed(PartlyCompared, frozen=True):
    """A command as written: ``word`` without its slash, the rest of its ``line``, the lines ``below`` it.

    ``how`` it stands there; ``bare_only``: it counts only bare. ``place``: which of the comment's it is, for
    ever: the number of a bare one among those, the line of any other.
    """

    word: str
    line: str
    below: str
    how: How = "bare"
    bare_only: bool = False
    place: str = ""
    aside: ClassVar[frozenset[str]] = frozenset({"place"})

    @property
    def typed(self) -> str:
        """The command's own line, for quoting it back."""
        return f"/{self.word} {self.line}".rstrip()

    @property
    def look_alike(self) -> bool:
        """Whether it only looks like a command, for its slash is another sign."""
        return self.how == "look-alike"

    @property
    def told(self) -> bool:
        """Whether it is not done where it stands, and the person is told what to write."""
        return not self.look_alike and (self.how not in TAKEN or (self.bare_only and self.how != "bare"))


@cache
def _markdown() -> MarkdownIt:
    # Imported on first use: most comments are plain, or have no command.
    from markdown_it import MarkdownIt  # noqa: PLC0415 - deferred for start-up time, see benchmarks/

    # What cannot hide a line is not parsed: emphasis and brackets cost time on hostile input (fault H16), and
    # the inside of a paragraph is read by _line_starts, where it has a candidate.
    # Deeper than maxNesting the rest of a text is dropped; its default of 20 is ten lists in one another.
    return MarkdownIt("commonmark", {"maxNesting": 100}).disable(
        ["inline", "emphasis", "link", "image", "autolink", "entity"]
    )


def find(body: str, shapes: Shapes = unknown) -> tuple[Typed, ...]:
    """The commands of a comment, in order. Never raises; takes time linear in the length of the body.
    ``shapes``: what has to be known of the commands there are.
    """
    lines, cut_off = parted(_lines(body[:LONGEST_BODY]))
    begun = ((n, begins(line)) for n, line in enumerate(lines))
    candidates = dict(islice(((n, found) for n, found in begun if found is not None), MOST_LINES))
    below = islice(_cut_off(cut_off, len(lines), shapes), MOST_CALLS)
    if not candidates:
        return tuple(below)
    # Where there are too many, the lines behind the last one that counts decide nothing.
    read = max(candidates) + 1 if len(candidates) == MOST_LINES else len(lines)
    live = _live_lines(lines[:read], candidates)
    found = _with_texts(islice(_typed(live, candidates, shapes), MOST_CALLS + 1), lines)
    return tuple(chain(found, below))


def _cut_off(lines: list[str], before: int, shapes: Shapes) -> Iterator[Typed]:
    """The commands of ours in what a mail's mark cuts off, below so many lines ``before`` it: nobody knows
    whose they are.
    """
    for n, line in enumerate(lines, before):
        found = begins(line)
        shape = shapes(found.word) if found is not None and found.how == "bare" else None
        if found is not None and shape is not None:
            yield Typed(found.word, found.line, "", "mail", shape.bare, f"d{n}")


def _typed(
    live: Mapping[int, How], candidates: Mapping[int, SlashWord], shapes: Shapes
) -> Iterator[tuple[int, Typed]]:
    """The commands without the lines below them, each with the number of its line."""
    bare = 0
    for n in sorted(live):
        found = replace(candidates[n], how=live[n])
        if found.how in ONLY_KNOWN and shapes(found.word) is None:
            continue
        parts = tuple(islice(pieces(found, shapes), MOST_CALLS + 1))
        if found.how == "run together" and len(parts) == 1:
            continue  # It is a path.
        for part, piece in enumerate(parts):
            place = f"d{n}" if part == 0 else f"d{n}-{part}"
            if (
                part == 0
                and candidates[n].how in ("bare", "look-alike")
                and found.how in ("bare", "look-alike")
            ):
                place, bare = str(bare), bare + 1
            only = (shapes(piece.word) or Shape()).bare
            yield n, Typed(piece.word, piece.line, "", piece.how, only, place)


def _with_texts(found: Iterator[tuple[int, Typed]], lines: list[str]) -> Iterator[Typed]:
    """Each with the lines below it, as far as the next that is taken or only looks like a command."""
    numbered = list(found)
    after = len(lines)
    backwards = []
    for n, typed in reversed(numbered):
        below = "" if typed.told or typed.look_alike else "\n".join(lines[n + 1 : after]).rstrip()
        backwards.append(Typed(typed.word, typed.line, below, typed.how, typed.bare_only, typed.place))
        after = after if typed.told else n
    yield from reversed(backwards)


def _lines(body: str) -> list[str]:
    """The lines of a comment. Other signs that end lines for Python do not here."""
    return body.replace("\r\n", "\n").replace("\r", "\n").replace(_OPEN, "").replace(_CLOSE, "").split("\n")


def _marked(number: int, line: str, found: SlashWord | None) -> str:
    """The line with its number in front of its slash, where it has one."""
    return line if found is None else f"{line[: found.at]}{_OPEN}{number}{_CLOSE}{line[found.at :]}"


def _live_lines(lines: list[str], candidates: Mapping[int, SlashWord]) -> dict[int, How]:
    """The numbers of the lines that are no code, quote, hidden HTML or folded detail, each with how its
    command stands there.
    """
    if all(map(_plain, lines)):
        # Nothing to parse; Markdown's parser alone would take a tenth of the run for such a comment.
        return {n: found.how for n, found in candidates.items()}
    marked = [_marked(n, line, candidates.get(n)) for n, line in enumerate(lines)]
    live: dict[int, How] = {}
    quotes = folded = 0
    heading = ""
    for token in _markdown().parse("\n".join(_without_repeats(marked))):
        if token.type == "blockquote_open":
            quotes += 1
        elif token.type == "blockquote_close":
            quotes -= 1
        elif token.type in ("heading_open", "heading_close"):
            heading = token.markup if token.nesting > 0 else ""
        elif token.type == "html_block":
            folded = _html_lines(token.content, folded, candidates, live)
        elif token.type == "inline" and not folded:
            for number, how in _line_starts(token, candidates):
                live[number] = _standing(how, quoted=quotes > 0, heading=heading)
    return live


def _plain(line: str) -> bool:
    """Whether the line is text for Markdown too, among others of which that is true: it begins no list,
    quote, heading, code, HTML or address, and none begins in it.
    """
    if not line.strip(" "):
        return True
    return (line[0].isalpha() or line[0] in _PLAIN_BEGINNINGS) and not any(sign in line for sign in _INLINE)


def _without_repeats(marked: list[str]) -> Iterator[str]:
    """The lines without most of those that only repeat the one above: what follows stands as it did, in the
    same list, quote or paragraph. Each fence, tag and underline counts, and no candidate is like another.
    """
    for line, same in groupby(marked):
        count = sum(1 for _ in same)
        counts = any(sign in line for sign in "`~<=")
        yield from repeat(line, count if counts else min(count, MOST_ALIKE))


def _standing(how: How, *, quoted: bool, heading: str) -> How:
    """How a line's command stands in a quote or heading. A line without ``>`` that follows a quote is part of
    it, and a line above a ``---`` is a heading, without anybody meaning it.
    """
    if how not in ("bare", "dressed"):
        return how
    if quoted:
        return "quote"
    return "dressed" if heading else how


def _line_starts(inline: Token, candidates: Mapping[int, SlashWord]) -> Iterator[tuple[int, How]]:
    """The marked lines that begin with text, or are a code span, and do not stand in the middle of a code
    span or an HTML comment.
    """
    if _OPEN not in inline.content:
        return
    children: list[Token] = []
    _markdown().inline.parse(inline.content, _markdown(), {}, children)
    for child in children:
        for match in _MARK.finditer(child.content) if child.type in ("text", "code_inline") else ():
            how = candidates[int(match[1])].how
            if child.type == "text" or how == "code":
                yield int(match[1]), how


def _html_lines(html: str, folded: int, candidates: Mapping[int, SlashWord], live: dict[int, How]) -> int:
    """Put the lines of a block of HTML into ``live`` that are seen: those outside of all tags are text, as
    below a screenshot that was pasted. Returns how many details are open behind it, ``folded`` before it.
    """
    opened = hidden = 0
    comment = html.startswith(("<?", "<!")) and not html.startswith("<!--")
    for found in _HTML.finditer(html):
        ends, tag, mark = found[1], (found[2] or "").lower(), found[3]
        if not tag and not mark:
            comment = found[0] == "<!--"
        elif comment:
            continue
        elif tag == "details":
            folded = max(0, folded + (-1 if ends else 1))
        elif tag in _HIDING:
            hidden = max(0, hidden + (-1 if ends else 1))
        elif tag and tag not in _VOID and not found[0].endswith("/>"):
            opened = max(0, opened + (-1 if ends else 1))
        elif mark and not (folded or hidden):
            how = candidates[int(mark)].how
            live[int(mark)] = how if how not in ("bare", "dressed") else "html" if opened else "dressed"
    return folded
