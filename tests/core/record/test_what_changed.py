"""What changed before the start, in the timeline."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from allclear.core.model.recent_change import RecentChange
from allclear.core.model.stored import read_values
from allclear.core.record.entry import Entry
from allclear.core.record.findings import CHANGED, ChangesFound, apply_findings
from allclear.core.record.incident import Incident
from stories import HOTDASH

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("fields", "line"),
    [
        (
            {"kind": "deployment", "name": "v42", "where": "production", "by": "bob", "text": "Cents"},
            "v42 deployed to production by bob: Cents",
        ),
        ({"kind": "run", "name": "Deploy", "where": "main", "by": "bob"}, "Deploy failed on main by bob"),
        (
            {"kind": "settings", "name": "#4", "where": "infra", "text": "Grow"},
            "#4 merged, with changes in infra: Grow",
        ),
        ({"kind": "pull", "name": "#4"}, "#4 merged"),
    ],
)
def test_each_kind_of_change_is_a_line_at_its_own_time(fields: dict[str, Any], line: str) -> None:
    change = read_values(RecentChange, {"at": datetime(2026, 3, 2, 11, tzinfo=UTC)} | fields)
    fact = ChangesFound(until=NOON, changes=(change,))
    entry = Entry(key="changed:1", what="changed", at=NOON, facts=(fact,))
    incident = apply_findings(Incident(1), entry, fact, HOTDASH)
    (shown,) = incident.timeline
    assert (shown.at, shown.what, shown.text) == (change.at, CHANGED, line)
    assert incident.findings.changed == (change,)
    assert apply_findings(incident, entry, fact, HOTDASH).timeline == incident.timeline
