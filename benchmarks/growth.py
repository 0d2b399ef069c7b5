"""How costs grow: with comments, with entries, with incidents under a sweep, and with commands of a burst.

Requests, bytes read and CPU are the product's own: what the embedded GitHub spends on its answers is taken
off. Draws growth.svg.
"""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import process_time, thread_time

from figures import Figures
from fit import NOISE, Growth, growth
from growth_plot import plot

from allclear import app
from allclear_lab.github.front import RawReply, RawRequest
from conversations.room import KEY, Room, minutes, open_room
from conversations.test_long import long_incident

PLOT = Path(__file__).resolve().parent / "growth.svg"
TITLE = "Growth"
AIM = 1.05
COMMENTS = ENTRIES = (10, 30, 100, 300, 1_000, 2_000, 5_000)
INCIDENTS = (1, 10, 30, 100, 200, 500)
BURST = (1, 10, 30, 100, 300)
CROWD = 1_000
"""Comments of a burst, with the commands among them."""
BEFORE = 300
"""Comments before a burst: five minutes, which every run reads again, so that its first run reads no less."""
PACE = 10
"""Seconds between two comments."""
SETTLED = minutes(10)
"""Until comments are so old that none can have come late any more."""
TIMES = 3
A_REQUEST = 1
"""One more is a page of a hundred that has begun, and no growth yet."""
TOLD_FROM_NOISE = 5 * NOISE
"""The share of the constant part from which noise changes CPU time beyond it by a fifth at most."""
COLLECT_AFTER = (100_000, 50, 100)
"""As the process of a door has it: see allclear.single_run."""
MEASURES = ("requests", "bytes read", "CPU")


@dataclass
class Spent:
    """What runs cost: ``cpu`` in seconds, ``read`` in bytes."""

    requests: int = 0
    read: int = 0
    cpu: float = 0.0

    def of(self, measure: str) -> float:
        """One of MEASURES."""
        return {"requests": self.requests, "bytes read": self.read, "CPU": self.cpu}[measure]


@dataclass
class Series:
    """What one deed costs, by size."""

    name: str
    sizes: tuple[int, ...]
    costs: list[Spent] = field(default_factory=list)

    def growth(self, measure: str) -> Growth:
        """By the sizes measured."""
        share = TOLD_FROM_NOISE if measure == "CPU" else NOISE
        grain = A_REQUEST if measure == "requests" else 0
        return growth(self.sizes, [one.of(measure) for one in self.costs], share, grain)


@contextmanager
def spending(room: Room) -> Iterator[Spent]:
    """Count what happens inside. What was there before is not looked at by the collector: a job's process
    does not hold a whole GitHub.
    """
    spent, front, lock = Spent(), room.hub.front, threading.Lock()
    answer, theirs = front.answer, [0.0]

    def counted(raw: RawRequest) -> RawReply:
        begun = thread_time()
        reply = answer(raw)
        with lock:
            theirs[0] += thread_time() - begun
            spent.requests += 1
            spent.read += len(reply.text)
        return reply

    vars(front)["answer"] = counted
    thresholds = gc.get_threshold()
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECT_AFTER)
    begun = process_time()
    try:
        yield spent
        spent.cpu = process_time() - begun - theirs[0]
    finally:
        gc.set_threshold(*thresholds)
        gc.unfreeze()
        del vars(front)["answer"]


def best(tries: Sequence[Spent]) -> Spent:
    """The counts in the middle, and the least CPU: what else the machine did only adds to it."""
    return Spent(
        int(median(one.requests for one in tries)),
        int(median(one.read for one in tries)),
        min(one.cpu for one in tries),
    )


def run_for(room: Room, who: str, text: str) -> Spent:
    """A comment, and the run that it starts."""
    room.clock.advance(PACE)
    room.people[who].comment(room.number, text)
    event = room.hub.deliveries[-1]
    room.delivered = len(room.hub.deliveries)
    with spending(room) as spent:
        assert room.door(app.respond, event.event, event.payload) == 0, room.printed[-1]
    return spent


