"""Lengths of time in whole English words, for texts that people read."""

from __future__ import annotations

from datetime import timedelta

from allclear.core.model.times import whole_minutes

_UNITS = (("day", 86400), ("hour", 3600), ("minute", 60), ("second", 1))


def count(number: int, unit: str) -> str:
    """``1 minute``, ``15 minutes``."""
    return f"{number} {unit}" if number == 1 else f"{number} {unit}s"


def in_words(span: timedelta) -> str:
    """An elapsed time: ``1 hour 30 minutes``, ``2 days 3 hours``; the least is ``less than 1 minute``.

    Cut as everywhere (`whole_minutes`), and told by its two greatest units.
    """
    parts, rest = list[str](), whole_minutes(span) * 60
    for unit, seconds in _UNITS:
        number, rest = divmod(rest, seconds)
        if number:
            parts.append(count(number, unit))
    return " ".join(parts[:2]) or "less than 1 minute"


def minutes_in_words(span: timedelta) -> str:
    """An elapsed time in minutes alone: ``90 minutes``, ``1 minute``."""
    return count(whole_minutes(span), "minute")


def after_every(words: str) -> str:
    """How a length is told after the word "every": ``15 minutes``, but ``hour`` for ``1 hour``."""
    number, _, unit = words.partition(" ")
    return unit if number == "1" and not any(letter.isdigit() for letter in unit) else words
