"""One change of a service at a time, whichever incident asks."""

from __future__ import annotations

import pytest

from allclear.adapters.github.errors import UnavailableError
from allclear.jobs.lock import Holder, Lock, lock_ref, release, take
from allclear.jobs.operation_job import OperationJob, operation_job
from allclear.jobs.run import start
from conversations.room import Room
from production.stage import Production

OP, OTHER = "rollback-00000001", "rollback-00000002"


def dispatched(production: Production) -> int:
    return production.room.people["mia"].dispatch("rollback-production.yml", {})


def here(room: Room, run: int) -> OperationJob:
    token = room.hub.actions_token(room.repo, {"contents": "write", "actions": "read"})
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
    release(second, "web", OTHER)
    release(second, "web", OP)
    assert take(second, "web", OTHER, 2) == lock.holder
    release(first, "web", OP)
    release(first, "web", OP)
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
    release(first, "web", OP)  # its report comes late, and lets nobody else in
    assert take(third, "web", OTHER, 3) == took.holder


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
        release(second, "web", OTHER)
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
    release(doing, "web", OP)
    assert "was not released" in production.room.printed[-1]
    with pytest.raises(UnavailableError):
        take(doing, "web", OP, 1)


def test_no_name_of_a_service_shares_a_lock_or_is_part_of_a_path() -> None:
    names = ["web", "Web", "web.", "web/../api", "a" * 60, "refs"]
    refs = {lock_ref(name) for name in names}
    assert len(refs) == len(names)
    assert all(ref.removeprefix("refs/allclear/services/").isalnum() for ref in refs)
