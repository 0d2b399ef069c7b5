"""The evidence job, between the claim and the report: ``collect`` fills the folder that the job uploads with
what GitHub shows and what the service's own commands print (002-21), ``seal`` writes down where it went.

Nothing here changes production, so a runner that is lost leaves a failed operation, and the next `/evidence`
begins anew. A part that fails is noted in the manifest and does not keep the others away: half of the
evidence today is worth more than all of it when the logs are gone.
"""

from __future__ import annotations

import re
import shlex
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from allclear.adapters.files.job_output import summarise
from allclear.adapters.github import read as reading
from allclear.adapters.github.again import again
from allclear.adapters.github.client import PAGE
from allclear.adapters.github.errors import GitHubError, NotFoundError, UnavailableError
from allclear.adapters.github.executions import Held
from allclear.adapters.github.read import moment
from allclear.adapters.github.records import LostError
from allclear.adapters.github.run_logs import run_logs
from allclear.adapters.production.processes import run_command
from allclear.core.model.execution import ExecutionStep
from allclear.core.model.operation import Artifact
from allclear.core.model.times import stamp
from allclear.core.policy.service import Service, ServiceCommand
from allclear.core.production.clearance import Refusal
from allclear.core.production.evidence import (
    BEFORE,
    MANIFEST,
    MOST_FILE,
    SUMS,
    Bundle,
    Manifest,
    conversation,
    environment,
    file_name,
    lean,
    legible,
    operations,
    services,
    smoke_runs,
    table,
)
from allclear.core.production.listing import filled
from allclear.core.production.scrub import scrubber, secret_values
from allclear.jobs.operation_job import (
    OperationJob,
    RecordedIncident,
    advance,
    at_step,
    held_here,
    log,
    operation_job,
    recorded_incident,
    refuse,
)
from allclear.jobs.run import Run

SHA256 = re.compile(r"(?:sha256:)?([0-9a-f]{64})")
AGAIN = "Write /evidence in the incident to collect it again."


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
        log(job, f"Not collected: {missing.source}: {missing.why}")
    summarise(run.env, table(manifest))


def seal(run: Run) -> None:
    """Write the artifact that the job uploaded into the record: link, SHA-256, expiry, number of files."""
    job = operation_job(run)
    number, digest = run.env.get("ALLCLEAR_ARTIFACT_ID", ""), _digest(run.env.get("ALLCLEAR_ARTIFACT_DIGEST"))
    if not (number.isascii() and number.isdigit() and digest):
        refuse(job, Refusal("upload", f"The upload step gave no artifact id and digest. {AGAIN}"))
        return
    manifest = _manifest(run)
    if manifest is None:
        refuse(job, Refusal("manifest", f"There is no manifest of what was collected. {AGAIN}"))
        return
    seen = _seen(job, int(number))
    if seen.get("digest") and _digest(seen["digest"]) != digest:
        refuse(
            job,
            Refusal("digest", f"Artifact {number} at GitHub is not the one that the job uploaded. {AGAIN}"),
        )
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
                wrong = Refusal("lost", "Another run has taken it over meanwhile.")
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


FOLDER = "allclear-evidence"
"""Below the checkout, which may well have a folder ``evidence`` of its own."""

MOST_RUNS = 300
MOST_LOGS = 20
MOST_DEPLOYMENTS = 50

PATIENCE = timedelta(minutes=15)
"""For all commands together: a job that GitHub ends for its length would leave nothing at all."""


