from __future__ import annotations

from typing import Annotated

from allclear.core.conversation.arguments import text_as
from allclear.core.conversation.command import Answer, CommandContext, command
from allclear.core.conversation.operations import OperationWord, named
from allclear.core.model.errors import UserError
from allclear.core.model.neutral import code, inline
from allclear.core.model.operation import Operation
from allclear.core.model.people import Rights
from allclear.core.production.request import read_reason
from allclear.core.record.audit import Helped
from allclear.core.record.production import OperationApproved
from allclear.core.view.operations import titled


@command(
    "approve",
    least=Rights.MAINTAIN,
    floor=Rights.WRITE,
    examples=("/approve rollback-7f3a2c1d", "/approve"),
    unedited=True,
    bare=True,
)
def approve(
    context: CommandContext, operation: OperationWord = "", text: Annotated[str, text_as("<remark>")] = ""
) -> Answer:
    """Approves a rollback or another production action that somebody else asked for; then it starts.

    It is needed where the settings say `approval: second-person`, and whoever asked cannot approve. Where the
    environment has required reviewers, they approve in its run instead.
    """
    there = context.incident.production
    found = named(operation, there, [one for one in there.operations.values() if one.state == "asked"])
    if found is None:
        raise UserError(f"Nothing waits for `/approve` here.{_elsewhere(context)}", "state")
    _may_be_approved(found, context)
    _certain(found, text)
    if found.approved_by is not None:
        by = inline(found.approved_by.login)
        return Answer((Helped(),), f"{titled(found)} has been approved by {by} already. Nothing changes.")
    if found.by is not None and found.by.id == context.by.id:
        raise UserError(
            f"{titled(found)} needs a second person: somebody else has to approve what you asked for.",
            "not-allowed",
        )
    _shown_before(found, context)
    return Answer(
        (OperationApproved(op=found.id, digest=found.digest),),
        f"{titled(found)} is approved and starts. The approval binds to {code(found.digest)}.",
    )


def _shown_before(operation: Operation, context: CommandContext) -> None:
    """Refuse a yes to something that nobody could have read: it binds to what the answer showed."""
    shown = context.replies.get(operation.source)
    if shown is None or shown > context.call.comment:
        raise UserError(
            f"This came before the answer that shows what {titled(operation)} would do. Please read that, "
            f"then write `/approve {operation.id}` again.",
            "state",
        )


def _certain(operation: Operation, text: str) -> None:
    """Refuse a remark that may take the yes back: a question, a condition, a word for a dry run."""
    try:
        doubtful = read_reason(text, "/approve").dry_run
    except UserError:
        doubtful = True
    if doubtful:
        raise UserError(
            f"Nothing is approved, because {code(text, 60)} could be more than a remark. "
            f"`/approve {operation.id}` alone approves it.",
            "unclear",
        )


def _may_be_approved(operation: Operation, context: CommandContext) -> None:
    """Refuse what is over, what others approve, and what was meant for another state of things."""
    if not operation.open:
        raise UserError(
            f"{titled(operation)} has ended already ({operation.outcome}). Ask for it again.", "state"
        )
    if operation.approval == "environment":
        raise UserError(
            f"{titled(operation)} is approved by a reviewer of the environment "
            f"{code(operation.environment)}, in {_run(operation)} under *Review deployments*.",
            "state",
        )
    if operation.approval == "none":
        raise UserError(f"{titled(operation)} needs no approval.", "state")
    if operation.interval != context.incident.interval:
        raise UserError(
            f"{titled(operation)} was asked for before the incident was reopened. Ask for it again.", "state"
        )
    if operation.expires is not None and context.now >= operation.expires:
        raise UserError(f"{titled(operation)} has expired. Ask for it again.", "state")


def _run(operation: Operation) -> str:
    return f"[its run]({operation.url})" if operation.url else "its run, which has not started yet"


def _elsewhere(context: CommandContext) -> str:
    """Where to go instead, for what waits for the reviewers of an environment."""
    waiting = [one for one in context.incident.production.operations.values() if one.state == "waiting"]
    if not waiting:
        return ""
    return f" {titled(waiting[-1])} waits for a reviewer in {_run(waiting[-1])} under *Review deployments*."
