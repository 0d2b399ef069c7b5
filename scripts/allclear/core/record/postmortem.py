"""Where the post-mortem of an incident stands."""

from __future__ import annotations

from datetime import datetime
from typing import assert_never

from allclear.core.model.stored import Stored, fields_of
from allclear.core.model.structs import replace
from allclear.core.model.times import stamp
from allclear.core.record.changes import add_line, reach
from allclear.core.record.header import EntryHeader
from allclear.core.record.incident import Incident
from allclear.core.record.postmortem_state import (
    HeldReport,
    PlannedMeeting,
    ReviewOverride,
    ReviewState,
)


class PostmortemAsked(Stored, frozen=True, kw_only=True, tag_field="t", tag="postmortem-asked"):
    """The post-mortem has to be written, or written anew."""


class PostmortemOpened(Stored, frozen=True, kw_only=True, tag_field="t", tag="postmortem-opened"):
    """``pull`` None: GitHub did not let the token open one;
    the branch and ``url`` (a compare link) are there.
    """

    path: str
    branch: str
    url: str
    pull: int | None = None


class PostmortemReviewed(Stored, frozen=True, kw_only=True, tag_field="t", tag="postmortem-reviewed"):
    """The review of pull request ``pull``, whose newest commit is ``commit``, came to another ``state``.

    ``called``: its reviewers are told that it is their turn.
    """

    pull: int
    commit: str
    state: ReviewState
    called: bool = False


class PostmortemPublished(Stored, frozen=True, kw_only=True, tag_field="t", tag="postmortem-published"):
    """The post-mortem was merged, and nothing holds it. ``findings``: so many did, and were overridden.

    ``followed``: what is left to do after it is asked for until it is done; not after those that were
    published before that was so.
    """

    at: datetime
    findings: int = 0
    followed: bool = False


class PostmortemHeld(Stored, frozen=True, kw_only=True, tag_field="t", tag="postmortem-held"):
    """The post-mortem of pull request ``pull`` was merged, and ``count`` findings hold it, of which ``line``
    and ``text`` (raw) are the first. ``count`` 0: GitHub did not show the file.

    ``digest`` is that of all findings, ``url`` the page of the file, ``state`` what the findings leave of the
    review.
    """

    pull: int
    count: int
    digest: str
    url: str
    line: int = 0
    text: str = ""
    state: ReviewState = "draft"


class ReviewOverridden(Stored, frozen=True, kw_only=True, tag_field="t", tag="review-overridden"):
    """The post-mortem is published whatever the review holds against it. ``why`` is raw."""

    why: str


class MeetingPlanned(Stored, frozen=True, kw_only=True, tag_field="t", tag="meeting"):
    """The meeting about the post-mortem is ``at`` that time."""

    at: datetime


class Learned(Stored, frozen=True, kw_only=True, tag_field="t", tag="learned"):
    """All that was asked for after the incident is done, or nobody will do it and somebody said why."""


PostmortemFact = (
    PostmortemAsked
    | PostmortemOpened
    | PostmortemReviewed
    | PostmortemPublished
    | PostmortemHeld
    | ReviewOverridden
    | MeetingPlanned
    | Learned
)


def apply_postmortem(incident: Incident, entry: EntryHeader, fact: PostmortemFact) -> Incident:
    """The incident after one more fact about its post-mortem."""
    match fact:
        case PostmortemAsked():
            return replace(incident, postmortem=replace(incident.postmortem, asked=entry.at, pending=True))
        case PostmortemOpened():
            same = fact.pull == incident.postmortem.pull
            opened = replace(
                incident.postmortem,
                pending=False,
                review=incident.postmortem.review if same else "draft",
                path=fact.path,
                branch=fact.branch,
                url=fact.url,
                pull=fact.pull,
            )
            return add_line(replace(incident, postmortem=opened), entry, "Post-mortem opened", fact.path)
        case PostmortemReviewed():
            called = fact.pull if fact.called else incident.postmortem.called
            reviewed = replace(incident.postmortem, review=fact.state, called=called)
            return replace(incident, postmortem=reviewed)
        case PostmortemPublished():
            published = reach(incident, "published", fact.at, again=True)
            # What is written after a reopening begins as a draft.
            mortem = replace(incident.postmortem, review="draft", held=None, followed=fact.followed)
            return add_line(replace(published, postmortem=mortem), entry, "Post-mortem published", at=fact.at)
        case PostmortemHeld():
            said = {name: value for name, value in fields_of(PostmortemHeld, fact).items() if name != "state"}
            held = HeldReport(at=entry.at, **said)
            known = replace(incident, postmortem=replace(incident.postmortem, held=held, review=fact.state))
            what = f"{fact.count} to mend" if fact.count else "it could not be read"
            return add_line(known, entry, "Post-mortem merged, not published", what)
        case ReviewOverridden():
            given = ReviewOverride(entry.at, entry.by, fact.why)
            known = replace(incident, postmortem=replace(incident.postmortem, override=given))
            return add_line(known, entry, "Post-mortem review overridden", fact.why)
        case MeetingPlanned():
            planned = replace(incident.postmortem, meeting=PlannedMeeting(fact.at, entry.at))
            return add_line(replace(incident, postmortem=planned), entry, "Meeting planned", stamp(fact.at))
        case Learned():
            learned = replace(incident.postmortem, learned=entry.at)
            return add_line(replace(incident, postmortem=learned), entry, "Learned")
        case _:
            assert_never(fact)
