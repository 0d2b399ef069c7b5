"""The index of the reports follows every merge, whoever merges when, and never costs people a word."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from allclear.adapters.github.report_index import BRANCH, MESSAGE
from allclear.core.metrics.index_page import BEGIN, END
from allclear.core.postmortem.file_name import INDEX
from allclear.core.postmortem.verdict import CONTEXT
from allclear_lab.github.faults import Kind
from allclear_lab.github.front import RawReply, RawRequest
from conversations.beginnings import beginning
from conversations.review_room import over
from conversations.room import Room
from core.metrics.files import text
from proof.test_two_at_once import MANY, meanwhile
from sampling import Proof

FOLDER = "reports/incidents"


def merge(room: Room, number: int) -> None:
    room.number = number
    pull = room.incident.postmortem.pull
    assert pull is not None
    room.people["bob"].merge_pull(pull, "squash")
    room.delivered = len(room.hub.deliveries)
    room.clock.advance(60)


def index(room: Room) -> str:
    return room.repo.file(INDEX) or ""


def commits(room: Room, path: str = INDEX) -> int:
    token = room.hub.actions_token(room.repo, permissions={"contents": "read"})
    return len(room.client(token).get("/repos/acme/shop/commits", {"path": path}).data)


def _closed(room: Room) -> None:
    over(room)


closed = beginning(_closed)


def test_before_the_first_merge_there_is_no_index(closed: Room) -> None:
    assert index(closed) == ""


def test_a_merge_puts_the_report_into_the_index(closed: Room) -> None:
    merge(closed, closed.number)
    assert closed.sweep() == 0
    said = index(closed)
    assert "## One report" in said
    assert "[Login is broken](./2025-10-19-login-is-broken.md) | P3 | draft" in said
    assert f"[{closed.number}](https://github.com/acme/shop/issues/{closed.number})" in said
    assert "issues?q=is%3Aissue%20label%3A%22incident%22%20label%3A%22P3%22" in said
    assert "The index of the post-mortems was renewed: https://github.com/acme/shop/blob/main" in "\n".join(
        closed.printed
    )
    assert commits(closed) == 1


def test_a_comment_after_the_merge_is_enough(closed: Room) -> None:
    merge(closed, closed.number)
    closed.says("bob", "Thanks, all")
    assert "Login is broken" in index(closed)


def test_nothing_is_written_again_and_a_later_note_opens_no_pull_request(closed: Room) -> None:
    closed.says("bob", "/note one more thing")
    merge(closed, closed.number)
    closed.sweep()
    pulls = len(closed.repo.pulls())
    for _ in range(2):
        closed.sweep()
        closed.write_up()
    assert commits(closed) == 1
    assert len(closed.repo.pulls()) == pulls


def test_two_merges_at_once_end_with_both_in_the_index(closed: Room) -> None:
    first = closed.number
    second = over(closed, "Checkout is slow")
    merge(closed, first)
    merge(closed, second)
    closed.sweep()
    said = index(closed)
    assert "## All 2 reports" in said
    assert "Login is broken" in said
    assert "Checkout is slow" in said


def before_its_write(room: Room, then: Callable[[], None]) -> None:
    """Once, right before the branch gets the commit with the page, somebody does something."""
    done: list[bool] = []

    def look(method: str, where: str) -> bool:
        if method == "PATCH" and where.endswith("/git/refs/heads/main") and not done:
            done.append(True)
            then()
        return False

    room.hub.faults.add("gone", look)


def test_two_jobs_at_once_end_with_both_at_every_request(closed: Room, proof: Proof) -> None:
    """The second merge and its whole job come between any two requests of the first one's job."""
    first = closed.number
    second = over(closed, "Checkout is slow")
    merge(closed, first)
    before = closed.hub.snapshot()

    def other(room: Room) -> None:
        merge(room, second)
        room.sweep()
        room.number = first

    with meanwhile(closed, MANY, other) as seen:
        closed.sweep()
    for at in proof(range(seen[0]), 5):
        closed.hub.restore(before)
        closed.pending = []
        with meanwhile(closed, at, other):
            closed.sweep()
        said = index(closed)
        assert "## All 2 reports" in said, at
        assert said.count("Login is broken") == said.count("Checkout is slow") == 1, at


