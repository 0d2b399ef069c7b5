"""The evidence of an incident on the embedded GitHub, and the folder that comes of it."""

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from allclear.adapters.files.event import SetupError
from allclear.adapters.github.errors import NotFoundError
from allclear.core.model.operation import Operation, Smoke, SmokeLine
from allclear.core.model.scrub import MARK, scrubber
from allclear.core.model.structs import replace
from allclear.core.production.evidence import Bundle, Manifest
from allclear.core.production.handover import EvidenceDecision
from allclear.core.record.incident import ProductionState, SmokeRun
from allclear.jobs.collect import FOLDER, Gathering, gather
from allclear.jobs.complete import close
from allclear.jobs.operation_job import recorded_incident
from allclear.jobs.run import LocalStep, Run, start
from conversations.room import SETTINGS, START, Room, open_room

PASSWORD = 'correct-horse/battery"staple'
TOKEN = "ghp" + "_" + "a1B2" * 9
HOSTILE = "../../../etc/passwd\0 `$(id)` {{ 7*7 }} --- ::error::x <!-- @everyone 🔥"
RIGHTS = {
    "actions": "read",
    "contents": "read",
    "deployments": "read",
    "issues": "read",
}


def shows(what: str, *words: str) -> list[str]:
    return [sys.executable, "-c", f"import os, sys; print({what})", *words]


SHOP: dict[str, Any] = {
    "web": {
        "values": {"app": "hotdash-app"},
        "evidence": [
            {
                "name": "logs",
                "run": shows(
                    "sys.argv[1:]", "{app}", "--incident={incident}", "--id={incident_id}", "{other}"
                ),
            },
            {
                "name": "snapshot",
                "run": shows("dict(os.environ)"),
                "env": ["DATABASE_URL", "NOT_THERE", "LOGIN"],
            },
            {"name": "gone", "run": ["no-such-program-here", "--token", TOKEN]},
        ],
    },
    "api": {
        "environment": "api-prod",
        "evidence": [{"name": "metrics", "run": shows("'p95 = 300 ms'")}],
    },
}


@dataclass
class Desk:
    """Somebody who gathers the evidence of the room's incident."""

    room: Room
    printed: list[str]

    def run(self, **env: str) -> Run:
        token = self.room.hub.actions_token(self.room.repo, permissions=RIGHTS)
        surroundings = {
            "GITHUB_TOKEN": token,
            "GITHUB_REPOSITORY": "acme/shop",
            "GITHUB_REPOSITORY_ID": str(self.room.repo.id),
            "GITHUB_API_URL": self.room.hub.api_url,
            "GITHUB_RUN_ID": "987654",
            "GITHUB_WORKSPACE": str(self.room.root),
            **env,
        }
        return start(surroundings, self.room.sleep, self.printed.append, self.room.hub.transport)

    def step(self, seconds: Callable[[], float] = lambda: 0.0, **env: str) -> LocalStep:
        """The step that runs commands, with the secrets and without the token."""
        secrets = {
            "DATABASE_URL": f"postgres://app:{PASSWORD}@db.example.com/app",
            "FLY_API_TOKEN": "flying-secret",
            "LOGIN": "no-name-of-a-secret",
            **env,
        }
        return LocalStep(secrets, self.room.root, self.printed.append, seconds=seconds)

    def gather(self, service: str = "", *, also: ProductionState | None = None) -> Manifest:
        """What both steps do, one after the other."""
        return close(self.step(), self.collected(service, also=also))

    def collected(self, service: str = "", *, also: ProductionState | None = None) -> EvidenceDecision:
        run = self.run()
        story = recorded_incident(run, self.room.number)
        if also:
            story = replace(story, incident=replace(story.incident, production=also))
        return gather(run, story, operation="evidence-1a2b3c4d", service=service)

    @property
    def folder(self) -> Path:
        return self.room.root / FOLDER

    def text(self, path: str) -> str:
        return (self.folder / path).read_text(encoding="utf-8")

    def lines(self, path: str) -> list[Any]:
        return [json.loads(line) for line in self.text(path).splitlines()]

    @property
    def files(self) -> list[str]:
        return sorted(str(one.relative_to(self.folder)) for one in self.folder.rglob("*") if one.is_file())


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    settings = SETTINGS + yaml.safe_dump({"services": SHOP}, sort_keys=False)
    with open_room(tmp_path, settings) as room:
        room.opens("ann", "[INCIDENT P1] Checkout is down", "Since noon", labels=("incident", "P1"))
        room.says("bob", "/ack")
        yield Desk(room, [])


