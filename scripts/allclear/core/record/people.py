"""Who works on an incident: responders, and the roles they hold."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal, assert_never

from allclear.core.model.frozen import Frozen
from allclear.core.model.people import Person
from allclear.core.policy.runbook import Runbook
from allclear.core.record.changes import add_line, add_responder, reach
from allclear.core.record.header import EntryHeader
from allclear.core.record.incident import Incident


class Acknowledged(Frozen):
    """``by`` responds; the first one stops the response clock."""

    t: Literal["acknowledged"] = "acknowledged"
    by: Person


class RoleSet(Frozen):
    """``person`` None: nobody holds the role any more."""

    t: Literal["role"] = "role"
    role: str
    person: Person | None = None


PeopleFact = Acknowledged | RoleSet


def apply_people(incident: Incident, entry: EntryHeader, fact: PeopleFact, runbook: Runbook) -> Incident:
    """The incident after one more fact about who works on it."""
    match fact:
        case Acknowledged():
            first = incident.reached("acknowledged") is None
            incident = add_responder(reach(incident, "acknowledged", entry.at), fact.by)
            return add_line(incident, entry, "Acknowledged" if first else "Joined the response")
        case RoleSet():
            return _role(incident, entry, fact, runbook)
        case _:
            assert_never(fact)


def _role(incident: Incident, entry: EntryHeader, fact: RoleSet, runbook: Runbook) -> Incident:
    roles = {role: person for role, person in incident.team.roles.items() if role != fact.role}
    if fact.person is not None:
        roles[fact.role] = fact.person
    kind = runbook.role(fact.role)
    title = kind.title if kind else fact.role
    incident = replace(incident, team=replace(incident.team, roles=roles))
    if fact.person is None:
        return add_line(incident, entry, f"{title}: nobody")
    return add_line(add_responder(incident, fact.person), entry, title, fact.person.login)
