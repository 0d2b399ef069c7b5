"""What a runbook only shows: what it is about, where to look, known kinds of incidents, phases."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from allclear.core.language.document import RunbookFile
from allclear.core.language.selection import Levels
from allclear.core.model.slug import spelt
from allclear.core.policy.guidance import About, LinkGroup, LookGroup, Pattern, Remedy
from allclear.core.policy.runbook import Phase

NUMBERS = "item"
"""The key of ``about`` that holds numbers of rules, for the coverage page."""


def about(file: RunbookFile) -> About:
    """What it is for."""
    said = dict(file.about)
    said.pop(NUMBERS, None)
    return About(
        text=" ".join(said.pop("text", ())),
        objectives=said.pop("objectives", ()),
        principles=said.pop("principles", ()),
        facts={name: ", ".join(texts) for name, texts in said.items()},
    )


def look(file: RunbookFile) -> tuple[LookGroup, ...]:
    """Commands under their headings."""
    return tuple(LookGroup(title=title, commands=commands) for title, commands in file.look.items())


def links(file: RunbookFile) -> tuple[LinkGroup, ...]:
    """Pages and notes under their headings."""
    return tuple(LinkGroup(title=title, links=links) for title, links in file.links.items())


def patterns(file: RunbookFile, levels: Levels) -> tuple[Pattern, ...]:
    """Known kinds of incidents, in the order in which they are written."""
    return tuple(
        Pattern(
            id=name,
            title=one.title or spelt(name),
            severities=levels.selected(one.for_),
            symptoms=one.symptoms,
            look=one.look,
            fixes=tuple(Remedy(text=text, action=action) for text, action in one.fix.items()),
            later=one.later,
        )
        for name, one in file.patterns.items()
    )


def phases(file: RunbookFile) -> Iterator[Phase]:
    """Each begins where the one before it ends."""
    start = timedelta()
    for name, written in file.phases.items():
        end = written.elapse + timedelta(days=written.days + 30 * written.months)
        yield Phase(name=name, start=start, end=end)
        start = end
