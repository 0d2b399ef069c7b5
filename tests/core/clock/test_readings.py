"""What measures stand at, and what follows from it: conditions, severities, going back."""

from __future__ import annotations

from datetime import timedelta

import pytest

from allclear.core.clock.advice import advised
from allclear.core.clock.condition import holding
from allclear.core.clock.going_back import going_back
from allclear.core.clock.readings import latest, reached
from allclear.core.model.operation import Smoke, SmokeLine
from allclear.core.policy.deadline import Condition
from allclear.core.policy.runbook import Criterion, Runbook
from allclear.core.production.smoke import measured, unmeasured
from allclear.core.record.life import Cleared, Reopened, Resolved
from allclear.core.record.observed import Measured
from allclear.core.record.people import Acknowledged
from allclear.core.record.production import OperationAsked, OperationEnded
from allclear.core.record.progress import Flagged
from stories import ADA, BOB, NOON, Story
from written import SMALL, runbook, small

BANDS = {
    "severities": {
        "SEV1": {"response": "5m", "at_least": {"error-rate": "50"}},
        "SEV2": {"response": "30m", "at_least": {"error-rate": "10", "slow": "2"}},
        "SEV3": {"response": "1h", "at_least": {"error-rate": "5"}},
    },
    "measures": {"error-rate": {"unit": "%"}, "slow": {"title": "Slowness", "unit": "x"}},
}
BOOK = small(**BANDS)
RATE = Criterion(id="error-rate", title="Error rate", below=0.1, unit="%")


def story(severity: str = "SEV3", book: Runbook = BOOK, kind: str = "real") -> Story:
    return Story(book).declare(severity=severity, kind=kind)


def read(story: Story, minute: float, value: float, measure: str = "error-rate") -> Story:
    return story.tell(minute, BOB, Measured(measure=measure, value=value))


def smoke(story: Story, minute: float, service: str, *lines: SmokeLine) -> Story:
    op = f"smoke-{service}{minute:06.0f}"
    story.tell(minute, None, OperationAsked(op=op, kind="smoke", service=service))
    return story.tell(minute, None, OperationEnded(op=op, outcome="done", smoke=Smoke(lines=lines)))


def causes(story: Story, minute: float = 60) -> list[tuple[str, str]]:
    found = advised(story.incident, story.runbook, NOON + timedelta(minutes=minute))
    return [(one.to, one.cause.partition("/")[0]) for one in found]


def at(minute: float) -> object:
    return NOON + timedelta(minutes=minute)


def test_since_when_it_is_at_least_so_much() -> None:
    one = read(read(read(read(story(), 1, 12), 2, 3), 3, 12), 4, 60).incident
    assert reached(one, "error-rate", 12) == at(3)
    assert reached(one, "error-rate", 60) == at(4)
    assert reached(one, "error-rate", 61) is None
    assert reached(one, "slow", 1) is None


def test_a_condition_holds_once_all_that_it_measures_is_reached() -> None:
    both = Condition(measured={"error-rate": 10, "slow": 2})
    one = read(story(), 1, 12)
    assert holding(one.incident, both) == ()
    read(one, 5, 2, "slow")
    ((mark, since),) = holding(one.incident, both)
    assert (mark, since) == (f"{at(5):%Y%m%dT%H%M%S}", at(5))
    one.tell(7, ADA, Flagged(flag="security"))
    flagged = Condition(flag=("security",), measured={"error-rate": 10})
    assert [when for _, when in holding(one.incident, flagged)] == [at(7)]


def test_what_was_read_before_a_reopening_says_nothing_any_more() -> None:
    one = read(story(), 1, 60).tell(20, ADA, Cleared()).tell(30, ADA, Reopened())
    assert latest(one.incident, "error-rate") is None
    assert causes(one) == []
    assert causes(read(one, 31, 60)) == [("SEV1", "measure:error-rate")]


def test_smoke_runs_read_measures_too_and_the_worst_service_counts() -> None:
    one = smoke(story(), 5, "web", measured(RATE, 12.5, 0))
    smoke(one, 6, "api", measured(RATE, 0.01, 0))
    assert latest(one.incident, "error-rate") == 12.5
    assert reached(one.incident, "error-rate", 10) == at(5)
    smoke(one, 7, "web", measured(RATE, 0.02, 0))
    assert latest(one.incident, "error-rate") == 0.02
    assert latest(read(one, 8, 3).incident, "error-rate") == 3
    assert latest(smoke(one, 9, "api", measured(RATE, 0.5, 0)).incident, "error-rate") == 0.5


def test_a_smoke_run_without_a_number_reads_nothing() -> None:
    http = SmokeLine(name="error-rate", outcome="pass", detail="200")
    one = smoke(story(), 5, "web", unmeasured(RATE, "no answer", 0), http)
    assert latest(one.incident, "error-rate") is None


@pytest.mark.parametrize(
    ("severity", "value", "to"),
    [
        ("SEV3", 4.9, []),
        ("SEV3", 5, []),
        ("SEV3", 10, ["SEV2"]),
        ("SEV3", 49.9, ["SEV2"]),
        ("SEV3", 50, ["SEV1"]),
        ("SEV2", 50, ["SEV1"]),
        ("SEV2", 10, []),
        ("SEV1", 99, []),
        ("SEV1", 5, []),
    ],
)
def test_a_band_is_closed_below_and_ends_where_the_next_worse_begins(
    severity: str, value: float, to: list[str]
) -> None:
    """001-01..04, 002-A8: exactly on the bound counts; a lesser severity is never suggested."""
    assert [to for to, _ in causes(read(story(severity), 1, value))] == to


