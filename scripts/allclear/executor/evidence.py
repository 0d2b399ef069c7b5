"""The steps of evidence.yml between the claim and the report: ``collect`` fills the folder that the job
uploads, ``seal`` writes down where it went.

Nothing here changes production, so a runner that is lost leaves a failed operation, and the next `/evidence`
begins anew.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from pydantic import ValidationError

from allclear.adapters.errors import GitHubError, NotFoundError, UnavailableError
from allclear.adapters.event import SetupError
from allclear.adapters.executions import Executions, Held
from allclear.adapters.github import BACKOFF
from allclear.adapters.job_output import safe_line, summarise
from allclear.adapters.reading import moment
from allclear.adapters.records import LostError
from allclear.core.evidence import MANIFEST, Manifest, table
from allclear.core.execution import Execution
from allclear.core.operation import Artifact, is_operation_id
from allclear.executor.gathering import FOLDER, gather, own_run, read_story
from allclear.passes.run import Run

SHA256 = re.compile(r"(?:sha256:)?([0-9a-f]{64})")
AGAIN = "Write `/evidence` in the incident to begin anew."


def collect(run: Run, *, seconds: Callable[[], float]) -> None:
    """Fill the folder. ``seconds`` is a monotonic clock. Raises SetupError when this run may not."""
    held = _held(run, "claimed")
    record = held.execution
    _advance(run, held, {"step": "started", "started": run.client.now})
    story = read_story(run, record.issue)
    manifest = gather(run, story, operation=record.operation, service=record.service, seconds=seconds)
    for one in manifest.files:
        run.out(f"{one.sha256}  {one.path} ({one.bytes} bytes, {one.scrubbed} scrubbed, {one.cut} cut)")
    for missing in manifest.missing:
        run.out(safe_line(f"Not had: {missing.source}: {missing.why}"))
    summarise(run.env, table(manifest))


def seal(run: Run) -> None:
    """Write the artifact that the job uploaded into the record: link, SHA-256, expiry, number of files.

    Raises SetupError when the job did not upload what was collected.
    """
    held = _held(run, "started")
    number, digest = run.env.get("ALLCLEAR_ARTIFACT_ID", ""), _digest(run.env.get("ALLCLEAR_ARTIFACT_DIGEST"))
    if not (number.isascii() and number.isdigit() and digest):
        raise SetupError(f"the upload step told no artifact id and digest. {AGAIN}")
    manifest = _manifest(run)
    seen = _seen(run, int(number))
    if seen.get("digest") and _digest(seen["digest"]) != digest:
        raise SetupError(f"GitHub has another artifact {number} than the job uploaded. {AGAIN}")
    expires = seen.get("expires_at")
    artifact = Artifact(
        url=f"{run.repository.url}/actions/runs/{own_run(run.env)}/artifacts/{number}",
        sha256=digest,
        expires=moment(expires) if expires else None,
        files=len(manifest.files) + 2,
    )
    done = {"step": "ended", "outcome": "done", "executed": True, "ended": run.client.now}
    _advance(run, held, {**done, "artifact": artifact, "text": manifest.summary})
    run.out(f"Sealed: {artifact.url} {artifact.sha256}")


def _held(run: Run, step: str) -> Held:
    """This run's record, at the step it has to be at. Raises SetupError."""
    operation, issue = run.env.get("ALLCLEAR_OPERATION", ""), run.env.get("ALLCLEAR_ISSUE", "")
    if not is_operation_id(operation) or not (issue.isascii() and issue.isdigit()) or int(issue) == 0:
        raise SetupError("ALLCLEAR_OPERATION and ALLCLEAR_ISSUE come from the claim job of evidence.yml")
    held = Executions(run.client, run.repository).read(int(issue), operation)
    if held is None or held.execution.run != own_run(run.env) or held.execution.kind != "evidence":
        raise SetupError(f"{operation} was not claimed by this run. {AGAIN}")
    if held.execution.step != step:
        raise SetupError(f"{operation} is {held.execution.step} already; a run is not done twice. {AGAIN}")
    return held


def _advance(run: Run, held: Held, changes: Mapping[str, Any]) -> None:
    record = Execution.model_validate(held.execution.model_dump() | dict(changes))
    try:
        Executions(run.client, run.repository).advance(held, record)
    except LostError as error:
        raise SetupError(f"{record.operation} was taken on by somebody else. {AGAIN}") from error


def _digest(text: object) -> str:
    """The hex digits of a SHA-256, as the upload action or the API writes it; empty when it is none."""
    found = SHA256.fullmatch(str(text))
    return found[1] if found else ""


def _manifest(run: Run) -> Manifest:
    try:
        return Manifest.model_validate_json((run.root / FOLDER / MANIFEST).read_bytes())
    except (OSError, ValidationError) as error:
        raise SetupError(f"there is no manifest of what was collected. {AGAIN}") from error


def _seen(run: Run, number: int) -> Mapping[str, Any]:
    """The artifact as GitHub has it. One that cannot be looked up still has its link and hash.

    https://docs.github.com/en/rest/actions/artifacts#get-an-artifact
    """
    path = f"/repos/{run.repository.name}/actions/artifacts/{number}"
    for wait in BACKOFF:
        try:
            return dict(run.client.get(path).data)
        except (NotFoundError, UnavailableError):
            # It was uploaded a moment ago, to another server.
            run.client.pause(wait)
        except GitHubError:
            break
    run.out(f"GitHub did not show artifact {number}, so until when it is kept is not known.")
    return {}
