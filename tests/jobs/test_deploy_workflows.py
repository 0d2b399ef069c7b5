"""A service that its own deploy workflow puts back: the very run again, or a new one with the commit."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from allclear_lab.github.actions.run_acts import RERUN_FOR
from jobs.deploy_workflow import FILE, DeployWorkflow
from jobs.job import after, alone, job
from jobs.test_ways import python, rolled_back, services
from production.stage import Production, open_production

RERUN = '    pattern: "[0-9a-f]{{40}}"\n    rerun: {{ workflow: "{{workflow}}" }}\n'
START = (
    '    pattern: "[0-9a-f]{{40}}"\n'
    '    start: {{ workflow: "{{workflow}}", inputs: {{ sha: "{{target}}" }} }}\n'
)
SHORT = "    rollback: {{ approval: none, timeout: 2m }}\n"


@pytest.fixture
def again(tmp_path: Path) -> Iterator[Production]:
    """`web` is put back by running its deploy run again."""
    with open_production(tmp_path, services=services(RERUN, SHORT)) as production:
        yield production


@pytest.fixture
def anew(tmp_path: Path) -> Iterator[Production]:
    """`web` is put back by a deploy run with the old commit as its input."""
    with open_production(tmp_path, services=services(START, SHORT)) as production:
        yield production


def workflow_of(production: Production, conclusion: str = "success") -> DeployWorkflow:
    """Everything was deployed by runs of `deploy.yml`, in order; v42 is what runs."""
    made = DeployWorkflow(production, conclusion=conclusion)
    for name in ("v40", "v41", "v42"):
        production.room.clock.advance(60)
        made.deployed(name)
    return made


# -- the very run


def test_of_all_runs_at_the_commit_the_one_is_run_again_that_made_the_deployment(again: Production) -> None:
    made = DeployWorkflow(again)
    right = {name: made.deployed(name) for name in ("v40", "v41", "v42")}
    others = [
        made.deployed("v41", to="staging"),  # somebody tried it on staging, later
        made.deployed("v41", to="", event="pull_request"),  # the preview of a pull request, later still
        made.deployed("v41", to="", event="push"),
    ]
    rolled_back(again, sleep=made.sleep)
    ended = again.operation()
    assert (ended.outcome, ended.unverified) == ("done", "")
    assert again.room.repo.run(right["v41"]).run_attempt == 2
    assert {again.room.repo.run(run).run_attempt for run in others} == {1}
    assert again.room.incident.status == "monitoring"
    # GitHub knows what runs now, from the deployment of the run itself; and the next one goes on from there.
    said = again.says("mia", "/rollback web --dry-run")
    assert again.releases["v40"][:7] in said


def test_a_run_that_ends_well_and_deploys_nothing_has_failed(again: Production) -> None:
    made = workflow_of(again)
    made.environment = ""
    rolled_back(again, sleep=made.sleep)
    ended = again.operation()
    assert ended.outcome == "failed"
    name = again.releases["v41"][:7]
    assert f"ended well, but GitHub shows no new deployment of {name} to production" in ended.text


@pytest.mark.parametrize("conclusion", ["failure", "cancelled", "timed_out"])
def test_a_run_that_does_not_end_well_has_failed(again: Production, conclusion: str) -> None:
    made = workflow_of(again, conclusion=conclusion)
    rolled_back(again, sleep=made.sleep)
    assert again.operation().outcome == "failed"
    assert f"ended with {conclusion}" in again.operation().text


@pytest.mark.parametrize("kind", ["error_before", "error_after", "drop_after"])
def test_a_run_is_run_again_once_whatever_the_answer_was(again: Production, kind: str) -> None:
    made = workflow_of(again)
    again.hub.faults.add(kind, lambda _, path: path.endswith("/rerun"))  # type: ignore[arg-type] # one of the kinds
    rolled_back(again, sleep=made.sleep)
    attempts = [run.run_attempt for run in made.runs]
    assert attempts == ([1, 1, 1] if kind == "error_before" else [1, 2, 1])
    assert again.operation().outcome == ("unknown" if kind == "error_before" else "done")


@pytest.mark.parametrize("code", [0, 3])
def test_what_has_to_pass_afterwards_runs_in_the_smoke_job_where_commands_may(
    tmp_path: Path, code: int
) -> None:
    """The job that runs a deploy workflow again has a token, and runs no command."""
    check = f"import sys; print('{{target}}'); sys.exit({code})"
    verify = f"    verify: [{{{{ name: live, run: {python(check)} }}}}]\n"
    with open_production(tmp_path, services=services(RERUN + verify)) as production:
        made = workflow_of(production)
        run, claimed = asked_and_claimed(production)
        done = job(production, "execute", run, claimed, sleep=made.sleep)
        assert (done.code, done.outputs["smoke"]) == (0, "true"), done.printed
        looked = job(production, "smoke", run, claimed)
        assert looked.code == (1 if code else 0)
        job(production, "report", run, claimed)
        production.room.repo.finish_run(run, "success")
        production.sweep()
        ended = production.operation()
        assert ended.outcome == "done"
        assert ended.smoke is not None
        (line, *_) = ended.smoke.lines
        assert (line.name, line.outcome) == ("live", "fail" if code else "pass")
        if code:
            assert production.releases["v41"] in looked.printed


# -- what cannot be run again


def test_a_deployment_that_names_no_run_of_ours_is_refused_when_asked(again: Production) -> None:
    again.opens()
    said = again.says("mia", "/rollback web")
    assert "names no run of this repository that made it" in said
    assert "`dispatch-workflow` starts the workflow anew" in said
    assert again.operations() == []


def test_a_run_of_another_workflow_file_is_refused_when_asked(again: Production) -> None:
    made = workflow_of(again)
    for run in made.runs:
        run.path = ".github/workflows/nightly.yml"
    again.opens()
    assert "is one of `nightly.yml`, and the settings say `deploy.yml`" in again.says("mia", "/rollback web")


def test_githubs_limits_are_told_when_asked_and_looked_at_again_before_it_begins(again: Production) -> None:
    made = workflow_of(again)
    again.opens()
    again.asks("mia", "/rollback web")
    alone(again)
    run = again.run_of()
    claimed = job(again, "claim", run)
    old = again.room.repo.run(made.runs[1].id)
    old.created_at -= RERUN_FOR
    done = job(again, "execute", run, after(claimed), sleep=made.sleep)
    assert done.code == 1
    assert "is older than 30 days" in done.printed
    assert old.run_attempt == 1
    job(again, "report", run, after(claimed))
    again.sweep()
    assert again.operation().outcome == "refused"
    assert "older than 30 days" in again.says("mia", "/rollback web")
    assert len(again.operations()) == 1


def test_by_hand_the_limits_hold_as_well(again: Production) -> None:
    made = workflow_of(again)
    again.room.repo.run(made.runs[1].id).run_attempt = 51
    again.opens()
    run = again.dispatch("mia", "rollback-production.yml")
    assert again.room.repo.run(run).conclusion == "failure"
    assert "was run again 50 times" in "".join(one.summary for one in again.hosted.ran)
    assert [one.run_attempt for one in made.runs] == [1, 51, 1]


# -- reviewers of the deploy run


def asked_and_claimed(production: Production) -> tuple[int, dict[str, str]]:
    production.opens()
    production.asks("mia", "/rollback web")
    alone(production)
    run = production.run_of()
    claimed = after(job(production, "claim", run))
    production.room.repo.start_run(run)
    return run, claimed


def executed(production: Production, sleep: Callable[[float], None]) -> str:
    """The rest of the rollback, and what the bot said."""
    run, claimed = asked_and_claimed(production)
    known = {comment.id for comment in production.room.comments}

    def pause(seconds: float) -> None:
        sleep(seconds)
        production.run_everything()  # what the executor dispatched

    production.hosted.ignore()
    job(production, "execute", run, claimed, sleep=pause)
    job(production, "report", run, claimed)
    production.room.repo.finish_run(run, "success")
    production.sweep()
    return production.room.visible(known)


def test_a_run_that_waits_for_reviewers_again_is_told_to_them_at_once(again: Production) -> None:
    made = workflow_of(again)
    made.approves = ""
    calls: list[str] = []

    def sleep(seconds: float) -> None:
        made.sleep(seconds)
        calls.append(again.room.comments[-1].body)
        if any("A deploy run waits" in body for body in calls):
            made.approves = "ann"

    told = executed(again, sleep)
    link = f"https://github.com/acme/shop/actions/runs/{made.runs[1].id}"
    assert "@mia @ann" in told
    assert f"Approve [it]({link}) under *Review deployments*" in told
    assert again.operation().outcome == "done"
    assert told.count("A deploy run waits for a reviewer") == 1


def test_a_run_that_nobody_approves_in_time_is_cancelled_and_nothing_was_changed(again: Production) -> None:
    made = workflow_of(again)
    made.approves = ""
    executed(again, made.sleep)
    ended = again.operation()
    assert made.runs[1].conclusion == "cancelled"
    assert ended.outcome == "failed"
    assert f"nobody approved run {made.runs[1].id} of the deploy workflow in time" in ended.text


def test_a_run_that_no_runner_takes_is_cancelled(again: Production) -> None:
    made = workflow_of(again)
    made.stuck = True
    executed(again, made.sleep)
    assert made.runs[1].conclusion == "cancelled"
    assert "did not begin in time, so it was cancelled" in again.operation().text
    assert again.operation().outcome == "failed"


def test_a_run_that_deploys_when_the_time_is_up_is_left_alone_and_unknown(again: Production) -> None:
    made = workflow_of(again, conclusion="")
    executed(again, made.sleep)
    assert made.runs[1].status == "in_progress"
    assert again.operation().outcome == "unknown"
    assert "has not ended in time, and goes on" in again.operation().text


def test_a_run_that_was_approved_in_the_last_moment_and_then_cancelled_is_unknown(again: Production) -> None:
    made = workflow_of(again)
    made.approves = ""
    ann = again.room.people["ann"]
    waits = made.runs[1]

    def approve(verb: str, path: str) -> bool:
        if path.endswith("/cancel") and waits.status == "waiting":
            ann.approve(waits.id)
        return False

    again.hub.faults.add("error_before", approve)
    executed(again, made.sleep)
    assert again.operation().outcome == "unknown"
    assert "does not show that it stopped before it deployed" in again.operation().text


def test_a_cancel_that_github_refuses_is_unknown(again: Production) -> None:
    made = workflow_of(again)
    made.approves = ""
    again.hub.faults.add("error_before", lambda _, path: path.endswith("/cancel"), times=99)
    executed(again, made.sleep)
    assert made.runs[1].status == "waiting"
    assert again.operation().outcome == "unknown"


# -- started anew


def test_a_deploy_run_with_the_commit_as_its_input_is_done_and_not_verified(anew: Production) -> None:
    """Its job is recorded as a deployment of the branch's commit, not of the one that it checked out."""
    made = workflow_of(anew)
    rolled_back(anew, sleep=made.sleep)
    ended = anew.operation()
    name = anew.releases["v41"][:7]
    assert (ended.outcome, ended.unverified) == (
        "done",
        f"GitHub shows no new deployment of {name} to production",
    )
    assert made.runs[-1].inputs == {"sha": anew.releases["v41"]}
    assert anew.room.incident.status != "monitoring"
    assert "**not verified**" in anew.room.panel.body
    anew.says("mia", "/check verification")
    assert "**not verified**" not in anew.room.panel.body


