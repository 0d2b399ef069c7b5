"""What chains, rules and numbers of a written runbook become: deadlines whose ids are kept for ever."""

from __future__ import annotations

from typing import Any

import pytest

from allclear.core.calendar.period import Period
from allclear.core.language.limits import a_third
from allclear.core.policy.deadline import Chain, Condition, Deadline
from allclear.core.policy.runbook import Runbook
from written import runbook, small

FOREVER = {
    "sev": [
        *("internal-1", "internal-2", "internal-3", "internal-4", "internal-5", "response", "security-team"),
        *("monitoring-over", "review-reminder", "review-due"),
    ],
    "hotdash": [
        *("devops-1", "devops-2", "ceo-1", "ceo-2", "backlog-1", "backlog-again", "response", "all-hands"),
        *("manager", "monitoring-over", "review-reminder", "review-due"),
    ],
}
"""Fired timers are recorded by these."""


def deadline(book: Runbook, name: str) -> Deadline:
    return next(one for one in book.deadlines if one.id == name)


def has(one: Deadline, **wanted: Any) -> bool:
    return {key: getattr(one, key) for key in wanted} == wanted


def written(spans: dict[str, Any]) -> dict[str, str]:
    return {level: str(span) for level, span in spans.items()}


@pytest.mark.parametrize("name", FOREVER)
def test_the_ids_of_the_shipped_runbooks_never_change(name: str) -> None:
    ids = [one.id for one in runbook(name).deadlines]
    assert [one for one in ids if one in FOREVER[name]] == FOREVER[name]


def test_what_one_severity_becomes() -> None:
    book = runbook("sev")
    first, second, last = (deadline(book, f"internal-{level}") for level in (1, 2, 5))

    assert has(
        first, start="declared", until=None, action="notify", to=("On-call Engineer",), ladder="internal"
    )
    assert (first.level, written(first.within)["SEV2"], first.repeat) == (1, "0m", {})
    assert has(second, until="acknowledged", action="escalate", first=1, last=1, level=2)
    assert has(last, first=4, last=None, level=5, to=("CTO",))
    assert written(second.repeat) == {"SEV1": "0m, then 5m", "SEV2": "30m", "SEV3": "2h", "SEV4": "by hand"}
    response = deadline(book, "response")
    assert has(response, until="acknowledged", action="remind", aim="told", level=1)
    assert written(response.within)["SEV4"] == "next office day"
    assert response.ladder_at("SEV2") == "internal"
    security = deadline(book, "security-team")
    assert has(security, until="resolved", to=("Security Team",), when=Condition(flag=("security",)))
    assert written(deadline(book, "review-reminder").within) == {"SEV1": "16h", "SEV2": "16h"}
    assert written(deadline(book, "review-due").repeat) == {"SEV1": "1d", "SEV2": "1d"}
    assert has(deadline(book, "monitoring-over"), start="window-end", until="closed")


def test_the_first_chain_is_for_all_and_others_for_those_that_they_name() -> None:
    assert runbook("dirt-free-crm").chains[1] == Chain(
        id="operations", levels=(("Operations Manager",), ("CEO",)), severities=()
    )
    assert [chain.severities for chain in runbook("hotdash").chains] == [("P1", "P2"), ("P0",), ("P3",)]
    assert {
        level: deadline(runbook("hotdash"), "response").ladder_at(level) for level in ("P0", "P1", "P3")
    } == {
        "P0": "ceo",
        "P1": "devops",
        "P3": "backlog",
    }


def test_a_chain_of_one_level_says_it_again() -> None:
    book = small(chains={"on-call": [["On-call", "Backup"]]})
    again = deadline(book, "on-call-again")

    assert has(again, first=1, last=None, to=("On-call", "Backup"), title="Escalation to On-call and Backup")
    assert written(again.repeat) == {"SEV1": "5m", "SEV2": "30m", "SEV3": "1h"}


def test_a_rule_with_times_of_its_own_is_for_the_severities_that_it_times() -> None:
    manager = deadline(runbook("hotdash"), "manager")

    assert written(manager.within) == {"P1": "15m", "P2": "1h"}
    assert has(
        manager,
        until="mitigated",
        to=("Manager",),
        text="This {{ severity }} incident is still unresolved.",
        earlier=("escalate-manager",),
    )


