from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from allclear.core.clock.checklist import checklist, failing
from allclear.core.clock.gates import holds, stands_for, way
from allclear.core.clock.step_text import step_text
from allclear.core.conversation.command import Answer, CommandContext, command
from allclear.core.conversation.naming import StepWords
from allclear.core.conversation.override import Override, WontDo
from allclear.core.model.errors import UserError
from allclear.core.model.neutral import code, inline
from allclear.core.model.people import Rights
from allclear.core.policy.checklists import Step
from allclear.core.policy.runbook import Runbook
from allclear.core.record.audit import Helped
from allclear.core.record.progress import Ticked
from allclear.core.view.lists import gates_ahead


@command(
    "check",
    least=Rights.TRIAGE,
    examples=("/check {step|verification}", "/check {step|verification} {other|debrief}"),
    late=True,
    reversible=True,
)
def check(
    context: CommandContext, wont_do: WontDo = None, override: Override = None, *, steps: StepWords
) -> Answer:
    """Ticks steps of the checklist by their names; a click on the panel's box does the same.

    Steps that can be verified tick themselves, and what a person ticks of them shows as ticked by hand. A
    step that stands for something of the record, such as the root cause, asks for that; `--override "why"`
    ticks it all the same, and panel and post-mortem say so. A step that the last smoke run contradicts cannot
    be ticked.

    Of a step for after the incident, `--wont-do "why"` says that nobody will do it: it is asked for no more,
    and panel and post-mortem say why.
    """
    incident, runbook = context.incident, context.runbook
    done = {item.step.id for item in checklist(incident, runbook, context.at) if item.done}
    texts = {step.id: step_text(step, incident, runbook) for step in runbook.boxes}
    new = [step for step in steps if step not in done]
    if not new:
        return Answer(
            (Helped(),), f"Already done: {', '.join(texts[step] for step in steps)}. Nothing changes."
        )
    if wont_do is not None:
        return _dropped(new, wont_do.why, texts, context)
    past = [step for step in runbook.boxes if step.id in new and stands_for(step)]
    if past and override is None:
        asked = "; ".join(f"{texts[step.id]}: {way(step, runbook)}" for step in past)
        example = code(f'/check {past[0].id} --override "why"')
        raise UserError(
            f"The record does not say so yet. {asked}. Where that cannot be, {example} ticks it.", "gate"
        )
    why = override.why if override else ""
    by_hand = {step.id for step in past}
    facts = tuple(Ticked(step=step, without=why if step in by_hand else "") for step in new)
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
    if past:
        said.append(f"The panel and the post-mortem say that it was ticked by hand: {inline(why)}.")
    unseen = [item.step for item in checklist(after, runbook) if item.step.id in new and item.by_hand]
    said += _unseen([step for step in unseen if step.id not in by_hand], new, texts, runbook)
    for before, ahead in gates_ahead(incident, runbook) if incident.active else ():
        waited = holds(incident, runbook, before, context.at, context.zone)
        if waited and not holds(after, runbook, before, context.at, context.zone):
            said.append(f"Nothing is open before `{ahead}` any more.")
    return Answer(facts, " ".join(said))


def _unseen(
    steps: Sequence[Step], new: Sequence[str], texts: Mapping[str, str], runbook: Runbook
) -> Iterator[str]:
    """What is said of those ``steps``, of the ``new`` ticks, whose facts the record does not have."""
    if not steps:
        return
    which = "it" if len(new) == 1 else ", ".join(texts[step.id] for step in steps)
    ways = "; ".join(dict.fromkeys(filter(None, (way(step, runbook) for step in steps))))
    seen = f", until the record has it ({ways})" if ways else ""
    yield f"The panel and the post-mortem say that a person ticked {which} by hand{seen}."


def _dropped(steps: list[str], why: str, texts: Mapping[str, str], context: CommandContext) -> Answer:
    """Nobody will do these. Raises UserError for a step that an incident cannot end without."""
    held = [step for step in steps if not _may_be_dropped(step, context.runbook)]
    if held:
        names = ", ".join(code(step) for step in held)
        raise UserError(
            f"{names} is for during the incident, or holds its end, so it cannot be left out like that. "
            f"{code(f'/check {held[0]}')} says that it is done; what holds the end can be overridden "
            'with `/all-clear --override "why"`.',
            "gate",
        )
    facts = tuple(Ticked(step=step, without=why, dropped=True) for step in steps)
    names = ", ".join(texts[step] for step in steps)
    return Answer(
        facts,
        f"Nobody will do this: {names}. The panel and the post-mortem say why: {inline(why)}. "
        f"`/uncheck {steps[0]}` takes that back.",
    )


def _may_be_dropped(step: str, runbook: Runbook) -> bool:
    """Whether it is for after the incident, and holds nothing before the post-mortem is published."""
    return any(
        one.afterwards
        and (not one.before or one.before == "published")
        and step in {box.id for box in one.steps}
        for one in runbook.lists
    )
