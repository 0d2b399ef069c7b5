"""One change of a service at a time, whichever incident asks: a lock in git, moved forward only.

``refs/allclear/services/<name's hash>`` points to a commit that says which run holds the service, or that
nobody does. The claim takes it, and the report gives it back: what changes production in between holds no
token that could. A run that still waits for its reviewers gives way to a newer one, which cancels it first
and sees it completed; one whose job has begun never does. Who holds it and is gone is overtaken. All of it by
commits on top, never by force, so that of two who try one succeeds.
"""

from __future__ import annotations

import contextlib
import hashlib
from datetime import datetime
from typing import Any

from msgspec import Struct
from pydantic import ValidationError

from allclear.adapters.github.errors import ConflictError, GitHubError, InvalidError, UnavailableError
from allclear.adapters.github.records import LostError, Records, Tip
from allclear.core.model.frozen import Frozen
from allclear.jobs.operation_job import OperationJob, log

SUBJECT = "allclear service lock\n\n"

POLL = (2.0, 3.0, 5.0, *[10.0] * 17)
"""Seconds between looks at a run that was cancelled: its last job needs a runner, which may take minutes."""


class Holder(Frozen):
    """Who changes a service: an operation, in a run. ``operation`` empty: nobody does. ``wanted``: the run
    that is about to take the place of a holder that still waits for its reviewers.

    ``taken``: when the holder took it. ``last`` says who changed the service last, or may have, by a
    rollback or an action, and ``changed`` when that ended (UTC): a rollback that was asked for before is
    about another state than the one by now.
    """

    service: str
    operation: str = ""
    issue: int = 0
    run: int = 0
    wanted: int = 0
    taken: datetime | None = None
    last: str = ""
    changed: datetime | None = None

    @property
    def who(self) -> str:
        """``rollback-7f3a2c1d of incident 12 (run 345)``: for a sentence."""
        if not self.operation:
            return "another run"
        of = f" of incident {self.issue}" if self.issue else ""
        return f"{self.operation}{of} (run {self.run})"


class Lock(Struct, frozen=True):
    """A lock that this run holds, and the commit it stands in."""

    ref: str
    sha: str
    holder: Holder


def lock_ref(service: str) -> str:
    """The ref of a service's lock. Hashed: no two names share one, and no name is read as part of a path."""
    return f"refs/allclear/services/{hashlib.sha256(service.encode()).hexdigest()[:32]}"


def held_by(job: OperationJob, service: str) -> Holder:
    """Who holds the service, as the lock says."""
    return _read(job.executions.records.read(lock_ref(service)), service)


def take(job: OperationJob, service: str, operation: str, issue: int) -> Lock | Holder:
    """Take the lock, or say who holds it. A run that waits for its reviewers is cancelled for it.

    Raises GitHubError when it cannot be known: then nobody acts.
    """
    records: Records = job.executions.records
    ref = lock_ref(service)
    mine = Holder(service=service, operation=operation, issue=issue, run=job.own.id, taken=job.run.client.now)
    tip = records.read(ref)
    if tip is None:
        made = records.create(ref, _written(mine))
        if made is not None:
            return Lock(ref, made.sha, mine)
        tip = records.read(ref)
    held = _read(tip, service)
    if tip is None:
        return held
    if (held.operation, held.run) == (operation, job.own.id):
        return Lock(ref, tip.sha, held)
    mine = mine.model_copy(update=_history(job, held))
    try:
        onto = tip if _over(job, held) else _taken_over(job, ref, tip, held, mine)
        return Lock(ref, records.append(ref, onto.sha, _written(mine)).sha, mine) if onto else held
    except LostError:
        return held_by(job, service)


def release(job: OperationJob, service: str, operation: str, *, changed: bool) -> None:
    """Give the lock back, if this run still holds it. Where that fails, the end of the run does it.

    ``changed``: this run changed the service, or may have.
    """
    ref = lock_ref(service)
    try:
        tip = job.executions.records.read(ref)
        held = _read(tip, service)
        if tip is not None and held.operation == operation and held.run == job.own.id:
            told = {"last": held.who, "changed": job.run.client.now} if changed else _told(held)
            job.executions.records.append(ref, tip.sha, _written(Holder(service=service, **told)))
    except (GitHubError, LostError) as error:
        job.run.out(
            f"The lock of the service was not released ({error}); it is released when this run has ended."
        )


def in_the_way(job: OperationJob, service: str, operation: str) -> Holder | None:
    """Who has the service in this run's place, or is about to; None when it is this run's to change."""
    held = held_by(job, service)
    if (held.operation, held.run) != (operation, job.own.id):
        return held
    wants = job.executions.run(held.wanted, "rollback") if held.wanted else None
    return held if wants is not None and not wants.over else None


def _told(held: Holder) -> dict[str, Any]:
    return {"last": held.last, "changed": held.changed}


def _history(job: OperationJob, held: Holder) -> dict[str, Any]:
    """Who changed the service last. A holder that is gone and never gave the lock back may have, until
    its run ended: what was asked for later is asked with that in sight.
    """
    if held.operation and _over(job, held):
        run = job.executions.run_seen(held.run, "rollback")
        if run is None or not run.untouched:
            step = run.acting.ended if run is not None and run.acting is not None else None
            over = step or (run.ended if run is not None else None)
            return {"last": held.who, "changed": over or held.taken}
    return _told(held)


def _over(job: OperationJob, holder: Holder) -> bool:
    """Whether nobody holds it any more. A run that GitHub does not show is gone."""
    if not holder.operation:
        return True
    run = job.executions.run(holder.run, "rollback")
    return run is None or run.over


def _taken_over(job: OperationJob, ref: str, tip: Tip, held: Holder, mine: Holder) -> Tip | None:
    """Where the lock stands once its holder, which waited for its reviewers, was cancelled; None when it goes
    on. Raises LostError when somebody else moved it.

    First the wish is written down, then the holder is looked at once more: a job of it that begins later
    finds the wish and stops, and one that began earlier is seen here.
    """
    records = job.executions.records
    if not _waits(job, held):
        return None
    marked = records.append(ref, tip.sha, _written(held.model_copy(update={"wanted": mine.run})))
    if not _waits(job, held):
        records.append(ref, marked.sha, _written(held))
        return None
    log(job, f"{held.who} still waits for its reviewers, so it is cancelled for this one.")
    job.executions.explain(held.issue, held.operation, held.run, f"{mine.who} took its place")
    if not _cancelled(job, held):
        return None
    # The last job of the run that was cancelled may have given the lock back meanwhile.
    now = records.read(ref)
    there = _read(now, held.service)
    return (
        now if not there.operation or (there.operation, there.wanted) == (held.operation, mine.run) else None
    )


def _waits(job: OperationJob, holder: Holder) -> bool:
    """Whether the holder's run waits for its reviewers, and no job of it that changes something began."""
    run = job.executions.run_seen(holder.run, "rollback")
    return run is not None and run.waits


def _cancelled(job: OperationJob, holder: Holder) -> bool:
    """Cancel the run, and see that it ended, and that it had begun nothing."""
    # It may be over by now, or the answer was lost: what is seen then counts.
    with contextlib.suppress(ConflictError, InvalidError, UnavailableError):
        job.run.client.send("POST", f"{job.base}/actions/runs/{holder.run}/cancel")
    for pause in (*POLL, 0.0):
        run = job.executions.run_seen(holder.run, "rollback")
        if run is None or run.over:
            return run is None or run.untouched
        job.run.client.pause(pause)
    return False


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
