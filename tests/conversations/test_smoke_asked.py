"""/smoke on an issue: entry first, then one run of smoke.yml for one service; nobody approves it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from conversations.room import Room, minutes, open_room

SETTINGS = """\
services:
  web: { health: [https://app.example.com/health] }
  api: { commands: [{ name: select, run: [psql, -tAc, SELECT 1] }] }
  cron:
hosts: [app.example.com]
"""
SMOKE = "/actions/workflows/smoke.yml/dispatches"


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Room]:
    with open_room(tmp_path, SETTINGS) as room:
        room.opens("ann")
        yield room


def started(room: Room) -> list[dict[str, Any]]:
    """The inputs of the smoke runs that were dispatched."""
    seen = [one for one in room.hub.deliveries if one.event == "workflow_dispatch"]
    return [one.payload["inputs"] for one in seen if one.payload["workflow"].endswith("smoke.yml")]


def test_the_entry_is_written_before_the_run_is_dispatched(shop: Room) -> None:
    known = len(shop.hub.requests)
    said = shop.says("cat", "/smoke web is it back?")
    asked = [f"{one.method} {one.path.removeprefix('/repos/acme/shop')}" for one in shop.hub.requests[known:]]

    assert asked.index("POST /issues/1/comments") < asked.index(f"POST {SMOKE}")
    (operation,) = shop.incident.production.operations.values()
    assert (operation.kind, operation.service, operation.why) == ("smoke", "web", "is it back?")
    assert started(shop) == [{"operation": operation.id, "service": "web", "incident": "1"}]
    assert f"A smoke run of `web` was started (`{operation.id}`)" in said


def test_looking_changes_neither_the_status_nor_a_label(shop: Room) -> None:
    before, labels = shop.incident.status, shop.issue.labels
    shop.says("cat", "/smoke web")

    assert (shop.incident.status, shop.issue.labels) == (before, labels)


def test_c6_asked_for_twice_it_is_dispatched_once(shop: Room) -> None:
    shop.writes("cat", "/smoke web\n/smoke web")
    shop.writes("bob", "/smoke web")
    shop.run()
    shop.run()

    (operation,) = shop.incident.production.operations
    assert [one["operation"] for one in started(shop)] == [operation]
    said = "\n".join(reply.body for reply in shop.replies)
    assert said.count(f"A smoke run of `web` is under way already (`{operation}`)") == 2


def test_two_services_are_looked_at_side_by_side(shop: Room) -> None:
    shop.says("cat", "/smoke web\n/smoke api")

    assert sorted(one["service"] for one in started(shop)) == ["api", "web"]


@pytest.mark.parametrize("text", ["`/smoke web`", "> /smoke web", "\uff0fsmoke web", "/smoke cron", "/smoke"])
def test_h11_what_is_no_command_or_no_choice_starts_nothing(shop: Room, text: str) -> None:
    shop.says("bob", text)

    assert started(shop) == []
    assert shop.incident.production.operations == {}


@pytest.mark.parametrize("who", ["rae", "out"])
def test_whoever_may_not_triage_starts_nothing(shop: Room, who: str) -> None:
    shop.says(who, "/smoke web")

    assert started(shop) == []
    assert shop.incident.production.operations == {}


@pytest.mark.parametrize(
    "word", ["$(id)", "web;id", "../../x", "@everyone", "<!--", "%0a::error::x", "${{x}}"]
)
def test_h12_a_hostile_word_reaches_no_workflow_and_is_shown_inert(shop: Room, word: str) -> None:
    said = shop.says("bob", f"/smoke {word}")

    assert started(shop) == []
    assert f"`{word}` is not a service" in said


def test_a_reason_is_no_input_of_the_workflow(shop: Room) -> None:
    shop.says("bob", "/smoke web ${{ secrets.X }} $(id)\n::set-output name=x::y\n@everyone")

    (given,) = started(shop)
    assert set(given) == {"operation", "service", "incident"}
    assert given["service"] == "web"


def test_while_its_run_waits_for_a_runner_nobody_starts_a_second_one(shop: Room) -> None:
    shop.says("cat", "/smoke web")
    shop.run()
    (operation,) = shop.incident.production.operations.values()
    shop.clock.advance(minutes(31))
    shop.sweep()

    assert "is under way already" in shop.says("cat", "/smoke web")
    assert shop.incident.production.operations[operation.id].open


def test_one_whose_run_died_before_anything_began_is_told_and_can_be_asked_for_again(shop: Room) -> None:
    shop.says("cat", "/smoke web")
    shop.run()
    (first,) = shop.incident.production.operations.values()
    shop.repo.finish_run(shop.repo.runs()[-1].id, "cancelled")
    shop.run()

    ended = shop.incident.production.operations[first.id]
    assert (ended.outcome, ended.smoke) == ("failed", None)
    assert shop.incident.production.smoke == {}  # nothing was seen, so nothing is known
    shop.says("cat", "/smoke web")
    assert [one.open for one in shop.incident.production.operations.values()] == [False, True]


def test_while_github_starts_nothing_it_is_asked_for_again_and_then_dropped_in_time(shop: Room) -> None:
    shop.hub.faults.add("error_before", match=lambda _, path: path.endswith(SMOKE), times=100, status=502)
    shop.says("cat", "/smoke web")
    (first,) = shop.incident.production.operations
    assert started(shop) == []
    shop.clock.advance(minutes(31))
    shop.sweep()

    assert shop.incident.production.operations[first].outcome == "expired"
    shop.hub.faults.clear()
    shop.says("cat", "/smoke web")
    (second,) = shop.incident.production.operations.keys() - {first}
    assert [one["operation"] for one in started(shop)] == [second]


def test_a_workflow_that_github_will_not_start_is_told_at_once(shop: Room) -> None:
    """P14: the file is missing, or has lost its trigger: nobody should wait half an hour to hear that."""
    shop.hub.faults.add("error_before", match=lambda _, path: path.endswith(SMOKE), times=100, status=422)
    said = shop.says("cat", "/smoke web")

    assert "GitHub does not start smoke.yml (422)" in said
    (operation,) = shop.incident.production.operations.values()
    assert operation.outcome == "failed"
