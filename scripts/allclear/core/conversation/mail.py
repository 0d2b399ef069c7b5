"""What somebody wrote in a mail, without what their mail program put around it: the mail that was answered,
signatures, footers.

Who answers GitHub's notification by mail has it made a comment as it is. All languages count at once, for
nobody says which one a mail program speaks; nothing looks further than a few lines, so that the time is
linear.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal

from allclear.core.conversation import mail_words as words
from allclear.core.model.fences import outside_fences
from allclear.core.model.patterns import lazy_regex

LONGEST = 300
"""Characters of a line that are looked at."""

MOST_BROKEN = 3
"""Lines over which a mail program breaks the line above the history."""

MOST_NAMED = 4
"""Words of a name that stands alone above a mail, before the word that says that somebody wrote."""

MOST_SIGNED = 6
"""Lines below a greeting: a name, a title, a telephone number."""

MOST_BELOW_DASHES = 8
"""Lines below a ``--`` that lost the blank behind it, as in GitHub's editor."""

SHORT = 60
"""Characters of a line in a signature."""

Kind = Literal["program", "name", "sentence"]
"""What introduces a mail: a mail program's line; a name alone, as in ``Bob wrote:``; or what may be a
sentence, and introduces one only above a quotation.
"""

_COLON = "[:\uff1a]"
_MARKS = lazy_regex(r"^[>\s]{1,20}")
_WHEN = lazy_regex(r"\d[:.h]\d\d|\d{4}|\d[./-]\d")
_ADDRESS = lazy_regex(r"[^\s@]@[^\s@]|\[mailto:", re.IGNORECASE)
_YEAR_OR_TIME = lazy_regex(r"(?<!\d)(?:(?:19|20)\d\d|\d{1,2}[:.h]\d\d)(?!\d)")
_IN_BRACKETS = lazy_regex(r"<[^\s<>@]{1,100}@[^\s<>@]{1,200}>")
_ENDS_WITH_SENDER = lazy_regex(rf"@[^\s<>@]{{1,200}}[>)]\s?{_COLON}$")
_DASHES = ("--", "\u2014", "\u2013")


def _any(words: Iterable[str], before: str = "", after: str = "") -> re.Pattern[str]:
    return lazy_regex(f"{before}(?:{'|'.join(words)}){after}", re.IGNORECASE)


_OPENER = _any(words.OPENERS, after=r"[\s\d]")
_WROTE = _any(words.WROTE, before=r"(?<!\w)", after=r"(?!\w)")
_WROTE_ANYWHERE = _any(words.WROTE_ANYWHERE)
_HISTORY = _any(words.HISTORY, before=r"[-_=*]{2,40}\s?", after=r"\s?[-_=*]{2,40}")
_FORWARDED = _any(words.FORWARDED, after=rf"\s?{_COLON}$")
_OUTLOOK_RULE = lazy_regex(r"_{20,}$")
_SENDER = _any(words.SENDER, after=rf"\s?{_COLON}\s{{0,3}}(?=[^\s\d])")
_HEADER = _any(words.HEADER, after=rf"\s?{_COLON}")
_SENT_FROM = _any(words.SENT_FROM)
_SENT_FROM_ENDS = _any(words.SENT_FROM_ENDS, after=r"[.\u3002]?$")
_DEVICE = _any(words.DEVICES)
_GREETING = _any(words.GREETINGS, after=r"\s?[,.!\uff0c\u3002\u3001]?$")
_FOOTER = _any(words.FOOTERS)
_DATE = lazy_regex(r"(?<!\d)(?:(?:19|20)\d\d|\d{1,2}[./-]\d{1,2}[./-]\d\d)(?!\d)")
_FIRST_A_DATE = lazy_regex(r"(?:[^\s\d]{1,12}\s{1,2}){0,2}\d")
_AFTER_DIGITS = lazy_regex(r".*\d")
_COMMAND = lazy_regex(r"\s{0,3}/\w")


