"""POST /graphql: a part of GitHub's schema (schema.graphql), executed by graphql-core over the same state.

https://docs.github.com/en/graphql. Problems answer 200 with `errors`; what the part lacks is one of them.
"""

from __future__ import annotations

from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from graphql import GraphQLError, GraphQLSchema, build_schema, graphql_sync

from allclear_lab.github import graphql_code
from allclear_lab.github.graphql_connections import Shown, connection, refuse, require
from allclear_lab.github.people.access import may_see
from allclear_lab.github.rates import count
from allclear_lab.github.routing import GitHubRefusal, RouteAnswer, RouteRequest, Routes
from allclear_lab.github.state import Comment, Issue, Label, Repository, node_id
from allclear_lab.github.views import stamp, stamp_or_none

routes = Routes()


@cache
def schema() -> GraphQLSchema:
    """The part of the schema the embedded GitHub knows."""
    return build_schema((Path(__file__).parent / "schema.graphql").read_text(encoding="utf-8"))


@routes.add("POST", "/graphql", body=("query", "variables", "operationName"))
def post(ask: RouteRequest) -> Any:
    """Run a query."""
    query = ask.field("query")
    if not query:
        raise GitHubRefusal(400, "A query attribute must be specified and must be a string.")
    done = graphql_sync(
        schema(),
        query,
        root_value=_Root(ask),
        variable_values=ask.field("variables", dict),
        operation_name=ask.field("operationName"),
    )
    answer: Shown = {} if done.data is None and done.errors else {"data": done.data}
    if done.errors:
        answer["errors"] = [_error(one) for one in done.errors]
    return RouteAnswer(200, answer)


def _error(error: GraphQLError) -> Shown:
    shown: Shown = {**(error.extensions or {})}
    if error.path:
        shown["path"] = error.path
    if error.locations:
        shown["locations"] = [{"line": one.line, "column": one.column} for one in error.locations]
    return shown | {"message": error.message}


