"""Duplicates, reports, taking back, asking for help."""

from __future__ import annotations

import pytest

from allclear.commands import COMMANDS
from allclear.commands.help import command_table
from allclear.core.model.people import Rights
from allclear.core.policy.settings import Settings
from allclear.core.record.audit import Helped, Undone
from allclear.core.record.life import Dismissed, Duplicated
from allclear.core.record.postmortem import PostmortemOpened
from allclear.core.record.progress import Updated
from commands.room import ALICE, BOB, Talk, declared


def test_a_duplicate_of_an_issue_that_github_does_not_show_is_refused_for_now(talk: Talk) -> None:
    heard = talk.says("/duplicate #15")
    assert (heard.code, "Try again in a minute." in heard.say) == ("unavailable", True)


def test_a_duplicate_says_what_happens(talk: Talk) -> None:
    heard = talk.says("/duplicate #12")

    assert heard.facts == (Duplicated(of=12),)
    assert heard.say == (
        "This is the same incident as #12. The clocks here stop, its people are added there, "
        "and this issue is closed."
    )
    assert (talk.incident.stage, talk.incident.links.duplicate_of) == ("duplicate", 12)


def test_a_duplicate_of_something_closed_says_so(talk: Talk) -> None:
    assert talk.says("/dup 13").say.endswith("Note that #13 is closed.")


@pytest.mark.parametrize(
    ("typed", "code", "said"),
    [
        (
            "/duplicate",
            "malformed",
            "Which issue? Write its number, such as `#12`. Usage: `/duplicate #<issue>`",
        ),
        ("/duplicate twelve", "malformed", "`twelve` is not an issue of this repository;"),
        ("/duplicate other/repo#12", "malformed", "`other/repo#12` is not an issue of this repository;"),
        ("/duplicate #7", "malformed", "That is this incident itself."),
        ("/duplicate #404", "missing", "There is no issue 404 in this repository."),
        ("/duplicate #99", "missing", "There is no issue 99 in this repository."),
        (
            "/duplicate #14",
            "not-an-incident",
            "#14 is not an incident. If it is one, it needs the `incident` label first.",
        ),
    ],
)
def test_a_duplicate_of_no_incident_is_refused(talk: Talk, typed: str, code: str, said: str) -> None:
    heard = talk.says(typed)

    assert (heard.code, heard.say[: len(said)]) == (code, said)
    assert talk.incident.stage == "open"


def test_a_duplicate_can_be_reopened(talk: Talk) -> None:
    talk.says("/duplicate #12")

    assert talk.says("/reopen it is another one").code == ""
    assert talk.incident.links.duplicate_of is None


def test_confirming_a_report_makes_an_incident_of_it() -> None:
    talk = Talk("P2", report=True, asked=True)
    heard = talk.says("/confirm")

    assert heard.facts == (declared("P2", asked=True),)
    assert heard.say.startswith(
        "This is now an incident. Its severity is **P2**. Nobody has named the severity yet; `/sev "
        "<severity>` does.\n"
        "Next: Alert now (DevOps); Notice to Manager at 15:01 UTC (Manager); "
    )
    assert talk.incident.stage == "open"


def test_a_report_with_a_severity_is_confirmed_without_a_question() -> None:
    assert (
        Talk("P0", report=True)
        .says("/confirm")
        .say.startswith("This is now an incident. Its severity is **P0**.\n")
    )


def test_dismissing_a_report() -> None:
    talk = Talk(report=True)
    heard = talk.says("/dismiss a question, not an outage")

    assert heard.facts == (Dismissed(why="a question, not an outage"),)
    assert heard.say == "The report is dismissed: this is not an incident. `/confirm` makes it one after all."
    assert talk.incident.stage == "dismissed"
    assert (
        talk.says("/dismiss").say
        == "This report is dismissed already. `/confirm` makes it an incident after all."
    )


def test_what_is_an_incident_can_neither_be_confirmed_nor_dismissed(talk: Talk) -> None:
    assert talk.says("/confirm").say == "There is no report to confirm: this is an incident already."
    assert (
        talk.says("/dismiss").say
        == "There is no report to dismiss: this is an incident. `/all-clear` ends it."
    )
    assert talk.says("/dismiss").code == "state"


def test_reopening_a_dismissed_report_declares_it() -> None:
    talk = Talk("P1", report=True)
    assert talk.says("/reopen it is real").say == (
        "This is a report that nobody has confirmed yet. `/confirm` makes it an incident."
    )
    talk.says("/dismiss")

    assert talk.says("/reopen it is real").facts == (declared("P1"),)
    assert (talk.incident.stage, talk.incident.severity, talk.incident.interval) == ("open", "P1", 0)


def test_a_dismissed_report_that_cannot_be_read_any_more_needs_a_new_incident() -> None:
    talk = Talk(report=True)
    talk.says("/dismiss")
    talk.report = None

    assert talk.says("/reopen it is real").say == "This report was dismissed. Open a new incident for it."


def test_undo_takes_the_authors_last_command_back(talk: Talk) -> None:
    talk.says("/sev P0")
    talk.says("/status identified", by=BOB)

    heard = talk.says("/undo")

    assert heard.say == "`sev` was taken back."
    assert heard.facts == (Undone(key="c101.1", what="sev"),)
    assert (talk.incident.severity, talk.incident.status) == ("P1", "identified")


@pytest.mark.parametrize("named", ["", "sev", "/sev", "my last /sev.", "severity", "that, sorry", "the mess"])
def test_undo_takes_back_what_it_names(talk: Talk, named: str) -> None:
    talk.says("/sev P0")

    assert talk.says(f"/undo {named}").say == "`sev` was taken back."


