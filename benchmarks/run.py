"""Measures what is promised, and writes benchmarks/results.md: `python benchmarks/run.py [part ...]`.

Parts: commands, lengths, sweeps, doors, release, imports, planning, finding, reports, growth, drill, month,
peers; all without one named. Parts that are named are only shown, unless `--write` puts them into the page.
Nothing leaves the machine. Figures of one machine: compare before with after, not yours with ours.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "scripts"), str(HERE.parent / "tests")]

import asked  # noqa: E402 - the rooms of the tests are found only now
import cold  # noqa: E402 - the rooms of the tests are found only now
import growth  # noqa: E402 - the rooms of the tests are found only now
import peers  # noqa: E402 - the rooms of the tests are found only now
import released  # noqa: E402 - the rooms of the tests are found only now
import reports  # noqa: E402 - the rooms of the tests are found only now
import thinking  # noqa: E402 - the rooms of the tests are found only now
import thirty_days  # noqa: E402 - the rooms of the tests are found only now
from figures import Figures  # noqa: E402 - the rooms of the tests are found only now

Part = Callable[[Callable[[str], None]], Figures]
RESULTS = HERE / "results.md"
PARTS: dict[str, Part] = {
    "commands": asked.commands,
    "lengths": asked.lengths,
    "sweeps": asked.sweeps,
    "doors": cold.doors,
    "release": released.released,
    "imports": cold.imports,
    "planning": thinking.planning,
    "finding": thinking.finding,
    "reports": reports.reports,
    "growth": growth.grown,
    "drill": cold.drill,
    "month": thirty_days.lateness,
}
"""Those that need no options, which are all but `peers`."""


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


def section(page: str, title: str) -> tuple[int, int] | None:
    """Where the part of this title stands in the page, from its heading to the next one."""
    begin = f"\n{page}".find(f"\n## {title}\n")
    if begin < 0:
        return None
    end = page.find("\n## ", begin)
    return begin, len(page) if end < 0 else end + 1


def put(page: str, title: str, table: str) -> str:
    """The page with this table in place of the one of the same title, or at its end."""
    found = section(page, title)
    if found is None:
        return f"{page.rstrip()}\n\n{table}\n"
    begin, end = found
    rest = page[end:]
    return f"{page[:begin]}{table}\n" + (f"\n{rest}" if rest else "")


def kept(page: str, title: str, reason: str) -> str:
    """What the page says of a part that was not measured, with the reason, once."""
    found = section(page, title)
    mark = f"Not measured again: {reason}"
    if found is None:
        return f"## {title}\n\n{mark}"
    lines = page[found[0] : found[1]].strip().splitlines()[2:]
    return "\n".join([f"## {title}", "", mark, "", *_without_mark(lines)])


def _without_mark(lines: list[str]) -> list[str]:
    return lines[2:] if lines and lines[0].startswith("Not measured again: ") else lines


def parts(options: peers.Options) -> dict[str, Part]:
    """Every part, by name, in the order of the page."""
    return PARTS | {"peers": partial(peers.compared, options=options)}


def asked_for(words: list[str]) -> argparse.Namespace:
    """What somebody wants measured. Ends the process, with what is wrong, when there is no such thing."""
    parser = argparse.ArgumentParser(prog="run.py", description="Measures what is promised.")
    every = [*PARTS, "peers"]
    parser.add_argument("part", nargs="*", help=f"{', '.join(every)}; all of them without one named")
    parser.add_argument(
        "--write", action="store_true", help="put the parts named into results.md, in place of the old ones"
    )
    peers.add_options(parser)
    given = parser.parse_args(words)
    unknown = [name for name in given.part if name not in every]
    if unknown:
        parser.error(f"no such part: {', '.join(unknown)}. There are {', '.join(every)}.")
    return given


def main(words: list[str]) -> int:
    """Measure the parts named, or all of them and write them down. Returns the exit code."""
    given = asked_for(words)
    named, all_parts = given.part, parts(peers.options_of(given))
    old = RESULTS.read_text(encoding="utf-8") if RESULTS.exists() else ""
    page = old if named else f"# Figures\n\nWritten by `make bench`. {machine()}\n"
    for name in named or all_parts:
        when, figures = machine(), all_parts[name](progress)
        progress("")
        table = figures.markdown()
        if figures.skipped:
            table = kept(old, figures.title, figures.skipped)
        elif named:
            figures = replace(figures, note=f"{figures.note}\n\nMeasured alone: {when}".strip())
        print(f"{table}\n", flush=True)
        page = put(page, figures.title, table if figures.skipped else figures.markdown())
        if given.write or not named:
            RESULTS.write_text(page, encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