class _Root:
    """Resolves the fields of Query; everything below is plain dictionaries and closures."""

    def __init__(self, ask: RouteRequest) -> None:
        self.ask = ask
        self.hub = ask.hub
        self.world = ask.hub.world

    def repository(
        self,
        _: Any,
        *,
        owner: str,
        name: str,
        followRenames: bool = True,  # noqa: N803  # GitHub's name
    ) -> Shown:
        """Query.repository."""
        full_name = f"{owner}/{name}"
        found = self.world.repository_named(full_name)
        moved = self.world.moved_names.get(full_name.casefold())
        if found is None and moved and followRenames:
            found = self.world.repositories[moved]
        if found is None or not may_see(self.world, found, self.ask.actor):
            raise refuse("NOT_FOUND", f"Could not resolve to a Repository with the name '{full_name}'.")
        return self._repository(found)

    def viewer(self, _: Any) -> Shown:
        """Query.viewer; a workflow's token is the bot."""
        return graphql_code.user(self.ask, self.ask.actor.account)

    def node(self, _: Any, *, id: str) -> Shown:  # noqa: A002  # GitHub's name
        """Query.node."""
        return self._node(id)

    def nodes(self, _: Any, *, ids: list[str]) -> list[Shown]:
        """Query.nodes."""
        return [self._node(one) for one in ids]

    def rateLimit(self, _: Any, *, dryRun: bool = False) -> Shown:  # noqa: N802, N803  # GitHub's names
        """Query.rateLimit."""
        budget = count(self.hub, self.ask.token, "graphql", by=0)
        return {
            "cost": 0 if dryRun else 1,
            "limit": budget.limit,
            "remaining": budget.remaining,
            "resetAt": stamp(budget.reset),
            "used": budget.used,
        }

    def _node(self, wanted: str) -> Shown:
        for repository in self.world.repositories.values():
            if not may_see(self.world, repository, self.ask.actor):
                continue
            if wanted == node_id("R", repository.id):
                return self._repository(repository)
            for comment in repository.comments.values():
                if wanted == node_id("IC", repository.id, comment.id):
                    self._require_issues()
                    return self._comment(repository, comment)
            for issue in repository.issues.values():
                if wanted == node_id("I", repository.id, issue.id) and not issue.deleted:
                    self._require_issues()
                    return self._issue(repository, issue)
        raise refuse("NOT_FOUND", f"Could not resolve to a node with the global id of '{wanted}'")

    def _require_issues(self) -> None:
        require(self.ask, "issues:read")

    def _page(self, repository: Repository) -> str:
        return f"{self.hub.server_url}/{self.world.full_name(repository)}"

    def _repository(self, repository: Repository) -> Shown:
        def issue(_: Any, *, number: int) -> Shown:
            self._require_issues()
            found = repository.issues.get(number)
            if found is None or found.deleted or found.pull:
                message = f"Could not resolve to an Issue with the number of {number}."
                raise refuse("NOT_FOUND", message)
            return self._issue(repository, found)

        return {
            "__typename": "Repository",
            "id": node_id("R", repository.id),
            "databaseId": repository.id,
            "deployments": graphql_code.deployments(self.ask, repository),
            "issue": issue,
            "pullRequests": graphql_code.pull_requests(self.ask, repository),
            "name": repository.name,
            "nameWithOwner": self.world.full_name(repository),
            "url": self._page(repository),
        }

    def _editor(self, text: Issue | Comment) -> Shown | None:
        return graphql_code.actor(self.ask, text.revisions[-1].editor_id) if text.revisions else None

    def _issue(self, repository: Repository, issue: Issue) -> Shown:
        comments = self.ask.visible([repository.comments[one] for one in issue.comment_ids])
        labels = [repository.labels[one] for one in issue.label_ids]
        assignees = [self.world.accounts[one] for one in issue.assignee_ids]
        return {
            "__typename": "Issue",
            "id": node_id("I", repository.id, issue.id),
            "assignees": connection(assignees, lambda one: graphql_code.user(self.ask, one)),
            "author": graphql_code.actor(self.ask, issue.author_id),
            "body": issue.body or "",
            "closed": issue.state == "closed",
            "closedAt": stamp_or_none(issue.closed_at),
            "comments": connection(comments, lambda one: self._comment(repository, one)),
            "createdAt": stamp(issue.created_at),
            "databaseId": issue.id,
            "editor": graphql_code.actor(self.ask, issue.revisions[-1].editor_id)
            if issue.revisions
            else None,
            "labels": connection(labels, lambda one: self._label(repository, one)),
            "lastEditedAt": _last(issue),
            "locked": issue.locked,
            "number": issue.number,
            "state": issue.state.upper(),
            "timelineItems": graphql_code.closed_events(self.ask, repository, issue),
            "title": issue.title,
            "updatedAt": stamp(issue.updated_at),
            "url": f"{self._page(repository)}/issues/{issue.number}",
        }

    def _comment(self, repository: Repository, comment: Comment) -> Shown:
        page = f"{self._page(repository)}/issues/{comment.issue_number}"
        return {
            "__typename": "IssueComment",
            "id": node_id("IC", repository.id, comment.id),
            "databaseId": comment.id,
            "author": graphql_code.actor(self.ask, comment.author_id),
            "body": comment.body,
            "createdAt": stamp(comment.created_at),
            "editor": graphql_code.actor(self.ask, comment.revisions[-1].editor_id)
            if comment.revisions
            else None,
            "includesCreatedEdit": bool(comment.revisions),
            "lastEditedAt": _last(comment),
            "updatedAt": stamp(comment.updated_at),
            "url": f"{page}#issuecomment-{comment.id}",
        }

    def _label(self, repository: Repository, label: Label) -> Shown:
        return {
            "__typename": "Label",
            "id": node_id("LA", repository.id, label.id),
            "name": label.name,
            "color": label.color,
            "description": label.description,
        }


def _last(text: Issue | Comment) -> str | None:
    when: datetime | None = text.revisions[-1].at if text.revisions else None
    return stamp_or_none(when)
