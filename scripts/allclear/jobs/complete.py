"""The step that adds what the services' own commands print to the evidence (002-21), takes every secret that
they know out of all of it, and closes the folder. It holds the secrets that the commands name, and no token.
"""

from __future__ import annotations

import hashlib
import shlex
from datetime import timedelta
from pathlib import Path

from pydantic import ValidationError

from allclear.adapters.files.event import SetupError
from allclear.adapters.files.handed import handed_over
from allclear.adapters.files.job_output import safe_line, summarise, write_outputs
from allclear.adapters.production.processes import run_command
from allclear.core.model.operation import Artifact
from allclear.core.model.scrub import scrubber, secret_values
from allclear.core.production.evidence import MANIFEST, MOST_FILE, SUMS, Bundle, Kept, Manifest, table
from allclear.core.production.handover import EvidenceCommand, EvidenceDecision, Result, write_result
from allclear.jobs.collect import COLLECTED, FOLDER
from allclear.jobs.commands import empty, variables
from allclear.jobs.run import LocalStep

PATIENCE = timedelta(minutes=15)
"""For all commands together: a job that GitHub ends for its length would leave nothing at all."""


def complete(step: LocalStep) -> None:
    """Add what the commands print, and close the folder. Gives the output ``result``."""
    decision = _decided(step)
    manifest = close(step, decision)
    for one in manifest.files:
        text = f"{one.sha256}  {one.path} ({one.bytes} bytes, {one.scrubbed} scrubbed, {one.cut} cut)"
        step.out(safe_line(text))
    for missing in manifest.missing:
        step.out(safe_line(f"Not collected: {missing.source}: {missing.why}"))
    summarise(step.env, table(manifest))
    artifact = Artifact(url="", sha256="", files=len(manifest.files) + 2, kinds=manifest.kinds)
    result = Result(
        operation=decision.operation, outcome="done", executed=True, text=manifest.summary, artifact=artifact
    )
    write_outputs(step.env, {"result": write_result(result)})


def _decided(step: LocalStep) -> EvidenceDecision:
    text = handed_over(step.env, COLLECTED, step.env.get("ALLCLEAR_DECISION", ""))
    try:
        decision = EvidenceDecision.model_validate_json(text)
    except ValidationError as error:
        raise SetupError("What the step before collected cannot be read; nothing is added") from error
    own = (step.env.get("ALLCLEAR_OPERATION"), step.env.get("GITHUB_RUN_ID"))
    if own != (decision.operation, str(decision.run)):
        raise SetupError("What the step before collected is another run's; nothing is added")
    return decision


def close(step: LocalStep, decision: EvidenceDecision) -> Manifest:
    """The folder with the commands' files, ``manifest.json`` and ``SHA256SUMS``. Returns the manifest.

    The files of the step before are read again: it did not know the secrets.
    """
    folder = step.root / FOLDER
    listed = [name for command in decision.commands for name in command.env]
    bundle = Bundle(scrubber(secret_values(step.env, listed)), left=decision.left)
    bundle.missing.extend(decision.manifest.missing)
    for line in empty(step.env, listed, decision.environment):
        step.out(f"::warning::{safe_line(line)}")
    for kept in decision.manifest.files:
        changed = bundle.once_more(kept, _read(folder / kept.path, kept))
        if changed is not None:
            (folder / kept.path).write_bytes(changed)
    end = step.seconds() + PATIENCE.total_seconds()
    for command in decision.commands:
        left = timedelta(seconds=end - step.seconds())
        if left <= timedelta():
            bundle.miss(command.source, "no time was left, because the commands before it took too long")
            continue
        printed, well = _printed(step, command, left)
        data = bundle.keep(command.path, printed, command.source, decision.manifest.collected)
        if data is not None:
            bundle.kinds += [command.name] if well else []
            file = folder / command.path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(data)
    manifest, text, sums = bundle.closing(decision.manifest)
    (folder / MANIFEST).write_bytes(text)
    (folder / SUMS).write_bytes(sums)
    return manifest


def _read(file: Path, kept: Kept) -> bytes:
    """A file as the step before left it. Raises SetupError when it is another by now."""
    data = file.read_bytes() if file.is_file() else None
    if data is None or hashlib.sha256(data).hexdigest() != kept.sha256:
        raise SetupError(f"{kept.path} is not what the step before collected; nothing is sealed")
    return data


def _printed(step: LocalStep, command: EvidenceCommand, left: timedelta) -> tuple[str, bool]:
    """What the command printed, and whether it went well."""
    step.out(safe_line(f"Evidence: {command.name}"))
    with variables(step.env, command.env) as given:
        done = run_command(
            command.words, timeout=min(command.timeout, left), env=given, cwd=step.root, most=MOST_FILE
        )
    ended = "could not be started" if done.missing else f"exit code {done.code}"
    ended = "was stopped because it took too long" if done.timed_out else ended
    text = f"$ {shlex.join(command.words)}\n{ended}, {done.seconds:.1f} s\n\n{done.output.rstrip()}\n"
    return text, done.passed
