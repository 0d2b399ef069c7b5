"""Faults on order: what GitHub and the network do on bad days."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from allclear_lab.github.routing import GitHubRefusal, RouteAnswer

Kind = Literal[
    "error_before",
    "error_after",
    "drop_before",
    "drop_after",
    "truncated_json",
    "html_200",
    "secondary",
    "primary_exhausted",
    "unauthorized",
    "not_accessible",
    "update_failed",
    "rule",
    "gone",
    "redirect",
    "stale_reads",
    "nonsense",
]
Match = Callable[[str, str], bool]

_SECONDARY = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
_RULE = "Repository rule violations found\n\nCannot create ref due to creations being restricted.\n\n"
_GONE = {404: "Not Found", 410: "This issue was deleted", 451: "Repository access blocked"}


@dataclass(slots=True)
class Fault:
    """One order: from the `nth` matching request (1 is the next one), for `times` requests, do `kind`."""

    kind: Kind
    match: Match | None = None
    nth: int = 1
    times: int = 1
    status: int = 0
    retry_after: int | None = None
    location: str = ""
    seconds: float = 0
    seen: int = 0

    def strikes(self, method: str, path: str) -> bool:
        """Count this request; whether the fault happens to it."""
        if self.match is not None and not self.match(method, path):
            return False
        self.seen += 1
        return self.nth <= self.seen < self.nth + self.times

    @property
    def cuts_the_line(self) -> bool:
        """Whether the client gets no answer."""
        return self.kind in {"drop_before", "drop_after"}

    def instead(self) -> RouteAnswer | None:
        """The answer that stands in for the request's own; None when the request takes effect."""
        match self.kind:
            case "error_before":
                refusal = GitHubRefusal(self.status or 500, "Server Error")
            case "secondary":
                wait = {} if self.retry_after is None else {"Retry-After": str(self.retry_after)}
                refusal = GitHubRefusal(self.status or 403, _SECONDARY, headers=wait)
            case "primary_exhausted":
                refusal = GitHubRefusal(self.status or 403, "API rate limit exceeded for installation.")
            case "unauthorized":
                refusal = GitHubRefusal(401, "Bad credentials")
            case "not_accessible":
                refusal = GitHubRefusal(403, "Resource not accessible by integration")
            case "update_failed":
                refusal = GitHubRefusal(422, "Reference update failed")
            case "rule":
                refusal = GitHubRefusal(422, _RULE)
            case "gone":
                refusal = GitHubRefusal(self.status or 404, _GONE[self.status or 404])
            case "redirect":
                where = {"Location": self.location}
                refusal = GitHubRefusal(
                    self.status or 301, "Moved Permanently", headers=where, extra={"url": self.location}
                )
            case "nonsense":
                return RouteAnswer(200, {"message": "not what is documented"})
            case "drop_before":
                return RouteAnswer(0)
            case _:
                return None
        return refusal.answer()

    def afterwards(self, answer: RouteAnswer) -> RouteAnswer:
        """What becomes of the answer to a request that took effect."""
        if self.kind == "error_after":
            return GitHubRefusal(self.status or 502, "Server Error").answer()
        return answer


class Faults:
    """`hub.faults`. Orders are tried as they were given; the first that strikes is the one that happens."""

    def __init__(self) -> None:
        self._orders: list[Fault] = []
        self._alive: int | None = None
        self._kill_applied = False
        self._refused: dict[str, tuple[str, str]] = {}

    def refuse(
        self, mutation: str, kind: str = "FORBIDDEN", message: str = "Resource not accessible by integration"
    ) -> None:
        """Refuse this mutation of GraphQL from now on, with that entry of `errors`, while others of the same
        document are done.

        https://docs.github.com/en/graphql/guides/forming-calls-with-graphql#about-mutations
        """
        self._refused[mutation] = (kind, message)

    def refusal(self, mutation: str) -> tuple[str, str] | None:
        """Type and message of the error that this mutation answers with; None when it is done."""
        return self._refused.get(mutation)

    def add(
        self,
        kind: Kind,
        match: Match | None = None,
        *,
        nth: int = 1,
        times: int = 1,
        status: int = 0,
        retry_after: int | None = None,
        location: str = "",
        seconds: float = 0,
    ) -> Fault:
        """Order a fault. `match(method, path)` chooses requests by the path as it was sent, without query.
        The mutations of a GraphQL document follow it, as in `/graphql#closeIssue+updateIssueComment`.

        error_before/error_after: answer `status` (500 unless given), without or with the request's effect.
        drop_before/drop_after: the connection is cut, without or with the effect (a time-out looks the same).
        truncated_json, html_200: applied, then half an answer, or a 200 page that is no JSON.
        secondary: a secondary rate limit, `status` 403 (default) or 429, with Retry-After if `retry_after`
        is given.
        primary_exhausted: 403 with no requests remaining until the hour's reset.
        unauthorized: 401. not_accessible: 403. gone: `status` 404 (default), 410 or 451.
        nonsense: 200 with an object that is none of those documented.
        update_failed: 422 without the effect, as creating and moving refs answer at random
        (https://github.com/github/rest-api-description/issues/4887). rule: 422 of a ruleset.
        redirect: 301 (or `status`) to `location`.
        stale_reads: lists do not show the caller's own writes of the last `seconds` until the clock moved on;
        it counts no requests and holds until clear().
        """
        fault = Fault(kind, match, nth, times, status, retry_after, location, seconds)
        self._orders.append(fault)
        return fault

    def kill(self, after_requests: int, *, applied: bool = False) -> None:
        """Kill the runner: request `after_requests` from now (0 is the next) and all later ones are dropped.

        With `applied` that one request takes effect before its connection breaks; later ones never do.
        """
        self._alive = after_requests
        self._kill_applied = applied

    def clear(self) -> None:
        """Good weather again."""
        self._orders.clear()
        self._refused.clear()
        self._alive = None

    def strike(self, method: str, path: str) -> Fault | None:
        """The fault that happens to this request, if any. Counts the request."""
        if self._alive is not None:
            self._alive -= 1
            if self._alive == -1 and self._kill_applied:
                return Fault("drop_after")
            if self._alive < 0:
                return Fault("drop_before")
        for order in self._orders:
            if order.kind != "stale_reads" and order.strikes(method, path):
                return order
        return None

    def stale_since(self, now: datetime) -> datetime | None:
        """Own writes after this moment are not visible in lists; None when reads are fresh."""
        lags = [order.seconds for order in self._orders if order.kind == "stale_reads"]
        return now - timedelta(seconds=max(lags)) if lags else None
