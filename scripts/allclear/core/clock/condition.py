"""Since when a condition holds."""

from __future__ import annotations

from datetime import datetime

from allclear.core.clock.readings import all_reached
from allclear.core.policy.deadline import Condition
from allclear.core.record.incident import Incident


def holding(incident: Incident, condition: Condition) -> tuple[tuple[str, datetime], ...]:
    """Each time that the condition came true and still holds: a mark for it, and since when.

    Every raising of one of its flags is a time of its own.
    """
    begun: list[datetime] = []
    for asked, since in (
        (condition.fix, _fixed(incident, condition.fix)),
        (condition.measured, all_reached(incident, condition)),
    ):
        if asked:
            if since is None:
                return ()
            begun.append(since)
    if not condition.flag:
        since = max(begun, default=incident.opened)
        return ((f"{since:%Y%m%dT%H%M%S}", since),) if since else ()
    raised = [one for flag in condition.flag if (one := incident.progress.raised.get(flag)) is not None]
    return tuple((one.key, max([one.at, *begun])) for one in raised)


def _fixed(incident: Incident, kind: str) -> datetime | None:
    """Since when the newest fix is of that kind; None while it is not. A hotfix is a fix forward too."""
    by = incident.production.fixed_by
    if kind == "rollback":
        return incident.production.fixed_at if by == "rollback" else None
    if kind == "hotfix":
        return incident.production.fixed_at if by == "hotfix" else None
    if by == "rollback":
        return None
    return incident.production.fixed_at if by == "hotfix" else incident.reached("mitigated")
