"""The comments that asked and approved: by that person, never edited, still there, and saying just that."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from allclear.commands import COMMANDS
from allclear.core.conversation.command import Policy
from allclear.core.model.authored import read_authored
from allclear.core.model.operation import Operation, operation_id
from allclear.core.model.people import Person
from allclear.core.model.snapshot import Repository
from allclear.core.model.structs import replace
from allclear.core.policy.settings import Settings
from allclear.core.production.clearance import Refusal
from allclear.core.production.source import Record, SourceComment, Sources, approving, asking, wanted
from allclear.core.record.incident import Incident, ProductionState, Stage
from stories import ADA, BOB, HOTDASH, RENDERER

ASKED, APPROVED = 101, 105
AT = datetime(2026, 3, 2, 14, 1, tzinfo=UTC)
KEY = f"c{ASKED}.1"
OP = operation_id("rollback", 9, 42, KEY)
SETTINGS = read_authored(
    Settings, {"services": {"web": {}}, "actions": {"restart": {"title": "Restart", "run": ["restart"]}}}
)
BODY = "It is down.\n\n/ack\n/rollback web to v41 checkout is down"
BOT = Person(id=41898282, login="github-actions[bot]")


def operation(**more: Any) -> Operation:
    said: dict[str, Any] = {
        "id": OP,
        "kind": "rollback",
        "asked": AT,
        "service": "web",
        "expires": AT + timedelta(minutes=30),
        "by": ADA,
        "source": KEY,
        "approval": "second-person",
        "approved_by": BOB,
        "approved_source": f"c{APPROVED}.0",
    }
    return Operation(**said | more)


def comment(number: int = ASKED, **more: Any) -> SourceComment:
    said: dict[str, Any] = {"issue": 42, "at": AT, "author": ADA, "body": BODY, "edited": False}
    return SourceComment(number, **said | more)


def approval(**more: Any) -> SourceComment:
    return comment(APPROVED, **{"author": BOB, "body": f"/approve {OP}"} | more)


def record(*others: Operation) -> Record:
    policy = Policy(SETTINGS, HOTDASH, COMMANDS, RENDERER)
    production = ProductionState({one.id: one for one in others})
    incident = Incident(42, stage=Stage.OPEN, production=production)
    return Record(Repository(9, "acme/shop", ""), incident, policy)


def sources(asked: SourceComment | None = comment(), approved: SourceComment | None = approval()) -> Sources:  # noqa: B008 - frozen values
    return {ASKED: asked, APPROVED: approved}


def why(found: object) -> str:
    assert isinstance(found, Refusal)
    assert found.code == "source"
    assert found.text.endswith("Ask for it again.")
    return found.text.removesuffix(" Ask for it again.")


def test_the_record_says_which_comments_are_read() -> None:
    assert wanted(operation()) == {ASKED, APPROVED}
    assert wanted(operation(approved_source="")) == {ASKED}
    assert wanted(operation(source="declare", approved_source="o:x")) == frozenset()


def test_the_command_is_given_as_its_file_gets_it() -> None:
    typed = asking(operation(), record(), sources())
    assert not isinstance(typed, Refusal)
    assert (typed.word, typed.line, typed.below) == ("rollback", "web to v41 checkout is down", "")


ASKING: dict[str, tuple[Operation, SourceComment | None, str]] = {
    "deleted": (operation(), None, "The comment that asked for it is not in this incident any more."),
    "of another issue": (
        operation(),
        comment(issue=7),
        "The comment that asked for it is not in this incident",
    ),
    "somebody else's": (
        operation(),
        comment(author=BOB),
        "The comment that asked for it is somebody else's.",
    ),
    "of an account that is gone": (operation(), comment(author=None), "is somebody else's."),
    "that nobody asked for": (operation(by=None), comment(), "is somebody else's."),
    "a bot's": (operation(by=BOT), comment(author=BOT), "was written by no person."),
    "another app's": (
        operation(by=Person(id=5, login="x[bot]")),
        comment(author=Person(id=5, login="x[bot]")),
        "was written by no person.",
    ),
    "edited": (operation(), comment(edited=True), "The comment that asked for it was edited afterwards."),
    "perhaps edited": (operation(), comment(edited=None), "GitHub did not say whether the comment"),
    "without a command": (operation(), comment(body="It is down."), "does not say so."),
    "with another command": (operation(), comment(body="/ack\n/smoke web"), "does not say so."),
    "with a command nobody knows": (operation(), comment(body="/ack\n/rolback web"), "does not say so."),
    "with a look-alike": (operation(), comment(body="/ack\n\uff0frollback web"), "does not say so."),
    "in a quote": (operation(), comment(body="/ack\n\n> /rollback web"), "does not say so."),
}


@pytest.mark.parametrize("case", ASKING)
def test_a_comment_that_does_not_ask_for_it_executes_nothing(case: str) -> None:
    asked, seen, said = ASKING[case]
    assert said in why(asking(asked, record(), sources(seen)))


@pytest.mark.parametrize("key", ["", "declare", "o:rollback-7f3a2c1d", "l17", "c101", "c0.1", "b101-x-y"])
def test_what_no_comment_asked_for_is_not_executed(key: str) -> None:
    asked = operation(id=operation_id("rollback", 9, 42, key), source=key)
    assert why(asking(asked, record(), sources())) == "No comment of a person asked for it."


def test_an_id_is_that_of_its_comment_so_that_one_comment_is_one_operation() -> None:
    assert why(asking(operation(id="rollback-00000000"), record(), sources())).startswith("Its id does not")
    other = operation(source=f"c{ASKED}.0")
    assert why(asking(other, record(), sources())).startswith("Its id does not")


def test_an_action_is_asked_for_by_its_own_commands() -> None:
    key = f"c{ASKED}.0"
    asked = operation(kind="action", name="restart", id=operation_id("action", 9, 42, key), source=key)
    for body in ("/run restart", "/flag-off stripe", "/feature-off stripe"):
        assert not isinstance(asking(asked, record(), sources(comment(body=body))), Refusal)
    assert why(asking(asked, record(), sources(comment(body="/rollback web")))).endswith("does not say so.")


@pytest.mark.parametrize(
    "more",
    [
        {"asked": AT + timedelta(minutes=5), "expires": AT + timedelta(minutes=25)},
        {"expires": AT + timedelta(minutes=31)},
        {"service": "gone"},
        {"kind": "action", "name": "gone", "id": operation_id("action", 9, 42, KEY)},
    ],
)
def test_it_counts_from_when_the_comment_was_written_and_for_as_long_as_the_settings_say(
    more: dict[str, Any],
) -> None:
    seen = comment(body="/ack\n/run restart") if "kind" in more else comment()
    assert why(asking(operation(**more), record(), sources(seen))).endswith("is of another time.")


@pytest.mark.parametrize(
    "body", [f"/approve {OP}", "/approve", f"/approve `{OP}` looks right", f"/approve {OP[:12].upper()}"]
)
def test_a_plain_yes_is_a_yes(body: str) -> None:
    assert approving(operation(), record(operation()), sources(approved=approval(body=body))) is None


APPROVING: dict[str, tuple[Operation, SourceComment | None, str]] = {
    "nobody": (operation(approved_source=""), approval(), "No comment of a person approved it."),
    "deleted": (operation(), None, "The comment that approved it is not in this incident any more."),
    "edited": (operation(), approval(edited=True), "The comment that approved it was edited afterwards."),
    "somebody else's": (
        operation(),
        approval(author=ADA),
        "The comment that approved it is somebody else's.",
    ),
    "no approval": (operation(), approval(body="looks good"), "does not say so."),
    "of another operation": (
        operation(),
        approval(body="/approve rollback-00000000"),
        "The comment that approved it names another operation.",
    ),
    "a question": (operation(), approval(body=f"/approve {OP} ?"), "is no plain yes."),
    "a dry run": (operation(), approval(body=f"/approve {OP}\n(dry run)"), "is no plain yes."),
}


@pytest.mark.parametrize("case", APPROVING)
def test_a_comment_that_does_not_approve_it_executes_nothing(case: str) -> None:
    asked, seen, said = APPROVING[case]
    assert said in why(approving(asked, record(asked), sources(approved=seen)))


def test_one_yes_is_for_one_operation_and_comes_after_it_was_asked_for() -> None:
    twin = operation(id="rollback-00000000")
    assert "approved another operation" in why(approving(operation(), record(operation(), twin), sources()))
    early = operation(approved_source="c99.0")
    before = {ASKED: comment(), 99: replace(approval(), id=99)}
    assert why(approving(early, record(early), before)) == "It was approved before it was asked for."


@pytest.mark.parametrize("approved_by", ["environment", "none"])
def test_where_no_second_person_approves_no_comment_has_to(approved_by: str) -> None:
    asked = operation(approval=approved_by, approved_source="")
    assert approving(asked, record(asked), {}) is None
