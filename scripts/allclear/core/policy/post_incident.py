"""What the runbook asks for after an incident: the document, the meeting about it, dates of action items."""

from __future__ import annotations

from msgspec import Struct

from allclear.core.calendar.period import Period, Span


class ReviewSection(Struct, frozen=True, kw_only=True):
    """A heading of the post-mortem. ``block`` is what fills it from the record, empty: nothing does;
    ``parts`` are asked of people. ``id`` marks it in the document, which keeps it for ever.
    """

    id: str
    heading: str
    block: str = ""
    parts: tuple[str, ...] = ()


class InvitedTitle(Struct, frozen=True, kw_only=True):
    """Who comes to the meeting after incidents of these severities: a title, a role's id, ``responders``."""

    title: str
    severities: tuple[str, ...]


class AgendaTopic(Struct, frozen=True, kw_only=True):
    """A part of the meeting, with how long it takes."""

    heading: str
    takes: Span
    parts: tuple[str, ...] = ()


class ReviewMeeting(Struct, frozen=True, kw_only=True):
    """The meeting about the post-mortem."""

    invite: tuple[InvitedTitle, ...] = ()
    agenda: tuple[AgendaTopic, ...] = ()


class Horizon(Struct, frozen=True, kw_only=True):
    """A date that action items may be given by name: so long ``within`` the resolution."""

    id: str
    within: Period
    parts: tuple[str, ...] = ()


class PostIncidentReview(Struct, frozen=True, kw_only=True):
    """Without ``sections``, the document is that of the runbook's template. ``reviewers``: titles, roles' ids
    or ``responders``, who are asked to review; without any, those who responded. ``asked_approvals``: of so
    many of them, who did not write the words, a post-mortem needs before it is published; None: the runbook
    does not say.
    """

    meeting: ReviewMeeting | None = None
    sections: tuple[ReviewSection, ...] = ()
    horizons: tuple[Horizon, ...] = ()
    reviewers: tuple[str, ...] = ()
    asked_approvals: int | None = None

    def approvals(self, took_part: int) -> int:
        """How many a post-mortem needs after an incident in which so many people responded or had a role.

        Where the runbook does not say, nobody publishes what they wrote alone as long as there is somebody
        else who was there; who was alone has nobody to ask.
        """
        if self.asked_approvals is not None:
            return self.asked_approvals
        return 1 if took_part > 1 else 0
