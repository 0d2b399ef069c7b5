from __future__ import annotations

from typing import Annotated

from allclear.core.conversation.arguments import LeadingService, text_as
from allclear.core.conversation.command import Answer, ArgumentCursor, CommandContext, command
from allclear.core.conversation.services import likely_service, service_named
from allclear.core.model.errors import UserError
from allclear.core.model.neutral import code
from allclear.core.model.people import Rights
from allclear.core.model.snapshot import Wants
from allclear.core.production.hotfix import attempt, branch
from allclear.core.production.remark import check_remark
from allclear.core.record.audit import Helped
from allclear.core.record.production import HotfixAsked


def _wants(context: CommandContext) -> Wants:
    word, _ = ArgumentCursor(context.call.line, "").word()
    name = _service(context, service_named(word, context.settings.services))
    service = context.settings.services.get(name)
    if service is None or service.hotfix.start != "production":
        return Wants()
    return Wants(releases=frozenset({name}))


def _service(context: CommandContext, named: str) -> str:
    """The service of the hotfix; empty when nobody named one and it could be several."""
    return named or likely_service(context.settings.services, context.incident.impact.services)


@command(
    "hotfix",
    least=Rights.WRITE,
    examples=("/hotfix raise the pool size", "/hotfix {service|web} raise the pool size"),
    wants=_wants,
    bare=True,
)
def hotfix(
    context: CommandContext, service: LeadingService = "", *, text: Annotated[str, text_as("<description>")]
) -> Answer:
    """Opens a branch and a draft pull request for the fix; one per incident.

    The branch `hotfix/incident-<n>` starts where the service's settings say: at the default branch, or at
    what runs in production. Merging the pull request does not close the incident, and a deploy freeze does
    not hold it back. One that somebody opened by hand from that branch is the incident's hotfix as well.
    """
    there = context.incident.production.hotfix
    if there is not None and there.pending:
        return Answer((Helped(),), "The hotfix is being prepared. The link to its pull request follows here.")
    if there is not None and there.followed:
        where = f"[pull request #{there.pull}]({there.url}), branch {code(there.branch)}"
        return Answer((Helped(),), f"There is a hotfix already: {where}. Push the fix to it.")
    check_remark(
        text,
        "/hotfix",
        "It opens a branch and a draft pull request, and changes nothing in production, for a fix such as "
        "`/hotfix raise the pool size`.",
    )
    if text.split("\n", 1)[0].rstrip(" *_`)").endswith("?"):
        raise UserError(
            f"{code(text, 60)} is a question, not an order, so nothing is done. Say what the fix is to do: "
            "`/hotfix raise the pool size`.",
            "unclear",
        )
    name = _service(context, service)
    commit = _commit(context, name)
    start = f"{code(commit[:7])}, which runs in production" if commit else "the default branch"
    made = code(branch(context.incident.number, attempt(context.incident)))
    fact = HotfixAsked(text=text, service=name, commit=commit)
    return Answer(
        (fact,),
        f"The hotfix {made} is being prepared from {start}. The link to its pull request follows here.",
    )


def _commit(context: CommandContext, name: str) -> str:
    """The commit to start from: what runs in production (003-13, 003-A3), or empty for the default branch."""
    service = context.settings.services.get(name)
    if service is None:
        _same_everywhere(context)
        return ""
    if service.hotfix.start != "production":
        return ""
    seen = context.releases.get(name)
    if seen is None or not seen.known:
        raise UserError(
            f"GitHub did not say which release of {code(name)} is running. Try again in a minute.", "missing"
        )
    if seen.mixed:
        raise UserError(seen.mixed, "mixed")
    if seen.current is None or not seen.current.sha or seen.current.state == "unclear":
        raise UserError(
            f"No deployment says which commit of {code(name)} runs in {code(service.environment)}, so the "
            f"hotfix has nothing to start from. Push {code(branch(context.incident.number))} by hand from "
            "the right commit, or let it start elsewhere: `hotfix: { start: default-branch }` in "
            "`.github/allclear.yml`.",
            "missing",
        )
    return seen.current.sha


def _same_everywhere(context: CommandContext) -> None:
    """Without a service the default branch it is, unless the services differ in where they start."""
    if any(one.hotfix.start == "production" or one.hotfix.base for one in context.settings.services.values()):
        names = ", ".join(code(name) for name in context.settings.services)
        raise UserError(f"Which service is the hotfix for? Begin with its name: {names}.")
