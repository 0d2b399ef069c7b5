"""A short name for a file or a channel, made of a title that anybody may have written: from an allow-list.
And a name of that kind as people read it.
"""

from __future__ import annotations

import re
import unicodedata

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


def spelt(name: str) -> str:
    """An id as people read it: ``incident-commander`` is ``Incident commander``."""
    words = name.replace("-", " ")
    return words[:1].upper() + words[1:]