def own(lines: Sequence[str]) -> list[str]:
    """The lines that the person wrote: not the mail below that was answered, nor the end that mails have.

    What stands in a fenced block is somebody's text, whatever it looks like.
    """
    return parted(lines)[0]


def parted(lines: Sequence[str]) -> tuple[list[str], list[str]]:
    """The lines that the person wrote, and those that a mail's mark cuts off although they may be theirs too:
    below a signature's dashes, or below ``Bob wrote:`` without a date and without a quotation.
    """
    written, doubtful = _before_history(lines)
    kept, signed = _unsigned(written)
    while kept and not kept[-1].strip() and len(kept) > 1:
        kept.pop()
    return kept, [*signed, *doubtful]


def _bare(line: str) -> str:
    """The line as it is read: without signs of a quotation around it and marks of bold type in it."""
    return _MARKS.sub("", line[:LONGEST]).replace("*", "").strip()


def _outside(lines: Sequence[str]) -> Iterator[tuple[int, str]]:
    """The numbers and the lines that stand in no fenced block."""
    return ((n, line) for n, (line, plain) in enumerate(outside_fences(lines)) if plain)


def _before_history(lines: Sequence[str]) -> tuple[list[str], list[str]]:
    """The lines without the mails that were answered, and those that may be such a mail. Of one that is
    quoted with ``>`` the lines below it are somebody's own again.
    """
    kept: list[str] = []
    at = 0
    for n, line in _outside(lines):
        if n < at:
            continue
        bare = _bare(line)
        if _rule(line.strip()[:LONGEST]) or _rule(bare) or _is_header(bare, lines, n):
            return [*kept, *lines[at:n]], []
        length, how = _introduction(bare, lines, n)
        begin = n + length
        end = _quoted(lines, begin) if length else begin
        if not length or (how == "sentence" and end == begin):
            continue
        kept += lines[at:n]
        if end == begin and any(one.strip() for one in lines[end:]):
            return kept, [*lines[end:]] if how == "name" else []
        at = end
    return [*kept, *lines[at:]], []


def _rule(line: str) -> bool:
    """Whether the line only says that a mail follows."""
    return bool(_HISTORY.match(line) or _FORWARDED.match(line) or _OUTLOOK_RULE.match(line))


def _is_header(bare: str, lines: Sequence[str], n: int) -> bool:
    """Whether the header of a mail begins here: who sent it, by address, or above its date or subject."""
    found = _SENDER.match(bare)
    if found is None:
        return False
    following = [_bare(one) for one in lines[n + 1 : n + 4]]
    return bool(_ADDRESS.search(bare, found.end())) or any(map(_HEADER.match, following))


def _introduction(bare: str, lines: Sequence[str], n: int) -> tuple[int, Kind]:
    """How many lines introduce a mail here, such as ``On <date>, <somebody> wrote:``, and how; 0 where none
    does.
    """
    begins = n == 0 or not lines[n - 1].strip()
    if _introduces(bare) or _dated_sender(bare):
        return 1, _kind(bare)
    if begins and _only_wrote(bare, lines, n):
        return 1, "name"
    if not bare or not (begins or _OPENER.match(bare)):
        return 0, "sentence"
    for more in range(2, MOST_BROKEN + 1):
        part = [_bare(one) for one in lines[n : n + more]]
        if (
            not all(part)
            or any(map(_COMMAND.match, part))
            or _introduces(part[-1])
            or _dated_sender(part[-1])
        ):
            return 0, "sentence"
        joined = " ".join(part)[: 2 * LONGEST]
        if (_OPENER.match(bare) and _introduces(joined)) or (begins and _dated_sender(joined)):
            return more, _kind(joined)
    return 0, "sentence"


