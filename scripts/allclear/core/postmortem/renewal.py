"""A merged report follows what happens later: the keys of core.postmortem.front_matter.LATER are renewed in
its front matter, and nothing else of the file, to the byte.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from allclear.core.postmortem.front_matter import LATER, Document, Report, read, with_keys
from allclear.core.postmortem.recorded_report import review_of
from allclear.core.record.incident import Incident


def names(document: Document, issue: int, repository: str) -> bool:
    """Whether the report says that it is about this issue of this repository (``owner/name``)."""
    said = document.metadata
    number, where = said.get("issue"), said.get("repository")
    here = isinstance(where, str) and where.casefold() == repository.casefold()
    return here and isinstance(number, int) and not isinstance(number, bool) and number == issue


def renewed(text: str, front: Report) -> str:
    """The file with the keys of LATER as ``front`` has them. As it is where they say so already, where the
    report names another incident, and where its front matter cannot be read, or not be renewed alone.
    """
    document = read(text)
    if front.issue is None or not names(document, front.issue, front.repository):
        return text
    try:
        said = document.report
    except ValidationError:
        return text
    changed = {key: getattr(front, key) for key in LATER if getattr(said, key) != getattr(front, key)}
    told = front.metadata()
    made = with_keys(text, {key: told.get(key) for key in changed}) if changed else None
    if made is None:
        return text
    return made if _holds(read(made), document, said.model_copy(update=changed)) else text


def behind(text: str, incident: Incident, repository: str) -> bool:
    """Whether the file lacks what happened later, as far as that is known of an incident without its whole
    record (core.record.lean). Not of a file that is not its own, or that nobody can renew.
    """
    document = read(text)
    if not names(document, incident.number, repository):
        return False
    try:
        said = document.report
    except ValidationError:
        return False
    known, counts = incident.progress, said.actions
    left = counts.planned - counts.done - counts.dropped if counts is not None else 0
    here = (said.review, said.published_at, said.learned_at, left)
    there = (
        review_of(incident),
        incident.reached("published"),
        incident.postmortem.learned,
        len(known.open_actions) + known.left_out,
    )
    return here != there


def _holds(made: Document, before: Document, wanted: Report) -> bool:
    """Whether the file says what it should, and all else of it is as it was."""
    try:
        said = made.report
    except ValidationError:
        return False
    return (said, _others(made.metadata), made.body) == (wanted, _others(before.metadata), before.body)


def _others(metadata: Mapping[Any, Any]) -> dict[Any, Any]:
    return {key: value for key, value in metadata.items() if key not in LATER}
