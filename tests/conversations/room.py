"""An incident room: people talk on an issue of the embedded GitHub, the real doors answer.

`room.says("bob", "/ack")` writes the comment and starts the run that GitHub would start; `writes` writes it
and no run
happens (a lost event); `run` is a run for the issue; `sweep` and `write_up` are the other doors.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

from yaml import safe_load

from allclear import app
from allclear.adapters.github.at_once import AtOnce, in_turn
from allclear.adapters.github.client import Client
from allclear.adapters.github.read import Reader
from allclear.core.model.snapshot import Repository, Snapshot
from allclear.core.policy.runbook import Runbook
from allclear.core.policy.settings import ACTIONS_BOT
from allclear.core.record.chain import Journal, read
from allclear.core.record.fold import fold
from allclear.core.record.incident import Incident
from allclear.core.record.seal import Trust, new_key, parse_keys
from allclear_lab.github import (
    Account,
    BrowserUser,
    CommentView,
    Delivery,
    GitHub,
    IssueView,
    RepositoryHandle,
    SimClock,
)
from allclear_lab.github.state import Role
from core.postmortem.mending import mended

ROOT = Path(__file__).resolve().parents[2]
START = datetime(2025, 10, 19, 14, 2, tzinfo=UTC)
KEY = new_key(START.date(), bytes(range(32)))
"""What a room may have as the secret ALLCLEAR_KEY."""
ROLES: dict[str, Role | None] = {
    "ann": "admin",
    "mia": "maintain",
    "bob": "write",
    "cat": "triage",
    "rae": "read",
    "out": None,
}
PERMISSIONS: dict[str, str] = {}
OPERATIONS = ("rollback-production.yml", "smoke.yml", "evidence.yml")
"""The workflows that a pass may start."""
SETTINGS = """\
runbook: hotdash
people:
  DevOps: [bob, cat]
  Manager: [mia]
  CEO: [ann]
