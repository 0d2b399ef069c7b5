"""What runs, state by state, read off deployments and their statuses."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from allclear.core.model.authored import read_authored
from allclear.core.model.release import Releases, last_known_good, not_begun, readings
from allclear.core.model.structs import replace
from allclear.core.policy.provider import Provider
from allclear.core.production.deployments import Deployment, DeploymentStatus, releases_of

PAGE = "https://github.com/acme/shop"
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
JOB = f"{PAGE}/actions/runs/7/job/42"
RUN = f"{PAGE}/actions/runs/7"
BY_SHA = read_authored(Provider, {"title": "A", "pattern": "[0-9a-f]{40}", "rerun": {"workflow": "d.yml"}})
BY_URL = replace(BY_SHA, target_from="environment_url")


def sha(name: int) -> str:
    return f"{name:x}" * 40


def deployed(number: int, *states: str, log: str = "", after: float = 0, **more: Any) -> Deployment:
    """The deployment `number` of the commit of that number, at `number` o'clock, a status a minute."""
    at = NOON + timedelta(hours=number, minutes=after)
    said = tuple(
        DeploymentStatus(state, at + timedelta(minutes=n), log=log) for n, state in enumerate(states, 1)
    )
    fields: dict[str, Any] = {"id": number, "sha": sha(number), "created": at, "statuses": said}
    return Deployment(**fields | more)


def read(
    *deployments: Deployment, others: tuple[Deployment, ...] = (), provider: Provider = BY_SHA
) -> Releases:
    last = max(one.created for one in deployments)
    return releases_of(deployments, provider, PAGE, last + timedelta(hours=1), others=others)


def shown(releases: Releases) -> tuple[tuple[str, str] | None, str | None, list[tuple[str, str]]]:
    """What runs with its state, where it would go back to, and what did not begin."""
    current, good = releases.current, last_known_good(releases)
    return (
        (current.name[0], current.state) if current else None,
        good.name[0] if good else None,
        [(one.name[0], one.state) for one in releases.idle],
    )


GOOD = (deployed(1, "success"), deployed(2, "in_progress", "success"))


@pytest.mark.parametrize(
    ("states", "runs", "goes_to", "idle"),
    [
        (("in_progress",), ("3", "in progress"), "2", []),
        (("waiting", "queued", "in_progress"), ("3", "in progress"), "2", []),
        (("in_progress", "success"), ("3", "success"), "2", []),
        (("success",), ("3", "success"), "2", []),
        (("waiting", "queued", "in_progress", "failure"), ("3", "failed"), "2", []),
        (("in_progress", "error"), ("3", "failed"), "2", []),
        (("in_progress", "inactive"), ("3", "failed"), "2", []),
        (("in_progress", "failure", "inactive"), ("3", "failed"), "2", []),
        (("in_progress", "failure", "in_progress"), ("3", "in progress"), "2", []),
        (("in_progress", "failure", "queued"), ("3", "failed"), "2", [("3", "waiting")]),
        (("in_progress", "pending"), ("3", "in progress"), "2", []),
        (("in_progress", "failure", "error"), ("3", "failed"), "2", []),
        (("waiting",), ("2", "success"), "1", [("3", "waiting")]),
        (("waiting", "queued"), ("2", "success"), "1", [("3", "waiting")]),
        (("queued",), ("2", "success"), "1", [("3", "waiting")]),
        (("pending",), ("2", "success"), "1", [("3", "waiting")]),
        (("waiting", "failure"), ("2", "success"), "1", [("3", "not begun")]),
        (("waiting", "error"), ("2", "success"), "1", [("3", "not begun")]),
        (("waiting", "queued", "inactive"), ("2", "success"), "1", [("3", "not begun")]),
        (("waiting", "failure", "queued"), ("2", "success"), "1", [("3", "waiting")]),
        ((), ("3", "unclear"), "2", []),
        (("failure",), ("3", "unclear"), "2", []),
        (("pending", "failure"), ("3", "unclear"), "2", []),
        (("queued", "error"), ("3", "unclear"), "2", []),
        (("pending", "inactive"), ("3", "unclear"), "2", []),
    ],
    ids=lambda value: "-".join(value) or "none" if isinstance(value, tuple) else None,
)
def test_after_two_good_releases_the_third_is_judged_by_whether_it_began(
    states: tuple[str, ...], runs: tuple[str, str], goes_to: str, idle: list[tuple[str, str]]
) -> None:
    found = read(*GOOD, deployed(3, *states))
    assert shown(found) == (runs, goes_to, idle)
    assert [one.name[0] for one in found.deploying] == (["3"] if runs == ("3", "in progress") else [])