def _kind(line: str) -> Kind:
    """Whether a program wrote the line: with the whole date, that somebody wrote, or nothing but both names.
    Anybody may write ``We got a mail from Bob <bob@example.com> at 14:02:``.
    """
    if not _DATE.search(line):
        return "sentence"
    if _WROTE.search(line) or _WROTE_ANYWHERE.search(line):
        return "program"
    address = _IN_BRACKETS.search(line)
    name = _AFTER_DIGITS.sub("", line[: address.start()]) if address else line
    return "program" if _FIRST_A_DATE.match(line) and len(name.split()) <= MOST_NAMED else "sentence"


def _dated_sender(line: str) -> bool:
    """Whether it ends with a colon and holds a mail address in ``<>`` and a year or time: so a mail is
    introduced in every language, and a command never is.
    """
    if not line.endswith((":", "\uff1a")) or _COMMAND.match(line):
        return False
    return bool(_IN_BRACKETS.search(line)) and bool(_YEAR_OR_TIME.search(line))


def _only_wrote(line: str, lines: Sequence[str], n: int) -> bool:
    """Whether a name and that somebody wrote stand alone here, as in ``Bob wrote:``, above an empty line, a
    quotation or a command.
    """
    found = _WROTE.search(line)
    if found is None or line[found.end() :].strip() not in (":", "\uff1a"):
        return False
    name = line[: found.start()].split()
    if not 0 < len(name) <= MOST_NAMED or not all(one.lstrip("@(\"'")[:1].isalpha() for one in name):
        return False
    following = "".join(lines[n + 1 : n + 2]).strip()
    named = len(name) == 1 or not any(one[:1].islower() for one in name)
    return named and (not following or following.startswith(">") or bool(_COMMAND.match(following)))


def _introduces(line: str) -> bool:
    if not line.endswith((":", "\uff1a")) or not _WHEN.search(line):
        return False
    if _ENDS_WITH_SENDER.search(line):
        return True
    if _WROTE_ANYWHERE.search(line):
        return True
    return bool(_WROTE.search(line)) and bool(_OPENER.match(line) or _ADDRESS.search(line))


def _quoted(lines: Sequence[str], start: int) -> int:
    """Where the quotation that begins here, or after empty lines, ends; ``start`` where none does."""
    end = start
    for n in range(start, len(lines)):
        if lines[n].lstrip().startswith(">"):
            end = n + 1
        elif lines[n].strip():
            break
    return end


def _unsigned(lines: list[str]) -> tuple[list[str], list[str]]:
    """The lines without signatures, footers and the greeting at the end, and what stands there below."""
    dropped = set[int]()
    end = len(lines)
    commands = [n for n, line in enumerate(lines) if _COMMAND.match(line)]
    last = commands[-1] if commands else -1
    written = [0]
    for line in lines:
        written.append(written[-1] + bool(line.strip()))
    for n, line in _outside(lines):
        alone = n == 0 or not lines[n - 1].strip()
        bare = _bare(line)
        below = written[-1] - written[n + 1]
        if line == "-- " or (last < n and bare in _DASHES and (alone or _signs(line, lines, n, below))):
            end = n
            break
        if _FOOTER.match(bare):
            end = n - (n > 0 and _bare(lines[n - 1]) in _DASHES)
            break
        if not alone:
            if not below and len(bare) <= SHORT and _SENT_FROM.match(bare) and _DEVICE.search(bare):
                dropped.add(n)
            continue
        few = last < n and below <= MOST_SIGNED
        if few and _GREETING.match(bare) and all(len(one) <= SHORT for one in lines[n + 1 :]):
            end = n
            break
        ends = n + 1 == len(lines) or not lines[n + 1].strip()
        if ends and len(bare) <= SHORT and (_SENT_FROM.match(bare) or _SENT_FROM_ENDS.search(bare)):
            dropped.add(n)
    return [line for n, line in enumerate(lines[:end]) if n not in dropped], lines[end + 1 :]


def _signs(line: str, lines: Sequence[str], n: int, below: int) -> bool:
    """Whether a ``--`` right below a text is a signature's mark: few lines, all short, follow."""
    return line == "--" and below <= MOST_BELOW_DASHES and all(len(one) <= SHORT for one in lines[n + 1 :])
