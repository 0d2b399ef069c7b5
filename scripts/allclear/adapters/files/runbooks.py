"""Finds and reads runbooks as teams write them, and says everything that is wrong with one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, ClassVar

from msgspec import Struct
from pydantic import ValidationError

from allclear.adapters.files.runbook_files import ENGINE, FOLDERS, names_of, path_of
from allclear.adapters.files.sentences import dotted, mistakes_of
from allclear.adapters.files.shipped import stands_at
from allclear.adapters.files.strict_yaml import Mistake, Source, load
from allclear.adapters.files.written_file import FileTooLargeError, whole_file
from allclear.core.language.changed import RunbookChange, changes
from allclear.core.language.checking import ENGINE as BY_THE_ENGINE
from allclear.core.language.checking import mistakes
from allclear.core.language.checking_texts import text_mistakes
from allclear.core.language.compiled import compiled
from allclear.core.language.document import RunbookFile
from allclear.core.language.known_names import RunbookMistake, Where, unknown
from allclear.core.language.merging import extended, with_defaults
from allclear.core.language.numbers import Numbers
from allclear.core.language.older import older
from allclear.core.model.errors import SettingsError
from allclear.core.model.frozen import one_or_more
from allclear.core.model.structs import PartlyCompared, replace
from allclear.core.policy.contradictions import MisplacedError
from allclear.core.policy.runbook import Runbook

MOST = 5
"""Mistakes of one file that are told one by one."""


class WrittenMistake(Struct, frozen=True):
    """What is wrong at ``line`` of ``file``, in a sentence. ``line``: 0 for a file that is not there;
    ``warning``: it works, and is hardly meant.
    """

    file: str
    line: int
    why: str
    warning: bool = False

    def __str__(self) -> str:
        return f"`{self.file}` line {self.line}: {self.why}" if self.line else self.why


class WrittenRunbook(PartlyCompared, frozen=True):
    """A runbook's files. ``source``: its own; ``base``: the one that it changes, and where that stands.
    ``content``: the bytes of all of them; two with the same are equal.
    """

    path: str
    content: tuple[bytes, ...]
    source: Source
    engine: Mapping[str, Any]
    base: Source | None = None
    base_path: str = ""
    aside: ClassVar[frozenset[str]] = frozenset({"source", "engine", "base"})

    @property
    def numbers(self) -> Numbers:
        """The engine's numbers of severities."""
        return Numbers.model_validate(self.engine["severity"])

    @property
    def whole(self) -> dict[str, Any]:
        """What it says together with what it changes and with the engine's defaults."""
        return self.completed(self.source.value)

    def completed(self, own: Mapping[str, Any]) -> dict[str, Any]:
        """The same, if its own file said ``own``."""
        return with_defaults(extended(self.base.value, own) if self.base else own, self.engine)

    @property
    def changed(self) -> tuple[RunbookChange, ...]:
        """What it changes of the runbook that it extends."""
        return tuple(changes(self.base.value, self.source.value)) if self.base else ()

    def place(self, where: Where) -> tuple[str, int]:
        """The file and the line of what stands at a path: where it was written, or the nearest around it."""
        own = self._depth(self.source, where)
        if self.base is not None and self._depth(self.base, where) > own:
            return self.base_path, self.base.line(where)
        return self.path, self.source.line(where)

    @staticmethod
    def _depth(source: Source, where: Where) -> int:
        return next((n for n in range(len(where), 0, -1) if where[:n] in source.lines), 0)


class UnreadableError(Exception):
    """No runbook can be made of the file; ``mistake`` says why."""

    def __init__(self, file: str, line: int, why: str) -> None:
        super().__init__(file, line, why)
        self.mistake = WrittenMistake(file, line, why)


def read_written(root: Path, name: str) -> tuple[RunbookFile | None, tuple[WrittenMistake, ...]]:
    """The runbook of this name, and everything that is wrong with it, in the order of its lines.

    None when no runbook can be made of the file: then a mistake that is no warning says why.
    """
    try:
        written = find(root, name)
    except UnreadableError as error:
        return None, (error.mistake,)
    found = looked_at(written, name)
    return found.file, found.mistakes


