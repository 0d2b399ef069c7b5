"""/run and /flag-off in a repository: asked, approved, and only then a run is started (000-16, 003-A2)."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from conversations.room import SETTINGS, Room, open_room

ACTIONS = (
    SETTINGS
    + """
actions:
  restart: { title: Restart the app, service: web, run: [fly, apps, restart] }
  scale:
    title: Add machines
    run: [fly, scale, count, "{count}"]
    parameters: { count: { pattern: "[0-9]{1,2}" } }
    approval: second-person
  disable:
    title: Turn a feature off
    run: [npm, run, "feature:disable", --, "--feature={flag}"]
    parameters: { flag: { pattern: "[a-z-]{1,40}" } }
    flag: true
    least: write
    approval: none
services: [web]
"""
)


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    with open_room(tmp_path, ACTIONS) as opened:
        opened.opens("ann")
        yield opened


def started(room: Room) -> list[dict[str, str]]:
    """The inputs of the runs that were started, without the boxes of the form, which nobody ticked."""
    runs = [dict(run.inputs) for run in room.repo.runs() if run.path.endswith("rollback-production.yml")]
    boxes = ("dry_run", "migrations", "while_deploying")
    assert all(run.pop(box) == "false" for run in runs for box in boxes)
    return runs


def operation(room: Room) -> str:
    (found,) = room.incident.production.operations
    return found


def test_what_nobody_has_to_approve_starts_at_once_with_its_id_and_incident(room: Room) -> None:
    said = room.says("bob", "/flag-off stripe-payments the provider is down")
    assert "`npm run feature:disable -- --feature=stripe-payments`" in said
    assert started(room) == [
        {"operation": operation(room), "service": "", "target": "", "incident": str(room.number)}
    ]
    room.run()
    room.run()
    assert len(started(room)) == 1


def test_a_second_person_approves_before_anything_starts(room: Room) -> None:
    said = room.says("mia", "/run scale count=4 the queue is filling up")
    assert f"`/approve {operation(room)}`" in said
    assert started(room) == []
    assert "❌" in room.says("mia", f"/approve {operation(room)}")
    assert started(room) == []
    room.says("ann", f"/approve {operation(room)}")
    assert [one["operation"] for one in started(room)] == [operation(room)]


def test_an_environment_that_guards_nothing_is_refused_with_the_fix(room: Room) -> None:
    assert "`production` does not exist, so nobody could approve" in room.says("mia", "/run restart")
    room.repo.environment("production")
    assert "has no required reviewers" in room.says("mia", "/run restart")
    assert (started(room), dict(room.incident.production.operations)) == ([], {})
    room.repo.environment("production", reviewers=(room.account("ann"),))
    assert "A reviewer of the environment `production` has to approve it." in room.says("mia", "/run restart")
    assert [one["service"] for one in started(room)] == ["web"]


def test_while_github_does_not_say_how_it_is_guarded_nothing_is_asked_for(room: Room) -> None:
    room.repo.environment("production", reviewers=(room.account("ann"),))
    room.hub.faults.add("error_before", lambda _, path: "/environments/" in path, times=9, status=502)
    assert "Try again in a minute" in room.says("mia", "/run restart")
    assert started(room) == []


@pytest.mark.parametrize("text", ["/flag-off stripe-payments", "/run disable flag=stripe-payments"])
def test_an_edited_comment_runs_nothing(room: Room, text: str) -> None:
    comment = room.writes("mia", "I think we are fine")
    room.clock.advance(60)
    room.people["bob"].edit_comment(comment, text)
    room.deliver()
    assert "was edited by bob, and not by its author" in room.replies[-1].body
    assert started(room) == []


@pytest.mark.parametrize("who", ["bob", "cat", "rae", "out"])
def test_who_may_not_starts_nothing(room: Room, who: str) -> None:
    room.says(who, "/run scale count=4")
    assert (started(room), dict(room.incident.production.operations)) == ([], {})


def test_settings_raise_the_role_of_all_actions_and_lower_none(tmp_path: Path) -> None:
    with open_room(tmp_path, f"{ACTIONS}rights: {{ run: admin, flag-off: triage }}\n") as room:
        room.opens("ann")
        assert "`/run` needs `admin` access" in room.says("mia", "/run scale count=4")
        assert "`/flag-off` needs `write` access" in room.says("cat", "/flag-off payments")


def test_a_drill_starts_a_dry_run_only(room: Room) -> None:
    room.opens("ann", "[DRILL P0] Production down", labels=("incident", "P0"))
    assert "a dry run: nothing is changed" in room.says("mia", "/run restart")
    (asked,) = room.incident.production.operations.values()
    assert asked.dry_run
