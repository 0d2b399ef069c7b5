"""Voices, and the clocks of what they owe."""

from __future__ import annotations

from collections.abc import Iterator

from allclear.core.calendar.period import Span
from allclear.core.calendar.rhythm import Rhythm, RhythmStep
from allclear.core.language.document import RunbookFile
from allclear.core.language.entries import WrittenVoice, spoken_at
from allclear.core.language.numbers import Numbers, numbers_of
from allclear.core.language.selection import Levels
from allclear.core.model.people import RESPONDERS
from allclear.core.policy.deadline import Deadline
from allclear.core.policy.voices import UPDATE, SpokenText, Voice

CHASED = Rhythm.of(Span.parse("30m"))
"""How often a draft that nobody publishes is asked for, where its voice has no rhythm."""

DAILY = RhythmStep(Span.parse("1d"), after=Span.parse("4h"))
"""A draft that nobody publishes for so long is asked for once a day: it may have become pointless."""


def voices(file: RunbookFile, levels: Levels, numbers: Numbers) -> tuple[Voice, ...]:
    """The voices of the runbook, in its order."""
    return tuple(
        Voice(
            id=name,
            severities=levels.selected(voice.for_),
            when=voice.when.condition,
            to=voice.to,
            speaker=voice.speaker,
            public=voice.public,
            approve=voice.approve or "ic",
            clock=voice.clock,
            cadence=dict(cadences(file, voice, levels, numbers)),
            at={
                moment: SpokenText(subject=spoken.subject, text=spoken.text)
                for key, spoken in voice.at.items()
                for moment in spoken_at(key)
            },
        )
        for name, voice in file.voices.items()
    )


def rhythms(file: RunbookFile, voice: WrittenVoice, levels: Levels, numbers: Numbers) -> dict[str, Rhythm]:
    """How often a voice owes a word, by the severities in which it does."""
    found = {}
    for level in levels.selected(voice.for_):
        every = levels.chosen(voice.every, level)
        rhythm = numbers_of(file, level, numbers).rhythm(every)
        if rhythm is not None:
            found[level] = rhythm
    return found


def cadences(file: RunbookFile, voice: WrittenVoice, levels: Levels, numbers: Numbers) -> dict[str, Rhythm]:
    """What a text of this voice calls its cadence: the voice's own rhythm, else the severity's `update`."""
    found = {}
    for level in levels.ids:
        every, own = levels.chosen(voice.every, level), numbers_of(file, level, numbers)
        rhythm = own.update if every is None else own.rhythm(every)
        if rhythm is not None:
            found[level] = rhythm
    return found


def owed(file: RunbookFile, levels: Levels, numbers: Numbers) -> Iterator[Deadline]:
    """The deadlines of what is owed: words again and again, and drafts that wait."""
    for name, voice in file.voices.items():
        often = rhythms(file, voice, levels, numbers)
        if often and UPDATE in {moment for key in voice.at for moment in spoken_at(key)}:
            yield _words(name, voice, file, often)
        if voice.public:
            yield _draft(name, voice, file, {level: often.get(level, CHASED) for level in levels.ids})


def _title(role: str, file: RunbookFile) -> str:
    return (file.roles[role].title or role) if role in file.roles else RESPONDERS


def _words(name: str, voice: WrittenVoice, file: RunbookFile, often: dict[str, Rhythm]) -> Deadline:
    how = f"`/publish {name}`" if voice.public else "`/update <text>`"
    return Deadline(
        id=f"{name}-update",
        title=f"Update for {name} due",
        start="voice",
        voice=name,
        until="resolved",
        within={level: rhythm.steps[0].period for level, rhythm in often.items()},
        repeat={level: rhythm.since(1) for level, rhythm in often.items()},
        to=(_title(voice.speaker, file), RESPONDERS),
        when=voice.when.condition,
        text=f"An update for {name} is due: one every {{{{ every }}}}. Write {how}.",
    )


def _draft(name: str, voice: WrittenVoice, file: RunbookFile, often: dict[str, Rhythm]) -> Deadline:
    return Deadline(
        id=f"{name}-draft",
        title=f"Draft for {name} not published",
        start="draft",
        voice=name,
        until="published",
        within={level: rhythm.steps[0].period for level, rhythm in often.items()},
        repeat={level: Rhythm((*rhythm.since(1).steps, DAILY)) for level, rhythm in often.items()},
        to=(_title(voice.speaker, file), _title(voice.approve or "ic", file)),
        text=(
            f"The text for {name} is not published yet. `/draft {name}` shows it, "
            f"`/publish {name}` releases it."
        ),
    )
