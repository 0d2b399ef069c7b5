"""The ways a service is put back: a command, a deploy workflow, the deploy system's own list."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from jobs.job import Done, after, alone, job
from production.stage import Production, open_production

NONE = "    rollback: {{ approval: none }}\n"
DEPLOY = """\
name: deploy
on:
  workflow_dispatch:
    inputs:
      sha: {type: string}
jobs:
  a: {}
"""


def services(provider: str, rules: str = NONE) -> str:
    """The service with another way of going back, nobody to ask, and no smoke checks."""
    return (
        f"services:\n  web:\n    provider: ours\n    values: {{{{ workflow: deploy.yml }}}}\n{rules}"
        f"providers:\n  ours:\n    title: Ours\n{provider}"
    )


def python(*words: str) -> str:
    """A vector that runs a line of Python."""
    return json.dumps([sys.executable, "-c", *words]).replace("{", "{{").replace("}", "}}")


def rolled_back(
    production: Production, line: str = "/rollback web", sleep: Callable[[float], None] | None = None
) -> Done:
    """Asked for, claimed and executed; the report follows."""
    production.opens()
    production.asks("mia", line)
    alone(production)
    run = production.run_of()
    claimed = job(production, "claim", run)
    assert claimed.code == 0, claimed.printed
    done = job(production, "execute", run, after(claimed), sleep=sleep)
    job(production, "report", run, after(claimed))
    production.room.repo.start_run(run)
    production.room.repo.finish_run(run, "success" if done.code == 0 else "failure")
    production.sweep()
    return done


COMMAND = '    pattern: "[0-9a-f]{{{{40}}}}"\n    rollback: '.replace("{{{{", "{{").replace("}}}}", "}}")

ENDS: dict[str, tuple[str, str, str, int]] = {
    "well": ("print('gone back to', '{target}'[:3])", "done", "", 0),
    "badly": (
        "import sys; print('no such app'); sys.exit(3)",
        "failed",
        "the rollback failed: exit 3: no such app",
        1,
    ),
    "silently": ("import sys; sys.exit(1)", "failed", "the rollback failed: exit 1", 1),
    "by a signal": ("import os; os.kill(os.getpid(), 9)", "failed", "the rollback failed: exit -9", 1),
    "never": ("import time; time.sleep(60)", "unknown", "the rollback failed: stopped after", 1),
}


@pytest.mark.parametrize("how", ENDS)
def test_a_command_ends(tmp_path: Path, how: str) -> None:
    code, outcome, text, exit_code = ENDS[how]
    words = json.dumps([sys.executable, "-c", code]).replace("{target}", "{{target}}")
    rules = "    rollback: {{ approval: none, timeout: 1s }}\n" if how == "never" else NONE
    with open_production(tmp_path, services=services(f"{COMMAND}{words}\n", rules)) as production:
        done = rolled_back(production)
        ended = production.operation()
        assert (done.code, ended.outcome) == (exit_code, outcome)
        assert ended.text.startswith(text)
        assert ended.after == (production.releases["v41"][:7] if outcome == "done" else "")
        # GitHub knows what runs now, where it went through; and the next rollback goes on from there.
        said = production.says("mia", "/rollback web --dry-run")
        assert (production.releases["v40"][:7] in said) is (outcome == "done")


def test_a_program_that_is_not_there_is_named(tmp_path: Path) -> None:
    with open_production(
        tmp_path, services=services(f"{COMMAND}[flyctl-9, '{{{{target}}}}']\n")
    ) as production:
        done = rolled_back(production)
        assert done.code == 1
        assert "flyctl-9: No such file or directory" in production.operation().text
        assert production.operation().outcome == "failed"


def test_a_command_sees_the_listed_variables_and_no_token(tmp_path: Path) -> None:
    """Secrets of others stay theirs, and what it prints of its own is scrubbed."""
    seen = "sorted(k for k in os.environ if 'TOKEN' in k or 'URL' in k)"
    code = f"import os; print({seen}, os.environ['FLY_API_TOKEN'])"
    provider = f"    env: [FLY_API_TOKEN]\n{COMMAND}{python(code)}\n"
    with open_production(tmp_path, services=services(provider)) as production:
        production.opens()
        production.asks("mia", "/rollback web")
        alone(production)
        run = production.run_of()
        given = after(job(production, "claim", run))
        secret = {"FLY_API_TOKEN": "horse-battery-staple", "DATABASE_URL": "postgres://u:p@db/x"}
        done = job(production, "execute", run, given | secret)
        assert done.code == 0
        assert "['FLY_API_TOKEN'] [scrubbed]" in done.printed
        assert "horse-battery" not in done.printed + done.summary


def test_what_a_command_prints_orders_the_runner_nothing(tmp_path: Path) -> None:
    code = "print('::add-mask::x'); print('::error::boo'); print('##[group]'); print('fine')"
    with open_production(tmp_path, services=services(f"{COMMAND}{python(code)}\n")) as production:
        done = rolled_back(production)
        assert "fine" in done.printed
        assert [line for line in done.printed.splitlines() if line.startswith(("::", "##["))] == []


def test_a_kubeconfig_is_a_file_that_nobody_else_reads_and_that_does_not_stay(tmp_path: Path) -> None:
    shown = "print(p, open(p).read(), oct(os.stat(p).st_mode & 0o777))"
    code = f"import os, stat; p = os.environ['KUBECONFIG']; {shown}"
    provider = f"    env: [KUBECONFIG_DATA, KUBECONFIG]\n{COMMAND}{python(code)}\n"
    with open_production(tmp_path, services=services(provider)) as production:
        production.opens()
        production.asks("mia", "/rollback web")
        alone(production)
        run = production.run_of()
        given = after(job(production, "claim", run))
        done = job(production, "execute", run, given | {"KUBECONFIG_DATA": "apiVersion: v1, clusters: []"})
        (line,) = [line for line in done.printed.splitlines() if line.endswith("0o600")]
        assert "[scrubbed]" in line
        assert not Path(line.split()[0]).exists()


def test_a_check_afterwards_that_fails_is_told_as_such(tmp_path: Path) -> None:
    provider = (
        f"{COMMAND}{python('print(1)')}\n    settle: 30s\n"
        f"    verify:\n      - {{{{ name: machines, run: {python('import sys; sys.exit(4)')} }}}}\n"
    )
    with open_production(tmp_path, services=services(provider)) as production:
        rolled_back(production)
        ended = production.operation()
        assert (ended.outcome, ended.text) == ("failed", "it went through, but machines failed: exit 4")


LISTED = [
    {"release": "v9", "target": "img:9", "ok": "no"},
    {"release": "v8", "target": "img:8", "ok": "yes"},
    {"release": "v7", "target": "img:7", "ok": "yes"},
    {"release": "v6", "target": "img:6", "ok": "yes"},
]


def listing(rows: object, more: str = "") -> str:
    show = f"print({json.dumps(json.dumps(rows))})"
    return (
        "    targets: provider\n"
        '    pattern: "img:[0-9]+"\n'
        f'    list: {{{{ run: {python(show)}, target: target, state: ok, good: ["yes"] }}}}\n{more}'
        f"    rollback: {python('import sys; print(sys.argv)', 'TARGET')}\n"
    ).replace("TARGET", "{{target}}")


LINES = {
    "/rollback web": ("done", "v7", "v8"),
    "/rollback web to v6": ("done", "v6", "v8"),
    "/rollback web to img:6": ("done", "v6", "v8"),
    "/rollback web to v8": ("refused", "", ""),
    "/rollback web to v5": ("refused", "", ""),
}


@pytest.mark.parametrize("line", LINES)
def test_the_deploy_systems_own_list_says_where_to_go(tmp_path: Path, line: str) -> None:
    outcome, went, before = LINES[line]
    with open_production(tmp_path, services=services(listing(LISTED))) as production:
        rolled_back(production, line)
        ended = production.operation()
        assert (ended.outcome, ended.after, ended.before) == (outcome, went, before), ended.text


def test_a_second_rollback_goes_back_further(tmp_path: Path) -> None:
    """What this incident went back from is not gone back to, however the deploy system numbers it."""
    with open_production(tmp_path, services=services(listing(LISTED))) as production:
        rolled_back(production)
        assert production.operation().before == "v8"


def test_a_dry_run_asks_for_the_list_and_does_nothing(tmp_path: Path) -> None:
    with open_production(tmp_path, services=services(listing(LISTED))) as production:
        done = rolled_back(production, "/rollback web --dry-run")
        ended = production.operation()
        assert (ended.outcome, ended.text) == ("done", "it would go back from v8 to v7")
        assert done.printed.count("$ ") == 1  # the list, and nothing else


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([], "lists no earlier release that worked"),
        ("nothing", "could not be listed: The list of releases is not JSON"),
        ([{"release": "v1", "target": "img:1", "ok": "yes"}], "lists no earlier release that worked"),
        (
            [LISTED[1], {"release": "v7", "target": "--all", "ok": "yes"}],
            "is not a target that the provider accepts",
        ),
    ],
)
def test_a_list_that_leads_nowhere_begins_nothing(tmp_path: Path, rows: object, said: str) -> None:
    with open_production(tmp_path, services=services(listing(rows))) as production:
        done = rolled_back(production)
        assert done.code == 1
        assert said in production.operation().text
        assert "TARGET" not in done.printed


def test_another_command_may_say_what_runs_now(tmp_path: Path) -> None:
    show = f"print({json.dumps(json.dumps([LISTED[2]]))})"
    more = f"    current: {{{{ run: {python(show)}, target: target }}}}\n"
    with open_production(tmp_path, services=services(listing(LISTED, more))) as production:
        rolled_back(production)
        ended = production.operation()
        assert (ended.before, ended.after) == ("v7", "v6")


def deployed_by(production: Production, name: str = "deploy.yml") -> None:
    """The repository's deploy workflow, and its run for v41."""
    production.room.repo.put_file(f".github/workflows/{name}", DEPLOY)
    alone(production)


