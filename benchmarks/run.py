"""Measures what is promised, and writes benchmarks/results.md: `python benchmarks/run.py [part ...]`.

Parts: commands, lengths, sweeps, doors, release, imports, planning, finding, reports, drill, month; all
without one named.
Nothing leaves the machine. Figures of one machine: compare before with after, not yours with ours.
"""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "scripts"), str(HERE.parent / "tests")]

import asked  # noqa: E402 - the rooms of the tests are found only now
import cold  # noqa: E402 - the same
import released  # noqa: E402 - the same
import reports  # noqa: E402 - the same
import thinking  # noqa: E402 - the same
import thirty_days  # noqa: E402 - the same
from figures import Figures  # noqa: E402 - the same

PARTS: dict[str, Callable[[Callable[[str], None]], Figures]] = {
    "commands": asked.commands,
    "lengths": asked.lengths,
    "sweeps": asked.sweeps,
    "doors": cold.doors,
    "release": released.released,
    "imports": cold.imports,
    "planning": thinking.planning,
    "finding": thinking.finding,
    "reports": reports.reports,
    "drill": cold.drill,
    "month": thirty_days.lateness,
}


def progress(doing: str) -> None:
    """One line, over and over, for people; nothing where nobody looks."""
    if sys.stderr.isatty():
        print(f"\r\033[K{doing}", end="", file=sys.stderr, flush=True)


def machine() -> str:
    """When, and on what."""
    model = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
            if line.startswith("model name")
        ),
        platform.machine(),
    )
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    load = ", ".join(f"{one:.1f}" for one in os.getloadavg())
    return (
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {os.cpu_count()} CPUs ({model}), {memory:.0f} GiB, "
        f"Python {platform.python_version()}, {platform.system()}; load before: {load}."
    )


def main(names: list[str]) -> int:
    """Measure the parts named, or all of them and write them down. Returns the exit code."""
    unknown = [name for name in names if name not in PARTS]
    if unknown:
        print(f"No such part: {', '.join(unknown)}. There are {', '.join(PARTS)}.", file=sys.stderr)
        return 2
    page = ["# Figures", "", f"Written by `make bench`. {machine()}"]
    for name in names or PARTS:
        table = PARTS[name](progress).markdown()
        progress("")
        print(f"{table}\n", flush=True)
        page += ["", table]
    if not names:
        (HERE / "results.md").write_text("\n".join(page) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
