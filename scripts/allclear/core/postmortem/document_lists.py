"""The runbook's lists in a post-mortem: what was done of them, and what was left out and why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from allclear.core.clock.checklist import AskedList, Item, asked_lists
from allclear.core.clock.step_text import step_text
from allclear.core.model.neutral import inline
from allclear.core.policy.checklists import Done
from allclear.core.policy.runbook import Runbook
from allclear.core.record.incident import Incident
from allclear.core.view.lists import unused


def document_lists(incident: Incident, runbook: Runbook) -> list[dict[str, object]]:
    """The lists by heading, but for those that only offered something of which nothing was done."""
    return [
        _headed(one, items, incident, runbook) for one, items in _lists(incident, runbook) if not unused(one)
    ]


def lists_afterwards(incident: Incident, runbook: Runbook) -> list[dict[str, object]]:
    """The lists after the incident (000-29) by heading."""
    return [
        _headed(one, items, incident, runbook)
        for one, items in _lists(incident, runbook)
        if one.checklist.afterwards
    ]


def _lists(incident: Incident, runbook: Runbook) -> Iterator[tuple[AskedList, list[Item]]]:
    """The lists with their items but for "post-mortem created": this is it, and does not change with it."""
    for one in asked_lists(incident, runbook):
        items = [item for item in one.items if item.step.done != Done("post-mortem")]
        if items:
            yield one, items


def _headed(one: AskedList, items: Iterable[Item], incident: Incident, runbook: Runbook) -> dict[str, object]:
    return {
        "title": inline(one.checklist.title),
        "items": [(item.done, step_text(item.step, incident, runbook) + _hand(item)) for item in items],
    }


def _hand(item: Item) -> str:
    """Who ticked a step whose fact the record does not have, or why nobody does it; empty for any other."""
    if item.dropped:
        return f" (won't do: {inline(item.without, 500)})"
    if item.by is None or not item.by_hand:
        return ""
    why = f": {inline(item.without)}" if item.without else ""
    return f" (ticked by hand by {inline(item.by.login)}{why})"
