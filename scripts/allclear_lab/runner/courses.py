"""Runs on their way: how far each is, and what an expression of its file sees."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from allclear_lab.github import Delivery, GitHub, RepositoryHandle
from allclear_lab.runner.expressions import Known
from allclear_lab.runner.workflows import Job, Workflow


@dataclass(frozen=True, slots=True)
class Result:
    """How a job ended: success, failure, cancelled or skipped."""

    conclusion: str
    outputs: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Course:
    """One attempt of a run on its way. ``kept``: the embedded GitHub knows the run. ``begun``: its
    concurrency group is its own. ``waiting``: the job whose environment asks its reviewers.
    """

    id: int
    kept: bool
    path: str
    workflow: Workflow
    delivery: Delivery
    attempt: int
    group: str
    begun: bool = False
    waiting: str = ""
    lost: bool = False
    cancelled: bool = False
    results: dict[str, Result] = field(default_factory=dict)

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
    """What the runs of one repository know. ``secrets``: by environment, the repository's own under ""."""

    def __init__(
        self, hub: GitHub, repository: RepositoryHandle, secrets: Mapping[str, Mapping[str, str]]
    ) -> None:
        self._hub, self._repository, self._secrets = hub, repository, secrets

    def surroundings(self, course: Course, job: Job) -> dict[str, str]:
        """What a runner sets for every step.

        https://docs.github.com/en/actions/reference/workflows-and-actions/variables
        """
        context = self._github(course)
        return {
            "CI": "true",
            "GITHUB_ACTIONS": "true",
            "GITHUB_ACTOR": context["actor"],
            "GITHUB_ACTOR_ID": context["actor_id"],
            "GITHUB_API_URL": self._hub.api_url,
            "GITHUB_EVENT_NAME": course.delivery.event,
            "GITHUB_JOB": job.name,
            "GITHUB_REF": context["ref"],
            "GITHUB_REF_NAME": context["ref"].split("/", 2)[2],
            "GITHUB_REPOSITORY": self._repository.full_name,
            "GITHUB_REPOSITORY_ID": str(self._repository.id),
            "GITHUB_RUN_ATTEMPT": str(course.attempt),
            "GITHUB_RUN_ID": str(course.id),
            "GITHUB_SERVER_URL": self._hub.server_url,
            "GITHUB_SHA": context["sha"],
            "GITHUB_WORKFLOW": course.workflow.name,
            "GITHUB_WORKFLOW_REF": f"{self._repository.full_name}/{course.path}@{context['ref']}",
        }

    def known(
        self,
        course: Course,
        job: Job | None = None,
        *,
        steps: Mapping[str, Any] | None = None,
        token: str = "",
        failed: bool = False,
    ) -> Known:
        """What an expression of the file sees: before the jobs, of a job, or of one of its
        steps (``steps``).
        """
        contexts: dict[str, Mapping[str, Any]] = {
            "github": self._github(course) | {"token": token},
            "inputs": course.delivery.payload.get("inputs") or {},
            "needs": {
                name: {"result": result.conclusion, "outputs": result.outputs}
                for name, result in course.results.items()
                if job and name in job.needs
            },
        }
        before = [course.results[name].conclusion for name in job.before] if job else []
        good, bad = all(one == "success" for one in before), "failure" in before
        cancelled = course.cancelled
        if steps is not None and job is not None:
            contexts["steps"] = steps
            contexts["secrets"] = self._own_secrets(course, job)
            # The steps of a job that runs although its run was cancelled are like those of any other.
            good, bad, cancelled = not failed, failed, False
        state = {"always": True, "cancelled": cancelled, "failure": bad}
        return Known(contexts, state | {"success": good and not cancelled})

    def _github(self, course: Course) -> dict[str, Any]:
        """The context ``github``. A run that is started again keeps its actor.

        https://docs.github.com/en/actions/reference/workflows-and-actions/contexts#github-context
        """
        who = self._hub.world.account_named(course.delivery.actor_login)
        branch = self._repository.state.default_branch
        ref, sha = f"refs/heads/{branch}", self._repository.branches()[branch]
        if course.kept:
            run = self._repository.run(course.id)
            who, ref, sha = self._hub.world.accounts.get(run.actor_id, who), run.ref, run.head_sha
        return {
            "actor": who.login if who else "ghost",
            "actor_id": str(who.id if who else 0),
            "event": course.delivery.payload,
            "event_name": course.delivery.event,
            "ref": ref,
            "repository": self._repository.full_name,
            "run_attempt": str(course.attempt),
            "run_id": str(course.id),
            "sha": sha,
        }

    def _own_secrets(self, course: Course, job: Job) -> Mapping[str, str]:
        """The repository's, and those of the job's environment."""
        place = self.known(course, job).fill(job.environment)
        return {**self._secrets.get("", {}), **(self._secrets.get(place, {}) if place else {})}
