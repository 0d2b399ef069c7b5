"""What a runbook shows, as the engine has it."""

from __future__ import annotations

from datetime import timedelta

from written import runbook, small


def test_what_it_is_about() -> None:
    """000-31, 003-29, 004-01."""
    about = runbook("dirt-free-crm").about
    assert about.text.startswith("An incident is any unplanned interruption")
    assert len(about.objectives) == 5
    assert len(about.principles) == 5
    assert about.facts == {"version": "1.0"}
    assert runbook("habit-tracker").about.facts["review frequency"] == "Monthly"
    assert small().about == type(about)()


def test_commands_and_links_keep_their_headings() -> None:
    """002-07, 002-13, 000-30."""
    sev = runbook("sev")
    assert [group.title for group in sev.look] == [
        "Quick checks",
        "Application Logs",
        "System Metrics",
        "Database Queries",
    ]
    assert sev.look[3].commands[0].startswith("-- Check long-running queries\n")
    hotdash = runbook("hotdash")
    assert [group.title for group in hotdash.link_groups] == [
        "Required Access",
        "Quick Links",
        "Related Documentation",
    ]
    assert hotdash.link_groups[0].links["GitHub"] == "code, issues, workflows"


def test_known_kinds_of_incidents() -> None:
    """002-14, 003-20, 001-08."""
    pool = runbook("sev").pattern("Database connection  pool exhausted")
    assert pool is not None
    assert (pool.id, pool.symptoms) == ("db-pool", ("Timeouts", "no connection available"))
    assert [(one.text, one.action) for one in pool.fixes] == [
        ("Increase pool size temporarily", "db-pool-resize"),
        ("Kill idle connections", "db-kill-idle"),
    ]
    assert pool.severities == ("SEV1", "SEV2", "SEV3", "SEV4")
    book = small(patterns={"dead-disk": {"symptoms": "disk", "for": "major", "fix": ["Wait"]}})
    (disk,) = book.patterns
    assert (disk.title, disk.severities, disk.fixes[0].action) == ("Dead disk", ("SEV1", "SEV2"), "")
    assert book.pattern("nothing") is None


def test_a_phase_begins_where_the_one_before_it_ends() -> None:
    """000-06."""
    phases = runbook("hotdash").phases
    assert [(one.name, one.start, one.end) for one in phases[2:]] == [
        ("Mitigation", timedelta(minutes=15), timedelta(minutes=30)),
        ("Recovery Verification", timedelta(minutes=30), timedelta(minutes=60)),
    ]
    (long,) = small(phases={"All": "1mo 1d 2h"}).phases
    assert long.end == timedelta(days=31, hours=2)


def test_flags_have_titles_and_definitions_are_lists() -> None:
    book = runbook("sev")
    assert book.flag_titles["payments"] == "Payment system failure"
    assert book.severity("SEV2").definitions == (
        "Partial service outage",
        "Major feature unavailable",
        "Performance degradation > 50%",
    )


def test_reasons_to_go_back_have_what_they_are_seen_by() -> None:
    """004-26."""
    reasons = runbook("dirt-free-crm").reversal.reasons
    assert [one.seen for one in reasons] == [True, False, True, True, True]
    assert (reasons[0].severities, reasons[0].when.flag) == (("SEV1",), ("deployment",))
    assert reasons[4].when.measured == {"response-time": 10}
