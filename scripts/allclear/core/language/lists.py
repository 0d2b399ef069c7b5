"""What people do and what they learn, as a runbook's file has it: lists, patterns, the review, routines.

Below each key stands what it means: docs/runbook.md and the JSON Schema are made from that.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field

from allclear.core.calendar.period import Period, Span
from allclear.core.calendar.recurrence import Recurrence
from allclear.core.language.entries import WrittenEntry, WrittenWhen
from allclear.core.language.fields import (
    Block,
    For,
    Id,
    LimitBySeverity,
    Texts,
    short_for,
)
from allclear.core.language.selection import ALL
from allclear.core.model.authored import Short
from allclear.core.model.frozen import Frozen
from allclear.core.policy.checklists import Moment, State

UNHELD: Mapping[str, str] = {
    "declared": "the list opens with it",
    "investigating": "the list opens with it",
}
"""What a list cannot hold, and why."""


class WrittenStep(WrittenEntry):
    """One box of a list. A text alone is a step that people tick."""

    text: str
    """What is to be done."""
    parts: Texts = ()
    """Bullets under the box."""
    done: str = ""
    """What the engine sees it by: a moment, `severity`, `told`, `smoke`, `role ic`, `said team.update` …"""
    run: str = ""
    """The action of the settings that does it; it runs by `/run` only."""
    optional: bool = False
    """Whether nothing waits for it."""
    for_: For = Field(default=(ALL,), alias="for")
    """The severities that have it."""
    when: WrittenWhen = WrittenWhen.initial()
    """What has to hold for it to be asked."""
    role: str = ""
    """The role that does it."""


Steps = dict[Id, Annotated[WrittenStep, short_for("text")]]


class WrittenList(WrittenEntry):
    """Boxes under a heading."""

    title: str = ""
    """The heading."""
    for_: For = Field(default=(ALL,), alias="for")
    """The severities that have it."""
    when: WrittenWhen = WrittenWhen.initial()
    """What has to hold for it to open."""
    role: str = ""
    """The role that goes through it."""
    opens: Moment = "declared"
    """The moment from which on it is shown."""
    before: Moment | State | Literal[""] = ""
    """The moment or state that waits for its steps."""
    due: LimitBySeverity = Field(default_factory=dict)
    """How long after it opened it has to be done."""
    steps: Steps = Field(min_length=1)
    """The boxes by their ids, which are unique in the whole runbook."""


def _fixes(value: Any) -> Any:
    bare = isinstance(value, list) and all(isinstance(one, str) for one in value)
    return dict.fromkeys(value, "") if bare else value


class WrittenPattern(WrittenEntry):
    """A kind of incident that is known."""

    title: str = ""
    """What it is called."""
    for_: For = Field(default=(ALL,), alias="for")
    """The severities it is suggested for."""
    symptoms: Texts = Field(min_length=1)
    """Words that suggest it, looked for in the title, in findings, notes and updates."""
    look: Texts = ()
    """Commands that show whether it is this one. They are never run."""
    fix: Annotated[dict[str, str], Short(_fixes, lambda: {"type": "array"})] = Field(default_factory=dict)
    """What helps, with the action of the settings that does it."""
    later: str = ""
    """What is proposed as an action item afterwards."""


class WrittenCriterion(WrittenEntry):
    """A reason to go back at once."""

    text: str
    """The reason."""
    for_: For = Field(default=(), alias="for")
    """The severities that are a reason by themselves."""
    when: WrittenWhen = WrittenWhen.initial()
    """What has to hold for it to be seen."""


class WrittenRollback(WrittenEntry):
    """Going back or fixing forward."""

    fix_forward: Span | None = None
    """A fix that takes less is better than a rollback."""
    immediate: tuple[Annotated[WrittenCriterion, short_for("text")], ...] = ()
    """Reasons to go back at once."""


class WrittenInvited(Frozen):
    """Who comes to the meeting."""

    title: str
    """A title, a role's id or `responders`."""
    for_: For = Field(default=(ALL,), alias="for")
    """The severities for which they are invited."""


class WrittenTopic(WrittenEntry):
    """A part of the meeting."""

    takes: Span
    """How long it takes."""
    parts: Texts = ()
    """What is talked about."""


class WrittenMeeting(WrittenEntry):
    """The meeting about the post-mortem."""

    invite: tuple[Annotated[WrittenInvited, short_for("title")], ...] = ()
    """Who comes."""
    agenda: dict[str, Annotated[WrittenTopic, short_for("takes")]] = Field(default_factory=dict)
    """Its parts, by their headings."""


class WrittenSection(WrittenEntry):
    """A heading of the post-mortem."""

    block: Block = ""
    """What fills it from the record."""
    parts: Texts = ()
    """What people are asked to write below it."""


class WrittenHorizon(WrittenEntry):
    """A date for action items."""

    within: Period
    """How long after the resolution."""
    parts: Texts = ()
    """What belongs there."""


class WrittenReview(WrittenEntry):
    """What is learned, and how."""

    meeting: WrittenMeeting | None = None
    """The meeting, when there is one."""
    sections: dict[str, Annotated[WrittenSection, short_for("block")]] = Field(default_factory=dict)
    """The headings of the post-mortem."""
    horizons: dict[Id, WrittenHorizon] = Field(default_factory=dict)
    """Dates that action items can be given by name."""
    reviewers: Texts = ()
    """Who is asked to review the post-mortem: titles, roles, or `responders`, who they are by default."""
    approvals: Annotated[int, Field(ge=0, le=6)] | None = None
    """How many of them, who did not write it themselves, have to approve it before it is
    published. Without it one, and none where one person responded alone."""


class WrittenRoutine(WrittenEntry):
    """Something done again and again: an issue with boxes."""

    title: str = ""
    """The issue's title."""
    every: Recurrence
    """When it comes again."""
    after: For = ()
    """Also when the post-mortem of an incident of these severities is published."""
    open: For = ()
    """The issue lists the open incidents of these severities."""
    to: Texts = Field(min_length=1)
    """The titles of those who do it."""
    steps: Steps = Field(default_factory=dict)
    """The boxes."""
