"""What a team does again and again, as the engine executes it."""

from __future__ import annotations

from pydantic import Field

from allclear.core.calendar.recurrence import Recurrence
from allclear.core.model.frozen import Frozen


class RoutineStep(Frozen):
    """One box. ``parts`` are bullets under it; ``run`` names the action of the settings that does it."""

    text: str
    parts: tuple[str, ...] = ()
    run: str = ""
    optional: bool = False


class Routine(Frozen):
    """An issue with boxes that is opened again and again, for the people behind the titles ``to``.

    ``after`` and ``open`` are ids of severities: it is also opened when the post-mortem of such an incident
    is published, and lists the open incidents of those.
    """

    id: str = Field(pattern=r"^[a-z][a-z0-9-]{0,40}$")
    title: str
    every: Recurrence
    after: tuple[str, ...] = ()
    open: tuple[str, ...] = ()
    to: tuple[str, ...]
    steps: tuple[RoutineStep, ...] = ()
