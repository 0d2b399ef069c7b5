"""What should happen outside, as data. plan() lists them in the order of writing; the adapter is their hands.

The order is the design's: the reply first (it is the truth, and what the person waits for), then people,
labels, panel.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reply:
    """Post a new comment. At least once: ``keys`` name its entries, looked for before any retry."""

    body: str
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PutPanel:
    """Make the panel read ``body``:
    edit comment ``comment``, or post it when None, and pin it unless ``pinned``.
    """

    body: str
    comment: int | None
    pinned: bool


@dataclass(frozen=True, slots=True)
class DeleteComment:
    """Remove a second panel that a killed run left behind."""

    comment: int


@dataclass(frozen=True, slots=True)
class CreateLabel:
    """``color``: six hex digits. ``description``: at most 100 characters."""

    name: str
    color: str
    description: str


@dataclass(frozen=True, slots=True)
class AddLabels:
    """Put these labels on, one request for all; others stay."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RemoveLabel:
    """Take one label off."""

    name: str


@dataclass(frozen=True, slots=True)
class Assign:
    """Add assignees, ten at most on an issue; GitHub leaves out whom it cannot assign."""

    logins: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class React:
    """``content`` is one of GitHub's eight reactions; ours is ``-1`` for a stranger's command."""

    comment: int
    content: str


@dataclass(frozen=True, slots=True)
class Close:
    """``reason``: completed, not_planned or duplicate."""

    reason: str


@dataclass(frozen=True, slots=True)
class Reopen:
    """Open the issue again."""


@dataclass(frozen=True, slots=True)
class JoinOther:
    """Tell another incident that this one was it: one comment there, and its assignees.
    At least once, by ``marker``.
    """

    issue: int
    marker: str
    body: str
    assign: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Dispatch:
    """Start the workflow file ``workflow`` on the default branch for an operation.

    May be done twice: the executor claims the operation's id first and stops when somebody else has it.
    ``inputs`` are re-validated there against the record.
    """

    workflow: str
    operation: str
    inputs: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class OpenActionIssue:
    """Open the issue of an action item, below the incident ``parent`` where there are sub-issues.

    At least once: the first line of ``body`` is its key, looked for before it is opened. GitHub leaves out
    ``assignees`` whom it cannot assign.
    """

    title: str
    body: str
    labels: tuple[str, ...]
    assignees: tuple[str, ...]
    parent: int


@dataclass(frozen=True, slots=True)
class SetActionIssue:
    """Make the issue of an action item ``open``, or close it as ``completed`` or ``not_planned``."""

    issue: int
    state: str


@dataclass(frozen=True, slots=True)
class AssignActionIssue:
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
