from __future__ import annotations

from allclear.core.clock.checklist import checklist
from allclear.core.clock.step_text import step_text
from allclear.core.conversation.command import Answer, CommandContext, command
from allclear.core.conversation.naming import StepWords
from allclear.core.model.errors import UserError
from allclear.core.model.people import Rights
from allclear.core.record.audit import Helped
from allclear.core.record.progress import Unticked


@command(
    "uncheck",
    least=Rights.TRIAGE,
    examples=("/uncheck {step|verification}",),
    late=True,
    reversible=True,
)
def uncheck(context: CommandContext, steps: StepWords) -> Answer:
    """Takes the tick off steps of the checklist.

    Steps that are verified automatically cannot be unticked.
    """
    items = {item.step.id: item for item in checklist(context.incident, context.runbook, context.at)}
    texts = {step: step_text(items[step].step, context.incident, context.runbook) for step in steps}
    seen = [items[step] for step in steps if items[step].verified]
    if seen:
        names = ", ".join(f"{texts[item.step.id]} (`{item.step.id}`)" for item in seen)
        raise UserError(f"This is verified automatically and cannot be unticked: {names}.", "state")
    ticked = [step for step in steps if items[step].done]
    if not ticked:
        return Answer(
            (Helped(),), f"Not ticked: {', '.join(texts[step] for step in steps)}. Nothing changes."
        )
    facts = tuple(Unticked(step=step) for step in ticked)
    return Answer(facts, f"Open again: {', '.join(texts[step] for step in ticked)}.")
