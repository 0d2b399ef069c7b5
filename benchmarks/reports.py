"""`allclear report` over folders of many post-mortems, each time in a process of its own."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

from figures import Figures

from allclear.core.model.times import stamp
from conversations.room import ROOT
from core.postmortem.reports import TOLD, finished
from stories import NOON

SIZES = (100, 1_000, 10_000)
TIMES = 3
LIMIT = 120
"""Seconds after which a run counts as hanging."""
DATED = re.compile(r"2025-10-19T(\d\d:\d\d:\d\d)Z")


def reports(say: Callable[[str], None]) -> Figures:
    """Cold: nothing is in the cache. Warm: everything is. Then one report is new."""
    rows = []
    with TemporaryDirectory(prefix="allclear-reports-") as name:
        for size in SIZES:
            say(f"allclear report: {size:,} reports")
            root, cache = Path(name, f"{size}"), Path(name, f"cache-{size}")
            many(root, size)
            env = {**os.environ, "PYTHONPATH": str(ROOT / "scripts"), "XDG_CACHE_HOME": str(cache)}
            cold = []
            for _ in range(TIMES):
                for kept in cache.glob("allclear/*"):
                    kept.unlink()
                cold.append(run(root, env))
            warm = [run(root, env) for _ in range(TIMES)]
            changed = []
            for number in range(TIMES):
                write(root, size + number)
                changed.append(run(root, env))
            held = sum(one.stat().st_size for one in cache.glob("allclear/*"))
            each = 1000 * median(cold) / size
            rows.append(
                (
                    f"{size:,}",
                    *(f"{1000 * median(times):,.0f}" for times in (cold, warm, changed)),
                    f"{each:.2f}",
                    f"{held / 1000:,.0f}",
                )
            )
    return Figures(
        "Counting reports",
        (
            "`allclear report` over",
            "cold: CPU ms",
            "warm: CPU ms",
            "one is new: CPU ms",
            "cold, each",
            "cache kB",
        ),
        tuple(rows),
        f"Reports as the engine writes them, {len(finished(0, 'hotdash')) / 1000:.0f} kB each, in "
        f"`--format json`, each run in a process of its own; its CPU and the kernel's, median of {TIMES}. "
        "Cold: nothing is in the cache; warm: each content is known, and is read and hashed only.",
    )


def many(root: Path, size: int) -> None:
    """A working copy with so many different incidents, three a day."""
    (root / "reports/incidents").mkdir(parents=True)
    for number in range(size):
        write(root, number)


def write(root: Path, number: int) -> None:
    """One more incident: another day, issue and title."""
    day = NOON - timedelta(days=number // 3)
    told = finished(number % len(TOLD), "hotdash").replace("issue: 42\n", f"issue: {number}\n", 1)
    told = DATED.sub(lambda time: f"{stamp(day)[:10]}T{time[1]}Z", told)
    told = re.sub(r"^title: .*$", f"title: Incident {number}", told, count=1, flags=re.MULTILINE)
    (root / f"reports/incidents/{day:%Y-%m-%d}-incident-{number}.md").write_text(told, encoding="utf-8")


def run(root: Path, env: Mapping[str, str]) -> float:
    """CPU seconds of one run. Raises RuntimeError when it fails, or takes too long to be true."""
    before, start = getrusage(RUSAGE_CHILDREN), perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "allclear", "report", "--format", "json"],
        cwd=root,
        env=dict(env),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        timeout=LIMIT,
        check=False,
    )
    after = getrusage(RUSAGE_CHILDREN)
    if done.returncode or perf_counter() - start > LIMIT:
        raise RuntimeError(done.stderr.decode(errors="replace")[-500:])
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
