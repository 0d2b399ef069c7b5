"""Records in git: claimed by creating a ref, moved forward only, whatever GitHub answers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from allclear.adapters.github.errors import InvalidError, NotFoundError, UnavailableError
from allclear.adapters.github.executions import Executions
from allclear.adapters.github.records import LostError
from allclear.core.model.execution import Execution, ref_of
from allclear.core.model.snapshot import Repository, Sighting
from allclear.core.model.stored import json_text, read_values
from allclear_lab.github.git.objects import GitObjects
from conversations.room import ROOT, Room, open_room

OP, OTHER = "rollback-7f3a2c1d", "rollback-00000001"
AT = datetime(2025, 10, 19, 14, 0, tzinfo=UTC)
FILES = ("rollback-production.yml", "smoke.yml")


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    with open_room(tmp_path) as opened:
        for name in FILES:
            text = (ROOT / ".github" / "workflows" / name).read_text(encoding="utf-8")
            opened.repo.put_file(f".github/workflows/{name}", text)
        yield opened


def executions(room: Room, **permissions: str) -> Executions:
    granted = {"contents": "write", "actions": "read"} | permissions
    token = room.hub.actions_token(room.repo, permissions=granted)
    client = room.client(token)
    return Executions(client, Repository(room.repo.id, "acme/shop", "https://github.com/acme/shop"))


def record(run: int = 77, **more: Any) -> Execution:
    said = {"operation": OP, "kind": "rollback", "issue": 42, "service": "web", "run": run, "claimed": AT}
    return read_values(Execution, said | more)


def test_the_first_claim_wins_and_the_second_is_told(room: Room) -> None:
    here, there = executions(room), executions(room)
    held = here.claim(record(77))
    assert held is not None
    assert there.claim(record(78)) is None
    assert there.read(42, OP) == held
    assert here.read(42, OTHER) is None
    assert list(room.repo.refs("refs/allclear/")) == [ref_of(42, OP)]
    # A record is no file and no branch: nobody's checkout changes, and nothing starts.
    assert "rollback-7f3a2c1d" not in room.repo.branches()
    assert room.delivered == len(room.hub.deliveries)


def test_a_record_goes_forward_step_by_step_and_keeps_its_past(room: Room) -> None:
    records = executions(room)
    first = records.claim(record())
    assert first is not None
    second = records.advance(first, record(step="started", started=AT))
    third = records.advance(second, record(step="ended", outcome="done"))
    assert records.read(42, OP) == third
    with pytest.raises(LostError):
        records.advance(first, record(step="started", started=AT, before="v42"))
    with pytest.raises(LostError):
        records.advance(second, record(step="ended", outcome="unknown"))
    assert records.read(42, OP) == third


def test_a_record_that_is_gone_is_not_continued(room: Room) -> None:
    records = executions(room)
    held = records.claim(record())
    assert held is not None
    # What somebody with write access does in git; no request of ours deletes a ref.
    del room.repo.state.room(GitObjects).refs[ref_of(42, OP)]
    with pytest.raises(LostError):
        records.advance(held, record(step="started"))


KINDS = ["error_before", "error_after", "drop_before", "drop_after", "truncated_json", "html_200"]


@pytest.mark.parametrize("path", ["/git/refs", "/git/commits"])
@pytest.mark.parametrize("times", [1, 2])
@pytest.mark.parametrize("kind", KINDS)
def test_a_claim_survives_an_unclear_answer(room: Room, kind: Any, times: int, path: str) -> None:
    """A2: what was applied is found and is ours; what was not is sent again. Never two."""
    records = executions(room)
    room.hub.faults.add(kind, lambda method, where: method == "POST" and where.endswith(path), times=times)
    held = records.claim(record())
    assert held is not None
    assert records.read(42, OP) == held


@pytest.mark.parametrize("path", ["refs/allclear", "/git/commits"])
@pytest.mark.parametrize("times", [1, 2])
@pytest.mark.parametrize("kind", KINDS)
def test_a_step_survives_an_unclear_answer(room: Room, kind: Any, times: int, path: str) -> None:
    records = executions(room)
    held = records.claim(record())
    assert held is not None
    room.hub.faults.add(
        kind, lambda method, where: method in ("POST", "PATCH") and path in where, times=times
    )
    moved = records.advance(held, record(step="started"))
    assert records.read(42, OP) == moved


def test_somebody_elses_claim_is_not_taken_for_ours_after_an_unclear_answer(room: Room) -> None:
    records = executions(room)
    records.records.starting("refs/allclear/")
    room.hub.faults.add(
        "error_before", lambda method, where: method == "POST" and where.endswith("/git/refs")
    )
    other = executions(room)

    def meanwhile(seconds: float) -> None:
        room.clock.advance(seconds)
        other.claim(record(78))

    token = room.hub.actions_token(room.repo, {"contents": "write"})
    late = Executions(room.client(token, meanwhile), Repository(room.repo.id, "acme/shop", ""))
    assert late.claim(record(77)) is None
    held = late.read(42, OP)
    assert held is not None
    assert held.execution.run == 78


def creates_refs(method: str, path: str) -> bool:
    return method == "POST" and path.endswith("/git/refs")


@pytest.mark.parametrize("times", [1, 2])
def test_a_claim_that_github_refuses_at_random_is_sent_again(room: Room, times: int) -> None:
    records = executions(room)
    refused = room.hub.faults.add("update_failed", creates_refs, times=times)
    held = records.claim(record())
    assert held is not None
    assert (records.read(42, OP), refused.seen) == (held, times + 1)


def test_a_claim_that_github_refuses_for_good_is_an_error_after_three_tries(room: Room) -> None:
    records = executions(room)
    refused = room.hub.faults.add("rule", creates_refs, times=9)
    with pytest.raises(InvalidError, match="creations being restricted"):
        records.claim(record())
    assert refused.seen == 3


def test_a_refusal_at_random_beside_somebody_elses_claim_is_no_claim(room: Room) -> None:
    records, other = executions(room), executions(room)
    claimed: list[object] = []

    def refused_and_claimed(method: str, path: str) -> bool:
        if not creates_refs(method, path) or claimed:
            return False
        claimed.append("soon")
        claimed.append(other.claim(record(78)))
        return True

    room.hub.faults.add("update_failed", refused_and_claimed)
    assert records.claim(record(77)) is None
    assert records.read(42, OP) == claimed[1]


@pytest.mark.parametrize("times", [1, 2])
def test_a_step_that_github_refuses_at_random_is_sent_again_and_nobody_elses(room: Room, times: int) -> None:
    records = executions(room)
    held = records.claim(record())
    assert held is not None
    room.hub.faults.add("update_failed", lambda method, _: method == "PATCH", times=times)
    assert records.advance(held, record(step="started")) == records.read(42, OP)


def test_a_step_that_github_refuses_for_good_is_an_error(room: Room) -> None:
    records = executions(room)
    held = records.claim(record())
    assert held is not None
    room.hub.faults.add("update_failed", lambda method, _: method == "PATCH", times=9)
    with pytest.raises(InvalidError):
        records.advance(held, record(step="started"))


def test_a_record_goes_on_whatever_becomes_of_the_workflow_files(room: Room) -> None:
    """Z3: a token may point no ref at workflow files that no branch has any more."""
    records = executions(room)
    held = records.claim(record())
    assert held is not None
    change = "jobs: {}\n"
    room.people["ann"].push_file("main", ".github/workflows/other.yml", change)
    held = records.advance(held, record(step="started", started=AT))
    room.people["ann"].push_file("main", f".github/workflows/{FILES[1]}", change)
    assert executions(room).read(42, OP) == held
    records.advance(held, record(step="ended", outcome="done"))
    git = room.repo.state.room(GitObjects)
    trees = {git.commits[sha].tree for sha in room.repo.refs("refs/allclear/").values()}
    assert [git.tree_files(tree).keys() for tree in trees] == [{"README.md"}]


def test_a_record_of_before_goes_on_as_well(room: Room) -> None:
    """Records used to have the files of the default branch, with its workflows."""
    git = room.repo.state.room(GitObjects)
    main = git.commits[room.repo.branches()["main"]]
    text = f"allclear operation record\n\n{json_text(record())}"
    old = git.add_commit(main.tree, (), main.author, main.committer, text)
    git.refs[ref_of(42, OP)] = old.sha
    room.people["ann"].push_file("main", f".github/workflows/{FILES[0]}", "jobs: {}\n")
    records = executions(room)
    held = records.read(42, OP)
    assert held is not None
    assert records.claim(record(78)) is None
    assert records.advance(held, record(step="ended", outcome="done")) == records.read(42, OP)


@pytest.mark.parametrize("moved", [True, False])
def test_somebody_elses_step_is_not_taken_for_ours_after_an_unclear_answer(room: Room, moved: bool) -> None:
    other = executions(room)
    held = other.claim(record())
    assert held is not None

    def meanwhile(seconds: float) -> None:
        room.clock.advance(seconds)
        if moved and other.read(42, OP) == held:
            other.advance(held, record(step="ended", outcome="cancelled"))

    room.hub.faults.add("error_before", lambda method, _: method == "PATCH", times=2 if moved else 5)
    token = room.hub.actions_token(room.repo, {"contents": "write"})
    late = Executions(room.client(token, meanwhile), Repository(room.repo.id, "acme/shop", ""))
    with pytest.raises(LostError if moved else UnavailableError):
        late.advance(held, record(step="started"))


def test_a_github_that_is_down_claims_nothing(room: Room) -> None:
    records = executions(room)
    room.hub.faults.add("error_before", lambda method, where: where.endswith("/git/refs"), times=9)
    with pytest.raises(UnavailableError):
        records.claim(record())
    room.hub.faults.clear()
    assert room.repo.refs("refs/allclear/") == {}


def test_what_github_will_not_create_at_all_is_an_error_and_no_claim_of_somebody_else(room: Room) -> None:
    records = executions(room)
    client = records.records._client
    client.send(
        "POST",
        "/repos/acme/shop/git/refs",
        {"ref": f"{ref_of(42, OP)}/deeper", "sha": room.repo.branches()["main"]},
    )
    with pytest.raises(Exception, match="cannot be created"):
        records.claim(record())


def test_the_operations_that_have_a_record_take_one_request(room: Room) -> None:
    records = executions(room)
    records.claim(record())
    records.claim(record(operation=OTHER))
    records.claim(record(issue=7))
    records.records.create("refs/allclear/services/00ff", "a lock")
    records.records.create("refs/allclear/42/none-of-ours", "something else")
    known = len(room.hub.requests)
    assert records.known() == {42: {OP, OTHER}, 7: {OP}}
    assert len(room.hub.requests) == known + 1


def dispatched(room: Room, operation: str, who: str = "mia", file: str = FILES[0], ref: str = "main") -> int:
    return room.people[who].dispatch(file, {"operation": operation}, ref)


def test_a_record_is_seen_with_its_run(room: Room) -> None:
    run = dispatched(room, OP)
    records = executions(room)
    records.claim(record(run))
    records.claim(record(run, operation=OTHER))
    room.repo.start_run(run)
    seen = records.sightings(42, frozenset({OP}))
    assert list(seen) == [OP]  # what nobody asks about is not looked up
    assert seen[OP].execution == record(run)
    found = seen[OP].run
    assert found is not None
    assert (found.id, found.status, found.conclusion, found.ours) == (run, "in_progress", None, True)
    assert found.by is not None
    assert found.by.login == "mia"
    assert found.url.endswith(f"/actions/runs/{run}")


def test_what_was_started_by_hand_is_seen_without_being_asked_for(room: Room) -> None:
    run = dispatched(room, "")
    records = executions(room)
    records.claim(record(run, operation="hand-0000zz", by_hand=True))
    assert set(records.sightings(42, frozenset())) == {"hand-0000zz"}
    assert records.sightings(43, frozenset()) == {}


def test_without_a_record_the_run_is_found_by_its_name(room: Room) -> None:
    records = executions(room)
    assert records.sightings(42, frozenset({OP})) == {OP: Sighting()}
    first, second = dispatched(room, OP), dispatched(room, OP)
    dispatched(room, OTHER)
    room.repo.start_run(first)
    room.repo.finish_run(first, "failure")
    (seen,) = records.sightings(42, frozenset({OP})).values()
    assert seen.run is not None
    assert (seen.run.id, seen.run.status) == (second, "queued")
    room.repo.finish_run(second, "cancelled")
    (seen,) = records.sightings(42, frozenset({OP})).values()
    assert seen.run is not None
    assert seen.run.conclusion == "cancelled"
    # A smoke run is looked for among those of its own workflow.
    assert records.sightings(42, frozenset({"smoke-00000001"})) == {"smoke-00000001": Sighting()}
    assert records.sightings(42, frozenset({"evidence-00000001"})) == {"evidence-00000001": Sighting()}


def test_a_run_on_another_branch_says_nothing_of_an_operation(room: Room) -> None:
    """Everybody with write access may dispatch a branch of their own, under any name."""
    text = (ROOT / ".github" / "workflows" / FILES[0]).read_text(encoding="utf-8")
    room.repo.put_file(f".github/workflows/{FILES[0]}", text, "evil")
    run = dispatched(room, OP, "bob", ref="evil")
    records = executions(room)
    assert records.sightings(42, frozenset({OP})) == {OP: Sighting()}
    records.claim(record(run))
    (seen,) = records.sightings(42, frozenset({OP})).values()
    assert seen.run is not None
    assert not seen.run.ours


def test_a_run_of_another_workflow_is_none_of_ours(room: Room) -> None:
    run = dispatched(room, OP, file=FILES[1])
    records = executions(room)
    records.claim(record(run))
    (seen,) = records.sightings(42, frozenset({OP})).values()
    assert seen.run is not None
    assert not seen.run.ours


@pytest.mark.parametrize(
    "message",
    ["", "allclear operation record\n\n{}", "allclear operation record\n\n[", "something else"],
)
def test_a_record_that_cannot_be_read_names_no_run(room: Room, message: str) -> None:
    records = executions(room)
    records.records.create(ref_of(42, OP), message or "x")
    (seen,) = records.sightings(42, frozenset({OP})).values()
    assert seen.run is None
    assert seen.execution is not None
    assert seen.execution.run == 0
    assert records.read(42, OP) is None


def test_a_record_of_another_operation_is_as_good_as_none(room: Room) -> None:
    records = executions(room)
    records.records.create(ref_of(42, OP), "allclear operation record\n\n" + json_text(record(issue=7)))
    (seen,) = records.sightings(42, frozenset({OP})).values()
    assert (seen.run, seen.execution and seen.execution.issue) == (None, 42)


def test_a_run_that_is_gone_is_none(room: Room) -> None:
    records = executions(room)
    records.claim(record(999_999))
    (seen,) = records.sightings(42, frozenset({OP})).values()
    assert seen.run is None
    assert seen.execution == record(999_999)


def test_a_record_is_read_once_more_when_its_run_ended_meanwhile(room: Room) -> None:
    """The run may write its last word between our look at the record and our look at the run."""
    run = dispatched(room, OP)
    records, writer = executions(room), executions(room)
    held = writer.claim(record(run))
    assert held is not None
    room.repo.start_run(run)
    asked = records.run

    def ends_first(number: int, kind: Any) -> Any:
        writer.advance(held, record(run, step="ended", outcome="done"))
        room.repo.finish_run(run, "success")
        return asked(number, kind)

    records.run = ends_first  # type: ignore[method-assign] # the moment between two requests
    (seen,) = records.sightings(42, frozenset({OP})).values()
    assert seen.execution is not None
    assert seen.execution.outcome == "done"


def test_a_repository_without_the_workflow_has_no_runs_of_it(tmp_path: Path) -> None:
    with open_room(tmp_path) as room:
        assert executions(room).sightings(42, frozenset({OP})) == {OP: Sighting()}
        with pytest.raises(NotFoundError):
            executions(room).records.message("0" * 40)
