"""Where a GraphQL query begins.

https://docs.github.com/en/graphql/reference/queries
"""

from __future__ import annotations

from typing import Any

from allclear_lab.github.graphql.connections import Shown, refuse
from allclear_lab.github.graphql.nodes import shown_node
from allclear_lab.github.graphql.people import user
from allclear_lab.github.graphql.repositories import repository_shown
from allclear_lab.github.graphql.search import search
from allclear_lab.github.people.access import may_see
from allclear_lab.github.rates import count
from allclear_lab.github.routing import RouteRequest
from allclear_lab.github.views import stamp


class Queries:
    """Resolves the fields of Query; everything below is plain dictionaries and closures."""

    def __init__(self, ask: RouteRequest) -> None:
        self.ask = ask
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
        return repository_shown(self.ask, found)

    def viewer(self, _: Any) -> Shown:
        """Query.viewer; a workflow's token is the bot."""
        return user(self.ask, self.ask.actor.account)

    def user(self, _: Any, *, login: str) -> Shown:
        """Query.user."""
        return self._account(login, "User")

    def organization(self, _: Any, *, login: str) -> Shown:
        """Query.organization."""
        return self._account(login, "Organization")

    def node(self, _: Any, *, id: str) -> Shown:  # noqa: A002  # GitHub's name
        """Query.node."""
        return shown_node(self.ask, id)

    def nodes(self, _: Any, *, ids: list[str]) -> list[Shown]:
        """Query.nodes."""
        return [shown_node(self.ask, one) for one in ids]

    def search(self, info: Any, *, query: str, type: str, **bounds: Any) -> Shown:  # noqa: A002  # GitHub's name
        """Query.search, for issues and pull requests."""
        return search(self.ask, query)(info, **bounds)

    def rateLimit(self, _: Any, *, dryRun: bool = False) -> Shown:  # noqa: N802, N803  # GitHub's names
        """Query.rateLimit."""
        budget = count(self.ask.hub, self.ask.token, "graphql", by=0)
        return {
            "cost": 0 if dryRun else 1,
            "limit": budget.limit,
            "remaining": budget.remaining,
            "resetAt": stamp(budget.reset),
            "used": budget.used,
        }

    def _account(self, login: str, kind: str) -> Shown:
        found = self.world.account_named(login)
        if found is None or found.kind != kind:
            a = "an Organization" if kind == "Organization" else "a User"
            raise refuse("NOT_FOUND", f"Could not resolve to {a} with the login of '{login}'.")
        return user(self.ask, found)
