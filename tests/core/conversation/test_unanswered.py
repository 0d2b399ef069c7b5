"""What people wrote and has no answer: told once a comment, once an edit, and in the issue's own text."""

from __future__ import annotations

from datetime import timedelta

import pytest

from allclear.core.model.authored import read_authored
from allclear.core.model.people import Person, Rights
from allclear.core.model.snapshot import LastEdit
from allclear.core.model.structs import replace
from allclear.core.policy.settings import Settings
from allclear.core.record.audit import Refused
from allclear.core.record.read_again import STRIDE
from core.issue_desk import BOT, EVE, IssueDesk, declared, new, told
from stories import ADA, BOB, SETTINGS

NOT_TAKEN = (Refused(code="not-taken"),)


def edited(desk: IssueDesk, number: int, text: str) -> None:
    """The comment is edited by its author, two minutes later."""
    desk.later(2)
    at = next(place for place, one in enumerate(desk.comments) if one.id == number)
    desk.comments[at] = replace(desk.comments[at], body=text, updated_at=desk.now)


def test_what_is_not_taken_is_told_in_one_answer_that_names_every_word() -> None:
    desk = declared()
    desk.says(BOB, "`/ack`\n\n- /rollback web\n\n/note seen\n\n@ada /sev P0")
    plan = desk.run()
    assert [(one.what, one.key.rpartition(".")[2]) for one in new(plan)] == [("ack", "told"), ("note", "0")]
    for word in (
        "`/ack`: it stands in code marks",
        "`/rollback web`: it counts only",
        "`/sev P0`: it stands",
    ):
        assert word in told(plan)
    assert new(desk.run()) == []


def test_the_words_of_other_bots_are_left_alone_however_they_stand() -> None:
    desk = declared(settings=replace(SETTINGS, ignore=("ack",)))
    desk.says(BOB, "- /ack\n- `/ack`")
    assert new(desk.run()) == []


def test_a_stranger_is_not_told_what_would_count_where() -> None:
    desk = declared()
    desk.says(EVE, "`/ack`")
    assert new(desk.run()) == []


def test_an_edit_is_told_once_and_the_next_edit_again() -> None:
    desk = declared()
    number = desk.says(BOB, "/akc")
    desk.run()
    edited(desk, number, "/ack")
    assert "`/ack`: it was written into the text after that was answered" in told(desk.run())
    assert new(desk.run()) == []
    edited(desk, number, "/sev P0")
    (entry,) = new(desk.run())
    assert (entry.what, entry.facts) == ("sev", NOT_TAKEN)
    edited(desk, number, "/sev P0\nand more text")
    assert new(desk.run()) == []
    edited(desk, number, "Never mind.")
    assert new(desk.run()) == []


def test_an_edit_that_an_earlier_run_passed_over_is_left_alone() -> None:
    desk = declared()
    number = desk.says(BOB, "/akc")
    desk.run()
    edited(desk, number, "/ack")
    desk.later(90).write(BOT, "An answer to something else.")
    assert [one.what for one in new(desk.run()) if one.key.startswith("c")] == []


def test_a_run_that_read_only_what_is_new_reads_the_answers_of_an_edited_comment() -> None:
    desk = declared(brief=True)
    number = desk.says(BOB, "/akc")
    desk.run()
    for _ in range(2 * STRIDE):
        desk.says(EVE, "any news?")
    desk.run()
    desk.run()
    edited(desk, number, "/ack")
    (entry,) = new(desk.run())
    assert entry.facts == NOT_TAKEN
    assert any(wants.history for wants in desk.asked)


# -- the issue's own text


def text_of(body: str, **more: object) -> list[tuple[str, bool]]:
    """What is made of an issue's text: the words, and whether they were refused."""
    plan = IssueDesk(body=body, **more).run()  # type: ignore[arg-type]  # the fields of a desk, by name
    found = [entry for entry in new(plan) if entry.key.startswith("declare.")]
    return [(one.what, any(isinstance(fact, Refused) for fact in one.facts)) for one in found]


def test_commands_in_the_text_of_the_issue_are_its_authors_once() -> None:
    desk = IssueDesk(body="/ack\n\n- /sev P0\n\n/checkout answers 500\n\nSeverity is a guess.")
    plan = desk.run()
    found = [(one.what, one.by, one.at) for one in new(plan) if one.key.startswith("declare.")]
    assert found == [("ack", ADA, plan.incident.opened), ("sev", ADA, plan.incident.opened)]
    assert plan.incident.severity == "P0"
    assert new(desk.run()) == []


