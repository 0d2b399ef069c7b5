"""The monitoring window (000-19, 002-A1, 003-16): how long, what is looked at in it, what is kept."""

from datetime import timedelta
from typing import Any

import pytest

from allclear.core.calendar.period import Span
from allclear.core.clock.gates import holds
from allclear.core.clock.window import window_end
from allclear.core.model.authored import read_authored
from allclear.core.model.effects import Dispatch, PutPanel, Reply
from allclear.core.model.execution import Execution
from allclear.core.model.operation import Operation, Smoke
from allclear.core.model.snapshot import Sighting
from allclear.core.model.stored import read_values
from allclear.core.model.structs import replace
from allclear.core.plan.plan import Plan
from allclear.core.policy.runbook import Runbook
from allclear.core.policy.settings import Settings
from allclear.core.postmortem.timeline import table
from allclear.core.production.watching import scheduled, with_scheduled
from allclear.core.record.audit import Helped, RunbookChanged
from allclear.core.record.findings import Affected
from allclear.core.record.life import Declared, Reopened, Resolved, SeveritySet, StatusSet
from allclear.core.record.production import OperationAsked, OperationEnded, SmokePass, SmokeRunsPassed
from allclear.core.record.progress import Ticked
from core.production_desk import BAD, GOOD, OP, WEB, Desk, minute, over, running, said
from stories import ADA, BOB, HOTDASH, REPOSITORY, UTC_ZONE, Story
from written import raw, runbook_of

TWO = WEB | {
    "services": {
        "web": {"health": ["https://app.example.com/health"]},
        "api": {"commands": [{"name": "smoke", "run": ["npm", "run", "test:smoke"]}]},
        "worker": {},
    }
}


def book(**changes: Any) -> Runbook:
    """HotDash with other numbers for P0."""
    whole = raw("hotdash")
    severities = whole["severities"]
    return runbook_of(whole | {"severities": severities | {"P0": severities["P0"] | changes}})


def asked(desk: Desk, now: float) -> list[str]:
    """The services that a smoke run is started for."""
    starts = [one for one in desk.plan(now).effects if isinstance(one, Dispatch)]
    return [dict(one.inputs)["service"] for one in starts if one.workflow == "smoke.yml"]


def smoked(desk: Desk, at: float, *, passed: bool = True, service: str = "web") -> Desk:
    """A smoke run that was asked for and ended."""
    op = f"smoke-{int(at):06d}"
    desk.tell(at, None, OperationAsked(op=op, kind="smoke", service=service))
    return desk.tell(at, None, OperationEnded(op=op, outcome="done", smoke=GOOD if passed else BAD))


@pytest.mark.parametrize(("severity", "length"), [("P0", 120), ("P1", 60), ("P2", 30)])
def test_000_19_the_window_goes_by_severity(severity: str, length: int) -> None:
    desk = Desk(story=Story().declare(severity=severity)).fixed(20)
    assert window_end(desk.incident, HOTDASH) == minute(20 + length)


def test_000_19_p3_has_no_window_and_is_not_watched() -> None:
    desk = Desk(story=Story().declare(severity="P3")).fixed(20)
    assert window_end(desk.incident, HOTDASH) is None
    assert asked(desk, 21) == []


@pytest.mark.parametrize(("how", "length"), [("rollback", 30), ("", 60), ("action", 60), ("hotfix", 60)])
def test_002_a1_the_window_goes_by_how_it_was_fixed(how: str, length: int) -> None:
    rules = book(watch={"rollback": "30m", "fix-forward": "1h"})
    assert rules.window("P0", how) == Span(timedelta(minutes=length))
    assert rules.window("P3", how) is None


def test_a_fix_by_people_is_looked_at_at_once_and_then_every_ten_minutes() -> None:
    desk = Desk().fixed(20)
    assert asked(desk, 20) == ["web"]
    smoked(desk, 20)
    assert asked(desk, 27) == []
    assert asked(desk, 30) == ["web"]
    smoked(desk, 30)
    assert asked(desk, 130) == ["web"]
    smoked(desk, 130)
    assert asked(desk, 140) == []  # The window is over.


