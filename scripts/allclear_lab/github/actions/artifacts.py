"""Artifacts that runs uploaded: zip archives, kept for some days."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from allclear_lab.github.actions.state import WorkflowRun
from allclear_lab.github.state import Repository

if TYPE_CHECKING:
    from allclear_lab.github.hub import GitHub


@dataclass(frozen=True, slots=True)
class Artifact:
    """An uploaded archive; `run_attempt` is the attempt that uploaded it."""

    id: int
    run_id: int
    run_attempt: int
    name: str
    data: bytes
    created_at: datetime
    expires_at: datetime

    @property
    def digest(self) -> str:
        """sha256:… of the archive."""
        return f"sha256:{hashlib.sha256(self.data).hexdigest()}"


@dataclass(slots=True)
class Artifacts:
    """A repository's artifacts by id."""

    by_id: dict[int, Artifact] = field(default_factory=dict)


def add(hub: GitHub, repository: Repository, run: WorkflowRun, name: str, data: bytes, days: int) -> Artifact:
    """Keep an archive for some days; ValueError for a name that the run's attempt has used."""
    known = repository.room(Artifacts).by_id
    if any(
        (one.run_id, one.run_attempt, one.name) == (run.id, run.run_attempt, name) for one in known.values()
    ):
        msg = f"run {run.id} has an artifact {name}"
        raise ValueError(msg)
    now = hub.now()
    made = Artifact(
        hub.world.next_id("artifact"), run.id, run.run_attempt, name, data, now, now + timedelta(days=days)
    )
    known[made.id] = made
    return made
