"""What becomes of an operation, seen from the incident: started, waiting, done, failed, unknown, expired."""

import pytest

from allclear.core.model.effects import Dispatch, Reply
from allclear.core.model.snapshot import Acting, Sighting
from allclear.core.model.stored import read_values
from allclear.core.model.structs import replace
from allclear.core.plan.plan import Plan
from allclear.core.record.facts import Fact
from allclear.core.record.life import Cleared, Duplicated, SeveritySet, StatusSet
from allclear.core.record.production import OperationApproved, OperationEnded, OperationStarted
from allclear.core.record.progress import Ticked
from core.production_desk import BAD, GOOD, OP, RUN_URL, Desk, minute, over, record, running, said
from planning import questions
from stories import ADA, BOB, Story
from written import small

NOTHING = Sighting()


def facts(plan: Plan, key: str = "o:") -> list[Fact]:
    return [fact for entry in plan.entries if entry.key.startswith(key) for fact in entry.facts]


def ended(plan: Plan) -> OperationEnded:
    (fact,) = [one for one in facts(plan) if isinstance(one, OperationEnded)]
    return fact


def reply(plan: Plan) -> str:
    """What people read in the bot's new comments, without line one."""
    return "\n".join(one.body.split("\n", 1)[1] for one in plan.effects if isinstance(one, Reply))


def paged(plan: Plan) -> bool:
    """Whether a notice of how an operation ended pages people."""
    return "**🚨 " in reply(plan)


def dispatches(plan: Plan) -> list[Dispatch]:
    return [one for one in plan.effects if isinstance(one, Dispatch)]


def test_an_operation_on_the_record_is_looked_for_before_anything_is_started() -> None:
    asked = Desk().asked()
    assert [one.operations for one in questions(asked.snapshot(16), asked.policy)] == [{OP}]


def test_what_was_asked_for_and_is_nowhere_to_be_seen_is_started_again() -> None:
    """C7: a run was killed between the entry and the dispatch."""
    plan = Desk().asked().plan(16, {OP: NOTHING})
    (start,) = dispatches(plan)
    assert start.workflow == "rollback-production.yml"
    assert dict(start.inputs) == {"operation": OP, "service": "web", "target": "v41", "incident": "42"}
    assert facts(plan) == []


@pytest.mark.parametrize("seen", [Sighting(run=running("queued")), Sighting(record("claimed"), running())])
def test_what_has_begun_is_not_started_again(seen: Sighting) -> None:
    assert dispatches(Desk().asked().plan(16, {OP: seen})) == []


def test_only_smoke_and_evidence_need_no_target() -> None:
    desk = Desk().asked(kind="smoke", target="")
    (start,) = dispatches(desk.plan(16, {OP: NOTHING}))
    assert start.workflow == "smoke.yml"
    assert dict(start.inputs) == {"operation": OP, "service": "web", "incident": "42"}


def test_a_run_that_waits_for_reviewers_is_shown_once_with_its_link() -> None:
    desk = Desk().asked(approval="environment", environment="production")
    seen = {OP: Sighting(record("claimed"), running("waiting"))}
    plan = desk.plan(17, seen)
    assert facts(plan) == [OperationStarted(op=OP, run=77, url=RUN_URL, waiting=True)]
    assert f"waits for a reviewer of `production`, in [its run]({RUN_URL})" in reply(plan)
    desk.story.entries = list(plan.entries)
    assert facts(desk.plan(18, seen)) == facts(plan)
    assert facts(desk.plan(18, {OP: Sighting(record("started"), running())}))[-1] == OperationStarted(
        op=OP, run=77, url=RUN_URL
    )


def test_without_a_url_the_run_is_still_named() -> None:
    seen = {OP: Sighting(None, running(url=""))}
    assert "is running: its run." in reply(Desk().asked().plan(17, seen))


