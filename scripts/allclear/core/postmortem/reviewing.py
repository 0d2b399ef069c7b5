"""The review of a report file: every remark, in the order of its lines."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from pydantic import ValidationError

from allclear.core.model.report_seen import ReportSeen
from allclear.core.policy.runbook import Runbook
from allclear.core.policy.settings import Settings
from allclear.core.postmortem.front_matter import Report, read, record
from allclear.core.postmortem.remarks import Remark, said_by_people
from allclear.core.postmortem.remarks_on_facts import agrees
from allclear.core.postmortem.remarks_on_words import worded
from allclear.core.postmortem.sections import superseded
from allclear.core.record.incident import Incident

NEWER = (
    "People edited this part, and the record has said something else since. Compare it with the timeline of "
    "the issue: your words stay as they are, and this is gone once you change them."
)
"""Of a part that `/postmortem` left as it is."""
_OURS = re.compile(r"allclear/postmortem-([1-9][0-9]{0,9})(?:-[0-9]{1,3})?$")
"""The branches that core.postmortem.document names."""


def reviewed(text: str, runbook: Runbook, record: Report | None = None) -> tuple[Remark, ...]:
    """All that is to be said of the file ``text``. ``record`` is what its issue says, None when not known."""
    found = [
        *said_by_people(text, runbook),
        *agrees(text, record),
        *worded(text, _people(text)),
        *(Remark(line, "newer", NEWER, holds=False) for line in superseded(text)),
    ]
    return tuple(sorted(found, key=lambda one: (one.line, one.rule)))


def remarks_on(
    seen: ReportSeen,
    incident: Incident,
    runbook: Runbook,
    settings: Settings,
    repository: str,
    now: datetime,
) -> tuple[Remark, ...]:
    """All that is to be said of the post-mortem of ``incident`` as GitHub showed it. ``repository`` is
    ``owner/name``.
    """
    if seen.text is None:
        return (Remark(1, "gone", f"{seen.path} is not there any more."),)
    told = record(incident, runbook, repository=repository, bots=frozenset(settings.bots), now=now)
    return reviewed(seen.text, runbook, told)


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


def _people(text: str) -> frozenset[str]:
    """The logins that the front matter names."""
    try:
        front = read(text).report
    except ValidationError:
        return frozenset()
    return frozenset({*front.roles.values(), *front.responders})
