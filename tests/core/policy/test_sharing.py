"""Services that share an environment: what tells their deployments apart, and what does not."""

from __future__ import annotations

from typing import Any

import pytest

from allclear.core.model.authored import read_authored
from allclear.core.policy.own_deployments import DeploymentFilter, look
from allclear.core.policy.settings import Settings
from allclear.core.policy.sharing import not_told_apart, sharers

WEB = {"provider": "deploy-workflow", "values": {"workflow": "deploy-web.yml"}}
SEEN = look(
    task="deploy:web",
    ref="main",
    creator="deploy-bot[bot]",
    workflow="deploy-web.yml",
    payload={"app": "web", "count": 3, "live": True, "more": {"a": 1}},
)


def settings(**services: Any) -> Settings:
    return read_authored(Settings, {"services": services})


@pytest.mark.parametrize(
    "own",
    [
        {},
        {"task": "deploy:web"},
        {"task": "*:web"},
        {"ref": "ma*"},
        {"creator": "Deploy-Bot"},
        {"creator": "deploy-bot[bot]"},
        {"workflow": "deploy-web.yml"},
        {"payload": {"app": "web", "count": "3", "live": "true"}},
        {"task": "deploy:web", "ref": "main", "payload": {"app": "w?b"}},
    ],
)
def test_a_deployment_is_the_services_when_all_that_is_named_is_so(own: dict[str, Any]) -> None:
    assert read_authored(DeploymentFilter, own).admits(SEEN)


@pytest.mark.parametrize(
    "own",
    [
        {"task": "deploy"},
        {"task": "DEPLOY:WEB"},
        {"ref": "release/*"},
        {"creator": "deploy"},
        {"workflow": "deploy.yml"},
        {"payload": {"app": "api"}},
        {"payload": {"other": "*web*"}},
        {"payload": {"more": "?*"}},
        {"task": "deploy:web", "ref": "other"},
    ],
)
def test_one_that_differs_in_anything_named_is_not(own: dict[str, Any]) -> None:
    assert not read_authored(DeploymentFilter, own).admits(SEEN)


def test_what_does_not_deploy_is_nobodys_unless_its_task_is_named() -> None:
    migrates = look(task="migrate", ref="", creator="", workflow="", payload={})
    assert not DeploymentFilter().admits(migrates)
    assert DeploymentFilter(task="migrate").admits(migrates)


def test_services_share_an_environment_whatever_the_case_and_a_mere_name_shares_none() -> None:
    there = settings(
        web=WEB,
        api={"environment": "Production", "health": ["https://x.example"]},
        staging={**WEB, "environment": "staging"},
        database={},
    )
    assert sharers("web", there) == ("api",)
    assert sharers("staging", there) == ()


def test_a_service_alone_needs_to_say_nothing() -> None:
    assert not_told_apart("web", settings(web=WEB, database={})) == ""


def test_two_of_which_nothing_is_said_are_not_told_apart() -> None:
    said = not_told_apart("web", settings(web=WEB, api={"provider": "fly"}, docs={"provider": "fly"}))
    assert said == (
        "`services.web.deployments` is missing: `web` shares the environment `production` with `api`, "
        "`docs`, and nothing tells its deployments from theirs. Say which are its own, such as "
        "`deployments: { workflow: deploy-web.yml }` (`docs/rollback.md` has them all), or give it an "
        "environment of its own."
    )


def test_one_of_two_that_says_which_are_its_own_is_told_apart() -> None:
    own = {**WEB, "deployments": {"task": "deploy:web"}}
    there = settings(web=own, api={"provider": "dispatch-workflow"})
    assert not_told_apart("web", there) == ""
    assert "such as `deployments: { workflow: deploy-api.yml }`" in not_told_apart("api", there)


@pytest.mark.parametrize(
    ("web", "api", "apart"),
    [
        ({"workflow": "a.yml"}, {"workflow": "b.yml"}, True),
        ({"workflow": "a.yml"}, {"workflow": "a.yml"}, False),
        ({"workflow": "a.yml"}, {"workflow": "a.yml", "ref": "main"}, False),
        ({"task": "deploy:*"}, {"task": "deploy:api"}, False),
        ({"task": "deploy:web"}, {"task": "deploy:api"}, True),
        ({"creator": "Bot"}, {"creator": "bot[bot]"}, False),
        ({"creator": "bot"}, {"creator": "bot", "task": "migrate:api"}, True),
        ({"creator": "bot"}, {"creator": "bot", "task": "deploy:api"}, False),
        ({"payload": {"app": "web"}}, {"payload": {"app": "api"}}, True),
        # Neither is surely part of the other: one deployment may meet both, and is asked about then.
        ({"workflow": "a.yml"}, {"ref": "main"}, True),
    ],
)
def test_two_filters_that_the_same_deployments_meet_tell_nothing_apart(
    web: dict[str, Any], api: dict[str, Any], apart: bool
) -> None:
    for one, other in ((web, api), (api, web)):
        there = settings(web={**WEB, "deployments": one}, api={**WEB, "deployments": other})
        assert (not_told_apart("web", there) == "") is apart


@pytest.mark.parametrize(
    "wrong",
    [
        {"workflow": "../x.yml"},
        {"workflow": ".github/workflows/deploy.yml"},
        {"payload": {"a b": "c"}},
        {"branch": "main"},
    ],
)
def test_what_is_no_filter_is_refused_when_it_is_read(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="deployments"):
        settings(web={**WEB, "deployments": wrong})
