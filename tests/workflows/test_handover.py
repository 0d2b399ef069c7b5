"""What a workflow hands to its door and to its next job, whatever the product does with it.

The checkout is another repository that `allclear init` was used on. The app behind the doors is a stand-in
here that writes down what it was given.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from allclear import cli
from workflows.runner import Run, Runner, for_act

pytestmark = pytest.mark.needs("act")

STAND_IN = """
import json

def _tell(door, env):
    event = json.load(open(env["GITHUB_EVENT_PATH"]))
    seen = {name: env.get(name, "") for name in (
        "ALLCLEAR_ISSUES", "GITHUB_API_URL", "GITHUB_EVENT_NAME", "GITHUB_REPOSITORY", "GITHUB_RUN_ID")}
    print(json.dumps({"door": door, "token": len(env["GITHUB_TOKEN"]), "event": event, **seen}))
    return event.get("answer", {})

def _look(door, env):
    answer = _tell(door, env)
    for job in ("postmortem", "hotfix"):
        if job in answer:
            with open(env["GITHUB_OUTPUT"], "a") as output:
                output.write(job + "=" + answer[job] + "\\n")
    return answer.get("code", 0)

def door(name, env):
    if name in ("respond", "sweep"):
        return _look(name, env)
    _tell(name, env)
    return 0
"""
HOSTILE = "$(exit 9) `id` ${{ github.token }} %0a ::set-output name=postmortem::[13]\n::add-mask::x"
ENV = {
    "GITHUB_API_URL": "http://127.0.0.1:9",
    "GITHUB_REPOSITORY": "acme/shop",
    "GITHUB_REPOSITORY_ID": "7",
    "GITHUB_RUN_ID": "777",
}
TOKEN = "ghs_pretend"

Start = Callable[..., Run]


@pytest.fixture(scope="session")
def start(tmp_path_factory: pytest.TempPathFactory, tool: Callable[[str], Path]) -> Start:
    home = tmp_path_factory.mktemp("handover")
    checkout = home / "checkout"
    checkout.mkdir()
    assert CliRunner().invoke(cli.main, ["init", str(checkout)]).exit_code == 0
    for_act(checkout)
    (checkout / "scripts/allclear/app.py").write_text(STAND_IN)
    runner = Runner(tool("act"), checkout, home)

    def run(name: str, event: str, **payload: Any) -> Run:
        return runner.run(name, event, payload, ENV, token=TOKEN)

    return run


def told(run: Run) -> list[dict[str, Any]]:
    return [json.loads(line) for line in run.output.splitlines() if line.startswith("{")]


def handed_over(run: Run) -> list[tuple[str, str]]:
    return [(seen["door"], seen["ALLCLEAR_ISSUES"]) for seen in told(run)]


def comment_on(*labels: str, **answer: Any) -> dict[str, Any]:
    return {
        "action": "created",
        "issue": {"number": 42, "title": HOSTILE, "labels": [{"name": name} for name in labels]},
        "comment": {"id": 1, "body": HOSTILE},
        "answer": answer,
    }


def test_a_comment_reaches_the_door_as_it_was_written(start: Start) -> None:
    run = start("respond.yml", "issue_comment", **comment_on("incident", postmortem="[]"))
    assert run.jobs == {"respond": "success"}
    (seen,) = told(run)
    assert seen["event"]["comment"]["body"] == HOSTILE
    assert (seen["door"], seen["token"]) == ("respond", len(TOKEN))
    assert {name: seen[name] for name in ENV if name in seen} == {k: v for k, v in ENV.items() if k in seen}
    assert seen["GITHUB_EVENT_NAME"] == "issue_comment"


def test_a_comment_elsewhere_starts_nothing(start: Start) -> None:
    run = start("respond.yml", "issue_comment", **comment_on("question"))
    assert (run.code, dict(run.jobs), told(run)) == (0, {}, [])


def test_due_postmortems_are_handed_to_the_second_job(start: Start) -> None:
    run = start("respond.yml", "issue_comment", **comment_on("incident", postmortem="[42, 7]"))
    assert run.jobs == {"respond": "success", "postmortem": "success"}
    assert handed_over(run) == [
        ("respond", ""),
        ("postmortem", "[42, 7]"),
    ]


def test_a_wanted_hotfix_is_handed_to_its_job(start: Start) -> None:
    run = start("respond.yml", "issue_comment", **comment_on("incident", hotfix="[42]", postmortem="[]"))
    assert run.jobs == {"respond": "success", "hotfix": "success"}
    assert handed_over(run) == [("respond", ""), ("hotfix", "[42]")]


def test_the_hotfix_comes_after_the_postmortem(start: Start) -> None:
    run = start("sweep.yml", "schedule", answer={"postmortem": "[7]", "hotfix": "[42]"})
    assert handed_over(run) == [("sweep", ""), ("postmortem", "[7]"), ("hotfix", "[42]")]


def test_a_door_that_says_nothing_of_postmortems_starts_none(start: Start) -> None:
    assert start("respond.yml", "issue_comment", **comment_on("incident")).jobs == {"respond": "success"}


def test_a_failing_door_is_a_red_run_and_nothing_follows(start: Start) -> None:
    due = comment_on("incident", postmortem="[42]", hotfix="[42]", code=1)
    run = start("respond.yml", "issue_comment", **due)
    assert run.code != 0
    assert run.jobs == {"respond": "failure"}


def test_a_dispatch_by_hand_names_the_issue(start: Start) -> None:
    run = start("respond.yml", "workflow_dispatch", inputs={"issue": "42"}, answer={"postmortem": "[]"})
    assert [seen["event"]["inputs"] for seen in told(run)] == [{"issue": "42"}]


def test_the_schedule_opens_the_door_of_the_sweep(start: Start) -> None:
    run = start("sweep.yml", "schedule", schedule="7-59/10 * * * *", answer={"postmortem": "[42]"})
    assert run.jobs == {"sweep": "success", "postmortem": "success"}
    assert handed_over(run) == [
        ("sweep", ""),
        ("postmortem", "[42]"),
    ]


def test_a_postmortem_by_hand_is_given_its_issue(start: Start) -> None:
    run = start("postmortem.yml", "workflow_dispatch", inputs={"issue": "42"})
    assert run.jobs == {"postmortem": "success"}
    assert handed_over(run) == [("postmortem", "42")]
