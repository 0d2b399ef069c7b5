"""How late promises are kept: the two hundred incidents of tests/proof/test_thirty_days.py, in two months
whose runs and sweeps are as late as GitHub's were. Draws thirty_days.svg.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

from figures import Figures

from allclear.core.model.times import spell
from proof.month.plans import DAYS, INCIDENTS, MONTHS, ZONES, made, month_of, weather
from proof.month.world import EVENT, SWEEP, Life, Said

PLOT = Path(__file__).resolve().parent / "thirty_days.svg"
TICKS = {"1 s": 1, "10 s": 10, "1 min": 60, "10 min": 600, "1 h": 3600, "3 h": 10_800, "12 h": 43_200}
LAST = 86_400
"""Seconds at the right edge; one second is at the left, on a logarithmic scale."""
LEFT, TOP, WIDTH, HEIGHT = 60, 20, 620, 260
COLOURS = {"a run for an event": "#1d76db", "a sweep": "#d93f0b"}

GROUPS: Mapping[str, Callable[[str], bool]] = {
    "silence": lambda name: name.startswith("silence-"),
    "what voices owe, and drafts": lambda name: name.endswith(("-update", "-draft")),
    "post-mortem and lists": lambda name: name.startswith("review-") or name.endswith("-list"),
    "end of the monitoring, target": lambda name: name in {"monitoring-over", "target"},
    "roles": lambda name: name.endswith("-filled"),
    "called by hand": lambda name: name == "called",
    "response and the levels of chains": lambda name: (
        name == "response" or name[-2:-1] == "-" or name.endswith("-again")
    ),
    "rules": lambda _: True,
}
"""What was promised, by the first of these that knows its id."""


def lateness(say: Callable[[str], None]) -> Figures:
    """From when each promise could first be asked for until it was said."""
    said: list[Said] = []
    with ProcessPoolExecutor() as workers:
        for number, one in enumerate(workers.map(_played, range(INCIDENTS)), start=1):
            say(f"thirty days: {number} of {INCIDENTS} incidents")
            said += one
    return figures(said)


def figures(said: Sequence[Said]) -> Figures:
    """The table, and the plot beside it."""
    runs = {"a run for an event": EVENT, "a sweep": SWEEP}
    by_run = {name: [one for one in said if one.run == kind] for name, kind in runs.items()}
    PLOT.write_text(plot({name: _seconds(found) for name, found in by_run.items()}), encoding="utf-8")
    rows = [_row(f"said by {name}", found) for name, found in by_run.items()]
    rows += [_row(name, [one for one in said if _group(one.id) == name]) for name in GROUPS]
    return Figures(
        "Thirty days",
        ("what was said", "times", "median", "90 % within", "latest"),
        tuple(row for row in rows if row[1] != "0"),
        f"{INCIDENTS} incidents over all shipped runbooks in {len(ZONES)} zones, half of them in a spring "
        f"and half in an autumn whose clocks change, with {_sweeps()}. Counted from the moment at which it "
        "could first be asked for to the run that said it; nothing was missed, early, twice or for others "
        "(`tests/proof/test_thirty_days.py`).\n\n"
        f"![Share of promises kept by so much after they were due]({PLOT.name})",
    )


def _played(number: int) -> list[Said]:
    life = Life(made(month_of(number), number)).play()
    if life.wrong:
        raise RuntimeError(life.wrong[0])
    return life.said


def _group(name: str) -> str:
    return next(group for group, has in GROUPS.items() if has(name))


def _sweeps() -> str:
    skies = [weather(month) for month in MONTHS]
    gaps = sorted(later - one for sky in skies for one, later in pairwise(sky.sweeps))
    a_day = sum(len(sky.sweeps) for sky in skies) / DAYS / len(skies)
    middle, longest = spell(gaps[len(gaps) // 2]), spell(gaps[-1])
    return f"{a_day:.0f} sweeps a day, {middle} apart at the median and {longest} at most"


def _seconds(said: Sequence[Said]) -> list[float]:
    return sorted(one.late.total_seconds() for one in said)


def _row(name: str, said: Sequence[Said]) -> tuple[str, ...]:
    late = _seconds(said)
    if not late:
        return (name, "0", "", "", "")
    shares = (late[len(late) // 2], late[len(late) * 9 // 10], late[-1])
    return (name, f"{len(late):,}", *(spell(timedelta(seconds=one)) for one in shares))


def plot(series: Mapping[str, Sequence[float]]) -> str:
    """How much was said by so many seconds after it was due, a line each, as SVG."""
    parts = [
        (
            '<svg xmlns="http://www.w3.org/2000/svg" '
            f'width="{LEFT + WIDTH + 20}" height="{TOP + HEIGHT + 60}" '
            'font-family="sans-serif" font-size="12">'
        ),
        '<rect width="100%" height="100%" fill="white"/>',
    ]
    for share in (0, 25, 50, 75, 90, 100):
        y = _up(share / 100)
        parts.append(f'<path d="M{LEFT} {y:.1f}h{WIDTH}" stroke="#ddd"/>')
        parts.append(f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{share} %</text>')
    for name, seconds in TICKS.items():
        x = _along(seconds)
        parts.append(f'<path d="M{x:.1f} {TOP}v{HEIGHT}" stroke="#ddd"/>')
        parts.append(f'<text x="{x:.1f}" y="{TOP + HEIGHT + 18}" text-anchor="middle">{name}</text>')
    for row, (name, late) in enumerate(series.items()):
        step = max(1, len(late) // 200)
        points = [(late[at], (at + 1) / len(late)) for at in (*range(0, len(late), step), len(late) - 1)]
        line = " ".join(f"{_along(seconds):.1f},{_up(share):.1f}" for seconds, share in points)
        parts.append(f'<polyline points="{line}" fill="none" stroke="{COLOURS[name]}" stroke-width="2"/>')
        x = LEFT + 220 * row
        parts.append(f'<path d="M{x} {TOP + HEIGHT + 42}h20" stroke="{COLOURS[name]}" stroke-width="2"/>')
        parts.append(f'<text x="{x + 26}" y="{TOP + HEIGHT + 46}">said by {name} ({len(late):,})</text>')
    return "\n".join([*parts, "</svg>"]) + "\n"


def _along(seconds: float) -> float:
    return LEFT + WIDTH * math.log(max(1, min(seconds, LAST))) / math.log(LAST)


def _up(share: float) -> float:
    return TOP + HEIGHT * (1 - share)
