from __future__ import annotations

from typing import Annotated

from allclear.core.clock.checklist import checklist
from allclear.core.clock.step_duties import left_afterwards
from allclear.core.clock.step_text import step_text
from allclear.core.conversation.action_items import LONGEST_READ, SaidItem, said_items
from allclear.core.conversation.arguments import calendar_day, check_to_come, text_as
from allclear.core.conversation.command import Answer, ArgumentCursor, CommandContext, command
from allclear.core.conversation.naming import step_named
from allclear.core.conversation.people import known_person
from allclear.core.model.errors import UserError
from allclear.core.model.neutral import code, inline
from allclear.core.model.people import Rights
from allclear.core.model.snapshot import Wants
from allclear.core.record.progress import StepAssigned
from allclear.core.record.step import StepDuty


def _wants(context: CommandContext) -> Wants:
    """Whether the owner may help."""
    text = ArgumentCursor(context.call.line, context.call.below).text
    try:
        item = _said(text[:LONGEST_READ], context)
    except UserError:
        return Wants()
    return Wants(logins=frozenset({item.owner.login} if item.owner and item.owner.login else ()))


@command(
    "step",
    least=Rights.TRIAGE,
    examples=("/step {after|debrief} @octocat due:friday",),
    late=True,
    reversible=True,
    wants=_wants,
)
def step(context: CommandContext, text: Annotated[str, text_as("<step> [@owner] [due:<date>]")]) -> Answer:
    """Gives a step for after the incident to somebody, or a date of its own.

    When its date comes, its owner is asked, and again each week, until `/check <step>` says that it is done,
    or `/check <step> --wont-do "why"` that nobody will do it. A step that nobody was given is the commander's
    and is due with its list.
    """
    item = _said(text, context)
    if item.others or item.undated:
        told = f"{code(item.undated)} is not a date." if item.undated else "A step has one owner."
        raise UserError(f"{told} Write it as `/step <step> @octocat due:friday`.")
    name = step_named(item.text, context)
    found = next(
        one for one in checklist(context.incident, context.runbook, context.at) if one.step.id == name
    )
    shown = step_text(found.step, context.incident, context.runbook)
    if not any(one.afterwards and found.step in one.steps for one in context.runbook.lists):
        raise UserError(
            f"{shown} is a step for during the incident, which is done right away: {code(f'/check {name}')} "
            "says that it is. Owners and dates are for what is left afterwards.",
            "state",
        )
    if found.done:
        raise UserError(f"{shown} is done already; {code(f'/uncheck {name}')} takes that back.", "state")
    if item.owner is None and not item.due:
        raise UserError(
            f"{_whose(name, shown, context)} {code(f'/step {name} @octocat due:friday')} gives it to "
            f"somebody, {code(f'/check {name}')} says that it is done."
        )
    before = context.incident.progress.duties.get(name, StepDuty())
    owner = known_person(item.owner.login, item.owner.word, context) if item.owner else before.owner
    fact = StepAssigned(step=name, owner=owner, due=item.due or before.due)
    who = f"**{inline(owner.login)}** does it" if owner else "Whoever leads this does it"
    when = f", by {fact.due}" if fact.due else ", by the date of its list"
    return Answer((fact,), f"{shown}: {who}{when}.")


def _said(text: str, context: CommandContext) -> SaidItem:
    """The step, in its text, with owner and date. Raises UserError for a date that is past, or is none."""
    (item, *_), _ = said_items(text, lambda words: calendar_day(words, context), lambda line: ("", line))
    check_to_come(item.due, context)
    return item


def _whose(name: str, shown: str, context: CommandContext) -> str:
    left = {one.item.step.id: one for one in left_afterwards(context.incident, context.runbook)}
    one = left.get(name)
    if one is None:
        return f"{shown} comes after the incident, and nobody was given it."
    return f"{shown} falls to {inline(one.to.removeprefix('@'))}, and is due {one.due}."
