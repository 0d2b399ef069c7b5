"""What is done to production: operations (asked for, approved, started, ended), and the hotfix."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, assert_never

from msgspec import Meta

from allclear.core.model.operation import (
    Ending,
    Operation,
    OperationRequest,
    OperationState,
    Order,
    Outcome,
)
from allclear.core.model.patterns import lazy_regex
from allclear.core.model.stored import Stored, fields_of
from allclear.core.model.structs import replace
from allclear.core.record.changes import add_line
from allclear.core.record.header import EntryHeader
from allclear.core.record.incident import Hotfix, Incident, SmokeRun, TimelineLine
from allclear.core.record.observed import read_by_smoke

HOTFIX_BRANCH = lazy_regex(r"hotfix/incident-([1-9][0-9]{0,9})(?:-([1-9][0-9]?))?")
"""``hotfix/incident-12`` (000-15), and ``-2`` for the second attempt."""

ENDINGS: dict[Ending, str] = {
    "done": "is done",
    "failed": "failed",
    "refused": "was refused",
    "unknown": "ended in an unknown state",
    "expired": "expired",
    "cancelled": "was cancelled",
}
"""What became of an operation, after its name."""


class OperationAsked(OperationRequest, frozen=True, kw_only=True, tag_field="t", tag="operation-asked"):
    """Somebody, or the engine, wants this done. Everything that the executor will do stands in here.

    ``target`` empty, for a rollback: the executor takes the release before the current one from the
    provider's list, and writes down which before it begins. ``by_hand``: its run was dispatched by hand and
    linked itself to the incident.
    """

    op: str
    by_hand: bool = False


class OperationApproved(Stored, frozen=True, kw_only=True, tag_field="t", tag="operation-approved"):
    """A second person said yes, to what ``digest`` stands for."""

    op: str
    digest: str = ""


class OperationStarted(Stored, frozen=True, kw_only=True, tag_field="t", tag="operation-started"):
    """Its run is there. ``waiting``: for the environment's reviewers."""

    op: str
    run: int
    url: str = ""
    waiting: bool = False


class DeployWaits(Stored, frozen=True, kw_only=True, tag_field="t", tag="deploy-waits"):
    """The deploy run that an operation started waits for reviewers of its own: those of ``environment``."""

    op: str
    run: int
    url: str = ""
    environment: str = ""


class OperationEnded(Outcome, frozen=True, kw_only=True, tag_field="t", tag="operation-ended"):
    """How it ended. ``unknown``: claimed, and no result; a person decides, under a new id.

    ``seconds``: how long the execution took.
    """

    op: str
    outcome: Ending
    run: int | None = None
    url: str = ""
    seconds: int = 0


class SmokePass(Stored, frozen=True, kw_only=True):
    """A smoke run that passed: its operation, when it ended (UTC), and the number of its workflow run."""

    op: str
    at: datetime
    run: int | None = None


class SmokeRunsPassed(Stored, frozen=True, kw_only=True, tag_field="t", tag="smoke-runs-passed"):
    """Smoke runs of the extended monitoring that passed one after the other, as the one before them did.

    ``url`` is the last one's workflow run.
    """

    service: str
    runs: Annotated[tuple[SmokePass, ...], Meta(min_length=1)]
    url: str = ""


class HotfixAsked(Stored, frozen=True, kw_only=True, tag_field="t", tag="hotfix-asked"):
    """A branch and a pull request for a fix are wanted (000-15, 003-13).

    ``commit``: where the branch starts; empty: at the head of the default branch.
    """

    text: str
    service: str = ""
    commit: str = ""


class HotfixOpened(Stored, frozen=True, kw_only=True, tag_field="t", tag="hotfix-opened"):
    """They are there. ``pull`` None: the token may not open one; ``url`` then is a compare link."""

    branch: str
    base: str
    url: str
    pull: int | None = None


class HotfixMerged(Stored, frozen=True, kw_only=True, tag_field="t", tag="hotfix-merged"):
    """The hotfix's pull request was merged: the incident is fixed forward."""

    at: datetime


class HotfixClosed(Stored, frozen=True, kw_only=True, tag_field="t", tag="hotfix-closed"):
    """The hotfix's pull request was closed without being merged."""

    at: datetime


OperationProgress = OperationApproved | OperationStarted | DeployWaits | OperationEnded
ProductionFact = (
    OperationAsked
    | OperationProgress
    | SmokeRunsPassed
    | HotfixAsked
    | HotfixOpened
    | HotfixMerged
    | HotfixClosed
)


