"""/rollback where a run is run again, and where only the deploy system has the list of releases."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from allclear.adapters.files.settings import read_provider
from allclear.core.model.authored import read_authored
from allclear.core.model.stored import read_values
from allclear.core.policy.provider import Provider
from allclear.core.record.production import OperationAsked, OperationEnded
from commands.production import PROVIDERS, ROOT, RUN_OF, B, C, deploy_run, production, settings
from commands.room import CLAIRE, DECLARED, Talk, World

# -- a run that is run again


def test_the_run_that_deployed_it_is_looked_at_when_somebody_asks() -> None:
    talk = production()
    assert not talk.says("/rollback web", CLAIRE).code
    assert {run for wants in talk.asked for run in wants.deploy_runs} == {RUN_OF[B]}


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"created": DECLARED - timedelta(days=31)}, "is older than 30 days"),
        ({"attempt": 51}, "was run again 50 times"),
        ({"workflow": "preview.yml"}, "is one of `preview.yml`, and the settings say `deploy.yml`"),
        ({"sha": C}, "ran for the commit `ccccccc`"),
    ],
)
def test_githubs_limits_are_said_at_once_and_not_after_the_approval(more: dict[str, Any], said: str) -> None:
    talk = production(deploy_runs={RUN_OF[B]: deploy_run(B, **more)})
    heard = talk.says("/rollback web", CLAIRE)
    assert heard.code == "no-run"
    assert said in heard.say
    assert not talk.incident.production.operations
    shown = talk.says("/rollback web --dry-run", CLAIRE)
    assert shown.code == ""
    assert f"**It could not be done now.** The run that deployed `bbbbbbb` ([{RUN_OF[B]}]" in shown.say


# -- the deploy system has the list


LISTED = {
    "title": "Ours",
    "targets": "provider",
    "pattern": "v[0-9]+",
    "list": {"run": ["ls"]},
    "rollback": ["go", "{target}"],
}
MARKED = LISTED | {"list": {"run": ["ls"], "current": "live"}}


def listed(provider: str | dict[str, Any], **more: Any) -> Talk:
    """`web` is put back by a deploy system that has the list itself."""
    ours = read_provider(ROOT, provider) if isinstance(provider, str) else read_authored(Provider, provider)
    web = {"provider": "ours", "rollback": {"approval": "none"}, "values": {"app": "web"}}
    world = World(providers={**PROVIDERS, "ours": ours})
    return Talk("P1", settings=settings(None, web=web), world=world, **more)


def looked(talk: Talk, op: str, *, dry: bool = True, outcome: str = "done", before: str = "v42") -> None:
    """A rollback that the deploy system was asked for: what ran, and where it went, or would go."""
    asked = OperationAsked(op=op, kind="rollback", service="web", dry_run=dry)
    ended = {"op": op, "outcome": outcome, "before": before, "release": "v41"}
    talk.add("rollback", asked)
    talk.add("rollback", read_values(OperationEnded, ended))


@pytest.mark.parametrize("name", ["fly", "heroku", "kubernetes"])
def test_a_list_with_times_tells_what_changed_since_it_was_asked_for(name: str) -> None:
    heard = listed(name).says("/rollback web", CLAIRE)
    assert "If the service is changed before it begins, it ends without doing anything." in heard.say
    (fact,) = [fact for fact in heard.facts if isinstance(fact, OperationAsked)]
    assert (fact.target, fact.before) == ("", "")


@pytest.mark.parametrize(
    ("provider", "way"), [(MARKED, "Ask `/rollback web --dry-run` first"), (LISTED, "Name")]
)
def test_without_times_nobody_goes_back_from_what_nobody_named(provider: dict[str, Any], way: str) -> None:
    heard = listed(provider).says("/rollback web", CLAIRE)
    assert heard.code == "unseen"
    assert "does not say since when a release is there" in heard.say
    assert way in heard.say


def test_a_dry_run_says_what_runs_and_the_request_after_it_is_about_that() -> None:
    talk = listed(MARKED)
    assert not talk.says("/rollback web --dry-run", CLAIRE).code
    looked(talk, "rollback-00000001")
    heard = talk.says("/rollback web", CLAIRE)
    assert "**Rollback of `web`** from `v42` to `v41`." in heard.say
    assert "It ends without doing anything unless `v42` is what runs then." in heard.say
    (fact,) = [fact for fact in heard.facts if isinstance(fact, OperationAsked)]
    assert (fact.release, fact.before) == ("v41", "v42")
    other = listed(MARKED)
    looked(other, "rollback-00000001")
    assert "from `v42` to `v40`" in other.says("/rollback web to v40", CLAIRE).say


@pytest.mark.parametrize("more", [{"dry": False}, {"outcome": "failed"}, {"before": ""}])
def test_what_was_seen_before_a_rollback_or_not_at_all_counts_no_more(more: dict[str, Any]) -> None:
    talk = listed(MARKED)
    looked(talk, "rollback-00000001")
    looked(talk, "rollback-00000002", **more)
    assert talk.says("/rollback web", CLAIRE).code == "unseen"


def test_a_named_release_is_taken_with_a_warning_where_nobody_would_notice_a_change() -> None:
    for provider in (MARKED, LISTED):
        heard = listed(provider).says("/rollback web to v41", CLAIRE)
        assert not heard.code
        assert "**Nobody would notice if somebody else changed the service before it begins**" in heard.say


def test_a_drill_asks_as_a_dry_run() -> None:
    assert not listed(MARKED, kind="drill").says("/rollback web", CLAIRE).code


def test_a_target_that_is_no_name_is_about_what_a_dry_run_saw() -> None:
    odd = MARKED | {"pattern": "img:[0-9]+@[a-z]+"}
    talk = listed(odd)
    looked(talk, "rollback-00000001")
    heard = talk.says("/rollback web to img:1@a", CLAIRE)
    (fact,) = [fact for fact in heard.facts if isinstance(fact, OperationAsked)]
    assert (fact.target, fact.before) == ("img:1@a", "v42")
