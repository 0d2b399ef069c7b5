"""The steps of evidence.yml around the collecting: what is claimed, sealed, and told in the incident."""

import hashlib
import io
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from allclear.adapters.files.event import SetupError
from allclear.adapters.github.errors import UnavailableError
from allclear.adapters.github.executions import Executions, Held
from allclear.core.model.execution import Execution
from allclear.core.model.stored import read_values
from allclear.core.model.structs import replace
from allclear.jobs.collect import FOLDER, collect
from allclear.jobs.complete import complete
from allclear.jobs.report import report
from allclear.jobs.run import Run, start, start_local
from allclear_lab.runner.uploads import outputs_of
from conversations.room import ROOT, SETTINGS, START, Room, open_room

READING = {"actions": "read", "contents": "read", "deployments": "read", "issues": "read"}
WRITING = {"actions": "write", "contents": "write", "issues": "read"}
WORKFLOW = ".github/workflows/evidence.yml"
LOGS = """
services:
  web:
    evidence:
      - { name: logs, run: [echo, three errors] }
      - { name: metrics, run: ["false"] }
"""


@dataclass
class Job:
    """The run of evidence.yml that somebody's `/evidence` started."""

    room: Room
    operation: str
    number: int
    printed: list[str] = field(default_factory=list)

    def run(self, rights: Mapping[str, str] = READING, /, **env: str) -> Run:
        surroundings = {
            "GITHUB_TOKEN": self.room.hub.actions_token(self.room.repo, permissions=rights),
            "GITHUB_OUTPUT": str(self.room.folder / "output"),
            "RUNNER_TEMP": str(self.room.folder),
            "GITHUB_REPOSITORY": "acme/shop",
            "GITHUB_REPOSITORY_ID": str(self.room.repo.id),
            "GITHUB_API_URL": self.room.hub.api_url,
            "GITHUB_RUN_ID": str(self.number),
            "GITHUB_RUN_ATTEMPT": "1",
            "GITHUB_WORKSPACE": str(self.room.root),
            "GITHUB_STEP_SUMMARY": str(self.room.folder / "summary.md"),
            "ALLCLEAR_OPERATION": self.operation,
            "ALLCLEAR_ISSUE": str(self.room.number),
            **env,
        }
        return start(surroundings, self.room.sleep, self.printed.append, self.room.hub.transport)

    @property
    def records(self) -> Executions:
        run = self.run(WRITING)
        return Executions(run.client, run.repository)

    @property
    def record(self) -> Execution:
        held = self.records.read(self.room.number, self.operation)
        assert held is not None
        return held.execution

    def claim(self, **more: str) -> Held | None:
        claimed = read_values(
            Execution,
            {
                "operation": self.operation,
                "kind": "evidence",
                "issue": self.room.number,
                "run": self.number,
                "claimed": START,
                **more,
            },
        )
        return self.records.claim(claimed)

    def collect(self, **env: str) -> str:
        """Collect, and add what the commands print; why it was refused, if it was."""
        run = self.run(**env)
        collect(run)
        if not run.failed:
            self.complete(**env)
        return self.refusal(run)

    def complete(self, **env: str) -> None:
        run = self.run(**env)
        outputs = outputs_of(Path(run.env["GITHUB_OUTPUT"]).read_text())
        given = {name: value for name, value in run.env.items() if name != "GITHUB_TOKEN"} | {
            "ALLCLEAR_DECISION": outputs["decision"]
        }
        complete(start_local(given, None, self.printed.append))

    def report(self, **env: str) -> str:
        """What the last job says; why it did not seal, if it did not."""
        run = self.run(WRITING, **env)
        outputs = Path(run.env["GITHUB_OUTPUT"])
        found = outputs_of(outputs.read_text()) if outputs.exists() else {}
        run = self.run(WRITING, **({"ALLCLEAR_RESULT": found.get("result", "")} | env))
        run.kinds = ("evidence",)
        report(run)
        return next((line for line in self.printed if line.startswith("::error::")), "")

    def refusal(self, run: Run) -> str:
        assert run.failed is self.printed[-1].startswith("::error::")
        return self.printed[-1] if run.failed else ""

    def upload(self) -> dict[str, str]:
        """What actions/upload-artifact does and tells (https://github.com/actions/upload-artifact#outputs)."""
        packed = io.BytesIO()
        folder = self.room.root / FOLDER
        with zipfile.ZipFile(packed, "w") as archive:
            for file in sorted(one for one in folder.rglob("*") if one.is_file()):
                archive.writestr(zipfile.ZipInfo(str(file.relative_to(folder))), file.read_bytes())
        data = packed.getvalue()
        name = f"evidence-{self.room.number}-{self.operation}"
        return {
            "ALLCLEAR_ARTIFACT_ID": str(self.room.repo.add_artifact(self.number, name, data)),
            "ALLCLEAR_ARTIFACT_DIGEST": hashlib.sha256(data).hexdigest(),
        }


