"""Steps for after the incident (000-29, 001-10, 002-22): who does one by when, and what nobody will do."""

from __future__ import annotations

import pytest

from allclear.core.clock.checklist import checklist
from allclear.core.clock.deadlines import due, due_time, timers
from allclear.core.clock.learning import learning
from allclear.core.clock.step_duties import left_afterwards
from allclear.core.conversation.notices import lines_due
from allclear.core.record.life import Cleared, Reopened, Resolved
from allclear.core.record.postmortem import Learned, PostmortemOpened, PostmortemPublished
from allclear.core.record.progress import ActionAdded, Fired, StepAssigned, Ticked
from commands.room import ALICE, BOB, HOTDASH, Talk
from written import small


@pytest.fixture
def room() -> Talk:
    """Monday, 2026-03-02: a P1 that is resolved; its review is due on Thursday."""
    talk = Talk()
    talk.add("resolved", Resolved(), by=ALICE)
    return talk


def cleared(talk: Talk) -> Talk:
    talk.add("cleared", Cleared(override="all is well"), by=ALICE)
    return talk


def notices(talk: Talk) -> list[tuple[str, tuple[str, ...]]]:
    return [(one.deadline.id, one.to) for one in due(talk.incident, talk.runbook, talk.now)]


def test_a_step_gets_an_owner_and_a_date(room: Talk) -> None:
    heard = room.says("/step runbooks @bob due:2026-03-20")
    assert heard.facts == (StepAssigned(step="runbooks", owner=BOB, due="2026-03-20"),)
    assert heard.say == "Runbooks updated: **bob** does it, by 2026-03-20."
    assert (
        room.says("/step debrief by friday").say
        == "Team debriefed: Whoever leads this does it, by 2026-03-06."
    )


def test_owner_and_date_may_come_one_after_the_other(room: Talk) -> None:
    assert room.says("/step Runbooks updated @bob").say.endswith("**bob** does it, by the date of its list.")
    heard = room.says("/step runbooks due 2026-03-20")
    assert heard.facts == (StepAssigned(step="runbooks", owner=BOB, due="2026-03-20"),)
    heard = room.says("/step runbooks me", by=ALICE)
    assert heard.code == "malformed"


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("/step", "Usage: `/step <step> [@owner] [due:<date>]`"),
        ("/step runbooks", "falls to Incident Commander, and is due 2026-03-05. `/step runbooks @octocat"),
        ("/step runbooks, debrief @bob", "One step at a time"),
        ("/step verification @bob", "is a step for during the incident"),
        ("/step backups @bob", "`backups` is not a step of the checklist"),
        (
            "/step runbooks @bob @alice",
            "A step has one owner. Write it as `/step <step> @octocat",
        ),
        ("/step runbooks @bob due: someday", "`someday` is not a date"),
        ("/step runbooks due:2026-02-01", "2026-02-01 is in the past"),
        ("/step runbooks @nobody", "GitHub knows no account `nobody`"),
        ("/step runbooks @carol", "`carol` cannot work on this"),
    ],
)
def test_what_cannot_be_understood_is_told(room: Talk, typed: str, told: str) -> None:
    heard = room.says(typed)
    assert told in heard.say
    assert heard.code


def test_a_step_that_is_done_is_nobodys(room: Talk) -> None:
    room.says("/check debrief")
    assert "is done already; `/uncheck debrief`" in room.says("/step debrief @bob").say


def test_before_the_resolution_it_is_told_that_it_comes_later() -> None:
    talk = Talk()
    assert "comes after the incident, and nobody was given it" in talk.says("/step runbooks").say
    assert talk.says("/step runbooks @bob").code == ""
    assert left_afterwards(talk.incident, talk.runbook) == ()


