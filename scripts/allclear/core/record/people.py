"""Who works on an incident: responders, and the roles they hold."""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never

from allclear.core.model.people import Person
from allclear.core.model.stored import Stored
from allclear.core.model.structs import replace
from allclear.core.policy.runbook import Runbook
from allclear.core.record.changes import add_line, add_responder, reach
from allclear.core.record.header import EntryHeader
from allclear.core.record.incident import Incident, RoleProposal


class Acknowledged(Stored, frozen=True, kw_only=True, tag_field="t", tag="acknowledged"):
    """``by`` responds; the first one stops the response clock."""

    by: Person


class RoleSet(Stored, frozen=True, kw_only=True, tag_field="t", tag="role"):
    """``person`` None: nobody holds the role any more. ``beside``: they hold it with those who do."""

    role: str
    person: Person | None = None
    beside: bool = False


class RoleLeft(Stored, frozen=True, kw_only=True, tag_field="t", tag="role-left"):
    """``person`` holds the role no more; others may."""

    role: str
    person: Person


class RoleProposed(Stored, frozen=True, kw_only=True, tag_field="t", tag="role-proposed"):
    """``login``, who stands behind ``title`` in the settings, is asked to take the role. ``why``: why it is
    not who is meant for it first, or what else they have to do.
    """

    role: str
    login: str
    title: str = ""
    why: str = ""


class RolesReleased(Stored, frozen=True, kw_only=True, tag_field="t", tag="roles-released"):
    """The incident is over, and nobody is bound by a role any more."""


PeopleFact = Acknowledged | RoleSet | RoleLeft | RoleProposed | RolesReleased


def apply_people(incident: Incident, entry: EntryHeader, fact: PeopleFact, runbook: Runbook) -> Incident:
    """The incident after one more fact about who works on it."""
    match fact:
        case Acknowledged():
            first = incident.reached("acknowledged") is None
            incident = add_responder(reach(incident, "acknowledged", entry.at), fact.by)
            return add_line(incident, entry, "Acknowledged" if first else "Joined the response")
        case RoleSet():
            return _role(incident, entry, fact, runbook)
        case RoleLeft():
            left = [one for one in incident.team.holders(fact.role) if one.id != fact.person.id]
            incident = _held(incident, fact.role, left)
            return add_line(incident, entry, f"No longer {_title(fact.role, runbook)}", fact.person.login)
        case RoleProposed():
            return _propose(incident, entry, fact, runbook)
        case RolesReleased():
            return replace(incident, team=replace(incident.team, released=True))
        case _:
            assert_never(fact)


def _role(incident: Incident, entry: EntryHeader, fact: RoleSet, runbook: Runbook) -> Incident:
    title, before = _title(fact.role, runbook), incident.team.holders(fact.role) if fact.beside else ()
    if fact.person is None:
        incident = _held(incident, fact.role, ())
        if fact.role in incident.team.proposed:
            incident = _proposed(incident, fact.role, RoleProposal())
        return add_line(incident, entry, f"{title}: nobody")
    incident = _held(incident, fact.role, (*before, fact.person))
    return add_line(add_responder(incident, fact.person), entry, title, fact.person.login)


def _propose(incident: Incident, entry: EntryHeader, fact: RoleProposed, runbook: Runbook) -> Incident:
    incident = _proposed(incident, fact.role, RoleProposal(fact.login, fact.title, fact.why))
    if fact.title:
        told = incident.progress.told | {fact.title.lower()}
        incident = replace(incident, progress=replace(incident.progress, told=told))
    return add_line(incident, entry, f"Proposed as {_title(fact.role, runbook)}", fact.login)


def _title(role: str, runbook: Runbook) -> str:
    kind = runbook.role(role)
    return kind.title if kind else role


def _held(incident: Incident, role: str, people: Sequence[Person]) -> Incident:
    """The role is these people's, and nobody else's."""
    team = incident.team
    roles = {name: person for name, person in team.roles.items() if name != role}
    beside = {name: more for name, more in team.beside.items() if name != role}
    if people:
        roles[role] = people[0]
    if people[1:]:
        beside[role] = tuple(people[1:])
    return replace(incident, team=replace(team, roles=roles, beside=beside))


def _proposed(incident: Incident, role: str, proposal: RoleProposal) -> Incident:
    proposed = {**incident.team.proposed, role: proposal}
    return replace(incident, team=replace(incident.team, proposed=proposed))
