"""Whether each action item of a post-mortem has an owner and a date, and each horizon was thought of."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from itertools import pairwise

from msgspec import Struct

from allclear.core.model.neutral import cut
from allclear.core.model.patterns import lazy_regex
from allclear.core.policy.post_incident import Horizon
from allclear.core.policy.runbook import Runbook
from allclear.core.postmortem.outline import Chapter, Line, ReportOutline
from allclear.core.postmortem.remarks import Remark, is_rule_of_table, own_words, prompts, without_mark

TASK = lazy_regex(r"(?:[-*+]|\d{1,3}[.)])[ \t]+\[(?P<box>[ xX])\][ \t]+(?P<text>.{1,4000})")
_LIST = lazy_regex(r"(?:[-*+]|\d{1,3}[.)])[ \t]+")
_LINK = lazy_regex(r"\[(?P<text>[^\[\]]{0,200})\]\([^()]{0,400}\)")
_OWNER_WORD = r"(?:owners?|owned by|assignees?|assigned to|responsible|dri|who)"
_OWNER = lazy_regex(
    rf"(?:\b{_OWNER_WORD}[ \t]{{0,3}}[:=]|[(,;|][ \t]{{0,3}}(?:owner|owned by|assigned to)[ \t])[ \t]{{0,3}}"
    r"(?P<owner>[^,;|()]{0,80})",
    re.IGNORECASE,
)
_AND = lazy_regex(r" and | [&/+] ")
_LOGIN = lazy_regex(r"(?<![\w/@])@[A-Za-z0-9](?:[A-Za-z0-9-]{0,38})(?![\w/-])")
_NOBODY = lazy_regex(
    r"(?<![\w-])(?:nobody|no one|none|no|somebody|someone|anyone|tb[acd]|to be \w+|unassigned|unknown|"
    r"unclear|n/a|everybody|everyone|all|us|we|open|group|department|later)(?![\w-])|\b(?:teams?|squad)\b|@[\w-]{1,40}/",
    re.IGNORECASE,
)
"""Words for whom nobody is in the end."""
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}\.?"
_DAY = (
    rf"\d{{4}}-\d{{2}}-\d{{2}}|\d{{4}}/\d{{2}}/\d{{2}}|\d{{1,2}}\.\d{{1,2}}\.\d{{4}}"
    rf"|\d{{1,2}}\.?(?:st|nd|rd|th)? {_MONTH},? \d{{4}}|{_MONTH} \d{{1,2}}(?:st|nd|rd|th)?,? \d{{4}}"
)
_DUE = lazy_regex(
    r"(?:\b(?:due(?: by| on| date)?|by|until|before|deadline|eta|target(?: date)?)[ \t]{0,3}[:=]?[ \t]{0,3}"
    rf"|[(,;|\u2013\u2014][ \t]{{0,3}}|[ \t]-[ \t])(?P<day>{_DAY})(?![\w-])",
    re.IGNORECASE,
)
_NUMBERS = lazy_regex(r"\d{1,4}")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NOTHING_TO_DO = lazy_regex(
    r"\bno (?:further |more |other |new )?(?:actions?|follow-?ups?)\b|\bnothing (?:more |else |further )?to\b"
    r"|(?:^|: ?)(?:n/?a|none|nothing)\b",
    re.IGNORECASE,
)
_DROPPED = lazy_regex(r"[(,;][ \t]{0,3}(?:dropped|won't do)\b|~~", re.IGNORECASE)


class WrittenAction(Struct, frozen=True):
    """An action item as the report has it. ``text`` holds all of it, with what stands nested below it;
    ``owner`` and ``due`` are cells of a table, None where it is no table's. ``done``: it is ticked.
    """

    line: int
    text: str
    owner: str | None = None
    due: str | None = None
    done: bool = False

    @property
    def dropped(self) -> bool:
        """Whether it says that nobody will do it."""
        return _DROPPED.search(self.text) is not None


def on_actions(report: ReportOutline, runbook: Runbook, resolved: datetime | None) -> Iterator[Remark]:
    """What is missing among the action items: one, its owner or its date; those of a horizon are hinted at.
    ``resolved``: when the incident was.
    """
    for section in runbook.review.sections:
        chapter = report.chapter(section.heading) if section.block == "actions" else None
        if chapter is None:
            continue
        items = list(written_actions(chapter))
        for one in items:
            yield from _action(one)
        waived = any(_NOTHING_TO_DO.search(line.text) for line in own_words(chapter, section.parts))
        asking = any(prompts(chapter, section.parts))
        if not items and not waived and not asking:
            yield Remark(
                chapter.number,
                "no-actions",
                f'"{section.heading}" has no action item. Write one as `- [ ] text (owner: login, due: '
                "2026-12-01)`, or say why there is nothing to do: `No action items, because …`.",
            )
        if items and resolved is not None and runbook.review.horizons and not asking:
            yield from _horizons(chapter, items, runbook, resolved)


def written_actions(chapter: Chapter) -> Iterator[WrittenAction]:
    """The action items of a section: boxes with what is nested below them, the rows of tables with a column
    for the owner or the date, and other items of a list that name either.
    """
    lines = [line for line in chapter.lines if not line.code]
    yield from _boxes(lines)
    yield from _rows(lines)


def _boxes(lines: Sequence[Line]) -> Iterator[WrittenAction]:
    at = 0
    while at < len(lines):
        line = lines[at]
        begin, at = at, at + 1
        text = line.text.strip()
        mark = _LIST.match(text)
        if mark is None:
            continue
        while at < len(lines) and lines[at].text.strip() and lines[at].indent > line.indent:
            at += 1
        whole = " ; ".join(_plain(one.text) for one in lines[begin:at])
        task = TASK.match(text)
        if task is not None:
            yield WrittenAction(line.number, whole, done=task["box"] != " ")
        elif _OWNER.search(whole) or _DUE.search(whole):
            yield WrittenAction(line.number, whole)


def _rows(lines: Sequence[Line]) -> Iterator[WrittenAction]:
    """The rows of tables that name an owner or a date in a head of theirs."""
    head: tuple[int | None, int | None] | None = None
    for before, line in pairwise([Line(0, ""), *lines]):
        if "|" not in line.text:
            head = None
        elif is_rule_of_table(line.text):
            head = _head(_cells(before.text))
        elif head is not None:
            cells = _cells(line.text)
            owner, due = (_cell(cells, at) for at in head)
            if any(cells):
                yield WrittenAction(line.number, " | ".join(cells), owner, due)


def _head(cells: Sequence[str]) -> tuple[int | None, int | None] | None:
    """In which columns the owner and the date stand; None: it is no table of action items."""
    names = [cell.casefold() for cell in cells]
    owner = next((at for at, one in enumerate(names) if re.fullmatch(_OWNER_WORD, one)), None)
    due = next((at for at, one in enumerate(names) if _DUE_HEAD.fullmatch(one)), None)
    return None if owner is None and due is None else (owner, due)


_DUE_HEAD = lazy_regex(r"due(?: date| by)?|date|by(?: when)?|when|deadline|eta|target(?: date)?")


def _cells(text: str) -> list[str]:
    return [_plain(cell) for cell in text.strip().strip("|").split("|")]


def _cell(cells: Sequence[str], at: int | None) -> str:
    return cells[at] if at is not None and at < len(cells) else ""


def _plain(text: str) -> str:
    """A line without links, emphasis and marks of code, which people put around names and dates."""
    if "](" in text:
        text = _LINK.sub(lambda found: found["text"], text)
    return text.replace("*", "").replace("`", "").replace("\\", "").strip()


def _action(one: WrittenAction) -> Iterator[Remark]:
    shown = cut(without_mark(one.text).removeprefix("[ ] "), 60)
    if one.dropped:
        return
    if not _owned(one):
        yield Remark(
            one.line,
            "no-owner",
            f'"{shown}" has no owner. Name one person: `(owner: login, due: 2026-12-01)`.',
        )
    if due_of(one) is None and not one.done:
        yield Remark(
            one.line, "no-due-date", f'"{shown}" has no date. Write when it is due: `due: 2026-12-01`.'
        )


def _owned(one: WrittenAction) -> bool:
    """Whether one person is named: where a word says so, else by an ``@login`` anywhere in it."""
    if one.owner is not None:
        named: str | None = one.owner
    else:
        label = _OWNER.search(one.text)
        named = label["owner"] if label else None
    if named is None:
        return _LOGIN.search(one.text) is not None
    parts = [part for part in _AND.split(named) if re.search(r"\w", part)]
    return any(_NOBODY.search(part) is None for part in parts)


def names_owner(text: str) -> bool:
    """Whether a line names somebody whose the task is."""
    return _owned(WrittenAction(0, _plain(text)))


def due_of(one: WrittenAction) -> date | None:
    """The day on which it is due, None when it names none that there is."""
    text = one.text if one.due is None else f"({one.due}"
    for found in _DUE.finditer(text):
        day = _day(found["day"])
        if day is not None:
            return day
    return None


def _day(text: str) -> date | None:
    """``2026-12-01``, ``2026/12/01``, ``1.12.2026``, ``1 December 2026`` or ``Dec 1, 2026``. The order of
    ``12/01/2026`` differs from country to country, so that is none.
    """
    numbers = [int(one) for one in _NUMBERS.findall(text)]
    if text[:4].isdigit():
        year, month, day = numbers
    elif len(numbers) == 3:
        day, month, year = numbers
    else:
        (day, year), word = numbers, re.search(_MONTH, text, re.IGNORECASE)
        month = _MONTHS.index(word[0][:3].lower()) + 1 if word else 0
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _horizons(
    chapter: Chapter, items: Sequence[WrittenAction], runbook: Runbook, resolved: datetime
) -> Iterator[Remark]:
    """The horizons of the runbook for which nothing is planned, and nobody says that nothing is to do."""
    ends = [(one.within.after(resolved, runbook.times).date(), one) for one in runbook.review.horizons]
    dates = [due for one in items if (due := due_of(one)) is not None]
    said = [line.text.casefold() for line in chapter.prose]
    begin = date.min
    left = list[Horizon]()
    for end, one in sorted(ends, key=lambda pair: pair[0]):
        if not any(begin < due <= end for due in dates) and not _spoken_of(one, said):
            left.append(one)
        begin = end
    if left:
        named = " and ".join(f"{one.id} ({one.within.words()})" for one in left)
        yield Remark(
            chapter.number,
            "horizon",
            f"Nothing is planned for {named}. Is there anything to do? Give an item a date by then, or write "
            f"`{left[0].id}: nothing to do, because …`.",
            holds=False,
        )


def _spoken_of(horizon: Horizon, said: Sequence[str]) -> bool:
    """Whether a line says that nothing is to do within it."""
    names = (horizon.id, horizon.id.replace("-", " "))
    return any(any(name in line for name in names) and _NOTHING_TO_DO.search(line) for line in said)
