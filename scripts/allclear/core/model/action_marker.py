"""The first line of an action item's issue: which item of which incident it is. A key, and no authority: it
counts on an issue of our own account only.
"""

from __future__ import annotations

from pydantic import ValidationError

from allclear.core.model.frozen import Frozen

BEGIN, END = "<!-- allclear:action ", " -->"
LONGEST = 500
"""Characters of a marker that is read."""


class ActionMarker(Frozen):
    """Item ``item`` of the incident in issue ``issue`` of repository ``repo`` (its id)."""

    repo: int
    issue: int
    item: int

    @property
    def line(self) -> str:
        """The marker as the first line of an issue."""
        return f"{BEGIN}{self.model_dump_json()}{END}"


def action_marker(body: str) -> ActionMarker | None:
    """The marker of an issue's text; None when there is none that can be read."""
    line = body[:LONGEST].split("\n", 1)[0].strip()
    if not line.startswith(BEGIN) or not line.endswith(END):
        return None
    try:
        return ActionMarker.model_validate_json(line[len(BEGIN) : -len(END)])
    except ValidationError:
        return None
