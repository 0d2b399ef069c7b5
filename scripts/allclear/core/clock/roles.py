"""The roles of an incident: which it needs, who may have them, to whom they are proposed, and by when."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from allclear.core.clock.anchors import anchors
from allclear.core.clock.chains import chains_of
from allclear.core.clock.condition import holding
from allclear.core.model.people import Person
from allclear.core.policy.role import RoleKind
from allclear.core.policy.runbook import Runbook
from allclear.core.policy.settings import Settings
from allclear.core.record.incident import Incident
from allclear.core.record.people import RoleProposed


def wanted(incident: Incident, runbook: Runbook) -> tuple[RoleKind, ...]:
    """The roles that the incident needs as it stands, in the order of the runbook."""
    return tuple(role for role in runbook.roles if _needed(role, incident))


def _needed(role: RoleKind, incident: Incident) -> bool:
    return incident.severity in role.severities and bool(holding(incident, role.when))


def role_of(title: str, runbook: Runbook) -> RoleKind | None:
    """The role that a title names: its id, or what people call it."""
    meant = title.strip().lower()
    return next((role for role in runbook.roles if meant in (role.id, role.title.lower())), None)


def open_at(title: str, runbook: Runbook, now: datetime) -> bool:
    """Whether who has this title answers now; always, where the runbook names no hours."""
    hours = next((one.hours for one in runbook.contacts if one.title.lower() == title.strip().lower()), "")
    return not hours or runbook.times[hours].is_open(now, runbook.times.zone)


def due_by(incident: Incident, role: RoleKind, runbook: Runbook) -> datetime | None:
    """By when somebody has to have the role (UTC); None when no clock of it runs."""
    for deadline in runbook.deadlines:
        if deadline.role == role.id and incident.severity in deadline.within:
            for anchor in anchors(incident, deadline, runbook):
                due = deadline.within[incident.severity].after(anchor.at, runbook.times)
                return max(due, anchor.not_before or due)
    return None


def overdue(incident: Incident, role: RoleKind, runbook: Runbook) -> bool:
    """Whether people were told, in this interval, that nobody has the role."""
    names = [f"{one.id}/{incident.interval}/" for one in runbook.deadlines if one.role == role.id]
    return any(timer.startswith(name) for name in names for timer in incident.progress.fired)


def excluded(role: str, who: str, incident: Incident, runbook: Runbook) -> tuple[str, ...]:
    """The titles of the roles of this login (in any case) that nobody may have together with this one."""
    kinds = {kind.id: kind for kind in runbook.roles}
    barred = kinds[role].excludes if role in kinds else ()
    return tuple(
        kinds[other].title
        for other in incident.team.roles
        if other in kinds
        and other != role
        and (other in barred or role in kinds[other].excludes)
        and who.lower() in {person.login.lower() for person in incident.team.holders(other)}
    )


def proposals(
    incident: Incident, runbook: Runbook, settings: Settings, now: datetime
) -> tuple[RoleProposed, ...]:
    """To whom the roles are proposed that the incident needs, nobody has and nobody was asked about.

    Each to one person: who stands alone behind its primary title, in their hours and with no other role here;
    else to who stands so behind its backup; else to the first of them who stands alone. To nobody where
    several people stand behind the primary title.
    """
    if not incident.active or incident.kind == "retro" or incident.reached("resolved") is not None:
        return ()
    others = _others(incident, runbook)
    found = []
    for role in wanted(incident, runbook):
        if role.id in incident.team.roles or role.id in incident.team.proposed:
            continue
        chosen = _chosen(role, incident, runbook, settings, now, others)
        if chosen is not None:
            others.setdefault(chosen.login.lower(), []).append(role)
            found.append(chosen)
    return tuple(found)


def _others(incident: Incident, runbook: Runbook) -> dict[str, list[RoleKind]]:
    """The roles that somebody has here or is proposed for, by login."""
    others: dict[str, list[RoleKind]] = {}
    for role in runbook.roles:
        proposal = incident.team.proposal(role.id)
        logins = [person.login for person in incident.team.holders(role.id)]
        for login in [*logins, *([proposal.login] if proposal else [])]:
            others.setdefault(login.lower(), []).append(role)
    return others


def _chosen(
    role: RoleKind,
    incident: Incident,
    runbook: Runbook,
    settings: Settings,
    now: datetime,
    others: Mapping[str, list[RoleKind]],
) -> RoleProposed | None:
    if len(behind(role.primary, settings)) > 1:
        return None
    reasons: list[str] = []
    busy: list[tuple[str, str]] = []
    away: list[tuple[str, str]] = []
    for title, login in _candidates(role, incident, settings):
        theirs = others.get(login.lower(), [])
        if not login:
            reasons.append(f"nobody stands behind {title}")
        elif any(other.id in role.excludes or role.id in other.excludes for other in theirs):
            reasons.append(f"{login} is {_spelt(theirs)} and may not be both")
        elif not open_at(title, runbook, now):
            away.append((title, login))
            reasons.append(f"it is outside the hours of {title}")
        elif theirs:
            busy.append((title, login))
            reasons.append(f"{login} is also {_spelt(theirs)}")
        else:
            return RoleProposed(role=role.id, login=login, title=title, why="; ".join(reasons))
    why = "; ".join(reasons)
    for title, login in busy:
        return RoleProposed(role=role.id, login=login, title=title, why=why)
    for title, login in away:
        return RoleProposed(role=role.id, login=login, title=title, why=f"nobody else is there, and {why}")
    return None


def _candidates(role: RoleKind, incident: Incident, settings: Settings) -> Iterator[tuple[str, str]]:
    """Titles, with who stands alone behind each; with an empty login where nobody does."""
    for titles in (role.primary, role.backup):
        logins = behind(titles, settings)
        if titles and len(logins) <= 1:
            title = next((one for one in titles if settings.holders(one)), titles[0])
            yield title, next(iter(logins), "")
    if role.by_ack and incident.reached("acknowledged") is not None and incident.team.responders:
        yield "", incident.team.responders[0].login


def behind(titles: Iterable[str], settings: Settings) -> tuple[str, ...]:
    """Everybody whom the settings name for these titles, each once."""
    return tuple(dict.fromkeys(login for title in titles for login in settings.holders(title)))


def _spelt(roles: Iterable[RoleKind]) -> str:
    return " and ".join(role.title for role in roles)


def claimed(
    incident: Incident,
    runbook: Runbook,
    settings: Settings,
    by: Person,
    *,
    acknowledges: bool = False,
    first: bool = False,
) -> tuple[RoleKind, ...]:
    """The roles that somebody takes by saying something here: those that are proposed to them; when it
    ``acknowledges``, those whose backup they are and was told; when that is the ``first`` time anybody does,
    the role that is meant for whoever that is. Never two that exclude each other.
    """
    found: list[RoleKind] = []
    login = by.login.lower()
    for role in wanted(incident, runbook):
        if role.id in incident.team.roles or excluded(role.id, login, incident, runbook):
            continue
        proposal = incident.team.proposal(role.id)
        theirs = proposal is not None and proposal.login.lower() == login
        stands_in = login in {one.lower() for one in behind(role.backup, settings)}
        backup = acknowledges and stands_in and overdue(incident, role, runbook)
        barred = any(other.id in role.excludes or role.id in other.excludes for other in found)
        if (theirs or backup or (first and role.by_ack)) and not barred:
            found.append(role)
    return tuple(found)


def covering(titles: Iterable[str], incident: Incident, runbook: Runbook, now: datetime) -> tuple[str, ...]:
    """The titles that hear as well because some of these do not answer now: the backups of the roles that
    they are meant for, else the level above theirs.
    """
    found: list[str] = []
    for title in titles:
        if open_at(title, runbook, now):
            continue
        meant = title.strip().lower()
        backups = [
            backup
            for role in runbook.roles
            if meant in {one.lower() for one in role.primary}
            for backup in role.backup
        ]
        above = [
            one
            for chain in chains_of(runbook, incident.severity)
            for level, higher in zip(chain.levels, chain.levels[1:], strict=False)
            if meant in {one.lower() for one in level}
            for one in higher
        ]
        found += backups or above
    return tuple(dict.fromkeys(found))
