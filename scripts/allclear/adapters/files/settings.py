"""Reads ``.github/allclear.yml`` and its runbook.
What is broken is said, and never means that nobody is paged.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path

from msgspec import Struct, field

from allclear.adapters.files.kept_runbooks import kept_runbook
from allclear.adapters.files.shipped import stands_at
from allclear.adapters.files.strict_yaml import Mistake, Source, load
from allclear.adapters.files.written_file import (
    Earlier,
    FileTooLargeError,
    beginning,
    nothing_earlier,
    whole_file,
)
from allclear.core.model.authored import Authored, AuthoredT, read_authored
from allclear.core.model.errors import SettingsError
from allclear.core.policy.provider import Provider
from allclear.core.policy.runbook import Runbook
from allclear.core.policy.service_check import troubles
from allclear.core.policy.settings import Settings

SETTINGS = ".github/allclear.yml"
PROVIDERS = "templates/providers"
MOST = 5
"""Mistakes of one file that are told one by one."""


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
    from allclear.adapters.files.runbook_in_force import runbook_in_force  # noqa: PLC0415 - a sixth of all modules, not for a kept runbook

    return runbook_in_force(root, name, earlier)


def read_settings(root: Path) -> Settings:
    """The settings as the file has them; the defaults when there is none. Raises SettingsError."""
    path = root / SETTINGS
    return _read(path, SETTINGS, Settings, "a setting") if path.exists() else Settings()


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
        from allclear.adapters.files.settings_in_force import settings_in_force  # noqa: PLC0415 - loads pydantic, not for good settings

        settings, counts = settings_in_force(beginning(root / SETTINGS) or b"", last_good, earlier)
        return settings, (f"{error} {counts}",)


def parsed_settings(raw: bytes, shown: str) -> Settings:
    """The settings that a file says. Raises SettingsError."""
    return _parsed(raw, shown, Settings, "a setting")


def _read(path: Path, shown: str, kind: type[AuthoredT], thing: str) -> AuthoredT:
    return _parsed(_content(path, shown), shown, kind, thing)


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


def _parsed(raw: bytes, shown: str, kind: type[AuthoredT], thing: str) -> AuthoredT:
    """What a file says. Raises SettingsError."""
    found = _known(raw, shown, kind, thing)
    assert isinstance(found, kind)
    return found


@lru_cache(maxsize=32)
def _known(raw: bytes, shown: str, kind: type[Authored], thing: str) -> Authored:
    """The same. Kept: a drill plays hundreds of jobs in one process, all with the same files."""
    source = _source(raw, shown)
    try:
        return read_authored(kind, source.value)
    except ValueError as error:
        from allclear.adapters.files.sentences import sentences  # noqa: PLC0415 - loads pydantic, which found the mistakes

        told = list(sentences(error, kind, source, shown, thing))
        more = [f"And {len(told) - MOST} more."] if len(told) > MOST else []
        raise SettingsError(" ".join([*told[:MOST], *more]), tuple(told)) from error
