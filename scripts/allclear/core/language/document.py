"""A runbook as its file has it: every key of the language, and nothing decided yet.

A map keeps the order in which it was written. None for a number: nothing is said, and the engine's default
counts; ``none``: there is no such number.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, PlainValidator

from allclear.core.calendar.calendar import Calendar
from allclear.core.calendar.period import NumberName, Period, Span, period_or_number
from allclear.core.calendar.phrase import as_text, json_text
from allclear.core.calendar.recurrence import Recurrence
from allclear.core.calendar.rhythm import Rhythm, rhythm_or_number
from allclear.core.language.selection import ALL, NONE, For, by_severity
from allclear.core.model.frozen import Frozen, Texts

Id = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,40}$")]
"""The name of a map's entry."""

Level = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9]{0,19}$")]
"""The id of a severity."""

NotAtAll = Literal["none"]


def _period(value: Any) -> Period | NotAtAll:
    return NONE if value == NONE else Period.read(value)


def _period_or_number(value: Any) -> Period | NumberName | NotAtAll:
    return NONE if value == NONE else period_or_number(value)


def _rhythm(value: Any) -> Rhythm | NotAtAll:
    return NONE if value == NONE else Rhythm.read(value)


def _rhythm_or_number(value: Any) -> Rhythm | NumberName | NotAtAll:
    return NONE if value == NONE else rhythm_or_number(value)


PeriodOrNone = Annotated[
    Period | NotAtAll, PlainValidator(_period), as_text, json_text((*Period.examples, NONE))
]
"""A length of time, or ``none``."""

RhythmOrNone = Annotated[
    Rhythm | NotAtAll, PlainValidator(_rhythm), as_text, json_text((*Rhythm.examples, NONE))
]
"""How often, or ``none``."""

Limit = Annotated[
    Period | NumberName | NotAtAll,
    PlainValidator(_period_or_number),
    as_text,
    json_text((*Period.examples, *NumberName, NONE)),
]
"""A length of time, the name of the severity's own number, or ``none``."""

Cadence = Annotated[
    Rhythm | NumberName | NotAtAll,
    PlainValidator(_rhythm_or_number),
    as_text,
    json_text((*Rhythm.examples, *NumberName, NONE)),
]
"""How often, the name of the severity's own number, or ``none``."""

LimitBySeverity = Annotated[dict[str, Limit], BeforeValidator(by_severity)]
CadenceBySeverity = Annotated[dict[str, Cadence], BeforeValidator(by_severity)]

Moment = Literal["declared", "acknowledged", "identified", "mitigated", "resolved", "all-clear", "published"]
Fix = Literal["rollback", "fix-forward", "hotfix"]
State = Literal["investigating", "identified", "mitigating", "monitoring", "resolved"]
Block = Literal[
    "",
    "summary",
    "timeline",
    "root-cause",
    "five-whys",
    "contributing",
    "impact",
    "resolution",
    "went-well",
    "went-poorly",
    "lessons",
    "actions",
]


def _short(key: str) -> BeforeValidator:
    """The short form of an entry, a text or a list, stands for its most important key."""

    def long(value: Any) -> Any:
        return value if isinstance(value, dict) else {key: value}

    return BeforeValidator(long)


class WrittenEntry(Frozen):
    """What every entry of a map may have. ``item``: numbers of the rules in the written runbook."""

    item: Texts = ()


class WrittenWhen(Frozen):
    """A condition: all that it names hold. ``flag``: any of these is up; ``measured``: at least so much."""

    flag: Texts = ()
    fix: Fix | Literal[""] = ""
    measured: dict[str, float] = Field(default_factory=dict)


class WrittenWatch(Frozen):
    """How long a fix is watched, by how it was made."""

    rollback: PeriodOrNone
    fix_forward: PeriodOrNone = Field(alias="fix-forward")


def _watch(value: Any) -> Any:
    return value if isinstance(value, dict) else {"rollback": value, "fix-forward": value}


