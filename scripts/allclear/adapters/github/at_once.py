"""Doing several things at once that do not wait for each other: how it is done is for the caller to say.

GitHub advises to make requests one after the other, and to pause a second between a large number of writes
(https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api). So no more than
``MOST`` go out together, once a pass, and what GitHub answers with a limit is done one by one after it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from threading import Thread
from typing import Protocol

MOST = 4
"""Requests of one run that are under way together, at most."""

Call = Callable[[], None]
"""Something to do. It keeps its outcome to itself, failures included; only the first may raise, where nothing
goes on without it.
"""


class AtOnce(Protocol):
    """Makes the calls, and returns when all of them are over."""

    def __call__(self, calls: Sequence[Call]) -> None:
        """Make them."""
        ...


def in_turn(calls: Sequence[Call]) -> None:
    """One after the other, in their order: where requests are carried by something that takes no two."""
    for call in calls:
        call()


def together(calls: Sequence[Call]) -> None:
    """The first here, each other in a thread of its own; here as well where there are no more threads."""
    begun: list[Thread] = []
    here = list(calls[:1])
    for call in calls[1:]:
        thread = Thread(target=call)
        try:
            thread.start()
        except RuntimeError:
            here.append(call)
        else:
            begun.append(thread)
    try:
        for call in here:
            call()
    finally:
        # Whatever went wrong here, nothing is written any more once this returns.
        for thread in begun:
            thread.join()
