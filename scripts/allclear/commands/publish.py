from __future__ import annotations

from allclear.core.conversation.arguments import Text
from allclear.core.conversation.command import Answer, CommandContext, command
from allclear.core.conversation.fields import field_in
from allclear.core.conversation.not_so import check_so
from allclear.core.conversation.publishing import FIELDS, approval, draft_of, public_voice
from allclear.core.language.wording import unfilled
from allclear.core.model.errors import UserError
from allclear.core.model.neutral import code
from allclear.core.model.people import Rights
from allclear.core.policy.voices import Voice
from allclear.core.record.voices import Spoken


@command(
    "publish",
    least=Rights.TRIAGE,
    examples=("/publish {voice|customers}",),
    late=True,
    unedited=True,
    bare=True,
)
def publish(context: CommandContext, text: Text = "") -> Answer:
    """Releases the text of a voice that everybody may read, and shows it to be copied.

    Whoever has the role that the runbook asks for may do it, or the incident commander; while nobody has
    either, somebody with `maintain` access. A text with a part that is not filled in is not released.
    """
    voice, behind = public_voice(context, text)
    check_so(behind, f"/publish {voice.id}")
    _check_unchanged(behind, voice)
    as_what = approval(context, voice)
    told = draft_of(context, voice, context.incident)
    open_parts = unfilled(told.text)
    if open_parts:
        what = ", ".join(code(part) for part in open_parts)
        raise UserError(
            f"This is not released: {what} is not filled in. Write `/draft {voice.id}` with a line for each, "
            "such as `issue: …`.",
            "missing",
        )
    fact = Spoken(voice=voice.id, moment=told.moment, text=told.text)
    return Answer((fact,), f"**Released{as_what}.** Copy it to where they read it:\n\n{told.shown}")


def _check_unchanged(behind: str, voice: Voice) -> None:
    """Refuse a part of the text behind the voice: what is released is what was drafted."""
    found = field_in(behind.partition("\n")[0])
    if found is not None and any(found[0] in labels for labels in FIELDS.values()):
        raise UserError(
            f"Nothing is released, because {code(behind, 60)} is a part of the text. Put it in with "
            f"{code(f'/draft {voice.id} {behind}', 200)} first, and then write "
            f"{code(f'/publish {voice.id}')}.",
            "unclear",
        )
