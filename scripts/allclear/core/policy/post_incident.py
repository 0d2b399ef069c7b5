"""What the runbook asks for after an incident: the document, the meeting about it, dates of action items."""

from __future__ import annotations

from pydantic import Field

from allclear.core.calendar.period import Period, Span
from allclear.core.model.frozen import Frozen


class ReviewSection(Frozen):
    """A heading of the post-mortem. ``block`` is what fills it from the record, empty: nothing does;
    ``parts`` are asked of people. ``id`` marks it in the document, which keeps it for ever.
    """

    id: str = Field(pattern=r"^[a-z][a-z-]{0,30}$")
    heading: str
    block: str = ""
    parts: tuple[str, ...] = ()


class InvitedTitle(Frozen):
    """Who comes to the meeting after incidents of these severities: a title, a role's id, ``responders``."""

    title: str
    severities: tuple[str, ...]


class AgendaTopic(Frozen):
    """A part of the meeting, with how long it takes."""

    heading: str
    takes: Span
    parts: tuple[str, ...] = ()


class ReviewMeeting(Frozen):
    """The meeting about the post-mortem."""

    invite: tuple[InvitedTitle, ...] = ()
    agenda: tuple[AgendaTopic, ...] = ()


class Horizon(Frozen):
    """A date that action items may be given by name: so long ``within`` the resolution."""

    id: str = Field(pattern=r"^[a-z][a-z0-9-]{0,40}$")
    within: Period
    parts: tuple[str, ...] = ()


class PostIncidentReview(Frozen):
    """Without ``sections``, the document is that of the runbook's template. ``reviewers``: titles, roles' ids
    or ``responders``, who are asked to review; without any, those who responded. ``approvals``: of so many of
    them, who did not write the words, a post-mortem needs before it is published.
    """

    meeting: ReviewMeeting | None = None
    sections: tuple[ReviewSection, ...] = ()
    horizons: tuple[Horizon, ...] = ()
    reviewers: tuple[str, ...] = ()
    approvals: int = 0
