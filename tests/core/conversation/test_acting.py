"""Acting is acknowledging."""

from __future__ import annotations

import pytest

from allclear.core.conversation.acting import acknowledging
from allclear.core.model.people import Person
from allclear.core.model.structs import replace
from allclear.core.record.facts import Fact
from allclear.core.record.findings import Found, ImpactSet
from allclear.core.record.incident import Stage
from allclear.core.record.people import Acknowledged
from allclear.core.record.production import OperationApproved, OperationAsked
from stories import ADA, BOB, Story

OPEN = Story().declare().incident
FOUND = Found(root_cause="dns")


@pytest.mark.parametrize(
    "fact",
    [
        FOUND,
        OperationApproved(op="rollback-1"),
        OperationAsked(op="rollback-1", kind="rollback", service="web"),
        OperationAsked(op="action-1", kind="action", name="restart", service="web"),
    ],
)
def test_whoever_finds_asks_or_approves_has_acknowledged(fact: Fact) -> None:
    assert acknowledging((fact,), OPEN, BOB) == (Acknowledged(by=BOB),)


@pytest.mark.parametrize(
    "fact",
    [
        ImpactSet(users=3),
        OperationAsked(op="smoke-1", kind="smoke", service="web"),
        OperationAsked(op="rollback-1", kind="rollback", service="web", dry_run=True),
    ],
)
def test_what_changes_nothing_is_no_acknowledgement(fact: Fact) -> None:
    assert acknowledging((fact,), OPEN, BOB) == ()


def test_one_acknowledgement_is_enough_and_there_is_none_of_what_is_over_or_by_a_bot() -> None:
    known = Story().declare().tell(4, ADA, Acknowledged(by=ADA)).incident

    assert acknowledging((FOUND,), known, BOB) == ()
    assert acknowledging((FOUND,), replace(OPEN, stage=Stage.CLOSED), BOB) == ()
    assert acknowledging((FOUND,), OPEN, Person(id=9, login="deploy[bot]")) == ()
