"""What the panel shows, as inert values for its template: facts here, words there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from allclear.core.checklist import Item, checklist, holds, window_end
from allclear.core.clock import clock_time, spell
from allclear.core.deadline import timers
from allclear.core.incident import CLOSED, OPEN, Incident
from allclear.core.neutral import block, code, cut, inline
from allclear.core.people import Person
from allclear.core.reply import people_behind
from allclear.core.runbook import Runbook
from allclear.core.settings import Settings, login_like
from allclear.core.snapshot import Repository

MOST = 12
"""People, services, alerts shown one by one; the rest is a number."""

COLOURS = ("🔴", "🟠", "🟡", "🟢")
"""By the severity's rank, worst first; ⚪ for any further one and for what is over."""

FINDINGS = (("root_cause", "Root cause"), ("evidence", "Evidence"), ("impact", "Impact"), ("proposed_fix", "Proposed fix"))

CUTS: tuple[tuple[str, object], ...] = (
    ("packed", ""),
    ("investigate", []),
    ("causes", []),
    ("links", []),
    ("findings", []),
    ("update", None),
    ("after", []),
    ("next", []),
    ("during", []),
    ("alerts", []),
)
"""What goes first when the panel is too long, and what stands there instead (I3)."""


def view(
    incident: Incident,
    runbook: Runbook,
    settings: Settings,
    zone: ZoneInfo,
    repository: Repository,
    issue_url: str,
    trouble: Sequence[str],
    waiting: Sequence[str],
    broken: Sequence[str],
) -> dict[str, object]:
    """The template's values. Every text in it that people wrote is neutral already."""
    host = repository.url.removesuffix(repository.name).rstrip("/")
    opened = incident.stage in (OPEN, CLOSED)
    return {
        "stage": incident.stage,
        "kind": incident.kind,
        "sign": _sign(incident, runbook),
        "severity": inline(incident.severity),
        "asked": incident.severity_asked,
        "status": _status(incident, runbook),
        "title": inline(incident.title, 120),
        "shortened": False,
        "issue_url": issue_url,
        "duplicate_of": incident.duplicate_of,
        "joined": incident.joined,
        "reporter": _person(incident.reporter, host) if incident.reporter else "",
        "alerts": _alerts(broken, trouble, waiting),
        "clock": _clock(incident, runbook, zone) if opened else None,
        "roles": [(role.title, _person(incident.roles[role.id], host)) for role in runbook.roles if role.id in incident.roles],
        "responders": _several(_person(person, host) for person in incident.responders),
        "next": _next(incident, runbook, settings, zone, host) if opened else [],
        "impact": _impact(incident),
        "services": _several(code(name) for name in incident.services),
        "flags": [inline(flag) for flag in sorted(incident.flags)],
        "findings": [(title, block(getattr(incident, name), 1000)) for name, title in FINDINGS if getattr(incident, name)],
        "fix": block(incident.fix, 1000) if incident.fix else "",
        "update": _update(incident, zone, host),
        "during": [_item(item, incident, zone) for item in checklist(incident, runbook, "during")] if opened else [],
        "after": [_item(item, incident, zone) for item in checklist(incident, runbook, "after")] if incident.stage == CLOSED else [],
        "gates": _gates(incident, runbook, zone),
        "overrides": [inline(cleared.override) for cleared in incident.overrides],
        "investigate": [line.replace("```", "'''") for line in runbook.investigate] if incident.active else [],
        "causes": runbook.causes if incident.active else [],
        "links": list(runbook.links.items()),
        "status_page": settings.status_page,
        "postmortem": _postmortem(incident),
    }


def _sign(incident: Incident, runbook: Runbook) -> str:
    ids = [severity.id for severity in runbook.severities]
    if incident.stage == CLOSED:
        return "✅"
    if incident.stage != OPEN or incident.severity not in ids[: len(COLOURS)]:
        return "⚪"
    return COLOURS[ids.index(incident.severity)]


def _status(incident: Incident, runbook: Runbook) -> str:
    state = runbook.state(incident.status)
    return inline(state.title if state else incident.status)


def _person(person: Person, host: str) -> str:
    """The login as a link: it tells who, and notifies nobody."""
    return linked(person.login, host)


def linked(login: str, host: str) -> str:
    """A login as a link to its page, without an @; just inert text where it is no login."""
    if not login_like(login):
        return inline(login)
    name = login.removesuffix("[bot]")
    return f"[{inline(login)}]({host}/{'apps/' if name != login else ''}{name})"