def test_the_worst_that_is_suggested_comes_first() -> None:
    one = read(read(story(), 1, 3, "slow"), 2, 60)
    assert causes(one) == [("SEV1", "measure:error-rate"), ("SEV2", "measure:slow")]


def test_the_definition_of_the_gravest_suggests_it_at_once() -> None:
    """000-01: security and data loss are P0's own definition."""
    one = Story(runbook("hotdash")).declare(severity="P3").tell(3, ADA, Flagged(flag="data-loss"))
    (advice,) = advised(one.incident, one.runbook, NOON + timedelta(minutes=3))
    assert (advice.to, advice.why) == ("P0", "Data loss or corruption")
    assert advice.cause == "rule:gravest/0/c101.0"


def test_each_raising_of_a_flag_is_a_cause_of_its_own() -> None:
    one = story().tell(1, ADA, Flagged(flag="security")).tell(2, ADA, Flagged(flag="data-loss"))
    assert causes(one) == [("SEV1", "rule:gravest"), ("SEV1", "rule:gravest")]


def test_a_rule_suggests_after_its_time_and_until_its_moment() -> None:
    rules = {
        "late": {"for": "SEV3", "after": "30m", "until": "acknowledged", "suggest": "SEV2"},
        "none": {"for": "SEV1", "suggest": "SEV1"},
        "by-severity": {"after": {"SEV2": "1h"}, "suggest": "worst", "say": "Look"},
        "measured": {"when": {"measured": {"slow": "4", "error-rate": "1"}}, "suggest": "SEV1"},
    }
    book = small(**BANDS, rules=rules)
    assert [one.clock.id for one in book.severity_rules] == ["gravest", "late", "by-severity", "measured"]
    one = story(book=book)
    assert causes(one, 29) == []
    assert causes(one, 30) == [("SEV2", "rule:late")]
    assert causes(story("SEV2", book), 60) == [("SEV1", "rule:by-severity")]
    assert causes(one.tell(31, BOB, Acknowledged(by=BOB)), 32) == []
    read(read(one, 33, 4, "slow"), 34, 2)
    advice, _ = advised(one.incident, book, NOON + timedelta(minutes=35))
    assert advice.why == "Slowness 4 x, Error rate 2 %"


def test_nothing_is_suggested_once_it_is_over_or_is_written_up_afterwards() -> None:
    assert causes(read(story(kind="retro"), 1, 60)) == []
    one = read(story(kind="drill"), 1, 60)
    assert causes(one) != []
    assert causes(one.tell(2, ADA, Resolved())) == []
    assert causes(one.tell(3, ADA, Cleared())) == []
    assert causes(read(story("P9"), 1, 60)) == []


def test_a_rule_that_waits_for_a_moment_says_nothing_before_it() -> None:
    rule = {"from": "acknowledged", "after": "10m", "suggest": "worst"}
    one = story(book=small(rules={"slow": rule}))
    assert causes(one) == []
    assert causes(one.tell(5, BOB, Acknowledged(by=BOB)), 14) == []
    assert causes(one, 15) == [("SEV1", "rule:slow")]


def test_why_it_is_suggested_where_a_measure_is_gone_from_the_runbook() -> None:
    rule = {"when": {"measured": {"slow": "4"}}, "suggest": "worst"}
    one = read(story(book=small(rules={"crawls": rule}, measures={})), 1, 5, "slow")
    (advice,) = advised(one.incident, one.runbook, NOON + timedelta(minutes=2))
    assert advice.why == "Crawls"


REASONS = [
    "It burns",
    {"text": "Gravest", "for": "SEV1"},
    {"text": "By a deployment", "for": "SEV1", "when": {"flag": "security"}},
    {"text": "Slow", "when": {"measured": {"slow": "10"}}},
]


def test_reasons_to_go_back_hold_by_their_condition_in_their_severities() -> None:
    """004-26: what people alone can see is never said to hold."""
    book = small(**BANDS, rollback={"immediate": REASONS})
    one = story("SEV2", book)
    assert going_back(one.incident, book) == ()
    one.tell(1, ADA, Flagged(flag="security"))
    assert going_back(one.incident, book) == ()
    read(one, 2, 12, "slow")
    (slow,) = going_back(one.incident, book)
    assert (slow.reason.text, slow.cause) == ("Slow", f"rollback:3/0/{at(2):%Y%m%dT%H%M%S}")
    grave = story("SEV1", book).tell(1, ADA, Flagged(flag="security"))
    assert [one.reason.text for one in going_back(grave.incident, book)] == ["By a deployment"]


def test_bands_are_data_of_the_written_runbooks() -> None:
    probe = runbook("probe")
    rate = probe.measure("error-rate")
    assert rate is not None
    assert rate.least == {"P0": 50, "P1": 10, "P2": 5, "P3": 1}
    assert probe.measure("nothing") is None
    assert SMALL["name"] == "small"
