"""What people said of a pull request when they reviewed it."""

from __future__ import annotations

from msgspec import Struct

from allclear.core.model.people import Person


class PullReviews(Struct, frozen=True):
    """``approving`` and ``objecting``: whose last word is an approval, or a request for changes, of those
    with write access. ``outdated``: whose approval is of another text of the post-mortem than stands there
    now. ``authors``: who wrote the commits, as far as GitHub knows an
    account of theirs.

    ``known`` False: GitHub did not say.
    """

    approving: tuple[Person, ...] = ()
    objecting: tuple[Person, ...] = ()
    authors: tuple[Person, ...] = ()
    outdated: tuple[Person, ...] = ()
    known: bool = True
