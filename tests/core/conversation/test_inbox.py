"""What people want and has no answer yet, found by looking: commands, labels, closes, boxes."""

from datetime import timedelta

import pytest

from allclear.commands import COMMANDS
from allclear.core.conversation.ask import Ask
from allclear.core.conversation.command import Policy
from allclear.core.conversation.inbox import inbox
from allclear.core.model.asking import Knowledge, drive
from allclear.core.model.people import Access, Person, Rights
from allclear.core.model.snapshot import Comment, Issue, IssueEvent, LastEdit, Snapshot, Wants
from allclear.core.model.structs import replace
from allclear.core.record.audit import Helped, Refused
from allclear.core.record.entry import Entry
from allclear.core.record.incident import Stage
from allclear.core.record.ledger import Ledger
from allclear.core.record.life import Dismissed
from core.issue_desk import BOT, BY_HAND, EVE, IssueDesk, declared, new
from planning import nothing_more
from stories import ADA, BOB, CAT, HOTDASH, NOON, RENDERER, REPOSITORY, SETTINGS, Story

POLICY = Policy(SETTINGS, HOTDASH, COMMANDS, RENDERER)
STORY = Story().middle()
LABELS = frozenset({"incident", "P0", "status:identified"})
CLOSED = Issue(42, "Down", "", ADA, "closed", LABELS, (), NOON, "https://example.com/42")


def inbox_of(seen: Snapshot, story: Story, *more: Entry) -> list[Ask]:
    """What is unanswered; what the snapshot does not have is not to be found."""
    entries = (*story.entries, *more)
    ledger = Ledger().extended(entries)
    seen = replace(seen, closer=BY_HAND)
    return list(drive(inbox(Knowledge(seen), None, ledger, story.incident, POLICY), seen, nothing_more))


def asks(issue: Issue, *events: IssueEvent) -> list[Ask]:
    seen = Snapshot(REPOSITORY, issue, (), NOON + timedelta(hours=1), events=events)
    assert STORY.incident.stage == Stage.OPEN
    return inbox_of(seen, STORY)


def closing(number: int, actor: Person | None, minute: int = 30) -> IssueEvent:
    return IssueEvent(number, "closed", actor, NOON + timedelta(minutes=minute))


def test_the_newest_close_is_the_one_that_stands() -> None:
    (ask,) = asks(CLOSED, closing(1, BOB), closing(2, ADA, 40))
    assert (ask.call.author, ask.call.word, ask.origin) == (ADA, "all-clear", "close")


def test_a_close_the_event_log_does_not_show_yet_is_read_off_the_issue() -> None:
    at = NOON + timedelta(minutes=30)
    (ask,) = asks(replace(CLOSED, closed_by=BOB, closed_at=at))
    assert (ask.call.author, ask.call.at) == (BOB, at)


def test_a_close_by_nobody_we_can_name_or_by_ourselves_asks_for_nothing() -> None:
    assert asks(CLOSED) == []
    assert asks(CLOSED, closing(1, None)) == []
    assert asks(CLOSED, closing(1, BOT)) == []


def test_a_reopening_counts_only_while_the_issue_is_open() -> None:
    ended = Story().middle().tell(20, ADA, Dismissed(why="no"))
    again = IssueEvent(5, "reopened", BOB, NOON + timedelta(minutes=50))
    for state, words in (("closed", []), ("open", ["reopen"])):
        seen = Snapshot(REPOSITORY, replace(CLOSED, state=state), (), NOON, events=(again,))
        assert [ask.call.word for ask in inbox_of(seen, ended)] == words


def test_a_click_that_has_its_answer_is_not_asked_again() -> None:
    body = STORY.panel().replace("- [ ] Verification completed", "- [x] Verification completed")
    panel = Comment(9, BOT, body, NOON, NOON)
    edit = LastEdit(BOB, NOON + timedelta(minutes=30))
    opened = replace(CLOSED, state="open")
    for more, words in (((), ["check"]), ((_answered(edit),), [])):
        seen = Snapshot(REPOSITORY, opened, (), NOON, panel=panel, panel_edit=edit)
        assert [ask.call.word for ask in inbox_of(seen, STORY, *more)] == words


def _answered(edit: LastEdit) -> Entry:
    return Entry(key=f"b9-{edit.at:%Y%m%dT%H%M%S}-verification", what="check", at=edit.at, facts=(Helped(),))


# -- commands in comments


def words(desk: IssueDesk) -> list[str]:
    """What people want, by the commands that they typed or that their deeds stand for."""
    return [entry.what for entry in new(desk.plan())]


def test_bots_ghosts_and_ignored_words_give_no_commands() -> None:
    desk = declared(settings=replace(SETTINGS, ignore=("/Deploy",)))
    desk.says(Person(id=9, login="dependabot[bot]"), "/ack")
    desk.says(BOT, "/ack")
    desk.says(None, "/ack")
    desk.says(BOB, "/deploy now\n/ack")
    assert words(desk) == ["ack"]