def test_a_rollback_with_its_own_smoke_run_is_looked_at_ten_minutes_later() -> None:
    desk = Desk()
    desk.tell(15, ADA, OperationAsked(op="rollback-000001", kind="rollback", service="web", target="v41"))
    ended = OperationEnded(op="rollback-000001", outcome="done", smoke=GOOD)
    desk.tell(20, None, ended, StatusSet(to="monitoring"))
    assert asked(desk, 27) == []
    assert asked(desk, 30) == ["web"]


def test_a_run_that_ended_a_minute_after_its_sweep_does_not_make_the_next_sweep_miss_one() -> None:
    """Sweeps come every ten minutes, as the looks of the window do (000-19)."""
    desk = Desk().fixed(20)
    smoked(desk, 21)
    assert asked(desk, 30) == ["web"]


def test_one_smoke_run_at_a_time() -> None:
    desk = Desk().fixed(20)
    desk.tell(
        20, None, OperationAsked(op="smoke-000001", kind="smoke", service="web", approval="second-person")
    )
    assert asked(desk, 35) == []


def test_a_smoke_run_before_the_fix_says_nothing_about_it() -> None:
    desk = smoked(Desk(), 15).fixed(20)
    assert asked(desk, 20) == ["web"]


def due(desk: Desk, now: float) -> tuple[Operation, ...]:
    """The scheduled runs that are not in the record, oldest first."""
    return scheduled(desk.incident, desk.runbook, desk.settings, REPOSITORY.id, minute(now))


def ended(operation: Operation, smoke: Smoke | None = GOOD, **more: Any) -> Sighting:
    """What the executor of a scheduled run left."""
    at = operation.asked + timedelta(minutes=1)
    told = {"kind": "smoke", "issue": 42, "service": operation.service, "run": 77, "step": "ended"}
    told |= {"claimed": at, "started": at, "ended": at, "outcome": "done", "smoke": smoke}
    return Sighting(read_values(Execution, told | {"operation": operation.id} | more), over())


def quiet(desk: Desk, now: float) -> dict[str, Sighting]:
    """Everything that was due ended well, but what is due right now; the rollback brought the first."""
    return {one.id: ended(one) for one in due(desk, now) if minute(20) < one.asked < minute(now)}


def replies(plan: Plan) -> list[str]:
    """The comments of a plan, without their first lines."""
    return [one.body.split("\n", 1)[1].strip() for one in plan.effects if isinstance(one, Reply)]


def panel(plan: Plan) -> str:
    """The panel that a plan writes."""
    (put,) = [one for one in plan.effects if isinstance(one, PutPanel)]
    return put.body


def started(desk: Desk, now: float, seen: dict[str, Sighting]) -> list[str]:
    """The runs that a pass starts."""
    return [one.operation for one in desk.plan(now, seen).effects if isinstance(one, Dispatch)]


def at_rest(**changes: Any) -> Desk:
    """Fixed by a rollback whose own smoke run passed, under a runbook that says nothing by itself."""
    alerts = tuple(one for one in HOTDASH.deadlines if one.id == "ceo-1")
    rules = replace(book(**changes), deadlines=alerts, voices=())
    desk = Desk(story=Story(runbook=rules).middle(), runbook=rules)
    desk.asked(15).tell(15, ADA, RunbookChanged(name="hotdash", hash=rules.hash))
    return desk.tell(20, None, OperationEnded(op=OP, outcome="done", smoke=GOOD), StatusSet(to="monitoring"))


def test_nothing_is_written_to_start_a_run_and_one_that_was_started_is_not_started_again() -> None:
    desk = at_rest()
    assert replies(desk.plan(30, {})) == []
    (start,) = started(desk, 30, {})
    assert start == due(desk, 30)[-1].id
    begun = {start: Sighting(run=running("queued"))}
    assert started(desk, 30, begun) == []
    assert started(desk, 38, begun) == []  # The next is due, and this one goes on.


def test_a_run_that_passes_as_the_one_before_did_is_counted_on_the_panel_and_needs_no_comment() -> None:
    desk = at_rest()
    plan = desk.plan(51, quiet(desk, 51))
    assert replies(plan) == []
    assert "Smoke run of `web`: passed, 4 times in a row since 14:25 UTC <sub>14:56 UTC</sub>" in panel(plan)


