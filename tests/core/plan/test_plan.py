"""A pass: every comment is parsed once, every command is decided once, and what is lacking is asked for."""

from __future__ import annotations

import pytest

from allclear.commands import COMMANDS
from allclear.core.conversation.parse import find
from allclear.core.model.authored import read_authored
from allclear.core.model.effects import CreateLabel, Dispatch, Reopen, Reply
from allclear.core.model.people import Access, Rights
from allclear.core.model.snapshot import OtherIssue, Sighting, Wants
from allclear.core.model.structs import replace
from allclear.core.plan.plan import Plan
from allclear.core.policy.settings import Settings
from allclear.core.record.audit import Adopted, Refused, RunbookChanged, Tampered
from allclear.core.record.chain import checkpoint_of
from allclear.core.record.entry import Block, Entry, encode
from allclear.core.record.incident import Incident, Stage
from allclear.core.record.life import Declared, Reported, SeveritySet
from allclear.core.record.production import HotfixAsked, OperationAsked, OperationEnded
from allclear.core.record.progress import Fired, Noted
from allclear.core.record.seal import new_key
from commands.production import BETWEEN, DEPLOY_RUNS, GUARDED, PROVIDERS, RUN_OF, RUNS, A, B, C, settings
from core.issue_desk import BOT, EVE, IssueDesk, counting, declared, facts, new, told
from core.production_desk import record, running
from planning import planned
from stories import ADA, BOB, CAT, HOTDASH, NOON, REPOSITORY
from written import raw, runbook_of, small

KEY = new_key(NOON.date(), bytes(32))
GUARD = {"environment": "production", "rollback": {"approval": "environment"}}


def production(**more: object) -> IssueDesk:
    """An incident of a repository whose `web` runs C and ran B and A before."""
    web = {"provider": "deploy-workflow", "values": {"workflow": "deploy.yml"}, **GUARD}
    return declared(
        settings=read_authored(Settings, {"services": {"web": web}}),
        providers=PROVIDERS,
        releases={"web": RUNS},
        comparisons={(one, C): BETWEEN for one in (A, B)},
        environments={"production": GUARDED},
        deploy_runs=dict(DEPLOY_RUNS),
        **more,
    )


def test_an_issue_without_the_label_is_none_of_ours() -> None:
    desk = IssueDesk(labels=frozenset({"bug"}))
    assert desk.plan() == Plan(desk.plan().incident)
    assert desk.asked == []


# -- once


def test_a_rollback_asks_for_one_thing_after_the_other_and_is_decided_once() -> None:
    desk = production()
    desk.says(EVE, "Any news?")
    desk.says(ADA, "/rollback")
    comments = sum(one.author != BOT for one in desk.comments)
    with counting(find, COMMANDS["rollback"].answers) as calls:
        plan = desk.plan()
    assert [fact.target for fact in facts(plan) if isinstance(fact, OperationAsked)] == [B]
    assert desk.asked == [
        Wants(logins=frozenset({"ada"})),
        Wants(releases=frozenset({"web"})),
        Wants(
            comparisons=frozenset({(B, C)}),
            environments=frozenset({"production"}),
            deploy_runs=frozenset({RUN_OF[B]}),
        ),
    ]
    assert calls == {"find": comments, "rollback": 1}


def test_each_of_several_commands_of_a_comment_is_decided_once_whatever_is_asked_in_between() -> None:
    desk = production(others={7: OtherIssue(7, "Other", incident=True, open=True)})
    desk.says(ADA, "/note one\n/ic @bob\n/rollback\n/note two\n/comms @cat\n/duplicate #7")
    words = ("note", "ic", "rollback", "role", "duplicate")
    with counting(find, *(COMMANDS[word].answers for word in words)) as calls:
        plan = desk.plan()
    assert [entry.what for entry in new(plan)] == ["note", "ic", "rollback", "note", "comms", "duplicate"]
    assert calls == {"find": 1, "note": 2, "ic": 1, "rollback": 1, "role": 1, "duplicate": 1}
    assert len(desk.asked) == 6
    assert desk.asked[-1] == Wants(issues=frozenset({7}))


