"""The step before a service is looked at: which checks there are is read with a token, and written down for
the next step, which makes them and holds none.
"""

from __future__ import annotations

from allclear.adapters.files.handed import hand_over
from allclear.core.conversation.command import Policy
from allclear.core.model.execution import Execution
from allclear.core.model.operation import OperationKind
from allclear.core.model.patterns import lazy_regex
from allclear.core.model.release import Release
from allclear.core.policy.provider import Provider
from allclear.core.policy.service import Service
from allclear.core.production.clearance import Refusal
from allclear.core.production.handover import SmokeDecision, read_result, smoke_more
from allclear.core.production.listing import values_of
from allclear.jobs.operation_job import (
    OperationJob,
    at_step,
    held_here,
    incident_of,
    operation_job,
    refuse,
    set_outputs,
)
from allclear.jobs.run import Run

CHECKS = "checks"
KINDS: tuple[OperationKind, ...] = ("smoke", "rollback", "action")
_COMMIT = lazy_regex(r"[0-9a-f]{40}|[0-9a-f]{64}")


def prepare(run: Run) -> None:
    """Decide what is to be looked at. Gives the output ``decision``, the digest of the file for the next
    step.
    """
    job = operation_job(run)
    held = held_here(job, KINDS)
    if isinstance(held, Refusal):
        refuse(job, held)
        return
    record = held.execution
    wrong = at_step(held, "claimed")
    policy = incident_of(run, record.issue)[1] if record.issue else run.policy()
    service = policy.settings.services.get(record.service)
    if wrong is None and service is None:
        wrong = Refusal("settings", f"The settings no longer have the service {record.service}.")
    if wrong is not None or service is None:
        refuse(job, wrong or Refusal("settings", ""), record.operation)
        return
    decision = _decision(job, record, policy, service)
    set_outputs(
        job, {"decision": hand_over(run.env, CHECKS, decision.model_dump_json(exclude_defaults=True))}
    )


def _decision(job: OperationJob, record: Execution, policy: Policy, service: Service) -> SmokeDecision:
    provider = policy.providers.get(service.provider) if record.kind == "rollback" else None
    settings = policy.settings
    return SmokeDecision(
        operation=record.operation,
        run=job.own.id,
        environment=service.smoke_environment,
        name=record.service,
        service=service,
        criteria=policy.runbook.recovery,
        hosts=settings.hosts,
        private_hosts=settings.private_hosts,
        more=smoke_more(service, provider),
        values=_values(job, record, service, provider),
    )


def _values(
    job: OperationJob, record: Execution, service: Service, provider: Provider | None
) -> dict[str, str]:
    """What placeholders stand for: the service's values; after a rollback, its release as well."""
    if provider is None:
        return dict(service.values)
    result = read_result(job.run.env.get("ALLCLEAR_RESULT", ""), record.operation)
    target = record.target or (result.target if result else "")
    name = (result.release if result else "") or record.release or target
    release = Release(target=target, name=name, sha=target if _COMMIT.fullmatch(target) else "")
    return {**service.values, **values_of(provider, service.values, release)}
