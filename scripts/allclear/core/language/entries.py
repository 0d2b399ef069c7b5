"""Who is told what and when, as a runbook's file has it: severities, chains, rules, roles, voices.

Below each key stands what it means: docs/runbook.md and the JSON Schema are made from that.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from allclear.core.calendar.calendar import Calendar
from allclear.core.calendar.period import Period
from allclear.core.calendar.rhythm import Rhythm
from allclear.core.language.fields import (
    CadenceBySeverity,
    Fix,
    For,
    LimitBySeverity,
    PeriodOrNone,
    RhythmOrNone,
    Texts,
    short_for,
)
from allclear.core.language.selection import ALL, NONE
from allclear.core.model.authored import Short
from allclear.core.model.frozen import Frozen
from allclear.core.policy.checklists import Moment
from allclear.core.policy.deadline import Condition


class WrittenEntry(Frozen):
    """What every entry of a map may have."""

    item: Texts = ()
    """Numbers of the rules in the runbook that people wrote down before, for the coverage page."""


class WrittenWhen(Frozen):
    """A condition: all that it names hold."""

    flag: Texts = ()
    """Any of these flags is up."""
    fix: Fix | Literal[""] = ""
    """The newest fix is of this kind; a hotfix is a fix-forward too."""
    measured: dict[str, float] = Field(default_factory=dict)
    """A measure that was reported is at least so much."""

    @property
    def condition(self) -> Condition:
        """For the engine."""
        return Condition(flag=self.flag, fix=self.fix, measured=self.measured)


class WrittenWatch(Frozen):
    """How long a fix is watched, by how it was made."""

    rollback: PeriodOrNone
    """After a rollback."""
    fix_forward: PeriodOrNone = Field(alias="fix-forward")
    """After any other fix."""


def _watch(value: Any) -> Any:
    return value if isinstance(value, dict) else {"rollback": value, "fix-forward": value}


class WrittenSeverity(WrittenEntry):
    """One severity. What it does not name is the engine's default; `none` is no such number."""

    name: str = ""
    """What people call it, beside the id."""
    shown: str = ""
    """How every text prints it; the id when it is left out."""
    label: str = ""
    """The label on the issue; the id when it is left out."""
    labels: Texts = ()
    """More labels that an incident of this severity carries."""
    definition: Texts = ()
    """When an incident is of this severity: a text, or a list of which any holds."""
    examples: Texts = ()
    """Examples, for who asks which severity it is."""
    impact: Texts = ()
    """What such an incident does to customers and to the business."""
    at_least: dict[str, float] = Field(default_factory=dict)
    """Measures from which on this severity is suggested, up to where the next worse begins."""
    response: Period
    """Until when somebody has to acknowledge."""
    escalate: Rhythm | None = None
    """How often the chains climb while nobody has acknowledged; `response` when it is left out."""
    update: RhythmOrNone = NONE
    """How often people are owed a word, for voices that speak `every: update`."""
    watch: Annotated[WrittenWatch | None, Short(_watch, lambda: {"type": "string"})] = None
    """How long a fix is watched before the all-clear."""
    silence: PeriodOrNone | None = None
    """After so long without a word of a person, somebody is asked."""
    target: PeriodOrNone = NONE
    """Until when the fix should be applied."""
    evidence: PeriodOrNone = NONE
    """Within which time after the resolution evidence is kept."""
    review: PeriodOrNone | None = None
    """When the post-mortem is due after the resolution; without it, it is written on request only."""
    freeze: bool = False
    """Whether pull requests show a red status until the incident is mitigated."""
    alert: Texts = ("issue",)
    """The channels that pages go to."""


class WrittenCalendar(Calendar, frozen=True, kw_only=True):
    """When it is open."""

    item: Texts = ()
    """Numbers of the rules in the runbook that people wrote down before, for the coverage page."""


class WrittenMeasure(WrittenEntry):
    """A number that people report with `/finding`, or an action measures."""

    title: str = ""
    """What it is called."""
    unit: str = ""
    """What stands behind the number."""
    recovered: str = ""
    """The bound of a production that is well again, such as `"< 0.1"`: the all-clear waits for it."""


