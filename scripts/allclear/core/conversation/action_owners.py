"""Who is to do an action item: whom its line begins or ends with, or who stands behind ``owner:``."""

from __future__ import annotations

import re

from allclear.core.conversation.marks import bare, only_signs
from allclear.core.conversation.people import SaidPerson, login_in
from allclear.core.model.patterns import lazy_regex

_OWNER = lazy_regex(
    r"(?<![\w-])(?:(?:owner|assignee|assigned to|assign to|who(?=\s?[:=]))\s?(?P<sign>[:=])?\s?)"
    r"(?P<who>@?[A-Za-z0-9][\w-]{0,38}|\[@?[\w-]{1,39}\]\(https?://[^\s()]{1,200}\))(?![\w/])",
    re.IGNORECASE | re.ASCII,
)
_SPOKEN_TO = frozenset({"ask", "tell", "ping", "notify", "with", "from", "by", "to", "at", "and", "or", "cc"})
"""Words that make the person behind them a part of the sentence."""
EDGE = " \t,;:|-\u2013\u2014\u2192"
"""What divides the parts of a line."""
_SLASHED = lazy_regex(r"(?<=[\w-])[/&+](?=@)")


def leading(line: str) -> tuple[list[SaidPerson], str]:
    """The people whom the line begins with."""
    whole, line = line, _SLASHED.sub(" ", line)
    found: list[SaidPerson] = []
    at = 0
    for word in re.finditer(r"\S+", line):
        login = login_in(word[0])
        if login:
            found.append(SaidPerson(login, word[0]))
        elif not (found and (only_signs(word[0]) or _joins(line, word))):
            break
        at = word.end()
    return (found, line[at:].lstrip(EDGE)) if found else ([], whole)


def _joins(line: str, word: re.Match[str]) -> bool:
    """Whether the word is the ``and`` between two people."""
    after = line[word.end() : word.end() + 60].split(None, 1)
    return word[0].lower() in ("and", "&", "+") and bool(after) and bool(login_in(after[0]))


def named(line: str) -> tuple[list[SaidPerson], str]:
    """The person behind ``owner:``."""
    found = _OWNER.search(line)
    if found is None or not (found["sign"] or login_in(found["who"])):
        return [], line
    login = login_in(found["who"]) or found["who"]
    return [SaidPerson(login, found["who"])], without(line, found.start(), found.end())


def trailing(line: str) -> tuple[list[SaidPerson], str]:
    """The people whom the line ends with, unless the sentence needs them."""
    whole, line = line, _SLASHED.sub(" ", line)
    words = list(re.finditer(r"\S+", line))
    found: list[SaidPerson] = []
    end = len(line)
    while words:
        word = words[-1]
        login = login_in(word[0])
        if login:
            found.insert(0, SaidPerson(login, word[0]))
        elif not (found and (only_signs(word[0]) or _between_people(words))):
            break
        end = word.start()
        words.pop()
    before = bare(words[-1][0]).lower() if words else ""
    if not found or before in _SPOKEN_TO:
        return [], whole
    if before == "for":
        end = words[-1].start()
    left = line[:end].rstrip(EDGE)
    return found, left[:-1].rstrip(EDGE) if left.endswith(("(", "[")) else left


def _between_people(words: list[re.Match[str]]) -> bool:
    """Whether the last of these words is an ``and`` behind somebody."""
    joins = words[-1][0].lower() in ("and", "und", "or")
    return joins and len(words) > 1 and bool(login_in(words[-2][0]))


def without(line: str, begin: int, end: int) -> str:
    """The line without that part, the brackets around it, and what divided it from the rest."""
    before, after = line[:begin].rstrip(), line[end:].lstrip()
    for opened, closed in ("()", "[]"):
        if before.endswith(opened) and after.startswith(closed):
            before, after = before[:-1], after[1:]
    before, after = before.rstrip(EDGE), after.lstrip(EDGE + ".!" if before else EDGE)
    return f"{before}{'' if after[:1] in (')', ']') else ' '}{after}".strip()
