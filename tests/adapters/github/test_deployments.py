"""The deployments of an environment that several services share, as the embedded GitHub tells them."""

from __future__ import annotations

from typing import Any

import pytest

from allclear.adapters.github.releases import ReleaseReader
from allclear.core.model.authored import read_authored
from allclear.core.model.release import Releases, last_known_good
from allclear.core.model.snapshot import Repository
from allclear.core.policy.provider import Provider
from allclear.core.policy.settings import Settings
from conversations.room import Room

PAGE = "https://github.com/acme/shop"
BY_SHA = read_authored(Provider, {"title": "A", "pattern": "[0-9a-f]{40}", "rerun": {"workflow": "d.yml"}})
GRANTS = {"contents": "write", "deployments": "write", "statuses": "write", "actions": "read"}
DEPLOY = "on:\n  workflow_dispatch: {}\njobs:\n  deploy: {}\n"


def read(room: Room, name: str = "web", grants: dict[str, str] | None = None, **services: Any) -> Releases:
    given = {one: {"provider": "by-sha"} | settings for one, settings in services.items()}
    settings = read_authored(Settings, {"services": given})
    client = room.client(room.hub.actions_token(room.repo, permissions=grants or GRANTS))
    repository = Repository(room.repo.id, "acme/shop", PAGE)
    return ReleaseReader(client, repository, settings, {"by-sha": BY_SHA}).releases(name)


def commit(room: Room, text: str) -> str:
    room.clock.advance(60)
    return room.repo.put_file("version", text)


def deploys(room: Room, workflow: str, text: str, conclusion: str = "success") -> str:
    """A run of that workflow deploys a commit to production; the commit."""
    sha = commit(room, text)
    run = room.people["bob"].dispatch(workflow)
    room.repo.start_run(run)
    room.clock.advance(60)
    room.repo.wait_run(run, "production")
    room.clock.advance(60)
    room.repo.finish_run(run, conclusion)
    return sha


def runs(found: Releases) -> tuple[str, str | None]:
    assert found.current is not None, found
    good = last_known_good(found)
    return found.current.target, good.target if good else None


BOTH: dict[str, Any] = {
    "web": {"deployments": {"workflow": "deploy-web.yml"}},
    "api": {"deployments": {"workflow": "deploy-api.yml"}},
}


@pytest.fixture
def shop(room: Room) -> Room:
    """Two services, each with a workflow that deploys it to production."""
    for name in ("web", "api"):
        room.repo.put_file(f".github/workflows/deploy-{name}.yml", DEPLOY)
    return room


def test_what_was_deployed_in_between_of_another_service_is_not_undone(shop: Room) -> None:
    """`/rollback web` executed the broken release of web, because api had been deployed after it."""
    good, broken = deploys(shop, "deploy-web.yml", "1"), deploys(shop, "deploy-web.yml", "2")
    theirs = deploys(shop, "deploy-api.yml", "3")
    assert runs(read(shop, **BOTH)) == (broken, good)
    assert runs(read(shop, "api", **BOTH)) == (theirs, None)


def test_without_a_word_on_whose_they_are_nothing_is_read_and_the_way_out_is_told(shop: Room) -> None:
    before = len(shop.hub.requests)
    found = read(shop, web={}, api={})
    assert (found.current, found.mixed.startswith("`services.web.deployments` is missing")) == (None, True)
    assert len(shop.hub.requests) == before


def test_a_deployment_of_a_job_that_failed_is_the_workflows_as_well(shop: Room) -> None:
    good, half = deploys(shop, "deploy-web.yml", "1"), deploys(shop, "deploy-web.yml", "2", "failure")
    found = read(shop, **BOTH)
    assert runs(found) == (half, good)
    assert found.current is not None
    assert found.current.state == "failed"
    assert found.current.log.startswith(f"{PAGE}/actions/runs/")


def test_a_run_that_no_list_shows_is_asked_for_and_one_that_is_gone_is_told(shop: Room) -> None:
    sha = commit(shop, "1")
    other: dict[str, Any] = {
        "web": {"deployments": {"workflow": "deploy-web.yml"}},
        "api": {"deployments": {"task": "x"}},
    }
    run = shop.people["bob"].dispatch("deploy-api.yml")
    shop.repo.deploy(sha, log_url=f"{PAGE}/actions/runs/{run}")
    assert read(shop, **other).current is None
    shop.repo.deploy(sha, log_url=f"{PAGE}/actions/runs/1")
    assert read(shop, **other).mixed.startswith("GitHub does not show the run of Deployment [")
    shop.repo.deploy(sha, log_url=f"{PAGE}/actions/runs/1/job/2")
    deploys(shop, "deploy-web.yml", "2")
    assert read(shop, **other).mixed == ""


