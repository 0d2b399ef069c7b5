"""The smoke step: look at the service, keep what was found in the record, on the commit and as a file."""

from __future__ import annotations

from allclear.adapters.files.job_output import summarise
from allclear.adapters.github.releases import ReleaseReader
from allclear.adapters.production.deploy_runs import set_status
from allclear.adapters.production.junit import junit
from allclear.core.conversation.command import Policy
from allclear.core.model.execution import Execution
from allclear.core.model.neutral import inline
from allclear.core.model.operation import OperationKind, Smoke
from allclear.core.production.clearance import Refusal
from allclear.core.view.operations import smoke_table
from allclear.jobs.handover import log, refuse
from allclear.jobs.hold import advance, at_step, held_here
from allclear.jobs.run import Run
from allclear.jobs.scene import OperationJob, incident_of, operation_job
from allclear.jobs.smoke_checks import run_smoke

RESULT = "smoke.xml"
CONTEXT = "allclear/smoke"
KINDS: tuple[OperationKind, ...] = ("smoke", "rollback", "action")


def smoke(run: Run) -> None:
    """Look at the service of this run's operation, and end its record.

    A result that is not good makes the run red, so that its page says so as well.
    """
    job = operation_job(run)
    held = held_here(job, KINDS)
    if isinstance(held, Refusal):
        refuse(job, held)
        return
    record = held.execution
    wrong = at_step(held, "claimed" if record.kind == "smoke" else "executed")
    policy = incident_of(run, record.issue)[1] if record.issue else run.policy()
    service = policy.settings.services.get(record.service)
    if wrong is None and service is None:
        wrong = Refusal("settings", f"The settings know no service {record.service}.")
    if wrong is not None or service is None:
        refuse(job, wrong or Refusal("settings", ""), record.operation)
        return
    begun = run.client.now
    found = run_smoke(
        record.service,
        service,
        policy.runbook,
        policy.settings,
        environ=run.env,
        clock=run.seconds,
        sleep=run.client.pause,
        out=run.out,
        root=run.root,
    )
    _keep(job, record, found)
    _mark(job, policy, record, found)
    ended = {"step": "ended", "outcome": "done", "started": record.started or begun, "smoke": found}
    advance(job, held, {**ended, "executed": True, "ended": run.client.now})
    if not found.passed:
        run.failed = True


def _keep(job: OperationJob, record: Execution, smoke: Smoke) -> None:
    """The table in the summary, the file for the artifact."""
    (job.run.root / RESULT).write_bytes(junit(record.service, smoke))
    verdict = "passed" if smoke.passed else "failed"
    summarise(job.run.env, f"**Smoke of {inline(record.service)}: {verdict}**\n\n{smoke_table(smoke)}")


def _mark(job: OperationJob, policy: Policy, record: Execution, smoke: Smoke) -> None:
    """What was found stays with the commit that runs: nobody goes back to a release that failed (000-A10).

    Checks that could not be made say nothing about the release.
    """
    if not smoke.passed and not any(line.outcome == "fail" for line in smoke.lines):
        return
    reader = ReleaseReader(job.run.client, job.run.repository, policy.settings, policy.providers)
    current = reader.releases(record.service).current
    if current is None or not current.sha:
        return
    good = sum(line.outcome == "pass" for line in smoke.lines)
    body = {
        "state": "success" if smoke.passed else "failure",
        "context": CONTEXT,
        "description": f"{good} of {len(smoke.lines)} checks passed",
        "target_url": job.url,
    }
    error = set_status(job.run.client, job.base, current.sha, body)
    if error is not None:
        log(job, f"GitHub did not take the status of {current.sha[:7]} ({error.status}).")
