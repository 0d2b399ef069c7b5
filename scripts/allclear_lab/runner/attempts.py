"""Runs on their way: how far each is, and what an expression of its file sees."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from allclear_lab.github import Delivery, GitHub, JobStep, RepositoryHandle
from allclear_lab.runner.expressions import ExpressionContext
from allclear_lab.runner.workflows import JobDefinition, Workflow


@dataclass(frozen=True, slots=True)
class JobResult:
    """How a job ended: success, failure, cancelled or skipped."""

    conclusion: str
    outputs: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class RunAttempt:
    """One attempt of a run on its way. ``since``: how many doors had been opened when it began. ``begun``:
    its concurrency group is its own. ``waiting``: the job whose environment asks its reviewers; ``steps``:
    those of the jobs so far, as the run's page shows them.
    """

    id: int
    path: str
    workflow: Workflow
    delivery: Delivery
    number: int
    group: str
    since: int = 0
    begun: bool = False
    waiting: str = ""
    lost: bool = False
    cancelled: bool = False
    results: dict[str, JobResult] = field(default_factory=dict)
    steps: dict[str, tuple[JobStep, ...]] = field(default_factory=dict)

    @property
    def named(self) -> str:
        """The event that started it, with its action: ``issues.opened``."""
        event, action = self.delivery.event, self.delivery.action
        return f"{event}.{action}" if action else event

    @property
    def conclusion(self) -> str:
        """How the run ends when its jobs ended like this."""
        found = {result.conclusion for result in self.results.values()}
        if self.cancelled:
            return "cancelled"
        if "failure" in found:
            return "failure"
        return "success" if "success" in found else "skipped"


class Contexts:
    """What the runs of one repository know. ``secrets``: by environment, the repository's own under "";
    ``variables``: the repository's.
    """

    def __init__(
        self,
        hub: GitHub,
        repository: RepositoryHandle,
        secrets: Mapping[str, Mapping[str, str]],
        variables: Mapping[str, str],
    ) -> None:
        self._hub, self._repository, self._secrets, self._vars = hub, repository, secrets, variables

    def variables(self, attempt: RunAttempt, job: JobDefinition) -> dict[str, str]:
        """What a runner sets for every step.

        https://docs.github.com/en/actions/reference/workflows-and-actions/variables
        """
        context = self._github(attempt)
        return {
            "CI": "true",
            "GITHUB_ACTIONS": "true",
            "GITHUB_ACTOR": context["actor"],
            "GITHUB_ACTOR_ID": context["actor_id"],
            "GITHUB_API_URL": self._hub.api_url,
            "GITHUB_EVENT_NAME": attempt.delivery.event,
            "GITHUB_JOB": job.name,
            "GITHUB_REF": context["ref"],
            "GITHUB_REF_NAME": context["ref"].split("/", 2)[2],
            "GITHUB_REPOSITORY": self._repository.full_name,
            "GITHUB_REPOSITORY_ID": str(self._repository.id),
            "GITHUB_RUN_ATTEMPT": str(attempt.number),
            "GITHUB_RUN_ID": str(attempt.id),
            "GITHUB_SERVER_URL": self._hub.server_url,
            "GITHUB_SHA": context["sha"],
            "GITHUB_WORKFLOW": attempt.workflow.name,
            "GITHUB_WORKFLOW_REF": f"{self._repository.full_name}/{attempt.path}@{context['ref']}",
        }

    def known(
        self,
        attempt: RunAttempt,
        job: JobDefinition | None = None,
        *,
        steps: Mapping[str, Any] | None = None,
        token: str = "",
        failed: bool = False,
    ) -> ExpressionContext:
        """What an expression of the file sees: before the jobs, of a job, or of one of its
        steps (``steps``).
        """
        contexts: dict[str, Mapping[str, Any]] = {
            "github": self._github(attempt) | {"token": token},
            "inputs": attempt.delivery.payload.get("inputs") or {},
            "vars": {**self._repository.state.variables, **self._vars},
            "needs": {
                name: {"result": result.conclusion, "outputs": result.outputs}
                for name, result in attempt.results.items()
                if job and name in job.needs
            },
        }
        before = [attempt.results[name].conclusion for name in job.before] if job else []
        good, bad = all(one == "success" for one in before), "failure" in before
        cancelled = attempt.cancelled
        if steps is not None and job is not None:
            contexts["steps"] = steps
            contexts["secrets"] = self.secrets_of(attempt, job)
            # The steps of a job that runs although its run was cancelled are like those of any other.
            good, bad, cancelled = not failed, failed, False
        state = {"always": True, "cancelled": cancelled, "failure": bad}
        return ExpressionContext(contexts, state | {"success": good and not cancelled})

    def _github(self, attempt: RunAttempt) -> dict[str, Any]:
        """The context ``github``. A run that is started again keeps its actor.

        https://docs.github.com/en/actions/reference/workflows-and-actions/contexts#github-context
        """
        run = self._repository.run(attempt.id)
        who = self._hub.world.accounts.get(run.actor_id)
        return {
            "actor": who.login if who else "ghost",
            "actor_id": str(who.id if who else 0),
            "event": attempt.delivery.payload,
            "event_name": attempt.delivery.event,
            "ref": run.ref,
            "repository": self._repository.full_name,
            "run_attempt": str(attempt.number),
            "run_id": str(attempt.id),
            "sha": run.head_sha,
        }

    def secrets_of(self, attempt: RunAttempt, job: JobDefinition) -> Mapping[str, str]:
        """The repository's, and those of the job's environment."""
        place = self.known(attempt, job).fill(job.environment)
        return {**self._secrets.get("", {}), **(self._secrets.get(place, {}) if place else {})}
