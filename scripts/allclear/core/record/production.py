"""What is done to production: operations (asked for, approved, started, ended), and the hotfix."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Literal, assert_never

from allclear.core.model.frozen import Frozen, fields_of
from allclear.core.model.operation import Ending, Operation, OperationRequest, OperationState, Outcome
from allclear.core.record.changes import add_line
from allclear.core.record.header import EntryHeader
from allclear.core.record.incident import Hotfix, Incident, SmokeRun

ENDINGS: dict[Ending, str] = {
    "done": "Done",
    "failed": "Failed",
    "refused": "Refused",
    "unknown": "Outcome unknown",
    "expired": "Expired",
    "cancelled": "Cancelled",
}


class OperationAsked(OperationRequest):
    """Somebody, or the engine, wants this done. Everything that the executor will do stands in here.

    ``target`` empty, for a rollback: the executor takes the release before the current one from the
    provider's list, and writes down which before it begins. ``by_hand``: its run was dispatched by hand and
    linked itself to the incident.
    """

    t: Literal["operation-asked"] = "operation-asked"
    op: str
    by_hand: bool = False


class OperationApproved(Frozen):
    """A second person said yes, to what ``digest`` stands for."""

    t: Literal["operation-approved"] = "operation-approved"
    op: str
    digest: str = ""


class OperationStarted(Frozen):
    """Its run is there. ``waiting``: for the environment's reviewers."""

    t: Literal["operation-started"] = "operation-started"
    op: str
    run: int
    url: str = ""
    waiting: bool = False


class DeployWaits(Frozen):
    """The deploy run that an operation started waits for reviewers of its own: those of ``environment``."""

    t: Literal["deploy-waits"] = "deploy-waits"
    op: str
    run: int
    url: str = ""
    environment: str = ""


class OperationEnded(Outcome):
    """How it ended. ``unknown``: claimed, and no result; a person decides, under a new id.

    ``seconds``: how long the execution took.
    """

    t: Literal["operation-ended"] = "operation-ended"
    op: str
    outcome: Ending
    run: int | None = None
    url: str = ""
    seconds: int = 0


class HotfixAsked(Frozen):
    """A branch and a pull request for a fix are wanted (000-15, 003-13).

    ``commit``: where the branch starts; empty: at the head of the default branch.
    """

    t: Literal["hotfix-asked"] = "hotfix-asked"
    text: str
    service: str = ""
    commit: str = ""


class HotfixOpened(Frozen):
    """They are there. ``pull`` None: the token may not open one; ``url`` then is a compare link."""

    t: Literal["hotfix-opened"] = "hotfix-opened"
    branch: str
    base: str
    url: str
    pull: int | None = None


class HotfixMerged(Frozen):
    """The hotfix's pull request was merged: the incident is fixed forward."""

    t: Literal["hotfix-merged"] = "hotfix-merged"
    at: datetime


class HotfixClosed(Frozen):
    """The hotfix's pull request was closed without being merged."""

    t: Literal["hotfix-closed"] = "hotfix-closed"
    at: datetime


OperationProgress = OperationApproved | OperationStarted | DeployWaits | OperationEnded
ProductionFact = OperationAsked | OperationProgress | HotfixAsked | HotfixOpened | HotfixMerged | HotfixClosed


