"""The actions of a checklist, in its order: what ``/run LIST`` runs next, one at a time."""

from __future__ import annotations

from collections.abc import Iterable

from allclear.core.clock.checklist import AskedList, Item, asked_lists
from allclear.core.conversation.command import Answer, CommandContext
from allclear.core.conversation.services import bare
from allclear.core.model.errors import UserError
from allclear.core.model.neutral import code, inline
from allclear.core.policy.checklists import Checklist
from allclear.core.policy.runbook import Runbook
from allclear.core.production.action import SETTINGS, ask
from allclear.core.record.audit import Helped
from allclear.core.record.incident import Incident


def list_named(runbook: Runbook, word: str) -> Checklist | None:
    """The list that runs something and has this id, in any case."""
    name = bare(word).lower()
    return next((one for one in running_lists(runbook) if one.id == name), None)


def running_lists(runbook: Runbook) -> tuple[Checklist, ...]:
    """The lists of which some step names an action."""
    return tuple(one for one in runbook.lists if any(step.run for step in one.steps))


def to_run(one: Checklist, incident: Incident, runbook: Runbook) -> tuple[Item, ...]:
    """The steps whose actions are still to be run, in their order; none while the list is not open."""
    there = (asked for asked in asked_lists(incident, runbook) if asked.checklist == one)
    return _to_run(next((asked for asked in there if asked.since is not None), None))


def _to_run(one: AskedList | None) -> tuple[Item, ...]:
    items: Iterable[Item] = one.items if one is not None else ()
    return tuple(item for item in items if item.step.run and not item.done)


def run_next(context: CommandContext, one: Checklist, text: str) -> Answer:
    """Ask for the next action of the list. ``text``: its parameters, and why.

    Raises UserError while the list is not open, where the settings lack the action, and as ``ask`` does.
    """
    asked = next((a for a in asked_lists(context.incident, context.runbook) if a.checklist == one), None)
    if asked is None or asked.since is None:
        when = f"opens when the incident is {one.opens}" if asked is not None else "is not for this incident"
        raise UserError(f"{inline(one.title)} {when}, so nothing of it can be run.", "state")
    items = _to_run(asked)
    if not items:
        return Answer((Helped(),), f"Every action of {inline(one.title)} was run already. Nothing changes.")
    step, *later = (item.step for item in items)
    action = context.settings.actions.get(step.run)
    if action is None:
        raise UserError(
            f"{inline(one.title)} names the action {code(step.run)}, which is not there. Define it under "
            f"{SETTINGS}, or do it by hand and write {code(f'/check {step.id}')}.",
            "settings",
        )
    answer = ask(context, step.run, action, {}, text)
    after = f" After it, `/run {one.id}` runs {code(later[0].run)}." if later else ""
    return Answer(answer.facts, f"{answer.say}{after}")


def next_after(name: str, incident: Incident, runbook: Runbook) -> str:
    """What the list of an action that was just run runs next, in a sentence; empty when there is nothing."""
    for one in running_lists(runbook):
        rest = [item for item in to_run(one, incident, runbook) if item.step.run != name]
        if rest and any(step.run == name for step in one.steps):
            return f"Next in {inline(one.title)}: `/run {one.id}` runs {code(rest[0].step.run)}."
    return ""
