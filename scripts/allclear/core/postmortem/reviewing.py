"""The review of a report file: every remark, in the order of its lines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from msgspec import Struct
from pydantic import ValidationError

from allclear.core.clock.gates import held_by_lists
from allclear.core.model.patterns import lazy_regex
from allclear.core.model.pull_reviews import PullReviews
from allclear.core.model.report_seen import ChangeState, NamedChange, ReportSeen
from allclear.core.model.structs import replace
from allclear.core.policy.runbook import Runbook
from allclear.core.policy.settings import Settings
from allclear.core.postmortem.approvals import Approvals, approvals, lacking
from allclear.core.postmortem.front_matter import Document, Report, read
from allclear.core.postmortem.outline import outline
from allclear.core.postmortem.recorded_report import record
from allclear.core.postmortem.remarks import Remark, said_by_people
from allclear.core.postmortem.remarks_on_actions import on_actions
from allclear.core.postmortem.remarks_on_facts import agrees
from allclear.core.postmortem.remarks_on_runbooks import changes_named, on_runbooks
from allclear.core.postmortem.remarks_on_times import on_times
from allclear.core.postmortem.remarks_on_words import worded
from allclear.core.postmortem.sections import superseded
from allclear.core.record.incident import Incident

NEWER = (
    "People edited this part, and the record has said something else since. Compare it with the timeline of "
    "the issue: your words stay as they are, and this is gone once you change them."
)
"""Of a part that `/postmortem` left as it is."""
_OURS = lazy_regex(r"allclear/postmortem-([1-9][0-9]{0,9})(?:-[0-9]{1,3})?$")
"""The branches that core.postmortem.document names."""


def reviewed(
    text: str,
    runbook: Runbook,
    record: Report | None = None,
    *,
    repository: str = "",
    changes: Mapping[NamedChange, ChangeState] | None = None,
) -> tuple[Remark, ...]:
    """All that is to be said of the file ``text``. ``record`` is what its issue says, None when not known.

    ``repository`` is ``owner/name``, that of the front matter when it is empty; ``changes``: what GitHub says
    of the changes that changes_in() found; None: nobody looked.
    """
    report, document = outline(text), read(text)
    front = _front(document)
    known = record or front
    found = [
        *said_by_people(report, runbook),
        *on_actions(report, runbook, known.resolved_at if known else None),
        *on_runbooks(
            report,
            runbook,
            known.severity if known else "",
            repository or (known.repository if known else ""),
            changes,
        ),
        *on_times(report, known, runbook),
        *agrees(report, document, record),
        *worded(report, frozenset({*front.roles.values(), *front.responders}) if front else frozenset()),
        *(Remark(line, "newer", NEWER, holds=False) for line in superseded(text)),
    ]
    return tuple(sorted(found, key=lambda one: (one.line, one.rule)))


def changes_in(text: str, repository: str) -> tuple[NamedChange, ...]:
    """The changes of ``repository`` (``owner/name``) by which a report shows that runbooks were updated, and
    that are to be looked up.
    """
    return changes_named(outline(text), repository)


def begin_of(text: str) -> datetime | None:
    """When the incident of a report began, as its front matter says."""
    front = _front(read(text))
    return front.started_at if front else None


class PullUnderReview(Struct, frozen=True):
    """The pull request that brings a post-mortem, and what people said of it. That is looked at only where
    the runbook asks for approvals.
    """

    number: int
    reviews: PullReviews = PullReviews()


class ReviewFindings(Struct, frozen=True):
    """All that is to be said of a post-mortem, what holds it and hints, and who approved it."""

    remarks: tuple[Remark, ...]
    approvals: Approvals = Approvals()

    @property
    def holding(self) -> tuple[Remark, ...]:
        """What keeps it from being published."""
        return tuple(one for one in self.remarks if one.holds)


def findings(
    seen: ReportSeen,
    pull: PullUnderReview,
    incident: Incident,
    runbook: Runbook,
    settings: Settings,
    repository: str,
    now: datetime,
) -> ReviewFindings:
    """What there is to say of the post-mortem of ``incident`` as GitHub showed it: the approvals that are
    missing, the steps that hold it, and the file. ``repository`` is ``owner/name``.
    """
    given = Approvals()
    if runbook.review.approvals(incident.team.took_part):
        given = approvals(incident, runbook, settings, pull.reviews)
    missing = lacking(given, pull.number)
    if seen.text is None:
        return ReviewFindings((*missing, Remark(1, "gone", f"{seen.path} is not there any more.")), given)
    told = record(incident, runbook, repository=repository, bots=frozenset(settings.bots), now=now)
    found = reviewed(seen.text, runbook, told, repository=repository, changes=seen.changes)
    return ReviewFindings((*missing, *_steps(incident, runbook, now), *found), given)


def _steps(incident: Incident, runbook: Runbook, now: datetime) -> Iterator[Remark]:
    """The steps of the lists that hold the publication."""
    for one in held_by_lists(incident, runbook, "published", now):
        yield Remark(1, "step", f"The publication waits for a step: {one.text}. On the issue, {one.how}.")


def issue_of(text: str, repository: str, branch: str) -> int | None:
    """The issue whose post-mortem a file is: on a branch of ours that one's, else the one that the front
    matter names with this ``repository`` (``owner/name``). None: it is somebody else's, or written by hand.
    """
    ours = _OURS.match(branch)
    if ours is not None:
        return int(ours[1])
    said = read(text).metadata
    number = said.get("issue")
    here = str(said.get("repository", "")).casefold() == repository.casefold()
    return number if here and isinstance(number, int) and not isinstance(number, bool) else None


def as_hints(found: Iterable[Remark]) -> tuple[Remark, ...]:
    """The same of a report that is not ours to hold."""
    return tuple(replace(one, holds=False) for one in found)


def _front(document: Document) -> Report | None:
    """The front matter, None while it cannot be read."""
    if not document.metadata:
        return None
    try:
        return document.report
    except ValidationError:
        return None
