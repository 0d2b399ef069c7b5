from __future__ import annotations

from allclear.core.clock.window import window, window_end
from allclear.core.conversation.arguments import Text
from allclear.core.conversation.command import Answer, CommandContext, command
from allclear.core.conversation.naming import StateWord
from allclear.core.conversation.time_arguments import check_reached, earlier
from allclear.core.model.errors import UserError
from allclear.core.model.people import Rights
from allclear.core.model.times import clock_time
from allclear.core.record.audit import Helped
from allclear.core.record.life import StatusSet


@command(
    "status",
    least=Rights.TRIAGE,
    examples=("/status {status|identified} the pool is exhausted", "/{later|monitoring}"),
    reversible=True,
)
def status(context: CommandContext, to: StateWord, text: Text = "") -> Answer:
    """Moves the incident along the runbook's states.

    Monitoring means that the fix is applied: the extended monitoring of the severity starts. Going back is
    allowed; what was reached by the later states no longer counts. Only `/resolve` leads to resolved, because
    it looks at the gate.
    """
    titles: dict[str, str] = {state.id: state.title for state in context.runbook.states}
    order = list(titles)
    was = context.incident.status
    if to == was and not text:
        return Answer((Helped(),), f"The status is {titles[to]} already. Nothing changes.")
    if to == "resolved" and was != to:
        raise UserError(
            "`/status` does not resolve an incident. `/resolve <what fixed it>` does, once its steps are "
            "done.",
            "gate",
        )
    check_reached(text, f"/status {to}", context)
    fact = StatusSet(to=to, text=text)
    said = [f"The status is now **{titles[to]}**."]
    if to == was:
        said = [f"The status is still {titles[to]}; your words are in the timeline."]
    elif was in order and order.index(to) < order.index(was):
        said = [f"The status went back from {titles[was]} to **{titles[to]}**."]
        after = context.after(fact)
        lost = [milestone for milestone in context.incident.milestones if milestone not in after.milestones]
        if lost:
            said.append(f"This no longer counts as reached: {', '.join(lost)}.")
    return Answer((fact,), " ".join([*said, *_window(context, fact)]) + earlier(text, fact, context))


def _window(context: CommandContext, fact: StatusSet) -> list[str]:
    """The extended monitoring that this step starts (000-19)."""
    after = context.after(fact)
    end = window_end(after, context.runbook)
    span = window(after, context.runbook)
    if fact.to != "monitoring" or context.incident.status == "monitoring" or end is None or span is None:
        return []
    return [
        f"Extended monitoring runs {span.words()}, until {clock_time(end, context.zone, near=context.at)}."
    ]
