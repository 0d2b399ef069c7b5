"""Which reports are counted: each incident once, and neither drills nor duplicates."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from msgspec import Struct

from allclear.core.metrics.reading import ReportFile
from allclear.core.model.neutral import plain
from allclear.core.postmortem.file_name import in_folder

DRILL = "a drill"
DUPLICATE = "a duplicate of #{number}"
SAME = "the same incident as {path}"
NO_RECORD = "no front matter"
WRONG = "front matter that cannot be read"
UNDATED = "no day on which it started"


class LeftOut(Struct, frozen=True):
    """A report that no number counts, and why."""

    file: ReportFile
    why: str


class Collection(Struct, frozen=True):
    """The reports of a folder, newest first. ``counted`` are in the numbers, ``left_out`` are not."""

    counted: tuple[ReportFile, ...]
    left_out: tuple[LeftOut, ...]

    @property
    def files(self) -> tuple[ReportFile, ...]:
        """All of them, newest first."""
        return newest_first([*self.counted, *(one.file for one in self.left_out)])

    @property
    def wrong(self) -> tuple[ReportFile, ...]:
        """Those with faults, by their paths."""
        found = [*self.counted, *(one.file for one in self.left_out)]
        return tuple(sorted((one for one in found if one.row.faults), key=lambda one: one.path))

    def selected(self, since: date | None = None, services: frozenset[str] = frozenset()) -> Collection:
        """Those that started on that day or later, and hit one of these services, in any spelling; all
        services when none is named.
        """
        wanted = {name.casefold() for name in services}

        def fits(file: ReportFile) -> bool:
            late = since is None or (file.day is not None and file.day >= since)
            return late and (not wanted or any(name.casefold() in wanted for name in file.row.services))

        return Collection(
            tuple(one for one in self.counted if fits(one)),
            tuple(one for one in self.left_out if fits(one.file)),
        )


def collect(files: Iterable[ReportFile]) -> Collection:
    """Sort the reports of a folder. Of two about one incident, the one whose path comes first counts."""
    counted: list[ReportFile] = []
    left_out: list[LeftOut] = []
    known: dict[object, str] = {}
    for file in sorted(files, key=lambda one: one.path):
        why = _why_not(file, known)
        if why:
            left_out.append(LeftOut(file, why))
        else:
            counted.append(file)
    order = {file.path: place for place, file in enumerate(newest_first(one.file for one in left_out))}
    return Collection(newest_first(counted), tuple(sorted(left_out, key=lambda one: order[one.file.path])))


def newest_first(files: Iterable[ReportFile]) -> tuple[ReportFile, ...]:
    """By their start, the newest first; what has no day comes last."""
    undated = date.min
    return tuple(
        sorted(
            files,
            key=lambda one: (one.day or undated, str(one.row.started or ""), one.path),
            reverse=True,
        )
    )


def _why_not(file: ReportFile, known: dict[object, str]) -> str:
    row = file.row
    if not row.record:
        return WRONG if row.faults else NO_RECORD
    if row.kind == "drill":
        return DRILL
    if row.duplicate_of is not None:
        return DUPLICATE.format(number=row.duplicate_of)
    if file.day is None:
        return UNDATED
    whose = row.id.casefold() if row.by_hand else (row.repository.casefold(), row.issue)
    first = known.setdefault(whose, file.path)
    return "" if first == file.path else SAME.format(path=plain(in_folder(first)))
