"""What the panel shows, as inert values for its template: facts here, words there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from allclear.core.clock.advice import advised
from allclear.core.clock.deadlines import timers
from allclear.core.clock.gates import GATES, Hold, holds
from allclear.core.clock.learning import learning
from allclear.core.clock.window import window_end
from allclear.core.model.counts import counted
from allclear.core.model.neutral import block, code, cut, inline
from allclear.core.model.people import Person
from allclear.core.model.snapshot import Repository
from allclear.core.model.times import clock_time, in_minutes, spell
from allclear.core.policy.runbook import Phase, Runbook
from allclear.core.policy.settings import Settings
from allclear.core.record.incident import Incident, Stage
from allclear.core.record.lean import MOST as KEPT
from allclear.core.record.lean import shown
from allclear.core.view.action_items import action_line
from allclear.core.view.guidance import (
    WHOLE,
    known_pattern,
    link,
    looked,
    measured,
    which_severity,
)
from allclear.core.view.lists import gates_ahead, shown_lists
from allclear.core.view.operations import shown_hotfix, shown_operations, shown_smoke
from allclear.core.view.people import linked, people_behind, shown_contacts, shown_roles

MOST = 12
"""People, services, alerts shown one by one; the rest is a number."""

COLOURS = ("🔴", "🟠", "🟡", "🟢")
"""By the severity's rank, worst first; ⚪ for any further one."""

CUTS: dict[str, object] = {
    "contacts": None,
    "link_groups": [],
    "look": [],
    "causes": [],
    "status_page": "",
    "which": "",
    "findings": [],
    "smoke": [],
    "operations": [],
    "update": None,
    "parts": False,
    "actions": None,
    "after": [],
    "next": [],
    "during": [],
    "alerts": [],
}
"""What goes first when the panel is too long, and what stands there instead (I3)."""


def view(
    incident: Incident, runbook: Runbook, settings: Settings, zone: ZoneInfo, repository: Repository
) -> dict[str, object]:
    """The values of ``panel.md.j2``. Every text in them that people wrote is neutral already.

    Times are clock times in ``zone``; how long something took is told as of the last entry, never as of now.
    """
    incident = shown(incident)
    host = repository.url.removesuffix(repository.name).rstrip("/")
    there = incident.stage in (Stage.OPEN, Stage.CLOSED)
    during, after = shown_lists(incident, runbook, settings, zone) if there else ([], [])
    overrides = incident.progress.overrides[-KEPT["progress.overrides"] :]
    return {
        "stage": incident.stage,
        "kind": incident.kind,
        "sign": _sign(incident, runbook),
        "severity": inline(_severity(incident, runbook)),
        "asked": incident.severity_asked,
        "status": _status(incident, runbook),
        "title": inline(incident.title, 120),
        "duplicate_of": incident.links.duplicate_of,
        "joined": incident.links.joined,
        "reporter": _person(incident.team.reporter, host),
        "clock": _clock(incident, runbook, zone),
        "roles": shown_roles(incident, runbook, zone, host),
        "contacts": shown_contacts(incident, runbook, settings, host) if incident.active else None,
        "responders": _several(_person(person, host) for person in incident.team.responders),
        "next": _next(incident, runbook, settings, zone, host),
        "impact": _impact(incident),
        "services": _several(code(name) for name in incident.impact.services),
        "flags": [inline(runbook.flag_titles.get(flag, flag)) for flag in sorted(incident.progress.flags)],
        "findings": _findings(incident),
        "update": _update(incident, zone, host),
        "during": during,
        "after": after,
        "actions": _several_actions(incident),
        "learned": _learned(incident, zone),
        "unlearned": _unlearned(incident, runbook),
        "parts": True,
        "gates": _gates(incident, runbook, zone),
        "overrides": [inline(override.reason) for override in overrides],
        **_guidance(incident, runbook, repository),
        "status_page": settings.status_page,
        "postmortem": _postmortem(incident),
        "operations": shown_operations(incident, runbook, zone),
        "smoke": shown_smoke(incident, zone),
        "hotfix": shown_hotfix(incident),
        "adopted": clock_time(incident.adopted, zone, near=incident.adopted - timedelta(days=1))
        if incident.adopted
        else "",
    }


