"""What facts of several topics do to an incident: a line of its timeline, a milestone, a responder."""

from __future__ import annotations

from datetime import datetime

from allclear.core.model.milestones import Milestone
from allclear.core.model.people import Person
from allclear.core.model.structs import replace
from allclear.core.record.header import EntryHeader
from allclear.core.record.incident import Incident, TimelineLine


def add_line(
    incident: Incident, entry: EntryHeader, what: str, text: str = "", at: datetime | None = None
) -> Incident:
    """One more line of the timeline, at ``at`` when it is not the time of the entry. ``text`` is raw."""
    line = TimelineLine(at=at or entry.at, by=entry.by, what=what, text=text, source=entry.source)
    return replace(incident, timeline=(*incident.timeline, line))


def reach(incident: Incident, milestone: Milestone, at: datetime, *, again: bool = False) -> Incident:
    """The milestone is reached at ``at``. One that is reached already stays, unless ``again``."""
    if milestone in incident.milestones and not again:
        return incident
    return replace(incident, milestones={**incident.milestones, milestone: at})


def unreach(incident: Incident, *milestones: Milestone) -> Incident:
    """These milestones are not reached any more."""
    return replace(
        incident, milestones={m: at for m, at in incident.milestones.items() if m not in milestones}
    )


def unlearned(incident: Incident) -> Incident:
    """Something is to be done once more, or was added to what is to be done."""
    if incident.postmortem.learned is None:
        return incident
    return replace(incident, postmortem=replace(incident.postmortem, learned=None))


def add_responder(incident: Incident, person: Person) -> Incident:
    """``person`` responds; each stands there once."""
    if person.id in {known.id for known in incident.team.responders}:
        return incident
    responders = (*incident.team.responders, person)
    return replace(incident, team=replace(incident.team, responders=responders))
