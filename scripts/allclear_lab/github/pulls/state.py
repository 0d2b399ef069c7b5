"""What the embedded GitHub remembers of pull requests, beside their conversation (an `Issue`)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(slots=True)
class PullReview:
    """A submitted review; `state` as the API writes it: APPROVED, CHANGES_REQUESTED, COMMENTED, DISMISSED."""

    id: int
    account_id: int
    state: str
    body: str
    commit_id: str
    submitted_at: datetime


@dataclass(slots=True)
class PullRequest:
    """A pull request between two branches of one repository. Its two shas stay when a branch goes.

    `fork_id`: the repository that the head is said to be of. Its commits are here all the same.
    """

    id: int
    number: int
    head: str
    base: str
    head_sha: str
    base_sha: str
    reviewer_ids: list[int] = field(default_factory=list)
    reviews: list[PullReview] = field(default_factory=list)
    merge_commit_sha: str | None = None
    merged_by: int | None = None
    maintainer_can_modify: bool = False
    fork_id: int | None = None


@dataclass(slots=True)
class Pulls:
    """A repository's pull requests by number."""

    by_number: dict[int, PullRequest] = field(default_factory=dict)
