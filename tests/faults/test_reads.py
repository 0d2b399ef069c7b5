"""A3, A8, A12, A16, A18, A19, A21 and A22: answers that are late, incomplete, strange or by nobody."""

from collections.abc import Callable

import pytest

from allclear_lab.github.faults import Kind
from conversations.room import Room, minutes

COMMENTS = ("/1/comments", "/graphql")
"""Both ways to an issue's comments: REST is asked where GraphQL does not answer."""


def reads(*ends: str) -> Callable[[str, str], bool]:
    return lambda method, where: (
        where.endswith(ends) and (method == "GET" or where == "/graphql")  # not its mutations
    )


@pytest.mark.parametrize("kind", ["error_before", "drop_before", "truncated_json", "html_200"])
@pytest.mark.parametrize("where", ["/issues/1", "/1/comments", "/permission", "/1/events", "/labels"])
def test_a1_a3_a_read_that_fails_twice_is_answered_the_third_time(room: Room, kind: Kind, where: str) -> None:
    fault = room.hub.faults.add(kind, reads(where), times=2, status=502 if kind == "error_before" else 0)
    room.opens("ann")
    assert fault.seen > 2
    assert room.codes == [0] * len(room.codes)
    assert (room.incident.stage, room.incident.severity) == ("open", "P0")


@pytest.mark.parametrize("kind", ["error_before", "drop_before", "truncated_json", "html_200"])
@pytest.mark.parametrize("where", [("/issues/1",), COMMENTS], ids=["issue", "comments"])
def test_a3_a_read_that_stays_broken_writes_nothing_and_ends_red(
    room: Room, kind: Kind, where: tuple[str, ...]
) -> None:
    room.opens("ann")
    room.writes("bob", "/sev P1")
    room.hub.faults.add(kind, reads(*where), times=1000)
    before = room.comments
    assert room.run() == 1
    assert room.comments == before
    assert room.printed[-1].startswith("::error::Issue 1: GitHub did not do what it was asked to")
    room.hub.faults.clear()
    assert room.run() == 0
    assert room.incident.severity == "P1"


@pytest.mark.parametrize("kind", ["error_before", "not_accessible"])
def test_a16_a_command_waits_while_github_does_not_say_who_may(room: Room, kind: Kind) -> None:
    room.opens("ann")
    room.writes("bob", "/sev P1")
    room.hub.faults.add(kind, reads("/bob/permission"), times=1000)
    assert room.run() == 0
    assert room.incident.severity == "P0"
    assert "`/sev P1` by bob is waiting, because GitHub did not say what they may do" in room.panel.body
    assert "1 waiting for GitHub to say who may" in room.printed[-1]
    room.hub.faults.clear()
    assert room.sweep() == 0
    assert room.incident.severity == "P1"
    assert "waits: GitHub" not in room.panel.body


@pytest.mark.parametrize("kind", ["error_before", "not_accessible"])
def test_a16_somebody_whom_github_does_not_tell_of_is_not_called_unknown(room: Room, kind: Kind) -> None:
    room.opens("ann")
    room.writes("ann", "/ic @bob")
    room.hub.faults.add(kind, reads("/bob/permission"), times=1000)
    assert room.run() == 0
    assert "GitHub did not say what `bob` may do here. Try again in a minute." in room.comments[-1].body


def test_a16_a_declaration_waits_while_github_does_not_say_who_may(room: Room) -> None:
    room.hub.faults.add("error_before", reads("/ann/permission"), times=1000)
    room.opens("ann")
    assert room.comments == ()
    assert "1 waiting for GitHub to say who may" in room.printed[-1]
    room.hub.faults.clear()
    assert room.sweep() == 0
    assert room.incident.stage == "open"


@pytest.mark.parametrize("kind", ["error_before", "truncated_json", "html_200", "not_accessible"])
def test_a8_a_click_waits_while_github_does_not_say_who_clicked(room: Room, kind: Kind) -> None:
    room.opens("ann")
    room.clock.advance(60)
    room.people["bob"].tick(room.panel.id, "(`status-page`)")
    room.hub.faults.add(kind, lambda _, where: where == "/graphql", times=1000)
    room.deliver()
    assert room.codes[-1] == 0
    assert "[x] Status page updated" in room.panel.body
    room.hub.faults.clear()
    assert room.run() == 0
    assert "status-page" in room.incident.progress.ticks
    assert "[x] Status page updated" in room.panel.body


def test_a8_a_click_nobody_can_be_named_for_is_taken_back_after_ten_minutes(room: Room) -> None:
    room.opens("ann")
    room.clock.advance(60)
    room.people["bob"].tick(room.panel.id, "(`status-page`)")
    room.hub.faults.add("error_before", lambda _, where: where == "/graphql", times=1000)
    room.deliver()
    room.clock.advance(minutes(11))
    assert room.run() == 0
    assert "[ ] Status page updated" in room.panel.body
    assert "status-page" not in room.incident.progress.ticks


def chatter(room: Room, count: int) -> list[int]:
    return [room.writes("rae", f"chatter {n}") for n in range(count)]


def test_a18_a_comment_deleted_while_paging_hides_no_other(room: Room) -> None:
    room.opens("ann")
    first = chatter(room, 100)[0]
    room.writes("bob", "/sev P1")
    chatter(room, 20)
    room.people["ann"].delete_comment(room.panel.id)
    lists: list[str] = []

    def between_the_pages(method: str, where: str) -> bool:
        if method == "GET" and where.endswith("/1/comments"):
            lists.append(where)
            if len(lists) == 2:
                room.people["ann"].delete_comment(first)
                room.people["ann"].delete_comment(first + 2)
        return False

    room.hub.faults.add("gone", between_the_pages)
    assert room.run() == 0
    assert room.incident.severity == "P1"


