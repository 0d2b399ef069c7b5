"""One change of a service at a time, whichever incident asks: who waits for reviewers gives way to who comes
later, and who has begun does not.
"""

from __future__ import annotations

import pytest

from allclear.adapters.github.errors import UnavailableError
from allclear.jobs.lock import Holder, Lock, held_by, in_the_way, lock_ref, release, take
from allclear.jobs.operation_job import OperationJob, operation_job
from allclear.jobs.run import start
from allclear_lab.github import Job, JobStep
from conversations.room import Room
from production.stage import Production
from proof.test_two_at_once import MANY, meanwhile
from sampling import Proof

OP, OTHER = "rollback-00000001", "rollback-00000002"


def dispatched(production: Production) -> int:
    return production.room.people["mia"].dispatch("rollback-production.yml", {})


def here(room: Room, run: int) -> OperationJob:
    token = room.hub.actions_token(room.repo, {"contents": "write", "actions": "write"})
    env = {
        "GITHUB_API_URL": room.hub.api_url,
        "GITHUB_REPOSITORY": "acme/shop",
        "GITHUB_REPOSITORY_ID": str(room.repo.id),
        "GITHUB_RUN_ID": str(run),
        "GITHUB_TOKEN": token,
    }
    return operation_job(start(env, room.sleep, room.printed.append, room.hub.transport))


def test_one_holds_it_and_the_other_is_told_who(production: Production) -> None:
    first, second = (here(production.room, dispatched(production)) for _ in range(2))
    lock = take(first, "web", OP, 1)
    assert isinstance(lock, Lock)
    assert take(second, "web", OTHER, 2) == lock.holder
    assert isinstance(take(second, "api", OTHER, 2), Lock)
    again = take(first, "web", OP, 1)
    assert again == lock
    release(second, "web", OTHER, changed=False)
    release(second, "web", OP, changed=False)
    assert take(second, "web", OTHER, 2) == lock.holder
    release(first, "web", OP, changed=False)
    release(first, "web", OP, changed=False)
    assert isinstance(take(second, "web", OTHER, 2), Lock)


def test_who_holds_it_and_is_gone_is_overtaken_and_by_one_only(production: Production) -> None:
    runs = [dispatched(production) for _ in range(3)]
    first, second, third = (here(production.room, run) for run in runs)
    take(first, "web", OP, 1)
    production.room.repo.start_run(runs[0])
    production.room.repo.finish_run(runs[0], "failure")
    took = take(second, "web", OTHER, 2)
    assert isinstance(took, Lock)
    assert take(third, "web", OTHER, 3) == took.holder
    release(first, "web", OP, changed=False)  # its report comes late, and lets nobody else in
    assert take(third, "web", OTHER, 3) == took.holder


def waiting(production: Production, run: int) -> None:
    """The run waits for the reviewers of its environment."""
    production.room.repo.start_run(run)
    assert production.room.repo.wait_run(run, "production", deployment=False)
    production.room.repo.set_jobs(run, Job("claim"), Job("execute", None, status="waiting"))


def begun(production: Production, run: int, step: str | None) -> None:
    """A reviewer said yes, and the job has begun; so has one of its steps, when it is named."""
    production.room.people["ann"].approve(run)
    steps = (JobStep(step, None, production.hub.now()),) if step else ()
    production.room.repo.set_jobs(run, Job("claim"), Job("execute", None, steps, "in_progress"))


def test_who_waits_for_reviewers_gives_way_and_is_cancelled_before(production: Production) -> None:
    runs = [dispatched(production) for _ in range(2)]
    first, second = (here(production.room, run) for run in runs)
    take(first, "web", OP, 1)
    waiting(production, runs[0])
    took = take(second, "web", OTHER, 2)
    assert isinstance(took, Lock)
    assert production.room.repo.run(runs[0]).conclusion == "cancelled"
    assert in_the_way(first, "web", OP) == took.holder
    assert in_the_way(second, "web", OTHER) is None
    release(first, "web", OP, changed=False)
    assert held_by(second, "web") == took.holder


@pytest.mark.parametrize("step", [None, "Look", "Act"])
def test_who_was_let_through_is_never_cancelled(production: Production, step: str | None) -> None:
    """Neither before the look at it, nor between that and the cancellation."""
    runs = [dispatched(production) for _ in range(2)]
    first, second = (here(production.room, run) for run in runs)
    lock = take(first, "web", OP, 1)
    assert isinstance(lock, Lock)
    waiting(production, runs[0])
    begun(production, runs[0], step)
    assert take(second, "web", OTHER, 2) == lock.holder
    assert production.room.repo.run(runs[0]).conclusion is None
    assert in_the_way(first, "web", OP) is None


