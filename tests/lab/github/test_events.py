"""What people do makes the events GitHub would deliver; what a workflow's token does makes none."""

from collections.abc import Callable
from typing import Any

import pytest
from github.Repository import Repository

from allclear_lab.github import (
    Account,
    BrowserUser,
    Delivery,
    GitHub,
    GitHubRefusal,
    RepositoryHandle,
    SimClock,
)

Client = Callable[[str], Repository]
Wires = Callable[[str], Any]


def kinds(hub: GitHub) -> list[tuple[str, str | None]]:
    """Event and action of every delivery but those about labels of the repository."""
    return [(one.event, one.action) for one in hub.deliveries if one.event != "label"]


def test_an_issue_with_labels_is_opened_and_then_labeled_once_per_label(
    hub: GitHub, people: dict[str, BrowserUser]
) -> None:
    people["write"].open_issue("t", labels=("incident", "P0"))
    assert kinds(hub) == [("issues", "opened"), ("issues", "labeled"), ("issues", "labeled")]
    opened, first, _ = (one for one in hub.deliveries if one.event == "issues")
    assert {one["name"] for one in opened.payload["issue"]["labels"]} == {"incident", "P0"}
    assert first.payload["label"]["name"] == "incident"
    assert opened.actor_login == "write-user"


def test_payloads_are_whole(
    hub: GitHub, repo: RepositoryHandle, people: dict[str, BrowserUser], clock: SimClock
) -> None:
    number = people["read"].open_issue("t", "b")
    clock.advance(90)
    comment = people["triage"].comment(number, "hello")
    said = hub.deliveries[-1]
    assert (said.event, said.action, said.at) == ("issue_comment", "created", clock.now())
    assert said.payload["comment"]["id"] == comment
    assert said.payload["comment"]["created_at"] == "2025-10-19T14:03:30Z"
    assert said.payload["issue"]["number"] == number
    assert said.payload["repository"]["full_name"] == "acme/shop"
    assert said.payload["repository"]["id"] == repo.id
    assert said.payload["organization"]["login"] == "acme"
    assert said.payload["sender"]["login"] == "triage-user"


def test_an_edit_says_what_it_was_before(hub: GitHub, people: dict[str, BrowserUser]) -> None:
    number = people["read"].open_issue("t", "b")
    comment = people["read"].comment(number, "- [ ] one\n- [x] two")
    people["write"].tick(comment, "one")
    ticked = hub.deliveries[-1]
    assert ticked.payload["changes"] == {"body": {"from": "- [ ] one\n- [x] two"}}
    assert ticked.payload["comment"]["body"] == "- [x] one\n- [x] two"
    assert ticked.payload["comment"]["user"]["login"] == "read-user"
    assert ticked.payload["sender"]["login"] == "write-user"
    people["write"].untick(comment, "two")
    assert hub.deliveries[-1].payload["comment"]["body"] == "- [x] one\n- [ ] two"
    people["write"].edit_issue(number, title="u", body="c")
    assert hub.deliveries[-1].payload["changes"] == {"title": {"from": "t"}, "body": {"from": "b"}}
    with pytest.raises(LookupError):
        people["write"].tick(comment, "three")


def test_every_deed_of_a_person_is_an_event(hub: GitHub, people: dict[str, BrowserUser]) -> None:
    writer = people["write"]
    number = writer.open_issue("t")
    comment = writer.comment(number, "c")
    writer.edit_comment(comment, "d")
    writer.pin_comment(comment)
    writer.unpin_comment(comment)
    writer.delete_comment(comment)
    writer.label(number, "P1")
    writer.unlabel(number, "P1")
    writer.assign(number, "triage-user")
    writer.unassign(number, "triage-user")
    writer.lock(number)
    writer.unlock(number)
    writer.close(number)
    writer.reopen(number)
    people["admin"].delete_issue(number)
    assert kinds(hub) == [
        ("issues", "opened"),
        *[("issue_comment", one) for one in ("created", "edited", "pinned", "unpinned", "deleted")],
        *[("issues", one) for one in ("labeled", "unlabeled", "assigned", "unassigned", "locked")],
        *[("issues", one) for one in ("unlocked", "closed", "reopened", "deleted")],
    ]
    assert [one.id for one in hub.deliveries] == sorted(one.id for one in hub.deliveries)


