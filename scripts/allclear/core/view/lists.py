"""Checklists as people read them: a heading, its boxes, what is under each, and what waits for them."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from allclear.core.clock.checklist import AskedList, Item, asked_lists
from allclear.core.clock.gates import ALL_CLEAR, RESOLVE, passed
from allclear.core.clock.step_text import marked, step_text
from allclear.core.model.neutral import code, inline
from allclear.core.model.times import clock_time
from allclear.core.policy.checklists import TIMELESS, Step, ordered
from allclear.core.policy.runbook import Runbook
from allclear.core.policy.settings import Settings
from allclear.core.record.incident import Incident, Stage


def shown_lists(
    incident: Incident, runbook: Runbook, settings: Settings, zone: ZoneInfo
) -> tuple[list[dict[str, object]], list[dict[str, object]]]:
    """The open lists for during the incident, and those for afterwards."""
    found: tuple[list[dict[str, object]], list[dict[str, object]]] = ([], [])
    for one in asked_lists(incident, runbook):
        if one.since is not None and (incident.active or not unused(one)):
            found[one.checklist.afterwards].append(_list(one, incident, runbook, settings, zone))
    return found


def unused(one: AskedList) -> bool:
    """Whether it is a list for during the incident that only offered something, and nobody took it: there is
    nothing to know of it once the incident is over.
    """
    asked = one.checklist.before or one.checklist.due or one.checklist.afterwards
    return not asked and not any(item.done for item in one.items)


def _list(
    one: AskedList, incident: Incident, runbook: Runbook, settings: Settings, zone: ZoneInfo
) -> dict[str, object]:
    """``folded``: all of it is done, and one line says so."""
    done = sum(item.done for item in one.items)
    before = one.checklist.before
    return {
        "title": inline(one.checklist.title),
        "role": _role(one.checklist.role, runbook),
        "before": way_to(before) if before and one.left and not passed(before, incident) else "",
        "folded": not one.left,
        "told": f"{done} of {len(one.items)} done",
        "items": [_item(item, one, incident, runbook, settings, zone) for item in one.items],
    }


def way_to(before: str) -> str:
    """The command that a list holds."""
    commands = {"resolved": "/resolve", "all-clear": "/all-clear", "acknowledged": "/ack"}
    return commands.get(before, f"/status {'monitoring' if before == 'mitigated' else before}")


def gates_ahead(incident: Incident, runbook: Runbook) -> list[tuple[str, str]]:
    """What may be held and is not reached yet, with the command that leads there, in the order of moments."""
    held = {one.before for one in runbook.lists} - {"", "resolved", "published", ALL_CLEAR}
    ways = [(before, way_to(before)) for before in ordered(held) if not passed(before, incident)]
    resolve = [(RESOLVE, "/resolve")] if incident.reached("resolved") is None else []
    return [*ways, *resolve, (ALL_CLEAR, "/all-clear")]


def _role(role: str, runbook: Runbook) -> str:
    return next((inline(one.title) for one in runbook.roles if one.id == role), "")


def _item(
    item: Item, one: AskedList, incident: Incident, runbook: Runbook, settings: Settings, zone: ZoneInfo
) -> dict[str, object]:
    """``told``: who ticked it and when, or what else there is to know of an open box."""
    step = item.step
    told = _told(item, incident, zone)
    if not item.done:
        duty = incident.progress.duties.get(step.id)
        role = _role(step.role, runbook) if step.role != one.checklist.role else ""
        owner = inline(duty.owner.login) if duty and duty.owner else role
        due = f"due {inline(duty.due)}" if duty and duty.due else ""
        told = ", ".join(filter(None, ("optional" if step.optional else "", owner, due)))
    return {
        "box": "x" if item.done else " ",
        "text": step_text(step, incident, runbook),
        "id": step.id,
        "told": told,
        "parts": [] if item.done else [marked(part) for part in step.parts],
        "run": "" if item.done or incident.stage == Stage.CLOSED else _run(step, settings),
    }


def _told(item: Item, incident: Incident, zone: ZoneInfo) -> str:
    """Who ticked it and when. A fact the engine reads off the record has no time of its own."""
    done = item.step.done
    timeless = done is not None and (done.kind in TIMELESS or done.names in (("declared",), ("all-clear",)))
    at: datetime | None = None if item.verified and timeless else item.at
    who = inline(item.by.login) if item.by else "auto" if item.done else ""
    when = clock_time(at, zone, near=incident.last) if at else ""
    how = "won't do" if item.dropped else "by hand"
    without = f"{how}: {inline(item.without)}" if item.without else how if item.by_hand else ""
    return ", ".join(part for part in (who, when, without) if part)


def _run(step: Step, settings: Settings) -> str:
    """The action of a step: how it is typed, and the words that then run. Nothing runs by itself."""
    if not step.run:
        return ""
    action = settings.actions.get(step.run)
    if action is None:
        return f"⚠️ the settings have no action {code(step.run)}"
    values = "".join(f" {name}=…" for name in action.parameters)
    return f"{code(f'/run {step.run}{values}')} runs {code(' '.join(action.run), 200)}"
