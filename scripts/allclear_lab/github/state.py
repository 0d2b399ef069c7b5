"""Everything that is remembered, as plain data: it pickles, so a snapshot is one copy of `World`."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal, TypeVar

R = TypeVar("R")
Role = Literal["none", "read", "triage", "write", "maintain", "admin"]
ROLES: tuple[Role, ...] = ("none", "read", "triage", "write", "maintain", "admin")

# The account behind every GITHUB_TOKEN of github.com, the same in every repository.
ACTIONS_BOT_ID = 41898282
ACTIONS_BOT_LOGIN = "github-actions[bot]"


@dataclass(slots=True)
class Account:
    """A user, a bot or an organization. `id` is for ever, `login` may change hands."""

    id: int
    login: str
    kind: Literal["User", "Bot", "Organization"]
    created_at: datetime
    name: str | None = None
    members: dict[int, Literal["public", "private"]] = field(default_factory=dict)
    owners: set[int] = field(default_factory=set)


@dataclass(slots=True)
class Token:
    """A credential: an actions token with `permissions` in one repository, or a user's own."""

    kind: Literal["actions", "personal"]
    account_id: int
    repository_id: int | None = None
    permissions: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Label:
    """A label of a repository. Issues refer to it by id, so renaming keeps it on its issues."""

    id: int
    name: str
    color: str
    description: str | None = None
    default: bool = False


@dataclass(slots=True)
class Reaction:
    """One reaction of one account."""

    id: int
    account_id: int
    content: str
    created_at: datetime


@dataclass(slots=True)
class Revision:
    """A former text: the body that was replaced at `at` by `editor_id`."""

    at: datetime
    editor_id: int
    body: str


@dataclass(slots=True)
class Comment:
    """A comment on an issue or a pull request."""

    id: int
    issue_number: int
    author_id: int | None
    body: str
    created_at: datetime
    updated_at: datetime
    via_app: bool = False
    order: int = 0
    reactions: list[Reaction] = field(default_factory=list)
    revisions: list[Revision] = field(default_factory=list)
    pinned_at: datetime | None = None
    pinned_by: int | None = None


@dataclass(slots=True)
class IssueEvent:
    """One line of an issue's history. `order` counts acts, since a standing clock cannot order them."""

    id: int
    event: str
    actor_id: int | None
    created_at: datetime
    order: int
    via_app: bool = False
    label: tuple[str, str] | None = None
    assignee_id: int | None = None
    rename: tuple[str, str] | None = None
    commit_id: str | None = None
    by_pull: int | None = None
    state_reason: str | None = None
    lock_reason: str | None = None
    comment_id: int | None = None
    requested_reviewer_id: int | None = None


@dataclass(slots=True)
class PullMark:
    """Says that an issue number is a pull request; the pull request's own facts live in its room."""

    draft: bool = False
    merged_at: datetime | None = None


@dataclass(slots=True)
class Issue:
    """An issue, or the conversation half of a pull request (`pull` set)."""

    id: int
    number: int
    title: str
    body: str | None
    author_id: int | None
    created_at: datetime
    updated_at: datetime
    state: Literal["open", "closed"] = "open"
    state_reason: str | None = None
    closed_at: datetime | None = None
    closed_by: int | None = None
    label_ids: list[int] = field(default_factory=list)
    assignee_ids: list[int] = field(default_factory=list)
    comment_ids: list[int] = field(default_factory=list)
    reactions: list[Reaction] = field(default_factory=list)
    revisions: list[Revision] = field(default_factory=list)
    events: list[IssueEvent] = field(default_factory=list)
    locked: bool = False
    lock_reason: str | None = None
    pinned_comment_id: int | None = None
    via_app: bool = False
    pull: PullMark | None = None
    # Sub-issues, by number in this repository (GitHub also takes those of others of the same owner).
    parent: int | None = None
    children: list[int] = field(default_factory=list)
    deleted: bool = False
    transferred_to: str | None = None


