"""The review of a report file: every remark, in the order of its lines."""

from __future__ import annotations

from pydantic import ValidationError

from allclear.core.policy.runbook import Runbook
from allclear.core.postmortem.front_matter import Report, read
from allclear.core.postmortem.remarks import Remark, said_by_people
from allclear.core.postmortem.remarks_on_facts import agrees
from allclear.core.postmortem.remarks_on_words import worded


def reviewed(text: str, runbook: Runbook, record: Report | None = None) -> tuple[Remark, ...]:
    """All that is to be said of the file ``text``. ``record`` is what its issue says, None when not known."""
    found = [*said_by_people(text, runbook), *agrees(text, record), *worded(text, _people(text))]
    return tuple(sorted(found, key=lambda one: (one.line, one.rule)))


def _people(text: str) -> frozenset[str]:
    """The logins that the front matter names."""
    try:
        front = read(text).report
    except ValidationError:
        return frozenset()
    return frozenset({*front.roles.values(), *front.responders})