def test_a_workflow_that_records_the_commit_it_deployed_is_verified(anew: Production) -> None:
    made = workflow_of(anew)

    def sleep(seconds: float) -> None:
        before = made.runs[-1].status
        made.sleep(seconds)
        if before == "in_progress" and made.runs[-1].inputs:
            anew.room.repo.deploy(anew.releases["v41"])

    rolled_back(anew, sleep=sleep)
    assert (anew.operation().outcome, anew.operation().unverified) == ("done", "")


def test_a_deployment_that_github_does_not_show_now_is_not_verified(anew: Production) -> None:
    made = workflow_of(anew)

    def sleep(seconds: float) -> None:
        made.sleep(seconds)
        if made.runs[-1].conclusion == "success" and made.runs[-1].inputs.get("sha"):
            anew.hub.faults.add("error_before", lambda _, path: path.endswith("/graphql"), times=99)

    run, claimed = asked_and_claimed(anew)
    done = job(anew, "execute", run, claimed, sleep=sleep)
    anew.hub.faults.clear()
    assert '"unverified":"GitHub did not say whether' in done.outputs["result"]


def test_a_deploy_run_that_waits_is_found_and_told(anew: Production) -> None:
    made = workflow_of(anew)
    made.approves = ""

    def sleep(seconds: float) -> None:
        made.sleep(seconds)
        if any("A deploy run waits" in one.body for one in anew.room.comments):
            made.approves = "ann"

    told = executed(anew, sleep)
    assert f"https://github.com/acme/shop/actions/runs/{made.runs[-1].id}" in told
    assert anew.operation().outcome == "done"