public_evidence: true
"""
"""The room is a public repository, so that people without any role can comment."""


@dataclass
class Room:
    """One repository with one incident under way, usually; `number` is the issue last opened, `key` the
    secret ALLCLEAR_KEY. `meanwhile`: what others do while a run waits, which moves the clock; `at_once`: how
    requests are made that do not wait for each other.
    """

    hub: GitHub
    clock: SimClock
    repo: RepositoryHandle
    people: dict[str, BrowserUser]
    root: Path
    folder: Path
    number: int = 0
    delivered: int = 0
    pending: list[int] = field(default_factory=list)
    outputs: dict[str, str] = field(default_factory=dict)
    printed: list[str] = field(default_factory=list)
    codes: list[int] = field(default_factory=list)
    runs: int = 0
    permissions: dict[str, str] = field(default_factory=dict)
    key: str = ""
    meanwhile: Callable[[float], None] | None = None
    at_once: AtOnce = in_turn

    # -- people
    # ------------------------------------------------------------------------------------------------

    def opens(
        self, who: str, title: str = "[INCIDENT P0] Production down", body: str = "", **labels: Any
    ) -> int:
        """Somebody opens an issue (labels: `labels=(...)`, `form_labels=(...)`), and the runs for it
        happen.
        """
        self.number = self.people[who].open_issue(title, body, **(labels or {"labels": ("incident", "P0")}))
        self.deliver()
        return self.number

    def writes(self, who: str, text: str) -> int:
        """A comment whose event is lost."""
        comment = self.people[who].comment(self.number, text)
        self.delivered = len(self.hub.deliveries)
        return comment

    def bot_says(self, body: str) -> None:
        """A comment by the bot's own account, as any workflow of the repository can write one."""
        token = self.hub.actions_token(self.repo, permissions={"issues": "write"})
        client = self.client(token)
        client.send("POST", f"/repos/acme/shop/issues/{self.number}/comments", {"body": body})

    def echoes(self, who: str, text: str) -> int:
        """Another workflow of the repository, a greeter or a triage bot, repeats what somebody writes, at the
        start of its own comment. Returns the id of that comment; the bot's comments start no runs.
        """
        self.writes(who, text)
        self.bot_says(text)
        return self.comments[-1].id

    def client(self, token: str, sleep: Callable[[float], None] | None = None) -> Client:
        """The API as a job has it, with a token; waiting takes simulated time."""
        return Client(self.hub.api_url, token, sleep=sleep or self.sleep, transport=self.hub.transport)

    def account(self, login: str) -> Account:
        """The account of somebody in the room."""
        return self.hub.world.accounts[self.people[login].id]

    def says(self, who: str, text: str, after: float = 10) -> str:
        """A comment some seconds later, and the run it starts. Returns what the bot answered, "" for
        nothing.
        """
        self.clock.advance(after)
        known = {comment.id for comment in self.comments}
        self.people[who].comment(self.number, text)
        self.deliver()
        return self.visible(known)

    def visible(self, known: set[int]) -> str:
        """What the bot wrote besides the comments `known`, without its hidden first lines."""
        new = [c for c in self.replies if c.id not in known]
        return "\n".join(comment.body.split("\n", 1)[1].strip() for comment in new)

    # -- doors --

    def deliver(self) -> None:
        """Start the runs for every event that was not delivered yet."""
        while self.delivered < len(self.hub.deliveries):
            self.delivered += 1
            self.receive(self.hub.deliveries[self.delivered - 1])

    def receive(self, delivery: Delivery) -> int:
        """One run of `respond.yml` (and of its second job, when the first says so) for an event."""
        if delivery.event == "schedule":
            return self.sweep()
        if str(delivery.payload.get("workflow", "")).endswith(OPERATIONS):
            return 0  # the executor's run, which nobody plays here
        if delivery.event in ("pull_request", "pull_request_review"):
            started = self._starts_review(delivery)
            return self.door(app.review, delivery.event, delivery.payload) if started else 0
        code = self.door(app.respond, delivery.event, delivery.payload)
        self._second_job()
        return code

    def _starts_review(self, delivery: Delivery) -> bool:
        """Whether `review.yml` has a run for it, whose job is not skipped."""
        pull, wanted = delivery.payload["pull_request"], _document("review.yml")["on"][delivery.event]
        if delivery.action not in wanted["types"] or pull["head"]["repo"]["id"] != self.repo.id:
            return False
        if delivery.event == "pull_request_review":
            return str(pull["head"]["ref"]).startswith("allclear/postmortem-")
        return any(path.startswith("reports/incidents/") for path in self.repo.changed_files(pull["number"]))

    def run(self) -> int:
        """A clean run for the issue, as a dispatch by hand starts one."""
        code = self.door(app.respond, "workflow_dispatch", {"inputs": {"issue": str(self.number)}})
        self._second_job()
        return code

    def sweep(self) -> int:
        code = self.door(app.sweep, "schedule", {})
        self._second_job()
        return code

    def write_up(self) -> int:
        return self.door(app.postmortem, "workflow_dispatch", {}, ALLCLEAR_ISSUES=f"[{self.number}]")

    def merges_report(self, who: str) -> None:
        """Somebody writes into the post-mortem what its review asks for, somebody else approves it where the
        runbook asks for that, and it is merged.
        """
        mortem, person = self.incident.postmortem, self.people[who]
        assert mortem.pull is not None
        text = mended(self.repo.file(mortem.path, mortem.branch) or "", self.runbook)
        person.push_file(mortem.branch, mortem.path, text, message="Write")
        if self.runbook.review.approvals(self.incident.team.took_part):
            self.people["mia" if who != "mia" else "ann"].review(mortem.pull)
        person.merge_pull(mortem.pull)

    def open_hotfix(self) -> int:
        return self.door(app.hotfix, "workflow_dispatch", {}, ALLCLEAR_ISSUES=f"[{self.number}]")

    def _second_job(self) -> None:
        hotfixes = self.outputs.get("hotfix", "[]")
        if self.pending:
            numbers, self.pending = self.pending, []
            self.door(app.postmortem, "workflow_dispatch", {}, ALLCLEAR_ISSUES=json.dumps(numbers))
        if hotfixes != "[]":
            self.door(app.hotfix, "workflow_dispatch", {}, ALLCLEAR_ISSUES=hotfixes)
        self.pending = []

    def rights(self, job: str) -> dict[str, str]:
        """What the workflow file gives the job's token, as the API spells it; `permissions` overrules."""
        return _granted(job) | self.permissions

    def sleep(self, seconds: float) -> None:
        """Waiting takes simulated time only."""
        (self.meanwhile or self.clock.advance)(seconds)

    def door(self, door: Callable[..., int], event: str, payload: Mapping[str, Any], **more: str) -> int:
        """One job, in this process."""
        name = door.args[0] if isinstance(door, partial) else door.__name__
        self.runs += 1
        event_file, output = self.folder / f"event-{self.runs}.json", self.folder / f"output-{self.runs}"
        event_file.write_text(json.dumps(payload), encoding="utf-8")
        env = {
            "GITHUB_EVENT_NAME": event,
            "GITHUB_EVENT_PATH": str(event_file),
            "GITHUB_REPOSITORY": "acme/shop",
            "GITHUB_REPOSITORY_ID": str(self.repo.id),
            "GITHUB_API_URL": self.hub.api_url,
            "GITHUB_SERVER_URL": "https://github.com",
            "GITHUB_TOKEN": self.hub.actions_token(self.repo, permissions=self.rights(name)),
            "GITHUB_RUN_ID": str(self.runs),
            "GITHUB_WORKSPACE": str(self.root),
            "GITHUB_OUTPUT": str(output),
            "ALLCLEAR_KEY": self.key,
            **more,
        }
        code = door(
            env,
            sleep=self.sleep,
            out=self.printed.append,
            transport=self.hub.transport,
            at_once=self.at_once,
        )
        self.codes.append(code)
        written = output.read_text().splitlines() if output.exists() else []
        self.outputs = dict(line.split("=", 1) for line in written)
        self.pending = json.loads(self.outputs.get("postmortem", "[]"))
        return code

    # -- what is there
    # -----------------------------------------------------------------------------------------

    @property
    def issue(self) -> IssueView:
        return self.repo.issue(self.number)

    @property
    def comments(self) -> tuple[CommentView, ...]:
        return tuple(self.issue.comments)

    @property
    def panel(self) -> CommentView:
        """The panel; there is exactly one."""
        (panel,) = [c for c in self.comments if c.body.startswith("<!-- allclear:panel ")]
        return panel

    @property
    def replies(self) -> list[CommentView]:
        """The bot's comments but the panel."""
        ours = [c for c in self.comments if c.author == "github-actions[bot]"]
        return [c for c in ours if not c.body.startswith("<!-- allclear:panel ")]

    @property
    def trust(self) -> Trust:
        """Whose words are the record, as a job with the key has it."""
        return Trust.of((ACTIONS_BOT,), parse_keys(self.key))

    @property
    def snapshot(self) -> Snapshot:
        """The issue as the next run reads it; costs requests that tests of budgets do not count."""
        return self._read(whole=False)

    def _read(self, *, whole: bool) -> Snapshot:
        token = self.hub.actions_token(self.repo, permissions=self.rights("postmortem"))
        reader = Reader(
            self.client(token),
            Repository(self.repo.id, "acme/shop", "https://github.com/acme/shop"),
            self.trust,
        )
        return reader.read(self.number, whole=whole)

    def label(self, name: str) -> Mapping[str, Any]:
        """A label of the repository, as the API shows it."""
        token = self.hub.actions_token(self.repo, permissions=self.rights("postmortem"))
        found: dict[str, Any] = self.client(token).get(f"/repos/acme/shop/labels/{quote(name)}").data
        return found

    @property
    def journal(self) -> Journal:
        """The record as it stands in the replies, all of it."""
        return read(self._read(whole=True), self.trust)

    @property
    def runbook(self) -> Runbook:
        """The runbook in force."""
        from allclear.adapters.files.settings import load_policy  # noqa: PLC0415 - only tests that look need it

        return load_policy(self.root).runbook

    @property
    def incident(self) -> Incident:
        return fold(self.number, self.journal.entries, self.runbook)