@pytest.fixture
def job(tmp_path: Path) -> Iterator[Job]:
    with open_room(tmp_path, SETTINGS + LOGS) as room:
        room.repo.put_file(WORKFLOW, (ROOT / WORKFLOW).read_text(encoding="utf-8"))
        room.opens("ann", "[INCIDENT P1] Checkout is down", labels=("incident", "P1"))
        room.says("bob", "/evidence")
        (operation,) = room.incident.production.operations
        (started,) = [run for run in room.repo.runs() if run.path == WORKFLOW]
        room.repo.start_run(started.id)
        yield Job(room, operation, started.id)


def test_what_was_collected_and_where_it_went_stands_in_the_record_and_in_the_incident(job: Job) -> None:
    assert job.claim()
    assert job.collect() == ""
    assert job.record.step == "claimed"
    uploaded = job.upload()
    assert job.report(**uploaded) == ""

    artifact = job.record.artifact
    assert artifact is not None
    assert (job.record.step, job.record.outcome) == ("ended", "done")
    assert artifact.sha256 == uploaded["ALLCLEAR_ARTIFACT_DIGEST"]
    assert artifact.files == len([one for one in (job.room.root / FOLDER).rglob("*") if one.is_file()])
    assert artifact.kinds == ("logs",)  # The command for metrics failed, and what it printed is no evidence.
    assert f"runs/{job.number}/artifacts/{uploaded['ALLCLEAR_ARTIFACT_ID']}" in artifact.url

    job.room.repo.finish_run(job.number, "success")
    known = {one.id for one in job.room.comments}
    job.room.run()
    said = job.room.visible(known)
    assert f"[{artifact.files} files]({artifact.url}), kept until 2026-01-17" in said
    assert f"SHA-256 `{artifact.sha256}`" in said
    assert job.room.incident.production.operations[job.operation].outcome == "done"


def test_the_job_prints_the_hash_of_every_file_and_what_is_missing(job: Job) -> None:
    job.room.hub.faults.add("gone", lambda _, path: path.endswith("/timeline"), times=9)
    job.claim()
    job.collect()
    assert "Not collected: the timeline of the issue: GitHub did not show it (404: " in job.printed[-1]
    assert "| `03-conversation.md` | " in (job.room.folder / "summary.md").read_text()
    sums = (job.room.root / FOLDER / "SHA256SUMS").read_text().splitlines()
    printed = [line.partition(" (")[0] for line in job.printed]
    assert [line for line in sums if "manifest.json" not in line and line not in printed] == []


@pytest.mark.parametrize(
    ("env", "why"),
    [
        ({"ALLCLEAR_OPERATION": ""}, "named no operation"),
        ({"ALLCLEAR_OPERATION": "../../heads/main"}, "named no operation"),
        ({"ALLCLEAR_ISSUE": "12x"}, "named no operation"),
        ({"ALLCLEAR_ISSUE": "0"}, "was not claimed by this run"),
        ({"ALLCLEAR_ISSUE": "99"}, "was not claimed by this run"),
        ({"GITHUB_RUN_ID": "77"}, "was not claimed by this run"),
        ({"GITHUB_RUN_ATTEMPT": "2"}, "was not claimed by this run"),
    ],
)
def test_only_the_run_that_claimed_the_operation_collects(job: Job, env: dict[str, str], why: str) -> None:
    job.claim()
    assert why in job.collect(**env)
    assert not (job.room.root / FOLDER).exists()
    assert job.record.step == "claimed"


def test_a_claim_of_another_kind_is_none(job: Job) -> None:
    job.claim(kind="smoke")
    assert "belongs to another operation" in job.collect()


def test_a_job_that_is_run_again_collects_nothing(job: Job) -> None:
    job.claim()
    job.collect()
    assert job.report(**job.upload()) == ""
    assert "is ended already, and nothing is done twice. Write /evidence" in job.collect()


