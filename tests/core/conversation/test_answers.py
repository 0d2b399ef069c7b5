"""Every ask gets one answer, or waits: what is said to whom, at which stage, and for a deed by hand."""

from __future__ import annotations

from datetime import timedelta

import pytest

from allclear.core.model.people import Access, Person, Rights
from allclear.core.model.snapshot import Closer, IssueEvent, LastEdit, PullSeen
from allclear.core.model.structs import replace
from allclear.core.record.audit import Helped, Refused
from allclear.core.record.incident import Stage
from allclear.core.record.life import Dismissed
from core.issue_desk import BOT, BY_HAND, EVE, IssueDesk, declared, facts, new, told
from stories import ADA, BOB, CAT, HOTDASH, NOON, SETTINGS


def refusal(desk: IssueDesk) -> str:
    """The reason of the one refusal of a pass."""
    (found,) = [one.code for one in facts(desk.plan()) if isinstance(one, Refused)]
    return found


# -- what is no command


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("/akc", "`/akc` is not a command. Did you mean `/ack`? `/help` lists them all."),
        ("/xyzzyplugh", "`/xyzzyplugh` is not a command. `/help` lists them all."),
        ("\uff0fack", "This looks like a command, but its first character is not a plain `/`."),
    ],
)
def test_what_only_looks_like_a_command_is_told_so(typed: str, words: str) -> None:
    assert words in declared().answered(BOB, typed)


def test_only_the_first_hundred_commands_of_a_comment_are_read() -> None:
    desk = declared()
    said = desk.answered(BOB, "\n".join(f"/note {number}" for number in range(130)))
    assert said.count("Only the first 100 commands of a comment are read.") == 1
    assert "`/note 99`" in said
    assert "`/note 101`" not in said


def test_a_short_form_is_answered_as_it_was_typed() -> None:
    desk = declared()
    assert "`/p0 all of it`" in desk.answered(BOB, "/p0 all of it")
    assert desk.plan().incident.severity == "P0"


def test_a_command_that_production_hangs_on_is_not_taken_from_an_edited_comment() -> None:
    desk = declared()
    desk.says(ADA, "/rollback", edited=True)
    assert refusal(desk) == "edited"
    assert "`/rollback` is not accepted from an edited comment" in told(desk.run())


# -- who


def test_who_may_not_is_told_what_it_takes() -> None:
    desk = declared()
    assert (
        "`/resolve` needs `write` access to this repository, and GitHub says that you have `triage`. Ask "
        "somebody" in desk.answered(CAT, "/resolve")
    )


def test_the_settings_may_ask_for_more() -> None:
    desk = declared(settings=replace(SETTINGS, rights={"sev": "admin"}))
    assert "`/sev` needs `admin` access" in desk.answered(BOB, "/sev P0")


@pytest.mark.parametrize("typed", ["/akc", "\uff0fack", "\n".join(["/ack"] * 101)])
def test_a_stranger_hears_nothing_of_what_is_no_command(typed: str) -> None:
    desk = declared()
    desk.says(EVE, typed)
    said = told(desk.run())
    assert "is not a command" not in said
    assert "looks like" not in said
    assert said.count("GitHub says that you have `read`") == (1 if typed.startswith("/ack") else 0)


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("/sev --help", "sev"),
        ("/sev -h", "sev"),
        ("/sev help", "sev"),
        ("/sev ?", "sev"),
        ("/p1 --help", "p1"),
        ("/note --help", "note"),
        ("/note help", "note"),
        ("/ack \u2014help", "ack"),
        ("/rollback web --help", "rollback"),
        ("/resolve --help", "resolve"),
        ("/escalate --help", "escalate"),
        ("/?", ""),
    ],
)
def test_who_asks_how_a_command_is_written_is_shown_its_help_and_nothing_is_done(
    typed: str, name: str
) -> None:
    desk = declared()
    desk.says(BOB, typed)
    plan = desk.run()
    assert facts(plan) == [Helped()]
    assert (f"This is `/help {name}` here." in told(plan)) is bool(name)


@pytest.mark.parametrize("typed", ["/note help is on the way", "/note run kubectl --help", "/escalate help"])
def test_help_in_a_text_is_a_part_of_it(typed: str) -> None:
    assert "here." not in declared().answered(BOB, typed)


def test_a_command_behind_help_is_asked_about_and_not_done() -> None:
    desk = declared()
    desk.says(BOB, "/help /ack /sev P0")
    plan = desk.run()
    assert facts(plan) == [Helped()]
    assert "Acknowledges the incident" in told(plan)