def test_a_yes_in_the_very_moment_of_the_takeover_leaves_one_of_them(
    production: Production, proof: Proof
) -> None:
    """Before each request of the one that takes over: the reviewer's yes, and the other's last look at the
    lock. Whoever goes on, the other does not; and who went on is not cancelled.
    """
    runs = [dispatched(production) for _ in range(2)]
    first, second = (here(production.room, run) for run in runs)
    take(first, "web", OP, 1)
    waiting(production, runs[0])
    before = production.mark()
    with meanwhile(production.room, MANY, lambda _: None) as seen:
        take(second, "web", OTHER, 2)
    went: list[tuple[bool, bool]] = []
    for at in proof(range(seen[0]), 5):
        production.back(before)
        goes: list[bool] = []

        def approved(_: Room, goes: list[bool] = goes) -> None:
            if production.room.repo.run(runs[0]).status != "waiting":
                return  # it was cancelled before anybody said yes
            begun(production, runs[0], "Look")
            goes.append(in_the_way(first, "web", OP) is None)
            if goes[-1]:
                begun_act(production, runs[0])

        with meanwhile(production.room, at, approved):
            took = isinstance(take(second, "web", OTHER, 2), Lock)
        went.append((goes == [True], took))
        assert went[-1] != (True, True), at
        if goes == [True]:
            assert production.room.repo.run(runs[0]).conclusion is None, at
    assert {(True, False), (False, True)} <= set(went) or not proof.whole


def begun_act(production: Production, run: int) -> None:
    now = production.hub.now()
    steps = (JobStep("Look", "success", now, now), JobStep("Act", None, now))
    production.room.repo.set_jobs(run, Job("claim"), Job("execute", None, steps, "in_progress"))


def test_one_that_does_not_end_when_it_is_cancelled_keeps_the_lock(production: Production) -> None:
    """And what the cancelled one is told is written down before."""
    runs = [dispatched(production) for _ in range(2)]
    first, second = (here(production.room, run) for run in runs)
    take(first, "web", OP, 1)
    waiting(production, runs[0])
    production.hub.faults.add("error_before", lambda _, path: path.endswith("/cancel"), times=99)
    held = take(second, "web", OTHER, 2)
    assert isinstance(held, Holder)
    assert held.operation == OP
    # Its next look finds that somebody wants it, as long as that run is there.
    assert in_the_way(first, "web", OP) is not None
    production.room.repo.start_run(runs[1])
    production.room.repo.finish_run(runs[1], "failure")
    assert in_the_way(first, "web", OP) is None


def test_a_run_that_github_does_not_show_holds_nothing(production: Production) -> None:
    take(here(production.room, 424242), "web", OP, 1)
    assert isinstance(take(here(production.room, dispatched(production)), "web", OTHER, 2), Lock)


def test_a_lock_that_cannot_be_read_holds_nothing(production: Production) -> None:
    doing = here(production.room, dispatched(production))
    doing.executions.records.create(lock_ref("web"), "allclear service lock\n\n{")
    assert isinstance(take(doing, "web", OP, 1), Lock)
    doing.executions.records.create(lock_ref("api"), "hello")
    assert isinstance(take(doing, "api", OP, 1), Lock)


@pytest.mark.parametrize("taken", [True, False])
def test_whoever_comes_between_the_look_and_the_write_wins(production: Production, taken: bool) -> None:
    first, second = (here(production.room, dispatched(production)) for _ in range(2))
    if taken:
        take(second, "web", OTHER, 2)
        release(second, "web", OTHER, changed=False)
    records = first.executions.records
    look = records.read
    came: list[Lock | Holder] = []

    def slow(ref: str) -> object:
        seen = look(ref)
        if not came:
            came.append(take(second, "web", OTHER, 2))
        return seen

    records.read = slow  # type: ignore[method-assign, assignment] # the moment between two requests
    lock = take(first, "web", OP, 1)
    assert isinstance(came[0], Lock)
    assert lock == came[0].holder


def test_a_lock_that_cannot_be_given_back_is_no_failure(production: Production) -> None:
    doing = here(production.room, dispatched(production))
    take(doing, "web", OP, 1)
    production.hub.faults.add("error_before", lambda _, path: "/git/" in path, times=99)
    release(doing, "web", OP, changed=False)
    assert "was not released" in production.room.printed[-1]
    with pytest.raises(UnavailableError):
        take(doing, "web", OP, 1)


def test_no_name_of_a_service_shares_a_lock_or_is_part_of_a_path() -> None:
    names = ["web", "Web", "web.", "web/../api", "a" * 60, "refs"]
    refs = {lock_ref(name) for name in names}
    assert len(refs) == len(names)
    assert all(ref.removeprefix("refs/allclear/services/").isalnum() for ref in refs)