def test_000_19_a_rollback_that_worked_starts_the_window_and_tells_what_changed() -> None:
    seen = {OP: Sighting(record(smoke=GOOD, approver="mia"), over())}
    plan = Desk().asked().plan(20, seen)
    assert ended(plan).outcome == "done"
    assert StatusSet(to="monitoring") in facts(plan)
    assert plan.incident.status == "monitoring"
    assert plan.incident.reached("mitigated") == minute(20)
    assert plan.incident.production.fixed_by == "rollback"
    told = reply(plan)
    assert "is done, and its smoke run passed (`v42` → `v41`, approved by mia, took 2 min, " in told
    assert "| ✅ | `health` | 200 | 0.2 s |" in told
    assert "Extended monitoring runs 2 h, until 16:25 UTC." in told
    assert not paged(plan)


def test_a_severity_without_a_window_is_mitigated_all_the_same() -> None:
    desk = Desk()
    desk.story.tell(14, ADA, SeveritySet(to="P3"))
    plan = desk.asked().plan(20, {OP: Sighting(record(), over())})
    assert plan.incident.status == "monitoring"
    assert "Monitoring runs" not in reply(plan)


def test_a_rollback_without_smoke_checks_counts_as_the_fix() -> None:
    assert Desk().asked().plan(20, {OP: Sighting(record(), over())}).incident.status == "monitoring"


def test_a_rollback_in_the_window_does_not_start_it_anew() -> None:
    desk = Desk().fixed(10).asked(15)
    plan = desk.plan(20, {OP: Sighting(record(smoke=GOOD), over())})
    assert plan.incident.reached("mitigated") == minute(10)


def test_a_rollback_that_smoke_refutes_fixes_nothing_and_pages() -> None:
    plan = Desk().asked().plan(20, {OP: Sighting(record(smoke=BAD), over())})
    assert plan.incident.reached("mitigated") is None
    told = reply(plan)
    assert "is done, but its smoke run **failed**" in told
    assert "production is still not healthy" in told
    assert "@ada @bob @dave" in told
    assert "These checks fail: `health`." in told


def test_what_went_through_and_lost_its_smoke_run_is_done_and_says_so() -> None:
    """No result is lost: the deploy system said that it went well, and no check was ticked for it."""
    seen = {OP: Sighting(record("executed", executed=True, after="v41"), over("failure"))}
    plan = Desk().asked().plan(20, seen)
    assert (ended(plan).outcome, ended(plan).after, ended(plan).smoke) == ("done", "v41", None)
    assert "its smoke checks ended without a result" in reply(plan)


@pytest.mark.parametrize(
    ("step", "outcome"),
    [(None, "failed"), ("claimed", "failed"), ("started", "unknown"), ("executed", "done")],
)
def test_a_run_that_somebody_runs_again_is_over_for_its_operation(step: str | None, outcome: str) -> None:
    """C8: no executor goes along with a second attempt, so nobody waits for its reviewers."""
    again = replace(running("waiting", acting=Acting("before")), attempt=2)
    seen = {OP: Sighting(record(step) if step else None, again)}
    assert ended(Desk().asked().plan(20, seen)).outcome == outcome


def test_what_runs_is_not_said_to_wait_again() -> None:
    desk = Desk().asked()
    plan = desk.plan(17, {OP: Sighting(record("started"), running())})
    desk.story.entries = list(plan.entries)
    assert facts(desk.plan(18, {OP: Sighting(record("started"), running("waiting"))})) == facts(plan)


