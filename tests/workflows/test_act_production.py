"""A rollback through the real workflows under act: a comment, its runs, a little production that changes."""

from __future__ import annotations

import http.client
import io
import json
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from allclear_lab.github.actions.artifacts import Artifact, Artifacts
from allclear_lab.runner.attempts import RunAttempt
from production.stage import SERVICES, Production, open_production
from workflows.documents import FOLDER, NAMES
from workflows.runner import UNKNOWN, Run, Runner, copy_checkout, readable
from workflows.uploads import taking_uploads

DEPLOY_TOKEN = "s3cr3t-d3pl0y-t0ken-of-the-shop"
PRINTS = "{{ name: logs, run: [sh, -c, 'echo 0 errors, $DEPLOY_TOKEN'], env: [DEPLOY_TOKEN] }}"
OTHER_SECRET = "s3cr3t-0f-an0ther-tool"
SPY = """\
import json, os, pathlib, subprocess, sys
seen = {}
for process in pathlib.Path("/proc").glob("[0-9]*"):
    try:
        seen[process.name] = (process / "environ").read_bytes().decode(errors="replace")
    except OSError:
        pass
with open(sys.argv[1], "a") as file:
    file.write(json.dumps(list(seen.values())) + "\\n")
sys.exit(subprocess.call(sys.argv[2:]) if sys.argv[2:] else 0)
"""
"""Reads the environment of every process that it may, its own and its ancestors' among them."""
WITH_EVIDENCE = SERVICES.replace("    provider: ours\n", f"    provider: ours\n    evidence: [{PRINTS}]\n")


class Acted:
    """A production whose runs happen under act, one by one."""

    def __init__(self, production: Production, runner: Runner, uploads: str) -> None:
        self.production = production
        self.runner = runner
        self.uploads = uploads
        self.tokens: list[str] = []

    def next_run(self) -> RunAttempt:
        """The newest run that was started, taken from those that are played in this process."""
        hosted = self.production.hosted
        hosted.hear()
        attempt = hosted.attempts.pop()
        hosted.attempts[:] = [one for one in hosted.attempts if one.group != attempt.group]
        return attempt

    def act(self, attempt: RunAttempt) -> Run:
        """The whole run; its jobs share a token, which may do what any of them may."""
        production = self.production
        granted: dict[str, str] = {}
        for job in attempt.workflow.jobs:
            for kind, level in job.permissions.items():
                granted[kind] = max(level, granted.get(kind, ""))
        first = attempt.workflow.jobs[0]
        env = {
            **production.hosted.runner.contexts.variables(attempt, first),
            "GITHUB_GRAPHQL_URL": f"{production.hub.api_url}/graphql",
            "ALLCLEAR_TEST_UPLOADS": self.uploads,
        }
        token = production.hub.actions_token(production.room.repo, permissions=granted)
        self.tokens.append(token)
        ran = self.runner.run(
            Path(attempt.path).name,
            attempt.delivery.event,
            attempt.delivery.payload,
            env,
            token=token,
            secrets={"DEPLOY_TOKEN": DEPLOY_TOKEN, "FLY_API_TOKEN": OTHER_SECRET},
        )
        production.room.repo.finish_run(attempt.id, "success" if ran.code == 0 else "failure")
        return ran

    def says(self, who: str, text: str) -> Run:
        """A comment some seconds later, and its run of respond.yml."""
        self.production.room.clock.advance(10)
        self.production.room.people[who].comment(self.production.room.number, text)
        return self.act(self.next_run())

    def health(self) -> int:
        """What production answers right now."""
        line = http.client.HTTPConnection(self.production.target.address, timeout=10)
        line.request("GET", "/health")
        return line.getresponse().status

    def artifact(self, name: str) -> Artifact:
        """The artifact whose name starts so."""
        kept = self.production.room.repo.state.room(Artifacts).by_id.values()
        (found,) = (one for one in kept if one.name.startswith(name))
        return found


@pytest.fixture
def acted(tmp_path: Path, tool: Callable[[str], Path]) -> Iterator[Acted]:
    with open_production(tmp_path, services=WITH_EVIDENCE, http=True) as production:
        room = production.room
        home = tmp_path / "act"
        home.mkdir()
        checkout = copy_checkout(home / "checkout")
        (checkout / ".github/allclear.yml").write_text((room.root / ".github/allclear.yml").read_text())
        with taking_uploads(room.hub, room.repo) as uploads:
            yield Acted(production, Runner(tool("act"), checkout, home), uploads)