def _levels(value: Any) -> Any:
    return [[one] if isinstance(one, str) else one for one in value] if isinstance(value, list) else value


class WrittenChain(WrittenEntry):
    """Who is told when the one before does not answer. A list of titles is short for `levels`. When the
    severity is lowered, the chain of the new one does not call again whom another called for the worse one.
    """

    for_: For = Field(default=(), alias="for")
    """The severities it is climbed for; the first chain is for all of them, the others are for none."""
    levels: Annotated[tuple[tuple[str, ...], ...], Short(_levels, lambda: {"type": "array"})] = Field(
        min_length=1
    )
    """Titles, the first responder first; a list of titles is told together."""


class WrittenRule(WrittenEntry):
    """A condition, and what is done once it has held for so long. It does one of the first three at least."""

    tell: Texts = ()
    """Titles that are told."""
    escalate: str = ""
    """The chain whose next level is told, also after somebody acknowledged."""
    suggest: str = ""
    """The severity that is suggested."""
    say: str = ""
    """What stands in the notice."""
    for_: For = Field(default=(), alias="for")
    """The severities it is for; all when it is left out."""
    when: WrittenWhen = WrittenWhen.initial()
    """What has to hold."""
    after: LimitBySeverity = Field(default_factory=dict)
    """How long; at once when it is left out. With severities it exists for those only."""
    from_: Moment | Literal[""] = Field(default="", alias="from")
    """From which moment on; from the declaration, or from when the condition began."""
    until: Moment = "resolved"
    """The moment after which it no longer counts."""


class WrittenRole(WrittenEntry):
    """A part that somebody plays."""

    title: str = ""
    """What it is called."""
    for_: For = Field(default=(ALL,), alias="for")
    """The severities that have it."""
    when: WrittenWhen = WrittenWhen.initial()
    """What has to hold for it to be needed."""
    primary: Texts = ()
    """The titles of those whom it is proposed to."""
    backup: Texts = ()
    """The titles of those who are told when nobody takes it."""
    within: LimitBySeverity = Field(default_factory=dict)
    """Until when somebody has to have it."""
    not_: Texts = Field(default=(), alias="not")
    """Roles that the same person may not have."""
    many: bool = False
    """Whether several people may have it."""
    duties: Texts = ()
    """What who has it does."""


class WrittenContact(WrittenEntry):
    """How to reach somebody whom GitHub does not know."""

    mail: str = ""
    """A mail address."""
    slack: str = ""
    """A name or a channel in the chat."""
    phone: str = ""
    """A phone number, or where it is kept."""
    web: str = ""
    """A page."""
    note: str = ""
    """Anything else."""
    hours: str = ""
    """The calendar of the hours in which they can be reached."""


class WrittenSpoken(WrittenEntry):
    """What a voice says at a moment."""

    subject: str = ""
    """The subject, for mails and posts."""
    text: str
    """The words, with values such as `{{ status }}`."""


class WrittenVoice(WrittenEntry):
    """Words for one audience."""

    to: Texts = ("issue",)
    """The channels that its audience reads."""
    for_: For = Field(default=(ALL,), alias="for")
    """The severities in which it speaks."""
    when: WrittenWhen = WrittenWhen.initial()
    """What has to hold for it to speak."""
    speaker: str = "ic"
    """The role that speaks, and is reminded."""
    every: CadenceBySeverity = Field(default_factory=dict)
    """How often it owes a word, counted from its own last one."""
    public: bool = False
    """Whether everybody may read it: then it is a draft until somebody publishes it."""
    approve: str = ""
    """The role that publishes a draft; the incident commander when it is left out."""
    clock: Literal["24h", "12h"] = "24h"
    """How it prints times."""
    at: dict[str, Annotated[WrittenSpoken, short_for("text")]] = Field(min_length=1)
    """The texts by the moments at which they are said, several with commas between; `update` is one too."""


def spoken_at(key: str) -> tuple[str, ...]:
    """The moments of a voice's text: ``declared, update`` are two."""
    return tuple(part.strip() for part in key.split(","))