@pytest.mark.parametrize(
    ("seen", "outcome", "why"),
    [
        (Sighting(record(outcome="failed", text="fly: no such image"), over()), "failed", "no such image"),
        (Sighting(record("started"), over("failure")), "unknown", "nobody knows what it did"),
        (Sighting(record(), None), "unknown", "names a run that does not belong to this workflow"),
        (
            Sighting(record(), running(ours=False)),
            "unknown",
            "names a run that does not belong to this workflow",
        ),
        (Sighting(record(target="v13"), over()), "unknown", "differs from what was asked for"),
        (Sighting(record(service="worker"), over()), "unknown", "differs from what was asked for"),
        (Sighting(record(arguments={"a": "b"}), over()), "unknown", "differs from what was asked for"),
        (Sighting(record(dry_run=True), over()), "unknown", "differs from what was asked for"),
        (Sighting(record(outcome=None), over()), "unknown", ""),
        (Sighting(record("claimed"), over("failure", Acting("before"))), "failed", "nothing was changed"),
        (
            Sighting(record("claimed"), over("failure", Acting("began"))),
            "unknown",
            "nobody knows what it did",
        ),
        (Sighting(record("claimed"), over("failure", Acting("failed"))), "unknown", "nobody knows"),
        (Sighting(record("claimed"), over("failure")), "unknown", "does not show how far it came"),
        (Sighting(None, over("startup_failure")), "failed", "nothing was changed"),
        (Sighting(refused="GitHub does not start it"), "failed", "GitHub does not start it"),
    ],
)
def test_failure_and_unknown_page_again_and_start_nothing(seen: Sighting, outcome: str, why: str) -> None:
    """Section 2: a claim without a result is shown as unknown; only a person starts a new one."""
    plan = Desk().asked().plan(20, {OP: seen})
    assert ended(plan).outcome == outcome
    assert why in ended(plan).text
    assert "@ada @bob @dave" in reply(plan)
    assert dispatches(plan) == []
    assert plan.incident.status == "identified"
    assert plan.incident.production.operations[OP].state == "ended"


def test_an_unknown_operation_is_not_touched_again() -> None:
    desk = Desk().asked()
    first = desk.plan(20, {OP: Sighting(record("started"), over("failure"))})
    desk.story.entries = list(first.entries)
    again = desk.plan(21, {OP: Sighting(record(), over())})
    assert facts(again) == facts(first)
    assert dispatches(again) == []


@pytest.mark.parametrize("outcome", ["refused", "expired", "cancelled"])
def test_what_changed_nothing_pages_nobody(outcome: str) -> None:
    plan = Desk().asked().plan(20, {OP: Sighting(record(outcome=outcome), over())})
    assert ended(plan).outcome == outcome
    assert not paged(plan)
    assert "@dave" not in reply(plan)


def test_a_dry_run_means_nothing_for_the_incident() -> None:
    plan = Desk().asked(dry_run=True).plan(20, {OP: Sighting(record(dry_run=True), over())})
    assert plan.incident.status == "identified"
    assert plan.incident.production.fixed_by == ""
    assert "as a dry run" in reply(plan)


def test_a_dry_run_whose_runner_was_lost_has_failed_and_is_not_unknown() -> None:
    seen = {OP: Sighting(record("started", dry_run=True), over("failure"))}
    assert ended(Desk().asked(dry_run=True).plan(20, seen)).outcome == "failed"


def test_the_executor_may_choose_the_target_where_none_was_named() -> None:
    plan = Desk().asked(target="").plan(20, {OP: Sighting(record(release="v41"), over())})
    assert ended(plan).outcome == "done"
    assert plan.incident.production.operations[OP].release == "v41"


def test_what_nobody_started_in_time_expires() -> None:
    desk = Desk().asked()
    assert facts(desk.plan(44, {OP: NOTHING})) == []
    plan = desk.plan(45, {OP: NOTHING})
    assert ended(plan).outcome == "expired"
    assert dispatches(plan) == []


def test_what_no_second_person_approved_expires_without_a_lookup() -> None:
    desk = Desk().asked(approval="second-person")
    assert questions(desk.snapshot(44), desk.policy) == []
    assert dispatches(desk.plan(44)) == []
    assert ended(desk.plan(45)).outcome == "expired"


def test_an_approved_operation_is_started_when_it_is_nowhere_to_be_seen() -> None:
    desk = Desk().asked(approval="second-person").tell(18, BOB, OperationApproved(op=OP))
    assert len(dispatches(desk.plan(19, {OP: NOTHING}))) == 1


def test_without_an_expiry_nothing_expires() -> None:
    desk = Desk().asked(expires=None)
    assert facts(desk.plan(9000, {OP: NOTHING})) == []
    desk.tell(18, None, OperationStarted(op=OP, run=77))
    assert facts(desk.plan(9000, {OP: NOTHING}), "o:") == []


