"""A drill for any runbook that has no script of its own, made from what the runbook says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import yaml

from allclear.core.calendar.period import Period, Span
from allclear.core.policy.review import titles_of
from allclear.core.policy.runbook import Runbook
from allclear.core.policy.settings import LabelNames
from allclear.core.view.labels import Labels

START = "2025-10-20T09:00:00Z"
"""A Monday morning."""

RESPONSE = timedelta(minutes=15)
"""How long nobody acknowledges, where the runbook names no time that simply elapses."""

LONGEST = timedelta(hours=12)
"""So long at most nobody acknowledges: every ten minutes of a drill are one run of the sweep."""

REPORTER = "reporter"
EVERYBODY = ("responders", "all hands")
"""Titles that stand for whoever is there."""


def made_script(runbook: Runbook) -> str:
    """The script (YAML): the worst severity is declared, acknowledged late, escalated, flagged, and ended."""
    worst = runbook.severities[0]
    late = min(2 * _elapsing(worst.response), LONGEST) + timedelta(minutes=1)
    labels = Labels(runbook, LabelNames())
    first = _login(runbook.first_responder)
    shown = worst.shown or worst.id
    made = {
        "title": f"{runbook.title}: {shown}",
        "about": (
            f"Made from the runbook {runbook.name}: an incident of {shown} is acknowledged after "
            f"{_minutes(late)}, twice as late as promised."
        ),
        "start": START,
        "people": list(_people(runbook)),
        "steps": [
            {
                "who": REPORTER,
                "does": "open",
                "title": f"[INCIDENT {worst.id}] Drill of the runbook {runbook.name}",
                "labels": [labels.incident, labels.severity(worst)],
                "expect": {"refused": False, "labels": [labels.severity(worst)]},
            },
            {"at": f"+{_minutes(late)}", "does": "wait", "note": "Nobody acknowledges."},
            {"who": first, "does": "comment", "text": "/ack", "expect": {"refused": False}},
            _says(first, "/escalate we need more hands"),
            *(_says(first, f"/flag {flag}") for flag in runbook.flags[:1]),
            _says(first, "/finding\nRoot cause: the drill\nEvidence: the script says so"),
            _says(first, "/status monitoring the fix is in"),
            {
                "at": "+5m",
                "who": first,
                "does": "comment",
                "text": "/resolve the drill is over",
                "note": "What the runbook asks for before the resolution is said.",
            },
            {
                "at": "+5m",
                "who": REPORTER,
                "does": "comment",
                "text": '/all-clear --override "it is a drill"',
                "expect": {"refused": False},
            },
        ],
        "end": {"stage": "closed", "issue": "closed"},
    }
    return yaml.safe_dump(made, allow_unicode=True, sort_keys=False, width=100)


def _says(who: str, text: str) -> dict[str, Any]:
    return {"at": "+1m", "who": who, "does": "comment", "text": text, "expect": {"refused": False}}


def _people(runbook: Runbook) -> Iterator[dict[str, Any]]:
    """Who reports it, and somebody behind every title."""
    yield {"login": REPORTER, "name": "Reporter", "role": "maintain"}
    roles = {word.lower() for role in runbook.roles for word in (role.id, role.title)}
    names = [runbook.first_responder, *(title for _, title in titles_of(runbook))]
    names += [title for chain in runbook.chains for level in chain.levels for title in level]
    behind: dict[str, list[str]] = {}
    for title in names:
        if title.lower() not in roles | set(EVERYBODY) and not title.startswith("@"):
            titles = behind.setdefault(_login(title), [])
            titles += [title] if title not in titles else []
    for login, titles in behind.items():
        yield {"login": login, "name": titles[0], "role": "write", "titles": titles}


def _login(title: str) -> str:
    """A login for whoever holds a title: ``Team Lead`` is ``team-lead``."""
    name = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")[:30].strip("-")
    return f"the-{name}" if name == REPORTER else name or "somebody"


def _elapsing(limit: Period) -> timedelta:
    """A time that simply elapses; `RESPONSE` for one that a calendar counts."""
    if isinstance(limit, Span):
        return limit.elapse + timedelta(days=limit.days)
    return RESPONSE


def _minutes(span: timedelta) -> str:
    return f"{int(span.total_seconds()) // 60}m"