@pytest.mark.parametrize("named", ["/status", "status", "the last status", "/status monitoring"])
def test_undo_takes_nothing_back_that_it_does_not_name(talk: Talk, named: str) -> None:
    talk.says("/status identified")
    talk.says("/sev P0")

    heard = talk.says(f"/undo {named}")

    assert heard.code == "unclear"
    assert heard.say == (
        f"Your last command that can be taken back is `sev`, so `{'/' * ('/' in named)}status` is not. "
        "`/undo` alone takes that back, and one more the one before it."
    )
    assert talk.incident.severity == "P0"


@pytest.mark.parametrize("question", ["?", "? sev", "sev?", "? /sev", "\uff1f", "the last ?", "?!"])
def test_undo_with_a_question_mark_takes_nothing_back(talk: Talk, question: str) -> None:
    talk.says("/sev P0")

    heard = talk.says(f"/undo {question}")

    assert heard.facts == (Helped(),)
    assert heard.say == "A question changes nothing. `/undo` takes back `sev`, your last command."
    assert talk.incident.severity == "P0"


def test_undo_goes_back_step_by_step_past_what_cannot_be_taken_back(talk: Talk) -> None:
    talk.says("/flag security")
    talk.says("/monitoring")
    talk.says("/sev P9")
    talk.says("/help")
    talk.says("/postmortem")

    assert talk.says("/undo").say == "`monitoring` was taken back."
    assert talk.says("/undo").say == "`flag` was taken back."
    assert talk.incident.progress.flags == frozenset()
    assert talk.says("/undo").say == (
        "There is no command of yours to take back since the incident was last opened or closed."
    )


def test_undo_finds_nothing_of_somebody_elses(talk: Talk) -> None:
    talk.says("/sev P0", by=BOB)
    talk.add("", Updated(text="by the engine"), key="t:1")
    talk.add("", Updated(text="nameless"), by=ALICE, key="b1.x")

    assert talk.says("/undo").code == "state"
    assert talk.incident.severity == "P0"


def test_undo_does_not_reach_behind_the_end_of_an_incident(talk: Talk) -> None:
    talk.says("/sev P0")
    talk.says("/all-clear --override done", rights=Rights.MAINTAIN)
    assert talk.says("/undo").code == "state"

    talk.says("/note 13:50 forgotten")
    assert talk.says("/undo").say == "`note` was taken back."


def test_undo_takes_the_right_that_the_command_takes(talk: Talk) -> None:
    talk.says("/time started 13:50")

    heard = talk.says("/undo", rights=Rights.TRIAGE)

    assert (heard.code, heard.say) == (
        "not-allowed",
        "`/time` needs `write` access, and so does taking it back.",
    )


def test_undo_in_an_issue_without_entries_finds_nothing() -> None:
    talk = Talk()
    talk.entries.clear()

    assert talk.says("/undo").code == "state"


def test_help_shows_all_commands(talk: Talk) -> None:
    heard = talk.says("/help")

    assert heard.facts == (Helped(),)
    assert heard.say.startswith(
        "| command | does | least role | for example |\n|---|---|---|---|\n| `/ack` | "
    )
    assert "| `/sev <severity> [why]` |" in heard.say
    assert heard.say.endswith(
        "`/help <command>` tells more. A command begins its line, and a comment may hold many."
    )
    assert len(heard.say) < 8000


def test_help_shows_one_command_with_the_rights_it_takes_here() -> None:
    talk = Talk(settings=Settings(rights={"sev": "maintain"}))

    assert talk.says("/help /severity").say == (
        "`/sev <severity> [why]`\n\n"
        "Sets the severity; the deadlines follow it.\n\n"
        "The clocks keep their start and get the durations of the new severity. "
        "When it is raised, notices that are overdue by then are sent "
        "at once. When it is lowered, notices that were still to come are dropped.\n\n"
        "Who may use it: whoever has `maintain` access or more.\n\n"
        "For example: `/sev P1 checkout fails for everybody`, `/P1`.\n\n"
        "It can also be written `/severity`.\n\n"
        "`/undo` takes it back."
    )


def test_help_for_a_command_without_much_to_say(talk: Talk) -> None:
    said = talk.says("/help confirm").say

    assert said.startswith("`/confirm`\n\nMakes an outsider's report an incident")
    assert "It can also be written" not in said
    assert "`/undo` takes" not in said


@pytest.mark.parametrize("typed", ["/help with /sev", "/help me with the sev command", "/? sev"])
def test_help_is_asked_for_a_command_in_many_ways(talk: Talk, typed: str) -> None:
    assert talk.says(typed).say == talk.says("/help sev").say


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("/help resovle", "There is no command `resovle`. Did you mean `/resolve`?"),
        ("/help me", "There is no command `me`. `/help` lists them all."),
        ("/help cheese-cake", "There is no command `cheese-cake`. `/help` lists them all."),
        ("/help `@all`", "There is no command `@all`. `/help` lists them all."),
    ],
)
def test_help_for_no_command(talk: Talk, typed: str, said: str) -> None:
    heard = talk.says(typed)

    assert (heard.code, heard.say) == ("unknown", said)


def test_the_table_has_a_row_for_every_command_of_the_book() -> None:
    rows = command_table(COMMANDS).split("\n")[2:]

    assert [row.split("`")[1].split()[0] for row in rows] == [f"/{name}" for name in COMMANDS]
    assert all(row.count("|") == 5 for row in rows)


def test_an_announced_post_mortem_is_renewed(talk: Talk) -> None:
    talk.add(
        "opened",
        PostmortemOpened(path="reports/incidents/x.md", branch="post-mortem/7", url="https://example.test"),
    )

    assert talk.says("/post-mortem").say.startswith("The post-mortem is being updated.")
