"""From `/rollback` to the monitoring window, through the real workflow files and a real little production."""

from __future__ import annotations

from pathlib import Path

from allclear_lab.drill.production_server import Version
from allclear_lab.runner.job_runner import RunnerLoss
from conversations.room import minutes
from production.stage import SERVICES, Production, open_production

OURS = "    provider: ours\n"
SECOND_PERSON = SERVICES.replace(OURS, OURS + "    rollback: {{ approval: second-person }}\n")


def test_a_rollback_is_asked_approved_executed_and_proved(production: Production) -> None:
    production.opens()
    said = production.says("mia", "/rollback web the release broke it")
    name = production.operation().id
    assert f"Its id is `{name}`." in said
    assert "waits for a reviewer of `production`" in said  # the second look, which the claim asked for
    assert (production.operation().state, production.executions()) == ("waiting", 0)
    assert "status:mitigating" in production.room.issue.labels

    told = production.approve("ann")
    assert production.target.version == "v41"
    assert production.executions() == 1
    assert [one.operation for one in production.target.executions()] == [name]
    assert "is done, and its smoke run passed" in told
    assert "approved by ann" in told
    assert "| ✅ | `error-rate` |" in told
    assert "Extended monitoring runs 2 h" in told
    assert "status:monitoring" in production.room.issue.labels
    assert production.room.incident.milestones["mitigated"] <= production.room.clock.now()
    assert "- [x] Verification completed" in production.room.panel.body

    ended = production.operation()
    assert (ended.outcome, ended.approver, ended.run) == ("done", "ann", production.runs_of()[-1])
    assert ended.smoke is not None
    assert {line.outcome for line in ended.smoke.lines} <= {"pass", "skipped"}
    assert production.room.repo.run(production.runs_of()[-1]).conclusion == "success"
    assert production.room.repo.statuses(production.releases["v41"])["allclear/smoke"].state == "success"
    production.says("mia", "/ack")
    production.says("mia", "/finding a bad release")
    assert "RESOLVED" in production.says("mia", "/resolve rolled back")


def test_only_the_incidents_own_people_and_only_with_the_role(production: Production) -> None:
    production.opens()
    for who in ("bob", "cat", "rae"):
        assert "needs `maintain` access" in production.says(who, "/rollback web")
    production.says("out", "/rollback web")
    assert production.operations() == []
    assert production.runs_of() == []


def test_a_release_that_is_not_well_either_pages_and_does_not_start_the_window(tmp_path: Path) -> None:
    releases = (Version("v40"), Version("v41", healthy=False, errors=12), Version("v42", healthy=False))
    with open_production(tmp_path, releases=releases) as production:
        production.opens()
        production.says("mia", "/rollback web")
        told = production.approve("ann")
        assert "its smoke run **failed**" in told
        assert "production is not healthy" in told
        assert "@mia" in told or "@bob" in told
        assert "status:monitoring" not in production.room.issue.labels
        assert production.executions() == 1
        assert production.room.repo.statuses(production.releases["v41"])["allclear/smoke"].state == "failure"
        assert "verification" in production.says("mia", "/resolve it is fine").lower()
        # Smoke has spoken: v41 is not good, so the next one goes back further.
        assert production.releases["v40"][:7] in production.says("mia", "/rollback web")
        production.approve("ann")
        assert (production.target.version, production.executions()) == ("v40", 2)


def test_a_dry_run_changes_nothing(production: Production) -> None:
    production.opens()
    said = production.says("mia", "/rollback web --dry-run")
    assert "This is a dry run" in said
    assert production.releases["v41"][:7] in said
    assert (production.runs_of(), production.executions()) == ([], 0)


def test_whoever_asked_does_not_approve(production: Production) -> None:
    production.opens()
    production.says("mia", "/rollback web")
    told = production.approve("mia")
    assert "refused" in told
    assert production.executions() == 0
    assert production.operation().outcome == "refused"


def test_a_rejected_rollback_ends_and_says_so(production: Production) -> None:
    production.opens()
    production.says("mia", "/rollback web")
    told = production.reject("ann", "not this one")
    assert production.executions() == 0
    assert production.operation().outcome == "refused"
    assert "**refused**" in told


def test_without_required_reviewers_a_second_person_says_yes(tmp_path: Path) -> None:
    with open_production(tmp_path, services=SECOND_PERSON) as production:
        production.opens()
        production.says("mia", "/rollback web")
        name = production.operation().id
        assert (production.operation().state, production.runs_of()) == ("asked", [])
        production.says("mia", f"/approve {name}")
        assert production.runs_of() == []  # not by whoever asked
        told = production.says("ann", f"/approve {name}")
        assert "is done, and its smoke run passed" in told
        assert (production.target.version, production.executions()) == ("v41", 1)
        assert len(production.runs_of()) == 1


