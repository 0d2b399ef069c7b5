"""A runbook as its file has it: every key of the language, and nothing decided yet.

A map keeps the order in which it was written. None for a number: nothing is said, and the engine's default
counts; ``none``: there is no such number. Below each key stands what it means: docs/runbook.md and the JSON
Schema are made from that.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from allclear.core.calendar.period import Span
from allclear.core.language.entries import (
    WrittenCalendar,
    WrittenChain,
    WrittenContact,
    WrittenMeasure,
    WrittenRole,
    WrittenRule,
    WrittenSeverity,
    WrittenVoice,
)
from allclear.core.language.fields import Id, Level, Texts, short_for
from allclear.core.language.lists import (
    WrittenList,
    WrittenPattern,
    WrittenReview,
    WrittenRollback,
    WrittenRoutine,
)
from allclear.core.model.frozen import Frozen
from allclear.core.policy.checklists import State


class RunbookFile(Frozen):
    """A whole runbook as written, ``extends`` and the engine's defaults already merged into it."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,40}$")]
    """The name of the file without `.yml`."""
    title: str = ""
    """What people read; the name when it is left out."""
    extends: str = ""
    """The runbook that this one changes."""
    zone: str = "UTC"
    """The IANA time zone in which people read times."""
    about: dict[str, Texts] = Field(default_factory=dict)
    """`text`, `objectives`, `principles`, and anything with a name, such as `owner`."""
    default_severity: str = ""
    """What counts until somebody names a severity; the second least when it is left out."""
    calendars: dict[Id, WrittenCalendar] = Field(default_factory=dict)
    """Office hours and windows; `always` exists by itself."""
    severities: dict[Level, WrittenSeverity] = Field(min_length=1)
    """The severities, the worst first. The two worst are `major`, the others `minor`."""
    states: dict[State, str] = Field(default_factory=dict)
    """Which states there are, and how texts print them; `investigating`, `monitoring`, `resolved` always."""
    measures: dict[Id, WrittenMeasure] = Field(default_factory=dict)
    """Numbers that say how bad it is, and whether it is over."""
    detection: Texts = ()
    """How incidents are noticed: the form offers these."""
    causes: Texts = ()
    """Families of causes, offered while none is known."""
    phases: dict[str, Span] = Field(default_factory=dict)
    """Where an incident usually is, with the end of each phase counted from the start."""
    flags: dict[Id, str] = Field(default_factory=dict)
    """What people raise with `/flag`; rules, roles, lists and voices ask for it."""
    chains: dict[Id, Annotated[WrittenChain, short_for("levels", listed=True)]] = Field(min_length=1)
    """Who is told, and who next while nobody answers."""
    rules: dict[Id, WrittenRule] = Field(default_factory=dict)
    """What is done when a condition holds."""
    roles: dict[Id, WrittenRole] = Field(default_factory=dict)
    """The parts that people play."""
    contacts: dict[str, WrittenContact] = Field(default_factory=dict)
    """People and companies outside of GitHub, by their titles."""
    channels: dict[Id, str] = Field(default_factory=dict)
    """Where people read; `room` is the incident's own, `status-page` the customers'."""
    voices: dict[Id, WrittenVoice] = Field(default_factory=dict)
    """Words for audiences, and how often they are owed."""
    lists: dict[Id, WrittenList] = Field(default_factory=dict)
    """Checklists, and what waits for them."""
    look: dict[str, Texts] = Field(default_factory=dict)
    """Commands that show where to look, under headings. They are shown, never run."""
    links: dict[str, dict[str, str]] = Field(default_factory=dict)
    """Pages and notes, under headings."""
    patterns: dict[Id, WrittenPattern] = Field(default_factory=dict)
    """Kinds of incidents that are known."""
    rollback: WrittenRollback = WrittenRollback.initial()
    """When to go back, and when to fix forward."""
    review: WrittenReview = WrittenReview.initial()
    """The post-mortem and the meeting about it."""
    routines: dict[Id, WrittenRoutine] = Field(default_factory=dict)
    """What is done again and again."""
    items: dict[str, Texts] = Field(default_factory=dict)
    """Where a rule of the older runbook stands that no `item` can name: paths, or `engine`."""
    earlier: dict[Id, Texts] = Field(default_factory=dict)
    """What a deadline was called before: an incident that is open meanwhile is not told of it again."""
