"""Asking: a decision that lacks something yields what it wants to know, and goes on with the answer.

Pure: a question is data. Whoever drives the decision looks the answer up, by requests or in a test's memory.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import TypeVar

from msgspec import Struct

from allclear.core.model.people import UNKNOWN, Person, Rights
from allclear.core.model.snapshot import Snapshot, Wants

T = TypeVar("T")
Asking = Generator[Wants, Snapshot, T]
"""A decision under way: it is sent the snapshot with what it wanted in it, and returns what was decided."""

MOST_QUESTIONS = 1000
"""In one pass. A question is a request or more, and a workflow's token has 1,000 requests an hour.
https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#primary-rate-limit-for-github_token-in-github-actions
"""


class HistoryNeededError(Exception):
    """What the checkpoint keeps of the record does not tell: all comments have to be read."""


class Knowledge(Struct):
    """What a pass knows: its snapshot, which grows by every answer."""

    snapshot: Snapshot

    def learn(self, wants: Wants) -> Asking[None]:
        """Ask for what of ``wants`` is not known yet: nothing is asked for twice."""
        lacking = self.snapshot.lacks(wants)
        if lacking:
            self.snapshot = yield lacking

    def rights_of(self, person: Person) -> Asking[Rights | None]:
        """What this person may do; None when GitHub does not say."""
        login = person.login.lower()
        yield from self.learn(Wants(logins=frozenset({login})))
        return self.snapshot.access.get(login, UNKNOWN).rights_of(person)


def drive(asking: Asking[T], snapshot: Snapshot, look_up: Callable[[Snapshot, Wants], Snapshot]) -> T:
    """Answer the questions of ``asking`` until it has decided.

    ``look_up`` gives the snapshot with what is wanted in it; what is not to be found is known to be nothing.
    Raises RuntimeError when it leaves a question open, and when the questions do not end.
    """
    try:
        wants = next(asking)
        for _ in range(MOST_QUESTIONS):
            snapshot = look_up(snapshot, wants)
            if left := snapshot.lacks(wants):
                msg = f"looking up leaves a question open: {left}"
                raise RuntimeError(msg)
            wants = asking.send(snapshot)
    except StopIteration as end:
        decided: T = end.value
        return decided
    msg = f"a pass asked {MOST_QUESTIONS} questions and has still one: {wants}"
    raise RuntimeError(msg)
