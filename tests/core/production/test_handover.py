"""What steps hand to each other: what was decided, to the word, and results, which are bounded text."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from allclear.adapters.files.settings import read_provider
from allclear.core.model.authored import read_authored
from allclear.core.model.execution import LONGEST
from allclear.core.model.operation import Order, Smoke, SmokeLine
from allclear.core.model.release import Release
from allclear.core.model.structs import replace
from allclear.core.policy.provider import Provider
from allclear.core.policy.service import Action, Service
from allclear.core.policy.settings import Settings
from allclear.core.production.handover import (
    Decision,
    Result,
    read_result,
    smoke_follows,
    smoke_more,
    write_result,
)

OP = "rollback-7f3a2c1d"
ROOT = Path(__file__).resolve().parents[3]
ORDER = Order(kind="rollback", service="web", target="v41")
AT = datetime(2025, 10, 19, 14, tzinfo=UTC)


def service(**more: Any) -> Service:
    return read_authored(Service, {"provider": "fly", "values": {"app": "shop"}} | more)


@pytest.mark.parametrize("name", ["fly", "heroku", "kubernetes", "script", "vercel"])
def test_a_decision_is_read_as_it_was_written(name: str) -> None:
    decision = Decision(
        operation=OP,
        run=7,
        environment="production",
        smoke=True,
        order=ORDER,
        service=service(rollback={"timeout": "7m"}),
        provider=read_provider(ROOT, name),
        chosen=Release("v41", "v41", at=AT),
        before="v42",
        avoid=("v42",),
    )
    assert Decision.model_validate_json(decision.model_dump_json(exclude_defaults=True)) == decision


def test_a_decision_is_about_an_action_or_about_a_rollback() -> None:
    action = Action(title="Restart", run=("restart",))
    known: dict[str, Any] = {"operation": OP, "run": 7, "order": ORDER}
    fly = read_provider(ROOT, "fly")
    assert Decision(**known, action=action).action == action
    both: dict[str, Any] = {"action": action, "service": service(), "provider": fly}
    for wrong in ({}, {"service": service()}, both):
        with pytest.raises(ValidationError, match="about an action, or about a service"):
            Decision.model_validate(known | wrong)


def test_a_result_belongs_to_its_operation_and_nothing_else_is_one() -> None:
    result = Result(operation=OP, outcome="done", text="```\n::set-output name=go::true")
    text = write_result(result)
    assert read_result(text, OP) == result
    assert read_result(text, "rollback-00000001") is None
    for wrong in ("", "{", "[]", '{"operation": "x", "more": 1}', "x" * (2 * LONGEST + 1)):
        assert read_result(wrong, OP) is None


def test_a_result_that_is_too_long_loses_the_details_of_its_checks_first() -> None:
    lines = tuple(SmokeLine(name=f"c{n}", outcome="fail", detail="\u00e9" * 150) for n in range(400))
    read = read_result(write_result(Result(operation=OP, outcome="done", smoke=Smoke(lines=lines))), OP)
    assert read is not None
    assert read.smoke is not None
    assert [line.outcome for line in read.smoke.lines] == ["fail"] * 400
    assert {line.detail for line in read.smoke.lines} == {""}
    # A text alone is cut where it is made.
    assert "x" * LONGEST in write_result(Result(operation=OP, text="x" * LONGEST))


def provider(**more: Any) -> Provider:
    return read_authored(Provider, {"title": "Ours", "pattern": "v[0-9]+"} | more)


COMMANDS = provider(rollback=("back", "{target}"), verify=({"name": "v", "run": ["v"], "env": ["V"]},))
BY_API = provider(
    rerun={"workflow": "deploy.yml"}, env=("P",), verify=({"name": "v", "run": ["v"], "env": ["V"]},)
)


def test_what_has_to_pass_after_a_rollback_by_githubs_api_is_part_of_the_smoke_run() -> None:
    """Its job holds a token, and runs no command."""
    those = service(rollback={"after": [{"name": "warm", "run": ["warm"], "env": ["W"]}]})
    assert smoke_more(those, COMMANDS) == ()
    assert smoke_more(those, None) == ()
    assert [(one.name, one.env) for one in smoke_more(those, BY_API)] == [("v", ("P", "V")), ("warm", ("W",))]


@pytest.mark.parametrize(
    ("order", "known", "follows"),
    [
        (ORDER, {"health": ["https://a.example/h"]}, True),
        (ORDER, {}, False),
        (ORDER, {"provider": "api"}, True),
        (replace(ORDER, kind="action"), {"provider": "api"}, False),
        (replace(ORDER, dry_run=True), {"health": ["https://a.example/h"]}, False),
        (replace(ORDER, service="gone"), {"health": ["https://a.example/h"]}, False),
    ],
)
def test_a_service_that_has_checks_is_looked_at_afterwards(
    order: Order, known: dict[str, Any], follows: bool
) -> None:
    settings = read_authored(Settings, {"services": {"web": {"provider": "ours"} | known}})
    assert smoke_follows(order, settings, {"ours": COMMANDS, "api": BY_API}) is follows
