"""The form of "Run workflow": its fields mean what they mean in a comment, and each refusal is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from allclear_lab.drill.production_server import Version
from allclear_lab.github.actions.state import Runs
from allclear_lab.github.routing import GitHubRefusal
from jobs.job import after, alone, job
from production.stage import RELEASES, SERVICES, Production, open_production

ROLLBACK = "rollback-production.yml"
NONE = SERVICES.replace("    provider: ours\n", "    provider: ours\n    rollback: {{ approval: none }}\n")


def told(production: Production) -> str:
    return production.room.replies[-1].body


@pytest.mark.parametrize(
    "inputs",
    [
        {"dry_run": "true"},
        {"dry_run": "true", "service": "web", "reason": "to see what it would do"},
        {"reason": "dry run"},
        {"reason": "checkout is down (dry-run)"},
        {"reason": "checkout is down --dry-run"},
    ],
)
def test_a_dry_run_by_hand_changes_nothing(tmp_path: Path, inputs: dict[str, str]) -> None:
    with open_production(tmp_path, services=NONE) as production:
        production.opens()
        production.dispatch("mia", ROLLBACK, inputs)
        (operation,) = production.operations("rollback")
        assert (operation.dry_run, operation.outcome) == (True, "done")
        assert "it would go back from" in operation.text
        assert (production.target.version, production.executions()) == ("v42", 0)


def test_migrations_and_reason_mean_what_they_mean_in_a_comment(tmp_path: Path) -> None:
    with open_production(tmp_path, services=NONE) as production:
        production.release(Version("v43", healthy=False), path="db/migrations/43.sql")
        production.opens()
        production.dispatch("mia", ROLLBACK, {"reason": "checkout is *down*"})
        assert production.executions() == 0
        production.dispatch("mia", ROLLBACK, {"migrations": "true", "reason": "checkout is *down*"})
        refused, done = production.operations("rollback")
        assert refused.outcome == "refused"
        assert "db/migrations/43.sql" in refused.text
        assert "tick the box for it in the form, migrations" in refused.text
        assert (done.with_migrations, done.why, done.outcome) == (True, "checkout is *down*", "done")
        assert production.executions() == 1


def test_a_deployment_that_is_under_way_is_overtaken_only_with_the_box_ticked(tmp_path: Path) -> None:
    with open_production(tmp_path, services=NONE, releases=RELEASES[:2]) as production:
        production.release(RELEASES[2], state="in_progress")
        production.opens()
        production.dispatch("mia", ROLLBACK, {})
        assert "To roll back all the same, tick the box for it in the form, while" in told(production)
        assert production.executions() == 0
        production.dispatch("mia", ROLLBACK, {"while_deploying": "true"})
        refused, done = production.operations("rollback")
        assert (refused.outcome, done.outcome, done.while_deploying) == ("refused", "done", True)
        assert (production.target.version, production.executions()) == ("v41", 1)


OTHER = "rollback-0000000a"
REFUSED: dict[str, tuple[dict[str, str], str]] = {
    "an order in the internal field": ({"operation": "rollback web"}, "filled in by the incident itself"),
    "a dry run in the internal field": ({"operation": "dry-run"}, "filled in by the incident itself"),
    "an id that nothing has": (
        {"operation": "rollback-0000000a", "incident": "1"},
        "is not in the record of",
    ),
    "an id without its incident": (
        {"operation": "rollback-0000000a"},
        "name no incident that rollback-0000000a",
    ),
    "no such service": ({"service": "wbe"}, "There is no such service; this repository has web"),
    "a dry run as the service": ({"service": "web dry-run"}, "There is no such service"),
    "a dry run as the target": ({"target": "dry-run"}, "dry-run is no release"),
    "a release that never ran": ({"target": "v99"}, "v99 is not among the releases"),
    "a question as the reason": ({"reason": "should we?"}, "is a question, not an order"),
    "a reason that speaks of one": ({"reason": "the dry run went well"}, "speaks of a dry run"),
    "an option in the reason": ({"reason": "it is down --force"}, "--force is not an option here"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_each_refusal_stands_in_the_runs_summary_and_on_the_incident(tmp_path: Path, case: str) -> None:
    inputs, why = REFUSED[case]
    with open_production(tmp_path, services=NONE) as production:
        production.opens()
        run = production.dispatch("mia", ROLLBACK, inputs)
        assert production.room.repo.run(run).conclusion == "failure"
        assert why in told(production)
        assert f"/actions/runs/{run}" in told(production)
        (operation,) = production.operations("rollback")
        assert operation.outcome == "refused"
        assert operation.by is not None
        assert operation.by.login == "mia"
        assert production.executions() == 0


def test_a_box_is_ticked_or_not(production: Production) -> None:
    with pytest.raises(GitHubRefusal, match="is not a valid boolean"):
        production.dispatch("mia", ROLLBACK, {"dry_run": "maybe"})


def test_without_an_incident_a_refusal_stands_in_the_summary(production: Production) -> None:
    run = production.room.people["mia"].dispatch(ROLLBACK, {"operation": "rollback web"})
    alone(production)
    done = job(production, "claim", run)
    assert (done.code, done.outputs) == (1, {})
    assert (
        "**Nothing was executed** (`unknown`): The field operation is filled in by the incident"
        in done.summary
    )
    assert production.executions() == 0


def test_the_run_is_executed_for_who_started_it_and_for_nobody_else(production: Production) -> None:
    production.opens()
    run = production.room.people["mia"].dispatch(ROLLBACK, {})
    alone(production)
    claimed = job(production, "claim", run)
    assert claimed.outputs["go"] == "true"
    production.room.repo.start_run(run)
    production.room.repo.wait_run(run, "production", deployment=False)
    production.room.people["ann"].approve(run)
    other = {"GITHUB_ACTOR_ID": str(production.room.people["ann"].id)}
    done = job(production, "execute", run, after(claimed) | other)
    assert "Its record is not that of the run that somebody started" in done.printed
    assert production.executions() == 0


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ("target", "goes back to: "),
        ("reason", "The form of its run asks for a dry run"),
        ("migrations", "whether migrations may lie in between"),
        ("while_deploying", "whether a deployment may be under way"),
    ],
)
def test_the_inputs_of_the_run_are_read_again(production: Production, changed: str, said: str) -> None:
    production.opens()
    run = production.room.people["mia"].dispatch(ROLLBACK, {"service": "web"})
    alone(production)
    claimed = job(production, "claim", run)
    production.room.repo.start_run(run)
    production.room.repo.wait_run(run, "production", deployment=False)
    production.room.people["ann"].approve(run)
    new = {"target": production.releases["v40"], "reason": "dry run"}
    new |= {"migrations": "true", "while_deploying": "true"}
    world = production.hub.world
    kept = world.repositories[production.room.repo.id].room(Runs).by_id[run]
    kept.inputs = {**kept.inputs, changed: new[changed]}
    done = job(production, "execute", run, after(claimed))
    assert said in done.printed
    assert production.executions() == 0


@pytest.mark.parametrize("workflow", ["smoke.yml", "evidence.yml"])
def test_the_other_forms_tell_their_refusals_alike(production: Production, workflow: str) -> None:
    production.opens()
    run = production.dispatch("mia", workflow, {"operation": "web please"})
    assert production.room.repo.run(run).conclusion == "failure"
    assert "filled in by the incident itself" in told(production)
    assert f"/actions/runs/{run}" in told(production)
