from __future__ import annotations

from typing import Annotated

from allclear.core.conversation.command import Answer, Arg, ArgumentCursor, CommandContext, command
from allclear.core.conversation.services import not_a_service, service_named
from allclear.core.model.errors import MissingArgumentError
from allclear.core.model.neutral import code
from allclear.core.model.operation import operation_id
from allclear.core.model.people import Rights
from allclear.core.model.snapshot import Wants
from allclear.core.plan.watch import EVIDENCE_EXPIRES
from allclear.core.production.withholding import withheld_here
from allclear.core.record.audit import Helped
from allclear.core.record.production import OperationAsked


def _only(cursor: ArgumentCursor, context: CommandContext) -> tuple[str, ArgumentCursor]:
    """One service, and nothing behind it: of two, the second would not be kept."""
    if not cursor.text:
        raise MissingArgumentError("Which service?")
    found = service_named(cursor.text, context.settings.services)
    if not found:
        raise not_a_service(cursor.text, context.settings.services, "`/evidence` alone collects everything.")
    return found, ArgumentCursor("", "")


def _wants(context: CommandContext) -> Wants:
    return Wants(visibility=not context.settings.public_evidence)


@command(
    "evidence", least=Rights.WRITE, examples=("/evidence", "/evidence {service|web}"), late=True, wants=_wants
)
def evidence(context: CommandContext, service: Annotated[str, Arg("<service>", _only)] = "") -> Answer:
    """Collects the evidence: timeline, logs of the runs, deployments, smoke results, the service's commands.

    It becomes one artifact with a SHA-256 manifest. Known secrets, and what looks like one, are removed.
    GitHub keeps it for 90 days, so download what has to last. Without a service it looks at those that the
    incident affects, or at all. For the severities that the runbook names it is collected automatically after
    the resolution. In a public repository everybody who is signed in can download it, so there it is off
    until the settings say `public_evidence: true`.
    """
    withheld = withheld_here(context.settings, context.visibility)
    if withheld is not None:
        raise withheld
    under_way = next(
        (o for o in context.incident.production.operations.values() if o.kind == "evidence" and o.open), None
    )
    if under_way is not None:
        link = f", see [its run]({under_way.url})" if under_way.url else ""
        return Answer((Helped(),), f"Evidence is being collected already ({code(under_way.id)}){link}.")
    op = operation_id("evidence", context.repository.id, context.incident.number, context.call.key)
    fact = OperationAsked(op=op, kind="evidence", service=service, expires=context.now + EVIDENCE_EXPIRES)
    of = f" of {code(service)}" if service else ""
    return Answer((fact,), f"Evidence{of} is being collected ({code(op)}). The link follows here.")