def test_a_run_that_somebody_else_dispatched_is_none_of_ours(anew: Production) -> None:
    made = workflow_of(anew)
    made.stuck = True
    run, claimed = asked_and_claimed(anew)
    theirs = anew.room.people["bob"].dispatch(FILE, {})
    anew.room.repo.wait_run(theirs, "production")
    told = {comment.id for comment in anew.room.comments}

    def sleep(seconds: float) -> None:
        made.sleep(seconds)
        anew.run_everything()

    job(anew, "execute", run, claimed, sleep=sleep)
    anew.sweep()
    assert "waits for a reviewer" not in anew.room.visible(told)


@pytest.mark.parametrize("kind", ["error_before", "error_after", "drop_after"])
def test_a_deploy_workflow_is_started_once_whatever_the_answer_was(anew: Production, kind: str) -> None:
    """A deploy workflow knows no claim: a dispatch is never sent a second time."""
    made = workflow_of(anew)
    anew.hub.faults.add(kind, lambda _, path: f"{FILE}/dispatches" in path)  # type: ignore[arg-type] # one of the kinds
    rolled_back(anew, sleep=made.sleep)
    assert len(made.runs) == (3 if kind == "error_before" else 4)
    assert anew.operation().outcome == ("unknown" if kind == "error_before" else "done")


def test_a_deploy_workflow_that_is_not_there_is_named(anew: Production) -> None:
    rolled_back(anew)
    assert anew.operation().outcome == "failed"
    assert "deploy.yml" in anew.operation().text


def test_what_waits_longer_than_a_month_is_none_of_the_limits_of_a_new_run(anew: Production) -> None:
    made = workflow_of(anew)
    for run in made.runs:
        run.created_at -= timedelta(days=90)
    rolled_back(anew, sleep=made.sleep)
    assert anew.operation().outcome == "done"
