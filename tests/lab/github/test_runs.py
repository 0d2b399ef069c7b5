"""What becomes of a run: it starts, waits for a reviewer, ends, is cancelled, is started again."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from github import GithubException
from github.Repository import Repository

from allclear_lab.github import (
    Account,
    BrowserUser,
    Delivery,
    GitHub,
    GitHubRefusal,
    Job,
    RepositoryHandle,
    SimClock,
)
from allclear_lab.github.routing import Unfaithful

Client = Callable[[str], Repository]
Wires = Callable[[str], Any]
ROLLBACK = """\
name: Rollback production
run-name: rollback-production ${{ inputs.operation }}
on:
  workflow_dispatch:
    inputs:
      operation: {default: ''}
      target: {default: ''}
jobs:
  claim: {}
  execute: {}
"""


@pytest.fixture
def run(repo: RepositoryHandle, people: dict[str, BrowserUser]) -> int:
    """A rollback that somebody who may write dispatched."""
    repo.put_file(".github/workflows/rollback-production.yml", ROLLBACK)
    return people["write"].dispatch("rollback-production.yml", {"operation": "rollback-ab12cd34"})


@pytest.fixture
def talk(hub: GitHub, repo: RepositoryHandle, wire: Wires) -> Any:
    return wire(hub.actions_token(repo, {"actions": "write"}))


def refused(deed: Callable[[], object]) -> int:
    with pytest.raises(GitHubRefusal) as caught:
        deed()
    return caught.value.status


def test_a_run_starts_and_ends(
    repo: RepositoryHandle, run: int, client: Client, hub: GitHub, clock: SimClock
) -> None:
    shop = client(hub.actions_token(repo, {"actions": "read"}))
    assert shop.get_workflow_run(run).status == "queued"
    repo.start_run(run)
    assert shop.get_workflow_run(run).status == "in_progress"
    clock.advance(90)
    repo.finish_run(run, "timed_out")
    seen = shop.get_workflow_run(run)
    assert (seen.status, seen.conclusion, seen.run_attempt) == ("completed", "timed_out", 1)
    assert (seen.updated_at - seen.run_started_at).total_seconds() == 90
    assert hub.violations == []


@pytest.mark.parametrize(
    "deed",
    [
        lambda repo, run: repo.start_run(run),
        lambda repo, run: repo.wait_run(run, "production"),
        lambda repo, run: repo.finish_run(run, "failure"),
    ],
)
def test_nothing_happens_to_a_run_that_has_ended(
    repo: RepositoryHandle, run: int, deed: Callable[[RepositoryHandle, int], object]
) -> None:
    repo.finish_run(run, "startup_failure")
    with pytest.raises(ValueError, match="is completed, not"):
        deed(repo, run)


def test_a_run_ends_with_one_of_githubs_conclusions(repo: RepositoryHandle, run: int) -> None:
    with pytest.raises(ValueError, match="great"):
        repo.finish_run(run, "great")
    with pytest.raises(GitHubRefusal):
        repo.run(1)


@pytest.mark.parametrize(
    ("line", "inputs", "title"),
    [
        ("rollback ${{ inputs.operation }}", {"operation": "rb-1"}, "rollback rb-1"),
        ("rollback ${{ github.event.inputs.operation }}", {"operation": "rb-1"}, "rollback rb-1"),
        ("rollback ${{ inputs.operation || inputs.target || 'by hand' }}", {}, "rollback by hand"),
        ("rollback ${{ inputs.operation || 'it''s me' }}", {}, "rollback it's me"),
        ("${{ inputs.operation }} by ${{ github.actor }}", {"operation": "rb-1"}, "rb-1 by write-user"),
        ("${{ inputs.operation }}", {}, "Rollback production"),
        ("rollback", {}, "rollback"),
    ],
)
def test_a_run_is_called_what_its_file_says(
    repo: RepositoryHandle,
    people: dict[str, BrowserUser],
    talk: Any,
    line: str,
    inputs: dict[str, str],
    title: str,
) -> None:
    text = ROLLBACK.replace("rollback-production ${{ inputs.operation }}", f'"{line}"')
    repo.put_file(".github/workflows/rollback-production.yml", text)
    run = people["write"].dispatch("rollback-production.yml", inputs)
    seen = talk("GET", f"actions/runs/{run}").json()
    assert (seen["name"], seen["display_title"]) == (title, title)
    assert talk("GET", "actions/workflows/rollback-production.yml").json()["name"] == "Rollback production"


def test_an_expression_the_embedded_github_cannot_evaluate_is_named(
    repo: RepositoryHandle, people: dict[str, BrowserUser], talk: Any, hub: GitHub
) -> None:
    repo.put_file(".github/workflows/x.yml", "run-name: ${{ format('x') }}\non: workflow_dispatch\n")
    with pytest.raises(Unfaithful, match="format"):
        people["write"].dispatch("x.yml")
    assert talk("POST", "actions/workflows/x.yml/dispatches", {"ref": "main"}).status_code == 501
    assert "format" in hub.violations[0]


def test_a_run_waits_until_a_required_reviewer_approves(
    repo: RepositoryHandle, run: int, people: dict[str, BrowserUser], users: dict[str, Account], talk: Any
) -> None:
    repo.environment("production", [users["maintain"], users["write"]])
    repo.start_run(run)
    assert repo.wait_run(run, "Production")
    assert talk("GET", f"actions/runs/{run}").json()["status"] == "waiting"
    (pending,) = talk("GET", f"actions/runs/{run}/pending_deployments").json()
    assert pending["environment"]["name"] == "production"
    assert pending["current_user_can_approve"] is False
    assert [one["reviewer"]["login"] for one in pending["reviewers"]] == ["maintain-user", "write-user"]
    assert talk("GET", f"actions/runs/{run}/approvals").json() == []
    people["maintain"].approve(run, "go")
    assert repo.run(run).status == "in_progress"
    (said,) = talk("GET", f"actions/runs/{run}/approvals").json()
    assert (said["state"], said["comment"], said["user"]["login"]) == ("approved", "go", "maintain-user")
    assert talk("GET", f"actions/runs/{run}/pending_deployments").json() == []


def test_only_a_reviewer_approves_and_nobody_what_they_started(
    repo: RepositoryHandle, run: int, people: dict[str, BrowserUser], users: dict[str, Account]
) -> None:
    assert refused(lambda: people["maintain"].approve(run)) == 422
    repo.environment("production", [users["maintain"], users["write"]])
    repo.wait_run(run, "production")
    assert refused(lambda: people["admin"].approve(run)) == 403
    assert refused(lambda: people["write"].approve(run)) == 403
    repo.environment("production", [users["write"]], prevent_self_review=False)
    people["write"].approve(run)
    assert repo.run(run).status == "in_progress"


def test_who_started_a_run_again_does_not_approve_it_either(
    repo: RepositoryHandle, run: int, people: dict[str, BrowserUser], users: dict[str, Account]
) -> None:
    repo.environment("production", [users["maintain"], users["admin"]])
    repo.finish_run(run, "failure")
    people["maintain"].rerun(run)
    repo.wait_run(run, "production")
    assert refused(lambda: people["maintain"].approve(run)) == 403
    people["admin"].approve(run)


def test_a_reviewer_who_may_not_see_the_repository_any_more_does_not_approve(
    hub: GitHub, users: dict[str, Account]
) -> None:
    secret = hub.create_repository("acme/secret", private=True)
    secret.put_file(".github/workflows/rollback-production.yml", ROLLBACK)
    secret.grant(users["write"], "write")
    secret.grant(users["maintain"], "maintain")
    secret.environment("production", [users["maintain"]])
    run = secret.person(users["write"]).dispatch("rollback-production.yml")
    secret.wait_run(run, "production")
    secret.revoke(users["maintain"])
    assert refused(lambda: secret.person(users["maintain"]).approve(run)) == 403


def test_a_rejected_run_fails(
    repo: RepositoryHandle, run: int, people: dict[str, BrowserUser], users: dict[str, Account], talk: Any
) -> None:
    repo.environment("production", [users["maintain"]])
    repo.wait_run(run, "production")
    people["maintain"].reject(run, "not now")
    seen = talk("GET", f"actions/runs/{run}").json()
    assert (seen["status"], seen["conclusion"]) == ("completed", "failure")
    assert talk("GET", f"actions/runs/{run}/approvals").json()[0]["state"] == "rejected"


def test_a_reviewer_whose_account_is_gone_is_a_ghost(
    hub: GitHub,
    repo: RepositoryHandle,
    run: int,
    people: dict[str, BrowserUser],
    users: dict[str, Account],
    talk: Any,
) -> None:
    repo.environment("production", [users["maintain"]])
    repo.wait_run(run, "production")
    people["maintain"].approve(run)
    hub.delete_user(users["maintain"])
    assert talk("GET", f"actions/runs/{run}/approvals").json()[0]["user"]["login"] == "ghost"
    (rule, _) = talk("GET", "environments/production").json()["protection_rules"]
    assert rule["reviewers"] == []


def test_a_missing_environment_is_made_without_protection_and_the_job_runs(
    repo: RepositoryHandle, run: int, talk: Any
) -> None:
    assert talk("GET", "environments/production").status_code == 404
    assert repo.wait_run(run, "production") is False
    assert repo.run(run).status == "in_progress"
    seen = talk("GET", "environments/production").json()
    assert (seen["protection_rules"], seen["deployment_branch_policy"]) == ([], None)


def test_a_branch_that_the_environment_does_not_admit_fails_the_run(
    repo: RepositoryHandle, run: int, people: dict[str, BrowserUser], users: dict[str, Account]
) -> None:
    people["write"].push_file("side", "x.txt", "x")
    other = people["write"].dispatch("rollback-production.yml", ref="side")
    repo.environment("production", [users["maintain"]])
    assert repo.wait_run(other, "production") is False
    assert repo.run(other).conclusion == "failure"
    repo.environment("production", [users["maintain"]], branches=False)
    third = people["write"].dispatch("rollback-production.yml", ref="side")
    assert repo.wait_run(third, "production") is True


def test_an_environment_shows_its_rules(
    repo: RepositoryHandle, users: dict[str, Account], talk: Any, wire: Wires, hub: GitHub
) -> None:
    repo.environment("production", [users["maintain"]])
    repo.environment("deploy/eu", prevent_self_review=False, branches=False)
    rules = talk("GET", "environments/production").json()["protection_rules"]
    assert [rule["type"] for rule in rules] == ["required_reviewers", "branch_policy"]
    assert rules[0]["prevent_self_review"] is True
    assert talk("GET", "environments/deploy%2Feu").json()["protection_rules"] == []
    listed = talk("GET", "environments").json()
    assert [one["name"] for one in listed["environments"]] == ["deploy/eu", "production"]
    assert wire(hub.actions_token(repo, {}))("GET", "environments").status_code == 403
    with pytest.raises(ValueError, match="6 reviewers"):
        repo.environment("production", [users["maintain"]] * 7)


def test_a_run_is_started_again_as_its_next_attempt(
    hub: GitHub, repo: RepositoryHandle, run: int, people: dict[str, BrowserUser], talk: Any, clock: SimClock
) -> None:
    heard: list[Delivery] = []
    hub.subscribe(heard.append)
    people["write"].push_file("main", "later.txt", "a later commit")
    assert refused(lambda: people["write"].rerun(run)) == 403
    repo.finish_run(run, "failure")
    assert refused(lambda: people["triage"].rerun(run)) == 403
    clock.advance(60)
    people["maintain"].rerun(run)
    seen = talk("GET", f"actions/runs/{run}").json()
    assert (seen["run_attempt"], seen["status"], seen["conclusion"]) == (2, "queued", None)
    assert (seen["actor"]["login"], seen["triggering_actor"]["login"]) == ("write-user", "maintain-user")
    assert seen["head_sha"] != repo.branches()["main"]
    assert seen["previous_attempt_url"].endswith(f"/runs/{run}/attempts/1")
    (rerun,) = [one for one in heard if one.event == "rerun"]
    (dispatched,) = [one for one in hub.deliveries if one.event == "workflow_dispatch"]
    assert rerun.run_id == dispatched.run_id == run
    assert rerun.payload["run_attempt"] == 2
    for key in ("inputs", "ref", "workflow"):
        assert rerun.payload[key] == dispatched.payload[key]


def test_a_token_may_start_a_run_again_and_is_heard(
    hub: GitHub, run: int, repo: RepositoryHandle, talk: Any
) -> None:
    assert talk("POST", f"actions/runs/{run}/rerun").status_code == 403
    repo.finish_run(run, "success")
    assert talk("POST", f"actions/runs/{run}/rerun").status_code == 201
    assert (hub.deliveries[-1].event, hub.deliveries[-1].actor_login) == ("rerun", "github-actions[bot]")


def test_a_run_is_not_started_again_after_a_month_or_fifty_times(
    repo: RepositoryHandle, run: int, people: dict[str, BrowserUser], clock: SimClock
) -> None:
    for _ in range(50):
        repo.finish_run(run, "failure")
        people["write"].rerun(run)
    repo.finish_run(run, "failure")
    assert refused(lambda: people["write"].rerun(run)) == 403
    other = people["write"].dispatch("rollback-production.yml")
    repo.finish_run(other, "failure")
    clock.advance(timedelta(days=30, seconds=1))
    assert refused(lambda: people["write"].rerun(other)) == 403


def test_a_run_is_cancelled_once(
    repo: RepositoryHandle, run: int, people: dict[str, BrowserUser], users: dict[str, Account], talk: Any
) -> None:
    assert refused(lambda: people["triage"].cancel_run(run)) == 403
    repo.environment("production", [users["maintain"]])
    repo.wait_run(run, "production")
    people["write"].cancel_run(run)
    assert repo.run(run).conclusion == "cancelled"
    assert talk("GET", f"actions/runs/{run}/pending_deployments").json() == []
    assert talk("POST", f"actions/runs/{run}/cancel").status_code == 409
    assert refused(lambda: people["write"].cancel_run(run)) == 409


def test_a_run_has_one_job_that_is_where_it_is_until_told(
    repo: RepositoryHandle, run: int, talk: Any
) -> None:
    def jobs(more: str = "") -> list[tuple[str, str, str | None]]:
        found = talk("GET", f"actions/runs/{run}/jobs{more}").json()["jobs"]
        return [(one["name"], one["status"], one["conclusion"]) for one in found]

    assert jobs() == [("claim", "queued", None)]
    repo.finish_run(run, "startup_failure")
    assert jobs() == [("claim", "completed", "failure")]
    repo.person(repo.hub.world.accounts[repo.run(run).actor_id]).rerun(run)
    repo.start_run(run)
    assert jobs() == [("claim", "in_progress", None)]
    repo.set_jobs(run, Job("claim", steps=(("Set up job", "success"),)), Job("execute", None))
    assert jobs() == [("claim", "completed", "success"), ("execute", "in_progress", None)]
    repo.finish_run(run, "failure")
    repo.person(repo.hub.world.accounts[repo.run(run).actor_id]).rerun(run)
    assert jobs() == [("claim", "queued", None)]
    assert len(jobs("?filter=all")) == 4
    assert talk("GET", f"actions/runs/{run}/jobs?filter=some").status_code == 422


def test_everything_about_runs_comes_back_from_a_snapshot(
    hub: GitHub,
    repo: RepositoryHandle,
    run: int,
    people: dict[str, BrowserUser],
    users: dict[str, Account],
    talk: Any,
) -> None:
    repo.environment("production", [users["maintain"]])
    repo.wait_run(run, "production")
    repo.set_log(run, "0_claim.txt", "claimed")
    repo.add_artifact(run, "evidence", b"one")
    repo.deploy("main")
    repo.set_status(repo.branches()["main"], "allclear/smoke", "failure", "2 of 5 failed")
    saved = hub.snapshot()
    people["maintain"].approve(run)
    repo.finish_run(run, "success")
    repo.set_status(repo.branches()["main"], "allclear/smoke", "success")
    hub.restore(saved)
    assert (repo.run(run).status, repo.run(run).logs) == ("waiting", {"0_claim.txt": "claimed"})
    assert repo.statuses(repo.branches()["main"])["allclear/smoke"].state == "failure"
    assert talk("GET", f"actions/runs/{run}/artifacts").json()["total_count"] == 1
    people["maintain"].approve(run)


def test_a_dispatch_takes_25_inputs_and_65535_characters(
    repo: RepositoryHandle, client: Client, hub: GitHub
) -> None:
    names = [f"i{n}" for n in range(26)]
    inputs = "".join(f"      {name}: {{}}\n" for name in names)
    repo.put_file(".github/workflows/many.yml", f"on:\n  workflow_dispatch:\n    inputs:\n{inputs}")
    many = client(hub.actions_token(repo, {"actions": "write"})).get_workflow("many.yml")
    for given in (dict.fromkeys(names, "x"), {"i0": "x" * 65_536}):
        with pytest.raises(GithubException) as caught:
            many.create_dispatch("main", given, throw=True)
        assert caught.value.status == 422
    assert many.create_dispatch("main", {**dict.fromkeys(names[:24], ""), "i24": "x" * 65_535}, throw=True)