@pytest.mark.needs("act")
def test_a_comment_brings_the_good_version_back_and_smoke_proves_it(acted: Acted) -> None:
    production, room = acted.production, acted.production.room
    production.opens()
    assert (production.target.version, acted.health()) == ("v42", 500)

    answered = acted.says("ann", "/rollback web the release broke it")
    assert answered.jobs == {"respond": "success"}, answered.output
    assert (production.operation().state, production.executions()) == ("ready", 0)

    # act knows no environments: the run waits and is approved here, on GitHub at its job `execute`.
    rollback = acted.next_run()
    room.repo.start_run(rollback.id)
    assert room.repo.wait_run(rollback.id, "production", deployment=False)
    room.people["mia"].approve(rollback.id)
    done = acted.act(rollback)
    assert done.jobs == dict.fromkeys(("claim", "execute", "smoke", "report"), "success"), done.output
    assert (production.target.version, acted.health()) == ("v41", 200)
    assert [one.operation for one in production.target.executions()] == [production.operation().id]

    told = acted.act(acted.next_run())
    assert told.jobs == {"respond": "success"}, told.output
    ended = production.operation()
    assert (ended.outcome, ended.approver, ended.run) == ("done", "mia", rollback.id)
    assert ended.smoke is not None
    assert {line.outcome for line in ended.smoke.lines} <= {"pass", "skipped"}
    assert "is done, and its smoke run passed" in room.replies[-1].body
    assert "status:monitoring" in room.issue.labels
    assert b"<testsuite" in unzipped(acted.artifact("smoke-"))["smoke.xml"]


@pytest.fixture
def spied(tmp_path: Path, tool: Callable[[str], Path]) -> Iterator[tuple[Acted, Path]]:
    """Commands of every kind that read the environment of all processes, and where they write it."""
    spy, found = tmp_path / "spy.py", tmp_path / "found"
    spy.write_text(SPY, encoding="utf-8")
    command = f"python3, '{spy}', '{found}'"
    services = (
        SERVICES.replace("[python3, ", f"[{command}, python3, ")
        .replace("env: [ALLCLEAR_OPERATION]", "env: [ALLCLEAR_OPERATION, DEPLOY_TOKEN]")
        .replace(
            "    provider: ours\n",
            "    provider: ours\n"
            f"    commands: [{{{{ name: spy, run: [{command}] }}}}]\n"
            f"    evidence: [{{{{ name: spy, run: [{command}] }}}}]\n",
        )
    )
    with open_production(tmp_path, services=services, http=True) as production:
        room, home = production.room, tmp_path / "act"
        home.mkdir()
        checkout = copy_checkout(home / "checkout")
        (checkout / ".github/allclear.yml").write_text((room.root / ".github/allclear.yml").read_text())
        with taking_uploads(room.hub, room.repo) as uploads:
            yield Acted(production, Runner(tool("act"), checkout, home), uploads), found


@pytest.mark.needs("act")
def test_a_command_finds_no_token_and_no_secret_that_is_not_named_in_any_process(
    spied: tuple[Acted, Path],
) -> None:
    """Not in its own environment, and in none of its ancestors', the shell of the step included."""
    acted, found = spied
    production, room = acted.production, acted.production.room
    production.opens()
    acted.says("ann", "/rollback web the release broke it")
    rollback = acted.next_run()
    room.repo.start_run(rollback.id)
    assert room.repo.wait_run(rollback.id, "production", deployment=False)
    room.people["mia"].approve(rollback.id)
    done = acted.act(rollback)
    assert done.jobs == dict.fromkeys(("claim", "execute", "smoke", "report"), "success"), done.output
    acted.act(acted.next_run())
    production.asks("bob", "/evidence web")
    evidence = acted.next_run()
    room.repo.start_run(evidence.id)
    assert acted.act(evidence).code == 0

    looks = [json.loads(line) for line in found.read_text().splitlines()]
    assert len(looks) == 3  # the rollback, its smoke run, the evidence
    for number, everybody in enumerate(looks):
        # Tests that run at the same time have processes of their own here, and the same tokens.
        own = str(found.parent)
        processes = [text for text in everybody if own in text or "/pytest-of-" not in text]
        steps = [text for text in processes if "ALLCLEAR_STEP=" in text]
        assert len(steps) >= 2, "the door and its shell are seen"
        assert not [text for text in processes if any(token in text for token in acted.tokens)]
        assert not [text for text in processes if OTHER_SECRET in text]
        # Only the rollback names the secret; where it does, the whole step holds it.
        assert any(DEPLOY_TOKEN in text for text in processes) is (number == 0)
        assert [text for text in steps if "GITHUB_TOKEN=\0" not in text] == []


