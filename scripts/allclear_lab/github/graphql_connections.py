"""How GraphQL pages through lists, and how it refuses.

https://docs.github.com/en/graphql/guides/using-pagination-in-the-graphql-api
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from typing import Any

from graphql import GraphQLError

from allclear_lab.github.routing import RouteRequest, allows

Shown = dict[str, Any]


def refuse(kind: str, message: str) -> GraphQLError:
    """An entry of `errors`: GitHub's type of it and a sentence."""
    return GraphQLError(message, extensions={"type": kind})


def require(ask: RouteRequest, needs: str) -> None:
    """FORBIDDEN for a workflow's token without the permission, as `issues:read`."""
    if ask.actor.is_actions and not allows(needs, ask.actor.grants):
        raise refuse("FORBIDDEN", "Resource not accessible by integration")


def connection(items: Sequence[Any], show: Callable[[Any], Shown]) -> Callable[..., Shown]:
    """A connection with GitHub's rules: `first` or `last` is required, 1 to 100; cursors are opaque."""

    def resolve(
        _: Any,
        *,
        first: int | None = None,
        last: int | None = None,
        after: str | None = None,
        before: str | None = None,
    ) -> Shown:
        size = first if first is not None else last
        if size is None:
            raise refuse("MISSING_PAGINATION_BOUNDARIES", "You must provide a `first` or `last` value.")
        if not 0 <= size <= 100:
            raise refuse("EXCESSIVE_PAGINATION", f"Requesting {size} records exceeds the limit of 100.")
        start = _position(after) + 1 if after else 0
        stop = _position(before) if before else len(items)
        if first is not None:
            stop = min(stop, start + first)
        else:
            start = max(start, stop - size)
        shown = [show(one) for one in items[start:stop]]
        return {
            "nodes": shown,
            "pageInfo": {
                "endCursor": _cursor(stop - 1) if shown else None,
                "hasNextPage": stop < len(items),
                "hasPreviousPage": start > 0,
                "startCursor": _cursor(start) if shown else None,
            },
            "totalCount": len(items),
        }

    return resolve


def _cursor(position: int) -> str:
    return base64.b64encode(f"cursor:{position}".encode()).decode()


def _position(cursor: str) -> int:
    try:
        return int(base64.b64decode(cursor).decode().removeprefix("cursor:"))
    except ValueError:
        raise refuse(
            "INVALID_CURSOR_ARGUMENTS", f"`{cursor}` does not appear to be a valid cursor."
        ) from None
