"""What the jobs of an operation share: the run they are, the incident's record, the world around the
operation, their own record held against git at every step, and how they say what they did.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from msgspec import Struct

from allclear.adapters.files.event import read_event
from allclear.adapters.files.job_output import safe_line, summarise, write_outputs
from allclear.adapters.github.again import again
from allclear.adapters.github.dispatch import dispatch
from allclear.adapters.github.errors import GitHubError
from allclear.adapters.github.executions import Executions, Held
from allclear.adapters.github.read import Reader, person
from allclear.adapters.github.records import LostError
from allclear.adapters.github.releases import ReleaseReader
from allclear.adapters.github.visibility import visibility_of
from allclear.core.conversation.command import Policy
from allclear.core.model.effects import Dispatch
from allclear.core.model.execution import Execution, ExecutionStep
from allclear.core.model.neutral import code, inline
from allclear.core.model.operation import DANGEROUS, Operation, OperationKind, is_operation_id
from allclear.core.model.people import Access, Person
from allclear.core.model.snapshot import Snapshot
from allclear.core.model.structs import replace
from allclear.core.plan.passing import add_up
from allclear.core.policy.provider import source_of_targets
from allclear.core.production.clearance import Refusal, Situation
from allclear.core.production.own_run import Inputs, OwnRun
from allclear.core.production.request import LONGEST as LONGEST_REASON
from allclear.core.production.watching import with_scheduled
from allclear.core.record.chain import checkpoint_of, read
from allclear.core.record.entry import Entry
from allclear.core.record.incident import Incident, Stage
from allclear.jobs.run import Run

LONGEST = 500
"""Characters of an input. What is longer is none of ours."""


class OperationJob(Struct, frozen=True):
    """One job of an operation's workflow: its run, the records, and who it is."""

    run: Run
    executions: Executions
    own: OwnRun

    @property
    def base(self) -> str:
        """Where the API shows the repository."""
        return f"/repos/{self.run.repository.name}"

    @property
    def url(self) -> str:
        """The page of this run."""
        return f"{self.run.repository.url}/actions/runs/{self.own.id}"


def operation_job(run: Run) -> OperationJob:
    """The job that runs here. One request: the default branch is asked of GitHub, not taken from the event.

    https://docs.github.com/en/actions/reference/workflows-and-actions/variables
    """
    executions = Executions(run.client, run.repository)
    env = run.env
    path = env.get("GITHUB_WORKFLOW_REF", "").partition("@")[0]
    own = OwnRun(
        id=_number(env.get("GITHUB_RUN_ID", "")),
        attempt=_number(env.get("GITHUB_RUN_ATTEMPT", "")),
        event=env.get("GITHUB_EVENT_NAME", ""),
        ref=env.get("GITHUB_REF", ""),
        workflow=path.rpartition("/")[2],
        by=Person(id=_number(env.get("GITHUB_ACTOR_ID", "")), login=env.get("GITHUB_ACTOR", "")),
        default_branch=executions.records.default_branch,
    )
    return OperationJob(run, executions, own)


def inputs_of(env: Mapping[str, str]) -> Inputs:
    """The inputs in the event's file (E1). Raises SetupError without an event.

    Too long a text is cut, and so still names something that is not there: it was given.
    """
    given = read_event(env).get("inputs") or {}

    def text(name: str, longest: int = LONGEST) -> str:
        value = given.get(name)
        # The event has a box as a text or as a truth value.
        text = str(value).lower() if isinstance(value, bool) else value
        return text.strip()[: longest + 1] if isinstance(text, str) else ""

    return Inputs(
        operation=text("operation"),
        service=text("service"),
        target=text("target"),
        incident=text("incident"),
        dry_run=text("dry_run"),
        migrations=text("migrations"),
        while_deploying=text("while_deploying"),
        reason=text("reason", LONGEST_REASON),
    )


def situation_of(
    job: OperationJob,
    operation: Operation,
    incident: Incident | None,
    policy: Policy,
    *,
    approvers: tuple[Person, ...] | None = None,
) -> Situation:
    """What matters to the operation, looked up now: people's roles, its environment, what ran before."""
    releases = ReleaseReader(job.run.client, job.run.repository, policy.settings, policy.providers)
    dangerous = operation.kind in DANGEROUS
    guarded = dangerous and operation.approval == "environment"
    service = policy.settings.services.get(operation.service)
    provider = policy.providers.get(service.provider) if service else None
    listed = (
        operation.kind == "rollback"
        and service is not None
        and provider is not None
        and source_of_targets(service, provider) == "deployments"
    )
    seen = visibility_of(job.run.client, job.run.repository) if operation.kind == "evidence" else None
    people = [one for one in (operation.by, operation.approved_by) if one is not None] if dangerous else []
    return Situation(
        policy=policy,
        now=job.run.client.now,
        incident=incident,
        access=access(job, policy, people),
        environment=releases.environment(operation.environment) if guarded else None,
        releases=releases.releases(operation.service) if listed else None,
        visibility=seen or "unknown",
        approvers=approvers,
    )


