"""What ran in production and what lies between two commits, as the embedded GitHub tells it."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

import pytest

from allclear.adapters.github.client import Client
from allclear.adapters.github.errors import UnavailableError
from allclear.adapters.github.releases import ReleaseReader, environment_of
from allclear.core.model.authored import read_authored
from allclear.core.model.release import (
    Change,
    Comparison,
    EnvironmentSeen,
    Releases,
    last_known_good,
)
from allclear.core.model.snapshot import Repository
from allclear.core.model.structs import replace
from allclear.core.policy.provider import Provider
from allclear.core.policy.settings import Settings
from conversations.room import START, Room

PAGE = "https://github.com/acme/shop"
BY_SHA = read_authored(Provider, {"title": "A", "pattern": "[0-9a-f]{40}", "rerun": {"workflow": "d.yml"}})
GRANTS = {"contents": "write", "deployments": "write", "statuses": "write", "actions": "read"}
SETTINGS = read_authored(
    Settings,
    {
        "services": {
            "web": {"provider": "by-sha"},
            "staging": {"provider": "by-sha", "environment": "staging"},
            "listed": {"provider": "by-sha", "environment": "listed", "rollback": {"targets": "provider"}},
            "nothing": {},
        }
    },
)


def client_of(room: Room, grants: Mapping[str, str] = GRANTS) -> Client:
    token = room.hub.actions_token(room.repo, permissions=dict(grants))
    return room.client(token)


def reader_of(room: Room, provider: Provider = BY_SHA, grants: Mapping[str, str] = GRANTS) -> ReleaseReader:
    repository = Repository(room.repo.id, "acme/shop", PAGE)
    return ReleaseReader(client_of(room, grants), repository, SETTINGS, {"by-sha": provider})


@pytest.fixture
def shas(room: Room) -> list[str]:
    """Four commits, a minute apart."""
    made = []
    for number in range(4):
        room.clock.advance(60)
        made.append(room.repo.put_file("version", str(number)))
    return made


def deploys(room: Room, sha: str, *states: str, **more: Any) -> int:
    """A deployment that reports these states, a minute apart."""
    room.clock.advance(60)
    client = client_of(room)
    body = {"ref": sha, "auto_merge": False, "required_contexts": [], "environment": "production"}
    made = client.send("POST", "/repos/acme/shop/deployments", body | more).data
    for state in states:
        says(room, made["id"], state)
    number: int = made["id"]
    return number


def says(room: Room, deployment: int, state: str, **more: Any) -> None:
    room.clock.advance(60)
    body = {"state": state, "auto_inactive": False} | more
    client_of(room).send("POST", f"/repos/acme/shop/deployments/{deployment}/statuses", body)


def test_the_newest_that_succeeded_runs_and_what_succeeded_before_could(room: Room, shas: list[str]) -> None:
    for sha in shas[:3]:
        deploys(room, sha, "in_progress", "success")
    deploys(room, shas[3], "queued")
    found = reader_of(room).releases("web")
    assert found.known
    assert [(one.target, one.state) for one in found.idle] == [(shas[3], "waiting")]
    assert found.current is not None
    assert (found.current.target, found.current.name, found.current.sha) == (shas[2], shas[2][:7], shas[2])
    assert found.current.url == f"{PAGE}/commit/{shas[2]}"
    assert found.current.at is not None
    assert found.current.at > START
    assert [one.target for one in found.earlier] == [shas[1], shas[0]]


def test_what_was_superseded_was_deployed_all_the_same(room: Room, shas: list[str]) -> None:
    for sha in shas[:2]:
        room.clock.advance(60)
        room.repo.deploy(sha)
    first = deploys(room, shas[2], "success")
    says(room, first, "inactive")
    says(room, deploys(room, shas[3]), "success", auto_inactive=True)
    found = reader_of(room).releases("web")
    assert found.current is not None
    assert found.current.target == shas[3]
    assert [(one.target, one.deployed) for one in found.earlier] == [(sha, True) for sha in shas[2::-1]]


def test_000_a10_a_failed_smoke_run_and_a_failed_deployment_are_passed_over(
    room: Room, shas: list[str]
) -> None:
    deploys(room, shas[0], "success")
    deploys(room, shas[1], "success")
    deploys(room, shas[2], "failure")
    deploys(room, shas[3], "success")
    room.repo.set_status(shas[0], "allclear/smoke", "success")
    room.repo.set_status(shas[1], "allclear/smoke", "failure")
    room.repo.set_status(shas[2], "ci", "success")
    found = reader_of(room).releases("web")
    assert [(one.target, one.deployed, one.smoke) for one in found.earlier] == [
        (shas[2], False, "unknown"),
        (shas[1], True, "bad"),
        (shas[0], True, "good"),
    ]
    good = last_known_good(found)
    assert good is not None
    assert good.target == shas[0]


@pytest.mark.parametrize(("state", "smoke"), [("success", "good"), ("error", "bad"), ("pending", "unknown")])
def test_what_the_smoke_run_said_is_remembered_on_the_commit(
    room: Room, shas: list[str], state: str, smoke: str
) -> None:
    deploys(room, shas[0], "success")
    room.repo.set_status(shas[0], "allclear/smoke", state)
    current = reader_of(room).releases("web").current
    assert current is not None
    assert current.smoke == smoke


def test_what_failed_after_it_had_succeeded_still_runs_and_is_bad(room: Room, shas: list[str]) -> None:
    deploys(room, shas[0], "success")
    deploys(room, shas[1], "success", "in_progress", "failure")
    found = reader_of(room).releases("web")
    assert found.current is not None
    assert (found.current.target, found.current.state) == (shas[1], "failed")
    assert (found.earlier[0].target, found.earlier[0].smoke) == (shas[1], "bad")
    good = last_known_good(found)
    assert good is not None
    assert good.target == shas[0]


def test_a_deployment_that_succeeds_again_runs_again(room: Room, shas: list[str]) -> None:
    first = deploys(room, shas[0], "success")
    deploys(room, shas[1], "success")
    says(room, first, "success")
    found = reader_of(room).releases("web")
    assert found.current is not None
    assert found.current.target == shas[0]
    assert [one.target for one in found.earlier] == [shas[1], shas[0]]
    assert last_known_good(found) is None


def test_the_same_commit_deployed_twice_in_a_row_is_one_release(room: Room, shas: list[str]) -> None:
    for sha in (shas[0], shas[1], shas[1], shas[1], shas[2]):
        deploys(room, sha, "success")
    assert [one.target for one in reader_of(room).releases("web").earlier] == [shas[1], shas[0]]


def test_what_was_taken_down_does_not_run(room: Room, shas: list[str]) -> None:
    deploys(room, shas[0], "success", "inactive")
    found = reader_of(room).releases("web")
    assert found.current is None
    assert [one.target for one in found.earlier] == [shas[0]]


def test_only_deployments_of_the_environment_count_and_only_those_that_deploy(
    room: Room, shas: list[str]
) -> None:
    deploys(room, shas[0], "success", task="deploy")
    deploys(room, shas[1], "success", task="deploy:rollback")
    deploys(room, shas[2], "success", task="migrate")
    deploys(room, shas[2], "success", task="deployer")
    deploys(room, shas[3], "success", environment="staging")
    found = reader_of(room).releases("web")
    assert found.current is not None
    assert (found.current.target, [one.target for one in found.earlier]) == (shas[1], [shas[0]])
    staged = reader_of(room).releases("staging").current
    assert staged is not None
    assert staged.target == shas[3]


def provider(target_from: str) -> Provider:
    return replace(BY_SHA, target_from=target_from)


def test_003_10_the_target_may_be_the_address_that_was_deployed_to(room: Room, shas: list[str]) -> None:
    silent = deploys(room, shas[0], "success")
    told = deploys(room, shas[1])
    says(room, told, "success", environment_url="https://shop-1-acme.vercel.app")
    says(room, told, "success", environment_url="https://shop-2-acme.vercel.app")
    says(room, told, "success")
    found = reader_of(room, provider("environment_url")).releases("web")
    assert silent != told
    assert found.current is not None
    assert (found.current.target, found.current.name) == ("https://shop-2-acme.vercel.app", shas[1][:7])
    assert found.earlier == ()


@pytest.mark.parametrize(
    ("payload", "target"),
    [
        ({"version": "v41"}, "v41"),
        ({"version": 41}, "41"),
        ('{"version": "v41"}', "v41"),
        ({"version": True}, None),
        ({"version": ["v41"]}, None),
        ({"other": "v41"}, None),
        ("v41", None),
        ("[" * 100_000, None),
        ("7", None),
    ],
)
def test_the_target_may_be_a_field_of_the_payload(
    room: Room, shas: list[str], payload: object, target: str | None
) -> None:
    deploys(room, shas[0], "success", payload=payload)
    found = reader_of(room, provider("payload.version")).releases("web").current
    assert (found.target if found else None) == target
    assert found is None or found.name == target


@pytest.mark.parametrize("service", ["listed", "nothing", "unheard-of"])
def test_what_is_not_in_the_deployments_costs_no_request(room: Room, service: str) -> None:
    before = len(room.hub.requests)
    assert reader_of(room).releases(service) == Releases(current=None, earlier=())
    assert len(room.hub.requests) == before


def test_all_of_it_takes_two_requests(room: Room, shas: list[str]) -> None:
    for sha in shas:
        deploys(room, sha, "in_progress", "success")
    before = len(room.hub.requests)
    reader_of(room).releases("web")
    assert len(room.hub.requests) == before + 2


@pytest.mark.parametrize("grants", [{"contents": "read"}, {"issues": "write"}])
def test_a10_without_the_permission_nothing_is_known(room: Room, grants: dict[str, str]) -> None:
    assert not reader_of(room, grants=grants).releases("web").known


def test_a2_while_github_does_not_answer_nothing_is_known(room: Room, shas: list[str]) -> None:
    deploys(room, shas[0], "success")
    room.hub.faults.add("error_before", times=9)
    reader = reader_of(room)
    assert reader.releases("web") == Releases(current=None, earlier=(), known=False)
    assert reader.environment("production") == EnvironmentSeen(exists=False, known=False)
    assert reader.comparison(shas[0], shas[1]) == Comparison(known=False)


# -- what lies between two commits


def commits(room: Room, path: str, message: str, **more: Any) -> str:
    """A file with other words in it, by the contents API."""
    client, where = client_of(room), f"/repos/acme/shop/contents/{path}"
    words = base64.b64encode(message.encode()).decode()
    body = {"message": message, "content": words, "branch": "main"} | more
    sha: str = client.send("PUT", where, body).data["commit"]["sha"]
    return sha


def test_what_a_rollback_would_undo(room: Room) -> None:
    base = room.repo.put_file("a", "1")
    first = commits(room, "db/migrations/1.sql", "Add a table\n\nWith words.")
    stranger = {"name": "A. Stranger", "email": "a@example.com"}
    head = commits(room, "b", "Change b", author=stranger)
    assert reader_of(room).comparison(base, head) == Comparison(
        commits=(
            Change(first, "github-actions[bot]", "Add a table"),
            Change(head, "A. Stranger", "Change b"),
        ),
        paths=("b", "db/migrations/1.sql"),
        total=2,
    )


def test_two_commits_that_are_the_same_undo_nothing(room: Room, shas: list[str]) -> None:
    assert reader_of(room).comparison(shas[1], shas[1]) == Comparison()


def test_a_target_that_is_no_ancestor_is_told(room: Room, shas: list[str]) -> None:
    assert not reader_of(room).comparison(shas[3], shas[0]).ahead


def test_github_lists_300_paths_and_no_more(room: Room, shas: list[str]) -> None:
    room.repo.put_file("many/0", "x")
    for number in range(1, 301):
        head = room.repo.put_file(f"many/{number}", "x")
    found = reader_of(room).comparison(shas[3], head)
    assert (len(found.paths), found.complete, found.total, len(found.commits)) == (300, False, 301, 250)
    assert found.commits[-1].sha == head


@pytest.mark.parametrize(
    ("base", "head"),
    [("f" * 40, None), (None, "f" * 40), ("main", None), (None, "main"), ("../../x", None), ("", None)],
)
def test_a_commit_that_is_gone_or_none_cannot_be_compared(
    room: Room, shas: list[str], base: str | None, head: str | None
) -> None:
    found = reader_of(room).comparison(shas[0] if base is None else base, shas[1] if head is None else head)
    assert found == Comparison(known=False)


# -- the environment


@pytest.mark.parametrize(
    ("prevented", "branches", "seen"),
    [
        (True, True, EnvironmentSeen(True, reviewers=True, self_review=False, branches=True)),
        (False, False, EnvironmentSeen(True, reviewers=True, self_review=True, branches=False)),
    ],
)
def test_e8_an_environment_with_reviewers(
    room: Room, prevented: bool, branches: bool, seen: EnvironmentSeen
) -> None:
    reviewers = (room.account("mia"),)
    room.repo.environment(
        "production/eu 1", reviewers=reviewers, prevent_self_review=prevented, branches=branches
    )
    assert reader_of(room).environment("production/eu 1") == seen


def test_p15_an_environment_without_reviewers_guards_nothing(room: Room) -> None:
    room.repo.environment("production", reviewers=(), branches=False)
    assert reader_of(room).environment("production") == EnvironmentSeen(exists=True)


def test_p15_a_rule_whose_reviewers_are_gone_guards_nothing() -> None:
    rule = {"type": "required_reviewers", "prevent_self_review": True, "reviewers": []}
    wait = {"type": "wait_timer", "wait_timer": 5, "reviewers": ["x"]}
    assert environment_of({"protection_rules": [rule, wait]}) == EnvironmentSeen(exists=True)
    assert environment_of({"protection_rules": None}) == EnvironmentSeen(exists=True)


def test_p15_a_missing_environment_is_missing_and_an_unreadable_one_unknown(room: Room) -> None:
    assert reader_of(room).environment("production") == EnvironmentSeen(exists=False)
    room.repo.environment("production", reviewers=(room.account("mia"),))
    unable = reader_of(room, grants={"contents": "read"}).environment("production")
    assert unable == EnvironmentSeen(exists=False, known=False)


def test_a_time_that_is_missing_is_a_broken_answer() -> None:
    from allclear.adapters.github.deployments import deployment  # noqa: PLC0415 - the shape of one row only

    row: dict[str, Any] = {"databaseId": 1, "commitOid": "a" * 40, "createdAt": None}
    with pytest.raises(UnavailableError, match="a time is missing"):
        deployment(row, None)
