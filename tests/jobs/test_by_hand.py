"""`gh workflow run rollback-production` without inputs works (000-14), and links itself to the incident."""

from __future__ import annotations

from pathlib import Path

import pytest

from allclear_lab.drill.production_server import Version
from jobs.job import Done, after, alone, job
from production.stage import SERVICES, Production, open_production

ROLLBACK = "rollback-production.yml"
SECOND = SERVICES.replace(
    "    provider: ours\n", "    provider: ours\n    rollback: {{ approval: second-person }}\n"
)
NONE = SERVICES.replace("    provider: ours\n", "    provider: ours\n    rollback: {{ approval: none }}\n")
TWO = SERVICES.replace("services:\n", "services:\n  api: {{ provider: ours, environment: api }}\n")


def by_hand(production: Production, who: str = "mia", **inputs: str) -> tuple[int, Done]:
    run = production.room.people[who].dispatch(ROLLBACK, inputs)
    alone(production)
    return run, job(production, "claim", run)


def test_without_inputs_it_finds_service_incident_and_release(production: Production) -> None:
    production.opens()
    run = production.dispatch("mia", ROLLBACK)
    (operation,) = production.operations("rollback")
    assert operation.id.startswith("hand-")
    assert (operation.service, operation.target) == ("web", production.releases["v41"])
    assert operation.by is not None
    assert operation.by.login == "mia"
    assert (operation.state, operation.run) == ("waiting", run)
    assert "was started by hand" in production.room.replies[-1].body
    told = production.approve("ann")
    assert "is done, and its smoke run passed" in told
    assert (production.target.version, production.executions()) == ("v41", 1)


def test_it_works_without_any_incident(production: Production) -> None:
    run = production.dispatch("mia", ROLLBACK)
    assert production.waiting() == [run]
    production.room.people["ann"].approve(run)
    production.run_everything()
    assert (production.target.version, production.executions()) == ("v41", 1)
    assert production.room.repo.run(run).conclusion == "success"
    (ref,) = production.room.repo.refs("refs/allclear/0/")
    assert ref.startswith("refs/allclear/0/hand-")


@pytest.mark.parametrize(("who", "has"), [("bob", "write")])
def test_it_takes_the_role_that_the_command_takes(production: Production, who: str, has: str) -> None:
    production.opens()
    run = production.dispatch(who, ROLLBACK)
    assert production.room.repo.run(run).conclusion == "failure"
    assert production.executions() == 0
    (operation,) = production.operations("rollback")
    assert operation.outcome == "refused"
    assert f"GitHub says that {who} has {has}" in operation.text


def test_the_settings_may_lower_the_role(tmp_path: Path) -> None:
    with open_production(tmp_path, "rights: { rollback: write }\n") as production:
        production.opens()
        assert by_hand(production, "bob")[1].outputs["go"] == "true"


def test_who_started_it_does_not_approve_it(production: Production) -> None:
    production.opens()
    run, claimed = by_hand(production, "mia")
    # Without "prevent self-review", GitHub would let it through.
    reviewers = [production.room.account("mia")]
    production.room.repo.environment("production", reviewers, prevent_self_review=False)
    production.room.repo.start_run(run)
    production.room.repo.wait_run(run, "production", deployment=False)
    production.room.people["mia"].approve(run)
    done = job(production, "execute", run, after(claimed))
    assert "mia asked for it and approved it" in done.printed
    assert production.executions() == 0


def test_a_second_person_cannot_be_had_by_hand(tmp_path: Path) -> None:
    with open_production(tmp_path, services=SECOND) as production:
        production.opens()
        run = production.dispatch("mia", ROLLBACK)
        assert production.room.repo.run(run).conclusion == "failure"
        (operation,) = production.operations("rollback")
        assert operation.outcome == "refused"
        assert "Write /rollback in the incident" in operation.text
        assert production.executions() == 0


def test_what_needs_no_approval_is_executed_at_once(tmp_path: Path) -> None:
    with open_production(tmp_path, services=NONE) as production:
        production.opens()
        production.dispatch("mia", ROLLBACK, {"target": "v40", "service": "WEB", "incident": "#1"})
        assert (production.target.version, production.executions()) == ("v42", 0)  # names are commits here
        production.dispatch("mia", ROLLBACK, {"target": production.releases["v40"][:7]})
        assert (production.target.version, production.executions()) == ("v40", 1)


