"""What the record of an incident says in the front matter of its report."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from allclear.core.clock.durations import durations, minutes
from allclear.core.model.people import Person
from allclear.core.model.times import stamp, utc
from allclear.core.policy.runbook import Runbook
from allclear.core.postmortem.front_matter import (
    LATER,
    ActionCounts,
    Event,
    Impact,
    Minutes,
    OverriddenReview,
    Override,
    Report,
)
from allclear.core.postmortem.promises import escalations, promises
from allclear.core.postmortem.timeline import MILESTONES
from allclear.core.record.incident import Incident


def identifier(started: datetime, number: int) -> str:
    """``INC-2025-042``: UTC year of the start and issue number, three digits or more (002-A2)."""
    return f"INC-{utc(started).year}-{number:03d}"


def record(
    incident: Incident, runbook: Runbook, *, repository: str, bots: frozenset[int], now: datetime
) -> Report:
    """The record of an incident. ``bots`` (ids) count as nobody; ``now`` dates one without a start."""
    spans = durations(incident)
    reached = incident.reached
    return Report(
        id=identifier(begun(incident, now), incident.number),
        severity=incident.severity,
        title=incident.title,
        started_at=reached("started"),
        detected_by=incident.detected_by or None,
        resolved_at=reached("resolved"),
        impact=Impact(
            users_affected=incident.impact.users,
            revenue_lost=incident.impact.revenue or None,
            duration_minutes=minutes(spans.resolution),
        ),
        timeline=tuple(_event(incident)),
        issue=incident.number,
        repository=repository,
        kind=incident.kind,
        runbook=incident.runbook.name,
        runbook_hash=incident.runbook.hash,
        status=incident.status,
        declared_at=reached("declared"),
        detected_at=reached("detected"),
        acknowledged_at=reached("acknowledged"),
        identified_at=reached("identified"),
        mitigated_at=reached("mitigated"),
        closed_at=reached("closed"),
        services=incident.impact.services,
        roles={role: person.login for role, person in incident.team.roles.items()},
        responders=tuple(person.login for person in humans(incident.team.responders, bots)),
        flags=tuple(sorted(incident.progress.flags)),
        overrides=overrides(incident),
        durations=Minutes(
            detection=minutes(spans.detection),
            acknowledgement=minutes(spans.acknowledgement),
            mitigation=minutes(spans.mitigation),
            resolution=minutes(spans.resolution),
        ),
        number_of_people=len(
            humans((*incident.team.people, *incident.team.responders, *incident.team.in_roles), bots)
        ),
        promises=dict(promises(incident, runbook)),
        reopened=incident.interval or None,
        escalated=escalations(incident, runbook) or None,
        duplicate_of=incident.links.duplicate_of,
        **later(incident),
    )


def with_later(front: Report, other: Report) -> Report:
    """A report with the fields of `LATER` as another one has them."""
    return front.model_copy(update={key: getattr(other, key) for key in LATER})


def later(incident: Incident) -> dict[str, Any]:
    """The fields of `LATER` as the record has them; raw."""
    known = incident.postmortem
    given = known.override
    return {
        "action_items": tuple(_action(incident)),
        "review": review_of(incident),
        "published_at": incident.reached("published"),
        "learned_at": known.learned,
        "review_override": OverriddenReview(by=_login(given.by), at=given.at, reason=given.reason)
        if given is not None
        else None,
        "actions": _counts(incident),
    }


def review_of(incident: Incident) -> str:
    """How far the review of its post-mortem is, in the words of core.record.postmortem_state.

    What is approved is a text, and one that said so would be another: that stands on the panel only.
    """
    if incident.reached("published") is not None:
        return "published"
    # Where the one before a reopening was published, this is another.
    return "in review" if incident.postmortem.review in ("in review", "approved") else "draft"


def _login(person: Person | None) -> str:
    return person.login if person is not None else "nobody"


def begun(incident: Incident, now: datetime) -> datetime:
    """When it started, as far as anybody knows."""
    return incident.reached("started") or incident.opened or now


def humans(people: Iterable[Person], bots: frozenset[int]) -> tuple[Person, ...]:
    """Each person once, in their order, without bots and apps."""
    known: dict[int, Person] = {}
    for person in people:
        if person.id not in bots and not person.login.endswith("[bot]"):
            known.setdefault(person.id, person)
    return tuple(known.values())


def overrides(incident: Incident) -> tuple[Override, ...]:
    """Every all-clear against open gates, with who gave it and when."""
    return tuple(
        Override(
            by=_login(given.by),
            at=given.at,
            reason=given.reason,
            open_gates=given.open_gates,
        )
        for given in incident.progress.overrides
    )


def _event(incident: Incident) -> Iterable[Event]:
    reached = [(at, name) for name in MILESTONES if (at := incident.reached(name)) is not None]
    for at, name in sorted(reached, key=lambda pair: pair[0]):
        yield Event(time=stamp(at), event=MILESTONES[name])


def _counts(incident: Incident) -> ActionCounts | None:
    outcomes = [action.outcome for action in incident.progress.actions]
    if not outcomes:
        return None
    return ActionCounts(planned=len(outcomes), done=outcomes.count("done"), dropped=outcomes.count("dropped"))


def _action(incident: Incident) -> Iterable[str]:
    for action in incident.progress.actions:
        told = [
            f"owner: {action.owner.login}" if action.owner else "",
            f"due: {action.due}" if action.due else "",
            f"issue: #{action.issue}" if action.issue else "",
            f"{action.outcome}: {action.why}" if action.why else action.outcome,
        ]
        known = ", ".join(part for part in told if part)
        yield f"{action.text} ({known})" if known else action.text
