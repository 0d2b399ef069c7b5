"""The pull request of a post-mortem says what is left to write, and follows what people write."""

from __future__ import annotations

import pytest

from allclear.core.postmortem.verdict import CONTEXT, MARK
from conversations.beginnings import beginning
from conversations.review_room import over
from conversations.room import KEY, Room, minutes
from core.postmortem.defects import below
from core.postmortem.mending import mended

PATH = "reports/incidents/2025-10-19-login-is-broken.md"


def _closed(room: Room) -> None:
    over(room)


closed = beginning(_closed)


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


# -- what people push


def push(room: Room, text: str, who: str = "bob", *, heard: bool = True) -> None:
    """Somebody commits to the branch; the run that GitHub starts for it comes, unless it is lost."""
    room.clock.advance(minutes(5))
    room.people[who].push_file(room.incident.postmortem.branch, PATH, text)
    if heard:
        room.deliver()
    room.delivered = len(room.hub.deliveries)


def draft(room: Room) -> str:
    return room.repo.file(PATH, room.incident.postmortem.branch) or ""


def test_a_push_renews_the_status_of_the_new_commit_and_the_same_comment(closed: Room) -> None:
    before = head(closed)
    push(closed, mended(draft(closed), closed.runbook))
    assert head(closed) != before
    assert status(closed) == ("success", "Nothing holds the publication.")
    assert len(comments(closed)) == 1
    assert "### Nothing holds the publication" in comments(closed)[0]


def test_findings_stand_at_their_lines_of_the_run(closed: Room) -> None:
    text = mended(draft(closed), closed.runbook)
    push(closed, text.replace("## Resolution", "## Resolution\n\nTODO 100 %\n", 1))
    (line,) = [one for one in closed.printed if one.startswith("::warning file=")]
    assert line.startswith(f"::warning file={PATH},line=")
    assert '::"TODO" stands for something' in line


def test_the_branch_has_no_say_in_how_it_is_looked_at(closed: Room) -> None:
    """The runbook and the words come from the default branch."""
    closed.people["bob"].push_file(closed.incident.postmortem.branch, ".github/allclear.yml", "runbook: sev")
    push(closed, "---\n: [\n---\n")
    assert status(closed)[0] == "failure"
    assert "The front matter cannot be read." in comments(closed)[0]


def test_our_own_push_starts_no_run(closed: Room) -> None:
    runs = closed.runs
    closed.write_up()
    closed.deliver()
    assert closed.runs == runs + 1


def test_a_review_of_a_person_has_it_looked_at(closed: Room) -> None:
    push(closed, mended(draft(closed), closed.runbook), heard=False)
    closed.people["ann"].review(pull(closed), "APPROVED")
    closed.deliver()
    assert status(closed)[0] == "success"


def test_without_the_key_of_the_record_it_is_looked_at_all_the_same(room: Room) -> None:
    room.key = KEY
    room.opens("ann", "[INCIDENT P3] Login is broken", labels=("incident", "P3"))
    room.says("bob", "/resolve larger pool", after=minutes(45))
    room.says("ann", "/postmortem")
    room.key = ""
    text = room.repo.file(PATH, f"allclear/postmortem-{room.number}") or ""
    room.people["bob"].push_file(f"allclear/postmortem-{room.number}", PATH, text.replace("P3", "P2"))
    room.deliver()
    (comment,) = [one.body for one in room.repo.issue(2).comments if one.body.startswith(MARK)]
    assert "is P2 here, and the issue says P3." in comment


def elsewhere(room: Room, path: str, text: str, branch: str = "patch-1") -> str:
    """Bob changes a file on a branch of his own, and opens a pull request. Its comment, if there is one."""
    room.people["bob"].push_file(branch, path, text)
    number = room.people["bob"].open_pull("Change", branch)
    room.deliver()
    said = [one.body for one in room.repo.issue(number).comments if one.body.startswith(MARK)]
    return said[0] if said else ""


def test_a_post_mortem_that_is_changed_in_another_pull_request_is_held_against_its_record(
    closed: Room,
) -> None:
    text = mended(draft(closed), closed.runbook).replace("severity: P3", "severity: P1")
    assert "is P1 here, and the issue says P3." in elsewhere(closed, PATH, text)
    assert closed.repo.statuses(closed.repo.branches()["patch-1"])[CONTEXT].state == "failure"


def test_what_was_written_by_hand_is_given_hints_and_held_by_nothing(closed: Room) -> None:
    said = elsewhere(closed, "reports/incidents/2019-old.md", "# The great outage\n\nBob forgot it.\n")
    assert "**Hints**, which hold nothing up:" in said
    assert closed.repo.statuses(closed.repo.branches()["patch-1"])[CONTEXT].state == "success"


