"""Rules have ids of their own: a rule that is called like a clock of the engine's is refused."""

from __future__ import annotations

import pytest

from allclear.core.clock.silence import watch_for_silence
from allclear.core.language.checking import mistakes
from allclear.core.language.clock_ids import CLIMBS, clock_ids
from allclear.core.record.incident import CALLED
from written import NAMES, SMALL, file_of, raw, runbook, small

RULE = {"tell": "Team Lead"}


@pytest.mark.parametrize("name", NAMES)
def test_every_clock_is_a_rule_or_has_an_id_of_the_engine(name: str) -> None:
    file = file_of(raw(name))
    for deadline in runbook(name).deadlines:
        assert (deadline.id in file.rules) is not (deadline.id in clock_ids(file))


def test_the_clocks_that_no_runbook_writes_down_are_known() -> None:
    assert {CALLED, *(one.id for one in watch_for_silence(small()))} <= clock_ids(file_of(SMALL))


@pytest.mark.parametrize("name", sorted(CLIMBS))
def test_a_chain_is_not_called_like_an_escalation_of_the_engine(name: str) -> None:
    """Its levels would be the clocks that ask after a long silence, and be said in their place."""
    (found,) = mistakes(file_of(SMALL | {"chains": {name: ["Team Lead", "Boss"]}}))
    assert found.where == ("chains", name)
    assert found.why == f"the engine has an escalation {name!r} itself; choose another id."


@pytest.mark.parametrize(
    "name",
    [
        *("response", "target", "monitoring-over", "review-reminder", "review-due", "on-call-1", "on-call-2"),
        *("on-call-again", "ic-filled", "during-list", "team-update", "team-draft"),
    ],
)
def test_a_rule_is_not_called_like_a_clock_of_the_engine(name: str) -> None:
    (found,) = mistakes(file_of(SMALL | {"rules": {name: RULE}}))
    assert found.where == ("rules", name)
    assert found.why == f"the engine has a clock {name!r} itself; choose another id."
    assert list(mistakes(file_of(SMALL | {"rules": {f"my-{name}": RULE}}))) == []
