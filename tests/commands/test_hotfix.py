"""/hotfix as a command: which service, where it starts, once (000-15, 003-13, 003-A3)."""

from __future__ import annotations

from typing import Any

import pytest

from allclear.core.model.authored import read_authored
from allclear.core.model.release import Release, Releases
from allclear.core.model.structs import replace
from allclear.core.policy.settings import Settings
from allclear.core.record.audit import Helped
from allclear.core.record.findings import Affected
from allclear.core.record.production import HotfixAsked, HotfixMerged, HotfixOpened
from commands.room import DECLARED, Heard, Talk, World

RUNS = Release("c" * 40, "ccccccc", "c" * 40)


def talk(services: Any = (), runs: Releases | None = None) -> Talk:
    world = World(releases={"web": runs} if runs else {})
    return Talk(settings=read_authored(Settings, {"services": services}), world=world)


def asked(heard: Heard) -> HotfixAsked:
    (fact,) = heard.facts
    assert isinstance(fact, HotfixAsked)
    return fact


PRODUCTION = {"web": {"hotfix": {"start": "production"}}, "api": {}}


@pytest.mark.parametrize(
    ("services", "text", "service", "description"),
    [
        ((), "raise the pool size", "", "raise the pool size"),
        (["web"], "raise the pool size", "web", "raise the pool size"),
        (["web"], "web raise the pool size", "web", "raise the pool size"),
        (["web", "api"], "raise the pool size", "", "raise the pool size"),
        (["web", "api"], "API raise it\nbecause", "api", "raise it\nbecause"),
        (["web", "api"], "`web` raise it", "web", "raise it"),
        (["web", "api"], "web: raise it", "web", "raise it"),
        (["web", "api"], "webhooks are slow", "", "webhooks are slow"),
    ],
)
def test_the_service_is_the_one_named_or_the_only_one(
    services: Any, text: str, service: str, description: str
) -> None:
    room = talk(services)
    heard = room.says(f"/hotfix {text}")
    assert (asked(heard).service, asked(heard).text, asked(heard).commit) == (service, description, "")
    assert "The hotfix `hotfix/incident-7` is being prepared from the default branch" in heard.say
    assert room.asked == []


def test_the_only_affected_service_is_meant() -> None:
    room = talk(["web", "api"])
    room.add("affects", Affected(services=("api", "unknown")))
    assert asked(room.says("/hotfix raise it")).service == "api"
    room = talk(["web", "api"])
    room.add("affects", Affected(services=("api", "web")))
    assert asked(room.says("/hotfix raise it")).service == ""


@pytest.mark.parametrize("text", ["/hotfix", "/hotfix web", "/hotfix web   "])
def test_without_a_description_it_asks_for_one(text: str) -> None:
    assert talk(["web"]).says(text).code == "malformed"


def test_from_production_it_starts_at_the_commit_that_runs_there() -> None:
    heard = talk(PRODUCTION, Releases(RUNS, ())).says("/hotfix web raise it")
    assert asked(heard).commit == "c" * 40
    assert "from `ccccccc`, which runs in production" in heard.say


@pytest.mark.parametrize(
    ("runs", "told"),
    [
        (None, "GitHub did not say which release of `web` is running."),
        (Releases(None, ()), "No deployment says which commit of `web` runs in `production`"),
        (
            Releases(Release("v41", "v41"), ()),
            "No deployment says which commit of `web` runs in `production`",
        ),
    ],
)
def test_what_runs_has_to_be_known(runs: Releases | None, told: str) -> None:
    heard = talk(PRODUCTION, runs).says("/hotfix web raise it")
    assert heard.code == "missing"
    assert told in heard.say


def test_from_a_deployment_that_failed_half_way_it_starts_at_what_was_being_deployed() -> None:
    half = Releases(replace(RUNS, deployed=False, state="failed"), ())
    assert asked(talk(PRODUCTION, half).says("/hotfix web raise it")).commit == "c" * 40


def test_where_it_is_not_known_what_runs_it_does_not_guess() -> None:
    doubtful = Releases(replace(RUNS, deployed=False, state="unclear"), ())
    assert talk(PRODUCTION, doubtful).says("/hotfix web raise it").code == "missing"
    heard = talk(PRODUCTION, Releases(RUNS, (), mixed="Nothing tells them apart.")).says(
        "/hotfix web raise it"
    )
    assert (heard.code, heard.say) == ("mixed", "Nothing tells them apart.")


@pytest.mark.parametrize("rule", [{"start": "production"}, {"base": "release"}])
def test_services_with_rules_of_their_own_have_to_be_named(rule: dict[str, str]) -> None:
    heard = talk({"web": {"hotfix": rule}, "api": {}}).says("/hotfix raise it")
    assert "Which service is the hotfix for? Begin with its name: `web`, `api`." in heard.say


def test_one_at_a_time_and_a_second_is_answered_with_the_link() -> None:
    room = talk()
    asked(room.says("/hotfix raise it"))
    heard = room.says("/hotfix raise it")
    assert heard.facts == (Helped(),)
    assert "is being prepared" in heard.say
    room.add("opened", HotfixOpened(branch="hotfix/incident-7", base="main", url="https://x/pull/9", pull=9))
    heard = room.says("/hotfix another")
    assert heard.facts == (Helped(),)
    assert "[pull request #9](https://x/pull/9), branch `hotfix/incident-7`" in heard.say
    room.add("merged", HotfixMerged(at=DECLARED))
    heard = room.says("/hotfix raise it more")
    assert asked(heard).text == "raise it more"
    assert "`hotfix/incident-7-2`" in heard.say


def test_what_has_no_pull_request_yet_is_tried_again() -> None:
    room = talk()
    room.says("/hotfix raise it")
    room.add("opened", HotfixOpened(branch="hotfix/incident-7", base="main", url="https://x/compare"))
    assert asked(room.says("/hotfix raise it")).text == "raise it"


@pytest.mark.parametrize(
    "text",
    ["--dry-run raise it", "raise it --dry-run", "dry run: raise it", "raise it (dry-run)", "raise it\nnoop"],
)
def test_there_is_no_dry_run_of_a_hotfix(text: str) -> None:
    heard = talk().says(f"/hotfix {text}")
    assert (heard.code, heard.facts) == ("unclear", ())
    assert "There is no dry run of `/hotfix`, so nothing is done." in heard.say


def test_a_question_is_no_hotfix() -> None:
    heard = talk(["web", "api"]).says("/hotfix web?")
    assert (heard.code, heard.facts) == ("unclear", ())
    assert "`web?` is a question, not an order" in heard.say


@pytest.mark.parametrize("text", ["add a dry-run flag to the migration", "raise it\nWhy is it so low?"])
def test_a_hotfix_may_be_about_a_dry_run_and_ask_further_down(text: str) -> None:
    assert asked(talk().says(f"/hotfix {text}")).text == text
