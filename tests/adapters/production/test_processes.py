import os
import signal
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from allclear.adapters.production.processes import MOST, Finished, run_command

HERE = Path(__file__).parent
LONG = timedelta(seconds=60)
SHORT = timedelta(milliseconds=400)


def run(*vector: str, timeout: timedelta = LONG, cwd: Path = HERE, **env: str) -> Finished:
    return run_command(vector, timeout=timeout, env=env, cwd=cwd)


def python(program: str, *words: str, timeout: timedelta = LONG) -> Finished:
    return run(sys.executable, "-c", program, *words, timeout=timeout)


def is_over(pid: int) -> bool:
    """Whether no such process runs any more, or will not for long: who adopts it may be slow to reap it."""
    for _ in range(200):
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except FileNotFoundError:
            return True
        if state == "Z":
            return True
        time.sleep(0.02)
    return False


@pytest.fixture
def strays(tmp_path: Path) -> Iterator[Path]:
    """Where programs write their process ids; whoever is left is ended after the test."""
    yield tmp_path
    for file in tmp_path.glob("*.pid"):
        if file.read_text() and not is_over(pid := int(file.read_text())):
            os.kill(pid, signal.SIGKILL)


def test_a_command_ends_with_its_exit_code_and_what_it_printed() -> None:
    done = python("import sys; print('to people'); print('trouble', file=sys.stderr); sys.exit(3)")

    assert (done.code, done.timed_out, done.missing, done.passed) == (3, False, False, False)
    assert sorted(done.output.splitlines()) == ["to people", "trouble"]
    assert done.printed == "to people\n"  # a number is read from here, and no warning is taken for one
    assert done.seconds > 0
    assert python("").passed


def test_both_streams_stand_in_the_order_they_came() -> None:
    done = python(
        "import sys, time\nfor n in range(4):\n"
        "  print(n, file=(sys.stdout, sys.stderr)[n % 2], flush=True); time.sleep(0.1)"
    )

    assert done.output == "0\n1\n2\n3\n"


@pytest.mark.parametrize("word", ["$(id)", "`id`", "; id", "a b", "*", "", "--", "${HOME}", "\n::error::x"])
def test_a_word_stays_one_word_for_no_shell_reads_it(word: str) -> None:
    """Fault H12."""
    done = python("import json, sys; print(json.dumps(sys.argv[1:]))", word, "end")

    assert done.printed == f"{__import__('json').dumps([word, 'end'])}\n"


@pytest.mark.parametrize(
    ("vector", "why"),
    [
        (("no-such-program-anywhere",), "no-such-program-anywhere: No such file or directory"),
        (("./no-such-script.sh",), "./no-such-script.sh: No such file or directory"),
        (("/",), "/: Permission denied"),
        (("echo", "a\0b"), "echo: embedded null byte"),
        (("echo", "x" * 10_000_000), "echo: Argument list too long"),
    ],
)
def test_a_command_that_cannot_be_started_is_a_result_that_says_why(
    vector: tuple[str, ...], why: str
) -> None:
    done = run(*vector)

    assert (done.code, done.missing, done.passed, done.output) == (None, True, False, why)


def test_a_script_is_found_from_the_folder_it_runs_in(tmp_path: Path) -> None:
    script = tmp_path / "health-check.sh"
    script.write_text("#!/bin/sh\npwd\n")
    script.chmod(0o755)

    assert run("./health-check.sh", cwd=tmp_path).printed == f"{tmp_path}\n"
    assert run("pwd", cwd=tmp_path / "gone").missing


