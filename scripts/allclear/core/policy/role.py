"""A role: a part that somebody plays in the incident, for whom it is meant, and when it is needed."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator, Field, PlainSerializer

from allclear.core.model.frozen import Frozen
from allclear.core.policy.deadline import Condition


def _listed(value: object) -> object:
    """One text is a list of one duty, and an empty one of none."""
    return ([value] if value else []) if isinstance(value, str) else value


Duties = Annotated[
    tuple[str, ...],
    BeforeValidator(_listed),
    PlainSerializer("; ".join, return_type=str, when_used="json"),
]
"""What who has the role does. As JSON it is one text, as it always was in the hash of a runbook."""


class RoleKind(Frozen):
    """A part somebody plays in the incident, such as ``ic``.

    ``severities``: those in which it is needed, while ``when`` holds; None where the runbook does not say,
    and then it is asked of nobody. ``primary`` and ``backup``: titles of those whom it is proposed to.
    ``excludes``: ids of roles that the same person may not have. ``many``: several people may have it.
    ``by_ack``: it is that of whoever acknowledges first.
    """

    id: str = Field(pattern=r"^[a-z][a-z0-9-]{0,40}$")
    title: str
    words: tuple[str, ...] = ()
    duties: Duties = ()
    severities: tuple[str, ...] | None = None
    when: Condition = Condition()
    primary: tuple[str, ...] = ()
    backup: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()
    many: bool = False
    by_ack: bool = False


LATER = {"severities", "when", "primary", "backup", "excludes", "many", "by_ack"}
"""Fields that only the new language fills: a runbook of the old one keeps the hash it had."""
