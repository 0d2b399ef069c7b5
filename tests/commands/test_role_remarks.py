"""Lines about a role that give it to nobody."""

from __future__ import annotations

import pytest

from allclear.core.record.audit import Helped
from commands.room import ALICE, BOB, CLAIRE, Talk
from core.issue_desk import declared, told
from stories import BOB as STORY_BOB
from written import small


@pytest.mark.parametrize(
    "typed",
    [
        "/ic ?",
        "/ic ? @bob",
        "/ic who?",
        "/ic who is it",
        "/ic @bob?",
        "/ic @bob, ok?",
        "/role ic?",
        "/role who is ic",
        "/role the incident commander is who?",
        "/take ic?",
        "/take ic \uff1f",
    ],
)
def test_a_question_is_answered_with_who_has_the_role(talk: Talk, typed: str) -> None:
    heard = talk.says(typed, by=BOB)
    assert heard.facts == (Helped(),)
    assert heard.say.startswith("Nobody is Incident Commander yet.\nA question changes nothing. `/role ic @")
    talk.says("/ic @claire")
    assert talk.says(typed, by=BOB).say.startswith("Incident Commander is **claire**.")
    assert talk.incident.team.roles == {"ic": CLAIRE}


@pytest.mark.parametrize(
    "typed",
    [
        *(
            "/ic @bob -> @claire",
            "/ic from @bob to @claire",
            "/ic @claire from @bob",
            "/ic @bob \u2192 @claire",
        ),
        *("/role ic @bob => @claire", "/role ic from @bob -> @claire", "/ic @bob->@claire"),
    ],
)
def test_who_gives_a_role_up_to_somebody_is_not_who_gets_it(talk: Talk, typed: str) -> None:
    talk.says("/ic @bob")
    assert "is now **claire** (was bob)." in talk.says(typed).say
    assert talk.incident.team.roles["ic"] == CLAIRE


def test_a_role_of_several_is_left_by_nobody_for_another() -> None:
    book = small(roles={"ic": {"title": "Commander"}, "scribe": {"many": True}})
    heard = Talk("SEV1", book=book).says("/role scribe @bob -> @claire")
    assert heard.say.startswith("Several can be Scribe, so nobody leaves it for another. `/role scribe none`")
    assert "`/role scribe @claire` gives it." in heard.say


def test_who_hands_over_for_somebody_else_is_asked(talk: Talk) -> None:
    assert "`@bob` and `@claire` are named" in talk.says("/handoff @bob -> @claire").say


def test_roles_below_the_incident_commander_are_given_too(talk: Talk) -> None:
    talk.says("/ic @bob\n- scribe: @claire\nand now to work")
    assert talk.incident.team.roles == {"ic": BOB, "scribe": CLAIRE}
    talk.says("/ic\ncomms @bob")
    assert talk.incident.team.roles == {"ic": ALICE, "scribe": CLAIRE, "comms": BOB}


@pytest.mark.parametrize("typed", ["/role ?", "/role who has what?", "/take ?"])
def test_a_question_without_a_role_is_about_all_of_them(talk: Talk, typed: str) -> None:
    assert talk.says(typed).say.split("\n")[:4] == [
        "Nobody is Incident Commander yet.",
        "Nobody is Technical Lead yet.",
        "Nobody is Communications Lead yet.",
        "Nobody is Scribe yet.",
    ]


@pytest.mark.parametrize("typed", ["/ic?", "/IC ?!", "/scribe?", "/role ic?", "/ack /ic?"])
def test_a_question_mark_right_behind_the_word_asks(typed: str) -> None:
    issue = declared()
    issue.says(STORY_BOB, typed)
    plan = issue.run()
    assert "A question changes nothing." in told(plan)
    assert "scribe" not in plan.incident.team.roles
    assert "/ack" in typed or "ic" not in plan.incident.team.roles


def test_a_question_between_commands_asks_too() -> None:
    issue = declared()
    issue.says(STORY_BOB, "/scribe? /ack")
    plan = issue.run()
    assert "Nobody is Scribe yet." in told(plan)
    assert plan.incident.reached("acknowledged")


