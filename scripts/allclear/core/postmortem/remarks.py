"""What a reviewer would say of a post-mortem: the line, what is wrong there, and how it is mended.

Looked at is the file alone, and the record where it is known. Nothing here changes a word of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from msgspec import Struct

from allclear.core.model.neutral import cut
from allclear.core.model.patterns import lazy_regex
from allclear.core.policy.post_incident import ReviewSection
from allclear.core.policy.runbook import Runbook
from allclear.core.postmortem.outline import Chapter, Line, ReportOutline

WRITTEN_BY_PEOPLE = frozenset(
    {"root-cause", "five-whys", "contributing", "lessons", "went-well", "went-poorly"}
)
"""Parts of a post-mortem that no record knows: causes, contributing factors, lessons (000-22, 003-17). Nor
does it what stands below a heading that nothing fills (004-33).
"""

APPROVAL = "approval"
"""The rule of what only somebody else than the writers can mend."""


class Remark(Struct, frozen=True):
    """``line`` is counted from 1 in the file. ``holds``: nothing is published until it is mended; the others
    are hints. ``text`` is raw: it may quote the file.
    """

    line: int
    rule: str
    text: str
    holds: bool = True


_NUMBERED = lazy_regex(r"(?:[-*+]|\d{1,3}[.)])(?:[ \t]+|$)")
_EMPHASISED = lazy_regex(r"_[^_].{0,2000}[^_]_|_[^_]_")
_ASKS = lazy_regex(r"\?$|\? Think of: |^Not recorded\b|^No action items yet\b")
_FILLER = lazy_regex(
    r"(?:tb[acd]|to be (?:added|announced|confirmed|continued|done|defined|determined|filled in|written)|"
    r"to-?do|fix-?me|wip|(?:work )?in progress|pending|coming soon|x{3}|n/?a|not applicable|none|nothing|"
    r"unknown|no idea|not recorded|not known(?: yet)?|(?:still )?under investigation|still investigating|"
    r"(?:see|same as|as) (?:above|below)|lorem ipsum.*|[-\u2013\u2014.?\u2026_*\s]*)[.!:…]{0,3}",
    re.IGNORECASE,
)
_MARKS = r"TO-?DO|FIX-?ME"
_TO_DO = lazy_regex(
    # Within a sentence it is a word like others; what stands for a text begins a line or ends it.
    rf"\b(?:TBD|X{{3}})\b|(?:^|[\[(]|[-*+>|.)][ \t])[ \t]{{0,3}}(?:{_MARKS})\b"
    rf"|\b(?:{_MARKS})(?=[ \t]{{0,3}}[:)\]|.!]|$)"
)
_UNFILLED = lazy_regex(
    r"(?<![\w\\])<(?!https?:|/|!)[A-Za-z][A-Za-z ,/_-]{2,60}>"
    r"|\{\{[^{}]{1,60}\}\}"
    r"|\[(?:add|describe|explain|fill|insert|link to|name of|your)\b[^\[\]]{0,60}\](?![(\[:])"
    r"|\bYYYY-MM-DD\b|\bHH:MM\b|\bXX\b(?= (?:minutes|hours|users)\b)|\b[Ll]orem ipsum\b"
)
_TAGS = frozenset(
    {"details", "summary", "br", "sub", "sup", "kbd", "img", "pre", "code", "table", "div", "span"}
    | {"strong", "blockquote", "thead", "tbody", "script", "style", "iframe", "form", "input", "button"}
    | {"head", "body", "html", "section", "small", "del", "ins", "svg", "video", "picture", "source"}
)
_TAG = lazy_regex(r"</?[A-Za-z][^<>]{0,200}>")
_RULE_OF_TABLE = lazy_regex(r"\|?[ \t]*:?-+:?[ \t|:-]{0,2000}")
_CODE = lazy_regex(r"`[^`]{0,400}`")
_LABEL = lazy_regex(r"\*\*[^*]{1,60}\*\*:?|(?:\w{1,40} ){0,2}\w{1,40}:")
"""Words with nothing behind them: emphasised, or a few with a colon."""


def without_mark(text: str) -> str:
    """The line without the mark of a list or a quotation in front of it."""
    text = text.strip()
    if text.startswith(">"):
        text = text.lstrip("> ")
    mark = _NUMBERED.match(text)
    return text[mark.end() :].strip() if mark else text


def is_rule_of_table(text: str) -> bool:
    """Whether the line stands between the head of a table and its rows."""
    return "|" in text and _RULE_OF_TABLE.fullmatch(text.strip()) is not None


def _heads(chapter: Chapter) -> set[int]:
    """The numbers of the lines that are heads of tables, and of those between them and the rows."""
    found = set[int]()
    for line in chapter.lines:
        if is_rule_of_table(line.text):
            found |= {line.number - 1, line.number}
    return found


def _parts(line: Line) -> list[str]:
    """What a line says, without marks and tags: of a row of a table, what each cell does."""
    bare = without_mark(line.text)
    if "<" in bare and not _UNFILLED.fullmatch(bare):
        bare = _TAG.sub("", bare).strip()
    return [cell.strip() for cell in bare.split("|")] if bare.startswith("|") else [bare]


def _tells(part: str) -> bool:
    return not (_FILLER.fullmatch(part) or _UNFILLED.fullmatch(part) or _LABEL.fullmatch(part))


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
    asking = {line.number for line in prompts(chapter, asked)} | _heads(chapter)
    told = (line for line in chapter.prose if line.number not in asking)
    return [line for line in told if any(_tells(part) for part in _parts(line))]


def said_by_people(report: ReportOutline, runbook: Runbook) -> list[Remark]:
    """Whether every part that only people can write is written, and nothing is left that asks for it."""
    found = [remark for section in runbook.review.sections for remark in _section(report, section)]
    parts = [part for section in runbook.review.sections for part in section.parts]
    for chapter in report.chapters:
        left = list(prompts(chapter, parts))
        found += [_prompt(line) for line in left]
        asking = {line.number for line in left}
        found += [one for line in chapter.prose if line.number not in asking for one in unfinished(line)]
    return found


def _section(report: ReportOutline, section: ReviewSection) -> Iterator[Remark]:
    chapter = report.chapter(section.heading)
    if chapter is None:
        yield Remark(
            1,
            "section-missing",
            f'The section "{section.heading}" is missing. Write it under `## {section.heading}`.',
        )
    elif (not section.block or section.block in WRITTEN_BY_PEOPLE) and not _asks_or_tells(
        chapter, section.parts
    ):
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


def unfinished(line: Line) -> Iterator[Remark]:
    """What stands in a line in the place of something to be written. What is quoted as code does not."""
    text = _CODE.sub("", line.text) if "`" in line.text else line.text
    to_do = _TO_DO.search(text)
    left = next((one for one in _UNFILLED.finditer(text) if one[0].strip("<>/ ").lower() not in _TAGS), None)
    met = to_do or left
    if met is not None and not _FILLER.fullmatch(without_mark(line.text)):
        shown = cut(met[0].strip(" \t[(|-*+>") if met is to_do else met[0], 60)
        yield Remark(
            line.number, "unfinished", f'"{shown}" stands for something that is not written yet. Write it.'
        )
