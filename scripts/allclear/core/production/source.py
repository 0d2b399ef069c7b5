"""The comments that asked for an operation and approved it, looked at again right before it is executed.

Every workflow of a repository speaks as ``github-actions[bot]``, and one that repeats a stranger's text can
write a perfect block of entries. So the record says which comments to read, and the comments themselves,
with their authors, decide. https://docs.github.com/en/actions/security-for-github-actions
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from msgspec import Struct

from allclear.core.conversation.command import Policy
from allclear.core.conversation.parse import Typed
from allclear.core.conversation.words import command_at
from allclear.core.model.errors import UserError
from allclear.core.model.operation import ASKED_BY, Operation, operation_id
from allclear.core.model.people import Person
from allclear.core.model.snapshot import Repository
from allclear.core.production.clearance import Refusal
from allclear.core.production.request import read_reason
from allclear.core.record.entry import command_of
from allclear.core.record.incident import Incident

AGAIN = "Ask for it again."


class SourceComment(Struct, frozen=True):
    """A comment as GitHub shows it now, of issue ``issue``, written ``at``. ``author`` None: an account that
    is gone; ``edited`` None: GitHub did not say whether it ever was.
    """

    id: int
    issue: int
    at: datetime
    author: Person | None
    body: str
    edited: bool | None


Sources = Mapping[int, SourceComment | None]
"""By id; None: there is no such comment, or none any more."""


class Record(Struct, frozen=True):
    """Where an operation is recorded, and the policy that is in force there."""

    repository: Repository
    incident: Incident
    policy: Policy


def wanted(operation: Operation) -> frozenset[int]:
    """The ids of the comments that have to be read."""
    keys = (command_of(key) for key in (operation.source, operation.approved_source))
    return frozenset(found[0] for found in keys if found is not None)


def asking(operation: Operation, record: Record, sources: Sources) -> Typed | Refusal:
    """The command in the comment that asked for the operation, as a command's file gets it; or why not."""
    issue = record.incident.number
    if operation.id != operation_id(operation.kind, record.repository.id, issue, operation.source):
        return Refusal("source", f"Its id does not belong to the comment that it names. {AGAIN}")
    names = ASKED_BY[operation.kind]
    said = _command(operation.source, operation.by, names, record, sources, "asked for it")
    if isinstance(said, Refusal):
        return said
    typed, asked = said
    # An entry may say any time; the comment's own is what counts.
    if asked != operation.asked or (operation.expires or asked) > asked + _limit(operation, record.policy):
        return Refusal("source", f"The comment that asked for it is of another time. {AGAIN}")
    return typed


def _limit(operation: Operation, policy: Policy) -> timedelta:
    """How long after it was asked for it may begin."""
    settings = policy.settings
    if operation.kind == "action":
        action = settings.actions.get(operation.name)
        return action.expires if action else timedelta()
    service = settings.services.get(operation.service)
    return service.rollback.expires if service else timedelta()


def approving(operation: Operation, record: Record, sources: Sources) -> Refusal | None:
    """Why the comment that approved the operation does not; None when it does, or when none has to."""
    if operation.approval != "second-person":
        return None
    key = operation.approved_source
    found = _command(key, operation.approved_by, {"approve"}, record, sources, "approved it")
    if isinstance(found, Refusal):
        return found
    typed, _ = found
    word, _, rest = typed.line.partition(" ")
    if not operation.id.startswith(word.strip("`").lower()):
        return Refusal("source", f"The comment that approved it names another operation. {AGAIN}")
    others = record.incident.production.operations.values()
    if any(one.approved_source == key and one.id != operation.id for one in others):
        return Refusal("source", f"The comment that approved it approved another operation. {AGAIN}")
    asked, approved = command_of(operation.source), command_of(key)
    if asked is None or approved is None or approved < asked:
        return Refusal("source", f"It was approved before it was asked for. {AGAIN}")
    try:
        doubtful = read_reason(f"{rest}\n{typed.below}", "/approve").dry_run
    except UserError:
        doubtful = True
    return Refusal("source", f"The comment that approved it is no plain yes. {AGAIN}") if doubtful else None


def _command(
    key: str, by: Person | None, names: Collection[str], record: Record, sources: Sources, did: str
) -> tuple[Typed, datetime] | Refusal:
    """The command of the entry ``key`` in its comment, and when it was written; when ``by`` wrote it and it
    never changed.
    """
    found = command_of(key)
    if found is None:
        return Refusal("source", f"No comment of a person {did}. {AGAIN}")
    seen = sources.get(found[0])
    if seen is None or seen.issue != record.incident.number:
        return Refusal("source", f"The comment that {did} is not in this incident any more. {AGAIN}")
    policy = record.policy
    author = seen.author
    if author is None or by is None or author.id != by.id:
        return Refusal("source", f"The comment that {did} is somebody else's. {AGAIN}")
    if author.id in policy.settings.bots or author.login.endswith("[bot]"):
        return Refusal("source", f"The comment that {did} was written by no person. {AGAIN}")
    if seen.edited is None:
        return Refusal("source", f"GitHub did not say whether the comment that {did} was edited. {AGAIN}")
    if seen.edited:
        return Refusal("source", f"The comment that {did} was edited afterwards. {AGAIN}")
    typed = command_at(seen.body, found[1], policy.runbook, policy.commands)
    if typed is None or typed.word not in names:
        return Refusal("source", f"The comment that {did} does not say so. {AGAIN}")
    return typed, seen.at
