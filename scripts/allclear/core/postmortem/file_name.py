"""Where a post-mortem stands: ``reports/incidents/YYYY-MM-DD-<slug>.md`` (000-21, 000-A12).

The slug comes from a title that anybody may have written: it is built from an allow-list and stays in its
folder.
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from allclear.core.model.milestones import IncidentKind
from allclear.core.model.slug import slug
from allclear.core.model.times import utc

FOLDER = "reports/incidents"
INDEX_NAME = "README.md"
INDEX = f"{FOLDER}/{INDEX_NAME}"


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
    """Whether a file of the repository is a post-mortem: one that stands in the folder itself. What people
    keep in folders below it, such as notes or pages to show, is none, and neither is the folder's own page.
    """
    folder, _, name = path.rpartition("/")
    return folder == FOLDER and name.endswith(".md") and name.casefold() != INDEX_NAME.casefold()