def test_it_sees_path_home_lang_and_what_it_is_given_and_nothing_else(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A job's other secrets are not its business (fault H19)."""
    monkeypatch.setenv("GITHUB_TOKEN", "hunter2")
    monkeypatch.setenv("LANG", "C.UTF-8")

    names = run("env", DATABASE_URL="postgres://x", PATH=os.environ["PATH"]).printed

    seen = dict(line.split("=", 1) for line in names.splitlines())
    assert seen.keys() <= {"PATH", "HOME", "LANG", "DATABASE_URL"}
    assert seen["DATABASE_URL"] == "postgres://x"
    monkeypatch.delenv("LANG")
    assert "LANG=" not in run("env").printed


def test_it_reads_nothing_from_the_job() -> None:
    there, ours = os.pipe()
    kept = os.dup(0)
    try:
        os.write(ours, b"what the job is asked")
        os.close(ours)
        os.dup2(there, 0)
        assert python("import sys; print(repr(sys.stdin.read()))").printed == "''\n"
    finally:
        os.dup2(kept, 0)
        os.close(kept)
        os.close(there)


def test_who_takes_too_long_is_asked_to_end_and_what_was_printed_is_kept() -> None:
    done = python(
        "import signal, sys, time\n"
        "signal.signal(signal.SIGTERM, lambda *_: (print('tidied up', flush=True), sys.exit(0)))\n"
        "print('working', flush=True); time.sleep(60)",
        timeout=timedelta(seconds=2),
    )

    assert (done.timed_out, done.code, done.passed) == (True, None, False)
    assert done.output == "working\ntidied up\n"
    assert done.seconds < 30


def test_who_does_not_listen_is_ended_with_all_its_children(strays: Path) -> None:
    begun = time.monotonic()
    done = run(
        "sh",
        "-c",
        'trap "" TERM; sleep 300 & echo $! > child.pid; echo $$ > parent.pid; while :; do sleep 300; done',
        timeout=SHORT,
        cwd=strays,
    )

    assert done.timed_out
    assert time.monotonic() - begun < 60
    for name in ("child", "parent"):
        assert is_over(int((strays / f"{name}.pid").read_text())), name


def test_when_it_is_over_nobody_it_started_is_left_behind(strays: Path) -> None:
    done = run("sh", "-c", "sleep 300 & echo $! > child.pid; echo done", cwd=strays)

    assert (done.code, done.output) == (0, "done\n")
    assert done.seconds < 30  # the child held the pipe open, and nobody waited for it
    assert is_over(int((strays / "child.pid").read_text()))


def test_a_child_that_left_the_group_is_not_waited_for(strays: Path) -> None:
    program = "import os, time\nif os.fork() == 0:\n  os.setsid()\n"
    program += "  open('child.pid', 'w').write(str(os.getpid()))\n"
    program += "  while True: print('noise' * 100, flush=True); time.sleep(0.001)\n"
    program += "while not os.path.exists('child.pid') or not open('child.pid').read(): time.sleep(0.01)"

    done = run(sys.executable, "-c", program, cwd=strays)

    assert done.code == 0
    assert done.seconds < 30


def test_what_it_prints_is_kept_from_both_ends_within_bounds() -> None:
    done = python(
        "import sys\nprint('first')\nfor _ in range(3000): sys.stdout.write('x' * 1000)\nprint('last')"
    )

    assert done.code == 0
    assert done.output.startswith("first\nxxx")
    assert done.output.endswith("xxx" + "last\n")
    assert f"[{3_000_011 - MOST:,} bytes left out]" in done.output
    assert len(done.output) < MOST + 100


def test_a_program_that_prints_for_ever_ends_in_time() -> None:
    done = run("yes", timeout=SHORT)

    assert done.timed_out
    assert len(done.output) < MOST + 100


def test_the_bound_can_be_another() -> None:
    program = "print('1234567890' * 2)"

    assert run_command([sys.executable, "-c", program], timeout=LONG, env={}, cwd=HERE, most=10).output == (
        "12345\n[11 bytes left out]\n7890\n"
    )
    assert run_command([sys.executable, "-c", program], timeout=LONG, env={}, cwd=HERE, most=22).output == (
        "12345678901234567890\n"
    )


def test_many_small_pieces_are_kept_within_bounds() -> None:
    program = "import os\nfor n in range(3000): os.write(1, b'%04d' % n)"

    done = run_command([sys.executable, "-c", program], timeout=LONG, env={}, cwd=HERE, most=40)

    assert done.output == "00000001000200030004\n[11,960 bytes left out]\n29952996299729982999"


def test_colours_control_signs_and_what_is_no_text_are_taken_out() -> None:
    program = (
        r"import os; os.write(1, b'\x1b[31mred\x1b[0m \x1b]0;title\x07\x00\x08ok\r\n50%\r100%\n')"
        r"; os.write(1, b'\xff\xe2\x80\xaeevil')"
    )

    assert python(program).output == "red ok\n50%\n100%\n�evil"


def test_a_process_that_closes_its_output_is_waited_for() -> None:
    done = run("sh", "-c", "exec >&- 2>&-; sleep 0.3; exit 4")

    assert (done.code, done.output) == (4, "")
    assert done.seconds >= 0.3


def test_a_signal_is_seen_in_its_code() -> None:
    assert run("sh", "-c", "kill -9 $$").code == -9


def test_an_interrupted_job_ends_its_command(strays: Path) -> None:
    """GitHub sends SIGINT to a cancelled step, then waits 7.5 seconds."""
    program = (
        "import os, signal, sys, threading; from datetime import timedelta; from pathlib import Path\n"
        "from allclear.adapters.production.processes import run_command\n"
        # A shell that starts its jobs in the background has them ignore SIGINT.
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "threading.Timer(1.0, os.kill, (os.getpid(), signal.SIGINT)).start()\n"
        "waits = ['sh', '-c', 'echo $$ > child.pid; sleep 300']\n"
        "run_command(waits, timeout=timedelta(minutes=5), env={}, cwd=Path.cwd())"
    )
    scripts = str(HERE.parents[1] / "scripts")

    done = run(sys.executable, "-c", program, cwd=strays, PYTHONPATH=scripts)

    assert "KeyboardInterrupt" in done.output
    assert is_over(int((strays / "child.pid").read_text()))