@pytest.mark.parametrize(
    "env",
    [
        {"ALLCLEAR_ARTIFACT_ID": ""},
        {"ALLCLEAR_ARTIFACT_ID": "../1"},
        {"ALLCLEAR_ARTIFACT_DIGEST": ""},
        {"ALLCLEAR_ARTIFACT_DIGEST": "sha256:x"},
    ],
)
def test_without_the_outputs_of_the_upload_nothing_is_sealed(job: Job, env: dict[str, str]) -> None:
    job.claim()
    job.collect()
    assert "gave no artifact id and digest" in job.report(**(job.upload() | env))
    assert (job.record.outcome, job.record.artifact) == ("failed", None)
    assert "Write /evidence in the incident to collect it again" in job.record.text


def test_an_artifact_with_another_digest_is_not_ours(job: Job) -> None:
    job.claim()
    job.collect()
    assert "is not the one that the job uploaded" in job.report(
        **(job.upload() | {"ALLCLEAR_ARTIFACT_DIGEST": "sha256:" + "0" * 64})
    )
    assert (job.record.outcome, job.record.artifact) == ("failed", None)


@pytest.mark.parametrize("result", ["", "{}", "[]", '{"operation": "evidence-00000000", "outcome": "done"}'])
def test_without_a_result_of_what_was_collected_nothing_is_sealed(job: Job, result: str) -> None:
    job.claim()
    job.collect()
    job.report(**job.upload(), ALLCLEAR_RESULT=result)
    assert (job.record.outcome, job.record.artifact) == ("failed", None)


def test_an_artifact_that_is_not_shown_yet_is_looked_up_again(job: Job) -> None:
    job.claim()
    job.collect()
    uploaded = job.upload()
    job.room.hub.faults.add("gone", lambda _, path: "/artifacts/" in path, status=404)
    assert job.report(**uploaded) == ""
    assert job.record.artifact is not None
    assert job.record.artifact.expires is not None


@pytest.mark.parametrize("kind", ["gone", "not_accessible"])
def test_an_artifact_that_cannot_be_looked_up_keeps_its_link_and_hash(job: Job, kind: str) -> None:
    job.claim()
    job.collect()
    uploaded = job.upload()
    job.room.hub.faults.add(kind, lambda _, path: "/artifacts/" in path, times=9)  # type: ignore[arg-type] # a word
    assert job.report(**uploaded) == ""
    assert job.record.artifact is not None
    assert job.record.artifact.expires is None
    assert job.record.outcome == "done"
    assert "until when it is kept is not known" in "".join(job.printed)


def test_somebody_who_was_quicker_wins(job: Job) -> None:
    """Two runs cannot both move the ref on: what was written first stands."""
    held = job.claim()
    assert held is not None
    job.collect()
    uploaded = job.upload()
    job.records.advance(held, replace(held.execution, step="ended", outcome="failed"))
    job.report(**uploaded)
    assert (job.record.outcome, job.record.artifact) == ("failed", None)


def test_the_step_that_runs_commands_takes_no_token_and_no_other_runs_file(job: Job) -> None:
    job.claim()
    job.collect()
    run = job.run()
    with pytest.raises(SetupError, match="GITHUB_TOKEN is set, but this step runs commands"):
        start_local(run.env, None, job.printed.append)
    for env in ({"GITHUB_RUN_ID": "77"}, {"ALLCLEAR_OPERATION": "evidence-00000000"}):
        with pytest.raises(SetupError, match="is another run's"):
            job.complete(**env)
    with pytest.raises(SetupError, match="left no collected"):
        job.complete(RUNNER_TEMP=str(job.room.root))
    (job.room.folder / "allclear-collected.json").write_text("{}")
    with pytest.raises(SetupError, match="is not the one that the step before wrote"):
        job.complete()


@pytest.mark.parametrize("applied", [False, True])
def test_a_runner_that_is_lost_anywhere_leaves_a_failure_that_people_see(job: Job, applied: bool) -> None:
    """Killed at every request in turn: never done, never unknown, and the next `/evidence` may begin."""
    room = job.room
    before = room.hub.snapshot()
    for kill in range(60):
        room.hub.restore(before)
        room.delivered = len(room.hub.deliveries)
        job.claim()
        run = job.run()
        room.hub.faults.kill(kill, applied=applied)
        try:
            collect(run)
            survived = True
        except UnavailableError:
            survived = False
        room.hub.faults.clear()
        if survived:
            break
        room.repo.finish_run(job.number, "failure")
        room.run()
        ended = room.incident.production.operations[job.operation]
        assert (ended.state, ended.outcome) == ("ended", "failed")
        assert "is being collected (`evidence-" in room.says("bob", "/evidence")
    assert survived
    assert kill > 4
