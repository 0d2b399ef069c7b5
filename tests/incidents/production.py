"""Production in an incident that is played: operations end well, and sick releases fail their checks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from allclear.core.model.execution import Execution
from allclear.core.model.operation import Artifact, Operation, Order, Smoke, SmokeLine
from allclear.core.model.release import Comparison, Release, Releases
from allclear.core.model.snapshot import RunSeen, Sighting
from allclear.core.model.stored import fields_of, read_values
from allclear.core.model.structs import replace
from allclear.core.model.times import utc
from allclear_lab.drill.script import Script
from stories import ISSUE_URL, REPOSITORY

RUN = timedelta(minutes=3)
"""How long an operation takes."""

RUN_ID = 77
RUN_URL = f"{REPOSITORY.url}/actions/runs/{RUN_ID}"
KEPT = Artifact(
    url=f"{ISSUE_URL}/evidence", sha256="0" * 64, files=4, kinds=("record", "logs", "metrics", "database")
)
UNDER_WAY = Sighting(run=RunSeen(RUN_ID, RUN_URL, "in_progress", None))


@dataclass
class Production:
    """The releases of each service, which of them are healthy, and what is under way and when it ends."""

    releases: dict[str, Releases] = field(default_factory=dict)
    healthy: Mapping[str, bool] = field(default_factory=dict)
    ending: dict[str, datetime] = field(default_factory=dict)

    @classmethod
    def of(cls, script: Script) -> Production:
        """What the script says; the last of its releases runs everywhere."""
        if script.production is None:
            return cls()
        *earlier, current = (
            Release(
                one.name,
                one.name,
                str(number) * 40,
                at=utc(one.at),
                url=f"{REPOSITORY.url}/releases/{one.name}",
            )
            for number, one in enumerate(script.production.releases, start=1)
        )
        found = Releases(current=current, earlier=tuple(reversed(earlier)))
        healthy = {one.name: one.healthy for one in script.production.releases}
        return cls(dict.fromkeys(script.settings.get("services", {}), found), healthy)

    @property
    def comparisons(self) -> dict[tuple[str, str], Comparison]:
        """Any two releases differ in one file."""
        known = [
            one.sha for found in self.releases.values() for one in (found.current, *found.earlier) if one
        ]
        differs = Comparison(commits=(), paths=("app.txt",), total=1)
        return {(base, head): differs for base in known for head in known}

    def over(self, now: datetime) -> list[str]:
        """The operations that have ended by now."""
        return [name for name, at in self.ending.items() if at <= now]

    def end(self, order: Operation, now: datetime) -> Sighting:
        """How an operation ended, as its executor writes it down."""
        begun = self.ending.pop(order.id) - RUN
        told: dict[str, Any] = {"outcome": "done", "started": begun, "ended": now}
        if order.kind == "rollback":
            told |= {"before": order.before, "after": order.release}
            self._put_back(order)
        if order.kind in ("rollback", "smoke"):
            told["smoke"] = smoke = self._looked_at(order.service)
            told["outcome"] = "done" if smoke.passed or order.kind == "rollback" else "failed"
        if order.kind == "evidence":
            told["artifact"] = KEPT
        claim = {"operation": order.id, "issue": 42, "run": RUN_ID, "step": "ended", "claimed": begun}
        record = read_values(Execution, fields_of(Order, order) | claim | told)
        return Sighting(record, RunSeen(RUN_ID, RUN_URL, "completed", "success"))

    def _put_back(self, order: Operation) -> None:
        found = self.releases[order.service]
        now = next(one for one in found.earlier if one.target == order.target)
        earlier = tuple(one for one in found.earlier if one != now)
        self.releases[order.service] = replace(found, current=now, earlier=earlier)

    def _looked_at(self, service: str) -> Smoke:
        found = self.releases.get(service)
        good = found is None or found.current is None or self.healthy.get(found.current.target, True)
        said = "200" if good else "500, wanted 200"
        line = SmokeLine(name="health", outcome="pass" if good else "fail", detail=said, seconds=0.2)
        return Smoke(lines=(line,))
