from datetime import timedelta

import pytest

from allclear.core.model.authored import read_authored
from allclear.core.model.operation import operation_id
from allclear.core.model.snapshot import Visibility
from allclear.core.model.structs import replace
from allclear.core.policy.settings import Settings
from allclear.core.record.audit import Helped
from allclear.core.record.production import OperationAsked, OperationEnded, OperationStarted
from commands.room import Talk, World

TWO = read_authored(
    Settings, {"services": {"Web": {}, "api": {"evidence": [{"name": "logs", "run": ["true"]}]}}}
)


@pytest.fixture
def room() -> Talk:
    return Talk(settings=TWO)


def test_evidence_of_everything_is_asked_for(room: Talk) -> None:
    heard = room.says("/evidence")

    op = operation_id("evidence", 0, 7, "c101.1")
    expires = room.now + timedelta(hours=6)
    assert heard.facts == (OperationAsked(op=op, kind="evidence", expires=expires),)
    assert heard.say == f"Evidence is being collected (`{op}`). The link follows here."
    assert room.incident.production.operations[op].state == "ready"  # it only reads, so nobody approves it


@pytest.mark.parametrize("word", ["Web", "web", " WEB ", "`web`", "@web"])
def test_a_service_is_found_however_it_is_typed(room: Talk, word: str) -> None:
    heard = room.says(f"/evidence {word}")

    (fact,) = heard.facts
    assert isinstance(fact, OperationAsked)
    assert fact.service == "Web"
    assert heard.say.startswith("Evidence of `Web` is being collected (`evidence-")


@pytest.mark.parametrize("word", ["wbe", "web api", "--since=1h", "$(id)"])
def test_what_is_no_service_is_answered_with_those_there_are(room: Talk, word: str) -> None:
    heard = room.says(f"/evidence {word}")

    assert heard.facts == ()
    assert heard.say == (
        f"`{word}` is not a service; this repository has `Web`, `api`. `/evidence` alone collects everything."
    )


def test_without_services_in_the_settings_the_issue_and_its_runs_are_kept(talk: Talk) -> None:
    assert "No service is configured" in talk.says("/evidence web").say
    assert "is being collected" in talk.says("/evidence").say


def test_one_at_a_time(room: Talk) -> None:
    first = room.says("/evidence").facts[0]
    assert isinstance(first, OperationAsked)

    again = room.says("/evidence api")
    assert again.facts == (Helped(),)
    assert again.say == f"Evidence is being collected already (`{first.op}`)."

    room.add("o", OperationStarted(op=first.op, run=3, url="https://github.com/acme/shop/actions/runs/3"))
    assert "[its run](https://github.com/acme/shop/actions/runs/3)" in room.says("/evidence").say

    room.add("e", OperationEnded(op=first.op, outcome="done"))
    (second,) = room.says("/evidence").facts
    assert isinstance(second, OperationAsked)
    assert second.op != first.op


def test_a_smoke_run_under_way_keeps_nobody_waiting(room: Talk) -> None:
    room.add("s", OperationAsked(op="smoke-1a2b3c4d", kind="smoke", service="api"))
    assert "is being collected (`evidence-" in room.says("/evidence").say


def test_a_command_that_was_processed_hours_later_has_its_whole_time(room: Talk) -> None:
    (fact,) = room.says("/evidence", processed_after=timedelta(hours=5)).facts
    assert isinstance(fact, OperationAsked)
    assert fact.expires == room.now + timedelta(hours=11)


@pytest.mark.parametrize(
    ("visibility", "why"),
    [
        (
            "public",
            "because this repository is public: everybody who is signed in to GitHub could download it",
        ),
        ("unknown", "because GitHub did not say whether this repository is private"),
    ],
)
def test_where_everybody_could_download_it_nothing_is_collected(visibility: Visibility, why: str) -> None:
    room = Talk(settings=TWO, world=World(visibility=visibility))
    heard = room.says("/evidence")
    assert (heard.code, heard.facts) == ("settings", ())
    assert why in heard.say
    assert "write `public_evidence: true` into `.github/allclear.yml`." in heard.say


@pytest.mark.parametrize("visibility", ["public", "unknown"])
def test_the_settings_may_want_it_all_the_same(visibility: Visibility) -> None:
    settings = replace(TWO, public_evidence=True)
    room = Talk(settings=settings, world=World(visibility=visibility))
    assert room.says("/evidence").code == ""
    assert room.asked == []
