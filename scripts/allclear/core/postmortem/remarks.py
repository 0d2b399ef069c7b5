"""What a reviewer would say of a post-mortem: the line, what is wrong there, and how it is mended.

Looked at is the file alone, and the record where it is known. Nothing here changes a word of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from allclear.core.model.neutral import cut
from allclear.core.policy.post_incident import ReviewSection
from allclear.core.policy.runbook import Runbook
from allclear.core.postmortem.outline import Chapter, Line, ReportOutline, outline

WRITTEN_BY_PEOPLE = frozenset(
    {"root-cause", "five-whys", "contributing", "lessons", "went-well", "went-poorly"}
)
"""Parts of a post-mortem that no record knows: causes, contributing factors, lessons (000-22, 003-17)."""

APPROVAL = "approval"
"""The rule of what only somebody else than the writers can mend."""


@dataclass(frozen=True, slots=True)
class Remark:
    """``line`` is counted from 1 in the file. ``holds``: nothing is published until it is mended; the others
    are hints. ``text`` is raw: it may quote the file.
    """

    line: int
    rule: str
    text: str
    holds: bool = True


_NUMBERED = re.compile(r"(?:[-*+]|\d{1,3}[.)])(?:[ \t]+|$)")
_EMPHASISED = re.compile(r"_[^_].{0,2000}[^_]_|_[^_]_")
_ASKS = re.compile(r"\?$|\? Think of: |^Not recorded\b|^No action items yet\b")
_FILLER = re.compile(
    r"(?:tbd|to be (?:done|defined|determined|filled in|written)|to-?do|fix-?me|x{3}|n/?a|none|unknown|"
    r"not recorded|not known(?: yet)?|lorem ipsum.*|[-\u2013\u2014.?\u2026_*\s]*)[.!:…]{0,3}",
    re.IGNORECASE,
)
_TO_DO = re.compile(r"\b(?:TO-?DO|TBD|FIX-?ME|X{3})\b")
_UNFILLED = re.compile(r"<(?!https?:|/|!)[A-Za-z][A-Za-z ,/_-]{2,60}>")
_TAGS = frozenset(
    {"details", "summary", "br", "sub", "sup", "kbd", "img", "pre", "code", "table", "div", "span"}
)
_LABEL = re.compile(r"\*{0,2}[A-Za-z][\w ]{0,40}\*{0,2}:\*{0,2}[ \t]*$")


def without_mark(text: str) -> str:
    """The line without a list's mark in front of it."""
    text = text.strip()
    mark = _NUMBERED.match(text)
    return text[mark.end() :].strip() if mark else text


def prompts(chapter: Chapter, asked: Sequence[str]) -> Iterator[Line]:
    """The lines that still ask: a whole line of emphasis that is a question, or one of the runbook's."""
    known = {part.strip().casefold() for part in asked}
    for line in chapter.prose:
        bare = without_mark(line.text)
        if not _EMPHASISED.fullmatch(bare):
            continue
        inside = bare.strip("_").strip()
        if _ASKS.search(inside) or inside.casefold() in known:
            yield line


def own_words(chapter: Chapter, asked: Sequence[str] = ()) -> list[Line]:
    """The lines that say something: no prompts, no placeholders, no labels with nothing behind them."""
    asking = {line.number for line in prompts(chapter, asked)}
    found = []
    for line in chapter.prose:
        bare = without_mark(line.text)
        told = not (_FILLER.fullmatch(bare) or _UNFILLED.fullmatch(bare) or _LABEL.fullmatch(bare))
        if told and line.number not in asking:
            found.append(line)
    return found


def said_by_people(text: str, runbook: Runbook) -> list[Remark]:
    """Whether every part that only people can write is written, and nothing is left that asks for it."""
    report = outline(text)
    found = [remark for section in runbook.review.sections for remark in _section(report, section)]
    parts = [part for section in runbook.review.sections for part in section.parts]
    for chapter in report.chapters:
        left = list(prompts(chapter, parts))
        found += [_prompt(line) for line in left]
        asking = {line.number for line in left}
        found += [one for line in chapter.prose if line.number not in asking for one in _unfilled(line)]
    found += _actions(report, runbook)
    found += _runbooks(report)
    return sorted(found, key=lambda one: (one.line, one.rule))


def _section(report: ReportOutline, section: ReviewSection) -> Iterator[Remark]:
    chapter = report.chapter(section.heading)
    if chapter is None:
        yield Remark(
            1,
            "section-missing",
            f'The section "{section.heading}" is missing. Write it under `## {section.heading}`.',
        )
    elif section.block in WRITTEN_BY_PEOPLE and not _asks_or_tells(chapter, section.parts):
        yield Remark(
            chapter.number,
            "section-empty",
            f'"{section.heading}" says nothing yet. Nobody but you knows it: write it in a sentence or more.',
        )


