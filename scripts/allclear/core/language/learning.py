"""What the runbook says about learning: the review after an incident, and what is done again and again."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from allclear.core.language.document import RunbookFile
from allclear.core.language.entries import WrittenWhen
from allclear.core.language.lists import WrittenMeeting, WrittenSection, WrittenStep
from allclear.core.language.selection import ALL, Levels
from allclear.core.model.slug import spelt
from allclear.core.policy.contradictions import MisplacedError, Where
from allclear.core.policy.post_incident import (
    AgendaTopic,
    Horizon,
    InvitedTitle,
    PostIncidentReview,
    ReviewMeeting,
    ReviewSection,
)
from allclear.core.policy.routine import Routine, RoutineStep

MARKS: Mapping[str, str] = {
    "actions": "prevention",
    "contributing": "contributing-factors",
    "lessons": "lessons-learned",
}
"""What marks a block in the documents that there are, where that is not its name."""


def review(file: RunbookFile, levels: Levels) -> PostIncidentReview:
    """What is asked for after an incident. Raises MisplacedError where a block fills two headings."""
    written = file.review
    return PostIncidentReview(
        meeting=_meeting(written.meeting, levels) if written.meeting else None,
        sections=tuple(_sections(written.sections)),
        horizons=tuple(
            Horizon(id=name, within=one.within, parts=one.parts) for name, one in written.horizons.items()
        ),
        reviewers=written.reviewers,
        asked_approvals=written.approvals,
    )


def _meeting(written: WrittenMeeting, levels: Levels) -> ReviewMeeting:
    return ReviewMeeting(
        invite=tuple(
            InvitedTitle(title=one.title, severities=levels.selected(one.for_)) for one in written.invite
        ),
        agenda=tuple(
            AgendaTopic(heading=name, takes=one.takes, parts=one.parts)
            for name, one in written.agenda.items()
        ),
    )


def _sections(written: Mapping[str, WrittenSection]) -> Iterator[ReviewSection]:
    taken = dict[str, str]()
    for heading, one in written.items():
        mark = MARKS.get(one.block, one.block) or _mark(heading)
        if mark in taken:
            what = f"{one.block!r} fills" if one.block else "in a document its mark would be that of"
            raise MisplacedError(
                f"{what} {taken[mark]!r} already; a heading needs its own", ("review", "sections", heading)
            )
        taken[mark] = heading
        yield ReviewSection(id=mark, heading=heading, block=one.block, parts=one.parts)


def _mark(heading: str) -> str:
    """``Response Analysis`` is ``own-response-analysis``: no block is called so."""
    return f"own-{re.sub('[^a-z]+', '-', heading.casefold())}"[:31].rstrip("-")


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
