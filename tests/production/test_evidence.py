"""`/evidence` through the real evidence.yml: claimed, collected, uploaded, sealed, told."""

from __future__ import annotations

import hashlib
import io
import json
import subprocess
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from allclear_lab.github.actions.artifacts import Artifact, Artifacts
from allclear_lab.runner.job_runner import RunnerLoss
from conversations.room import minutes
from production.stage import SERVICES, Production, open_production
from sampling import Proof

WORKFLOW = "evidence.yml"
LOGS = "    evidence: [{{ name: logs, run: [echo, three errors since noon] }}]\n"
WITH_LOGS = SERVICES.replace("    provider: ours\n", "    provider: ours\n" + LOGS)


@pytest.fixture
def logged(tmp_path: Path) -> Iterator[Production]:
    with open_production(tmp_path, services=WITH_LOGS) as production:
        yield production


def uploads(production: Production) -> list[Artifact]:
    found = production.room.repo.state.room(Artifacts).by_id.values()
    return [one for one in found if one.name.startswith("evidence-")]


def unpacked(artifact: Artifact, folder: Path) -> Path:
    """The folder as people have it after the download."""
    with zipfile.ZipFile(io.BytesIO(artifact.data)) as archive:
        archive.extractall(folder)
    return next(folder.rglob("SHA256SUMS")).parent