def _several(shown: Iterable[str]) -> list[str]:
    items = list(shown)
    return items if len(items) <= MOST else [*items[: MOST - 1], f"{len(items) - MOST + 1} more"]


def _alerts(broken: Sequence[str], trouble: Sequence[str], waiting: Sequence[str]) -> list[dict[str, object]]:
    groups = (("CAUTION", "broken", broken), ("WARNING", "trouble", trouble), ("NOTE", "waiting", waiting))
    return [
        {"kind": kind, "name": name, "lines": _several(cut(" ".join(line.split()), 500) for line in lines)}
        for kind, name, lines in groups
        if lines
    ]


def _clock(incident: Incident, runbook: Runbook, zone: ZoneInfo) -> dict[str, str]:
    """Times for people. How long it has lasted is told as of the last entry: the panel knows no now."""
    started, declared = incident.reached("started"), incident.reached("declared")
    last = incident.last
    if started is None or declared is None or last is None:
        return {}
    end = incident.reached("resolved") if incident.stage == CLOSED else None
    fixed = incident.reached("mitigated")
    watch = window_end(incident, runbook)
    phase = next((p for p in runbook.phases if p.start <= last - started < p.end), None)
    return {
        "started": clock_time(started, zone, near=started - timedelta(days=1)),
        "declared": clock_time(declared, zone, near=started),
        "as_of": clock_time(last, zone, near=started),
        "length": spell((end or last) - started),
        "fixed": clock_time(fixed, zone, near=started) if fixed else "",
        "fixed_after": spell(fixed - started) if fixed else "",
        "watch": clock_time(watch, zone, near=last) if watch and incident.active else "",
        "phase": phase.name if phase and incident.active and fixed is None else "",
        "phase_window": f"{spell(phase.start)} to {spell(phase.end)}" if phase else "",
        "over": "yes" if end else "",
    }


def _next(incident: Incident, runbook: Runbook, settings: Settings, zone: ZoneInfo, host: str) -> list[dict[str, str]]:
    last = incident.last
    if last is None:
        return []
    shown = []
    for timer in timers(incident, runbook, last):
        to = []
        for title in timer.to:
            logins = people_behind(title, incident, runbook, settings)
            to.append(f"{inline(title)} ({', '.join(linked(login, host) for login in logins) or 'nobody yet'})")
        due = clock_time(timer.due, zone, near=last)
        shown.append({"due": due, "title": inline(timer.deadline.title), "to": ", ".join(to)})
    return shown


def _impact(incident: Incident) -> str:
    parts = [f"{incident.users:,} users" if incident.users is not None else "", inline(incident.revenue, 40)]
    return ", ".join(part for part in parts if part)


def _update(incident: Incident, zone: ZoneInfo, host: str) -> dict[str, str] | None:
    if not incident.updates:
        return None
    newest = incident.updates[-1]
    return {
        "at": clock_time(newest.at, zone, near=incident.last),
        "by": _person(newest.by, host) if newest.by else "",
        "text": block(newest.text, 1500),
        "next": inline(newest.next),
        "eta": inline(newest.eta),
    }


def _item(item: Item, incident: Incident, zone: ZoneInfo) -> dict[str, str]:
    near: datetime | None = incident.last
    return {
        "box": "x" if item.done else " ",
        "text": inline(item.step.text),
        "id": item.step.id,
        "seen": "yes" if item.verified else "",
        "by": inline(item.by.login) if item.by else "",
        "at": clock_time(item.at, zone, near=near) if item.at else "",
    }


def _gates(incident: Incident, runbook: Runbook, zone: ZoneInfo) -> list[dict[str, object]]:
    if not incident.active or incident.last is None:
        return []
    shown: list[dict[str, object]] = []
    for before in ("resolve", "all-clear"):
        if before == "resolve" and incident.reached("resolved") is not None:
            continue
        held = holds(incident, runbook, before, incident.last, zone)
        shown.append({"before": before, "open": len(held), "ids": [hold.id for hold in held]})
    return shown


def _postmortem(incident: Incident) -> dict[str, str] | None:
    mortem = incident.postmortem
    if not mortem.url:
        return None
    name = f"pull request {mortem.pull}" if mortem.pull else "branch, waiting for a pull request"
    published = incident.reached("published")
    return {"name": name, "url": mortem.url, "path": code(mortem.path), "published": "yes" if published else ""}


