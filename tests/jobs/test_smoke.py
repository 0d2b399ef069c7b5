from __future__ import annotations

import contextlib
import json
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from allclear.core.model.authored import read_authored
from allclear.core.model.operation import Smoke, SmokeLine
from allclear.core.model.stored import json_text
from allclear.core.model.structs import replace
from allclear.core.policy.runbook import Criterion, Runbook
from allclear.core.policy.settings import Settings
from allclear.core.production.handover import SmokeDecision
from allclear.jobs.run import LocalStep
from allclear.jobs.smoke import LOGGED, NO_TIME, PATIENCE, run_smoke
from commands.room import HOTDASH


def recovering(*criteria: Criterion) -> Runbook:
    """HotDash with these numbers that have to recover."""
    return replace(HOTDASH, recovery=criteria)


BARE = recovering()


class Production:
    """A little service on loopback. ``says`` maps a path to what is answered, in turn; the last one stays."""

    def __init__(self) -> None:
        self.says: dict[str, list[tuple[int, bytes]]] = {}
        self.asked: list[tuple[str, str, bytes]] = []
        self.together = 0
        self.most_together = 0
        self.slowly = 0.0
        self._lock = threading.Lock()
        production = self

        class Handler(BaseHTTPRequestHandler):
            def answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length", 0)))
                status, text = production.heard(self.command, self.path, body)
                self.send_response(status)
                if status == 302:
                    self.send_header("Location", text.decode())
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            do_GET = do_POST = answer  # noqa: N815 - the names that http.server calls

            def log_message(self, *_: object) -> None:
                """Nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.host = f"127.0.0.1:{self.server.server_address[1]}"
        self.url = f"http://{self.host}"

    def heard(self, method: str, path: str, body: bytes) -> tuple[int, bytes]:
        with self._lock:
            self.asked.append((method, path, body))
            self.together += 1
            self.most_together = max(self.most_together, self.together)
            turns = self.says.get(urlsplit(path).path, [(404, b"")])
            said = turns.pop(0) if len(turns) > 1 else turns[0]
        time.sleep(self.slowly)
        with self._lock:
            self.together -= 1
        return said

    def at(self, path: str, *said: tuple[int, str]) -> str:
        """The address of ``path``, which from now on answers so."""
        self.says[path] = [(status, text.encode()) for status, text in said]
        return self.url + path


@pytest.fixture
def production() -> Iterator[Production]:
    there = Production()
    thread = threading.Thread(target=there.server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield there
    there.server.shutdown()
    there.server.server_close()
    thread.join()


class Looker:
    """Runs smoke checks as the job does. ``waits``: what would have been slept."""

    def __init__(self, production: Production, root: Path) -> None:
        self.private = [production.host]
        self.root = root
        self.log: list[str] = []
        self.waits: list[float] = []
        self.clock: Callable[[], float] = time.monotonic

    def at(self, web: dict[str, Any], book: Runbook = BARE, **environ: str) -> Smoke:
        settings = read_authored(Settings, {"services": {"web": web}, "private_hosts": self.private})
        service = settings.services["web"]
        decision = SmokeDecision(
            operation="smoke-00000001",
            run=1,
            name="web",
            service=service,
            criteria=book.recovery,
            hosts=settings.hosts,
            private_hosts=settings.private_hosts,
            values=service.values,
        )
        step = LocalStep(environ, self.root, self.log.append, self.waits.append, self.clock)
        return run_smoke(step, decision)

    def line(self, web: dict[str, Any], book: Runbook = BARE, **environ: str) -> SmokeLine:
        (line,) = self.at(web, book, **environ).lines
        return line


@pytest.fixture
def looker(production: Production, tmp_path: Path) -> Looker:
    return Looker(production, tmp_path)


def python(program: str, **more: Any) -> dict[str, Any]:
    return {"name": "script", "run": [sys.executable, "-c", program], **more}


def criterion(**more: Any) -> Runbook:
    bound: dict[str, Any] = {"id": "error-rate", "title": "Error rate", "below": 0.1, "unit": "%"}
    return recovering(Criterion(**(bound | more)))


def test_a_service_that_is_well_passes_every_kind_of_check(production: Production, looker: Looker) -> None:
    """000-17 and 000-18: health addresses, the smoke tests, and the numbers of the recovery."""
    vector = {"status": "success", "data": {"resultType": "vector", "result": [{"value": [1, "0.0005"]}]}}
    production.at("/prom/api/v1/query", (200, json.dumps(vector)))
    web = {
        "health": [production.at("/health", (200, "ok")), production.at("/api/health", (200, "ok"))],
        "smoke": [
            {
                "name": "login",
                "url": production.at("/login", (401, '{"error": "who?"}')),
                "method": "POST",
                "body": '{"user": "ä"}',
                "status": [401],
                "expect": {"error": "who?"},
            }
        ],
        "commands": [python("print('all systems operational')")],
        "recovery": {
            "error-rate": {
                "prometheus": f"{production.url}/prom/",
                "query": 'rate(e{a="b c"}[5m])',
                "times": 100,
            },
            "p95": {
                "url": production.at("/metrics", (200, '{"latency": {"p95": 1.5}}')),
                "path": "latency.p95",
            },
            "new-errors": {"run": [sys.executable, "-c", "print(0)"]},
        },
    }

    smoke = looker.at(web, recovering(*HOTDASH.recovery[:3]))

    assert smoke.passed
    assert [(line.name, line.kind, line.outcome, line.detail) for line in smoke.lines] == [
        ("health-1", "http", "pass", "200"),
        ("health-2", "http", "pass", "200"),
        ("login", "http", "pass", "401"),
        ("script", "command", "pass", "exit code 0"),
        ("error-rate", "measure", "pass", "0.05 %, below 0.1 %"),
        ("p95", "measure", "pass", "1.5 s, below 3 s"),
        ("new-errors", "measure", "pass", "0, below 1"),
    ]
    assert ("POST", "/login", '{"user": "ä"}'.encode()) in production.asked
    (asked,) = [path for _, path, _ in production.asked if path.startswith("/prom/")]
    assert parse_qs(urlsplit(asked).query) == {"query": ['rate(e{a="b c"}[5m])']}
    assert looker.log[0] == "Smoke checks of web"
    assert looker.log[1].startswith("✅ health-1: 200 (0.")
    assert len(looker.log) == 1 + len(smoke.lines)
    assert looker.waits == []


def test_a_service_that_is_not_fails_with_what_was_seen(production: Production, looker: Looker) -> None:
    web = {
        "health": [production.at("/health", (503, "<script>alert(1)</script> @everyone"))],
        "commands": [python("import sys; print('::error::boom'); sys.exit(2)")],
    }

    smoke = looker.at(web)

    assert [(line.outcome, line.detail) for line in smoke.lines] == [
        ("fail", "503, expected 200"),
        ("fail", "exit code 2"),
    ]
    assert not any("everyone" in told for told in looker.log)
    assert looker.log[-1] == "    : :error::boom"  # in the log, and no command to the runner (fault E2)


def test_one_check_that_cannot_be_made_takes_nothing_from_the_others(
    production: Production, looker: Looker
) -> None:
    web = {
        "health": ["https://not-listed.example.com/", production.at("/health", (200, ""))],
        "commands": [{"name": "gone", "run": ["no-such-program"]}, python("print(1)")],
    }

    smoke = looker.at(web)

    assert [line.outcome for line in smoke.lines] == ["error", "pass", "error", "pass"]
    assert "not-listed" not in {path for _, path, _ in production.asked}
    assert not smoke.passed


def test_checks_run_side_by_side_and_commands_take_turns(
    production: Production, looker: Looker, tmp_path: Path
) -> None:
    production.slowly = 0.3
    turn = "import os; os.mkdir('busy'); import time; time.sleep(0.1); os.rmdir('busy')"
    web = {
        "health": [production.at(f"/{n}", (200, "")) for n in range(6)],
        "commands": [python(turn, name=f"turn-{n}") for n in range(3)],
        "recovery": {"error-rate": {"run": [sys.executable, "-c", f"{turn}; print(0)"]}},
    }

    smoke = looker.at(web, criterion())

    assert smoke.passed, looker.log
    assert production.most_together > 1


def test_a_request_is_repeated_with_pauses(production: Production, looker: Looker) -> None:
    web = {
        "smoke": [
            {
                "name": "health",
                "url": production.at("/health", (503, ""), (503, ""), (200, "")),
                "retries": 2,
                "pause": "5s",
            }
        ]
    }

    assert looker.line(web).detail == "200 (asked 3 times)"
    assert looker.waits == [5, 5]


def test_what_fails_intermittently_is_looked_at_several_times(production: Production, looker: Looker) -> None:
    """001-A8."""
    url = production.at("/health", (200, ""), (500, ""), (200, ""), (200, ""))
    check = {"name": "health", "url": url, "tries": 4, "needed": 3, "pause": "1s"}

    assert looker.line({"smoke": [check]}).detail == "3 of 4 passed"
    assert looker.waits == [1, 1, 1]


def test_a_redirect_is_followed_only_as_often_as_allowed(production: Production, looker: Looker) -> None:
    production.at("/new", (200, ""))
    url = production.at("/old", (302, f"{production.url}/new"))

    assert looker.line({"health": [url]}).detail == "302, expected 200"
    assert looker.line({"smoke": [{"name": "old", "url": url, "redirects": 1}]}).detail == "200"
    away = production.at("/away", (302, "http://169.254.169.254/latest/meta-data"))
    assert looker.line({"smoke": [{"name": "away", "url": away, "redirects": 1}]}).outcome == "error"


def test_a_slow_answer_is_an_error_and_a_late_one_fails(production: Production, looker: Looker) -> None:
    production.slowly = 1.5
    url = production.at("/slow", (200, ""))

    line = looker.line({"smoke": [{"name": "slow", "url": url, "timeout": "1s"}]})
    assert line.outcome == "error"
    line = looker.line({"smoke": [{"name": "slow", "url": url, "within": "1s"}]})
    assert (line.outcome, line.detail[:10]) == ("fail", "200 after ")


def test_a_command_gets_the_variables_that_it_lists(looker: Looker) -> None:
    program = (
        "import os, sys; print(sorted(os.environ)); sys.exit(os.environ.get('DATABASE_URL') != 'pg://x')"
    )
    web = {"commands": [python(program, env=["DATABASE_URL"])]}

    assert looker.line(web, DATABASE_URL="pg://x", GITHUB_TOKEN="t0ken-of-the-job").outcome == "pass"
    # GitHub gives an empty text for a secret that does not exist.
    line = looker.line(web, DATABASE_URL="", GITHUB_TOKEN="t0ken-of-the-job")
    assert line.detail == "exit code 1; not set: DATABASE_URL"
    assert "GITHUB_TOKEN" not in "".join(looker.log)


def test_the_service_fills_in_its_values(looker: Looker) -> None:
    program = "import sys; sys.exit(sys.argv[1:] != ['app=hotdash; id', '{x}'])"
    web = {
        "values": {"app": "hotdash; id"},
        "commands": [
            {
                "name": "status",
                "run": [sys.executable, "-c", program, "app={app}", "{x}"],
            }
        ],
    }

    assert looker.line(web).outcome == "pass"


def test_secrets_are_in_neither_result_nor_log(production: Production, looker: Looker) -> None:
    """Fault H19; half of a secret is none either, so they go before anything is cut."""
    secret = "hunter2-" * 30
    production.at("/health", (200, json.dumps({"token": secret, "long": "x" * 100 + secret})))
    leaks = [
        {"name": name, "url": f"{production.url}/health", "expect": {name: "x"}} for name in ("token", "long")
    ]
    web = {
        "smoke": leaks,
        "commands": [python("import os, sys; sys.exit(os.environ['PG'] + ' is wrong')", env=["PG"])],
    }

    smoke = looker.at(web, PG="s3cret-value", DEPLOY_TOKEN=secret)

    assert smoke.lines[0].detail == '200, token has to be "x", is "[scrubbed]"'
    assert len(smoke.lines[1].detail) == 120
    told = json_text(smoke) + "".join(looker.log)
    assert "    [scrubbed] is wrong" in looker.log
    assert "s3cret" not in told
    assert "hunter2" not in told


def test_of_what_a_failing_command_printed_the_end_is_logged(looker: Looker) -> None:
    web = {"commands": [python("print('\\n'.join(map(str, range(5000)))); raise SystemExit(1)")]}

    looker.at(web)

    assert looker.log[-1] == "    4999"
    assert len(looker.log) == 2 + LOGGED


def test_a_command_that_hangs_is_ended(looker: Looker) -> None:
    line = looker.line({"commands": [python("import time; time.sleep(300)", timeout="1s")]})

    assert (line.outcome, line.detail) == ("error", "ended after 1 s: too slow")


NUMBERS = {"run": [sys.executable, "-c", "print('warming up'); print(0.05)"]}


def test_a_number_is_read_from_a_command_and_not_from_its_warnings(looker: Looker) -> None:
    noisy = "import sys; print(0.05, flush=True); print('warning: 404 modules', file=sys.stderr)"

    assert looker.line({"recovery": {"error-rate": NUMBERS}}, criterion()).detail == "0.05 %, below 0.1 %"
    source = {"run": [sys.executable, "-c", noisy]}
    assert looker.line({"recovery": {"error-rate": source}}, criterion()).outcome == "pass"


@pytest.mark.parametrize(
    ("program", "detail"),
    [
        ("print(2.5)", "2.5 %, but has to be below 0.1 %"),
        ("print('NaN')", "it printed NaN, not a number"),
        ("", "it printed nothing"),
        ("print(0); raise SystemExit(1)", "exit code 1; not set: PROM_TOKEN"),
    ],
)
def test_a_number_that_is_too_high_or_none_is_no_pass(looker: Looker, program: str, detail: str) -> None:
    source = {"run": [sys.executable, "-c", program], "env": ["PROM_TOKEN"]}

    line = looker.line({"recovery": {"error-rate": source}}, criterion())

    assert (line.outcome != "pass", line.kind, line.detail) == (True, "measure", detail)


@pytest.mark.parametrize(
    ("answer", "detail"),
    [
        ((200, '{"rate": 0.2}'), "0.2 %, but has to be below 0.1 %"),
        ((200, '{"rate": null}'), "rate is null, not a number"),
        ((200, ""), "the answer is empty"),
        ((500, '{"rate": 0}'), "500, expected 200"),
    ],
)
def test_an_answer_without_a_good_number_is_no_pass(
    production: Production, looker: Looker, answer: tuple[int, str], detail: str
) -> None:
    source = {"url": production.at("/rate", answer), "path": "rate"}

    line = looker.line({"recovery": {"error-rate": source}}, criterion())

    assert (line.outcome != "pass", line.detail) == (True, detail)


def test_a_source_on_a_host_that_is_not_listed_is_an_error(looker: Looker) -> None:
    source = {"prometheus": "https://prometheus.example.com", "query": "up"}

    assert looker.line({"recovery": {"error-rate": source}}, criterion()).outcome == "error"


def test_criteria_without_a_source_are_shown_as_not_looked_at(production: Production, looker: Looker) -> None:
    """000-18 names all of them; who set up none is told so and is not held up by it."""
    smoke = looker.at({"health": [production.at("/health", (200, ""))]}, HOTDASH)

    assert [line.name for line in smoke.lines] == ["health", *(one.id for one in HOTDASH.recovery)]
    assert {line.outcome for line in smoke.lines[1:]} == {"skipped"}
    assert {line.detail for line in smoke.lines[1:]} == {"not checked: the settings name no source"}
    assert smoke.passed
    assert not looker.at({}, HOTDASH).passed


def test_when_no_time_is_left_what_was_not_looked_at_is_an_error(
    production: Production, looker: Looker
) -> None:
    """A job that GitHub ends for its length would leave no result at all."""
    ticks = iter([0.0])
    looker.clock = lambda: next(ticks, PATIENCE.total_seconds() + 1)
    web = {
        "health": [production.at("/health", (200, ""))],
        "commands": [python("print(1)")],
        "recovery": {"error-rate": NUMBERS, "p95": {"url": production.at("/p95", (200, "1"))}},
    }
    smoke = looker.at(web, recovering(*HOTDASH.recovery[:2]))

    assert [line.outcome for line in smoke.lines] == ["error"] * 4
    assert {line.detail for line in smoke.lines} == {NO_TIME}
    assert production.asked == []


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


def endless(talk: socket.socket) -> None:
    talk.sendall(HEAD + b"\r\n")
    for _ in range(1000):
        talk.sendall(b'{"status": "ok"} ' * 4096)


def drip(talk: socket.socket) -> None:
    talk.sendall(HEAD + b"Content-Length: 100\r\n\r\n")
    for _ in range(300):
        talk.sendall(b" ")
        time.sleep(0.1)


def garbage(talk: socket.socket) -> None:
    talk.sendall(b"\x16\x03\x01 status ok 200\r\n\r\n")


def hang_up(talk: socket.socket) -> None:
    talk.sendall(HEAD + b'Content-Length: 100\r\n\r\n{"status": "ok"}')


@pytest.mark.parametrize("hostile", [endless, drip, garbage, hang_up], ids=lambda one: one.__name__)
def test_a_hostile_production_is_an_error_and_never_a_pass(
    looker: Looker, hostile: Callable[[socket.socket], None]
) -> None:
    """Fault I9: a body without end, one byte at a time, no HTTP, half an answer."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            talk, _ = server.accept()
            with talk, contextlib.suppress(OSError):
                talk.recv(65536)
                hostile(talk)

        thread = threading.Thread(target=serve)
        thread.start()
        host = f"127.0.0.1:{server.getsockname()[1]}"
        looker.private.append(host)
        check = {"name": "health", "url": f"http://{host}/", "timeout": "1s"}

        line = looker.line({"smoke": [check]})
        thread.join(60)

    assert (line.outcome, thread.is_alive()) == ("error", False)
    assert len(line.detail) <= 120