def test_an_answered_comment_that_is_edited_has_its_answer_and_what_is_new_in_it_is_told() -> None:
    desk = declared()
    number = desk.says(BOB, "/ack")
    desk.run()
    at = next(n for n, one in enumerate(desk.comments) if one.id == number)
    edited = replace(desk.comments[at], body="/ack\n/sev P0", updated_at=desk.now + timedelta(minutes=1))
    desk.comments[at] = edited
    (entry,) = new(desk.run())
    assert (entry.what, entry.facts) == ("sev", (Refused(code="not-taken"),))
    assert words(desk) == []


def test_an_edited_comment_without_an_answer_is_read_as_it_stands() -> None:
    desk = declared()
    desk.says(BOB, "/ack", edited=True)
    assert words(desk) == ["ack"]


def test_a_refused_stranger_is_passed_over_once_others_were_answered() -> None:
    desk = declared()
    desk.answered(EVE, "/ack")
    desk.says(EVE, "/ack")
    desk.run()
    assert desk.comments[-1].refused
    desk.access["eve"] = Access(Rights.WRITE, EVE)
    assert words(desk) == ["ack"]
    desk.access["eve"] = Access(Rights.READ, EVE)
    desk.answered(BOB, "/note seen")
    desk.access["eve"] = Access(Rights.WRITE, EVE)
    assert words(desk) == []


def test_a_dislike_of_somebody_else_drops_nothing() -> None:
    desk = declared()
    desk.says(CAT, "/ack")
    desk.comments[-1] = replace(desk.comments[-1], refused=True)
    desk.write(BOT, "An answer to something else.")
    assert words(desk) == ["ack"]


def test_of_very_many_strangers_only_some_are_asked_about_in_one_pass() -> None:
    desk = declared()
    for number in range(15):
        desk.says(Person(id=100 + number, login=f"stranger{number}"), "/ack")
        desk.comments[-1] = replace(desk.comments[-1], refused=True)
    desk.write(BOT, "An answer to something else.")
    assert "ack" not in words(desk)
    assert len({login for wants in desk.asked for login in wants.logins if "stranger" in login}) <= 10


# -- deeds by hand


def test_the_newest_label_by_hand_counts_and_only_since_the_severity_was_last_spoken_of() -> None:
    desk = declared()
    desk.does(BOB, "labeled", "P2")
    desk.does(CAT, "labeled", "P0")
    plan = desk.run()
    assert [(entry.what, entry.by) for entry in new(plan) if entry.by] == [("sev", CAT)]
    desk.labels |= {"P3"}
    assert words(desk) == []


def test_the_incident_label_on_its_issue_needs_no_event_log() -> None:
    desk = declared()
    desk.says(BOB, "/note seen")
    desk.run()
    assert not any(wants.events for wants in desk.asked)


def test_a_close_of_a_report_is_a_dismissal() -> None:
    desk = IssueDesk(author=EVE)
    desk.run()
    desk.does(BOB, "closed")
    assert words(desk) == ["dismiss"]


def test_an_answered_deed_is_not_asked_again_while_the_issue_still_shows_it() -> None:
    desk = declared()
    desk.does(BOB, "closed")
    desk.run()
    desk.state = "closed"
    assert words(desk) == []


# -- boxes


def test_a_click_is_a_command_of_whoever_edited_the_panel_last() -> None:
    desk = declared()
    desk.ticks(CAT, "Status page updated")
    plan = desk.plan()
    assert [(entry.what, entry.by) for entry in new(plan)] == [("check", CAT)]
    assert [wants for wants in desk.asked if wants.panel_editor] == [Wants(panel_editor=True)]


def test_a_box_that_is_cleared_is_the_command_too() -> None:
    desk = declared()
    desk.says(BOB, "/check status-page")
    desk.run()
    assert desk.panel is not None
    desk.panel = replace(
        desk.panel, body=desk.panel.body.replace("[x] Status page updated", "[ ] Status page updated")
    )
    desk.clicked = LastEdit(BOB, desk.now)
    assert words(desk) == ["uncheck"]


@pytest.mark.parametrize("editor", [None, BOT], ids=["nobody", "ourselves"])
def test_a_click_of_nobody_is_no_command(editor: Person | None) -> None:
    desk = declared()
    desk.ticks(editor, "Status page updated")
    assert words(desk) == []


def test_boxes_of_an_untouched_panel_are_not_asked_about() -> None:
    desk = declared()
    desk.answered(BOB, "/ack")
    desk.run()
    assert not any(wants.panel_editor for wants in desk.asked)


def test_a_panel_that_is_none_any_more_has_no_boxes() -> None:
    desk = declared()
    assert desk.panel is not None
    desk.panel = replace(desk.panel, body="gone")
    assert words(desk) == []
