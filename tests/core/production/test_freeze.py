"""The deploy freeze as a decision: which statuses have to be written on which commits, and when none."""

from datetime import UTC, datetime

import pytest

from allclear.core.model.structs import replace
from allclear.core.policy.settings import LabelNames
from allclear.core.production.freeze import (
    LONGEST,
    THAWED,
    FreezeReason,
    OpenPull,
    Wanted,
    frozen,
    frozen_by_labels,
    wanted_statuses,
)
from allclear.core.record.incident import Incident, Stage
from allclear.core.view.labels import Labels
from stories import HOTDASH
from written import small

AT = datetime(2026, 3, 2, 14, 0, tzinfo=UTC)
BURNS = Incident(number=12, stage=Stage.OPEN, severity="P0")
REASON = FreezeReason(12, "P0", "https://github.com/acme/shop/issues/12")
RED = "Deploys are frozen by incident #12 (P0)"
FREE = "The hotfix of incident #12 is not frozen"


def pull(number: int, branch: str = "feature", **more: object) -> OpenPull:
    return replace(OpenPull(number, f"{number:040x}", branch), **more)  # type: ignore[arg-type]  # by name


def red(number: int) -> Wanted:
    return Wanted(f"{number:040x}", "failure", RED, REASON.url)


def test_a_grave_incident_freezes_until_it_is_mitigated() -> None:
    assert frozen(BURNS, HOTDASH)
    assert not frozen(replace(BURNS, milestones={"mitigated": AT}), HOTDASH)


@pytest.mark.parametrize(
    "other",
    [
        replace(BURNS, severity="P1"),
        replace(BURNS, kind="drill"),
        replace(BURNS, kind="retro"),
        replace(BURNS, stage=Stage.CLOSED),
        replace(BURNS, stage=Stage.REPORT),
        replace(BURNS, stage=Stage.DUPLICATE),
    ],
    ids=["less grave", "a drill", "written up afterwards", "closed", "only a report", "a duplicate"],
)
def test_nothing_else_freezes(other: Incident) -> None:
    assert not frozen(other, HOTDASH)


def test_a_runbook_that_asks_for_no_freeze_has_none() -> None:
    assert not frozen(replace(BURNS, severity="SEV1"), small())


@pytest.mark.parametrize(
    ("labels", "severity"),
    [
        ({"incident", "P0", "status:investigating"}, "P0"),
        ({"incident", "p0", "Status:Mitigating"}, "P0"),
        ({"incident", "P0", "status:monitoring"}, ""),
        ({"incident", "P0", "status:resolved"}, ""),
        ({"incident", "P1", "status:investigating"}, ""),
        ({"incident", "P0", "status:reported"}, ""),
        ({"incident", "P0"}, ""),
        ({"incident", "status:investigating"}, ""),
    ],
)
def test_labels_tell_of_an_incident_whose_record_is_not_at_hand(labels: set[str], severity: str) -> None:
    assert frozen_by_labels(labels, Labels(HOTDASH, LabelNames())) == severity


def test_every_open_pull_request_turns_red_with_the_incident_to_look_at() -> None:
    assert wanted_statuses([pull(2), pull(1)], [REASON]) == (red(1), red(2))


def test_what_is_red_already_is_not_written_again() -> None:
    assert wanted_statuses([pull(1, state="failure", description=RED)], [REASON]) == ()


def test_a_red_one_that_names_others_is_written_anew() -> None:
    there = pull(1, state="failure", description="Deploys are frozen by incident #9 (P0)")
    assert wanted_statuses([there], [REASON]) == (red(1),)


def test_the_hotfix_of_the_incident_is_green_and_comes_first() -> None:
    ours = pull(7, "hotfix/incident-12", state="failure", description=RED)
    free = Wanted(ours.sha, "success", FREE, REASON.url)
    assert wanted_statuses([pull(1), ours], [REASON]) == (free, red(1))
    assert wanted_statuses([replace(ours, state="success", description=FREE)], [REASON]) == ()


