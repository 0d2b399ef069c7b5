"""How many are hit, and how exact that is."""

from __future__ import annotations

from typing import Literal

About = Literal["", "about", "at least", "at most", "more than", "less than"]
"""How exact a number is, in the words that stand in front of it."""


def counted(users: int | None, about: About) -> str:
    """``about 15,000 users``; empty without a number."""
    return f"{about} {users:,} users".strip() if users is not None else ""
