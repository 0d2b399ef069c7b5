"""GraphQL's view of what closed an issue: the one thing that REST does not tell of a merge.

https://docs.github.com/en/graphql/reference/unions#closer
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from allclear_lab.github.git.objects import GitObjects
from allclear_lab.github.graphql.code import commit_shown
from allclear_lab.github.graphql.connections import Resolver, Shown, connection, require
from allclear_lab.github.graphql.people import actor
from allclear_lab.github.graphql.pulls import pull_shown
from allclear_lab.github.pulls.state import Pulls
from allclear_lab.github.routing import RouteRequest
from allclear_lab.github.state import Issue, IssueEvent, Repository, node_id
from allclear_lab.github.views import stamp


def closed_events(ask: RouteRequest, repository: Repository, issue: Issue) -> Resolver:
    """Issue.timelineItems, of which only the closes are known: each with what closed it."""

    def resolve(
        info: Any,
        *,
        itemTypes: Sequence[str] | None = None,  # noqa: N803  # GitHub's name
        **bounds: Any,
    ) -> Shown:
        assert itemTypes in (None, ["CLOSED_EVENT"])  # the schema knows no other
        found = [one for one in issue.events if one.event == "closed"]
        return connection(found, lambda one: _closed(ask, repository, one))(info, **bounds)

    return resolve


def _closed(ask: RouteRequest, repository: Repository, one: IssueEvent) -> Shown:
    def closer(_: Any) -> Shown | None:
        if one.by_pull is not None:
            require(ask, "pull_requests:read")
            return pull_shown(ask, repository, repository.room(Pulls).by_number[one.by_pull])
        # A test may name a commit that is not there.
        known = one.commit_id is not None and one.commit_id in repository.room(GitObjects).commits
        return commit_shown(ask, repository, str(one.commit_id)) if known else None

    return {
        "__typename": "ClosedEvent",
        "id": node_id("CE", repository.id, one.id),
        "actor": actor(ask, one.actor_id),
        "closer": closer,
        "createdAt": stamp(one.created_at),
    }
