"""What changed before the start, and in which order it is said."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from allclear.core.model.authored import read_authored
from allclear.core.model.milestones import IncidentKind
from allclear.core.model.recent_change import RecentChange
from allclear.core.policy.provider import Provider
from allclear.core.policy.settings import Settings
from allclear.core.production.announcement import TASK
from allclear.core.production.deployments import Deployment, DeploymentStatus
from allclear.core.production.recent_changes import (
    FailedRun,
    MergedPull,
    Question,
    RecentHistory,
    SeenCommit,
    environments,
    is_newest,
    question,
    recent_changes,
)
from allclear.core.record.incident import ImpactAssessment, Incident, Stage

PAGE = "https://github.com/acme/shop"
START = datetime(2026, 3, 2, 12, tzinfo=UTC)
TWO = read_authored(
    Settings,
    {
        "services": {
            "web": {"provider": "tags", "deployments": {"payload": {"app": "web"}}},
            "api": {"provider": "tags", "deployments": {"payload": {"app": "api"}}},
            "database": {},
        }
    },
)
TAGS = read_authored(
    Provider,
    {"title": "Tags", "pattern": ".+", "target_from": "payload.version", "rollback": ["true", "{target}"]},
)


def ago(minutes: float) -> datetime:
    return START - timedelta(minutes=minutes)


def deployed(number: int, minutes: float, *states: str, **more: Any) -> Deployment:
    """A deployment so many minutes before the start, of the commit of that number."""
    said = tuple(DeploymentStatus(state, ago(minutes)) for state in states or ("success",))
    fields: dict[str, Any] = {
        "id": number,
        "sha": f"{number:x}" * 40,
        "created": ago(minutes),
        "statuses": said,
        "environment": "production",
    }
    return Deployment(**fields | more)


def commit(number: int, minutes: float, subject: str = "a change", **more: Any) -> SeenCommit:
    fields: dict[str, Any] = {
        "sha": f"{number:x}" * 40,
        "at": ago(minutes),
        "subject": subject,
        "url": f"{PAGE}/commit/{number}",
        "login": "bob",
    }
    return SeenCommit(**fields | more)


def pull(number: int, minutes: float, author: str = "ann") -> MergedPull:
    return MergedPull(number, "A pull", f"{PAGE}/pull/{number}", author, ago(minutes))


def run(number: int, minutes: float, file: str = "deploy.yml") -> FailedRun:
    return FailedRun(number, ago(minutes), file, "Deploy", f"{PAGE}/actions/runs/{number}", "bob")


def found(
    *deployments: Deployment,
    settings: Settings | None = None,
    affected: tuple[str, ...] = (),
    commits: tuple[SeenCommit, ...] = (),
    failed: tuple[FailedRun, ...] = (),
    deployed_commits: tuple[SeenCommit, ...] = (),
) -> tuple[RecentChange, ...]:
    history = RecentHistory(
        "main", PAGE, deployments, {one.sha: one for one in deployed_commits}, commits, failed
    )
    return recent_changes(history, Question(START, affected), settings or Settings(), {"tags": TAGS})


def names(changes: tuple[RecentChange, ...]) -> list[str]:
    return [one.name[0] if one.kind == "deployment" else one.name for one in changes]


# -- the question


@pytest.mark.parametrize(
    ("stage", "kind", "asks"),
    [
        (Stage.OPEN, "real", True),
        (Stage.OPEN, "drill", True),
        (Stage.OPEN, "retro", False),
        (Stage.REPORT, "real", False),
        (Stage.CLOSED, "real", False),
    ],
)
def test_it_is_asked_of_an_open_incident(stage: Stage, kind: IncidentKind, asks: bool) -> None:
    incident = Incident(1, stage, kind, milestones={"started": START}, opened=ago(-9))
    wanted = Question(START, ()) if asks else None
    assert question(incident) == wanted


def test_of_a_reopened_one_it_is_asked_what_changed_before_it_came_back() -> None:
    impact = ImpactAssessment(services=("web",))
    incident = Incident(
        1, Stage.OPEN, milestones={"started": START}, opened=ago(-9), interval=1, impact=impact
    )
    assert question(incident) == Question(ago(-9), ("web",))
    assert question(Incident(1, Stage.OPEN)) is None


def test_the_environments_are_those_of_the_services_else_the_usual_ones() -> None:
    services = {"web": {"environment": "Live"}, "api": {"environment": "live"}, "db": {"environment": "db"}}
    assert environments(read_authored(Settings, {"services": services})) == ("live", "db")
    assert environments(Settings()) == ("production", "prod", "live", "github-pages")


# -- releases


def test_the_newest_release_is_told_and_what_ran_for_less_than_an_hour_before_it() -> None:
    assert names(found(deployed(3, 2), deployed(2, 30), deployed(1, 200))) == ["3", "2"]
    assert names(found(deployed(3, 2), deployed(2, 62), deployed(1, 200))) == ["3"]
    assert names(found(deployed(2, 2), deployed(1, 30))) == ["2", "1"]


def test_a_release_that_did_not_succeed_is_never_the_last_known_good_one() -> None:
    failed = deployed(2, 120, "in_progress", "failure")
    assert names(found(deployed(3, 2), failed, deployed(1, 200))) == ["3", "2"]


def test_what_came_after_the_start_or_long_before_did_not_cause_it() -> None:
    assert found(deployed(1, -1), deployed(2, 3 * 24 * 60 + 1)) == ()
    assert found(deployed(1, 5, "waiting")) == ()


def test_what_began_before_the_start_counts_when_it_ended_after_it() -> None:
    over = (DeploymentStatus("in_progress", ago(3)), DeploymentStatus("success", ago(-5)))
    (one,) = found(deployed(1, 4, statuses=over))
    assert (one.at, one.state) == (ago(3), "success")
    (one,) = found(deployed(1, 4, statuses=over[:1]))
    assert (one.at, one.state) == (ago(3), "in progress")


def test_a_release_is_told_by_its_pull_request_and_its_author() -> None:
    by_pull = commit(1, 9, pull=pull(41, 8))
    (one,) = found(deployed(1, 2), deployed_commits=(by_pull,))
    assert (one.by, one.text) == ("ann", "#41 A pull")
    (one,) = found(deployed(1, 2), deployed_commits=(commit(1, 9, "Fix it"),))
    assert (one.by, one.text, one.url) == ("bob", "Fix it", f"{PAGE}/commit/{'1' * 40}")
    (one,) = found(deployed(1, 2))
    assert (one.by, one.text) == ("", "")


@pytest.mark.parametrize(
    ("login", "name", "author", "told"),
    [
        ("bob", "Bob", "ann", "ann"),
        ("bob", "Bob", "", "bob"),
        ("", "Bob", "", "Bob"),
        ("", "bob@example.com", "", ""),
    ],
)
def test_an_address_is_never_told(login: str, name: str, author: str, told: str) -> None:
    assert commit(1, 1, login=login, name=name, pull=pull(1, 1, author)).by == told


def test_a_service_s_release_has_the_name_that_a_rollback_knows() -> None:
    web = deployed(1, 2, payload={"app": "web", "version": "v42"})
    api = deployed(2, 3, payload={"app": "api"})
    other = deployed(3, 1, payload={"app": "docs", "version": "v1"})
    seen = found(web, api, other, settings=TWO)
    assert [(one.name, one.service) for one in seen] == [("v42", "web"), ("2222222", "api")]


def test_a_rollback_of_another_incident_is_the_service_s() -> None:
    (one,) = found(deployed(1, 2, task=TASK, payload={"service": "api", "version": "v7"}), settings=TWO)
    assert (one.service, one.name, one.text) == ("api", "v7", "a rollback")


def test_where_services_are_only_names_all_of_the_environment_counts() -> None:
    words = read_authored(Settings, {"services": ["web", "api"]})
    (one,) = found(deployed(1, 2), settings=words)
    assert (one.service, one.where) == ("", "production")


def test_of_several_services_the_affected_one_is_meant() -> None:
    both = read_authored(Settings, {"services": {"web": {"provider": "a"}, "api": {"provider": "b"}}})
    (one,) = found(deployed(1, 2), settings=both)
    assert one.service == ""
    (one,) = found(deployed(1, 2), settings=both, affected=("api",))
    assert one.service == "api"


# -- the rest


def test_a_pull_request_that_a_release_has_is_not_told() -> None:
    older, newer = commit(1, 100, pull=pull(1, 100)), commit(3, 5, pull=pull(3, 5))
    release = commit(2, 60, pull=pull(2, 60))
    seen = found(deployed(2, 50), commits=(newer, release, older), deployed_commits=(release,))
    assert names(seen) == ["2", "#3"]


def test_without_deployments_each_merged_pull_request_is_told_once() -> None:
    squashed, branch = commit(1, 10, pull=pull(1, 10)), commit(2, 11, pull=pull(1, 10))
    assert names(found(commits=(squashed, branch, commit(3, 9)))) == ["#1"]


def test_a_change_of_workflows_or_infrastructure_is_told_before_other_pull_requests() -> None:
    plain = commit(1, 5, pull=pull(1, 5))
    infra = commit(2, 20, changed=("infra", ".github/workflows"))
    seen = found(commits=(plain, infra))
    assert [(one.kind, one.name, one.where, one.url) for one in seen] == [
        ("settings", "2222222", "infra, .github/workflows", f"{PAGE}/commit/2"),
        ("pull", "#1", "", f"{PAGE}/pull/1"),
    ]
    behind = commit(3, 30, changed=("infra",), pull=pull(1, 5))
    assert [one.kind for one in found(commits=(plain, behind))] == ["settings"]
    assert names(found(deployed(2, 2), commits=(infra,))) == ["2"]


def test_what_is_older_than_the_last_known_good_release_is_not_told() -> None:
    old, new = commit(8, 500, changed=("infra",)), commit(9, 100, changed=("infra",))
    seen = found(deployed(2, 5), deployed(1, 300), commits=(new, old))
    assert names(seen) == ["2", "9999999"]
    assert names(found(deployed(2, 5), commits=(new, old))) == ["2", "9999999", "8888888"]


@pytest.mark.parametrize(
    ("file", "told"),
    [
        ("deploy.yml", True),
        ("release-web.yml", True),
        ("tests.yml", False),
        ("rollback-production.yml", False),
    ],
)
def test_a_deploy_workflow_is_known_by_its_name(file: str, told: bool) -> None:
    assert bool(found(failed=(run(1, 5, file),))) is told


def test_a_deploy_workflow_is_the_one_that_the_settings_name() -> None:
    ship = read_authored(Settings, {"services": {"web": {"deployments": {"workflow": "ship-it.yml"}}}})
    assert [one.where for one in found(failed=(run(1, 5, "ship-it.yml"),), settings=ship)] == ["main"]
    assert found(failed=(run(1, 5, "deploy.yml"),), settings=ship) == ()


def test_a_failed_run_whose_deployment_is_told_is_not_told_again() -> None:
    log = f"{PAGE}/actions/runs/7/job/1"
    status = (DeploymentStatus("in_progress", ago(9), log=log), DeploymentStatus("failure", ago(8), log=log))
    seen = found(deployed(1, 9, statuses=status), failed=(run(7, 9), run(8, 3)))
    assert [(one.kind, one.state) for one in seen] == [("deployment", "failed"), ("run", "success")]


def test_the_last_hour_comes_first_then_what_reached_production_then_the_affected_then_the_nearest() -> None:
    web = deployed(1, 300, payload={"app": "web"})
    api = deployed(2, 40, payload={"app": "api"})
    near = commit(5, 10, pull=pull(5, 10))
    half = (run(3, 50, "deploy.yml"),)
    assert names(found(web, api, commits=(near,), failed=half, settings=TWO, affected=("web",))) == [
        "2",
        "Deploy",
        "#5",
    ]
    early = deployed(3, 50, payload={"app": "web"})
    assert names(found(early, api, settings=TWO, affected=("web",))) == ["3", "2"]
    assert names(found(early, api, settings=TWO)) == ["2", "3"]


def test_the_newest_of_an_environment_is_known_whatever_became_of_it() -> None:
    (change,) = found(deployed(1, 2))
    newer = deployed(2, -3, "waiting", environment="Production")
    assert is_newest(change, RecentHistory(deployments=(deployed(1, 2),)))
    assert not is_newest(change, RecentHistory(deployments=(newer, deployed(1, 2))))
