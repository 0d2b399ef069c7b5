"""What the engine points out by itself, pass by pass: severities, known kinds of incidents, going back."""

from __future__ import annotations

import pytest

from allclear.core.model.authored import read_authored
from allclear.core.model.people import Person
from allclear.core.policy.runbook import Runbook
from allclear.core.policy.settings import Settings
from allclear.core.record.observed import Measured, PatternHinted, PatternNamed, SeveritySuggested
from allclear.core.record.people import Acknowledged
from core.issue_desk import EVE, IssueDesk, facts, told
from stories import ADA, BOB, CAT, HOSTILE
from written import runbook, small

ACTIONS = {"db-kill-idle": {"title": "Kill idle", "run": ["npm", "run", "db:kill-idle"], "approval": "none"}}


def desk(
    book: Runbook, severity: str, title: str = "Checkout is down", by: Person = ADA, **more: object
) -> IssueDesk:
    settings = read_authored(Settings, {"actions": ACTIONS})
    label = book.label(book.severity(severity)) if severity else ""
    labels = frozenset({"incident", label} - {""})
    known = {"labels": labels, "known_labels": labels, "runbook": book, "settings": settings, "author": by}
    return IssueDesk(title=title, **known | more)  # type: ignore[arg-type]  # the fields of a desk, by name


def panel(one: IssueDesk) -> str:
    assert one.panel is not None
    return one.panel.body


def test_a_flag_that_defines_the_gravest_severity_suggests_it_once() -> None:
    """000-01, 002-01: raising is a person's /sev."""
    one = desk(runbook("sev"), "SEV3")
    one.run()
    said = one.answered(BOB, "/flag payments")

    assert "**Is this `SEV1`?** Payment system failure." in said
    assert "- `SEV1`, Critical: Complete service outage; Data loss or corruption; Security breach" in said
    assert "If so, write `/sev SEV1`. Nothing changes by itself." in said
    assert "**SEV1 is suggested:** Payment system failure. `/sev SEV1` raises it." in panel(one)
    assert one.run().incident.severity == "SEV3"
    assert told(one.later(600).run()).count("Is this") == 0
    one.says(BOB, "/unflag payments")
    one.run()
    assert "is suggested" not in panel(one)
    assert "Is this `SEV1`?" in one.answered(BOB, "/flag payments")
    assert "Is this" not in one.answered(BOB, "/sev SEV1 it is")
    assert "is suggested" not in panel(one)


def test_a_measure_suggests_the_severity_of_its_band() -> None:
    """001-02, 004-26."""
    one = desk(runbook("dirt-free-crm"), "SEV3")
    one.run()
    said = one.answered(BOB, "/finding response-time=5x normal")

    assert "Recorded: Response time 5 x normal." in said
    assert "This counts as an acknowledgement." in said
    assert "**Is this `SEV2`?** Response time 5 x normal (from 5 x normal on)." in said
    assert "Response time 5 x normal" in panel(one)
    said = one.answered(BOB, "/finding response-time=10\nRoot cause: the new index is missing")
    assert "Recorded: root cause, Response time 10 x normal." in said
    assert "Is this" not in said
    assert "**A reason to roll back at once: Performance degradation \\>10x baseline.**" in said
    assert "A reason" not in one.answered(BOB, "/finding response-time=11")


def test_several_causes_are_one_question_about_the_worst() -> None:
    book = small(
        severities={
            "SEV1": {"response": "5m", "at_least": {"rate": "50"}},
            "SEV2": {"response": "30m", "at_least": {"slow": "2"}},
            "SEV3": {"response": "1h"},
        },
        measures={"rate": {"unit": "%"}, "slow": {}},
        rules={"gravest": {"when": {"flag": "security"}, "suggest": "worst", "say": "{{ brief }} is grave"}},
    )
    one = desk(book, "SEV3")
    one.run()
    one.says(BOB, "/finding rate=60 slow=3\n/flag security")
    plan = one.run()

    assert [fact.to for fact in facts(plan) if isinstance(fact, SeveritySuggested)] == [
        "SEV1",
        "SEV1",
        "SEV2",
    ]
    assert told(plan).count("**Is this") == 1
    assert "Security breach; Rate 60 % (from 50 % on)." in told(plan)
    assert "Checkout is down is grave" in told(plan)


def test_an_undone_finding_was_never_measured() -> None:
    one = desk(runbook("dirt-free-crm"), "SEV3")
    one.run()
    one.answered(BOB, "/finding response-time=7")
    assert "is suggested" in panel(one)
    one.answered(BOB, "/undo")
    assert "is suggested" not in panel(one)
    assert "x normal" not in panel(one)


