"""How a job of an operation tells what it did: the log, the summary of the run, a look at the incident."""

from __future__ import annotations

from collections.abc import Mapping

from allclear.adapters.files.job_output import safe_line, summarise, write_outputs
from allclear.adapters.github.dispatch import dispatch
from allclear.adapters.github.errors import GitHubError
from allclear.core.model.effects import Dispatch
from allclear.core.model.execution import Execution
from allclear.core.model.neutral import code, inline
from allclear.core.production.clearance import Refusal
from allclear.jobs.scene import OperationJob

RESPOND = "respond.yml"


def log(job: OperationJob, text: str) -> None:
    """One line of the log, which orders the runner nothing."""
    job.run.out(safe_line(text))


def set_outputs(job: OperationJob, outputs: Mapping[str, str]) -> None:
    """Outputs of this step, for the jobs that follow."""
    write_outputs(job.run.env, outputs)


def refuse(job: OperationJob, why: Refusal, operation: str = "") -> None:
    """Nothing is done: said in the log and in the summary; the run is red, so that somebody looks."""
    job.run.failed = True
    named = f"{operation}: " if operation else ""
    job.run.out(f"::error::{safe_line(f'{named}{why.text}').replace('%', '%25')}")
    subject = f"{code(operation)} was not executed" if operation else "Nothing was executed"
    summarise(job.run.env, f"**{subject}** ({code(why.code)}): {inline(why.text, 500)}")


def log_claimed(job: OperationJob, record: Execution | None) -> None:
    """The same dispatch came twice, and the first one does it: no failure."""
    by = f"run {record.run}" if record else "another run"
    log(job, f"Nothing to do: it is claimed by {by}.")
    summarise(job.run.env, f"Nothing to do: {by} executes it already.")


def dispatch_respond(job: OperationJob, issue: int) -> None:
    """Have the incident looked at, so that people see what is new. A sweep does it where this fails."""
    if not issue:
        return
    try:
        dispatch(job.run.client, job.base, Dispatch(RESPOND, "", (("issue", str(issue)),)))
    except GitHubError as error:
        log(job, f"GitHub did not start {RESPOND} ({error.status}); the next sweep tells the incident.")
