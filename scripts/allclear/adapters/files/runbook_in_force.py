"""The runbook that is in force. What is broken is said, and never means that nobody is paged."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from pydantic import model_validator

from allclear.adapters.files.mending import (
    NOTHING,
    Mended,
    in_force,
    last_whole,
    mended,
    readable,
)
from allclear.adapters.files.runbook_files import path_of
from allclear.adapters.files.runbooks import (
    UnreadableError,
    WrittenRunbook,
    looked_at,
    read_runbook,
    written_in,
)
from allclear.adapters.files.strict_yaml import load
from allclear.adapters.files.written_file import Earlier, beginning
from allclear.core.language.checking import mistakes
from allclear.core.language.compiled import compiled
from allclear.core.language.document import RunbookFile
from allclear.core.language.older import older
from allclear.core.model.errors import SettingsError
from allclear.core.model.frozen import one_or_more
from allclear.core.model.neutral import code
from allclear.core.model.people import EVERYBODY
from allclear.core.policy.contradictions import MisplacedError
from allclear.core.policy.runbook import Runbook
from allclear.core.policy.settings import RUNBOOK


class CheckedRunbook(RunbookFile):
    """A file in which every name stands for something: the first that does not is an error with its place."""

    @model_validator(mode="after")
    def _whole(self) -> Self:
        for one in mistakes(self):
            if not one.warning:
                raise MisplacedError(one.why, one.where)
        return self


def runbook_in_force(root: Path, name: str, earlier: Earlier) -> tuple[Runbook, tuple[str, ...]]:
    """The runbook of this name, and what is wrong with it. Of a broken file every part that can be read
    counts; the others are those of the last version in ``earlier`` that is whole.
    """
    try:
        return read_runbook(root, name), ()
    except SettingsError as error:
        path = path_of(root, name)
        if path is None:
            return _instead(root, name, error)
        before = last_whole(path, lambda raw, _: _whole(root, path, raw), earlier)
        runbook, found = _mended(root, path, load(before[2].decode("utf-8-sig")).value if before else {})
        named = f"the file of {code(before[0])}" if before else ""
        if runbook is not None:
            return runbook, (f"{error} {in_force(found, named)}",)
        if before is not None:
            return before[1], (f"{error} {in_force(NOTHING, named)}",)
        return _instead(root, name, error)


def _whole(root: Path, path: str, content: bytes) -> Runbook:
    """The runbook of a file that says this. Raises SettingsError."""
    try:
        found = looked_at(written_in(root, path, content), Path(path).stem)
    except UnreadableError as error:
        raise SettingsError(str(error.mistake)) from error
    if found.runbook is None:
        raise found.refused()
    return found.runbook


def _frame(root: Path, path: str, value: Mapping[str, Any]) -> WrittenRunbook | None:
    """What belongs to a file that says this: what it changes, if that can be read, and the defaults."""
    for named in (value.get("extends"), None):
        content = f"extends: {json.dumps(named)}\n" if isinstance(named, str) else "{}\n"
        try:
            return written_in(root, path, content.encode())
        except UnreadableError:
            continue
    return None


def _mended(root: Path, path: str, base: Mapping[str, Any]) -> tuple[Runbook | None, Mended]:
    """What could be read of a file with mistakes, and the runbook that it makes; None when it makes none.
    ``base``: what the last whole file said.
    """
    raw = beginning(root / path)
    if raw is None:
        return None, NOTHING
    part = readable(raw)
    for one in list(older(part.value)):
        part.lost.add(str(one.where[0]))
        part.value.pop(str(one.where[0]), None)
    part.value["name"] = Path(path).stem
    frame = _frame(root, path, part.value)
    if frame is None:
        return None, NOTHING
    # Of a file that is no YAML nobody knows which names are in it.
    always = base if part.lost else ()
    found = mended(part, CheckedRunbook, base, always, complete=frame.completed, save=_still_paging)
    if not isinstance(found.value, CheckedRunbook):
        return None, found
    try:
        return compiled(found.value, frame.numbers), found
    except MisplacedError:
        return None, found


URGENT = "5m"
"""How soon an incident has to be answered whose severity does not say so any more."""


def _still_paging(value: dict[str, Any], where: tuple[int | str, ...]) -> bool:
    """A severity with a mistake is not given up: it has to be answered soon, and the first chain is told.
    Where no chain can be read, everybody is.
    """
    if where == ("chains",):
        known, value["chains"] = value.get("chains"), {"everybody": [EVERYBODY]}
        return bool(known != value["chains"])
    if where[0] != "severities" or len(where) < 2 or not isinstance(value["severities"], dict):
        return False
    severities, level = value["severities"], where[1]
    one = severities.get(level)
    if not isinstance(one, dict):
        severities[level] = {"response": URGENT}
        return one is not None
    if where[2:] == ("response",):
        known, one["response"] = one.get("response"), URGENT
        return bool(known != URGENT)
    chains = value.get("chains")
    first = next(iter(chains.values()), None) if isinstance(chains, dict) else None
    if len(where) > 2 or not isinstance(first, dict) or "for" not in first:
        return False
    there = one_or_more(first["for"])
    first["for"] = [*there, level]
    return level not in there


def _instead(root: Path, name: str, error: SettingsError) -> tuple[Runbook, tuple[str, ...]]:
    """What stands in for a runbook of which nothing is left."""
    if name != RUNBOOK:
        try:
            runbook = read_runbook(root, RUNBOOK)
        except SettingsError:
            pass
        else:
            return runbook, (f"{error} Until it is repaired, the runbook `{RUNBOOK}` is in force.",)
    from allclear.core.language.emergency import emergency  # noqa: PLC0415 - hardly a run needs it

    return emergency(), (f"{error} Until it is repaired, a plain runbook of ours is in force.",)
