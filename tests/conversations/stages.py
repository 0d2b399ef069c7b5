"""The stages of a run: rounds of requests of which none waits for another one's answer.

What goes out at once is told by the executor, which a door is given as an argument, and by who asks: the
first reads of a run go out together, and after them that of the comments which the panel has not read, where
those that changed last do not reach back so far. All other requests go out one after the other. So the stages
are counted without a clock and without threads.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, NamedTuple

import requests

from allclear.adapters.github.at_once import Call
from allclear_lab.github import GitHub, RequestRecord
from allclear_lab.github.transport import InProcess


class Stages(NamedTuple):
    """How often a run waited for GitHub: before its first reply, for that reply, and after it."""

    read: int
    reply: int
    rest: int


@dataclass
class Rounds:
    """Makes the calls in turn, and notes which requests of `hub` each of them made. ``backwards``: the last
    call first, for they may happen in any order.
    """

    hub: GitHub
    backwards: bool = False
    rounds: list[list[int]] = field(default_factory=list)
    early: set[int] = field(default_factory=set)

    def __call__(self, calls: Sequence[Call]) -> None:
        marks = [len(self.hub.requests)]
        for call in reversed(calls) if self.backwards else calls:
            call()
            marks.append(len(self.hub.requests))
        self.rounds.append(marks)

    def stages(self, since: int) -> Stages:
        """The stages of the requests from number `since` on."""
        end = len(self.hub.requests)
        reply = next((at for at in range(since, end) if _replies(self.hub.requests[at])), end)
        alone = [reply, min(reply + 1, end)]
        marks = next((one for one in self.rounds if one[0] <= reply < one[-1]), alone)
        begun, over = marks[0], marks[-1]
        return Stages(self._between(since, begun), self._between(begun, over), self._between(over, end))

    def _between(self, begin: int, end: int) -> int:
        """Of what goes out at once, only the call with the most requests is waited for."""
        saved = 0
        for marks in self.rounds:
            if begin <= marks[0] and marks[-1] <= end:
                made = [after - before for before, after in pairwise(marks)]
                saved += sum(made) - max(made, default=0)
        early = [self.hub.requests[at] for at in self.early if begin <= at < end]
        saved += len(early) - len({"since" in request.query for request in early})
        return max(0, end - begin - saved)


class Watched(InProcess):
    """The way to `rounds.hub`, which notes what the door itself asks, before its libraries are there."""

    def __init__(self, rounds: Rounds) -> None:
        super().__init__(rounds.hub.front, rounds.hub.violations)
        self._rounds = rounds

    def send(self, request: requests.PreparedRequest, *args: Any, **more: Any) -> requests.Response:
        if request.headers.get("User-Agent") == "allclear":
            self._rounds.early.add(len(self._rounds.hub.requests))
        return super().send(request, *args, **more)


def _replies(request: RequestRecord) -> bool:
    return (
        request.method == "POST" and request.route == "/repos/{owner}/{repo}/issues/{issue_number}/comments"
    )
