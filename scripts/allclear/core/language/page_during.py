"""What the page says about an incident that is going on: where to look, what to do, what to say."""

from __future__ import annotations

from collections.abc import Mapping

from allclear.core.language.document import RunbookFile
from allclear.core.language.entries import WrittenSpoken, WrittenVoice
from allclear.core.language.limits import Limits
from allclear.core.language.lists import WrittenList, WrittenStep
from allclear.core.language.markdown import bullets, fenced, flat, small
from allclear.core.language.numbers import numbers_of
from allclear.core.language.page_words import (
    SINCE,
    bracketed,
    by_level,
    capital,
    condition,
    items,
    levels_of,
    role_title,
    severities,
    ticked_by,
    titled,
    way_to,
)
from allclear.core.model.slug import spelt

BOXES = (
    "`/check` with the name behind a box ticks it. A box with a line in italics is ticked by itself then. "
    "Nothing is run without somebody's `/run`."
)


def look(file: RunbookFile) -> list[str]:
    """Commands and links under their headings."""
    lines: list[str] = []
    for heading, commands in file.look.items():
        lines += [f"### {heading}", "", *_commands(commands), ""]
    for heading, links in file.links.items():
        lines += [f"### {heading}", "", *(f"- {name}: {text}" for name, text in links.items()), ""]
    return ["## Where to look", "", *lines] if lines else []


def _commands(commands: tuple[str, ...]) -> list[str]:
    """In one block where each is one line."""
    if any("\n" in command.strip() for command in commands):
        return [line for command in commands for line in (*fenced(command), "")]
    return fenced("\n".join(commands)) if commands else []


def patterns(file: RunbookFile) -> list[str]:
    """What is known already."""
    lines = ["## Known kinds of incidents", ""] if file.patterns else []
    for name, one in file.patterns.items():
        lines += [f"### {titled(name, one.title)}{bracketed(severities(file, one.for_))}", ""]
        lines += [
            items(one).strip(),
            "",
            f"Symptoms: {', '.join(one.symptoms)}",
            "",
            *_commands(one.look),
            "",
        ]
        lines += [f"- {text}{f': `/run {action}`' if action else ''}" for text, action in one.fix.items()]
        lines += [f"- Later: {one.later}"] if one.later else []
        lines += [f"- `/pattern {name}` records that it is this one", ""]
    return lines


def rollback(file: RunbookFile) -> list[str]:
    """When to go back, and when not."""
    written = file.rollback
    lines = ["## Going back or fixing forward", "", items(written).strip(), ""]
    if written.fix_forward:
        lines += [f"A fix that takes less than {written.fix_forward.words()} is better than a rollback.", ""]
    lines += ["Go back at once (`/rollback`) when:", ""] if written.immediate else []
    for one in written.immediate:
        seen = [part for part in (severities(file, one.for_), condition(file, one.when)) if part]
        lines += [f"- {flat(one.text)}{bracketed('; '.join(seen))}{items(one)}"]
    return lines


def checklists(file: RunbookFile, limits: Limits) -> list[str]:
    """Every list with its boxes."""
    lines = ["## Checklists", "", BOXES, ""] if file.lists else []
    for name, one in file.lists.items():
        lines += [f"### {titled(name, one.title)}", "", small(one.item).strip(), ""]
        lines += [" ".join(_about(file, one, limits)), "", *boxes(file, one.steps), ""]
    return lines


def _about(file: RunbookFile, one: WrittenList, limits: Limits) -> list[str]:
    """A sentence each: for which incidents, by whom, from when on, until when."""
    only, when = severities(file, one.for_), condition(file, one.when)
    due = {level: period.words() for level, period in limits.spread(one.due).items()}
    among = levels_of(file, one.for_)
    due = {level: told for level, told in due.items() if level in among}
    opened = f"Within {by_level(file, due, among)} after it opened." if due else ""
    told = [
        f"For {only}{f', {when}' if when else ''}." if only else f"{capital(when)}." if when else "",
        f"For the {role_title(file, one.role)}." if one.role else "",
        f"From when {SINCE[one.opens]}." if one.opens != "declared" else "",
        f"Must be done before {way_to(one.before)}." if one.before else "",
        opened,
    ]
    return [sentence for sentence in told if sentence]


def boxes(file: RunbookFile, steps: Mapping[str, WrittenStep]) -> list[str]:
    """A box a step, with its name, who does it, and what ticks it."""
    lines = []
    for name, step in steps.items():
        told = [
            f"`{name}`",
            severities(file, step.for_),
            condition(file, step.when),
            role_title(file, step.role) if step.role else "",
            "optional" if step.optional else "",
            f"`/run {step.run}`" if step.run else "",
            f"*when {ticked_by(file, step.done)}*" if step.done else "",
        ]
        lines += [f"- [ ] {flat(step.text)} · {' · '.join(filter(None, told))}{items(step)}"]
        lines += bullets(step.parts, "  ")
    return lines


def voices(file: RunbookFile, limits: Limits) -> list[str]:
    """The texts by audience."""
    lines = ["## What is said", ""] if file.voices else []
    lines += (
        ["`/draft` with the name of a voice shows its text with this incident's values.", ""] if lines else []
    )
    for name, voice in file.voices.items():
        lines += [f"### {spelt(name)} (`{name}`)", "", items(voice).strip(), ""]
        lines += [" ".join(_spoken(file, name, voice, limits)), ""]
        for moments, spoken in voice.at.items():
            lines += [
                f"**{_moments(moments)}**{_subject(spoken)}{items(spoken)}",
                "",
                *fenced(spoken.text),
                "",
            ]
    return lines


def _moments(written: str) -> str:
    """``When it is declared, with each update``."""
    names = [name.strip() for name in written.split(",")]
    told = ", ".join("with each update" if name == "update" else f"when {SINCE[name]}" for name in names)
    return capital(told)


def _subject(spoken: WrittenSpoken) -> str:
    return f" · Subject: {spoken.subject}" if spoken.subject else ""


def _spoken(file: RunbookFile, name: str, voice: WrittenVoice, limits: Limits) -> list[str]:
    """A sentence each: by whom and where, for which incidents, how often, and whether it is published."""
    places = " and ".join(
        "the issue" if channel == "issue" else file.channels.get(channel, channel) for channel in voice.to
    )
    among = levels_of(file, voice.for_)
    every = {level: rhythm for level in among if (rhythm := _every(voice, level, limits))}
    only, when = severities(file, voice.for_), condition(file, voice.when)
    approver = role_title(file, voice.approve) if voice.approve else "Incident Commander"
    told = [
        f"The {role_title(file, voice.speaker)} speaks, in {places}.",
        f"For {only}{f', {when}' if when else ''}." if only else f"{capital(when)}." if when else "",
        f"Due {by_level(file, every, among)}." if every else "",
        f"Public: a draft until the {approver} writes `/publish {name}`." if voice.public else "",
        "Times are on a 12-hour clock." if voice.clock == "12h" else "",
    ]
    return [sentence for sentence in told if sentence]


def _every(voice: WrittenVoice, level: str, limits: Limits) -> str:
    rhythm = numbers_of(limits.file, level, limits.numbers).rhythm(limits.levels.chosen(voice.every, level))
    return rhythm.words() if rhythm else ""
