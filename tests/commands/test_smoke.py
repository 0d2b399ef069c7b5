from datetime import timedelta
from typing import Any

import pytest

from allclear.core.model.authored import read_authored
from allclear.core.model.operation import Smoke, SmokeLine, operation_id
from allclear.core.policy.settings import Settings
from allclear.core.record.audit import Helped
from allclear.core.record.findings import Affected
from allclear.core.record.production import OperationAsked, OperationEnded, OperationStarted
from commands.room import CAROL, Heard, Talk

URL = "https://app.example.com/health"
HEALTH = {"health": [URL]}
RUN = "https://github.com/acme/shop/actions/runs/3"


def room_with(services: Any, **more: Any) -> Talk:
    return Talk(settings=read_authored(Settings, {"services": services}), **more)


def asked(heard: Heard) -> OperationAsked:
    (fact,) = heard.facts
    assert isinstance(fact, OperationAsked)
    return fact


@pytest.fixture
def room() -> Talk:
    return room_with({"Web": HEALTH, "api": {"commands": [{"name": "select", "run": ["true"]}]}, "cron": {}})


def test_a_smoke_run_of_a_service_is_asked_for_and_nobody_has_to_approve_it(room: Talk) -> None:
    heard = room.says("/smoke web")

    op = operation_id("smoke", 0, 7, "c101.1")
    expires = room.now + timedelta(minutes=30)
    assert heard.facts == (OperationAsked(op=op, kind="smoke", service="Web", expires=expires),)
    assert heard.say == (
        f"A smoke run of `Web` was started (`{op}`). Its results follow here. "
        "If it has not begun by 14:31 UTC, it is dropped."
    )
    assert room.incident.production.operations[op].state == "ready"
    assert room.incident.status == "investigating"


@pytest.mark.parametrize("word", ["Web", "WEB", "`web`", " web "])
def test_a_service_is_found_however_it_is_typed(room: Talk, word: str) -> None:
    assert asked(room.says(f"/smoke {word}")).service == "Web"


def test_what_follows_the_service_is_the_reason(room: Talk) -> None:
    fact = asked(room.says("/smoke api after the cache\nwas cleared"))

    assert (fact.service, fact.why) == ("api", "after the cache\nwas cleared")


def test_lines_below_are_never_taken_for_a_service() -> None:
    fact = asked(room_with({"web": HEALTH, "cron": {}}).says("/smoke\nweb looks better, I think"))

    assert (fact.service, fact.why) == ("web", "web looks better, I think")


def test_the_only_service_with_checks_needs_no_name(room: Talk) -> None:
    single = room_with({"web": {}, "api": {"recovery": {"p95": {"run": ["p95"]}}}})

    assert asked(single.says("/smoke")).service == "api"


@pytest.mark.parametrize(
    "look",
    [
        HEALTH,
        {"smoke": [{"name": "home", "url": URL}]},
        {"commands": [{"name": "select", "run": ["true"]}]},
        {"recovery": {"p95": {"run": ["p95"]}}},
    ],
)
def test_every_kind_of_check_counts(look: dict[str, Any]) -> None:
    assert asked(room_with({"web": look}).says("/smoke web")).service == "web"


def test_the_affected_service_is_meant_when_several_have_checks(room: Talk) -> None:
    room.add("affects", Affected(services=("cron", "WEB")))

    assert asked(room.says("/smoke")).service == "Web"


def test_when_it_could_be_several_they_are_listed_and_nothing_starts(room: Talk) -> None:
    heard = room.says("/smoke")
    assert (heard.facts, heard.code) == ((), "unknown-service")
    assert heard.say == "Which service? These have checks: `Web`, `api`. Write `/smoke <service>`."

    more = room_with({"web": HEALTH, "api": HEALTH, "shop": HEALTH})
    more.add("affects", Affected(services=("api", "shop")))
    assert "These have checks: `api`, `shop`." in more.says("/smoke").say


