"""Whose a deployment is, where several services deploy to one environment."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from allclear.core.model.authored import read_authored
from allclear.core.model.structs import replace
from allclear.core.policy.settings import Settings
from allclear.core.production.attribution import Attribution, attribute
from allclear.core.production.deployments import Deployment, DeploymentStatus

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
RUN = "https://github.com/acme/shop/actions/runs/7"


def settings(web: dict[str, Any] | None = None, **others: Any) -> Settings:
    mine = {"provider": "deploy-workflow"} | ({} if web is None else {"deployments": web})
    return read_authored(Settings, {"services": {"web": mine, **others}})


def deployed(number: int, *states: str, **more: Any) -> Deployment:
    at = NOON + timedelta(hours=number)
    said = tuple(DeploymentStatus(state, at, log=RUN) for state in states or ("success",))
    fields: dict[str, Any] = {"sha": f"{number:x}" * 40, "environment": "production"}
    return Deployment(id=number, created=at, statuses=said, **fields | more)


def own(found: Attribution) -> list[int]:
    return [one.id for one in found.own]


def test_a_service_alone_owns_what_deploys() -> None:
    seen = [deployed(1), deployed(2, task="migrate"), deployed(3, task="deploy:web")]
    found = attribute("web", settings(), seen)
    assert (own(found), [one.id for one in found.others], found.mixed) == ([1, 3], [2], "")


def test_of_a_shared_environment_it_owns_what_its_filter_admits() -> None:
    seen = [deployed(n, payload={"app": app}) for n, app in enumerate(("web", "api", "web", "docs"), 1)]
    there = settings({"payload": {"app": "web"}}, api={"deployments": {"payload": {"app": "api"}}})
    assert own(attribute("web", there, seen)) == [1, 3]
    assert own(attribute("api", there, seen)) == [2]


@pytest.mark.parametrize(
    "web", [{"workflow": "deploy-web.yml"}, {"task": "deploy:web"}, {"creator": "bot"}, {"ref": "main"}]
)
def test_a_rollback_of_ours_is_its_services_whatever_the_filter_asks_for(web: dict[str, str]) -> None:
    back = deployed(1, task="deploy:rollback", payload={"operation": "rollback-1a2b3c4d", "service": "web"})
    other = replace(back, id=2, payload={"operation": "rollback-1a2b3c4e", "service": "api"})
    there = settings(web, api={"deployments": {"task": "deploy:rollback"}})
    assert own(attribute("web", there, [back, other])) == [1]
    assert own(attribute("api", there, [back, other])) == [2]


@pytest.mark.parametrize(
    ("task", "payload"),
    [
        ("deploy", {"operation": "rollback-1a2b3c4d", "service": "api"}),
        ("deploy:rollback", {"operation": "x", "service": "api"}),
        ("deploy:rollback", {"operation": 7, "service": "api"}),
        ("deploy:rollback", {"operation": "rollback-1a2b3c4d", "service": ["api"]}),
        ("deploy:rollback", {"operation": "rollback-1a2b3c4d"}),
    ],
)
def test_what_only_looks_like_a_rollback_of_ours_goes_by_the_filter(
    task: str, payload: dict[str, Any]
) -> None:
    assert own(attribute("web", settings(), [deployed(1, task=task, payload=payload)])) == [1]


def test_a_deployment_that_meets_two_filters_is_named() -> None:
    there = settings({"workflow": "a.yml"}, api={"deployments": {"ref": "main"}}, docs={"health": ["x"]})
    seen = [deployed(1, workflow="a.yml", ref="other"), deployed(2, workflow="a.yml", ref="main")]
    assert attribute("web", there, seen[:1]).mixed == ""
    assert attribute("web", there, seen).mixed == (
        f"Deployment [2]({RUN}) of `2222222` meets both `services.web.deployments` and "
        "`services.api.deployments`, so it is not known whose it is. Name in both what differs, in "
        "`.github/allclear.yml`."
    )


def test_a_deployment_whose_run_is_gone_may_be_the_services() -> None:
    there = settings({"workflow": "a.yml", "ref": "main"}, api={"deployments": {"workflow": "b.yml"}})
    gone = deployed(2, workflow=None, ref="main")
    before, after = deployed(1, workflow="a.yml", ref="main"), deployed(3, workflow="a.yml", ref="main")
    found = attribute("web", there, [gone, before])
    assert own(found) == [1]
    assert found.mixed.startswith(f"GitHub does not show the run of Deployment [2]({RUN}) of `2222222`")
    # The newest good one came later, so that what the other was makes no difference.
    assert attribute("web", there, [after, gone, before]).mixed == ""
    assert attribute("web", there, [replace(gone, ref="other"), before]).mixed == ""
    assert attribute("web", there, [replace(gone, statuses=())]).mixed.startswith("GitHub does not show")
    assert attribute("web", settings({"ref": "main"}), [gone]).mixed == ""


def test_previews_never_count_unless_all_are_marked_as_such() -> None:
    real, preview = deployed(1), deployed(2, transient=True)
    assert own(attribute("web", settings(), [real, preview])) == [1]
    assert own(attribute("web", settings(), [preview, replace(preview, id=3)])) == [2, 3]


def test_what_is_marked_as_not_production_never_counts_beside_what_is() -> None:
    real, other = deployed(1, production=True), deployed(2, production=False)
    assert own(attribute("web", settings(), [real, other, deployed(3)])) == [1, 3]
    assert own(attribute("web", settings(), [other, deployed(3)])) == [2, 3]
    # Only an environment that is spelt `production` is one by default, so other spellings say nothing.
    assert own(attribute("web", settings(), [real, replace(other, environment="Production")])) == [1, 2]
