"""/pattern: which known kind of incident it is (002-14..16, 003-20..23)."""

from __future__ import annotations

from typing import Any

from allclear.core.policy.runbook import Runbook
from allclear.core.record.observed import Measured, PatternNamed
from commands.room import Talk
from written import runbook, small


def talk(book: Runbook | None = None, **more: Any) -> Talk:
    return Talk("SEV1", book=book or runbook("sev"), **more)


def test_it_shows_what_the_runbook_knows_and_records_it() -> None:
    one = talk()
    heard = one.says("/pattern db-pool")
    assert heard.facts == (PatternNamed(pattern="db-pool"),)
    assert heard.say.startswith(
        "This is a known kind of incident: **Database Connection Pool Exhausted**.\n- "
    )
    assert one.incident.observed.pattern == "db-pool"
    one.says("/pattern `memory-leak`")
    assert one.incident.observed.pattern == "memory-leak"
    one.says("/undo")
    assert one.incident.observed.pattern == "db-pool"


def test_without_a_name_it_lists_them() -> None:
    heard = talk().says("/pattern")
    assert heard.code == "malformed"
    assert (
        "This runbook knows: `db-pool`, Database Connection Pool Exhausted; `memory-leak`, Memory"
        in heard.say
    )


def test_what_is_no_pattern_is_refused_with_those_there_are() -> None:
    heard = talk().says("/pattern @everyone")
    assert heard.say.startswith("`@everyone` is no known kind of incident; this runbook knows: `db-pool`")
    heard = talk(small()).says("/pattern x")
    assert (heard.code, heard.say) == (
        "state",
        "This runbook knows no kinds of incidents; they stand under its `patterns`.",
    )


def test_flags_are_named_with_what_they_mean() -> None:
    """004-12."""
    one = talk()
    assert "`payments` (Payment system failure)" in one.says("/flag").say
    said = one.says("/flag payments").say
    assert said.startswith("The flag `payments` is raised: Payment system failure.")


def test_a_value_may_come_with_what_was_found() -> None:
    one = talk(runbook("dirt-free-crm"))
    heard = one.says("/finding response-time=5 the index is gone")
    assert heard.say.startswith("Recorded: root cause, Response time 5 x normal.")
    assert heard.facts[0] == Measured(measure="response-time", value=5)
    assert one.incident.findings.root_cause == "the index is gone"
    heard = one.says("/finding response-time=5")
    assert (heard.say, one.incident.status) == ("Recorded: Response time 5 x normal.", "identified")