def test_a19_what_was_running_and_is_not_shown_now_gets_time_to_come_back() -> None:
    desk = Desk().asked().tell(18, None, OperationStarted(op=OP, run=77))
    assert facts(desk.plan(104, {OP: NOTHING})) == []
    assert ended(desk.plan(105, {OP: NOTHING})).outcome == "unknown"


def test_000_14_a_run_dispatched_by_hand_is_taken_in() -> None:
    name = "hand-3f9k2m"
    made = record("claimed", operation=name, by_hand=True, actor="bob", actor_id=2)
    plan = Desk().plan(17, {name: Sighting(made, running("waiting", by=BOB))})
    operation = plan.incident.production.operations[name]
    assert (operation.by, operation.state, operation.target) == (BOB, "waiting", "v41")
    assert f"was started by hand: [its run]({RUN_URL})" in reply(plan)


def test_whoever_starts_a_rollback_by_hand_has_acknowledged() -> None:
    name = "hand-3f9k2m"
    desk = Desk(Story().declare().notify())
    made = record("claimed", operation=name, by_hand=True, actor="bob", actor_id=2)
    incident = desk.plan(17, {name: Sighting(made, running(by=BOB))}).incident
    assert (incident.reached("acknowledged"), incident.team.responders) == (minute(16), (BOB,))


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("rollback", "A rollback of `web` was started by hand: [its run]"),
        ("action", "The action `restart` of `web` was started by hand: [its run]"),
        ("smoke", "A smoke run of `web` was started by hand: [its run]"),
        ("evidence", "An evidence collection of `web` was started by hand: [its run]"),
    ],
)
def test_what_was_started_by_hand_is_told_as_a_sentence(kind: str, said: str) -> None:
    name = "hand-3f9k2m"
    made = record("claimed", operation=name, kind=kind, name="restart" * (kind == "action"), by_hand=True)
    assert said in reply(Desk().plan(17, {name: Sighting(made, running(by=BOB))}))


def test_a_page_names_the_roles_that_nobody_fills_by_their_titles() -> None:
    desk = Desk(Story().declare().notify()).asked(by=None)
    told = reply(desk.plan(20, {OP: Sighting(record(smoke=BAD), over())}))
    assert "**🚨 Rollback: production is not healthy**" in told
    assert "<sub>Nobody fills these roles yet: Incident Commander, responders.</sub>" in told


def test_what_to_do_after_an_action_that_failed_is_not_a_rollback() -> None:
    desk = Desk().asked(kind="action", name="restart", target="")
    told = reply(
        desk.plan(
            20,
            {
                OP: Sighting(
                    record(kind="action", name="restart", target="", outcome="failed"), over("failure")
                )
            },
        )
    )
    assert "Then try `/run restart` again" in told
    assert "/rollback" not in told


def test_an_actor_github_does_not_tell_is_taken_from_the_record() -> None:
    name = "hand-3f9k2m"
    made = record("claimed", operation=name, by_hand=True, dry_run=True, service="")
    plan = Desk().plan(17, {name: Sighting(made, running())})
    assert plan.incident.production.operations[name].by is not None
    assert "A rollback was started by hand as a dry run" in reply(plan)


@pytest.mark.parametrize(
    "seen",
    [
        Sighting(record("claimed", operation="hand-3f9k2m"), running()),
        Sighting(record("claimed", operation="hand-3f9k2m", by_hand=True), running(ours=False)),
        Sighting(record("claimed", operation="hand-3f9k2m", by_hand=True), None),
        Sighting(None, running()),
    ],
)
def test_a_record_that_no_run_of_ours_wrote_is_not_taken_in(seen: Sighting) -> None:
    assert Desk().plan(17, {"hand-3f9k2m": seen}).incident.production.operations == {}


