from __future__ import annotations

from allclear.core.clock.gates import holds_the_end, listed, still_open
from allclear.core.conversation.arguments import Body
from allclear.core.conversation.command import Answer, CommandContext, command
from allclear.core.conversation.ending import only_unresolved
from allclear.core.conversation.forms import closing_fix
from allclear.core.conversation.not_so import check_so
from allclear.core.conversation.override import Override, may_override
from allclear.core.conversation.time_arguments import check_reached
from allclear.core.model.errors import UserError
from allclear.core.model.people import Rights
from allclear.core.model.times import in_minutes
from allclear.core.record.facts import Fact
from allclear.core.record.life import Cleared, Resolved
from allclear.core.record.people import RolesReleased
from allclear.core.record.postmortem import PostmortemAsked
from allclear.core.view.meeting import meeting_lines, meeting_owed, meeting_time


@command(
    "all-clear",
    least=Rights.WRITE,
    examples=("/all-clear rolled back, metrics normal for an hour", '/all-clear --override "false alarm"'),
    bare=True,
)
def all_clear(context: CommandContext, override: Override = None, text: Body = "") -> Answer:
    """Ends the incident: the all-clear is announced, the issue closed, the post-mortem begun.

    It is refused while anything is open before it, and the reply lists what. Where only nobody has called it
    resolved, it is that as well. `--override "why"` ends the
    incident all the same: it needs maintain and a comment that was never edited, and the post-mortem says
    why, and what was open.
    """
    waiting = holds_the_end(context.incident, context.runbook, context.at, context.zone)
    at_once = only_unresolved(context.incident, waiting)
    if at_once:
        waiting = ()
    if waiting and override is None:
        raise UserError(
            f"There is no all-clear yet. {still_open(waiting)}\n{listed(waiting)}\n\n"
            'Somebody with `maintain` access can end it all the same: `/all-clear --override "why"`.',
            "gate",
        )
    if waiting:
        may_override(context)
    overridden = override if waiting else None
    fix = closing_fix(text, context.runbook)
    check_so(fix, "/all-clear")
    check_reached(fix, "/all-clear", context)
    first: tuple[Fact, ...] = (Resolved(text=fix),) if at_once else ()
    fact = Cleared(
        text="" if at_once else fix,
        override=overridden.why if overridden else "",
        open_gates=tuple(hold.id for hold in waiting),
    )
    facts: list[Fact] = [*first, fact, *_released(context)]
    after = context.after(*first, fact)
    opened, closed = after.reached("started"), after.reached("resolved")
    took = f" It took {in_minutes(closed - opened)} from start to resolution." if opened and closed else ""
    said = [f"{'**Resolved, and all clear.**' if at_once else '**All clear.**'}{took}"]
    if overridden:
        said.append(f"The gates were overridden. The record keeps what was open:\n{listed(waiting)}")
    elif override is not None:
        said.append("Nothing was open, so nothing had to be overridden.")
    if context.incident.severity in context.runbook.postmortem.required:
        facts.append(PostmortemAsked())
        said.append("The post-mortem follows as a pull request.")
        said += _meeting(context)
    else:
        said.append(f"{context.incident.severity} needs no post-mortem; `/postmortem` writes one.")
    return Answer(tuple(facts), "\n".join(said))


def _meeting(context: CommandContext) -> list[str]:
    """The meeting that is owed: who comes, what is talked about, and how it gets its date."""
    if meeting_owed(context.incident, context.runbook) is None:
        return []
    when = meeting_time(context.incident, context.zone)
    first = (
        f"The meeting about it is on {when}." if when else "`/meeting <time>` sets when it is talked about."
    )
    return [first, *meeting_lines(context.incident, context.runbook, context.settings, context.zone)]


def _released(context: CommandContext) -> list[Fact]:
    """Nobody is bound by a role any more."""
    team = context.incident.team
    return [RolesReleased()] if team.roles or team.proposed else []