def test_a_deploy_that_failed_half_way_is_what_runs_now_and_the_good_one_before_it_the_goal() -> None:
    """v40 good, v41 good, the deploy of v42 failed and broke production."""
    found = read(*GOOD, deployed(3, "in_progress", "failure"))
    assert found.current is not None
    assert (found.current.target, found.current.state, found.current.deployed) == (sha(3), "failed", False)
    good = last_known_good(found)
    assert good is not None
    assert good.target == sha(2)


@pytest.mark.parametrize(
    ("log", "state"), [(JOB, "not begun"), (f"{JOB}?pr=1", "not begun"), (RUN, "unclear"), ("", "unclear")]
)
def test_a_job_of_actions_that_was_cancelled_in_the_queue_did_not_begin(log: str, state: str) -> None:
    found = read(*GOOD, deployed(3, "queued", "failure", log=log))
    assert found.current is not None
    assert (*found.idle, found.current)[0].state == state


def test_statuses_that_github_cut_off_do_not_say_that_nothing_began() -> None:
    rejected = deployed(3, "waiting", "failure", cut=True)
    waiting = deployed(3, "pending", cut=True)
    for one in (rejected, waiting):
        assert shown(read(*GOOD, one))[0] == ("3", "unclear")
    assert shown(read(*GOOD, deployed(3, "in_progress", "failure", cut=True)))[0] == ("3", "failed")


def test_where_it_is_unclear_both_readings_have_their_goal() -> None:
    found = readings(read(*GOOD, deployed(3, "pending", "failure")))
    assert [
        (one.current.name[0] if one.current else "", good.name[0] if good else "") for one, good in found
    ] == [("3", "2"), ("2", "1")]


def test_two_readings_with_one_goal_are_no_question() -> None:
    half = (*GOOD, deployed(3, "in_progress", "failure"), deployed(4, "pending", "failure"))
    (only,) = readings(read(*half))
    assert only[1] is not None
    assert only[1].target == sha(2)


def test_where_nothing_is_known_to_be_good_neither_reading_has_a_goal() -> None:
    found = read(deployed(1), deployed(2, "failure"))
    assert [good for _, good in readings(found)] == [None, None]
    assert not_begun(found).current is None
    assert readings(read(deployed(1, "waiting"))) == ((read(deployed(1, "waiting")), None),)


def test_what_is_unclear_and_older_than_a_success_is_no_question() -> None:
    found = read(deployed(1, "success"), deployed(2, "pending", "failure"), deployed(3, "success"))
    assert shown(found) == (("3", "success"), "1", [])


def test_a_slow_deployment_that_failed_after_the_next_had_succeeded_is_what_runs_in_part() -> None:
    slow = Deployment(
        1,
        sha(1),
        NOON,
        (DeploymentStatus("in_progress", NOON), DeploymentStatus("failure", NOON + timedelta(hours=3))),
    )
    assert shown(read(deployed(2, "success"), slow, deployed(3, "queued")))[:2] == (("1", "failed"), "2")


def test_one_in_progress_behind_a_later_success_would_still_overwrite() -> None:
    found = read(deployed(1, "success"), deployed(2, "in_progress"), deployed(3, "success"))
    assert shown(found)[:2] == (("3", "success"), "1")
    assert [one.name[0] for one in found.deploying] == ["2"]


def test_one_whose_end_nobody_reported_is_left_behind_after_a_day_but_not_while_it_may_run() -> None:
    days = [deployed(1, "success"), deployed(2, "in_progress"), deployed(30, "success")]
    assert read(*days).deploying == ()
    late = releases_of(days[:2], BY_SHA, PAGE, NOON + timedelta(days=9))
    assert [one.name[0] for one in late.deploying] == ["2"]


