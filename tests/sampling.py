"""How much of a proof is played: a sample of its cases, always the same one, or all of them.

    def test_a_kill_at_any_request_is_made_up_for(proof: Proof) -> None:
        for point in proof(points, 20):     # 20 of them, or all: --proof whole
            ...
        assert not proof.whole or found == everything

With `--proof whole` (`make proof`) only the tests with such cases are played. Either way the end of the run
says how many cases were played, and of how many.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from random import Random
from typing import TypeVar

import pytest

Case = TypeVar("Case")

SAMPLE, WHOLE = "sample", "whole"


class Proof:
    """Chooses the cases of one test. ``whole``: all of them are played."""

    def __init__(self, node: pytest.Item, *, whole: bool) -> None:
        self.whole = whole
        self._node = node

    def __call__(self, cases: Iterable[Case], size: int) -> list[Case]:
        """So many of the cases, in their order, spread by the name of the test; or all."""
        known = list(cases)
        places = list(range(len(known)))
        if not self.whole and size < len(known):
            places = sorted(Random(self._node.name).sample(places, size))
        self.count(len(places), len(known))
        return [known[place] for place in places]

    def count(self, played: int, of: int) -> None:
        """Tell of cases that the test chose itself."""
        self._node.user_properties.append(("cases", (played, of)))


def examples(sample: int, whole: int) -> int:
    """How many examples hypothesis makes up; the test uses the fixture `proof`, to be one."""
    return whole if is_whole() else sample


def is_whole() -> bool:
    """Whether all of every proof is played."""
    return _chosen == [WHOLE]


_chosen: list[str] = []
"""What the command line says: decorators need it before there is a test."""


def pytest_configure(config: pytest.Config) -> None:
    _chosen[:] = [config.getoption("--proof")]


@pytest.fixture
def proof(request: pytest.FixtureRequest) -> Proof:
    """The cases of this test: `proof(cases, size)`."""
    return Proof(request.node, whole=request.config.getoption("--proof") == WHOLE)


def pytest_addoption(parser: pytest.Parser) -> None:
    told = "how much of the proofs to play: a sample, or whole, and then nothing else"
    parser.addoption("--proof", choices=(SAMPLE, WHOLE), default=SAMPLE, help=told)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--proof") != WHOLE:
        return
    others = [item for item in items if "proof" not in getattr(item, "fixturenames", ())]
    config.hook.pytest_deselected(items=others)
    items[:] = [item for item in items if item not in set(others)]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    played, known = Counter[str](), Counter[str]()
    for report in (one for kind in ("passed", "failed") for one in terminalreporter.getreports(kind)):
        for name, value in report.user_properties if report.when == "call" else ():
            if name == "cases":
                path = report.nodeid.partition("::")[0]
                played[path] += value[0]
                known[path] += value[1]
    if not known:
        return
    terminalreporter.section(f"cases of the proofs ({config.getoption('--proof')}; all: make proof)")
    for path in sorted(known):
        terminalreporter.line(f"{played[path]:6} of {known[path]:6}  {path}")
    terminalreporter.line(f"{played.total():6} of {known.total():6}  in all")
