"""What is left of the hour in which GitHub answers so many requests, as far as a run knows."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

KEPT = 4
"""One part in so many of an hour's requests and writes is kept for pages and answers."""


class Budget(Struct, frozen=True):
    """What GitHub said of one kind of request: ``remaining`` of ``limit`` until ``reset`` (UTC).

    All workflows of a repository share it.
    https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#checking-the-status-of-your-rate-limit
    """

    limit: int
    remaining: int
    reset: datetime

    @property
    def scarce(self) -> bool:
        """Whether only the part is left that is kept."""
        return self.remaining * KEPT < self.limit