def test_nobody_will_do_it_and_the_panel_says_why(room: Talk) -> None:
    heard = room.says('/check runbooks prevention --wont-do "the service goes in May"')
    why = "the service goes in May"
    assert heard.facts == (
        Ticked(step="runbooks", without=why, dropped=True),
        Ticked(step="prevention", without=why, dropped=True),
    )
    assert "Nobody will do this: Runbooks updated, Prevention implemented." in heard.say
    assert f"say why: {why}. `/uncheck runbooks` takes that back" in heard.say
    items = {item.step.id: item for item in checklist(room.incident, room.runbook, room.now)}
    assert (items["runbooks"].done, items["runbooks"].dropped, items["runbooks"].without) == (True, True, why)
    assert "Open again" in room.says("/uncheck runbooks").say


@pytest.mark.parametrize("option", ["--wont-do", "—wont-do", "--won't-do:", "--wontdo =", "--WONTFIX"])
def test_phones_spell_it_otherwise(room: Talk, option: str) -> None:
    (fact,) = room.says(f"/check runbooks {option} \u201cno time\u201d").facts
    assert fact == Ticked(step="runbooks", without="no time", dropped=True)


def test_it_needs_a_reason(room: Talk) -> None:
    heard = room.says("/check runbooks --wont-do")
    assert 'needs its reason: `/check <step> --wont-do "why"`' in heard.say


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("/check runbooks @bob", "`/step runbooks @bob` says whose it is."),
        ("/check runbooks won't do", '`/check runbooks --wont-do "why"` says that nobody will do it.'),
        ("/check runbooks n/a", '`/check runbooks --wont-do "why"` says'),
        ("/check @bob", "`@bob` is not a step of the checklist"),
        ("/check runbooks xyzzy", "`xyzzy` is not a step of the checklist"),
        ("/assign runbooks @bob", "It is a step: `/step runbooks @octocat` gives it to somebody."),
    ],
)
def test_other_words_lead_to_the_one_that_is_meant(room: Talk, typed: str, told: str) -> None:
    heard = room.says(typed)
    assert told in heard.say
    assert heard.code == "malformed"


def test_what_an_incident_cannot_end_without_is_not_left_out_like_that() -> None:
    heard = Talk().says('/check verification --wont-do "no time"')
    assert heard.code == "gate"
    assert "`verification` is for during the incident, or holds its end" in heard.say
    closure = {"opens": "resolved", "before": "all-clear", "steps": {"customers": "All customers notified"}}
    holding = Talk("SEV3", book=small(lists={"closure": closure}))
    assert holding.says('/check customers --wont-do "no time"').code == "gate"


def test_its_owner_is_asked_on_its_date_and_each_week_and_of_several_there_is_one_notice(room: Talk) -> None:
    room.says("/step runbooks @bob due:2026-03-20")
    room.says("/step debrief @alice due:2026-03-20")
    cleared(room)
    room.later(days=18)
    assert ("step-due", ("@alice", "@bob")) in notices(room)
    (timer,) = (one for one in due(room.incident, HOTDASH, room.now) if one.deadline.id == "step-due")
    assert lines_due(timer, room.incident, HOTDASH) == (
        "- Runbooks updated (`runbooks`): bob, due 2026-03-20\n"
        "- Team debriefed (`debrief`): alice, due 2026-03-20"
    )
    for key in (timer.key, *timer.covers):
        found = due_time(room.incident, HOTDASH, key)
        assert found is not None
        assert found <= timer.due
    room.add("said", Fired(timer=timer.key, deadline="x", due=timer.due, covers=timer.covers))
    assert "step-due" not in dict(notices(room))
    assert due_time(room.incident, HOTDASH, timer.key) is not None
    room.later(days=7)
    assert ("step-due", ("@alice", "@bob")) in notices(room)
    assert all(one.deadline.id != "step-due" for one in timers(room.incident, HOTDASH, room.now))
    room.says("/check runbooks")
    assert ("step-due", ("@alice",)) in notices(room)
    assert due_time(room.incident, HOTDASH, "step-due/runbooks/0/20260320") is None


