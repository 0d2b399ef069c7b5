"""Labels mirror the incident: what should be on the issue, what is ours to take off, how each one looks."""

from __future__ import annotations

from collections.abc import Iterable

from allclear.core.model.effects import CreateLabel
from allclear.core.model.neutral import cut
from allclear.core.policy.runbook import Runbook, Severity
from allclear.core.record.incident import Incident, Stage

INCIDENT_LABEL = "incident"
PENDING_LABEL = "postmortem:pending"
REPORTED_LABEL = "status:reported"

LONGEST_DESCRIPTION = 100
"""GitHub's limit: https://docs.github.com/en/rest/issues/labels#create-a-label"""


def status_label(status: str) -> str:
    """``status:monitoring``."""
    return f"status:{status}"


def severity_of(incident: Incident, runbook: Runbook) -> Severity | None:
    """The incident's severity; None before there is one, or when the runbook no longer knows it."""
    return next((severity for severity in runbook.severities if severity.id == incident.severity), None)


def wanted(incident: Incident, runbook: Runbook) -> frozenset[str]:
    """The labels of ours that the issue should carry. The incident label is people's: we never touch it."""
    if incident.stage == Stage.REPORT:
        return frozenset({REPORTED_LABEL})
    names: set[str] = set()
    severity = severity_of(incident, runbook)
    if severity is not None:
        names |= {runbook.label(severity), *severity.extra_labels}
    if incident.stage in (Stage.OPEN, Stage.CLOSED):
        names.add(status_label(incident.status))
        if owes_postmortem(incident, runbook):
            names.add(PENDING_LABEL)
    return frozenset(names)


def owes_postmortem(incident: Incident, runbook: Runbook) -> bool:
    """Whether one was asked for, or is required after the close (000-A7), and none is published."""
    if incident.reached("published") is not None:
        return False
    asked = incident.postmortem.asked is not None
    return asked or (incident.stage == Stage.CLOSED and incident.severity in runbook.postmortem.required)


def ours(runbook: Runbook) -> frozenset[str]:
    """Every label the engine may add or take off. All others are foreign and left alone."""
    return frozenset(label.name for label in catalogue(runbook) if label.name != INCIDENT_LABEL)


def catalogue(runbook: Runbook) -> tuple[CreateLabel, ...]:
    """How each label looks when the repository has none of that name yet."""
    found = [
        CreateLabel(INCIDENT_LABEL, "b60205", "An incident. Write /help in a comment to see the commands")
    ]
    found += [
        _label(runbook.label(one), one.color, ": ".join(filter(None, (one.name, one.definition))))
        for one in runbook.severities
    ]
    found += [
        _label(status_label(state.id), state.color, f"Incident status: {state.title}")
        for state in runbook.states
    ]
    found.append(CreateLabel(REPORTED_LABEL, "d4c5f9", "A report that waits for /confirm or /dismiss"))
    found.append(CreateLabel(PENDING_LABEL, "c5def5", "The incident's post-mortem is not published yet"))
    found += [
        _label(name, "ededed", f"Set on {one.id} incidents")
        for one in runbook.severities
        for name in one.extra_labels
    ]
    first: dict[str, CreateLabel] = {}
    for label in found:
        first.setdefault(label.name, label)
    return tuple(first.values())


def _label(name: str, color: str, description: str) -> CreateLabel:
    return CreateLabel(name, color, cut(description, LONGEST_DESCRIPTION))


def missing(runbook: Runbook, there: Iterable[str]) -> tuple[CreateLabel, ...]:
    """The labels that a repository with these names lacks; GitHub compares them without case."""
    known = {name.lower() for name in there}
    return tuple(label for label in catalogue(runbook) if label.name.lower() not in known)