@pytest.mark.parametrize("typed", ["/i'm on it", "/I\u2019m looking", "/im on it", "/i've got it"])
def test_who_says_that_they_are_on_it_hears_of_the_acknowledgement(typed: str) -> None:
    assert "`/ack` says that you are on it" in declared().answered(BOB, typed)


def test_everybody_may_ask_for_help_once() -> None:
    desk = declared()
    assert "| command | does |" in desk.answered(EVE, "/help")
    assert desk.answered(EVE, "/help") == ""


def test_a_stranger_who_was_answered_for_a_deed_by_hand_was_answered() -> None:
    desk = declared()
    desk.does(EVE, "closed")
    assert "GitHub says that you have `read`. The issue was opened again." in told(desk.run())
    assert desk.answered(EVE, "/ack") == ""


# -- by hand


@pytest.mark.parametrize(
    ("kind", "label", "words"),
    [
        ("labeled", "P0", "GitHub says that you have `read`. The label was put back."),
        ("closed", None, "GitHub says that you have `read`. The issue was opened again."),
    ],
)
def test_what_a_stranger_did_by_hand_is_taken_back(kind: str, label: str | None, words: str) -> None:
    desk = declared()
    desk.does(EVE, kind, label)
    assert words in told(desk.run())
    assert desk.labels & {"P0", "P1"} == {"P1"}
    assert desk.state == "open"


def test_an_issue_that_a_stranger_opened_again_is_closed_again() -> None:
    desk = declared()
    desk.says(ADA, '/all-clear --override "all is fine"')
    assert desk.run().incident.stage == Stage.CLOSED
    desk.does(EVE, "reopened")
    assert "GitHub says that you have `read`. The issue was closed again." in told(desk.run())
    assert desk.state == "closed"


def test_a_severity_label_set_by_hand_is_the_command() -> None:
    desk = declared()
    desk.does(BOB, "labeled", "P0")
    plan = desk.run()
    assert plan.incident.severity == "P0"
    assert "label P0" in told(plan)


def test_a_severity_label_taken_off_is_put_back() -> None:
    desk = declared()
    desk.does(BOB, "unlabeled", "P1")
    assert refusal(desk) == "state"
    assert "An incident has one severity label, so this one was put back." in told(desk.run())
    assert "P1" in desk.labels


def test_the_incident_label_taken_off_is_put_back() -> None:
    desk = declared()
    desk.does(BOB, "unlabeled", "incident")
    assert "This label marks the incident, so it was put back." in told(desk.run())
    assert "incident" in desk.labels


def test_a_close_that_the_gates_do_not_allow_is_undone() -> None:
    desk = declared()
    desk.does(ADA, "closed")
    assert "Closing the issue does not end the incident; it was opened again." in told(desk.run())
    assert desk.state == "open"


MERGED = PullSeen(7, "https://x/7", "fix", "main", BOB, NOON, NOON)
LATER = NOON + timedelta(hours=1)


@pytest.mark.parametrize(
    ("commit", "closer", "words"),
    [
        ("abc", None, "GitHub closed it for a commit. `/all-clear` ends it."),
        (None, Closer(LATER, commit=True), "GitHub closed it for a commit."),
        (None, Closer(LATER, MERGED), "GitHub closed it for the merge of [pull request #7](https://x/7)."),
    ],
)
@pytest.mark.parametrize("who", [ADA, EVE, BOT], ids=lambda who: str(who.login))
def test_a_closing_keyword_ends_nothing_whoever_merged(
    who: Person, commit: str | None, closer: Closer | None, words: str
) -> None:
    desk = declared(closer=closer or BY_HAND)
    desk.does(who, "closed", commit=commit)
    assert refusal(desk) == "keyword"
    said = told(desk.run())
    assert f"A closing keyword does not end an incident; it was opened again. {words}" in said
    assert desk.state == "open"
    assert desk.run().effects == ()


def test_a_closing_keyword_ends_no_incident_whose_gates_have_passed() -> None:
    """Of a runbook without any: closing by hand would be the all-clear."""
    desk = declared(runbook=replace(HOTDASH, gates=(), lists=()), closer=Closer(LATER, MERGED))
    desk.does(ADA, "closed")
    assert facts(desk.plan()) == [Refused(code="keyword")]
    desk.closer = BY_HAND
    assert [fact.t for fact in facts(desk.plan())] == ["cleared", "postmortem-asked", "spoken"]


def test_a_closing_keyword_withdraws_no_report() -> None:
    desk = IssueDesk(author=EVE, closer=Closer(LATER, MERGED))
    desk.run()
    desk.does(EVE, "closed")
    assert "`/dismiss` ends it." in told(desk.run())
    assert desk.state == "open"