@pytest.mark.parametrize("word", ["wbe", "--all", "$(id)", "web;id", "ｗｅｂ"])
def test_what_is_no_service_is_answered_with_those_there_are(room: Talk, word: str) -> None:
    heard = room.says(f"/smoke {word} please")

    assert (heard.facts, heard.code) == ((), "unknown-service")
    assert heard.say.startswith(f"`{word}` is not a service; this repository has `Web`, `api`, `cron`.")


def test_a_service_without_checks_is_told_which_lines_are_missing(room: Talk) -> None:
    heard = room.says("/smoke cron")

    assert (heard.facts, heard.code) == ((), "settings")
    assert heard.say.startswith("`cron` has no checks yet.")
    assert "`services: cron:`" in heard.say
    assert "`health: [https://app.example.com/health]`" in heard.say
    assert "`hosts: [app.example.com]`" in heard.say


def test_a_repository_where_nothing_has_checks_is_told_so_for_its_first_service() -> None:
    heard = room_with({"web": {}, "api": {}}).says("/smoke")

    assert (heard.facts, heard.code) == ((), "settings")
    assert heard.say.startswith("`web` has no checks yet.")


def test_without_services_the_guide_is_named(talk: Talk) -> None:
    heard = talk.says("/smoke web")

    assert (heard.facts, heard.code) == ((), "no-services")
    assert "`docs/rollback.md`" in heard.say


def test_one_smoke_run_of_a_service_at_a_time(room: Talk) -> None:
    first = asked(room.says("/smoke web"))

    again = room.says("/smoke web")
    assert again.facts == (Helped(),)
    assert again.say == f"A smoke run of `Web` is under way already (`{first.op}`)."
    assert asked(room.says("/smoke api")).service == "api"

    room.add("o", OperationStarted(op=first.op, run=3, url=RUN))
    assert f"[its run]({RUN})" in room.says("/smoke web").say

    failed = Smoke(lines=(SmokeLine(name="health", outcome="fail", detail="500, wanted 200"),))
    room.add("e", OperationEnded(op=first.op, outcome="done", smoke=failed))
    assert asked(room.says("/smoke web")).op != first.op


def test_a_rollback_under_way_does_not_keep_people_from_looking(room: Talk) -> None:
    room.add("o", OperationAsked(op="rollback-0a1b2c3d", kind="rollback", service="Web"), by=CAROL)

    assert asked(room.says("/smoke web")).service == "Web"


def test_in_a_drill_it_really_looks() -> None:
    drill = room_with({"web": HEALTH}, kind="drill")

    assert asked(drill.says("/smoke")).dry_run is False


def test_a_command_that_was_processed_hours_later_has_its_whole_time(room: Talk) -> None:
    fact = asked(room.says("/smoke web", processed_after=timedelta(hours=5)))

    assert fact.expires == room.now + timedelta(hours=5, minutes=30)


def test_without_any_service_the_bare_command_says_what_to_configure() -> None:
    heard = Talk(settings=Settings()).says("/smoke")

    assert (heard.facts, heard.code) == ((), "no-services")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("web --dry-run", "There is no dry run of `/smoke Web`, so nothing is done. It only looks"),
        ("web (dry run)", "There is no dry run of `/smoke Web`"),
        ("web after the deploy\nnoop", "There is no dry run of `/smoke Web`"),
        ("web --force", "`--force` is not an option; `/smoke Web` has none."),
        ("web api", "`api` is a service, too, and `/smoke Web` is of one."),
        ("web and api", "`api` is a service, too"),
        ("web, api", "`api` is a service, too"),
        ("web?", "`web?` is a question, not an order, so nothing is done. `Web` names it."),
        ("wbe?", "`wbe?` is not a service"),
    ],
)
def test_what_is_no_remark_about_a_smoke_run_is_told(room: Talk, text: str, told: str) -> None:
    assert told in room.says(f"/smoke {text}").say
    assert room.incident.production.operations == {}


@pytest.mark.parametrize("why", ["and again", "web is slow", "is it healthy?", "-5 % of users", "!"])
def test_a_remark_about_a_smoke_run_goes_through(room: Talk, why: str) -> None:
    assert asked(room.says(f"/smoke web {why}")).why == why