def runner(production: Production, conclusion: str) -> Callable[[float], None]:
    """While somebody waits, the runs of the deploy workflow come to an end."""

    def pass_time(seconds: float) -> None:
        production.room.sleep(seconds)
        for run in production.room.repo.runs():
            if run.path.endswith("deploy.yml") and run.status == "queued":
                production.room.repo.start_run(run.id)
            elif run.path.endswith("deploy.yml") and run.status == "in_progress":
                production.room.repo.finish_run(run.id, conclusion)

    return pass_time


START = (
    '    pattern: "[0-9a-f]{{40}}"\n'
    '    start: {{ workflow: "{{workflow}}", inputs: {{ sha: "{{target}}" }} }}\n'
)


@pytest.mark.parametrize(("conclusion", "outcome"), [("success", "done"), ("failure", "failed")])
def test_a_deploy_workflow_is_started_and_waited_for(tmp_path: Path, conclusion: str, outcome: str) -> None:
    with open_production(tmp_path, services=services(START)) as production:
        deployed_by(production)
        rolled_back(production, sleep=runner(production, conclusion))
        started = [run for run in production.room.repo.runs() if run.path.endswith("deploy.yml")]
        assert [run.inputs for run in started] == [{"sha": production.releases["v41"]}]
        assert production.operation().outcome == outcome


