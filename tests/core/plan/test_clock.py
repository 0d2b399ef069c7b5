"""Incidents of written runbooks, pass by pass: who is told, by whom it is stopped, and what is never lost."""

from __future__ import annotations

from datetime import timedelta

import pytest

from allclear.core.model.authored import read_authored
from allclear.core.model.effects import Reply
from allclear.core.model.people import Access, Person, Rights
from allclear.core.model.structs import replace
from allclear.core.plan.plan import Plan
from allclear.core.policy.runbook import Runbook
from allclear.core.policy.settings import Settings
from allclear.core.record.people import Acknowledged
from allclear.core.record.progress import Fired
from allclear.core.record.read_again import STRIDE
from core.issue_desk import EVE, IssueDesk, facts, told
from stories import ADA, BOB, HOTDASH, NOON
from written import small

PEOPLE = {"On-call": ["ada"], "Team Lead": ["bob"], "CTO": ["cat"], "Security Team": ["mona"]}
BOOK = small(chains={"on-call": ["On-call", "Team Lead", "CTO"]})


def desk(book: Runbook = BOOK, severity: str = "SEV2", **people: list[str]) -> IssueDesk:
    settings = read_authored(Settings, {"people": PEOPLE | people})
    labels = frozenset({"incident", severity})
    return IssueDesk(
        title="Checkout is down", labels=labels, known_labels=labels, runbook=book, settings=settings
    )


def paged(plan: Plan) -> list[str]:
    """Who is mentioned in the replies, a line each."""
    lines = [line for one in plan.effects if isinstance(one, Reply) for line in one.body.split("\n")[1:]]
    return [line for line in lines if line.startswith("@")]


def fired(plan: Plan) -> list[str]:
    return [fact.timer for fact in facts(plan) if isinstance(fact, Fired)]


def test_a_chain_climbs_until_somebody_acknowledges() -> None:
    one = desk()
    assert paged(one.run()) == ["@ada"]
    assert paged(one.later(29).run()) == []
    assert paged(one.later(1).run()) == ["@bob @ada"]
    assert paged(one.later(30).run()) == ["@cat"]
    assert paged(one.later(30).run()) == ["@cat"]
    one.says(BOB, "/ack")
    assert paged(one.later(30).run()) == []


def test_missed_levels_are_one_notice_for_everybody_who_was_skipped() -> None:
    one = desk()
    one.run()
    plan = one.later(200).run()

    assert paged(plan) == ["@cat @bob @ada"]
    assert "Escalation to CTO" in told(plan)
    assert "comes 20 min late" in told(plan)


def test_a_finding_acknowledges_and_says_so() -> None:
    one = desk()
    one.run()
    one.says(BOB, "/finding root cause: dns")
    plan = one.run()

    assert Acknowledged(by=BOB) in facts(plan)
    assert "This counts as an acknowledgement." in told(plan)
    assert BOB in one.run().incident.team.responders
    assert paged(one.later(45).run()) == []
    one.says(ADA, "/finding evidence: logs")
    assert "counts as" not in told(one.run())


def test_nobody_is_called_to_a_production_that_is_restored() -> None:
    one = desk()
    one.run()
    one.says(BOB, "/status monitoring")
    one.run()

    assert not any("on-call" in key for key in fired(one.later(300).run()))


def test_whoever_acknowledges_in_time_spares_the_next_level_and_not_the_first() -> None:
    one = desk(severity="SEV1")
    one.says(BOB, "/ack")
    plan = one.run()

    assert paged(plan) == ["@ada"]


def test_a_severity_that_is_raised_says_at_once_what_is_overdue() -> None:
    one = desk()
    one.run()
    one.later(16).says(BOB, "/sev SEV1")

    assert paged(one.run()) == ["@cat @bob @ada"]
    assert paged(one.run()) == []
    assert paged(one.later(3).run()) == ["@cat"]


def test_people_are_called_by_hand_also_after_an_acknowledgement() -> None:
    one = desk()
    one.run()
    one.says(BOB, "/ack")
    one.says(BOB, "/escalate\n/escalate CTO we lose *orders*")
    plan = one.run()

    assert paged(plan) == ["@bob", "@cat"]
    assert "bob asks for your help with this SEV2 incident: Checkout is down" in told(plan)
    assert "bob asks for your help with this SEV2 incident: we lose \\*orders\\*" in told(plan)
    assert fired(one.run()) == []


def test_a_comment_without_a_command_is_a_word_when_it_comes_from_somebody_who_takes_part() -> None:
    one = desk()
    one.says(BOB, "/ack")
    one.run()
    one.later(50).says(BOB, "still looking")
    assert fired(one.later(59).run()) == []
    one.says(EVE, "any news?")
    plan = one.run()
    assert [key.split("/")[0] for key in fired(plan)] == ["silence-1"]
    assert "Nobody has said anything here for 1 hour or more" in told(plan)