def anew(room: Room) -> Spent:
    """A run for an issue whose panel somebody deleted."""
    room.people["ann"].delete_comment(room.panel.id)
    room.delivered = len(room.hub.deliveries)
    event = {"inputs": {"issue": str(room.number)}}
    with spending(room) as spent:
        assert room.door(app.respond, "workflow_dispatch", event) == 0, room.printed[-1]
    return spent


def note_and_anew(room: Room) -> tuple[Spent, Spent]:
    """A `/note`, and reading all of the issue again."""
    run_for(room, "bob", "/note first")
    notes = [run_for(room, "bob", f"/note number {number}") for number in range(TIMES)]
    return best(notes), best([anew(room) for _ in range(TIMES)])


def by_comments(say: Callable[[str], None]) -> list[Series]:
    """An issue on which more and more was said."""
    note, again = Series("/note, by comments", COMMENTS), Series("all comments read anew", COMMENTS)
    with TemporaryDirectory() as folder, open_room(Path(folder)) as room:
        room.key = KEY
        room.opens("ann")
        for size in COMMENTS:
            say(f"growth: {size:,} comments")
            while len(room.comments) < size:
                for _ in range(size - len(room.comments)):
                    room.clock.advance(PACE)
                    room.writes("rae", "Any news?")
            room.run()
            for series, spent in zip((note, again), note_and_anew(room), strict=True):
                series.costs.append(spent)
    return [note, again]


def by_entries(say: Callable[[str], None]) -> list[Series]:
    """An incident of which more and more is on record."""
    note, again = Series("/note, by entries", ENTRIES), Series("all entries read anew", ENTRIES)
    for size in ENTRIES:
        say(f"growth: {size:,} entries")
        with long_incident(size) as room:
            for series, spent in zip((note, again), note_and_anew(room), strict=True):
                series.costs.append(spent)
    return [note, again]


def by_incidents(say: Callable[[str], None]) -> list[Series]:
    """A sweep that finds nothing to do, over more and more incidents."""
    series = Series("a sweep, by incidents", INCIDENTS)
    with TemporaryDirectory() as folder, open_room(Path(folder)) as room:
        room.key, room.hub.limits_writes = KEY, False
        count = 0
        for size in INCIDENTS:
            say(f"growth: a sweep over {size:,} incidents")
            while count < size:
                count += 1
                room.hub.world.rates.clear()  # as if each were opened in an hour of its own
                room.opens("ann", f"[INCIDENT P3] Number {count}", labels=("incident", "P3"))
            settle(room)
            series.costs.append(best([swept(room)[0] for _ in range(TIMES)]))
    return [series]


def settle(room: Room) -> None:
    """Sweep until a sweep finds nothing to write. Raises RuntimeError when it always does."""
    room.clock.advance(SETTLED)
    for _ in range(TIMES):
        if not swept(room)[1]:
            return
    raise RuntimeError(f"the sweeps do not come to rest: {room.printed[-1]}")


def swept(room: Room) -> tuple[Spent, int]:
    """One sweep, and how much it wrote."""
    room.clock.advance(1)
    room.hub.world.rates.clear()
    known = len(room.hub.requests)
    with spending(room) as spent:
        assert room.sweep() == 0, room.printed[-1]
    return spent, sum(one.mutating for one in room.hub.requests[known:])


def by_burst(say: Callable[[str], None]) -> list[Series]:
    """Commands among a thousand comments, a comment a second: one run for all, and a run for each."""
    one = Series("a burst, by commands: one run", BURST)
    each = Series("a burst, by commands: a run each", BURST)
    for series in (one, each):
        for size in BURST:
            say(f"growth: {series.name}, {size:,} commands")
            with TemporaryDirectory() as folder, open_room(Path(folder)) as room:
                room.key, room.hub.limits_writes = KEY, False
                room.opens("ann")
                talk(room, BEFORE)
                room.run()
                series.costs.append(burst(room, size, each=series is each))
    return [one, each]


def talk(room: Room, comments: int) -> None:
    """A comment a second in which nobody asks for anything."""
    for _ in range(comments):
        room.clock.advance(1)
        room.writes("rae", "Any news?")


