"""One sum over several runs: `make test` plays what decides and the rest one after the other.

pytest --tally=build/tests.json tests/core
pytest --tally=build/tests.json tests/lab       # its last line counts both
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

KINDS = ("passed", "failed", "skipped")


def pytest_addoption(parser: pytest.Parser) -> None:
    told = "a file that the counts of this run are added to; their sum is the last line"
    parser.addoption("--tally", type=Path, help=told)


class Tally:
    """Counts the tests of this run, and says the sum when all else was said."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._before: dict[str, int] = json.loads(file.read_text()) if file.exists() else {}
        self._sum = dict.fromkeys(KINDS, 0)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        for kind in KINDS:
            reports = len(terminalreporter.getreports(kind))
            if kind == "failed":
                reports += len(terminalreporter.getreports("error"))
            self._sum[kind] = self._before.get(kind, 0) + reports

    def pytest_unconfigure(self) -> None:
        self._file.parent.mkdir(exist_ok=True)
        self._file.write_text(json.dumps(self._sum))
        sys.stdout.write(", ".join(f"{count} {kind}" for kind, count in self._sum.items()) + "\n")


def pytest_configure(config: pytest.Config) -> None:
    file = config.getoption("--tally")
    if file is not None and not hasattr(config, "workerinput"):
        config.pluginmanager.register(Tally(file))
