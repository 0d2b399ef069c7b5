"""The first line of an action item's issue: which item of which incident it is. A key, and no authority: it
counts on an issue of our own account only.
"""

from __future__ import annotations

from allclear.core.model.marker import marker_in, marker_line
from allclear.core.model.stored import Stored, json_text

KIND = "action"


class ActionMarker(Stored, frozen=True):
    """Item ``item`` of the incident in issue ``issue`` of repository ``repo`` (its id)."""

    repo: int
    issue: int
    item: int

    @property
    def line(self) -> str:
        """The marker as the first line of an issue."""
        return marker_line(KIND, json_text(self))


def action_marker(body: str) -> ActionMarker | None:
    """The marker of an issue's text; None when there is none that can be read."""
    return marker_in(body, KIND, ActionMarker)
