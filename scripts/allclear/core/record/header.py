"""The head of an entry: what caused it, who said it and when. The arms of the facts need no more of it."""

from __future__ import annotations

from datetime import datetime

from allclear.core.model.people import Person
from allclear.core.model.stored import Stored


class EntryHeader(Stored, frozen=True, kw_only=True):
    """An entry without its facts and its place in the chain. What the fields hold, ``Entry`` says."""

    key: str
    what: str
    by: Person | None = None
    at: datetime
    source: int | None = None
