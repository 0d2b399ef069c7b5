"""Execution records in git: claimed by creating a ref, continued by moving it forward."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping
from typing import Any

from msgspec import Struct

from allclear.adapters.github.client import Client
from allclear.adapters.github.deploy_runs import deploy_run, pending_review
from allclear.adapters.github.errors import (
    ForbiddenError,
    GitHubError,
    GoneError,
    NotFoundError,
    UnavailableError,
)
from allclear.adapters.github.job_steps import acting
from allclear.adapters.github.read import moment, person
from allclear.adapters.github.records import LostError, Records, Tip
from allclear.core.model.deploy_run import DeployRun, PendingReview
from allclear.core.model.execution import Execution, read_record, ref_of, write_record
from allclear.core.model.operation import WORKFLOWS, OperationKind, is_hand_id, is_operation_id
from allclear.core.model.snapshot import Repository, RunSeen, Sighting
from allclear.core.model.structs import replace
from allclear.core.policy.settings import ACTIONS_BOT

RECENT = 50
"""Runs of a workflow among which one is looked for by its name."""


class Held(Struct, frozen=True):
    """A record and the commit it stands in, which the next step has to stand on."""

    sha: str
    execution: Execution


class Executions:
    """The records of one repository."""

    def __init__(self, client: Client, repository: Repository) -> None:
        self._client = client
        self._base = f"/repos/{repository.name}"
        self.records = Records(client, repository)

    def claim(self, execution: Execution) -> Held | None:
        """Claim the operation for this run; None when it is claimed already, by whomever."""
        ref = ref_of(execution.issue, execution.operation)
        tip = self.records.create(ref, write_record(execution))
        return Held(tip.sha, execution) if tip else None

    def advance(self, held: Held, execution: Execution) -> Held:
        """The next step of an operation that we hold. Raises LostError when somebody else took it on."""
        ref = ref_of(execution.issue, execution.operation)
        return Held(self.records.append(ref, held.sha, write_record(execution)).sha, execution)

    def read(self, issue: int, operation: str) -> Held | None:
        """The record of an operation; None when there is none, or when it cannot be read."""
        return _held(self.records.read(ref_of(issue, operation)))

    def known(self) -> Mapping[int, frozenset[str]]:
        """The operations that have a record, by issue: one request."""
        found: dict[int, set[str]] = {}
        for ref in self.records.starting("refs/allclear/"):
            issue, _, operation = ref.removeprefix("refs/allclear/").partition("/")
            if issue.isdigit() and is_operation_id(operation):
                found.setdefault(int(issue), set()).add(operation)
        return {issue: frozenset(operations) for issue, operations in found.items()}

    def sightings(self, issue: int, wanted: frozenset[str]) -> Mapping[str, Sighting]:
        """What is to be seen of ``wanted``, and of the operations that were started by hand for this issue.

        One request for the refs; for each record its commit and its run; for what has no record the newest
        runs of its workflow.
        """
        refs = self.records.starting(f"refs/allclear/{issue}/")
        there = {ref.rpartition("/")[2]: sha for ref, sha in refs.items()}
        seen: dict[str, Sighting] = {}
        for operation, sha in sorted(there.items()):
            if is_operation_id(operation) and (operation in wanted or is_hand_id(operation)):
                seen[operation] = self._sighting(issue, operation, sha)
        listed: dict[OperationKind, list[Any]] = {}
        for operation in sorted(wanted - seen.keys()):
            kind = kind_of(operation)
            if kind not in listed:
                listed[kind] = self._newest_runs(kind)
            seen[operation] = Sighting(run=self._run_of(operation, listed[kind]))
        return seen

    def run_seen(self, number: int, kind: OperationKind) -> RunSeen | None:
        """The same with how far the job came that acts: one request more."""
        run = self.run(number, kind)
        return replace(run, acting=acting(self._client, self._base, number, kind)) if run else None

    def explain(self, issue: int, operation: str, run: int, text: str) -> None:
        """Write down why that run, which began nothing yet, will be cancelled: its last job tells people.

        Where that cannot be written, its end is told without a reason.
        """
        with contextlib.suppress(LostError, GitHubError, ValueError):
            held = self.read(issue, operation)
            if held is not None and (held.execution.run, held.execution.step) == (run, "claimed"):
                self.advance(held, replace(held.execution, text=text))

    def run(self, number: int, kind: OperationKind) -> RunSeen | None:
        """A workflow run, and whether it is one of the kind's workflow on the default branch."""
        try:
            data = self._client.get(f"{self._base}/actions/runs/{number}").data
        except (NotFoundError, GoneError):
            return None
        return self._seen(data, kind)

    def _sighting(self, issue: int, operation: str, sha: str) -> Sighting:
        record = read_record(self.records.message(sha))
        if record is None or record.operation != operation or record.issue != issue:
            # Somebody with write access put it there: as good as a record of a run that is none of ours.
            return Sighting(execution=_unreadable(issue, operation, self._client))
        run = self.run(record.run, record.kind)
        if record.step != "ended" and run is not None and run.over:
            # The run may have written its last word between our two requests.
            again = self.read(issue, operation)
            record = again.execution if again else record
        asks = run is not None and (run.over or (record.unsettled and run.status != "waiting"))
        if run is not None and asks and record.step == "claimed":
            run = replace(run, acting=acting(self._client, self._base, run.id, record.kind, record.attempt))
        return Sighting(record, run, review=self._review(record, run))

    def _review(self, record: Execution, run: RunSeen | None) -> PendingReview | None:
        """Whose review the deploy run waits for that the operation started. A run that somebody else
        dispatched is none of ours.
        """
        acts = run is not None and not run.over and run.acting is not None and run.acting.state == "began"
        if not record.deploy_workflow or not acts:
            return None
        if record.deploy_run:
            seen = deploy_run(self._client, self._base, record.deploy_run)
            return (
                pending_review(self._client, self._base, seen) if seen and seen.status == "waiting" else None
            )
        path = f"{self._base}/actions/workflows/{record.deploy_workflow}/runs"
        try:
            found = self._client.get(path, {"event": "workflow_dispatch", "status": "waiting"}).data
        except (NotFoundError, ForbiddenError, UnavailableError):
            return None
        for one in found["workflow_runs"]:
            by = person(one.get("actor"))
            if by is not None and by.id == ACTIONS_BOT and moment(one["created_at"]) >= record.claimed:
                seen = DeployRun(int(one["id"]), url=str(one.get("html_url", "")))
                return pending_review(self._client, self._base, seen)
        return None

    def _newest_runs(self, kind: OperationKind) -> list[Any]:
        """The newest dispatched runs of the kind's workflow, as the API has them; none without the file."""
        path = f"{self._base}/actions/workflows/{WORKFLOWS[kind]}/runs"
        try:
            data = self._client.get(path, {"event": "workflow_dispatch", "per_page": RECENT}).data
        except NotFoundError:
            return []
        return list(data["workflow_runs"])

    def _run_of(self, operation: str, newest: Iterable[Any]) -> RunSeen | None:
        """The run of an operation that has no record yet, by the name that the dispatch gave it."""
        kind = kind_of(operation)
        runs = [one for one in newest if str(one.get("display_title", "")).endswith(operation)]
        # A run of that name on another branch is somebody's own, and says nothing of the operation.
        seen = [one for one in (self._seen(one, kind) for one in runs) if one.ours]
        return next(iter([*(one for one in seen if not one.over), *seen]), None)

    def _seen(self, data: Mapping[str, Any], kind: OperationKind) -> RunSeen:
        path = str(data.get("path", "")).partition("@")[0]
        ours = (
            path == f".github/workflows/{WORKFLOWS[kind]}"
            and data.get("event") == "workflow_dispatch"
            and data.get("head_branch") == self.records.default_branch
        )
        updated = data.get("updated_at") if data.get("status") == "completed" else None
        return RunSeen(
            id=int(data["id"]),
            url=str(data.get("html_url", "")),
            status=str(data.get("status") or ""),
            conclusion=data.get("conclusion"),
            ours=ours,
            by=person(data.get("actor")),
            attempt=int(data.get("run_attempt") or 1),
            ended=moment(updated) if updated else None,
        )


def kind_of(operation: str) -> OperationKind:
    """The kind that an operation's id begins with; what was started by hand is a rollback."""
    kinds: Iterable[OperationKind] = WORKFLOWS
    return next((kind for kind in kinds if operation.startswith(f"{kind}-")), "rollback")


def _held(tip: Tip | None) -> Held | None:
    record = read_record(tip.message) if tip else None
    return Held(tip.sha, record) if tip and record else None


def _unreadable(issue: int, operation: str, client: Client) -> Execution:
    return Execution(operation=operation, kind=kind_of(operation), issue=issue, run=0, claimed=client.now)
