"""Operations: production actions with an id and a target. Executed by a workflow, at most once.

What the incident knows of them comes from entries (core.record); what the executor did stands in git
(core.model.execution). Both meet in core.plan.operate.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Literal

from msgspec import field

from allclear.core.model.patterns import lazy_regex
from allclear.core.model.people import Person
from allclear.core.model.stored import Stored

OperationKind = Literal["rollback", "action", "smoke", "evidence"]
Approval = Literal["environment", "second-person", "none"]
Ending = Literal["done", "failed", "refused", "unknown", "expired", "cancelled"]
OperationState = Literal["asked", "ready", "waiting", "running", "ended"]

OPERATION_ID = lazy_regex(r"(?:rollback|action|smoke|evidence|hand)-[0-9a-z]{6,20}")
"""What an operation's id looks like: its kind and a short, unguessed, never repeated rest."""

WORKFLOWS: Mapping[OperationKind, str] = {
    "rollback": "rollback-production.yml",
    "action": "rollback-production.yml",
    "smoke": "smoke.yml",
    "evidence": "evidence.yml",
}
"""The workflow that executes each kind."""

DANGEROUS: frozenset[OperationKind] = frozenset({"rollback", "action"})
"""What changes production: approved, claimed, executed at most once, and paged when it goes wrong."""

ASKED_BY: Mapping[str, frozenset[str]] = {
    "rollback": frozenset({"rollback"}),
    "action": frozenset({"run", "flag-off"}),
}
"""The commands that ask for each kind of operation that changes production."""

NAMES: Mapping[OperationKind, str] = {
    "rollback": "Rollback",
    "action": "Action",
    "smoke": "Smoke run",
    "evidence": "Evidence collection",
}
"""What people call each kind, as a heading."""

NOUNS: Mapping[OperationKind, str] = {
    "rollback": "a rollback",
    "action": "an action",
    "smoke": "a smoke run",
    "evidence": "an evidence collection",
}
"""The same inside of a sentence, with its article."""


def operation_id(kind: str, repo: int, issue: int, key: str) -> str:
    """``rollback-7f3a2c1d``: from the key of the entry that asks, so that the same request is the same id."""
    return f"{kind}-{hashlib.sha256(f'{repo}#{issue}:{key}'.encode()).hexdigest()[:8]}"


def is_operation_id(text: str) -> bool:
    """Whether ``text`` could be an operation's id: safe in a ref, a run's name and a comment."""
    return OPERATION_ID.fullmatch(text) is not None


def is_hand_id(text: str) -> bool:
    """Whether it is the id of an operation that somebody started by hand: its run is there already."""
    return is_operation_id(text) and text.startswith("hand-")


NOT_LOOKED_AT = "not checked: the settings name no source"
"""The detail of a number of the recovery that nobody said where to read."""


class SmokeLine(Stored, frozen=True, kw_only=True):
    """One line of a smoke run's table. ``detail``: what was seen and what was wanted, raw and short;
    never a body. ``seconds``: how long it took.
    """

    name: str
    kind: Literal["http", "command", "measure"] = "http"
    outcome: Literal["pass", "fail", "error", "skipped"]
    detail: str = ""
    seconds: float = 0


