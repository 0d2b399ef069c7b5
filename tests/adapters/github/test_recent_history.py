"""What GitHub tells of the time before an incident began, in two requests."""

from __future__ import annotations

from datetime import timedelta

import pytest

from allclear.adapters.github.errors import UnavailableError
from allclear.adapters.github.recent_history import PATHS, QUERY, recent_history
from allclear.core.model.snapshot import Repository
from allclear.core.policy.settings import Settings
from allclear.core.production.recent_changes import FailedRun, Question, RecentHistory
from conversations.room import Room

PAGE = "https://github.com/acme/shop"
GRANTS = dict.fromkeys(("contents", "deployments", "pull_requests", "actions"), "read")
DEPLOY = (
    "name: {name}\non: {{workflow_dispatch: {{}}}}\njobs: {{deploy: {{runs-on: u, steps: [{{run: x}}]}}}}\n"
)


def history(room: Room, grants: dict[str, str] | None = None, name: str = "acme/shop") -> RecentHistory:
    client = room.client(room.hub.actions_token(room.repo, permissions=grants or GRANTS))
    asked = Question(room.clock.now(), ())
    return recent_history(client, Repository(room.repo.id, name, PAGE), Settings(), asked)


def test_what_was_deployed_and_merged_with_who_did_it(room: Room) -> None:
    room.people["bob"].push_file("work", "infra/main.tf", "size = 2", message="wip")
    number = room.people["bob"].open_pull("More room", "work")
    room.clock.advance(60)
    sha = room.people["ann"].merge_pull(number, method="squash")
    room.repo.deploy(sha, "PROD", "in_progress success")
    before = len(room.hub.requests)
    seen = history(room)
    assert len(room.hub.requests) - before == 2
    assert (seen.branch, seen.page) == ("main", PAGE)
    assert [(one.environment, one.sha, len(one.statuses)) for one in seen.deployments] == [("PROD", sha, 2)]
    (commit,) = seen.commits
    assert (commit.sha, commit.changed, commit.login) == (sha, ("infra",), "ann")
    assert commit.pull is not None
    assert (commit.pull.number, commit.pull.author, commit.by) == (number, "bob", "bob")
    assert seen.deployed[sha].pull == commit.pull


def test_only_what_failed_on_the_default_branch_within_the_window(room: Room) -> None:
    room.repo.put_file(".github/workflows/deploy.yml", DEPLOY.format(name="Deploy it"))
    room.repo.put_file(".github/workflows/nameless.yml", DEPLOY.format(name='""'))
    for file, end in (("deploy.yml", "failure"), ("nameless.yml", "failure"), ("deploy.yml", "success")):
        run = room.people["bob"].dispatch(file)
        room.repo.start_run(run)
        room.repo.finish_run(run, end)
        room.clock.advance(60)
    told = [(one.file, one.name, one.by) for one in history(room).failed]
    assert told == [("nameless.yml", "nameless.yml", "bob"), ("deploy.yml", "Deploy it", "bob")]
    assert isinstance(history(room).failed[0], FailedRun)
    room.clock.advance(timedelta(days=4))
    assert history(room) == RecentHistory("main", PAGE)


def test_who_may_not_see_runs_sees_the_rest(room: Room) -> None:
    room.people["bob"].push_file("main", "a.txt", "1", message="A change")
    seen = history(room, GRANTS | {"actions": "none"})
    assert [one.subject for one in seen.commits] == ["A change"]
    assert seen.failed == ()


def test_an_empty_repository_has_no_history(room: Room) -> None:
    other = room.hub.create_repository("acme/empty", organization=True)
    client = room.client(room.hub.actions_token(other, permissions=GRANTS))
    asked = Question(room.clock.now(), ())
    seen = recent_history(client, Repository(other.id, "acme/empty", PAGE), Settings(), asked)
    assert seen == RecentHistory(page=PAGE)


def test_a_repository_that_github_does_not_show_is_no_empty_one(room: Room) -> None:
    with pytest.raises(UnavailableError):
        history(room, name="acme/gone")


def test_the_query_asks_for_each_path() -> None:
    query = QUERY.read_text(encoding="utf-8")
    asked = [line for line in query.splitlines() if "path: " in line]
    assert [line.split(":")[0].strip() for line in asked] == list(PATHS)
    assert [line.split('path: "')[1].split('"')[0] for line in asked] == list(PATHS.values())
