"""The incidents that the inputs are typed on."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from allclear.core.model.authored import read_authored
from allclear.core.model.people import Access, Rights
from allclear.core.model.release import Change, Comparison, Release, Releases
from allclear.core.policy.settings import Settings
from commands.production import DEPLOY_RUNS, GUARDED, PROVIDERS, RUN_OF, A, B, C
from core.issue_desk import IssueDesk, declared
from stories import BOB, NOON
from written import runbook

OPEN = "Checkout is down"
SAID = datetime(2025, 10, 19, 15, 5, tzinfo=UTC)
"""When people type: a Sunday, an hour after the declaration."""

SERVICES: Mapping[str, Any] = {
    "web": {
        "provider": "deploy-workflow",
        "values": {"workflow": "deploy.yml"},
        "rollback": {"approval": "none"},
        "health": ["https://app.example.com/health"],
    },
    "api-gateway": {"health": ["https://app.example.com/api/health"]},
}
ACTIONS: Mapping[str, Any] = {
    "restart": {"title": "Restart", "run": ["fly", "apps", "restart"], "least": "write", "approval": "none"},
    "scale": {
        "title": "Scale",
        "run": ["fly", "scale", "count", "{count}"],
        "parameters": {"count": {"pattern": "[0-9]{1,2}"}},
        "least": "write",
        "approval": "none",
    },
}


def _release(sha: str, hours: float) -> Release:
    url = f"https://github.com/acme/shop/commit/{sha}"
    return Release(sha, sha[:7], sha, at=NOON - timedelta(hours=hours), url=url, run=RUN_OF[sha])


def _usual(**more: Any) -> IssueDesk:
    """A P2 of HotDash, declared an hour ago; nobody has said anything."""
    settings: dict[str, Any] = {"people": {"DevOps": ["dave"], "Manager": ["ada"], "CEO": ["mona"]}}
    settings |= more.pop("settings", {})
    desk = declared(
        **{
            "title": OPEN,
            "labels": frozenset({"incident", "P2"}),
            "known_labels": frozenset({"incident", "P0", "P1", "P2", "P3"}),
            "settings": read_authored(Settings, settings),
            "runbook": runbook("hotdash"),
            **more,
        }
    )
    desk.now = SAID
    desk.run()
    return desk


def _production() -> IssueDesk:
    """The same, of a repository with the services `web` and `api-gateway` and the actions
    `restart` and `scale`, which bob maintains.
    """
    desk = _usual(
        settings={"services": SERVICES, "actions": ACTIONS, "hosts": ["app.example.com"]},
        releases={"web": Releases(current=_release(C, 0.5), earlier=(_release(B, 20), _release(A, 40)))},
        comparisons={
            (one, C): Comparison(commits=(Change(C, "bob", "Sell more"),), paths=("app/sell.py",), total=1)
            for one in (A, B)
        },
        environments={"production": GUARDED},
        deploy_runs=DEPLOY_RUNS,
        providers=PROVIDERS,
    )
    desk.access = desk.access | {"bob": Access(Rights.MAINTAIN, BOB)}
    return desk


def _berlin() -> IssueDesk:
    """The same, of a team whose settings say `zone: Europe/Berlin`."""
    return _usual(settings={"zone": "Europe/Berlin"})


def _clocks_back() -> IssueDesk:
    """A team in Berlin, on the day after its clocks went back: between 2 and 3 an hour was there twice."""
    desk = _berlin()
    desk.now = datetime(2025, 10, 27, 9, 0, tzinfo=UTC)
    desk.run()
    return desk


def _clocks_forward() -> IssueDesk:
    """A team in Berlin, on the day that its clocks went forward: there was no time between 2 and 3."""
    desk = _berlin()
    desk.now = datetime(2026, 3, 29, 9, 0, tzinfo=UTC)
    desk.run()
    return desk


def _acknowledged() -> IssueDesk:
    """The same, acknowledged by bob."""
    desk = _usual()
    desk.says(BOB, "/ack")
    desk.run()
    desk.now = SAID + timedelta(minutes=5)
    return desk


def _of(name: str, severity: str, others: frozenset[str]) -> IssueDesk:
    """The same, under another runbook."""
    known = frozenset({"incident"}) | others
    return _usual(runbook=runbook(name), labels=frozenset({"incident", severity}), known_labels=known)


def _sev() -> IssueDesk:
    """An incident of the generic runbook with four levels."""
    return _of("sev", "SEV2", frozenset({"SEV1", "SEV2", "SEV3", "SEV4"}))


def _habit() -> IssueDesk:
    """An incident of the Habit Tracker, of a level with updates."""
    return _of("habit-tracker", "P1", frozenset({"P0", "P1", "P2", "P3"}))


def _crm() -> IssueDesk:
    """An incident of Dirt Free CRM."""
    return _of("dirt-free-crm", "severity:2", frozenset(f"severity:{level}" for level in (1, 2, 3, 4)))


def _fixed() -> IssueDesk:
    """A P3 of HotDash that is fixed: only that it is resolved has nobody said yet."""
    desk = _usual(labels=frozenset({"incident", "P3"}))
    desk.says(BOB, "/ack\n/finding a typo\n/status monitoring")
    desk.run()
    desk.now = SAID
    return desk


def _watched() -> IssueDesk:
    """A P2 of HotDash that was fixed and checked a minute ago, and is watched for half an hour."""
    desk = _usual()
    desk.now = SAID - timedelta(minutes=1)
    desk.says(BOB, "/ack\n/finding pool exhausted\n/status monitoring\n/check verification")
    desk.run()
    desk.now = SAID
    return desk


DESKS: Mapping[str, Callable[[], IssueDesk]] = {
    "usual": _usual,
    "production": _production,
    "berlin": _berlin,
    "clocks back": _clocks_back,
    "clocks forward": _clocks_forward,
    "acknowledged": _acknowledged,
    "sev": _sev,
    "habit": _habit,
    "crm": _crm,
    "fixed": _fixed,
    "watched": _watched,
}


@cache
def _made(name: str) -> IssueDesk:
    return DESKS[name]()


def desk(name: str) -> IssueDesk:
    """A fresh incident of that name. Whatever happens to it, the next is as it was."""
    made = _made(name)
    return replace(
        made,
        **{
            field: copy.copy(getattr(made, field))
            for field in ("comments", "events", "refused", "asked", "access", "operations")
        },
    )


def undeclared(title: str, body: str, labels: frozenset[str], settings: Settings) -> IssueDesk:
    """An issue that the next pass declares."""
    known = frozenset({"incident", "P0", "P1", "P2", "P3"}) | labels
    return IssueDesk(
        title=title,
        body=body,
        labels=labels,
        known_labels=known,
        settings=settings,
        runbook=runbook("hotdash"),
    )