def test_a_closed_incident_takes_in_nothing_new_and_changes_no_more() -> None:
    desk = Desk().asked().tell(30, ADA, Cleared(override="done"))
    made = record("claimed", operation="hand-3f9k2m", by_hand=True)
    seen = {OP: Sighting(record(smoke=BAD), over()), "hand-3f9k2m": Sighting(made, running())}
    plan = desk.plan(31, seen)
    assert ended(plan).outcome == "done"
    assert plan.incident.stage == "closed"
    assert "hand-3f9k2m" not in plan.incident.production.operations
    assert not paged(plan)


def test_section_4_a_smoke_run_that_fails_in_the_window_takes_the_incident_back_and_pages() -> None:
    desk = Desk().fixed(20).asked(25, None, kind="smoke", target="")
    made = record(kind="smoke", target="", smoke=BAD, before="", after="")
    plan = desk.plan(30, {OP: Sighting(made, over())})
    assert plan.incident.status == "mitigating"
    assert plan.incident.reached("mitigated") is None
    told = reply(plan)
    assert "Smoke run of `web`" in told
    assert "**failed**" in told
    assert "The fix does not hold, so the incident is mitigating again." in told
    assert "@ada @bob @dave" in told


def test_a_smoke_run_before_the_fix_only_tells() -> None:
    desk = Desk().asked(15, BOB, kind="smoke", target="")
    for smoke, verdict in ((GOOD, "passed"), (BAD, "**failed**")):
        made = record(kind="smoke", target="", smoke=smoke, before="", after="")
        plan = desk.plan(18, {OP: Sighting(made, over())})
        assert f"Smoke run of `web` (`{OP}`) {verdict}" in reply(plan)
        assert plan.incident.status == "identified"
        assert not paged(plan)


def test_a_smoke_run_whose_runner_was_lost_says_so_and_changes_nothing() -> None:
    desk = Desk().fixed(16).asked(17, None, kind="smoke", target="")
    plan = desk.plan(20, {OP: Sighting(record("claimed", kind="smoke", target=""), over("failure"))})
    assert ended(plan).outcome == "failed"
    assert plan.incident.status == "monitoring"


def test_an_action_that_went_through_is_no_fix_by_itself() -> None:
    desk = Desk().asked(kind="action", name="restart", target="", arguments={"n": "2"})
    made = record(
        kind="action", name="restart", target="", arguments={"n": "2"}, smoke=GOOD, before="", after=""
    )
    plan = desk.plan(20, {OP: Sighting(made, over())})
    assert plan.incident.status == "identified"
    assert "Action `restart` of `web`" in reply(plan)
    assert not paged(plan)


def test_the_result_of_a_pass_opens_the_gate_for_a_command_of_the_same_pass() -> None:
    """`/resolve` was written while the rollback ran; it is answered after the result is in the record."""
    wanted = said(900, BOB, "/resolve rolled back", 21)
    plan = Desk().asked().plan(21, {OP: Sighting(record(smoke=GOOD), over())}, (wanted,))
    assert plan.incident.status == "resolved"


def test_evidence_tells_where_it_lies_and_for_how_long() -> None:
    artifact = {
        "url": "https://github.com/a/1",
        "sha256": "ab" * 32,
        "files": 7,
        "expires": minute(60 * 24 * 90),
    }
    desk = Desk().asked(kind="evidence", service="", target="")
    made = record(kind="evidence", service="", target="", artifact=artifact, before="", after="")
    told = reply(desk.plan(20, {OP: Sighting(made, over())}))
    assert "[7 files](https://github.com/a/1), kept until 2026-01-17, SHA-256 `abab" in told
    artifact["expires"] = None
    made = record(kind="evidence", service="", target="", artifact=artifact, before="", after="")
    assert "[7 files](https://github.com/a/1), SHA-256" in reply(desk.plan(20, {OP: Sighting(made, over())}))


@pytest.mark.parametrize("outcome", ["cancelled", "expired"])
def test_what_was_called_off_too_late_counts_as_what_it_did(outcome: str) -> None:
    """A run may begin in the second in which somebody writes /cancel; what it did is not hidden."""
    off = read_values(OperationEnded, {"op": OP, "outcome": outcome})
    desk = Desk().asked().tell(17, BOB, off)
    plan = desk.plan(20, {OP: Sighting(record(smoke=GOOD), over())})
    assert plan.incident.production.operations[OP].outcome == "done"
    assert "This was called off too late: its run had already begun." in reply(plan)
    assert plan.incident.status == "monitoring"
    desk.story.entries = list(plan.entries)
    assert facts(desk.plan(21, {OP: Sighting(record(smoke=GOOD), over())})) == facts(plan)


