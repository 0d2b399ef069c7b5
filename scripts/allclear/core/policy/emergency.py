"""The runbook for when there is none that can be read: people are told, and the commands work."""

from __future__ import annotations

from typing import Any

_LEVELS = (("P0", "Critical", "5m"), ("P1", "High", "15m"), ("P2", "Medium", "1h"), ("P3", "Low", "24h"))
_STATES = (
    ("investigating", None),
    ("identified", "identified"),
    ("mitigating", None),
    ("monitoring", "mitigated"),
    ("resolved", "resolved"),
)

EMERGENCY: dict[str, Any] = {
    "name": "emergency",
    "title": "Emergency",
    "first_responder": "DevOps",
    "default_severity": "P2",
    "severities": [
        {"id": level, "name": name, "response": response, "color": "b60205"}
        for level, name, response in _LEVELS
    ],
    "states": [
        {"id": state, "title": state.capitalize(), "reaches": reaches, "color": "5319e7"}
        for state, reaches in _STATES
    ],
    "roles": [{"id": "ic", "title": "Incident commander"}],
    "flags": ["security", "data-loss"],
    "deadlines": [
        {
            "id": "initial-alert",
            "title": "Team notification",
            "start": "declared",
            "within": {level: "0m" for level, _, _ in _LEVELS},
            "action": "notify",
            "to": ["DevOps"],
            "text": "🚨 {{ severity }} INCIDENT: {{ brief }}",
        },
        {
            "id": "response",
            "title": "Response due",
            "start": "declared",
            "until": "acknowledged",
            "within": {level: response for level, _, response in _LEVELS},
            "repeat": {"P0": "15m"},
            "action": "escalate",
            "to": ["Manager", "CEO"],
            "level": 1,
            "text": "Nobody has acknowledged yet. Please write `/ack`.",
        },
    ],
}
"""In the form of a runbook's file. It is plain on purpose: it stands in for a file that somebody broke."""
