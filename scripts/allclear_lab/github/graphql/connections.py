"""How GraphQL pages through lists, and how it refuses.

https://docs.github.com/en/graphql/guides/using-pagination-in-the-graphql-api
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from graphql import GraphQLError

from allclear_lab.github.routing import RouteRequest, allows

Shown = dict[str, Any]
Resolver = Callable[..., Shown]


def refuse(kind: str, message: str) -> GraphQLError:
    """An entry of `errors`: GitHub's type of it and a sentence."""
    return GraphQLError(message, extensions={"type": kind})


def require(ask: RouteRequest, needs: str) -> None:
    """FORBIDDEN for a workflow's token without the permission, as `issues:read`."""
    if ask.actor.is_actions and not allows(needs, ask.actor.grants):
        raise refuse("FORBIDDEN", "Resource not accessible by integration")


def connection(items: Iterable[Any], show: Callable[[Any], Shown]) -> Resolver:
    """A connection with GitHub's rules: what is on a page needs `first` or `last`, 1 to 100; how many there
    are needs neither. Cursors are opaque.
    """
    found: Sequence[Any] = items if isinstance(items, Sequence) else list(items)

    def resolve(
        _: Any,
        *,
        first: int | None = None,
        last: int | None = None,
        after: str | None = None,
        before: str | None = None,
    ) -> Shown:
        size = first if first is not None else last
        counted = {"totalCount": len(found), "issueCount": len(found)}
        if size is None:
            return dict.fromkeys(("edges", "nodes", "pageInfo"), _unbounded) | counted
        if not 0 <= size <= 100:
            raise refuse("EXCESSIVE_PAGINATION", f"Requesting {size} records exceeds the limit of 100.")
        start = _position(after) + 1 if after else 0
        stop = _position(before) if before else len(found)
        if first is not None:
            stop = min(stop, start + first)
        else:
            start = max(start, stop - size)
        shown = [show(one) for one in found[start:stop]]
        return {
            "edges": [{"cursor": cursor(at), "node": one} for at, one in enumerate(shown, start)],
            "nodes": shown,
            "pageInfo": {
                "endCursor": cursor(stop - 1) if shown else None,
                "hasNextPage": stop < len(found),
                "hasPreviousPage": start > 0,
                "startCursor": cursor(start) if shown else None,
            },
            **counted,
        }

    return resolve


def cursor(position: int) -> str:
    """Where something stands in its list."""
    return base64.b64encode(f"cursor:{position}".encode()).decode()


def _unbounded(_: Any) -> Any:
    raise refuse("MISSING_PAGINATION_BOUNDARIES", "You must provide a `first` or `last` value.")


def _position(text: str) -> int:
    try:
        return int(base64.b64decode(text).decode().removeprefix("cursor:"))
    except ValueError:
        raise refuse("INVALID_CURSOR_ARGUMENTS", f"`{text}` does not appear to be a valid cursor.") from None