class Smoke(Stored, frozen=True, kw_only=True):
    """What a smoke run found. It passed when every line that was not skipped passed, and there was one."""

    lines: tuple[SmokeLine, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether everything that was looked at is as it should be."""
        looked = [line for line in self.lines if line.outcome != "skipped"]
        return bool(looked) and all(line.outcome == "pass" for line in looked)

    @property
    def failures(self) -> tuple[SmokeLine, ...]:
        """What is not as it should be."""
        return tuple(line for line in self.lines if line.outcome in ("fail", "error"))


class Artifact(Stored, frozen=True, kw_only=True):
    """A file that a run left: where, its SHA-256 (hex), and until when GitHub keeps it (UTC).

    ``kinds``: of the evidence in it, as the settings name it, such as ``logs``.
    """

    url: str
    sha256: str
    expires: datetime | None = None
    files: int = 0
    kinds: tuple[str, ...] = ()


class Order(Stored, frozen=True, kw_only=True):
    """What is to be done, from the entry that asks for it to the record of its executor and back: a field
    that is added here is in all of them.

    ``target`` is what the deploy system is given, ``release`` and ``before`` are what people call it and what
    it replaces. ``arguments`` are those of the action ``name``. ``while_deploying``: somebody said
    that it may be done although a deployment is under way; ``with_migrations``: that the older code works
    with the migrations in between. ``digest`` stands for all that an approval binds to
    (core.production.binding): among it ``undoes``, the commits, ``<base>...<head>``, and ``deployment``,
    GitHub's number of the deployment that runs and its state; both empty when not known.
    """

    kind: OperationKind
    service: str = ""
    name: str = ""
    target: str = ""
    release: str = ""
    before: str = ""
    arguments: dict[str, str] = field(default_factory=dict)
    dry_run: bool = False
    while_deploying: bool = False
    with_migrations: bool = False
    digest: str = ""
    undoes: str = ""
    deployment: str = ""

    @property
    def title(self) -> str:
        """``rollback of web to v41``: what people call it. Raw text: neutralise before showing."""
        what = self.name if self.kind == "action" else NAMES[self.kind].lower()
        of = f" of {self.service}" if self.service else ""
        to = f" to {self.release or self.target}" if self.target or self.release else ""
        return f"{what}{of}{to}"


class OperationRequest(Order, frozen=True, kw_only=True):
    """An order as somebody asks for it: why, who has to approve, and until when it may begin.

    The executor's record does not repeat these: they are looked up in the incident each time.
    """

    why: str = ""
    approval: Approval = "none"
    environment: str = ""
    expires: datetime | None = None


class Outcome(Stored, frozen=True, kw_only=True):
    """How it ended and what was found, from the record of the executor to the entry: a field that is added
    here is added to `Operation` and to the executor's record as well, which are orders, or a test fails.
    ``outcome`` None: it has not ended.

    ``release`` and ``before`` are what the executor chose and found, ``after`` what runs now, all as the
    deploy system calls them. ``approver`` is a login, ``text`` one raw line on what went wrong.
    ``unverified``: why nobody knows whether it did what it was to do, one raw line; empty when the deploy
    system itself says that it did, or a smoke run that passed.
    """

    outcome: Ending | None = None
    release: str = ""
    before: str = ""
    after: str = ""
    approver: str = ""
    text: str = ""
    unverified: str = ""
    smoke: Smoke | None = None
    artifact: Artifact | None = None


class Operation(OperationRequest, frozen=True, kw_only=True):
    """One operation as the incident's record knows it.

    ``state``: asked (a second person has to approve), ready (to be started), waiting (its run waits for the
    environment's reviewers), running, ended with ``outcome``. ``interval``: the incident's, when asked.
    ``by`` None: the engine asked by itself. ``seconds``: how long the execution took. ``source`` and
    ``approved_source``: the keys of the entries that asked and approved, which name a comment
    (core.record.entry). ``approved_digest``: what was shown to whoever approved. ``deploy_url``: the deploy
    run that it started, which waited for the reviewers of ``deploy_environment``.
    """

    id: str
    asked: datetime
    by: Person | None = None
    interval: int = 0
    state: OperationState = "ready"
    approved_by: Person | None = None
    source: str = ""
    approved_source: str = ""
    approved_digest: str = ""
    run: int | None = None
    url: str = ""
    ended: datetime | None = None
    seconds: int = 0
    deploy_run: int = 0
    deploy_url: str = ""
    deploy_environment: str = ""
    outcome: Ending | None = None
    after: str = ""
    approver: str = ""
    text: str = ""
    unverified: str = ""
    smoke: Smoke | None = None
    artifact: Artifact | None = None

    @property
    def open(self) -> bool:
        """Whether it may still do something."""
        return self.state != "ended"
