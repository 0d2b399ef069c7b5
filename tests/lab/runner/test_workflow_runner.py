"""The hosted runner plays a workflow as GitHub does. The doors here write down what they were given."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest
import requests

from allclear_lab.github import BrowserUser, GitHub, JobStep, RepositoryHandle, SimClock, WorkflowRun
from allclear_lab.runner.expressions import UnplayableError
from allclear_lab.runner.job_runner import RunnerLoss, RunnerSetup
from allclear_lab.runner.workflow_runner import FOLDER, WorkflowRunner

OPERATE = """\
name: operate
run-name: operate ${{ inputs.operation }}
on:
  workflow_dispatch:
    inputs: { operation: { type: string, required: false }, place: { type: string, required: false } }
permissions: {}
concurrency:
  group: operate-${{ inputs.operation || github.run_id }}
  queue: max
jobs:
  claim:
    runs-on: ubuntu-latest
    permissions: { contents: read, issues: write }
    outputs: { go: "${{ steps.claim.outputs.go }}", text: "${{ steps.claim.outputs.text }}" }
    steps:
      - uses: actions/checkout@abc
      - { name: Claim, id: claim, run: python scripts/claim.py, env: { T: "${{ github.token }}", S: "${{ secrets.KEY }}" } }
  execute:
    needs: claim
    if: needs.claim.outputs.go == 'true'
    runs-on: ubuntu-latest
    environment: { name: "${{ inputs.place }}", deployment: false }
    outputs: { seen: "${{ steps.after.outputs.seen }}|${{ steps.after.outputs.sight }}" }
    steps:
      - name: Execute
        run: python scripts/execute.py
        env: { TEXT: "${{ needs.claim.outputs.text }}", S: "${{ secrets.KEY }}" }
      - { name: Keep, id: keep, if: always(), uses: actions/upload-artifact@abc, with: { name: x, path: "out/**", if-no-files-found: error } }
      - { name: After, id: after, uses: ./own, with: { door: after }, env: { DIGEST: "${{ steps.keep.outputs.artifact-digest }}" } }
  report:
    needs: [claim, execute]
    if: always()
    runs-on: ubuntu-latest
    steps:
      - { name: Report, run: python scripts/report.py, env: { R: "${{ needs.execute.result }}", SEEN: "${{ needs.execute.outputs.seen }}" } }
"""  # noqa: E501 - a workflow file has no limit
OWN = """\
inputs: { door: { description: Which } }
outputs: { seen: { description: What was seen, value: "${{ steps.open.outputs.sight }}" } }
runs:
  using: composite
  steps:
    - id: open
      shell: bash
      run: python "$GITHUB_WORKSPACE/scripts/$D.py"
      env: { D: "${{ inputs.door }}" }
"""
LOOK = """\
name: look
on: { issues: { types: [opened] }, workflow_dispatch: { inputs: { issue: { required: true } } } }
concurrency: { group: "look-${{ github.event.issue.number || inputs.issue }}" }
jobs:
  look:
    if: github.event_name == 'workflow_dispatch' || !github.event.issue.pull_request
    runs-on: ubuntu-latest
    permissions: { issues: read }
    steps: [{ name: Look, run: python scripts/look.py }]
