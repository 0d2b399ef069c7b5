"""What can be read and yet does not do what it looks like: found before an incident."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from allclear.commands import COMMANDS
from allclear.core.policy.provider import Provider
from allclear.core.policy.review import Finding, Least, review
from allclear.core.policy.runbook import Runbook
from allclear.core.policy.settings import Settings
from stories import HOTDASH, ROOT
from written import small

PEOPLE: dict[str, Any] = {"DevOps": ["bob"], "Manager": ["mia"], "CEO": ["ann"]}
FILES = {".github/workflows/deploy.yml", "scripts/smoke.sh"}
LEAST = {name: Least(command.least, command.floor) for name, command in COMMANDS.items()}
PROVIDERS = {
    name: Provider.model_validate(yaml.safe_load((ROOT / f"templates/providers/{name}.yml").read_text()))
    for name in ("deploy-workflow", "kubernetes", "script")
}


def found(runbook: Runbook = HOTDASH, **settings: Any) -> list[Finding]:
    read = Settings.model_validate({"people": PEOPLE} | settings)
    return list(review(read, runbook, PROVIDERS, LEAST, FILES))


def told(where: str, findings: list[Finding]) -> str:
    """What is said of the only mistake."""
    (one,) = findings
    assert ".".join(map(str, one.where)) == where
    return one.why


def book(**changes: Any) -> Runbook:
    return HOTDASH.model_copy(update=changes)


def with_deadline(**changes: Any) -> Runbook:
    first, *others = HOTDASH.deadlines
    return book(deadlines=(first.model_copy(update=changes), *others))


def test_what_is_shipped_is_in_order() -> None:
    assert found() == []
    assert found(people={}) == []


@pytest.mark.parametrize(
    ("title", "hint"),
    [
        ("DevOpps", "did you mean `DevOps`?"),
        ("incident comander", "did you mean `Incident commander`?"),
        ("responder", "did you mean `responders`?"),
        ("xyzzy", "there are `DevOps`, `Manager`, `CEO`, `Incident commander`,"),
    ],
)
def test_a_title_that_nobody_stands_behind(title: str, hint: str) -> None:
    why = told("deadlines.0.to.0", found(with_deadline(to=(title,))))
    assert f"nobody stands behind `{title}`; {hint}" in why
    assert found(with_deadline(to=(title,)))[0].in_runbook
    assert "nobody stands behind" in told("first_responder", found(book(first_responder=title)))


@pytest.mark.parametrize("title", ["@octocat", "bob", "Responders", "ic", "Head of Support"])
def test_a_login_a_role_and_a_title_that_is_not_filled_yet_are_fine(title: str) -> None:
    assert found(with_deadline(to=(title,))) == []


def test_a_title_of_the_settings_that_the_runbook_does_not_notify() -> None:
    why = told("people.Devopps", found(people=PEOPLE | {"Devopps": ["cat"]}))
    assert why == "the runbook notifies no such title; did you mean `DevOps`?"
    assert found(people=PEOPLE | {"Support": ["cat"]}) == []


def test_a_title_that_a_role_is_meant_for_is_one_that_the_runbook_notifies() -> None:
    scribe = HOTDASH.roles[3].model_copy(update={"primary": ("CEO",), "backup": ("Deputi",)})
    runbook = book(roles=(*HOTDASH.roles[:3], scribe))
    people = PEOPLE | {"Deputy": ["cat"]}
    why = told("people.Deputy", found(runbook, people=people))
    assert why == "the runbook notifies no such title; did you mean `Deputi`?"


def test_a_title_that_is_spelt_like_a_role() -> None:
    assert "whoever fills that" in told("people.Scribe", found(people=PEOPLE | {"Scribe": ["cat"]}))


def test_rights_of_what_is_no_command_and_rights_without_effect() -> None:
    assert "did you mean `rollback`?" in told("rights.rolback", found(rights={"rolback": "admin"}))
    assert "needs `write` at least" in told("rights.rollback", found(rights={"rollback": "read"}))
    assert "`/resolve` needs `write` at least" in told("rights.resolve", found(rights={"resolve": "triage"}))
    assert found(rights={"resolve": "admin", "rollback": "write"}) == []


@pytest.mark.parametrize(
    ("labels", "where", "why"),
    [
        ({"severities": {"P9": "x"}}, "labels.severities.P9", "has no such thing; there are"),
        ({"states": {"fixing": "x"}}, "labels.states.fixing", "has no such thing; there are"),
        ({"reported": "Incident"}, "labels.reported", "is also the label of `labels.incident`"),
        ({"severities": {"P0": "sev", "P1": "SEV"}}, "labels.severities.P1", "each needs its own"),
        ({"states": {"resolved": "incident"}}, "labels.states.resolved", "each needs its own"),
    ],
)
def test_labels_for_what_there_is_not_and_one_label_for_two_things(
    labels: dict[str, Any], where: str, why: str
) -> None:
    assert why in told(where, found(labels=labels))


def test_a_service_that_cannot_be_rolled_back_although_it_looks_like_it() -> None:
    assert "has no `provider`" in told("services.web", found(services={"web": {"values": {"a": "b"}}}))
    assert found(services={"web": None, "api": {"health": ["https://x.example.com"]}}) == []


def test_a_deploy_workflow_that_is_not_there() -> None:
    def service(workflow: str) -> dict[str, Any]:
        return {"web": {"provider": "deploy-workflow", "values": {"workflow": workflow}}}

    assert found(services=service("deploy.yml")) == []
    why = told("services.web.values.workflow", found(services=service("deplyo.yml")))
    assert why == (
        "the deploy workflow `.github/workflows/deplyo.yml` does not exist; did you mean `deploy.yml`?"
    )
    assert found(services={"web": {"provider": "deploy-workflow"}}) == []
    assert found(services={"web": {"provider": "nothing-of-ours"}}) == []


@pytest.mark.parametrize(
    "run", [["./restart.sh"], ["ops/restart"], ["bash", "scripts/restart.sh"], ["scripts/restart.py"]]
)
def test_a_script_that_is_not_there(run: list[str]) -> None:
    action = {"title": "Restart it", "run": run}
    assert "does not exist" in told("actions.restart", found(actions={"restart": action}))
    service = {"web": {"commands": [{"name": "smoke", "run": run}]}}
    assert "does not exist" in told("services.web.commands.0", found(services=service))


@pytest.mark.parametrize(
    "run",
    [
        ["bash", "scripts/smoke.sh"],
        ["./scripts/smoke.sh"],
        ["/bin/x"],
        ["node_modules/.bin/x"],
        ["npm", "run", "x"],
    ],
)
def test_a_script_that_is_there(run: list[str]) -> None:
    assert found(actions={"restart": {"title": "Restart it", "run": run}}) == []


def test_kubectl_without_a_kubeconfig() -> None:
    action: dict[str, Any] = {"title": "Restart it", "run": ["kubectl", "rollout", "restart", "deployment/a"]}
    assert "KUBECONFIG_DATA" in told("actions.restart", found(actions={"restart": action}))
    assert found(actions={"restart": action | {"env": ["KUBECONFIG_DATA"]}}) == []
    values = {"name": "web", "namespace": "default"}
    assert found(services={"web": {"provider": "kubernetes", "values": values}}) == []


@pytest.mark.parametrize("page", ["status", "https://status", "status.example.com", "javascript:alert(1)"])
def test_a_status_page_that_is_no_address(page: str) -> None:
    assert "is no address" in told("status_page", found(status_page=page))
    assert found(status_page="https://status.example.com/x") == []


def test_a_deadline_that_repeats_without_a_pause() -> None:
    from datetime import timedelta  # noqa: PLC0415 - only this test counts time

    why = told("deadlines.0.repeat.P0", found(with_deadline(repeat={"P0": timedelta()})))
    assert "cannot repeat without time in between" in why
    assert found(with_deadline(repeat={"P0": timedelta(minutes=1)})) == []


def test_states_that_commands_need() -> None:
    first, *others = HOTDASH.states
    assert "`investigating`" in told("states", found(book(states=tuple(others))))
    missing = tuple(state for state in HOTDASH.states if state.reaches != "resolved")
    assert "`/resolve` can never say that" in told("states", found(book(states=missing))), first


def test_a_post_mortem_that_nothing_needs() -> None:
    none = HOTDASH.postmortem.model_copy(update={"required": ()})
    assert "name those that do" in told("postmortem.required", found(book(postmortem=none)))


def test_a_title_that_the_runbook_itself_spells_otherwise_more_often() -> None:
    why = told("deadlines.0.to.0", found(with_deadline(to=("DevOpps",)), people={}))
    assert why == "nobody stands behind `DevOpps`; did you mean `DevOps`?"
    assert "did you mean `DevOps`?" in told(
        "first_responder", found(book(first_responder="Devopps"), people={})
    )
    assert found(with_deadline(to=("DevOps lead",)), people={}) == []


@pytest.mark.parametrize("word", ["resolve", "/Resolve"])
def test_our_own_command_is_not_to_be_ignored(word: str) -> None:
    why = told("ignore.1", found(ignore=["deploy", word]))
    assert why == "nobody could use our own `/resolve` any more; take it out."


def test_an_action_that_a_list_runs_and_the_settings_lack() -> None:
    lists = {"after": {"steps": {"clear": {"text": "Clear", "run": "cashe"}, "see": "See"}}}
    actions = {"cache": {"title": "Clear", "run": ["npm", "run", "cache"]}}
    listed = book(lists=small(lists=lists).lists)
    why = told("lists.after.steps.clear.run", found(listed, actions=actions))
    assert why == "the settings have no action `cashe`; did you mean `cache`?"


def test_a_list_that_is_called_like_an_action() -> None:
    lists = {"cache": {"steps": {"clear": {"text": "Clear", "run": "cache"}}}, "see": {"steps": {"a": "A"}}}
    actions = {
        "cache": {"title": "Clear", "run": ["npm", "run", "cache"]},
        "see": {"title": "S", "run": ["ls"]},
    }
    listed = book(lists=small(lists=lists).lists)
    why = told("lists.cache", found(listed, actions=actions))
    assert why == "the settings have an action `cache` too, and `/run` means that; rename one."