def test_a_quiet_p0_takes_one_comment_in_two_hours_of_watching() -> None:
    """Before, it took two every ten minutes: 22."""
    desk = at_rest()
    told = []
    for now in range(21, 142):
        plan = desk.plan(now, quiet(desk, now))
        desk.story.entries = list(plan.entries)
        told += replies(plan)
    assert told == ["✅ 11 smoke runs of `web` passed, from 14:36 UTC to 16:16 UTC."]
    assert desk.incident.production.smoke["web"].count == 12
    lines = [line for line in table(desk.incident, UTC_ZONE).split("\n") if "smoke run" in line]
    assert lines == [
        "| 14:25 UTC | Allclear | The rollback of web to v41 is done, and its smoke run passed |",
        "| 14:36 UTC | Allclear | 11 smoke runs of web passed, the last at 16:16 UTC |",
    ]


def test_the_first_run_after_a_fix_by_people_is_told_with_how_it_goes_on() -> None:
    desk = Desk().fixed(20)
    (first,) = due(desk, 20)
    plan = desk.plan(22, {first.id: ended(first)})
    assert "The panel counts the runs that pass, and one that fails is told here at once." in replies(plan)[0]
    assert "It runs again every 10 min until 16:25 UTC." in replies(plan)[0]
    desk.story.entries = list(plan.entries)
    assert holds(desk.incident, HOTDASH, "resolve", minute(23), UTC_ZONE) == ()
    assert "The smoke run of web passed" in [one.what for one in desk.incident.timeline]


def test_what_passed_goes_into_the_record_with_the_next_reply() -> None:
    desk = at_rest()
    plan = desk.plan(51, quiet(desk, 51), (said(900, BOB, "/note all is calm", 51),))
    (reply,) = replies(plan)
    assert "smoke" not in reply
    facts = [fact for entry in plan.entries for fact in entry.facts if isinstance(fact, SmokeRunsPassed)]
    assert [len(fact.runs) for fact in facts] == [3]
    desk.story.entries = list(plan.entries)
    assert [one.asked for one in due(desk, 59)] == [minute(20), minute(60)]


def test_what_passed_before_the_window_is_left_by_hand_is_recorded_with_that_answer() -> None:
    desk = at_rest()
    plan = desk.plan(51, quiet(desk, 51), (said(900, BOB, "/status mitigating it is back", 51),))
    assert "3 smoke runs of `web` passed" in replies(plan)[0]
    assert plan.incident.reached("mitigated") is None


def test_a_failure_is_told_at_once_pages_and_takes_the_incident_back() -> None:
    desk = at_rest()
    runs = [one for one in due(desk, 51) if one.asked > minute(20)]
    seen = {runs[0].id: ended(runs[0]), runs[1].id: ended(runs[1], BAD), runs[2].id: ended(runs[2])}
    plan = desk.plan(51, seen)
    (reply,) = replies(plan)
    assert "The fix does not hold, so the incident is mitigating again." in reply
    assert "@bob" in reply
    assert plan.incident.reached("mitigated") is None
    told = [fact for entry in plan.entries for fact in entry.facts]
    assert [len(fact.runs) for fact in told if isinstance(fact, SmokeRunsPassed)] == [1]
    assert plan.incident.production.operations[runs[1].id].smoke == BAD
    assert runs[2].id not in plan.incident.production.operations
    assert not any(isinstance(one, Dispatch) for one in plan.effects)


def test_a_run_that_looked_at_nothing_is_told_once_and_not_each_time() -> None:
    desk = at_rest()
    first = due(desk, 30)[-1]
    lost = desk.plan(31, {first.id: ended(first, None, outcome="failed", text="the runner was gone")})
    assert "the runner was gone" in replies(lost)[0]
    desk.story.entries = list(lost.entries)
    second = due(desk, 40)[-1]
    again = {second.id: ended(second, None, outcome="failed", text="the runner was gone")}
    assert replies(desk.plan(41, again)) == []
    other = {second.id: ended(second, None, outcome="failed", text="something else")}
    assert "something else" in replies(desk.plan(41, other))[0]


def test_what_github_will_not_start_is_told_and_the_run_is_not_tried_again() -> None:
    desk = at_rest()
    newest = due(desk, 30)[-1]
    plan = desk.plan(30, {newest.id: Sighting(refused="GitHub does not start smoke.yml (404).")})
    assert "GitHub does not start smoke.yml" in replies(plan)[0]
    assert not any(isinstance(one, Dispatch) for one in plan.effects)


