"""Floods: what outsiders can use up of what GitHub lets us ask and write, with its limits on. An hour of
simulated time each, of which the figures are told.

A run takes half a minute and evicts the one that waits, so that of a flood on one issue every thirtieth
second has a run; every report is an issue of its own, with runs of its own. The sweep comes every ten
minutes. While a run waits, the others go on.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from allclear_lab.github import Delivery, RequestRecord
from conversations.room import Room, minutes, open_room
from sampling import Proof

HOUR = 3600
RUN, SWEEP = 30, 600
"""Seconds from one run on an issue to the next, and from one sweep to the next."""
RAISED = 40 * 60
"""When somebody of the team raises the severity, in seconds."""


@dataclass(frozen=True)
class Flood:
    """`people` write a comment a second each; one of them opens a report every `reports` seconds."""

    name: str
    people: tuple[str, ...] = ()
    reports: int = 0


FLOODS = (
    Flood("one outsider", ("out",)),
    Flood("two outsiders", ("out", "rae")),
    Flood("reports", reports=5),
    Flood("both", ("out", "rae"), reports=5),
)


@dataclass
class Figures:
    """What an hour of a flood took; times in seconds since the declaration, None for never."""

    requests: int = 0
    queries: int = 0
    refused: int = 0
    writes: int = 0
    red: int = 0
    paged: float | None = None
    answered: float | None = None
    labels: float | None = None
    panel: float | None = None
    reports: int = 0


@dataclass
class Hour:
    """An hour under a flood, second by second: one incident, on which somebody raises the severity."""

    room: Room
    flood: Flood
    number: int
    began: datetime
    queue: list[Delivery] = field(default_factory=list)
    done: int = 0
    looked: int = 0
    figures: Figures = field(default_factory=Figures)

    @property
    def second(self) -> int:
        return round((self.room.clock.now() - self.began).total_seconds())

    def pass_by(self, seconds: float) -> None:
        """What outsiders do in the meantime; of the runs that start, only those of reports are kept."""
        room = self.room
        for _ in range(round(seconds)):
            room.clock.advance(1)
            for who in self.flood.people:
                room.people[who].comment(self.number, "/resolve")
            if self.second == RAISED:
                room.people["bob"].comment(self.number, "/sev P0")
            self.done = len(room.hub.deliveries)
            if self.flood.reports and self.second % self.flood.reports == 0 and self.second <= HOUR:
                room.people["out"].open_issue("It is broken", "", form_labels=("incident",))
                self.queue += room.hub.deliveries[self.done :]
        room.delivered = len(room.hub.deliveries)

    def play(self, seconds: int) -> None:
        """Runs and sweeps as they come."""
        room = self.room
        room.meanwhile = self.pass_by
        run, sweep = self.second, self.second - self.second % SWEEP + SWEEP
        until = self.second + seconds
        while self.second < until:
            self.pass_by(1)
            while self.queue:
                room.receive(self.queue.pop(0))
            room.number = self.number
            if self.second >= run and (self.flood.people or self.second >= RAISED > run):
                run = self.second + RUN
                room.run()
            if self.second >= sweep:
                sweep += SWEEP
                room.sweep()
            room.number = self.number
            self._look()

    def _look(self) -> None:
        """What was written since the last look, after which the issue may have the new label."""
        new = self.room.hub.requests[self.looked :]
        labels = self.room.issue.labels if new else frozenset()
        for one in new:
            here = one.applied and f"/issues/{self.number}/" in one.path
            text = written(one) if one.applied and one.mutating else ""
            panel = text.startswith("<!-- allclear:panel ")
            true = {
                "paged": here and not panel and "@mia" in text,
                "answered": here and not panel and "`/sev P0`" in text,
                "labels": one.mutating and "P0" in labels,
                "panel": panel and "P0 ·" in text,
            }
            for name in (name for name, came in true.items() if came and getattr(self.figures, name) is None):
                setattr(self.figures, name, self.second)
        self.looked = len(self.room.hub.requests)


def written(request: RequestRecord) -> str:
    """The text of a comment that a request writes, also where it is one of several changes."""
    body = request.body or {}
    inputs = (body.get("variables") or {}).values()
    return next((str(one["body"]) for one in (body, *inputs) if isinstance(one, dict) and "body" in one), "")


def flooded(room: Room, flood: Flood) -> Figures:
    """An hour under a flood, and a quarter after it."""
    number = room.opens("ann", "Checkout is down", labels=("incident", "P1"))
    hour = Hour(room, flood, number, room.clock.now())
    figures, known = hour.figures, len(room.hub.requests)
    first = len(room.codes)
    hour.play(HOUR)
    asked = room.hub.requests[known:]
    figures.requests = sum(one.route not in {"/graphql", "/rate_limit"} and one.status > 0 for one in asked)
    figures.queries = sum(one.route == "/graphql" for one in asked)
    figures.refused = sum(one.status in {403, 429} for one in asked)
    figures.writes = sum(one.mutating and one.applied for one in asked)
    figures.red = sum(code != 0 for code in room.codes[first:])
    reports = [one for one in room.repo.issues() if one.author == "out"]
    figures.reports = sum(any(c.author == "github-actions[bot]" for c in one.comments) for one in reports)
    hour.flood = Flood("quiet")
    hour.play(15 * 60)
    return figures


def test_outsiders_cannot_keep_an_escalation_labels_and_panel_back(tmp_path: Path, proof: Proof) -> None:
    for flood in proof(FLOODS, 1):
        with open_room(tmp_path / flood.name) as room:
            figures = flooded(room, flood)
        came = [figures.paged, figures.answered, figures.panel, figures.labels]
        paged, answered, panel, labels = (0 if one is None else one for one in came)
        assert minutes(15) <= paged <= minutes(16 if flood.people else 20), figures
        assert RAISED <= answered <= RAISED + minutes(4), figures
        assert RAISED <= panel <= RAISED + minutes(4), figures
        assert RAISED <= labels <= HOUR + minutes(15), figures
        assert figures.refused == figures.red == 0, figures
        assert figures.writes <= 150, figures