def read_runbook(root: Path, name: str) -> Runbook:
    """What the engine executes of the runbook of this name. Raises SettingsError with a sentence for each
    mistake; warnings are none.
    """
    try:
        found = looked_at(find(root, name), name)
    except UnreadableError as error:
        raise SettingsError(str(error.mistake)) from error
    if found.runbook is None:
        raise found.refused()
    return found.runbook


def find(root: Path, name: str) -> WrittenRunbook:
    """The files of a runbook. Raises UnreadableError."""
    path = path_of(root, name)
    if path is None:
        there = " or ".join(f"`{folder}`" for folder in FOLDERS)
        why = f"There is no file `{name}.yml` in {there}: {unknown('runbook', name, names_of(root))}"
        raise UnreadableError(FOLDERS[0], 0, why)
    return written_in(root, path, content_of(root, path))


def written_in(root: Path, path: str, content: bytes) -> WrittenRunbook:
    """The files of the runbook whose own, at ``path``, says this; the others are in ``root``.

    Raises UnreadableError.
    """
    source = _source(path, content)
    defaults = content_of(root, ENGINE)
    engine = _source(ENGINE, defaults).value
    meant, name = source.value.get("extends"), Path(path).stem
    if not meant:
        return WrittenRunbook(path, (content, defaults), source, engine)
    line = source.line(("extends",))
    if not isinstance(meant, str):
        raise UnreadableError(path, line, "`extends` names one runbook: write `extends: neutral`.")
    base_path = path_of(root, meant) if meant != name else None
    if base_path is None:
        others = tuple(one for one in names_of(root) if one != name)
        raise UnreadableError(path, line, f"`extends`: {unknown('runbook', meant, others)}")
    of_base = content_of(root, base_path)
    base = _source(base_path, of_base)
    if base.value.get("extends"):
        further = base.value["extends"]
        why = f"{meant} changes another runbook itself, and only one step is possible"
        raise UnreadableError(
            path, line, f"`extends`: {why}. Write `extends: {further}`, and what {meant} changes."
        )
    return WrittenRunbook(path, (content, of_base, defaults), source, engine, base, base_path)


def content_of(root: Path, path: str) -> bytes:
    """The bytes of a file that is not too large. Raises UnreadableError."""
    try:
        return whole_file(stands_at(root, path))
    except OSError as error:
        again = " `allclear init` writes it anew." if path == ENGINE else ""
        raise UnreadableError(path, 1, f"it cannot be read: {error.strerror}.{again}") from error
    except FileTooLargeError as error:
        raise UnreadableError(path, 1, f"it is {error}.") from error


