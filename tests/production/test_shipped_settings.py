"""templates/settings: every action, smoke check, number, evidence command and rollback of each file is
executed by the real jobs, against programs and a site that behave as their documentation says.

The numbers in the names of tests are those of the written runbooks.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from allclear import cli
from allclear.adapters.files.strict_yaml import load
from allclear.core.model.authored import read_authored
from allclear.core.policy.settings import Settings
from conversations.room import ROOT
from jobs.deploy_workflow import DEPLOY, DeployWorkflow
from production.deploy_systems import flyctl
from production.shipped import (
    BACKUPS,
    HEALTH_CHECK,
    NAMES,
    SECRETS,
    SITES,
    Shipped,
    lay_out,
    open_shipped,
    text_of,
)
from production.test_quickstarts import deployed_by_vercel
from written import SHIPPED, raw, runbook

Open = Callable[[str], Shipped]

pytestmark = pytest.mark.skipif(
    shutil.which("jq") is None, reason="the settings take numbers out of JSON with jq, as runners have it"
)


@pytest.fixture
def opens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Open]:
    """Opens a production by the settings of a name; once in a test."""
    with ExitStack() as opened:
        yield lambda name: opened.enter_context(open_shipped(tmp_path, name, monkeypatch))


def settings_of(name: str) -> Settings:
    return read_authored(Settings, load(text_of(name)).value)


# -- the files


def test_each_shipped_runbook_has_example_settings() -> None:
    assert sorted(file.stem for file in SHIPPED.glob("*.yml")) == sorted(NAMES)
    assert {name: settings_of(name).runbook for name in NAMES} == {name: name for name in NAMES}


@pytest.mark.parametrize("name", NAMES)
def test_the_check_has_nothing_to_say_about_them(tmp_path: Path, name: str) -> None:
    """Neither a mistake nor a title without people, in a repository that has the scripts and workflows."""
    (tmp_path / ".github").mkdir()
    shutil.copytree(ROOT / ".github" / "workflows", tmp_path / ".github" / "workflows")
    (tmp_path / ".github" / "workflows" / "deploy.yml").write_text(DEPLOY, encoding="utf-8")
    # Reading all of them takes its time.
    others = [file.name for file in SHIPPED.glob("*.yml") if file.stem != name]
    shutil.copytree(ROOT / "templates", tmp_path / "templates", ignore=shutil.ignore_patterns(*others))
    lay_out(name, tmp_path)
    said = CliRunner().invoke(cli.main, ["check", str(tmp_path)], catch_exceptions=False)
    assert said.stderr == ""
    assert said.exit_code == 0
    assert f"The settings and 1 runbook are in order; `{name}` is in force." in said.output
    assert "has no login yet" not in said.output


def test_000_31_and_003_29_who_owns_a_runbook_and_who_reviews_it_are_people() -> None:
    assert raw("hotdash")["about"]["owner"] == "DevOps"
    assert settings_of("hotdash").holders("DevOps")
    (monthly,) = [one for one in runbook("habit-tracker").routines if one.id == "monthly"]
    assert [step.text for step in monthly.steps if "runbooks" in step.text] == ["Review and update runbooks"]
    assert all(settings_of("habit-tracker").holders(title) for title in monthly.to)


# -- actions


@dataclass(frozen=True)
class Act:
    """A line that is typed, and the call that it comes to."""

    settings: str
    line: str
    program: str
    call: tuple[str, ...]


def npm(line: str, *words: str) -> Act:
    return Act("sev", f"/run {line}", "npm", ("run", *words))


ACTS: dict[str, list[Act]] = {
    "000-16": [
        Act(
            "hotdash",
            "/run secrets-set key=LOG_LEVEL value=debug to see more",
            "flyctl",
            ("secrets", "set", "LOG_LEVEL=debug", "--app", "hotdash-app"),
        ),
        Act("hotdash", "/run apps-restart", "flyctl", ("apps", "restart", "hotdash-app")),
    ],
    "001-08": [
        Act(
            "hotdash-agents",
            "/run services-restart app=hotdash-llamaindex-mcp",
            "flyctl",
            ("apps", "restart", "hotdash-llamaindex-mcp"),
        ),
        Act(
            "hotdash-agents",
            "/run scale-up app=hotdash-agent-service count=4",
            "flyctl",
            ("scale", "count", "4", "--app", "hotdash-agent-service", "--yes"),
        ),
    ],
    "002-14": [
        npm("db-pool-resize", "db:pool:resize", "--", "--size=50"),
        npm("db-kill-idle", "db:connections:kill-idle"),
    ],
    "002-15": [
        npm("restart-rolling", "restart:rolling"),
        npm("scale-memory", "scale:memory", "--", "--add=2GB"),
    ],
    "002-16": [
        npm("disable-stripe", "feature:disable", "--", "--feature=stripe-payments"),
        npm("payment-fallback", "config:set", "--", "--key=payment_provider", "--value=fallback"),
    ],
    "002-19": [
        npm("health-check-full", "health:check:full"),
        npm("cache-clear-all", "cache:clear:all"),
        npm("circuits-reset", "circuits:reset"),
        npm("db-verify-integrity", "db:verify:integrity"),
    ],
    "002-20": [
        npm("monitor-enhanced", "monitor:enhanced", "--", "--duration=1h"),
        npm("prepare-rollback", "deploy:prepare-rollback"),
    ],
    "003-12": [
        Act(
            "habit-tracker",
            "/run scale-database",
            "heroku",
            ("addons:upgrade", "heroku-postgresql:standard-2", "--app", "habit-tracker"),
        ),
        Act(
            "habit-tracker",
            "/run scale-functions seconds=120",
            "vercel",
            ("env", "add", "VERCEL_FUNCTION_TIMEOUT", "production", "--value", "120", "--force", "--yes"),
        ),
    ],
    "003-23": [
        Act(
            "habit-tracker",
            "/run stripe-replay event=evt_1NG8Du2eZvKYlo2C",
            "stripe",
            (
                "events",
                "resend",
                "evt_1NG8Du2eZvKYlo2C",
                "--webhook-endpoint=we_123456",
                "--live",
                "--confirm",
            ),
        )
    ],
    "004-29": [
        Act(
            "dirt-free-crm",
            f"/run database-rollback backup={BACKUPS[1]}",
            "tsx",
            ("scripts/migrate.ts", "--env", "PROD", "--rollback", BACKUPS[1]),
        )
    ],
    "neutral": [
        Act(
            "neutral",
            "/run restart",
            "kubectl",
            ("rollout", "restart", "deployment/web", "--namespace", "default"),
        ),
        Act(
            "neutral",
            "/run scale count=6",
            "kubectl",
            ("scale", "deployment/web", "--replicas=6", "--namespace", "default"),
        ),
    ],
    "pagerduty": [
        Act(
            "pagerduty",
            "/run rolling-restart",
            "kubectl",
            ("rollout", "restart", "deployment/web", "--namespace", "default"),
        ),
        Act(
            "pagerduty",
            "/run scale count=6",
            "kubectl",
            ("scale", "deployment/web", "--replicas=6", "--namespace", "default"),
        ),
    ],
}
ELSEWHERE = {
    ("hotdash-agents", "health-check"),
    ("habit-tracker", "feature-disable"),
    ("habit-tracker", "db-kill-long"),
}
"""Those that have a test of their own below."""


@pytest.mark.parametrize("acts", ACTS.values(), ids=ACTS)
def test_an_action_runs_the_command_of_the_written_runbook(opens: Open, acts: list[Act]) -> None:
    shipped = opens(acts[0].settings)
    shipped.declares()
    for act in acts:
        ended = shipped.asks(act.line, "action")
        assert (ended.outcome, ended.text) == ("done", ""), act.line
        assert [list(act.call)] == [
            call for call in shipped.programs[act.program].calls if call[: len(act.call)] == list(act.call)
        ]


def test_every_action_of_every_file_is_run() -> None:
    tested = {(act.settings, act.line.split()[1]) for acts in ACTS.values() for act in acts} | ELSEWHERE
    assert tested == {(name, action) for name in NAMES for action in settings_of(name).actions}


@pytest.mark.parametrize("item", [item for item in ACTS if item not in NAMES])
def test_an_action_says_which_rule_it_carries_out(item: str) -> None:
    for act in ACTS[item]:
        assert settings_of(act.settings).actions[act.line.split()[1]].item == item


def test_000_16_what_is_typed_is_one_of_the_listed_variables_and_no_option(opens: Open) -> None:
    shipped = opens("hotdash")
    shipped.declares()
    for typed in ("key=DATABASE_URL value=x", "key=LOG_LEVEL value=--stage", "key=LOG_LEVEL value=a;b"):
        said = shipped.production.says("mia", f"/run secrets-set {typed}")
        assert "is not a value for" in said
    assert shipped.production.operations("action") == []
    assert shipped.programs["flyctl"].calls == []


def test_001_12_the_health_check_is_run_without_waiting_for_anybody(opens: Open) -> None:
    shipped = opens("hotdash-agents")
    shipped.declares()
    said = shipped.production.says("bob", "/run health-check")  # bob may write, and nobody approves
    assert (shipped.production.operation("action").outcome, shipped.production.waiting()) == ("done", [])
    assert "is done" in said
    script = shipped.production.room.root / HEALTH_CHECK
    script.write_text("#!/bin/sh\necho 'agent-service: 502'\nexit 1\n", encoding="utf-8")
    shipped.production.says("bob", "/run health-check")
    ended = shipped.production.operation("action")
    assert (ended.outcome, ended.text) == ("failed", "the action failed: exit 1: agent-service: 502")


def test_003_11_a_feature_flag_is_off_in_posthog(opens: Open) -> None:
    shipped = opens("habit-tracker")
    shipped.declares()
    assert shipped.asks("/flag-off 4711", "action").outcome == "done"
    assert shipped.programs["curl"].state["flags"] == {"4711": False}
    words = shipped.programs["curl"].calls[0]
    assert not any(SECRETS["POSTHOG_PERSONAL_API_KEY"] in word for word in words)  # it went through the pipe


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"flags": {}}, "404"),
        ({"authorization": "Bearer another"}, "401"),
        ({"moved": True}, "false"),  # curl is content with a redirect that it does not follow
    ],
    ids=["no such flag", "wrong key", "moved"],
)
def test_003_11_a_flag_that_is_not_seen_to_be_off_is_a_failure(
    opens: Open, change: dict[str, Any], said: str
) -> None:
    shipped = opens("habit-tracker")
    shipped.programs["curl"].change(**change)
    ended = shipped.runs("/flag-off 4711")
    assert ended.outcome == "failed"
    assert said in ended.text


def test_003_21_long_queries_are_ended_and_idle_sessions_are_not(opens: Open) -> None:
    """003-A6: the written statement names a column that is not there."""
    shipped = opens("habit-tracker")
    assert shipped.runs("/run db-kill-long").outcome == "done"
    assert [row[0] for row in shipped.programs["psql"].state["queries"]] == [102, 103]


REFUSALS: dict[str, tuple[str, str, str, dict[str, Any], str]] = {
    "000-16 other app": (
        "hotdash",
        "/run apps-restart",
        "flyctl",
        {"app": "other"},
        'Could not find App "hotdash-app"',
    ),
    "000-16 sick": ("hotdash", "/run apps-restart", "flyctl", {"sick": True}, "health checks to pass"),
    "000-16 busy": ("hotdash", "/run apps-restart", "flyctl", {"busy": 1}, "too many requests"),
    "002-19 script fails": (
        "sev",
        "/run health-check-full",
        "npm",
        {"fails": {"health:check:full": 3}},
        "exit 3",
    ),
    "002-20 no such script": (
        "sev",
        "/run monitor-enhanced",
        "npm",
        {"scripts": []},
        'Missing script: "monitor:enhanced"',
    ),
    "003-12 two databases": (
        "habit-tracker",
        "/run scale-database",
        "heroku",
        {"addons": {"a": "heroku-postgresql:standard-0", "b": "heroku-postgresql:standard-0"}},
        "Multiple add-ons match heroku-postgresql",
    ),
    "003-12 essential": (
        "habit-tracker",
        "/run scale-database",
        "heroku",
        {"addons": {"a": "heroku-postgresql:essential-0"}},
        "stays in its tier",
    ),
    "003-12 old vercel": (
        "habit-tracker",
        "/run scale-functions seconds=60",
        "vercel",
        {"old": True},
        "unknown or unexpected option: --value",
    ),
    "003-21 database down": (
        "habit-tracker",
        "/run db-kill-long",
        "psql",
        {"down": True},
        "Connection refused",
    ),
    "003-23 too old": (
        "habit-tracker",
        "/run stripe-replay event=evt_0AAAAA2eZvKYlo2C",
        "stripe",
        {},
        "No such event",
    ),
    "004-29 no such backup": (
        "dirt-free-crm",
        "/run database-rollback backup=2020-01-01",
        "tsx",
        {},
        "there is no backup 2020-01-01",
    ),
    "neutral too many requests": ("neutral", "/run restart", "kubectl", {"busy": 1}, "TooManyRequests"),
}


@pytest.mark.parametrize(("name", "line", "program", "change", "said"), REFUSALS.values(), ids=REFUSALS)
def test_an_action_that_is_refused_has_failed_and_says_why(
    opens: Open, name: str, line: str, program: str, change: dict[str, Any], said: str
) -> None:
    shipped = opens(name)
    shipped.programs[program].change(**change)
    ended = shipped.runs(line)
    assert ended.outcome == "failed"
    assert said in ended.text


# -- smoke checks and numbers


LINES: dict[tuple[str, str], list[str]] = {
    ("hotdash", "app"): ["health", "api-health", "smoke", "error-rate", "p95", "new-errors", "user-reports"],
    ("hotdash-agents", "agent-service"): ["health-check", "status"],
    ("hotdash-agents", "llamaindex-mcp"): ["status"],
    ("sev", "api"): ["health"],
    ("habit-tracker", "web"): ["api", "database"],
    ("dirt-free-crm", "app"): ["loads", "functions"],
    ("dirt-free-crm", "database"): ["connects"],
    ("neutral", "web"): ["health", "cart"],
    ("pagerduty", "web"): ["health", "cart"],
}
ITEMS = {
    ("hotdash", "app"): "000-17-and-18",
    ("hotdash-agents", "agent-service"): "001-12-and-13",
    ("hotdash-agents", "llamaindex-mcp"): "001-13",
    ("sev", "api"): "002-07",
    ("habit-tracker", "web"): "003-27",
    ("dirt-free-crm", "app"): "004-28",
    ("dirt-free-crm", "database"): "004-29",
    ("neutral", "web"): "neutral",
    ("pagerduty", "web"): "pagerduty",
}


def test_every_service_of_every_file_is_looked_at() -> None:
    services = {name: settings_of(name).services for name in NAMES}
    assert LINES.keys() == ITEMS.keys() == {(name, one) for name in NAMES for one in services[name]}
    for (name, service), lines in LINES.items():
        there = services[name][service]
        wanted = [one.name for one in there.checks] + [one.name for one in there.commands]
        wanted += [*there.recovery]
        assert [line for line in lines if line != "user-reports"] == wanted


@pytest.mark.parametrize("which", LINES, ids=ITEMS.values())
def test_a_service_that_is_well_passes_every_check_and_number(opens: Open, which: tuple[str, str]) -> None:
    name, service = which
    shipped = opens(name)
    shipped.programs["flyctl"].change(logs=[("info", "listening on :8080")])
    lines = shipped.looks(service)
    assert list(lines) == LINES[which]
    skipped = {"user-reports"} if name == "hotdash" else set()  # 000-18: people look
    assert {one for one, line in lines.items() if line.outcome == "skipped"} == skipped
    assert {one: line for one, line in lines.items() if line.outcome not in ("pass", "skipped")} == {}


def test_000_18_the_four_numbers_of_the_recovery(opens: Open) -> None:
    lines = opens("hotdash").looks("app")
    assert lines["error-rate"].detail == "0.05 %, below 0.1 %"
    assert lines["p95"].detail == "0.42 s, below 3 s"
    assert (lines["new-errors"].outcome, lines["new-errors"].detail) == ("fail", "1, but has to be below 1")
    assert lines["user-reports"].outcome == "skipped"


NO_NUMBER: dict[str, tuple[str, dict[str, Any], str, str]] = {
    "000-18 wrong token": ("curl", {"authorization": "Bearer other"}, "error-rate", "exit code 22"),
    "000-18 nothing measured": ("curl", {"numbers": {}}, "p95", "it printed null, not a number"),
    "000-18 too slow": ("curl", {"numbers": {"histogram_quantile": "4.2"}}, "p95", "4.2 s"),
    "000-18 too many errors": ("curl", {"numbers": {"status=~": "0.02"}}, "error-rate", "2 %"),
    # Half a pipe: jq alone would count no lines and print 0.
    "000-18 logs cannot be read": ("flyctl", {"app": "other"}, "new-errors", "exit code 1"),
}


@pytest.mark.parametrize(("program", "change", "name", "said"), NO_NUMBER.values(), ids=NO_NUMBER)
def test_a_number_that_cannot_be_read_or_is_out_of_bounds_is_no_pass(
    opens: Open, program: str, change: dict[str, Any], name: str, said: str
) -> None:
    shipped = opens("hotdash")
    shipped.programs[program].change(**change)
    line = shipped.looks("app")[name]
    assert line.outcome in ("fail", "error")
    assert said in line.detail


ILL: dict[str, tuple[str, str, Callable[[Shipped], object], str, str]] = {
    "000-14 health": (
        "hotdash",
        "app",
        lambda one: one.site.answers.update({"/health": (500, {})}),
        "health",
        "500, expected 200",
    ),
    "000-17 smoke tests": (
        "hotdash",
        "app",
        lambda one: one.programs["npm"].change(fails={"test:smoke": 1}),
        "smoke",
        "exit code 1",
    ),
    "001-12 health check": (
        "hotdash-agents",
        "agent-service",
        lambda one: (one.production.room.root / HEALTH_CHECK).write_text("#!/bin/sh\nexit 1\n"),
        "health-check",
        "exit code 1",
    ),
    "001-13 status": (
        "hotdash-agents",
        "llamaindex-mcp",
        lambda one: one.programs["flyctl"].change(others=[]),
        "status",
        "exit code 1",
    ),
    "002-07 health": ("sev", "api", lambda one: one.site.answers.clear(), "health", "404, expected 200"),
    "003-27 API": (
        "habit-tracker",
        "web",
        lambda one: one.site.answers.update({"/health": (503, {})}),
        "api",
        "503, expected 200",
    ),
    "003-27 database": (
        "habit-tracker",
        "web",
        lambda one: one.programs["psql"].change(down=True),
        "database",
        "exit code 2",
    ),
    "004-28 database connectivity": (
        "dirt-free-crm",
        "app",
        lambda one: one.site.answers.update({"/api/health": (200, {"status": "ok", "database": "down"})}),
        "functions",
        "database",
    ),
    "004-29 database": (
        "dirt-free-crm",
        "database",
        lambda one: one.programs["psql"].change(down=True),
        "connects",
        "exit code 2",
    ),
}


@pytest.mark.parametrize(("name", "service", "breaks", "line", "said"), ILL.values(), ids=ILL)
def test_a_service_that_is_ill_fails_its_check(
    opens: Open, name: str, service: str, breaks: Callable[[Shipped], object], line: str, said: str
) -> None:
    shipped = opens(name)
    breaks(shipped)
    found = shipped.looks(service)[line]
    assert found.outcome == "fail"
    assert said in found.detail


# -- evidence


KEPT: dict[str, tuple[str, str, dict[str, str]]] = {
    "000-11": ("hotdash", "app", {"logs": "TypeError: tiles is undefined", "database": "(1 rows)"}),
    "001-14 agent": ("hotdash-agents", "agent-service", {"logs": "listening on :8080"}),
    "001-14 mcp": ("hotdash-agents", "llamaindex-mcp", {"logs": "listening on :8080"}),
    "002-07-13-21": (
        "sev",
        "api",
        {
            "error-rates": "monitor-errors.js --last=10m",
            "users-affected": "monitor:users:affected: well",
            "revenue-impact": "monitor:revenue:impact: well",
            "recent-errors": "logs-errors.js --last=1h",
            "service-logs": "--service=payment-processor",
            "log-search": "--pattern=timeout|connection refused",
            "system": "metrics:system: well",
            "database-metrics": "metrics:database: well",
            "latency": "metrics:api:latency: well",
            "long-queries": "101 | 00:12:00",
            "connections": " 3\n",
            "lock-waits": "(1 rows)",
            "logs": "logs-archive.js --incident=INC-2025-001",
            "metrics": "metrics-snapshot.js --incident=INC-2025-001",
            "database": "db-snapshot.js --incident=INC-2025-001",
        },
    ),
    "003-08": (
        "habit-tracker",
        "web",
        {"errors": "TypeError: tiles is undefined", "database": "PostgreSQL 16.4", "deployments": SITES[2]},
    ),
    "004-28": ("dirt-free-crm", "app", {"errors": "TypeError: tiles is undefined"}),
    "neutral": ("neutral", "web", {"logs": "GET /api/cart 500"}),
    "pagerduty": ("pagerduty", "web", {"logs": "GET /api/cart 500"}),
}


@pytest.mark.parametrize(("name", "service", "wanted"), KEPT.values(), ids=KEPT)
def test_what_every_evidence_command_prints_is_kept(
    opens: Open, name: str, service: str, wanted: dict[str, str]
) -> None:
    shipped = opens(name)
    if name == "dirt-free-crm":
        shipped.programs["sentry-cli"].change(project="dirt-free-crm/crm")
    ended, printed = shipped.collects(service)
    assert [one.name for one in shipped.settings.services[service].evidence] == list(wanted)
    assert (ended.outcome, ended.text) == ("done", "")
    assert ended.artifact is not None
    assert set(ended.artifact.kinds) == set(wanted)  # all of them went well
    assert {one: text for one, text in printed.items() if wanted[one] not in text} == {}
    assert not any(secret in text for secret in SECRETS.values() for text in printed.values())


def test_every_evidence_command_of_every_file_is_run() -> None:
    tested = {(name, service) for name, service, _ in KEPT.values()}
    assert tested == {
        (name, service)
        for name in NAMES
        for service, one in settings_of(name).services.items()
        if one.evidence
    }


def test_000_11_a_database_that_cannot_be_reached_is_what_the_evidence_says(opens: Open) -> None:
    shipped = opens("hotdash")
    shipped.programs["psql"].change(down=True)
    _, printed = shipped.collects("app")
    assert "DB unreachable" in printed["database"]


def test_002_21_a_snapshot_that_failed_is_kept_and_is_no_evidence_of_its_kind(opens: Open) -> None:
    shipped = opens("sev")
    shipped.programs["npm"].change(fails={"db:snapshot": 1})
    ended, printed = shipped.collects("api")
    assert ended.artifact is not None
    assert "database" not in ended.artifact.kinds
    assert {"logs", "metrics"} < set(ended.artifact.kinds)
    assert "failed with error" in printed["database"]


# -- rollbacks


def test_every_service_with_a_deploy_system_is_rolled_back() -> None:
    """By the tests below, one each."""
    assert {(name, one) for name in NAMES for one, s in settings_of(name).services.items() if s.provider} == {
        ("hotdash", "app"),
        ("hotdash-agents", "agent-service"),
        ("sev", "api"),
        ("habit-tracker", "web"),
        ("dirt-free-crm", "app"),
        ("dirt-free-crm", "database"),
        ("neutral", "web"),
        ("pagerduty", "web"),
    }


def test_000_14_the_last_good_release_is_put_back_and_its_health_is_checked(opens: Open) -> None:
    shipped = opens("hotdash")
    shipped.programs["flyctl"].change(logs=[])
    ended = shipped.rolls_back("/rollback app")
    assert (ended.outcome, ended.unverified, ended.before, ended.after) == ("done", "", "v42", "v41")
    assert {one["image"] for one in shipped.programs["flyctl"].state["machines"]} == {flyctl.image("B")}
    assert "/health" in shipped.site.asked
    assert shipped.production.room.incident.status == "monitoring"


def test_000_14_the_workflow_can_be_started_by_hand_without_inputs(opens: Open) -> None:
    """`gh workflow run rollback-production`"""
    shipped = opens("hotdash")
    shipped.declares()
    shipped.production.dispatch("mia", "rollback-production.yml", {})
    shipped.production.approve("ann")
    ended = shipped.production.operation("rollback")
    assert (ended.outcome, ended.after) == ("done", "v41")


def test_001_15_the_release_that_is_named_is_put_back(opens: Open) -> None:
    shipped = opens("hotdash-agents")
    shipped.programs["flyctl"].change(app="hotdash-agent-service")
    ended = shipped.rolls_back("/rollback agent-service to v40")
    assert (ended.outcome, ended.unverified, ended.after) == ("done", "", "v40")
    assert {one["image"] for one in shipped.programs["flyctl"].state["machines"]} == {flyctl.image("A")}


def test_001_a6_the_other_service_has_no_rollback(opens: Open) -> None:
    shipped = opens("hotdash-agents")
    shipped.declares()
    shipped.production.says("mia", "/rollback llamaindex-mcp")
    assert shipped.production.operations("rollback") == []


@pytest.fixture
def rolled_back(opens: Open) -> tuple[Shipped, DeployWorkflow]:
    """The service of `sev` whose deploy workflow put it back: `deploy.yml` deployed v40, v41 and v42."""
    shipped = opens("sev")
    room = shipped.production.room
    made = DeployWorkflow(shipped.production)
    for name in ("v40", "v41", "v42"):
        room.clock.advance(60)
        made.deployed(name)

    def meanwhile(seconds: float) -> None:
        room.meanwhile = None
        made.sleep(seconds)
        room.meanwhile = meanwhile

    room.meanwhile = meanwhile
    ended = shipped.rolls_back("/rollback api")
    assert (ended.outcome, ended.unverified) == ("done", "")
    return shipped, made


def test_002_05_the_deploy_run_of_the_last_good_commit_is_run_again(
    rolled_back: tuple[Shipped, DeployWorkflow],
) -> None:
    assert [run.run_attempt for run in rolled_back[1].runs] == [1, 2, 1]


def test_002_19_after_a_rollback_the_list_runs_its_four_commands_in_their_order(
    rolled_back: tuple[Shipped, DeployWorkflow],
) -> None:
    shipped = rolled_back[0]
    for _ in range(4):
        assert shipped.asks("/run after-rollback", "action").outcome == "done"
    wanted = ["health:check:full", "cache:clear:all", "circuits:reset", "db:verify:integrity"]
    assert [script for script, *_ in shipped.programs["npm"].state["ran"]] == wanted


def test_003_10_and_28_vercel_goes_back_and_the_health_check_waits(opens: Open) -> None:
    shipped = opens("habit-tracker")
    deployed_by_vercel(shipped.production)
    shipped.programs["vercel"].change(domain="habittracker.com")
    ended = shipped.rolls_back("/rollback web")
    assert (ended.outcome, ended.unverified) == ("done", "")
    assert shipped.programs["vercel"].state["current"] == SITES[1]
    assert not any("--token" in call for call in shipped.programs["vercel"].calls)
    assert "/health" in shipped.site.asked
    assert shipped.settings.services["web"].rollback.settle.total_seconds() == 30


def test_004_28_vercel_promotes_the_deployment_and_it_is_verified(opens: Open) -> None:
    shipped = opens("dirt-free-crm")
    deployed_by_vercel(shipped.production)
    shipped.programs["vercel"].change(domain="dirt-free-crm.com")
    ended = shipped.rolls_back(f"/rollback app to {SITES[0]}")
    assert (ended.outcome, ended.unverified) == ("done", "")
    assert shipped.programs["vercel"].state["current"] == SITES[0]
    assert {"/", "/api/health"} <= set(shipped.site.asked)
    # The action's own token is the environment's, and no word of the command.
    assert not any("--token" in call for call in shipped.programs["vercel"].calls)


def test_004_29_the_database_is_restored_from_the_backup_that_is_named(opens: Open) -> None:
    shipped = opens("dirt-free-crm")
    ended = shipped.rolls_back(f"/rollback database to {BACKUPS[0]}")
    assert ended.outcome == "done"
    assert shipped.programs["tsx"].state["current"] == BACKUPS[0]
    assert ended.smoke is not None
    assert ended.smoke.passed


@pytest.mark.parametrize("name", ["neutral", "pagerduty"])
def test_settings_without_a_written_runbook_go_back_to_the_revision_before(opens: Open, name: str) -> None:
    shipped = opens(name)
    ended = shipped.rolls_back("/rollback web")
    assert (ended.outcome, ended.unverified, ended.after) == ("done", "", "2")
