"""What a workflow that somebody started by hand, without inputs, is about (000-14)."""

from __future__ import annotations

from collections.abc import Sequence

from allclear.core.policy.runbook import Runbook
from allclear.core.policy.settings import Settings
from allclear.core.production.clearance import Inputs, Refusal
from allclear.core.record.incident import Incident

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


def hand_id(run: int) -> str:
    """``hand-0000zz``: the id of what run ``run`` does. Of the run itself, so that it is never another's."""
    digits = ""
    while run:
        run, digit = divmod(run, 36)
        digits = _DIGITS[digit] + digits
    return f"hand-{digits.rjust(6, '0')}"


def service_meant(inputs: Inputs, settings: Settings) -> str | Refusal:
    """The service that the input names, else the only one."""
    names = {name.lower(): name for name in settings.services}
    if inputs.service:
        found = names.get(inputs.service.lower())
        return found or Refusal("unknown-service", f"There is no service like that; {_there(settings)}")
    if len(names) == 1:
        return next(iter(names.values()))
    return Refusal("unknown-service", f"Which service? Give it as the input `service`; {_there(settings)}")


def _there(settings: Settings) -> str:
    return f"there are {', '.join(settings.services) or 'none, see .github/allclear.yml'}."


def incident_meant(
    inputs: Inputs, service: str, incidents: Sequence[Incident], runbook: Runbook
) -> Incident | Refusal | None:
    """The open incident that the input names; else the one that hit the service; else the worst, the newest
    of those. None: there is none open, and production can be put back all the same.
    """
    if inputs.incident:
        number = inputs.incident.lstrip("#")
        found = [one for one in incidents if str(one.number) == number]
        return found[0] if found else Refusal("closed", "There is no open incident with that number.")
    if not incidents:
        return None
    hit = [one for one in incidents if service.lower() in {name.lower() for name in one.impact.services}]
    return min(hit or incidents, key=lambda one: (_rank(one, runbook), -one.number))


def _rank(incident: Incident, runbook: Runbook) -> int:
    levels = [severity.id for severity in runbook.severities]
    return levels.index(incident.severity) if incident.severity in levels else len(levels)
