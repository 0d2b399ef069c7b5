"""A script as plain values, and where each of them stands, so that a mistake can be shown at its line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, get_args

from pydantic import BaseModel

from allclear.adapters.files.strict_yaml import Mistake, Source, load

LIMIT = 256 * 1024
Place = tuple[str | int, ...]


class ScriptError(ValueError):
    """The script cannot be played; ``mistakes`` are lines for people, each with file, line and fix."""

    def __init__(self, mistakes: Sequence[str]) -> None:
        super().__init__("\n".join(mistakes))
        self.mistakes = tuple(mistakes)


@dataclass(frozen=True, slots=True)
class Outline:
    """``source`` holds the values (every scalar a text, so that 14:05 is no number) and their lines."""

    path: str
    source: Source

    def line(self, *place: str | int) -> int:
        """The line (1-based) of the value at ``place``, or of the nearest thing around it."""
        # pydantic puts the name of the chosen variant into the path of a union; the file has no such level.
        if len(place) > 2 and place[0] == "steps" and place[:3] not in self.source.lines:
            place = (*place[:2], *place[3:])
        return self.source.line(place)

    def say(self, place: Sequence[str | int], words: str) -> str:
        """``words`` with the file and the line in front."""
        return f"{self.path}, line {self.line(*place)}: {words}"

    def known(self, model: type[BaseModel], place: Place) -> list[str]:
        """The keys that may stand where the unknown one at ``place`` stands."""
        return sorted(_keys(model, place[:-1]))


def _keys(kind: Any, place: Place) -> set[str]:
    models = [kind] if isinstance(kind, type) and issubclass(kind, BaseModel) else _models(kind)
    if not place:
        return {key for model in models for key in model.model_fields}
    head, rest = place[0], place[1:]
    if isinstance(head, int):
        return _keys(kind, rest)
    for model in models:
        tag = model.model_fields.get("does")
        if tag is not None and len(models) > 1 and head in get_args(tag.annotation):
            return _keys(model, rest)
        if head in model.model_fields:
            return _keys(model.model_fields[head].annotation, rest)
    return set()


def _models(kind: Any) -> list[type[BaseModel]]:
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return [kind]
    return [model for part in get_args(kind) for model in _models(part)]


def read_outline(text: str, path: str) -> Outline:
    """Read YAML without tags, anchors, doubled keys or surprises. Raises ScriptError."""
    if len(text) > LIMIT:
        raise ScriptError([f"{path}, line 1: the file is larger than {LIMIT // 1024} KiB"])
    try:
        source = load(text)
    except Mistake as error:
        raise ScriptError([f"{path}, {error}"]) from error
    if not isinstance(source.value, dict) or not source.value:
        raise ScriptError([f"{path}, line 1: a script begins with `title: …`; see docs/drill.md"])
    return Outline(path, source)
