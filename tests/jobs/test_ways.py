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


OLD = {"at": "2025-01-01T00:00:00Z"}
LISTED = [
    {"release": "v9", "target": "img:9", "ok": "no"} | OLD,
    {"release": "v8", "target": "img:8", "ok": "yes"} | OLD,
    {"release": "v7", "target": "img:7", "ok": "yes"} | OLD,
    {"release": "v6", "target": "img:6", "ok": "yes"} | OLD,
]


def listing(rows: object, more: str = "") -> str:
    show = f"print({json.dumps(json.dumps(rows))})"
    return (
        "    targets: provider\n"
        '    pattern: "img:[0-9]+"\n'
        f'    list: {{{{ run: {python(show)}, target: target, state: ok, good: ["yes"],'
        f" created: at }}}}\n{more}"
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
