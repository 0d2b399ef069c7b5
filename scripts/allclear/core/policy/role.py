"""A role: a part that somebody plays in the incident, for whom it is meant, and when it is needed."""

from __future__ import annotations

from msgspec import Struct

from allclear.core.policy.deadline import Condition


class RoleKind(Struct, frozen=True, kw_only=True):
    """A part somebody plays in the incident, such as ``ic``.

    ``severities``: those in which it is needed, while ``when`` holds. ``duties``: what who has it does.
    ``primary`` and ``backup``: titles of those whom it is proposed to. ``excludes``: ids of roles that the
    same person may not have. ``many``: several people may have it. ``by_ack``: it is that of whoever
    acknowledges first.
    """

    id: str
    title: str
    words: tuple[str, ...] = ()
    duties: tuple[str, ...] = ()
    severities: tuple[str, ...]
    when: Condition = Condition()
    primary: tuple[str, ...] = ()
    backup: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()
    many: bool = False
    by_ack: bool = False
