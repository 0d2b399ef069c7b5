"""How GitHub says that it was asked too much, and until when it is not to be asked.

https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

UNNAMED_WAIT = timedelta(seconds=60)
"""https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api:
without Retry-After, a minute or more.
"""

SECONDARY = ("secondary rate limit", "abuse detection", "submitted too quickly")
"""What a secondary limit says of itself, whatever the status."""


def is_limit(status: int, message: str, headers: Mapping[str, Any]) -> bool:
    """Whether an answer under 403 or 429 is a limit."""
    if status == 429 or "retry-after" in headers or str(headers.get("x-ratelimit-remaining")) == "0":
        return True
    return "rate limit" in message.lower() or "abuse detection" in message.lower()


def retry_at(headers: Mapping[str, Any], now: datetime) -> datetime:
    """When the next call is allowed:
    Retry-After, else the reset of a used-up primary limit, else a minute from now.
    """
    after = str(headers.get("retry-after", ""))
    if after.isdigit():
        return now + timedelta(seconds=int(after))
    reset = str(headers.get("x-ratelimit-reset", ""))
    if str(headers.get("x-ratelimit-remaining")) == "0" and reset.isdigit():
        return datetime.fromtimestamp(int(reset), UTC)
    return now + UNNAMED_WAIT


def is_secondary(message: str) -> bool:
    """Whether it is a secondary limit that says this."""
    return any(sign in message.lower() for sign in SECONDARY)