def _guidance(incident: Incident, runbook: Runbook, repository: Repository) -> dict[str, object]:
    """What helps people who look for the cause, or for the severity."""
    active = incident.active
    advice = advised(incident, runbook, incident.last) if incident.last else ()
    worst = [one for one in advice if one.to == advice[0].to]
    pattern = known_pattern(incident, runbook)
    return {
        "which": which_severity(runbook) if active and incident.severity_asked else "",
        "suggested": {"to": worst[0].to, "why": "; ".join(dict.fromkeys(inline(one.why) for one in worst))}
        if worst
        else None,
        "measured": measured(incident, runbook),
        "pattern": inline(pattern.title) if pattern else "",
        "detected_by": inline(incident.detected_by) if active else "",
        "look": looked(runbook.look) if active else [],
        "causes": [inline(cause, WHOLE) for cause in runbook.causes]
        if active and not incident.findings.root_cause
        else [],
        "link_groups": [
            (inline(group.title), [link(name, text, repository.url) for name, text in group.links.items()])
            for group in runbook.link_groups
        ]
        if active
        else [],
    }


def alerts(broken: Sequence[str], trouble: Sequence[str], waiting: Sequence[str]) -> list[dict[str, object]]:
    """What is wrong, loudest first. Lines of neutral Markdown, shortened."""
    groups = (("broken", broken), ("trouble", trouble), ("waiting", waiting))
    return [
        {"name": name, "lines": _several(cut(" ".join(line.split()), 500) for line in lines)}
        for name, lines in groups
        if lines
    ]


def _person(person: Person | None, host: str) -> str:
    return linked(person.login, host) if person else ""


def _sign(incident: Incident, runbook: Runbook) -> str:
    ids = [severity.id for severity in runbook.severities][: len(COLOURS)]
    if incident.stage == Stage.CLOSED:
        return "⚠️" if incident.progress.overrides else "✅"
    return COLOURS[ids.index(incident.severity)] if incident.severity in ids else "⚪"


def _severity(incident: Incident, runbook: Runbook) -> str:
    """What the runbook calls it."""
    found = next((one.shown for one in runbook.severities if one.id == incident.severity), "")
    return found or incident.severity


def _status(incident: Incident, runbook: Runbook) -> str:
    state = runbook.state(incident.status)
    return inline(state.title if state else incident.status)


def _several(shown: Iterable[str]) -> list[str]:
    items = list(shown)
    return items if len(items) <= MOST else [*items[: MOST - 1], f"and {len(items) - MOST + 1} more"]


def _learned(incident: Incident, zone: ZoneInfo) -> str:
    at = incident.postmortem.learned
    return clock_time(at, zone, near=at - timedelta(days=1)) if at else ""


def _unlearned(incident: Incident, runbook: Runbook) -> list[str]:
    """What is left until an incident that has ended is learned; empty when nothing is."""
    left = learning(incident, runbook)
    told = [f"`{item.step.id}`" for item in left.items]
    told += ["the post-mortem"] if left.postmortem else []
    told += [f"{left.actions} action item{'' if left.actions == 1 else 's'}"] if left.actions else []
    return _several(told)


def _several_actions(incident: Incident) -> dict[str, object] | None:
    known = incident.progress
    if known.planned == 0:
        return None
    return {
        "lines": _several(action_line(one) for one in known.open_actions),
        "left": len(known.open_actions) + known.left_out,
        "ended": known.ended,
    }


def _clock(incident: Incident, runbook: Runbook, zone: ZoneInfo) -> dict[str, str]:
    """Times and lengths; empty before the declaration and for a duplicate, whose clocks have stopped."""
    started, declared, last = incident.reached("started"), incident.reached("declared"), incident.last
    if (
        incident.stage not in (Stage.OPEN, Stage.CLOSED)
        or started is None
        or declared is None
        or last is None
    ):
        return {}
    fixed = incident.reached("mitigated")
    end = incident.reached("resolved")
    watch = window_end(incident, runbook) if incident.active else None
    hint = _phase(last - started, runbook, fixed=fixed is not None) if incident.active and not end else None
    return {
        # A day away, so that it is told with its date.
        "started": clock_time(started, zone, near=started - timedelta(days=1)),
        "declared": clock_time(declared, zone, near=started),
        "as_of": clock_time(last, zone, near=started),
        "length": in_minutes((end or last) - started),
        "fixed": clock_time(fixed, zone, near=started) if fixed else "",
        "fixed_after": in_minutes(fixed - started) if fixed else "",
        "resolved": clock_time(end, zone, near=started) if end else "",
        "watch": clock_time(watch, zone, near=last) if watch else "",
        "left": in_minutes(watch - last) if watch and watch > last else "",
        "phase": f"{inline(hint.name)}, until {spell(hint.end)} after the start" if hint else "",
    }