def test_while_github_does_not_show_the_runs_none_is_started() -> None:
    plan = at_rest().plan(30, None, unsaid=frozenset({"operations"}))
    assert not any(isinstance(one, Dispatch) for one in plan.effects)


def test_a_long_watch_writes_down_what_passed_from_time_to_time() -> None:
    desk = at_rest(watch="4h")
    assert replies(desk.plan(139, quiet(desk, 138))) == []
    (reply,) = replies(desk.plan(142, quiet(desk, 142)))
    assert reply == "✅ 12 smoke runs of `web` passed, from 14:36 UTC to 16:26 UTC."


def test_who_executes_reckons_the_same_runs() -> None:
    desk = at_rest()
    known = with_scheduled(desk.incident, desk.runbook, desk.settings, REPOSITORY.id, minute(30))
    newest = due(desk, 30)[-1]
    assert known.production.operations[newest.id] == newest
    assert (newest.state, newest.expires, newest.by) == ("ready", minute(60), None)


def test_runs_that_are_recorded_after_a_failure_do_not_hide_it() -> None:
    """Two passes at once: the one that saw less writes last."""
    desk = smoked(at_rest(), 45, passed=False)
    late = SmokeRunsPassed(service="web", runs=(SmokePass(op="smoke-0000aa", at=minute(31)),))
    desk.tell(46, None, late)
    assert not desk.incident.production.smoke["web"].smoke.passed


def test_one_run_is_told_as_one() -> None:
    desk = at_rest()
    last = due(desk, 130)[-1]
    (reply,) = replies(desk.plan(141, {last.id: ended(last)}))
    assert reply == "✅ A smoke run of `web` passed at 16:16 UTC."


def test_what_is_hit_is_watched_else_everything_with_checks() -> None:
    settings = read_authored(Settings, TWO)
    assert asked(Desk(settings=settings).fixed(20), 20) == ["web", "api"]
    hit = Desk(settings=settings).tell(16, BOB, Affected(services=("API", "worker"))).fixed(20)
    assert asked(hit, 20) == ["api"]


def test_before_the_fix_and_after_the_end_nothing_is_watched() -> None:
    assert asked(Desk(), 20) == []
    assert asked(Desk().fixed(20).tell(30, ADA, Reopened(why="back")), 31) == []


def test_a_runbook_that_watches_nothing_asks_for_nothing() -> None:
    quiet = book(watch="none")
    assert asked(Desk(story=Story(runbook=quiet).middle(), runbook=quiet).fixed(20), 20) == []


def test_000_17_a_passed_smoke_run_ticks_verification_and_opens_the_resolve_gate() -> None:
    desk = Desk().fixed(20)
    held = [hold.id for hold in holds(desk.incident, HOTDASH, "resolve", minute(21), UTC_ZONE)]
    assert held == ["verification"]
    smoked(desk, 22)
    assert holds(desk.incident, HOTDASH, "resolve", minute(23), UTC_ZONE) == ()


def test_a_smoke_run_before_the_fix_does_not_verify_it() -> None:
    desk = smoked(Desk(), 15).fixed(20)
    held = [hold.id for hold in holds(desk.incident, HOTDASH, "resolve", minute(21), UTC_ZONE)]
    assert held == ["verification"]


def test_a_failing_smoke_run_blocks_whatever_people_ticked_and_says_why() -> None:
    desk = smoked(Desk().fixed(20).tell(21, BOB, Ticked(step="verification")), 22, passed=False)
    held = holds(desk.incident, HOTDASH, "resolve", minute(23), UTC_ZONE)
    assert [hold.id for hold in held] == ["verification", "smoke"]
    assert held[1].text == "The smoke run of `web` failed (`health` 500, wanted 200)"
    assert held[1].how == "fix it, then `/smoke web`"


def test_every_service_has_to_pass() -> None:
    desk = smoked(smoked(Desk().fixed(20), 22), 23, passed=False, service="api")
    assert "smoke" in [hold.id for hold in holds(desk.incident, HOTDASH, "resolve", minute(24), UTC_ZONE)]
    smoked(desk, 30, service="api")
    assert holds(desk.incident, HOTDASH, "resolve", minute(31), UTC_ZONE) == ()


