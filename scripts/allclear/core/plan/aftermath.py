"""What the merged report of an incident follows: that it is published, what became of its action items."""

from __future__ import annotations

from collections.abc import Hashable

from allclear.core.record.incident import Incident, Stage


def aftermath(incident: Incident) -> Hashable | None:
    """What happened to it since, to be compared; None where no report was merged. The number of an action
    item's issue is in the report as well, and alone no reason to write it anew.
    """
    known, published = incident.postmortem, incident.reached("published")
    if incident.stage != Stage.CLOSED or (published is None and known.held is None):
        return None
    given = known.override.at if known.override is not None else None
    actions = tuple((one.number, one.outcome) for one in incident.progress.actions)
    return published, known.learned, given, actions
