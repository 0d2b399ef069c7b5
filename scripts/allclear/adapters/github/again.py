"""Doing something again that GitHub did not answer: bounded, after fixed waits, and never blindly."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from allclear.adapters.github.errors import (
    GitHubError,
    RateLimitedError,
    UnauthorizedError,
    UnavailableError,
)

T = TypeVar("T")

BACKOFF = (0.5, 1.0)
"""Seconds between the tries of something that may be done again: three tries in all."""

UNSURE = (1.5, 2.0)
"""Seconds until our own text is looked for after an unclear answer: a list may show it later than an answer
would have.
"""

UNDOCUMENTED = (AttributeError, LookupError, TypeError, ValueError)
"""What becomes of an answer that is not in the form it is documented in."""

Pause = Callable[[float], None]
"""Waits so many seconds."""


def again(
    pause: Pause,
    do: Callable[[], T],
    *,
    applied: Callable[[], T | None] | None = None,
    on: type[GitHubError] | tuple[type[GitHubError], ...] = UnavailableError,
    waits: Sequence[float] = BACKOFF,
) -> T:
    """``do``, and after each failure of the kinds ``on`` a wait and another try; the last failure is raised.

    A write that must not be done twice brings ``applied``, which finds what it wrote: an unclear answer may
    come after the write was applied (A2), so it is asked after each failure, and what it finds is the result.
    """
    for wait in (*waits, None):
        try:
            return do()
        except on:
            if wait is not None:
                pause(wait)
            found = applied() if applied is not None else None
            if found is not None:
                return found
            if wait is None:
                raise
    raise AssertionError  # pragma: no cover - the last round returns or raises


def known(look: Callable[[], T], unknown: T) -> T:
    """What ``look`` finds; ``unknown`` when GitHub does not say, whatever it answers instead: one look-up
    that fails does not end a pass. A limit and a token that ended do: nothing more can be asked then.
    """
    try:
        return look()
    except (RateLimitedError, UnauthorizedError):
        raise
    except (GitHubError, *UNDOCUMENTED):
        return unknown


def appears(pause: Pause, find: Callable[[], T | None], waits: Sequence[float]) -> T | None:
    """What ``find`` finds after one of the waits, of what GitHub does not show at once; None: nothing."""
    for wait in waits:
        pause(wait)
        found = find()
        if found is not None:
            return found
    return None