def burst(room: Room, commands: int, *, each: bool) -> Spent:
    """What all runs of it cost together. Raises RuntimeError when a command is left without an answer."""
    total, every = Spent(), CROWD // commands
    for number in range(CROWD):
        room.clock.advance(1)
        says = (number + 1) % every == 0 and number // every < commands
        room.writes("bob" if says else "rae", f"/note number {number}" if says else "Any news?")
        if says and each:
            event = room.hub.deliveries[-1]
            with spending(room) as spent:
                assert room.door(app.respond, event.event, event.payload) == 0, room.printed[-1]
            total = added(total, spent)
    if not each:
        with spending(room) as spent:
            assert room.run() == 0, room.printed[-1]
        total = spent
    noted = sum(entry.what == "note" for entry in room.journal.entries)
    if noted != commands:
        raise RuntimeError(f"{noted} of {commands} commands were answered")
    return total


def added(one: Spent, other: Spent) -> Spent:
    """Both together."""
    return Spent(one.requests + other.requests, one.read + other.read, one.cpu + other.cpu)


def grown(say: Callable[[str], None]) -> Figures:
    """The table, and the plot beside it."""
    series = [one for measured in (by_comments, by_entries, by_incidents, by_burst) for one in measured(say)]
    return figures(series)


def figures(series: Sequence[Series]) -> Figures:
    """What the series say."""
    PLOT.write_text(plot(lines(series)), encoding="utf-8")
    rows = [
        (
            one.name if at == 0 else "",
            f"{size:,}",
            f"{spent.requests:,}",
            f"{spent.read / 1000:,.1f}",
            f"{1000 * spent.cpu:,.0f}",
        )
        for one in series
        for at, (size, spent) in enumerate(zip(one.sizes, one.costs, strict=True))
    ]
    note = (
        f"What the runs cost, in one process that is warm: requests and bytes in the middle of {TIMES} runs, "
        "the least CPU, without what the embedded GitHub spends on its answers. A burst is measured once: "
        f"its commands stand among {CROWD:,} comments, one a second, and all its runs count. "
        "Each of its runs reads the last five minutes again, in which the replies to the commands stand as "
        "well: the denser it is, the more.\n\n"
        f"![What sizes cost, in costs of the smallest size]({PLOT.name})"
    )
    head = ("what, by size", "size", "requests", "kB read", "CPU ms")
    return Figures(TITLE, head, tuple(rows), note, exponents(series))


def exponents(series: Sequence[Series]) -> str:
    """Each exponent, with the aim."""
    said = [
        (
            "Exponents, fitted by least squares on logarithms; 1 is in proportion. The constant part, what "
            "the smallest size costs, is taken off the others, and the smallest size off theirs. Left out "
            f"are sizes that cost less than {100 * NOISE:.0f} % more than it (of CPU, which is never twice "
            f"the same, {100 * TOLD_FROM_NOISE:.0f} %), or one request; with fewer than three left nothing "
            f"is fitted. The aim is {AIM} at most. Up to a hundred comments are read anew in chosen fields, "
            "more of them in REST's form, which is some four times as large: over both, bytes grow faster "
            "than in proportion, and from a hundred on they are in proportion."
        ),
        "",
    ]
    for one in series:
        grew = {measure: one.growth(measure) for measure in MEASURES}
        missed = [name for name, found in grew.items() if (found.exponent or 0) > AIM]
        verdict = f" **Missed**: {', '.join(missed)}." if missed else ""
        figure = ", ".join(f"{name} {found}" for name, found in grew.items())
        said.append(f"- {one.name}: {figure}.{verdict}")
    return "\n".join(said)


def lines(series: Sequence[Series]) -> Mapping[str, Mapping[str, Sequence[tuple[float, float]]]]:
    """For the plot: by series and measure, the sizes and what they cost, in costs of the smallest."""
    return {
        one.name: {
            measure: [
                (size, spent.of(measure) / one.costs[0].of(measure))
                for size, spent in zip(one.sizes, one.costs, strict=True)
            ]
            for measure in MEASURES
        }
        for one in series
    }
