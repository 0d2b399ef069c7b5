"""Writing a document again without losing what people wrote into it.

Generated text stands in blocks. A block's opening marker carries the hash of what was generated, so that a
block that nobody touched can be told from one that somebody edited:

* untouched: written anew.
* edited: kept word for word. Task-list items (``- [ ] ...``) that are new since the last time are added at
  its end, each once; nothing else is, the issue always has the whole record. When the record says something
  else than it did, the marker keeps that, and `superseded` finds it until people edit the block again.
* markers gone, section there: it is somebody's own now and stays; task-list items it lacks go to its end.
* section gone: appended at the end of the document. Everything outside blocks is never touched.

A placeholder, a line that is one emphasised question, vanishes when people write beside it: in its block, or
in its section. It comes back when they take that away again. Each numbered one has the number 1, which
Markdown counts up from, so that a list whose first question vanished does not begin with 2.
"""

from __future__ import annotations

import hashlib
import re
from itertools import pairwise

from msgspec import Struct

from allclear.core.model.patterns import lazy_regex

_BLOCK = lazy_regex(
    r"^<!-- allclear:begin (?P<name>[a-z][a-z-]{0,30})(?: (?P<hash>[0-9a-f]{12}))?"
    r"(?P<seen>(?: [0-9a-f]{8})*)(?: newer (?P<newer>[0-9a-f]{12} [0-9a-f]{12}))? -->[ \t]*\n"
    r"(?P<content>(?:(?!<!-- allclear:begin ).*\n)*?)"
    r"<!-- allclear:end (?P=name) -->[ \t]*$",
    re.MULTILINE,
)
_HEADING = lazy_regex(r"^(#{1,2}) +(.+?)[ \t]*$", re.MULTILINE)
_PLACEHOLDER = lazy_regex(r"^(?:\d+\. )?_[^_\n](?:[^\n]*[^_\n])?_[ \t]*\n", re.MULTILINE)
_NUMBER = lazy_regex(r"^\d+\. ")
_COMMENT = lazy_regex(r"<!--.*?-->", re.DOTALL)
_ITEM = lazy_regex(r"^[-*+] \[[ xX]\] +(.+?)[ \t]*$", re.MULTILINE)


class GeneratedBlock(Struct, frozen=True):
    """``hash``, ``seen`` and ``newer`` as its marker has them; ``content`` ends with a line end. ``newer``:
    the digests of what the record says instead, and of what people had written when it began to.
    """

    name: str
    hash: str
    seen: tuple[str, ...]
    content: str
    newer: tuple[str, ...] = ()

    @property
    def items(self) -> tuple[str, ...]:
        """The texts of its task-list items."""
        return tuple(_ITEM.findall(self.content))

    @property
    def touched(self) -> bool:
        """Whether the content is not what was generated."""
        return digest(self.content) != self.hash

    def __str__(self) -> str:
        newer = ("newer", *self.newer) if self.newer else ()
        mark = " ".join(("<!-- allclear:begin", self.name, self.hash, *self.seen, *newer, "-->"))
        return f"{mark}\n{self.content}<!-- allclear:end {self.name} -->"


class _Section(Struct, frozen=True):
    """A part of the fresh document under one ``##`` heading; the first has none and holds the ``#`` title."""

    heading: str
    text: str


def digest(content: str) -> str:
    """12 hex digits of the SHA-256, without line ends and trailing blanks: editors change those."""
    lines = content.replace("\r\n", "\n").strip("\n").split("\n")
    text = "\n".join(line.rstrip() for line in lines)
    # A file that is no UTF-8 comes with surrogates for its bytes.
    return hashlib.sha256(text.encode(errors="surrogateescape")).hexdigest()[:12]


def merge(fresh: str, old: str | None) -> str:
    """The document: ``fresh`` as rendered (markers without hashes), over ``old`` as people left it."""
    generated = _BLOCK.sub(lambda found: str(_generated(found)), fresh.strip())
    if old is None or not old.strip():
        return generated
    old = old.replace("\r\n", "\n").strip()
    wanted = {block.name: block for block in map(_block, _BLOCK.finditer(generated))}
    document, met = _renew(old, wanted)
    for section in _sections(generated):
        document = _complete(document, section, met)
    return document


def superseded(document: str) -> list[int]:
    """The lines, from 1, of the blocks that people edited and the record has contradicted since."""
    text = document.replace("\r\n", "\n")
    return [
        text.count("\n", 0, found.start()) + 1
        for found in _BLOCK.finditer(text)
        if (block := _block(found)).newer[1:] == (digest(block.content),)
    ]


def says_the_same(one: str, other: str) -> bool:
    """Whether two documents differ in nothing but what is still asked of people."""
    return _told(one) == _told(other)


def _told(document: str) -> list[str]:
    plain = _PLACEHOLDER.sub("", _COMMENT.sub("", document.replace("\r\n", "\n")))
    return [line.rstrip() for line in plain.split("\n") if line.strip()]


def _item_digest(item: str) -> str:
    return hashlib.sha256(item.encode(errors="surrogateescape")).hexdigest()[:8]


def _generated(found: re.Match[str]) -> GeneratedBlock:
    block = _block(found)
    return GeneratedBlock(
        block.name, digest(block.content), tuple(dict.fromkeys(map(_item_digest, block.items))), block.content
    )


def _block(found: re.Match[str]) -> GeneratedBlock:
    seen, newer = tuple(found["seen"].split()), tuple((found["newer"] or "").split())
    return GeneratedBlock(found["name"], found["hash"] or "", seen, found["content"], newer)


