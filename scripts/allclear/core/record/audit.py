"""What concerns the record rather than the incident: entries taken back or tampered with, requests that were
refused or only answered, the runbook that applies.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Literal, assert_never

from allclear.core.model.frozen import Frozen
from allclear.core.record.changes import add_line
from allclear.core.record.header import EntryHeader
from allclear.core.record.incident import Incident, RunbookStamp


class Undone(Frozen):
    """The entry with this key counts no longer."""

    t: Literal["undo"] = "undo"
    key: str
    what: str = ""


class RunbookChanged(Frozen):
    """The runbook changed while the incident was open; the clocks are re-planned."""

    t: Literal["runbook"] = "runbook"
    name: str
    hash: str


class Tampered(Frozen):
    """A reply of ours was deleted, or edited so that it no longer counts.
    ``url`` names it, or the one after the gap.
    """

    t: Literal["tampered"] = "tampered"
    what: Literal["edited", "gap"]
    url: str = ""


class Refused(Frozen):
    """A command was answered with no. ``code`` is the stable reason (see core.errors)."""

    t: Literal["refused"] = "refused"
    code: str


class Helped(Frozen):
    """A question was answered; nothing changed."""

    t: Literal["helped"] = "helped"


AuditFact = Undone | RunbookChanged | Tampered | Refused | Helped


def apply_audit(incident: Incident, entry: EntryHeader, fact: AuditFact) -> Incident:
    """The incident after one more fact about the record. That an entry is taken back, fold sees to."""
    match fact:
        case Undone():
            return add_line(incident, entry, "Taken back", fact.what)
        case RunbookChanged():
            changed = replace(incident, runbook=RunbookStamp(fact.name, fact.hash))
            return add_line(changed, entry, "Runbook changed", fact.name)
        case Tampered():
            told = (
                "edited, and does not count" if fact.what == "edited" else "deleted or edited before this one"
            )
            line = f"A reply of the record was {told}: {fact.url}"
            return replace(incident, tampered=(*incident.tampered, line))
        case Refused() | Helped():
            return incident
        case _:
            assert_never(fact)
