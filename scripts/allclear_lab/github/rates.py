"""Primary rate limits.

https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from allclear_lab.github.routing import GitHubRefusal
from allclear_lab.github.state import RateWindow, Token

if TYPE_CHECKING:
    from allclear_lab.github.hub import GitHub

ACTIONS_PER_HOUR = 1000
WRITES_PER_MINUTE = 80
WRITES_PER_HOUR = 500
"""What GitHub calls content, of one account, whatever it writes with and wherever."""
PERSONAL_PER_HOUR = 5000


@dataclass(frozen=True, slots=True)
class Allowance:
    """What is left of an hour."""

    limit: int
    used: int
    reset: datetime

    @property
    def remaining(self) -> int:
        """Requests still free, never below 0."""
        return max(0, self.limit - self.used)


def count(hub: GitHub, token: Token, resource: str, by: int = 1) -> Allowance:
    """Count `by` requests and tell the budget: one for all actions tokens of a repository, one per user."""
    actions = token.kind == "actions"
    key = ("actions", token.repository_id or 0, resource) if actions else ("user", token.account_id, resource)
    now = hub.now()
    window = hub.world.rates.get(key)
    if window is None or now >= window.start + timedelta(hours=1):
        window = hub.world.rates[key] = RateWindow(now)
    limit = ACTIONS_PER_HOUR if actions else PERSONAL_PER_HOUR
    window.used = min(limit, window.used + by)
    return Allowance(limit, window.used, window.reset_at())


def write_allowed(hub: GitHub, token: Token) -> bool:
    """Count a write; False when the account has written too much, and it is not to be done.

    https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#about-secondary-rate-limits
    """
    now, windows = hub.now(), []
    for length, limit in ((timedelta(minutes=1), WRITES_PER_MINUTE), (timedelta(hours=1), WRITES_PER_HOUR)):
        key = ("writes", token.account_id, str(length))
        window = hub.world.rates.get(key)
        if window is None or now >= window.start + length:
            window = hub.world.rates[key] = RateWindow(now)
        if window.used >= limit:
            return False
        windows.append(window)
    for window in windows:
        window.used += 1
    return True


def too_many_writes() -> GitHubRefusal:
    """What GitHub answers to a write that is not allowed."""
    told = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
    return GitHubRefusal(403, told, headers={"Retry-After": "60"})


def headers_of(hub: GitHub, token: Token | None, resource: str) -> dict[str, str]:
    """The X-RateLimit headers; strangers get the 60 of an address."""
    budget = count(hub, token, resource, by=0) if token else Allowance(60, 0, hub.now() + timedelta(hours=1))
    return {
        "X-RateLimit-Limit": str(budget.limit),
        "X-RateLimit-Remaining": str(budget.remaining),
        "X-RateLimit-Used": str(budget.used),
        "X-RateLimit-Reset": str(int(budget.reset.timestamp())),
        "X-RateLimit-Resource": resource,
    }
