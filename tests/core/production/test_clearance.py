"""Whether an operation may go on: every reason against it, alone."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from allclear.commands import COMMANDS
from allclear.core.conversation.command import Policy
from allclear.core.model.authored import read_authored
from allclear.core.model.errors import UserError
from allclear.core.model.operation import Operation, OperationKind
from allclear.core.model.people import Access, Person, Rights
from allclear.core.model.release import EnvironmentSeen, Release, Releases
from allclear.core.model.snapshot import Visibility
from allclear.core.model.structs import replace
from allclear.core.policy.settings import Settings
from allclear.core.production.binding import Bound
from allclear.core.production.clearance import Refusal, Situation, least, refusal, refusal_of
from allclear.core.production.own_run import Inputs, OwnRun, meant, misstarted
from allclear.core.record.incident import Incident, ProductionState, Stage
from stories import ADA, BOB, HOTDASH, RENDERER

NOW = datetime(2025, 10, 19, 15, 0, tzinfo=UTC)
SETTINGS: dict[str, Any] = {
    "services": {
        "web": {"provider": "ours", "rollback": {"approval": "environment"}},
        "api": {"provider": "listed", "rollback": {"approval": "none"}},
        "bare": {},
    },
    "providers": {
        "ours": {"title": "Ours", "pattern": "v[0-9]+", "rollback": ["put", "{target}"]},
        "listed": {
            "title": "Listed",
            "pattern": "v[0-9]+",
            "targets": "provider",
            "list": {"run": ["list"]},
            "rollback": ["put", "{target}"],
        },
    },
    "actions": {
        "scale": {
            "title": "More",
            "service": "web",
            "run": ["scale", "{count}"],
            "parameters": {"count": {"pattern": "[1-9]"}},
            "approval": "second-person",
            "least": "admin",
        }
    },
}
GUARDED = EnvironmentSeen(exists=True, reviewers=True, self_review=False, branches=True)
V41 = Release(target="v41", name="v41")
RAN = Releases(current=Release(target="v42", name="v42"), earlier=(V41,))
BOUND = Bound(
    "rollback", "web", "", dry_run=False, runs="v42", before="v42", target="v41", migrations=("db/1.sql",)
)
SCALED = Bound("action", "web", "", dry_run=False, name="scale", arguments=(("count", "3"),))
OP, OTHER = "rollback-7f3a2c1d", "rollback-00000001"


def policy(**more: Any) -> Policy:
    settings = read_authored(Settings, SETTINGS | more)
    return Policy(settings, HOTDASH, COMMANDS, RENDERER, providers=settings.providers)


def operation(**more: Any) -> Operation:
    said: dict[str, Any] = {
        "id": OP,
        "kind": "rollback",
        "service": "web",
        "asked": NOW - timedelta(minutes=5),
        "by": ADA,
        "target": "v41",
        "before": "v42",
        "digest": BOUND.digest,
        "approval": "environment",
        "environment": "production",
        "expires": NOW + timedelta(minutes=25),
    }
    return Operation(**said | more)


def action(**more: Any) -> Operation:
    said: dict[str, Any] = {
        "kind": "action",
        "name": "scale",
        "target": "",
        "arguments": {"count": "3"},
        "approval": "second-person",
        "environment": "production",
        "approved_by": BOB,
        "before": "",
        "digest": SCALED.digest,
        "approved_digest": SCALED.digest,
    }
    return operation(**said | more)


def roles(ada: Rights | None = Rights.MAINTAIN, bob: Rights | None = Rights.MAINTAIN) -> dict[str, Access]:
    return {"ada": Access(ada, ADA), "bob": Access(bob, BOB)}


def scene(*others: Operation, incident: Incident | None = None, **more: Any) -> Situation:
    here = incident or Incident(
        42, stage=Stage.OPEN, production=ProductionState({one.id: one for one in others})
    )
    said: dict[str, Any] = {"policy": policy(), "now": NOW, "incident": here}
    said |= {"access": roles(), "environment": GUARDED, "releases": RAN, "visibility": "private"}
    said |= {"bound": BOUND}
    return Situation(**said | more)


def scaling(**more: Any) -> Situation:
    """The scene of the action, which an admin asked for."""
    said: dict[str, Any] = {"access": roles(ada=Rights.ADMIN), "bound": SCALED}
    return scene(**said | more)


def code(found: Refusal | None) -> str:
    return found.code if found else ""


def test_nothing_stands_against_a_rollback_that_is_as_it_was_asked_for() -> None:
    assert refusal(operation(), scene()) is None
    assert refusal(operation(), scene(approvers=(ADA, BOB))) is None
    assert refusal(operation(), replace(scene(), incident=None)) is None
    assert refusal(action(), scaling()) is None


AGAINST: dict[str, tuple[Operation, Situation]] = {
    "closed": (operation(), scene(incident=Incident(42, stage=Stage.CLOSED))),
    "reopened": (operation(), scene(incident=Incident(42, stage=Stage.OPEN, interval=1))),
    "ended": (operation(state="ended", outcome="cancelled"), scene()),
    "expired": (operation(expires=NOW), scene()),
    "nobody": (operation(by=None), scene()),
    "unknown-rights": (operation(), scene(access={})),
    "not-allowed": (operation(), scene(access=roles(ada=Rights.WRITE))),
    "unapproved": (operation(), scene(approvers=())),
    "self-approved": (operation(), scene(approvers=(ADA,))),
    "settings": (operation(service="gone"), scene()),
    "arguments": (action(arguments={"count": "30"}), scene(access=roles(ada=Rights.ADMIN))),
    "missing": (operation(), scene(environment=None)),
    "target": (operation(target="--all"), scene()),
    "unknown-releases": (operation(), scene(releases=None)),
    "current": (operation(target="v42"), scene()),
    "unbound": (operation(), scene(bound=None)),
    "changed": (operation(digest="0" * 12), scene()),
    "source": (operation(), scene(bound=Refusal("source", "Its comment was edited."))),
    "busy": (operation(), scene(operation(id=OTHER, asked=NOW - timedelta(minutes=6)))),
}


@pytest.mark.parametrize("reason", AGAINST)
def test_each_reason_alone_is_enough(reason: str) -> None:
    asked, seen = AGAINST[reason]
    found = refusal(asked, seen)
    assert found is not None
    assert found.code == reason
    assert found.outcome == {"ended": "cancelled", "expired": "expired"}.get(reason, "refused")
    assert not found.line.endswith(".")


def test_what_cannot_be_asked_or_is_not_protected_is_no_ground_to_stand_on() -> None:
    silent = replace(GUARDED, known=False)
    assert code(refusal(operation(), scene(environment=silent))) == "missing"
    open_to_all = replace(GUARDED, reviewers=False)
    assert code(refusal(operation(), scene(environment=open_to_all))) == "settings"
    unknown = scene(releases=replace(RAN, known=False))
    assert code(refusal(operation(), unknown)) == "unknown-releases"


def test_a_service_that_the_settings_no_longer_have_is_not_even_looked_at() -> None:
    smoke = operation(kind="smoke", target="", approval="none", environment="")
    assert refusal(smoke, scene()) is None
    assert code(refusal(replace(smoke, service="gone"), scene())) == "settings"


@pytest.mark.parametrize(("other", "reason"), [("rollback-00000001", "busy"), ("rollback-zzzzzzzz", "")])
def test_of_two_rollbacks_of_one_second_one_goes_on(other: str, reason: str) -> None:
    seen = scene(operation(id=other))
    assert code(refusal(operation(), seen)) == reason


def test_a_login_that_somebody_else_has_by_now_may_nothing() -> None:
    stranger = Access(Rights.ADMIN, Person(id=99, login="ada"))
    assert code(refusal(operation(), scene(access=roles() | {"ada": stranger}))) == "not-allowed"


@pytest.mark.parametrize(
    ("second", "may", "reason"),
    [
        (None, Rights.ADMIN, "unapproved"),
        (ADA, Rights.ADMIN, "unapproved"),
        (BOB, Rights.WRITE, "not-allowed"),
        (BOB, None, "unknown-rights"),
    ],
)
def test_a_second_person_is_another_one_who_still_may(
    second: Person | None, may: Rights | None, reason: str
) -> None:
    seen = scene(access=roles(ada=Rights.ADMIN, bob=may))
    assert code(refusal(action(approved_by=second), seen)) == reason


@pytest.mark.parametrize("visibility", ["public", "unknown"])
def test_evidence_that_everybody_could_download_is_refused_unless_the_settings_want_it(
    visibility: Visibility,
) -> None:
    asked = operation(kind="evidence")
    found = refusal(asked, scene(visibility=visibility))
    assert found is not None
    assert found.code == "settings"
    assert "`" not in found.text
    wanted = policy()
    wanted = replace(wanted, settings=replace(wanted.settings, public_evidence=True))
    assert refusal(asked, scene(visibility=visibility, policy=wanted)) is None
    assert refusal(operation(kind="smoke"), scene(visibility=visibility)) is None


def test_smoke_and_evidence_need_nobodys_yes_and_evidence_no_open_incident() -> None:
    over = scene(
        incident=Incident(42, stage=Stage.CLOSED, interval=1), access={}, environment=None, releases=None
    )
    assert refusal(operation(kind="evidence", approval="none"), over) is None
    assert code(refusal(operation(kind="smoke", approval="none"), over)) == "closed"
    assert (
        refusal(
            operation(kind="smoke", approval="none"), replace(over, incident=Incident(42, stage=Stage.OPEN))
        )
        is None
    )


@pytest.mark.parametrize(
    "asked",
    [
        operation(service="bare"),
        operation(service=""),
        operation(approval="none", environment=""),
        operation(environment="staging"),
        action(name="gone"),
        action(service="api"),
        action(approval="none"),
    ],
)
def test_what_the_settings_say_otherwise_by_now_is_refused(asked: Operation) -> None:
    assert code(refusal(asked, scene(access=roles(ada=Rights.ADMIN)))) == "settings"


@pytest.mark.parametrize("given", [{}, {"count": "x"}, {"count": "3", "more": "1"}, {"count": "-"}])
def test_an_actions_arguments_are_the_ones_that_its_rules_accept(given: dict[str, str]) -> None:
    assert code(refusal(action(arguments=given), scene(access=roles(ada=Rights.ADMIN)))) == "arguments"


def test_a_dry_run_asks_nobody() -> None:
    seen = scene(operation(id=OTHER, asked=NOW - timedelta(minutes=6)), environment=None)
    assert refusal(operation(dry_run=True, approval="none", environment=""), seen) is None
    ask = replace(seen, access=roles(ada=Rights.ADMIN))
    assert refusal(action(dry_run=True, approval="none"), ask) is None


def test_where_the_deploy_system_has_the_list_the_target_is_looked_up_there_later() -> None:
    bound = Bound("rollback", "api", "", dry_run=False)
    asked = operation(
        service="api", target="", before="", digest=bound.digest, approval="none", environment=""
    )
    assert refusal(asked, scene(releases=None, environment=None, bound=bound)) is None
    assert code(refusal(replace(asked, target="v4;rm"), scene())) == "target"


@pytest.mark.parametrize(
    "releases",
    [
        Releases(current=None, earlier=()),
        Releases(None, (replace(V41, deployed=False),)),
        Releases(RAN.current, ()),
    ],
)
def test_a_target_that_never_ran_here_is_refused(releases: Releases) -> None:
    assert code(refusal(operation(), scene(releases=releases))) == "target"
    assert code(refusal(operation(target=""), scene(releases=RAN))) == "target"


def test_what_runs_now_is_no_target_and_one_that_failed_half_way_leaves_the_one_before_it_open() -> None:
    assert code(refusal(operation(target="v42"), scene(releases=RAN))) == "current"
    half = replace(RAN, current=Release("v42", "v42", deployed=False, state="failed"))
    assert refusal(operation(), scene(releases=half)) is None
    assert code(refusal(operation(target="v42"), scene(releases=half))) == "target"


def test_a_deployment_that_is_under_way_would_overwrite_it_unless_somebody_said_so() -> None:
    v43 = Release("v43", "v43", deployed=False, state="in progress", log="https://x.example/1")
    found = refusal(operation(), scene(releases=replace(RAN, deploying=(v43, v43))))
    assert found is not None
    assert found.code == "deploying"
    assert found.text.startswith("v43 and v43 are being deployed right now, and that would overwrite")
    anyway = replace(BOUND, while_deploying=True)
    busy = scene(releases=replace(RAN, deploying=(v43,)), bound=anyway)
    assert refusal(operation(while_deploying=True, digest=anyway.digest), busy) is None
    dry = operation(dry_run=True, approval="none", environment="")
    assert refusal(dry, busy) is None


def test_deployments_that_cannot_be_told_apart_are_no_ground_to_stand_on() -> None:
    found = refusal(operation(), scene(releases=replace(RAN, mixed="`web` shares. Do this.")))
    assert found is not None
    assert (found.code, found.text) == ("mixed", "web shares. Do this.")


@pytest.mark.parametrize(
    "other",
    [
        operation(id=OTHER, asked=NOW),
        operation(id=OTHER, asked=NOW - timedelta(hours=1), service="api"),
        operation(id=OTHER, asked=NOW - timedelta(hours=1), state="ended"),
        operation(id=OTHER, asked=NOW - timedelta(hours=1), dry_run=True),
        action(id="action-00000001", asked=NOW - timedelta(hours=1)),
    ],
)
def test_of_two_rollbacks_the_earlier_one_goes_first_and_nothing_else_is_in_the_way(other: Operation) -> None:
    assert refusal(operation(), scene(operation(), other)) is None


def test_nothing_is_done_that_is_not_what_was_shown_and_approved() -> None:
    """Between request and approval a fix with a data migration was deployed, and both were undone."""
    later = replace(BOUND, runs="v43", before="v43", migrations=("db/1.sql", "db/43.sql"))
    found = refusal(operation(), scene(bound=later))
    assert found is not None
    assert found.text == (
        "This has changed since it was asked for: what runs: v42 → v43. Look at it, and ask for it again."
    )
    assert code(refusal(operation(digest=""), scene())) == "unbound"
    assert code(refusal(action(approved_digest="0" * 12), scaling())) == "changed"
    assert code(refusal(action(approved_digest=""), scaling())) == "changed"


@pytest.mark.parametrize(
    "more",
    [
        {"before": "v40"},
        {"with_migrations": True},
        {"undoes": "x"},
        {"deployment": "1 success"},
        {"name": "x"},
    ],
    ids=min,
)
def test_an_entry_that_carries_the_digest_of_another_order_is_not_that_order(more: dict[str, Any]) -> None:
    assert code(refusal(operation(**more), scene())) == "changed"


def test_the_least_role_is_what_settings_and_action_say() -> None:
    assert least(operation(), policy()) is Rights.MAINTAIN
    assert least(operation(), policy(rights={"rollback": "write"})) is Rights.WRITE
    assert least(action(), policy()) is Rights.ADMIN
    assert least(action(name="gone"), policy()) is Rights.ADMIN
    lower = {"scale": SETTINGS["actions"]["scale"] | {"least": "write"}}
    assert least(action(), policy(actions=lower)) is Rights.WRITE
    assert least(action(), policy(actions=lower, rights={"run": "admin"})) is Rights.ADMIN


def given(**more: str) -> Inputs:
    return Inputs(**{"operation": OP, "service": "web", "target": "v41", "incident": "42"} | more)


MEANT: dict[str, tuple[Inputs, Operation, Collection[OperationKind], str]] = {
    "as asked": (given(), operation(), ["rollback"], ""),
    "no id": (given(operation="x"), operation(), ["rollback"], "unknown"),
    "another id": (given(operation=OTHER), operation(), ["rollback"], "unknown"),
    "another kind": (given(), operation(), ["smoke"], "unknown"),
    "another service": (given(service="api"), operation(), ["rollback"], "inputs"),
    "another target": (given(target="v40"), operation(), ["rollback"], "inputs"),
    "a smoke run has no target": (given(target="v40"), operation(kind="smoke", target=""), ["smoke"], ""),
    "not approved": (given(), operation(state="asked"), ["rollback"], "unapproved"),
}


@pytest.mark.parametrize("case", MEANT)
def test_inputs_only_name_what_the_record_says(case: str) -> None:
    inputs, there, kinds, reason = MEANT[case]
    found = meant(inputs, Incident(42, stage=Stage.OPEN, production=ProductionState({OP: there})), kinds)
    assert (found.code if isinstance(found, Refusal) else "") == reason


def run(**more: Any) -> OwnRun:
    said: dict[str, Any] = {
        "id": 77,
        "attempt": 1,
        "event": "workflow_dispatch",
        "ref": "refs/heads/trunk",
        "workflow": "rollback-production.yml",
        "by": ADA,
        "default_branch": "trunk",
    }
    return OwnRun(**said | more)


@pytest.mark.parametrize(
    ("started", "reason"),
    [
        ({}, ""),
        ({"event": ""}, "event"),
        ({"event": "push"}, "event"),
        ({"ref": "refs/heads/main"}, "branch"),
        ({"ref": "refs/tags/trunk"}, "branch"),
        ({"workflow": "smoke.yml"}, "workflow"),
        ({"attempt": 2}, "attempt"),
        ({"attempt": 0}, "attempt"),
    ],
)
def test_a_run_counts_only_when_it_was_started_as_we_start_it(started: dict[str, Any], reason: str) -> None:
    assert code(misstarted(run(**started), ["rollback", "action"])) == reason


def test_a_commands_refusal_becomes_one_plain_line() -> None:
    error = UserError("The `web` has **none** ([how](https://x.y/z)).\n\nAsk.", "no-release")
    assert refusal_of(error) == Refusal("no-release", "The web has none (how). Ask.")
