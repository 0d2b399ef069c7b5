"""When an action item is due: a date behind ``due:`` or ``by``, or at the edge of its line."""

from __future__ import annotations

import re
from collections.abc import Callable

from msgspec import Struct

from allclear.core.conversation.action_owners import EDGE, trailing, without
from allclear.core.conversation.marks import bare
from allclear.core.conversation.people import login_in
from allclear.core.conversation.said_days import day_at
from allclear.core.model.errors import UserError
from allclear.core.model.neutral import code
from allclear.core.model.patterns import lazy_regex

_SIGNED = lazy_regex(
    r"(?<![\w-])(?:due(?:[ -]?date|[ ]by|[ ]on)?|deadline)\s?[:=]\s{0,9}(?=(?P<value>\S)?)", re.IGNORECASE
)
_UNSIGNED = lazy_regex(
    r"(?<![\w-])(?:(?P<due>due(?:[ ]by|[ ]on)?)"
    r"|(?P<limit>until|till|before|on[ ]or[ ]before|no[ ]later[ ]than|not[ ]later[ ]than)"
    r"|(?:by[ ])?when\s?[:=]|(?:by|deadline|eta|target|latest(?:[ ]by)?|until)\s?[:=]?)\s{1,9}(?=\S)",
    re.IGNORECASE,
)
_OF_THE_TEXT = lazy_regex(
    r"(?<![\w-])(?:delet|remov|drop|purg|prun|archiv|keep|retain|extend|freez|froze|hold|paus|postpon|delay"
    r"|from|logs?|data|records?|entries|backups?|created|deployed|released|introduced|older|valid|expir)",
    re.IGNORECASE,
)
"""What makes ``before 2025-12-01`` a part of the sentence: old data is deleted, a hold is extended."""
_NOT_DUE = lazy_regex(r"(?:to|diligence|process|credit)\b", re.IGNORECASE)
_AT_END = lazy_regex(r"[\s.,;:!)\]>\u2013\u2014\u2192-]{0,9}(?:[(\[]?@[\w-]{1,39}[\s.,;:!)\]]{0,9})?$")
_MOST_DUES = 5
_MOST_DAY_WORDS = 4
_LONGEST_DAY = 60
_DIVIDED = lazy_regex(r"[,;:|(\[\u2013\u2014\u2192]\s{0,9}$|\s(?:-{1,2}|->|=>)\s{0,9}$")
"""What stands between a text and the date behind it."""
_DIVIDES = lazy_regex(r"\s{0,9}(?:[,;:|)\u2013\u2014\u2192]|-{1,2}[ >])|\s{1,9}[(\[]?@")
_SURE = lazy_regex(r"\d{4}|\d.{0,4}[a-z]{3}|[a-z]{3}.{0,6}\d", re.IGNORECASE)
"""A date with its year or the name of its month: other numbers count something."""
_NAMED = lazy_regex(r"(?:next |this )?[a-z]{6,9}|eo[wdm]|in \d.*", re.IGNORECASE)
_FROM_NOW = lazy_regex(r"\d.{0,9}[a-z]", re.IGNORECASE)
"""``3d``: how long it takes, as likely as when it is due."""
_BEFORE_NAME = lazy_regex(
    r"(?<![\w-])(?:to|from|since|of|on|in|for|at|v|version|release|dated|and|than)[ ]{1,9}$", re.IGNORECASE
)
_DAY_ENDS = lazy_regex(r"\s{1,3}(?:eod|eob|cob|end of day)(?![\w-])", re.IGNORECASE)

Day = Callable[[str], str]
"""From the words for a day to its date. Raises UserError when they are none."""


class SaidDue(Struct, frozen=True):
    """The due date (``YYYY-MM-DD``, or empty) and the line without it. ``undated``: words for a date that
    are none; ``doubted``: a date that may be a part of the sentence. Both stay in the line.
    """

    date: str
    line: str
    undated: str = ""
    doubted: str = ""


