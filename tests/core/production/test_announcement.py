"""What GitHub is told of a rollback of ours."""

from __future__ import annotations

from typing import Any

import pytest

from allclear.core.model.authored import read_authored
from allclear.core.model.release import Release
from allclear.core.policy.provider import Provider
from allclear.core.policy.service import Service
from allclear.core.production.announcement import (
    Announcement,
    announcement,
    changed_production,
    rolled_back,
    tells_github,
)
from core.production_desk import minute, record

SHA = "a" * 40
RUN = "https://github.com/acme/shop/actions/runs/7"


def told(release: Release, *, well: bool = True, target_from: str = "sha") -> Announcement | None:
    provider = read_authored(
        Provider, {"title": "A", "pattern": ".*", "rollback": ["go", "{target}"], "target_from": target_from}
    )
    service = Service(environment="eu production")
    return announcement("rollback-1a2b3c4d", "web", service, provider, release, url=RUN, well=well)


def test_a_rollback_is_told_with_its_service_so_that_no_other_takes_it_for_its_own() -> None:
    said = told(Release(SHA, "aaaaaaa"))
    assert said is not None
    assert said.deployment == {
        "ref": SHA,
        "task": "deploy:rollback",
        "auto_merge": False,
        "required_contexts": [],
        "environment": "eu production",
        "description": "rollback-1a2b3c4d: rollback to aaaaaaa",
        "payload": {"operation": "rollback-1a2b3c4d", "service": "web"},
    }
    assert said.statuses == ({"state": "success", "log_url": RUN},)


def test_one_that_did_not_go_well_is_told_as_one_that_began() -> None:
    said = told(Release(SHA, "aaaaaaa"), well=False)
    assert said is not None
    assert [status["state"] for status in said.statuses] == ["in_progress", "failure"]


@pytest.mark.parametrize(
    ("target_from", "payload", "address"),
    [("payload.version", {"version": "v41"}, None), ("environment_url", {}, "v41")],
)
def test_the_target_stands_where_the_services_deployments_have_it(
    target_from: str, payload: dict[str, Any], address: str | None
) -> None:
    said = told(Release("v41", "v41", sha=SHA), target_from=target_from)
    assert said is not None
    assert said.deployment["payload"].items() >= payload.items()
    assert said.statuses[0].get("environment_url") == address


def test_a_release_without_a_commit_cannot_be_told() -> None:
    assert told(Release("v41", "v41")) is None


AGAIN = read_authored(Provider, {"title": "A", "pattern": ".*", "rerun": {"workflow": "deploy.yml"}})
ANEW = read_authored(Provider, {"title": "A", "pattern": ".*", "start": {"workflow": "deploy.yml"}})
COMMAND = read_authored(Provider, {"title": "A", "pattern": ".*", "rollback": ["go", "{target}"]})
WELL = {"executed": True, "outcome": "done", "started": minute(17)}
BADLY = {"executed": False, "outcome": "failed", "started": minute(17)}
TOLD: dict[str, tuple[dict[str, Any], tuple[bool, bool, bool], bool]] = {
    # What the record says; whether it is told of a command, a new run, one run again; and its effect.
    "it went through": (WELL, (True, True, False), True),
    "a check failed afterwards": (WELL | {"outcome": "failed"}, (True, True, False), True),
    "it failed": (BADLY, (True, False, False), True),
    "nobody knows": (BADLY | {"outcome": "unknown"}, (True, False, False), True),
    "it did not begin": (BADLY | {"started": None}, (False, False, False), False),
    "it was refused": (BADLY | {"outcome": "refused"}, (False, False, False), False),
    "a dry run": (WELL | {"dry_run": True}, (False, False, False), False),
    "an action": (WELL | {"kind": "action"}, (False, False, False), True),
    "an action that failed": (BADLY | {"kind": "action"}, (False, False, False), True),
    "an action that did not begin": (
        BADLY | {"kind": "action", "started": None},
        (False, False, False),
        False,
    ),
    "a smoke run": (WELL | {"kind": "smoke"}, (False, False, False), False),
}


@pytest.mark.parametrize(("more", "tells", "changed"), TOLD.values(), ids=TOLD)
def test_github_is_told_what_nobody_else_tells_it(
    more: dict[str, Any], tells: tuple[bool, bool, bool], changed: bool
) -> None:
    """A run that is run again records its own deployment; of a command nobody else tells."""
    said = record("ended", **more)
    assert tuple(tells_github(said, provider) for provider in (COMMAND, ANEW, AGAIN)) == tells
    assert (rolled_back(said), changed_production(said)) == (changed and said.kind == "rollback", changed)
