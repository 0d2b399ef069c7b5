"""Inputs as people type them, and what each has to become: rows of `rows/*.yml`.

A row says where it is typed and what is expected of it, in the words of people and not of the code:

- `typed`: a comment of bob on an incident; or `title`, `body`, `labels` of an issue that becomes one.
- `does`: the plain comment lines that have the same effect; `[]` is none at all.
- `facts`: what the incident says afterwards, by the names of `LOOKS`.
- `names`, `never`: what the answer holds (as it is read, without Markdown's escapes), and what it must not.
- `silent`: nothing is answered.
- `desk`: another incident than the usual one, by the names of `DESKS`.
- `instead`: why another expectation than the one that was asked for is better.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from yaml import safe_load

from allclear.core.model.times import stamp
from allclear.core.record.incident import Incident

ROWS = Path(__file__).parent / "rows"


class Row(BaseModel):
    """One input with its expectation."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    typed: str | None = None
    title: str | None = None
    body: str | None = None
    labels: tuple[str, ...] | None = None
    desk: str = "usual"
    does: tuple[str, ...] | None = None
    facts: Mapping[str, Any] = Field(default_factory=dict)
    names: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    silent: bool = False
    instead: str = ""

    @property
    def expects(self) -> bool:
        """Whether anything is expected at all: a row without it could not fail."""
        return bool(self.does is not None or self.facts or self.names or self.never or self.silent)


def rows() -> list[Row]:
    """All rows, file by file."""
    found = [safe_load(file.read_text(encoding="utf-8")) for file in sorted(ROWS.glob("*.yml"))]
    return [Row.model_validate(row) for file in found for row in file]


def _moment(name: str) -> Callable[[Incident], str | None]:
    def look(incident: Incident) -> str | None:
        found = incident.milestones.get(name)  # type: ignore[call-overload]  # a milestone's name, from a row
        return stamp(found) if found else None

    return look


def _notes(incident: Incident) -> list[str]:
    return [f"{stamp(line.at)} {line.text}" for line in incident.timeline if line.what == "Note"]


def _actions(incident: Incident) -> list[list[str]]:
    found = incident.progress.actions
    return [[one.owner.login if one.owner else "", one.due, one.text] for one in found]


def _operations(incident: Incident) -> list[str]:
    """`rollback web`, `action restart`, `smoke web`: what was asked for; `dry`: it changes nothing."""
    found = incident.production.operations.values()
    return [" ".join(["dry"] * one.dry_run + [one.kind, one.name or one.service]) for one in found]


LOOKS: Mapping[str, Callable[[Incident], Any]] = {
    **{
        name: _moment(name)
        for name in ("started", "detected", "acknowledged", "identified", "mitigated", "resolved")
    },
    "stage": lambda incident: incident.stage.value,
    "kind": lambda incident: incident.kind,
    "title": lambda incident: incident.title,
    "severity": lambda incident: incident.severity,
    "asked": lambda incident: incident.severity_asked,
    "status": lambda incident: incident.status,
    "detected_by": lambda incident: incident.detected_by,
    "users": lambda incident: incident.impact.users,
    "revenue": lambda incident: incident.impact.revenue,
    "impact": lambda incident: incident.impact.text,
    "services": lambda incident: list(incident.impact.services),
    "roles": lambda incident: {role: person.login for role, person in sorted(incident.team.roles.items())},
    "root_cause": lambda incident: incident.findings.root_cause,
    "evidence": lambda incident: incident.findings.evidence,
    "proposed_fix": lambda incident: incident.findings.proposed_fix,
    "fix": lambda incident: incident.findings.fix,
    "updates": lambda incident: [one.text for one in incident.progress.updates],
    "next": lambda incident: [one.next for one in incident.progress.updates],
    "eta": lambda incident: [one.eta for one in incident.progress.updates],
    "flags": lambda incident: sorted(incident.progress.flags),
    "ticked": lambda incident: sorted(incident.progress.ticks),
    "overridden": lambda incident: [one.reason for one in incident.progress.overrides],
    "notes": _notes,
    "actions": _actions,
    "operations": _operations,
}
"""What a row may ask of the incident. Times are UTC, `2025-10-19T13:05:00Z`; a note is time and text."""