def test_a_deploy_workflow_that_does_not_end_in_time_is_unknown(tmp_path: Path) -> None:
    rules = "    rollback: {{ approval: none, timeout: 2m }}\n"
    with open_production(tmp_path, services=services(START, rules)) as production:
        deployed_by(production)
        rolled_back(production)
        ended = production.operation()
        assert ended.outcome == "unknown"
        assert "has not ended in time" in ended.text


@pytest.mark.parametrize("kind", ["error_before", "error_after", "drop_after"])
def test_a_deploy_workflow_is_started_once_whatever_the_answer_was(tmp_path: Path, kind: str) -> None:
    """A deploy workflow knows no claim: a dispatch is never sent a second time."""
    with open_production(tmp_path, services=services(START)) as production:
        deployed_by(production)
        production.hub.faults.add(kind, lambda _, path: "deploy.yml/dispatches" in path)  # type: ignore[arg-type] # one of the kinds
        rolled_back(production, sleep=runner(production, "success"))
        started = [run for run in production.room.repo.runs() if run.path.endswith("deploy.yml")]
        assert len(started) == (0 if kind == "error_before" else 1)
        assert production.operation().outcome == ("unknown" if kind == "error_before" else "done")


RERUN = '    pattern: "[0-9a-f]{{40}}"\n    rerun: {{ workflow: "{{workflow}}" }}\n'


def ran(production: Production) -> int:
    """A good run of the deploy workflow at v41, a bad one at v42."""
    deployed_by(production)
    made = 0
    for name, conclusion in (("v41", "success"), ("v42", "failure")):
        made = production.room.people["bob"].dispatch("deploy.yml", {})
        run = production.room.repo.run(made)
        run.head_sha = production.releases[name]
        production.room.repo.start_run(made)
        production.room.repo.finish_run(made, conclusion)
    alone(production)
    return made - 1