def test_a_step_with_an_owner_and_no_date_is_due_with_its_list(room: Talk) -> None:
    room.says("/step runbooks @bob")
    (one,) = (one for one in left_afterwards(room.incident, HOTDASH) if one.duty)
    assert (one.to, one.due) == ("@bob", "2026-03-05")


def test_what_somebody_took_on_is_no_longer_asked_for_with_the_list(room: Talk) -> None:
    cleared(room)
    room.later(days=4)
    (review,) = due(room.incident, HOTDASH, room.now)
    assert any(key.startswith("after-list/") for key in review.covers)
    for step in ("post-mortem", "actions", "runbooks", "prevention", "debrief"):
        room.says(f"/step {step} @bob due:2026-04-20")
    (review,) = due(room.incident, HOTDASH, room.now)
    assert not any(key.startswith("after-list/") for key in review.covers)


def test_a_step_of_a_role_falls_to_that_and_a_list_without_a_date_is_due_in_a_week() -> None:
    steps = {"answers": {"text": "Answer the customers", "role": "comms"}, "notes": "Add what you know"}
    roles = {"comms": {"title": "Communications"}}
    book = small(lists={"others": {"opens": "resolved", "steps": steps}}, roles=roles)
    talk = Talk("SEV3", book=book)
    talk.add("resolved", Resolved(), by=ALICE)
    assert [(one.to, one.due) for one in left_afterwards(talk.incident, book)] == [
        ("Communications", "2026-03-09"),
        ("responders", "2026-03-09"),
    ]
    cleared(talk)
    assert notices(talk) == []
    talk.later(days=7, minutes=1)
    assert notices(talk) == [("others-left", ("responders",))]
    key = due(talk.incident, book, talk.now)[0].key
    assert due_time(talk.incident, book, key) is not None


def test_an_incident_is_learned_only_when_all_is_done(room: Talk) -> None:
    assert not learning(room.incident, HOTDASH).asked
    room.add("action", ActionAdded(number=1, owner=BOB, due="2026-03-20", text="An alert"), by=ALICE)
    cleared(room)
    left = learning(room.incident, HOTDASH)
    assert (left.postmortem, left.actions, left.complete) == (True, 1, False)
    assert [item.step.id for item in left.items] == ["post-mortem", "runbooks", "prevention", "debrief"]
    room.add("opened", PostmortemOpened(path="x.md", branch="b", url="https://x", pull=9))
    room.add("published", PostmortemPublished(at=room.now, followed=True))
    room.says("/check runbooks prevention")
    room.says('/check debrief --wont-do "everybody was there"')
    assert learning(room.incident, HOTDASH).actions == 1
    room.says("/action done 1")
    assert learning(room.incident, HOTDASH).complete


def test_an_incident_after_which_nothing_is_asked_is_not_learned() -> None:
    book = small(
        lists={
            "others": {"opens": "resolved", "steps": {"x": {"text": "If there is time", "optional": True}}}
        }
    )
    talk = cleared(Talk("SEV3", book=book))
    assert not learning(talk.incident, book).asked


def test_publishing_does_not_end_what_is_asked_for(room: Talk) -> None:
    cleared(room)
    room.add("published", PostmortemPublished(at=room.now, followed=True))
    room.later(days=4)
    assert [name for name, _ in notices(room)] == ["after-list"]
    room.add("learned", Learned())
    assert notices(room) == []


@pytest.mark.parametrize("line", ["/uncheck debrief", "/action one thing more", "/undo"])
def test_what_is_open_again_is_not_learned(room: Talk, line: str) -> None:
    room.says("/check debrief")
    cleared(room)
    room.add("learned", Learned())
    room.says("/note all is well")
    assert room.incident.postmortem.learned is not None
    room.says(line)
    assert room.incident.postmortem.learned is None


def test_a_reopened_incident_begins_anew(room: Talk) -> None:
    room.says("/step runbooks @bob")
    cleared(room)
    room.add("learned", Learned())
    room.add("reopened", Reopened(why="again"))
    assert room.incident.progress.duties == {}
    assert room.incident.postmortem.learned is None
