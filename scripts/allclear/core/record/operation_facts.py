"""Facts about operations: asked for, approved, started, ended. Outcomes, like all facts."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from allclear.core.model.frozen import Frozen
from allclear.core.model.operation import Ending, OperationRequest, Outcome


class OperationAsked(OperationRequest):
    """Somebody, or the engine, wants this done. Everything that the executor will do stands in here.

    ``target`` empty, for a rollback: the executor takes the release before the current one from the
    provider's list, and writes down which before it begins. ``by_hand``: its run was dispatched by hand and
    linked itself to the incident.
    """

    t: Literal["operation-asked"] = "operation-asked"
    op: str
    by_hand: bool = False


class OperationApproved(Frozen):
    """A second person said yes."""

    t: Literal["operation-approved"] = "operation-approved"
    op: str


class OperationStarted(Frozen):
    """Its run is there. ``waiting``: for the environment's reviewers."""

    t: Literal["operation-started"] = "operation-started"
    op: str
    run: int
    url: str = ""
    waiting: bool = False


class OperationEnded(Outcome):
    """How it ended. ``unknown``: claimed, and no result; a person decides, under a new id.

    ``seconds``: how long the execution took.
    """

    t: Literal["operation-ended"] = "operation-ended"
    op: str
    outcome: Ending
    run: int | None = None
    url: str = ""
    seconds: int = 0


class HotfixAsked(Frozen):
    """A branch and a pull request for a fix are wanted (000-15, 003-13).

    ``commit``: where the branch starts; empty: at the head of the default branch.
    """

    t: Literal["hotfix-asked"] = "hotfix-asked"
    text: str
    service: str = ""
    commit: str = ""


class HotfixOpened(Frozen):
    """They are there. ``pull`` None: the token may not open one; ``url`` then is a compare link."""

    t: Literal["hotfix-opened"] = "hotfix-opened"
    branch: str
    base: str
    url: str
    pull: int | None = None


class HotfixMerged(Frozen):
    """The hotfix's pull request was merged: the incident is fixed forward."""

    t: Literal["hotfix-merged"] = "hotfix-merged"
    at: datetime


OperationFact = OperationAsked | OperationApproved | OperationStarted | OperationEnded
HotfixFact = HotfixAsked | HotfixOpened | HotfixMerged
