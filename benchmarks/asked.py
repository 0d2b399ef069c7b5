"""Requests: what each command asks of GitHub, and what a sweep over fifty incidents does."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from figures import Figures

from allclear import app
from conversations.room import Room, minutes, open_room
from conversations.test_budget import CASES, PACE, SIZES, Cost, Crowd, crowd, watched
from conversations.test_long import long_incident, price

OPEN, DUE = 50, 5
LENGTHS, TIMES = (10, 100, 1_000, 5_000), 5


def commands(say: Callable[[str], None]) -> Figures:
    """Every command once, on the same issue with 100 and with 1,000 comments."""
    counted: dict[str, list[Cost]] = {}
    for size in SIZES:
        with crowd(size) as people:
            for case in CASES:
                say(f"requests: {case.text} after {size:,} comments")
                counted.setdefault(case.text, []).append(people.cost(case))
            people.back()
            counted.setdefault("a comment without a command", []).append(people.answered("rae", "Thanks!"))
            counted.setdefault("the panel was deleted: all is read anew", []).append(anew(people))
    why = {case.text: case.why for case in CASES}
    rows = [
        (f"`{text}`" if text in why else text, *(_shown(one) for one in costs))
        for text, costs in counted.items()
    ]
    head = ("reads / writes, and rounds, of", *(f"{size:,} comments" for size in SIZES))
    note = (
        f"Requests of the run that answers; somebody wrote every {PACE} seconds before. The reasons for "
        "what is beyond three and two stand in `tests/conversations/test_budget.py`, which holds them."
    )
    return Figures("Requests of a command", head, tuple(rows), note)


def _shown(cost: Cost) -> str:
    return f"{cost.reads} / {cost.writes}, {sum(cost.stages)}"


def anew(people: Crowd) -> Cost:
    """A run for an issue whose panel somebody deleted."""
    people.back()
    room = people.room
    room.people["ann"].delete_comment(room.panel.id)
    event = {"inputs": {"issue": str(room.number)}}
    return counting(room, lambda: room.door(app.respond, "workflow_dispatch", event))


def counting(room: Room, deed: Callable[[], int]) -> Cost:
    """What a door asks. Raises RuntimeError when the door fails: a figure of a failure is none."""
    known = len(room.hub.requests)
    with watched(room) as rounds:
        code = deed()
    if code:
        raise RuntimeError(room.printed[-1])
    asked = room.hub.requests[known:]
    writes = sum(request.mutating for request in asked)
    return Cost(len(asked) - writes, writes, rounds.stages(known))


def lengths(say: Callable[[str], None]) -> Figures:
    """One ``/note``, by how many entries the incident has."""
    rows = []
    for count in LENGTHS:
        say(f"a command after {count:,} entries")
        with long_incident(count) as room:
            price(room, "bob", "/note first")
            found = [price(room, "bob", f"/note number {number}") for number in range(TIMES)]
            sent, cpu = (median(one[place] for one in found) for place in (1, 2))
            rows.append((f"{count:,}", str(max(one.requests for one in found)), f"{sent:,.0f}", f"{cpu:.0f}"))
    note = f"The run of `/note`, with a key; bytes of what it sends. Median of {TIMES}."
    head = ("entries of the incident", "requests", "bytes sent", "CPU ms")
    return Figures("A command on a long incident", head, tuple(rows), note)


def sweeps(say: Callable[[str], None]) -> Figures:
    """Fifty open incidents, once with nothing to do, once with five that are due."""
    say(f"requests: sweeps over {OPEN} incidents")
    rows = []
    with TemporaryDirectory() as folder, open_room(Path(folder)) as room:
        for number in range(OPEN):
            severity = "P0" if number < DUE else "P3"
            room.opens("ann", f"[INCIDENT {severity}] Number {number}", labels=("incident", severity))
        room.clock.advance(minutes(1))
        for wait in (0, 5):
            room.clock.advance(minutes(wait))
            cost = counting(room, room.sweep)
            rows.append((room.printed[-1].rstrip("."), str(cost.reads), str(cost.writes)))
    return Figures("Requests of a sweep", ("what it says", "reads", "writes"), tuple(rows))
