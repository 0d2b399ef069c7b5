"""Runbooks in their language: a file, what it extends, and the engine's defaults become what is executed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, Self

from pydantic import ValidationError, model_validator

from allclear.adapters.files.mending import Mended, Readable, mended
from allclear.adapters.files.strict_yaml import Mistake, Source, load
from allclear.core.language.checking import RunbookMistake, mistakes
from allclear.core.language.checking_texts import text_mistakes
from allclear.core.language.compiled import compiled
from allclear.core.language.document import RunbookFile
from allclear.core.language.merging import extended, with_defaults
from allclear.core.language.numbers import Numbers
from allclear.core.model.errors import SettingsError
from allclear.core.model.neutral import code
from allclear.core.policy.contradictions import MisplacedError
from allclear.core.policy.runbook import Runbook

ENGINE = "templates/engine.yml"
"""The engine's defaults."""

RUNBOOKS = "templates/runbooks"

Sentences = Callable[[ValidationError, type[RunbookFile], Source], Iterator[str]]
"""How what pydantic finds is told."""


def is_written(value: object) -> bool:
    """Whether a file is in the language of runbooks: its severities are a map, or it has chains."""
    if not isinstance(value, Mapping):
        return False
    return isinstance(value.get("severities"), Mapping) or bool({"chains", "extends"} & value.keys())


class CheckedRunbook(RunbookFile):
    """A file in which every name stands for something: the first that does not is an error with its place."""

    @model_validator(mode="after")
    def _whole(self) -> Self:
        for one in mistakes(self):
            if not one.warning:
                raise MisplacedError(one.why, one.where)
        return self


def runbook_of(source: Source, shown: str, root: Path, say: Sentences) -> Runbook:
    """What the engine executes of a file. Raises SettingsError with a sentence for each mistake."""
    engine, numbers = _engine(root)
    value = with_defaults(_extended(source, shown, root), engine)
    try:
        file = RunbookFile.model_validate(value)
    except ValidationError as error:
        told = tuple(say(error, RunbookFile, source))
        raise SettingsError(" ".join(told[:5]), told) from error
    told = tuple(_placed(one, source, shown) for one in found(file, numbers) if not one.warning)
    if told:
        raise SettingsError(" ".join(told[:5]), told)
    try:
        return compiled(file, numbers)
    except MisplacedError as error:
        raise SettingsError(_placed(RunbookMistake(error.where, str(error)), source, shown)) from error


def found(file: RunbookFile, numbers: Numbers) -> Iterator[RunbookMistake]:
    """Everything that is wrong with a file, warnings included."""
    yield from mistakes(file)
    yield from text_mistakes(file, numbers)


def _placed(mistake: RunbookMistake, source: Source, shown: str) -> str:
    name = ".".join(str(part + 1 if isinstance(part, int) else part) for part in mistake.where)
    return f"`{shown}` line {source.line(mistake.where)}: `{name}`: {mistake.why}"


def mended_runbook(part: Readable, base: Mapping[str, Any], root: Path) -> tuple[Runbook | None, Mended]:
    """What could be read of a file with mistakes, and the runbook that it makes; None when it makes none.
    ``base``: the last file that was whole, as it was written; empty without one.
    """
    engine, numbers = _engine(root)
    whole = Readable(with_defaults({**part.value}, engine), part.lost)
    result = mended(whole, CheckedRunbook, base)
    if not isinstance(result.value, CheckedRunbook):
        return None, result
    try:
        return compiled(result.value, numbers), result
    except MisplacedError:
        return None, result


def _extended(source: Source, shown: str, root: Path) -> Mapping[str, Any]:
    """The file together with the one it changes."""
    value: Mapping[str, Any] = source.value
    name = value.get("extends")
    if not name:
        return value
    at = f"`{shown}` line {source.line(('extends',))}: `extends`:"
    path = root / RUNBOOKS / f"{Path(str(name)).name}.yml"
    try:
        base = load(path.read_text(encoding="utf-8-sig")).value
    except OSError as error:
        raise SettingsError(f"{at} there is no runbook {code(name)} in `{RUNBOOKS}`.") from error
    except (Mistake, UnicodeDecodeError) as error:
        raise SettingsError(f"{at} {code(path.name)}: {error}") from error
    if not is_written(base) or base.get("extends"):
        raise SettingsError(f"{at} {code(name)} extends another runbook itself; name that one.")
    return extended(base, value)


@lru_cache(maxsize=8)
def _defaults(text: str) -> tuple[Mapping[str, Any], Numbers]:
    value = load(text).value
    return value, Numbers.model_validate(value["severity"])


def _engine(root: Path) -> tuple[Mapping[str, Any], Numbers]:
    try:
        return _defaults((root / ENGINE).read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, Mistake, ValidationError, KeyError) as error:
        raise SettingsError(f"`{ENGINE}` cannot be read: {error}. `allclear init` writes it anew.") from error
