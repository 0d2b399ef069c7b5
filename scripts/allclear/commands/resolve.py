from __future__ import annotations

from allclear.core.clock.checklist import holds, listed, window_end
from allclear.core.conversation.arguments import Text
from allclear.core.conversation.command import Answer, CommandContext, command
from allclear.core.conversation.parse import fix_in
from allclear.core.model.errors import UserError
from allclear.core.model.people import Rights
from allclear.core.model.times import clock_time
from allclear.core.record.audit import Helped
from allclear.core.record.life import Resolved


@command(
    "resolve",
    least=Rights.WRITE,
    examples=("/resolve rolled back to v41",),
    aliases=("resolved",),
    reversible=True,
)
def resolve(context: CommandContext, text: Text = "") -> Answer:
    """Says that the fix is verified: the resolution is announced, the update clock stops.

    Refused while steps before it are open; the reply lists them. The incident itself ends with `/all-clear`,
    after the extended monitoring.
    """
    if context.incident.reached("resolved") is not None:
        return Answer((Helped(),), f"Resolved already. {_then(context)}")
    waiting = holds(context.incident, context.runbook, "resolve", context.at, context.zone)
    if waiting:
        raise UserError(
            f"Not resolved: {len(waiting)} open before that.\n{listed(waiting)}\n\n"
            'Somebody with `maintain` can end the incident all the same: `/all-clear --override "why"`.',
            "gate",
        )
    fact = Resolved(text=fix_in(text))
    after = context.after(fact)
    written = (
        ""
        if after.findings.fix
        else " What fixed it is not written down: `/note` it, or say it with the all-clear."
    )
    return Answer((fact,), f"**Resolved.** {_then(context, fact)}{written}", announce="resolved")


def _then(context: CommandContext, *facts: Resolved) -> str:
    end = window_end(context.after(*facts), context.runbook)
    if end is not None and end > context.at:
        until = clock_time(end, context.zone, near=context.at)
        return f"Extended monitoring goes on until {until}; then `/all-clear`."
    return "`/all-clear` ends the incident."
