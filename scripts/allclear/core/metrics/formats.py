"""The numbers for other programs: JSON and CSV."""

from __future__ import annotations

import csv
import json
from io import StringIO
from typing import Any

from allclear.core.metrics.collection import Collection
from allclear.core.metrics.measures import MEASURES, QUANTILES, values
from allclear.core.metrics.numbers import months, numbers, time_spent
from allclear.core.metrics.reading import ReportFile
from allclear.core.model.neutral import plain
from allclear.core.model.times import stamp

COLUMNS = (
    "day",
    "id",
    "title",
    "severity",
    "state",
    "review",
    "kind",
    "services",
    "started_at",
    "resolved_at",
    "detection_minutes",
    "acknowledgement_minutes",
    "mitigation_minutes",
    "resolution_minutes",
    "promises_kept",
    "promises_made",
    "reopened",
    "escalated",
    "people",
    "customers_affected",
    "revenue_impact",
    "actions_done",
    "actions",
    "repository",
    "issue",
    "path",
    "not_counted",
)
"""Of an incident, in this order."""

_FORMULA = ("=", "+", "-", "@", "\t", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""With these a spreadsheet begins a formula (https://owasp.org/www-community/attacks/CSV_Injection)."""


def incidents(collection: Collection) -> list[dict[str, Any]]:
    """Every report with its own numbers, newest first: by `COLUMNS`, None where nothing is known."""
    reasons = {one.file.path: one.why for one in collection.left_out}
    return [_incident(file, reasons.get(file.path)) for file in collection.files]


def _incident(file: ReportFile, why: str | None) -> dict[str, Any]:
    row = file.row
    found = (
        file.day.isoformat() if file.day else None,
        row.id or None,
        file.title,
        row.severity or None,
        row.state or None,
        row.review or None,
        row.kind,
        list(row.services),
        stamp(row.started) if row.started else None,
        stamp(row.resolved) if row.resolved else None,
        row.detection,
        row.acknowledgement,
        row.mitigation,
        row.resolution,
        row.kept,
        row.made,
        row.reopened,
        row.escalated,
        row.people,
        row.users,
        row.revenue or None,
        row.actions_done,
        row.actions,
        row.repository or None,
        row.issue,
        plain(file.path),
        why,
    )
    return dict(zip(COLUMNS, found, strict=True))


def as_json(collection: Collection) -> str:
    """One object: what the measures mean, the numbers of all and of each month, the incidents, the faults."""
    shown = {
        "definitions": {measure.key: measure.definition for measure in MEASURES} | {"quantiles": QUANTILES},
        "all": values(numbers(collection.counted, time_spent(collection.counted))),
        "months": [{"month": month.name, **values(month.numbers)} for month in months(collection.counted)],
        "incidents": incidents(collection),
        "faults": [
            {"path": plain(file.path), "line": fault.line, "text": fault.text}
            for file in collection.wrong
            for fault in file.row.faults
        ],
    }
    return json.dumps(shown, indent=2, ensure_ascii=False) + "\n"


def as_csv(collection: Collection) -> str:
    """A line for each report, for spreadsheets: no cell of theirs becomes a formula."""
    lines = StringIO()
    writer = csv.writer(lines, lineterminator="\n")
    writer.writerow(COLUMNS)
    for one in incidents(collection):
        writer.writerow([_cell(one[name]) for name in COLUMNS])
    return lines.getvalue()


def _cell(value: Any) -> str | int:
    if value is None or isinstance(value, int):
        return "" if value is None else value
    text = plain("; ".join(value) if isinstance(value, list) else str(value))
    return f"'{text}" if text.lstrip(" \n").startswith(_FORMULA) else text
