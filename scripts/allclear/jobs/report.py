"""The last step, whatever happened before: how it ended is in the record, GitHub is told what runs, and the
incident is looked at. It runs no command and holds no secret. What the jobs before hand on may have been
written by a command: it is text, scrubbed once more, and nothing in it names another operation.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from allclear.adapters.files.job_output import summarise
from allclear.adapters.github.errors import GitHubError
from allclear.adapters.github.executions import Held
from allclear.adapters.github.job_steps import acting
from allclear.adapters.github.records import LostError
from allclear.adapters.github.releases import ReleaseReader
from allclear.adapters.production.deploy_runs import announce_deployment, set_status
from allclear.core.conversation.command import Policy
from allclear.core.model.execution import Execution
from allclear.core.model.neutral import code, cut, inline
from allclear.core.model.operation import DANGEROUS, Smoke
from allclear.core.model.patterns import lazy_regex
from allclear.core.model.release import Release
from allclear.core.model.scrub import scrubber
from allclear.core.model.snapshot import Acting
from allclear.core.model.stored import json_of
from allclear.core.model.structs import replace
from allclear.core.production.announcement import announcement, changed_production, tells_github
from allclear.core.production.clearance import Refusal
from allclear.core.production.ending import ended_by, withheld
from allclear.core.production.handover import Result, read_result
from allclear.core.record.incident import Incident
from allclear.jobs.lock import release
from allclear.jobs.operation_job import (
    OperationJob,
    advance,
    approvals,
    dispatch_respond,
    held_here,
    incident_of,
    log,
    operation_job,
    refuse,
)
from allclear.jobs.run import Run
from allclear.jobs.seal import sealed

ROUNDS = 3
CONTEXT = "allclear/smoke"
_COMMIT = lazy_regex(r"[0-9a-f]{40}|[0-9a-f]{64}")


def report(run: Run) -> None:
    """Write down how it ended, tell GitHub what runs now, and have the incident looked at.

    A record that cannot be written is shown on the page of the run, and the incident hears of it from the
    run's steps.
    """
    job = operation_job(run)
    held: Held | Refusal = held_here(job, run.kinds)
    if isinstance(held, Refusal):
        refuse(job, held)
        return
    if held.execution.step != "ended":
        held = _end(job, held)
    record = held.execution
    text = f", {record.text}" if record.text else ""
    log(job, f"{record.operation}: {record.outcome or record.step}{text}")
    if record.kind in DANGEROUS and record.service:
        release(job, record.service, record.operation, changed=changed_production(record))
    dispatch_respond(job, record.issue)


def _end(job: OperationJob, held: Held) -> Held:
    """The record with its end, written down as far as GitHub lets us."""
    record = held.execution
    incident, policy = _known(job, record)
    told = _told(job, record, incident)
    wanted = replace(record, **told)
    _announce(job, wanted, policy)
    try:
        for _ in range(ROUNDS):
            changes = {name: getattr(wanted, name) for name in (*json_of(wanted), *told)}
            try:
                return advance(job, held, changes)
            except LostError:
                there = job.executions.read(record.issue, record.operation)
                if there is None or there.execution.step == "ended":
                    break
                held = there
    except GitHubError as error:
        _unwritten(job, wanted, error)
    return Held(held.sha, wanted)


def _unwritten(job: OperationJob, record: Execution, error: GitHubError) -> None:
    """Said where it can be seen: in the log, and on the page of the run."""
    job.run.failed = True
    went = f"{record.outcome}{f', {record.text}' if record.text else ''}"
    log(job, f"GitHub did not take the record of {record.operation} ({error.status}). It was: {went}.")
    summarise(
        job.run.env,
        f"**The record of {code(record.operation)} could not be written** ({error.status}). "
        f"{inline(record.title)}: {inline(went, 500)}. The incident hears of it from this run.",
    )


def _known(job: OperationJob, record: Execution) -> tuple[Incident | None, Policy]:
    """The incident and its policy. One that cannot be read keeps nothing from being written down."""
    try:
        return incident_of(job.run, record.issue) if record.issue else (None, job.run.policy())
    except GitHubError as error:
        log(job, f"GitHub did not show the incident ({error.status}); the settings of the checkout count.")
        return None, job.run.policy()


def _told(job: OperationJob, record: Execution, incident: Incident | None) -> dict[str, Any]:
    """How it ended, as far as the jobs before tell."""
    env = job.run.env
    result = _read(env, "ALLCLEAR_RESULT", record)
    if result is None and record.kind in DANGEROUS:
        result = withheld(record, env.get("ALLCLEAR_OUTCOME", ""))
    looked = _read(env, "ALLCLEAR_SMOKE", record)
    if record.kind not in DANGEROUS:
        result = result or looked
    if result is not None and record.kind == "evidence" and result.outcome == "done":
        result = _sealed(job, result)
    seen = _acting(job, record)
    guarded = record.kind in DANGEROUS and result is None
    told = ended_by(
        record,
        result,
        looked,
        seen,
        rejected_by=_reviewer(job, "rejected") if guarded else "",
        cancelled="cancelled" in (env.get("ALLCLEAR_EXECUTE_RESULT"), env.get("ALLCLEAR_DEPLOY_RESULT")),
    )
    begun = seen is not None and not seen.untouched
    if result is not None:
        begun = result.outcome in ("done", "failed", "unknown")
    if begun and record.kind in DANGEROUS and not record.dry_run:
        told["approver"] = _approver(job, record, incident)
    told["ended"] = told.get("ended") or job.run.client.now
    return told


def _sealed(job: OperationJob, result: Result) -> Result:
    """The result with where the evidence went; one that cannot be relied on is a failure, and said."""
    artifact = sealed(job, result)
    if isinstance(artifact, Refusal):
        refuse(job, artifact, result.operation)
        return replace(result, outcome="failed", text=artifact.line, artifact=None)
    log(job, f"Sealed: {artifact.url} {artifact.sha256}")
    return replace(result, artifact=artifact)


def _read(env: Mapping[str, str], name: str, record: Execution) -> Result | None:
    """A result that a job before handed on, scrubbed once more: by shape, since no secret is known here."""
    result = read_result(env.get(name, ""), record.operation)
    if result is None:
        return None
    clean = scrubber()
    lines = result.smoke.lines if result.smoke is not None else ()
    cleaned = tuple(replace(line, detail=clean.clean(line.detail)) for line in lines)
    return replace(
        result,
        text=cut(clean.clean(result.text), 2000),
        smoke=Smoke(lines=cleaned) if result.smoke is not None else None,
    )


def _acting(job: OperationJob, record: Execution) -> Acting | None:
    """How far the jobs before came; None when GitHub does not say."""
    try:
        return acting(job.run.client, job.base, job.own.id, record.kind)
    except GitHubError as error:
        log(job, f"GitHub did not show the jobs of this run ({error.status}).")
        return None


def _approver(job: OperationJob, record: Execution, incident: Incident | None) -> str:
    """Who approved it: a second person in the incident, else a reviewer who did not ask for it."""
    operation = incident.production.operations.get(record.operation) if incident else None
    if operation is not None and operation.approved_by is not None:
        return operation.approved_by.login
    by = operation.by if operation is not None and not record.by_hand else None
    return _reviewer(job, "approved", but=by.id if by is not None else record.actor_id)


def _reviewer(job: OperationJob, state: str, but: int = 0) -> str:
    """The login of whom approved or rejected the run in its environment, and is not ``but``; empty when
    nobody did, or when GitHub does not say.
    """
    try:
        found = [one for one in approvals(job, state) if one.id != but]
    except GitHubError:
        return ""
    return found[-1].login if found else ""


def _announce(job: OperationJob, record: Execution, policy: Policy) -> None:
    """Tell GitHub what runs now, and what smoke said of it. What fails here changes nothing."""
    if record.kind == "rollback" and not record.dry_run:
        _deployed(job, policy, record)
    if record.smoke is not None:
        _mark(job, policy, record, record.smoke)


def _deployed(job: OperationJob, policy: Policy, record: Execution) -> None:
    """A deployment, and what became of it, so that the next rollback knows."""
    service = policy.settings.services.get(record.service)
    provider = policy.providers.get(service.provider) if service else None
    if service is None or provider is None or not tells_github(record, provider):
        return
    sha = _sha_of(job, policy, record)
    if not sha:
        return
    release = Release(target=record.target, name=record.release, sha=sha)
    said = announcement(
        record.operation,
        record.service,
        service,
        provider,
        release,
        url=job.url,
        well=record.outcome == "done",
    )
    if said is None:
        return
    try:
        announce_deployment(job.run.client, job.base, said.deployment, said.statuses)
    except GitHubError as error:
        log(
            job,
            f"GitHub did not take the deployment ({error.status}), so it does not know what is running now.",
        )


def _sha_of(job: OperationJob, policy: Policy, record: Execution) -> str:
    """The commit of what was gone back to; empty where none is known."""
    if _COMMIT.fullmatch(record.target):
        return record.target
    releases = _reader(job, policy).releases(record.service)
    there = [*([releases.current] if releases.current else []), *releases.earlier]
    return next((one.sha for one in there if one.target == record.target), "")


def _mark(job: OperationJob, policy: Policy, record: Execution, smoke: Smoke) -> None:
    """What was found stays with the commit that runs: nobody goes back to a release that failed (000-A10).

    Checks that could not be made say nothing about the release, and neither do those of a production that
    may run another one.
    """
    if not smoke.passed and not any(line.outcome == "fail" for line in smoke.lines):
        return
    if record.kind == "rollback":
        sha = _sha_of(job, policy, record)
    else:
        current = _reader(job, policy).releases(record.service).current
        sha = current.sha if current is not None and current.state == "success" else ""
    if not sha:
        return
    good = sum(line.outcome == "pass" for line in smoke.lines)
    body = {
        "state": "success" if smoke.passed else "failure",
        "context": CONTEXT,
        "description": f"{good} of {len(smoke.lines)} checks passed",
        "target_url": job.url,
    }
    error = set_status(job.run.client, job.base, sha, body)
    if error is not None:
        log(job, f"GitHub did not take the status of {sha[:7]} ({error.status}).")


def _reader(job: OperationJob, policy: Policy) -> ReleaseReader:
    return ReleaseReader(job.run.client, job.run.repository, policy.settings, policy.providers)
