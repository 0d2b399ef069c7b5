"""People without a role: one answer at most, no effect, and no way to keep others from being answered."""

import pytest

from conversations.room import Room, minutes, open_room


def test_a_stranger_gets_one_answer_and_afterwards_a_reaction(room: Room) -> None:
    room.opens("ann")
    assert "needs `write` access" in room.says("out", "/resolve")
    assert room.says("out", "/all-clear") == ""
    assert room.comments[-1].reactions == (("github-actions[bot]", "-1"),)
    state = room.incident
    room.run()
    assert room.comments[-1].reactions == (("github-actions[bot]", "-1"),)
    assert room.incident == state


def test_a_strangers_unknown_word_is_not_talked_about(room: Room) -> None:
    room.opens("ann")
    assert room.says("out", "/lgtm") == ""


def test_a_strangers_dislike_does_not_keep_a_command_from_being_read(room: Room) -> None:
    room.opens("ann")
    comment = room.writes("bob", "/sev P1")
    room.people["out"].react(comment, "-1")
    room.run()
    assert room.incident.severity == "P1"


def test_a_dislike_of_anybodys_never_drops_a_command(room: Room) -> None:
    room.opens("ann")
    comment = room.writes("mia", "/sev P1")
    room.people["out"].react(comment, "-1")
    room.people["bob"].react(comment, "-1")
    room.delivered = len(room.hub.deliveries)
    for text in ("/ack", "/note one"):
        room.says("bob", text)
    assert room.incident.severity == "P1"
    later = room.writes("mia", "/note two")
    room.people["out"].react(later, "-1")
    room.clock.advance(10)
    room.people["bob"].comment(room.number, "/note three")
    room.delivered = len(room.hub.deliveries)
    room.sweep()
    assert [line.text for line in room.incident.timeline if line.what == "Note"][-2:] == ["two", "three"]


def test_what_we_refused_by_a_reaction_stays_refused_when_its_author_gets_rights(room: Room) -> None:
    room.opens("ann")
    room.says("out", "/ack")
    room.says("out", "/sev P3")
    room.says("bob", "/ack")
    room.repo.grant(room.account("out"), "write")
    room.says("bob", "/note on it")
    assert room.incident.severity == "P0"
    room.says("out", "/sev P1")
    assert room.incident.severity == "P1"


def test_what_strangers_wrote_is_asked_about_once_a_pass(room: Room) -> None:
    room.opens("ann")
    for _ in range(4):
        room.says("out", "/lgtm")
    room.says("bob", "/ack")
    known = len(room.hub.requests)
    room.says("bob", "/check verification")
    asked = [r.path for r in room.hub.requests[known:] if r.path.endswith(("/permission", "/reactions"))]
    assert sorted(asked) == [f"/repos/acme/shop/collaborators/{who}/permission" for who in ("bob", "out")]


def test_commands_of_other_bots_get_no_answer_when_the_settings_say_so(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    with open_room(tmp_path_factory.mktemp("ignore"), "ignore: [/lgtm]\n") as room:
        room.opens("ann")
        assert room.says("bob", "/lgtm") == ""
        assert "is not a command" in room.says("bob", "/foo")


def test_a_reporter_without_a_role_cannot_make_the_bot_talk_either(room: Room) -> None:
    room.opens("out", "Everything is down", form_labels=("incident",))
    room.says("out", "/confirm")
    assert room.says("out", "/confirm") == ""


def test_strangers_get_one_reaction_in_an_hour_however_much_they_write(room: Room) -> None:
    room.opens("ann")
    for _ in range(30):
        room.says("out", "/resolve", after=5)
    assert len([one for one in room.comments if one.reactions]) == 1
    room.says("out", "/resolve", after=minutes(61))
    room.says("out", "/resolve", after=10)
    assert len([one for one in room.comments if one.reactions]) == 2


@pytest.mark.parametrize("people", [("out",), ("out", "rae")], ids=["one outsider", "two outsiders"])
def test_outsiders_at_a_comment_a_second_do_not_keep_an_escalation_back(
    room: Room, people: tuple[str, ...]
) -> None:
    """Of sixty runs a minute most are evicted while they wait: every thirtieth works here."""
    room.opens("ann", "Checkout is down", labels=("incident", "P1"))
    for second in range(16 * 60):
        room.clock.advance(1)
        for who in people:
            room.writes(who, "/resolve")
        if second % 30 == 0:
            room.run()
    (fired,) = [one for one in room.journal.entries if one.what == "manager"]
    assert minutes(15) <= (fired.at - room.journal.entries[0].at).total_seconds() <= minutes(16)
    assert {"incident", "P1", "status:investigating"} == room.issue.labels
    assert "P1 ·" in room.panel.body
    assert len([one for one in room.comments if one.reactions]) <= len(people)
    assert set(room.codes) == {0}


def answered(room: Room) -> list[int]:
    """The issues that the bot wrote on, newest last."""
    ours = [one for one in room.repo.issues() if any(c.author == "github-actions[bot]" for c in one.comments)]
    return sorted(one.number for one in ours)


def reports(room: Room, count: int) -> list[int]:
    return [room.opens("out", "It is broken", form_labels=("incident",)) for _ in range(count)]


def test_of_an_outsiders_reports_three_an_hour_are_answered_and_the_others_in_later_hours(room: Room) -> None:
    numbers = reports(room, 8)
    assert answered(room) == numbers[:3]
    assert "so the next ones are answered later" in room.repo.issue(numbers[2]).comments[0].body
    room.sweep()
    assert answered(room) == numbers[:3]
    room.clock.advance(minutes(61))
    room.sweep()
    assert answered(room) == numbers[:6]
    room.clock.advance(minutes(61))
    room.sweep()
    assert answered(room) == numbers
    assert set(room.codes) == {0}


def test_a_sweep_asks_once_for_the_reports_of_one_author_that_wait(room: Room) -> None:
    reports(room, 20)
    known = len(room.hub.requests)
    room.sweep()
    assert len([one for one in room.hub.requests[known:] if one.path.endswith("/permission")]) == 1


def test_a_report_that_waits_is_confirmed_like_any_other(room: Room) -> None:
    *_, room.number = reports(room, 5)
    room.says("bob", "/confirm")
    assert room.incident.stage == "open"


def test_a_maintainer_who_declares_much_is_answered_each_time(room: Room) -> None:
    numbers = [room.opens("ann", "Down", labels=("incident", "P1")) for _ in range(6)]
    assert answered(room) == numbers
