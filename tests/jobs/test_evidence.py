"""The steps of evidence.yml around the collecting: what is claimed, sealed, and told in the incident."""

import hashlib
import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from allclear.adapters.github.errors import UnavailableError
from allclear.adapters.github.executions import Executions, Held
from allclear.core.model.execution import Execution
from allclear.jobs.collect import FOLDER, collect, seal
from allclear.jobs.run import Run, start
from conversations.room import ROOT, SETTINGS, START, Room, open_room

RIGHTS = {"actions": "read", "contents": "write", "deployments": "read", "issues": "read"}
WORKFLOW = ".github/workflows/evidence.yml"
LOGS = "services: { web: { evidence: [{ name: logs, run: [echo, three errors] }] } }\n"


@dataclass
class Job:
    """The run of evidence.yml that somebody's `/evidence` started."""

    room: Room
    operation: str
    number: int
    printed: list[str] = field(default_factory=list)

    def run(self, **env: str) -> Run:
        surroundings = {
            "GITHUB_TOKEN": self.room.hub.actions_token(self.room.repo, permissions=RIGHTS),
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
        run = self.run()
        return Executions(run.client, run.repository)

    @property
    def record(self) -> Execution:
        held = self.records.read(self.room.number, self.operation)
        assert held is not None
        return held.execution

    def claim(self, **more: str) -> Held | None:
        claimed = Execution.model_validate(
            {
                "operation": self.operation,
                "kind": "evidence",
                "issue": self.room.number,
                "run": self.number,
                "claimed": START,
                **more,
            }
        )
        return self.records.claim(claimed)

    def collect(self, **env: str) -> str:
        """Collect; why it was refused, if it was."""
        run = self.run(**env)
        collect(run)
        return self.refusal(run)

    def seal(self, **env: str) -> str:
        """Seal; why it was refused, if it was."""
        run = self.run(**env)
        seal(run)
        return self.refusal(run)

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
    assert job.record.step == "started"
    uploaded = job.upload()
    assert job.seal(**uploaded) == ""

    artifact = job.record.artifact
    assert artifact is not None
    assert (job.record.step, job.record.outcome) == ("ended", "done")
    assert artifact.sha256 == uploaded["ALLCLEAR_ARTIFACT_DIGEST"]
    assert artifact.files == len([one for one in (job.room.root / FOLDER).rglob("*") if one.is_file()])
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
    assert "is started already, and nothing is done twice. Write /evidence" in job.collect()
    uploaded = job.upload()
    assert job.seal(**uploaded) == ""
    assert "is ended already" in job.seal(**uploaded)


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
    assert "gave no artifact id and digest" in job.seal(**(job.upload() | env))
    assert job.record.step == "started"


def test_an_artifact_with_another_digest_is_not_ours(job: Job) -> None:
    job.claim()
    job.collect()
    assert "is not the one that the job uploaded" in job.seal(
        **(job.upload() | {"ALLCLEAR_ARTIFACT_DIGEST": "sha256:" + "0" * 64})
    )
    assert job.record.step == "started"


def test_without_a_manifest_nothing_is_sealed(job: Job) -> None:
    job.claim()
    job.collect()
    uploaded = job.upload()
    (job.room.root / FOLDER / "manifest.json").write_text("{}")
    assert "no manifest" in job.seal(**uploaded)
    (job.room.root / FOLDER / "manifest.json").unlink()
    assert "no manifest" in job.seal(**uploaded)


def test_an_artifact_that_is_not_shown_yet_is_looked_up_again(job: Job) -> None:
    job.claim()
    job.collect()
    uploaded = job.upload()
    job.room.hub.faults.add("gone", lambda _, path: "/artifacts/" in path, status=404)
    assert job.seal(**uploaded) == ""
    assert job.record.artifact is not None
    assert job.record.artifact.expires is not None


@pytest.mark.parametrize("kind", ["gone", "not_accessible"])
def test_an_artifact_that_cannot_be_looked_up_keeps_its_link_and_hash(job: Job, kind: str) -> None:
    job.claim()
    job.collect()
    uploaded = job.upload()
    job.room.hub.faults.add(kind, lambda _, path: "/artifacts/" in path, times=9)  # type: ignore[arg-type] # a word
    assert job.seal(**uploaded) == ""
    assert job.record.artifact is not None
    assert job.record.artifact.expires is None
    assert job.record.outcome == "done"
    assert "until when it is kept is not known" in "".join(job.printed)


def test_somebody_who_was_quicker_wins(job: Job) -> None:
    """Two runs cannot both move the ref on: the second is told so by GitHub itself."""
    held = job.claim()
    assert held is not None
    moves = iter([held.execution.model_copy(update={"step": "started"})])

    def meanwhile(_: float) -> None:
        for moved in moves:
            job.records.advance(held, moved)

    job.room.hub.faults.add("error_before", lambda verb, path: verb == "POST" and path.endswith("/commits"))
    run = replace(job.run(), client=job.room.client(job.run().env["GITHUB_TOKEN"], meanwhile))
    collect(run)
    assert "Another run has taken it over meanwhile" in job.refusal(run)
    assert not (job.room.root / FOLDER).exists()


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
    assert kill > 5
