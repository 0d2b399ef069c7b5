"""How an operation ended whose executor did not say so: the same words, whoever finds it."""

from __future__ import annotations

from typing import Any

import pytest

from allclear.core.model.snapshot import Sighting
from allclear.core.production.ending import CANCELLED, LOST, NOT_BEGUN, UNCHECKED, UNSEEN, ending, judge
from allclear.core.record.production import OperationEnded
from core.production_desk import OP, Desk, minute, over, record

SMOKE = {"kind": "smoke", "target": ""}
CASES: dict[str, tuple[str, dict[str, Any], tuple[str, str]]] = {
    "nothing was begun": ("claimed", {}, ("failed", NOT_BEGUN)),
    "nothing was looked at": ("claimed", SMOKE, ("failed", NOT_BEGUN)),
    "it was begun": ("started", {}, ("unknown", LOST)),
    "a dry run was begun, which changes nothing": ("started", {"dry_run": True}, ("failed", UNSEEN)),
    "looking was begun": ("started", SMOKE, ("failed", UNSEEN)),
    "it was done, and the checks were lost": ("executed", {}, ("done", UNCHECKED)),
    "it was done, and says something": ("executed", {"text": "slow"}, ("done", "slow")),
}


@pytest.mark.parametrize(("step", "more", "found"), CASES.values(), ids=CASES)
def test_a_run_that_ended_without_a_word_is_judged_by_how_far_it_came(
    step: str, more: dict[str, Any], found: tuple[str, str]
) -> None:
    lost = record(step, **more)
    assert ending(lost) == found
    asked = {name: value for name, value in more.items() if name != "text"}
    operation = Desk().asked(**asked).incident.production.operations[OP]
    fact = judge(operation, Sighting(lost, over("failure")), minute(30))
    assert isinstance(fact, OperationEnded)
    assert (fact.outcome, fact.text) == found


def test_whoever_rejected_it_is_named_and_who_cancelled_it_is_not_known() -> None:
    waiting = record("claimed")
    assert ending(waiting, rejected_by="mia") == ("refused", "mia rejected it")
    assert ending(waiting, rejected_by="mia", cancelled=True) == ("refused", "mia rejected it")
    assert ending(waiting, cancelled=True) == ("cancelled", CANCELLED)


@pytest.mark.parametrize("step", ["started", "executed"])
def test_what_was_begun_is_not_called_off(step: str) -> None:
    assert ending(record(step), rejected_by="mia", cancelled=True) == ending(record(step))
