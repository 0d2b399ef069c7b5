"""Everything that ``allclear check`` says about a repository: one line a mistake, with file, line and fix."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from allclear.adapters.files.runbook_files import FOLDERS, names_of, path_of
from allclear.adapters.files.runbooks import UnreadableError, WrittenRunbook, find, looked_at
from allclear.adapters.files.sentences import dotted
from allclear.adapters.files.settings import (
    PROVIDERS,
    SETTINGS,
    placed,
    read_provider,
    read_settings,
)
from allclear.adapters.files.shipped import TEMPLATES, stands_at
from allclear.adapters.files.strict_yaml import Mistake, Source, load
from allclear.adapters.files.templates import Templates
from allclear.adapters.files.text_check import with_texts
from allclear.adapters.files.workflow_steps import passing_steps
from allclear.core.conversation.command import Command, Policy
from allclear.core.model.errors import SettingsError
from allclear.core.model.neutral import code
from allclear.core.model.patterns import lazy_regex
from allclear.core.policy.passing_check import not_passed
from allclear.core.policy.provider import Provider
from allclear.core.policy.review import MADE, Least, instead, review
from allclear.core.policy.runbook import Runbook
from allclear.core.policy.service_check import troubles
from allclear.core.policy.settings import Settings
from allclear.core.view.guidance import described
from allclear.core.view.issue_form import NOT_SURE, severity_option

FORM = ".github/ISSUE_TEMPLATE/incident.yml"
SKIPPED = MADE | {".git"}
_ZONE = lazy_regex(r"In ([A-Za-z][\w+/-]*)\.")
UNSURE = (NOT_SURE.lower(), "unknown", "none")


def mistakes(root: Path, commands: Mapping[str, Command]) -> Iterator[str]:
    """Every mistake in the settings, runbooks, providers, templates and form of the checkout at ``root``."""
    settings: Settings | None = None
    try:
        settings = read_settings(root)
    except SettingsError as error:
        yield from error.mistakes
    chosen = settings.runbook if settings else ""
    if chosen and path_of(root, chosen) is None:
        yield _no_runbook(root, chosen)
    for name in names_of(root):
        try:
            found = looked_at(written := find(root, name), name)
        except UnreadableError as error:
            yield str(error.mistake)
            continue
        yield from (str(one) for one in found.mistakes if not one.warning)
        if found.runbook is None:
            continue
        rules = Policy(settings or Settings(), found.runbook, commands, Templates(stands_at(root, TEMPLATES)))
        yield from with_texts(root, rules).trouble
        if settings is not None and name == chosen:
            yield from _together(root, settings, written, found.runbook, commands)
    for name in sorted(_names(stands_at(root, PROVIDERS))):
        try:
            read_provider(root, name)
        except SettingsError as error:
            yield from error.mistakes


def doubts(root: Path) -> Iterator[str]:
    """What works in the runbooks of the checkout at ``root``, and is hardly meant."""
    for name in names_of(root):
        with suppress(UnreadableError):
            found = looked_at(find(root, name), name)
            yield from (str(one) for one in found.mistakes if one.warning)


def _no_runbook(root: Path, name: str) -> str:
    """The settings name, or mean by default, a runbook that is not there."""
    there = names_of(root)
    hint = instead(name, there) if there else "`allclear init` writes one."
    line = _source(root / SETTINGS).line(("runbook",))
    return f"`{SETTINGS}` line {line}: `runbook`: `{FOLDERS[-1]}/{name}.yml` does not exist; {hint}"


def _together(
    root: Path,
    settings: Settings,
    written: WrittenRunbook,
    runbook: Runbook,
    commands: Mapping[str, Command],
) -> Iterator[str]:
    """What no single line shows: names that stand for nothing, files that are not there."""
    providers = _providers(root, settings)
    own = _source(root / SETTINGS)
    yield from not_passed(settings, providers, passing_steps(root))
    yield from placed(troubles(settings, providers, runbook), own.lines)
    least = {name: Least(command.least, command.floor) for name, command in commands.items()}
    for found in review(settings, runbook, providers, least, _files(root)):
        place = written.place(found.where) if found.in_runbook else (SETTINGS, own.line(found.where))
        yield f"`{place[0]}` line {place[1]}: `{dotted(found.where)}`: {found.why}"
    yield from _form(root, settings, runbook)


def _providers(root: Path, settings: Settings) -> Mapping[str, Provider]:
    """All that there are: one of them may be meant."""
    found = dict(settings.providers)
    for name in set(_names(stands_at(root, PROVIDERS))) - found.keys():
        try:
            found[name] = read_provider(root, name)
        except SettingsError:
            continue
    return found


def _form(root: Path, settings: Settings, runbook: Runbook) -> Iterator[str]:
    """A form that offers other severities than the runbook has, or sets another label."""
    try:
        source = load((root / FORM).read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        return
    except (Mistake, OSError, UnicodeDecodeError) as error:
        yield f"`{FORM}` {error}"
        return
    form = source.value if isinstance(source.value, dict) else {}
    if "body" not in form:
        return  # somebody's own template, and no form
    labels = form.get("labels") or ()
    wanted = settings.labels.incident
    named = labels.split(",") if isinstance(labels, str) else list(labels)
    if wanted.casefold() not in {str(one).strip().casefold() for one in named}:
        yield (
            f"`{FORM}` line {source.line(('labels',))}: the form does not set {code(wanted)}, so what is "
            f"reported with it is no incident; write `labels: [{wanted}]`."
        )
    for index, field in enumerate(form.get("body") or ()):
        if isinstance(field, dict) and field.get("id") == "severity":
            yield from _options(_offered(field), ("body", index), source, runbook)
        if isinstance(field, dict) and field.get("id") == "detected":
            yield from _detection(_offered(field), ("body", index), source, runbook)
        if isinstance(field, dict):
            yield from _told(field, ("body", index), source, settings, runbook)


def _told(
    field: Mapping[str, Any],
    where: tuple[int | str, ...],
    source: Source,
    settings: Settings,
    runbook: Runbook,
) -> Iterator[str]:
    """What the form says of a severity or of the zone, and the runbook no longer does. A form that says
    nothing of them is somebody's own.
    """
    said = field.get("attributes") or {}
    anew = f"{code(f'allclear runbook form {runbook.name}')} prints the form as it is now."
    lines = [line.strip() for line in str(said.get("value") or "").splitlines()]
    for severity in runbook.severities:
        told = [line for line in lines if line.startswith(f"- `{severity.id}`")]
        if told and described(severity, runbook).strip() not in told:
            line = source.line((*where, "attributes", "value"))
            yield f"`{FORM}` line {line}: the runbook says otherwise what {code(severity.id)} means; {anew}"
    if field.get("id") != "started":
        return
    meant = settings.zone or runbook.zone
    zone = _ZONE.match(str(said.get("description") or ""))
    line = source.line((*where, "attributes", "description"))
    if zone and zone[1] != meant:
        yield f"`{FORM}` line {line}: times are read in {code(meant)}, not in {code(zone[1])}; {anew}"
    elif zone and meant != "UTC" and not str(said.get("label") or "").endswith(f"({meant})"):
        yield (
            f"`{FORM}` line {line}: what is answered here is read in UTC, for the label names no zone; {anew}"
        )


def _offered(field: Mapping[str, Any]) -> list[str]:
    return [str(one) for one in (field.get("attributes") or {}).get("options") or ()]


def _detection(
    options: Sequence[str], where: tuple[int | str, ...], source: Source, runbook: Runbook
) -> Iterator[str]:
    """Ways of noticing an incident that the form and the runbook do not share."""
    known = {one.casefold() for one in runbook.detection}
    for at, option in enumerate(options):
        if known and option.casefold() not in known:
            line = source.line((*where, "attributes", "options", at))
            hint = instead(option, runbook.detection)
            yield f"`{FORM}` line {line}: {code(option)} is no `detection` of {code(runbook.name)}; {hint}"
    for one in runbook.detection:
        if one.casefold() not in {option.casefold() for option in options}:
            line = source.line((*where, "attributes", "options"))
            yield f"`{FORM}` line {line}: {code(one)} is not offered; add it to the `options`."


def _options(
    options: Iterable[str], where: tuple[int | str, ...], source: Source, runbook: Runbook
) -> Iterator[str]:
    offered = set()
    for at, option in enumerate(options):
        words = option.replace("—", " ").replace("-", " ").split()
        begun = runbook.severity_leading(" ".join(words))
        severity = begun[0] if begun else None
        offered |= {severity.id} if severity else set()
        if severity is None and option.strip().lower() not in UNSURE:
            line = source.line((*where, "attributes", "options", at))
            hint = instead(words[0] if words else "", [one.id for one in runbook.severities])
            yield f"`{FORM}` line {line}: {code(option)} is no severity of {code(runbook.name)}; {hint}"
    for severity in runbook.severities:
        if severity.id not in offered:
            line = source.line((*where, "attributes", "options"))
            yield (
                f"`{FORM}` line {line}: {code(severity.id)} is not offered; add "
                f"{code(severity_option(severity))} to the `options`."
            )


def _source(path: Path) -> Source:
    """The lines of a file that was read before; of none, everything stands in line 1."""
    return load(path.read_text(encoding="utf-8-sig")) if path.exists() else Source({}, {})


def _names(folder: Path) -> list[str]:
    return [path.stem for path in folder.glob("*.yml")]


def _files(root: Path) -> frozenset[str]:
    """The files below ``root``, without what git and package managers keep."""
    found = set[str]()
    for folder, inner, names in os.walk(root):
        inner[:] = [name for name in inner if name not in SKIPPED]
        found |= {str((Path(folder) / name).relative_to(root)).replace(os.sep, "/") for name in names}
    return frozenset(found)
