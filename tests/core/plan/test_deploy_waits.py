"""A deploy run that waits for reviewers of its own: told at once, once, to those who may approve it."""

from __future__ import annotations

import pytest

from allclear.core.model.deploy_run import PendingReview
from allclear.core.model.snapshot import Acting, Sighting
from allclear.core.model.structs import replace
from allclear.core.record.production import DeployWaits, OperationStarted
from core.plan.test_operate import ended, facts, reply
from core.production_desk import OP, Desk, minute, over, record, running
from stories import ADA, Story

URL = "https://github.com/hotdash/app/actions/runs/99"
REVIEW = PendingReview(99, URL, "production", ("ann", "mia"))
WORKING = replace(running(), acting=Acting("began", minute(17)))


def seen(review: PendingReview | None = REVIEW) -> dict[str, Sighting]:
    waits = record("claimed", deploy_workflow="deploy.yml", deploy_run=99)
    return {OP: Sighting(waits, WORKING, review=review)}


def started() -> Desk:
    """Its own run works."""
    desk = Desk().asked()
    desk.story.entries = list(desk.plan(17, seen(None)).entries)
    return desk


def test_its_reviewers_are_called_with_the_link() -> None:
    plan = started().plan(18, seen())
    assert facts(plan)[-1] == DeployWaits(op=OP, run=99, url=URL, environment="production")
    told = reply(plan)
    assert "@ann @mia" in told
    assert f"waits for a reviewer of `production` itself. Approve [it]({URL})" in told
    assert "When its time is up, it is cancelled." in told


def test_they_are_called_once_and_the_panel_keeps_the_link() -> None:
    desk = started()
    first = desk.plan(18, seen())
    desk.story.entries = list(first.entries)
    assert len(facts(desk.plan(19, seen()))) == len(facts(first))
    line = f"running, and [its deploy run]({URL}) asked the reviewers of `production`"
    assert line in desk.story.panel()
    assert "The deploy run of the rollback of web to v41 asked the reviewers of production" in [
        one.what for one in desk.incident.timeline
    ]
    done = desk.plan(20, {OP: Sighting(record(), over())})
    assert ended(done).outcome == "done"


def test_that_it_runs_and_that_it_waits_are_told_in_one_pass() -> None:
    plan = Desk().asked().plan(17, seen())
    assert [type(fact) for fact in facts(plan)] == [OperationStarted, DeployWaits]


def test_what_has_ended_waits_for_nobody() -> None:
    plan = started().plan(20, {OP: Sighting(record(), over(), review=REVIEW)})
    assert not [fact for fact in facts(plan) if isinstance(fact, DeployWaits)]


@pytest.mark.parametrize("kind", ["drill", "retro"])
def test_in_a_drill_nobody_is_called(kind: str) -> None:
    desk = Desk(story=Story().declare(kind=kind)).asked()
    desk.story.entries = list(desk.plan(17, seen(None)).entries)
    told = reply(desk.plan(18, seen()))
    assert "@" not in told.replace("@\u2060", "")
    assert "ann, mia" in told


def test_teams_are_named_and_without_a_link_the_run_is_named_all_the_same() -> None:
    review = PendingReview(99, "", "production", (), ("Operations", "SRE"))
    told = reply(started().plan(18, seen(review)))
    assert "So may the teams Operations, SRE." in told
    assert "Approve it under *Review deployments*" in told
    desk = started().tell(18, None, DeployWaits(op=OP, run=99, environment="production"))
    assert "running, and its deploy run asked the reviewers of `production`" in desk.story.panel()


def test_a_word_about_an_operation_that_is_over_changes_nothing() -> None:
    desk = started()
    desk.story.entries = list(desk.plan(20, {OP: Sighting(record(), over())}).entries)
    before = desk.incident.production
    desk.tell(21, ADA, DeployWaits(op=OP, run=99, url=URL, environment="production"))
    assert desk.incident.production == before
