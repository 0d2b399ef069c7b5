"""Declaring: who makes an issue an incident, and what its title, labels and form say."""

from __future__ import annotations

from datetime import timedelta

import pytest

from allclear.core.conversation.declare import MOST_REPORTS, OVER
from allclear.core.model.people import Access, Person, Rights
from allclear.core.model.snapshot import Wants
from allclear.core.policy.settings import Settings
from allclear.core.record.incident import Stage
from allclear.core.record.life import Declared, Reported
from core.issue_desk import EVE, IssueDesk, facts, new, told
from stories import ADA, BOB, CAT, NOON


def opened(**more: object) -> IssueDesk:
    """An issue as somebody opened it, and no pass looked at it yet."""
    return IssueDesk(**more)  # type: ignore[arg-type]  # the fields of a desk, by name


def fact(desk: IssueDesk) -> Declared:
    (found,) = [one for one in facts(desk.plan()) if isinstance(one, Declared)]
    return found


# -- who


def test_somebody_who_may_declares_by_opening_it_with_the_label() -> None:
    desk = opened()
    (entry, *_) = new(desk.plan())
    assert (entry.key, entry.what, entry.by, entry.at) == ("declare", "declare", ADA, NOON)
    assert desk.asked[:2] == [Wants(events=True), Wants(logins=frozenset({"ada"}))]


def test_somebody_who_may_declares_by_labelling_what_a_stranger_opened() -> None:
    desk = opened(author=EVE)
    desk.does(EVE, "labeled", "bug")
    desk.does(CAT, "labeled", "incident")
    (entry, *_) = new(desk.plan())
    assert (entry.by, entry.at) == (CAT, NOON + timedelta(minutes=2))
    assert fact(desk).reporter == EVE
    assert desk.asked[1] == Wants(logins=frozenset({"cat"}))


def test_the_form_of_a_stranger_carries_the_label_and_is_a_report() -> None:
    desk = opened(author=EVE)
    desk.does(EVE, "labeled", "incident")
    plan = desk.plan()
    assert facts(plan) == [Reported(title="Checkout is down")]
    assert (plan.incident.stage, plan.incident.team.reporter) == (Stage.REPORT, EVE)
    assert (
        "Somebody with `write` access has to make it an incident with `/confirm`, or close it with "
        "`/dismiss`." in told(plan)
    )


def reported(older: int) -> IssueDesk:
    """A stranger's report, after so many others of theirs within the hour."""
    desk = opened(author=EVE, reports=older)
    desk.does(EVE, "labeled", "incident")
    return desk


def test_the_last_report_that_is_answered_in_an_hour_says_that_the_next_ones_wait() -> None:
    assert "reported" not in told(reported(MOST_REPORTS - 2).plan())
    assert "You have reported 3 times within an hour" in told(reported(MOST_REPORTS - 1).plan())


def test_a_report_beyond_an_hours_share_waits_without_a_word_and_is_not_lost() -> None:
    desk = reported(MOST_REPORTS)
    desk.says(EVE, "/ack")
    desk.says(BOB, "I look at it")
    desk.says(None, "/ack")
    plan = desk.plan()
    assert (plan.over, plan.effects, plan.waiting) == (True, (), (OVER,))
    desk.reports = 0
    assert desk.plan().incident.stage == Stage.REPORT


def test_somebody_with_rights_takes_up_a_report_beyond_an_hours_share_by_a_command() -> None:
    desk = reported(MOST_REPORTS)
    desk.says(Person(id=9, login="stranger"), "/confirm")
    assert desk.plan().over
    desk.says(BOB, "/confirm")
    assert desk.plan().incident.stage == Stage.OPEN


def test_a_report_of_somebody_who_is_gone_is_taken_up_as_well() -> None:
    desk = opened(author=None, reports=MOST_REPORTS)
    desk.does(EVE, "labeled", "incident")
    assert desk.plan().over
    desk.says(BOB, "/confirm")
    assert desk.plan().incident.stage == Stage.OPEN


def test_what_somebody_with_rights_opens_is_never_too_much() -> None:
    assert opened(reports=99).plan().incident.stage == Stage.OPEN


def test_who_confirms_is_what_the_settings_say() -> None:
    desk = opened(author=EVE, settings=Settings(rights={"confirm": "admin"}))
    assert "Somebody with `admin` access has to make it an incident with `/confirm`" in told(desk.plan())


def test_the_author_counts_when_the_label_was_put_on_by_somebody_who_may_not() -> None:
    desk = opened()
    desk.does(EVE, "labeled", "incident")
    (entry, *_) = new(desk.plan())
    assert (entry.by, entry.at) == (ADA, NOON + timedelta(minutes=1))