@lru_cache(maxsize=32)
def _source(path: str, raw: bytes) -> Source:
    """What a file says. Kept: a drill plays hundreds of jobs in one process, all with the same files."""
    try:
        source = load(raw.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise UnreadableError(path, line, "this is not UTF-8 text. Save the file as UTF-8.") from error
    except Mistake as error:
        at, _, why = str(error).removeprefix("line ").partition(": ")
        raise UnreadableError(path, int(at), why) from error
    if not isinstance(source.value, dict):
        raise UnreadableError(path, 1, "a runbook has lines of `name: value`.")
    return source


class LookedAt(Struct, frozen=True):
    """What a runbook's files say. ``runbook``: None while there is a mistake that is no warning; ``file``:
    what of it can be looked at all the same.
    """

    file: RunbookFile | None
    runbook: Runbook | None
    mistakes: tuple[WrittenMistake, ...]

    def refused(self) -> SettingsError:
        """The error that says why there is no runbook."""
        told = tuple(str(one) for one in self.mistakes if not one.warning)
        more = [f"And {len(told) - MOST} more."] if len(told) > MOST else []
        return SettingsError(" ".join([*told[:MOST], *more]), told)


@lru_cache(maxsize=32)
def looked_at(written: WrittenRunbook, name: str) -> LookedAt:
    """Everything about a runbook that is to have this name."""
    file, runbook, found = _checked(written, name)
    return LookedAt(file, runbook, tuple(sorted(dict.fromkeys(found), key=lambda one: (one.file, one.line))))


def _checked(
    written: WrittenRunbook, name: str
) -> tuple[RunbookFile | None, Runbook | None, list[WrittenMistake]]:
    found = [WrittenMistake(written.path, line, why, warning=True) for line, why in written.source.doubts]
    old = list(older(written.source.value))
    found += _placed(written, old)
    whole = {key: value for key, value in written.whole.items() if (key,) not in {one.where for one in old}}
    if whole.get("name") != name and "name" in whole:
        line = written.source.line(("name",))
        found.append(
            WrittenMistake(written.path, line, f"`name` has to be the file's: write `name: {name}`.")
        )
    file, wrong, unsure = _read(whole, {str(one.where[0]) for one in old})
    found += [_mistake(written, where, why) for where, why in wrong]
    if file is None or unsure:
        return (None if old or wrong else file), None, found
    found += _placed(written, [*mistakes(file), *text_mistakes(file, written.numbers)], named=True)
    if old or wrong:
        return None, None, found
    if not all(one.warning for one in found):
        return file, None, found
    try:
        return file, compiled(file, written.numbers), found
    except MisplacedError as error:
        found.append(_mistake(written, error.where, f"`{dotted(error.where)}`: {error}."))
        return file, None, found


def _read(
    whole: Mapping[str, Any], taken: set[str]
) -> tuple[RunbookFile | None, list[tuple[Where, str]], bool]:
    """What can be made of the file once everything that is wrong is taken out of it, what that was, and
    whether names went with it, so that what speaks of them cannot be judged. ``taken``: keys that are out
    already; what is missing then is no news.
    """
    try:
        return RunbookFile.model_validate(whole), [], bool(taken)
    except ValidationError as error:
        found = [
            (where, why)
            for where, why in mistakes_of(error, RunbookFile, dict(whole), "a part of a runbook")
            if str(where[0]) not in taken and not (taken and why.endswith("` is missing; add it."))
        ]
        types = {one["type"] for one in error.errors(include_url=False)}
        places = [where for where, _ in found]
    if types - {"missing"} and not taken:
        try:
            cut = _without(whole, places)
            return RunbookFile.model_validate(cut), found, any(_names(where) for where in places)
        except ValidationError:
            pass
    return None, found, True


DEFINING = ("levels", "primary", "backup")
"""Keys below an entry that introduce people."""


def _names(where: Where) -> bool:
    """Whether something that others speak of is gone with what stood here."""
    return len(where) <= 2 or bool({*where} & {*DEFINING})


def _without(value: Any, places: list[Where]) -> Any:
    """The value without what stands at these paths."""
    here = {where[0] for where in places if len(where) == 1}
    inside = {
        part: [where[1:] for where in places if where[0] == part and len(where) > 1]
        for part in {where[0] for where in places}
    }
    if isinstance(value, Mapping):
        return {key: _without(one, inside.get(key, [])) for key, one in value.items() if key not in here}
    if isinstance(value, list):
        return [_without(one, inside.get(at, [])) for at, one in enumerate(value) if at not in here]
    return value


def _placed(
    written: WrittenRunbook, found: list[RunbookMistake], *, named: bool = False
) -> Iterator[WrittenMistake]:
    for one in found:
        why = f"`{dotted(one.where)}`: {one.why}" if named else one.why
        found_at = _mistake(written, one.where, why, warning=one.warning)
        yield replace(found_at, line=found_at.line + one.row)


def _mistake(written: WrittenRunbook, where: Where, why: str, *, warning: bool = False) -> WrittenMistake:
    file, line = written.place(where)
    return WrittenMistake(file, line, why, warning)


def items_of(root: Path, name: str) -> dict[str, tuple[int | str, ...]]:
    """The lines of the file that each rule of the older runbook stands on, or `engine`, by its number.

    Raises UnreadableError.
    """
    source = find(root, name).source
    found = dict[str, list[int | str]]()
    for path in source.lines:
        if path[-1] == "item":
            for number in one_or_more(at(source.value, path)):
                found.setdefault(str(number), []).append(source.line(path))
    named = source.value.get("items", {})
    for number, paths in named.items() if isinstance(named, dict) else ():
        for one in one_or_more(paths):
            place = BY_THE_ENGINE if one == BY_THE_ENGINE else source.line(tuple(str(one).split(".")))
            found.setdefault(str(number), []).append(place)
    return {
        number: tuple(sorted(dict.fromkeys(found[number]), key=lambda one: (isinstance(one, str), one)))
        for number in sorted(found)
    }


def at(value: Any, path: Where) -> Any:
    """What stands at a path."""
    for part in path:
        value = value[part]
    return value
