"""What is wrong with a service is said before an incident, with the setting and the fix."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from allclear.adapters.files.settings import load_policy, read_provider
from allclear.core.model.authored import read_authored
from allclear.core.model.structs import replace
from allclear.core.policy.provider import Provider
from allclear.core.policy.service_check import MOST, evidence_notes, troubles
from allclear.core.policy.settings import Settings
from commands.room import HOTDASH

ROOT = Path(__file__).resolve().parents[3]
SHIPPED = {
    name: read_provider(ROOT, name) for name in ("deploy-workflow", "dispatch-workflow", "fly", "vercel")
}
OWN = read_authored(Provider, {"title": "Own", "pattern": "v1", "rollback": ["go", "{target}", "{release}"]})


def told(web: dict[str, Any], **more: Any) -> tuple[str, ...]:
    """What is said of one service `web`."""
    settings = read_authored(Settings, {"services": {"web": web}} | more)
    return troubles(settings, SHIPPED | {"own": OWN}, HOTDASH)


@pytest.mark.parametrize(
    "web",
    [
        {},
        {"provider": "own"},
        {"provider": "vercel"},
        {"provider": "fly", "values": {"app": "shop"}},
        {"provider": "deploy-workflow", "values": {"workflow": "deploy.yml"}},
        {"provider": "dispatch-workflow", "values": {"workflow": "deploy.yml"}},
        {"provider": "fly", "values": {"app": "shop"}, "rollback": {"targets": "deployments"}},
        {"health": ["https://app.example.com/health", "https://APP.example.com:443/"]},
        {"health": ["https://api.example.com:8443/health"]},
        {"health": ["http://10.0.0.1:8080/health", "http://internal/health", "http://[::1]:80/"]},
        {"recovery": {"error-rate": {"url": "https://app.example.com/m", "path": "a"}}},
        {"recovery": {"error-rate": {"run": ["ops/errors.sh"]}}},
    ],
)
def test_a_service_in_order_has_nothing_to_tell(web: dict[str, Any]) -> None:
    assert HOTDASH.recovery[0].id == "error-rate"
    hosts = ["app.example.com", "api.example.com:8443"]
    assert told(web, hosts=hosts, private_hosts=["10.0.0.1:8080", "INTERNAL", "[::1]"]) == ()


@pytest.mark.parametrize(
    ("web", "said"),
    [
        (
            {"provider": "flyy"},
            (
                "`services.web.provider` is `flyy`, which is neither under `providers` nor a readable "
                "file of `templates/providers`, so `web` cannot be rolled back; did you mean `fly`?"
            ),
        ),
        (
            {"provider": "fly"},
            (
                "`services.web.values.app` is missing; `fly` needs it: "
                "the name of the Fly app, such as hotdash-agent-service."
            ),
        ),
        (
            {"provider": "deploy-workflow"},
            (
                "`services.web.values.workflow` is missing; `deploy-workflow` needs it: "
                "the file name of the deploy workflow, such as deploy.yml."
            ),
        ),
        (
            {"provider": "fly", "values": {"app": "shop", "ap": "x"}},
            "`services.web.values.ap` is not a value that `fly` uses; did you mean `app`?",
        ),
        (
            {"provider": "own", "values": {"zone": "x"}},
            "`services.web.values.zone` is not a value that `own` uses; there are none.",
        ),
        (
            {"provider": "fly", "values": {"app": "-x"}},
            (
                "`services.web.values.app` has to be one word that does not begin with `-`, "
                "because a program would read that as an option."
            ),
        ),
        ({"provider": "fly", "values": {"app": ""}}, "`services.web.values.app` has to be one word"),
        ({"provider": "fly", "values": {"app": "a\nb"}}, "`services.web.values.app` has to be one word"),
        (
            {"provider": "vercel", "rollback": {"targets": "provider"}},
            (
                "`services.web.rollback.targets` is `provider`, but `vercel` has no `list` to take them "
                "from; write `deployments`, or give the provider a `list`."
            ),
        ),
        (
            {
                "provider": "deploy-workflow",
                "values": {"workflow": "deploy.yml"},
                "rollback": {"targets": "provider"},
            },
            (
                "`services.web.rollback.targets` is `provider`, but `deploy-workflow` goes through GitHub's "
                "API, whose job runs no command that could list releases; write `deployments`."
            ),
        ),
        (
            {"health": ["https://other.example.com/x"]},
            (
                "`services.web.health` is `https://other.example.com/x`: "
                "its host is not listed; add `other.example.com` to `hosts`."
            ),
        ),
        ({"health": ["https://app.example.com:8443/"]}, "add `app.example.com:8443` to `hosts`."),
        (
            {"health": ["http://app.example.com/"]},
            "it has to begin with `https`; only `private_hosts` may use `http`.",
        ),
        ({"health": ["https://ann:secret@app.example.com/"]}, "it holds a user name or a password;"),
        ({"health": ["ftp://app.example.com/"]}, "it is not an address; write one such as `https://app"),
        ({"health": ["app.example.com"]}, "it is not an address;"),
        ({"health": ["https://"]}, "it is not an address;"),
        ({"health": ["https://app.example.com:http/"]}, "it is not an address;"),
        ({"health": ["https://app.example.com\\@evil.example/"]}, "it is not an address;"),
        ({"health": ["https://app.example.com/a b"]}, "it is not an address;"),
        (
            {"smoke": [{"name": "home", "url": "https://x.example/"}]},
            "`services.web.smoke.home.url` is `https://x.example/`: its host is not listed;",
        ),
        (
            {"recovery": {"error-rate": {"url": "https://x.example/"}}},
            "`services.web.recovery.error-rate.url` is `https://x.example/`: its host is not listed;",
        ),
        (
            {"recovery": {"error-rate": {"prometheus": "https://p.example", "query": "up"}}},
            "`services.web.recovery.error-rate.prometheus` is `https://p.example`: its host is not listed;",
        ),
        (
            {"recovery": {"eror-rate": {"run": ["x"]}}},
            (
                "`services.web.recovery.eror-rate`: the runbook `hotdash` has no such criterion; "
                "did you mean `error-rate`?"
            ),
        ),
        (
            {"recovery": {"zzz": {"run": ["x"]}}},
            "`services.web.recovery.zzz`: the runbook `hotdash` has no such criterion; there are",
        ),
    ],
)
def test_what_is_wrong_names_the_setting_and_the_fix(web: dict[str, Any], said: str) -> None:
    (only,) = told(web, hosts=["app.example.com"])
    assert only.startswith(said) or said in only


@pytest.mark.parametrize(
    ("service", "hint"), [("wbe", "; did you mean `web`?"), ("zzz", "; there are `web`.")]
)
def test_an_action_of_no_service_is_told(service: str, hint: str) -> None:
    action = {"title": "Restart", "run": ["restart"], "service": service}
    assert told({}, actions={"restart": action}) == (
        f"`actions.restart.service` is `{service}`, which is not under `services`{hint}",
    )
    assert told({}, actions={"restart": action | {"service": "web"}}) == ()


def test_many_mistakes_are_cut_and_counted() -> None:
    many = told(
        {
            "health": [f"https://h{n}.example/" for n in range(20)],
            "smoke": [{"name": f"c{n}", "url": f"https://c{n}.example/"} for n in range(30)],
        }
    )
    assert len(many) == MOST + 1
    assert many[-1] == "And 30 more in `services` and `actions`."


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    (tmp_path / ".github").mkdir()
    (tmp_path / "templates").symlink_to(ROOT / "templates")
    return tmp_path


def test_a_pass_hears_of_it_and_goes_on_with_the_settings(checkout: Path) -> None:
    (checkout / ".github" / "allclear.yml").write_text(
        "services: { web: { provider: fly }, api: { provider: flyy } }\n"
    )
    loaded = load_policy(checkout)
    assert [line.split(" ")[3] for line in loaded.trouble] == [
        "`services.web.values.app`",
        "`services.api.provider`",
    ]
    assert set(loaded.settings.services) == {"web", "api"}
    assert set(loaded.providers) == {"fly"}


def test_a_broken_provider_is_told_of_by_its_file_and_by_its_service(tmp_path: Path) -> None:
    (tmp_path / ".github").mkdir()
    for folder in ("runbooks", "providers"):
        (tmp_path / "templates" / folder).mkdir(parents=True)
    for file in ("templates/engine.yml", "templates/runbooks/neutral.yml"):
        (tmp_path / file).write_bytes((ROOT / file).read_bytes())
    (tmp_path / "templates" / "providers" / "own.yml").write_text("title: Own\n")
    (tmp_path / ".github" / "allclear.yml").write_text("services: { web: { provider: own } }\n")
    trouble = load_policy(tmp_path).trouble
    assert "`templates/providers/own.yml` line 1: `pattern` is missing; add it." in trouble[0]
    assert trouble[1].startswith("`.github/allclear.yml` line 1: `services.web.provider` is `own`")


@pytest.mark.parametrize(
    "url", ["https://127.1/health", "https://2130706433/", "https://app.example.com\\@10.0.0.1/"]
)
def test_an_address_that_the_smoke_run_would_refuse_is_told_before(url: str) -> None:
    host = url.removeprefix("https://").partition("/")[0]
    lines = told({"health": [url]}, hosts=[host] if "\\" not in host else ["app.example.com"])
    assert len(lines) == 1
    assert "services.web.health" in lines[0]


LISTED = {"title": "L", "pattern": "v1", "rollback": ["go"], "list": {"run": ["ls"], "release": "name"}}


def test_services_that_share_an_environment_have_to_be_told_apart() -> None:
    web: dict[str, Any] = {"provider": "deploy-workflow", "values": {"workflow": "a.yml"}}
    listing = {"provider": "own", "rollback": {"targets": "provider"}}
    services: dict[str, Any] = {"web": web, "api": listing, "name": {}}
    listed = replace(OWN, list=read_authored(Provider, LISTED).list)
    said = troubles(read_authored(Settings, {"services": services}), SHIPPED | {"own": listed}, HOTDASH)
    # The releases of `api` are its deploy system's, which knows whose they are.
    (only,) = said
    assert only.startswith(
        "`services.web.deployments` is missing: `web` shares the environment `production` with `api`"
    )
    assert only.endswith("Until then `web` cannot be rolled back.")
    services["web"] = {**web, "deployments": {"workflow": "a.yml"}}
    assert troubles(read_authored(Settings, {"services": services}), SHIPPED | {"own": listed}, HOTDASH) == ()


def test_who_could_read_the_evidence_is_said_where_there_is_any() -> None:
    assert evidence_notes(Settings()) == ()
    logs = {"services": {"web": {"evidence": [{"name": "logs", "run": ["true"]}]}}}
    (note,) = evidence_notes(read_authored(Settings, logs))
    assert "If this repository is public, `/evidence` collects nothing" in note
    for more in ({}, logs):
        (note,) = evidence_notes(read_authored(Settings, {**more, "public_evidence": True}))
        assert "everybody who is signed in to GitHub can download what `/evidence` collects" in note