def test_the_second_hotfix_of_an_incident_is_one_too() -> None:
    (status,) = wanted_statuses([pull(7, "hotfix/incident-12-2")], [REASON])
    assert status.state == "success"


@pytest.mark.parametrize(
    "other",
    [
        pull(7, "hotfix/incident-12", fork=True),
        pull(7, "hotfix/incident-13"),
        pull(7, "hotfix/incident-012"),
        pull(7, "hotfix/incident-12/x"),
        pull(7, "hotfix/incident-12-200"),
        pull(7, "HOTFIX/incident-12"),
        pull(7, "x/hotfix/incident-12"),
        pull(7, "hotfix/incident-12\n"),
        pull(7, "hotfix/incident-\u0661\u0662"),
    ],
    ids=["a fork's", "another's", "zero", "below", "too many", "case", "above", "line", "digits"],
)
def test_nothing_else_passes_for_a_hotfix(other: OpenPull) -> None:
    assert wanted_statuses([other], [REASON]) == (red(7),)


def test_the_hotfix_of_an_incident_that_freezes_nothing_is_frozen_by_the_others() -> None:
    (status,) = wanted_statuses([pull(7, "hotfix/incident-20")], [REASON])
    assert status.state == "failure"


def test_a_hotfix_is_held_by_no_other_incident_either() -> None:
    both = [REASON, FreezeReason(20, "P0", "https://github.com/acme/shop/issues/20")]
    (status,) = wanted_statuses([pull(7, "hotfix/incident-20")], both)
    assert (status.state, status.target_url) == ("success", both[1].url)


def test_a_commit_that_the_hotfix_shares_with_another_pull_request_is_free() -> None:
    """A status is the commit's, and the commit is the hotfix: red would hold the hotfix itself."""
    sha = "a" * 40
    sharing = [pull(1, sha=sha), pull(2, fork=True, sha=sha), pull(3, "hotfix/incident-12", sha=sha)]
    assert wanted_statuses(sharing, [REASON]) == (Wanted(sha, "success", FREE, REASON.url),)
    assert wanted_statuses(sharing[:2], [REASON]) == (Wanted(sha, "failure", RED, REASON.url),)


def test_several_incidents_are_named_in_their_order_and_the_rest_counted() -> None:
    many = [FreezeReason(number, "P0", f"url-{number}") for number in range(9, 1, -1)]
    (status,) = wanted_statuses([pull(1)], many)
    named = "#2 (P0), #3 (P0), #4 (P0), #5 (P0), #6 (P0) and 3 more"
    assert (status.description, status.target_url) == (f"Deploys are frozen by incident {named}", "url-2")


def test_a_description_fits_what_github_takes() -> None:
    many = [FreezeReason(2**31 - number, "Severe" * 3, "url") for number in range(9)]
    (status,) = wanted_statuses([pull(1)], many)
    assert status.description == (
        "Deploys are frozen by incident #2147483640 (SevereSevereSevere), #2147483641 (SevereSevereSevere), "
        "#2147483642 (SevereSevereSevere),…"
    )
    (whole,) = wanted_statuses([pull(1)], [FreezeReason(1, "Severe" * 30, "url")])
    assert len(whole.description) == LONGEST


def test_green_comes_only_where_red_was_left() -> None:
    pulls = [
        pull(1, state="failure", description=RED),
        pull(2),
        pull(3, state="success", description=FREE),
        pull(4, state="error"),
        pull(5, state="pending"),
    ]
    assert wanted_statuses(pulls, []) == tuple(Wanted(pulls[n].sha, "success", THAWED) for n in (0, 3, 4))


def test_nothing_is_lifted_while_an_incident_could_not_be_looked_at() -> None:
    left = pull(1, state="failure", description=RED)
    assert wanted_statuses([left], [], lift=False) == ()
    assert wanted_statuses([pull(2)], [REASON], lift=False) == (red(2),)
