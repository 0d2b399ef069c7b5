"""Everything looked at again: what the comments that asked and approved say by now, or the form of the run,
and what would be done if it were done now.
"""

from __future__ import annotations

from collections.abc import Mapping

from allclear.adapters.github.releases import ReleaseReader
from allclear.adapters.github.sources import read_sources
from allclear.core.conversation.command import Call, CommandContext, Policy
from allclear.core.conversation.parse import Typed
from allclear.core.model.errors import UserError
from allclear.core.model.operation import DANGEROUS, Operation
from allclear.core.model.people import Person, Rights
from allclear.core.model.release import Releases
from allclear.core.model.structs import replace
from allclear.core.production.action import bound_again
from allclear.core.production.binding import bound_rollback, range_of
from allclear.core.production.clearance import Refusal, Situation, refusal_of
from allclear.core.production.order import request_by_hand
from allclear.core.production.request import Request
from allclear.core.production.rollback import aim, check_migrations, request_of
from allclear.core.production.source import Record, approving, asking, wanted
from allclear.core.record.incident import Incident
from allclear.jobs.operation_job import OperationJob, inputs_of, situation_of


def look_again(
    job: OperationJob,
    operation: Operation,
    incident: Incident | None,
    policy: Policy,
    *,
    by_hand: bool = False,
    approvers: tuple[Person, ...] | None = None,
) -> Situation:
    """The situation, with what the operation would do now. ``by_hand``: this run's inputs asked for it."""
    situation = situation_of(job, operation, incident, policy, approvers=approvers)
    if operation.kind not in DANGEROUS or operation.dry_run:
        return situation
    if operation.service and operation.service not in policy.settings.services:
        return situation
    try:
        if by_hand:
            return _by_hand(job, operation, situation)
        return _asked(job, operation, situation)
    except UserError as error:
        return replace(situation, bound=refusal_of(error))


def _by_hand(job: OperationJob, operation: Operation, situation: Situation) -> Situation:
    """The run, who started it and its inputs stand for the comment."""
    by = operation.by
    if by is None or by.id != job.own.by.id or operation.kind != "rollback":
        why = Refusal("source", "Its record is not that of the run that somebody started.")
        return replace(situation, bound=why)
    request = request_by_hand(inputs_of(job.run.env), operation.service)
    if request.dry_run:
        return replace(situation, bound=Refusal("source", "The form of its run asks for a dry run."))
    return _bound(job, operation, situation, request, Typed("rollback", "", ""))


def _asked(job: OperationJob, operation: Operation, situation: Situation) -> Situation:
    """The comments that the record names say it, and not what the record makes of them."""
    if situation.incident is None:
        return situation
    record = Record(job.run.repository, situation.incident, situation.policy)
    sources = read_sources(job.run.client, job.run.repository, wanted(operation))
    typed = asking(operation, record, sources)
    wrong = typed if isinstance(typed, Refusal) else approving(operation, record, sources)
    if wrong is not None or isinstance(typed, Refusal):
        return replace(situation, bound=wrong)
    if operation.kind == "action":
        policy = situation.policy
        return replace(situation, bound=bound_again(typed, policy.settings, policy.runbook, operation.name))
    request = request_of(_room(job, operation, situation, typed))
    if request.dry_run:
        return replace(situation, bound=Refusal("source", "The comment that asked for it wants a dry run."))
    return _bound(job, operation, situation, request, typed)


def _bound(
    job: OperationJob, operation: Operation, situation: Situation, request: Request, typed: Typed
) -> Situation:
    aimed = aim(request, _room(job, operation, situation, typed))
    reader = ReleaseReader(
        job.run.client, job.run.repository, situation.policy.settings, situation.policy.providers
    )
    compared = reader.comparison(*aimed.commits) if aimed.commits else None
    bound = bound_rollback(aimed, compared, request, dry_run=False)
    if bound.digest == operation.digest:
        # What was refused when it was asked for is refused now: the entry is not what was said.
        check_migrations(aimed, compared, request)
    before = range_of(operation.undoes)
    earlier = reader.comparison(*before) if before and bound.undoes != operation.undoes else None
    return replace(situation, bound=bound, earlier=earlier)


def _room(job: OperationJob, operation: Operation, situation: Situation, typed: Typed) -> CommandContext:
    releases = {operation.service: situation.releases} if situation.releases is not None else {}
    return room(job, situation.policy, situation.incident, releases, typed)


def room(
    job: OperationJob,
    policy: Policy,
    incident: Incident | None,
    releases: Mapping[str, Releases],
    typed: Typed,
) -> CommandContext:
    """The context that a command has in a comment, as far as it aims at a release."""
    now, by = job.run.client.now, job.own.by
    return CommandContext(
        call=Call("", typed.word, typed.line, typed.below, 0, by, now),
        incident=incident or Incident(0),
        runbook=policy.runbook,
        settings=policy.settings,
        zone=policy.zone,
        by=by,
        rights=Rights.NONE,
        at=now,
        now=now,
        access={},
        others={},
        entries=(),
        commands=policy.commands,
        releases=releases,
        providers=policy.providers,
    )
