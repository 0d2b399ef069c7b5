"""The runbook for when there is none that can be read: people are told, and the commands work."""

from __future__ import annotations

from typing import Any

from allclear.core.language.compiled import compiled
from allclear.core.language.document import RunbookFile
from allclear.core.language.numbers import Numbers
from allclear.core.policy.runbook import Runbook

EMERGENCY: dict[str, Any] = {
    "name": "emergency",
    "title": "Emergency",
    "default_severity": "P2",
    "severities": {
        "P0": {"name": "Critical", "response": "5m"},
        "P1": {"name": "High", "response": "15m"},
        "P2": {"name": "Medium", "response": "1h"},
        "P3": {"name": "Low", "response": "24h"},
    },
    "states": {
        "investigating": "Investigating",
        "identified": "Identified",
        "mitigating": "Mitigating",
        "monitoring": "Monitoring",
        "resolved": "Resolved",
    },
    "chains": {"emergency": ["DevOps", "Manager", "CEO"]},
    "roles": {"ic": {"title": "Incident Commander"}},
    "flags": {"security": "Security breach", "data-loss": "Data loss or corruption"},
    "review": {
        "sections": {
            "Timeline": "timeline",
            "Root cause": "root-cause",
            "Contributing factors": "contributing",
            "Resolution": "resolution",
            "Action items": "actions",
            "Lessons learned": "lessons",
        },
    },
}
"""In the form of a runbook's file. It is plain on purpose: it stands in for a file that somebody broke."""

NUMBERS = Numbers.model_validate({"watch": {}, "silence": {"major": "1h", "minor": "1d"}, "review": {}})
"""Its own, for the file with the engine's may be what is broken."""


def emergency() -> Runbook:
    """What the engine executes then. It needs no file."""
    return compiled(RunbookFile.model_validate(EMERGENCY), NUMBERS)
