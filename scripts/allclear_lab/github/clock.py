"""The clocks of the embedded GitHub: one stands still until somebody moves it, the other one runs."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta


class SimClock:
    """A clock in UTC with whole seconds, as GitHub's times have. It never moves by itself."""

    def __init__(self, start: datetime) -> None:
        """Start at `start`; a time without a zone is refused (ValueError)."""
        self._now = _whole_utc(start)

    def now(self) -> datetime:
        """The current time, UTC, no fraction."""
        return self._now

    def advance(self, by: timedelta | float) -> datetime:
        """Move forward by a timedelta or seconds; answers the new time. Backwards is refused (ValueError)."""
        step = by if isinstance(by, timedelta) else timedelta(seconds=by)
        if step < timedelta():
            msg = "the clock only moves forward; use set() to jump"
            raise ValueError(msg)
        self._now = _whole_utc(self._now + step)
        return self.now()

    def set(self, when: datetime) -> None:
        """Jump to `when`, also backwards."""
        self._now = _whole_utc(when)


class RunningClock(SimClock):
    """Runs by itself from `start`, `speed` times as fast as the seconds that `monotonic` counts."""

    def __init__(
        self, start: datetime, speed: float = 1, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__(start)
        self._speed, self._monotonic, self._begun = speed, monotonic, monotonic()

    def now(self) -> datetime:
        """The current time, UTC, no fraction."""
        passed = timedelta(seconds=(self._monotonic() - self._begun) * self._speed)
        return _whole_utc(self._now + passed)

    def set(self, when: datetime) -> None:
        """Jump to `when`, and run on from there."""
        super().set(when)
        self._begun = self._monotonic()


def _whole_utc(when: datetime) -> datetime:
    if when.tzinfo is None:
        msg = f"{when!r} has no time zone"
        raise ValueError(msg)
    return when.astimezone(UTC).replace(microsecond=0)
