"""Going back, determinism, and the clock."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from allclear_lab.github import BrowserUser, GitHub, RepositoryHandle, SimClock

Wires = Callable[[str], Any]
START = datetime(2025, 10, 19, 14, 2, tzinfo=UTC)


def test_a_snapshot_brings_everything_back(
    hub: GitHub,
    repo: RepositoryHandle,
    wire: Wires,
    bot: str,
    people: dict[str, BrowserUser],
    clock: SimClock,
) -> None:
    number = people["write"].open_issue("t", labels=["P0"])
    wire(bot)("POST", f"issues/{number}/comments", {"body": "one"})
    saved, before = hub.snapshot(), repo.issue(number)
    records = (list(hub.deliveries), list(hub.requests))
    for _ in range(2):
        clock.advance(3600)
        people["write"].close(number)
        people["write"].comment(number, "two")
        wire(bot)("GET", "nowhere")
        later = people["write"].open_issue("later")
        assert hub.violations
        hub.restore(saved)
        assert repo.issue(number) == before
        assert (hub.deliveries, hub.requests, hub.violations) == (*records, [])
        assert clock.now() == START
        assert later == number + 1
    assert wire(bot)("GET", f"issues/{number}").json()["state"] == "open"


def test_the_same_deeds_give_the_same_ids(clock: SimClock) -> None:
    def play(seed: int) -> list[Any]:
        with GitHub(SimClock(START), seed=seed, http=True) as hub:
            repo = hub.create_repository("acme/shop")
            ann = hub.create_user("ann")
            person = repo.person(ann)
            return [repo.id, ann.id, person.comment(person.open_issue("t"), "c"), hub.personal_token(ann)]

    assert play(0) == play(0)
    assert play(0) != play(1)


def test_the_clock_moves_only_when_told_and_forward(clock: SimClock) -> None:
    assert clock.now() == START
    assert clock.advance(timedelta(minutes=1)) == START + timedelta(minutes=1)
    clock.advance(0.4)
    assert clock.now() == START + timedelta(minutes=1)
    clock.set(datetime(2025, 10, 19, 16, 2, tzinfo=timezone(timedelta(hours=2))))
    assert clock.now() == START
    with pytest.raises(ValueError, match="forward"):
        clock.advance(-1)
    with pytest.raises(ValueError, match="zone"):
        clock.set(datetime(2025, 10, 19))  # noqa: DTZ001  # the missing zone is the point


def test_names_are_taken_once(hub: GitHub, repo: RepositoryHandle) -> None:
    with pytest.raises(ValueError, match="exists"):
        hub.create_repository("ACME/Shop")
    user_owned = hub.create_repository("bea/site", organization=False)
    owner = hub.world.account_named("bea")
    assert owner is not None
    user_owned.person(owner).open_issue("t")
    assert "organization" not in hub.deliveries[-1].payload
