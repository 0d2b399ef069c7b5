"""The evidence of an incident, gathered into a folder (002-21): what GitHub shows, and what the service's own
commands print.

A part that fails is noted in the manifest and does not keep the others away: half of the evidence today is
worth more than all of it when the logs are gone.
"""

from __future__ import annotations

import shlex
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from allclear.adapters.github import read as reading
from allclear.adapters.github.client import PAGE
from allclear.adapters.github.errors import GitHubError
from allclear.adapters.github.read import Reader
from allclear.adapters.github.run_logs import run_logs
from allclear.adapters.production.processes import run_command
from allclear.core.conversation.command import Policy
from allclear.core.model.snapshot import Snapshot
from allclear.core.model.times import stamp
from allclear.core.plan.passing import add_up
from allclear.core.policy.service import Command, Service
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
    filled,
    lean,
    legible,
    operations,
    services,
    smoke_runs,
)
from allclear.core.production.scrub import scrubber, secret_values
from allclear.core.record.chain import checkpoint, read
from allclear.core.record.entry import Entry
from allclear.core.record.incident import Incident
from allclear.jobs.run import Run

FOLDER = "allclear-evidence"
"""Below the checkout, which may well have a folder ``evidence`` of its own."""

MOST_RUNS = 300
MOST_LOGS = 20
MOST_DEPLOYMENTS = 50

PATIENCE = timedelta(minutes=15)
"""For all commands together: a job that GitHub ends for its length would leave nothing at all."""


@dataclass(frozen=True, slots=True)
class Story:
    """What the record says, as far as it is written: commands that nobody answered yet are comments here."""

    policy: Policy
    snapshot: Snapshot
    entries: tuple[Entry, ...]
    incident: Incident


def read_story(run: Run, number: int) -> Story:
    """The incident as its entries have it. Raises GitHubError when it cannot be read."""
    policy = run.policy()
    snapshot = Reader(run.client, run.repository, policy.settings.bots).read(number)
    bots = policy.settings.bots
    kept = checkpoint(snapshot.panel, run.repository, number, bots)
    if policy.trouble and kept is not None:
        policy = run.policy(kept.settings)
    entries = read(snapshot, bots).entries
    return Story(policy, snapshot, entries, add_up(snapshot, entries, policy))


@dataclass(slots=True)
class Gathering:
    """One folder under way. ``names``: whose evidence it is. ``seconds`` is a monotonic clock."""

    run: Run
    story: Story
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


def gather(run: Run, story: Story, *, operation: str, service: str, seconds: Callable[[], float]) -> Manifest:
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
    doing = Gathering(run, story, bundle, folder, names, seconds)
    for source, part in PARTS:
        try:
            part(doing)
        except GitHubError as error:
            bundle.miss(source, f"GitHub did not show it ({error})")
    _commands(doing)
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


def _talk(doing: Gathering) -> None:
    client, bundle = doing.run.client, doing.bundle
    raw = client.get(doing.issue).data
    comments = client.items(f"{doing.issue}/comments")
    doing.keep_items("01-issue.json", [lean(raw)], doing.issue)
    doing.keep_items("02-comments.jsonl", lean(comments), f"{doing.issue}/comments")
    clean, _ = bundle.scrubber.tree({"issue": raw, "comments": comments})
    shown = [reading.comment(one) for one in clean["comments"]]
    bots = doing.story.policy.settings.bots
    text = conversation(reading.issue(clean["issue"]), shown, bots, client.now)
    doing.keep("03-conversation.md", text, f"{doing.issue}, {doing.issue}/comments")


def _timeline(doing: Gathering) -> None:
    path = f"{doing.issue}/timeline"
    # Not every event has an id, so pages and not items: https://docs.github.com/en/rest/issues/timeline
    events = [lean(event) for page in doing.run.client.pages(path) for event in page]
    doing.keep_items("04-timeline.jsonl", events, path)


def _record(doing: Gathering) -> None:
    story = doing.story
    doing.keep_items("05-journal.jsonl", [entry.compact() for entry in story.entries], "the entries")
    doing.keep_items("06-operations.jsonl", operations(story.incident), "the entries")
    doing.keep_items("07-smoke.jsonl", smoke_runs(story.incident), "the entries")