def test_a_symptom_suggests_its_pattern_once() -> None:
    """002-14: what to look at, what helps with the action of the settings, what comes later."""
    one = desk(runbook("sev"), "SEV1", "Checkout: no connection available")
    said = told(one.run())

    assert (
        "**This may be: Database Connection Pool Exhausted** (somebody wrote `no connection available`)."
        in said
    )
    assert (
        "- Increase pool size temporarily: `/run db-pool-resize`, which the settings do not have yet" in said
    )
    assert "- Kill idle connections: `/run db-kill-idle`: `npm run db:kill-idle`" in said
    assert "- Later: Review connection usage, add pooling" in said
    assert "Write `/pattern db-pool` if that is what it is." in said
    assert "This may be" not in told(one.later(30).run())
    assert "This may be: Memory Leak" in one.answered(BOB, "/note OOM errors in web")


def test_a_pattern_shows_where_to_look() -> None:
    """003-20."""
    one = desk(runbook("habit-tracker"), "P1", "Nobody can sign in")
    said = told(one.run())
    assert "`````sh\ncurl https://api.clerk.dev/v1/health\nvercel env ls --prod | grep CLERK\n" in said


def test_naming_a_pattern_records_it_and_nobody_hints_at_it_any_more() -> None:
    one = desk(runbook("sev"), "SEV1")
    one.run()
    one.says(BOB, "/pattern memory-leak it leaks")
    plan = one.run()

    assert "is no known kind of incident" in told(plan)
    one.says(BOB, "/pattern Memory Leak")
    plan = one.run()
    assert PatternNamed(pattern="memory-leak") in facts(plan)
    assert "This is a known kind of incident: **Memory Leak**." in told(plan)
    assert "**Known kind of incident:** Memory Leak" in panel(one)
    assert "This may be" not in one.answered(BOB, "/note out of memory")


def test_one_pass_points_out_three_patterns_at_most() -> None:
    book = small(patterns={f"p{n}": {"symptoms": "slow"} for n in range(5)})
    one = desk(book, "SEV1", "It is slow")
    hinted = [fact.pattern for fact in facts(one.run()) if isinstance(fact, PatternHinted)]
    assert hinted == ["p0", "p1", "p2"]
    hinted = [fact.pattern for fact in facts(one.run()) if isinstance(fact, PatternHinted)]
    assert hinted == ["p3", "p4"]
    assert one.run().answers == ()


@pytest.mark.parametrize("title", ["[RETRO P1] It is slow", "[INCIDENT SEV1] It is slow"])
def test_what_is_over_needs_no_hints(title: str) -> None:
    book = small(
        patterns={"p": {"symptoms": "slow"}},
        rollback={"immediate": [{"text": "Breach", "when": {"flag": "security"}}]},
    )
    one = desk(book, "SEV1", title)
    one.says(BOB, "/status monitoring\n/flag security")
    said = told(one.run())
    assert ("This may be" in said) is False
    assert ("A reason to roll back" in said) is False


def test_a_report_is_pointed_out_nothing_until_somebody_confirms_it() -> None:
    """What an outsider writes makes nobody say anything."""
    one = desk(runbook("sev"), "SEV1", "timeouts timeouts", by=EVE, labels=frozenset({"incident"}))
    assert "This may be" not in told(one.run())
    assert "This may be" in one.answered(BOB, "/confirm")


def test_hostile_text_is_no_symptom_and_stays_inert() -> None:
    one = desk(runbook("sev"), "SEV1", f"Timeouts {HOSTILE}")
    said = told(one.run())
    assert "(somebody wrote `Timeouts`)" in said
    assert "@everyone" not in said


def test_the_first_reply_says_which_severity_it_could_be() -> None:
    """003-01..04, 004-01: nobody named one, so the definitions stand there, whole."""
    book = runbook("dirt-free-crm")
    said = told(desk(book, "").run())

    assert "**Which severity is it?**" in said
    for severity in book.severities:
        assert f"- `{severity.id}`, {severity.shown} · {severity.name}: {severity.definition}" in said
    assert "It means: Business operations halted, All customers affected" in said
    assert "<details><summary>About: Dirt Free CRM Incident Response Runbook</summary>" in said
    assert "- Customer First: Prioritize customer-facing services and data protection" in said
    assert "Version: 1.0" in said
    named = told(desk(book, "SEV1").run())
    assert "Which severity is it?" not in named
    assert "<details><summary>About" in named


def test_the_first_reply_says_where_to_look() -> None:
    """002-07."""
    said = told(desk(runbook("sev"), "SEV1").run())
    assert "<details><summary>Where to look</summary>" in said
    assert "**Quick checks**\n\n`````sh\ncurl https://api.example.com/health\n" in said


def test_a_drill_is_suggested_a_severity_too() -> None:
    one = desk(runbook("dirt-free-crm"), "SEV3", "[DRILL SEV3] Exercise")
    one.run()
    assert "Is this `SEV2`?" in one.answered(CAT, "/finding response-time=6")


def test_a_value_acknowledges_as_a_finding_does() -> None:
    one = desk(runbook("dirt-free-crm"), "SEV1")
    one.run()
    one.says(BOB, "/finding response-time=6")
    found = facts(one.run())
    assert Measured(measure="response-time", value=6) in found
    assert Acknowledged(by=BOB) in found