@pytest.mark.parametrize(
    "seen",
    [
        Sighting(record(started=None, outcome="refused"), over()),
        Sighting(record(outcome="refused"), over()),
        Sighting(record("started"), running()),
        Sighting(record(), running(ours=False)),
        Sighting(record(target="v13"), over()),
        Sighting(record(), None),
        NOTHING,
    ],
)
def test_what_was_called_off_in_time_stays_so(seen: Sighting) -> None:
    desk = Desk().asked().tell(17, BOB, OperationEnded(op=OP, outcome="cancelled"))
    plan = desk.plan(20, {OP: seen})
    assert plan.incident.production.operations[OP].outcome == "cancelled"
    assert facts(plan) == []


def test_a_smoke_run_of_the_engine_that_passed_is_one_line() -> None:
    """Eleven of them watch a P0: a table each would bury what people write."""
    made = record(kind="smoke", target="", smoke=GOOD, before="", after="")
    quiet = Desk().fixed(16).asked(17, None, kind="smoke", target="").plan(20, {OP: Sighting(made, over())})
    asked = Desk().fixed(16).asked(17, BOB, kind="smoke", target="").plan(20, {OP: Sighting(made, over())})
    assert "| `health` |" not in reply(quiet)
    assert "passed (" in reply(quiet)
    assert "| `health` |" in reply(asked)


@pytest.mark.parametrize("kind", ["smoke", "evidence"])
def test_that_something_which_only_reads_is_running_is_not_told(kind: str) -> None:
    desk = Desk().asked(15, BOB, kind=kind, target="")
    plan = desk.plan(17, {OP: Sighting(record("claimed", kind=kind, target=""), running())})
    assert facts(plan) == []
    assert dispatches(plan) == []


def test_a_duplicate_is_not_followed_any_more() -> None:
    plan = Desk().asked().tell(16, ADA, Duplicated(of=7)).plan(20, events=())
    assert plan.incident.production.operations[OP].open
    assert dispatches(plan) == []


def test_a_word_about_an_operation_that_nobody_asked_for_changes_nothing() -> None:
    assert Desk().tell(16, None, OperationEnded(op=OP, outcome="done")).incident.production.operations == {}


def test_a_list_that_holds_the_monitoring_holds_it_after_a_rollback_too() -> None:
    """What the engine would do by itself waits for the list as people do."""
    lists = {"first": {"before": "monitoring", "steps": {"look": "Look at it"}}}
    book = small(lists=lists)
    desk = Desk(Story(book).declare(severity="SEV1"), runbook=book).asked()
    seen = {OP: Sighting(record(smoke=GOOD), over())}
    plan = desk.plan(20, seen)
    assert not any(isinstance(fact, StatusSet) for fact in facts(plan))
    assert "One thing is still open:\n- Look at it: `/check look`" in reply(plan)
    desk.tell(19, ADA, Ticked(step="look"))
    assert StatusSet(to="monitoring") in facts(desk.plan(20, seen))


def test_an_action_of_a_list_says_which_one_comes_next() -> None:
    lists = {
        "other": {"steps": {"more": {"text": "More", "run": "else"}}},
        "after": {
            "steps": {
                "clear": {"text": "Clear", "run": "cache"},
                "see": {"text": "See", "run": "look"},
            }
        },
    }
    book = small(lists=lists)
    desk = Desk(Story(book).declare(severity="SEV1"), runbook=book)
    op = "action-7f3a2c1d"
    desk.asked(op=op, kind="action", name="cache", service="", target="")
    done = record(operation=op, kind="action", name="cache", service="", target="", before="", after="")
    assert "Next in After: `/run after` runs `look`." in reply(desk.plan(20, {op: Sighting(done, over())}))
