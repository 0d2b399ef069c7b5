"""How far the review of a post-mortem is."""

from __future__ import annotations

from collections.abc import Iterable

from allclear.core.postmortem.remarks import APPROVAL, Remark
from allclear.core.record.postmortem_state import ReviewState


def review_state(found: Iterable[Remark], *, approved: bool = False, published: bool = False) -> ReviewState:
    """The state of a post-mortem with these remarks. ``approved``: by as many as the runbook asks for, and it
    asks for some. What was published stays it, whatever is found in it later.
    """
    if published:
        return "published"
    held = [one for one in found if one.holds]
    if any(one.rule != APPROVAL for one in held):
        return "draft"
    return "approved" if approved and not held else "in review"
