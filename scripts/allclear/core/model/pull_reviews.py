"""What people said of a pull request when they reviewed it."""

from __future__ import annotations

from dataclasses import dataclass

from allclear.core.model.people import Person


@dataclass(frozen=True, slots=True)
class PullReviews:
    """``approving`` and ``objecting``: whose last word is an approval, or a request for changes, of those
    with write access. ``authors``: ids of who wrote the commits.

    ``known`` False: GitHub did not say.
    """

    approving: tuple[Person, ...] = ()
    objecting: tuple[Person, ...] = ()
    authors: frozenset[int] = frozenset()
    known: bool = True
