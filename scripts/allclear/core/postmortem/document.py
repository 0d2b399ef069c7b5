"""The post-mortem: a report file with the runbook's headings (000-22), and the words of its pull request."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial
from itertools import pairwise
from zoneinfo import ZoneInfo

from msgspec import Struct

from allclear.core.clock.checklist import checklist
from allclear.core.clock.durations import durations
from allclear.core.clock.gates import holds_the_end
from allclear.core.model.counts import counted
from allclear.core.model.errors import TextError
from allclear.core.model.milestones import Milestone
from allclear.core.model.neutral import Renderer, cut, headline, inline, plain
from allclear.core.model.structs import replace
from allclear.core.model.times import clock_time, in_minutes, utc, whole_minutes
from allclear.core.policy.checklists import Done
from allclear.core.policy.runbook import Runbook
from allclear.core.policy.settings import Settings
from allclear.core.postmortem import front_matter as report
from allclear.core.postmortem import sections
from allclear.core.postmortem.approvals import reviewers
from allclear.core.postmortem.bare_document import bare_document
from allclear.core.postmortem.document_lists import document_lists, lists_afterwards
from allclear.core.postmortem.file_name import paths
from allclear.core.postmortem.recorded_report import begun, record, with_later
from allclear.core.postmortem.renewal import renewed
from allclear.core.postmortem.review import review_values
from allclear.core.postmortem.timeline import MILESTONES, mermaid, table
from allclear.core.record.incident import Incident
from allclear.core.view.action_items import action_item
from allclear.core.view.guidance import known_pattern, marked, measured

MOST_REVIEWERS = 15
"""GitHub takes no more for one pull request
(https://docs.github.com/en/pull-requests/collaborating-with-pull-requests/proposing-changes-to-your-work-with-pull-requests/requesting-a-pull-request-review)."""

TEMPLATE = "postmortem.md.j2"
"""The document's."""

NOT_RECORDED = "not recorded"


class Written(Struct, frozen=True):
    """What to publish.

    ``path`` and ``text`` are the file, ``message`` the commit's, ``title``, ``body`` and ``reviewers``
    (logins) the pull request's. ``branch`` is the first attempt's. ``report`` is what the record says for
    the front matter.
    """

    path: str
    text: str
    branch: str
    message: str
    title: str
    body: str
    reviewers: tuple[str, ...]
    report: report.Report


def branch(number: int, attempt: int = 1) -> str:
    """The branch of a post-mortem; each pull request after a merged or closed one is the next attempt."""
    return f"allclear/postmortem-{number}" + (f"-{attempt}" if attempt > 1 else "")


def write(  # noqa: PLR0913 - the whole situation; there is no smaller word for it
    incident: Incident,
    runbook: Runbook,
    settings: Settings,
    *,
    existing: str | None,
    taken: frozenset[str],
    renderer: Renderer,
    zone: ZoneInfo,
    repository: str,
    issue_url: str,
    now: datetime,
) -> Written:
    """Write the post-mortem, over ``existing`` (the file as people left it) when there is one.

    What people wrote stays: see core.sections for the Markdown; in the front matter their own keys stay, ours
    are the record and follow the entries (correct them with commands). ``taken`` are paths that belong to
    other incidents; ``repository`` is ``owner/name``. The same arguments give the same bytes; ``now`` only
    dates an incident that has no start.
    """
    path = _path(incident, taken, now)
    told = _without_itself(incident)
    bots = frozenset(settings.bots)
    kept = report.read(existing) if existing is not None else None
    of = partial(record, runbook=runbook, repository=repository, bots=bots, now=now)
    front = with_later(of(told), of(incident))
    values = document_values(told, runbook, front, settings=settings, zone=zone, issue_url=issue_url, now=now)
    fresh = _document(values, renderer)
    body = sections.merge(fresh, _body(kept) if kept else None)
    style = {"bom": kept.bom, "crlf": kept.crlf} if kept else {}
    text = report.dump(front, body, kept.extra if kept else None, **style)
    if existing is not None and text == renewed(existing, front):
        # What became of it since it was written is written on the default branch, and no reason for a commit
        # to a pull request, which may cost an approval.
        text = existing
    return Written(
        path=path,
        text=text,
        branch=branch(incident.number),
        message=f"Write the post-mortem of incident #{incident.number}",
        title=f"Post-mortem: {cut(headline(incident.title), 180) or 'incident'} (#{incident.number})",
        body=_pull_request(pull_request_values(values, path, told, runbook), renderer),
        reviewers=reviewers(incident, runbook, settings)[:MOST_REVIEWERS],
        report=front,
    )


def _document(values: Mapping[str, object], renderer: Renderer) -> str:
    """By its template; plainly while that cannot be rendered."""
    try:
        return renderer.file(TEMPLATE, values)
    except TextError:
        return bare_document(values)


def _pull_request(values: Mapping[str, object], renderer: Renderer) -> str:
    """What the reviewers read; while its template cannot be rendered, which incident it is about."""
    try:
        return renderer.file("pull_request.md.j2", values)
    except TextError:
        return (
            f"This is the post-mortem of #{values['number']}, **{values['title']}** ({values['severity']})."
        )


def candidates(incident: Incident, now: datetime) -> tuple[str, ...]:
    """Where its report may stand, likeliest first:
    where it was put, else by date and title, then with number.
    """
    if incident.postmortem.path:
        return (incident.postmortem.path,)
    return tuple(paths(incident.title, incident.number, begun(incident, now), incident.kind))


def _path(incident: Incident, taken: frozenset[str], now: datetime) -> str:
    found = candidates(incident, now)
    return next((path for path in found if path not in taken), found[-1])


def _without_itself(incident: Incident) -> Incident:
    """Without what happened to the post-mortem: a file that tells of its own opening is never finished."""
    milestones = dict(incident.milestones)
    milestones.pop("published", None)
    lines = tuple(line for line in incident.timeline if not line.what.startswith("Post-mortem "))
    return replace(incident, milestones=milestones, timeline=lines)


def _body(kept: report.Document) -> str:
    """The Markdown people left. Front matter that is no YAML any more goes to its end, as text."""
    if not kept.broken:
        return kept.body
    longest = max((len(run) for run in re.findall(r"`{3,}", kept.broken)), default=2)
    fence = "`" * (longest + 1)
    return f"{kept.body}\n\n## Front matter that could not be read\n\n{fence}yaml\n{kept.broken}\n{fence}"


def document_values(
    incident: Incident,
    runbook: Runbook,
    front: report.Report,
    *,
    settings: Settings,
    zone: ZoneInfo,
    issue_url: str,
    now: datetime,
) -> dict[str, object]:
    """The values of the document's template: every text in them is inert."""
    start = begun(incident, now)
    return {
        "id": front.id,
        "number": incident.number,
        "issue_url": issue_url,
        "title": inline(incident.title),
        "date": f"{utc(start):%Y-%m-%d}",
        "severity": inline(incident.severity),
        "duration": _duration(front.impact.duration_minutes),
        "user_impact": _impact(incident),
        "kind": incident.kind,
        "drafted": "" if incident.reached("closed") else _status(incident, runbook),
        "reopened": incident.interval,
        "overrides": _overrides(front, runbook, zone, start),
        "flags": [inline(runbook.flag_titles.get(flag, flag)) for flag in front.flags],
        "milestones": _canonical(incident, runbook, zone, start),
        "table": table(incident, zone),
        "diagram": mermaid(incident, zone),
        "root_cause": _prose(incident.findings.root_cause),
        "evidence": _prose(incident.findings.evidence),
        "causes": [inline(cause) for cause in runbook.causes],
        "fix": _prose(incident.findings.fix),
        "proposed_fix": _prose(incident.findings.proposed_fix),
        "actions": [
            *(action_item(action) for action in incident.progress.actions),
            *({"box": " ", "text": text} for text in _proposed(incident, runbook)),
        ],
        "durations": _durations(incident),
        "roles": [
            (_role(role, runbook), ", ".join(inline(one.login) for one in incident.team.holders(role)))
            for role in incident.team.roles
        ],
        "responders": [inline(login) for login in front.responders],
        "people": front.number_of_people,
        "detected_by": inline(incident.detected_by),
        "measured": measured(incident, runbook),
        "pattern": inline(pattern.title) if (pattern := known_pattern(incident, runbook)) else "",
        "services": [inline(service) for service in incident.impact.services],
        "open_gates": _open_gates(incident, runbook, zone, now),
        **review_values(incident, runbook, settings, zone),
        "checklists": document_lists(incident, runbook),
    }


def pull_request_values(
    values: Mapping[str, object], path: str, incident: Incident, runbook: Runbook
) -> dict[str, object]:
    """The values of the pull request's template: those of the document, and what is still to do."""
    review = runbook.review
    asked = {"approvals": review.approvals(incident.team.took_part), "alone": review.asked_approvals is None}
    return {**values, "path": path, "after": lists_afterwards(incident, runbook), **asked}


def _duration(minutes: int | None) -> str:
    """How long it took, for the head of the document: always in minutes, as in the front matter."""
    if minutes is None:
        return NOT_RECORDED
    if minutes == 0:
        return "less than 1 minute"
    return f"{minutes} minute{'' if minutes == 1 else 's'}"


def _prose(text: str) -> str:
    """Several lines of people's text, inert, each on its own line, and all of it: the record is complete."""
    lines = [inline(line, len(line)) for line in plain(text).strip().split("\n")]
    # Two blanks at the end break a line; a paragraph ends without.
    return "\n".join(f"{line}  " if line and after else line for line, after in pairwise([*lines, ""]))


def _impact(incident: Incident) -> str:
    users = counted(incident.impact.users, incident.impact.about)
    revenue = f"revenue {inline(incident.impact.revenue)}" if incident.impact.revenue else ""
    return (
        "; ".join(part for part in (users, revenue, inline(incident.impact.text, 1000)) if part)
        or NOT_RECORDED
    )


def _status(incident: Incident, runbook: Runbook) -> str:
    state = runbook.state(incident.status)
    return inline(state.title if state else incident.status).lower()


def _overrides(
    front: report.Report, runbook: Runbook, zone: ZoneInfo, start: datetime
) -> list[dict[str, object]]:
    return [
        {
            "by": inline(override.by),
            "at": clock_time(override.at, zone, near=start),
            "reason": inline(override.reason, 1000),
            "gates": [_gate(gate, runbook) for gate in override.open_gates],
        }
        for override in front.overrides
    ]


def _gate(gate: str, runbook: Runbook) -> str:
    """What a gate waited for, in words: a step of the checklist, a milestone, or the window of 000-19."""
    known: dict[str, str] = {"monitoring": "Extended monitoring"}
    known.update((str(milestone), text) for milestone, text in MILESTONES.items())
    known.update((step.id, step.text) for step in runbook.boxes)
    return inline(known.get(gate, gate))


def _open_gates(incident: Incident, runbook: Runbook, zone: ZoneInfo, now: datetime) -> list[str]:
    """What still holds the all-clear of an incident that goes on: all that the resolution waits for, too."""
    if not incident.active:
        return []
    # As of the last entry, not of now: a draft written twice reads the same.
    held = holds_the_end(incident, runbook, incident.last or now, zone)
    return [_gate(hold.id, runbook) for hold in held]


def _canonical(
    incident: Incident, runbook: Runbook, zone: ZoneInfo, start: datetime
) -> list[tuple[str, str]]:
    """The five lines of 000-22, each with its time or that nobody recorded it."""
    moments: list[tuple[str, datetime | None]] = [
        ("Incident detected", incident.reached("detected")),
        ("Team notified", _notified(incident, runbook)),
        *((text, incident.reached(milestone)) for text, milestone in _LATER),
    ]
    return [(clock_time(at, zone, near=start) if at else NOT_RECORDED, text) for text, at in moments]


_LATER: tuple[tuple[str, Milestone], ...] = (
    ("Root cause identified", "identified"),
    ("Fix applied", "mitigated"),
    ("Verified resolved", "resolved"),
)


def _notified(incident: Incident, runbook: Runbook) -> datetime | None:
    """When people were first told: the first notice or escalation, else the tick on that step (000-28)."""
    deadlines = [one for one in runbook.deadlines if one.action in ("notify", "escalate")]
    telling = {name for one in deadlines for name in (one.id, *one.earlier)}
    known = incident.progress
    heard = ((timer, at) for timer, at in known.fired.items() if timer not in known.unheard)
    fired = [at for timer, at in heard if timer.split("/", 1)[0] in telling]
    steps = [item for item in checklist(incident, runbook) if item.step.done == Done("told")]
    ticked = [item.at for item in steps if item.at is not None]
    return min(fired or ticked, default=None)


def _durations(incident: Incident) -> list[tuple[str, str, str]]:
    """Name, from where to where, and how long, as the table shows them."""
    spans = durations(incident)
    rows = (
        ("Detection", "started → detected", spans.detection),
        (
            "Acknowledgement",
            "declared → acknowledged" if not incident.interval else "reopened → acknowledged",
            spans.acknowledgement,
        ),
        ("Mitigation", "started → fix applied", spans.mitigation),
        ("Resolution", "started → resolved", spans.resolution),
    )
    return [
        (
            name,
            way,
            NOT_RECORDED
            if span is None
            else in_minutes(span)
            if span < timedelta(hours=1)
            else f"{in_minutes(span)} ({whole_minutes(span)} min)",
        )
        for name, way, span in rows
    ]


def _proposed(incident: Incident, runbook: Runbook) -> list[str]:
    """What the runbook proposes after an incident of this kind, for somebody to take."""
    pattern = known_pattern(incident, runbook)
    if pattern is None or not pattern.later:
        return []
    return [f"{marked(pattern.later)} (proposed by the runbook; owner: nobody yet, due: no date)"]


def _role(role: str, runbook: Runbook) -> str:
    kind = runbook.role(role)
    return inline(kind.title if kind else role)
