"""Lengths of time for people."""

from datetime import timedelta

import pytest

from allclear.core.calendar.words import after_every, in_words, minutes_in_words


@pytest.mark.parametrize(
    ("span", "words", "minutes"),
    [
        (timedelta(), "less than 1 minute", "0 minutes"),
        (timedelta(seconds=59), "less than 1 minute", "0 minutes"),
        (timedelta(seconds=-90), "less than 1 minute", "0 minutes"),
        (timedelta(seconds=119), "1 minute", "1 minute"),
        (timedelta(minutes=45), "45 minutes", "45 minutes"),
        (timedelta(minutes=60), "1 hour", "60 minutes"),
        (timedelta(minutes=90), "1 hour 30 minutes", "90 minutes"),
        (timedelta(hours=2, minutes=1), "2 hours 1 minute", "121 minutes"),
        (timedelta(days=1), "1 day", "1440 minutes"),
        (timedelta(days=2, hours=3, minutes=4), "2 days 3 hours", "3064 minutes"),
    ],
)
def test_an_elapsed_time_is_told_in_words(span: timedelta, words: str, minutes: str) -> None:
    assert in_words(span) == words
    assert minutes_in_words(span) == minutes


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("1 hour", "hour"),
        ("15 minutes", "15 minutes"),
        ("1 hour 30 minutes", "1 hour 30 minutes"),
        ("1 hour of office time", "hour of office time"),
        ("office day", "office day"),
    ],
)
def test_after_every_one_is_left_out(words: str, told: str) -> None:
    assert after_every(words) == told
