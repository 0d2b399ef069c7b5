"""Bad days of an operation: GitHub is down in the middle, settings change, a record is forged."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from allclear.adapters.github.executions import Executions
from allclear.core.model.snapshot import Repository
from allclear.core.model.structs import replace
from jobs.job import Done, after, alone, job
from jobs.test_refusals import approve, asked, settle
from jobs.test_ways import COMMAND, listing, python, rolled_back, services
from production.stage import Production, open_production

ACTION = """\
actions:
  restart:
    title: Restart
    run: [{python}, -c, "import sys; sys.exit({code})"]
    approval: none
"""


@pytest.mark.parametrize("kind", ["error_before", "error_after", "drop_after"])
def test_a_result_outlasts_a_minute_without_github(production: Production, kind: str) -> None:
    run, claimed = executed(production)
    production.hub.faults.add(kind, lambda method, path: method == "PATCH" and "/1/" in path, times=9)  # type: ignore[arg-type] # one of the kinds
    done = job(production, "report", run, after(claimed))
    assert (done.code, production.executions()) == (0, 1)
    assert told(production, run) == ("done", "its smoke checks ended without a result")


def executed(production: Production) -> tuple[int, Done]:
    """A rollback that was claimed, approved and done; nothing of it was reported yet."""
    run = asked(production)
    claimed = job(production, "claim", run)
    approve(production, run)
    done = job(production, "execute", run, after(claimed))
    assert (done.code, done.outputs["smoke"], production.executions()) == (0, "true", 1)
    return run, claimed


def told(production: Production, run: int) -> tuple[str | None, str]:
    """How it ended and why, once the run is over and a sweep has come round."""
    production.hub.faults.clear()
    production.room.repo.finish_run(run, "failure")
    production.sweep()
    return production.operation().outcome, production.operation().text


@pytest.mark.parametrize("kind", ["error_before", "not_accessible"])
def test_a_record_that_github_does_not_take_is_shown_and_the_incident_hears_how_it_ended(
    production: Production, kind: str
) -> None:
    """A 403 after production was changed loses details, never the outcome."""
    run, claimed = executed(production)
    refs = (
        ("/git/refs/allclear/1/", "/git/commits") if kind == "not_accessible" else ("/git/refs/allclear/1/",)
    )
    production.hub.faults.add(  # what a 5xx was, the job tries again for a minute
        kind,  # type: ignore[arg-type] # one of the kinds
        lambda method, path: method in ("POST", "PATCH") and any(one in path for one in refs),
        times=999,
    )
    done = job(production, "report", run, after(claimed))
    assert done.code == 1
    assert "GitHub did not take the record" in done.printed
    assert "could not be written" in done.summary
    assert "done" in done.summary
    outcome, text = told(production, run)
    assert (outcome, production.executions()) == ("done", 1)
    assert "its record could not be written; the run shows the details" in text


def test_a_failed_deploy_whose_record_is_not_taken_is_unknown_and_not_tried_again(tmp_path: Path) -> None:
    fails = services(f"{COMMAND}{python('raise SystemExit(3)')}\n")
    with open_production(tmp_path, services=fails) as production:
        run = asked(production)
        claimed = job(production, "claim", run)
        assert job(production, "execute", run, after(claimed)).code == 1
        production.hub.faults.add(
            "not_accessible", lambda verb, path: verb != "GET" and "/git/" in path, times=99
        )
        assert "the rollback failed: exit 3" in job(production, "report", run, after(claimed)).summary
        production.room.repo.start_run(run)
        assert told(production, run)[0] == "unknown"


def test_an_incident_is_told_by_the_sweep_when_respond_cannot_be_started(production: Production) -> None:
    run = asked(production)
    production.hub.faults.add("error_before", lambda _, path: "respond.yml" in path, times=99)
    claimed = job(production, "claim", run)
    assert (claimed.code, claimed.outputs["go"]) == (0, "true")
    assert "the next sweep writes it into the incident" in claimed.printed


def test_a_record_that_says_something_else_than_the_incident_is_not_executed(production: Production) -> None:
    """Somebody with write access may write a ref; what stands in it is held against the incident."""
    run = asked(production)
    claimed = job(production, "claim", run)
    approve(production, run)
    operation = production.operation()
    token = production.hub.actions_token(production.room.repo, {"contents": "write"})
    client = production.room.client(token)
    records = Executions(client, Repository(production.room.repo.id, "acme/shop", ""))
    held = records.read(1, operation.id)
    assert held is not None
    records.advance(held, replace(held.execution, target=production.releases["v40"]))
    done = job(production, "execute", run, after(claimed))
    assert (done.code, done.outputs.get("smoke")) == (1, None)
    assert "differs from what was claimed" in done.printed
    assert production.executions() == 0


def test_a_rejection_that_github_does_not_show_is_a_failure_that_changed_nothing(
    production: Production,
) -> None:
    run = asked(production)
    claimed = job(production, "claim", run)
    production.hub.faults.add("error_before", lambda _, path: path.endswith("/approvals"), times=99)
    job(production, "report", run, {**after(claimed), "ALLCLEAR_EXECUTE_RESULT": "failure"})
    production.hub.faults.clear()
    production.room.repo.start_run(run)
    production.room.repo.finish_run(run, "failure")
    production.sweep()
    assert (production.operation().outcome, production.executions()) == ("failed", 0)


def test_the_report_of_a_smoke_run_that_never_began_says_so(production: Production) -> None:
    production.opens()
    production.asks("bob", "/smoke web")
    alone(production)
    run = production.run_of("smoke")
    claimed = job(production, "claim", run, door="smoke")
    assert job(production, "smoke", run, door="smoke").code == 1  # no operation was given
    job(production, "report", run, after(claimed), door="smoke")
    again = job(production, "smoke", run, after(claimed), door="smoke")
    assert (again.code, "is ended already" in again.printed) == (1, True)
    production.room.repo.start_run(run)
    production.room.repo.finish_run(run, "failure")
    production.sweep()
    assert production.operation("smoke").text.startswith("its run ended before anything was begun")


def test_a_service_that_is_gone_by_the_time_of_its_smoke_run_is_told(production: Production) -> None:
    production.opens()
    production.asks("bob", "/smoke web")
    alone(production)
    run = production.run_of("smoke")
    claimed = job(production, "claim", run, door="smoke")
    settle(production, "", web="shop")
    done = job(production, "smoke", run, after(claimed), door="smoke")
    assert done.code == 1
    assert "no longer have the service web" in done.printed


def test_checks_that_could_not_be_made_leave_the_release_as_it_was(tmp_path: Path) -> None:
    """An outage of the checks is no verdict on the release: it may still be gone back to (000-A10)."""
    broken = "services:\n  web:\n    commands:\n      - {{ name: test, run: [not-there-9] }}\n"
    more = f"    provider: ours\nproviders:\n  ours:\n    title: Ours\n{COMMAND}{python('print(1)')}\n"
    with open_production(tmp_path, services=broken + more) as production:
        production.opens()
        production.says("bob", "/smoke web")
        assert production.operation("smoke").smoke is not None
        assert "allclear/smoke" not in production.room.repo.statuses(production.releases["v42"])


@pytest.mark.parametrize(("code", "outcome"), [(0, "done"), (5, "failed")])
def test_an_action_ends_as_its_command_does(tmp_path: Path, code: int, outcome: str) -> None:
    with open_production(tmp_path, ACTION.format(python=sys.executable, code=code)) as production:
        production.opens()
        production.says("mia", "/run restart")
        ended = production.operation("action")
        assert (ended.outcome, ended.text) == (outcome, "the action failed: exit 5" if code else "")


def test_in_a_drill_an_action_is_a_dry_run(tmp_path: Path) -> None:
    with open_production(tmp_path, ACTION.format(python=sys.executable, code=5)) as production:
        labels = ("incident", "P0", "drill")
        production.room.number = production.room.people["ann"].open_issue("[INCIDENT P0] Down", "", labels)
        production.run_everything()
        production.says("mia", "/run restart")
        assert production.operation("action").text == f"it would run {sys.executable}"


ELSEWHERE = '    pattern: "{pattern}"\n    target_from: {source}\n    rollback: {run}\n'


@pytest.mark.parametrize(
    ("source", "pattern", "target"),
    [("payload.version", "v[0-9]+", "v41"), ("environment_url", "https://[a-z0-9.]+", "")],
)
def test_what_was_gone_back_to_is_what_github_shows_next(
    tmp_path: Path, source: str, pattern: str, target: str
) -> None:
    """The deployment that the executor reports names the target as the next reader looks for it."""
    how = ELSEWHERE.format(source=source, pattern=pattern, run=python("print(1)"))
    with open_production(tmp_path, services=services(how)) as production:
        if source == "environment_url":
            for name in ("v41", "v42"):
                _deployed_at(production, production.releases[name], f"https://{name}.example.com")
        rolled_back(production)
        ended = production.operation()
        assert ended.outcome == "done", ended.text
        assert ended.target == (target or "https://v41.example.com")
        alone(production)
        said = production.says("mia", f"/rollback web to {ended.release}")
        assert "is already running" in said


def _deployed_at(production: Production, sha: str, url: str) -> None:
    """A deployment whose address GitHub knows, as Vercel reports them."""
    token = production.hub.actions_token(production.room.repo, {"deployments": "write"})
    client = production.room.client(token)
    body = {"ref": sha, "environment": "production", "auto_merge": False, "required_contexts": []}
    production.room.clock.advance(60)
    made = client.send("POST", "/repos/acme/shop/deployments", body).data["id"]
    status = {"state": "success", "environment_url": url}
    client.send("POST", f"/repos/acme/shop/deployments/{made}/statuses", status)


def test_github_that_takes_no_deployment_does_not_undo_the_rollback(tmp_path: Path) -> None:
    with open_production(tmp_path, services=services(f"{COMMAND}{python('print(1)')}\n")) as production:
        run = asked(production)
        claimed = job(production, "claim", run)
        production.hub.faults.add(
            "error_before", lambda verb, path: (verb, path[-12:]) == ("POST", "/deployments"), times=9
        )
        assert job(production, "execute", run, after(claimed)).code == 0
        done = job(production, "report", run, after(claimed))
        assert done.code == 0
        assert "it does not know what is running now" in done.printed


def test_a_list_that_cannot_be_had_begins_nothing(tmp_path: Path) -> None:
    broken = listing([]).replace(python("print('[]')")[1:-1], "missing-9")
    with open_production(tmp_path, services=services(broken)) as production:
        rolled_back(production)
        assert production.operation().outcome in ("failed", "refused")


def test_evidence_by_hand_needs_an_incident(production: Production) -> None:
    run = production.dispatch("bob", "evidence.yml")
    assert production.room.repo.run(run).conclusion == "failure"
    production.opens()
    run = production.dispatch("bob", "evidence.yml")
    assert production.room.repo.run(run).conclusion == "success"
    assert production.operation("evidence").outcome == "done"


def test_an_incident_that_cannot_be_read_is_left_aside_by_hand(production: Production) -> None:
    first = production.opens()
    production.opens()
    production.hub.faults.add("gone", lambda _, path: path.endswith("/issues/2"), times=9, status=410)
    run = production.room.people["mia"].dispatch("rollback-production.yml", {})
    alone(production)
    claimed = job(production, "claim", run)
    assert "Incident 2 could not be read (410)" in claimed.printed
    assert claimed.outputs["issue"] == str(first)