def _phase(since: timedelta, runbook: Runbook, *, fixed: bool) -> Phase | None:
    """Where an incident usually is so long after its start; with a fix it is in the last phase (000-06)."""
    known = runbook.phases[-1:] if fixed else runbook.phases
    return next((one for one in known if (fixed or one.start <= since) and since < one.end), None)


def _next(
    incident: Incident, runbook: Runbook, settings: Settings, zone: ZoneInfo, host: str
) -> list[dict[str, str]]:
    """The deadlines to come, with whom they reach; what is due already is told as ``now``."""
    last = incident.last
    if last is None:
        return []
    shown = []
    for timer in timers(incident, runbook, last):
        behind = {title: people_behind(title, incident, runbook, settings) for title in timer.to}
        logins = dict.fromkeys(login for people in behind.values() for login in people)
        empty = ", ".join(inline(title) for title, people in behind.items() if not people)
        to = [", ".join(linked(login, host) for login in logins), f"nobody yet as {empty}" if empty else ""]
        due = clock_time(timer.due, zone, near=last) if timer.due > last else "now"
        shown.append({"due": due, "title": inline(timer.deadline.title), "to": "; ".join(filter(None, to))})
    return shown


def _impact(incident: Incident) -> list[str]:
    """Numbers first, then what was written."""
    users = counted(incident.impact.users, incident.impact.about)
    revenue = f"revenue {inline(incident.impact.revenue, 40)}" if incident.impact.revenue else ""
    numbers = ", ".join(part for part in (users, revenue) if part)
    return [part for part in (numbers, inline(incident.impact.text, 1000)) if part]


def _findings(incident: Incident) -> list[dict[str, str]]:
    """The fields of item 000-13 (the impact stands above) and the fix; the short ones in one line."""
    told = {
        "Root cause": incident.findings.root_cause,
        "Evidence": incident.findings.evidence,
        "Proposed fix": incident.findings.proposed_fix,
        "Fix": incident.findings.fix,
    }
    return [
        {"title": title, "line": "", "block": block(text, 1000)}
        if "\n" in text.strip()
        else {"title": title, "line": inline(text, 1000), "block": ""}
        for title, text in told.items()
        if text.strip()
    ]


def _update(incident: Incident, zone: ZoneInfo, host: str) -> dict[str, str] | None:
    if not incident.progress.updates:
        return None
    newest = incident.progress.updates[-1]
    return {
        "at": clock_time(newest.at, zone, near=incident.last),
        "by": _person(newest.by, host),
        "text": block(newest.text, 1500),
        "next": inline(newest.next) if incident.active else "",
        "eta": inline(newest.eta) if incident.active else "",
    }


def _gates(incident: Incident, runbook: Runbook, zone: ZoneInfo) -> list[dict[str, object]]:
    """What the way out still waits for: the next gate by name, the one after it as a number."""
    last = incident.last
    if not incident.active or last is None:
        return []
    shown: list[dict[str, object]] = []
    for before, way in gates_ahead(incident, runbook):
        held = holds(incident, runbook, before, last, zone)
        names = _several(_hold(hold, incident, runbook, zone, last) for hold in held) if not shown else []
        if held or before in GATES:
            shown.append({"before": way, "open": len(held), "names": names})
    return shown


def _hold(hold: Hold, incident: Incident, runbook: Runbook, zone: ZoneInfo, last: datetime) -> str:
    end = window_end(incident, runbook)
    if hold.id == "monitoring" and end is not None:
        return f"extended monitoring until {clock_time(end, zone, near=last)}"
    return f"`{hold.id}`"


def _postmortem(incident: Incident) -> dict[str, object] | None:
    mortem = incident.postmortem
    if not mortem.url:
        return None
    return {
        "pull": mortem.pull,
        "url": mortem.url,
        "path": code(mortem.path),
        # What was merged and is held has a line of its own, and a branch alone is reviewed by nobody.
        "state": incident.review if mortem.held is None and mortem.pull is not None else "",
        "held": _held(incident),
        "override": _review_override(incident),
    }


def _held(incident: Incident) -> dict[str, object] | None:
    """What keeps a merged post-mortem from being published."""
    held = incident.postmortem.held
    if held is None:
        return None
    return {
        "count": held.count,
        "line": held.line,
        "url": held.url,
        "first": inline(held.text, 200),
    }


def _review_override(incident: Incident) -> str:
    given = incident.postmortem.override
    if given is None:
        return ""
    who = inline(given.by.login) if given.by else "somebody who is gone"
    return f"overridden by {who}: {inline(given.reason, 200)}"