INPUTS: dict[str, tuple[dict[str, str], str]] = {
    "no such service": ({"service": "billing"}, "There is no such service; this repository has api, web"),
    "which service": ({}, "Which service?"),
    "no such incident": ({"service": "web", "incident": "99"}, "no open incident with that number"),
    "no number": ({"service": "web", "incident": "../1"}, "no open incident with that number"),
    "an unknown release": ({"service": "web", "target": "v99"}, "v99 is not among the releases"),
    "an option": ({"service": "web", "target": "--force"}, "is not among the releases"),
    "what runs": ({"service": "web", "target": "CURRENT"}, "is already running"),
    "where nothing ever ran": ({"service": "api"}, "no successful deployment of api"),
}


@pytest.mark.parametrize("inputs", INPUTS)
def test_inputs_that_lead_nowhere_are_told_and_change_nothing(tmp_path: Path, inputs: str) -> None:
    given, said = INPUTS[inputs]
    with open_production(tmp_path, services=TWO) as production:
        production.opens()
        given = {name: text.replace("CURRENT", production.releases["v42"]) for name, text in given.items()}
        _, done = by_hand(production, **given)
        assert (done.code, done.outputs) == (1, {})
        assert said in done.printed or "GitHub knows no successful deployment" in done.printed, done.printed
        assert production.executions() == 0


def test_of_several_incidents_the_one_that_hit_the_service_is_meant(tmp_path: Path) -> None:
    with open_production(tmp_path, services=TWO) as production:
        first = production.opens(title="[INCIDENT P2] Slow")
        production.says("mia", "/affects web")
        second = production.opens(title="[INCIDENT P0] Down")
        production.says("mia", "/affects api")
        third = production.opens(title="[INCIDENT P1] Odd")

        def meant() -> str:
            """The incident that a run by hand belongs to; the run is over before the next one."""
            run, claimed = by_hand(production, service="web")
            production.room.repo.start_run(run)
            production.room.repo.finish_run(run, "cancelled")
            return claimed.outputs["issue"]

        assert meant() == str(first)
        production.room.number = first
        production.says("mia", '/all-clear --override "fine"')
        production.room.number = second
        production.says("mia", "/affects web")
        assert meant() == str(second)
        production.says("mia", '/all-clear --override "fine"')
        assert meant() == str(third)


def test_while_a_rollback_is_under_way_none_is_started_by_hand(production: Production) -> None:
    production.opens()
    production.says("mia", "/rollback web")
    _, done = by_hand(production)
    assert done.code == 1
    assert "already running: rollback-" in done.printed


def test_across_a_migration_nobody_goes_back_by_hand(production: Production) -> None:
    production.release(Version("v43", healthy=False), path="db/migrations/43.sql")
    production.opens()
    _, done = by_hand(production)
    assert done.code == 1
    assert "db/migrations/43.sql" in done.printed


def test_in_a_drill_it_is_a_dry_run(production: Production) -> None:
    labels = ("incident", "P0", "drill")
    production.room.number = production.room.people["ann"].open_issue("[INCIDENT P0] Down", "", labels)
    production.run_everything()
    number = str(production.room.number)
    assert production.room.incident.kind == "drill"
    run, claimed = by_hand(production, incident=number)
    assert claimed.outputs["environment"] == ""
    done = job(production, "execute", run, after(claimed))
    assert (done.code, production.executions()) == (0, 0)


def test_a_smoke_run_by_hand_needs_no_incident(production: Production) -> None:
    run = production.dispatch("bob", "smoke.yml")
    assert production.room.repo.run(run).conclusion == "failure"  # v42 is broken
    assert production.room.repo.statuses(production.releases["v42"])["allclear/smoke"].state == "failure"
    production.opens()
    production.dispatch("bob", "smoke.yml")
    assert production.operation("smoke").outcome == "done"
    assert "| ❌ | `health`" in production.room.replies[-1].body
