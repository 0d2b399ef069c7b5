"""What a process took, and that a failure is no figure."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from stopwatch import Stopwatch, stopwatch


@pytest.fixture
def watch(tmp_path: Path) -> Iterator[Stopwatch]:
    with stopwatch(tmp_path) as found:
        yield found


def test_a_process_is_given_its_environment_and_nothing_else(watch: Stopwatch) -> None:
    program = "import os; print(sorted(os.environ))"
    lap = watch.time([sys.executable, "-c", program], {"ONE": "1", "LC_ALL": "C"})
    assert lap.out.strip() == "['LC_ALL', 'ONE']"
    assert lap.ended >= lap.begun
    assert lap.wall == lap.ended - lap.begun
    assert lap.cpu > 0


def test_the_memory_of_the_benchmark_itself_is_not_counted(watch: Stopwatch) -> None:
    here = bytearray(64 * 2**20)
    here[:: 2**12] = b"x" * (len(here) // 2**12)
    small = watch.time([sys.executable, "-I", "-S", "-c", ""], {})
    large = watch.time([sys.executable, "-I", "-S", "-c", "bytearray(b'x') * (64 * 2 ** 20)"], {})
    assert small.memory < 40
    assert large.memory > 64


def test_a_process_that_fails_is_an_error_with_what_it_said(watch: Stopwatch) -> None:
    with pytest.raises(RuntimeError, match="ended with 3:\nwhy"):
        watch.time([sys.executable, "-c", "print('why'); raise SystemExit(3)"], {})
    assert watch.time([sys.executable, "-c", "print('next')"], {}).out == "next\n"


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_program_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with (
        pytest.raises((RuntimeError, BrokenPipeError)),
        stopwatch(tmp_path) as watch,
    ):
        watch.time([str(tmp_path / "nothing")], {})
