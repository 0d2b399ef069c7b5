"""The step that changes production. It runs after the approval, which may have come weeks later (P16): so
everything is looked at again, then the record says `started`, and only then anything happens. The record
moves forward only; of two that try, one gets past it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from allclear.adapters.files.job_output import summarise
from allclear.adapters.github.errors import GitHubError
from allclear.adapters.github.executions import Held
from allclear.adapters.github.records import LostError
from allclear.adapters.production.deploy_runs import announce_deployment
from allclear.core.conversation.command import Policy
from allclear.core.model.neutral import code, inline
from allclear.core.model.operation import DANGEROUS, Ending, Operation
from allclear.core.model.release import Release, Releases
from allclear.core.policy.provider import Provider, source_of_targets
from allclear.core.policy.service import Service
from allclear.core.production.announcement import announcement
from allclear.core.production.clearance import Refusal, Situation, misstarted, refusal
from allclear.core.production.ending import same
from allclear.core.production.order import operation_of
from allclear.core.record.incident import Incident
from allclear.jobs.deploy import Commands, Deploys, ExecutionError
from allclear.jobs.lock import Holder, take
from allclear.jobs.operation_job import (
    OperationJob,
    advance,
    approvals,
    at_step,
    held_here,
    incident_of,
    log,
    operation_job,
    refuse,
    set_outputs,
    situation_of,
)
from allclear.jobs.run import Run


@dataclass(frozen=True, slots=True)
class _Task:
    """One operation about to be done."""

    job: OperationJob
    operation: Operation
    incident: Incident | None
    policy: Policy
    approver: str = ""


def execute(run: Run) -> None:
    """Do what this run claimed, once. Marks the run as failed when it was refused or did not go well."""
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
    task = _task(job, held)
    if isinstance(task, Refusal):
        _refuse(job, held, task)
        return
    situation = _situation(task)
    if isinstance(situation, Refusal):
        _refuse(job, held, situation)
        return
    _with_lock(task, held, situation)


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
    approver = ""
    if operation.approval == "second-person" and operation.approved_by is not None:
        approver = operation.approved_by.login
    return _Task(job, operation, incident, policy, approver)


def _situation(task: _Task) -> Situation | Refusal:
    """Everything looked at again; why it may not be done, when it may not."""
    guarded = task.operation.approval == "environment"
    who = approvals(task.job) if guarded else None
    situation = situation_of(task.job, task.operation, task.incident, task.policy, approvers=who)
    return refusal(task.operation, situation) or situation


def _refuse(job: OperationJob, held: Held, why: Refusal) -> None:
    """Nothing was begun, and the record says why."""
    refuse(job, why, held.execution.operation)
    ended = {"step": "ended", "outcome": why.outcome, "text": why.line, "ended": job.run.client.now}
    try:
        advance(job, held, ended)
    except LostError:
        log(job, "Another run has taken over the record meanwhile; it is left as it is.")


def _with_lock(task: _Task, held: Held, situation: Situation) -> None:
    """Do it while no other run changes the service; the report gives the lock back, after the smoke."""
    job, operation = task.job, task.operation
    if not operation.service or operation.dry_run:
        _carry_out(task, held, situation)
        return
    lock = take(job, operation.service, operation.id, held.execution.issue)
    if isinstance(lock, Holder):
        who = f"{lock.operation} in run {lock.run}" if lock.operation else "another run"
        _refuse(job, held, Refusal("busy", f"{operation.service} is being changed right now by {who}."))
        return
    _carry_out(task, held, situation)


def _carry_out(task: _Task, held: Held, situation: Situation) -> None:
    if task.operation.kind == "action":
        _run_action(task, held, situation)
    else:
        _roll_back(task, held, situation)


def _roll_back(task: _Task, held: Held, situation: Situation) -> None:
    """Choose, write down which and that it begins, do it, look, write down how it went."""
    job, operation = task.job, task.operation
    service = task.policy.settings.services[operation.service]
    provider = task.policy.providers[service.provider]
    deploys = Deploys.of(job, service, provider)
    try:
        releases = _releases(deploys, situation)
        chosen = deploys.choose(operation, task.incident, releases)
    except ExecutionError as error:
        _refuse(job, held, Refusal("target", str(error), error.outcome))
        return
    before = releases.current.name if releases.current else held.execution.before
    named = {"target": chosen.target, "release": chosen.name, "before": before}
    if operation.dry_run:
        text = f"it would go back from {before or 'what is running now'} to {chosen.name}"
        _finish(task, held, {**named, "text": text}, "done")
        return
    begun = _begin(task, held, situation, named)
    if begun is None:
        return
    executed, text = False, ""
    outcome: Ending = "done"
    try:
        deploys.roll_back(operation.id, chosen)
        executed = True
        deploys.verify(chosen)
    except ExecutionError as error:
        text, outcome = str(error), error.outcome
    if executed or (provider.rollback is not None and outcome in ("failed", "unknown")):
        _announce(task, provider, service, chosen, well=outcome == "done")
    more = {"executed": executed, "after": chosen.name if executed else "", "text": text}
    _finish(task, begun, more, outcome, service=service)


def _releases(deploys: Deploys, situation: Situation) -> Releases:
    if source_of_targets(deploys.service, deploys.provider) == "provider":
        return deploys.releases()
    return situation.releases or Releases(current=None, earlier=())


def _run_action(task: _Task, held: Held, situation: Situation) -> None:
    """An action of the settings: its words, with the arguments that its rules accept."""
    operation = task.operation
    action = task.policy.settings.actions[operation.name]
    if operation.dry_run:
        _finish(task, held, {"text": f"it would run {action.run[0]}"}, "done")
        return
    begun = _begin(task, held, situation, {})
    if begun is None:
        return
    text = ""
    outcome: Ending = "done"
    commands = Commands.of(task.job, action.env)
    try:
        done = commands.run(action.run, operation.arguments, action.timeout, action.env)
        commands.expect(done, "the action")
    except ExecutionError as error:
        text, outcome = str(error), error.outcome
    service = task.policy.settings.services.get(operation.service)
    _finish(task, begun, {"executed": outcome == "done", "text": text}, outcome, service=service)


def _begin(task: _Task, held: Held, situation: Situation, more: dict[str, Any]) -> Held | None:
    """Write down that it begins. None: another run did so first, and nothing may happen here."""
    requester = task.operation.by.id if task.operation.by else 0
    others = [one.login for one in situation.approvers or () if one.id != requester]
    approver = others[-1] if others else task.approver
    started = {"step": "started", "started": task.job.run.client.now, "approver": approver}
    try:
        return advance(task.job, held, {**started, **more})
    except LostError:
        why = Refusal("begun", "Another run has begun it already; nothing is done here.")
        refuse(task.job, why, task.operation.id)
        return None


def _finish(
    task: _Task, held: Held, more: dict[str, Any], outcome: Ending, *, service: Service | None = None
) -> None:
    """Write down how it went. Where smoke checks follow, they write the end."""
    job, operation = task.job, task.operation
    smoke_follows = outcome == "done" and service is not None and service.has_smoke
    now = job.run.client.now
    if smoke_follows:
        last: dict[str, Any] = {"step": "executed"}
    else:
        last = {"step": "ended", "outcome": outcome, "ended": now}
    advance(job, held, {**more, **last})
    text = f": {more['text']}" if more.get("text") else ""
    log(job, f"{operation.title}: {outcome}{text}")
    summarise(
        job.run.env, f"**{inline(operation.title)}** ({code(operation.id)}): {outcome}{inline(text, 500)}"
    )
    if smoke_follows:
        set_outputs(job, {"smoke": "true"})
    elif outcome != "done":
        job.run.failed = True


def _announce(task: _Task, provider: Provider, service: Service, chosen: Release, *, well: bool) -> None:
    """Tell GitHub what runs now, or may run, so that the next rollback knows.

    What fails here changes nothing.
    """
    job, operation = task.job, task.operation
    said = announcement(operation.id, operation.service, service, provider, chosen, url=job.url, well=well)
    if said is None:
        return
    try:
        announce_deployment(job.run.client, job.base, said.deployment, said.statuses)
    except GitHubError as error:
        log(
            job,
            f"GitHub did not take the deployment ({error.status}), so it does not know what is running now.",
        )