def apply_production(incident: Incident, entry: EntryHeader, fact: ProductionFact) -> Incident:
    """The incident after one more fact about production. An operation that nobody asked for, or that is over,
    is left alone.
    """
    match fact:
        case OperationAsked():
            return add_line(_keep(incident, _asked(incident, entry, fact)), entry, _asks(fact), fact.why)
        case OperationApproved() | OperationStarted() | DeployWaits() | OperationEnded():
            operation = incident.production.operations.get(fact.op)
            if operation is None or not (operation.open or _belated(operation, fact)):
                return incident
            return _advance(incident, entry, operation, fact)
        case HotfixAsked():
            asked = Hotfix(fact.text, fact.service, fact.commit, pending=True)
            return add_line(_with_hotfix(incident, asked), entry, "Hotfix asked for", fact.text)
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
            return add_line(_with_hotfix(incident, opened), entry, "Hotfix opened", fact.branch)
        case HotfixClosed():
            closed = replace(incident.production.hotfix or Hotfix(), closed=fact.at)
            return add_line(_with_hotfix(incident, closed), entry, "Hotfix closed", at=fact.at)
        case HotfixMerged():
            merged = replace(incident.production.hotfix or Hotfix(), merged=fact.at)
            production = replace(incident.production, hotfix=merged, fixed_by="hotfix", fixed_at=fact.at)
            return add_line(replace(incident, production=production), entry, "Hotfix merged", at=fact.at)
        case _:
            assert_never(fact)


def _advance(
    incident: Incident, entry: EntryHeader, operation: Operation, fact: OperationProgress
) -> Incident:
    match fact:
        case OperationApproved():
            said = {
                "state": "ready",
                "approved_by": entry.by,
                "approved_source": entry.key,
                "approved_digest": fact.digest,
            }
            approved = operation.model_copy(update=said)
            return add_line(_keep(incident, approved), entry, f"Approved: {operation.title}")
        case OperationStarted():
            state: OperationState = "waiting" if fact.waiting else "running"
            begun = {"state": state, "run": fact.run, "url": fact.url}
            return _keep(incident, operation.model_copy(update=begun))
        case DeployWaits():
            waits = {"deploy_run": fact.run, "deploy_url": fact.url, "deploy_environment": fact.environment}
            told = f"The deploy run of {operation.title} asked the reviewers of {fact.environment}"
            return add_line(_keep(incident, operation.model_copy(update=waits)), entry, told)
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


def _asks(fact: OperationAsked) -> str:
    kind = fact.name if fact.kind == "action" else fact.kind.capitalize()
    of = f" of {fact.service}" if fact.service else ""
    to = f" to {fact.release or fact.target}" if fact.release or fact.target else ""
    return f"{'Dry run: ' if fact.dry_run else ''}{kind}{of}{to} asked for"


def _ended(incident: Incident, entry: EntryHeader, operation: Operation, fact: OperationEnded) -> Incident:
    ended = operation.model_copy(
        update={
            **fields_of(Outcome, fact),
            "state": "ended",
            "ended": entry.at,
            "run": fact.run or operation.run,
            "url": fact.url or operation.url,
            "release": fact.release or operation.release,
            "before": fact.before or operation.before,
            "seconds": fact.seconds,
        }
    )
    incident = _keep(incident, ended)
    production = incident.production
    if fact.smoke is not None:
        run = SmokeRun(fact.smoke, entry.at, operation.id, ended.url)
        production = replace(production, smoke={**production.smoke, operation.service: run})
    # What is done to a fixed production, such as a step of the list after a rollback, is no new fix.
    fixes = operation.kind == "rollback" or (operation.kind == "action" and not incident.reached("mitigated"))
    if fixes and fact.outcome == "done" and not operation.dry_run:
        production = replace(production, fixed_by=operation.kind, fixed_at=entry.at)
    verdict = ENDINGS[fact.outcome]
    if fact.outcome == "done" and fact.unverified:
        verdict = f"{verdict}, not verified"
    if fact.smoke is not None:
        verdict = f"{verdict}, smoke {'passed' if fact.smoke.passed else 'failed'}"
    incident = replace(incident, production=production)
    return add_line(incident, entry, f"{verdict}: {ended.title}", fact.text or fact.unverified)


def _keep(incident: Incident, operation: Operation) -> Incident:
    operations = {**incident.production.operations, operation.id: operation}
    return replace(incident, production=replace(incident.production, operations=operations))


def _with_hotfix(incident: Incident, hotfix: Hotfix) -> Incident:
    return replace(incident, production=replace(incident.production, hotfix=hotfix))