@dataclass(slots=True)
class Gathering:
    """One folder under way. ``names``: whose evidence it is. ``seconds`` is a monotonic clock."""

    run: Run
    story: RecordedIncident
    bundle: Bundle
    folder: Path
    names: tuple[str, ...]
    seconds: Callable[[], float]

    @property
    def base(self) -> str:
        """Where the API shows the repository."""
        return f"/repos/{self.run.repository.name}"

    @property
    def issue(self) -> str:
        """Where the API shows the issue."""
        return f"{self.base}/issues/{self.story.snapshot.issue.number}"

    @property
    def since(self) -> datetime:
        """From when on the surroundings are looked at."""
        incident, issue = self.story.incident, self.story.snapshot.issue
        return incident.milestones.get("started", issue.created_at) - BEFORE

    def keep(self, path: str, text: str, source: str) -> None:
        """Write a text to the folder."""
        self._write(path, self.bundle.keep(path, text, source, self.run.client.now))

    def keep_items(self, path: str, items: list[Any], source: str) -> None:
        """Write a list to the folder."""
        self._write(path, self.bundle.keep_items(path, items, source, self.run.client.now))

    def _write(self, path: str, data: bytes | None) -> None:
        if data is not None:
            file = self.folder / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(data)


def gather(
    run: Run, story: RecordedIncident, *, operation: str, service: str, seconds: Callable[[], float]
) -> Manifest:
    """Fill the folder, with ``manifest.json`` and ``SHA256SUMS`` last. Returns the manifest.

    ``service``: the one that was named; empty for those of the incident. Values of the job's environment that
    are secrets are taken out of every file.
    """
    folder = run.root / FOLDER
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    settings = story.policy.settings
    names = services(service, story.incident, settings)
    listed = [name for one in names for command in settings.services[one].evidence for name in command.env]
    bundle = Bundle(scrubber(secret_values(run.env, [*listed, "GITHUB_TOKEN"])))
    job = Gathering(run, story, bundle, folder, names, seconds)
    for source, part in PARTS:
        try:
            part(job)
        except GitHubError as error:
            bundle.miss(source, f"GitHub did not show it ({error})")
    _commands(job)
    about = Manifest(
        repository=run.repository.name,
        issue=story.snapshot.issue.number,
        operation=operation,
        run=own_run(run.env),
        collected=run.client.now,
    )
    manifest, text, sums = bundle.closing(about)
    (folder / MANIFEST).write_bytes(text)
    (folder / SUMS).write_bytes(sums)
    return manifest


def own_run(env: Mapping[str, str]) -> int:
    """The id of the workflow run this is; 0 outside of one."""
    number = env.get("GITHUB_RUN_ID", "")
    return int(number) if number.isascii() and number.isdigit() else 0


def _talk(job: Gathering) -> None:
    client, bundle = job.run.client, job.bundle
    raw = client.get(job.issue).data
    comments = client.items(f"{job.issue}/comments")
    job.keep_items("01-issue.json", [lean(raw)], job.issue)
    job.keep_items("02-comments.jsonl", lean(comments), f"{job.issue}/comments")
    clean, _ = bundle.scrubber.tree({"issue": raw, "comments": comments})
    shown = [reading.comment(one) for one in clean["comments"]]
    bots = job.story.policy.settings.bots
    text = conversation(reading.issue(clean["issue"]), shown, bots, client.now)
    job.keep("03-conversation.md", text, f"{job.issue}, {job.issue}/comments")


def _timeline(job: Gathering) -> None:
    path = f"{job.issue}/timeline"
    # Not every event has an id, so pages and not items: https://docs.github.com/en/rest/issues/timeline
    events = [lean(event) for page in job.run.client.pages(path) for event in page]
    job.keep_items("04-timeline.jsonl", events, path)


def _record(job: Gathering) -> None:
    story = job.story
    job.keep_items("05-journal.jsonl", [entry.compact() for entry in story.entries], "the entries")
    job.keep_items("06-operations.jsonl", operations(story.incident), "the entries")
    job.keep_items("07-smoke.jsonl", smoke_runs(story.incident), "the entries")


