"""Markdown as GitHub shows it, for the transcript:
nothing in it loads anything, runs anything or leaves its box.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, MutableMapping, Sequence
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token

_PIECE = re.compile(r"<!--.*?-->|</?[A-Za-z][^<>]*>", re.DOTALL)
_ALLOWED = re.compile(r"</?(details|summary|sub|sup|kbd|br|b|strong|em)>|<br ?/>|<details open>")
_ALERT = re.compile(r"\[!(NOTE|TIP|IMPORTANT|WARNING|CAUTION)\]")
_BOX = re.compile(r"\[([ xX])\] ")
_MENTION = re.compile(r"(?<![\w/`@.-])@([A-Za-z0-9](?:[A-Za-z0-9-]{0,38}))(?![\w@])")
_ADDRESS = re.compile(r"https?://[^\s<>\"'`]+")
Address = Callable[[str], str]


def to_html(
    text: str, *, address: Address, trusted: bool = False, comment: bool = True, diagram: str = ""
) -> str:
    """HTML of a Markdown text. ``address`` turns a link's target into the one to use, or "" for none.

    ``trusted`` (the engine's own words) lets ``<details>`` and a few other bare tags through; in people's
    text every
    tag is shown as text. Comments are left out, pictures become words: the page makes no request. In a
    ``comment``
    every line break counts, in a file it does not. ``diagram`` is HTML to show in place of a Mermaid diagram.
    """
    parser = MarkdownIt("commonmark", {"html": True, "xhtmlOut": False, "breaks": comment}).enable(
        ["table", "strikethrough"]
    )
    tokens = parser.parse(text)
    balanced = trusted and text.count("<details") == text.count("</details>")
    _alerts(tokens)
    _boxes(tokens)
    _lift(tokens)
    _inline(tokens, address)
    env: MutableMapping[str, Any] = {"tags": balanced, "diagram": diagram}
    return _HtmlRenderer(parser).render(tokens, parser.options, env)


def _alerts(tokens: Sequence[Token]) -> None:
    """``> [!NOTE]``: a quotation with a heading, as GitHub draws it."""
    for index, token in enumerate(tokens):
        if token.type != "blockquote_open" or index + 2 >= len(tokens) or tokens[index + 2].type != "inline":
            continue
        inline = tokens[index + 2]
        children = inline.children or []
        mark = _ALERT.fullmatch(children[0].content.strip()) if children else None
        if mark is None:
            continue
        word = mark.group(1)
        token.attrJoin("class", f"alert {word.lower()}")
        head = Token("alert_head", "", 0, content=word.capitalize())
        inline.children = [
            head,
            *children[2 if len(children) > 1 and children[1].type == "softbreak" else 1 :],
        ]


def _boxes(tokens: Sequence[Token]) -> None:
    """``- [x]``: a box that cannot be clicked."""
    for index, token in enumerate(tokens):
        if (
            token.type != "inline"
            or index < 2
            or tokens[index - 2].type != "list_item_open"
            or not token.children
        ):
            continue
        first = token.children[0]
        box = _BOX.match(first.content) if first.type == "text" else None
        if box:
            first.content = first.content[box.end() :]
            tokens[index - 2].attrJoin("class", "task")
            token.children.insert(0, Token("box", "", 0, info=box.group(1).strip()))


def _lift(tokens: Sequence[Token]) -> None:
    """Headings of a comment stand below those of the page."""
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(6, int(token.tag[1]) + 2)}"


def _inline(tokens: Sequence[Token], address: Address) -> None:
    for token in tokens:
        inside = False
        for child in token.children or ():
            if child.type == "link_open":
                target = address(str(child.attrGet("href") or ""))
                inside = True
                child.attrs = {"href": target} if target else {"class": "dead"}
                if target and not target.startswith("#"):
                    child.attrs["rel"] = "noreferrer noopener"
            elif child.type == "link_close":
                inside = False
            elif child.type == "text" and not inside:
                child.type = "words"
                child.meta = {"address": address}


class _HtmlRenderer(RendererHTML):
    """markdown-it's renderer with our tokens. A rule is a method of the token's name; it is given the
    tokens, the
    index of its own, the parser's options and the document's environment.
    """

    def html_block(self, tokens: Sequence[Token], idx: int, *more: Any) -> str:
        """Tags that stand on their own."""
        return _tags(tokens[idx].content, allowed=bool(more[1]["tags"]))

    def html_inline(self, tokens: Sequence[Token], idx: int, *more: Any) -> str:
        """Tags within a line."""
        return _tags(tokens[idx].content, allowed=bool(more[1]["tags"]))

    def image(self, tokens: Sequence[Token], idx: int, *_more: Any) -> str:
        """A picture would be a request: its words instead."""
        words = tokens[idx].content or "picture"
        return f'<span class="picture">{html.escape(words)}</span>'

    def words(self, tokens: Sequence[Token], idx: int, *_more: Any) -> str:
        """Text outside of links: mentions stand out, bare addresses are links."""
        return _words(tokens[idx].content, tokens[idx].meta["address"])

    def box(self, tokens: Sequence[Token], idx: int, *_more: Any) -> str:
        """A checklist's box."""
        if tokens[idx].info:
            return '<span class="box done" role="img" aria-label="done">✓</span> '
        return '<span class="box" role="img" aria-label="open"></span> '

    def alert_head(self, tokens: Sequence[Token], idx: int, *_more: Any) -> str:
        """The word above an alert."""
        return f'<strong class="head">{html.escape(tokens[idx].content)}</strong>'

    def fence(self, tokens: Sequence[Token], idx: int, *more: Any) -> str:
        """Code; a diagram is shown as its text, unless something stands in for it."""
        kind = tokens[idx].info.split(maxsplit=1)[0] if tokens[idx].info.strip() else ""
        if kind == "mermaid" and more[1]["diagram"]:
            return str(more[1]["diagram"])
        return f'<pre data-kind="{html.escape(kind)}"><code>{html.escape(tokens[idx].content)}</code></pre>\n'


def _tags(text: str, *, allowed: bool) -> str:
    """Comments vanish, allowed tags stay, everything else is text."""
    out, end = [], 0
    for piece in _PIECE.finditer(text):
        out.append(html.escape(text[end : piece.start()]))
        tag = piece.group()
        if tag.startswith("<!--"):
            tag = ""
        elif not (allowed and _ALLOWED.fullmatch(tag)):
            tag = html.escape(tag)
        out.append(tag)
        end = piece.end()
    out.append(html.escape(text[end:]))
    return "".join(out)


def _words(text: str, address: Address) -> str:
    out, end = [], 0
    for found in _ADDRESS.finditer(text):
        out.append(_mentions(text[end : found.start()]))
        shown = found.group().rstrip(".,;:!?)")
        target = address(shown)
        label = html.escape(shown)
        out.append(
            f'<a href="{html.escape(target)}" rel="noreferrer noopener">{label}</a>' if target else label
        )
        end = found.start() + len(shown)
    out.append(_mentions(text[end:]))
    return "".join(out)


def _mentions(text: str) -> str:
    return _MENTION.sub(r'<span class="mention">@\1</span>', html.escape(text))