@pytest.mark.parametrize("issue", [404, 2])
def test_a_post_mortem_of_an_issue_that_is_no_incident_says_so(closed: Room, issue: int) -> None:
    text = mended(draft(closed), closed.runbook).replace("issue: 1\n", f"issue: {issue}\n")
    assert f"Issue {issue}, which this is about, is no incident here." in elsewhere(closed, PATH, text)


def test_what_is_no_post_mortem_is_left_alone(closed: Room) -> None:
    assert elsewhere(closed, "reports/incidents/README.md", "# Index\n") == ""
    assert closed.printed[-1] == "Pull request 3 brings no post-mortem."
    told = closed.repo.statuses(closed.repo.branches()["patch-1"])[CONTEXT]
    assert (told.state, told.description) == ("success", "Brings no post-mortem.")
    assert elsewhere(closed, "notes.md", "# Notes\n", "patch-2") == ""


def test_a_file_that_is_too_long_is_not_read_and_not_green(closed: Room) -> None:
    push(closed, "a" * 1_100_000)
    assert status(closed)[0] == "failure"
    assert "This cannot be read" in comments(closed)[0]


def test_of_many_post_mortems_at_once_the_first_are_looked_at(closed: Room) -> None:
    for number in range(6):
        closed.people["bob"].push_file("many", f"reports/incidents/2019-{number}.md", "# Old\n")
    closed.people["bob"].open_pull("Old ones", "many")
    closed.deliver()
    assert any("brings 6 post-mortems; 5 were looked at" in line for line in closed.printed)


def test_a_closed_pull_request_is_left_alone(closed: Room) -> None:
    closed.people["ann"].close_pull(pull(closed))
    closed.people["ann"].review(pull(closed), "COMMENTED", "Late")
    closed.deliver()
    assert closed.printed[-1] == "Pull request 2 is closed."


# -- the sweep


def sweep(room: Room) -> None:
    room.clock.advance(minutes(10))
    assert room.sweep() == 0


def test_a_push_whose_run_never_came_is_looked_at_by_the_sweep(closed: Room) -> None:
    push(closed, mended(draft(closed), closed.runbook), heard=False)
    assert CONTEXT not in closed.repo.statuses(head(closed))
    sweep(closed)
    assert status(closed)[0] == "success"


def test_what_has_its_status_is_not_looked_at_again(closed: Room) -> None:
    sweep(closed)
    printed = len(closed.printed)
    sweep(closed)
    assert not any(line.startswith("Pull request") for line in closed.printed[printed:])


def test_a_github_that_stumbles_leaves_the_review_to_the_next_sweep(closed: Room) -> None:
    push(closed, mended(draft(closed), closed.runbook), heard=False)
    closed.hub.faults.add("error_before", lambda _, path: "/contents/" in path, times=9, status=502)
    sweep(closed)
    assert any("The reviews of post-mortems wait for the next sweep." in line for line in closed.printed)
    closed.hub.faults.clear()
    sweep(closed)
    assert status(closed)[0] == "success"


def test_an_override_makes_the_status_green_and_says_who_gave_it(closed: Room) -> None:
    closed.says("mia", '/postmortem --override "the vendor does not tell"')
    state, words = status(closed)
    assert state == "success"
    assert words == "5 to mend, overridden by mia: the vendor does not tell"


# -- runbooks


def named(room: Room, change: str) -> tuple[str, str]:
    """The status of a post-mortem that shows an updated runbook by this."""
    text = mended(draft(room).partition("\n- [x] Runbooks")[0], room.runbook)
    push(room, f"{text}\n- [x] Runbooks {change}\n")
    return status(room)


def test_a_runbook_is_updated_when_the_change_that_is_named_is_merged(closed: Room) -> None:
    bob, path = closed.people["bob"], "docs/runbooks/pool.md"
    closed.clock.advance(minutes(5))
    commit = bob.push_file("way-back", path, "# The way back\n")
    change = bob.open_pull("Describe the way back", "way-back")
    assert named(closed, f"updated in #{change}.")[0] == "failure"
    assert "is not merged into the default branch." in comments(closed)[0]
    assert named(closed, f"updated in {commit}.")[0] == "failure"
    assert named(closed, f"updated in `{path}`.")[0] == "failure"
    bob.merge_pull(change)
    assert named(closed, f"updated in #{change}.")[0] == "success"
    assert named(closed, f"updated in {commit}.")[0] == "success"
    assert named(closed, f"updated in `{path}`.")[0] == "success"
    assert named(closed, "updated in #999.")[0] == "failure"
    assert "is no pull request of this repository" in comments(closed)[0]
    assert named(closed, f"updated in {'0a' * 20}.")[0] == "failure"
    assert named(closed, "updated in acme/handbook#3.") == ("success", "Nothing holds the publication.")
    assert "Whether that is merged cannot be seen from here" in comments(closed)[0]
