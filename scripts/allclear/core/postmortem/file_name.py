"""Where a post-mortem stands: ``reports/incidents/YYYY-MM-DD-<slug>.md`` (000-21, 000-A12).

The slug comes from a title that anybody may have written: it is built from an allow-list and stays in its
folder.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import NamedTuple

from allclear.core.model.milestones import IncidentKind
from allclear.core.model.patterns import lazy_regex
from allclear.core.model.slug import slug
from allclear.core.model.times import utc

FOLDER = "reports/incidents"
INDEX_NAME = "README.md"
INDEX = f"{FOLDER}/{INDEX_NAME}"
_PERIOD = lazy_regex(r"(?:\d{4}(?:-\d{2}|-?Q[1-4])?|\d{2}|Q[1-4])", re.IGNORECASE | re.ASCII)


class Paths(NamedTuple):
    """``plain`` is the path to use; ``numbered`` has the issue number, for when another incident has it."""

    plain: str
    numbered: str


def paths(title: str, number: int, started: datetime, kind: IncidentKind = "real") -> Paths:
    """The two paths a post-mortem may have; its date is the UTC day of ``started``. A drill says so."""
    name = slug(title, number)
    if kind == "drill":
        name = f"drill-{name}"
    base = f"{FOLDER}/{utc(started):%Y-%m-%d}-{name}"
    return Paths(f"{base}.md", f"{base}-{number}.md")


def calendar_path(path: str) -> str:
    """The calendar file of a report's meeting stands beside the report."""
    return f"{path.removesuffix('.md')}.ics"


def is_report(path: str) -> bool:
    """Whether a file of the repository is a post-mortem: one that stands in the folder itself, or is sorted
    below it by year, quarter or month. What people keep in other folders there, such as notes or pages to
    show, is none, and neither is a folder's own page.
    """
    folder, _, name = path.rpartition("/")
    below = folder.removeprefix(FOLDER)
    return (
        folder.startswith(FOLDER)
        and all(is_period(one) for one in below.split("/")[1:])
        and (not below or below.startswith("/"))
        and name.endswith(".md")
        and name.casefold() != INDEX_NAME.casefold()
    )


def in_folder(path: str) -> str:
    """The path of a report below the folder, as a page of the folder links to it."""
    return path.removeprefix(f"{FOLDER}/")


def is_period(folder: str) -> bool:
    """Whether a folder is called like a year, a quarter or a month: ``2025``, ``2025-10``, ``Q4``, ``10``."""
    return _PERIOD.fullmatch(folder) is not None