def _renew(old: str, wanted: dict[str, GeneratedBlock]) -> tuple[str, set[str]]:
    """``old`` with its blocks brought up to date, and their names. A second block of one name is text."""
    met: set[str] = set()

    def renewed(found: re.Match[str]) -> str:
        name = found["name"]
        if name not in wanted or name in met:
            return found[0]
        met.add(name)
        block = _block(found)
        if block.touched:
            return str(_extended(block, wanted[name]))
        return str(_without_placeholders(wanted[name]) if found.start() in written else wanted[name])

    written = {start for start, beside in _sections_of_blocks(old) if beside}
    return _BLOCK.sub(renewed, old), met


def _sections_of_blocks(old: str) -> list[tuple[int, bool]]:
    """Where each block begins, and whether people wrote beside it: between its heading and the next one."""
    outside = _outside(old)
    bounds = [0, *(found.start() for found in _HEADING.finditer(outside)), len(old)]
    found = []
    for begin, end in pairwise(bounds):
        own = _COMMENT.sub("", _HEADING.sub("", outside[begin:end], count=1)).replace("\0", "").strip()
        found += [
            (block.start(), bool(own)) for block in _BLOCK.finditer(old) if begin <= block.start() < end
        ]
    return found


def _without_placeholders(block: GeneratedBlock) -> GeneratedBlock:
    content = _PLACEHOLDER.sub("", block.content)
    return GeneratedBlock(block.name, digest(content), block.seen, content)


def _extended(edited: GeneratedBlock, fresh: GeneratedBlock) -> GeneratedBlock:
    """The edited block, word for word, with the items it has never had."""
    known = set(edited.seen)
    asked = {_NUMBER.sub("", line) for line in _PLACEHOLDER.findall(fresh.content)}
    lines = edited.content.splitlines(keepends=True)
    kept = "".join(line for line in lines if _NUMBER.sub("", line) not in asked)
    if kept.strip() and kept != edited.content:
        # What was asked is answered, or somebody made it a question of their own.
        edited = GeneratedBlock(edited.name, edited.hash, edited.seen, kept)
    new = [item for item in fresh.items if _item_digest(item) not in known]
    shown = [item for item in new if item not in edited.items]
    text = edited.content.rstrip("\n") + "\n" if shown else edited.content
    content = text + "".join(f"- [ ] {item}\n" for item in shown)
    return GeneratedBlock(
        edited.name,
        edited.hash,
        (*edited.seen, *dict.fromkeys(map(_item_digest, new))),
        content,
        _newer(edited, fresh),
    )


def _newer(edited: GeneratedBlock, fresh: GeneratedBlock) -> tuple[str, ...]:
    """What the marker keeps when the record says something else than when people took the block over. Items
    are brought to them, and what is only asked is no record.
    """
    record = _PLACEHOLDER.sub("", fresh.content)
    told = digest(record)
    if fresh.items or edited.seen or not record.strip():
        return ()
    if edited.hash in ("", told, digest(fresh.content)):
        return ()
    return edited.newer if edited.newer[:1] == (told,) else (told, digest(edited.content))


def _sections(generated: str) -> list[_Section]:
    """The fresh document by its headings. Headings inside blocks (the title) do not count."""
    starts = [found.start() for found in _HEADING.finditer(_outside(generated))]
    bounds = [0, *starts, len(generated)]
    parts = [generated[start:end].strip() for start, end in pairwise(bounds)]
    return [_Section(_title(part), part) for part in parts if part]


def _outside(document: str) -> str:
    """The document with its blocks blanked out in place: what is inside one is no place to add to."""
    return _BLOCK.sub(lambda found: "\0" * len(found[0]), document)


def _title(part: str) -> str:
    first = _HEADING.match(part)
    return first[2].casefold() if first else ""


def _complete(document: str, section: _Section, met: set[str]) -> str:
    missing = [block for block in map(_block, _BLOCK.finditer(section.text)) if block.name not in met]
    if not missing:
        return document
    if not section.heading:
        # The title: a document that has one of its own keeps it.
        titled = re.search(r"^# ", document, re.MULTILINE)
        return document if titled else f"{_without_met(section.text, met)}\n\n{document}"
    for found in _HEADING.finditer(_outside(document)):
        if found[2].casefold() == section.heading:
            return _suggest(document, found.end(), missing)
    return f"{document}\n\n{_without_met(section.text, met)}"


def _without_met(text: str, met: set[str]) -> str:
    """A section to add, without the blocks that stand elsewhere in the document."""
    return _BLOCK.sub(lambda found: "" if found["name"] in met else found[0], text).strip()


def _suggest(document: str, after: int, missing: list[GeneratedBlock]) -> str:
    """A section whose markers are gone: items it does not name get a block at its end."""
    following = _HEADING.search(_outside(document), after)
    end = following.start() if following else len(document)
    section, rest = document[:end].rstrip(), document[end:]
    told = set(_ITEM.findall(document))
    added = []
    for block in missing:
        new = [item for item in block.items if item not in told]
        if new:
            content = "".join(f"- [ ] {item}\n" for item in new)
            # No hash: the block counts as edited for ever, so that only new items are ever added to it.
            added.append(str(GeneratedBlock(block.name, "0" * 12, block.seen, content)))
    if not added:
        return document
    return "\n\n".join([section, *added, rest]).strip()
