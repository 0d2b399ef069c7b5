"""Where the post-mortem of an incident stands: its pull request, what holds it, the meeting about it."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from msgspec import Struct

from allclear.core.model.people import Person

ReviewState = Literal["draft", "in review", "approved", "published"]
"""Something is left to mend; others have to read it; they have; it was merged, and nothing holds it."""


class PlannedMeeting(Struct, frozen=True):
    """The meeting about the post-mortem is ``at`` that time; that was said at ``planned``."""

    at: datetime
    planned: datetime


class HeldReport(Struct, frozen=True):
    """A post-mortem that was merged and is not published: ``count`` findings hold it, the first of them in
    ``line`` (raw). ``count`` 0: it could not be read. ``digest`` tells one set of findings from another,
    ``url`` is the page of the file, ``at`` when that was found.
    """

    pull: int
    count: int
    digest: str
    url: str
    at: datetime
    line: int = 0
    text: str = ""


class ReviewOverride(Struct, frozen=True):
    """The post-mortem is published whatever the review holds against it, said by whom. ``reason`` is raw."""

    at: datetime
    by: Person | None
    reason: str


class Postmortem(Struct, frozen=True):
    """Where the post-mortem stands.
    ``asked`` and the entries about it are newer than ``url``: (re)generate it.

    ``review``: how far the review of its pull request was when that changed last; ``called``: the pull
    request whose reviewers were told that it is their turn.
    ``held``: it was merged, and not published. ``override``: it is published all the same.
    ``learned``: when all was done that was asked for after the incident; ``followed``: its publication does
    not end that.
    """

    asked: datetime | None = None
    pending: bool = False
    path: str = ""
    branch: str = ""
    url: str = ""
    pull: int | None = None
    review: ReviewState = "draft"
    called: int | None = None
    meeting: PlannedMeeting | None = None
    held: HeldReport | None = None
    override: ReviewOverride | None = None
    learned: datetime | None = None
    followed: bool = False