"""
Env = Mapping[str, str]


@dataclass
class Host:
    """A repository with two workflows, and doors that do what a test says."""

    hub: GitHub
    repo: RepositoryHandle
    hosted: WorkflowRunner
    checkout: Path
    ann: BrowserUser
    bob: BrowserUser
    opened: list[tuple[str, Env]] = field(default_factory=list)
    does: dict[str, Callable[[Env], int]] = field(default_factory=dict)

    def door(self, name: str) -> Callable[..., int]:
        def opens(
            env: Env, *, sleep: Callable[[float], None], out: Callable[[str], None], transport: None
        ) -> int:
            self.opened.append((name, env))
            out(f"{name} speaks")
            return self.does[name](env) if name in self.does else 0

        return opens

    def names(self) -> list[str]:
        return [name for name, _ in self.opened]

    def given(self, door: str) -> Env:
        return [env for name, env in self.opened if name == door][-1]

    def dispatch(self, **inputs: str) -> int:
        return self.ann.dispatch("operate.yml", inputs)

    def state(self, run: int) -> tuple[str, str | None]:
        found = self.repo.run(run)
        return found.status, found.conclusion


def put(env: Env, text: str) -> int:
    with Path(env["GITHUB_OUTPUT"]).open("a") as file:
        file.write(text)
    return 0


def ask(env: Env, path: str = "") -> int:
    head = {"Authorization": f"Bearer {env['T']}"}
    url = f"{env['GITHUB_API_URL']}/repos/acme/shop{path}"
    try:
        return requests.get(url, headers=head, timeout=10).status_code
    except requests.ConnectionError:
        return 0


def keep(env: Env) -> int:
    folder = Path(env["GITHUB_WORKSPACE"]) / "out"
    folder.mkdir()
    (folder / "smoke.xml").write_text("<x/>")
    return 0


@pytest.fixture
def host(tmp_path: Path) -> Iterator[Host]:
    checkout = tmp_path / "checkout"
    checkout.mkdir()
    (checkout / "settings.yml").write_text("x: 1")
    clock = SimClock(datetime(2025, 10, 19, 9, tzinfo=UTC))
    with GitHub(clock=clock, http=True) as hub:
        repo = hub.create_repository("acme/shop")
        repo.put_file(FOLDER + "operate.yml", OPERATE)
        repo.put_file(FOLDER + "look.yml", LOOK)
        repo.put_file("own/action.yml", OWN)
        people: list[BrowserUser] = []
        for login in ("ann", "bob"):
            account = hub.create_user(login)
            repo.grant(account, "admin")
            people.append(repo.person(account))
        repo.environment("production", [hub.world.accounts[people[1].id]])
        doors: dict[str, Callable[..., int]] = {}
        secrets = {"": {"KEY": "of all"}, "production": {"KEY": "of production"}}

        def wait(seconds: float) -> None:
            clock.advance(seconds)

        machine = RunnerSetup(doors, checkout, tmp_path / "jobs", wait, secrets)
        host = Host(hub, repo, WorkflowRunner(hub, repo, machine), checkout, people[0], people[1])
        doors |= {name: host.door(name) for name in ("claim", "execute", "after", "report", "look")}
        host.does = {"claim": lambda env: put(env, "go=true\ntext<<E\none\n two=\nE\n"), "execute": keep}
        yield host


def test_jobs_run_in_their_order_with_outputs_secrets_and_what_a_runner_sets(host: Host) -> None:
    run = host.dispatch(operation="op-1")
    ran = host.hosted.work()
    assert host.names() == ["claim", "execute", "after", "report"]
    assert host.state(run) == ("completed", "success")
    assert [(one.job, one.step, one.run_id) for one in ran][:2] == [
        ("claim", "Claim", run),
        ("execute", "Execute", run),
    ]
    env = host.given("execute")
    assert (env["TEXT"], env["S"]) == ("one\n two=", "of all")
    wanted = {
        "GITHUB_ACTOR": "ann",
        "GITHUB_ACTOR_ID": str(host.ann.id),
        "GITHUB_EVENT_NAME": "workflow_dispatch",
        "GITHUB_JOB": "execute",
        "GITHUB_REF": "refs/heads/main",
        "GITHUB_REF_NAME": "main",
        "GITHUB_REPOSITORY": "acme/shop",
        "GITHUB_RUN_ATTEMPT": "1",
        "GITHUB_RUN_ID": str(run),
        "GITHUB_SHA": host.repo.branches()["main"],
        "GITHUB_WORKFLOW": "operate",
        "GITHUB_WORKFLOW_REF": "acme/shop/.github/workflows/operate.yml@refs/heads/main",
    }
    assert {name: env[name] for name in wanted} == wanted
    assert json.loads(Path(env["GITHUB_EVENT_PATH"]).read_text())["inputs"] == {"operation": "op-1"}
    assert host.given("report")["R"] == "success"
    assert [job.name for job in host.repo.run(run).jobs] == ["claim", "execute", "report"]
    assert host.repo.run(run).logs["2_execute.txt"] == "execute speaks\nafter speaks"


def test_an_action_passes_on_the_outputs_that_it_declares(host: Host) -> None:
    host.does["after"] = lambda env: put(env, "sight=blue\n")
    host.dispatch()
    host.hosted.work()
    assert host.given("report")["SEEN"] == "blue|"


def test_every_job_has_a_workspace_and_a_token_of_its_own(host: Host) -> None:
    host.does["claim"] = lambda env: put(env, f"go={'true' if ask(env, '/issues') == 200 else 'no'}")
    host.does["report"] = lambda env: int((Path(env["GITHUB_WORKSPACE"]) / "out").exists())
    run = host.dispatch()
    host.hosted.work()
    assert host.state(run) == ("completed", "success")
    assert (Path(host.given("report")["GITHUB_WORKSPACE"]) / "settings.yml").read_text() == "x: 1"
    assert ask(host.given("claim"), "/actions/runs") == 403  # no more than the job's permissions
    host.hub.violations.clear()


def test_the_files_of_the_runs_commit_count_where_the_checkout_has_them_too(host: Host) -> None:
    below = host.checkout
    (below / "templates").mkdir()
    (below / "templates" / "one.md").write_text("ours")
    (below / "templates" / "two.md").write_text("ours")
    host.repo.put_file("templates/two.md", "theirs")
    first = host.dispatch()
    host.hosted.work()
    host.ann.push_file("main", "settings.yml", "x: 2")
    host.dispatch()
    host.hosted.work()

    def workspaces(path: str) -> list[str]:
        found = [Path(env["GITHUB_WORKSPACE"]) / path for name, env in host.opened if name == "claim"]
        return [one.read_text() for one in found]

    assert workspaces("settings.yml") == ["x: 1", "x: 2"]
    assert workspaces("templates/one.md") == ["ours", "ours"]
    assert workspaces("templates/two.md") == ["theirs", "theirs"]
    host.bob.rerun(first)
    host.hosted.work()
    assert workspaces("settings.yml")[2] == "x: 1"  # the same commit again


def test_a_path_that_leads_out_of_the_workspace_is_not_checked_out(host: Host, tmp_path: Path) -> None:
    host.repo.put_file("../../escaped.txt", "x")
    host.dispatch()
    with pytest.raises(UnplayableError, match="git would not check this out"):
        host.hosted.work()
    assert not list(tmp_path.rglob("escaped.txt"))


def test_what_a_step_leaves_becomes_an_artifact(host: Host) -> None:
    run = host.dispatch()
    host.hosted.work()
    token = host.hub.actions_token(host.repo, {"actions": "read"})
    url = f"{host.hub.api_url}/repos/acme/shop/actions/runs/{run}/artifacts"
    found = requests.get(url, headers={"Authorization": f"Bearer {token}"}, timeout=10).json()["artifacts"]
    assert [(one["name"], one["digest"]) for one in found] == [
        ("x", f"sha256:{host.given('after')['DIGEST']}")
    ]


def test_a_step_that_fails_fails_its_job_and_only_always_goes_on(host: Host) -> None:
    host.does["execute"] = lambda _: 1
    run = host.dispatch()
    host.hosted.work()
    assert host.names() == ["claim", "execute", "report"]  # nothing to keep fails too; `After` is not tried
    assert host.given("report")["R"] == "failure"
    assert host.state(run) == ("completed", "failure")


def test_a_job_whose_condition_does_not_hold_is_skipped(host: Host) -> None:
    host.does["claim"] = lambda env: put(env, "go=false\n")
    run = host.dispatch()
    host.hosted.work()
    assert host.names() == ["claim", "report"]
    assert host.given("report")["R"] == "skipped"
    assert host.state(run) == ("completed", "success")


def test_an_environment_with_reviewers_stops_the_run_until_one_approves(host: Host) -> None:
    run = host.dispatch(place="production")
    host.hosted.work()
    assert (host.names(), host.state(run)) == (["claim"], ("waiting", None))
    assert host.hosted.work() == []
    host.bob.approve(run)
    host.hosted.work()
    assert host.names() == ["claim", "execute", "after", "report"]
    assert host.given("execute")["S"] == "of production"
    assert host.state(run) == ("completed", "success")


def test_after_a_rejection_or_a_cancellation_only_always_runs(host: Host) -> None:
    run = host.dispatch(place="production")
    host.hosted.work()
    host.bob.reject(run)
    host.hosted.work()
    assert (host.names(), host.given("report")["R"]) == (["claim", "report"], "failure")
    assert host.state(run) == ("completed", "failure")

    run = host.dispatch(place="production")
    host.hosted.work()
    host.bob.cancel_run(run)
    host.hosted.work()
    assert (host.names()[2:], host.given("report")["R"]) == (["claim", "report"], "cancelled")
    assert host.state(run) == ("completed", "cancelled")
    assert host.hosted.attempts == []


def test_a_branch_that_the_environment_does_not_admit_fails_the_job(host: Host) -> None:
    host.ann.push_file("other", "x.txt", "x")
    run = host.ann.dispatch("operate.yml", {"place": "production"}, ref="other")
    host.hosted.work()
    assert host.given("claim")["GITHUB_REF"] == "refs/heads/other"
    assert host.names() == ["claim", "report"]
    assert host.state(run) == ("completed", "failure")


def test_runs_of_one_group_come_one_after_the_other_and_none_is_dropped(host: Host) -> None:
    runs = [host.dispatch(operation="same", place="production") for _ in range(3)]
    other = host.dispatch(operation="other")
    host.hosted.work()
    assert [host.state(run)[0] for run in (*runs, other)] == ["waiting", "queued", "queued", "completed"]
    for run in runs:
        host.bob.approve(run)
        host.hosted.work()
        assert host.state(run) == ("completed", "success")
    assert host.names().count("execute") == 4


def test_without_a_queue_the_newest_of_those_that_wait_is_kept(host: Host) -> None:
    runs = [host.ann.dispatch("look.yml", {"issue": "1"}) for _ in range(4)]
    host.hosted.work()
    assert [host.state(run)[1] for run in runs] == ["success", "cancelled", "cancelled", "success"]
    assert len(host.opened) == 2


def test_an_event_of_an_issue_starts_what_its_file_says(host: Host) -> None:
    issue = host.ann.open_issue("down", "")
    host.ann.close(issue)
    (ran,) = host.hosted.work()
    assert (ran.door, ran.event) == ("look", "issues.opened")
    assert host.given("look")["GITHUB_ACTOR"] == "ann"
    host.ann.open_issue("lost", "")
    host.hosted.ignore()
    assert host.hosted.work() == []


def test_an_output_in_which_a_secret_stands_is_not_sent_on(host: Host) -> None:
    host.does["claim"] = lambda env: put(env, "go=true\ntext=a word of all\n")
    run = host.dispatch(place="production")
    host.hosted.work()
    host.bob.approve(run)
    host.hosted.work()
    assert host.given("execute")["TEXT"] == ""


def test_a_job_under_way_shows_its_steps_and_a_lost_one_how_far_it_came(host: Host) -> None:
    run = host.dispatch(place="production")
    host.hosted.work()
    assert [(job.name, job.status) for job in host.repo.run(run).jobs] == [
        ("claim", ""),
        ("execute", "waiting"),
    ]
    seen: list[tuple[str, str]] = []

    def execute(env: Env) -> int:
        seen.extend((step.name, step.status) for step in steps_of(host.repo.run(run)))
        return keep(env)

    host.does["execute"] = execute
    host.bob.approve(run)
    before = host.hub.snapshot(), host.hosted.mark()
    for loss, shown in (
        (RunnerLoss("execute", "Execute", then="nothing"), ["queued", "queued", "queued"]),
        (RunnerLoss("execute", "Execute", end=True, then="nothing"), ["in_progress", "queued", "queued"]),
    ):
        host.hub.restore(before[0])
        host.hosted.back(before[1])
        host.hosted.play(run, loss)
        (_, job) = host.repo.run(run).jobs
        assert (job.status, job.conclusion) == ("in_progress", None)
        assert [step.status for step in steps_of(host.repo.run(run))][1:] == shown
        host.hosted.notice(run)
        assert [one.conclusion for one in host.repo.run(run).jobs] == ["success", "failure"]
    assert seen[-4:] == [
        ("Claim", "completed"),
        ("Execute", "in_progress"),
        ("Keep", "queued"),
        ("After", "queued"),
    ]


def steps_of(run: WorkflowRun) -> list[JobStep]:
    """The steps of all its jobs, as its page shows them."""
    return [step for job in run.jobs for step in job.steps if isinstance(step, JobStep)]


def test_a_run_that_an_issue_started_is_listed_with_its_jobs_steps_and_logs(host: Host) -> None:
    issue = host.ann.open_issue("down", "")
    host.hosted.work()
    (run,) = host.repo.runs()
    assert (run.event, run.path, run.title) == ("issues", FOLDER + "look.yml", "down")
    assert (run.status, run.conclusion, run.head_branch) == ("completed", "success", "main")
    assert run.actor_id == host.ann.id
    assert host.given("look")["GITHUB_RUN_ID"] == str(run.id)
    assert [(job.name, job.conclusion) for job in run.jobs] == [("look", "success")]
    assert [(step.name, step.status, step.conclusion) for step in steps_of(run)] == [
        ("Look", "completed", "success")
    ]
    assert run.logs == {"1_look.txt": "look speaks", "look/1_Look.txt": "look speaks"}

    host.does["look"] = lambda _: 1
    host.bob.rerun(run.id)
    host.hosted.work()
    env = host.given("look")
    payload = json.loads(Path(env["GITHUB_EVENT_PATH"]).read_text())
    assert (env["GITHUB_RUN_ATTEMPT"], env["GITHUB_ACTOR"], env["GITHUB_EVENT_NAME"]) == (
        "2",
        "ann",
        "issues",
    )
    assert (payload["action"], payload["issue"]["number"], payload["sender"]["login"]) == (
        "opened",
        issue,
        "ann",
    )
    assert host.state(run.id) == ("completed", "failure")
    assert host.repo.run(run.id).logs["1_look.txt"] == "look speaks"


def test_a_run_whose_name_cannot_be_worked_out_is_unplayable(host: Host) -> None:
    text = (host.repo.file(FOLDER + "look.yml") or "").replace(
        "name: look", "name: look\nrun-name: ${{ github.sha }}"
    )
    host.repo.put_file(FOLDER + "look.yml", text)
    host.ann.open_issue("down", "")
    with pytest.raises(UnplayableError, match=r"github\.sha"):
        host.hosted.work()
    assert host.hosted.work() == []


def test_a_run_that_is_started_again_keeps_its_actor_and_has_its_next_attempt(host: Host) -> None:
    run = host.dispatch(operation="op-1")
    host.hosted.work()
    host.bob.rerun(run)
    host.hosted.work()
    env = host.given("claim")
    assert (env["GITHUB_RUN_ATTEMPT"], env["GITHUB_ACTOR"], env["GITHUB_RUN_ID"]) == ("2", "ann", str(run))
    assert env["GITHUB_EVENT_NAME"] == "workflow_dispatch"
    assert host.state(run) == ("completed", "success")


def test_a_runner_is_lost_before_a_step_and_the_report_still_comes(host: Host) -> None:
    run = host.dispatch()
    host.hosted.play(run, RunnerLoss("execute", "Execute"))
    assert host.hosted.runner.struck
    assert (host.names(), host.given("report")["R"]) == (["claim", "report"], "failure")
    assert host.state(run) == ("completed", "failure")


def test_a_run_whose_runner_is_lost_may_be_cancelled_or_stay_as_it_is(host: Host) -> None:
    cancelled = host.dispatch()
    host.hosted.play(cancelled, RunnerLoss("execute", "Keep", then="cancelled"))
    assert host.given("report")["R"] == "cancelled"
    assert host.state(cancelled) == ("completed", "cancelled")
    silent = host.dispatch()
    host.hosted.play(silent, RunnerLoss("execute", "After", then="nothing"))
    host.hosted.work()
    assert host.state(silent) == ("in_progress", None)
    assert host.names()[-2:] == ["claim", "execute"]


def test_a_runner_is_lost_in_the_middle_of_a_step(host: Host) -> None:
    def claims(env: Env) -> int:
        seen = [ask(env) for _ in range(3)]
        return put(env, f"go=true\ntext={seen}\n")

    host.does["claim"] = claims
    before = host.hosted.mark(), host.hub.snapshot()
    run = host.dispatch()
    for request in range(3):
        host.hosted.play(run, RunnerLoss("claim", "Claim", request=request))
        assert host.hosted.runner.struck
        assert host.names() == ["claim", "report"]
        host.opened.clear()
        host.hub.restore(before[1])
        host.hosted.back(before[0])
        run = host.dispatch()
    host.hosted.play(run, RunnerLoss("claim", "Claim", request=3))  # it makes no fourth request
    assert not host.hosted.runner.struck
    assert host.given("execute")["TEXT"] == "[200, 200, 200]"
    assert host.hosted.ran[0].asked == (False, False, False)


def test_a_door_that_is_not_there_is_an_error(host: Host) -> None:
    host.repo.put_file(FOLDER + "operate.yml", OPERATE.replace("scripts/claim.py", "scripts/other.py"))
    host.dispatch()
    run = host.repo.runs()[0].id
    with pytest.raises(UnplayableError, match="no door `other`"):
        host.hosted.work()
    # It has failed, and nothing waits for it: whoever goes on after the error is not stopped again.
    assert host.state(run) == ("completed", "failure")
    assert host.hosted.work() == []


def test_workflows_that_start_each_other_without_end_are_stopped(host: Host) -> None:
    host.does["report"] = lambda _: int(not host.dispatch())
    host.dispatch()
    with pytest.raises(RuntimeError, match="without end"):
        host.hosted.work()
