"""What is written down for the user: requests that were answered, and events GitHub would have delivered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Delivery:
    """An event that starts workflows: its name, its action (None where it has none), the full payload.

    `run_id`: the run that it started, where GitHub itself began one (dispatches, crons, runs started again).
    """

    id: int
    event: str
    action: str | None
    payload: Mapping[str, Any]
    actor_login: str
    at: datetime
    run_id: int | None = None


@dataclass(frozen=True, slots=True)
class RequestRecord:
    """One request and its answer.

    `status` is 0 when the connection was dropped; `applied` says whether it took effect all the same.
    `route` is the template in GitHub's words, without the method ("" when no route matched).
    """

    method: str
    path: str
    query: Mapping[str, str]
    body: Any
    token_kind: str
    status: int
    response: Any
    headers: Mapping[str, str]
    mutating: bool
    route: str
    applied: bool
    fault: str = ""