@pytest.mark.parametrize("closer", [Closer(known=False), Closer(NOON - timedelta(days=1), MERGED)])
def test_while_github_does_not_say_what_closed_it_the_close_waits(closer: Closer) -> None:
    """The second: what it says is of an earlier close."""
    desk = declared(closer=closer)
    desk.does(ADA, "closed")
    plan = desk.run()
    assert (facts(plan), desk.state) == ([], "closed")
    (waits,) = plan.waiting
    assert "`closed by hand` by ada is waiting, because GitHub did not say what closed the issue." in waits
    desk.closer = BY_HAND
    assert "Closing the issue does not end the incident; it was opened again." in told(desk.run())


# -- the stage


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (
            "",
            (
                "This is a report, not an incident yet. Somebody with `write` access has to write `/confirm` "
                "first."
            ),
        ),
        (
            "/dismiss a question",
            "This report was dismissed. Somebody with `write` access has to write `/confirm`",
        ),
    ],
)
def test_a_report_takes_no_command_before_it_is_confirmed(more: str, words: str) -> None:
    desk = IssueDesk(author=EVE)
    desk.run()
    if more:
        desk.says(BOB, more)
        desk.run()
    assert words in desk.answered(BOB, "/ack")
    assert desk.plan().incident.reached("acknowledged") is None


def test_a_confirmed_report_is_an_incident_of_its_reporter() -> None:
    desk = IssueDesk(author=EVE)
    desk.run()
    desk.says(BOB, "/confirm")
    plan = desk.run()
    assert (plan.incident.stage, plan.incident.team.reporter, plan.incident.severity) == (
        Stage.OPEN,
        EVE,
        "P1",
    )


def test_a_reporter_withdraws_the_report_by_closing_it() -> None:
    desk = IssueDesk(author=EVE)
    desk.run()
    desk.does(EVE, "closed")
    plan = desk.run()
    assert facts(plan) == [Dismissed(why="withdrawn by its author")]
    assert "The author withdrew this report. Nobody had been paged." in told(plan)
    assert desk.state == "closed"


def test_nobody_else_without_the_right_to_closes_a_report() -> None:
    dan = Person(id=5, login="dan")
    desk = IssueDesk(author=EVE)
    desk.access["dan"] = Access(Rights.READ, dan)
    desk.run()
    desk.does(dan, "closed")
    assert "The issue was opened again." in told(desk.run())
    assert desk.state == "open"


def test_what_is_over_takes_only_what_comes_after_the_end() -> None:
    desk = declared()
    desk.says(ADA, '/all-clear --override "all is fine"')
    desk.run()
    desk.says(BOB, "/sev P0\n/action @cat add a test")
    plan = desk.run()
    assert "This incident is over. `/reopen the errors are back` opens it again." in told(plan)
    assert [fact.t for fact in facts(plan)] == ["refused", "action"]


# -- what is announced


def test_an_update_is_announced_with_its_text() -> None:
    desk = declared()
    assert "rolling back" in desk.answered(BOB, "/update rolling back")
    said = desk.answered(BOB, "/update line one\nline two")
    assert "> Progress: line one\n> line two\n" in said


def test_an_all_clear_against_open_gates_says_what_was_not_verified() -> None:
    desk = declared()
    said = desk.answered(ADA, '/all-clear --override "the shop is closed"')
    left = "investigation, root-cause, fix, verification, resolved, monitoring"
    assert f"Verified: No. It was overridden: the shop is closed (open: {left})" in said
    assert "RESOLVED" not in said  # what is over at once was not resolved first


def test_an_all_clear_through_all_gates_says_how_it_was_verified() -> None:
    desk = declared()
    desk.says(BOB, "/ack\n/finding a lock\n/status monitoring\n/check verification\n/resolve unlocked")
    assert desk.run().incident.reached("resolved") is not None
    desk.later(61)
    assert "Verified: Checked by bob" in desk.answered(BOB, "/all-clear")


def test_an_answer_of_help_only_is_marked_as_one_and_a_refusal_as_one() -> None:
    desk = declared()
    assert desk.answered(BOB, "/help ack").startswith("💬")
    assert desk.answered(BOB, "/sev P9").startswith("❌")
    assert desk.answered(BOB, "/ack").startswith("✅")


def test_the_entry_names_the_comment_and_who_wrote_it() -> None:
    desk = declared()
    number = desk.says(BOB, "/ack")
    (entry,) = new(desk.plan())
    assert (entry.key, entry.what, entry.by, entry.source) == (f"c{number}.0", "ack", BOB, number)