@cache
def _document(file: str) -> dict[str, Any]:
    document = safe_load((ROOT / ".github" / "workflows" / file).read_text(encoding="utf-8"))
    # YAML 1.1 reads the key `on` as true.
    return {("on" if key is True else key): value for key, value in document.items()}


@cache
def _granted(job: str) -> dict[str, str]:
    file = {"hotfix": "respond.yml"}.get(job, f"{job}.yml")
    granted = _document(file)["jobs"][job]["permissions"]
    return {kind.replace("-", "_"): level for kind, level in granted.items()}


@contextmanager
def open_room(
    folder: Path, settings: str = SETTINGS, *, private: bool = False, http: bool = False
) -> Iterator[Room]:
    """A room with the people of ROLES; strictness is checked when it closes. `http`: for other processes."""
    root = folder / "checkout"
    (root / ".github").mkdir(parents=True)
    (root / ".github" / "allclear.yml").write_text(settings, encoding="utf-8")
    (root / "templates").symlink_to(ROOT / "templates")
    clock = SimClock(START - timedelta(days=7))  # nothing of the repository is new when it begins
    hub = GitHub(clock=clock, seed=0, http=http, limits_writes=True)
    with hub:
        repo = hub.create_repository("acme/shop", private=private, default_branch="main", organization=True)
        repo.put_file("README.md", "# Shop\n")
        for name in OPERATIONS:
            file = ROOT / ".github" / "workflows" / name
            repo.put_file(f".github/workflows/{name}", file.read_text(encoding="utf-8"))
        people = {}
        for login, role in ROLES.items():
            account = hub.create_user(login, name=login.title())
            if role is not None:
                repo.grant(account, role)
            people[login] = repo.person(account)
        clock.set(START)
        room = Room(hub, clock, repo, people, root, folder)
        room.delivered = len(hub.deliveries)
        yield room
    assert hub.violations == []


def minutes(count: float) -> float:
    """Seconds."""
    return timedelta(minutes=count).total_seconds()
