"""Deployments: who may record one, and what a status does to the others."""

from collections.abc import Callable

import pytest
from github import GithubException
from github.Repository import Repository

from allclear_lab.github import GitHub, RepositoryHandle

Client = Callable[[str], Repository]


@pytest.fixture
def shop(hub: GitHub, repo: RepositoryHandle, client: Client) -> Repository:
    repo.put_file("README.md", "hi")
    return client(hub.actions_token(repo, {"deployments": "write"}))


def test_a_deployment_is_recorded_with_its_commit(
    shop: Repository, repo: RepositoryHandle, hub: GitHub
) -> None:
    made = shop.create_deployment(
        "main", environment="production", payload={"release": "v2"}, description="v2", auto_merge=False
    )
    made.create_status("in_progress")
    made.create_status("success", environment_url="https://shop.example.com")
    (found,) = shop.get_deployments(ref="main")
    assert (found.sha, found.environment, found.payload) == (
        repo.branches()["main"],
        "production",
        {"release": "v2"},
    )
    assert [status.state for status in found.get_statuses()] == ["success", "in_progress"]
    assert [one.id for one in shop.get_deployments(environment="production")] == [made.id]
    assert list(shop.get_deployments(environment="staging")) == []
    assert hub.violations == []


def test_a_success_retires_the_one_before_on_the_same_environment(shop: Repository) -> None:
    first, second = (
        shop.create_deployment("main", environment="staging", auto_merge=False) for _ in range(2)
    )
    first.create_status("success")
    second.create_status("success")
    assert [one.state for one in first.get_statuses()] == ["inactive", "success"]
    assert [one.state for one in second.get_statuses()] == ["success"]


def test_production_is_not_retired(shop: Repository) -> None:
    first, second = (
        shop.create_deployment("main", environment="production", auto_merge=False) for _ in range(2)
    )
    first.create_status("success")
    second.create_status("success")
    assert [one.state for one in first.get_statuses()] == ["success"]


def test_a_deployment_needs_a_ref_that_exists_and_a_token_that_may(
    hub: GitHub, repo: RepositoryHandle, shop: Repository, client: Client
) -> None:
    with pytest.raises(GithubException) as caught:
        shop.create_deployment("none", auto_merge=False)
    assert (caught.value.status, caught.value.data["message"]) == (422, "No commit found for SHA: none")
    reader = client(hub.actions_token(repo, {"deployments": "read"}))
    with pytest.raises(GithubException) as caught:
        reader.create_deployment("main", auto_merge=False)
    assert (caught.value.status, list(reader.get_deployments())) == (403, [])


def test_merging_first_is_not_simulated_and_says_so(hub: GitHub, shop: Repository) -> None:
    with pytest.raises(GithubException) as caught:
        shop.create_deployment("main")
    assert caught.value.status == 501
    assert hub.violations == ["deployments with auto_merge"]
