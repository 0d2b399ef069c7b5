"""What people write about the impact: ``users=15k, revenue=$45k checkout is down``, ``15000 users``."""

from __future__ import annotations

import re
from itertools import islice

from msgspec import Struct, field

from allclear.core.conversation.quantities import SaidAmount, SaidCount, amount_at, count_at, revenue_at
from allclear.core.model.errors import UserError
from allclear.core.model.neutral import code
from allclear.core.model.patterns import lazy_regex
from allclear.core.record.findings import ImpactSet

_USERS = r"(?:affected[ _-])?(?:users?|customers?)(?:[ _-](?:affected|impacted|hit))?"
_REVENUE = r"(?:lost[ _-])?revenue(?:[ _-](?:lost|loss|impact))?"
_LABEL = lazy_regex(
    rf"(?<![\w-])(?:[*_]{{2}})?(?:(?P<users>{_USERS})|{_REVENUE})(?:[*_]{{2}})?"
    r"(?:\s?(?P<sign>[=:])(?:[*_]{2})?|(?=\s?[~\u2248\u223c<>\u2264\u2265])|(?P<blank>\s{1,3})(?=\S))\s{0,9}",
    re.IGNORECASE | re.ASCII,
)
_BETWEEN = lazy_regex(r"(?:[\s,;.&!]|and\b|[-*/|](?:\s|$)){0,9}", re.IGNORECASE)
_SHUT = lazy_regex(r"[\s,;]{0,9}\)\s?")
_APART = lazy_regex(r"\s{0,9}(?:$|[,;.!&])")
_OTHER_NAME = lazy_regex(
    r"(?<![\w-])(?:(?:people|affected|impacted|loss|lost|losses|cost|costs|damage|sales|money)"
    r"\s?=\s?[^\s\w]{0,3}[0-9][^\s;]{0,40}"
    r"|[0-9][0-9.,]{0,8}(?:\s?[-\u2013]\s?[0-9][0-9.,]{0,8})?\s?(?:%|percent) of (?:all |the |our ){0,2}"
    r"(?:users|customers|people))",
    re.IGNORECASE | re.ASCII,
)
"""A number under a name that is not read, or a part of all users: it stays text, and the person is told."""
_MOST_UNTOLD = 3
_WINDOW = 200
"""Characters that a number or an amount is looked for in."""


class _Fields(Struct):
    """What was found so far, and ``untold``, what is no number."""

    count: SaidCount | None = None
    amount: SaidAmount | None = None
    untold: list[str] = field(default_factory=list)

    def take(self, found: SaidCount | SaidAmount) -> None:
        """Raises UserError for a second one."""
        if isinstance(found, SaidCount):
            if self.count is not None:
                raise UserError("The number of users is given twice. Which one is meant?")
            self.count = found
        else:
            if self.amount is not None:
                raise UserError("The revenue is given twice. Which one is meant?")
            self.amount = found


def said_impact(text: str) -> tuple[ImpactSet, tuple[str, ...]]:
    """The number of users, the amount and the sentence that ``text`` holds, and what stays in the sentence
    although it stands where a number of users should, or is a number under another name.

    Raises UserError when a number or an amount begins the text that cannot be read, or is given twice.
    """
    reading = _Fields()
    lines = [_ImpactLine(line, reading).read() for line in text.split("\n")]
    count, amount = reading.count, reading.amount
    fact = ImpactSet(
        users=count.number if count else None,
        about=count.about if count else "",
        revenue=amount.words if amount else None,
        text="\n".join(lines).strip(),
    )
    others = [found[0].rstrip(",.") for found in islice(_OTHER_NAME.finditer(fact.text), _MOST_UNTOLD)]
    untold = [*reading.untold, *(one for one in others if not any(told in one for told in reading.untold))]
    return fact, tuple(untold)


