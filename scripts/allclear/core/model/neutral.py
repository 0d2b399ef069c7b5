"""Text from people, made inert: it mentions nobody, refers to nothing, ends no marker and formats nothing.

Facts: https://docs.github.com/en/get-started/writing-on-github (mentions, references, autolinks).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Protocol

from allclear.core.model.errors import TextError
from allclear.core.model.patterns import lazy_regex

JOINER = "\u2060"
"""WORD JOINER: invisible, and GitHub finds neither mention nor reference across it."""

# The ampersand, because `&commat;` is an @ by the time that GitHub looks for mentions.
_MARKUP = lazy_regex(r"([\\`*_\[\]<>|~$&])")
_CALL = lazy_regex(r"([@#])(?=[\w])")
_GH = lazy_regex(r"\b(GH)-(?=\d)", re.IGNORECASE)
_URL = lazy_regex(r"(?i)\b(https?|ftp|mailto|javascript|data|file|vbscript):|\b(www)\.")
_LEADING = lazy_regex(r"^(\s{0,3})([-+=#]|\d{1,9}(?=[.)]))")


def plain(text: str) -> str:
    """``text`` in NFC without control, bidirectional, zero-width and
    other invisible signs; newlines and tabs stay.
    """
    clean = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    return "".join(
        sign
        for sign in clean
        if sign in "\n\t\u200d" or unicodedata.category(sign) not in ("Cc", "Cf", "Cs", "Co", "Cn")
    )


LONGEST_TAIL = 24
"""Characters that a cut gives up so that the last word is a whole one."""


def cut(text: str, limit: int) -> str:
    """At most ``limit`` characters of ``text``, up to the end of a word where one is near; a cut is shown by
    an ellipsis.
    """
    if len(text) <= limit:
        return text
    end = max(0, limit - 1)
    if not text[end].isspace():
        words = max(text.rfind(sign, max(0, end - LONGEST_TAIL), end) for sign in " \n")
        end = words if words > 0 else end
    return text[:end].rstrip() + "…"


def headline(text: str) -> str:
    """One line of plain text that mentions nobody and refers to nothing: for a title, which GitHub shows as
    it is and a squash makes a commit message, where Markdown's escapes would be read as signs.
    """
    line = _CALL.sub(rf"\1{JOINER}", " ".join(plain(text).split()))
    line = _GH.sub(rf"\1{JOINER}-", line)
    return _URL.sub(lambda m: f"{m[1]}{JOINER}:" if m[1] else f"{m[2]}{JOINER}.", line)


def _inert(line: str) -> str:
    line = _MARKUP.sub(r"\\\1", line)
    line = _CALL.sub(rf"\1{JOINER}", line)
    line = _GH.sub(rf"\1{JOINER}-", line)
    line = _URL.sub(lambda m: f"{m.group(1)}{JOINER}:" if m.group(1) else f"{m.group(2)}{JOINER}.", line)
    return _LEADING.sub(
        lambda m: (
            f"{m.group(1)}\\{m.group(2)}" if not m.group(2).isdigit() else f"{m.group(1)}{m.group(2)}{JOINER}"
        ),
        line,
    )


def inline(text: object, limit: int = 300) -> str:
    """One line of inert Markdown: for titles, names, table cells. Line breaks become spaces."""
    return _inert(cut(" ".join(plain(str(text)).split()), limit))


def in_lines(text: object, limit: int = 4000) -> str:
    """Inert Markdown with the line breaks that people made; of several empty lines none is left."""
    written = cut(plain(str(text)).strip(), limit).split("\n")
    return "\n".join(_inert(" ".join(line.split())) for line in written if line.strip())


def block(text: object, limit: int = 4000) -> str:
    """Several lines of inert Markdown as a quotation: what people wrote, kept apart from what we say."""
    lines = cut(plain(str(text)).strip(), limit).split("\n")
    return "\n".join(f"> {_inert(line.strip())}".rstrip() for line in lines)


def code(text: object, limit: int = 100) -> str:
    """Inert text in backticks, as for a word somebody typed."""
    word = cut(" ".join(plain(str(text)).split()), limit).replace("`", "'")
    return f"`{word}`" if word else "` `"


def diagram(text: object, limit: int = 60) -> str:
    """A label in a Mermaid diagram:
    letters, digits and harmless signs only (`:`, `;`, `#` and quotes have meaning there).
    """
    words = "".join(sign if sign.isalnum() or sign in " .,()/+%-'" else " " for sign in plain(str(text)))
    return cut(" ".join(words.split()), limit) or "…"


class Renderer(Protocol):
    """Templates from the trusted commit only. Undefined names are errors.
    Values are neutralised before they come here. What cannot be rendered raises TextError.
    """

    def file(self, name: str, values: Mapping[str, object]) -> str:
        """Render ``templates/<name>``."""
        ...

    def text(self, source: str, values: Mapping[str, object]) -> str:
        """Render a line of the runbook."""
        ...

    def names(self, source: str) -> frozenset[str]:
        """The values that a line of the runbook names, also where it would not come to them."""
        ...

    def file_names(self, name: str) -> Mapping[str, int]:
        """The values that ``templates/<name>`` names, each with the first line that does."""
        ...


def rendered(renderer: Renderer, source: str, values: Mapping[str, object]) -> str:
    """A line of the runbook; as it stands there, made inert, when it cannot be rendered: whom it is for must
    hear of it all the same.
    """
    try:
        return renderer.text(source, values)
    except TextError:
        return inline(source, 2000)