def test_what_has_waited_for_longer_than_github_lets_it_is_not_told() -> None:
    old = [deployed(1, "waiting"), deployed(2, "success")]
    assert shown(releases_of(old, BY_SHA, PAGE, NOON + timedelta(days=9)))[2] == [("1", "waiting")]
    assert shown(releases_of(old, BY_SHA, PAGE, NOON + timedelta(days=31)))[2] == []


def test_what_was_rejected_before_the_current_release_came_is_not_told() -> None:
    assert shown(read(deployed(1, "waiting", "failure"), deployed(2, "success")))[2] == []
    assert shown(read(deployed(1, "waiting", "failure")))[2] == [("1", "not begun")]


# -- the same release again


def test_a_second_deployment_of_the_release_that_runs_failed_so_it_may_be_put_back_whole() -> None:
    again = deployed(3, "in_progress", "failure", sha=sha(2))
    assert shown(read(*GOOD, again))[:2] == (("2", "failed"), "2")


def test_a_rollback_that_failed_half_way_is_tried_again_and_not_two_releases_back() -> None:
    back = deployed(4, "in_progress", "failure", sha=sha(2))
    assert shown(read(*GOOD, deployed(3, "success"), back))[:2] == (("2", "failed"), "2")


def test_what_failed_after_its_success_is_bad_whatever_was_reported_then() -> None:
    for states in (
        ("success", "failure"),
        ("success", "in_progress", "error"),
        ("success", "failure", "inactive"),
    ):
        found = read(*GOOD, deployed(3, *states), deployed(4, "success"))
        assert shown(found)[:2] == (("4", "success"), "2")
    assert shown(read(*GOOD, deployed(3, "success", "failure", "success"), deployed(4, "success")))[1] == "3"


# -- taken down


def test_what_was_taken_down_does_not_run() -> None:
    found = read(deployed(1, "success", "inactive"))
    assert (found.current, [one.name[0] for one in found.earlier]) == (None, ["1"])
    assert shown(read(*GOOD, deployed(3, "success", "inactive")))[0] == ("2", "success")
    assert shown(read(*GOOD, deployed(3, "success", "inactive", "success")))[0] == ("3", "success")


def test_what_made_way_for_another_services_deployment_still_runs() -> None:
    """GitHub marks every earlier success of the environment as inactive, whosever it is."""
    mine = Deployment(
        2,
        sha(2),
        NOON,
        (
            DeploymentStatus("success", NOON + timedelta(hours=2)),
            DeploymentStatus("inactive", NOON + timedelta(hours=3, minutes=1)),
        ),
    )
    assert read(deployed(1, "success"), mine).current is not None
    assert shown(read(deployed(1, "success"), mine))[0] == ("1", "success")
    others = (deployed(3, "success"),)
    assert shown(read(deployed(1, "success"), mine, others=others))[:2] == (("2", "success"), "1")
    assert shown(read(mine, others=(deployed(4, "success"),)))[0] is None
    # Somebody reported it as inactive once more, long after that.
    late = DeploymentStatus("inactive", NOON + timedelta(hours=9))
    down = replace(mine, statuses=(*mine.statuses, late))
    assert shown(read(deployed(1, "success"), down, others=others))[0] == ("1", "success")
    assert [one.name[0] for one in read(deployed(1, "success"), down).gone] == ["2"]


# -- times and order


def test_statuses_of_one_second_come_in_the_order_of_the_list_from_whichever_end_it_begins() -> None:
    at = NOON + timedelta(hours=3)
    said = [DeploymentStatus(state, at) for state in ("success", "in_progress")]
    newest = DeploymentStatus("failure", at + timedelta(seconds=1))
    for listed in ((*said, newest), (newest, *reversed(said))):
        assert shown(read(*GOOD, Deployment(3, sha(3), at, listed, newest=newest)))[0] == ("3", "failed")