class _ImpactLine(Struct):
    """One line, read up to ``at``. ``kept``: what of it stays text."""

    line: str
    reading: _Fields
    at: int = 0
    kept: list[str] = field(default_factory=list)
    opened: bool = False
    """Whether the bracket that a field stood in was left out: ``it is down (users=300)``."""
    begun: bool = False
    """Whether a field was left as text."""

    def read(self) -> str:
        """What is left of the line as text."""
        while self._unlabelled():
            pass
        for named in _LABEL.finditer(self.line):
            if named.start() >= self.at and self._begins(named):
                self._labelled(named)
        self._keep(len(self.line))
        return " ".join(self.kept)

    def _keep(self, to: int, *, after: int | None = None) -> None:
        """The text up to ``to`` stays; what follows is read from ``after`` on."""
        part = self.line[self.at : to].strip()
        if self.opened and (shut := _SHUT.match(part)):
            part, self.opened = part[shut.end() :], False
        if after is not None:
            self.opened = self.opened or part.endswith("(")
            part = part.rstrip(" ,;(").removesuffix(" and")
        begin = self._between(part, 0)
        if self.at or begin == len(part):
            part = part[begin:]
        if part:
            self.kept.append(part)
        self.at = to if after is None else after

    @staticmethod
    def _between(line: str, at: int) -> int:
        between = _BETWEEN.match(line, at)
        return between.end() if between else at

    def _leads(self, start: int) -> bool:
        """Whether nothing but what was read stands before it."""
        return not self.begun and not self.kept and self._between(self.line, self.at) >= start

    def _begins(self, named: re.Match[str]) -> bool:
        """Whether a field is meant: anywhere with ``=``, at the start or behind a comma otherwise."""
        if self._leads(named.start()) or named["sign"] == "=":
            return True
        return not named["blank"] and self.line[: named.start()].rstrip()[-1:] in tuple(",;.(/|")

    def _labelled(self, named: re.Match[str]) -> None:
        text = self.line[named.end() : named.end() + _WINDOW]
        found = count_at(text) if named["users"] else amount_at(text)
        if found is None or (named["blank"] and not self._alone(named.end() + found.end)):
            if self._leads(named.start()) and not named["blank"]:
                raise _unreadable(text, users=bool(named["users"]))
            return
        end = named.end() + found.end
        if isinstance(found, SaidCount) and found.number is None:
            self.reading.untold.append(self.line[named.end() : end])
            self.begun = True
            return
        self.reading.take(found)
        self._keep(named.start(), after=end)
        if isinstance(found, SaidCount) and found.partly:
            self.kept.append(self.line[named.end() : end])

    def _alone(self, end: int) -> bool:
        """Whether no sentence goes on there."""
        return bool(_APART.match(self.line, end) or _LABEL.match(self.line, self._between(self.line, end)))

    def _apart(self, end: int) -> bool:
        """The same, where an amount of money may follow ``and``."""
        begin = self._between(self.line, end)
        return self._alone(end) or bool(revenue_at(self.line[begin : begin + _WINDOW], beside=True))

    def _unlabelled(self) -> bool:
        """Whether the line begins with ``15000 users`` or ``$45k revenue``, which then is read. A sentence
        that goes on behind it stays whole.
        """
        begin = self._between(self.line, self.at)
        text = self.line[begin : begin + _WINDOW]
        count = count_at(text)
        found = count if count and count.unit else revenue_at(text, beside=self.reading.count is not None)
        if found is None or (isinstance(found, SaidCount) and found.number is None):
            return False
        if (self.reading.count if isinstance(found, SaidCount) else self.reading.amount) is not None:
            return False  # A sentence may name a number again.
        self.reading.take(found)
        end = begin + found.end
        alone = self._apart(end) and not (isinstance(found, SaidCount) and found.partly)
        if alone:
            self.at = end
        else:
            self._keep(end)
        return alone


def _unreadable(text: str, *, users: bool) -> UserError:
    word = text.split(None, 1)[0].rstrip(",;") if text.strip() else ""
    shown = f"{code(word)} is not" if word else "Nothing stands where"
    if users:
        what = "a number of users" if word else "a number of users should"
        return UserError(f"{shown} {what}; write `users=15000` or `users=15k`.")
    what = "an amount" if word else "an amount should"
    return UserError(f'{shown} {what}; write `revenue=$45000` or `revenue="EUR 2,000"`.')
