from __future__ import annotations

from typing import Annotated

from allclear.core.conversation.arguments import text_as
from allclear.core.conversation.command import Answer, CommandContext, command
from allclear.core.model.errors import UserError
from allclear.core.model.neutral import code
from allclear.core.model.operation import operation_id
from allclear.core.model.people import Rights
from allclear.core.plan.watch import EVIDENCE_EXPIRES
from allclear.core.record.audit import Helped
from allclear.core.record.production import OperationAsked


@command("evidence", least=Rights.WRITE, examples=("/evidence", "/evidence web"), late=True)
def evidence(context: CommandContext, service: Annotated[str, text_as("<service>")] = "") -> Answer:
    """Keeps the evidence: timeline, logs of the runs, deployments, smoke results, the service's commands.

    It becomes one artifact with a SHA-256 manifest, without the secrets that are known or look like one, and
    GitHub keeps it 90 days: download what has to last. Without a service it looks at those the incident
    affects, or at all. For severities that the runbook names it is kept by itself after the resolution.
    """
    name = _service(context, service)
    under_way = next(
        (o for o in context.incident.production.operations.values() if o.kind == "evidence" and o.open), None
    )
    if under_way is not None:
        link = f": [its run]({under_way.url})" if under_way.url else ""
        return Answer((Helped(),), f"Evidence is being kept already ({code(under_way.id)}){link}.")
    op = operation_id("evidence", context.repository.id, context.incident.number, context.call.key)
    fact = OperationAsked(op=op, kind="evidence", service=name, expires=context.now + EVIDENCE_EXPIRES)
    of = f" of {code(name)}" if name else ""
    return Answer((fact,), f"Evidence{of} is being kept ({code(op)}); the link follows.")


def _service(context: CommandContext, said: str) -> str:
    """The service as the settings spell it; empty for those of the incident. Raises UserError."""
    known = {name.lower(): name for name in context.settings.services}
    words = said.split()
    if not words:
        return ""
    if len(words) == 1 and words[0].lower() in known:
        return known[words[0].lower()]
    there = ", ".join(code(name) for name in context.settings.services)
    fix = f"there is {there}" if there else "`.github/allclear.yml` has no `services:` yet"
    raise UserError(f"{code(said, 60)} is not a service; {fix}. `/evidence` alone keeps everything.")
