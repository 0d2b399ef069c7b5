"""One change of a service at a time, whichever incident asks: a lock in git, moved forward only.

``refs/allclear/services/<name's hash>`` points to a commit that says which run holds the service, or that
nobody does. It is taken after the approval, so that a run that waits for people holds up nobody. Who holds it
and is gone is overtaken: by a commit on top, never by force, so that of two who try one succeeds.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from pydantic import ValidationError

from allclear.adapters.github.errors import GitHubError
from allclear.adapters.github.records import LostError, Records, Tip
from allclear.core.model.frozen import Frozen
from allclear.jobs.operation_job import OperationJob

SUBJECT = "allclear service lock\n\n"


class Holder(Frozen):
    """Who changes a service: an operation, in a run. ``operation`` empty: nobody does."""

    service: str
    operation: str = ""
    issue: int = 0
    run: int = 0


@dataclass(frozen=True, slots=True)
class Lock:
    """A lock that this run holds, and the commit it stands in."""

    ref: str
    sha: str
    holder: Holder


def lock_ref(service: str) -> str:
    """The ref of a service's lock. Hashed: no two names share one, and no name is read as part of a path."""
    return f"refs/allclear/services/{hashlib.sha256(service.encode()).hexdigest()[:32]}"


def take(job: OperationJob, service: str, operation: str, issue: int) -> Lock | Holder:
    """Take the lock, or say who holds it. Raises GitHubError when it cannot be known: then nobody acts."""
    records: Records = job.executions.records
    ref = lock_ref(service)
    mine = Holder(service=service, operation=operation, issue=issue, run=job.own.id)
    tip = records.read(ref)
    if tip is None:
        made = records.create(ref, _written(mine))
        if made is not None:
            return Lock(ref, made.sha, mine)
        tip = records.read(ref)
    held = _read(tip, service)
    if tip is None or (held.operation and held != mine and _alive(job, held)):
        return held
    if held == mine:
        return Lock(ref, tip.sha, mine)
    try:
        return Lock(ref, records.append(ref, tip.sha, _written(mine)).sha, mine)
    except LostError:
        return _read(records.read(ref), service)


def release(job: OperationJob, service: str, operation: str) -> None:
    """Give the lock back, if this run still holds it. Where that fails, the end of the run does it."""
    ref = lock_ref(service)
    try:
        tip = job.executions.records.read(ref)
        held = _read(tip, service)
        if tip is not None and held.operation == operation and held.run == job.own.id:
            job.executions.records.append(ref, tip.sha, _written(Holder(service=service)))
    except (GitHubError, LostError) as error:
        job.run.out(
            f"The lock of the service was not released ({error}); it is released when this run has ended."
        )


def _alive(job: OperationJob, holder: Holder) -> bool:
    """Whether the holder's run may still act. One that GitHub does not show is gone."""
    run = job.executions.run(holder.run, "rollback")
    return run is not None and not run.over


def _written(holder: Holder) -> str:
    return SUBJECT + holder.model_dump_json()


def _read(tip: Tip | None, service: str) -> Holder:
    """Who stands in the lock. What cannot be read holds nothing: somebody with write access put it there."""
    try:
        if tip is not None and tip.message.startswith(SUBJECT):
            return Holder.model_validate_json(tip.message[len(SUBJECT) :])
    except ValidationError:
        pass
    return Holder(service=service)