def _runs(doing: Gathering) -> None:
    """All runs since shortly before the start: the deploy that broke it is one of them (000-11)."""
    path = f"{doing.base}/actions/runs"
    found: list[Any] = []
    for page in range(1, MOST_RUNS // PAGE + 1):
        asked: dict[str, str | int] = {"created": f">={stamp(doing.since)}", "per_page": PAGE, "page": page}
        answer = doing.run.client.get(path, asked).data
        new = answer.get("workflow_runs") or []
        found += new
        if len(new) < PAGE:
            break
    doing.keep_items("08-runs.jsonl", lean(found), f"{path}?created=>={stamp(doing.since)}")


def _logs(doing: Gathering) -> None:
    """The logs of the incident's operations. This run's own is not written before it has ended."""
    ended = sorted({one.run for one in doing.story.incident.operations.values() if one.run})
    wanted = [run for run in ended if run != own_run(doing.run.env)]
    for run in wanted[-MOST_LOGS:]:
        source = f"{doing.base}/actions/runs/{run}/logs"
        try:
            for number, (name, data) in enumerate(run_logs(doing.run.client, doing.base, run), start=1):
                words = name.rpartition("/")[2].rpartition(".")[0].lstrip("0123456789_")
                doing.keep(f"09-logs/{run}-{file_name(number, words, 'log')}", legible(data), source)
        except GitHubError as error:
            doing.bundle.miss(source, f"GitHub did not show it ({error})")
    for run in wanted[:-MOST_LOGS]:
        doing.bundle.miss(f"{doing.base}/actions/runs/{run}/logs", f"only the last {MOST_LOGS} logs are kept")


def _deployments(doing: Gathering) -> None:
    settings = doing.story.policy.settings
    there = sorted({settings.services[name].environment for name in doing.names})
    for number, name in enumerate(there or ["production"], start=1):
        path = f"{doing.base}/deployments"
        page = doing.run.client.get(path, {"environment": name, "per_page": MOST_DEPLOYMENTS}).data
        recent = [one for one in page if reading.moment(one.get("updated_at")) >= doing.since]
        shown = [
            lean(one) | {"statuses": lean(doing.run.client.items(f"{path}/{one['id']}/statuses"))}
            for one in recent
        ]
        doing.keep_items(
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


def _commands(doing: Gathering) -> None:
    """What the services' evidence commands print (002-13, 002-21); each gets its listed variables only."""
    settings = doing.story.policy.settings
    here = environment(doing.names, settings)
    end = doing.seconds() + PATIENCE.total_seconds()
    for number, (name, service, command) in enumerate(_listed(doing), start=1):
        source = f"the command {command.name} of {name}"
        left = timedelta(seconds=end - doing.seconds())
        if service.smoke_environment not in ("", here) and command.env:
            needs = f"it needs the environment {service.smoke_environment}, this job has {here}"
            doing.bundle.miss(source, f"{needs}; ask for it by name: /evidence {name}")
        elif left <= timedelta():
            doing.bundle.miss(source, "no time was left, the commands before it took too long")
        else:
            path = f"11-commands/{file_name(number, f'{name} {command.name}', 'txt')}"
            doing.keep(path, _printed(doing, service, command, left), source)


def _listed(doing: Gathering) -> Iterator[tuple[str, Service, Command]]:
    for name in doing.names:
        service = doing.story.policy.settings.services[name]
        yield from ((name, service, command) for command in service.evidence)


def _printed(doing: Gathering, service: Service, command: Command, left: timedelta) -> str:
    incident, run = doing.story.incident, doing.run
    started = incident.milestones.get("started", doing.story.snapshot.issue.created_at)
    values = {**service.values, "incident": str(incident.number), "started": stamp(started)}
    vector = filled(command.run, values)
    given = {name: run.env[name] for name in command.env if name in run.env}
    run.out(f"Evidence: {command.name}")
    done = run_command(vector, timeout=min(command.timeout, left), env=given, cwd=run.root, most=MOST_FILE)
    ended = "could not be started" if done.missing else f"exit code {done.code}"
    ended = "was ended for its length" if done.timed_out else ended
    return f"$ {shlex.join(vector)}\n{ended}, {done.seconds:.1f} s\n\n{done.output.rstrip()}\n"
