"""The part of the walk that operations need: deployments, workflows, their runs, environments, statuses."""

from __future__ import annotations

from allclear_lab.github import Job, RepositoryHandle
from fidelity.caller import Caller, account_id

ROLLBACK = """\
name: Rollback
run-name: rollback ${{ inputs.operation || 'by hand' }}
on:
  workflow_dispatch:
    inputs: {operation: {default: ''}}
jobs:
  claim: {}
"""


def deployments(call: Caller, shop: RepositoryHandle) -> None:
    new = {
        "ref": "main",
        "task": "deploy",
        "auto_merge": False,
        "required_contexts": [],
        "payload": {"release": "v2"},
        "environment": "staging",
        "description": "v2",
        "transient_environment": False,
        "production_environment": False,
    }
    made = call("POST", "/deployments", new, expect=201)
    call("POST", "/deployments", {**new, "ref": "none"}, expect=422)
    one = f"/deployments/{made['id']}"
    call("GET", "/deployments", expect=200, environment="staging", ref="main", task="deploy", per_page=1)
    report = {"state": "success", "log_url": "https://ci.example.com/1", "description": "done"}
    site = {"environment": "staging", "environment_url": "https://staging.example.com", "auto_inactive": True}
    call("POST", f"{one}/statuses", report | site, expect=201)
    call("POST", f"{one}/statuses", {"state": "great"}, expect=422)
    call("GET", f"{one}/statuses", expect=200)


def actions(call: Caller, shop: RepositoryHandle) -> None:
    call("GET", "/actions/workflows", expect=200)
    sweep = "/actions/workflows/sweep.yml"
    call("GET", sweep, expect=200)
    call("GET", "/actions/workflows/none.yml", expect=404)
    start = {"ref": "main", "inputs": {"issue": "1"}}
    call("POST", f"{sweep}/dispatches", start, expect=204)
    run = call("POST", f"{sweep}/dispatches", {**start, "return_run_details": True}, expect=200)
    call("POST", f"{sweep}/dispatches", {"ref": "main", "inputs": {"other": "1"}}, expect=422)
    call("POST", f"{sweep}/dispatches", {"ref": "none", "inputs": {"issue": "1"}}, expect=422)
    call("GET", f"{sweep}/runs", expect=200, event="workflow_dispatch", status="queued")
    call("GET", "/actions/runs", expect=200, created=">=2025-10-19T00:00:00Z", branch="main", per_page=5)
    call("GET", f"/actions/runs/{run['workflow_run_id']}", expect=200)
    call("GET", "/actions/runs/1", expect=404)


def runs(call: Caller, shop: RepositoryHandle) -> None:
    shop.put_file(".github/workflows/rollback.yml", ROLLBACK)
    bob = shop.hub.world.accounts[account_id(shop, "bob")]
    shop.environment("production", [bob])
    shop.environment("a/b", branches=False)
    call("GET", "/environments", expect=200, per_page=1)
    call("GET", "/environments/production", expect=200)
    call("GET", "/environments/a%2Fb", expect=200)
    call("GET", "/environments/none", expect=404)
    start = {"ref": "main", "inputs": {"operation": "rb-1"}, "return_run_details": True}
    run = call("POST", "/actions/workflows/rollback.yml/dispatches", start, expect=200)["workflow_run_id"]
    one = f"/actions/runs/{run}"
    call("GET", f"{one}/pending_deployments", expect=200)
    shop.start_run(run)
    call("POST", f"{one}/rerun", {}, expect=403)
    assert shop.wait_run(run, "production", deployment=False)
    call("GET", f"{one}/pending_deployments", expect=200)
    call("GET", f"{one}/jobs", expect=200)
    (waits,) = call("GET", f"{one}/pending_deployments", expect=200)
    word = {"environment_ids": [waits["environment"]["id"]], "state": "approved", "comment": "Ship it"}
    call("POST", f"{one}/pending_deployments", word, expect=403)
    reviewer = Caller(shop.hub, shop.hub.personal_token(bob))
    reviewer("POST", f"{one}/pending_deployments", {**word, "environment_ids": [1]}, expect=422)
    reviewer("POST", f"{one}/pending_deployments", {**word, "state": "perhaps"}, expect=422)
    reviewer("POST", f"{one}/pending_deployments", word, expect=200)
    call("GET", f"{one}/approvals", expect=200)
    shop.set_log(run, "1_claim.txt", "claimed")
    shop.set_jobs(run, Job("claim", "success", (("Set up job", "success"),)), Job("execute", None))
    call("GET", f"{one}/jobs", expect=200)
    call("GET", f"{one}/logs", expect=302)
    shop.finish_run(run, "failure")
    call("POST", f"{one}/cancel", expect=409)
    call("POST", f"{one}/rerun", {"enable_debug_logging": False}, expect=201)
    call("GET", one, expect=200)
    found = call("GET", f"{one}/jobs", expect=200, filter="all")
    call("GET", f"/actions/jobs/{found['jobs'][0]['id']}", expect=200)
    call("GET", "/actions/jobs/9", expect=404)
    call("POST", f"{one}/cancel", expect=202)
    call("GET", "/actions/runs/1/logs", expect=404)


def artifacts(call: Caller, shop: RepositoryHandle) -> None:
    run = shop.runs()[-1].id
    made = shop.add_artifact(run, f"evidence-{len(shop.hub.requests)}", b"zip", days=1)
    call("GET", f"/actions/runs/{run}/artifacts", expect=200, name="evidence", direction="asc")
    call("GET", f"/actions/runs/{run}/artifacts", expect=200)
    one = f"/actions/artifacts/{made}"
    call("GET", one, expect=200)
    call("GET", "/actions/artifacts/1", expect=404)
    call("GET", f"{one}/zip", expect=302)
    shop.hub.clock.advance(86_400)
    call("GET", one, expect=200)
    call("GET", f"{one}/zip", expect=410)


def statuses(call: Caller, shop: RepositoryHandle) -> None:
    tip = shop.branches()["main"]
    said = {"state": "failure", "context": "allclear/smoke", "description": "2 of 5 failed"}
    call("GET", "/commits/main/status", expect=200)
    call("POST", f"/statuses/{tip}", {**said, "target_url": "https://ci.example.com/1"}, expect=201)
    call("POST", f"/statuses/{tip}", {"state": "success"}, expect=201)
    call("POST", f"/statuses/{tip}", {**said, "state": "great"}, expect=422)
    call("POST", f"/statuses/{tip}", {**said, "description": "x" * 141}, expect=422)
    call("POST", f"/statuses/{'0' * 40}", said, expect=422)
    call("GET", f"/commits/{tip}/status", expect=200, per_page=1)
    call("GET", "/commits/none/status", expect=404)
