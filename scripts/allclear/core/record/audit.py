"""What concerns the record rather than the incident: entries taken back or tampered with, requests that were
refused or only answered, the runbook that applies.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, assert_never

from allclear.core.model.stored import Stored
from allclear.core.model.structs import replace
from allclear.core.policy.runbook import Runbook
from allclear.core.record.changes import add_line, unlearned
from allclear.core.record.header import EntryHeader
from allclear.core.record.incident import Incident, RunbookStamp


class Undone(Stored, frozen=True, kw_only=True, tag_field="t", tag="undo"):
    """The entry with this key counts no longer."""

    key: str
    what: str = ""


class RunbookChanged(Stored, frozen=True, kw_only=True, tag_field="t", tag="runbook"):
    """The runbook changed while the incident was open; the clocks are re-planned."""

    name: str
    hash: str


TamperKind = Literal["edited", "gap", "unsigned", "stray", "untrue"]
"""What is wrong with a comment of ours: ``edited`` afterwards; after a ``gap``, since a reply was deleted;
not signed by a key in force; not following the entry before it (``stray``); or saying what the issue itself
or the clock refutes (``untrue``).
"""

TAMPERED: Mapping[TamperKind, str] = {
    "edited": "A reply of the record was edited, and does not count",
    "gap": "A reply of the record was deleted or edited before this one",
    "unsigned": "A comment looks like a reply of the record, is not signed, and does not count",
    "stray": "A comment does not follow the reply before it, and does not count",
    "untrue": "A comment says what did not happen, and that does not count",
}
"""How the panel says it, before the comment's address."""


class Tampered(Stored, frozen=True, kw_only=True, tag_field="t", tag="tampered"):
    """A comment of the bot's account that is no record, or not the one that was written.

    ``url`` names it, or the one after the gap; ``entry`` is the hash of the one entry that does not count,
    where the others of its comment do.
    """

    what: TamperKind
    url: str = ""
    entry: str = ""


class Adopted(Stored, frozen=True, kw_only=True, tag_field="t", tag="adopted"):
    """What was written before this key came into use counts, though it does not sign it: the entries on the
    chains that end in ``heads`` (hashes), ``count`` of them.
    """

    heads: tuple[str, ...]
    count: int


class Refused(Stored, frozen=True, kw_only=True, tag_field="t", tag="refused"):
    """A command was answered with no. ``code`` is the stable reason (see core.errors)."""

    code: str


class Helped(Stored, frozen=True, kw_only=True, tag_field="t", tag="helped"):
    """A question was answered; nothing changed."""


AuditFact = Undone | RunbookChanged | Tampered | Adopted | Refused | Helped


def _with_severity(incident: Incident, runbook: Runbook) -> Incident:
    """Of a severity that the runbook does not have, it counts as the worst until somebody says which it is:
    else no clock would run.
    """
    known = [one.id for one in runbook.severities]
    if incident.severity in known:
        return incident
    return replace(incident, severity=known[0], severity_asked=True)


def apply_audit(incident: Incident, entry: EntryHeader, fact: AuditFact, runbook: Runbook) -> Incident:
    """The incident after one more fact about the record. That an entry is taken back, fold sees to."""
    match fact:
        case Undone():
            return add_line(unlearned(incident), entry, "Taken back", fact.what)
        case RunbookChanged():
            changed = replace(incident, runbook=RunbookStamp(fact.name, fact.hash, entry.at))
            changed = add_line(changed, entry, "Runbook changed", fact.name)
            return _with_severity(changed, runbook) if fact.hash == runbook.hash else changed
        case Tampered():
            line = f"{TAMPERED[fact.what]}: {fact.url}"
            return replace(incident, tampered=(*incident.tampered, line), tampers=incident.tampers + 1)
        case Adopted():
            return replace(incident, adopted=entry.at)
        case Refused() | Helped():
            return incident
        case _:
            assert_never(fact)