def access(job: OperationJob, policy: Policy, people: Iterable[Person]) -> dict[str, Access]:
    """What GitHub says that these people may do, by lower-case login."""
    reader = Reader(job.run.client, job.run.repository, policy.trust, policy.settings.labels)
    return {login: reader.access(login) for login in sorted({one.login.lower() for one in people})}


def approvals(job: OperationJob, state: str = "approved") -> tuple[Person, ...]:
    """Who approved (or rejected) this run in its environment, oldest first.

    https://docs.github.com/en/rest/actions/workflow-runs#get-the-review-history-for-a-workflow-run
    """
    reviews: list[Any] = job.run.client.get(f"{job.base}/actions/runs/{job.own.id}/approvals").data
    found = [person(one.get("user")) for one in reviews if one.get("state") == state]
    return tuple(one for one in found if one is not None)


class RecordedIncident(Struct, frozen=True):
    """What the record says, as far as it is written: commands that nobody answered yet are comments here."""

    policy: Policy
    snapshot: Snapshot
    entries: tuple[Entry, ...]
    incident: Incident


def recorded_incident(run: Run, number: int) -> RecordedIncident:
    """The incident as its entries have it. Raises GitHubError when it cannot be read."""
    policy = run.policy()
    # No panel decides about production: what counts are the replies.
    snapshot = Reader(run.client, run.repository, policy.trust).read(number, whole=True)
    kept = checkpoint_of(snapshot, policy.trust)
    if policy.trouble and kept is not None:
        policy = run.policy(kept.settings)
    entries = read(snapshot, policy.trust).entries
    return RecordedIncident(policy, snapshot, entries, add_up(snapshot, entries, policy))


def incident_of(run: Run, number: int) -> tuple[Incident, Policy]:
    """The incident as its entries have it, with the smoke runs of its window that are due, and the policy it
    is under. Raises GitHubError.
    """
    story = recorded_incident(run, number)
    policy = story.policy
    known = with_scheduled(
        story.incident, policy.runbook, policy.settings, run.repository.id, story.snapshot.now
    )
    return known, policy


def open_incidents(run: Run) -> tuple[Incident, ...]:
    """The incidents that are open, newest first; of very many, the newest."""
    label = run.policy().labels.incident
    raw = run.client.items(
        f"/repos/{run.repository.name}/issues", {"labels": label, "state": "open", "sort": "created"}
    )
    numbers = [int(one["number"]) for one in raw if "pull_request" not in one]
    found = []
    for number in numbers[:10]:
        try:
            found.append(incident_of(run, number)[0])
        except GitHubError as error:
            run.out(f"Incident {number} could not be read ({error.status}); it is left aside.")
    return tuple(one for one in found if one.stage == Stage.OPEN)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 20 else 0


PATIENCE = (1.0, 5.0, 15.0, 30.0)
"""Seconds between the tries to write down what was done: a result that is lost is a person's night."""


def held_here(job: OperationJob, kinds: Collection[OperationKind]) -> Held | Refusal:
    """The record that the job before gave us, when it is this very run's."""
    operation, issue = job.run.env.get("ALLCLEAR_OPERATION", ""), job.run.env.get("ALLCLEAR_ISSUE", "")
    if not is_operation_id(operation) or not (issue.isascii() and issue.isdigit() and len(issue) < 10):
        return Refusal("unknown", "The job `claim` named no operation.")
    held = job.executions.read(int(issue), operation)
    mine = (job.own.id, job.own.attempt)
    if held is None or (held.execution.run, held.execution.attempt) != mine:
        return Refusal("unclaimed", f"{operation} was not claimed by this run.")
    record = held.execution
    if (record.operation, record.issue) != (operation, int(issue)) or record.kind not in kinds:
        return Refusal("unclaimed", f"The record of {operation} belongs to another operation.")
    return held


def at_step(held: Held, *steps: ExecutionStep) -> Refusal | None:
    """Why the record is not where this job goes on from."""
    record = held.execution
    if record.step in steps:
        return None
    return Refusal("begun", f"{record.operation} is {record.step} already, and nothing is done twice.")


def advance(job: OperationJob, held: Held, changes: Mapping[str, Any]) -> Held:
    """The record's next step. Raises LostError when somebody else took it on, UnavailableError when GitHub
    does not answer for a minute.
    """
    wanted = replace(held.execution, **changes)

    def step() -> Held:
        try:
            return job.executions.advance(held, wanted)
        except LostError:
            # A write whose answer was lost is ours all the same: nobody else writes this run's record.
            there = job.executions.read(wanted.issue, wanted.operation)
            if there is not None and there.execution == wanted:
                return there
            raise

    return again(job.run.client.pause, step, waits=PATIENCE)


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
    log(job, f"There is nothing to do: {by} has claimed it.")
    summarise(job.run.env, f"There is nothing to do: {by} is executing it already.")


def dispatch_respond(job: OperationJob, issue: int) -> None:
    """Have the incident looked at, so that people see what is new. A sweep does it where this fails."""
    if not issue:
        return
    try:
        dispatch(job.run.client, job.base, Dispatch(RESPOND, "", (("issue", str(issue)),)))
    except GitHubError as error:
        log(
            job,
            f"GitHub did not start {RESPOND} ({error.status}); the next sweep writes it into the incident.",
        )
