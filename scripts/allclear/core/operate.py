"""The life of an operation: from the entry that asks to the entry that says how it ended."""

from __future__ import annotations

from allclear.core.incident import CLOSED, OPEN, Incident
from allclear.core.snapshot import Snapshot


def to_look_at(incident: Incident, snapshot: Snapshot) -> frozenset[str]:
    """The operations on the record that may have moved on: started, ended, or lost."""
    if snapshot.operations is not None or incident.stage not in (OPEN, CLOSED):
        return frozenset()
    return frozenset(one.id for one in incident.operations.values() if one.open and one.state != "asked")
