"""PyGithub, unpatched, talks to the embedded GitHub as it talks to github.com."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from github import GithubException, UnknownObjectException
from github.Repository import Repository

from allclear_lab.github import BrowserUser, GitHub, RepositoryHandle

Client = Callable[[str], Repository]


def test_an_issue_can_be_opened_read_edited_and_closed(
    hub: GitHub, repo: RepositoryHandle, client: Client, bot: str
) -> None:
    issue = client(bot).create_issue("Checkout fails", "since 14:00", labels=["incident"])
    issue.edit(body="since 13:55", state="closed", state_reason="not_planned")
    again = client(bot).get_issue(issue.number)
    assert (again.title, again.body, again.state, again.state_reason) == (
        "Checkout fails",
        "since 13:55",
        "closed",
        "not_planned",
    )
    assert again.raw_data["closed_by"]["login"] == "github-actions[bot]"
    assert again.user.id == 41898282
    assert again.created_at == datetime(2025, 10, 19, 14, 2, tzinfo=UTC)
    assert repo.issue(issue.number).labels == {"incident"}
    assert hub.violations == []


def test_comments_can_be_written_edited_reacted_to_and_deleted(
    hub: GitHub, repo: RepositoryHandle, client: Client, bot: str
) -> None:
    issue = client(bot).create_issue("t")
    comment = issue.create_comment("one")
    comment.edit("two")
    comment.create_reaction("eyes")
    assert [one.content for one in comment.get_reactions()] == ["eyes"]
    assert issue.get_comment(comment.id).body == "two"
    comment.delete()
    with pytest.raises(UnknownObjectException):
        issue.get_comment(comment.id)
    assert hub.violations == []


def test_labels_of_a_repository_and_of_an_issue(
    hub: GitHub, repo: RepositoryHandle, client: Client, bot: str
) -> None:
    shop = client(bot)
    shop.create_label("status: a/b", "FF0000", "with a slash")
    issue = shop.create_issue("t")
    issue.add_to_labels("status: a/b", "P1")
    assert {one.name: one.color for one in issue.get_labels()} == {"status: a/b": "ff0000", "P1": "ededed"}
    issue.remove_from_labels("P1")
    issue.set_labels("P0")
    assert repo.issue(issue.number).labels == {"P0"}
    assert shop.get_label("status: a/b").description == "with a slash"
    assert [one.name for one in shop.get_labels()] == ["status: a/b", "P1", "P0"]
    assert hub.violations == []


def test_a_label_with_a_slash_in_its_name_can_be_taken_off(client: Client, bot: str) -> None:
    issue = client(bot).create_issue("t", labels=["area/api", "area"])
    issue.remove_from_labels("area/api")
    assert [one.name for one in issue.get_labels()] == ["area"]


def test_assignees_and_histories(
    hub: GitHub, repo: RepositoryHandle, client: Client, bot: str, people: dict[str, BrowserUser]
) -> None:
    number = people["write"].open_issue("t", labels=["P1"])
    issue = client(bot).get_issue(number)
    issue.add_to_assignees("triage-user", "write-user")
    issue.remove_from_assignees("write-user")
    issue.edit(title="better")
    people["write"].comment(number, "hello")
    assert repo.issue(number).assignees == ("triage-user",)
    kinds = ["labeled", "assigned", "assigned", "unassigned", "renamed"]
    assert [one.event for one in issue.get_events()] == kinds
    assert [one.event for one in issue.get_timeline()] == [*kinds, "commented"]
    assert hub.violations == []


def test_filters_of_the_issue_list(
    client: Client, bot: str, people: dict[str, BrowserUser], hub: GitHub
) -> None:
    first = people["write"].open_issue("first", labels=["incident", "P0"])
    hub.clock.advance(60)
    second = people["triage"].open_issue("second", labels=["incident"])
    third = people["read"].open_issue("third", assignees=["admin-user"])
    people["write"].close(first)
    shop = client(bot)
    assert [one.number for one in shop.get_issues()] == [third, second]
    assert [one.number for one in shop.get_issues(state="all", direction="asc")] == [first, second, third]
    assert [one.number for one in shop.get_issues(state="closed", labels=["incident", "p0"])] == [first]
    assert [one.number for one in shop.get_issues(creator=shop.get_issue(second).user)] == [second]
    assert [one.number for one in shop.get_issues(assignee="none", state="all")] == [third, second, first]
    since = datetime(2025, 10, 19, 14, 2, 30, tzinfo=UTC)
    assert [one.number for one in shop.get_issues(since=since, state="all")] == [third, second, first]
    hub.clock.advance(60)
    people["write"].comment(second, "news")
    since = datetime(2025, 10, 19, 14, 3, 30, tzinfo=UTC)
    assert [one.number for one in shop.get_issues(since=since)] == [second]


def test_comments_since_a_time_are_the_ones_updated_since(client: Client, bot: str, hub: GitHub) -> None:
    issue = client(bot).create_issue("t")
    old, edited = issue.create_comment("old"), issue.create_comment("to be edited")
    hub.clock.advance(60)
    edited.edit("edited")
    new = issue.create_comment("new")
    since = datetime(2025, 10, 19, 14, 3, tzinfo=UTC)
    assert [one.id for one in issue.get_comments(since=since)] == [edited.id, new.id]
    assert [one.id for one in client(bot).get_issues_comments(since=since)] == [edited.id, new.id]
    assert [one.id for one in issue.get_comments()] == [old.id, edited.id, new.id]


def test_an_error_carries_githubs_words(client: Client, bot: str) -> None:
    issue = client(bot).create_issue("t")
    with pytest.raises(GithubException) as caught:
        issue.create_comment("x" * 65_537)
    assert caught.value.status == 422
    assert caught.value.data["errors"] == [
        {
            "resource": "IssueComment",
            "code": "custom",
            "field": "body",
            "message": "body is too long (maximum is 65536 characters)",
        }
    ]
    issue.create_comment("x" * 65_536)