def test_statuses_of_one_second_come_in_the_order_of_a_deployment() -> None:
    at = NOON + timedelta(hours=3)
    jumbled = tuple(DeploymentStatus(state, at) for state in ("success", "queued", "in_progress", "waiting"))
    assert shown(read(*GOOD, Deployment(3, sha(3), at, jumbled)))[0] == ("3", "success")


def test_github_names_the_last_status_of_a_second() -> None:
    at = NOON + timedelta(hours=3)
    again = DeploymentStatus("in_progress", at)
    one = Deployment(3, sha(3), at, (again, DeploymentStatus("success", at)), newest=again)
    assert shown(read(*GOOD, one))[0] == ("3", "in progress")


def test_of_two_that_succeeded_in_the_same_second_the_later_deployment_runs() -> None:
    one, two = (Deployment(n, sha(n), NOON, (DeploymentStatus("success", NOON),)) for n in (1, 2))
    for both in ((one, two), (two, one)):
        assert shown(read(*both))[:2] == (("2", "success"), "1")


# -- what a deployment says of its target


def test_a_deployment_without_an_address_yet_may_be_what_runs_and_is_no_goal() -> None:
    at = NOON + timedelta(hours=1)
    good = Deployment(1, sha(1), NOON, (DeploymentStatus("success", at, url="https://shop-1.example"),))
    silent = Deployment(2, sha(2), NOON, (DeploymentStatus("success", at + timedelta(hours=1)),))
    half = deployed(3, "in_progress", "failure")
    found = read(good, silent, half, deployed(4, "in_progress", "failure"), provider=BY_URL)
    assert found.current is not None
    assert (found.current.target, found.current.name, found.current.state) == ("", sha(4)[:7], "failed")
    assert [one.name[0] for one in found.earlier] == ["3", "1"]
    assert shown(found)[1] == "1"


@pytest.mark.parametrize(
    ("payload", "target"),
    [({"version": "v3"}, "v3"), ({"version": 3}, "3"), ({"version": True}, None), ({}, None)],
)
def test_a_payload_without_the_field_is_another_tools(payload: dict[str, Any], target: str | None) -> None:
    by_version = replace(BY_SHA, target_from="payload.version")
    found = read(deployed(3, "in_progress", "failure", payload=payload), provider=by_version)
    assert (found.current.target if found.current else None) == target


# -- links


@pytest.mark.parametrize(
    ("logs", "shown"),
    [
        ((JOB, RUN), RUN),
        ((JOB, ""), JOB),
        ((JOB, "javascript:alert(1)"), JOB),
        (("https://x.example/a) [b](https://y.example",), ""),
        (("http://x.example",), ""),
        (("https://x.example/@team",), ""),
        (("https://x.example/" + "a" * 600,), ""),
        ((), ""),
    ],
)
def test_the_newest_link_to_the_log_that_is_a_link_is_shown(logs: tuple[str, ...], shown: str) -> None:
    said = tuple(
        DeploymentStatus("in_progress", NOON + timedelta(minutes=n), log=log) for n, log in enumerate(logs)
    )
    assert Deployment(1, sha(1), NOON, said).log == shown


def test_a_release_knows_the_newest_run_that_deployed_it_well() -> None:
    """A rollback of ours that came later links to its own run, which is no job; a run that failed did not."""

    def job(run: int) -> str:
        return f"{PAGE}/actions/runs/{run}/job/{run}0"

    found = read(
        deployed(1, "in_progress", "success", log=job(11)),
        deployed(2, "in_progress", "success", log=job(12)),
        deployed(3, "in_progress", "success", sha=sha(1), log=job(13)),
        deployed(4, "in_progress", "failure", sha=sha(1), log=job(14)),
        deployed(5, "success", sha=sha(1), log=f"{PAGE}/actions/runs/15", task="deploy:rollback"),
        deployed(6, "in_progress", "success", log="https://ci.example.com/16"),
    )
    assert found.current is not None
    assert [(one.name[0], one.run) for one in (found.current, *found.earlier)] == [
        ("6", 0),
        ("1", 13),
        ("1", 13),
        ("1", 13),
        ("2", 12),
        ("1", 13),
    ]