def sums_hold(folder: Path) -> bool:
    done = subprocess.run(
        ["sha256sum", "--check", "--strict", "--quiet", "SHA256SUMS"],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    return done.returncode == 0


def test_the_whole_incident_is_in_the_folder(desk: Desk) -> None:
    manifest = desk.gather()

    assert desk.files == [
        "01-issue.json",
        "02-comments.jsonl",
        "03-conversation.md",
        "04-timeline.jsonl",
        "05-journal.jsonl",
        "06-operations.jsonl",
        "07-smoke.jsonl",
        "08-runs.jsonl",
        "10-deployments/01-api-prod.jsonl",
        "10-deployments/02-production.jsonl",
        "11-commands/01-web-logs.txt",
        "11-commands/02-web-snapshot.txt",
        "11-commands/03-web-gone.txt",
        "11-commands/04-api-metrics.txt",
        "SHA256SUMS",
        "manifest.json",
    ]
    assert json.loads(desk.text("01-issue.json"))["title"] == "[INCIDENT P1] Checkout is down"
    assert "/ack" in [one["body"] for one in desk.lines("02-comments.jsonl")]
    assert "> /ack" in desk.text("03-conversation.md")
    assert "labeled" in [one["event"] for one in desk.lines("04-timeline.jsonl")]
    told = [one["what"] for one in desk.lines("05-journal.jsonl") if one["what"] != "voice"]
    assert told[::2] == ["declare", "ack"]
    assert (manifest.issue, manifest.run, manifest.operation) == (
        desk.room.number,
        987654,
        "evidence-1a2b3c4d",
    )
    assert Manifest.model_validate_json(desk.text("manifest.json")) == manifest
    assert sums_hold(desk.folder)


def test_a_file_that_is_changed_by_one_byte_does_not_hold(desk: Desk) -> None:
    desk.gather()
    assert sums_hold(desk.folder)
    for name in ("03-conversation.md", "manifest.json"):
        file = desk.folder / name
        whole = file.read_bytes()
        file.write_bytes(whole[:-2] + b"!" + whole[-1:])
        assert not sums_hold(desk.folder)
        file.write_bytes(whole)


def test_commands_get_the_words_of_the_settings_and_nothing_else(desk: Desk) -> None:
    """No shell, no secrets that are not listed; `{other}` is no placeholder of ours (002-13, 002-21)."""
    desk.gather()
    first, ended, _, output = desk.text("11-commands/01-web-logs.txt").splitlines()

    assert first.endswith(" hotdash-app --incident=1 --id=INC-2025-001 '{other}'")
    assert ended.startswith("exit code 0, ")
    assert output == "['hotdash-app', '--incident=1', '--id=INC-2025-001', '{other}']"
    snapshot = desk.text("11-commands/02-web-snapshot.txt")
    assert "DATABASE_URL" in snapshot
    assert "FLY_API_TOKEN" not in snapshot
    assert "GITHUB_TOKEN" not in snapshot
    assert re.search(
        r"^could not be started, [0-9.]+ s$", desk.text("11-commands/03-web-gone.txt"), re.MULTILINE
    )
    assert "p95 = 300 ms" in desk.text("11-commands/04-api-metrics.txt")


def test_of_a_named_service_only_its_own_is_kept(desk: Desk) -> None:
    desk.gather("api")
    assert [one for one in desk.files if one.startswith(("10-", "11-"))] == [
        "10-deployments/01-api-prod.jsonl",
        "11-commands/01-api-metrics.txt",
    ]


def test_secrets_are_in_no_byte_of_the_folder(desk: Desk) -> None:
    """Pasted in a comment, printed by a command, shown by a log, spelled in JSON or base64 (H19)."""
    room = desk.room
    room.people["cat"].comment(room.number, f"the login is {PASSWORD} and my token {TOKEN}, oh no")
    room.repo.put_file(".github/workflows/smoke.yml", "name: smoke\non: workflow_dispatch\njobs: {}\n")
    run = room.people["mia"].dispatch("smoke.yml", {})
    room.repo.set_log(run, "0_smoke.txt", f"\x1b[31mflying\x1b[0m-secret and {json.dumps(PASSWORD)}\n")
    manifest = desk.gather(also=operated(run))

    whole = b"".join(file.read_bytes() for file in desk.folder.rglob("*") if file.is_file())
    for secret in (
        PASSWORD,
        json.dumps(PASSWORD)[1:-1],
        TOKEN,
        "flying-secret",
        "no-name-of-a-secret",
        desk.run().env["GITHUB_TOKEN"],
    ):
        assert secret.encode() not in whole
    assert f"the login is {MARK} and my token {MARK}, oh no" in [
        one["body"] for one in desk.lines("02-comments.jsonl")
    ]
    assert desk.text(f"09-logs/{run}-01-smoke.log") == f'{MARK} and "{MARK}"\n'
    assert manifest.summary.endswith("secrets removed (manifest.json names them)")
    assert sums_hold(desk.folder)


def operated(*runs: int) -> ProductionState:
    """What the record has of operations with these runs."""
    smoke = Smoke(lines=(SmokeLine(name="health", outcome="fail", detail="500"),))
    made = [
        Operation(
            id=f"smoke-{run:08d}",
            kind="smoke",
            service="web",
            asked=START,
            state="ended",
            run=run,
            smoke=smoke,
        )
        for run in runs
    ]
    newest = SmokeRun(smoke, START, "smoke-00000001")
    return ProductionState({one.id: one for one in made}, {"web": newest})


def test_a_file_that_was_changed_between_the_steps_is_not_sealed(desk: Desk) -> None:
    """The step with the secrets adds to what the one with the token collected, and to nothing else."""
    decision = desk.collected()
    (desk.folder / "08-runs.jsonl").write_text("{}\n")
    with pytest.raises(SetupError, match=r"08-runs\.jsonl is not what the step before collected"):
        close(desk.step(), decision)
    (desk.folder / "08-runs.jsonl").unlink()
    with pytest.raises(SetupError, match="is not what the step before collected"):
        close(desk.step(), decision)


def test_a_secret_that_is_empty_is_named(desk: Desk) -> None:
    close(desk.step(DATABASE_URL=""), desk.collected())
    assert "::warning::DATABASE_URL is empty: set it as a secret of the repository." in desk.printed


def test_runs_and_the_logs_of_operations_are_kept(desk: Desk) -> None:
    room = desk.room
    workflow = "name: smoke\non: workflow_dispatch\njobs: {}\n"
    for name in ("smoke.yml", "deploy.yml"):
        room.repo.put_file(f".github/workflows/{name}", workflow)
    old = room.people["mia"].dispatch("deploy.yml", {})
    room.clock.advance(timedelta(days=3).total_seconds())
    room.opens("ann", "[INCIDENT P1] Again", labels=("incident", "P1"))
    deployed = room.people["mia"].dispatch("deploy.yml", {})
    smoked = room.people["mia"].dispatch("smoke.yml", {})
    room.repo.set_log(smoked, "0_claim.txt", "claimed\n")
    name = HOSTILE.replace("\0", "").replace("/", "")
    room.repo.set_log(smoked, f"1_{name}.txt", "hostile\n")
    lost = 5_000_000
    manifest = desk.gather(also=operated(smoked, lost, 987654))

    assert [one["id"] for one in desk.lines("08-runs.jsonl")] == [smoked, deployed]
    assert old not in (smoked, deployed)
    logs = [one for one in desk.files if one.startswith("09-")]
    assert logs == [
        f"09-logs/{smoked}-01-claim.log",
        f"09-logs/{smoked}-02-etcpasswd-id-7-7-error-x-everyone.log",
    ]
    assert [one.source for one in manifest.missing] == [f"/repos/acme/shop/actions/runs/{lost}/logs"]
    assert manifest.missing[0].why.startswith("GitHub did not show it (404")
    assert [one["run"] for one in desk.lines("06-operations.jsonl")] == [987654, smoked, lost]
    assert desk.lines("07-smoke.jsonl")[0]["passed"] is False


def test_of_very_many_runs_the_last_ones_are_kept(desk: Desk) -> None:
    room = desk.room
    room.repo.put_file(".github/workflows/deploy.yml", "name: deploy\non: workflow_dispatch\njobs: {}\n")
    runs = [room.people["mia"].dispatch("deploy.yml", {}) for _ in range(302)]
    desk.gather()
    assert [one["id"] for one in desk.lines("08-runs.jsonl")] == runs[:1:-1]


def test_of_very_many_logs_the_last_ones_are_kept(desk: Desk) -> None:
    room = desk.room
    room.repo.put_file(".github/workflows/smoke.yml", "name: smoke\non: workflow_dispatch\njobs: {}\n")
    runs = [room.people["mia"].dispatch("smoke.yml", {}) for _ in range(23)]
    for run in runs:
        room.repo.set_log(run, "0_smoke.txt", "x")
    manifest = desk.gather(also=operated(*runs))

    assert len([one for one in desk.files if one.startswith("09-")]) == 20
    assert f"09-logs/{runs[-1]}-01-smoke.log" in desk.files
    assert [one.why for one in manifest.missing] == ["only the last 20 logs are kept"] * 3


def test_deployments_and_their_statuses_since_a_day_before_the_start_are_kept(desk: Desk) -> None:
    room = desk.room
    room.repo.deploy("main")
    room.clock.advance(timedelta(days=3).total_seconds())
    room.opens("ann", "[INCIDENT P1] Again", labels=("incident", "P1"))
    bad = room.repo.deploy("main", payload={"image_url": "registry/app:41"})
    room.repo.deploy("main", environment="staging")
    desk.gather()

    (one,) = desk.lines("10-deployments/02-production.jsonl")
    assert one["id"] == bad
    assert one["payload"] == {"image_url": "registry/app:41"}
    assert [status["state"] for status in one["statuses"]] == ["success"]
    assert desk.text("10-deployments/01-api-prod.jsonl") == ""


def test_what_github_does_not_show_is_noted_and_the_rest_is_kept(desk: Desk) -> None:
    desk.room.hub.faults.add("error_before", lambda _, path: path.endswith("/timeline"), times=9)
    desk.room.hub.faults.add("not_accessible", lambda _, path: path.endswith("/actions/runs"), times=9)
    manifest = desk.gather()

    assert [one.source for one in manifest.missing] == [
        "the timeline of the issue",
        "the workflow runs",
    ]
    assert "04-timeline.jsonl" not in desk.files
    assert "10-deployments/02-production.jsonl" in desk.files
    assert "11-commands/01-web-logs.txt" in desk.files
    assert manifest.summary.startswith("2 parts could not be collected, ")
    assert sums_hold(desk.folder)


def test_what_finds_no_room_is_not_written(desk: Desk) -> None:
    run = desk.run()
    about = Gathering(run, recorded_incident(run, 1), Bundle(scrubber(), left=0), desk.folder, ())
    about.keep("12-more.txt", "more", "elsewhere")
    assert not desk.folder.exists()
    assert [one.source for one in about.bundle.missing] == ["elsewhere"]


def test_without_services_the_issue_and_production_are_kept(tmp_path: Path) -> None:
    with open_room(tmp_path) as room:
        room.opens("ann")
        room.repo.deploy("main")
        desk = Desk(room, [])
        desk.gather()
        assert len(desk.lines("10-deployments/01-production.jsonl")) == 1
        assert not [one for one in desk.files if one.startswith("11-")]


def test_people_and_their_texts_name_no_file_and_leave_no_quotation(desk: Desk) -> None:
    room = desk.room
    room.people["ann"].edit_issue(room.number, title=f"[INCIDENT P1] {HOSTILE}".replace("\0", ""))
    room.people["out"].comment(room.number, HOSTILE.replace("\0", ""))
    before = {one for one in room.root.rglob("*") if FOLDER not in one.parts}
    desk.gather()

    assert all(one.isascii() and ".." not in one for one in desk.files)
    assert {one for one in room.root.rglob("*") if FOLDER not in one.parts} == before
    page = desk.text("03-conversation.md")
    assert "49" not in page.splitlines()[0]
    assert "\n<!-- @everyone" not in page
    assert "@everyone" not in page


def test_what_an_earlier_run_left_on_the_machine_is_not_among_it(desk: Desk) -> None:
    desk.folder.mkdir()
    (desk.folder / "left-by-another.txt").write_text("another incident's")
    desk.gather()
    assert "left-by-another.txt" not in desk.files


def test_commands_that_need_another_environment_are_left_out_and_it_is_said(tmp_path: Path) -> None:
    """A job has one environment: that of the first service."""
    settings = """
services:
  web: { smoke_environment: looks, evidence: [{ name: logs, run: ["true"], env: [FLY_API_TOKEN] }] }
  api:
    smoke_environment: other
    evidence: [{ name: logs, run: ["true"], env: [FLY_API_TOKEN] }, { name: open, run: ["true"] }]
"""
    with open_room(tmp_path, settings) as room:
        room.opens("ann")
        desk = Desk(room, [])
        manifest = desk.gather()
        assert [one for one in desk.files if one.startswith("11-")] == [
            "11-commands/01-web-logs.txt",
            "11-commands/03-api-open.txt",
        ]
        (missing,) = manifest.missing
        assert missing.source == "the command logs of api"
        assert missing.why.endswith("ask for it by name: /evidence api")
        assert desk.gather("api").missing == ()


def test_commands_together_have_fifteen_minutes(desk: Desk) -> None:
    """A job that GitHub ends for its length would leave nothing."""
    clock = iter([0.0, 1.0, 800.0, 950.0, 951.0])
    manifest = close(desk.step(lambda: next(clock)), desk.collected())
    assert [one.source for one in manifest.missing] == [
        "the command gone of web",
        "the command metrics of api",
    ]


def test_a_command_that_hangs_is_ended_and_what_it_printed_is_kept(tmp_path: Path) -> None:
    hangs = "import sys, time; print('so far', flush=True); time.sleep(600)"
    logs = {"name": "logs", "run": [sys.executable, "-c", hangs], "timeout": "2s"}
    with open_room(tmp_path, SETTINGS + yaml.safe_dump({"services": {"web": {"evidence": [logs]}}})) as room:
        room.opens("ann")
        desk = Desk(room, [])
        desk.gather()
        text = desk.text("11-commands/01-web-logs.txt")
        assert "\nwas stopped because it took too long, " in text
        assert "so far" in text


def test_broken_settings_fall_back_to_the_last_good_ones(desk: Desk) -> None:
    (desk.room.root / ".github" / "allclear.yml").write_text("services: [\n")
    desk.gather()
    assert "05-journal.jsonl" in desk.files


def test_an_incident_that_cannot_be_read_is_no_evidence(desk: Desk) -> None:
    desk.room.number = 404
    with pytest.raises(NotFoundError):
        desk.gather()
    assert not desk.folder.exists()
