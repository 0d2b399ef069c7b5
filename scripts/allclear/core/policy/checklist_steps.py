"""The steps of the old language: one list for during the incident, one for after it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Self

from pydantic import Field, model_validator

from allclear.core.model.frozen import Frozen
from allclear.core.model.milestones import Milestone
from allclear.core.policy.checklists import Checklist, Done, Moment, Step


class Verified(Frozen):
    """How the engine sees for itself that a step is done: exactly one of these."""

    milestone: Milestone | None = None
    fired: str | None = None
    fact: (
        Literal["severity", "declared", "actions-owned", "postmortem-opened", "finding", "closed"] | None
    ) = None
    smoke: Literal["passed"] | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if sum(value is not None for value in (self.milestone, self.fired, self.fact, self.smoke)) != 1:
            msg = "name exactly one of milestone, fired, fact, smoke"
            raise ValueError(msg)
        return self

    @property
    def done(self) -> Done:
        """The same in the words of the new language."""
        if self.smoke:
            return Done("smoke")
        if self.fired:
            return Done("fired", (self.fired,))
        return Done("moment", (self.milestone,)) if self.milestone else _FACTS[self.fact or "declared"]


_FACTS = {
    "severity": Done("severity"),
    "declared": Done("moment", ("declared",)),
    "actions-owned": Done("owned"),
    "postmortem-opened": Done("post-mortem"),
    "finding": Done("finding"),
    "closed": Done("moment", ("all-clear",)),
}


class ChecklistStep(Frozen):
    """One line of a checklist. ``optional`` steps hold no gate ("if available")."""

    id: str = Field(pattern=r"^[a-z][a-z0-9-]{0,40}$")
    text: str
    item: str = ""
    when: Literal["during", "after"] = "during"
    optional: bool = False
    verified: Verified | None = None


_HEADINGS: dict[Literal["during", "after"], tuple[str, Moment]] = {
    "during": ("Checklist", "declared"),
    "after": ("Afterwards", "all-clear"),
}


def lists_of(steps: Sequence[ChecklistStep], levels: tuple[str, ...]) -> tuple[Checklist, ...]:
    """The same as lists with headings, for all severities. What holds a gate is said by the gate."""
    found = []
    for when, (title, opens) in _HEADINGS.items():
        mine = tuple(
            Step(
                id=step.id,
                text=step.text,
                done=step.verified.done if step.verified else None,
                optional=step.optional,
                levels=levels,
            )
            for step in steps
            if step.when == when
        )
        if mine:
            found.append(Checklist(id=when, title=title, levels=levels, opens=opens, steps=mine))
    return tuple(found)
