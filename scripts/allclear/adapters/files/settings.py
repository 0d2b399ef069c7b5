"""Reads ``.github/allclear.yml`` and its runbook.
What is broken is said, and never means that nobody is paged.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from msgspec import Struct, field
from pydantic import BaseModel, ValidationError

from allclear.adapters.files.kept_runbooks import kept_runbook
from allclear.adapters.files.mending import Earlier, in_force, last_whole, mended, nothing_earlier, readable
from allclear.adapters.files.sentences import sentences
from allclear.adapters.files.shipped import stands_at
from allclear.adapters.files.strict_yaml import Mistake, Source, load
from allclear.adapters.files.written_file import FileTooLargeError, beginning, whole_file
from allclear.core.model.errors import SettingsError
from allclear.core.model.neutral import code
from allclear.core.policy.provider import Provider
from allclear.core.policy.runbook import Runbook
from allclear.core.policy.service_check import troubles
from allclear.core.policy.settings import Settings

SETTINGS = ".github/allclear.yml"
PROVIDERS = "templates/providers"
MOST = 5
"""Mistakes of one file that are told one by one."""

Model = TypeVar("Model", bound=BaseModel)


PAGING = ("people", "zone", "runbook", "labels", "ignore", "status_page")
"""What the last good file of the history counts for. What anybody may do to production is not among them: a
version that was on the way in a pull request is part of the history too.
"""


class Loaded(Struct, frozen=True):
    """What is in force. ``trouble``: what is wrong with the files, and what is used instead."""

    settings: Settings
    runbook: Runbook
    trouble: tuple[str, ...] = ()
    providers: Mapping[str, Provider] = field(default_factory=dict)


def load_policy(root: Path, *, last_good: str | None = None, earlier: Earlier = nothing_earlier) -> Loaded:
    """The settings and the runbook of the repository checked out at ``root``.

    No settings file: the defaults. Of a broken file every part that can be read counts; the others are those
    of ``last_good`` (the JSON of earlier Settings), or of the last version in ``earlier`` that is whole. A
    runbook that is not there: the one that the settings name where they name none. Nothing of it can be
    read: a plain one, for people must be told. Its hours and days are those of the settings' zone, in which
    people read times.
    """
    settings, trouble = _settings(root, last_good, earlier)
    providers, unread = _providers(root, settings)
    trouble += unread
    runbook, broken = _runbook(root, settings.runbook, earlier)
    trouble += broken
    found = troubles(settings, providers, runbook)
    runbook = runbook.in_zone(settings.zone)
    return Loaded(settings, runbook, trouble + _placed(root, settings, found), providers)


def _runbook(root: Path, name: str, earlier: Earlier) -> tuple[Runbook, tuple[str, ...]]:
    """The runbook that is in force, and what is wrong with it."""
    kept = kept_runbook(root, name)
    if kept is not None:
        return kept, ()
    # A sixth of all modules, which the run of a release with a shipped runbook does not need.
    from allclear.adapters.files.runbook_in_force import runbook_in_force  # noqa: PLC0415 - see above

    return runbook_in_force(root, name, earlier)


def read_settings(root: Path) -> Settings:
    """The settings as the file has them; the defaults when there is none. Raises SettingsError."""
    return _read(root / SETTINGS, SETTINGS, Settings, "a setting", missing={})


def read_provider(root: Path, name: str) -> Provider:
    """The provider ``templates/providers/<name>.yml``, a name that is checked. Raises SettingsError."""
    shown = f"{PROVIDERS}/{name}.yml"
    return _read(stands_at(root, shown), shown, Provider, "a part of a provider")


def _placed(root: Path, settings: Settings, told: tuple[str, ...]) -> tuple[str, ...]:
    """What is wrong with the services, with the file and the line of the setting that each begins with."""
    if not told:
        return ()
    try:
        lines = load((root / SETTINGS).read_text(encoding="utf-8-sig")).lines
        if read_settings(root) != settings:
            return told
    except (SettingsError, Mistake, OSError, UnicodeDecodeError):
        return told
    return placed(told, lines)


def placed(told: Iterable[str], lines: Mapping[tuple[int | str, ...], int]) -> tuple[str, ...]:
    """These sentences, each behind the file and the line of the setting that it begins with."""
    return tuple(f"{_place(trouble, lines)}{trouble}" for trouble in told)


def _place(trouble: str, lines: Mapping[tuple[int | str, ...], int]) -> str:
    """```.github/allclear.yml` line 3: ``: the nearest thing that stands in the file; empty for none."""
    named = re.match(r"`([^`]+)`", trouble)
    around = [
        (len(path), line)
        for path, line in lines.items()
        if named and f"{named[1]}.".startswith(".".join(map(str, path)) + ".")
    ]
    return f"`{SETTINGS}` line {max(around)[1]}: " if around else ""


def _providers(root: Path, settings: Settings) -> tuple[Mapping[str, Provider], tuple[str, ...]]:
    """The deploy systems that the services name: the settings' own, else the shipped ones."""
    found = dict(settings.providers)
    trouble = []
    for name in sorted({one.provider for one in settings.services.values() if one.provider} - found.keys()):
        if not stands_at(root, f"{PROVIDERS}/{name}.yml").exists():
            continue  # the check of the services names the setting
        try:
            found[name] = read_provider(root, name)
        except SettingsError as error:
            trouble.append(
                f"{error} Until it is repaired, services of the provider `{name}` cannot be rolled back."
            )
    return found, tuple(trouble)


