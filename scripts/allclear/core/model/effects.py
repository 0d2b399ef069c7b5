"""What should happen outside, as data. plan() lists them in the order of writing; the adapter is their hands.

The order is the design's: the reply first (it is the truth, and what the person waits for), then people,
labels, panel. What waits for nothing before it may be done at the same time.
"""

from __future__ import annotations

from msgspec import Struct


class Reply(Struct, frozen=True):
    """Post a new comment. At least once: ``keys`` name its entries, looked for before any retry."""

    body: str
    keys: tuple[str, ...]


class PutPanel(Struct, frozen=True):
    """Make the panel read ``body``:
    edit comment ``comment``, or post it when None, and pin it unless ``pinned``.
    """

    body: str
    comment: int | None
    pinned: bool


class DeleteComment(Struct, frozen=True):
    """Remove a second panel that a killed run left behind."""

    comment: int


class CreateLabel(Struct, frozen=True):
    """``color``: six hex digits. ``description``: at most 100 characters."""

    name: str
    color: str
    description: str


class AddLabels(Struct, frozen=True):
    """Put these labels on, one request for all; others stay."""

    names: tuple[str, ...]


class RemoveLabel(Struct, frozen=True):
    """Take one label off."""

    name: str


class Assign(Struct, frozen=True):
    """Add assignees, ten at most on an issue; GitHub leaves out whom it cannot assign."""

    logins: tuple[str, ...]


class React(Struct, frozen=True):
    """``content`` is one of GitHub's eight reactions; ours is ``-1`` for a stranger's command."""

    comment: int
    content: str


class Close(Struct, frozen=True):
    """``reason``: completed, not_planned or duplicate."""

    reason: str


class Reopen(Struct, frozen=True):
    """Open the issue again."""


class JoinOther(Struct, frozen=True):
    """Tell another incident that this one was it: one comment there, and its assignees.
    At least once, by ``marker``.
    """

    issue: int
    marker: str
    body: str
    assign: tuple[str, ...]


class Dispatch(Struct, frozen=True):
    """Start the workflow file ``workflow`` on the default branch for an operation.

    May be done twice: the executor claims the operation's id first and stops when somebody else has it.
    ``inputs`` are re-validated there against the record.
    """

    workflow: str
    operation: str
    inputs: tuple[tuple[str, str], ...]


class OpenActionIssue(Struct, frozen=True):
    """Open the issue of an action item, below the incident ``parent`` where there are sub-issues.

    At least once: the first line of ``body`` is its key, looked for before it is opened. GitHub leaves out
    ``assignees`` whom it cannot assign.
    """

    title: str
    body: str
    labels: tuple[str, ...]
    assignees: tuple[str, ...]
    parent: int


class SetActionIssue(Struct, frozen=True):
    """Make the issue of an action item ``open``, or close it as ``completed`` or ``not_planned``."""

    issue: int
    state: str


class AssignActionIssue(Struct, frozen=True):
    """Add assignees to the issue of an action item; GitHub leaves out whom it cannot assign."""

    issue: int
    logins: tuple[str, ...]


Effect = (
    Reply
    | Dispatch
    | PutPanel
    | DeleteComment
    | CreateLabel
    | AddLabels
    | RemoveLabel
    | Assign
    | React
    | Close
    | Reopen
    | JoinOther
    | OpenActionIssue
    | SetActionIssue
    | AssignActionIssue
)
