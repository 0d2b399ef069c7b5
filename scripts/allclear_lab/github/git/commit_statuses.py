"""Commit statuses (https://docs.github.com/rest/commits/statuses).

The `status` event that GitHub sends for them is not: nothing here listens to it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from allclear_lab.github.git.acts import require_commit
from allclear_lab.github.git.objects import GitObjects
from allclear_lab.github.people.access import must
from allclear_lab.github.routing import (
    PAGING,
    Actor,
    GitHubRefusal,
    RouteAnswer,
    RouteRequest,
    Routes,
    invalid,
    not_found,
)
from allclear_lab.github.state import Repository, node_id
from allclear_lab.github.views import JSON, stamp

if TYPE_CHECKING:
    from allclear_lab.github.hub import GitHub

routes = Routes()

REPO = "/repos/{owner}/{repo}"
STATES = ("error", "failure", "pending", "success")
AT_MOST = 1000


@dataclass(frozen=True, slots=True)
class CommitStatus:
    """What somebody said of a commit, under a context."""

    id: int
    sha: str
    state: str
    context: str
    description: str | None
    target_url: str | None
    creator_id: int
    created_at: datetime


@dataclass(slots=True)
class CommitStatuses:
    """A repository's statuses by commit, oldest first."""

    by_sha: dict[str, list[CommitStatus]] = field(default_factory=dict)

    def latest(self, sha: str) -> list[CommitStatus]:
        """The last status of each context, in the order the contexts appeared; they have no case."""
        return list({one.context.casefold(): one for one in self.by_sha.get(sha, ())}.values())


def say(
    hub: GitHub,
    repository: Repository,
    actor: Actor,
    sha: str,
    context: str,
    state: str,
    description: str | None = None,
    target_url: str | None = None,
) -> CommitStatus:
    """Write a status down."""
    made = CommitStatus(
        id=hub.world.next_id("status"),
        sha=sha,
        state=state,
        context=context,
        description=description,
        target_url=target_url,
        creator_id=actor.account.id,
        created_at=hub.now(),
    )
    repository.room(CommitStatuses).by_sha.setdefault(sha, []).append(made)
    return made


def combined(states: Iterable[str]) -> str:
    """What several states come to: `failure` for one bad one, `pending` for one of those or for none."""
    found = set(states)
    if found & {"error", "failure"}:
        return "failure"
    return "success" if found == {"success"} else "pending"


@routes.add(
    "POST",
    REPO + "/statuses/{sha}",
    body=("state", "target_url", "description", "context"),
    needs="statuses:write",
)
def create_status(ask: RouteRequest) -> Any:
    """Say something of a commit: at most 1000 times under one context."""
    must(ask.hub.world, ask.repository, ask.actor, "write", "statuses")
    sha, state = ask.params["sha"], ask.field("state")
    if sha not in ask.repository.room(GitObjects).commits:
        raise GitHubRefusal(422, f"No commit found for SHA: {sha}")
    if state not in STATES:
        raise invalid("Status", "state")
    description, target = ask.field("description"), ask.field("target_url")
    if len(description or "") > 140:
        raise _too("description", "description is too long (maximum is 140 characters)")
    if target and not target.startswith(("https://", "http://")):
        raise _too("target_url", "target_url must use http(s) scheme")
    context = ask.field("context", str, "default")
    if len(context) > 255:
        raise _too("context", "context is too long (maximum is 255 characters)")
    said = ask.repository.room(CommitStatuses).by_sha.get(sha, ())
    if len(said) >= AT_MOST and sum(one.context.casefold() == context.casefold() for one in said) >= AT_MOST:
        raise _too("base", "This SHA and context has reached the maximum number of statuses.")
    made = say(ask.hub, ask.repository, ask.actor, sha, context, state, description, target or None)
    shown = _shown(ask, made) | {"creator": ask.hub.views.user_by_id(made.creator_id)}
    return RouteAnswer(201, shown, {"Location": shown["url"]})


@routes.add("GET", REPO + "/commits/{ref}/status", query=PAGING, needs="statuses:read")
def get_combined_status(ask: RouteRequest) -> Any:
    """The last word of each context, and what they come to."""
    sha = _sha(ask)
    latest = ask.repository.room(CommitStatuses).latest(sha)
    page = ask.page(latest, lambda one: _shown(ask, one))
    repository = ask.hub.views.repository_url(ask.repository)
    data = {
        "state": combined(one.state for one in latest),
        "statuses": page.data,
        "sha": sha,
        "total_count": len(latest),
        "repository": ask.hub.views.repository(ask.repository),
        "commit_url": f"{repository}/commits/{sha}",
        "url": f"{repository}/commits/{sha}/status",
    }
    return RouteAnswer(200, data, page.headers)


def _sha(ask: RouteRequest) -> str:
    try:
        return require_commit(ask.repository, ask.params["ref"]).sha
    except GitHubRefusal as refusal:
        raise (not_found() if refusal.status == 422 else refusal) from None


def _too(name: str, message: str) -> GitHubRefusal:
    return invalid("Status", name, "custom", message=message)


def _shown(ask: RouteRequest, one: CommitStatus) -> JSON:
    url = f"{ask.hub.views.repository_url(ask.repository)}/statuses/{one.sha}"
    creator = ask.hub.views.user_by_id(one.creator_id)
    return {
        "url": url,
        "avatar_url": creator["avatar_url"] if creator else None,
        "id": one.id,
        "node_id": node_id("SC", one.id),
        "state": one.state,
        "description": one.description,
        "target_url": one.target_url,
        "context": one.context,
        "created_at": stamp(one.created_at),
        "updated_at": stamp(one.created_at),
    }
