from __future__ import annotations

from allclear.core.conversation.arguments import Body
from allclear.core.conversation.command import Answer, CommandContext, command
from allclear.core.conversation.fields import labelled
from allclear.core.conversation.publishing import FIELDS, LONGEST, draft_of, public_voice
from allclear.core.language.wording import unfilled
from allclear.core.model.errors import UserError
from allclear.core.model.neutral import code
from allclear.core.model.people import Rights
from allclear.core.record.audit import Helped
from allclear.core.record.voices import PublicTyped


@command(
    "draft",
    least=Rights.TRIAGE,
    examples=("/draft {voice|customers}",),
    late=True,
    reversible=True,
)
def draft(context: CommandContext, text: Body = "") -> Answer:
    """Shows the text of a voice that everybody may read, and takes what it says.

    Lines below it fill it in, once for all voices: `issue:` what does not work, `affected:` what is hit,
    `status:`, `eta:`, `cause:`, `fix:`, `contact:` and `brief:`. Nothing of it is said before `/publish`.
    """
    voice, rest = public_voice(context, text)
    found, _ = labelled(rest, FIELDS, run_on=False)
    for name, value in found.items():
        if len(value) > LONGEST:
            raise UserError(f"{code(name)} has {len(value)} characters; {LONGEST} are the most.")
    fact = PublicTyped(values={f"public_{name}": value for name, value in found.items()}) if found else None
    after = context.after(fact) if fact else context.incident
    told = draft_of(context, voice, after)
    open_parts = unfilled(told.text)
    what = ", ".join(code(part) for part in open_parts)
    next_step = (
        f"Still to be filled in: {what}. Write `/draft {voice.id}` with a line for each, such as `issue: …`."
        if open_parts
        else f"`/publish {voice.id}` releases it."
    )
    return Answer((fact,) if fact else (Helped(),), f"{told.shown}\n\n{next_step}")
