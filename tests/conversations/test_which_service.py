"""Which service is meant: read the same in every command, however people write its name."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from conversations.room import Room, open_room

SETTINGS = """\
services:
  Web: { health: [https://app.example.com/health] }
  api: { health: [https://app.example.com/api] }
hosts: [app.example.com]
public_evidence: true
"""
SPELLINGS = ["Web", "web", "`web`", "@web", "WEB,", "web:", '"Web"', "`Web`:", "\u201cweb\u201d"]


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Room]:
    with open_room(tmp_path, SETTINGS) as room:
        room.opens("ann")
        yield room


@pytest.mark.parametrize("word", SPELLINGS)
def test_a_service_is_known_by_its_name_however_it_is_written(shop: Room, word: str) -> None:
    shop.writes("ann", f"/smoke {word} is it back?")
    shop.writes("ann", f"/evidence {word}")
    shop.writes("ann", f"/hotfix {word} raise the pool size")
    shop.writes("ann", f"/rollback {word} the checkout is down")
    said = shop.says("ann", f"/affects {word}")

    smoke, evidence = shop.incident.production.operations.values()
    assert (smoke.kind, smoke.service, smoke.why) == ("smoke", "Web", "is it back?")
    assert (evidence.kind, evidence.service) == ("evidence", "Web")
    hotfix = shop.incident.production.hotfix
    assert hotfix is not None
    assert (hotfix.service, hotfix.text) == ("Web", "raise the pool size")
    assert "It is not configured how `Web` is rolled back" in said
    assert shop.incident.impact.services == ("Web",)


@pytest.mark.parametrize("text", ["/smoke wbe", "/evidence wbe", "/rollback wbe", "/affects wbe"])
def test_a_service_that_is_not_there_is_refused_with_those_that_are(shop: Room, text: str) -> None:
    said = shop.says("ann", text)
    assert "`wbe` is not a service; this repository has `Web`, `api`." in said
    assert shop.incident.production.operations == {}


def test_a_hotfix_begins_with_a_service_or_with_its_description(shop: Room) -> None:
    shop.says("ann", "/hotfix webhooks are slow")
    hotfix = shop.incident.production.hotfix
    assert hotfix is not None
    assert (hotfix.service, hotfix.text) == ("", "webhooks are slow")
