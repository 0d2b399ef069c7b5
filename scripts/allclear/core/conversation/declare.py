"""Declaring: what an issue says about the incident it is, and who makes it one.
Title, labels and body are hostile text; only facts come out.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from msgspec import Struct

from allclear.core.conversation.body_fields import fields, first_line
from allclear.core.conversation.command import Policy
from allclear.core.conversation.declared_impact import DeclaredImpact, declared_impact
from allclear.core.conversation.declared_times import declared_times
from allclear.core.conversation.field_values import levels_in
from allclear.core.conversation.parse import find
from allclear.core.conversation.titles import levels_before, read_title
from allclear.core.model.asking import Asking, Knowledge
from allclear.core.model.milestones import IncidentKind
from allclear.core.model.neutral import code, cut, inline
from allclear.core.model.patterns import lazy_regex
from allclear.core.model.people import Person, Rights
from allclear.core.model.snapshot import Issue, IssueEvent, Snapshot, Wants
from allclear.core.model.structs import replace
from allclear.core.model.times import clock_time
from allclear.core.policy.runbook import Runbook, Severity
from allclear.core.record.entry import Entry
from allclear.core.record.life import Declared, Reported
from allclear.core.view.declared import taken
from allclear.core.view.labels import Labels, folded
from allclear.core.view.reply import Part, engine_part

LONGEST_TITLE = 200

_BY = lazy_regex(r"[0-9Z] by (\w.{0,99})$")

MOST_RATINGS = 20
"""Lines of a text that say how severe it is; of more the first ones count."""

MOST_REPORTS = 3
"""Answered in an hour, of one author without rights. Each costs four writes, and all share 500 an hour."""

MOST_WRITERS = 3
"""People who wrote on a report beyond that, whose rights are asked for."""

UNCLEAR = "GitHub did not say who may declare it"
OVER = "its author reported more than an hour's share, so that a later sweep answers it"
"""Why nothing is declared yet."""


class Claims(Struct, frozen=True):
    """What the issue says. ``asked``: the severity is a guess, so the reply asks. ``unread``:
    what could not be understood. ``asked_times``: questions about times that can be two. ``unknown``: what it
    says of the severity, when that names none; ``priority``: what it says beside a severity that differs.
    """

    title: str
    severity: str
    asked: bool
    kind: IncidentKind
    started: datetime | None
    detected: datetime | None
    detected_by: str
    impact: DeclaredImpact
    unread: tuple[str, ...]
    named: tuple[str, ...]
    unknown: str
    asked_times: tuple[str, ...] = ()
    priority: str = ""


def clean_title(title: str, runbook: Runbook) -> str:
    """The title without its ``[INCIDENT P0]``; at most 200 characters, never empty."""
    return cut(read_title(title, runbook).bare, LONGEST_TITLE) or "Untitled"


def claims(issue: Issue, labels: Labels, tz: ZoneInfo, now: datetime, services: Iterable[str] = ()) -> Claims:
    """Read the issue. Severity: label, title, form; missing or contradictory: the highest named, else the
    default, asked. A priority counts where no severity is named. ``services``: those of the settings.
    """
    runbook = labels.runbook
    told = fields(issue.body)
    title = read_title(issue.title, runbook)
    shown = [level for label in issue.labels if (level := labels.level_meant(label))]
    rated, priority = told.get("severity", ""), told.get("priority", "")
    rating, urgency = _levels(rated, runbook), _levels(priority, runbook)
    beside = bool(rating) and bool(set(urgency) - set(rating))
    unknown = "" if rating else cut(rated or ("" if urgency else priority), 60)
    rating = rating or urgency
    if not (shown or title.levels or rated or priority):
        rating = levels_before(first_line(issue.body), runbook)
    named = [severity.id for severity in (*shown, *title.levels, *rating)]
    levels = tuple(sorted(set(named), key=runbook.rank))
    times = declared_times(told, issue.body, tz, issue.created_at, now)
    return Claims(
        title=clean_title(issue.title, runbook),
        severity=levels[0] if levels else runbook.default_severity,
        asked=len(levels) != 1 or bool(unknown and urgency and not (shown or title.levels)),
        kind=_kind(title.kind, issue.labels),
        started=times.at.get("started"),
        detected=times.at.get("detected"),
        detected_by=cut(told.get("detected by", "") or _detector(told.get("detected", "")), 100),
        impact=declared_impact(told, services),
        unread=times.unread,
        named=levels,
        unknown=unknown,
        asked_times=times.asked,
        priority=cut(priority, 60) if beside else "",
    )


def _detector(detected: str) -> str:
    """Who or what detected it, of ``13:45 by PagerDuty``."""
    found = _BY.search(detected)
    return found.group(1) if found else ""


def _levels(rated: str, runbook: Runbook) -> list[Severity]:
    return [level for line in rated.split("\n")[:MOST_RATINGS] for level in levels_in(line, runbook)]


def _kind(said: IncidentKind | None, labels: frozenset[str]) -> IncidentKind:
    names = {label.lower() for label in labels} | {said or "real"}
    if "drill" in names:
        return "drill"
    return "retro" if "retro" in names else "real"


def as_it_was(snapshot: Snapshot, at: datetime) -> Issue:
    """The issue as it was at ``at``, as far as GitHub tells: title and labels by its events. A text that was
    changed since, or may have been, says nothing: what it was is not shown.
    """
    issue, edit = snapshot.issue, snapshot.issue_edit
    title, labels = issue.title, set(issue.labels)
    later = [event for event in snapshot.events or () if event.at > at]
    for event in sorted(later, key=lambda event: event.id, reverse=True):
        if event.kind == "renamed" and event.former_title is not None:
            title = event.former_title
        elif event.kind == "labeled" and event.label is not None:
            labels.discard(event.label)
        elif event.kind == "unlabeled" and event.label is not None:
            labels.add(event.label)
    changed = edit is not None and (not edit.known or edit.at > at)
    return replace(issue, title=title, labels=frozenset(labels), body="" if changed else issue.body)


def retitled(snapshot: Snapshot, at: datetime) -> IssueEvent | None:
    """The first change of the title until ``at``; it tells what the title was before."""
    events = sorted(snapshot.events or (), key=lambda event: event.id)
    return next((e for e in events if e.kind == "renamed" and e.at <= at), None)


def declaration(said: Claims, runbook: Runbook, reporter: Person | None) -> Declared:
    """The fact that makes the issue an incident, stamped with its runbook."""
    return Declared(
        severity=said.severity,
        asked=said.asked,
        title=said.title,
        kind=said.kind,
        started=said.started,
        detected=said.detected,
        detected_by=said.detected_by or None,
        reporter=reporter,
        impact=said.impact.text or None,
        users=said.impact.users,
        about=said.impact.about,
        revenue=said.impact.revenue or None,
        services=said.impact.services,
        runbook=runbook.name,
        runbook_hash=runbook.hash,
    )


def declare(known: Knowledge, policy: Policy) -> Asking[Part | str]:
    """An incident when somebody with the right labelled or opened it, a report otherwise (fault H2).

    Else why nothing is decided yet: GitHub does not say whether they have it, or its author reported too much
    of late, and nobody else has taken it up.
    """
    yield from known.learn(Wants(events=True))
    issue, now = known.snapshot.issue, known.snapshot.now
    unknown = "events" in known.snapshot.unsaid
    labelled = _labelled(known.snapshot.events or (), policy.labels)
    at = labelled.at if labelled else issue.created_at
    said = claims(issue, policy.labels, policy.zone, now, policy.settings.services)
    for person in (labelled.actor if labelled else None, issue.author):
        rights = (yield from known.rights_of(person)) if person is not None else Rights.NONE
        if rights is not None and rights >= Rights.TRIAGE:
            fact = declaration(said, policy.runbook, issue.author)
            entry = Entry(key="declare", what="declare", by=person, at=at, facts=(fact,))
            return engine_part(entry, _declared(said, fact, policy, at), to=person)
        unknown = unknown or rights is None
    if unknown:
        return UNCLEAR
    yield from known.learn(Wants(reports=True))
    older = known.snapshot.reports or 0
    if older >= MOST_REPORTS and not (yield from _taken_up(known)):
        return OVER
    entry = Entry(key="declare", what="report", by=issue.author, at=at, facts=(Reported(title=said.title),))
    say = (
        "Thank you. This is a **report**, not an incident yet, so nobody was paged. Somebody with "
        f"`{policy.confirmer}` access has to make it an incident with `/confirm`, or close it with "
        "`/dismiss`."
    )
    if older == MOST_REPORTS - 1:
        say += (
            f" You have reported {MOST_REPORTS} times within an hour, so the next ones are answered later. "
            "Nothing is lost, and somebody with that access can write `/confirm` on any of them now."
        )
    return engine_part(entry, say, "helped", to=issue.author)


def _taken_up(known: Knowledge) -> Asking[bool]:
    """Whether somebody with rights, or of whom GitHub does not say, wrote a command on it."""
    author = known.snapshot.issue.author
    writers = {
        one.author.id: one.author
        for one in known.snapshot.comments
        if one.author is not None and not one.author.login.endswith("[bot]") and find(one.body)
    }
    if author is not None:
        writers.pop(author.id, None)
    for person in list(writers.values())[-MOST_WRITERS:]:
        rights = yield from known.rights_of(person)
        if rights is None or rights >= Rights.TRIAGE:
            return True
    return False


def _labelled(events: tuple[IssueEvent, ...], labels: Labels) -> IssueEvent | None:
    """The newest event that put the incident label on."""
    marks = folded(labels.incident)
    found = (e for e in reversed(events) if e.kind == "labeled" and folded(e.label or "") == marks)
    return next(found, None)


def _declared(said: Claims, fact: Declared, policy: Policy, at: datetime) -> str:
    severity = policy.runbook.severity(said.severity)
    what = {
        "real": "Incident",
        "drill": "Drill (it notifies nobody and counts in no metric)",
        "retro": "Incident, written up afterwards,",
    }[said.kind]
    response = f"It needs a response {severity.response.as_limit()}: write `/ack`."
    called = inline(severity.shown or severity.id)
    lines = [f"{what} declared: **{called} · {inline(severity.name)}**. {response}"]
    if len(said.named) > 1:
        lines.append(
            f"The issue names {' and '.join(said.named)}, and the highest counts. `/sev <severity>` "
            "settles it."
        )
    elif said.asked:
        why = (
            f"{code(said.unknown)} is no severity of this runbook"
            if said.unknown
            else "The issue names no severity"
        )
        lines.append(f"{why}, so {called} counts for now. Which is it? Write `/sev <severity>`.")
    if said.priority:
        lines.append(
            f"{code('Priority: ' + said.priority)} is not taken, for the severity counts. `/sev <severity>` "
            "changes it."
        )
    understood = (("started", said.started), ("was detected", said.detected))
    times = [
        f"It {what} at {clock_time(moment, policy.zone, near=at)}." for what, moment in understood if moment
    ]
    lines += [" ".join(times)] if times else []
    lines += filter(None, (taken(fact),))
    lines += said.asked_times
    lines += [
        f"{code(text)} could not be read. `/time started 14:05` corrects such a time." for text in said.unread
    ]
    lines += said.impact.notes
    return "\n".join(lines)
