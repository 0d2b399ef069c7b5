from __future__ import annotations

from allclear.core.conversation.arguments import Text
from allclear.core.conversation.command import Answer, CommandContext, command
from allclear.core.conversation.operations import OperationWord, named
from allclear.core.model.errors import UserError
from allclear.core.model.neutral import code, cut
from allclear.core.model.operation import Operation
from allclear.core.model.people import Rights
from allclear.core.record.production import OperationEnded
from allclear.core.view.operations import titled


@command(
    "cancel",
    least=Rights.TRIAGE,
    examples=("/cancel rollback-7f3a2c1d it was the database", "/cancel"),
    unedited=True,
)
def cancel(context: CommandContext, operation: OperationWord = "", why: Text = "") -> Answer:
    """Stops a rollback, an action or a smoke run that has not begun.

    Whoever asked for it may cancel it, and everybody who may roll back. What is running is not interrupted:
    half a deployment is worse than a bad one.
    """
    there = context.incident.production
    found = named(operation, there, [one for one in there.operations.values() if _stoppable(one)])
    if found is None:
        raise UserError("Nothing is waiting to begin here.", "state")
    if not found.open:
        raise UserError(f"{titled(found)} has ended already ({found.outcome}).", "state")
    if not _stoppable(found):
        link = f"[its run]({found.url})" if found.url else "its run"
        raise UserError(
            f"{titled(found)} is under way and cannot be interrupted. Look at {link}, "
            "and go on when it has ended.",
            "state",
        )
    _may_cancel(found, context)
    fact = OperationEnded(op=found.id, outcome="cancelled", text=cut(" ".join(why.split()), 300))
    return Answer((fact,), f"{titled(found)} was cancelled. Nothing was changed.{_leftover(found)}")


def _stoppable(operation: Operation) -> bool:
    return operation.state in ("asked", "ready", "waiting")


def _may_cancel(operation: Operation, context: CommandContext) -> None:
    """Only who asked for it, or may roll back here."""
    if operation.by is not None and operation.by.id == context.by.id:
        return
    least = context.settings.least("rollback", Rights.MAINTAIN, Rights.WRITE)
    if context.rights < least:
        raise UserError(
            f"{code(operation.id)} can be cancelled by whoever asked for it, or with `{least.word}` access. "
            f"GitHub says that you have `{context.rights.word}`.",
            "not-allowed",
        )


def _leftover(operation: Operation) -> str:
    """Its run may still ask for a reviewer; approved or not, it finds the cancellation and stops."""
    if operation.state != "waiting" or not operation.url:
        return ""
    return (
        f" [Its run]({operation.url}) may still wait for a reviewer. Approved or not, it stops without "
        "changing anything."
    )
