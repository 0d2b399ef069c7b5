"""What an issue that was just opened may cost, before anything of it is looked at."""

from __future__ import annotations

from allclear.core.conversation.declare import MOST_REPORTS
from allclear.core.model.budget import Budget

PLENTY = 3
"""While so many fourths of the hour are left, an opening is looked at without any question."""


def plenty(left: Budget | None) -> bool:
    """Whether so much of the hour is left that nothing has to be saved; so when GitHub does not say."""
    return left is None or left.remaining * 4 >= left.limit * PLENTY


def askable(queries: Budget | None) -> bool:
    """Whether GraphQL is asked about an opening: an eighth of its hour is kept for the incidents."""
    return queries is None or queries.remaining * 8 >= queries.limit


def admitted(older: int | None, requests: Budget | None) -> bool | None:
    """Whether an opening is looked at now, with so many ``older`` reports of its author's (None: GitHub did
    not say). None: that depends on whether the author has rights. What is not, the sweep looks at.
    """
    if older is not None:
        return older < MOST_REPORTS
    return None if requests is not None and requests.scarce else True
