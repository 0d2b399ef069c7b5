"""What a team does again and again, as the engine executes it."""

from __future__ import annotations

from msgspec import Struct

from allclear.core.calendar.recurrence import Recurrence


class RoutineStep(Struct, frozen=True, kw_only=True):
    """One box. ``parts`` are bullets under it; ``run`` names the action of the settings that does it."""

    text: str
    parts: tuple[str, ...] = ()
    run: str = ""
    optional: bool = False


class Routine(Struct, frozen=True, kw_only=True):
    """An issue with boxes that is opened again and again, for the people behind the titles ``to``.

    ``after`` and ``open`` are ids of severities: it is also opened when the post-mortem of such an incident
    is published, and lists the open incidents of those.
    """

    id: str
    title: str
    every: Recurrence
    after: tuple[str, ...] = ()
    open: tuple[str, ...] = ()
    to: tuple[str, ...]
    steps: tuple[RoutineStep, ...] = ()