def test_started_by_hand_it_finds_everything_and_links_itself(production: Production) -> None:
    production.opens()
    run = production.dispatch("mia", "rollback-production.yml")
    assert production.room.repo.run(run).status == "waiting"
    operation = production.operation()
    assert operation.id.startswith("hand-")
    assert operation.by is not None
    assert operation.by.login == "mia"
    assert any("was started by hand" in reply.body for reply in production.room.replies)
    told = production.approve("ann")
    assert "is done, and its smoke run passed" in told
    assert (production.target.version, production.executions()) == ("v41", 1)


def test_by_hand_it_takes_the_role_as_well(production: Production) -> None:
    production.opens()
    run = production.dispatch("bob", "rollback-production.yml")
    production.run_everything()
    assert production.room.repo.run(run).conclusion == "failure"
    assert production.executions() == 0


def test_an_environment_without_reviewers_is_refused_with_the_fix(tmp_path: Path) -> None:
    with open_production(tmp_path, reviewers=()) as production:
        production.opens()
        said = production.says("mia", "/rollback web")
        assert "Required reviewers" in said
        run = production.dispatch("mia", "rollback-production.yml", {"service": "web"})
        assert production.room.repo.run(run).conclusion == "failure"
        assert production.executions() == 0


def test_an_environment_that_lost_its_protection_meanwhile_is_not_entered(production: Production) -> None:
    production.opens()
    production.says("mia", "/rollback web")
    production.room.repo.environment("production", ())
    production.room.people["ann"].cancel_run(production.waiting()[-1])
    production.run_everything()
    production.sweep()
    assert production.executions() == 0
    assert not production.operation().open


def test_an_approval_that_comes_weeks_later_changes_nothing(production: Production) -> None:
    production.opens()
    production.says("mia", "/rollback web")
    production.approve("ann", after=minutes(29 * 24 * 60))
    assert production.executions() == 0
    assert production.operation().outcome == "expired"


def test_an_incident_that_is_over_meanwhile_is_left_alone(production: Production) -> None:
    production.opens()
    production.says("mia", "/rollback web")
    production.says("ann", '/all-clear --override "it went away by itself"')
    assert production.room.issue.state == "closed"
    production.approve("ann")
    assert production.executions() == 0


def test_a_double_click_and_a_second_rollback_execute_once(production: Production) -> None:
    production.opens()
    production.says("mia", "/rollback web")
    assert "already" in production.says("ann", "/rollback web")
    first = production.room.repo.run(production.run_of())
    production.dispatch("mia", "rollback-production.yml", dict(first.inputs))  # the same dispatch again
    production.approve("ann")
    production.run_everything()
    production.room.people["mia"].rerun(production.runs_of()[0])  # the button
    production.run_everything()
    assert production.executions() == 1
    assert production.operation().outcome == "done"


def test_a_lost_runner_leaves_an_unknown_state_that_only_people_answer(production: Production) -> None:
    production.opens()
    production.says("mia", "/rollback web")
    run = production.run_of()
    production.room.people["ann"].approve(run)
    wanted = production.mark()
    production.back(wanted)
    production.hosted.play(run, RunnerLoss("execute", "Act", end=True))
    assert production.hosted.runner.struck
    production.run_everything()
    production.sweep()
    assert production.executions() == 1
    assert production.operation().outcome == "unknown"
    assert "unknown" in production.room.panel.body
    production.sweep(after=minutes(20))
    assert production.executions() == 1


def test_smoke_runs_watch_the_window_and_a_failure_takes_the_incident_back(production: Production) -> None:
    production.opens()
    production.says("mia", "/rollback web")
    production.approve("ann")
    production.sweep(after=minutes(11))
    assert "Smoke run of `web`: passed, 2 times in a row since" in production.room.panel.body
    production.target.runs = production.releases["v42"]  # somebody deploys it again
    told = production.sweep(after=minutes(11))
    assert "The fix does not hold" in told
    assert "status:mitigating" in production.room.issue.labels


def test_a_word_that_happens_to_be_a_secret_hides_details_and_no_outcome(tmp_path: Path) -> None:
    """A runner sends no output on in which any secret of the job stands, however ordinary it is."""
    secrets = {"production": {"ORG_ID": "executed"}}
    with open_production(tmp_path, secrets=secrets) as production:
        production.opens()
        production.says("mia", "/rollback web")
        said = production.approve("ann")
        ended = production.operation()
        assert (ended.outcome, ended.approver, production.executions()) == ("done", "ann", 1)
        assert ended.smoke is not None
        assert ended.smoke.passed
        assert "a secret stands in it" in said