class WrittenSeverity(WrittenEntry):
    """One level. A number that is empty is the engine's default; ``none`` is no such number."""

    name: str = ""
    shown: str = ""
    label: str = ""
    labels: Texts = ()
    definition: Texts = ()
    examples: Texts = ()
    impact: Texts = ()
    at_least: dict[str, float] = Field(default_factory=dict)
    response: Period
    escalate: Rhythm | None = None
    update: RhythmOrNone = NONE
    watch: Annotated[WrittenWatch | None, BeforeValidator(_watch)] = None
    silence: PeriodOrNone | None = None
    target: PeriodOrNone = NONE
    evidence: PeriodOrNone = NONE
    review: PeriodOrNone | None = None
    freeze: bool = False
    alert: Texts = ("issue",)


class WrittenCalendar(Calendar):
    """When it is open. ``item``: as in `WrittenEntry`."""

    item: Texts = ()


class WrittenMeasure(WrittenEntry):
    """A number that people report or an action measures."""

    title: str = ""
    unit: str = ""
    recovered: str = ""


def _levels(value: Any) -> Any:
    return [[one] if isinstance(one, str) else one for one in value] if isinstance(value, list) else value


class WrittenChain(WrittenEntry):
    """Who is told when the one before does not answer: levels of titles told together.

    ``for_`` empty: the first chain is for all severities, others for none.
    """

    for_: For = Field(default=(), alias="for")
    levels: Annotated[tuple[tuple[str, ...], ...], BeforeValidator(_levels)] = Field(min_length=1)


class WrittenRule(WrittenEntry):
    """A condition and what is done when it has held for so long."""

    for_: For = Field(default=(), alias="for")
    when: WrittenWhen = WrittenWhen()
    after: LimitBySeverity = Field(default_factory=dict)
    from_: Moment | Literal[""] = Field(default="", alias="from")
    until: Moment = "resolved"
    tell: Texts = ()
    escalate: str = ""
    suggest: str = ""
    say: str = ""


class WrittenRole(WrittenEntry):
    """A part somebody plays. ``primary`` and ``backup`` are titles."""

    title: str = ""
    for_: For = Field(default=(ALL,), alias="for")
    when: WrittenWhen = WrittenWhen()
    primary: Texts = ()
    backup: Texts = ()
    within: LimitBySeverity = Field(default_factory=dict)
    not_: Texts = Field(default=(), alias="not")
    many: bool = False
    duties: Texts = ()


class WrittenContact(WrittenEntry):
    """How to reach somebody whom GitHub does not know. ``hours`` names a calendar."""

    mail: str = ""
    slack: str = ""
    phone: str = ""
    web: str = ""
    note: str = ""
    hours: str = ""


class WrittenSpoken(WrittenEntry):
    """One text of a voice."""

    subject: str = ""
    text: str


class WrittenVoice(WrittenEntry):
    """An audience: ``at`` has the texts by the moments they are said at, several with commas between."""

    to: Texts = ("issue",)
    for_: For = Field(default=(ALL,), alias="for")
    when: WrittenWhen = WrittenWhen()
    speaker: str = "ic"
    every: CadenceBySeverity = Field(default_factory=dict)
    public: bool = False
    approve: str = ""
    clock: Literal["24h", "12h"] = "24h"
    at: dict[str, Annotated[WrittenSpoken, _short("text")]] = Field(min_length=1)


class WrittenStep(WrittenEntry):
    """One box of a list. ``parts``: bullets under it; ``done``: how it is seen; ``run``: an action."""

    text: str
    parts: Texts = ()
    done: str = ""
    run: str = ""
    optional: bool = False
    for_: For = Field(default=(ALL,), alias="for")
    when: WrittenWhen = WrittenWhen()
    role: str = ""


Steps = dict[Id, Annotated[WrittenStep, _short("text")]]


class WrittenStepList(WrittenEntry):
    """Boxes under a heading. ``before``: the moment or state that they hold."""

    title: str = ""
    for_: For = Field(default=(ALL,), alias="for")
    when: WrittenWhen = WrittenWhen()
    role: str = ""
    opens: Moment = "declared"
    before: Moment | State | Literal[""] = ""
    due: LimitBySeverity = Field(default_factory=dict)
    steps: Steps = Field(min_length=1)


def _fixes(value: Any) -> Any:
    return dict.fromkeys(value, "") if isinstance(value, list) else value