@pytest.mark.parametrize(
    "remark",
    ["is away", "away until 5", "can't", "is not available", ", who is on vacation", "(asleep)", "won't"],
)
def test_a_remark_that_somebody_cannot_have_the_role_gives_it_to_nobody(talk: Talk, remark: str) -> None:
    heard = talk.says(f"/ic @bob {remark}")
    assert heard.code == "unclear"
    assert heard.say.endswith(
        "reads as if they cannot have it. `/role ic @bob` gives it to them all the same. "
        "`/role ic none` leaves the role empty."
    )
    assert talk.says(f"/handoff @bob {remark}").say.endswith(
        "reads as if they cannot have it. `/handoff @bob` gives it to them all the same."
    )
    assert talk.incident.team.roles == {}


@pytest.mark.parametrize(
    "remark", ["at 18:00", "in 30 minutes", "tomorrow", "when she is back", "from tomorrow on", "later"]
)
def test_a_role_does_not_change_hands_before_its_time(talk: Talk, remark: str) -> None:
    for typed in ("/ic @bob", "/handoff @bob"):
        heard = talk.says(f"{typed} {remark}")
        assert (heard.code, "is for later, and a role changes hands at once." in heard.say) == (
            "unclear",
            True,
        )
    assert talk.says("/take ic in 5 minutes").code == "unclear"
    assert talk.incident.team.roles == {}


@pytest.mark.parametrize("remark", ["or carol", "maybe", "if she wants"])
def test_what_is_not_decided_is_not_done(talk: Talk, remark: str) -> None:
    heard = talk.says(f"/ic @bob {remark}")
    assert (heard.code, talk.incident.team.roles) == ("unclear", {})
    assert heard.say.endswith("reads as if it is not decided yet. When it is, write `/role ic @bob`.")


@pytest.mark.parametrize("remark", ["takes over", "from now on", "for now", "until 18:00", "because I sleep"])
def test_a_remark_that_changes_nothing_is_none_of_these(talk: Talk, remark: str) -> None:
    talk.says(f"/ic @bob {remark}")
    assert talk.incident.team.roles == {"ic": BOB}


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("/ic not @bob", "`not @bob` cannot be read here."),
        ("/ic from @alice", "`from @alice` cannot be read here."),
        ("/ic remove @bob", "`remove` is neither a role nor a person who can work here"),
        ("/ic change to @bob", "`change` is neither a role nor a person who can work here"),
        ("/ic shy, @bob", "`shy` is neither a role nor a person who can work here"),
        ("/ic carol, @bob", "`carol` is neither a role nor a person who can work here"),
        ("/role -ic", "`-ic` is not a role;"),
        ("/ic @bob, scribe", "Who is to be Scribe? Write a login for each role, such as `/role scribe @bob`"),
        ("/role scribe, ic @bob", "Who is to be Scribe?"),
        ("/role @bob ic, @alice ic", "Only one person can be Incident Commander"),
        ("/handoff @bob?", "`@bob?` is a question, not an order, so nothing is done. `/handoff @bob` hands"),
        (
            "/handoff @bob as ic",
            "`/handoff` hands over all your roles. For one of them write `/role ic @bob`",
        ),
        ("/handoff to whom?", "`to whom?` is a question, not an order"),
        ("/handoff @bob @claire?", "is a question, not an order"),
    ],
)
def test_a_line_that_may_say_something_else_is_told(talk: Talk, typed: str, said: str) -> None:
    assert said in talk.says(typed).say
    assert talk.incident.team.roles == {}


def test_a_word_with_a_question_mark_names_nobody(talk: Talk) -> None:
    heard = talk.says("/ic bob? now")
    assert heard.say == "`bob?` is a question, not an order, so nothing is done."


@pytest.mark.parametrize(
    ("typed", "roles"),
    [
        ("/ic @bob is ic", {"ic": BOB}),
        ("/ic @bob is the incident commander", {"ic": BOB}),
        ("/role ic none, scribe @bob", {"scribe": BOB}),
        ("/take ic from @bob", {"ic": ALICE}),
        ("/take over ic", {"ic": ALICE}),
        ("/take the ic role", {"ic": ALICE}),
        ("/take ic until 18:00", {"ic": ALICE}),
        ("/take from @bob ic", {"ic": ALICE}),
        ("/handoff all my roles to @bob", {"ic": BOB}),
        ("/handoff everything over to @bob", {"ic": BOB}),
        ("/ic noone", {}),
        ("/ic comms @bob", {"comms": BOB}),
    ],
)
def test_a_role_goes_to_whom_the_line_names(talk: Talk, typed: str, roles: dict[str, object]) -> None:
    talk.says(typed)
    assert talk.incident.team.roles == roles
