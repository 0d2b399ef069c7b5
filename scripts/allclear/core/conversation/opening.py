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


def left_to_others(requests: Budget | None, queries: Budget | None) -> bool:
    """Whether the run of a label that an issue was opened with leaves it to the run of the opening, or else
    to the sweep. Little but openings uses up GraphQL's hour.
    """
    return not plenty(queries) or (requests is not None and requests.scarce)


def admitted(older: int | None, requests: Budget | None) -> bool:
    """Whether an outsider's opening is looked at now, with so many ``older`` reports of theirs (None: GitHub
    was not asked, or did not say). What is not, the sweep looks at.
    """
    if older is not None:
        return older < MOST_REPORTS
    return requests is None or not requests.scarce
