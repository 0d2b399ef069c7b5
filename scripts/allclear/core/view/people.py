"""People as others read of them: who stands behind a title, who has which role, how to reach whom."""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from allclear.core.clock.roles import behind, due_by, role_of, wanted
from allclear.core.model.neutral import inline
from allclear.core.model.patterns import lazy_regex
from allclear.core.model.people import EVERYBODY, RESPONDERS
from allclear.core.model.times import clock_time
from allclear.core.policy.contact import Contact
from allclear.core.policy.role import RoleKind
from allclear.core.policy.runbook import Runbook
from allclear.core.policy.settings import Settings, login_like
from allclear.core.record.incident import Incident, RoleProposal, Stage

_ADDRESS = lazy_regex(r"https?://([a-zA-Z0-9.-]+)(?::[0-9]+)?(?:/[^\s()|<>\"]*)?")
"""What a cell of a table shows as a link."""


def people_behind(title: str, incident: Incident, runbook: Runbook, settings: Settings) -> tuple[str, ...]:
    """The logins behind a deadline's title: a role here, ``responders``, or a title of the settings; a login
    that stands there itself, with an @ or as the settings have it, is meant as one.

    A role that nobody has is that of whom it is proposed to, else of its primary titles, else of its backup.
    """
    if title.lower() == RESPONDERS:
        return tuple(person.login for person in incident.team.responders)
    role = role_of(title, runbook)
    if role is not None and (found := _of_role(role, incident, settings)):
        return found
    if title.lower() == EVERYBODY.lower() and not settings.holders(title):
        return tuple(settings.named)
    login = title.removeprefix("@")
    meant = title != login or login.lower() in {one.lower() for one in settings.named}
    return settings.holders(title) or ((login,) if meant and login_like(login) else ())


def _of_role(role: RoleKind, incident: Incident, settings: Settings) -> tuple[str, ...]:
    holders = tuple(person.login for person in incident.team.holders(role.id))
    proposal = incident.team.proposal(role.id)
    proposed = (proposal.login,) if proposal else ()
    return holders or proposed or behind(role.primary, settings) or behind(role.backup, settings)


def whom(titles: Sequence[str], incident: Incident, runbook: Runbook, settings: Settings) -> str:
    """``CEO (mona), Manager (nobody yet), responders``: who hears of a deadline, mentioning nobody."""
    shown = []
    for title in titles:
        logins = people_behind(title, incident, runbook, settings)
        # Roles fill up as people come; a title without a login is a gap in the settings.
        here = title.lower() == RESPONDERS or role_of(title, runbook) is not None
        gap = "" if here else " (nobody yet)"
        shown.append(
            inline(title) + (f" ({', '.join(inline(login) for login in logins)})" if logins else gap)
        )
    return ", ".join(shown)


def duties(role: RoleKind) -> str:
    """`` Duties: Coordinates; Decides.``, after a sentence about who has it; empty where it has none."""
    return f" Duties: {'; '.join(inline(duty) for duty in role.duties)}." if role.duties else ""


def linked(login: str, host: str) -> str:
    """A login as a link, without an @: it tells who and notifies nobody. Inert text where it is no login."""
    if not login_like(login):
        return inline(login)
    name = login.removesuffix("[bot]")
    return f"[{inline(login)}]({host}/{'apps/' if name != login else ''}{name})"


def shown_roles(incident: Incident, runbook: Runbook, zone: ZoneInfo, host: str) -> list[tuple[str, str]]:
    """Every role that somebody has or that is needed: its title, and who has it, who is proposed, or that
    nobody is, with the time by which somebody has to have it. Those that are merely free stand in one line.
    """
    needed = {role.id for role in wanted(incident, runbook)} if incident.stage == Stage.OPEN else set[str]()
    shown: list[tuple[str, str]] = []
    free: list[str] = []
    for role in runbook.roles:
        take = f"`/take {role.id}`"
        proposal = incident.team.proposal(role.id)
        due = due_by(incident, role, runbook)
        if role.id in incident.team.roles:
            who = ", ".join(linked(person.login, host) for person in incident.team.holders(role.id))
            shown.append((inline(role.title), who))
        elif role.id in needed and (proposal or due):
            by = f", by {clock_time(due, zone, near=incident.last)}" if due else ""
            who = _asked(proposal, host) if proposal else "nobody yet"
            shown.append((inline(role.title), f"{who}{by} ({take})"))
        elif role.id in needed:
            free.append(f"{inline(role.title)} ({take})")
    return [*shown, ("Nobody yet", ", ".join(free))] if free else shown


def _asked(proposal: RoleProposal, host: str) -> str:
    why = f", because {inline(proposal.why)}" if proposal.why else ""
    return f"proposed to {linked(proposal.login, host)}{why}"


_COLUMNS = {
    "mail": "Mail",
    "slack": "Chat",
    "phone": "Phone",
    "web": "Page",
    "hours": "Hours",
    "note": "Note",
}


def shown_contacts(
    incident: Incident, runbook: Runbook, settings: Settings, host: str
) -> dict[str, list[list[str]]] | None:
    """The contacts as a table without the columns that none of them fills; None where there are none."""
    if not runbook.contacts:
        return None
    names = [name for name in _COLUMNS if any(getattr(one, name) for one in runbook.contacts)]
    rows = []
    for one in runbook.contacts:
        logins = people_behind(one.title, incident, runbook, settings)
        who = f" ({', '.join(linked(login, host) for login in logins)})" if logins else ""
        rows.append([f"{inline(one.title)}{who}", *(_cell(one, name, runbook) for name in names)])
    return {"head": [["Who", *(_COLUMNS[name] for name in names)]], "rows": rows}


def _cell(contact: Contact, name: str, runbook: Runbook) -> str:
    value: str = getattr(contact, name)
    if name == "hours" and value in runbook.calendars:
        calendar = runbook.calendars[value]
        return inline(f"{calendar.days} {calendar.hours}")
    address = _ADDRESS.fullmatch(value) if name == "web" else None
    return f"[{inline(address[1])}]({value})" if address else inline(value)