def test_nothing_is_asked_for_twice() -> None:
    desk = production()
    desk.says(ADA, "/ic @bob\n/comms @Bob\n/rollback\n/rollback web to aaaaaaa")
    desk.says(BOB, "/scribe @cat\n/tech @nobody\n/action @nobody look")
    desk.plan()
    logins = [login for wants in desk.asked for login in wants.logins]
    assert sorted(logins) == ["ada", "bob", "cat", "nobody"]
    assert sum(bool(wants.releases) for wants in desk.asked) == 1
    assert [pair for wants in desk.asked for pair in wants.comparisons] == [(B, C), (A, C)]


def test_a_stranger_costs_one_question_whatever_they_type() -> None:
    desk = production()
    desk.says(EVE, "/ic @a\n/duplicate #7\n/rollback\n/action @b look")
    desk.plan()
    assert desk.asked == [Wants(logins=frozenset({"eve"}))]


def test_who_is_only_spoken_of_is_not_asked_about() -> None:
    desk = declared()
    desk.says(BOB, "/note @cat and @dan saw #7")
    assert any(isinstance(fact, Noted) for fact in facts(desk.plan()))
    assert desk.asked == [Wants(logins=frozenset({"bob"}))]


# -- what an earlier command of the same comment did


def test_what_a_command_wants_to_know_goes_by_what_the_commands_before_it_did() -> None:
    """Which service the hotfix is of is known only after `/affects`."""
    api = {
        "provider": "deploy-workflow",
        "values": {"workflow": "api.yml"},
        "hotfix": {"start": "production"},
    }
    both = settings(api=api)
    desk = declared(settings=both, providers=PROVIDERS, releases={"api": RUNS})
    desk.says(BOB, "/affects api\n/hotfix raise the pool size")
    (asked,) = [fact for fact in facts(desk.plan()) if isinstance(fact, HotfixAsked)]
    assert (asked.service, asked.commit) == ("api", C)


def test_what_the_answer_does_not_depend_on_any_more_is_not_looked_up() -> None:
    desk = declared(others={7: OtherIssue(7, "Other", incident=True, open=True)})
    desk.says(BOB, "/duplicate #7\n/duplicate #8")
    assert [fact.t for fact in facts(desk.plan())] == ["duplicate", "refused"]
    assert [wants.issues for wants in desk.asked if wants.issues] == [{7}]


def test_the_issue_itself_is_no_other_issue_to_look_up() -> None:
    desk = declared()
    assert "That is this incident itself." in desk.answered(BOB, "/duplicate #42")
    assert desk.asked == [Wants(logins=frozenset({"bob"}))]


# -- who cannot be asked about


def test_a_command_waits_while_github_does_not_say_who_may_and_holds_up_nobody() -> None:
    desk = declared()
    desk.access["bob"] = Access(None)
    desk.says(BOB, "/sev P0")
    desk.says(CAT, "/note seen")
    plan = desk.run()
    assert [entry.what for entry in new(plan)] == ["note"]
    assert plan.waiting == (
        "`/sev P0` by bob is waiting, because GitHub did not say what they may do. The next run asks again.",
    )
    assert desk.panel is not None
    assert "`/sev P0` by bob is waiting" in desk.panel.body
    desk.access["bob"] = Access(Rights.WRITE, BOB)
    assert [entry.what for entry in new(desk.run())][:1] == ["sev"]


def test_nothing_is_declared_while_github_does_not_say_who_may() -> None:
    desk = IssueDesk(access={})
    desk.access["ada"] = Access(None)
    plan = desk.plan()
    assert (plan.incident.stage, plan.effects) == (Stage.NOTHING, ())
    assert plan.waiting == ("GitHub did not say who may declare it",)
    assert desk.asked == [Wants(events=True), Wants(logins=frozenset({"ada"}))]


# -- what begins a pass


def test_an_incident_is_declared_with_what_will_happen_when_and_the_labels_it_needs() -> None:
    desk = IssueDesk()
    plan = desk.run()
    assert [type(fact) for fact in facts(plan)[:1]] == [Declared]
    assert "Incident declared: **P1 · High (Urgent)**." in told(plan)
    assert "**What will happen when**" in told(plan)
    assert {one.name for one in plan.effects if isinstance(one, CreateLabel)} >= {"P0", "status:resolved"}
    assert desk.run().effects == ()
    assert desk.asked == []