def test_somebody_is_quicker_and_the_index_has_both(closed: Room) -> None:
    """Another run of ours writes the page between our looking and our writing; so does a person."""
    first = closed.number
    second = over(closed, "Checkout is slow")
    merge(closed, first)
    closed.number = second

    def meanwhile() -> None:
        merge(closed, second)
        closed.people["bob"].push_file(
            "main", INDEX, f"# Ours\n\nHello.\n\n{BEGIN}\n\nold\n\n{END}\n\nBye.\n"
        )

    before_its_write(closed, meanwhile)
    closed.number = first
    closed.sweep()
    said = index(closed)
    assert said.startswith("# Ours\n\nHello.\n\n")
    assert said.endswith("\n\nBye.\n")
    assert "Login is broken" in said
    assert "Checkout is slow" in said


def test_a_branch_that_github_still_shows_as_it_was_is_looked_at_again(closed: Room) -> None:
    """Somebody was quicker, and reads are late: that is no protected branch, and nobody needs a proposal."""
    front, late = closed.hub.front, list[RawReply]()
    answer = front.answer

    def as_it_was(raw: RawRequest) -> RawReply:
        """The second look at the branch gets the answer of the first."""
        reply = answer(raw)
        if raw.method == "GET" and raw.path.endswith("/git/ref/heads/main"):
            late.append(reply)
            return late[0] if len(late) == 2 else reply
        return reply

    merge(closed, closed.number)
    before_its_write(closed, lambda: quicker(closed))
    front.answer = as_it_was  # type: ignore[method-assign]  # the way in, as one waits at it
    closed.write_up()
    front.answer = answer  # type: ignore[method-assign]  # the way in as it was
    assert len(late) == 3
    assert proposals(closed) == []
    assert index(closed).startswith("# Ours\n")
    assert "Login is broken" in index(closed)


@pytest.mark.parametrize("times", [1, 10])
def test_a_branch_that_is_not_moved_for_no_reason_is_tried_again_and_proposed_if_it_stays_so(
    closed: Room, times: int
) -> None:
    """ "Reference update failed" is said at random, and of branches with rules."""
    front = closed.hub.front
    answer, refused = front.answer, list[RawReply]()

    def at_random(raw: RawRequest) -> RawReply:
        moves = raw.method == "PATCH" and raw.path.endswith("/git/refs/heads/main")
        if not moves or len(refused) == times:
            return answer(raw)
        refused.append(RawReply(422, {}, b'{"message": "Reference update failed"}'))
        return refused[-1]

    merge(closed, closed.number)
    front.answer = at_random  # type: ignore[method-assign]  # the way in, as one waits at it
    closed.write_up()
    front.answer = answer  # type: ignore[method-assign]  # the way in as it was
    assert len(refused) == min(times, 2)
    assert len(proposals(closed)) == (times > 1)
    assert ("Login is broken" in index(closed)) == (times == 1)


def quicker(room: Room) -> None:
    room.people["bob"].push_file("main", INDEX, "# Ours\n")


def test_what_people_write_around_it_stays(closed: Room) -> None:
    closed.repo.put_file(INDEX, "# Our reports\n\nRead them.\n")
    merge(closed, closed.number)
    closed.sweep()
    assert index(closed).startswith(f"# Our reports\n\nRead them.\n\n{BEGIN}\n")
    edited = index(closed).replace("Read them.", "Read them all.") + "\nThe end.\n"
    closed.people["bob"].push_file("main", INDEX, edited)
    over(closed, "Checkout is slow")
    merge(closed, closed.number)
    closed.sweep()
    assert "Read them all." in index(closed)
    assert index(closed).endswith("\nThe end.\n")
    assert "Checkout is slow" in index(closed)


def test_old_and_wrong_reports_are_listed_and_left_as_they_are(closed: Room) -> None:
    foreign = {
        f"{FOLDER}/2023-05-05-wiki.md": "# The day that the wiki broke\n",
        f"{FOLDER}/2024-01-15-old.md": text(issue=None, repository=None, id="INC-2024-001", title="Old one"),
        f"{FOLDER}/2024-02-15-wrong.md": "---\ntitle: a: b\n---\n",
    }
    for path, content in foreign.items():
        closed.repo.put_file(path, content)
    merge(closed, closed.number)
    closed.sweep()
    said = index(closed)
    assert "The day that the wiki broke](./2023-05-05-wiki.md) |  | not counted: no front matter" in said
    assert "[Old one](./2024-01-15-old.md) | P1 | resolved, written by hand" in said
    assert "- [2024-02-15-wrong.md, line 2](./2024-02-15-wrong.md?plain=1#L2): The front matter" in said
    assert {path: closed.repo.file(path) for path in foreign} == foreign


