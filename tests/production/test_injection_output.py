"""Hostile text that the deploy program prints, that production answers, and that the deploy system lists."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from allclear_lab.drill.production_server import DeployStart
from production.harmless import HOSTILE, LONG, SECRETS, Watch
from production.stage import SERVICES, Production, open_production
from sampling import Proof

LOUD = Path(__file__).with_name("loud.py")
TEXTS = Path(__file__).with_name("hostile.json")
OTHERS = (
    "GITHUB_",
    "ACTIONS_",
    "RUNNER_",
    "ALLCLEAR_STEP",
    *(name for name in SECRETS if name != "DEPLOY_TOKEN"),
)
"""Variables of the job that no command asked for."""


class Loud:
    """A production whose deploy program is loud.py. ``last`` is the number of the text it ends with."""

    def __init__(self, production: Production, folder: Path) -> None:
        self.production = production
        self.canary = folder / "canary"
        self.number = folder / "number"
        self.log = folder / "loud.log"

    def started(self) -> list[list[str]]:
        """The words of each start of loud.py, which never saw a variable that it did not ask for."""
        lines = self.log.read_text(encoding="utf-8").splitlines() if self.log.exists() else []
        starts = [json.loads(line) for line in lines]
        assert not [name for one in starts for name in one["variables"] if name.startswith(OTHERS)]
        return [one["words"] for one in starts]


@contextmanager
def open_loud(folder: Path, word: str, more: str = "") -> Iterator[Loud]:
    program, number = folder / "loud.py", folder / "number"
    program.write_text(LOUD.read_text(encoding="utf-8"), encoding="utf-8")
    number.write_text("0", encoding="utf-8")
    call = f'"{program}", "{{program}}", "{TEXTS}", "{number}"'
    services = SERVICES.replace('"{program}", "{address}"', f'{call}, {word}, "{{address}}"')
    services = services.replace("env: [ALLCLEAR_OPERATION]", "env: [ALLCLEAR_OPERATION, DEPLOY_TOKEN]")
    services = services.replace("    provider: ours\n", f"    provider: ours\n{more.replace('LOUD', call)}")
    services = services.replace("python3", sys.executable)
    with open_production(folder, services=services, secrets={"": SECRETS, "production": SECRETS}) as opened:
        opened.opens()
        yield Loud(opened, folder)


def test_a_deploy_program_may_print_what_it_likes(tmp_path: Path) -> None:
    """E2, H12, H19: it deploys in the end, and the log of the job has everything that it printed."""
    with open_loud(tmp_path, "good") as loud:
        production = loud.production
        watch = Watch(production, loud.canary)
        production.says("mia", "/rollback web")
        production.approve("ann")
        assert production.operation().outcome == "done"
        target = production.releases["v41"]
        assert loud.started() == [["good", production.target.address, target]]
        execute = next(run for run in production.hosted.ran if run.step == "Act")
        assert ": :set-output name=go::true" in execute.output
        assert "the token is " in execute.output
        watch.holds([DeployStart(production.operation().id, target)])


def test_the_last_words_of_a_deploy_program_that_fails_are_told_and_nothing_else(
    tmp_path: Path, proof: Proof
) -> None:
    with open_loud(tmp_path, "bad") as loud:
        production = loud.production
        production.says("mia", "/rollback web")
        production.room.people["ann"].approve(production.waiting()[-1])
        before = production.mark()
        for number in proof(range(len(HOSTILE) - 1), 8):
            loud.number.write_text(str(number), encoding="utf-8")
            watch = Watch(production, loud.canary)
            production.run_everything()
            assert production.operation().outcome == "failed", HOSTILE[number]
            watch.holds()
            production.back(before)
        assert {tuple(words) for words in loud.started()} == {
            ("bad", production.target.address, production.releases["v41"])
        }


LISTED = """\
    rollback: {{ targets: provider }}
"""
LIST = """\
    list: {{ run: [LOUD, list], release: release, target: target, created: at }}
