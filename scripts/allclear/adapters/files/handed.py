"""A text that one step of a job hands to the next: a file for its length, and its SHA-256 as an output, which
the runner keeps, so that nothing but what was written is read.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from allclear.adapters.files.event import Env, SetupError
from allclear.core.model.patterns import lazy_regex

LARGEST = 1024 * 1024
"""Bytes of such a text: the settings it is made of have at most a quarter of it."""

_DIGEST = lazy_regex(r"[0-9a-f]{64}")


def hand_over(env: Env, name: str, text: str) -> str:
    """Write it for a later step of this job, readable by this account alone; its digest."""
    data = text.encode("utf-8")
    file = _file(env, name)
    file.unlink(missing_ok=True)
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as opened:
        opened.write(data)
    return hashlib.sha256(data).hexdigest()


def handed_over(env: Env, name: str, digest: str) -> str:
    """What a step before wrote. Raises SetupError when it is not there, or not what the digest says."""
    try:
        with _file(env, name).open("rb") as file:
            data = file.read(LARGEST + 1)
    except OSError as error:
        raise SetupError(f"The step before left no {name}") from error
    if not _DIGEST.fullmatch(digest) or hashlib.sha256(data).hexdigest() != digest:
        raise SetupError(f"The {name} is not the one that the step before wrote; nothing is done")
    return data.decode("utf-8")


def _file(env: Env, name: str) -> Path:
    folder = env.get("RUNNER_TEMP")
    if not folder:
        raise SetupError("RUNNER_TEMP is not set; this script is started by a workflow")
    return Path(folder) / f"allclear-{name}.json"