# -- what somebody else wrote into it


@pytest.mark.parametrize(
    ("editor", "words"),
    [(BOB, "was edited by bob, and not by its author"), (None, "was edited by somebody who is gone")],
)
def test_nobody_speaks_in_the_name_of_who_wrote_the_comment(editor: Person | None, words: str) -> None:
    desk = declared()
    theirs = desk.says(CAT, "/sev P0", edited=True)
    desk.editors[theirs] = LastEdit(editor, desk.now)
    plan = desk.run()
    assert words in told(plan)
    assert facts(plan) == [Refused(code="edited")]
    assert plan.incident.severity == "P1"


def test_a_comment_that_its_author_edited_is_heard() -> None:
    desk = declared()
    theirs = desk.says(CAT, "/sev P0", edited=True)
    desk.editors[theirs] = LastEdit(CAT, desk.now)
    assert desk.run().incident.severity == "P0"


def test_an_edited_comment_waits_until_github_says_who_edited_it() -> None:
    desk = declared()
    theirs = desk.says(CAT, "/sev P0", edited=True)
    desk.editors[theirs] = LastEdit(None, desk.now, known=False)
    plan = desk.run()
    assert (facts(plan), plan.incident.severity) == ([], "P1")
    assert "GitHub did not say who edited it, or what they may do" in plan.waiting[0]
    desk.editors[theirs] = LastEdit(CAT, desk.now)
    assert desk.run().incident.severity == "P0"


def test_who_edited_what_a_stranger_wrote_is_nobodys_business() -> None:
    desk = declared()
    desk.says(EVE, "/sev P0")
    desk.run()
    theirs = desk.says(EVE, "/sev P0", edited=True)
    desk.run()
    assert not any(theirs in wants.editors for wants in desk.asked)


# -- a report as it was when somebody confirmed it


def reported() -> IssueDesk:
    desk = IssueDesk(author=EVE, title="[INCIDENT P0] All is down", body="Impact: everything")
    desk.run()
    return desk


def retitles(desk: IssueDesk, who: Person | None, title: str) -> None:
    desk.later(1)
    event = IssueEvent(len(desk.events) + 1, "renamed", who, desk.now, former_title=desk.title)
    desk.events.append(event)
    desk.title = title


def test_a_report_is_judged_as_it_was_when_it_was_confirmed() -> None:
    desk = reported()
    desk.says(BOB, "/confirm")
    retitles(desk, EVE, "[DRILL P3] All is down")
    retitles(desk, EVE, "[DRILL P2] All is well")
    desk.does(EVE, "labeled", "drill")
    desk.does(CAT, "unlabeled", "P1")
    desk.does(CAT, "pinned")
    desk.body, desk.retold = "Impact: nothing", LastEdit(EVE, desk.now)
    plan = desk.run()
    assert (plan.incident.kind, plan.incident.severity) == ("real", "P0")
    assert plan.incident.impact.text == ""
    assert "This is now an incident. Its severity is **P0**." in told(plan)
    assert "changed its title" not in told(plan)


def test_a_report_whose_text_is_as_it_was_is_read() -> None:
    desk = reported()
    desk.says(BOB, "/confirm")
    assert desk.run().incident.impact.text == "everything"
    desk = reported()
    desk.says(BOB, "/confirm")
    desk.retold = LastEdit(None, desk.now - timedelta(hours=1), known=False)
    assert desk.run().incident.impact.text == ""


@pytest.mark.parametrize(("who", "name"), [(EVE, "eve"), (None, "somebody who is gone")])
def test_what_a_report_is_about_to_become_is_said_and_what_it_was_called(
    who: Person | None, name: str
) -> None:
    desk = reported()
    retitles(desk, who, "[DRILL P3] All is down")
    desk.says(BOB, "/confirm")
    plan = desk.run()
    assert plan.incident.kind == "drill"
    assert "This is now a **drill**, as the issue says: it notifies nobody" in told(plan)
    assert f"{name} changed its title after it was opened; first it was" in told(plan)
    assert "INCIDENT P0" in told(plan)


@pytest.mark.parametrize(
    ("how", "words"), [("duplicate", "`/duplicate #12`"), ("completed", "no all-clear yet")]
)
def test_who_closes_it_as_a_duplicate_is_told_how_to_say_of_which_incident(how: str, words: str) -> None:
    desk = declared()
    desk.run()
    desk.does(ADA, "closed")
    desk.closed_as = how
    assert words in told(desk.run())
    assert desk.state == "open"
