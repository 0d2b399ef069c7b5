"""Values of the runbook's measures, as people write them: ``error-rate=12``, ``P95: 11.2 s``."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import get_close_matches

from allclear.core.model.errors import UserError
from allclear.core.model.neutral import code, inline
from allclear.core.model.patterns import lazy_regex
from allclear.core.policy.guidance import RunbookMeasure
from allclear.core.record.observed import Measured

SECONDS = {
    "ms": 0.001,
    "milliseconds": 0.001,
    "s": 1.0,
    "sec": 1.0,
    "secs": 1.0,
    "second": 1.0,
    "seconds": 1.0,
    "min": 60.0,
    "minutes": 60.0,
    "h": 3600.0,
    "hours": 3600.0,
}
"""What people write for lengths of time: a value is turned into the unit of its measure."""

MOST = 50
"""Values one command may bring: each is an entry's fact, and a reply must stay under 65,536 characters."""

_NUMBER = lazy_regex(
    r"[-+]?(?:\d{1,3}(?P<blank>[ \u00a0\u2009\u202f'])\d{3}(?:(?P=blank)\d{3}){0,2}|\d{1,9})"
    r"(?:(?P<sign>[.,])(?P<part>\d{1,6}))?(?!\d)",
    re.ASCII,
)
_MORE = lazy_regex(r",\d|\s{0,2}(?:[-\u2010-\u2015]|to|or|of|/)\s{0,2}\d", re.ASCII)
"""What makes a number another one, or one of several: ``1.200,5``, ``12 - 15``, ``3 of 40``."""

_SHOWN = lazy_regex(r"\S{1,40}(?:\s{1,2}(?:[-\u2010-\u2015]|to|or|of|/)\s{0,2}\d\S{0,20})?", re.ASCII)
_END = lazy_regex(r"[,;.]?(?:\s{1,200}|$)")
_PAIR = lazy_regex(r"\s{0,9}([A-Za-z][\w-]{0,40})=[-+]?\d", re.ASCII)


def measured(text: str, measures: Sequence[RunbookMeasure]) -> tuple[tuple[Measured, ...], str]:
    """The values that stand at the start of lines, and the text without them. Raises UserError for what
    cannot be meant otherwise and cannot be read.

    ``name=value`` may be followed by more; ``Name: value`` stands in a line of its own.
    """
    if not measures:
        return (), text
    found: list[Measured] = []
    kept: list[str] = []
    names = _names(measures)
    for line in text.split("\n"):
        rest = line
        while (one := _leading(rest, names)) is not None:
            found.append(one[0])
            rest = one[1]
        _refuse_unknown(rest, measures)
        if rest == line or rest.strip():
            kept.append(rest)
    if len(found) > MOST:
        raise UserError(f"These are {len(found)} values, and one command takes at most {MOST}.")
    return tuple(found), "\n".join(kept).strip()


def _names(measures: Sequence[RunbookMeasure]) -> list[tuple[re.Pattern[str], RunbookMeasure]]:
    """How each of them is written at the start of a line, the longest first."""
    spelt = {(name, one.id): one for one in measures for name in (one.id, one.title)}
    return [(_label(name), spelt[name, key]) for name, key in sorted(spelt, key=lambda one: -len(one[0]))]


def _label(name: str) -> re.Pattern[str]:
    words = [re.escape(word) for word in re.split(r"[-_\s]+", name.strip())]
    return re.compile(rf"\s{{0,9}}(?:[-*]\s)?{'[-_ ]'.join(words)}\s{{0,3}}([=:])\s{{0,3}}", re.IGNORECASE)


def _leading(
    line: str, names: Sequence[tuple[re.Pattern[str], RunbookMeasure]]
) -> tuple[Measured, str] | None:
    """The value that the line begins with, and what follows it."""
    for label, measure in names:
        named = label.match(line)
        if named is None:
            continue
        rest, alone = line[named.end() :], named[1] == ":"
        number = _NUMBER.match(rest)
        after = rest[number.end() :] if number else rest
        if number is None or _two_ways(number) or _MORE.match(after):
            if alone:
                return None
            raise _unreadable(rest, measure)
        factor, after = _unit(after, measure)
        end = _END.match(after) if not _MORE.match(after) else None
        if alone and (end is None or after[end.end() :]):
            return None
        if end is None:
            raise _unreadable(rest, measure)
        return Measured(measure=measure.id, value=round(_value(number) * factor, 9)), after[end.end() :]
    return None


def _two_ways(number: re.Match[str]) -> bool:
    """Whether a comma may divide thousands or be the point: ``1,200``."""
    return number["sign"] == "," and len(number["part"]) == 3 and not number["blank"]


def _value(number: re.Match[str]) -> float:
    return float(re.sub(r"[ \u00a0\u2009\u202f']", "", number[0]).replace(",", "."))


def _unit(text: str, measure: RunbookMeasure) -> tuple[float, str]:
    """What turns the number into the measure's unit, and the text behind what was written for a unit."""
    for unit, factor in sorted(_units(measure.unit).items(), key=lambda one: -len(one[0])):
        found = re.match(rf"\s{{0,2}}{re.escape(unit)}(?!\w)", text, re.IGNORECASE)
        if found:
            return factor, text[found.end() :]
    return 1.0, text


def _units(unit: str) -> dict[str, float]:
    """What may be written for this unit."""
    own = unit.strip().lower()
    if own in SECONDS:
        return {name: factor / SECONDS[own] for name, factor in SECONDS.items()}
    if own == "%":
        return dict.fromkeys(("%", "percent", "pct"), 1.0)
    if own.split(" ")[0] in ("x", "times"):
        return dict.fromkeys((own, "x", "times"), 1.0)
    return {own: 1.0} if own else {}


def _unreadable(text: str, measure: RunbookMeasure) -> UserError:
    unit = f", in {inline(measure.unit)}" if measure.unit else ""
    example = code(f"/finding {measure.id}=11.2")
    found = _SHOWN.match(text)
    word = code(found[0] if found else "", 40)
    return UserError(
        f"{word} is no value of {code(measure.id)}; write a number with a point{unit}, such as {example}."
    )


def _refuse_unknown(text: str, measures: Sequence[RunbookMeasure]) -> None:
    """What looks like a value of a measure that there is not is no root cause either."""
    pair = _PAIR.match(text)
    if pair is None:
        return
    known = [one.id for one in measures]
    near = get_close_matches(pair[1].lower(), known, 1)
    hint = f"did you mean {code(near[0])}?" if near else f"there are {', '.join(map(code, known))}."
    example = code(f"/finding {near[0] if near else known[0]}=12")
    raise UserError(f"{code(pair[1])} is no measure of this runbook; {hint} For example: {example}.")
