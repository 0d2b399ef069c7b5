"""What the issue shows: frozen facts about the world at one moment.
The adapter fills it in, plan() reads it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from allclear.core.people import Access, Person


@dataclass(frozen=True, slots=True)
class Repository:
    """``id`` is the numeric id that entries are bound to; ``name`` is ``owner/name``; ``url`` its page."""

    id: int
    name: str
    url: str


@dataclass(frozen=True, slots=True)
class Comment:
    """``author`` is None for a deleted account (ghost). ``refused`` is True when a 👎 stands on it."""

    id: int
    author: Person | None
    body: str
    created_at: datetime
    updated_at: datetime
    url: str = ""
    refused: bool = False

    @property
    def edited(self) -> bool:
        """Whether GitHub shows another time for the last change than for the creation."""
        return self.updated_at > self.created_at


@dataclass(frozen=True, slots=True)
class Issue:
    """``state`` is ``open`` or ``closed``. ``closed_by`` is who closed it, when GitHub says."""

    number: int
    title: str
    body: str
    author: Person | None
    state: str
    labels: frozenset[str]
    assignees: tuple[Person, ...]
    created_at: datetime
    url: str
    closed_by: Person | None = None
    closed_at: datetime | None = None
    locked: bool = False
    pinned_comment: int | None = None


@dataclass(frozen=True, slots=True)
class IssueEvent:
    """One line of the issue's event log: ``kind`` is labeled, unlabeled, closed, reopened ..."""

    id: int
    kind: str
    actor: Person | None
    at: datetime
    label: str | None = None
    commit: str | None = None


@dataclass(frozen=True, slots=True)
class PanelEdit:
    """Who last edited the panel, when it is not as we left it; ``editor`` None: an account that is gone.

    ``known`` False: GitHub could not be asked this time, so a click on a box waits.
    """

    editor: Person | None
    at: datetime
    known: bool = True


@dataclass(frozen=True, slots=True)
class OtherIssue:
    """What a command needs to know of another issue it names. ``incident``: it carries the incident label."""

    number: int
    title: str
    incident: bool
    open: bool


@dataclass(frozen=True, slots=True)
class Wants:
    """What plan() would still like to know before it decides. Asking for nothing means that it can decide."""

    logins: frozenset[str] = frozenset()
    issues: frozenset[int] = frozenset()
    events: bool = False
    labels: bool = False
    panel_editor: bool = False
    pulls: frozenset[int] = frozenset()

    def __bool__(self) -> bool:
        return bool(
            self.logins or self.issues or self.events or self.labels or self.panel_editor or self.pulls
        )


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All that one pass knows.

    ``comments`` are ascending by id: those changed since the panel's checkpoint, or all without one.
    ``access`` maps a lower-case login to what GitHub said of it; ``others`` an issue number to
    that issue or None when there is none to be seen; ``events``, ``repository_labels`` and ``panel_edit``
    are None until asked for; ``pulls`` maps a pull request to when it was merged (None: not merged). ``now``
    is GitHub's clock (its ``Date`` header), not the runner's.
    """

    repository: Repository
    issue: Issue
    comments: tuple[Comment, ...]
    now: datetime
    panel: Comment | None = None
    access: Mapping[str, Access] = field(default_factory=dict)
    others: Mapping[int, OtherIssue | None] = field(default_factory=dict)
    events: tuple[IssueEvent, ...] | None = None
    repository_labels: frozenset[str] | None = None
    panel_edit: PanelEdit | None = None
    pulls: Mapping[int, datetime | None] = field(default_factory=dict)
