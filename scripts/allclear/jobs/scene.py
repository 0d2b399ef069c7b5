"""What an executor sees: the run it is, the incident's record, and the world around one operation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from allclear.adapters.files.event import read_event
from allclear.adapters.github.errors import GitHubError
from allclear.adapters.github.executions import Executions
from allclear.adapters.github.read import Reader, person
from allclear.adapters.github.releases import ReleaseReader
from allclear.core.conversation.command import Policy
from allclear.core.model.operation import DANGEROUS, Operation
from allclear.core.model.people import Access, Person
from allclear.core.policy.provider import source_of_targets
from allclear.core.production.clearance import Inputs, OwnRun, Situation
from allclear.core.record.incident import Incident, Stage
from allclear.jobs.gather import recorded_incident
from allclear.jobs.run import Run

LONGEST = 500
"""Characters of an input. What is longer is none of ours."""


@dataclass(frozen=True, slots=True)
class OperationJob:
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

    def text(name: str) -> str:
        value = given.get(name)
        return value.strip()[: LONGEST + 1] if isinstance(value, str) else ""

    return Inputs(text("operation"), text("service"), text("target"), text("incident"))


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
    people = [one for one in (operation.by, operation.approved_by) if one is not None] if dangerous else []
    return Situation(
        policy=policy,
        now=job.run.client.now,
        incident=incident,
        access=access(job, policy, people),
        environment=releases.environment(operation.environment) if guarded else None,
        releases=releases.releases(operation.service) if listed else None,
        approvers=approvers,
    )


def access(job: OperationJob, policy: Policy, people: Iterable[Person]) -> dict[str, Access]:
    """What GitHub says that these people may do, by lower-case login."""
    reader = Reader(job.run.client, job.run.repository, policy.settings.bots)
    return {login: reader.access(login) for login in sorted({one.login.lower() for one in people})}


def approvals(job: OperationJob, state: str = "approved") -> tuple[Person, ...]:
    """Who approved (or rejected) this run in its environment, oldest first.

    https://docs.github.com/en/rest/actions/workflow-runs#get-the-review-history-for-a-workflow-run
    """
    reviews: list[Any] = job.run.client.get(f"{job.base}/actions/runs/{job.own.id}/approvals").data
    found = [person(one.get("user")) for one in reviews if one.get("state") == state]
    return tuple(one for one in found if one is not None)


def incident_of(run: Run, number: int) -> tuple[Incident, Policy]:
    """The incident as its entries have it, and the policy it is under. Raises GitHubError."""
    story = recorded_incident(run, number)
    return story.incident, story.policy


def open_incidents(run: Run) -> tuple[Incident, ...]:
    """The incidents that are open, newest first; of very many, the newest."""
    raw = run.client.items(
        f"/repos/{run.repository.name}/issues", {"labels": "incident", "state": "open", "sort": "created"}
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