def test_what_the_checkout_has_is_not_asked_of_github(closed: Room) -> None:
    for number in range(5):
        name = f"{FOLDER}/2024-01-1{number}-old.md"
        content = text(issue=100 + number, title=f"Old {number}")
        closed.repo.put_file(name, content)
        if number != 3:
            (closed.root / FOLDER).mkdir(parents=True, exist_ok=True)
            (closed.root / name).write_text(content, encoding="utf-8")
    merge(closed, closed.number)
    before = len(closed.hub.requests)
    closed.sweep()
    asked = [one for one in closed.hub.requests[before:] if "/git/blobs/" in one.path]
    assert len(asked) == 2  # the one that is not there, and the merged one
    assert "## All 6 reports" in index(closed)


def proposals(room: Room) -> list[tuple[str, str]]:
    return [(one.head, one.state) for one in room.repo.pulls() if one.title == MESSAGE]


def test_a_protected_branch_gets_one_pull_request_that_follows(closed: Room) -> None:
    closed.repo.put_file(INDEX, "# Ours\n")
    closed.repo.protect("main")
    merge(closed, closed.number)
    closed.sweep()
    ((branch, state),) = proposals(closed)
    assert (branch[: len(BRANCH)], state) == (BRANCH, "open")
    assert index(closed) == "# Ours\n"
    assert "Login is broken" in (closed.repo.file(INDEX, branch) or "")
    over(closed, "Checkout is slow")
    merge(closed, closed.number)
    closed.people["bob"].push_file(branch, INDEX, (closed.repo.file(INDEX, branch) or "") + "\nThe end.\n")
    closed.sweep()
    assert proposals(closed) == [(branch, "open")]
    there = closed.repo.file(INDEX, branch) or ""
    assert "Checkout is slow" in there
    assert there.startswith("# Ours\n")
    assert there.endswith("\nThe end.\n")
    tip = closed.repo.branches()[branch]
    assert closed.repo.statuses(tip)[CONTEXT].description == "Brings no post-mortem."
    assert closed.repo.statuses(tip)[CONTEXT].state == "success"
    closed.write_up()
    assert closed.repo.branches()[branch] == tip
    assert "so people merge it" in "\n".join(closed.printed)


def test_a_pull_request_that_people_close_is_not_opened_again_for_the_same_reports(closed: Room) -> None:
    closed.repo.protect("main")
    merge(closed, closed.number)
    closed.sweep()
    (pull,) = [one.number for one in closed.repo.pulls() if one.title == MESSAGE]
    closed.people["bob"].close_pull(pull)
    closed.write_up()
    assert [state for _, state in proposals(closed)] == ["closed"]
    over(closed, "Checkout is slow")
    merge(closed, closed.number)
    closed.sweep()
    assert [state for _, state in proposals(closed)] == ["closed", "open"]


def test_a_merged_pull_request_of_the_index_is_the_end_of_it(closed: Room) -> None:
    closed.repo.protect("main")
    merge(closed, closed.number)
    closed.sweep()
    (pull,) = [one.number for one in closed.repo.pulls() if one.title == MESSAGE]
    closed.people["bob"].merge_pull(pull, "squash")
    assert "Login is broken" in index(closed)
    closed.write_up()
    assert [state for _, state in proposals(closed)] == ["closed"]


def test_an_index_that_could_not_be_written_comes_with_the_next_post_mortem(closed: Room) -> None:
    closed.permissions = {"contents": "read"}
    merge(closed, closed.number)
    closed.sweep()
    assert index(closed) == ""
    assert "::warning::The index of the post-mortems is not renewed." in "\n".join(closed.printed)
    closed.permissions = {}
    over(closed, "Checkout is slow")
    assert "Login is broken" in index(closed)


@pytest.mark.parametrize("kind", ["error_before", "drop_after"])
@pytest.mark.parametrize("protected", [False, True], ids=["a commit", "a pull request"])
def test_a_job_that_ends_at_any_request_is_finished_by_the_next(
    closed: Room, kind: Kind, proof: Proof, *, protected: bool
) -> None:
    if protected:
        closed.repo.protect("main")
    merge(closed, closed.number)
    closed.repo.put_file(f"{FOLDER}/2024-01-15-old.md", text(issue=7, title="Old one"))
    before = closed.hub.snapshot()
    with meanwhile(closed, MANY, Room.sweep) as seen:
        closed.write_up()
    wanted = (commits(closed), len(closed.repo.pulls()))
    for at in proof(range(1, seen[0] + 1), 4):
        closed.hub.restore(before)
        closed.hub.faults.add(kind, nth=at, times=3)
        closed.write_up()
        closed.hub.faults.clear()
        closed.write_up()
        said = [closed.repo.file(INDEX, one.head) for one in closed.repo.pulls() if one.title == MESSAGE]
        assert "Old one" in ((said[-1] if protected else index(closed)) or ""), at
        assert (commits(closed), len(closed.repo.pulls())) == wanted, at