def test_what_is_dangerous_in_it_is_told_and_what_is_no_command_is_text() -> None:
    assert text_of("/rollback web\n\n`/ack`\n\n/xyzzy\n\n\uff0fack") == [("rollback", True)]
    assert text_of("/ack\n/resolve") == [("ack", False), ("resolve", True)]


@pytest.mark.parametrize(
    ("body", "what", "named"),
    [
        ("/akc", "akc", "Did you mean `/ack`?"),
        ("It is down.\n\n- /akc", "akc", "Did you mean `/ack`?"),
        ("/rca the pool", "rca", "This is `/finding the pool` here."),
        ("/restart", "restart", "`/run restart`"),
    ],
)
def test_a_word_in_it_that_leads_to_a_command_is_told_where(body: str, what: str, named: str) -> None:
    restart = {"title": "Restart", "run": ["fly", "restart"], "least": "write"}
    desk = IssueDesk(body=body, settings=read_authored(Settings, {"actions": {"restart": restart}}))
    plan = desk.run()
    assert [one.what for one in new(plan) if one.key.startswith("declare.")] == [what]
    assert named in told(plan)
    assert new(desk.run()) == []


@pytest.mark.parametrize("body", ["/users", "/restart", "/orders is empty", "/lgtm", "/v1/ack"])
def test_a_report_may_begin_its_lines_with_paths_and_words_of_other_tools(body: str) -> None:
    assert text_of(body) == []


def test_nobody_speaks_in_it_but_its_author_with_their_own_rights() -> None:
    edit = LastEdit(BOB, IssueDesk().now)
    assert text_of("/ack", retold=edit) == [("ack", True)]
    assert text_of("/ack", retold=LastEdit(None, edit.at, known=False)) == []
    assert text_of("/ack", retold=LastEdit(None, edit.at)) == []
    assert text_of("/ack", retold=LastEdit(BOT, edit.at)) == []
    assert text_of("/ack", retold=LastEdit(EVE, edit.at)) == []
    assert text_of("/ack", retold=LastEdit(Person(id=77, login="gone"), edit.at)) == []
    assert text_of("/ack", author=None) == []


def test_the_text_of_a_report_says_nothing_until_somebody_confirms_it() -> None:
    assert text_of("/ack", author=EVE) == []


def test_what_an_edit_puts_into_it_later_is_told_once() -> None:
    desk = IssueDesk(body="/ack")
    desk.run()
    desk.later(5)
    desk.body, desk.retold = "/ack\n/sev P0", LastEdit(ADA, desk.now)
    plan = desk.run()
    assert [(one.what, one.by, one.facts) for one in new(plan)] == [("sev", ADA, NOT_TAKEN)]
    assert new(desk.run()) == []


def test_a_severity_that_is_written_into_it_later_is_told_once_each() -> None:
    desk = declared(body="Severity: P1")
    desk.later(5)
    desk.body, desk.retold = "Severity: P0", LastEdit(BOB, desk.now)
    plan = desk.run()
    assert [(one.what, one.by, one.facts) for one in new(plan)] == [("sev", BOB, NOT_TAKEN)]
    assert "`/sev P0`" in told(plan)
    assert new(desk.run()) == []


def test_a_severity_that_stood_there_from_the_beginning_is_no_news() -> None:
    desk = declared(title="[INCIDENT P0] Down", body="Severity: P3", labels=frozenset({"incident"}))
    assert new(desk.run()) == []


@pytest.mark.parametrize("days", [0.5, 1.5])
def test_a_day_after_the_declaration_the_text_is_as_it_is(days: float) -> None:
    desk = declared()
    desk.now += timedelta(days=days)
    desk.body, desk.retold = "/note from the text", LastEdit(ADA, desk.now)
    said = [one.what for one in new(desk.run()) if one.key.startswith("declare.")]
    assert said == (["note"] if days < 1 else [])


def test_rights_decide_as_in_a_comment() -> None:
    desk = IssueDesk(body="/override")
    desk.access["ada"] = replace(desk.access["ada"], rights=Rights.TRIAGE)
    desk.body = "/finding a lock"
    plan = desk.run()
    (entry,) = [one for one in new(plan) if one.key.startswith("declare.")]
    assert entry.what == "finding"
