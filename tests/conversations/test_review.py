"""The pull request of a post-mortem says what is left to write, and follows what people write."""

from __future__ import annotations

import pytest

from allclear.core.postmortem.verdict import CONTEXT, MARK
from conversations.room import Room, minutes
from core.postmortem.defects import below

PATH = "reports/incidents/2025-10-19-login-is-broken.md"


@pytest.fixture
def closed(room: Room) -> Room:
    """An incident that is over; its post-mortem waits in a pull request."""
    room.opens("ann", "[INCIDENT P3] Login is broken", labels=("incident", "P3"))
    for text in ("/ack", "/finding the pool is too small", "/status monitoring larger pool"):
        room.says("bob", text)
    room.says("ann", "/check verification")
    room.says("bob", "/resolve larger pool", after=minutes(45))
    room.says("ann", "/all-clear")
    room.says("ann", "/postmortem")
    return room


def pull(room: Room) -> int:
    number = room.incident.postmortem.pull
    assert number is not None
    return number


def comments(room: Room) -> list[str]:
    return [one.body for one in room.repo.issue(pull(room)).comments if one.body.startswith(MARK)]


def head(room: Room) -> str:
    return room.repo.branches()[room.incident.postmortem.branch]


def status(room: Room) -> tuple[str, str]:
    told = room.repo.statuses(head(room))[CONTEXT]
    return told.state, told.description or ""


def answer(text: str) -> str:
    """The draft with a word of people in the place of each question."""
    lines = [line for line in text.split("\n") if not (line.strip("1234. ").startswith("_") and "?" in line)]
    text = "\n".join(line for line in lines if "No action items yet" not in line)
    text = below("Contributing Factors", "The pool was sized for half the users.")(text)
    text = below("Lessons Learned", "The alert was early.")(text)
    text = below("Prevention", "- [ ] Alert on the pool (owner: bob, due: 2025-12-01)")(text)
    return f"{text}\n- Runbooks: no change, because none is about the pool.\n"


def test_a_draft_is_held_up_and_says_what_is_left_line_by_line(closed: Room) -> None:
    state, words = status(closed)
    assert state == "failure"
    assert words.startswith("5 to mend. Line ")
    (comment,) = comments(closed)
    assert f"https://github.com/acme/shop/blob/{head(closed)}/{PATH}?plain=1#L" in comment
    assert "What went well?" in comment


def test_what_people_write_is_looked_at_again_in_the_same_comment(closed: Room) -> None:
    before = comments(closed)
    branch = closed.incident.postmortem.branch
    closed.people["bob"].push_file(
        branch, PATH, answer(closed.repo.file(PATH, branch) or ""), message="Write"
    )
    closed.clock.advance(minutes(5))
    closed.write_up()
    assert status(closed) == ("success", "Nothing holds the publication.")
    (comment,) = comments(closed)
    assert comment != before[0]
    assert "### Nothing holds the publication" in comment


def test_nothing_is_written_twice(closed: Room) -> None:
    before, said = closed.repo.statuses(head(closed)), comments(closed)
    closed.write_up()
    assert (closed.repo.statuses(head(closed)), comments(closed)) == (before, said)


def test_without_the_right_to_write_it_the_post_mortem_is_there_all_the_same(room: Room) -> None:
    room.opens("ann", "[INCIDENT P3] Login is broken", labels=("incident", "P3"))
    room.permissions = {"statuses": "read"}
    room.says("ann", "/postmortem")
    assert room.incident.postmortem.pull is not None
    assert any("review of pull request" in line and "not shown" in line for line in room.printed)


def test_a_github_that_stumbles_over_the_review_leaves_the_post_mortem_as_it_is(room: Room) -> None:
    room.opens("ann", "[INCIDENT P3] Login is broken", labels=("incident", "P3"))
    room.hub.faults.add("error_before", lambda _, path: "/statuses/" in path, times=9, status=502)
    room.says("ann", "/postmortem")
    assert room.codes == [0] * len(room.codes)
    assert any("review of pull request" in line and "not shown" in line for line in room.printed)
    room.hub.faults.clear()
    room.write_up()
    assert status(room)[0] == "failure"


def test_a_meeting_that_gets_a_time_puts_a_calendar_file_beside_the_report(closed: Room) -> None:
    calendar = PATH.replace(".md", ".ics")
    branch = closed.incident.postmortem.branch
    assert calendar not in closed.repo.files(branch)
    closed.says("ann", "/meeting 2025-10-22 10:00")
    first = closed.repo.file(calendar, branch) or ""
    assert "DTSTART:20251022T100000Z" in first
    closed.says("ann", "/meeting 2025-10-23 11:00")
    second = closed.repo.file(calendar, branch) or ""
    assert "DTSTART:20251023T110000Z" in second
    before = head(closed)
    closed.says("ann", "/postmortem")
    assert head(closed) == before


def test_a_calendar_file_that_cannot_be_written_is_a_warning(closed: Room) -> None:
    def put(method: str, path: str) -> bool:
        return method == "PUT" and path.endswith(".ics")

    closed.hub.faults.add("error_before", put, times=9, status=502)
    closed.says("ann", "/meeting 2025-10-22 10:00")
    assert any("calendar file of the meeting is not beside the report" in line for line in closed.printed)
    closed.hub.faults.clear()
    closed.write_up()
    assert "DTSTART" in (
        closed.repo.file(PATH.replace(".md", ".ics"), closed.incident.postmortem.branch) or ""
    )