"""


def test_a_listed_release_of_any_name_is_not_gone_back_to(tmp_path: Path, proof: Proof) -> None:
    with open_loud(tmp_path, "good", LISTED) as loud:
        production = loud.production
        settings = production.room.root / ".github/allclear.yml"
        call = settings.read_text().split("rollback: [")[1].split(", good")[0]
        listing = LIST.replace("{{", "{").replace("}}", "}").replace("LOUD", call)
        settings.write_text(settings.read_text().replace("    env: [ALL", f"{listing}    env: [ALL"))
        production.says("mia", "/rollback web")
        production.room.people["ann"].approve(production.waiting()[-1])
        before = production.mark()
        for number in proof(range(len(HOSTILE) - 1), 8):
            loud.number.write_text(str(number), encoding="utf-8")
            watch = Watch(production, loud.canary)
            production.run_everything()
            # What is not one line of signs that people see is no release: then the one before it is the last.
            passed_over = not HOSTILE[number].isprintable()
            assert production.operation().outcome == ("failed" if passed_over else "refused")
            watch.holds([DeployStart(production.operation().id, "a" * 40)] if passed_over else [])
            production.back(before)
        done = {tuple(words) for words in loud.started()}
        wanted = {("list",), ("good", production.target.address, "a" * 40)}
        assert done == wanted or (not proof.whole and done < wanted)


class Answers(BaseHTTPRequestHandler):
    """``/answer/7`` has text 7 in its body, ``/redirect/7`` leads to it, ``/status/7`` says it beside 500."""

    def do_GET(self) -> None:
        _, what, number = self.path.split("/")
        text = HOSTILE[int(number)]
        fit = " ".join(text[:2000].encode("latin-1", "replace").decode("latin-1").split())
        self.send_response_only({"answer": 200, "redirect": 302, "status": 500}[what], fit)
        self.send_header("X-Said", fit)
        if what == "redirect":
            self.send_header("Location", fit)
        self.end_headers()
        self.wfile.write(json.dumps({"version": text, text[:100]: text}).encode())

    def log_message(self, *_: object) -> None:
        """Nothing: the output belongs to the tests."""


def checks(what: str, address: str) -> str:
    rows = [
        f'{{{{ name: t{number}, url: "http://{address}/{what}/{number}", expect: {{{{ version: ok }}}} }}}}'
        for number in range(0 if what == "answer" else 1, len(HOSTILE), 3)
    ]
    return f"  {what}:\n    smoke:\n" + "".join(f"      - {row}\n" for row in rows)


@pytest.fixture
def answering(tmp_path: Path) -> Iterator[Production]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        address = f"127.0.0.1:{server.server_port}"
        more = "".join(checks(what, address) for what in ("answer", "redirect", "status"))
        services = SERVICES.replace("providers:\n", f"{more}providers:\n")
        services = services.replace(
            'private_hosts: ["{address}"]', f'private_hosts: ["{{address}}", "{address}"]'
        )
        with open_production(tmp_path, services=services, secrets={"": SECRETS}) as production:
            production.opens()
            yield production
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("service", ["answer", "redirect", "status"])
def test_production_may_answer_what_it_likes(answering: Production, tmp_path: Path, service: str) -> None:
    watch = Watch(answering, tmp_path / "canary")
    answering.says("bob", f"/smoke {service}")
    smoke = answering.operation("smoke").smoke
    assert smoke is not None
    assert not smoke.passed
    assert len(smoke.lines) > 50
    watch.holds()


def test_commands_that_look_and_commands_that_keep_may_print_what_they_like(tmp_path: Path) -> None:
    env = "env: [DEPLOY_TOKEN]"
    more = (
        f"    commands: [{{{{ name: loud, run: [python3, LOUD, look], {env} }}}}]\n"
        f"    evidence: [{{{{ name: loud, run: [python3, LOUD, keep], {env} }}}}]\n"
    )
    with open_loud(tmp_path, "good", more) as loud:
        production = loud.production
        watch = Watch(production, loud.canary)
        production.says("bob", "/smoke web")
        production.says("bob", "/evidence web")
        assert sorted(loud.started()) == [["keep"], ["look"]]
        assert production.operation("evidence").outcome == "done"
        watch.holds()


def test_the_texts_fit_where_they_are_used() -> None:
    assert HOSTILE[-1] == LONG
    assert len(HOSTILE) - 1 == len(json.loads(TEXTS.read_text()))
