"""Steps of the checklists: who ticked one, and whose one is that is left to do after the incident."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from allclear.core.model.people import Person


class Tick(Struct, frozen=True):
    """Who ticked a step, and when. ``without``: why, where the record does not have what it stands for, or
    where it is ``dropped``: nobody will do it.
    """

    by: Person | None
    at: datetime
    without: str = ""
    dropped: bool = False


class StepDuty(Struct, frozen=True):
    """Whose a step for afterwards is, where somebody said so. ``owner`` None: that of its list. ``due`` is a
    date, ``YYYY-MM-DD``; empty: when its list is due. ``asked``: when its owner was asked, the last time.
    """

    owner: Person | None = None
    due: str = ""
    asked: datetime | None = None


STEP_DUE = "step-due"
"""What the deadline of a step's date is called."""


def step_of(timer: str) -> str:
    """The id of the step that a timer asks for, by the timer's key; empty when it asks for none."""
    name, _, rest = timer.partition("/")
    return rest.partition("/")[0] if name == STEP_DUE else ""
