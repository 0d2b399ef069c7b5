"""A secret that commands name and no workflow passes is an error, with the line to add."""

from __future__ import annotations

from typing import Any

import pytest

from allclear.core.model.authored import read_authored
from allclear.core.policy.passing_check import Acting, PassingStep, not_passed, passes
from allclear.core.policy.provider import Provider
from allclear.core.policy.settings import Settings

COMMAND = {"name": "c", "run": ["c"]}
FILE = ".github/workflows/rollback-production.yml"
PROVIDERS = {
    "fly": read_authored(
        Provider,
        {"title": "F", "pattern": "v", "env": ["FLY_API_TOKEN"], "rollback": ["fly"], "verify": [COMMAND]},
    ),
    "api": read_authored(
        Provider,
        {
            "title": "A",
            "pattern": "v",
            "env": ["API_KEY"],
            "rerun": {"workflow": "d.yml"},
            "verify": [COMMAND],
        },
    ),
}
SETTINGS = read_authored(
    Settings,
    {
        "services": {
            "web": {
                "provider": "fly",
                "rollback": {"after": [{**COMMAND, "env": ["CDN_KEY", "GITHUB_SHA"]}]},
                "commands": [{**COMMAND, "name": "d", "env": ["LOGIN"]}],
                "evidence": [{**COMMAND, "env": ["LOGS"]}],
            },
            "api": {"provider": "api", "rollback": {"after": [{**COMMAND, "env": ["WARM"]}]}},
            "old": {"provider": "gone"},
        },
        "actions": {"restart": {"title": "R", "run": ["r"], "env": ["SSH_KEY"]}},
    },
)
NEEDED: dict[Acting, dict[str, str]] = {
    "act": {"FLY_API_TOKEN": "services.web", "CDN_KEY": "services.web", "SSH_KEY": "actions.restart"},
    "smoke": {"LOGIN": "services.web", "API_KEY": "services.api", "WARM": "services.api"},
    "complete": {"LOGS": "services.web"},
}


def step(runs: Acting, *names: str, token: bool = False) -> PassingStep:
    return PassingStep(FILE, 131, runs.title(), runs, frozenset(names), token)


@pytest.mark.parametrize("runs", NEEDED)
def test_each_step_has_to_pass_what_its_commands_name(runs: Acting) -> None:
    assert not_passed(SETTINGS, PROVIDERS, [step(runs, *NEEDED[runs])]) == ()
    told = not_passed(SETTINGS, PROVIDERS, [step(runs)])
    assert len(told) == len(NEEDED[runs])
    for name, sentence in zip(sorted(NEEDED[runs]), told, strict=True):
        assert sentence.startswith(f"`{FILE}` line 131: the step `{runs.title()}` does not pass `{name}`, ")
        assert f"which `{NEEDED[runs][name]}` names" in sentence
        assert sentence.endswith(f"`{passes(name, runs)}`")


def test_the_line_to_add_is_the_one_of_the_shipped_files() -> None:
    named = "contains(fromJSON(needs.claim.outputs.smoke_secrets), 'LOGIN')"
    assert passes("LOGIN", "smoke") == f"LOGIN: ${{{{ {named} && secrets.LOGIN || '' }}}}"


def test_a_step_that_runs_commands_takes_no_token() -> None:
    (told,) = not_passed(Settings(), {}, [step("act", token=True)])
    assert told.endswith("Add `token: false` under its `with:`.")


def test_a_repository_without_such_a_workflow_passes_nothing_and_needs_nothing() -> None:
    steps: list[Any] = []
    assert not_passed(SETTINGS, PROVIDERS, steps) == ()
