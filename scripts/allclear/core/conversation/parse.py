"""Finds commands in a comment. They are looked for in the Markdown tree, so code, quotes and HTML never
execute.

A command is a line of a paragraph that begins with ``/word``; its text runs on to the next command. Lines
that only look like one (full-width slash, zero-width signs in front) are found too, so that the person hears
why nothing happened.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import islice, pairwise
from typing import TYPE_CHECKING

from allclear.core.conversation.mail import own

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

LONGEST_BODY = 65_536
"""Characters GitHub accepts in a comment; more than that is not looked at."""

MOST_CALLS = 100
"""Commands taken from one comment.
One more is found, so that it can be answered with a refusal; the rest is not read.
"""

_WORD = re.compile(r"/([^\W\d_][\w-]{0,39}|[^\W_]{1,20})(?=[\s:]|$)")
_LOOK_ALIKE = re.compile(r"\s{0,3}/[A-Za-z][A-Za-z0-9-]{0,39}(?=\s|:|$)")
_DETAILS = re.compile(r"<(/?)details\b", re.IGNORECASE)
_PATHS = frozenset(
    {"bin", "boot", "dev", "etc", "home", "lib", "media", "mnt", "opt", "proc", "root"}
) | frozenset({"sbin", "srv", "sys", "tmp", "usr", "var"})
_OPEN, _CLOSE = "\ue000", "\ue001"
"""Private-use signs around the line number that stands for a candidate's
slash while Markdown is parsed; input loses them.
"""
_MARKED = re.compile(rf"\s*{_OPEN}(\d+){_CLOSE}")


@dataclass(frozen=True, slots=True)
class Typed:
    """A command as written: ``word`` without its slash, the rest of its ``line``, the lines ``below`` it.

    ``look_alike``: it is not a command, it only looks like one.
    """

    word: str
    line: str
    below: str
    look_alike: bool = False

    @property
    def typed(self) -> str:
        """The command's own line, for quoting it back."""
        return f"/{self.word} {self.line}".rstrip()


@cache
def _markdown() -> MarkdownIt:
    # Imported on first use: most runs read entries and find no new text to parse.
    from markdown_it import MarkdownIt  # noqa: PLC0415 - deferred for start-up time, see benchmarks/

    # What cannot hide a line is not parsed: emphasis and brackets cost time on hostile input (fault H16).
    # Deeper than maxNesting the rest of a text is dropped; its default of 20 is ten lists in one another.
    return MarkdownIt("commonmark", {"maxNesting": 100}).disable(
        ["emphasis", "link", "image", "autolink", "entity"]
    )


def find(body: str) -> tuple[Typed, ...]:
    """The commands of a comment, in order. Never raises; takes time linear in the length of the body."""
    lines = _own_lines(body[:LONGEST_BODY])
    kinds = ((n, _is_candidate(line)) for n, line in enumerate(lines))
    candidates = dict(islice(((n, kind) for n, kind in kinds if kind), MOST_CALLS + 1))
    if not candidates:
        return ()
    marked = [_marked(n, line) if n in candidates else line for n, line in enumerate(lines)]
    starts = sorted(_live_lines(marked))
    found = []
    for here, after in pairwise([*starts, len(lines)]):
        text = lines[here].strip()
        if candidates[here] == "look-alike":
            found.append(Typed(_folded(text).split()[0].lstrip("/"), "", "", look_alike=True))
            continue
        _, word, rest = _WORD.split(text, maxsplit=1)
        found.append(Typed(word, rest.lstrip(" \t:"), "\n".join(lines[here + 1 : after]).rstrip()))
    return tuple(found)


def _own_lines(body: str) -> list[str]:
    """The lines the person wrote: not the mail that was answered, nor a signature.
    Other signs that end lines for Python do not here.
    """
    lines = body.replace("\r\n", "\n").replace("\r", "\n").replace(_OPEN, "").replace(_CLOSE, "").split("\n")
    return own(lines)


def _folded(line: str) -> str:
    """The line as it looks to a hurried reader: compatibility forms folded, invisible signs gone."""
    text = unicodedata.normalize("NFKC", line[:200])
    text = "".join(
        sign for sign in text if unicodedata.category(sign) not in ("Cf", "Cc", "Mn", "Co") or sign == "\t"
    )
    return text.replace("\u2215", "/").replace("\u2044", "/").replace("\u29f8", "/").strip()


def _is_candidate(line: str) -> str:
    text = line.strip(" \t")
    if text.startswith("/"):
        match = _WORD.match(text)
        if match is None or match.group(1).lower() in _PATHS:
            return ""
        return "command"
    if text and not text[0].isascii() and _LOOK_ALIKE.match(_folded(text)):
        return "look-alike"
    return ""


def _marked(number: int, line: str) -> str:
    """The line with its number in front of its first sign; its indent stays, for four blanks make it code."""
    text = line.lstrip(" \t")
    return f"{line[: len(line) - len(text)]}{_OPEN}{number}{_CLOSE}{text}"


def _live_lines(marked: list[str]) -> set[int]:
    """The numbers of the lines that stand in a paragraph outside of
    quotes, code, headings, HTML and folded details.
    """
    live: set[int] = set()
    quotes = folded = headings = 0
    for token in _markdown().parse("\n".join(marked)):
        if token.type == "blockquote_open":
            quotes += 1
        elif token.type == "blockquote_close":
            quotes -= 1
        elif token.type in ("heading_open", "heading_close"):
            headings += token.nesting
        elif token.type == "html_block":
            folded = max(0, folded + sum(-1 if end else 1 for end in _DETAILS.findall(token.content)))
        elif token.type == "inline" and not (quotes or folded or headings):
            live.update(_line_starts(token))
    return live


def _line_starts(inline: Token) -> Iterator[int]:
    """The marked lines that begin with text, not in the middle of a code span or an HTML comment."""
    fresh = True
    for child in inline.children or ():
        match = _MARKED.match(child.content) if child.type == "text" and fresh else None
        if match is not None:
            yield int(match.group(1))
        fresh = child.type in ("softbreak", "hardbreak")
