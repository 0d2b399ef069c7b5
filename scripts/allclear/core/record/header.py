"""The head of an entry: what caused it, who said it and when. The arms of the facts need no more of it."""

from __future__ import annotations

from datetime import datetime

from allclear.core.model.frozen import Frozen
from allclear.core.model.people import Person


class EntryHeader(Frozen):
    """An entry without its facts and its place in the chain. What the fields hold, ``Entry`` says."""

    key: str
    what: str
    by: Person | None = None
    at: datetime
    source: int | None = None
