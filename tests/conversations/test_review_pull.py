"""What people do to the pull request of a post-mortem, and to its branch: the review follows."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

import pytest

from allclear.core.postmortem.verdict import CONTEXT, MARK
from conversations.review_room import GREEN, PATH, branch, comment, head, pull, push, status, text_of
from conversations.room import Room, minutes
from core.postmortem.defects import below, swap
from core.postmortem.mending import mended
from proof.test_two_at_once import MANY, meanwhile
from sampling import Proof

TO_DO = below("Resolution", "TODO: link the change")


def sweep(room: Room, after: float = minutes(10)) -> None:
    room.clock.advance(after)
    assert room.sweep() == 0


def published(room: Room) -> bool:
    return room.incident.reached("published") is not None


def state_at(room: Room, commit: str) -> str:
    told = room.repo.statuses(commit)
    return told[CONTEXT].state if CONTEXT in told else ""


def review(room: Room) -> str:
    return room.says("cat", "/review").replace("\\", "").replace("\u2060", "")


# -- states


def test_each_state_stands_in_status_comment_and_review(green: Room) -> None:
    good = text_of(green)
    push(green, TO_DO(good))
    assert status(green)[0] == "failure"
    assert "### 1 to mend before this post-mortem can be published" in comment(green)
    assert "is a **draft**, 1 to mend" in review(green)
    push(green, good)
    assert status(green) == GREEN
    assert "### Nothing holds the publication" in comment(green)
    assert "is **in review**" in review(green)
    assert "may be merged" in review(green)
    green.people["ann"].merge_pull(pull(green))
    sweep(green)
    assert "is **published**" in review(green)
    assert status(green) == ("success", "The post-mortem is published.")


# -- merges


@pytest.mark.parametrize("method", ["merge", "squash", "rebase"])
@pytest.mark.parametrize("branch_goes", [False, True], ids=["the branch stays", "the branch goes"])
def test_green_and_merged_it_is_published_however_it_is_merged(
    green: Room, method: str, *, branch_goes: bool
) -> None:
    name = branch(green)
    green.people["ann"].merge_pull(pull(green), method)
    if branch_goes:
        green.people["ann"].delete_branch(name)
    sweep(green)
    assert published(green)
    before = len(green.replies)
    sweep(green)
    assert len(green.replies) == before
    assert len([one for one in green.repo.pulls() if one.head.startswith("allclear/postmortem-")]) == 1


@pytest.mark.parametrize("method", ["merge", "squash", "rebase"])
def test_red_and_merged_it_is_held_until_it_is_mended_where_it_stands(green: Room, method: str) -> None:
    name = branch(green)
    push(green, TO_DO(text_of(green)))
    green.people["ann"].merge_pull(pull(green), method)
    green.people["ann"].delete_branch(name)
    sweep(green)
    assert not published(green)
    assert "**not published**: 1 thing to mend" in green.replies[-1].body
    assert "is a **draft**, 1 to mend" in review(green)
    green.people["bob"].push_file("main", PATH, (green.repo.file(PATH) or "").replace("TODO: l", "L"))
    sweep(green)
    assert published(green)


def test_a_branch_that_is_restored_after_the_merge_starts_nothing_anew(green: Room) -> None:
    name, tip = branch(green), head(green)
    green.people["ann"].merge_pull(pull(green), "squash")
    green.people["ann"].delete_branch(name)
    sweep(green)
    green.people["bob"].push_commit(tip, name)
    green.people["bob"].push_file(name, PATH, TO_DO(green.repo.file(PATH, name) or ""))
    green.deliver()
    sweep(green)
    assert published(green)
    assert [one.state for one in green.repo.pulls() if one.head.startswith("allclear/postmortem-")] == [
        "closed"
    ]
    assert "TODO" not in (green.repo.file(PATH) or "")


# -- closed, reopened, deleted


def test_closed_and_reopened_it_is_looked_at_again_with_what_came_meanwhile(green: Room) -> None:
    number, name = pull(green), branch(green)
    green.people["ann"].close_pull(number)
    green.deliver()
    green.people["bob"].push_file(name, PATH, TO_DO(text_of(green)))
    green.deliver()
    sweep(green)
    assert state_at(green, head(green)) == ""
    green.people["ann"].reopen_pull(number)
    green.deliver()
    assert status(green)[0] == "failure"
    assert "TODO" in comment(green)


def test_closed_for_good_the_next_one_has_what_people_wrote(green: Room) -> None:
    first = pull(green)
    green.people["ann"].close_pull(first)
    green.says("bob", "/note 14:30 the pool was larger before")
    green.says("bob", "/postmortem")
    assert pull(green) != first
    assert "The pool was sized for half of the people who used it." in text_of(green)
    assert status(green) == GREEN
    green.people["ann"].merge_pull(pull(green))
    sweep(green)
    assert published(green)


def test_a_branch_deleted_while_it_is_open_loses_nothing(green: Room) -> None:
    first, name = pull(green), branch(green)
    green.people["ann"].delete_branch(name)
    green.deliver()
    sweep(green)
    assert green.repo.pull(first).state == "closed"
    green.says("bob", "/postmortem")
    green.says("bob", "/note 14:30 the pool was larger before")
    green.says("bob", "/postmortem")
    assert pull(green) != first
    assert "The pool was sized for half of the people who used it." in text_of(green)
    assert status(green) == GREEN


def test_a_branch_deleted_and_restored_is_reopened_and_looked_at(green: Room) -> None:
    number, name, tip = pull(green), branch(green), head(green)
    green.people["ann"].delete_branch(name)
    green.people["ann"].push_commit(tip, name)
    green.people["ann"].reopen_pull(number)
    green.deliver()
    assert status(green) == GREEN
    push(green, TO_DO(text_of(green)))
    assert status(green)[0] == "failure"


# -- the branch's history


def test_a_rebased_branch_without_our_commits_is_looked_at_and_nothing_is_forced_back(green: Room) -> None:
    name, good = branch(green), text_of(green)
    green.people["bob"].push_file("rebased", PATH, TO_DO(good), message="One commit")
    tip = green.repo.branches()["rebased"]
    green.people["bob"].push_commit(tip, name)
    green.deliver()
    assert head(green) == tip
    assert status(green)[0] == "failure"
    green.says("bob", "/action @bob due:2025-11-03 alert on the pool")
    green.says("bob", "/postmortem")
    assert "alert on the pool" in text_of(green)
    assert "TODO: link the change" in text_of(green)
    assert status(green)[0] == "failure"
    assert len(green.repo.pulls()) == 1


def test_renamed_on_its_branch_it_is_found_by_all_that_look_at_it(green: Room) -> None:
    other = "reports/incidents/2025-10-19-sign-in.md"
    green.people["bob"].push_file(branch(green), other, TO_DO(text_of(green)))
    green.people["bob"].delete_file(branch(green), PATH)
    green.deliver()
    assert status(green)[0] == "failure"
    assert f"blob/{head(green)}/{other}?plain=1#L" in comment(green)
    assert f"blob/{head(green)}/{other}?plain=1#L" in review(green)
    green.says("bob", "/note 14:30 the pool was larger before")
    green.says("bob", "/postmortem")
    assert "the pool was larger before" in (green.repo.file(other, branch(green)) or "")
    assert green.repo.file(PATH, branch(green)) is None


def test_moved_into_a_folder_of_its_year_it_stays_a_post_mortem(green: Room) -> None:
    other = "reports/incidents/2025/login.md"
    green.people["bob"].push_file(branch(green), other, text_of(green))
    green.people["bob"].delete_file(branch(green), PATH)
    green.deliver()
    assert status(green) == GREEN
    green.people["ann"].merge_pull(pull(green), "squash")
    sweep(green)
    assert published(green)
    assert "(./2025/login.md)" in (green.repo.file("reports/incidents/README.md") or "")


def test_moved_into_a_folder_of_notes_before_the_merge_it_is_no_post_mortem_any_more(green: Room) -> None:
    """Review, index and report agree on what a post-mortem is."""
    other = "reports/incidents/notes/login.md"
    good = text_of(green)
    green.people["bob"].push_file(branch(green), other, good)
    green.people["bob"].delete_file(branch(green), PATH)
    green.deliver()
    assert status(green)[0] == "failure"
    assert f"{PATH} is not there any more." in comment(green)
    push(green, good)
    assert status(green) == GREEN


def test_moved_on_the_default_branch_it_is_still_the_post_mortem(green: Room) -> None:
    push(green, TO_DO(text_of(green)))
    green.people["ann"].merge_pull(pull(green), "squash")
    sweep(green)
    assert not published(green)
    other = "reports/incidents/2025/login.md"
    text = (green.repo.file(PATH) or "").replace("TODO: l", "L")
    green.people["bob"].push_file("moves", other, text)
    green.people["bob"].delete_file("moves", PATH)
    number = green.people["bob"].open_pull("Move", "moves")
    green.deliver()
    green.people["ann"].merge_pull(number, "squash")
    sweep(green)
    assert published(green)
    green.says("bob", "/postmortem")
    assert "/2025/login.md" in green.incident.postmortem.path
    assert green.repo.file(PATH, branch(green)) is None
    assert "The pool was sized for half of the people" in (green.repo.file(other, branch(green)) or "")


# -- the pull request itself


def test_another_base_a_draft_and_another_title_leave_it_as_it_is(green: Room) -> None:
    number = pull(green)
    green.people["bob"].push_file("next", "next.md", "Next\n")
    ann = green.people["ann"]
    acts: list[Callable[[], None]] = [
        lambda: ann.edit_pull(number, base="next"),
        lambda: ann.edit_pull(number, base="main"),
        lambda: ann.convert_to_draft(number),
        lambda: ann.ready(number),
        lambda: ann.edit_pull(number, title="Ours"),
    ]
    for act in acts:
        act()
        green.deliver()
        assert status(green) == GREEN
        assert "Nothing holds" in comment(green)
    green.says("bob", "/note 14:30 the pool was larger before")
    green.says("bob", "/postmortem")
    assert green.repo.pull(number).title == "Ours"
    assert len(green.repo.pulls()) == 1


def test_ready_for_review_is_looked_at_where_its_push_was_not(green: Room) -> None:
    number = pull(green)
    green.people["ann"].convert_to_draft(number)
    green.people["bob"].push_file(branch(green), PATH, TO_DO(text_of(green)))
    green.delivered = len(green.hub.deliveries)
    green.people["ann"].ready(number)
    green.deliver()
    assert status(green)[0] == "failure"


def test_merged_into_another_branch_it_is_not_published_before_it_is_on_the_default_branch(
    green: Room,
) -> None:
    number = pull(green)
    green.people["bob"].push_file("next", "next.md", "Next\n")
    green.people["ann"].edit_pull(number, base="next")
    green.deliver()
    green.people["ann"].merge_pull(number)
    sweep(green)
    assert not published(green)
    assert "is not there any more" in green.replies[-1].body
    green.people["ann"].merge_pull(green.people["ann"].open_pull("Release", "next"))
    sweep(green)
    assert published(green)


def test_a_second_pull_request_that_edits_what_is_published_unpublishes_nothing(green: Room) -> None:
    green.people["ann"].merge_pull(pull(green), "squash")
    sweep(green)
    text = green.repo.file(PATH) or ""
    green.people["bob"].push_file("patch-1", PATH, TO_DO(text))
    number = green.people["bob"].open_pull("More", "patch-1")
    green.deliver()
    assert state_at(green, green.repo.branches()["patch-1"]) == "failure"
    green.people["ann"].merge_pull(number, "squash")
    before = len(green.replies)
    sweep(green)
    assert published(green)
    assert len(green.replies) == before


def test_a_pull_request_that_deletes_what_was_held_leaves_it_held(green: Room) -> None:
    push(green, TO_DO(text_of(green)))
    green.people["ann"].merge_pull(pull(green), "squash")
    sweep(green)
    green.people["bob"].push_file("gone", "notes.md", "Elsewhere")
    green.people["bob"].delete_file("gone", PATH)
    number = green.people["bob"].open_pull("Delete", "gone")
    green.deliver()
    assert green.printed[-1] == f"Pull request {number} brings no post-mortem."
    green.people["ann"].merge_pull(number, "squash")
    sweep(green)
    assert not published(green)
    assert "is not there any more" in green.replies[-1].body
    assert "Bring the file back" in green.replies[-1].body


# -- the record and people, at the same time


def test_what_people_write_and_what_the_record_says_meet_on_the_branch(green: Room) -> None:
    mine = "The pool was sized for the users of 2023."
    push(green, text_of(green).replace("\nthe pool is too small", f"\n{mine}", 1))
    push(green, text_of(green).replace("## Resolution\n", "## Resolution\n\nCat saw it first.\n", 1))
    for text in (
        "/note 14:30 the vendor called",
        "/action @bob due:2025-11-03 alert on it",
        "/time started 13:50",
    ):
        green.says("bob", text)
        green.says("bob", "/postmortem")
    there = text_of(green)
    assert mine in there
    assert "Cat saw it first." in there
    assert "the vendor called" in there
    assert "alert on it" in there
    assert "started_at: '2025-10-19T13:50:00Z'" in there
    assert status(green) == GREEN
    green.says("bob", "/undo")
    green.says("bob", "/postmortem")
    assert "started_at: '2025-10-19T14:02:00Z'" in text_of(green)
    assert mine in text_of(green)
    assert status(green) == GREEN


def test_what_is_corrected_on_the_issue_is_not_green_on_the_branch_until_it_is_there(green: Room) -> None:
    """Status, comment and record agree, whichever of them was last."""
    green.says("bob", "/time started 13:50")
    sweep(green)
    assert status(green)[0] == "failure"
    assert "started_at is 2025-10-19T14:02:00Z here, and the issue says 2025-10-19T13:50:00Z" in comment(
        green
    )
    looks = len([one for one in green.printed if one.startswith("Pull request")])
    sweep(green)
    assert len([one for one in green.printed if one.startswith("Pull request")]) == looks
    green.says("bob", "/undo")
    sweep(green)
    assert status(green) == GREEN
    green.says("bob", "/time started 13:50")
    green.says("bob", "/postmortem")
    assert status(green) == GREEN


def test_reopened_while_somebody_writes_the_same_section_both_stand_there(green: Room) -> None:
    mine = "The pool was sized for the users of 2023."
    push(green, text_of(green).replace("\nthe pool is too small", f"\n{mine}", 1))
    green.says("bob", "/reopen it is back")
    push(green, text_of(green).replace(mine, f"{mine} And for half of the machines."))
    green.says("bob", "/finding the cache was cold as well")
    green.says("bob", "/status monitoring warmed the cache")
    green.says("ann", "/check verification")
    green.says("bob", "/resolve warmed the cache", after=minutes(30))
    green.says("ann", "/all-clear")
    green.says("ann", "/postmortem")
    there = text_of(green)
    assert f"{mine} And for half of the machines." in there
    assert "the cache was cold as well" in there
    assert len(green.repo.pulls()) == 1
    state, words = status(green)
    said = review(green)
    count = int(words.split(" ", 1)[0]) if state == "failure" else 0
    assert ("is a **draft**" in said) is (state == "failure")
    assert not count or f"{count} to mend" in said
    push(green, mended(there, green.runbook))
    assert status(green) == GREEN


# -- several runs at once


def test_the_run_of_an_older_push_that_comes_last_says_what_the_newest_head_has(green: Room) -> None:
    good = text_of(green)
    green.people["bob"].push_file(branch(green), PATH, TO_DO(good))
    green.people["bob"].push_file(branch(green), PATH, good)
    older, newer = green.hub.deliveries[-3:], green.hub.deliveries[green.delivered :]
    runs = [one for one in newer if one.event == "pull_request"]
    assert len(runs) == 2
    assert older
    for one in reversed(runs):
        green.receive(one)
    green.delivered = len(green.hub.deliveries)
    assert status(green) == GREEN
    assert "Nothing holds" in comment(green)


ACTS: dict[str, Callable[[Room], object]] = {
    "a push": lambda room: room.deliver(),
    "a sweep": Room.sweep,
    "a write-up": Room.write_up,
}


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("worse", [True, False], ids=["then red", "then green"])
def test_a_push_at_any_request_of_a_run_ends_with_what_the_newest_head_has(
    green: Room, act: str, proof: Proof, *, worse: bool
) -> None:
    """The newer push and its whole run come between any two requests of the other run."""
    good = text_of(green)
    texts = (good, TO_DO(good)) if worse else (TO_DO(good), good)
    green.people["bob"].push_file(branch(green), PATH, f"{texts[0]}\n")
    if act != "a push":
        green.delivered = len(green.hub.deliveries)
    before, heard = green.hub.snapshot(), green.delivered
    name = branch(green)
    commits: list[str] = []

    def newer(room: Room) -> None:
        begun = len(room.hub.deliveries)
        commits.append(room.people["bob"].push_file(name, PATH, texts[1]))
        for one in room.hub.deliveries[begun:]:
            if one.event == "pull_request":
                room.receive(one)

    with meanwhile(green, MANY, newer) as seen:
        ACTS[act](green)
    for at in proof(range(1, seen[0]), 4):
        green.hub.restore(before)
        green.delivered, green.pending = heard, []
        with meanwhile(green, at, newer):
            ACTS[act](green)
        tip = green.repo.branches()[name]
        assert state_at(green, tip) == ("failure" if worse else "success"), at
        assert ("TODO" in comment(green)) is worse, at
        assert state_at(green, commits[-1]) == ("failure" if worse else "success"), at


def test_the_status_goes_to_the_commit_that_was_looked_at(green: Room) -> None:
    good, number = text_of(green), pull(green)
    red = green.people["bob"].push_file(branch(green), PATH, TO_DO(good))
    done: list[str] = []

    def look(method: str, path: str) -> bool:
        if method == "POST" and "/statuses/" in path and not done:
            done.append(path.rpartition("/")[2])
            green.people["bob"].push_file(branch(green), PATH, good)
        return False

    green.hub.faults.add("gone", look)
    runs = [one for one in green.hub.deliveries[green.delivered :] if one.event == "pull_request"]
    green.receive(runs[0])
    assert done == [red]
    assert state_at(green, red) == "failure"
    assert head(green) != red
    assert status(green) == GREEN
    assert "Nothing holds" in comment(green)
    assert number == pull(green)


def ours(room: Room) -> list[str]:
    said = room.repo.issue(pull(room)).comments
    return [one.body for one in said if one.author == "github-actions[bot]" and one.body.startswith(MARK)]


def test_two_runs_that_look_for_the_first_time_at_once_leave_one_comment(room: Room, proof: Proof) -> None:
    """The sweep comes between any two requests of the job that opens the pull request."""
    room.opens("ann", "[INCIDENT P3] Login is broken", labels=("incident", "P3"))
    room.says("bob", "/resolve larger pool", after=minutes(45))
    room.writes("ann", "/postmortem")
    before = room.hub.snapshot()
    with meanwhile(room, MANY, Room.sweep) as seen:
        room.write_up()
    for at in proof(range(1, seen[0]), 8):
        room.hub.restore(before)
        room.pending = []
        with meanwhile(room, at, Room.sweep):
            room.write_up()
        sweep(room)
        assert len(ours(room)) == 1, at
        assert status(room)[0] == "failure", at


@pytest.mark.parametrize("applied", [True, False])
def test_a_look_that_ends_at_any_request_is_made_up_for_by_the_sweep(
    green: Room, proof: Proof, *, applied: bool
) -> None:
    green.people["bob"].push_file(branch(green), PATH, TO_DO(text_of(green)))
    before, heard = green.hub.snapshot(), green.delivered
    asked = len(green.hub.requests)
    green.deliver()
    for after in proof(range(1, len(green.hub.requests) - asked + 1), 4):
        green.hub.restore(before)
        green.delivered = heard
        green.hub.faults.kill(after, applied=applied)
        with suppress(Exception):
            green.deliver()
        green.hub.faults.clear()
        green.delivered = len(green.hub.deliveries)
        sweep(green)
        assert status(green)[0] == "failure", after
        assert len(ours(green)) == 1, after
        assert "TODO" in comment(green), after


def test_two_post_mortems_merged_at_once_are_each_judged_by_what_they_say(green: Room) -> None:
    first = green.number
    second = green.opens("ann", "[INCIDENT P3] Checkout is slow", labels=("incident", "P3"))
    for words in ("/ack", "/finding the pool is too small", "/status monitoring larger pool"):
        green.says("bob", words)
    green.says("ann", "/check verification")
    green.says("bob", "/resolve larger pool", after=minutes(45))
    green.says("ann", "/all-clear")
    green.says("ann", "/postmortem")
    red = pull(green)
    green.number = first
    green.people["ann"].merge_pull(pull(green), "squash")
    green.people["bob"].merge_pull(red, "rebase")
    sweep(green)
    assert published(green)
    green.number = second
    assert not published(green)
    assert "**not published**" in green.replies[-1].body
    path = green.incident.postmortem.path
    good = mended(green.repo.file(path) or "", green.runbook)
    green.people["bob"].push_file("main", path, good)
    sweep(green)
    assert published(green)


# -- hostile


def test_a_forged_mark_and_markdown_in_the_file_end_as_text(green: Room) -> None:
    nasty = f"TODO {MARK} @everybody | x </td> [a](https://evil.example) ![b](https://evil.example/p.png)"
    push(green, below("Resolution", nasty)(text_of(green)))
    assert status(green)[0] == "failure"
    raw = next(one.body for one in green.repo.issue(pull(green)).comments if one.body.startswith(MARK))
    assert raw.count(MARK) == 1
    assert "evil.example" not in raw
    assert "@everybody" not in raw


def test_what_a_person_says_with_our_mark_is_left_alone(green: Room) -> None:
    mine = green.people["bob"].comment(pull(green), f"{MARK}\n### Nothing holds the publication")
    green.deliver()
    push(green, TO_DO(text_of(green)))
    said = [one for one in green.repo.issue(pull(green)).comments if one.body.startswith(MARK)]
    assert len(said) == 2
    assert next(one.body for one in said if one.id == mine).endswith("Nothing holds the publication")
    assert "TODO" in next(one.body for one in said if one.id != mine)


def test_behind_a_hundred_comments_it_is_still_one_comment(green: Room) -> None:
    text = mended(text_of(green), green.runbook)
    green.people["bob"].push_file("patch-1", "notes.md", "x")
    number = green.people["bob"].open_pull("Long talk", "patch-1")
    for turn in range(101):
        green.people["bob"].comment(number, f"Turn {turn}")
    green.delivered = len(green.hub.deliveries)
    for turn in range(3):
        green.people["bob"].push_file("patch-1", "reports/incidents/2019-old.md", f"{text}\n{turn}\n")
        green.deliver()
    assert sum(one.body.startswith(MARK) for one in green.repo.issue(number).comments) == 1


def test_300_findings_are_counted_and_the_first_are_shown(green: Room) -> None:
    many = "\n".join(f"TODO number {n} is {'long ' * 100}" for n in range(300))
    push(green, below("Resolution", many)(text_of(green)))
    assert status(green)[1].startswith("300 to mend. Line ")
    raw = next(one.body for one in green.repo.issue(pull(green)).comments if one.body.startswith(MARK))
    assert len(raw) < 65_536
    assert "240 more" in raw
    assert len([one for one in green.printed if one.startswith("::warning")]) <= 300


@pytest.mark.parametrize(
    "kind", ["a link to nothing", "a link outside", "a submodule", "a binary", "a folder"]
)
def test_what_is_no_text_is_red_and_breaks_nothing(green: Room, kind: str) -> None:
    bob, name = green.people["bob"], branch(green)
    bob.delete_file(name, PATH)
    if kind == "a submodule":
        bob.push_submodule(name, PATH, "ab" * 20)
    elif kind == "a binary":
        bob.push_bytes(name, PATH, b"\x89PNG\r\n\x1a\n\0\0\xff\xfe" * 20)
    elif kind == "a folder":
        bob.push_file(name, f"{PATH}/inside.md", "x")
    else:
        bob.push_link(name, PATH, "nothing.md" if kind == "a link to nothing" else "/proc/self/environ")
    green.deliver()
    sweep(green)
    assert status(green)[0] == "failure"
    assert set(green.codes) == {0}
    assert "to mend" in review(green) or "Try again" in review(green)


def test_bytes_that_are_no_text_are_quoted_as_text(green: Room) -> None:
    """In comment and status, on the issue, and in the log, which is UTF-8."""
    text = below("Contributing Factors", "_What @ made it?_")(text_of(green)).encode()
    odd = text.replace(b"What @", b"What \xff\xfe\xed\xa0\x80 @")
    green.people["bob"].push_bytes(branch(green), PATH, odd)
    green.deliver()
    assert status(green)[0] == "failure"
    assert "What" in comment(green)
    assert "What" in review(green)
    for told in (comment(green), status(green)[1], review(green), *green.printed):
        assert told.encode()
    green.says("bob", "/note 14:30 the pool was larger before")
    green.says("bob", "/postmortem")
    assert set(green.codes) == {0}


def test_a_link_to_a_file_of_the_repository_is_read_as_that_file(green: Room) -> None:
    bob, name = green.people["bob"], branch(green)
    bob.push_file(name, "docs/login.md", TO_DO(text_of(green)))
    bob.delete_file(name, PATH)
    bob.push_link(name, PATH, "../../docs/login.md")
    green.deliver()
    assert status(green)[0] == "failure"
    assert "TODO" in comment(green)


def test_a_path_with_quotes_is_shown_and_annotated_as_it_is(green: Room) -> None:
    odd = 'reports/incidents/it\'s "bad", 100% <b> | `x`: y.md'
    green.people["bob"].push_file(branch(green), odd, TO_DO(text_of(green)))
    green.people["bob"].delete_file(branch(green), PATH)
    green.deliver()
    assert status(green)[0] == "failure"
    (line,) = {one for one in green.printed if one.startswith("::warning file=")}
    assert line.startswith('::warning file=reports/incidents/it\'s "bad"%2C 100%25 <b> | `x`%3A y.md,line=')
    assert "%22bad%22" in comment(green)
    assert "TODO" in review(green)


def test_a_fork_with_the_name_of_our_branch_starts_nothing_and_is_taken_for_nothing(green: Room) -> None:
    name = branch(green)
    green.people["ann"].close_pull(pull(green))
    other = green.hub.create_repository("mallory/shop")
    number = green.people["bob"].open_pull("Mine", name)
    green.repo.pretend_fork(number, other)
    green.delivered = len(green.hub.deliveries)
    green.people["bob"].push_file(name, PATH, TO_DO(text_of(green)))
    green.deliver()
    sweep(green)
    assert not any(one.startswith("Pull request") for one in green.printed)
    assert CONTEXT not in green.repo.statuses(green.repo.branches()[name])
    assert pull(green) != number


def test_a_severity_of_another_report_is_no_way_around_the_record(green: Room) -> None:
    push(green, swap("^severity: P3$", "severity: P0")(text_of(green)))
    assert status(green)[0] == "failure"
    assert "is P0 here, and the issue says P3" in comment(green)
