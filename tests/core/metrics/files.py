"""Report files to count."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import yaml

from allclear.core.metrics.reading import ReportFile, ReportRow, read_row

FOLDER = "reports/incidents"


def text(title: str = "Checkout is down", **more: Any) -> str:
    """A report with this front matter; ``more`` are its fields, None takes one out."""
    front: Mapping[str, Any] = {
        "id": "INC-2025-042",
        "severity": "P1",
        "title": title,
        "started_at": "2025-10-19T14:00:00Z",
        "resolved_at": "2025-10-19T14:40:00Z",
        "issue": 42,
        "repository": "acme/shop",
        "status": "resolved",
    } | more
    told = {key: value for key, value in front.items() if value is not None}
    return f"---\n{yaml.safe_dump(told, sort_keys=False)}---\n\n# {title}\n"


def file(name: str = "2025-10-19-checkout.md", content: str | None = None, **more: Any) -> ReportFile:
    return ReportFile(path=f"{FOLDER}/{name}", row=read_row(text(**more) if content is None else content))


def lasting(number: int, start: datetime, end: datetime | None, **more: Any) -> ReportFile:
    """An incident of that issue, from then to then; ``more`` are what else its row says."""
    row = ReportRow(record=True, issue=number, repository="acme/shop", started=start, resolved=end, **more)
    return ReportFile(path=f"{FOLDER}/{start:%Y-%m-%d}-{number}.md", row=row)
