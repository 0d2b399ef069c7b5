"""The steps of evidence.yml between the claim and the report: ``collect`` fills the folder that the job
uploads, ``seal`` writes down where it went.

Nothing here changes production, so a runner that is lost leaves a failed operation, and the next `/evidence`
begins anew.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from allclear.adapters.files.job_output import summarise
from allclear.adapters.github.again import again
from allclear.adapters.github.errors import GitHubError, NotFoundError, UnavailableError
from allclear.adapters.github.executions import Held
from allclear.adapters.github.read import moment
from allclear.adapters.github.records import LostError
from allclear.core.model.execution import ExecutionStep
from allclear.core.model.operation import Artifact
from allclear.core.production.clearance import Refusal
from allclear.core.production.evidence import MANIFEST, Manifest, table
from allclear.jobs.gather import FOLDER, gather, recorded_incident
from allclear.jobs.handover import log, refuse
from allclear.jobs.hold import advance, at_step, held_here
from allclear.jobs.run import Run
from allclear.jobs.scene import OperationJob, operation_job

SHA256 = re.compile(r"(?:sha256:)?([0-9a-f]{64})")
AGAIN = "Write /evidence in the incident to begin anew."


def collect(run: Run) -> None:
    """Fill the folder, once, in the run that claimed the operation."""
    job = operation_job(run)
    held = _held(job, "claimed", {"step": "started", "started": run.client.now})
    if held is None:
        return
    record = held.execution
    story = recorded_incident(run, record.issue)
    manifest = gather(run, story, operation=record.operation, service=record.service, seconds=run.seconds)
    for one in manifest.files:
        log(job, f"{one.sha256}  {one.path} ({one.bytes} bytes, {one.scrubbed} scrubbed, {one.cut} cut)")
    for missing in manifest.missing:
        log(job, f"Not had: {missing.source}: {missing.why}")
    summarise(run.env, table(manifest))


def seal(run: Run) -> None:
    """Write the artifact that the job uploaded into the record: link, SHA-256, expiry, number of files."""
    job = operation_job(run)
    number, digest = run.env.get("ALLCLEAR_ARTIFACT_ID", ""), _digest(run.env.get("ALLCLEAR_ARTIFACT_DIGEST"))
    if not (number.isascii() and number.isdigit() and digest):
        refuse(job, Refusal("upload", f"The upload step told no artifact id and digest. {AGAIN}"))
        return
    manifest = _manifest(run)
    if manifest is None:
        refuse(job, Refusal("manifest", f"There is no manifest of what was collected. {AGAIN}"))
        return
    seen = _seen(job, int(number))
    if seen.get("digest") and _digest(seen["digest"]) != digest:
        refuse(job, Refusal("digest", f"GitHub has another artifact {number} than the job uploaded. {AGAIN}"))
        return
    expires = seen.get("expires_at")
    artifact = Artifact(
        url=f"{job.url}/artifacts/{number}",
        sha256=digest,
        expires=moment(expires) if expires else None,
        files=len(manifest.files) + 2,
    )
    done = {"step": "ended", "outcome": "done", "executed": True, "ended": run.client.now}
    if _held(job, "started", {**done, "artifact": artifact, "text": manifest.summary}) is not None:
        log(job, f"Sealed: {artifact.url} {artifact.sha256}")


def _held(job: OperationJob, step: ExecutionStep, changes: Mapping[str, Any]) -> Held | None:
    """This run's record, which was at ``step`` and now has the changes; None, and said, when it is not ours
    to change.
    """
    held = held_here(job, ["evidence"])
    if not isinstance(held, Refusal):
        wrong = at_step(held, step)
        if wrong is None:
            try:
                return advance(job, held, changes)
            except LostError:
                wrong = Refusal("lost", "Another run took it on meanwhile.")
        held = wrong
    refuse(job, Refusal(held.code, f"{held.text} {AGAIN}"), job.run.env.get("ALLCLEAR_OPERATION", ""))
    return None


def _digest(text: object) -> str:
    """The hex digits of a SHA-256, as the upload action or the API writes it; empty when it is none."""
    found = SHA256.fullmatch(str(text))
    return found[1] if found else ""


def _manifest(run: Run) -> Manifest | None:
    try:
        return Manifest.model_validate_json((run.root / FOLDER / MANIFEST).read_bytes())
    except (OSError, ValidationError):
        return None


def _seen(job: OperationJob, number: int) -> Mapping[str, Any]:
    """The artifact as GitHub has it. One that cannot be looked up still has its link and hash.

    https://docs.github.com/en/rest/actions/artifacts#get-an-artifact
    """
    path = f"{job.base}/actions/artifacts/{number}"
    client = job.run.client
    # It was uploaded a moment ago, to another server.
    unseen = (NotFoundError, UnavailableError)
    try:
        return dict(again(client.pause, lambda: client.get(path), on=unseen).data)
    except GitHubError:
        log(job, f"GitHub did not show artifact {number}, so until when it is kept is not known.")
        return {}