def test_a18_a_comment_written_while_paging_is_read_once(room: Room) -> None:
    room.opens("ann")
    chatter(room, 110)
    room.people["ann"].delete_comment(room.panel.id)
    written: list[int] = []

    def between_the_pages(method: str, where: str) -> bool:
        if method == "GET" and where.endswith("/1/comments"):
            written.append(room.people["bob"].comment(room.number, f"/note {len(written)}"))
        return len(written) > 2

    room.hub.faults.add("error_before", between_the_pages, times=1)
    assert room.run() == 0
    room.hub.faults.clear()
    assert room.run() == 0
    sources = [entry.source for entry in room.journal.entries if entry.what == "note"]
    assert sources == written


def test_a18_twelve_hundred_comments_are_read_without_losing_the_command_among_them(room: Room) -> None:
    room.opens("ann")
    for _ in range(6):
        chatter(room, 200)
        room.clock.advance(minutes(5))
    room.writes("bob", "/sev P1")
    chatter(room, 20)
    assert room.run() == 0
    assert room.incident.severity == "P1"
    known = len(room.hub.requests)
    room.says("bob", "/note steady")
    lists = [r for r in room.hub.requests[known:] if r.path.endswith("/comments") and r.method == "GET"]
    assert len(lists) <= 5  # what is newer than the cursor and its overlap, not all thirteen pages


def test_a19_our_own_reply_that_is_not_visible_yet_is_not_written_twice(room: Room) -> None:
    room.opens("ann")
    room.says("bob", "/sev P1")
    known = len(room.replies)
    room.hub.faults.add("stale_reads", seconds=60)
    assert room.run() == 0
    assert room.sweep() == 0
    assert len(room.replies) == known


def test_a19_a_reply_that_is_not_visible_yet_is_waited_for_when_the_panel_does_not_know_it(
    room: Room,
) -> None:
    room.opens("ann")
    room.hub.faults.add("unauthorized", lambda _, where: where.startswith("/graphql#"), times=1000)
    room.writes("bob", "/sev P1")
    assert room.run() == 1
    known = len(room.replies)
    room.hub.faults.clear()
    room.hub.faults.add("stale_reads", seconds=2)
    assert room.run() == 0
    assert len(room.replies) == known
    assert room.issue.labels >= {"P1"}


def test_a19_a_comment_that_started_the_run_is_read_even_when_the_list_lags(room: Room) -> None:
    room.opens("ann")
    struck: list[str] = []

    def hide(method: str, where: str) -> bool:
        if reads(*COMMENTS)(method, where):
            struck.append(where)
        return False

    room.hub.faults.add("gone", hide)
    room.clock.advance(10)
    comment = room.people["bob"].comment(room.number, "/sev P1")
    room.people["bob"].delete_comment(comment)
    room.deliver()
    assert struck
    assert (room.codes[-1], room.incident.severity) == (0, "P0")


def test_a21_an_answer_of_not_modified_is_not_taken_for_an_empty_issue(room: Room) -> None:
    room.opens("ann")
    room.writes("bob", "/sev P1")
    before = room.comments
    room.hub.faults.add("error_before", reads(*COMMENTS), status=304, times=1000)
    assert room.run() == 1
    assert room.comments == before


def test_a22_a_ghost_has_no_permission_and_its_comments_are_passed_over(room: Room) -> None:
    room.opens("ann")
    room.writes("bob", "/sev P1")
    room.writes("cat", "/note seen by cat")
    room.hub.delete_user(room.hub.world.accounts[room.people["bob"].id])
    assert room.run() == 0
    assert room.incident.severity == "P0"
    assert room.journal.entries[-1].what == "note"


def test_a22_the_incident_of_somebody_whose_account_is_gone_goes_on(room: Room) -> None:
    room.opens("cat")
    room.says("bob", "/ack")
    for login in ("cat", "bob"):
        room.hub.delete_user(room.hub.world.accounts[room.people[login].id])
    assert "lowered from P0 to **P1**" in room.says("mia", "/sev P1")
    assert room.incident.reached("acknowledged") is not None
    assert room.codes == [0] * len(room.codes)


def test_a22_an_issue_whose_author_is_gone_is_declared_by_who_labelled_it(room: Room) -> None:
    room.people["out"].open_issue("Checkout is slow")
    room.people["cat"].label(1, "incident")
    room.number = 1
    room.hub.delete_user(room.hub.world.accounts[room.people["out"].id])
    assert room.run() == 0
    assert room.incident.stage == "open"
    assert room.journal.entries[0].by == room.incident.team.reporter
    assert room.incident.team.reporter is not None
    assert room.incident.team.reporter.login == "cat"


def test_a22_an_issue_of_nobody_labelled_by_nobody_is_a_report(room: Room) -> None:
    room.people["out"].open_issue("Checkout is slow", form_labels=("incident",))
    room.number = 1
    room.hub.delete_user(room.hub.world.accounts[room.people["out"].id])
    assert room.run() == 0
    assert (room.incident.stage, room.incident.team.reporter) == ("report", None)
    room.says("bob", "/confirm")
    assert room.incident.stage == "open"


def test_a22_an_issue_without_a_body_is_declared_with_what_its_title_says(room: Room) -> None:
    room.opens("ann", "[INCIDENT P1] Tiles", "", labels=("incident",))
    room.repo.state.issues[1].body = None
    assert room.run() == 0
    assert (room.incident.severity, room.incident.title) == ("P1", "Tiles")