@pytest.mark.parametrize(("conclusion", "outcome"), [("success", "done"), ("cancelled", "failed")])
def test_a_deploy_workflow_is_run_again_at_the_release(tmp_path: Path, conclusion: str, outcome: str) -> None:
    with open_production(tmp_path, services=services(RERUN)) as production:
        again = ran(production)
        rolled_back(production, sleep=runner(production, conclusion))
        run = production.room.repo.run(again)
        assert (run.run_attempt, run.conclusion) == (2, conclusion)
        assert production.operation().outcome == outcome


@pytest.mark.parametrize("code", [0, 3])
def test_what_has_to_pass_afterwards_runs_in_the_smoke_job_where_commands_may(
    tmp_path: Path, code: int
) -> None:
    """The job that runs a deploy workflow again has a token, and runs no command."""
    check = f"import sys; print('{{target}}'); sys.exit({code})"
    verify = f"    verify: [{{{{ name: live, run: {python(check)} }}}}]\n"
    with open_production(tmp_path, services=services(RERUN + verify)) as production:
        ran(production)
        production.opens()
        production.asks("mia", "/rollback web")
        alone(production)
        run = production.run_of()
        claimed = job(production, "claim", run)
        assert claimed.outputs["job"] == "deploy"
        done = job(production, "execute", run, after(claimed), sleep=runner(production, "success"))
        assert (done.code, done.outputs["smoke"]) == (0, "true"), done.printed
        looked = job(production, "smoke", run, after(claimed))
        assert looked.code == (1 if code else 0)
        job(production, "report", run, after(claimed))
        production.room.repo.start_run(run)
        production.room.repo.finish_run(run, "success")
        production.sweep()
        ended = production.operation()
        assert ended.outcome == "done"
        assert ended.smoke is not None
        (line, *_) = ended.smoke.lines
        assert (line.name, line.outcome) == ("live", "fail" if code else "pass")
        if code:
            assert production.releases["v41"] in looked.printed


@pytest.mark.parametrize("kind", ["error_before", "error_after", "drop_after"])
def test_a_run_is_started_again_once_whatever_the_answer_was(tmp_path: Path, kind: str) -> None:
    with open_production(tmp_path, services=services(RERUN)) as production:
        again = ran(production)
        production.hub.faults.add(kind, lambda _, path: path.endswith("/rerun"))  # type: ignore[arg-type] # one of the kinds
        rolled_back(production, sleep=runner(production, "success"))
        assert production.room.repo.run(again).run_attempt == (1 if kind == "error_before" else 2)
        assert production.operation().outcome == ("unknown" if kind == "error_before" else "done")


def test_a_release_that_no_run_deployed_cannot_be_run_again(tmp_path: Path) -> None:
    with open_production(tmp_path, services=services(RERUN)) as production:
        deployed_by(production)
        rolled_back(production)
        ended = production.operation()
        assert ended.outcome == "failed"
        assert ended.text == f"deploy.yml never ran successfully at {production.releases['v41'][:7]}"


def test_a_deploy_workflow_that_is_not_there_is_named(tmp_path: Path) -> None:
    for number, provider in enumerate((RERUN, START)):
        folder = tmp_path / str(number)
        folder.mkdir()
        with open_production(folder, services=services(provider)) as production:
            rolled_back(production)
            assert "deploy.yml" in production.operation().text
            assert production.operation().outcome == "failed"


ACTION = """\
actions:
  scale:
    title: More machines
    run: [{python}, -c, "import sys; print('scaled', sys.argv[1:])", "--count={{count}}"]
    parameters: {{ count: {{ pattern: "[1-9]" }} }}
    approval: none
"""


def test_an_action_runs_with_its_arguments(tmp_path: Path) -> None:
    settings = ACTION.format(python=sys.executable)
    with open_production(tmp_path, settings) as production:
        production.opens()
        production.says("mia", "/run scale count=4 traffic")
        (done,) = [one for one in production.hosted.ran if one.step == "Act"]
        assert "scaled ['--count=4']" in done.output
        assert production.operation("action").outcome == "done"
        assert production.room.incident.production.fixed_by == "action"


def test_an_action_whose_rule_changed_is_not_run(tmp_path: Path) -> None:
    settings = ACTION.format(python=sys.executable)
    with open_production(tmp_path, settings) as production:
        production.opens()
        production.asks("mia", "/run scale count=4")
        alone(production)
        path = production.room.root / ".github" / "allclear.yml"
        path.write_text(path.read_text(encoding="utf-8").replace("[1-9]", "[1-3]"), encoding="utf-8")
        done = job(production, "claim", production.run_of("action"))
        assert done.code == 1
        assert "no longer accept these values" in done.printed
