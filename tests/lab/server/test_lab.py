"""The lab as its users have it: a process of its own, spoken to by plain HTTP."""

from __future__ import annotations

import base64
from typing import Any

from lab.server.process import RunningProcess, until


def test_an_incident_is_talked_through_by_plain_http(lab: RunningProcess) -> None:
    new = {"title": "[INCIDENT P0] Production down", "labels": ["incident", "P0"]}
    status, issue = lab.asks("bob", "POST", "issues", new, Authorization=f"token {lab.tokens['bob']}")
    assert status == 201
    number = issue["number"]
    declared = until(lambda: [one for one in lab.comments(number) if "Incident declared" in one["body"]])
    assert declared[0]["user"]["login"] == "github-actions[bot]"

    assert "✅ `/ack` · eve" in lab.says("eve", number, "/ack")
    assert "✅ `/sev P1` · bob" in lab.says("bob", number, "/sev P1")
    assert "❌ `/resolve` · bob" in lab.says("bob", number, "/resolve")
    assert lab.says("drive-by", number, "/all-clear")

    _, seen = lab.asks("ann", "GET", f"issues/{number}", X_GitHub_Api_Version="2022-11-28")
    assert seen["state"] == "open"
    assert {"incident", "P1", "status:investigating"} <= {label["name"] for label in seen["labels"]}
    (panel,) = [one["body"] for one in lab.comments(number) if one["body"].startswith("<!-- allclear:panel ")]
    assert "**P1**" in panel or "P1 ·" in panel

    shown = lab.output.read_text()
    for words in ("issues opened #1", "respond ← issue_comment.created", "/resolve", "panel updated"):
        assert words in shown
    assert "\x1b" not in shown


def test_a_rollback_waits_for_its_reviewer_and_is_carried_out(lab: RunningProcess) -> None:
    new = {"title": "[INCIDENT P0] Errors", "labels": ["incident", "P0"]}
    number = lab.asks("ann", "POST", "issues", new)[1]["number"]
    lab.says("ann", number, "/rollback app", answer="v41")

    def waiting() -> list[dict[str, Any]]:
        return list(lab.asks("max", "GET", "actions/runs?status=waiting")[1]["workflow_runs"])

    (run,) = until(waiting)
    path = f"actions/runs/{run['id']}/pending_deployments"
    (asked,) = lab.asks("max", "GET", path)[1]
    word = {"environment_ids": [asked["environment"]["id"]], "state": "approved", "comment": "go"}
    assert lab.asks("bob", "POST", path, word)[0] == 403
    assert lab.asks("max", "POST", path, word)[0] == 200
    until(lambda: lab.asks("max", "GET", f"actions/runs/{run['id']}")[1]["conclusion"] == "success")
    until(lambda: any("smoke run passed" in one["body"] for one in lab.comments(number)))


def test_a_workflow_is_started_by_hand(lab: RunningProcess) -> None:
    assert lab.asks("ann", "POST", "actions/workflows/sweep.yml/dispatches", {"ref": "main"})[0] == 204
    assert lab.asks("eve", "POST", "actions/workflows/sweep.yml/dispatches", {"ref": "main"})[0] == 403

    def ended() -> list[dict[str, Any]]:
        runs = lab.asks("ann", "GET", "actions/workflows/sweep.yml/runs?event=workflow_dispatch")[1]
        return [run for run in runs["workflow_runs"] if run["conclusion"] == "success"]

    assert until(ended)


def test_what_is_not_there_is_answered_as_github_does(lab: RunningProcess) -> None:
    assert lab.asks("ann", "GET", "fortune")[0] == 404
    assert lab.asks("ann", "GET", "issues/1?surprise=1")[0] == 200
    assert lab.asks("", "GET", "issues/1")[0] == 401
    assert lab.asks("", "GET", "issues/1", Authorization="Bearer ghp_nobody")[0] == 401
    status, found = lab.asks("ann", "GET", "issues/1", X_GitHub_Api_Version="1999-01-01")
    assert (status, "Unsupported API version" in found["message"]) == (400, True)


def test_what_an_event_started_is_listed_with_its_jobs_and_can_be_started_again(lab: RunningProcess) -> None:
    new = {"title": "[INCIDENT P2] Slow", "labels": ["incident", "P2"]}
    number = lab.asks("ann", "POST", "issues", new)[1]["number"]
    lab.says("eve", number, "/ack")

    def ended(event: str) -> list[dict[str, Any]]:
        found = lab.asks("ann", "GET", f"actions/runs?event={event}&per_page=100")[1]["workflow_runs"]
        return [run for run in found if run["conclusion"] == "success"]

    (run, *_) = until(lambda: ended("issue_comment"))
    assert (run["name"], run["head_branch"], run["path"]) == (
        "respond",
        "main",
        ".github/workflows/respond.yml",
    )
    assert until(lambda: ended("issues"))
    (job, *_) = lab.asks("ann", "GET", f"actions/runs/{run['id']}/jobs")[1]["jobs"]
    assert (job["name"], job["conclusion"], [step["name"] for step in job["steps"]]) == (
        "respond",
        "success",
        ["Respond"],
    )
    assert lab.asks("eve", "POST", f"actions/runs/{run['id']}/rerun")[0] == 403
    assert lab.asks("ann", "POST", f"actions/runs/{run['id']}/rerun")[0] == 201

    def again() -> bool:
        seen = lab.asks("ann", "GET", f"actions/runs/{run['id']}")[1]
        return bool((seen["run_attempt"], seen["conclusion"]) == (2, "success"))

    assert until(again)


def test_the_settings_of_the_default_branch_count_from_the_next_run_on(lab: RunningProcess) -> None:
    file = "contents/.github/allclear.yml"
    _, before = lab.asks("ann", "GET", file)
    text = base64.b64decode(before["content"]).decode() + "zone: Asia/Tokyo\n"
    change = {"message": "Our time", "sha": before["sha"]}
    written = {**change, "content": base64.b64encode(text.encode()).decode()}
    assert lab.asks("eve", "PUT", file, written)[0] == 403
    assert lab.asks("ann", "PUT", file, written)[0] == 200
    new = {"title": "[INCIDENT P1] Late", "labels": ["incident", "P1"]}
    number = lab.asks("ann", "POST", "issues", new)[1]["number"]
    (declared, *_) = until(lambda: [one for one in lab.comments(number) if "declared" in one["body"]])
    assert " JST |" in declared["body"]

    broken = base64.b64encode(b"zoen: Asia/Tokyo\n").decode()
    sha = lab.asks("ann", "GET", file)[1]["sha"]
    assert lab.asks("ann", "PUT", file, {**change, "content": broken, "sha": sha})[0] == 200
    lab.says("ann", number, "/note we look")
    assert until(lambda: [one for one in lab.comments(number) if "did you mean `zone`?" in one["body"]])
