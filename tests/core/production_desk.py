"""An incident with operations, planned in memory: the record as comments, the world as sightings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from allclear.commands import COMMANDS
from allclear.core.conversation.command import Policy
from allclear.core.model.authored import read_authored
from allclear.core.model.execution import Execution
from allclear.core.model.operation import Smoke, SmokeLine
from allclear.core.model.people import Access, Person, Rights
from allclear.core.model.snapshot import Acting, Comment, Issue, RunSeen, Sighting, Snapshot
from allclear.core.model.stored import read_values
from allclear.core.plan.plan import Plan
from allclear.core.policy.runbook import Runbook
from allclear.core.policy.settings import ACTIONS_BOT, Settings
from allclear.core.record.entry import Block, encode
from allclear.core.record.facts import Fact
from allclear.core.record.incident import Incident, Stage
from allclear.core.record.life import StatusSet
from allclear.core.record.production import OperationAsked
from allclear.core.record.seal import new_key, parse_keys
from planning import planned
from stories import ADA, BOB, CAT, HOTDASH, ISSUE_URL, NOON, RENDERER, REPOSITORY, Story

BOT = Person(id=ACTIONS_BOT, login="github-actions[bot]")
RUN_URL = "https://github.com/hotdash/app/actions/runs/77"
OP = "rollback-7f3a2c1d"
KEYS = parse_keys(new_key(NOON.date(), bytes(32)))
"""The record of these incidents is signed: nobody looks for the comments behind it, which there are not."""
WEB: dict[str, Any] = {
    "services": {"web": {"health": ["https://app.example.com/health"]}, "worker": {}},
    "hosts": ["app.example.com"],
    "people": {"DevOps": ["dave"], "CEO": ["mona"]},
}
GOOD = Smoke(lines=(SmokeLine(name="health", outcome="pass", detail="200", seconds=0.2),))
BAD = Smoke(
    lines=(
        SmokeLine(name="health", outcome="fail", detail="500, wanted 200", seconds=0.2),
        SmokeLine(
            name="p95", kind="measure", outcome="skipped", detail="not checked: the settings name no source"
        ),
    )
)


def minute(count: float) -> datetime:
    """So many minutes after the declaration."""
    return NOON + timedelta(minutes=count)


def running(
    status: str = "in_progress",
    conclusion: str | None = None,
    *,
    url: str = RUN_URL,
    ours: bool = True,
    by: Person | None = None,
    acting: Acting | None = None,
) -> RunSeen:
    return RunSeen(77, url, status, conclusion, ours, by, acting=acting)


def over(conclusion: str = "success", acting: Acting | None = None) -> RunSeen:
    return running("completed", conclusion, acting=acting)


def record(step: str = "ended", **more: Any) -> Execution:
    """What the executor of the rollback of `web` to v41 wrote."""
    said = {
        "operation": OP,
        "kind": "rollback",
        "issue": 42,
        "service": "web",
        "target": "v41",
        "run": 77,
        "step": step,
        "claimed": minute(16),
    }
    if step == "ended":
        said |= {
            "outcome": "done",
            "started": minute(17),
            "ended": minute(19),
            "before": "v42",
            "after": "v41",
        }
    return read_values(Execution, said | more)


@dataclass
class Desk:
    """The story of an incident, and what the world shows of its operations."""

    story: Story = field(default_factory=lambda: Story().middle())
    settings: Settings = field(default_factory=lambda: read_authored(Settings, WEB))
    runbook: Runbook = HOTDASH

    def asked(self, at: float = 15, by: Person | None = ADA, **more: Any) -> Desk:
        """`/rollback web to v41`, as the record has it."""
        said = {"op": OP, "kind": "rollback", "service": "web", "target": "v41", "expires": minute(45)}
        self.story.tell(at, by, read_values(OperationAsked, said | more))
        return self

    def fixed(self, at: float = 20) -> Desk:
        self.story.tell(at, BOB, StatusSet(to="monitoring"))
        return self

    def tell(self, at: float, by: Person | None, *facts: Fact) -> Desk:
        self.story.tell(at, by, *facts)
        return self

    @property
    def policy(self) -> Policy:
        return Policy(self.settings, self.runbook, COMMANDS, RENDERER, keys=KEYS)

    def snapshot(
        self,
        now: float,
        seen: Mapping[str, Sighting] | None = None,
        comments: tuple[Comment, ...] = (),
        **more: Any,
    ) -> Snapshot:
        block = Block(repo=REPOSITORY.id, issue=42, at=minute(now), entries=tuple(self.story.entries))
        record = Comment(500, BOT, encode(block, KEYS), minute(now), minute(now))
        severity = self.incident.severity
        issue = Issue(
            number=42,
            title="[INCIDENT P0] Production down",
            body="",
            author=ADA,
            state="closed" if self.incident.stage == Stage.CLOSED else "open",
            labels=frozenset({"incident", severity, f"status:{self.incident.status}"}),
            assignees=(),
            created_at=NOON,
            url=ISSUE_URL,
        )
        people = {
            "ada": Access(Rights.MAINTAIN, ADA),
            "bob": Access(Rights.WRITE, BOB),
            "cat": Access(Rights.READ, CAT),
        }
        more.setdefault("visibility", "private")
        return Snapshot(
            repository=REPOSITORY,
            issue=issue,
            comments=(record, *comments),
            now=minute(now),
            access=people,
            operations=seen,
            **more,
        )

    def plan(
        self,
        now: float,
        seen: Mapping[str, Sighting] | None = None,
        comments: tuple[Comment, ...] = (),
        **more: Any,
    ) -> Plan:
        return planned(self.snapshot(now, seen, comments, **more), self.policy)

    @property
    def incident(self) -> Incident:
        return self.story.incident


def said(comment: int, by: Person, text: str, at: float) -> Comment:
    """A comment of somebody."""
    return Comment(comment, by, text, minute(at), minute(at))