def _asks_or_tells(chapter: Chapter, asked: Sequence[str]) -> bool:
    """Whether it says something, or what it still asks is remarked on already."""
    return any(prompts(chapter, asked)) or bool(own_words(chapter, asked))


def _prompt(line: Line) -> Remark:
    asked = cut(without_mark(line.text).strip("_"), 80)
    return Remark(
        line.number, "prompt-left", f'"{asked}" is still asked. Answer it there, or delete the line.'
    )


def _unfilled(line: Line) -> Iterator[Remark]:
    to_do = _TO_DO.search(line.text)
    left = next((one for one in _UNFILLED.finditer(line.text) if one[0][1:-1].lower() not in _TAGS), None)
    met = to_do or left
    if met is not None and "`" not in line.text and not _FILLER.fullmatch(without_mark(line.text)):
        yield Remark(
            line.number, "unfinished", f'"{met[0]}" stands for something that is not written yet. Write it.'
        )


_RUNBOOK = re.compile(r"\b(?:runbooks?|playbooks?)\b", re.IGNORECASE)
_CHANGE = re.compile(
    r"https?://|(?<![\w&])#\d|\b[0-9a-f]{7,40}\b"
    r"|\b(?:because|no changes?|not needed|nothing to change|won't)\b",
    re.IGNORECASE,
)


def _runbooks(report: ReportOutline) -> Iterator[Remark]:
    """That the runbook was updated is shown by a link to the change, or somebody says why there is none."""
    asked, shown = list[Line](), False
    for chapter in report.chapters:
        for line in chapter.prose:
            if _RUNBOOK.search(line.text):
                shown = shown or bool(_CHANGE.search(line.text))
                asked += [line] if _TASK.match(line.text.strip()) and not _OWNER.search(line.text) else []
    if asked and not shown:
        yield Remark(
            asked[0].number,
            "runbooks",
            "Nothing shows that the runbook was updated. Link the change, or say why none is needed: "
            "`Runbooks: no change, because …`.",
        )


_TASK = re.compile(r"[-*+][ \t]+\[(?P<box>[ xX])\][ \t]+(?P<text>.{1,4000})")
_OWNER = re.compile(
    r"\bowner:?[ \t]*(?P<owner>@?[A-Za-z0-9][\w\[\]-]{0,60}(?: yet)?)"
    r"|(?<![\w/])@(?P<login>[A-Za-z0-9][\w-]{0,38})",
    re.IGNORECASE,
)
_DUE = re.compile(r"\b(?:due|by)\b:?[ \t]*(?P<day>\d{4}-\d{2}-\d{2}|[\w./-]{1,20})", re.IGNORECASE)
_NOBODY = frozenset(
    {"nobody", "nobody yet", "none", "tbd", "unassigned", "unknown", "team", "everybody", "everyone"}
)
_NOTHING_TO_DO = re.compile(r"\bno (?:action|further action|follow-?up)", re.IGNORECASE)


def _actions(report: ReportOutline, runbook: Runbook) -> Iterator[Remark]:
    """Every action item has one owner and a date; a report without any says why."""
    for section in runbook.review.sections:
        chapter = report.chapter(section.heading) if section.block == "actions" else None
        if chapter is None:
            continue
        items = [(line, task) for line in chapter.prose if (task := _TASK.match(line.text.strip()))]
        for line, task in items:
            yield from _action(line, task["text"])
        waived = any(_NOTHING_TO_DO.search(line.text) for line in own_words(chapter, section.parts))
        if not items and not waived and not any(prompts(chapter, section.parts)):
            yield Remark(
                chapter.number,
                "no-actions",
                f'"{section.heading}" has no action item. Write one as `- [ ] text (owner: login, due: '
                "2026-12-01)`, or say why there is nothing to do: `No action items, because …`.",
            )


def _action(line: Line, text: str) -> Iterator[Remark]:
    shown = cut(text, 60)
    owner = _OWNER.search(text)
    named = ((owner["owner"] or owner["login"]) if owner else "").removeprefix("@").lower()
    if not named or named in _NOBODY:
        yield Remark(
            line.number,
            "no-owner",
            f'"{shown}" has no owner. Name one person: `(owner: login, due: 2026-12-01)`.',
        )
    due = _DUE.search(text)
    if due is None or not _is_day(due["day"]):
        yield Remark(
            line.number, "no-due-date", f'"{shown}" has no date. Write when it is due: `due: 2026-12-01`.'
        )


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
