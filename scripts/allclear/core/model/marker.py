"""A marker: the first line of a text of ours, by which a later run finds that text again. It is an HTML
comment with a JSON object, so nobody sees it. Whoever may edit the text may edit it, so it is a key, and no
authority.
"""

from __future__ import annotations

from typing import TypeVar

from msgspec import Struct

from allclear.core.model.stored import read_json

_END = " -->"

Marker = TypeVar("Marker", bound=Struct)


def marker_line(kind: str, shown: str) -> str:
    """The line of a marker of this kind, such as ``action``. ``shown``: its JSON."""
    return f"{_begin(kind)}{shown}{_END}"


def marker_in(text: str, kind: str, model: type[Marker], longest: int = 500) -> Marker | None:
    """The marker that a text begins with; None when there is none that can be read in so many characters."""
    line, begin = text[:longest].split("\n", 1)[0].strip(), _begin(kind)
    if not line.startswith(begin) or not line.endswith(_END):
        return None
    try:
        return read_json(model, line[len(begin) : -len(_END)])
    except ValueError:
        return None


def _begin(kind: str) -> str:
    return f"<!-- allclear:{kind} "
