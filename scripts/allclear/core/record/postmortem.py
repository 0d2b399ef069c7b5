"""Where the post-mortem of an incident stands."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Literal, assert_never

from allclear.core.model.frozen import Frozen
from allclear.core.model.times import stamp
from allclear.core.record.changes import add_line, reach
from allclear.core.record.header import EntryHeader
from allclear.core.record.incident import Incident, PlannedMeeting


class PostmortemAsked(Frozen):
    """The post-mortem has to be written, or written anew."""

    t: Literal["postmortem-asked"] = "postmortem-asked"


class PostmortemOpened(Frozen):
    """``pull`` None: GitHub did not let the token open one;
    the branch and ``url`` (a compare link) are there.
    """

    t: Literal["postmortem-opened"] = "postmortem-opened"
    path: str
    branch: str
    url: str
    pull: int | None = None


class PostmortemPublished(Frozen):
    """The post-mortem pull request was merged. ``followed``: what is left to do after it is asked for until
    it is done; not after those that were published before that was so.
    """

    t: Literal["postmortem-published"] = "postmortem-published"
    at: datetime
    followed: bool = False


class MeetingPlanned(Frozen):
    """The meeting about the post-mortem is ``at`` that time."""

    t: Literal["meeting"] = "meeting"
    at: datetime


class Learned(Frozen):
    """All that was asked for after the incident is done, or nobody will do it and somebody said why."""

    t: Literal["learned"] = "learned"


PostmortemFact = PostmortemAsked | PostmortemOpened | PostmortemPublished | MeetingPlanned | Learned


def apply_postmortem(incident: Incident, entry: EntryHeader, fact: PostmortemFact) -> Incident:
    """The incident after one more fact about its post-mortem."""
    match fact:
        case PostmortemAsked():
            return replace(incident, postmortem=replace(incident.postmortem, asked=entry.at, pending=True))
        case PostmortemOpened():
            opened = replace(
                incident.postmortem,
                pending=False,
                path=fact.path,
                branch=fact.branch,
                url=fact.url,
                pull=fact.pull,
            )
            return add_line(replace(incident, postmortem=opened), entry, "Post-mortem opened", fact.path)
        case PostmortemPublished():
            published = reach(incident, "published", fact.at, again=True)
            mortem = replace(published.postmortem, followed=fact.followed)
            return add_line(replace(published, postmortem=mortem), entry, "Post-mortem published", at=fact.at)
        case MeetingPlanned():
            planned = replace(incident.postmortem, meeting=PlannedMeeting(fact.at, entry.at))
            return add_line(replace(incident, postmortem=planned), entry, "Meeting planned", stamp(fact.at))
        case Learned():
            learned = replace(incident.postmortem, learned=entry.at)
            return add_line(replace(incident, postmortem=learned), entry, "Learned")
        case _:
            assert_never(fact)
