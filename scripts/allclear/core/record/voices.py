"""What was said to whom: the words of voices, drafts for the public, and what was typed for it."""

from __future__ import annotations

from datetime import datetime
from typing import assert_never

from allclear.core.model.stored import Stored
from allclear.core.model.structs import replace
from allclear.core.policy.voices import ENDINGS
from allclear.core.record.changes import add_line
from allclear.core.record.header import EntryHeader
from allclear.core.record.incident import Draft, Incident, Speech


class Spoken(Stored, frozen=True, kw_only=True, tag_field="t", tag="spoken"):
    """A voice said its text for ``moment``. ``passed``: moments whose texts are older than that, and are not
    said any more. ``text``: the words as they were released, for a public voice.
    """

    voice: str
    moment: str
    passed: tuple[str, ...] = ()
    text: str = ""


class Drafted(Stored, frozen=True, kw_only=True, tag_field="t", tag="drafted"):
    """A public voice has a draft for ``moment``, which replaces an older one."""

    voice: str
    moment: str
    passed: tuple[str, ...] = ()


class PublicTyped(Stored, frozen=True, kw_only=True, tag_field="t", tag="public"):
    """Somebody typed these values for the public; they count for all voices, and replace earlier ones."""

    values: dict[str, str]


VoicesFact = Spoken | Drafted | PublicTyped


def _asked_since(was: Speech, fact: Drafted, entry: EntryHeader) -> datetime:
    """A newer text is asked for since the older one was, save at the end: what was before it is outdated."""
    ends = was.draft is not None and fact.moment in ENDINGS and was.draft.moment not in ENDINGS
    return entry.at if was.draft is None or ends else was.draft.since


def apply_voices(incident: Incident, entry: EntryHeader, fact: VoicesFact) -> Incident:
    """The incident after one more fact about what was said."""
    match fact:
        case Spoken():
            was = incident.voices.get(fact.voice, Speech())
            said = {**was.said, **dict.fromkeys(fact.passed, entry.at), fact.moment: entry.at}
            speech = Speech(said=said, last=entry.at, draft=None)
            told = add_line(incident, entry, f"Said to {fact.voice}", fact.text)
            return replace(told, voices={**incident.voices, fact.voice: speech})
        case Drafted():
            was = incident.voices.get(fact.voice, Speech())
            said = {**was.said, **dict.fromkeys(fact.passed, entry.at)}
            speech = replace(was, said=said, draft=Draft(fact.moment, _asked_since(was, fact, entry)))
            return replace(incident, voices={**incident.voices, fact.voice: speech})
        case PublicTyped():
            typed = {**incident.public, **fact.values}
            return replace(incident, public={name: text for name, text in typed.items() if text})
        case _:
            assert_never(fact)
