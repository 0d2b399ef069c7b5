"""What a workflow that was started by hand is about, and how its operation is called."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from allclear.core.conversation.command import Policy
from allclear.core.model.authored import read_authored
from allclear.core.model.errors import UserError
from allclear.core.model.operation import is_operation_id
from allclear.core.model.release import Release, Releases
from allclear.core.policy.provider import Provider
from allclear.core.policy.settings import Settings
from allclear.core.production.clearance import Refusal
from allclear.core.production.order import (
    hand_id,
    incident_meant,
    request_by_hand,
    service_meant,
    with_deploy_run,
)
from allclear.core.production.own_run import Inputs
from allclear.core.production.request import Request
from allclear.core.record.incident import ImpactAssessment, Incident, Stage
from core.production_desk import record
from stories import HOTDASH, RENDERER


@pytest.mark.parametrize(("run", "name"), [(0, "hand-000000"), (35, "hand-00000z"), (36**6, "hand-1000000")])
def test_the_id_is_the_runs_own(run: int, name: str) -> None:
    assert hand_id(run) == name
    assert is_operation_id(name)


def test_no_two_runs_share_an_id() -> None:
    assert len({hand_id(run) for run in range(50_000)}) == 50_000


@pytest.mark.parametrize(
    ("names", "word", "found"),
    [
        (["web"], "", "web"),
        (["web", "api"], "API", "api"),
        (["web", "api"], "`Web`", "web"),
        (["web", "api"], "@api", "api"),
        (["web", "api"], "", None),
        (["web"], "billing", None),
        ([], "", None),
        ([], "web", None),
    ],
)
def test_the_service_is_the_named_one_else_the_only_one(
    names: list[str], word: str, found: str | None
) -> None:
    settings = read_authored(Settings, {"services": names})
    meant = service_meant(Inputs(service=word), settings)
    assert (None if isinstance(meant, Refusal) else meant) == found


def incident(number: int, severity: str = "P0", *services: str) -> Incident:
    return Incident(number, stage=Stage.OPEN, severity=severity, impact=ImpactAssessment(services=services))


CASES: dict[str, tuple[str, list[Incident], Any]] = {
    "none is open": ("", [], None),
    "the only one": ("", [incident(1)], 1),
    "the named one": ("#1", [incident(1), incident(2)], 1),
    "one that is not open": ("3", [incident(1)], Refusal),
    "the one that hit the service": ("", [incident(1, "P0", "api"), incident(2, "P3", "Web")], 2),
    "the worst": ("", [incident(1, "P2"), incident(2, "P1"), incident(3, "P3")], 2),
    "the newest of two": ("", [incident(1), incident(2)], 2),
    "one without a severity comes last": ("", [incident(1), incident(2, "")], 1),
}


@pytest.mark.parametrize("case", CASES)
def test_the_incident_is_the_one_people_would_mean(case: str) -> None:
    word, there, found = CASES[case]
    meant = incident_meant(Inputs(incident=word), "web", there, HOTDASH)
    if found is Refusal:
        assert isinstance(meant, Refusal)
    else:
        assert not isinstance(meant, Refusal)
        assert (meant.number if meant else None) == found


@pytest.mark.parametrize(
    ("inputs", "request_"),
    [
        (Inputs(), Request("web")),
        (Inputs(target="`v41`"), Request("web", "v41")),
        (Inputs(dry_run="false", migrations="false"), Request("web")),
        (Inputs(dry_run="true"), Request("web", dry_run=True)),
        (Inputs(migrations="TRUE"), Request("web", with_migrations=True)),
        (Inputs(while_deploying="true"), Request("web", while_deploying=True)),
        (Inputs(reason="checkout is down"), Request("web", why="checkout is down")),
        (Inputs(reason="api is down"), Request("web", why="api is down")),
        (Inputs(reason="a dry run please"), Request("web", dry_run=True, why="a dry run please")),
    ],
)
def test_the_form_asks_for_what_its_words_ask_for_in_a_comment(inputs: Inputs, request_: Request) -> None:
    assert request_by_hand(inputs, "web") == request_


@pytest.mark.parametrize(
    ("inputs", "said"),
    [
        (Inputs(target="dry-run"), "is no release"),
        (Inputs(dry_run="perhaps"), "`perhaps` is neither true nor false, and `dry_run` takes one of them."),
        (Inputs(migrations="yes"), "`migrations` takes one of them"),
        (Inputs(while_deploying="1"), "`while_deploying` takes one of them"),
        (Inputs(reason="should we?"), "is a question"),
        (Inputs(reason="--force"), "is not an option"),
    ],
)
def test_what_the_form_cannot_mean_is_asked_about(inputs: Inputs, said: str) -> None:
    with pytest.raises(UserError, match=said):
        request_by_hand(inputs, "web")


SHA = "a" * 40
RAN = Releases(
    current=Release("c" * 40, "ccccccc", run=103),
    earlier=(
        Release("b" * 40, "bbbbbbb", run=102),
        Release(SHA, "aaaaaaa"),
        Release(SHA, "aaaaaaa", run=101),
    ),
)


def known(way: dict[str, Any], releases: Releases | None = RAN, **more: Any) -> tuple[str, int]:
    """What the record says of the deploy workflow of a rollback to `aaaaaaa`."""
    ours = read_authored(Provider, {"title": "Ours", "pattern": "[0-9a-f]{40}"} | way)
    web = {"provider": "ours", "values": {"workflow": "deploy.yml"}}
    policy = Policy(
        read_authored(Settings, {"services": {"web": web, "bare": {"provider": "ours"}, "none": {}}}),
        HOTDASH,
        {},
        RENDERER,
        providers={"ours": ours},
    )
    found = with_deploy_run(record("claimed", target=SHA, **more), policy, releases)
    return found.deploy_workflow, found.deploy_run


AGAIN = {"rerun": {"workflow": "{workflow}"}}


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (lambda: known(AGAIN), ("deploy.yml", 101)),
        (lambda: known({"start": {"workflow": "ship.yml"}}), ("ship.yml", 0)),
        (lambda: known(AGAIN, None), ("deploy.yml", 0)),
        (lambda: known(AGAIN, Releases(None, ())), ("deploy.yml", 0)),
        (lambda: known({"rollback": ["go", "{target}"]}), ("", 0)),
        (lambda: known(AGAIN, service="bare"), ("", 0)),
        (lambda: known(AGAIN, service="none"), ("", 0)),
        (lambda: known(AGAIN, service="gone"), ("", 0)),
        (lambda: known(AGAIN, kind="smoke"), ("", 0)),
    ],
)
def test_the_record_names_the_deploy_run_so_that_everybody_finds_it(
    found: Callable[[], tuple[str, int]], expected: tuple[str, int]
) -> None:
    assert found() == expected
