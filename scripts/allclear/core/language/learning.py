"""What the runbook says about learning: the review after an incident, and what is done again and again."""

from __future__ import annotations

from allclear.core.language.document import RunbookFile
from allclear.core.language.entries import WrittenWhen
from allclear.core.language.fields import spelt
from allclear.core.language.lists import WrittenStep
from allclear.core.language.selection import ALL, Levels
from allclear.core.policy.contradictions import MisplacedError, Where
from allclear.core.policy.routine import Routine, RoutineStep


def routines(file: RunbookFile, levels: Levels) -> tuple[Routine, ...]:
    """What comes again and again. Raises MisplacedError for a step that asks for an incident."""
    return tuple(
        Routine(
            id=name,
            title=one.title or spelt(name),
            every=one.every,
            after=levels.selected(one.after),
            open=levels.selected(one.open),
            to=one.to,
            steps=tuple(_step(step, ("routines", name, "steps", key)) for key, step in one.steps.items()),
        )
        for name, one in file.routines.items()
    )


def _step(step: WrittenStep, where: Where) -> RoutineStep:
    of_incidents = {
        "done": bool(step.done),
        "for": tuple(step.for_) != (ALL,),
        "when": step.when != WrittenWhen(),
        "role": bool(step.role),
    }
    for key, said in of_incidents.items():
        if said:
            raise MisplacedError(
                f"a routine is about no incident, so nothing of {key!r} can hold; leave the line out",
                (*where, key),
            )
    return RoutineStep(text=step.text, parts=step.parts, run=step.run, optional=step.optional)
