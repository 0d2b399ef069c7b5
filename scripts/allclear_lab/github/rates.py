"""Primary rate limits.

https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from allclear_lab.github.state import RateWindow, Token

if TYPE_CHECKING:
    from allclear_lab.github.hub import GitHub

ACTIONS_PER_HOUR = 1000
PERSONAL_PER_HOUR = 5000


@dataclass(frozen=True, slots=True)
class Budget:
    """What is left of an hour."""

    limit: int
    used: int
    reset: datetime

    @property
    def remaining(self) -> int:
        """Requests still free, never below 0."""
        return max(0, self.limit - self.used)


def count(hub: GitHub, token: Token, resource: str, by: int = 1) -> Budget:
    """Count `by` requests and tell the budget: one for all actions tokens of a repository, one per user."""
    actions = token.kind == "actions"
    key = ("actions", token.repository_id or 0, resource) if actions else ("user", token.account_id, resource)
    now = hub.now()
    window = hub.world.rates.get(key)
    if window is None or now >= window.start + timedelta(hours=1):
        window = hub.world.rates[key] = RateWindow(now)
    limit = ACTIONS_PER_HOUR if actions else PERSONAL_PER_HOUR
    window.used = min(limit, window.used + by)
    return Budget(limit, window.used, window.reset_at())


def headers_of(hub: GitHub, token: Token | None, resource: str) -> dict[str, str]:
    """The X-RateLimit headers; strangers get the 60 of an address."""
    budget = count(hub, token, resource, by=0) if token else Budget(60, 0, hub.now() + timedelta(hours=1))
    return {
        "X-RateLimit-Limit": str(budget.limit),
        "X-RateLimit-Remaining": str(budget.remaining),
        "X-RateLimit-Used": str(budget.used),
        "X-RateLimit-Reset": str(int(budget.reset.timestamp())),
        "X-RateLimit-Resource": resource,
    }