def _runs(job: Gathering) -> None:
    """All runs since shortly before the start: the deploy that broke it is one of them (000-11)."""
    path = f"{job.base}/actions/runs"
    found: list[Any] = []
    for page in range(1, MOST_RUNS // PAGE + 1):
        asked: dict[str, str | int] = {"created": f">={stamp(job.since)}", "per_page": PAGE, "page": page}
        answer = job.run.client.get(path, asked).data
        new = answer.get("workflow_runs") or []
        found += new
        if len(new) < PAGE:
            break
    job.keep_items("08-runs.jsonl", lean(found), f"{path}?created=>={stamp(job.since)}")


def _logs(job: Gathering) -> None:
    """The logs of the incident's operations. This run's own is not written before it has ended."""
    ended = sorted({one.run for one in job.story.incident.production.operations.values() if one.run})
    wanted = [run for run in ended if run != own_run(job.run.env)]
    for run in wanted[-MOST_LOGS:]:
        source = f"{job.base}/actions/runs/{run}/logs"
        try:
            for number, (name, data) in enumerate(run_logs(job.run.client, job.base, run), start=1):
                words = name.rpartition("/")[2].rpartition(".")[0].lstrip("0123456789_")
                job.keep(f"09-logs/{run}-{file_name(number, words, 'log')}", legible(data), source)
        except GitHubError as error:
            job.bundle.miss(source, f"GitHub did not show it ({error})")
    for run in wanted[:-MOST_LOGS]:
        job.bundle.miss(f"{job.base}/actions/runs/{run}/logs", f"only the last {MOST_LOGS} logs are kept")


def _deployments(job: Gathering) -> None:
    settings = job.story.policy.settings
    there = sorted({settings.services[name].environment for name in job.names})
    for number, name in enumerate(there or ["production"], start=1):
        path = f"{job.base}/deployments"
        page = job.run.client.get(path, {"environment": name, "per_page": MOST_DEPLOYMENTS}).data
        recent = [one for one in page if reading.moment(one.get("updated_at")) >= job.since]
        shown = [
            lean(one) | {"statuses": lean(job.run.client.items(f"{path}/{one['id']}/statuses"))}
            for one in recent
        ]
        job.keep_items(
            f"10-deployments/{file_name(number, name, 'jsonl')}", shown, f"{path}?environment={name}"
        )


PARTS: tuple[tuple[str, Callable[[Gathering], None]], ...] = (
    ("the issue and its comments", _talk),
    ("the timeline of the issue", _timeline),
    ("the record", _record),
    ("the workflow runs", _runs),
    ("the logs of the operations", _logs),
    ("the deployments", _deployments),
)


def _commands(job: Gathering) -> None:
    """What the services' evidence commands print (002-13, 002-21); each gets its listed variables only."""
    settings = job.story.policy.settings
    here = environment(job.names, settings)
    end = job.seconds() + PATIENCE.total_seconds()
    for number, (name, service, command) in enumerate(_listed(job), start=1):
        source = f"the command {command.name} of {name}"
        left = timedelta(seconds=end - job.seconds())
        if service.smoke_environment not in ("", here) and command.env:
            needs = f"it needs the environment {service.smoke_environment}, and this job has {here}"
            job.bundle.miss(source, f"{needs}; ask for it by name: /evidence {name}")
        elif left <= timedelta():
            job.bundle.miss(source, "no time was left, because the commands before it took too long")
        else:
            path = f"11-commands/{file_name(number, f'{name} {command.name}', 'txt')}"
            job.keep(path, _printed(job, service, command, left), source)


def _listed(job: Gathering) -> Iterator[tuple[str, Service, ServiceCommand]]:
    for name in job.names:
        service = job.story.policy.settings.services[name]
        yield from ((name, service, command) for command in service.evidence)


def _printed(job: Gathering, service: Service, command: ServiceCommand, left: timedelta) -> str:
    incident, run = job.story.incident, job.run
    started = incident.milestones.get("started", job.story.snapshot.issue.created_at)
    values = {**service.values, "incident": str(incident.number), "started": stamp(started)}
    vector = filled(command.run, values, foreign=True)
    given = {name: run.env[name] for name in command.env if name in run.env}
    run.out(f"Evidence: {command.name}")
    done = run_command(vector, timeout=min(command.timeout, left), env=given, cwd=run.root, most=MOST_FILE)
    ended = "could not be started" if done.missing else f"exit code {done.code}"
    ended = "was stopped because it took too long" if done.timed_out else ended
    return f"$ {shlex.join(vector)}\n{ended}, {done.seconds:.1f} s\n\n{done.output.rstrip()}\n"
