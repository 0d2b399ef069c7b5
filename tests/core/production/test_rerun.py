"""The run that made a deployment, and GitHub's limits on running it again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from allclear.core.model.authored import read_authored
from allclear.core.model.deploy_run import DeployRun
from allclear.core.model.errors import UserError
from allclear.core.model.release import Release
from allclear.core.model.structs import replace
from allclear.core.policy.provider import Provider
from allclear.core.policy.service import Service
from allclear.core.production.rerun import LIMIT, MOST_ATTEMPTS, check_rerun, run_named, runs_again

PAGE = "https://github.com/acme/shop"
JOB = f"{PAGE}/actions/runs/77/job/88"
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
SHA = "1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d"
RELEASE = Release(SHA, SHA[:7], SHA, run=77)
RUN = DeployRun(
    77,
    workflow="deploy.yml",
    sha=SHA,
    status="completed",
    conclusion="success",
    created=NOW - timedelta(days=2),
    url=f"{PAGE}/actions/runs/77",
)
AGAIN = read_authored(
    Provider, {"title": "A", "pattern": "[0-9a-f]{40}", "rerun": {"workflow": "{workflow}"}}
)
ANEW = read_authored(Provider, {"title": "A", "pattern": "[0-9a-f]{40}", "start": {"workflow": "deploy.yml"}})
WEB = read_authored(Service, {"values": {"workflow": "deploy.yml"}})


@pytest.mark.parametrize(
    "log",
    [JOB, JOB.replace("acme", "ACME"), f"{PAGE}/actions/runs/77/attempts/2/job/88"],
)
def test_the_log_of_a_deployment_names_the_run_that_made_it(log: str) -> None:
    assert run_named(log, PAGE) == 77


@pytest.mark.parametrize(
    "log",
    [
        "",
        f"{PAGE}/actions/runs/77",  # what a rollback of ours announces
        f"{PAGE}/actions/runs/77/job/",
        f"{PAGE}/actions/runs/077/job/88",
        f"{PAGE}/actions/runs/77/job/88/../../../78/job/88",
        f"{PAGE}/actions/runs/77/job/88?x=1",
        f"{PAGE}/actions/runs/77/job/88#step:1:2",
        f"{PAGE}/actions/runs/77/job/88\n",
        f"{PAGE}/actions/runs/{'9' * 20}/job/88",
        f"{PAGE}/actions/runs/\u0667/job/88",
        f"{PAGE}-fork/actions/runs/77/job/88",
        "https://github.com/evil/shop/actions/runs/77/job/88",
        "https://github.com.evil.example/acme/shop/actions/runs/77/job/88",
        f"https://evil.example/?{JOB}",
        "https://ci.example.com/77",
    ],
)
def test_any_other_link_names_none(log: str) -> None:
    assert run_named(log, PAGE) == 0


def check(
    provider: Provider = AGAIN, seen: DeployRun | None = RUN, service: Service = WEB, **more: Any
) -> None:
    check_rerun(service, provider, replace(RELEASE, **more), seen, NOW)


def test_the_run_that_deployed_it_well_within_the_limits_is_run_again() -> None:
    check()
    assert runs_again(AGAIN, RELEASE) == {77}
    check(seen=replace(RUN, attempt=MOST_ATTEMPTS - 1, created=NOW - LIMIT + timedelta(seconds=1)))
    check(seen=replace(RUN, conclusion="failure"))
    check(seen=replace(RUN, created=None))


def test_where_nothing_is_run_again_nothing_is_looked_at() -> None:
    check(ANEW, None, run=0)
    check_rerun(WEB, AGAIN, None, None, NOW)
    assert (runs_again(ANEW, RELEASE), runs_again(AGAIN, None)) == (frozenset(), frozenset())
    assert runs_again(AGAIN, replace(RELEASE, run=0)) == frozenset()


OUT = "`dispatch-workflow` starts the workflow anew"
WRONG: dict[str, tuple[dict[str, Any], str, str, bool]] = {
    "older": ({"created": NOW - LIMIT}, "no-run", "is older than 30 days", True),
    "often": ({"attempt": MOST_ATTEMPTS}, "no-run", "was run again 50 times", True),
    "another workflow": ({"workflow": "preview.yml"}, "no-run", "is one of `preview.yml`", False),
    "another commit": ({"sha": "b" * 40}, "no-run", "ran for the commit `bbbbbbb`", True),
    "running": ({"status": "in_progress"}, "busy", "has not ended yet", False),
    "unknown": ({"known": False}, "unavailable", "Try again in a minute", False),
    "without a link": ({"url": "", "status": "waiting"}, "busy", "Run 77 has not ended", False),
}


@pytest.mark.parametrize(("change", "code", "said", "out"), WRONG.values(), ids=WRONG)
def test_what_github_will_not_run_again_is_said_with_the_way_out(
    change: dict[str, Any], code: str, said: str, out: bool
) -> None:
    with pytest.raises(UserError) as refused:
        check(seen=replace(RUN, **change))
    assert refused.value.code == code
    assert said in refused.value.message
    assert (OUT in refused.value.message) is out


@pytest.mark.parametrize(
    ("seen", "more", "service", "said"),
    [
        (None, {}, WEB, "The run that deployed `1a2b3c4` is gone."),
        (RUN, {"run": 0}, WEB, "names no run of this repository that made it"),
        (RUN, {}, Service(), "The deploy workflow cannot be named"),
    ],
)
def test_a_deployment_whose_run_is_not_known_is_said(
    seen: DeployRun | None, more: dict[str, Any], service: Service, said: str
) -> None:
    with pytest.raises(UserError) as refused:
        check(seen=seen, service=service, **more)
    assert said in refused.value.message
