"""The step before production is changed. It runs after the approval, which may have come weeks later (P16),
so everything is looked at again, with a token that only reads, and then it is written down what exactly the
next step may do. That one holds the secrets and no token, or a token and no secret.
"""

from __future__ import annotations

from msgspec import Struct

from allclear.adapters.files.handed import hand_over
from allclear.adapters.github.deploy_runs import deploy_run
from allclear.adapters.github.executions import Held
from allclear.core.conversation.command import Policy
from allclear.core.model.deploy_run import DeployRun
from allclear.core.model.errors import UserError
from allclear.core.model.operation import DANGEROUS, Operation, Order
from allclear.core.model.release import Release, Releases
from allclear.core.model.stored import fields_of
from allclear.core.policy.provider import Provider, source_of_targets
from allclear.core.policy.variables import by_api
from allclear.core.production.choice import choose
from allclear.core.production.clearance import Refusal, Situation, refusal, refusal_of
from allclear.core.production.ending import same
from allclear.core.production.handover import Decision, Result, smoke_follows, write_result
from allclear.core.production.order import operation_of
from allclear.core.production.own_run import misstarted
from allclear.core.production.rerun import check_rerun, runs_again
from allclear.core.production.rollback import left_behind
from allclear.core.record.incident import Incident
from allclear.jobs.lock import held_by, in_the_way
from allclear.jobs.look_again import look_again
from allclear.jobs.operation_job import (
    OperationJob,
    approvals,
    at_step,
    held_here,
    incident_of,
    log,
    operation_job,
    refuse,
    set_outputs,
)
from allclear.jobs.run import Run

DECISION = "decision"


class _Task(Struct, frozen=True):
    """One operation about to be done."""

    job: OperationJob
    operation: Operation
    incident: Incident | None
    policy: Policy
    by_hand: bool


def look(run: Run) -> None:
    """Look again at what this run claimed, and decide what the next step may do.

    Gives the output ``decision``, the digest of the file for the next step; without it, ``result``: why
    nothing is done, or what a dry run would have done. Marks the run as failed when it is refused.
    """
    job = operation_job(run)
    wrong = misstarted(job.own, DANGEROUS)
    held = held_here(job, DANGEROUS) if wrong is None else wrong
    if isinstance(held, Refusal):
        refuse(job, held)
        return
    wrong = at_step(held, "claimed")
    if wrong is not None:
        refuse(job, wrong, held.execution.operation)
        return
    decided = _decided(job, held)
    if isinstance(decided, Refusal):
        refuse(job, decided, held.execution.operation)
        decided = Result(operation=held.execution.operation, outcome=decided.outcome, text=decided.line)
    if isinstance(decided, Result):
        set_outputs(job, {"result": write_result(decided), "outcome": decided.outcome or ""})
        return
    digest = hand_over(run.env, DECISION, decided.model_dump_json(exclude_defaults=True))
    set_outputs(job, {"decision": digest})
    log(job, f"{held.execution.title} may be done now.")


def _decided(job: OperationJob, held: Held) -> Decision | Result | Refusal:
    task = _task(job, held)
    if isinstance(task, Refusal):
        return task
    situation = _situation(task)
    if isinstance(situation, Refusal):
        return situation
    taken = _taken(task)
    if taken is not None:
        return taken
    return _action(task) if task.operation.kind == "action" else _rollback(task, situation)


def _task(job: OperationJob, held: Held) -> _Task | Refusal:
    """The operation as the incident's record has it by now; as our own record has it when nobody asked."""
    record = held.execution
    incident, policy = incident_of(job.run, record.issue) if record.issue else (None, job.run.policy())
    known = incident.production.operations.get(record.operation) if incident else None
    if known is not None and not known.open:
        outcome = known.outcome or "refused"
        return Refusal("ended", f"It was {outcome} in the incident meanwhile.", outcome)
    if record.by_hand:
        operation = operation_of(record, policy)
    elif known is None or not same(known, record):
        return Refusal("inputs", "The incident's record differs from what was claimed.")
    else:
        operation = known
    return _Task(job, operation, incident, policy, record.by_hand)


