"""The reports of a working copy, read once each: what a content says is kept, by the name git has for it."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from allclear.core.metrics import reading
from allclear.core.metrics.reading import ReportFault, ReportFile, ReportRow, read_row
from allclear.core.model.frozen import Frozen
from allclear.core.postmortem import front_matter, outline
from allclear.core.postmortem.file_name import FOLDER, is_period, is_report

LARGEST = 1_000_000
"""Bytes of a report; GitHub shows none that is larger."""

Seen = Callable[[int, int], None]
"""Told of each file that was read: how many, of how many."""


class _ReportCache(Frozen):
    """What the cache file holds. ``by``: the programs that read the reports, as they were then."""

    by: str
    rows: dict[str, ReportRow]


_CACHE: TypeAdapter[_ReportCache] = TypeAdapter(_ReportCache)


def blob_name(content: bytes) -> str:
    """What git calls this content (https://git-scm.com/book/en/v2/Git-Internals-Git-Objects)."""
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


def report_paths(root: Path) -> list[Path]:
    """The files that may be reports, by their paths. Links are none: nobody knows where they lead."""
    found = []
    for folder, below, names in os.walk(root / FOLDER):
        below[:] = [one for one in below if is_period(one)]
        found += [Path(folder, name) for name in names if is_report(report_path(root, Path(folder, name)))]
    return sorted(one for one in found if not one.is_symlink() and one.is_file())


def report_path(root: Path, file: Path) -> str:
    """The path of a file in the repository."""
    return file.relative_to(root).as_posix()


def read_reports(root: Path, cache: Path | None = None, seen: Seen | None = None) -> tuple[ReportFile, ...]:
    """Every report below ``root``. What ``cache`` knows is not parsed again; a cache that is broken, or that
    cannot be written, costs time only.
    """
    known = _load(cache) if cache else {}
    paths = report_paths(root)
    rows: dict[str, ReportRow] = {}
    files = []
    for done, path in enumerate(paths, start=1):
        name, row = _read(path, known)
        if name:
            rows[name] = row
        files.append(ReportFile(path=report_path(root, path), row=row))
        if seen is not None:
            seen(done, len(paths))
    if cache and rows.keys() != known.keys():
        _save(cache, rows)
    return tuple(files)


def paths_by_content(root: Path) -> dict[str, Path]:
    """Where the working copy has each content, by what git calls it."""
    found = {}
    for path in report_paths(root):
        try:
            found[blob_name(path.read_bytes())] = path
        except OSError:
            continue
    return found


def _read(path: Path, known: Mapping[str, ReportRow]) -> tuple[str, ReportRow]:
    """The row and the content's name; no name for what was not read."""
    try:
        if path.stat().st_size > LARGEST:
            return "", _wrong("The report is larger than 1 MB. Move logs and pictures out of it.")
        content = path.read_bytes()
    except OSError as error:
        return "", _wrong(f"The file cannot be read: {error.strerror}.")
    name = blob_name(content)
    return name, known.get(name) or read_row(content.decode(errors="surrogateescape"))


def _wrong(why: str) -> ReportRow:
    return ReportRow(faults=(ReportFault(line=1, text=why),))


def cache_of(root: Path, environment: Mapping[str, str]) -> Path | None:
    """Where the cache of this working copy is, outside of it; None where there is no place for caches.

    https://specifications.freedesktop.org/basedir-spec/latest/
    """
    base = environment.get("XDG_CACHE_HOME") or ""
    home = environment.get("HOME") or ""
    if not base and not home:
        return None
    folder = Path(base) if base else Path(home, ".cache")
    mark = hashlib.sha256(str(root.resolve()).encode(errors="surrogateescape")).hexdigest()[:16]
    return folder / "allclear" / f"reports-{mark}.json"


def _by() -> str:
    """A digest of the programs that read: what another version read is read again."""
    sources = [Path(module.__file__ or "").read_bytes() for module in (reading, front_matter, outline)]
    return hashlib.sha256(b"\0".join(sources)).hexdigest()[:16]


def _load(cache: Path) -> dict[str, ReportRow]:
    try:
        kept = _CACHE.validate_json(cache.read_bytes())
    except (OSError, ValidationError):
        return {}
    return kept.rows if kept.by == _by() else {}


def _save(cache: Path, rows: dict[str, ReportRow]) -> None:
    """All or nothing: whoever reads meanwhile sees the old one."""
    content = _CACHE.dump_json(_ReportCache(by=_by(), rows=rows), exclude_defaults=True)
    try:
        cache.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=cache.parent, prefix=".reports-")
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(name).replace(cache)
    except OSError:
        return
