from __future__ import annotations

from allclear.core.conversation.command import Answer, CommandContext, command
from allclear.core.model.people import Rights
from allclear.core.record.postmortem import PostmortemAsked


@command(
    "postmortem",
    least=Rights.WRITE,
    examples=("/postmortem",),
    aliases=("post-mortem", "pm"),
    late=True,
)
def postmortem(context: CommandContext) -> Answer:
    """Writes the post-mortem, or updates it, as a pull request for the responders to review.

    What people wrote into it stays; the facts and the timeline are brought up to date.
    """
    again = "updated" if context.incident.postmortem.url else "written"
    said = f"The post-mortem is being {again}. The link to its pull request follows here."
    if context.incident.reached("resolved") is None:
        said += " The incident is not resolved yet, so this is a draft."
    return Answer((PostmortemAsked(),), said)
