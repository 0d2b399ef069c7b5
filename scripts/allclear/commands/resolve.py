from __future__ import annotations

from allclear.core.clock.gates import holds, listed, still_open
from allclear.core.clock.window import window_end
from allclear.core.conversation.arguments import Body
from allclear.core.conversation.command import Answer, CommandContext, command
from allclear.core.conversation.forms import closing_fix
from allclear.core.conversation.not_so import check_so
from allclear.core.conversation.override import EXAMPLE, check_options
from allclear.core.conversation.time_arguments import check_reached, earlier
from allclear.core.model.errors import UserError
from allclear.core.model.people import Rights
from allclear.core.model.times import clock_time
from allclear.core.record.audit import Helped
from allclear.core.record.life import Resolved


@command(
    "resolve",
    least=Rights.WRITE,
    examples=("/resolve rolled back to v41",),
    reversible=True,
    bare=True,
)
def resolve(context: CommandContext, text: Body = "") -> Answer:
    """Says that the fix is verified: the resolution is announced, the update clock stops.

    It is refused while steps are open before it, and the reply lists them. The incident itself ends with
    `/all-clear`, after the extended monitoring.
    """
    check_options(text, f"{EXAMPLE} ends the incident while something is open")
    if context.incident.reached("resolved") is not None:
        return Answer((Helped(),), f"The incident is resolved already. {_then(context)}")
    waiting = holds(context.incident, context.runbook, "resolve", context.at, context.zone)
    if waiting:
        raise UserError(
            f"This is not resolved yet. {still_open(waiting)}\n{listed(waiting)}\n\n"
            'Somebody with `maintain` access can end it all the same: `/all-clear --override "why"`.',
            "gate",
        )
    fix = closing_fix(text, context.runbook)
    check_so(fix, "/resolve")
    check_reached(fix, "/resolve", context)
    fact = Resolved(text=fix)
    after = context.after(fact)
    written = (
        ""
        if after.findings.fix
        else " Nobody has written down what fixed it: say it with `/note`, or with the all-clear."
    )
    moved = earlier(text, fact, context)
    return Answer((fact,), f"**Resolved.** {_then(context, fact)}{written}{moved}")


def _then(context: CommandContext, *facts: Resolved) -> str:
    end = window_end(context.after(*facts), context.runbook)
    if end is not None and end > context.at:
        until = clock_time(end, context.zone, near=context.at)
        return f"Extended monitoring goes on until {until}. After that, `/all-clear` ends the incident."
    return "`/all-clear` ends the incident."