@pytest.mark.needs("act")
def test_smoke_and_evidence_run_and_no_secret_gets_out(acted: Acted) -> None:
    production, room = acted.production, acted.production.room
    production.opens()
    production.asks("bob", "/smoke web")
    smoke = acted.next_run()
    room.repo.start_run(smoke.id)
    looked = acted.act(smoke)
    assert looked.jobs == {"claim": "success", "smoke": "failure", "report": "success"}, looked.output
    production.run_everything()
    found = production.operation("smoke").smoke
    assert found is not None
    assert not found.passed
    assert "| ❌ | `health" in room.replies[-1].body

    production.asks("bob", "/evidence web")
    evidence = acted.next_run()
    room.repo.start_run(evidence.id)
    kept = acted.act(evidence)
    assert kept.jobs == dict.fromkeys(("claim", "collect", "report"), "success"), kept.output
    production.run_everything()
    operation, artifact = production.operation("evidence"), acted.artifact("evidence-")
    assert operation.outcome == "done"
    assert operation.artifact is not None
    assert operation.artifact.sha256 == artifact.digest.removeprefix("sha256:")
    assert operation.artifact.expires == artifact.expires_at
    files = unzipped(artifact)
    assert any(b"0 errors, " in data for data in files.values())
    assert not any(DEPLOY_TOKEN.encode() in data for data in files.values())
    assert DEPLOY_TOKEN not in looked.output + kept.output
    known = [line.split() for line in kept.output.splitlines() if line.startswith("set-up knows:")]
    assert len(known) == 3
    assert [names for names in known if {"DEPLOY_TOKEN", "GITHUB_TOKEN"} & set(names)] == []
    assert not any(DEPLOY_TOKEN in comment.body for comment in room.comments)


@pytest.mark.needs("act")
def test_hostile_inputs_by_hand_end_in_the_claim(acted: Acted, tmp_path: Path) -> None:
    """E1, E2, H12: tests/production/test_injection.py has many more; here a runner reads what is said."""
    production, room = acted.production, acted.production.room
    production.opens()
    canary = tmp_path / "canary"
    orders = "::set-output name=go::true\n::add-mask::web\n${{ github.token }}"
    text = f"$(touch {canary})`touch {canary}`\n{orders}"
    before = (room.repo.branches(), room.repo.files())
    for workflow, name in (
        ("rollback-production.yml", "target"),
        ("smoke.yml", "service"),
        ("evidence.yml", "operation"),
    ):
        room.people["ann"].dispatch(workflow, {name: text})
        run = acted.next_run()
        room.repo.start_run(run.id)
        ran = acted.act(run)
        assert ran.jobs == {"claim": "failure"}, ran.output
        assert sorted(set(ran.commands)) == ["add-path", "error", "summary"], ran.output
    assert (room.repo.branches(), room.repo.files()) == before
    assert production.executions() == 0
    assert not canary.exists()


def unzipped(artifact: Artifact) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(artifact.data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.mark.parametrize("name", NAMES)
def test_act_reads_the_shipped_files_but_for_two_keys(name: str) -> None:
    """Exactly these lines are missing from what runs under act; everything else is what is shipped."""
    shipped = (FOLDER / name).read_text()
    left_out = [line.strip() for line in shipped.splitlines() if line not in readable(shipped).splitlines()]
    assert left_out == ["queue: max"] * ("queue: max" in shipped) + ["deployment: false"] * len(
        UNKNOWN["deployment"].findall(shipped)
    )


def test_the_shipped_files_have_the_keys_that_act_does_not_know() -> None:
    shipped = {name: (FOLDER / name).read_text() for name in NAMES}
    found = {key: {name for name in NAMES if line.search(shipped[name])} for key, line in UNKNOWN.items()}
    assert found == {
        "queue": {"rollback-production.yml"},
        "deployment": set(NAMES) - {"ci.yml", "proof.yml", "release.yml", "review.yml"},
    }
