"""The step that collects what GitHub shows of an incident (002-21), with a token that only reads. What the
service's own commands print is added by the next step (complete.py), which holds their secrets and no token;
the last job writes down where all of it went.

Nothing here changes production, so a runner that is lost leaves a failed operation, and the next `/evidence`
begins anew. A part that fails is noted in the manifest and does not keep the others away: half of the
evidence today is worth more than all of it when the logs are gone.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from msgspec import Struct

from allclear.adapters.files.handed import hand_over
from allclear.adapters.github import read as reading
from allclear.adapters.github.client import PAGE
from allclear.adapters.github.errors import GitHubError
from allclear.adapters.github.run_logs import run_logs
from allclear.core.model.scrub import scrubber, secret_values
from allclear.core.model.times import stamp
from allclear.core.policy.service import Service, ServiceCommand
from allclear.core.postmortem.recorded_report import identifier
from allclear.core.production.clearance import Refusal
from allclear.core.production.evidence import (
    BEFORE,
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
)
from allclear.core.production.handover import EvidenceCommand, EvidenceDecision
from allclear.core.production.listing import filled
from allclear.jobs.operation_job import (
    RecordedIncident,
    at_step,
    held_here,
    operation_job,
    recorded_incident,
    refuse,
    set_outputs,
)
from allclear.jobs.run import Run

AGAIN = "Write /evidence in the incident to collect it again."
COLLECTED = "collected"


def collect(run: Run) -> None:
    """Fill the folder with what GitHub shows, in the run that claimed the operation. Gives the output
    ``decision``, the digest of the file for the next step.
    """
    job = operation_job(run)
    held = held_here(job, ["evidence"])
    wrong = held if isinstance(held, Refusal) else at_step(held, "claimed")
    if wrong is not None or isinstance(held, Refusal):
        why = wrong or Refusal("unknown", "")
        refuse(job, Refusal(why.code, f"{why.text} {AGAIN}"), run.env.get("ALLCLEAR_OPERATION", ""))
        return
    record = held.execution
    story = recorded_incident(run, record.issue)
    decision = gather(run, story, operation=record.operation, service=record.service)
    set_outputs(job, {"decision": hand_over(run.env, COLLECTED, decision.model_dump_json())})


FOLDER = "allclear-evidence"
"""Below the checkout, which may well have a folder ``evidence`` of its own."""

MOST_RUNS = 300
MOST_LOGS = 20
MOST_DEPLOYMENTS = 50


class Gathering(Struct):
    """One folder under way. ``names``: whose evidence it is."""

    run: Run
    story: RecordedIncident
    bundle: Bundle
    folder: Path
    names: tuple[str, ...]

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


def gather(run: Run, story: RecordedIncident, *, operation: str, service: str) -> EvidenceDecision:
    """Fill the folder with what GitHub shows, and say what is in it and which commands are to be added.

    ``service``: the one that was named; empty for those of the incident.
    """
    folder = run.root / FOLDER
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    settings = story.policy.settings
    names = services(service, story.incident, settings)
    bundle = Bundle(scrubber(secret_values(run.env, ["GITHUB_TOKEN"])))
    job = Gathering(run, story, bundle, folder, names)
    for source, part in PARTS:
        try:
            part(job)
        except GitHubError as error:
            bundle.miss(source, f"GitHub did not show it ({error})")
    commands = tuple(_commands(job))
    manifest = Manifest(
        repository=run.repository.name,
        issue=story.snapshot.issue.number,
        operation=operation,
        run=own_run(run.env),
        collected=run.client.now,
        files=tuple(bundle.files),
        missing=tuple(bundle.missing),
    )
    return EvidenceDecision(
        operation=operation,
        run=manifest.run,
        environment=environment(names, settings),
        manifest=manifest,
        left=bundle.left,
        commands=commands,
    )


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


def _commands(job: Gathering) -> Iterator[EvidenceCommand]:
    """The services' evidence commands (002-13, 002-21); a job has one environment, so those that need another
    are left out, and it is said.
    """
    settings, incident = job.story.policy.settings, job.story.incident
    here = environment(job.names, settings)
    started = incident.milestones.get("started", job.story.snapshot.issue.created_at)
    for number, (name, service, command) in enumerate(_listed(job), start=1):
        source = f"the command {command.name} of {name}"
        if service.smoke_environment not in ("", here) and command.env:
            needs = f"it needs the environment {service.smoke_environment}, and this job has {here}"
            job.bundle.miss(source, f"{needs}; ask for it by name: /evidence {name}")
            continue
        values = {
            **service.values,
            "incident": str(incident.number),
            "incident_id": identifier(started, incident.number),
            "started": stamp(started),
        }
        yield EvidenceCommand(
            source=source,
            path=f"11-commands/{file_name(number, f'{name} {command.name}', 'txt')}",
            name=command.name,
            words=filled(command.run, values, foreign=True),
            env=command.env,
            timeout=command.timeout,
        )


def _listed(job: Gathering) -> Iterator[tuple[str, Service, ServiceCommand]]:
    for name in job.names:
        service = job.story.policy.settings.services[name]
        yield from ((name, service, command) for command in service.evidence)
