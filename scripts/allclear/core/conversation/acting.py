"""Acting is acknowledging: whoever works on an incident need not say so as well."""

from __future__ import annotations

from collections.abc import Iterable

from allclear.core.model.operation import DANGEROUS
from allclear.core.model.people import Person
from allclear.core.record.facts import Fact
from allclear.core.record.findings import Found
from allclear.core.record.incident import Incident
from allclear.core.record.observed import Measured
from allclear.core.record.people import Acknowledged
from allclear.core.record.production import OperationApproved, OperationAsked

SAID = "This counts as an acknowledgement."


def acknowledging(facts: Iterable[Fact], incident: Incident, by: Person) -> tuple[Acknowledged, ...]:
    """The acknowledgement that lies in these facts, while nobody has given one: in a finding, in asking for a
    change of production, in approving one. A dry run is none, and nothing that a bot does.
    """
    if not incident.active or incident.reached("acknowledged") is not None or by.login.endswith("[bot]"):
        return ()
    return (Acknowledged(by=by),) if any(_acts(fact) for fact in facts) else ()


def _acts(fact: Fact) -> bool:
    if isinstance(fact, OperationAsked):
        return fact.kind in DANGEROUS and not fact.dry_run
    return isinstance(fact, Found | Measured | OperationApproved)
