"""The incident record as front matter (002-24, 002-A2, 002-A4, faults H14, I1)."""

from datetime import UTC, datetime

import frontmatter
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import ValidationError

from allclear.core.model.people import Person
from allclear.core.postmortem.front_matter import ActionCounts, Event, Impact, Override, Report, dump, read
from allclear.core.postmortem.recorded_report import humans, identifier, record
from allclear.core.record.findings import ImpactSet
from allclear.core.record.life import Cleared, Resolved
from allclear.core.record.people import Acknowledged, RoleSet
from allclear.core.record.progress import ActionAdded, Noted
from stories import ADA, BOB, HOTDASH, NOON, SETTINGS, Story

BOTS = frozenset(SETTINGS.bots)

hostile = st.one_of(
    st.text(),
    st.sampled_from(
        [
            "---",
            "a\n---\nb",
            "...",
            "yes",
            "no",
            "null",
            "~",
            "2025-10-19",
            "2025-10-19T14:02:00Z",
            "14:15",
            "007",
            "1e3",
            "0x1F",
            "!!python/object/apply:os.system ['id']",
            "*alias",
            "&anchor x",
            "key: value",
            "# comment",
            "{{ config }}",
            "${{ github.token }}",
            "- item",
            "\u2028line\u2029",
            "tab\there",
            " leading and trailing ",
            "'\"",
            "%YAML 1.1",
            "🚨 down",
            "<!-- allclear:end head -->",
            "\x85",
        ]
    ),
)
moments = st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1)).map(lambda at: at.replace(tzinfo=UTC))  # noqa: DTZ001 - hypothesis wants naive bounds
reports = st.builds(
    Report,
    id=hostile,
    severity=hostile,
    title=hostile,
    started_at=st.none() | moments,
    detected_by=st.none() | hostile,
    resolved_at=st.none() | moments,
    impact=st.builds(
        Impact,
        users_affected=st.none() | st.integers(),
        revenue_lost=st.none() | hostile,
        duration_minutes=st.none() | st.integers(),
    ),
    timeline=st.lists(st.builds(Event, time=hostile, event=hostile), max_size=3).map(tuple),
    action_items=st.lists(hostile, max_size=3).map(tuple),
    issue=st.none() | st.integers(),
    services=st.lists(hostile, max_size=2).map(tuple),
    roles=st.dictionaries(hostile, hostile, max_size=2),
    overrides=st.lists(
        st.builds(Override, by=hostile, at=moments, reason=hostile, open_gates=st.lists(hostile).map(tuple)),
        max_size=2,
    ).map(tuple),
    promises=st.dictionaries(hostile, st.sampled_from(["kept", "missed"]), max_size=2),
    reopened=st.none() | st.integers(),
    escalated=st.none() | st.integers(),
    actions=st.none()
    | st.builds(ActionCounts, planned=st.integers(), done=st.integers(), dropped=st.integers()),
    duplicate_of=st.none() | st.integers(),
)


@given(reports, st.dictionaries(st.text(), st.text() | st.integers() | st.none() | st.dates(), max_size=3))
@example(Report(id="INC-2025-001", severity="P0", title="a\n---\nb: c\n---\n"), {})
def test_what_was_written_reads_back_equal(report: Report, extra: dict[str, object]) -> None:
    extra = {
        key: value for key, value in extra.items() if key not in Report.model_fields and printable(key, value)
    }
    text = dump(report, "# Title\n\nText\n\n---\n\nMore", extra)
    found = read(text)
    assert found.report == report
    assert found.extra == extra
    assert found.body == "# Title\n\nText\n\n---\n\nMore"
    assert frontmatter.loads(text).metadata == {**report.metadata(), **extra}


def printable(*values: object) -> bool:
    """People's own keys are what YAML gave us: text without the signs that YAML cannot hold."""
    return not any(
        isinstance(value, str) and value.encode(errors="replace").decode() != value for value in values
    )


def test_text_that_looks_like_a_date_stays_text() -> None:
    text = dump(Report(id="INC-2025-001", severity="P0", title="2025-10-19", detected_by="no"), "")
    assert frontmatter.loads(text)["title"] == "2025-10-19"
    assert frontmatter.loads(text)["detected_by"] == "no"


def test_the_record_has_the_field_names_of_the_runbook() -> None:
    written = Report(id="INC-2025-001", severity="P0", title="Down").metadata()
    assert list(written)[:9] == [
        "id",
        "severity",
        "title",
        "started_at",
        "detected_by",
        "resolved_at",
        "impact",
        "timeline",
        "action_items",
    ]
    assert list(written["impact"]) == ["users_affected", "revenue_lost", "duration_minutes"]


SAMPLE = """---
id: INC-2024-001
severity: SEV1
title: Payment processing outage
started_at: 2024-01-15T14:15:00Z
detected_by: monitoring_alert
resolved_at: 2024-01-15T15:45:00Z
impact:
  users_affected: 15000
  revenue_lost: {revenue}
  duration_minutes: 90
timeline:
  - time: {time}
    event: Alert triggered
action_items:
  - Add monitoring for connection pool
---
"""


@pytest.mark.parametrize("time", ["14:15", '"14:15"', "14:15:30"])
@pytest.mark.parametrize(
    ("revenue", "read_as"), [("$45000", "$45000"), ("45000", "45000"), ("45000.5", "45000.5")]
)
def test_both_spellings_of_the_runbooks_sample_load(time: str, revenue: str, read_as: str) -> None:
    report = read(SAMPLE.format(time=time, revenue=revenue)).report
    assert report.timeline == (Event(time="14:15", event="Alert triggered"),)
    assert report.impact.revenue_lost == read_as
    assert report.started_at == datetime(2024, 1, 15, 14, 15, tzinfo=UTC)