@pytest.mark.parametrize("ghosts", [True, False])
def test_an_issue_of_nobody_is_a_report(ghosts: bool) -> None:
    desk = opened(author=None)
    if ghosts:
        desk.does(None, "labeled", "incident")
    assert [one.t for one in facts(desk.plan())] == ["reported"]


def test_one_of_the_two_who_may_is_enough_when_github_says_nothing_of_the_other() -> None:
    desk = opened(access={"ada": Access(Rights.ADMIN, ADA), "bob": Access(None)})
    desk.does(BOB, "labeled", "incident")
    (entry, *_) = new(desk.plan())
    assert entry.by == ADA


def test_it_is_no_report_while_github_says_nothing_of_one_of_them() -> None:
    desk = opened(author=EVE)
    desk.access["bob"] = Access(None)
    desk.does(BOB, "labeled", "incident")
    assert desk.plan().waiting == ("GitHub did not say who may declare it",)


# -- what it says


@pytest.mark.parametrize(
    ("title", "labels", "severity", "words"),
    [
        ("[INCIDENT P0] Down", ("P0",), "P0", "Incident declared: **P0 · Critical (All hands)**. "),
        ("[DRILL P1] Down", (), "P1", "Drill (it notifies nobody and counts in no metric) declared: **P1 · "),
        ("Down", ("retro", "P2"), "P2", "Incident, written up afterwards, declared: **P2 · "),
        ("[P2] Down", ("P1",), "P1", "The issue names P1 and P2, and the highest counts."),
        (
            "Down",
            (),
            "P2",
            "The issue names no severity, so P2 counts for now. Which is it? Write `/sev <severity>`.",
        ),
    ],
)
def test_the_answer_says_what_was_understood(
    title: str, labels: tuple[str, ...], severity: str, words: str
) -> None:
    desk = opened(title=title, labels=frozenset({"incident", *labels}))
    assert words in told(desk.plan())
    assert fact(desk).severity == severity


def test_the_form_is_read_and_what_it_leaves_unread_is_said() -> None:
    body = (
        "### Severity\n\nP0 — Critical\n\n### Started\n\n14:01\n\n### Detected\n\nyesterday-ish\n\n"
        "### Detected by\n\nMonitoring alert\n\n### User impact\n\nNobody can pay\n\n"
        "### Affected services\n\nweb, api; web\n\n### Notes\n\n_No response_"
    )
    desk = opened(title="[INCIDENT] Checkout", labels=frozenset({"incident"}), body=body)
    said = fact(desk)
    assert (said.severity, said.kind, said.asked) == ("P0", "real", False)
    assert (said.started, said.detected) == (NOON - timedelta(minutes=4), None)
    assert (said.detected_by, said.impact) == ("Monitoring alert", "Nobody can pay")
    assert said.services == ("web", "api")
    assert "`Detected: yesterday-ish` could not be read. `/time started 14:05` corrects such a time." in told(
        desk.plan()
    )


def test_a_severity_of_the_body_that_the_runbook_does_not_know_is_told() -> None:
    desk = opened(title="Checkout", labels=frozenset({"incident"}), body="Severity: catastrophic")
    assert "`catastrophic` is no severity of this runbook, so P2 counts for now. Which is it?" in told(
        desk.plan()
    )


def test_a_field_may_be_a_line_of_its_own_and_the_first_one_wins() -> None:
    desk = opened(body="**Impact:** carts\\n- Impact: none\nServices: web")
    assert (fact(desk).impact, fact(desk).services) == ("carts", ("web",))


@pytest.mark.parametrize(
    ("title", "clean"), [("[INCIDENT P0]", "[INCIDENT P0]"), ("", "Untitled"), ("[P1]: Down", "Down")]
)
def test_a_title_is_never_empty(title: str, clean: str) -> None:
    assert opened(title=title).plan().incident.title == clean


@pytest.mark.parametrize(
    ("body", "severity", "asked"),
    [
        ("Severity: P1\nSeverity: P0", "P0", True),
        ("Severity: P1\nSeverity: P1", "P1", False),
        ("~~Severity: P0~~\nSeverity: P1", "P1", False),
        ("### Severity\n\nP1\n\n### What\n\nSeverity: P0 said the alert", "P1", False),
    ],
)
def test_of_two_different_answers_in_plain_lines_the_highest_counts_and_it_is_asked(
    body: str, severity: str, asked: bool
) -> None:
    found = fact(opened(title="Checkout", labels=frozenset({"incident"}), body=body))
    assert (found.severity, found.asked) == (severity, asked)
