"""Action items: what people do so that it does not happen again."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from msgspec import Struct

from allclear.core.model.people import Person

ActionOutcome = Literal["", "done", "dropped"]
"""What became of an action item: people did it, or said that nobody will."""


class ActionItem(Struct, frozen=True):
    """``owner`` None: nobody yet. ``due`` is a date, ``YYYY-MM-DD``, or empty. ``text`` and ``why`` are raw.

    ``outcome``: empty while it is open. ``followed``: its owner is asked when its date comes; not of what was
    added before that was so, for nobody could say that it is done. ``asked``: when that was, the last time.
    ``issue``: the number of its own issue; 0: it has none. ``ended``: when it was over.
    """

    owner: Person | None
    due: str
    text: str
    number: int = 0
    outcome: ActionOutcome = ""
    why: str = ""
    followed: bool = False
    asked: datetime | None = None
    issue: int = 0
    ended: datetime | None = None


ACTION_DUE = "action-due"
"""What the deadline of an action item's date is called."""


def action_of(timer: str) -> int:
    """The number of the action item that a timer asks for, by the timer's key; 0 when it asks for none."""
    name, _, rest = timer.partition("/")
    number = rest.partition("/")[0]
    return int(number) if name == ACTION_DUE and number.isascii() and number[:9].isdigit() else 0
