"""What people want and has no answer yet, found by looking: closes, and boxes without a clicker."""

from dataclasses import replace
from datetime import timedelta

from allclear.commands import COMMANDS
from allclear.core.conversation.command import Policy
from allclear.core.conversation.inbox import Ask, inbox
from allclear.core.model.asking import Knowledge, drive
from allclear.core.model.people import Person
from allclear.core.model.snapshot import Comment, Issue, IssueEvent, PanelEdit, Snapshot
from allclear.core.record.chain import Journal
from allclear.core.record.entry import Entry
from allclear.core.record.facts import Dismissed, Helped
from allclear.core.record.incident import Stage
from planning import nothing_more
from stories import ADA, BOB, HOTDASH, NOON, RENDERER, REPOSITORY, SETTINGS, Story

POLICY = Policy(SETTINGS, HOTDASH, COMMANDS, RENDERER)
BOT = Person(id=41898282, login="github-actions[bot]")
STORY = Story().middle()
LABELS = frozenset({"incident", "P0", "status:identified"})
CLOSED = Issue(42, "Down", "", ADA, "closed", LABELS, (), NOON, "https://example.com/42")


def inbox_of(seen: Snapshot, story: Story, *more: Entry) -> list[Ask]:
    """What is unanswered; what the snapshot does not have is not to be found."""
    entries = (*story.entries, *more)
    journal = Journal(entries, entries[-1].hash, frozenset(), (), None)
    return list(drive(inbox(Knowledge(seen), journal, story.incident, POLICY), seen, nothing_more))


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
    edit = PanelEdit(BOB, NOON + timedelta(minutes=30))
    opened = replace(CLOSED, state="open")
    for more, words in (((), ["check"]), ((_answered(edit),), [])):
        seen = Snapshot(REPOSITORY, opened, (), NOON, panel=panel, panel_edit=edit)
        assert [ask.call.word for ask in inbox_of(seen, STORY, *more)] == words


def _answered(edit: PanelEdit) -> Entry:
    return Entry(key=f"b9-{edit.at:%Y%m%dT%H%M%S}-verification", what="check", at=edit.at, facts=(Helped(),))