def test_a_comment_without_a_command_stays_a_word_when_no_run_reads_it_any_more() -> None:
    one = desk()
    one.brief = True
    one.says(BOB, "/ack")
    one.run()
    for number in range(STRIDE):
        one.says(BOB if number == STRIDE // 2 else EVE, "any news?")
    one.run()
    assert fired(one.later(12).run()) == []
    assert [key.split("/")[0] for key in fired(one.later(30).run())] == ["silence-1"]


def test_a_rule_tells_of_each_raising_of_its_flag() -> None:
    book = small(
        chains={"on-call": ["On-call", "Team Lead", "CTO"]},
        rules={"guard": {"when": {"flag": "security"}, "tell": "Security Team", "say": "Please look at it."}},
    )
    one = desk(book)
    one.run()
    one.says(BOB, "/ack\n/flag security")
    assert paged(one.run()) == ["@mona"]
    one.says(BOB, "/unflag security\n/flag security")
    plan = one.later(9).run()
    assert paged(plan) == ["@mona"]
    assert "Please look at it." in told(plan)
    assert "comes 9 min late" in told(plan)


def test_a_rule_escalates_to_whoever_was_not_told() -> None:
    book = small(
        chains={"on-call": ["On-call", "Team Lead", "CTO"]},
        rules={"help": {"when": {"flag": "data-loss"}, "escalate": "on-call"}},
    )
    one = desk(book)
    one.run()
    one.says(BOB, "/ack\n/flag data-loss")
    assert paged(one.run()) == ["@bob"]
    one.says(BOB, "/unflag data-loss\n/flag data-loss")
    assert paged(one.run()) == ["@cat"]


def test_all_hands_are_everybody_in_the_settings() -> None:
    book = small(
        chains={"on-call": ["On-call", "Team Lead"]},
        rules={"all": {"for": "SEV1", "tell": "All hands"}},
    )
    one = desk(book, "SEV1")
    one.access["cat"] = Access(Rights.WRITE, Person(id=3, login="cat"))

    assert "@ada @bob @cat @mona" in paged(one.run())
    assert "@mona" in paged(desk(book, "SEV1", **{"All hands": ["mona"]}).run())


# -- an incident that is open while the runbook is written anew


NEWER = ("all-hands", "after-list")
"""Deadlines that the runbook did not have before."""


def older(severity: str) -> Runbook:
    """HotDash as it was for this severity: its deadlines had other names, and no voice said anything."""
    deadlines = tuple(
        replace(one, id=one.earlier[0] if one.earlier else one.id, earlier=())
        for one in HOTDASH.deadlines
        if severity in one.within and one.id not in NEWER
    )
    return replace(HOTDASH, deadlines=deadlines, voices=(), hash="0" * 12)


@pytest.mark.parametrize(("severity", "minutes"), [("P0", 12), ("P1", 16), ("P2", 61), ("P3", 5)])
def test_nobody_is_told_again_of_what_the_older_runbook_said(severity: str, minutes: int) -> None:
    people = {"DevOps": ["ada"], "Manager": ["bob"], "CEO": ["mona"]}
    one = desk(older(severity), severity, **people)
    assert fired(one.run()) == (["escalate-ceo/0/0"] if severity == "P0" else ["initial-alert/0/0"])
    one.later(minutes).run()
    one.runbook = HOTDASH
    plan = one.run()

    assert "The runbook `hotdash` was changed" in told(plan)
    assert fired(plan) == []


def test_what_comes_after_it_is_said_by_the_new_one_and_on_time() -> None:
    one = desk(older("P0"), "P0", DevOps=["ada"], CEO=["mona"])
    one.run()
    one.later(12).run()
    one.runbook = HOTDASH
    one.run()

    assert fired(one.later(2.5).run()) == []
    plan = one.later(0.5).run()
    assert fired(plan) == ["ceo-2/0/3", "team-update/0/20251019T140500/0"]
    assert next(fact.due for fact in facts(plan) if isinstance(fact, Fired)) == NOON + timedelta(minutes=15)


def test_the_post_mortem_is_not_asked_for_twice() -> None:
    one = desk(older("P1"), "P1", DevOps=["ada"], Manager=["bob"])
    one.run()
    one.says(ADA, '/ack\n/all-clear --override "it is over"')
    one.run()
    assert fired(one.later(24 * 60 + 1).run()) == ["post-mortem-reminder/0/0"]
    one.runbook = HOTDASH
    assert fired(one.run()) == []
    assert fired(one.later(48 * 60).run()) == ["review-due/0/0"]
