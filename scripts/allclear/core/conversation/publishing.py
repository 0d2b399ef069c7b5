"""Texts for everybody: which voice is meant, its draft, and who may release it."""

from __future__ import annotations

from msgspec import Struct

from allclear.core.conversation.command import CommandContext
from allclear.core.conversation.spoken import Occasion, shown_words, words
from allclear.core.model.errors import UserError
from allclear.core.model.neutral import code, inline
from allclear.core.model.people import Rights
from allclear.core.policy.voices import ENDINGS, UPDATE, Voice
from allclear.core.record.incident import Incident, Speech

LONGEST = 300
"""Characters of one value for the public."""

FIELDS = {
    "brief": ("brief",),
    "issue": ("issue", "problem"),
    "affected": ("affected", "affects"),
    "status": ("status",),
    "eta": ("eta", "expected"),
    "cause": ("cause", "root cause"),
    "fix": ("fix", "resolution"),
    "contact": ("contact",),
}
"""What is typed for the public, under the names that people use."""


class PublicDraft(Struct, frozen=True):
    """A text for everybody. ``text``: with its subject, plain; ``shown``: as Markdown."""

    moment: str
    text: str
    shown: str


def public_voice(context: CommandContext, text: str) -> tuple[Voice, str]:
    """The voice that is meant, and what follows its name; the only public one needs no name. Raises
    UserError.
    """
    voices = [voice for voice in context.runbook.voices if voice.public]
    word, _, rest = text.partition("\n")[0].partition(" ")
    below = text.partition("\n")[2]
    found = next((voice for voice in voices if voice.id == word.strip().lower()), None)
    if found is not None:
        return found, "\n".join(part for part in (rest, below) if part)
    names = ", ".join(code(voice.id) for voice in voices)
    if not voices:
        raise UserError(
            "This runbook has no voice for the public. `/update the fix is out` tells the team.", "state"
        )
    if len(voices) == 1 and (not word or ":" in text.partition("\n")[0]):
        return voices[0], text
    if not word:
        raise UserError(f"Which voice? This runbook has {names}.", "missing")
    raise UserError(f"{code(word)} is not a voice for the public; this runbook has {names}.")


def draft_of(context: CommandContext, voice: Voice, incident: Incident) -> PublicDraft:
    """The text that waits, or the voice's next word. Raises UserError when there is none."""
    speech = incident.voices.get(voice.id, Speech())
    moment = speech.draft.moment if speech.draft is not None else UPDATE
    over = incident.reached("closed") is not None and moment not in ENDINGS
    if over or moment not in voice.at:
        raise UserError(f"Nothing waits to be said to {inline(voice.id)} now.", "state")
    told = words(voice, moment, incident, Occasion.of(context))
    return PublicDraft(moment, told.whole, shown_words(voice, told))


def approval(context: CommandContext, voice: Voice) -> str:
    """In what part somebody releases the text: empty in the role that the runbook asks for. Raises UserError
    with who may.
    """
    title = {role.id: role.title for role in context.runbook.roles}
    for role in dict.fromkeys((voice.approve, "ic")):
        holders = context.incident.team.holders(role)
        if not holders:
            continue
        if context.by.id in {holder.id for holder in holders}:
            return "" if role == voice.approve else f" as {title.get(role, role)}"
        raise UserError(
            f"{inline(' or '.join(one.login for one in holders))}, who is {title.get(role, role)}, releases "
            "what is said to "
            f"{inline(voice.id)}.",
            "not-allowed",
        )
    if context.rights >= Rights.MAINTAIN:
        return f", while nobody is {title.get(voice.approve, voice.approve)}"
    raise UserError(
        f"Nobody is {title.get(voice.approve, voice.approve)} yet, who releases this: `/role {voice.approve} "
        "@user` gives it to somebody. Until then, somebody with `maintain` access may.",
        "not-allowed",
    )