def _settings(root: Path, last_good: str | None, earlier: Earlier) -> tuple[Settings, tuple[str, ...]]:
    try:
        return read_settings(root), ()
    except SettingsError as error:
        base, named = _known_settings(last_good), "the last good settings"
        if base is None:
            before = last_whole(SETTINGS, _parsed_settings, earlier)
            base = before[1].model_dump(include=set(PAGING)) if before else {}
            named = f"the file of {code(before[0])}" if before else ""
        found = mended(readable(beginning(root / SETTINGS) or b""), Settings, base, ("people",))
        settings = found.value if isinstance(found.value, Settings) else Settings.model_validate(base)
        return settings, (f"{error} {in_force(found, named)}",)


def _known_settings(last_good: str | None) -> Mapping[str, Any] | None:
    """The settings of a checkpoint; None without them, or when an older version of us wrote them."""
    try:
        return Settings.model_validate_json(last_good).model_dump() if last_good else None
    except ValidationError:
        return None


def _read(
    path: Path, shown: str, model: type[Model], thing: str, *, missing: Mapping[str, Any] | None = None
) -> Model:
    if missing is not None and not path.exists():
        return model.model_validate(missing)
    found = _parsed(_content(path, shown), shown, model, thing)
    assert isinstance(found, model)
    return found


def _content(path: Path, shown: str) -> bytes:
    """A file's bytes. Raises SettingsError."""
    try:
        return whole_file(path)
    except FileNotFoundError as error:
        raise SettingsError(f"`{shown}` does not exist.") from error
    except OSError as error:
        raise SettingsError(f"`{shown}` cannot be read: {error.strerror}.") from error
    except FileTooLargeError as error:
        raise SettingsError(f"`{shown}` is {error}.") from error


def _source(raw: bytes, shown: str) -> Source:
    """What stands in a file. Raises SettingsError."""
    try:
        return load(raw.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise SettingsError(
            f"`{shown}` line {line}: this is not UTF-8 text. Save the file as UTF-8."
        ) from error
    except Mistake as error:
        raise SettingsError(f"`{shown}` {error}") from error


@lru_cache(maxsize=32)
def _parsed(raw: bytes, shown: str, model: type[BaseModel], thing: str) -> BaseModel:
    """What a file says. Kept: a drill plays hundreds of jobs in one process, all with the same files."""
    source = _source(raw, shown)
    try:
        return model.model_validate(source.value)
    except ValidationError as error:
        told = list(sentences(error, model, source, shown, thing))
        more = [f"And {len(told) - MOST} more."] if len(told) > MOST else []
        raise SettingsError(" ".join([*told[:MOST], *more]), tuple(told)) from error


def _parsed_settings(raw: bytes, shown: str) -> Settings:
    found = _parsed(raw, shown, Settings, "a setting")
    assert isinstance(found, Settings)
    return found
