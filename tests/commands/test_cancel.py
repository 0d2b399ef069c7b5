"""/cancel: stops what has not begun."""

from __future__ import annotations

import pytest

from allclear.core.model.operation import operation_id
from allclear.core.model.people import Rights
from allclear.core.model.structs import replace
from allclear.core.record.production import OperationApproved, OperationEnded, OperationStarted
from commands.production import production
from commands.room import ALICE, BOB, CLAIRE, Talk

OP = operation_id("rollback", 0, 7, "c101.1")
RUN = "https://github.com/acme/shop/actions/runs/9"


@pytest.fixture
def asked() -> Talk:
    """Claire asked for a rollback of web."""
    talk = production()
    talk.says("/rollback web", CLAIRE)
    return talk


@pytest.mark.parametrize("words", ["", f" {OP}", f" `{OP[:14]}`"])
def test_whoever_asked_may_cancel_with_any_role(asked: Talk, words: str) -> None:
    heard = asked.says(f"/cancel{words}", CLAIRE, rights=Rights.TRIAGE)
    assert heard.facts == (OperationEnded(op=OP, outcome="cancelled"),)
    assert heard.say == f"Rollback of `web` to `bbbbbbb` (`{OP}`) was cancelled. Nothing was changed."
    operation = asked.incident.production.operations[OP]
    assert (operation.state, operation.outcome) == ("ended", "cancelled")


def test_the_reason_is_kept_as_one_line(asked: Talk) -> None:
    heard = asked.says(f"/cancel {OP} it was\nthe database\n{'x' * 500}", CLAIRE)
    (fact,) = heard.facts
    assert isinstance(fact, OperationEnded)
    assert fact.text.startswith("it was the database xxx")
    assert len(fact.text) == 300


def test_whoever_may_roll_back_may_cancel_what_others_asked_for(asked: Talk) -> None:
    assert asked.says("/cancel", ALICE, rights=Rights.MAINTAIN).facts == (
        OperationEnded(op=OP, outcome="cancelled"),
    )


@pytest.mark.parametrize("rights", [Rights.TRIAGE, Rights.WRITE])
def test_others_may_not(asked: Talk, rights: Rights) -> None:
    heard = asked.says("/cancel", BOB, rights=rights)
    assert heard.code == "not-allowed"
    assert "or with `maintain` access" in heard.say
    assert asked.incident.production.operations[OP].open


def test_where_write_may_roll_back_write_may_cancel() -> None:
    talk = production()
    talk.settings = replace(talk.settings, rights={"rollback": "write"})
    talk.says("/rollback web", CLAIRE)
    assert talk.says("/cancel", BOB, rights=Rights.WRITE).code == ""


def test_what_waits_for_a_reviewer_can_be_cancelled_and_its_run_is_named(asked: Talk) -> None:
    asked.add("rollback", OperationApproved(op=OP), by=ALICE)
    asked.add("rollback", OperationStarted(op=OP, run=9, url=RUN, waiting=True))
    heard = asked.says("/cancel", CLAIRE)
    assert heard.code == ""
    assert heard.say.endswith(
        f"[Its run]({RUN}) may still wait for a reviewer. Approved or not, it stops without changing "
        "anything."
    )


@pytest.mark.parametrize(("url", "where"), [("", "its run"), (RUN, f"[its run]({RUN})")])
def test_what_runs_is_not_interrupted(asked: Talk, url: str, where: str) -> None:
    asked.add("rollback", OperationStarted(op=OP, run=9, url=url))
    heard = asked.says(f"/cancel {OP}", CLAIRE)
    assert heard.code == "state"
    assert f"is under way and cannot be interrupted. Look at {where}," in heard.say
    assert asked.says("/cancel", CLAIRE).say == "Nothing is waiting to begin here."
    assert asked.incident.production.operations[OP].state == "running"


def test_what_has_ended_cannot_be_cancelled(asked: Talk) -> None:
    asked.says("/cancel", CLAIRE)
    heard = asked.says(f"/cancel {OP}", CLAIRE)
    assert heard.code == "state"
    assert heard.say.endswith("has ended already (cancelled).")


def test_a_word_that_is_no_operation_cancels_nothing(asked: Talk) -> None:
    assert asked.says("/cancel wrong service", CLAIRE).code == "missing"
    assert asked.incident.production.operations[OP].open


def test_without_an_operation_there_is_nothing_to_cancel() -> None:
    talk = production()
    assert talk.says("/cancel", CLAIRE).code == "state"
    assert talk.says("/cancel it", CLAIRE).say == (
        "`it` is not an operation of this incident. None is open here."
    )