def test_a_report_shows_what_will_happen_once_it_is_confirmed() -> None:
    desk = IssueDesk(author=EVE)
    said = told(desk.run())
    assert [fact.t for entry in desk.plan().entries for fact in entry.facts] == [Reported(title="").t]
    assert "This is a **report**, not an incident yet, so nobody was paged." in said
    assert "What will happen when" not in said
    assert "**What will happen when**" in desk.answered(BOB, "/confirm")


def test_a_changed_runbook_is_put_on_the_record() -> None:
    desk = declared()
    desk.runbook = runbook_of(raw("hotdash") | {"title": "Other"})
    plan = desk.run()
    (fact,) = facts(plan)
    assert fact == RunbookChanged(name="hotdash", hash=desk.runbook.hash)
    assert "The runbook `hotdash` was changed during this incident. Its deadlines apply from now on." in told(
        plan
    )
    assert desk.run().effects == ()


@pytest.mark.parametrize("what", ["edited", "deleted"])
def test_tampering_is_said_and_what_the_reply_answered_is_looked_at_again(what: str) -> None:
    desk = declared()
    desk.says(BOB, "/sev P0")
    desk.run()
    desk.says(BOB, "/note seen")
    desk.run()
    desk.panel = None
    first = next(number for number, one in enumerate(desk.comments) if '"severity"' in one.body)
    spoilt = desk.comments[2]
    assert first == 0
    if what == "edited":
        desk.comments[2] = replace(spoilt, body=spoilt.body.replace("P0", "P3"))
    else:
        del desk.comments[2]
    plan = desk.run()
    # When a reply is changed, the one after it follows nothing.
    found = [fact.what for fact in facts(plan) if isinstance(fact, Tampered)]
    assert found == (["edited", "stray"] if what == "edited" else ["stray"])
    assert ("was edited and no longer counts" in told(plan)) is (what == "edited")
    assert "does not follow the reply before it" in told(plan)
    assert plan.incident.severity == "P0"
    assert facts(desk.run()) == []


def test_undo_counts_for_the_commands_after_it() -> None:
    desk = declared()
    desk.says(BOB, "/sev P0")
    desk.run()
    desk.says(BOB, "/undo\n/note seen")
    assert desk.run().incident.severity == "P1"


# -- news from an executor


def test_news_of_an_executor_makes_a_pass_look_for_what_was_started_by_hand() -> None:
    desk = production()
    made = record(
        "started", operation="hand-3f9k2m", service="web", actor="bob", actor_id=BOB.id, by_hand=True
    )
    desk.operations = {"hand-3f9k2m": Sighting(made, running("waiting", by=BOB))}
    assert desk.plan().incident.production.operations == {}
    assert desk.asked == []
    assert list(desk.plan(news=True).incident.production.operations) == ["hand-3f9k2m"]
    assert desk.asked == [Wants(by_hand=True)]


def test_news_makes_a_pass_look_once_more_for_what_was_called_off() -> None:
    desk = production()
    desk.says(ADA, "/rollback\n/cancel")
    (asked, ended) = [fact for fact in facts(desk.run()) if isinstance(fact, OperationAsked | OperationEnded)]
    assert (asked.op, ended.t) == (ended.op, "operation-ended")
    desk.plan(news=True)
    assert desk.asked == [Wants(operations=frozenset({asked.op}), by_hand=True)]


def test_where_nothing_can_be_operated_on_news_costs_nothing() -> None:
    desk = declared()
    desk.plan(news=True)
    assert desk.asked == []


def test_what_is_under_way_is_looked_for_whoever_woke_us() -> None:
    desk = production()
    desk.says(ADA, "/rollback")
    first = desk.run()
    (asked,) = [fact for fact in facts(first) if isinstance(fact, OperationAsked)]
    assert [one.operation for one in first.effects if isinstance(one, Dispatch)] == [asked.op]
    for news in (True, False):
        desk.plan(news=news)
        assert desk.asked == [Wants(operations=frozenset({asked.op}))]


def test_commands_are_refused_or_answered_in_the_order_in_which_they_were_said() -> None:
    desk = declared()
    desk.says(BOB, "/sev P9\n/ack")
    desk.does(CAT, "closed")
    desk.says(CAT, "/note still burning")
    plan = desk.run()
    assert [entry.what for entry in new(plan)] == ["sev", "ack", "all-clear", "note"]
    assert [isinstance(entry.facts[0], Refused) for entry in new(plan)] == [True, False, True, False]
    assert [type(one) for one in plan.effects if isinstance(one, Reply | Reopen)] == [Reply, Reopen]