def test_evidence_is_one_artifact_whose_hash_stands_in_the_incident(
    logged: Production, tmp_path: Path
) -> None:
    logged.opens()
    said = logged.says("bob", "/evidence web")
    operation = logged.operation("evidence")
    (artifact,) = uploads(logged)

    assert f"Evidence of `web` is being collected (`{operation.id}`)" in said
    assert artifact.name == f"evidence-{logged.room.number}-{operation.id}"
    assert operation.outcome == "done"
    assert operation.artifact is not None
    assert operation.artifact.sha256 == hashlib.sha256(artifact.data).hexdigest()
    assert operation.artifact.expires == artifact.expires_at
    assert f"SHA-256 `{operation.artifact.sha256}`" in said
    assert f"artifacts/{artifact.id})" in said

    folder = unpacked(artifact, tmp_path / "download")
    done = subprocess.run(
        ["sha256sum", "-c", "SHA256SUMS"], check=False, cwd=folder, capture_output=True, text=True, timeout=30
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert operation.artifact.files == len([one for one in folder.rglob("*") if one.is_file()])
    assert "three errors since noon" in (folder / "11-commands/01-web-logs.txt").read_text()
    deployed = (folder / "10-deployments/01-production.jsonl").read_text().splitlines()
    assert [json.loads(line)["payload"]["version"] for line in deployed] == ["v42", "v41", "v40"]


def test_after_a_rollback_its_record_its_log_and_its_smoke_result_are_evidence(
    logged: Production, tmp_path: Path
) -> None:
    logged.opens()
    logged.says("mia", "/rollback web")
    logged.approve("ann")
    run = logged.runs_of()[-1]
    logged.room.repo.set_log(run, "1_execute.txt", "went back to v41\n")
    logged.says("bob", "/evidence")

    folder = unpacked(uploads(logged)[-1], tmp_path / "download")
    first = json.loads((folder / "06-operations.jsonl").read_text().splitlines()[0])
    assert (first["kind"], first["outcome"], first["approved_by"]) == ("rollback", "done", "ann")
    logs = [one.read_text() for one in (folder / "09-logs").iterdir() if one.name.startswith(f"{run}-")]
    assert "went back to v41\n" in logs
    smoke = json.loads((folder / "07-smoke.jsonl").read_text())
    assert (smoke["service"], smoke["passed"]) == ("web", True)


def test_it_is_kept_by_itself_after_the_resolution_and_can_be_asked_for_after_the_close(
    logged: Production,
) -> None:
    """Within two hours (002-21)."""
    logged.opens()
    logged.says("mia", "/ack")
    logged.says("mia", "/rollback web")
    logged.approve("ann")
    logged.says("mia", "/finding a bad release")
    logged.says("mia", "/resolve rolled back")
    logged.sweep(after=minutes(10))
    automatic = logged.operation("evidence")
    assert (automatic.by, automatic.outcome) == (None, "done")
    resolved = logged.room.incident.milestones["resolved"]
    assert automatic.ended is not None
    assert (automatic.ended - resolved).total_seconds() < minutes(120)

    logged.room.clock.advance(minutes(150))
    logged.says("mia", "/all-clear all is well")
    assert logged.room.issue.state == "closed"
    logged.says("bob", "/evidence")
    assert len(uploads(logged)) == 2
    assert logged.operation("evidence").outcome == "done"


def test_by_hand_it_finds_the_open_incident_and_links_itself(logged: Production) -> None:
    logged.opens()
    run = logged.dispatch("bob", WORKFLOW)
    operation = logged.operation("evidence")
    assert operation.id.startswith("hand-")
    assert (operation.run, operation.outcome) == (run, "done")
    assert len(uploads(logged)) == 1


def test_by_hand_without_an_incident_it_says_what_is_missing(logged: Production) -> None:
    run = logged.dispatch("bob", WORKFLOW)
    assert logged.room.repo.run(run).conclusion == "failure"
    assert uploads(logged) == []


def test_a_dispatch_that_comes_twice_collects_once(logged: Production) -> None:
    logged.opens()
    logged.asks("bob", "/evidence")
    inputs = logged.room.repo.run(logged.run_of("evidence")).inputs
    for _ in range(2):
        logged.room.people["mia"].dispatch(WORKFLOW, dict(inputs))
    logged.run_everything()
    assert len(uploads(logged)) == 1
    assert logged.operation("evidence").outcome == "done"


def test_a_run_that_is_started_again_collects_nothing(logged: Production) -> None:
    logged.opens()
    logged.says("bob", "/evidence")
    logged.room.people["mia"].rerun(logged.run_of("evidence"))
    logged.run_everything()
    assert len(uploads(logged)) == 1
    assert logged.operation("evidence").outcome == "done"


@pytest.mark.parametrize(
    "inputs",
    [
        {"service": "api"},
        {"incident": "999"},
        {"incident": "1; rm -rf /"},
        {"operation": "evidence-00000000"},
        {"operation": "../../heads/main"},
        {"operation": "$(id)\n::error::x"},
    ],
)
def test_inputs_that_are_not_the_record_collect_nothing(logged: Production, inputs: dict[str, str]) -> None:
    logged.opens()
    logged.asks("bob", "/evidence")
    run = logged.run_of("evidence")
    given = dict(logged.room.repo.run(run).inputs)
    logged.room.people["mia"].cancel_run(run)
    forged = logged.dispatch("bob", WORKFLOW, given | inputs)
    assert logged.room.repo.run(forged).conclusion == "failure"
    assert uploads(logged) == []


STEPS = [
    ("claim", "Claim"),
    ("collect", "Collect"),
    ("collect", "Complete"),
    ("collect", "Upload"),
    ("report", "Report"),
]


@pytest.mark.parametrize(("job", "step"), STEPS)
def test_a_runner_lost_at_any_request_leaves_an_end_that_people_see(
    logged: Production, job: str, step: str, proof: Proof
) -> None:
    """Never unknown, since it only reads; and done only with an artifact.

    A read that got lost is one that was not made: what took effect is told apart for writes only. Every step
    is lost before it and at its end as well.
    """
    logged.opens()
    logged.asks("bob", "/evidence")
    start = logged.mark()
    logged.hosted.play(logged.run_of("evidence"))
    asked = next((one.asked for one in logged.hosted.ran if (one.job, one.step) == (job, step)), ())
    losses: list[tuple[int | None, bool]] = [(None, False), (None, True)]
    losses += [(number, False) for number in range(len(asked))]
    losses += [(number, True) for number, writes in enumerate(asked) if writes]
    for request, applied in proof(losses, 4):
        logged.back(start)
        loss = RunnerLoss(job, step, request, applied, end=request is None and applied)
        logged.hosted.play(logged.run_of("evidence"), loss)
        assert logged.hosted.runner.struck
        logged.run_everything()
        logged.sweep(after=minutes(400))
        ended = logged.operation("evidence")
        assert ended.state == "ended"
        assert ended.outcome in ("done", "failed", "expired")
        assert (ended.outcome == "done") is (ended.artifact is not None)
        assert len(uploads(logged)) <= 1


@pytest.fixture
def guarded(tmp_path: Path) -> Iterator[Production]:
    """A repository that everybody can see, and settings that say nothing of evidence."""
    with open_production(tmp_path, services=WITH_LOGS) as production:
        file = production.room.root / ".github" / "allclear.yml"
        file.write_text(file.read_text().replace("public_evidence: true\n", ""))
        yield production


def test_in_a_public_repository_nothing_is_collected_however_it_is_asked_for(guarded: Production) -> None:
    guarded.opens()
    said = guarded.says("bob", "/evidence")
    assert "No evidence is collected, because this repository is public" in said
    assert "`public_evidence: true`" in said
    guarded.dispatch("bob", WORKFLOW, {"incident": str(guarded.room.number)})
    guarded.run_everything()
    assert uploads(guarded) == []
    (claim,) = [one for one in guarded.hosted.ran if one.job == "claim"]
    assert claim.code == 1
    assert "because this repository is public" in claim.output
    assert guarded.operations("evidence")[-1].outcome == "refused"


def test_in_a_private_one_it_is_collected_as_ever(guarded: Production) -> None:
    guarded.room.repo.state.private = True
    guarded.opens()
    guarded.says("bob", "/evidence web")
    assert guarded.operation("evidence").outcome == "done"


def test_a_repository_that_is_made_public_after_the_question_gives_nothing_away(guarded: Production) -> None:
    guarded.room.repo.state.private = True
    guarded.opens()
    guarded.asks("bob", "/evidence web")
    guarded.room.repo.state.private = False
    guarded.run_everything()
    assert uploads(guarded) == []
    assert guarded.operation("evidence").outcome == "refused"
