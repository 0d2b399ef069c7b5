"""What the embedded GitHub remembers of workflow runs. Plain data, so that it pickles."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

CONCLUSIONS = frozenset(
    {
        "success",
        "failure",
        "neutral",
        "cancelled",
        "skipped",
        "timed_out",
        "action_required",
        "stale",
        "startup_failure",
    }
)


@dataclass(frozen=True, slots=True)
class JobStep:
    """A step of a job. Without ``started`` it has not begun; without a conclusion it goes on, or its runner
    was lost.
    """

    name: str
    conclusion: str | None = None
    started: datetime | None = None
    completed: datetime | None = None

    @property
    def status(self) -> str:
        """What the API calls it."""
        if self.conclusion is not None:
            return "completed"
        return "in_progress" if self.started is not None else "queued"


@dataclass(frozen=True, slots=True)
class Job:
    """A job of a run. Steps are (name, conclusion), or more than that; a job without a conclusion is where
    its run is, or where ``status`` says.
    """

    name: str
    conclusion: str | None = "success"
    steps: tuple[tuple[str, str] | JobStep, ...] = ()
    status: str = ""


@dataclass(frozen=True, slots=True)
class DeploymentReview:
    """A reviewer's word on the deployment a run waited for."""

    environment: str
    state: Literal["approved", "rejected"]
    account_id: int
    comment: str
    at: datetime


@dataclass(slots=True)
class WorkflowRun:
    """A workflow run. `status` is queued, in_progress, waiting or completed; the last has a `conclusion`.

    `waiting_for` is the environment whose approval is missing; `earlier` are the attempts before this one,
    as they ended; `deployments` are those of this attempt's jobs. `actor_id` stays when a run is started
    again, `triggering_actor_id` is who did that. `delivery_id` is the event that started it, where that was
    no dispatch and no cron.
    """

    id: int
    number: int
    workflow_id: int
    path: str
    name: str
    event: str
    head_branch: str
    head_sha: str
    actor_id: int
    created_at: datetime
    updated_at: datetime
    title: str
    status: str = "queued"
    conclusion: str | None = None
    inputs: Mapping[str, str] = field(default_factory=dict)
    pull_number: int | None = None
    run_attempt: int = 1
    started_at: datetime | None = None
    triggering_actor_id: int | None = None
    ref: str = ""
    workflow_name: str = ""
    waiting_for: str | None = None
    reviews: list[DeploymentReview] = field(default_factory=list)
    jobs: tuple[Job, ...] = ()
    logs: dict[str, str] = field(default_factory=dict)
    earlier: list[WorkflowRun] = field(default_factory=list)
    deployments: list[int] = field(default_factory=list)
    delivery_id: int | None = None


@dataclass(slots=True)
class Runs:
    """A repository's runs by id, and the id that each workflow file keeps."""

    by_id: dict[int, WorkflowRun] = field(default_factory=dict)
    workflow_ids: dict[str, int] = field(default_factory=dict)