def test_a_log_that_leads_elsewhere_is_no_workflows(shop: Room) -> None:
    sha = commit(shop, "1")
    for log in ("https://ci.example.com/actions/runs/7", f"{PAGE}x/actions/runs/7", ""):
        shop.repo.deploy(sha, log_url=log)
    found = read(shop, **BOTH)
    assert (found.current, found.mixed) == (None, "")


def test_a_workflow_that_does_not_exist_made_nothing(room: Room) -> None:
    commit(room, "1")
    assert read(room, **BOTH).current is None


@pytest.mark.parametrize(
    ("own", "admitted"),
    [
        ({"creator": "bob"}, ["2"]),
        ({"ref": "release"}, ["3"]),
        ({"ref": "rel*"}, ["3"]),
        ({"task": "deploy:web"}, ["4"]),
        ({"payload": {"app": "web"}}, ["5"]),
    ],
)
def test_a_filter_goes_by_what_github_says_of_a_deployment(
    room: Room, own: dict[str, Any], admitted: list[str]
) -> None:
    shas = {text: commit(room, text) for text in ("1", "2", "3", "4", "5")}
    room.repo.put_file("version", "3", branch="release")
    room.repo.deploy(shas["1"])
    room.repo.deploy(shas["2"], by=room.account("bob"))
    shas["3"] = room.repo.branches()["release"]
    room.repo.deploy("release")
    room.repo.deploy(shas["4"], task="deploy:web")
    room.repo.deploy(shas["5"], payload={"app": "web"})
    found = read(room, web={"deployments": own}, api={"deployments": {"task": "never"}})
    assert found.current is not None
    assert [one.target for one in (found.current, *found.earlier)] == [shas[one] for one in admitted]


def test_environments_are_compared_without_case_and_no_other_one_counts(room: Room) -> None:
    first, second, preview = (commit(room, text) for text in "123")
    room.repo.deploy(first, "production")
    room.repo.deploy(second, "Production")
    room.repo.deploy(preview, "production-eu")
    room.repo.deploy(preview, "Preview")
    assert runs(read(room, web={})) == (second, first)
    assert runs(read(room, web={"environment": "PRODUCTION"})) == (second, first)


def test_a_preview_in_the_same_environment_does_not_count(room: Room) -> None:
    real, preview, staging = (commit(room, text) for text in "123")
    room.repo.deploy(real)
    room.repo.deploy(preview, transient=True)
    room.repo.deploy(staging, production=False)
    assert runs(read(room, web={})) == (real, None)


def test_the_good_release_behind_many_deployments_of_others_is_found(room: Room) -> None:
    good, broken = commit(room, "1"), commit(room, "2")
    own = {"deployments": {"task": "deploy:web"}}
    for sha in (good, broken):
        room.clock.advance(60)
        room.repo.deploy(sha, task="deploy:web")
    for _ in range(120):
        room.clock.advance(60)
        room.repo.deploy(broken, task="deploy:api")
    theirs = {"deployments": {"task": "deploy:api"}}
    assert runs(read(room, web=own, api=theirs)) == (broken, good)


def test_more_statuses_than_are_shown_are_not_taken_for_none(room: Room) -> None:
    sha = commit(room, "1")
    room.repo.deploy(sha, state=" ".join(["pending"] * 30 + ["failure"]))
    found = read(room, web={})
    assert found.current is not None
    assert found.current.state == "unclear"


def test_without_the_right_to_see_runs_nothing_is_known(shop: Room) -> None:
    deploys(shop, "deploy-web.yml", "1")
    blind = {"contents": "read", "deployments": "read", "statuses": "read"}
    assert not read(shop, grants=blind, **BOTH).known


def test_a_repository_that_github_does_not_show_is_not_one_without_deployments(room: Room) -> None:
    settings = read_authored(Settings, {"services": {"web": {"provider": "by-sha"}}})
    client = room.client(room.hub.actions_token(room.repo, permissions=GRANTS))
    gone = Repository(room.repo.id, "acme/gone", PAGE)
    assert not ReleaseReader(client, gone, settings, {"by-sha": BY_SHA}).releases("web").known
