"""What is wrong with a runbook's texts, each with its place in the file."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from allclear.core.calendar.rhythm import Rhythm
from allclear.core.language.document import RunbookFile
from allclear.core.language.entries import WrittenVoice
from allclear.core.language.known_names import RunbookMistake, Where, unknown
from allclear.core.language.numbers import Numbers, numbers_of
from allclear.core.language.selection import ALL, Levels
from allclear.core.language.wording import (
    FOR_THE_PUBLIC,
    INSTEAD,
    PUBLIC,
    STAND_INS,
    WordingError,
    lines_that_stay,
    named,
    role_value,
    row_of,
)
from allclear.core.model.patterns import lazy_regex

PLACES = {"room": "room", "status_page": "status-page"}
"""Values that are the text of a channel."""

_NUMBER = lazy_regex(r"\b\d{1,4} (?:minute|hour|day|week|month)s?\b")


class WrittenText(Struct, frozen=True):
    """A text and where it stands. ``levels``: the severities it is for; ``voice``: whose it is."""

    where: Where
    text: str
    levels: tuple[str, ...]
    voice: WrittenVoice | None = None

    def below(self, row: int) -> int:
        """How far below its key one of its rows stands: a text of several begins in the next line."""
        return row + 1 if "\n" in self.text else 0


def text_mistakes(file: RunbookFile, numbers: Numbers) -> Iterator[RunbookMistake]:
    """Every text that names what it cannot know, that could say nothing, or that repeats a number."""
    for role in file.roles:
        if role_value(role) in STAND_INS or role_value(role) in PUBLIC:
            why = f"{role!r} is the name of a value that texts print; choose another id."
            yield RunbookMistake(("roles", role), why)
    for text in texts(file):
        try:
            names = named(text.text)
        except WordingError as error:
            yield RunbookMistake(text.where, str(error), row=text.below(error.row))
            continue
        wrong = list(_values(file, text, names))
        yield from wrong or _empty(file, text, names, numbers)
        if text.where[0] != "rules":  # the time in the words of a rule is its own
            yield from _numbers(file, text, numbers)


def texts(file: RunbookFile) -> Iterator[WrittenText]:
    """Every text that names values."""
    levels = Levels(tuple(file.severities))
    known = {*file.severities, "all", "major", "minor", "worst"}

    def members(names: tuple[str, ...]) -> tuple[str, ...]:
        return levels.selected(name for name in names if name in known)

    for name, rule in file.rules.items():
        if rule.say:
            yield WrittenText(("rules", name, "say"), rule.say, members(rule.for_ or (ALL,)))
    for name, voice in file.voices.items():
        for key, spoken in voice.at.items():
            here = ("voices", name, "at", key)
            if spoken.subject:
                yield WrittenText((*here, "subject"), spoken.subject, members(voice.for_), voice)
            yield WrittenText((*here, "text"), spoken.text, members(voice.for_), voice)
    for name, one in file.lists.items():
        for step, written in one.steps.items():
            where = ("lists", name, "steps", step, "text")
            yield WrittenText(where, written.text, members(one.for_))
    for name, channel in file.channels.items():
        yield WrittenText(("channels", name), channel, levels.ids)


def cadence(file: RunbookFile, level: str, voice: WrittenVoice | None, numbers: Numbers) -> Rhythm | None:
    """How often this voice speaks in this severity: by its own rhythm, else by the severity's ``update``."""
    own = numbers_of(file, level, numbers)
    every = Levels(tuple(file.severities)).chosen(voice.every, level) if voice else None
    return own.rhythm(every) if every is not None else own.update


def never(file: RunbookFile, level: str, voice: WrittenVoice | None, numbers: Numbers) -> frozenset[str]:
    """The values that incidents of this severity never have, in a text of this voice."""
    own = numbers_of(file, level, numbers)
    found = set[str]()
    if cadence(file, level, voice, numbers) is None:
        found |= {"cadence", "next_update"}
    if own.watch is None and own.watch_rollback is None:
        found.add("watch")
    if own.review is None:
        found.add("postmortem")
    if own.review is None or file.review.meeting is None:
        found.add("meeting")
    return frozenset(found)


def _values(file: RunbookFile, text: WrittenText, names: tuple[str, ...]) -> Iterator[RunbookMistake]:
    """Values that do not exist, or not here."""
    known = (*STAND_INS, *PUBLIC, *map(role_value, file.roles))
    for name in names:
        row = text.below(row_of(text.text, name))
        if name not in known:
            yield RunbookMistake(text.where, unknown("value", name, known), row=row)
        elif name in PLACES and PLACES[name] not in file.channels:
            why = f"{name!r} needs the channel {PLACES[name]!r} under `channels`."
            yield RunbookMistake(text.where, why, row=row)
        elif text.voice is not None and text.voice.public and name not in FOR_THE_PUBLIC:
            instead = INSTEAD.get(name, "")
            hint = f"use {instead}." if instead else f"there are {', '.join(sorted(FOR_THE_PUBLIC))}."
            why = f"{name!r} is technical, and this voice is public: {hint}"
            yield RunbookMistake(text.where, why, row=row)


def _empty(
    file: RunbookFile, text: WrittenText, names: tuple[str, ...], numbers: Numbers
) -> Iterator[RunbookMistake]:
    """A text of which nothing may be left."""
    for level in text.levels:
        gone = never(file, level, text.voice, numbers)
        if not any(lines_that_stay(text.text, gone)):
            lacks = ", ".join(sorted(gone & set(names)))
            why = f"nothing of this text is left in {level}, which has no {lacks}."
            yield RunbookMistake(text.where, why)
            return


def _numbers(file: RunbookFile, text: WrittenText, numbers: Numbers) -> Iterator[RunbookMistake]:
    """A number that is typed in a text although the severity has it: it stays when that is changed."""
    for typed in dict.fromkeys(_NUMBER.findall(text.text)):
        for level in text.levels:
            own = numbers_of(file, level, numbers)
            rhythm = cadence(file, level, text.voice, numbers)
            meant = {
                "cadence": next((step.period for step in rhythm.steps[-1:]), None) if rhythm else None,
                "watch": own.watch,
            }
            name = next((name for name, period in meant.items() if period and period.words() == typed), None)
            if name is not None:
                of = "update" if name == "cadence" else name
                why = f"{typed!r} is {level}'s {of}: write {{{{ {name} }}}}."
                yield RunbookMistake(text.where, why, warning=True)
                break
