"""/rollback on an issue: entry first, then the run; from one who may, in a comment as it was written."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from conversations.room import Room, open_room

SETTINGS = """\
rights: {{ rollback: {rollback}, approve: write }}
services:
  web:
    provider: dispatch-workflow
    values: {{ workflow: deploy.yml }}
    rollback: {{ approval: {approval} }}
"""


def production(folder: Path, approval: str, rollback: str = "maintain") -> Iterator[Room]:
    """Three releases an hour apart, and an incident."""
    with open_room(folder, SETTINGS.format(approval=approval, rollback=rollback)) as room:
        for number in range(3):
            room.repo.deploy(room.repo.put_file("version", str(number)))
            room.clock.advance(3600)
        room.opens("ann")
        yield room


@pytest.fixture
def guarded(tmp_path: Path) -> Iterator[Room]:
    for room in production(tmp_path, "environment"):
        room.repo.environment("production", reviewers=(room.account("ann"),))
        yield room


@pytest.fixture
def personal(tmp_path: Path) -> Iterator[Room]:
    """A repository whose people have `write` and no more."""
    yield from production(tmp_path, "second-person", rollback="write")


def told(room: Room, who: str, text: str) -> str:
    """What the run answers that the comment starts; runs that it dispatches do not happen."""
    room.writes(who, text)
    room.run()
    return room.replies[-1].body.split("\n", 1)[1].strip()


def started(room: Room) -> list[dict[str, str]]:
    """The inputs of the rollbacks that were dispatched."""
    seen = [one for one in room.hub.deliveries if one.event == "workflow_dispatch"]
    return [one.payload["inputs"] for one in seen if "rollback" in one.payload["workflow"]]


def test_the_entry_is_written_before_the_run_is_dispatched(guarded: Room) -> None:
    before = len(guarded.hub.requests)
    said = told(guarded, "mia", "/rollback web checkout is down")
    asked = [
        f"{one.method} {one.path.removeprefix('/repos/acme/shop')}" for one in guarded.hub.requests[before:]
    ]
    reply, dispatch = (
        asked.index("POST /issues/1/comments"),
        asked.index("POST /actions/workflows/rollback-production.yml/dispatches"),
    )
    assert reply < dispatch
    (operation,) = guarded.incident.production.operations.values()
    assert (operation.state, operation.approval, operation.why) == (
        "ready",
        "environment",
        "checkout is down",
    )
    assert started(guarded) == [
        {
            "operation": operation.id,
            "service": "web",
            "target": operation.target,
            "dry_run": "false",
            "migrations": "false",
            "while_deploying": "false",
            "incident": "1",
        }
    ]
    assert guarded.incident.status == "mitigating"
    assert "**This would undo** 1 commit by acme and no migrations." in said


def test_a_dry_run_reads_releases_and_commits_and_asks_nobody_who_guards_production(guarded: Room) -> None:
    before = len(guarded.hub.requests)
    told(guarded, "mia", "/rollback --dry-run")
    asked = [one.path.removeprefix("/repos/acme/shop") for one in guarded.hub.requests[before:]]
    assert asked.count("/graphql") == 2  # who edited the panel, and the deployments
    assert sum(path.startswith("/compare/") for path in asked) == 1
    assert not any(path.startswith("/environments/") for path in asked)
    assert started(guarded) == []


@pytest.mark.parametrize("who", ["bob", "cat", "rae"])
def test_whoever_may_not_learns_nothing_and_costs_nothing(guarded: Room, who: str) -> None:
    before = len(guarded.hub.requests)
    said = told(guarded, who, "/rollback web")
    assert "`/rollback` needs `maintain` access" in said
    assert not any("deployments(" in str(one.body) for one in guarded.hub.requests[before:])
    assert guarded.incident.production.operations == {}


def test_h6_an_edited_comment_rolls_nothing_back(guarded: Room) -> None:
    comment = guarded.writes("mia", "what now?")
    guarded.clock.advance(60)
    guarded.people["ann"].edit_comment(comment, "/rollback web")
    guarded.run()
    assert "was edited by ann, and not by its author" in guarded.replies[-1].body
    assert guarded.incident.production.operations == {}


@pytest.mark.parametrize(
    "text", ["\uff0frollback web", "/r\u043ellback web", "`/rollback web`", "> /rollback web"]
)
def test_h11_what_only_looks_like_it_rolls_nothing_back(guarded: Room, text: str) -> None:
    guarded.writes("mia", text)
    guarded.run()
    assert guarded.incident.production.operations == {}
    assert started(guarded) == []


def test_c6_asked_for_twice_it_is_dispatched_once(guarded: Room) -> None:
    guarded.writes("mia", "/rollback web\n/rollback web")
    guarded.writes("ann", "/rollback web")
    guarded.run()
    guarded.run()
    (operation,) = guarded.incident.production.operations
    said = "\n".join(reply.body for reply in guarded.replies)
    assert said.count("A rollback of `web` is under way already") == 2
    assert [one["operation"] for one in started(guarded)] == [operation]


def test_a_second_person_starts_it_where_nobody_has_more_than_write(personal: Room) -> None:
    told(personal, "bob", "/rollback web")
    (operation,) = personal.incident.production.operations.values()
    assert operation.state == "asked"
    assert started(personal) == []
    assert "needs a second person" in told(personal, "bob", "/approve")
    assert "needs `write` access" in told(personal, "cat", f"/approve {operation.id}")
    assert started(personal) == []
    assert "is approved and starts" in told(personal, "mia", "/approve")
    assert [one["operation"] for one in started(personal)] == [operation.id]


def test_h6_an_edited_comment_approves_nothing(personal: Room) -> None:
    told(personal, "bob", "/rollback web")
    comment = personal.writes("mia", "let me look")
    personal.clock.advance(60)
    personal.people["bob"].edit_comment(comment, "/approve")
    personal.run()
    assert "was edited by bob, and not by its author" in personal.replies[-1].body
    assert started(personal) == []


def test_what_is_cancelled_is_never_dispatched(personal: Room) -> None:
    told(personal, "bob", "/rollback web")
    assert "was cancelled" in told(personal, "bob", "/cancel")
    assert "Nothing waits for `/approve` here." in told(personal, "mia", "/approve")
    personal.sweep()
    assert started(personal) == []


def test_a2_while_github_does_not_say_what_ran_nothing_is_decided(guarded: Room) -> None:
    guarded.hub.faults.add("error_before", match=lambda _, path: path == "/graphql", times=20, status=502)
    assert "GitHub did not say which releases of `web` ran. Try again in a minute." in told(
        guarded, "mia", "/rollback"
    )
    guarded.hub.faults.clear()
    assert "**Rollback of `web`:**" in told(guarded, "mia", "/rollback")