def said_due(line: str, day: Day, today: str, *, owned: bool) -> SaidDue:
    """When the item of ``line`` is due, which is today or later where no word says that it is a due date.
    ``owned``: an owner stood in front of it. Raises UserError for what a sign says is a date and is none,
    and for a second date.
    """
    found = _SIGNED.search(line)
    if found is not None:
        return SaidDue(*_cut(line, found, day))
    undated = doubted = ""
    for number, found in enumerate(_UNSIGNED.finditer(line)):
        words = _day_words(line[found.end() :], day)
        if words is None:
            if found["due"] and not _NOT_DUE.match(line, found.end()):
                undated = undated or f"{found[0]}{line[found.end() :].split(None, 1)[0]}"
        elif not (found["due"] or _at_edge(line, found, found.end() + len(words))):
            pass
        elif not found["limit"] or (day(words) >= today and not _OF_THE_TEXT.search(line)):
            return SaidDue(*_cut(line, found, day))
        elif day(words) >= today:
            doubted = words
        if number == _MOST_DUES:
            break
    if undated or doubted:
        return SaidDue("", line, undated, doubted)
    first, last = _first_day(line, day, today, owned=owned), _last_day(line, day, today)
    return first if first.date or not (last.date or last.doubted) else last


def _first_day(line: str, day: Day, today: str, *, owned: bool) -> SaidDue:
    """``2025-12-01: add a test``, or the date between an owner and the text."""
    found = day_at(line)
    if found is None or not line[found.end :].strip(EDGE + ".!)]"):
        return SaidDue("", line)
    divided = _DIVIDES.match(line, found.end) is not None
    if not (_SURE.search(found.words) or (divided and _NAMED.fullmatch(found.words))):
        return SaidDue("", line)
    sure = owned or divided
    return _taken(line, 0, found.words, day, today, sure=sure)


def _last_day(line: str, day: Day, today: str) -> SaidDue:
    """The date at the end of the line, or in front of the owner at its end."""
    people, front = trailing(line)
    for text in (line, front) if people else (line,):
        end = len(text.rstrip(" \t.,;:!)]*_`|>"))
        begin = max(0, end - _LONGEST_DAY)
        for word in list(re.finditer(r"\S+", text[begin:end]))[-_MOST_DAY_WORDS:]:
            words = word.string[word.start() :].lstrip("([*_`")
            before = text[: end - len(words)]
            if before.strip(EDGE + "([") and _is_day(words, day):
                ended = _DIVIDED.search(before) or login_in(before.split()[-1]) or (people and text == front)
                sure = bool(ended) and not (_FROM_NOW.fullmatch(words) or _BEFORE_NAME.search(before))
                if ended or _SURE.search(words) or _NAMED.fullmatch(words):
                    return _taken(line, end - len(words), words, day, today, sure=sure)
    return SaidDue("", line)


def _is_day(words: str, day: Day) -> bool:
    """Whether the words are a day and nothing else. One that can be two is a day too."""
    found = day_at(words)
    if found is not None:
        return found.end == len(words) or _DAY_ENDS.fullmatch(words, found.end) is not None
    try:
        day(words)
    except UserError:
        return False
    return True


def _taken(line: str, start: int, words: str, day: Day, today: str, *, sure: bool) -> SaidDue:
    """The date that stands there, if it is to come; ``sure``: it is no part of the sentence."""
    try:
        date = day(words)
    except UserError:
        if sure and (_SURE.search(words) or login_in(line[:start].rsplit(maxsplit=1)[-1])):
            raise
        return SaidDue("", line)
    if date < today:
        return SaidDue("", line)
    return SaidDue(date, without(line, start, start + len(words))) if sure else SaidDue("", line, "", words)


def _at_edge(line: str, found: re.Match[str], end: int) -> bool:
    """Whether ``by friday`` stands at the start, at the end, or before a colon: elsewhere it is a part of
    the sentence.
    """
    return not line[: found.start()].strip() or line[end : end + 1] == ":" or bool(_AT_END.match(line, end))


def _cut(line: str, found: re.Match[str], day: Day) -> tuple[str, str]:
    value = line[found.end() :]
    words = _day_words(value, day)
    if words is None:
        first = bare(value.split(None, 1)[0]) if value.strip() else ""
        if not first:
            raise UserError("When is it due? Write a day, such as `due:friday`.")
        words = first
    date = day(words)
    rest = without(line, found.start(), found.end() + len(words))
    if _SIGNED.search(rest):
        raise UserError(f"A second date stands behind {code(found[0] + words)}. When is it due?")
    return date, rest


def _day_words(value: str, day: Day) -> str | None:
    """The words for a day that ``value`` begins with; None when there are none. An ambiguous day is one."""
    found = day_at(value)
    if found is not None:
        ends = _DAY_ENDS.match(value, found.end)
        return (
            None if value[found.end : found.end + 1].isalnum() else value[: ends.end() if ends else found.end]
        )
    words = list(re.finditer(r"\S+", value[:60]))[:3]
    for word in reversed(words):
        said = value[: word.end()].rstrip(".,;:!)]")
        try:
            day(said)
        except UserError:
            continue
        return said
    return None
