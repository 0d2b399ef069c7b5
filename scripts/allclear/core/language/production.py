"""What the runbook says about production: when it has recovered, and when to go back."""

from __future__ import annotations

import re

from allclear.core.language.document import RunbookFile
from allclear.core.language.selection import Levels
from allclear.core.language.suggesting import reasons
from allclear.core.model.patterns import lazy_regex
from allclear.core.policy.contradictions import MisplacedError
from allclear.core.policy.runbook import Criterion, Reversal

_BOUND = lazy_regex(r"([<>])\s{0,3}(-?\d{1,9}(?:\.\d{1,9})?)", re.ASCII)


def criteria(file: RunbookFile) -> tuple[Criterion, ...]:
    """The measures that say that production has recovered. Raises MisplacedError for what is no bound."""
    found = []
    for name, one in file.measures.items():
        if not one.recovered:
            continue
        match = _BOUND.fullmatch(one.recovered.strip())
        if match is None:
            raise MisplacedError(
                f'{one.recovered!r} is no bound; write a sign and a number, such as "< 0.1"',
                ("measures", name, "recovered"),
            )
        sign, number = match.groups()
        below, above = (float(number), None) if sign == "<" else (None, float(number))
        found.append(Criterion(id=name, title=one.title or name, unit=one.unit, below=below, above=above))
    return tuple(found)


def reversal(file: RunbookFile, levels: Levels) -> Reversal:
    """Going back or fixing forward."""
    written = file.rollback
    return Reversal(
        fix_forward=written.fix_forward.elapse if written.fix_forward else Reversal().fix_forward,
        reasons=reasons(file, levels),
    )
