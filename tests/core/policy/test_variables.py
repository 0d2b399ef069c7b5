"""Which secrets an operation needs: those that its commands list, and none of another."""

from __future__ import annotations

from typing import Any

from allclear.core.model.authored import read_authored
from allclear.core.policy.provider import Provider
from allclear.core.policy.service import Service
from allclear.core.policy.variables import (
    by_api,
    evidence_names,
    rollback_names,
    secret_names,
    smoke_names,
)

COMMAND = {"name": "c", "run": ["c"]}


def service(**more: Any) -> Service:
    return read_authored(Service, more)


def provider(**more: Any) -> Provider:
    known = {"title": "Ours", "pattern": "v[0-9]+", "env": ["P"], "verify": [{**COMMAND, "env": ["V"]}]}
    return read_authored(Provider, known | (more or {"rollback": ["back"]}))


def test_what_the_runner_sets_is_no_secret_and_neither_is_the_path_of_one() -> None:
    listed = ["FLY_API_TOKEN", "ALLCLEAR_OPERATION", "GITHUB_SHA", "RUNNER_TEMP", "ACTIONS_X", "CI", "PATH"]
    assert secret_names([*listed, "FLY_API_TOKEN"]) == ("FLY_API_TOKEN",)
    assert secret_names(["KUBECONFIG", "KUBECONFIG_DATA"]) == ("KUBECONFIG_DATA",)
    assert secret_names(["KUBECONFIG"]) == ("KUBECONFIG",)
    assert secret_names(["B", "A"]) == ("A", "B")


def test_each_operation_needs_what_its_own_commands_list() -> None:
    web = service(
        rollback={"after": [{**COMMAND, "env": ["AFTER"]}]},
        commands=[{**COMMAND, "env": ["CHECK"]}],
        recovery={"p95": {"run": ["n"], "env": ["MEASURE"]}},
        evidence=[{**COMMAND, "env": ["LOGS"]}],
    )
    assert list(rollback_names(web, provider())) == ["P", "V", "AFTER"]
    assert list(smoke_names(web)) == ["CHECK", "MEASURE"]
    assert list(smoke_names(web, web.rollback.after)) == ["CHECK", "AFTER", "MEASURE"]
    assert list(evidence_names([web, service()])) == ["LOGS"]


def test_what_githubs_api_does_needs_no_secret() -> None:
    api = provider(rerun={"workflow": "deploy.yml"})
    assert by_api(api)
    assert not by_api(provider())
    assert list(rollback_names(service(), api)) == []
