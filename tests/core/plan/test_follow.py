"""What happened elsewhere: another issue is this incident, a pull request was merged."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from allclear.core.model.people import Access
from allclear.core.model.snapshot import Closer, PullEnd, PullSeen, Wants
from allclear.core.model.structs import replace
from allclear.core.record.audit import Adopted, Tampered
from allclear.core.record.join import Join
from allclear.core.record.life import Cleared, Joined, Resolved
from allclear.core.record.production import HotfixAsked, HotfixClosed, HotfixMerged, HotfixOpened
from allclear.core.record.seal import new_key
from core.issue_desk import BOT, EVE, IssueDesk, declared, facts, going_on, new, told
from stories import ADA, BOB, CAT, HOTDASH, NOON, REPOSITORY, Story

KEY = new_key(NOON.date(), bytes(32))


def join(of: int = 42, repo: int = REPOSITORY.id) -> str:
    said = Join(repo=repo, issue=9, of=of, people=(CAT,))
    return f"{said.marker}\n\n#9 is the same incident."


def fixing(severity: str = "P0") -> Story:
    """An incident with a hotfix in pull request 3."""
    story = Story().declare(severity=severity, runbook_hash=HOTDASH.hash).notify()
    story.tell(5, BOB, HotfixAsked(text="pool"))
    return story.tell(6, None, HotfixOpened(branch="hotfix/incident-42", base="main", url="u/3", pull=3))


# -- other issues


def test_an_issue_that_says_it_is_this_incident_brings_its_people() -> None:
    desk = declared()
    desk.write(BOT, join())
    plan = desk.run()
    assert facts(plan) == [Joined(issue=9, people=(CAT,))]
    assert "#9 is the same incident. Its people were added here." in told(plan)
    assert CAT in desk.assignees
    assert desk.run().effects == ()


def test_an_issue_that_says_so_twice_joins_once() -> None:
    desk = declared()
    desk.write(BOT, join())
    desk.write(BOT, join())
    assert len(facts(desk.run())) == 1


@pytest.mark.parametrize("body", [join(of=7), join(repo=1), "#9 is the same incident."])
def test_an_issue_of_another_incident_joins_nothing(body: str) -> None:
    desk = declared()
    desk.write(BOT, body)
    assert facts(desk.run()) == []


@pytest.mark.parametrize("who", [EVE, None], ids=["a person", "an account that is gone"])
def test_nobody_but_the_bot_joins_issues(who: None) -> None:
    desk = declared()
    desk.write(who, join())
    assert facts(desk.run()) == []


# -- the hotfix


@pytest.mark.parametrize(
    ("severity", "window"), [("P0", ", which starts the extended monitoring of 2 hours"), ("P3", "")]
)
def test_a_merged_hotfix_says_what_comes_next(severity: str, window: str) -> None:
    desk = going_on(fixing(severity))
    merged = NOON + timedelta(minutes=20)
    desk.pulls[3] = PullEnd(merged, merged)
    plan = desk.later(15).run()
    assert HotfixMerged(at=merged) in facts(plan)
    assert (
        f"The hotfix [#3](u/3) is merged. When it is deployed, write `/status monitoring`{window}."
    ) in told(plan)
    desk.run()
    assert desk.asked == []


def test_a_hotfix_is_looked_for_until_it_is_merged_and_not_after_the_end() -> None:
    desk = going_on(fixing())
    desk.run()
    assert desk.asked == [Wants(pulls=frozenset({3}))]
    ended = going_on(fixing().tell(30, BOB, Resolved(text="Fixed")).tell(200, ADA, Cleared(text="Fixed")))
    ended.run()
    assert ended.asked == []


def test_with_a_key_only_a_signed_join_brings_anybody_along_and_another_is_named_once() -> None:
    desk = declared(key=KEY)
    desk.says(BOT, join())
    plan = desk.run()
    assert [type(fact) for fact in facts(plan)] == [Tampered]
    assert "so it brings nobody along" in told(plan)
    assert facts(desk.run()) == []
    signed = Join(repo=REPOSITORY.id, issue=9, of=42, people=(CAT,)).signed(desk.policy.keys)
    desk.says(BOT, f"{signed.marker}\n\n#9 is the same incident.")
    assert Joined(issue=9, people=(CAT,)) in facts(desk.run())


def test_a_join_that_was_followed_before_there_was_a_key_is_not_named() -> None:
    desk = declared()
    desk.says(BOT, join())
    desk.run()
    desk.key = KEY
    plan = desk.run()
    assert [type(fact) for fact in facts(plan)] == [Adopted]


def seen(number: int = 7, **more: Any) -> PullSeen:
    """A pull request as bob opens it by hand."""
    return replace(PullSeen(number, f"u/{number}", "hotfix/incident-42", "main", BOB), **more)


def sweeping(story: Story, *pulls: PullSeen, **more: object) -> IssueDesk:
    desk = going_on(story, **more)
    desk.recent_pulls, desk.sweeping = list(pulls), True
    return desk


def burning() -> Story:
    return Story().declare(runbook_hash=HOTDASH.hash).notify()


def test_a_hotfix_that_somebody_made_by_hand_is_taken_in_once() -> None:
    desk = sweeping(burning(), seen())
    plan = desk.run()
    opened = HotfixOpened(branch="hotfix/incident-42", base="main", url="u/7", pull=7)
    assert facts(plan) == [opened]
    assert new(plan)[0].by == BOB
    assert (
        "[Pull request #7](u/7) by bob, from the branch `hotfix/incident-42`, is the hotfix of this incident"
        in told(plan)
    )
    assert desk.asked == [Wants(logins=frozenset({"bob"})), Wants(pulls=frozenset({7}))]
    assert desk.run().effects == ()
    assert desk.asked == [Wants(pulls=frozenset({7}))]


def test_one_that_was_merged_already_is_taken_in_with_its_merge() -> None:
    at = NOON + timedelta(minutes=9)
    desk = sweeping(burning(), seen(merged=at, closed=at), pulls={7: PullEnd(at, at)})
    assert [type(fact) for fact in facts(desk.run())] == [HotfixOpened, HotfixMerged]
    assert desk.run().effects == ()


def test_whoever_may_not_write_and_whoever_nobody_knows_made_none() -> None:
    for author in (CAT, EVE, replace(BOB, id=99)):
        assert facts(sweeping(burning(), seen(author=author)).run()) == []
    desk = sweeping(burning(), seen())
    desk.access["bob"] = Access(None)
    assert facts(desk.run()) == []


def test_the_next_best_is_taken_when_the_first_is_nobodys() -> None:
    desk = sweeping(burning(), seen(8, author=EVE), seen(7))
    assert [fact.pull for fact in facts(desk.run()) if isinstance(fact, HotfixOpened)] == [7]


def test_while_one_is_followed_or_made_no_other_is_taken() -> None:
    asked = burning().tell(5, BOB, HotfixAsked(text="pool"))
    for story in (fixing(), asked):
        assert facts(sweeping(story, seen(8)).run()) == []


def test_outside_of_a_sweep_nobody_is_asked_for_pull_requests() -> None:
    desk = going_on(burning(), recent_pulls=[seen()])
    assert facts(desk.run()) == []
    assert desk.asked == []


def test_what_closed_the_issue_is_known_and_is_the_hotfix() -> None:
    desk = going_on(burning())
    at = desk.now + timedelta(minutes=1)
    desk.closer = Closer(at, seen(merged=at, closed=at))
    desk.pulls[7] = PullEnd(at, at)
    desk.does(BOB, "closed")
    plan = desk.run()
    assert [fact.t for fact in facts(plan)] == ["refused", "hotfix-opened", "hotfix-merged"]
    assert "GitHub closed it for the merge of [pull request #7](u/7). `/all-clear` ends it." in told(plan)
    assert desk.state == "open"
    assert desk.run().effects == ()


def test_where_people_have_to_open_it_themselves_it_is_looked_for() -> None:
    link = HotfixOpened(branch="hotfix/incident-42", base="main", url="compare")
    story = burning().tell(5, BOB, HotfixAsked(text="pool")).tell(6, None, link)
    desk = going_on(story)
    assert desk.run().effects == ()
    assert desk.asked == [Wants(recent_pulls=True)]
    desk.recent_pulls = [seen()]
    assert [fact.t for fact in facts(desk.run())] == ["hotfix-opened"]


def test_a_branch_that_somebody_has_to_push_is_looked_for_until_it_is_there() -> None:
    unmade = HotfixOpened(branch="hotfix/incident-42", base="main", url="")
    story = burning().tell(5, BOB, HotfixAsked(text="pool")).tell(6, None, unmade)
    desk = going_on(story)
    plan = desk.run()
    assert (plan.effects, plan.hotfix) == ((), False)
    assert desk.asked == [Wants(recent_pulls=True), Wants(branches=frozenset({"hotfix/incident-42"}))]
    desk.branches.add("hotfix/incident-42")
    plan = desk.run()
    assert (plan.effects, plan.hotfix) == ((), True)
    desk.recent_pulls = [seen()]
    assert not desk.run().hotfix


def test_a_hotfix_that_is_closed_is_told_once_and_followed_when_it_is_opened_again() -> None:
    desk = sweeping(fixing())
    at = desk.now
    desk.pulls[3] = PullEnd(closed=at)
    plan = desk.run()
    assert HotfixClosed(at=at) in facts(plan)
    assert "The hotfix [#3](u/3) was closed without being merged." in told(plan)
    assert desk.run().effects == ()
    desk.pulls[3] = PullEnd()
    desk.recent_pulls = [seen(3)]
    plan = desk.run()
    assert [fact.pull for fact in facts(plan) if isinstance(fact, HotfixOpened)] == [3]
    assert plan.incident.production.hotfix is not None
    assert plan.incident.production.hotfix.followed


def test_an_incident_that_is_over_takes_none() -> None:
    ended = burning().tell(30, BOB, Resolved(text="Fixed")).tell(200, ADA, Cleared(text="Fixed"))
    assert facts(sweeping(ended, seen()).run()) == []
