"""What the clock says aloud: a due deadline becomes an entry and a notice with the people it is for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from allclear.core.clock.checklist import window_end
from allclear.core.clock.deadlines import Timer
from allclear.core.clock.durations import durations, minutes
from allclear.core.conversation.command import Policy
from allclear.core.model.neutral import code, inline, rendered
from allclear.core.model.times import clock_time, in_minutes, spell, stamp
from allclear.core.record.entry import Entry
from allclear.core.record.incident import Incident
from allclear.core.record.progress import Fired
from allclear.core.view.reply import Notice, message, people_behind

SIREN = "🚨"


def values(incident: Incident, policy: Policy, link: str, at: datetime) -> dict[str, str]:
    """What a runbook's texts may name: inert Markdown, times in the runbook's zone."""
    zone, runbook = policy.zone, policy.runbook
    severity = next((s for s in runbook.severities if s.id == incident.severity), None)
    state = runbook.state(incident.status)
    last = incident.progress.updates[-1] if incident.progress.updates else None
    started, resolved = incident.reached("started"), incident.reached("resolved")
    end = window_end(incident, runbook)
    window = runbook.window(incident.severity, incident.production.fixed_by)
    lasted = durations(incident).resolution
    return {
        "siren": SIREN,
        "brief": inline(incident.brief),
        "severity": incident.severity,
        "severity_name": inline(severity.name) if severity else "",
        "status": state.title if state else inline(incident.status),
        "started": stamp(started) if started else "",
        "impact": inline(incident.impact.text, 500),
        "eta": inline(last.eta) if last else "",
        "next": inline(last.next, 500) if last else "",
        "text": inline(last.text, 2000) if last else "",
        "time": clock_time(at, zone),
        "link": link,
        "duration": in_minutes(lasted) if lasted is not None else "",
        "minutes": str(minutes(lasted) if lasted is not None else ""),
        "fix": inline(incident.findings.fix, 500),
        "window": f"{spell(window)}, until {clock_time(end, zone, near=at)}" if window and end else "",
        "postmortem": incident.postmortem.url or "it follows the all-clear, as a pull request",
        "resolved": stamp(resolved) if resolved else "",
        "window_length": spell(window) if window else "",
        "smoke": _smoke(incident),
        "verified": "",
        "within": "",
    }


def _smoke(incident: Incident) -> str:
    """What the newest smoke runs say, in half a sentence; empty when there was none."""
    if not incident.production.smoke:
        return ""
    failed = [name for name, run in incident.production.smoke.items() if not run.smoke.passed]
    if failed:
        return f"and the last smoke run of {', '.join(code(name) for name in failed)} **failed**"
    return "and the last smoke run passed"


def announcement(
    name: str, incident: Incident, policy: Policy, link: str, at: datetime, more: Mapping[str, str]
) -> str:
    """The runbook's form ``name`` (update, resolved, all-clear), filled in; empty when there is none."""
    form = next((form for kind, form in policy.runbook.messages.items() if kind == name), None)
    return message(form, values(incident, policy, link, at) | dict(more), policy.renderer) if form else ""


def audience(
    titles: Iterable[str], incident: Incident, policy: Policy
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The logins to notify, and the titles without a login, which are shown by name. A drill notifies nobody.

    Paging fails open: where nobody stands behind any of the titles, the runbook's first responder hears of
    it.
    """
    found: dict[str, None] = {}
    names = []
    for title in titles:
        logins = people_behind(title, incident, policy.runbook, policy.settings)
        found |= dict.fromkeys(logins)
        if not logins:
            names.append(title)
    if not found:
        found |= dict.fromkeys(
            people_behind(policy.runbook.first_responder, incident, policy.runbook, policy.settings)
        )
    if incident.kind == "real":
        return tuple(found), tuple(names)
    return (), (*names, *found)


def notice(
    timer: Timer, incident: Incident, policy: Policy, link: str, now: datetime
) -> tuple[Entry, Notice]:
    """The (not yet chained) entry and the notice of a deadline that is due."""
    deadline = timer.deadline
    mentions, names = audience(timer.to, incident, policy)
    filled = values(incident, policy, link, now) | {"within": spell(deadline.within[incident.severity])}
    form = policy.runbook.messages.get("initial-alert")
    told = ""
    if (
        form is not None
        and deadline.start == "declared"
        and deadline.action == "notify"
        and incident.severity in form.severities
    ):
        told = message(form, filled, policy.renderer)
    fact = Fired(
        timer=timer.key, deadline=deadline.title, due=timer.due, to=(*mentions, *names), covers=timer.covers
    )
    entry = Entry(key=f"t:{timer.key}", what=deadline.id, at=now, facts=(fact,))
    spoken = Notice(
        key=entry.key,
        title=deadline.title,
        text=rendered(policy.renderer, deadline.text, filled),
        mentions=mentions,
        names=names,
        due=timer.due,
        late=max(timedelta(), now - timer.due),
        action=deadline.action,
        message=told,
        kind=incident.kind,
    )
    return entry, spoken