def test_a_rule_says_after_what_and_from_when() -> None:
    rules = {
        "late": {
            "for": "major",
            "after": "response",
            "from": "mitigated",
            "until": "all-clear",
            "tell": "CTO",
        },
        "unknown": {"after": "30m", "until": "identified", "escalate": "on-call"},
        "hint": {"when": {"flag": "security"}, "suggest": "SEV1"},
        "loud": {"when": {"flag": ["security", "data-loss"]}, "tell": ["CTO", "CEO"]},
        "never": {"after": "evidence", "tell": "CTO"},
    }
    book = small(rules=rules)

    late = deadline(book, "late")
    assert written(late.within) == {"SEV1": "5m", "SEV2": "30m"}
    assert has(late, start="mitigated", from_start=True, until="closed", title="Notice to CTO")
    unknown = deadline(book, "unknown")
    assert has(
        unknown, aim="next", chain="on-call", action="escalate", from_start=False, title="Escalation: Unknown"
    )
    assert unknown.text == "Not identified yet. {{ severity }} incident: {{ brief }}"
    assert "hint" not in [one.id for one in book.deadlines]
    assert deadline(book, "loud").text.startswith("{{ flags }}. ")
    assert deadline(book, "never").within == {}


def test_a_fix_may_be_due() -> None:
    levels = {"SEV1": {"response": "5m", "target": "4h"}, "SEV2": {"response": "5m"}}
    target = deadline(small(severities=levels), "target")

    assert written(target.within) == {"SEV1": "4h"}
    assert has(target, until="mitigated", to=("Technical Lead",))
    assert deadline(small(severities=levels, roles={"ic": {}}), "target").to == ("responders",)
    assert "target" not in [one.id for one in small().deadlines]


def test_without_a_window_or_a_post_mortem_nothing_is_due_about_them() -> None:
    levels = {"SEV1": {"response": "5m", "watch": "none", "review": "none"}}
    ids = [one.id for one in small(severities=levels).deadlines]

    assert not {"monitoring-over", "review-reminder", "review-due"} & set(ids)


def test_a_number_stands_for_the_severitys_own() -> None:
    levels = {
        "SEV1": {
            "response": "5m",
            "update": "0m, then 10m",
            "watch": {"rollback": "20m", "fix-forward": "40m"},
            "evidence": "2h",
            "review": "3d",
        },
        "SEV2": {"response": "30m", "update": "by hand"},
        "SEV3": {"response": "1h"},
    }
    rules = {
        name: {"after": name, "tell": "CTO"} for name in ("response", "update", "watch", "evidence", "review")
    }
    book = small(severities=levels, rules={f"x-{name}": rule for name, rule in rules.items()})

    found = {name: written(deadline(book, f"x-{name}").within) for name in rules}
    assert found == {
        "response": {"SEV1": "5m", "SEV2": "30m", "SEV3": "1h"},
        "update": {"SEV1": "10m"},
        "watch": {"SEV1": "40m", "SEV2": "30m"},
        "evidence": {"SEV1": "2h"},
        "review": {"SEV1": "3d", "SEV2": "5d"},
    }


def test_the_engines_office_days_are_days_where_there_is_no_office() -> None:
    office = {"office": {"days": "mon-fri", "hours": "09:00-17:00"}}

    assert written(deadline(small(), "review-due").within) == {"SEV1": "5d", "SEV2": "5d"}
    assert written(deadline(small(calendars=office), "review-due").within)["SEV1"] == "5 office days"


@pytest.mark.parametrize(
    ("whole", "third"),
    [
        ("48h", "16h"),
        ("3d", "1d"),
        ("5d", "1d 16h"),
        ("6 office days", "2 office days"),
        ("2 office days", "next office day"),
        ("next office day", None),
        ("6h office", "2h office"),
        ("next maintenance", None),
    ],
)
def test_a_third_of_a_length(whole: str, third: str | None) -> None:
    found = a_third(Period.parse(whole))
    assert (str(found) if found else None) == third


def test_a_post_mortem_that_is_due_at_once_has_no_reminder() -> None:
    office = {"office": {"days": "mon-fri", "hours": "09:00-17:00"}}
    levels = {"SEV1": {"response": "5m", "review": "next office day"}}
    ids = [one.id for one in small(severities=levels, calendars=office).deadlines]

    assert "review-due" in ids
    assert "review-reminder" not in ids


def test_contacts_and_silences_are_those_of_the_file() -> None:
    book = runbook("dirt-free-crm")

    assert book.contacts[0].title == "System Administrator"
    assert written(book.silence or {}) == {"SEV1": "1h", "SEV2": "2h", "SEV3": "1d", "SEV4": "1w"}


def test_what_a_deadline_was_called_before_may_be_written() -> None:
    book = small(earlier={"on-call-2": "escalate-cto"})

    assert deadline(book, "on-call-2").earlier == ("escalate-cto",)
