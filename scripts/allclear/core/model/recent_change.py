"""Something that changed before an incident began."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from allclear.core.model.release import State
from allclear.core.model.stored import Stored


class RecentChange(Stored, frozen=True, kw_only=True):
    """A ``deployment`` to an environment, a deploy workflow's failed ``run``, a merge that changed
    ``settings`` (workflows, infrastructure), or another ``pull`` request that was merged.

    ``name``: a release, a workflow's name, ``#41`` or seven digits of a commit. ``where``: the environment,
    the branch, or what was changed. ``by``: a login or a name, never an address. ``text``: what it is about.
    ``state``: how far a deployment came. ``service``: whose it is, where that is known. ``undo``: the command
    that takes it back, as it is typed; ``id``: GitHub's number of the deployment. All raw: neutralise before
    showing.
    """

    kind: Literal["deployment", "run", "settings", "pull"]
    at: datetime
    name: str
    where: str = ""
    by: str = ""
    url: str = ""
    text: str = ""
    state: State = "success"
    service: str = ""
    undo: str = ""
    id: int = 0