def test_the_end_of_the_window_offers_the_all_clear_with_what_smoke_said() -> None:
    """Section 4: its end, green, offers `/all-clear`."""
    desk = smoked(Desk().fixed(20).tell(25, BOB, Resolved(text="rolled back")), 139)
    plan = desk.plan(140)
    (fired,) = [entry for entry in plan.entries if entry.what == "monitoring-over"]
    text = "\n".join(getattr(one, "body", "") for one in plan.effects)
    assert fired.at == minute(140)
    assert (
        "The monitoring of 2 hours after the fix is over, and the last smoke run passed. "
        "If all stayed quiet, end the incident with `/all-clear`."
    ) in text
    assert "the last smoke run of `web` **failed**" in "\n".join(
        getattr(one, "body", "") for one in smoked(desk, 139, passed=False).plan(140).effects
    )


def test_a_second_window_ends_anew() -> None:
    """Back to mitigating and fixed again: the notice of the first end does not silence the second."""
    desk = Desk().fixed(20)
    desk.story.entries = list(desk.plan(140, {}).entries)
    desk.tell(141, BOB, StatusSet(to="mitigating")).fixed(150)
    over = [entry.key for entry in desk.plan(270, {}).entries if entry.what == "monitoring-over"]
    assert over == ["t:monitoring-over/0/20251019T162500/0", "t:monitoring-over/0/20251019T183500/0"]


def evidence(desk: Desk, now: float) -> list[str]:
    return [entry.key for entry in desk.plan(now, {}).entries if entry.key.startswith("w:evidence")]


def test_002_21_evidence_is_kept_by_itself_once_it_is_resolved() -> None:
    desk = Desk().fixed(20).tell(25, BOB, Resolved(text="rolled back"))
    plan = desk.plan(26)
    (start,) = [one for one in plan.effects if isinstance(one, Dispatch) and one.workflow == "evidence.yml"]
    assert dict(start.inputs)["incident"] == "42"
    desk.story.entries = list(plan.entries)
    assert evidence(desk, 27) == ["w:evidence/0/20251019T143000"]


def test_evidence_that_everybody_could_download_is_not_collected_and_that_is_told_once() -> None:
    desk = Desk().fixed(20).tell(25, BOB, Resolved())
    plan = desk.plan(26, visibility="public")
    assert not any(one.key.startswith("w:evidence") for one in plan.entries)
    (entry,) = [one for one in plan.entries if one.key == "w:withheld/0/20251019T143000"]
    assert entry.facts == (Helped(),)
    (reply,) = [one for one in plan.effects if isinstance(one, Reply)]
    assert "No evidence is collected, because this repository is public" in reply.body
    desk.story.entries = list(plan.entries)
    assert not any("withheld" in key for key in desk.plan(27, visibility="public").answers)
    assert evidence(desk, 28) == []


def test_while_github_does_not_say_who_can_see_the_repository_evidence_waits() -> None:
    desk = Desk().fixed(20).tell(25, BOB, Resolved())
    plan = desk.plan(26, visibility="unknown")
    assert not any("evidence" in key or "withheld" in key for key in plan.answers)
    assert evidence(desk, 27) == ["w:evidence/0/20251019T143000"]


def test_the_settings_may_want_evidence_that_everybody_can_download() -> None:
    settings = replace(Desk().settings, public_evidence=True)
    desk = Desk(settings=settings).fixed(20).tell(25, BOB, Resolved())
    plan = desk.plan(26, visibility="public")
    assert [one.key for one in plan.entries if one.what == "evidence"] == ["w:evidence/0/20251019T143000"]


def test_evidence_waits_for_the_resolution_and_for_the_severities_that_want_it() -> None:
    assert evidence(Desk().fixed(20), 26) == []
    low = Desk().tell(18, ADA, SeveritySet(to="P2")).fixed(20).tell(25, BOB, Resolved())
    assert evidence(low, 26) == []


def test_a_drill_and_a_repository_without_described_services_keep_no_evidence() -> None:
    nothing = read_authored(Settings, {"services": ["web"]})
    assert evidence(Desk(settings=nothing).fixed(20).tell(25, BOB, Resolved()), 26) == []
    story = Story()
    story.tell(0, ADA, Declared(severity="P0", title="x", kind="drill", runbook="hotdash", runbook_hash="0"))
    assert evidence(Desk(story=story).fixed(20).tell(25, BOB, Resolved()), 26) == []