def apply_production(incident: Incident, entry: EntryHeader, fact: ProductionFact) -> Incident:
    """The incident after one more fact about production. An operation that nobody asked for, or that is over,
    is left alone.
    """
    match fact:
        case OperationAsked():
            kept = _keep(incident, _asked(incident, entry, fact))
            # How a run of the watch ended says all.
            watch = fact.kind == "smoke" and entry.by is None
            return kept if watch else add_line(kept, entry, f"Asked for {_wanted(fact)}", fact.why)
        case OperationApproved() | OperationStarted() | DeployWaits() | OperationEnded():
            operation = incident.production.operations.get(fact.op)
            if operation is None or not (operation.open or _belated(operation, fact)):
                return incident
            return _advance(incident, entry, operation, fact)
        case SmokeRunsPassed():
            return _passed(incident, entry, fact)
        case HotfixAsked():
            asked = Hotfix(fact.text, fact.service, fact.commit, pending=True)
            return add_line(_with_hotfix(incident, asked), entry, "Asked for a hotfix", fact.text)
        case HotfixOpened():
            # One that nobody asked for is none of the last one's: somebody opened it by hand.
            before = incident.production.hotfix
            opened = replace(
                before if before and before.pending else Hotfix(),
                pending=False,
                branch=fact.branch,
                base=fact.base,
                url=fact.url,
                pull=fact.pull,
            )
            found = HOTFIX_BRANCH.fullmatch(fact.branch)
            attempt = int(found[2] or 1) if found else 1
            return add_line(
                _with_hotfix(incident, opened, attempt=attempt), entry, "Hotfix opened", fact.branch
            )
        case HotfixClosed():
            closed = replace(incident.production.hotfix or Hotfix(), closed=fact.at)
            return add_line(
                _with_hotfix(incident, closed, **_spent(incident)), entry, "Hotfix closed", at=fact.at
            )
        case HotfixMerged():
            merged = replace(incident.production.hotfix or Hotfix(), merged=fact.at)
            told = _with_hotfix(incident, merged, fixed_by="hotfix", fixed_at=fact.at, **_spent(incident))
            return add_line(told, entry, "Hotfix merged", at=fact.at)
        case _:
            assert_never(fact)


def _advance(
    incident: Incident, entry: EntryHeader, operation: Operation, fact: OperationProgress
) -> Incident:
    match fact:
        case OperationApproved():
            approved = replace(
                operation,
                state="ready",
                approved_by=entry.by,
                approved_source=entry.key,
                approved_digest=fact.digest,
            )
            return add_line(_keep(incident, approved), entry, f"Approved {_called(operation)}")
        case OperationStarted():
            state: OperationState = "waiting" if fact.waiting else "running"
            begun = replace(operation, state=state, run=fact.run, url=fact.url)
            return _keep(incident, begun)
        case DeployWaits():
            waits = replace(
                operation, deploy_run=fact.run, deploy_url=fact.url, deploy_environment=fact.environment
            )
            told = f"The deploy run of {_called(operation)} asked the reviewers of {fact.environment}"
            return add_line(_keep(incident, waits), entry, told)
        case OperationEnded():
            return _ended(incident, entry, operation, fact)
        case _:
            assert_never(fact)


def _belated(operation: Operation, fact: OperationProgress) -> bool:
    """Whether it was called off too late: what it did then is what counts."""
    too_late = isinstance(fact, OperationEnded) and fact.outcome in ("done", "failed", "unknown")
    return too_late and operation.outcome in ("cancelled", "expired")


def _asked(incident: Incident, entry: EntryHeader, fact: OperationAsked) -> Operation:
    return Operation(
        id=fact.op,
        asked=entry.at,
        by=entry.by,
        source=entry.key,
        interval=incident.interval,
        state="asked" if fact.approval == "second-person" else "ready",
        **fields_of(OperationRequest, fact),
    )


def _wanted(order: Order) -> str:
    """``a rollback of web to v41``: what is not there yet, inside of a sentence."""
    if order.kind == "evidence":
        return f"evidence{f' of {order.service}' if order.service else ''}"
    the = _called(order)
    return the if order.kind == "action" and not order.dry_run else f"a{the.removeprefix('the')}"


def _called(order: Order) -> str:
    """``the rollback of web to v41``: what is there, inside of a sentence."""
    action = "action " if order.kind == "action" else ""
    return f"the {'dry run of the ' if order.dry_run else ''}{action}{order.title}"