@dataclass(slots=True)
class Repository:
    """A repository. What other modules keep for it (git, pull requests, runs) is in `rooms`."""

    id: int
    owner_id: int
    name: str
    private: bool
    default_branch: str
    created_at: datetime
    updated_at: datetime
    pushed_at: datetime
    roles: dict[int, Role] = field(default_factory=dict)
    labels: dict[int, Label] = field(default_factory=dict)
    # Of Actions, which workflows read as `vars`; there is no request for them here.
    variables: dict[str, str] = field(default_factory=dict)
    issues: dict[int, Issue] = field(default_factory=dict)
    comments: dict[int, Comment] = field(default_factory=dict)
    last_number: int = 0
    archived: bool = False
    has_issues: bool = True
    allow_actions_pull_requests: bool = True
    allow_drafts: bool = True
    # GitHub skips a form's label that the repository does not have ("Syntax for issue forms"). False is
    # faithful; True saves seeding labels first.
    forms_make_labels: bool = True
    rooms: dict[type, object] = field(default_factory=dict)

    def room(self, kind: type[R]) -> R:
        """The repository's one `kind`, made (without arguments) when it is first asked for."""
        if kind not in self.rooms:
            self.rooms[kind] = kind()
        found = self.rooms[kind]
        if not isinstance(found, kind):
            raise TypeError(kind)
        return found

    def label_named(self, name: str) -> Label | None:
        """The label of that name; GitHub compares label names without case."""
        wanted = name.casefold()
        return next((label for label in self.labels.values() if label.name.casefold() == wanted), None)


@dataclass(slots=True)
class RateWindow:
    """Requests counted since `start`; a window lasts an hour."""

    start: datetime
    used: int = 0

    def reset_at(self) -> datetime:
        """When the count starts again."""
        return self.start + timedelta(hours=1)


@dataclass(slots=True)
class World:
    """The whole state of the embedded GitHub, and the source of every id."""

    seed: int
    accounts: dict[int, Account] = field(default_factory=dict)
    repositories: dict[int, Repository] = field(default_factory=dict)
    moved_names: dict[str, int] = field(default_factory=dict)
    tokens: dict[str, Token] = field(default_factory=dict)
    rates: dict[tuple[str, int, str], RateWindow] = field(default_factory=dict)
    counters: dict[str, int] = field(default_factory=dict)

    def next_id(self, kind: str) -> int:
        """A new id: ascending within its kind, the same for the same seed and order."""
        start = 1_000_000 * (1 + self.seed % 997) + 1000 * (sum(kind.encode()) % 997)
        self.counters[kind] = self.counters.get(kind, start) + 1
        return self.counters[kind]

    def account_named(self, login: str) -> Account | None:
        """The account that carries this login now, in any case."""
        wanted = login.casefold()
        return next((one for one in self.accounts.values() if one.login.casefold() == wanted), None)

    def full_name(self, repository: Repository) -> str:
        """owner/name."""
        return f"{self.accounts[repository.owner_id].login}/{repository.name}"

    def repository_named(self, full_name: str) -> Repository | None:
        """The repository of that owner/name now, in any case; not one that only used to have the name."""
        owner, _, name = full_name.casefold().partition("/")
        for one in self.repositories.values():
            if one.name.casefold() == name and self.accounts[one.owner_id].login.casefold() == owner:
                return one
        return None


def node_id(prefix: str, *numbers: int) -> str:
    """A GraphQL id in GitHub's new form, such as IC_kwDO…: a prefix and the base64 of some numbers."""
    packed = b"\x93\x00" + b"".join(b"\xce" + number.to_bytes(8, "big") for number in numbers)
    return f"{prefix}_{base64.urlsafe_b64encode(packed).decode().rstrip('=')}"


def numbers_of(wanted: str) -> tuple[str, tuple[int, ...]]:
    """The prefix of such an id, and its numbers; no numbers for any other text."""
    prefix, _, text = wanted.partition("_")
    try:
        packed = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        return prefix, ()
    parts = [packed[at : at + 9] for at in range(2, len(packed), 9)]
    numbers = tuple(int.from_bytes(part[1:], "big") for part in parts)
    return prefix, numbers if node_id(prefix, *numbers) == wanted else ()