def test_what_changes_nothing_is_no_event(hub: GitHub, people: dict[str, BrowserUser]) -> None:
    writer = people["write"]
    number = writer.open_issue("t", "b", labels=["P1"], assignees=["triage-user"])
    comment = writer.comment(number, "c")
    before = len(hub.deliveries)
    writer.label(number, "p1")
    writer.assign(number, "triage-user", "stranger")
    writer.unassign(number, "admin-user")
    writer.edit_issue(number, title="t", body="b")
    writer.edit_comment(comment, "c")
    writer.react(comment, "+1")
    writer.reopen(number)
    writer.unlock(number)
    assert len(hub.deliveries) == before


def test_a_workflows_token_is_silent_but_leaves_a_history(
    hub: GitHub, client: Client, bot: str, people: dict[str, BrowserUser]
) -> None:
    number = people["read"].open_issue("t")
    before = list(hub.deliveries)
    issue = client(bot).get_issue(number)
    issue.create_comment("hello").edit("bye")
    issue.add_to_labels("P0")
    issue.edit(state="closed")
    assert hub.deliveries == before
    history = [(one.event, one.actor.login) for one in issue.get_events()]
    assert history == [("labeled", "github-actions[bot]"), ("closed", "github-actions[bot]")]


def test_a_personal_token_is_as_loud_as_its_owner(
    hub: GitHub, client: Client, users: dict[str, Account]
) -> None:
    client(hub.personal_token(users["write"])).create_issue("t", labels=["P0"]).create_comment("c")
    assert kinds(hub) == [("issues", "opened"), ("issues", "labeled"), ("issue_comment", "created")]
    assert hub.deliveries[-1].actor_login == "write-user"


def test_a_closing_keyword_leaves_its_commit(
    people: dict[str, BrowserUser], client: Client, bot: str
) -> None:
    number = people["read"].open_issue("t")
    people["write"].close(number, commit_sha="a" * 40)
    assert [one.commit_id for one in client(bot).get_issue(number).get_events()] == ["a" * 40]


def test_listeners_hear_in_order_and_may_ask_back(
    hub: GitHub, client: Client, bot: str, people: dict[str, BrowserUser]
) -> None:
    heard: list[str] = []

    def listen(delivery: Delivery) -> None:
        number = delivery.payload["issue"]["number"] if "issue" in delivery.payload else 0
        if number and delivery.action == "opened":
            client(bot).get_issue(number).create_comment("seen")
        heard.append(f"{delivery.event}.{delivery.action}")

    people["write"].label(people["write"].open_issue("before"), "P0")
    hub.subscribe(listen)
    number = people["write"].open_issue("t", labels=["P0"])
    assert heard == ["issues.opened", "issues.labeled"]
    assert client(bot).get_issue(number).comments == 1


def test_the_cron_comes_round_when_told(hub: GitHub, repo: RepositoryHandle) -> None:
    hub.schedule("sweep.yml")
    assert kinds(hub) == [("schedule", None)]
    assert hub.deliveries[0].payload["workflow"] == ".github/workflows/sweep.yml"
    hub.create_repository("acme/other")
    with pytest.raises(ValueError, match="which one"):
        hub.schedule("sweep.yml")
    hub.schedule("sweep.yml", repo)
    assert hub.deliveries[-1].payload["repository"]["full_name"] == "acme/shop"


def test_pinning_is_exclusive_and_forgotten_with_the_comment(
    hub: GitHub, repo: RepositoryHandle, wire: Wires, bot: str, people: dict[str, BrowserUser]
) -> None:
    number = people["read"].open_issue("t")
    first, second = people["read"].comment(number, "1"), people["read"].comment(number, "2")
    talk = wire(bot)
    assert talk("PUT", f"issues/comments/{first}/pin").json()["pin"]["pinned_by"]["id"] == 41898282
    assert talk("PUT", f"issues/comments/{second}/pin").status_code == 200
    shown = talk("GET", f"issues/{number}").json()["pinned_comment"]
    assert (shown["id"], repo.issue(number).pinned_comment_id) == (second, second)
    assert talk("GET", f"issues/comments/{first}").json()["pin"] is None
    with pytest.raises(GitHubRefusal, match="404"):
        people["write"].unpin_comment(first)
    people["read"].delete_comment(second)
    assert talk("GET", f"issues/{number}").json()["pinned_comment"] is None
    assert talk("GET", f"issues/comments/{second}").status_code == 404
