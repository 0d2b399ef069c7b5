"""What can be read and yet does not do what it looks like: found before an incident."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from allclear.commands import COMMANDS
from allclear.core.model.authored import read_authored
from allclear.core.policy.provider import Provider
from allclear.core.policy.review import Finding, Least, review, titles_of
from allclear.core.policy.runbook import Runbook
from allclear.core.policy.settings import Settings
from stories import ROOT
from written import NAMES, runbook, small

SMALLEST = small()

PEOPLE: dict[str, Any] = {"On-call": ["bob"], "Team Lead": ["mia"], "CEO": ["ann"]}
FILES = {".github/workflows/deploy.yml", "scripts/smoke.sh"}
LEAST = {name: Least(command.least, command.floor) for name, command in COMMANDS.items()}
PROVIDERS = {
    name: read_authored(Provider, yaml.safe_load((ROOT / f"templates/providers/{name}.yml").read_text()))
    for name in ("deploy-workflow", "kubernetes", "script")
}


def found(runbook: Runbook = SMALLEST, **settings: Any) -> list[Finding]:
    read = read_authored(Settings, {"people": PEOPLE} | settings)
    return list(review(read, runbook, PROVIDERS, LEAST, FILES))


def told(where: str, findings: list[Finding]) -> str:
    """What is said of the only mistake."""
    (one,) = findings
    assert ".".join(map(str, one.where)) == where
    return one.why


def chained(*titles: str, **more: Any) -> Runbook:
    """The small runbook with these titles in its chain."""
    return small(chains={"on-call": list(titles)}, **more)


def actions_of(runbook: Runbook) -> dict[str, Any]:
    """An action for every step that runs one."""
    names = {step.run for one in runbook.lists for step in one.steps if step.run}
    return {name: {"title": "Do it", "run": ["npm", "run", "it"]} for name in names}


@pytest.mark.parametrize("name", NAMES)
def test_what_is_shipped_is_in_order_whoever_is_named_already(name: str) -> None:
    written = runbook(name)
    actions = actions_of(written)
    titles = [title for _, title in titles_of(written)]
    assert titles
    for people in ({}, {titles[0]: ["bob"]}, {title: ["bob"] for title in titles}):
        assert found(written, people=people, actions=actions) == []


@pytest.mark.parametrize(
    ("title", "hint"),
    [
        ("On-cal", "did you mean `On-call`?"),
        ("incident comander", "did you mean `Incident Commander`?"),
        ("responder", "did you mean `responders`?"),
    ],
)
def test_a_title_that_nobody_stands_behind(title: str, hint: str) -> None:
    for misspelt, where in (
        (chained("On-call", title), "chains.on-call"),
        (small(roles={"ic": {"title": "Incident Commander", "backup": title}}), "roles.ic.backup"),
    ):
        why = told(where, found(misspelt))
        assert why == f"nobody stands behind `{title}`; {hint}"
        assert found(misspelt)[0].in_runbook


@pytest.mark.parametrize("title", ["@octocat", "bob", "Responders", "ic", "Head of Support", "operations"])
def test_a_login_a_role_and_a_title_that_is_not_filled_yet_are_fine(title: str) -> None:
    assert found(chained("On-call", title)) == []


def test_titles_that_only_resemble_each_other_are_several_people() -> None:
    assert found(chained("Team Lead", "Technical Director", "Deputy Team Lead"), people={}) == []


def test_a_title_of_the_settings_that_the_runbook_does_not_know() -> None:
    why = told("people.Onn-call", found(people=PEOPLE | {"Onn-call": ["cat"]}))
    assert why == "the runbook notifies no such title; did you mean `On-call`?"
    assert found(people=PEOPLE | {"Support": ["cat"]}) == []


@pytest.mark.parametrize(
    "more",
    [
        {"roles": {"ic": {"backup": "Deputi"}}},
        {"contacts": {"Deputi": {"phone": "1"}}},
        {"contacts": {"Deputi": {"phone": "1"}}, "rules": {"call": {"tell": "Deputi"}}},
        {"routines": {"look": {"every": "mon 09:00", "to": "Deputi"}}},
    ],
)
def test_a_title_that_stands_anywhere_in_the_runbook_is_one_that_it_knows(more: dict[str, Any]) -> None:
    why = told("people.Deputy", found(small(**more), people=PEOPLE | {"Deputy": ["cat"]}))
    assert why == "the runbook notifies no such title; did you mean `Deputi`?"


def test_every_title_that_is_told_something_has_its_place() -> None:
    book = small(
        roles={"ic": {"title": "Boss", "primary": "On-call"}},
        contacts={"Support": {"mail": "s@x.test"}, "Legal": {"mail": "l@x.test"}},
        rules={"call": {"tell": ["Support", "Boss", "ic", "responders", "All hands", "On-call"]}},
        review={"reviewers": ["ic", "Legal", "On-call"]},
        routines={"look": {"every": "mon 09:00", "to": ["Whole team", "On-call", "All hands"]}},
    )
    assert titles_of(book) == (
        (("chains", "on-call"), "On-call"),
        (("chains", "on-call"), "Team Lead"),
        (("roles", "ic", "primary"), "On-call"),
        (("rules", "call", "tell"), "Support"),
        (("review", "reviewers", 1), "Legal"),
        (("routines", "look", "to"), "Whole team"),
    )


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
        ({"severities": {"SEV1": "sev", "SEV2": "SEV"}}, "labels.severities.SEV2", "each needs its own"),
        ({"states": {"resolved": "incident"}}, "labels.states.resolved", "each needs its own"),
        ({"learned": "sev1"}, "labels.learned", "is also the label of `labels.severities.SEV1`"),
        ({"action": "action-digest"}, "labels.action", "is also the label of `labels.digest`"),
        (
            {"reviews": {"approved": "learned"}},
            "labels.reviews.approved",
            "is also the label of `labels.learned`",
        ),
        ({"routine": "postmortem:draft"}, "labels.routine", "is also the label of `labels.reviews.draft`"),
    ],
)
def test_labels_for_what_there_is_not_and_one_label_for_two_things(
    labels: dict[str, Any], where: str, why: str
) -> None:
    assert why in told(where, found(labels=labels))


def test_labels_may_change_places() -> None:
    assert found(labels={"learned": "action-item", "action": "learned"}) == []


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


def test_a_title_that_the_runbook_itself_spells_otherwise_more_often() -> None:
    roles = {"ic": {"primary": "On-call", "backup": "On-cal"}}
    why = told("roles.ic.backup", found(small(roles=roles), people={}))
    assert why == "nobody stands behind `On-cal`; did you mean `On-call`?"
    assert found(chained("On-call", "On-call lead"), people={}) == []


@pytest.mark.parametrize("word", ["resolve", "/Resolve"])
def test_our_own_command_is_not_to_be_ignored(word: str) -> None:
    why = told("ignore.1", found(ignore=["deploy", word]))
    assert why == "nobody could use our own `/resolve` any more; take it out."


def test_an_action_that_a_list_runs_and_the_settings_lack() -> None:
    lists = {"after": {"steps": {"clear": {"text": "Clear", "run": "cashe"}, "see": "See"}}}
    actions = {"cache": {"title": "Clear", "run": ["npm", "run", "cache"]}}
    listed = small(lists=lists)
    why = told("lists.after.steps.clear.run", found(listed, actions=actions))
    assert why == "the settings have no action `cashe`; did you mean `cache`?"


def test_a_list_that_is_called_like_an_action() -> None:
    lists = {"cache": {"steps": {"clear": {"text": "Clear", "run": "cache"}}}, "see": {"steps": {"a": "A"}}}
    actions = {
        "cache": {"title": "Clear", "run": ["npm", "run", "cache"]},
        "see": {"title": "S", "run": ["ls"]},
    }
    listed = small(lists=lists)
    why = told("lists.cache", found(listed, actions=actions))
    assert why == "the settings have an action `cache` too, and `/run` means that; rename one."