def _ended(incident: Incident, entry: EntryHeader, operation: Operation, fact: OperationEnded) -> Incident:
    changes = fields_of(Outcome, fact) | {
        "state": "ended",
        "ended": entry.at,
        "run": fact.run or operation.run,
        "url": fact.url or operation.url,
        "release": fact.release or operation.release,
        "before": fact.before or operation.before,
        "seconds": fact.seconds,
    }
    ended = replace(operation, **changes)
    incident = _keep(incident, ended)
    production = incident.production
    before = production.smoke.get(operation.service)
    if fact.smoke is not None:
        run = SmokeRun(fact.smoke, entry.at, operation.id, ended.url, since=entry.at)
        if before is not None and before.smoke.passed and fact.smoke.passed:
            run = replace(run, count=before.count + 1, since=before.since)
        production = replace(production, smoke={**production.smoke, operation.service: run})
    # What is done to a fixed production, such as a step of the list after a rollback, is no new fix.
    fixes = operation.kind == "rollback" or (operation.kind == "action" and not incident.reached("mitigated"))
    if fixes and fact.outcome == "done" and not operation.dry_run:
        production = replace(production, fixed_by=operation.kind, fixed_at=entry.at)
    incident = replace(incident, production=production)
    if fact.smoke is not None:
        incident = read_by_smoke(incident, fact.smoke, operation.service, entry.at)
    if operation.kind == "smoke" and operation.by is None and fact.smoke is not None and fact.smoke.passed:
        anew = before is None or not before.smoke.passed
        return _count(incident, entry, operation.service, (entry.at,), anew=anew)
    name = _called(ended)
    told = f"{name[0].upper()}{name[1:]} {_became(operation, fact)}"
    return add_line(incident, entry, told, fact.text or fact.unverified)


def _became(operation: Operation, fact: OperationEnded) -> str:
    """``is done, and its smoke run passed``: what became of it, after its name."""
    if fact.smoke is None:
        doubted = ", but is not verified" if fact.outcome == "done" and fact.unverified else ""
        return f"{ENDINGS[fact.outcome]}{doubted}"
    if operation.kind == "smoke":
        return "passed" if fact.smoke.passed else "failed"
    smoke = "and its smoke run passed" if fact.smoke.passed else "but its smoke run failed"
    return f"{ENDINGS[fact.outcome]}, {smoke}"


def _passed(incident: Incident, entry: EntryHeader, fact: SmokeRunsPassed) -> Incident:
    """What passed as the run before did: its newest result stands for them."""
    production, last = incident.production, fact.runs[-1]
    before = production.smoke.get(fact.service)
    smoke = dict(production.smoke)
    if before is not None and before.smoke.passed and before.at <= last.at:
        many = before.count + len(fact.runs)
        smoke[fact.service] = replace(before, at=last.at, operation=last.op, url=fact.url, count=many)
    passed = {**production.passed, **{one.op: one.at for one in fact.runs}}
    incident = replace(incident, production=replace(production, smoke=smoke, passed=passed))
    return _count(incident, entry, fact.service, tuple(one.at for one in fact.runs))


def _count(
    incident: Incident, entry: EntryHeader, service: str, at: tuple[datetime, ...], *, anew: bool = False
) -> Incident:
    """Smoke runs of a watch that passed are one line, which grows. ``anew``: after a failure, or nothing."""
    fixed = incident.reached("mitigated")
    line = next((one for one in reversed(incident.timeline) if one.watch == service), None)
    if line is None or anew or (fixed is not None and line.at < fixed):
        line = TimelineLine(at[0], None, "", "", entry.source, watch=service, count=0)
        incident = replace(incident, timeline=(*incident.timeline, line))
    many, of = line.count + len(at), f" of {service}" if service else ""
    what = f"The smoke run{of} passed" if many == 1 else f"{many} smoke runs{of} passed"
    grown = replace(line, what=what, count=many, until=at[-1] if many > 1 else None)
    return replace(incident, timeline=tuple(grown if one is line else one for one in incident.timeline))


def _keep(incident: Incident, operation: Operation) -> Incident:
    known = incident.production
    asked = known.asked
    if operation.id not in known.operations:
        asked = {**asked, operation.kind: asked.get(operation.kind, 0) + 1}
    operations = {**known.operations, operation.id: operation}
    return replace(incident, production=replace(known, operations=operations, asked=asked))


def _with_hotfix(incident: Incident, hotfix: Hotfix, **more: Any) -> Incident:
    return replace(incident, production=replace(incident.production, hotfix=hotfix, **more))


def _spent(incident: Incident) -> dict[str, int]:
    """The number of the last hotfix is not used again."""
    return {"spent": max(incident.production.spent, incident.production.attempt)}
