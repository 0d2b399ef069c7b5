"""Who rolled the service back last stays with its lock: an older request is about another release."""

from __future__ import annotations

from datetime import datetime, timedelta

from allclear.jobs.lock import Lock, held_by, release, take
from allclear.jobs.operation_job import OperationJob
from allclear_lab.github import Job, JobStep
from jobs.test_locking import OP, OTHER, dispatched, here
from production.stage import Production


def last(job: OperationJob) -> tuple[str, datetime | None]:
    held = held_by(job, "web")
    return held.last, held.changed


def test_a_rollback_that_went_through_is_remembered_and_what_changed_nothing_is_not(
    production: Production,
) -> None:
    first, second, third = (here(production.room, dispatched(production)) for _ in range(3))
    take(first, "web", OP, 1)
    release(first, "web", OP, changed=False)
    assert last(first) == ("", None)
    take(second, "web", OTHER, 2)
    release(second, "web", OTHER, changed=True)
    who, when = last(second)
    assert who == f"{OTHER} of incident 2 (run {second.own.id})"
    assert when is not None
    # The next one knows, and hands it on.
    lock = take(third, "web", OP, 3)
    assert isinstance(lock, Lock)
    assert (lock.holder.last, lock.holder.changed) == (who, when)
    release(third, "web", OP, changed=False)
    assert last(third) == (who, when)


def test_a_run_that_is_gone_and_never_gave_it_back_may_have_changed_it(production: Production) -> None:
    runs = [dispatched(production) for _ in range(2)]
    first, second = (here(production.room, run) for run in runs)
    take(first, "web", OP, 1)
    production.room.repo.start_run(runs[0])
    began = JobStep("Act", None, production.room.hub.now())
    production.room.repo.set_jobs(runs[0], Job("execute", "failure", (began,)))
    production.room.repo.finish_run(runs[0], "failure")
    over = production.room.hub.now()
    production.room.sleep(600)
    take(second, "web", OTHER, 2)
    # Until its run ended, and no longer: whoever asks from then on has seen how it ended.
    assert last(second) == (f"{OP} of incident 1 (run {runs[0]})", over)


def test_a_run_that_github_does_not_show_any_more_may_have_changed_it_when_it_took_it(
    production: Production,
) -> None:
    first, second = (here(production.room, dispatched(production)) for _ in range(2))
    before = production.room.hub.now()
    lock = take(first, "web", OP, 1)
    assert isinstance(lock, Lock)
    release(first, "web", OP, changed=False)
    gone = here(production.room, 4_000_000)
    take(gone, "web", OP, 1)
    production.room.sleep(600)
    take(second, "web", OTHER, 2)
    who, when = last(second)
    assert who == f"{OP} of incident 1 (run 4000000)"
    assert when is not None
    assert when - before < timedelta(seconds=60)


def test_a_run_that_is_gone_and_had_begun_nothing_did_not(production: Production) -> None:
    runs = [dispatched(production) for _ in range(2)]
    first, second = (here(production.room, run) for run in runs)
    take(first, "web", OP, 1)
    production.room.repo.start_run(runs[0])
    production.room.repo.set_jobs(runs[0], Job("claim", "success"), Job("execute", "skipped"))
    production.room.repo.finish_run(runs[0], "failure")
    take(second, "web", OTHER, 2)
    assert last(second) == ("", None)
