"""A rollback that went through, and nobody knows whether it is what runs: said until somebody looks."""

from __future__ import annotations

from allclear.core.model.operation import Smoke
from allclear.core.model.snapshot import Sighting
from allclear.core.record.production import OperationAsked, OperationEnded
from allclear.core.record.progress import Ticked
from core.plan.test_operate import ended, paged, reply
from core.production_desk import BAD, GOOD, OP, Desk, over, record
from stories import BOB
from written import raw, runbook_of

UNASKED = "the deploy system cannot be asked what runs now"


def unverified() -> Desk:
    """A rollback that went through, and nobody can say whether it is what runs."""
    fact = OperationEnded(op=OP, outcome="done", run=77, before="v42", after="v41", unverified=UNASKED)
    return Desk().asked().tell(20, None, fact)


def looked(smoke: Smoke) -> Desk:
    """A smoke run after it."""
    asked = OperationAsked(op="smoke-00000001", kind="smoke", service="web")
    found = OperationEnded(op="smoke-00000001", outcome="done", smoke=smoke)
    return unverified().tell(22, None, asked).tell(23, None, found)


def test_what_nobody_can_verify_is_done_and_not_verified_and_does_not_count_as_the_fix() -> None:
    plan = Desk().asked().plan(20, {OP: Sighting(record(unverified=UNASKED), over())})
    assert (ended(plan).outcome, ended(plan).unverified) == ("done", UNASKED)
    assert plan.incident.reached("mitigated") is None
    told = reply(plan)
    assert f"is done, but **not verified**: {UNASKED} (`v42` → `v41`" in told
    assert (
        "Look at production, and say that it is well with `/smoke web` or `/check verification`. "
        "`/status monitoring` then begins the monitoring." in told
    )
    assert not paged(plan)


def test_in_the_window_nobody_is_told_to_begin_it() -> None:
    plan = Desk().fixed(10).asked(15).plan(20, {OP: Sighting(record(unverified=UNASKED), over())})
    assert "begins the monitoring" not in reply(plan)


def test_a_runbook_whose_smoke_runs_tick_no_step_names_the_smoke_run_alone() -> None:
    bare = runbook_of(raw("hotdash") | {"lists": {}})
    said = reply(Desk(runbook=bare).asked().plan(20, {OP: Sighting(record(unverified=UNASKED), over())}))
    assert "say that it is well with `/smoke web`. `/status monitoring` then begins" in said


def test_smoke_that_passed_verifies_it_and_one_that_failed_refutes_it() -> None:
    plan = Desk().asked().plan(20, {OP: Sighting(record(unverified=UNASKED, smoke=BAD), over())})
    assert "but its smoke run **failed**" in reply(plan)
    assert "not verified" not in reply(plan)
    assert paged(plan)


def test_the_panel_says_so_until_smoke_passes_or_somebody_ticks_the_step() -> None:
    line = f"done, `v42` → `v41`, **not verified**: {UNASKED}"
    desk = unverified()
    assert f"⚠️ Rollback of `web` to `v41` (`{OP}`): {line}" in desk.story.panel()
    assert "not verified" not in looked(GOOD).story.panel()
    assert "not verified" in looked(BAD).story.panel()
    assert "not verified" not in unverified().tell(22, BOB, Ticked(step="verification")).story.panel()
    assert "not verified" in unverified().tell(22, BOB, Ticked(step="fix")).story.panel()


def test_a_tick_from_before_says_nothing_of_it() -> None:
    desk = Desk().tell(14, BOB, Ticked(step="verification")).asked()
    fact = OperationEnded(op=OP, outcome="done", unverified=UNASKED)
    assert "not verified" in desk.tell(20, None, fact).story.panel()


def test_the_timeline_of_the_post_mortem_says_that_it_was_not_verified() -> None:
    line = unverified().incident.timeline[-1]
    assert (line.what, line.text) == ("The rollback of web to v41 is done, but is not verified", UNASKED)