class WrittenPattern(WrittenEntry):
    """A kind of incident that is known. ``fix``: what helps, with the action that does it, when one does."""

    title: str = ""
    for_: For = Field(default=(ALL,), alias="for")
    symptoms: Texts = Field(min_length=1)
    look: Texts = ()
    fix: Annotated[dict[str, str], BeforeValidator(_fixes)] = Field(default_factory=dict)
    later: str = ""


class WrittenCriterion(WrittenEntry):
    """A reason to go back at once."""

    text: str
    for_: For = Field(default=(), alias="for")
    when: WrittenWhen = WrittenWhen()


class WrittenRollback(WrittenEntry):
    """Going back or fixing forward. ``fix_forward``: a fix that takes less is better than a rollback."""

    fix_forward: Span | None = None
    immediate: tuple[Annotated[WrittenCriterion, _short("text")], ...] = ()


class WrittenInvited(Frozen):
    """Who comes to the meeting: a title, a role's id or ``responders``."""

    title: str
    for_: For = Field(default=(ALL,), alias="for")


class WrittenTopic(WrittenEntry):
    """A part of the meeting."""

    takes: Span
    parts: Texts = ()


class WrittenMeeting(WrittenEntry):
    """The meeting about the post-mortem."""

    invite: tuple[Annotated[WrittenInvited, _short("title")], ...] = ()
    agenda: dict[str, Annotated[WrittenTopic, _short("takes")]] = Field(default_factory=dict)


class WrittenSection(WrittenEntry):
    """A heading of the post-mortem. ``block`` fills it from the record; ``parts`` are asked of people."""

    block: Block = ""
    parts: Texts = ()


class WrittenHorizon(WrittenEntry):
    """A date for action items, counted from the resolution."""

    within: Period
    parts: Texts = ()


class WrittenReview(WrittenEntry):
    """What is learned, and how."""

    meeting: WrittenMeeting | None = None
    sections: dict[str, Annotated[WrittenSection, _short("block")]] = Field(default_factory=dict)
    horizons: dict[Id, WrittenHorizon] = Field(default_factory=dict)


class WrittenRoutine(WrittenEntry):
    """Something done again and again: an issue with boxes. ``open``: lists the open incidents of these."""

    title: str = ""
    every: Recurrence
    after: For = ()
    open: For = ()
    to: Texts = Field(min_length=1)
    steps: Steps = Field(default_factory=dict)


class RunbookFile(Frozen):
    """A whole runbook as written, ``extends`` and the engine's defaults already merged into it."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,40}$")]
    title: str = ""
    extends: str = ""
    zone: str = "UTC"
    about: dict[str, Texts] = Field(default_factory=dict)
    default_severity: str = ""
    calendars: dict[Id, WrittenCalendar] = Field(default_factory=dict)
    severities: dict[Level, WrittenSeverity] = Field(min_length=1)
    states: dict[State, str] = Field(default_factory=dict)
    measures: dict[Id, WrittenMeasure] = Field(default_factory=dict)
    detection: Texts = ()
    causes: Texts = ()
    phases: dict[str, Span] = Field(default_factory=dict)
    flags: dict[Id, str] = Field(default_factory=dict)
    chains: dict[Id, Annotated[WrittenChain, _short("levels")]] = Field(min_length=1)
    rules: dict[Id, WrittenRule] = Field(default_factory=dict)
    roles: dict[Id, WrittenRole] = Field(default_factory=dict)
    contacts: dict[str, WrittenContact] = Field(default_factory=dict)
    channels: dict[Id, str] = Field(default_factory=dict)
    voices: dict[Id, WrittenVoice] = Field(default_factory=dict)
    lists: dict[Id, WrittenStepList] = Field(default_factory=dict)
    look: dict[str, Texts] = Field(default_factory=dict)
    links: dict[str, dict[str, str]] = Field(default_factory=dict)
    patterns: dict[Id, WrittenPattern] = Field(default_factory=dict)
    rollback: WrittenRollback = WrittenRollback()
    review: WrittenReview = WrittenReview()
    routines: dict[Id, WrittenRoutine] = Field(default_factory=dict)
    items: dict[str, Texts] = Field(default_factory=dict)
