"""What the keys of a runbook hold: names, phrases of time, short forms."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from allclear.core.calendar.period import NumberName, Period, period_or_number
from allclear.core.calendar.phrase import AsText
from allclear.core.calendar.rhythm import Rhythm, rhythm_or_number
from allclear.core.language.selection import NONE, by_severity
from allclear.core.model.authored import Short
from allclear.core.model.frozen import one_or_more

Id = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,40}$")]
"""The name of a map's entry."""

Level = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9]{0,19}$")]
"""The id of a severity."""

Fix = Literal["rollback", "fix-forward", "hotfix"]
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


def _text() -> dict[str, Any]:
    return {"type": "string"}


def _list() -> dict[str, Any]:
    return {"type": "array"}


def short_for(key: str, *, listed: bool = False) -> Short:
    """A text, or a list with ``listed``, stands for this key of the entry."""
    return Short(lambda value: value if isinstance(value, dict) else {key: value}, _list if listed else _text)


Texts = Annotated[tuple[str, ...], Short(one_or_more, _text)]
"""One text, or a list of them."""

For = Texts
"""Names of severities: ids, ``major``, ``minor``, ``all``."""

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
    Period | NotAtAll,
    AsText(_period, f"{Period.called}, or `none`", (*Period.examples, NONE)),
]
"""A length of time, or ``none``."""

RhythmOrNone = Annotated[
    Rhythm | NotAtAll,
    AsText(_rhythm, f"{Rhythm.called}, or `none`", (*Rhythm.examples, NONE)),
]
"""How often, or ``none``."""

Limit = Annotated[
    Period | NumberName | NotAtAll,
    AsText(
        _period_or_number,
        f"{Period.called}, the name of a severity's number, or `none`",
        (*Period.examples, *NumberName, NONE),
    ),
]
"""A length of time, the name of the severity's own number, or ``none``."""

Cadence = Annotated[
    Rhythm | NumberName | NotAtAll,
    AsText(
        _rhythm_or_number,
        f"{Rhythm.called}, the name of a severity's number, or `none`",
        (*Rhythm.examples, *NumberName, NONE),
    ),
]
"""How often, the name of the severity's own number, or ``none``."""

LimitBySeverity = Annotated[dict[str, Limit], Short(by_severity, _text)]
CadenceBySeverity = Annotated[dict[str, Cadence], Short(by_severity, _text)]
