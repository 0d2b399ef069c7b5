"""Runs may start late, twice, out of order or never (P1 to P6): one clean run, and all is as it should be."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conversations.room import open_room
from proof.story import SCRIPT, Stage, outcome

Runs = Callable[[int], Iterable[int]]
"""After deed n, the runs that start: each for the events of an earlier deed, or of this one."""

LAST = len(SCRIPT) - 1


def play(runs: Runs) -> dict[str, Any]:
    with TemporaryDirectory() as folder, open_room(Path(folder)) as room:
        stage = Stage(room)
        for n in range(len(SCRIPT)):
            stage.act()
            for deed in runs(n):
                stage.run(deed)
        stage.clean_run()
        assert set(room.codes) == {0}
        return outcome(room)


@cache
def wanted() -> dict[str, Any]:
    """The same incident with every run at once, in order."""
    return play(lambda n: (n,))


def test_the_script_tells_a_whole_incident() -> None:
    told = wanted()
    incident = told["incident 1"]
    assert (incident.stage, incident.severity, told["state 1"]) == ("closed", "P0", ("closed", "completed"))
    assert [title for title, *_ in told["pulls"]] == ["Post-mortem: Production down (#1)"]
    assert told["doubles"] == []
    refused = [f.code for _, _, facts in told["told 1"] for f in facts if f.t == "refused"]
    assert refused == ["unknown", "not-allowed", "gate", "gate", "gate"]


ORDERS: dict[str, Runs] = {
    "every run is lost": lambda _: (),
    "only the declaration's run happens": lambda n: (0,) if n == 0 else (),
    "every run but the declaration's happens twice": lambda n: (n, n) if n else (),
    "every run comes one deed late": lambda n: (n - 1,) if n else (),
    "all runs start at the end, the last first": lambda n: range(LAST, -1, -1) if n == LAST else (),
    "every second run is lost": lambda n: (n,) if n % 2 else (),
}


@pytest.mark.parametrize("order", ORDERS)
def test_the_end_is_the_same(order: str) -> None:
    assert play(ORDERS[order]) == wanted()


STARTS = st.tuples(*(st.lists(st.integers(0, n), max_size=1) for n in range(len(SCRIPT))))


@settings(max_examples=8, suppress_health_check=[HealthCheck.too_slow])
@given(starts=STARTS)
def test_the_end_is_the_same_in_any_order_with_any_loss_and_any_double(starts: tuple[list[int], ...]) -> None:
    assert play(lambda n: starts[n]) == wanted()
