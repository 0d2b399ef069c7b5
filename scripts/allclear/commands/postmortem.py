from __future__ import annotations

from allclear.core.conversation.command import Answer, CommandContext, command
from allclear.core.conversation.override import Override, may_override
from allclear.core.model.errors import UserError
from allclear.core.model.people import Rights
from allclear.core.record.entry import command_of
from allclear.core.record.facts import Fact
from allclear.core.record.postmortem import PostmortemAsked, ReviewOverridden


@command(
    "postmortem",
    least=Rights.WRITE,
    examples=("/postmortem", '/postmortem --override "the vendor does not tell the cause"'),
    late=True,
)
def postmortem(context: CommandContext, override: Override = None) -> Answer:
    """Writes the post-mortem, or updates it, as a pull request for the responders to review.

    What people wrote into it stays; the facts and the timeline are brought up to date. It is published when
    the pull request is merged, unless its review holds it: then this says what is to mend.
    `--override "why"` publishes it all the same: it needs maintain and a comment that was never edited, and
    the panel and the record say why.
    """
    known = context.incident.postmortem
    if override is not None:
        return _overridden(context, override.why)
    again = "updated" if known.url else "written"
    said = f"The post-mortem is being {again}. The link to its pull request follows here."
    if context.incident.reached("resolved") is None:
        said += " The incident is not resolved yet, so this is a draft."
    return Answer((PostmortemAsked(),), said)


def _overridden(context: CommandContext, why: str) -> Answer:
    """What its review holds against it counts no more: at once where it is merged, else when it is."""
    incident = context.incident
    if not incident.postmortem.url:
        raise UserError("There is no post-mortem yet. `/postmortem` writes it.", "state")
    if incident.reached("published") is not None:
        raise UserError("The post-mortem is published already.", "state")
    if command_of(context.call.key) is None:
        raise UserError(
            "An override counts at the beginning of a line, with nothing around it: "
            '`/postmortem --override "why"`. Nothing was overridden.'
        )
    may_override(context)
    facts: list[Fact] = [ReviewOverridden(why=why)]
    if incident.postmortem.held is not None:
        return Answer(tuple(facts), "The post-mortem is published as it was merged. The record keeps why.")
    facts.append(PostmortemAsked())
    said = "The post-mortem is published when it is merged, whatever its review holds against it."
    return Answer(tuple(facts), f"{said} The record keeps why.")
