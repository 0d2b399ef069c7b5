"""What nobody foresaw: it is said on the issue, the traceback is in the run, and other incidents go on."""

import shutil

import pytest

from conversations.room import ROOT, Room, minutes

BROKEN = "{{ 'x' * 10 ** 15 if text == 'P3 incident: Typo' }}"
"""In a template: what no machine has the memory for, and only when there is a typo of a P3."""


@pytest.fixture
def broken(room: Room) -> Room:
    """A room whose notices fail on every P3, and on nothing else."""
    (room.root / "templates").unlink()
    shutil.copytree(ROOT / "templates", room.root / "templates")
    notice = room.root / "templates" / "notice.md.j2"
    notice.write_text(BROKEN + notice.read_text(encoding="utf-8"), encoding="utf-8")
    return room


def opens(room: Room, severity: str) -> int:
    room.number = room.people["ann"].open_issue(f"[INCIDENT {severity}] Typo", labels=("incident",))
    room.delivered = len(room.hub.deliveries)
    return room.number


def confessions(room: Room) -> list[str]:
    return [c.body for c in room.comments if "Allclear failed here" in c.body]


def test_a_failure_nobody_foresaw_is_said_on_the_issue_and_raised_again(broken: Room) -> None:
    opens(broken, "P3")
    with pytest.raises(MemoryError):
        broken.run()
    (said,) = confessions(broken)
    assert f"[its run](https://github.com/acme/shop/actions/runs/{broken.runs})" in said


def test_it_names_the_commands_that_wait_and_mentions_who_responds(broken: Room) -> None:
    opens(broken, "P3")
    for who, text in (("bob", "/ack"), ("mia", "nothing of ours\n\n/sev P3\n/note <b> @everyone")):
        broken.writes(who, text)
    broken.people["ann"].assign(broken.number, "mia")
    broken.delivered = len(broken.hub.deliveries)
    with pytest.raises(MemoryError):
        broken.run()
    (said,) = confessions(broken)
    assert "@mia @bob @cat\n" in said
    assert "no answer yet: `/ack`, `/sev P3`, `/note <b> @everyone`." in said
    assert "This one is for whoever responds, and DevOps, who is notified first." in said
    assert "the next run, at the latest the next sweep, tries again" in said


def test_with_nobody_at_work_it_goes_to_whom_the_settings_name_or_to_the_author(broken: Room) -> None:
    opens(broken, "P3")
    for people, mentioned in (("{ CEO: [mia] }", "@mia\n"), ("{}", "@ann\n")):
        (broken.root / ".github" / "allclear.yml").write_text(f"people: {people}\n", encoding="utf-8")
        broken.clock.advance(minutes(61))
        with pytest.raises(MemoryError):
            broken.run()
        assert f"\n\n{mentioned}⚠️ Allclear failed here" in confessions(broken)[-1]


def test_a_comment_of_another_workflow_answers_nothing(broken: Room) -> None:
    opens(broken, "P3")
    broken.writes("bob", "/ack")
    broken.bot_says("Thank you for your comment!")
    with pytest.raises(MemoryError):
        broken.run()
    assert "no answer yet: `/ack`." in confessions(broken)[0]


def test_when_it_fails_again_it_says_that_somebody_has_to_look(broken: Room) -> None:
    opens(broken, "P3")
    for wait in (0, minutes(61)):
        broken.clock.advance(wait)
        with pytest.raises(MemoryError):
            broken.run()
    first, second = confessions(broken)
    assert "somebody has to look at it" not in first
    assert "the next run will most likely fail as well: somebody has to look at it." in second


def test_a_failure_is_said_once_an_hour(broken: Room) -> None:
    opens(broken, "P3")
    for wait, count in ((0, 1), (minutes(30), 1), (minutes(31), 2)):
        broken.clock.advance(wait)
        with pytest.raises(MemoryError):
            broken.run()
        assert len(confessions(broken)) == count


def test_somebody_elses_copy_of_the_confession_does_not_keep_it_back(broken: Room) -> None:
    opens(broken, "P3")
    broken.writes("out", "<!-- allclear:failed -->\nAllclear failed here, it says")
    with pytest.raises(MemoryError):
        broken.run()
    assert len(confessions(broken)) == 2


def test_a_failure_that_cannot_be_said_is_still_raised(broken: Room) -> None:
    opens(broken, "P3")
    broken.hub.faults.add("error_before", lambda method, _: method == "POST", times=100)
    with pytest.raises(MemoryError):
        broken.run()
    assert confessions(broken) == []
    assert broken.printed[-1] == "GitHub did not take the comment about this failure on issue 1: 500"


def test_a_failure_is_no_command_and_no_entry(broken: Room) -> None:
    opens(broken, "P3")
    with pytest.raises(MemoryError):
        broken.run()
    broken.writes("bob", "/sev P1")
    broken.people["bob"].edit_issue(broken.number, title="[INCIDENT P1] Typo")
    assert broken.run() == 0
    assert broken.incident.severity == "P1"


def test_one_incident_that_fails_does_not_keep_a_sweep_from_escalating_the_others(broken: Room) -> None:
    first = opens(broken, "P1")
    second = opens(broken, "P3")
    third = opens(broken, "P1")
    with pytest.raises(MemoryError):
        broken.sweep()
    stages = {}
    for number in (first, second, third):
        broken.number = number
        stages[number] = (len(broken.replies), len(confessions(broken)))
    assert stages == {first: (1, 0), second: (1, 1), third: (1, 0)}


def test_one_incident_github_cannot_show_does_not_keep_a_sweep_from_escalating_the_others(room: Room) -> None:
    first, second, third = (opens(room, "P1") for _ in range(3))
    room.hub.faults.add("error_before", lambda _, where: where.endswith(f"/issues/{second}"), times=100)
    assert room.sweep() == 1
    assert [len(room.repo.issue(number).comments) for number in (first, second, third)] == [2, 0, 2]
    assert any(f"Issue {second}: GitHub did not do what it was asked to" in line for line in room.printed)


def test_a_token_that_is_refused_ends_a_sweep_at_the_first_incident(room: Room) -> None:
    for _ in range(3):
        opens(room, "P1")
    fault = room.hub.faults.add("unauthorized", lambda method, _: method == "POST", times=100)
    assert room.sweep() == 1
    assert fault.seen == 1


def test_with_three_incidents_unanswered_it_is_github_that_is_down_and_the_sweep_ends(room: Room) -> None:
    for _ in range(5):
        opens(room, "P1")
    fault = room.hub.faults.add("error_before", lambda _, where: where[:-1].endswith("/issues/"), times=100)
    assert room.sweep() == 1
    assert fault.seen == 3 * 3
    assert "Nothing is lost" in room.printed[-1]
