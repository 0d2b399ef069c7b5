"""Where evidence went: the artifact that the job before uploaded, held against what GitHub has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from allclear.adapters.github.again import again
from allclear.adapters.github.errors import GitHubError, NotFoundError, UnavailableError
from allclear.adapters.github.read import moment
from allclear.core.model.operation import Artifact
from allclear.core.model.patterns import lazy_regex
from allclear.core.production.clearance import Refusal
from allclear.core.production.handover import Result
from allclear.jobs.collect import AGAIN
from allclear.jobs.operation_job import OperationJob, log

SHA256 = lazy_regex(r"(?:sha256:)?([0-9a-f]{64})")


def sealed(job: OperationJob, result: Result) -> Artifact | Refusal:
    """The artifact of this run: link, SHA-256, expiry, number of files; why there is none to rely on."""
    env = job.run.env
    number, digest = env.get("ALLCLEAR_ARTIFACT_ID", ""), _digest(env.get("ALLCLEAR_ARTIFACT_DIGEST"))
    if not (number.isascii() and number.isdigit() and digest):
        return Refusal("upload", f"The upload step gave no artifact id and digest. {AGAIN}")
    seen = _seen(job, int(number))
    if seen.get("digest") and _digest(seen["digest"]) != digest:
        return Refusal("digest", f"Artifact {number} at GitHub is not the one that the job uploaded. {AGAIN}")
    expires = seen.get("expires_at")
    return Artifact(
        url=f"{job.url}/artifacts/{number}",
        sha256=digest,
        expires=moment(expires) if expires else None,
        files=result.artifact.files if result.artifact else 0,
        kinds=result.artifact.kinds if result.artifact else (),
    )


def _digest(text: object) -> str:
    """The hex digits of a SHA-256, as the upload action or the API writes it; empty when it is none."""
    found = SHA256.fullmatch(str(text))
    return found[1] if found else ""


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
