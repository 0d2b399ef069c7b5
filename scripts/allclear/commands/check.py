from __future__ import annotations

from allclear.core.clock.checklist import checklist, failing
from allclear.core.clock.gates import holds
from allclear.core.clock.step_text import step_text
from allclear.core.conversation.command import Answer, CommandContext, command
from allclear.core.conversation.naming import StepWords
from allclear.core.model.errors import UserError
from allclear.core.model.neutral import code
from allclear.core.model.people import Rights
from allclear.core.record.audit import Helped
from allclear.core.record.progress import Ticked
from allclear.core.view.lists import gates_ahead


@command(
    "check",
    least=Rights.TRIAGE,
    examples=("/check verification", "/check runbooks debrief"),
    aliases=("done", "tick"),
    late=True,
    reversible=True,
)
def check(context: CommandContext, steps: StepWords) -> Answer:
    """Ticks steps of the checklist by their names; a click on the panel's box does the same.

    Steps that can be verified tick themselves. A step that the last smoke run contradicts cannot be ticked.
    """
    incident, runbook = context.incident, context.runbook
    done = {item.step.id for item in checklist(incident, runbook, context.at) if item.done}
    texts = {step.id: step_text(step, incident, runbook) for step in runbook.boxes}
    new = [step for step in steps if step not in done]
    if not new:
        return Answer(
            (Helped(),), f"Already done: {', '.join(texts[step] for step in steps)}. Nothing changes."
        )
    facts = tuple(Ticked(step=step) for step in new)
    after = context.after(*facts)
    kept = {item.step.id for item in checklist(after, runbook) if item.done}
    refuted = [step for step in new if step not in kept]
    if refuted:
        names = ", ".join(code(name) for name, _ in failing(after))
        raise UserError(
            f"{', '.join(texts[step] for step in refuted)} cannot be ticked: the last smoke run of {names} "
            "failed. Fix it, then write `/smoke`. A run that passes ticks the step.",
            "gate",
        )
    said = [f"Done: {', '.join(texts[step] for step in new)}."]
    for before, way in gates_ahead(incident, runbook) if incident.active else ():
        waited = holds(incident, runbook, before, context.at, context.zone)
        if waited and not holds(after, runbook, before, context.at, context.zone):
            said.append(f"Nothing is open before `{way}` any more.")
    return Answer(facts, " ".join(said))
