"""When it is looked what changed before the start, and which rollback is suggested."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from allclear.core.model.authored import read_authored
from allclear.core.model.release import EnvironmentSeen
from allclear.core.model.structs import replace
from allclear.core.policy.settings import Settings
from allclear.core.production.deployments import Deployment, DeploymentStatus
from allclear.core.production.recent_changes import Question, RecentHistory, SeenCommit
from allclear.core.record.findings import CHANGED, ChangesFound
from commands.production import BETWEEN, DEPLOY_RUNS, GUARDED, PROVIDERS, RUN_OF, RUNS, A, B, C
from core.issue_desk import IssueDesk, declared, facts, told
from stories import ADA, BOB, NOON

GUARD = {"environment": "production", "rollback": {"approval": "environment"}}
WEB: dict[str, Any] = {"provider": "deploy-workflow", "values": {"workflow": "deploy.yml"}, **GUARD}
FLY: dict[str, Any] = {"provider": "fly", "values": {"app": "shop"}, **GUARD}
LINE = f"To go back, write `/rollback web to {B[:7]}`"


def history(*more: Deployment, subject: str = "Sell more") -> RecentHistory:
    """C was deployed half an hour before the declaration."""
    assert RUNS.current is not None
    at = NOON - timedelta(minutes=30)
    done = Deployment(3, C, at, (DeploymentStatus("success", at),), environment="production", ref="main")
    commit = SeenCommit(C, at, subject, login="bob")
    return RecentHistory("main", "https://github.com/acme/shop", (*more, done), {C: commit})


def desk(service: dict[str, Any] | None = None, **more: Any) -> IssueDesk:
    """An incident of a repository whose `web` runs C and ran B and A before."""
    assert RUNS.current is not None
    runs = replace(RUNS, current=replace(RUNS.current, id=3))
    fields: dict[str, Any] = {
        "settings": read_authored(Settings, {"services": {"web": service or WEB}}),
        "providers": PROVIDERS,
        "releases": {"web": runs},
        "comparisons": {(one, C): BETWEEN for one in (A, B)},
        "environments": {"production": GUARDED},
        "deploy_runs": dict(DEPLOY_RUNS),
    }
    return declared(**fields | more)


# -- when


def test_a_declaration_asks_what_changed_and_a_pass_after_it_does_not() -> None:
    incident = IssueDesk()
    assert incident.run().look_back == Question(NOON, ())
    assert incident.run().look_back is None


def test_a_corrected_start_and_another_service_ask_again_and_other_commands_do_not() -> None:
    incident = desk()
    incident.says(BOB, "/ack")
    assert incident.run().look_back is None
    incident.says(BOB, "/time started 13:45")
    assert incident.run().look_back == Question(NOON - timedelta(minutes=20), ())
    incident.says(BOB, "/affects web")
    assert incident.run().look_back == Question(NOON - timedelta(minutes=20), ("web",))


def test_without_a_look_nothing_is_said_and_with_one_it_is_said_once() -> None:
    incident = desk()
    assert told(incident.plan()) == ""
    assert LINE in told(incident.run(history=history()))
    assert told(incident.run(history=history())) == ""


def test_an_incident_that_was_closed_meanwhile_is_left_alone() -> None:
    incident = desk()
    incident.says(ADA, "/all-clear --override it was nothing")
    incident.run()
    assert told(incident.plan(history=history())) == ""


def test_nothing_found_is_said_only_after_something_was() -> None:
    incident = desk()
    assert facts(incident.run(history=RecentHistory())) == []
    incident.run(history=history())
    incident.says(BOB, "/time started 13:05")
    incident.run()
    (fact,) = facts(incident.run(history=history()))
    assert fact == ChangesFound(until=NOON - timedelta(hours=1))
    assert facts(incident.run(history=history())) == []


def test_a_change_is_one_line_of_the_timeline_however_often_it_is_said() -> None:
    incident = desk()
    incident.run(history=history())
    incident.says(BOB, "/time started 13:50")
    incident.run()
    lines = [one for one in incident.run(history=history()).incident.timeline if one.what == CHANGED]
    assert [(one.at, one.text) for one in lines] == [
        (NOON - timedelta(minutes=30), f"{C[:7]} deployed to production by bob: Sell more")
    ]


# -- the rollback


def test_what_the_rollback_needs_to_know_is_asked_for_as_the_command_does() -> None:
    incident = desk()
    incident.plan(history=history())
    assert [wants.releases for wants in incident.asked] == [{"web"}, frozenset()]
    assert incident.asked[1].comparisons == {(B, C)}
    assert incident.asked[1].environments == {"production"}
    assert incident.asked[1].deploy_runs == {RUN_OF[B]}


def test_a_rollback_that_would_be_refused_is_not_suggested() -> None:
    unguarded = {"production": EnvironmentSeen(exists=True)}
    assert "/rollback" not in told(desk(environments=unguarded).run(history=history()))
    assert "/rollback" not in told(desk(releases={}).run(history=history()))


def test_none_is_suggested_without_a_provider_or_without_the_command() -> None:
    assert "/rollback" not in told(desk({"environment": "production", "health": []}).run(history=history()))
    assert "/rollback" not in told(desk(GUARD).run(history=history()))
    assert "/rollback" not in told(desk(commands=_without("rollback")).run(history=history()))


def _without(name: str) -> dict[str, Any]:
    return {one: command for one, command in desk().commands.items() if one != name}


def test_none_is_suggested_when_production_was_mitigated_or_one_is_under_way() -> None:
    incident = desk()
    incident.says(ADA, "/status monitoring")
    incident.run()
    assert "/rollback" not in told(incident.run(history=history()))
    incident = desk()
    incident.says(ADA, "/rollback")
    incident.run()
    assert "/rollback" not in told(incident.run(history=history()))


def test_none_is_suggested_when_something_else_runs_by_now() -> None:
    assert "/rollback" not in told(desk(releases={"web": RUNS}).run(history=history()))


def test_where_the_deploy_system_has_the_list_the_newest_deployment_is_taken_back() -> None:
    assert "To go back, write `/rollback web`" in told(desk(FLY).run(history=history()))
    after = Deployment(4, A, NOON, (DeploymentStatus("queued", NOON),), environment="production")
    assert "/rollback" not in told(desk(FLY).run(history=history(after)))


def test_of_two_releases_of_a_service_only_the_newest_is_taken_back() -> None:
    at = NOON - timedelta(minutes=5)
    again = Deployment(9, A, at, (DeploymentStatus("success", at),), environment="production")
    said = told(desk(FLY).run(history=history(again)))
    assert said.count("was deployed to") == 2
    assert said.count("To go back") == 1
