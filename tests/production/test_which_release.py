"""Which release a rollback puts back, all the way through: a deploy that failed half-way, services that share
an environment, and what would overwrite it.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from allclear_lab.drill.production_server import Version
from production.stage import SERVICES, Production, open_production

GOOD = (Version("v40"), Version("v41"))
BROKEN = Version("v42", healthy=False, errors=38.5, p95=11)
OURS = "    provider: ours\n"
WEB = OURS + "    deployments: {{ payload: {{ app: web }} }}\n"
API = "  api: {{ provider: ours, deployments: {{ payload: {{ app: api }} }} }}\nproviders:\n"
SHARED = SERVICES.replace("providers:\n", "  api: {{ provider: ours }}\nproviders:\n")
TOLD_APART = SERVICES.replace(OURS, WEB).replace("providers:\n", API)


def test_after_a_deploy_that_failed_half_way_the_good_release_before_it_is_put_back(tmp_path: Path) -> None:
    with open_production(tmp_path, releases=GOOD) as production:
        production.release(BROKEN, state="waiting queued in_progress failure")
        production.opens()
        said = production.says("mia", "/rollback web")
        assert "**its deployment began and did not succeed**" in said
        told = production.approve("ann")
        assert "is done, and its smoke run passed" in told
        assert (production.target.version, production.executions()) == ("v41", 1)


@pytest.mark.parametrize("state", ["waiting", "waiting queued", "waiting failure"])
def test_a_deploy_that_did_not_begin_is_not_what_runs_and_is_told(tmp_path: Path, state: str) -> None:
    with open_production(tmp_path, releases=(*GOOD, BROKEN)) as production:
        production.release(Version("v43"), state=state)
        production.target.release(production.releases["v42"], BROKEN)
        production.opens()
        said = production.says("mia", "/rollback web")
        assert "**This would overwrite the rollback:**" in said
        production.approve("ann")
        assert (production.target.version, production.executions()) == ("v41", 1)


def test_a_deployment_under_way_is_not_raced_without_a_word(tmp_path: Path) -> None:
    with open_production(tmp_path, releases=GOOD) as production:
        production.release(BROKEN, state="in_progress")
        production.opens()
        assert "is being deployed right now" in production.says("mia", "/rollback web")
        assert production.operations() == []
        production.says("mia", "/rollback web --while-deploying")
        assert "is done, and its smoke run passed" in production.approve("ann")
        assert (production.target.version, production.executions()) == ("v41", 1)


def test_where_github_does_not_say_whether_it_began_one_of_two_lines_is_typed(tmp_path: Path) -> None:
    with open_production(tmp_path, releases=GOOD) as production:
        production.release(BROKEN, state="pending failure")
        production.opens()
        said = production.says("mia", "/rollback web")
        first, second = production.releases["v41"][:7], production.releases["v40"][:7]
        assert f"`/rollback web to {first}`" in said
        assert f"`/rollback web to {second}`" in said
        assert production.operations() == []
        production.says("mia", f"/rollback web to {first}")
        production.approve("ann")
        assert (production.target.version, production.executions()) == ("v41", 1)


def test_where_services_share_an_environment_the_rollback_is_refused_with_the_fix(tmp_path: Path) -> None:
    with open_production(tmp_path, services=SHARED) as production:
        production.opens()
        said = production.says("mia", "/rollback web")
        assert "`services.web.deployments` is missing" in said
        run = production.dispatch("mia", "rollback-production.yml", {"service": "web"})
        assert production.room.repo.run(run).conclusion == "failure"
        (operation,) = production.operations("rollback")
        assert operation.outcome == "refused"
        assert "services.web.deployments is missing" in operation.text
        assert production.executions() == 0


def deployed(production: Production, app: str, text: str) -> str:
    """Somebody else's service is deployed to the same environment."""
    sha = production.room.people["bob"].push_file("main", f"{app}.txt", text, f"Release {app} {text}")
    production.room.clock.advance(60)
    production.room.repo.deploy(sha, payload={"app": app})
    production.hosted.ignore()
    return sha


def test_what_was_deployed_in_between_of_another_service_is_not_undone(tmp_path: Path) -> None:
    """`/rollback web` executed the broken release of web, because api had been deployed after it."""
    with open_production(tmp_path, services=TOLD_APART, releases=()) as production:
        shas = {}
        for version in (*GOOD, BROKEN):
            shas[version.name] = deployed(production, "web", version.name)
            production.target.release(shas[version.name], version)
        deployed(production, "api", "7")
        production.opens()
        said = production.says("mia", "/rollback web")
        assert f"`{shas['v42'][:7]}`" in said.split("→")[0]
        production.approve("ann")
        assert (production.target.version, production.executions()) == ("v41", 1)
        # Our own rollback is web's, so that the next one knows what runs.
        deployed(production, "api", "8")
        again = production.says("mia", "/rollback web")
        assert f"[`{shas['v41'][:7]}`]" in again.split("→")[0]
