"""The execution record: what the executor did, kept in git where creating a ref and moving it forward are
the only writes of GitHub that two runs cannot both win.

``refs/allclear/<issue>/<operation>`` points to a commit whose message is the record as JSON. The claim
creates the ref; every later step is a commit on top of the last, and the ref moves forward only. Who comes
second is told so. https://docs.github.com/en/rest/git/refs
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta

from allclear.core.model.operation import DANGEROUS, Artifact, Ending, Order, Smoke, is_operation_id
from allclear.core.model.stored import json_text, read_json

SUBJECT = "allclear operation record\n\n"
LONGEST = 60_000
"""Characters of a record. What a command printed is cut before."""

ExecutionStep = Literal["claimed", "started", "executed", "ended"]
"""``started`` and ``executed`` were written by executors whose step that acts held a token; it has none now,
and the jobs of its run tell how far it came.
"""


class Execution(Order, frozen=True, kw_only=True):
    """One operation as its executor left it. ``step`` is how far it came.

    ``run`` and ``attempt`` name the workflow run; ``actor`` who started it (a login, raw). ``by_hand``: it
    was started without being asked for in an incident, and ``why`` is the reason given then. ``executed``:
    the command of the deploy system was begun and said that it went well. ``deploy_workflow``: the file of
    the deploy workflow that is run again or started; ``deploy_run`` the run, where it is one that is run
    again.
    """

    v: Literal[1] = 1
    operation: str
    issue: Annotated[int, Meta(ge=0)]
    by_hand: bool = False
    why: str = ""
    run: int
    attempt: int = 1
    actor: str = ""
    actor_id: int = 0
    step: ExecutionStep = "claimed"
    claimed: datetime
    started: datetime | None = None
    ended: datetime | None = None
    executed: bool = False
    deploy_workflow: str = ""
    deploy_run: int = 0
    outcome: Ending | None = None
    after: str = ""
    approver: str = ""
    text: str = ""
    unverified: str = ""
    smoke: Smoke | None = None
    artifact: Artifact | None = None

    @property
    def unsettled(self) -> bool:
        """Whether its run's jobs have to tell how far it came: the record says only that it was claimed."""
        return self.step == "claimed" and self.kind in DANGEROUS

    @property
    def seconds(self) -> int:
        """From the start of the execution to its end; 0 when it did not get so far."""
        return int((self.ended - self.started).total_seconds()) if self.started and self.ended else 0


def ref_of(issue: int, operation: str) -> str:
    """The ref that holds the claim. Raises ValueError for an id that is none: nothing hostile names a ref."""
    if not is_operation_id(operation) or issue < 0:
        msg = f"not an operation: {operation!r}"
        raise ValueError(msg)
    return f"refs/allclear/{issue}/{operation}"


def write_record(execution: Execution) -> str:
    """The commit message that holds the record."""
    return SUBJECT + json_text(execution)


def read_record(message: str) -> Execution | None:
    """The record in a commit message; None when it is none of ours."""
    if not message.startswith(SUBJECT) or len(message) > 2 * LONGEST:
        return None
    try:
        return read_json(Execution, message[len(SUBJECT) :])
    except ValueError:
        return None