# -- a record that is signed


def test_with_a_key_every_reply_and_the_panel_are_signed_and_nothing_is_read_twice() -> None:
    desk = declared(key=KEY)
    assert all('"sig":"' in one.body.split("\n")[0] for one in desk.comments)
    desk.says(BOB, "/ack")
    desk.run()
    assert desk.panel is not None
    assert '"sig":"' in desk.panel.body.split("\n")[-1]
    assert "is not signed" not in desk.panel.body
    assert checkpoint_of(desk.snapshot, desk.policy.trust) is not None
    assert desk.run().effects == ()


def test_a_key_takes_an_open_record_over_and_says_so_once() -> None:
    desk = declared()
    desk.says(BOB, "/ack")
    desk.run()
    assert desk.panel is not None
    assert "`allclear key | gh secret set ALLCLEAR_KEY` signs it" in desk.panel.body
    count = len(desk.plan().entries)
    desk.key = KEY
    plan = desk.run()
    (fact,) = facts(plan)
    assert isinstance(fact, Adopted)
    assert fact.count == count
    assert "From here on the record is signed" in told(plan)
    assert "What was written before" in desk.panel.body
    assert plan.incident.reached("acknowledged") is not None
    assert desk.run().effects == ()
    desk.panel = None
    again = desk.run()
    assert (facts(again), again.incident.stage) == ([], Stage.OPEN)


def test_when_the_key_is_taken_away_the_record_goes_on_and_the_panel_says_that_nobody_signs_it() -> None:
    desk = declared(key=KEY)
    desk.key = ""
    plan = desk.run()
    assert (facts(plan), plan.incident.stage) == ([], Stage.OPEN)
    assert desk.panel is not None
    assert "The record is not signed" in desk.panel.body


def test_what_no_key_signed_does_not_count_is_said_once_and_stands_on_the_panel() -> None:
    desk = declared(key=KEY)
    entry = Entry(key="c7.0", what="sev", by=ADA, at=desk.now, facts=(SeveritySet(to="P3"),))
    linked = entry.chained(desk.plan().record.head)
    desk.says(BOT, encode(Block(repo=REPOSITORY.id, issue=42, entries=(linked,))))
    plan = desk.run()
    assert [fact.what for fact in facts(plan) if isinstance(fact, Tampered)] == ["unsigned"]
    assert "no key of this repository signed it" in told(plan)
    assert plan.incident.severity == "P1"
    assert desk.panel is not None
    assert "is not signed, and does not count" in desk.panel.body
    assert desk.run().effects == ()


def test_a_pull_request_is_no_incident_whatever_its_labels() -> None:
    desk = IssueDesk()
    seen = replace(desk.snapshot, issue=replace(desk.snapshot.issue, is_pull=True))
    assert planned(seen, desk.policy) == Plan(Incident(42))


def test_a_severity_that_the_changed_runbook_does_not_have_counts_as_the_worst_until_somebody_says() -> None:
    """Open for paging: else no clock of the incident would run any more."""
    desk = declared(title="[INCIDENT P3] Typo", labels=frozenset({"incident", "P3"}))
    desk.run()
    desk.runbook = small()
    desk.later(1)
    plan = desk.run()
    assert (plan.incident.severity, plan.incident.severity_asked) == ("SEV1", True)
    assert (
        "It has no severity `P3`: this counts as `SEV1` until somebody writes `/sev SEV1` or `/sev SEV2`"
        in told(plan)
    )
    assert [one.timer for one in facts(plan) if isinstance(one, Fired)] != []
    desk.says(BOB, "/sev SEV3")
    assert (desk.run().incident.severity, desk.run().incident.severity_asked) == ("SEV3", False)
    # What people said by that runbook, the first one does not have in turn.
    desk.runbook = HOTDASH
    assert desk.run().incident.severity == "P0"


def test_a_runbook_that_came_and_went_leaves_the_severity_as_it_was() -> None:
    desk = declared(title="[INCIDENT P3] Typo", labels=frozenset({"incident", "P3"}))
    desk.run()
    desk.runbook = small()
    desk.later(1).run()
    desk.runbook = HOTDASH
    assert desk.later(1).run().incident.severity == "P3"