def _situation(task: _Task) -> Situation | Refusal:
    """Everything looked at again; why it may not be done, when it may not."""
    guarded = task.operation.approval == "environment"
    who = approvals(task.job) if guarded else None
    situation = look_again(
        task.job, task.operation, task.incident, task.policy, by_hand=task.by_hand, approvers=who
    )
    return refusal(task.operation, situation) or situation


def _taken(task: _Task) -> Refusal | None:
    """Why the service is not this run's to change: the claim took its lock, and somebody has it now; or a
    rollback or an action of ours changed it since this rollback was asked for, in whichever incident.
    """
    job, operation = task.job, task.operation
    if not operation.service or operation.dry_run:
        return None
    holder = in_the_way(job, operation.service, operation.id)
    if holder is not None:
        return Refusal("busy", f"{operation.service} is being changed by {holder.who}, and not by this one.")
    last = held_by(job, operation.service)
    if operation.kind != "rollback" or last.changed is None or last.changed <= operation.asked:
        return None
    return Refusal(
        "changed",
        f"{operation.service} was changed by {last.last} at {last.changed:%H:%M UTC}, after this was "
        f"asked for at {operation.asked:%H:%M UTC}. Ask for it again if it is still wanted.",
    )


def _action(task: _Task) -> Decision | Result:
    operation = task.operation
    action = task.policy.settings.actions[operation.name]
    if operation.dry_run:
        text = f"it would run {action.run[0]}"
        return Result(operation=operation.id, outcome="done", text=text)
    return Decision(
        operation=operation.id,
        run=task.job.own.id,
        environment=action.environment,
        smoke=smoke_follows(operation, task.policy.settings, task.policy.providers),
        order=_order(operation),
        action=action,
    )


def _rollback(task: _Task, situation: Situation) -> Decision | Result | Refusal:
    """Where the list of releases is GitHub's, the release is chosen here; else by the step that may ask the
    deploy system.
    """
    operation = task.operation
    service = task.policy.settings.services[operation.service]
    provider = task.policy.providers[service.provider]
    avoid = left_behind(task.incident, operation.service) if task.incident else frozenset()
    chosen: Release | None = None
    before = operation.before
    undone: tuple[Release, ...] = (Release(target=before, name=before),) if before else ()
    if by_api(provider) and source_of_targets(service, provider) != "deployments":
        return Refusal(
            "settings", f"No job may list the releases of {service.provider}; allclear check says why."
        )
    if source_of_targets(service, provider) == "deployments":
        releases = situation.releases or Releases(current=None, earlier=())
        try:
            chosen = choose(operation, avoid, releases, provider)
            check_rerun(service, provider, chosen, _run(task.job, provider, chosen), task.job.run.client.now)
        except UserError as error:
            return refusal_of(error)
        undone = releases.may_run
        before = releases.current.name if releases.current else before
        if operation.dry_run:
            return Result(
                operation=operation.id,
                outcome="done",
                target=chosen.target,
                release=chosen.name,
                before=before,
                text=f"it would go back from {before or 'what is running now'} to {chosen.name}",
            )
    return Decision(
        operation=operation.id,
        run=task.job.own.id,
        environment=service.smoke_environment if operation.dry_run else service.environment,
        smoke=smoke_follows(operation, task.policy.settings, task.policy.providers),
        order=_order(operation),
        service=service,
        provider=provider,
        chosen=chosen,
        before=before,
        undone=undone,
        avoid=tuple(sorted(avoid)),
        asked=operation.asked,
        now=task.job.run.client.now,
        issue=task.incident.number if task.incident else 0,
    )


def _run(job: OperationJob, provider: Provider, chosen: Release) -> DeployRun | None:
    """The run that would be run again, as it is now."""
    runs = runs_again(provider, chosen)
    return next((deploy_run(job.run.client, job.base, run) for run in runs), None)


def _order(operation: Operation) -> Order:
    return Order(**fields_of(Order, operation))