def test_a_date_or_a_moment_as_text_loads() -> None:
    report = read(SAMPLE.format(time="2024-01-15T14:15:00Z", revenue="2024-01-15")).report
    assert report.timeline[0].time == "2024-01-15T14:15:00Z"
    assert report.impact.revenue_lost == "2024-01-15"


def test_a_yes_is_no_text() -> None:
    with pytest.raises(ValidationError, match="detected_by"):
        _ = read(SAMPLE.format(time="yes", revenue="$1").replace("monitoring_alert", "yes")).report


def test_the_number_has_three_digits_or_more() -> None:
    assert identifier(NOON, 7) == "INC-2025-007"
    assert identifier(NOON, 12345) == "INC-2025-12345"


def test_line_ends_and_the_byte_order_mark_survive() -> None:
    report = Report(id="INC-2025-001", severity="P0", title="Down")
    text = dump(report, "one\ntwo", bom=True, crlf=True)
    assert text.startswith("\ufeff---\r\nid: ")
    assert "\n" not in text.replace("\r\n", "")
    found = read(text)
    assert (found.report, found.body, found.bom, found.crlf) == (report, "one\ntwo", True, True)


@pytest.mark.parametrize(
    ("text", "body", "broken"),
    [
        ("", "", ""),
        ("no front matter\n\n---\n\nrule\n\n---\n\nend", "no front matter\n\n---\n\nrule\n\n---\n\nend", ""),
        ("---\nnever closed", "---\nnever closed", ""),
        ("---\na: [1\n---\nbody", "body", "a: [1"),
        ("---\njust a rule\n---\nbody", "body", "just a rule"),
        ("---\nday: 2025-13-45\n---\nbody", "body", "day: 2025-13-45"),
        ("---\na: !!python/object:x.y {}\n---\nbody", "body", "a: !!python/object:x.y {}"),
        ("---\n" + "[" * 5000 + "\n---\nbody", "body", "[" * 5000),
        ("{\n}\nbody", "{\n}\nbody", ""),
    ],
)
def test_a_file_that_somebody_broke_loses_nothing(text: str, body: str, broken: str) -> None:
    found = read(text)
    assert (found.metadata, found.body, found.broken) == ({}, body, broken)


def test_keys_that_are_no_text_survive() -> None:
    found = read("---\n2025: x\ntrue: y\n---\nbody")
    assert found.extra == {2025: "x", True: "y"}
    again = read(dump(Report(id="i", severity="P0", title="t"), found.body, found.extra))
    assert again.extra == found.extra


def test_the_record_follows_the_entries() -> None:
    story = Story().declare(detected_by="Monitoring alert", services=("app",)).notify()
    story.tell(4, BOB, Acknowledged(by=BOB)).tell(5, ADA, RoleSet(role="ic", person=ADA))
    story.tell(6, ADA, ImpactSet(users=15000, revenue="$45000"))
    story.tell(7, ADA, Noted(at=NOON.replace(minute=4), text="pager rang"))
    story.tell(30, BOB, Resolved(text="Rolled back")).tell(
        31, BOB, ActionAdded(owner=BOB, due="2025-12-01", text="Alert")
    )
    story.tell(32, BOB, ActionAdded(text="Runbook"))
    story.tell(40, ADA, Cleared(text="quiet", override="board call", open_gates=("verification",)))
    found = record(story.incident, story.runbook, repository="hotdash/app", bots=BOTS, now=NOON)
    assert found.id == "INC-2025-042"
    assert found.impact == Impact(users_affected=15000, revenue_lost="$45000", duration_minutes=33)
    assert [event.time for event in found.timeline] == sorted(event.time for event in found.timeline)
    assert [event.event for event in found.timeline] == [
        "Started",
        "Detected",
        "Declared",
        "Acknowledged",
        "Fix applied",
        "Resolved",
        "All clear",
    ]
    assert found.action_items == ("Alert (owner: bob, due: 2025-12-01)", "Runbook")
    assert found.overrides == (
        Override(by="ada", at=story.entries[-1].at, reason="board call", open_gates=("verification",)),
    )
    assert (found.roles, found.responders, found.number_of_people) == ({"ic": "ada"}, ("bob", "ada"), 2)


def test_the_front_matter_has_the_fields_of_the_record_and_none_that_says_nothing() -> None:
    """GitHub shows each of them as a row above the document."""
    found = record(
        Story().declare().incident, HOTDASH, repository="hotdash/app", bots=BOTS, now=NOON
    ).metadata()
    assert {"started_at", "detected_by", "impact", "action_items"} <= found.keys()
    assert not {"flags", "overrides", "roles", "closed_at", "mitigated_at"} & found.keys()


def test_an_override_without_a_person_is_nobodys() -> None:
    story = Story().declare().tell(40, None, Cleared(override="clock", open_gates=()))
    found = record(story.incident, story.runbook, repository="a/b", bots=BOTS, now=NOON)
    assert [override.by for override in found.overrides] == ["nobody"]


def test_bots_are_no_people() -> None:
    bot, app = Person(id=SETTINGS.bots[0], login="github-actions[bot]"), Person(id=9, login="deploy[bot]")
    assert humans((ADA, bot, BOB, app, ADA), BOTS) == (ADA, BOB)
