from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from allclear.core.conversation.action_ending import action_ended
from allclear.core.conversation.action_items import LONGEST_READ, SaidItem, said_items
from allclear.core.conversation.arguments import calendar_day, check_to_come, text_as, today
from allclear.core.conversation.command import Answer, ArgumentCursor, CommandContext, command
from allclear.core.conversation.people import known_person, login_in
from allclear.core.model.errors import UserError
from allclear.core.model.neutral import code, inline
from allclear.core.model.people import Rights
from allclear.core.model.snapshot import Wants
from allclear.core.record.lean import MOST_ACTIONS
from allclear.core.record.progress import ActionAdded


def _wants(context: CommandContext) -> Wants:
    """Whether the owners may help."""
    text = ArgumentCursor(context.call.line, context.call.below).text
    try:
        items, _ = _items(text[:LONGEST_READ], context)
    except UserError:
        return Wants()
    return Wants(logins=frozenset(item.owner.login for item in items if item.owner))


@command(
    "action",
    least=Rights.TRIAGE,
    examples=("/action @octocat due:friday alert on pool exhaustion", "/action done 1"),
    late=True,
    reversible=True,
    wants=_wants,
)
def action(context: CommandContext, text: Annotated[str, text_as("[@owner] [due:<date>] <text>")]) -> Answer:
    """Adds an action item for the post-mortem, or several (a list makes one item a line), or ends one.

    Write `@login` at the start or at the end for its owner, who needs access to the repository, and
    `due:friday` or `by friday` in the first line for its date; `add a test, @octocat, friday` and the rows of
    a table are read too. Both may be left out. Where the runbook has names for such dates, one of them may
    stand before the text: `/action immediate @octocat more logs`.

    When its date comes, its owner is asked, and again each week, also after the incident: until
    `/action done 2` says that number 2 is done, or `/action drop 2 <why>` that nobody will do it.
    """
    ended = action_ended(text, context)
    if ended is not None:
        return ended
    items, heading = _items(text, context)
    known = context.incident.progress
    if len(known.open_actions) + known.left_out + len(items) > MOST_ACTIONS:
        raise UserError(f"More than {MOST_ACTIONS} action items cannot be open. `/action done 1` ends one.")
    facts = tuple(
        ActionAdded(
            number=number,
            owner=known_person(item.owner.login, item.owner.word, context) if item.owner else None,
            due=item.due,
            text=item.text,
        )
        for number, item in enumerate(items, known.planned + 1)
    )
    said: list[str] = []
    for fact, item in zip(facts, items, strict=True):
        who = f"for **{inline(fact.owner.login)}**" if fact.owner else "without an owner yet"
        when = f", due {fact.due}" if fact.due else ""
        what = f": {inline(item.text, 100)}" if len(items) > 1 else "."
        said.append(f"Action item {fact.number} was added {who}{when}{what}")
        said += _notes(item)
    if heading:
        said.append(f"Not recorded: {inline(heading)}")
    return Answer(facts, "\n".join(said))


def _notes(item: SaidItem) -> Iterator[str]:
    if item.others:
        names = ", ".join(code(one.shown) for one in item.others)
        yield f"It has one owner; {names} stays in its text."
    if item.undated:
        yield f"{code(item.undated)} is not a date and stays in its text; write it as `due:friday`."
    if item.doubted:
        order = code(f"due:{item.doubted}")
        yield f"{code(item.doubted)} stays in its text; if it is due then, write {order}."
    lines = [line.split() for line in item.text.split("\n") if line.strip()]
    edges = (lines[0][-1], *(line[0] for line in lines))
    edge = next((word for word in edges if word.startswith("@")), "")
    if edge and item.owner is None:
        login = login_in(edge.rstrip("?"))
        order = code(f"/action @{login or 'octocat'} …")
        yield f"{code(edge)} stays in its text; {order} makes {'them' if login else 'one person'} the owner."


def _items(text: str, context: CommandContext) -> tuple[tuple[SaidItem, ...], str]:
    items, heading = said_items(
        text, lambda words: calendar_day(words, context), lambda line: _horizon(line, context), today(context)
    )
    for item in items:
        check_to_come(item.due, context)
    return items, heading


def _horizon(text: str, context: CommandContext) -> tuple[str, str]:
    """The date that the runbook gives a name to, counted from the resolution, or from now before that."""
    name, _, rest = text.partition(" ")
    found = next((one for one in context.runbook.review.horizons if one.id == name.lower().rstrip(":")), None)
    if found is None:
        return "", text
    begin = context.incident.reached("resolved") or context.at
    end = found.within.after(begin, context.runbook.times)
    return end.astimezone(context.zone).date().isoformat(), rest.strip()
