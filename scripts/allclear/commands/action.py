from __future__ import annotations

import re
from typing import Annotated

from allclear.core.conversation.action_ending import action_ended
from allclear.core.conversation.arguments import calendar_day, person, person_wanted, text_as
from allclear.core.conversation.command import Answer, ArgumentCursor, CommandContext, command
from allclear.core.model.errors import UserError
from allclear.core.model.neutral import inline
from allclear.core.model.people import Person, Rights
from allclear.core.model.snapshot import Wants
from allclear.core.record.lean import MOST_ACTIONS
from allclear.core.record.progress import ActionAdded

_DUE = re.compile(r"(?:^|(?<=\s))due:[ \t]?(\S{1,40})", re.IGNORECASE)


def _wants(context: CommandContext) -> Wants:
    """Whether the owner may help."""
    _, text = _horizon(ArgumentCursor(context.call.line, context.call.below).text, context)
    return person_wanted(ArgumentCursor(text.split("\n", 1)[0], ""))


@command(
    "action",
    least=Rights.TRIAGE,
    examples=("/action @octocat due:2026-12-01 alert on pool exhaustion", "/action done 1"),
    aliases=("action-item", "todo"),
    late=True,
    reversible=True,
    wants=_wants,
)
def action(context: CommandContext, text: Annotated[str, text_as("[@owner] [due:<date>] <text>")]) -> Answer:
    """Adds an action item for the post-mortem, or ends one.

    Begin with `@login` for its owner, who needs access to the repository, and write `due:2026-12-01`
    anywhere in the first line for its date. Both may be left out. Where the runbook has names for such
    dates, one of them may stand before the text: `/action immediate @octocat more logs`.

    When its date comes, its owner is asked, and again each week, also after the incident: until
    `/action done 2` says that number 2 is done, or `/action drop 2 <why>` that nobody will do it.
    """
    ended = action_ended(text, context)
    if ended is not None:
        return ended
    owner, text = _owner(text, context)
    due, text = _due(text, context)
    if not due:
        due, text = _horizon(text, context)
        owner, text = (owner, text) if owner else _owner(text, context)
    if not text:
        raise UserError("What is to be done? The action item has no text.")
    known = context.incident.progress
    if len(known.open_actions) + known.left_out >= MOST_ACTIONS:
        raise UserError(
            f"{MOST_ACTIONS} action items are open, and that is all there may be. `/action done 1` ends one."
        )
    number = known.planned + 1
    who = f"for **{inline(owner.login)}**" if owner else "without an owner yet"
    when = f", due {due}" if due else ""
    return Answer(
        (ActionAdded(number=number, owner=owner, due=due, text=text),),
        f"Action item {number} was added {who}{when}.",
    )


def _owner(text: str, context: CommandContext) -> tuple[Person | None, str]:
    if not text.startswith("@"):
        return None, text
    line, _, below = text.partition("\n")
    owner, rest = person(ArgumentCursor(line, below), context)
    return owner, rest.text


def _horizon(text: str, context: CommandContext) -> tuple[str, str]:
    """The date that the runbook gives a name to, counted from the resolution, or from now before that."""
    name, _, rest = text.partition(" ")
    found = next((one for one in context.runbook.review.horizons if one.id == name.lower()), None)
    if found is None:
        return "", text
    begin = context.incident.reached("resolved") or context.at
    end = found.within.after(begin, context.runbook.times)
    return end.astimezone(context.zone).date().isoformat(), rest.strip()


def _due(text: str, context: CommandContext) -> tuple[str, str]:
    line, newline, below = text.partition("\n")
    match = _DUE.search(line)
    if match is None:
        return "", text
    day = calendar_day(match.group(1), context)
    if day < context.at.astimezone(context.zone).date().isoformat():
        raise UserError(f"{day} is in the past. When is it due?")
    line = f"{line[: match.start()].rstrip()} {line[match.end() :].lstrip()}"
    return day, f"{line}{newline}{below}".strip()
