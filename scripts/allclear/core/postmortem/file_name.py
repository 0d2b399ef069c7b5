"""Where a post-mortem stands: ``reports/incidents/YYYY-MM-DD-<slug>.md`` (000-21, 000-A12).

The slug comes from a title that anybody may have written: it is built from an allow-list and stays in its
folder.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime
from typing import NamedTuple

from allclear.core.model.milestones import IncidentKind
from allclear.core.model.times import utc

FOLDER = "reports/incidents"
LONGEST = 60
"""Characters of a slug: with date, number and ending, the name stays below a file system's 255 bytes."""

RESERVED = frozenset(
    {
        "con",
        "prn",
        "aux",
        "nul",
        *(f"{device}{number}" for device in ("com", "lpt") for number in range(1, 10)),
    }
)
"""Names that Windows does not let a checkout create."""


class Paths(NamedTuple):
    """``plain`` is the path to use; ``numbered`` has the issue number, for when another incident has it."""

    plain: str
    numbered: str


def slug(title: str, number: int) -> str:
    """``Checkout down: DB full`` becomes ``checkout-down-db-full``: ASCII letters, digits, hyphens, at most
    60.

    ``incident-<number>`` when nothing of the title is left; a reserved name gets the issue number behind it.
    """
    signs = unicodedata.normalize("NFKD", title.casefold())
    plain = "".join(sign for sign in signs if not unicodedata.combining(sign))
    words = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
    if len(words) > LONGEST:
        cut = words[:LONGEST]
        # A name may end in the middle of a word only when it is one endless word.
        words = cut.rsplit("-", 1)[0] if words[LONGEST] != "-" and "-" in cut else cut.rstrip("-")
    if not words:
        return f"incident-{number}"
    return f"{words}-{number}" if words in RESERVED else words


def paths(title: str, number: int, started: datetime, kind: IncidentKind = "real") -> Paths:
    """The two paths a post-mortem may have; its date is the UTC day of ``started``. A drill says so."""
    name = slug(title, number)
    if kind == "drill":
        name = f"drill-{name}"
    base = f"{FOLDER}/{utc(started):%Y-%m-%d}-{name}"
    return Paths(f"{base}.md", f"{base}-{number}.md")
