from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from allclear.core.conversation.people import said_roles
from allclear.core.model.people import Rights
from allclear.core.policy.settings import Settings
from allclear.core.record.audit import Helped
from allclear.core.record.people import RoleProposed, RoleSet, RolesReleased
from allclear.core.record.progress import Fired
from commands.room import ALICE, BOB, CLAIRE, Talk, at, runbook
from written import runbook as shipped
from written import small


def test_the_first_ack_stops_the_response_clock_and_says_what_comes(talk: Talk) -> None:
    heard = talk.says("/ack", by=BOB)

    assert heard.say == (
        "bob acknowledged, 1 min after the declaration.\n"
        "Next: Alert now (DevOps); Notice to Manager at 14:15 UTC (Manager)."
    )
    assert talk.incident.team.responders == (BOB,)
    assert talk.incident.reached("acknowledged") == talk.now


def test_a_second_ack_of_the_same_person_changes_nothing(talk: Talk) -> None:
    talk.says("/ack")
    heard = talk.says("/acknowledge")

    assert heard.say == "You have acknowledged already, alice. Nothing changes."
    assert heard.facts == (Helped(),)


def test_another_persons_ack_joins_the_response(talk: Talk) -> None:
    talk.says("/ack")
    first = talk.incident.reached("acknowledged")

    assert talk.says("/ack", by=BOB).say == "bob joins the response."
    assert talk.incident.team.responders == (ALICE, BOB)
    assert talk.incident.reached("acknowledged") == first


def test_a_responder_acknowledges_anew_after_a_reopening(talk: Talk) -> None:
    talk.says("/ack")
    talk.says("/status monitoring")
    talk.says('/check verification notified root-cause --override "known"')
    talk.says("/resolve")
    talk.says("/reopen the errors are back")

    assert talk.says("/ack").say.startswith("alice acknowledged, 1 min after the reopening.")


def test_a_commander_who_has_not_acknowledged_still_can(talk: Talk) -> None:
    talk.says("/ic @bob")

    assert talk.says("/ack", by=BOB).say.startswith("bob acknowledged")


def test_an_ack_in_a_report_counts_from_when_it_was_said() -> None:
    talk = Talk(report=True)

    assert talk.says("/ack").say.startswith("alice acknowledged, less than 1 min after the declaration.")


@pytest.mark.parametrize(
    ("typed", "role"),
    [
        ("/role comms @bob", "comms"),
        ("/comms @bob", "comms"),
        ("/Communications-Lead @BOB", "comms"),
        ("/role commander @bob", "ic"),
        ("/Incident-Commander @bob", "ic"),
        ("/ic @bob,", "ic"),
        ("/technical_lead @bob", "tech"),
        ("/scribe @bob.", "scribe"),
        ("/ic bob", "ic"),
        ("/ic is @bob", "ic"),
        ("/ic = @bob", "ic"),
        ("/ic @bob @Bob", "ic"),
        ("/ic -> @bob!", "ic"),
        ("/ic **@bob**", "ic"),
        ("/ic (@bob)", "ic"),
        ("/ic [@bob](https://github.com/bob)", "ic"),
        ("/ic [bob](https://github.com/bob).", "ic"),
        ("/ic https://github.com/bob", "ic"),
        ("/ic ic=@bob", "ic"),
        ("/role ic=@bob", "ic"),
        ("/role ic: @bob", "ic"),
        ("/role ic to bob", "ic"),
        ("/role @bob ic", "ic"),
        ("/role incident commander @bob", "ic"),
        ("/role the Incident Commander is @bob", "ic"),
        ("/role Communications lead @bob", "comms"),
        ("/role comms lead @bob", "comms"),
        ("/comms lead @bob", "comms"),
        ("/assign @bob to comms", "comms"),
    ],
)
def test_a_role_is_given_in_the_words_people_type(talk: Talk, typed: str, role: str) -> None:
    talk.says(typed)

    assert talk.incident.team.roles == {role: BOB}


@pytest.mark.parametrize(
    "typed",
    [
        "/ic @bob, scribe @claire",
        "/ic @bob /scribe @claire",
        "/role ic @bob and scribe @claire",
        "/role ic: bob; scribe: claire",
        "/role @bob ic, @claire scribe",
        "/role scribe=@claire ic=@bob",
    ],
)
def test_several_roles_in_one_line_are_all_given(talk: Talk, typed: str) -> None:
    said = talk.says(typed).say

    assert talk.incident.team.roles == {"ic": BOB, "scribe": CLAIRE}
    assert said.count(" is now **") == 2


@pytest.mark.parametrize(
    ("typed", "given"),
    [
        ("/role comms @bob\nscribe @alice", {"comms": "bob", "scribe": "alice"}),
        ("/role\n- comms: @bob\n2. scribe: @alice", {"comms": "bob", "scribe": "alice"}),
        ("/role comms @bob\nscribe follows later", {"comms": "bob"}),
        ("/role comms @bob\n\nscribe @alice", {"comms": "bob"}),
        ("/role comms @bob\nthanks to @alice", {"comms": "bob"}),
    ],
)
def test_roles_below_the_line_are_given_too(talk: Talk, typed: str, given: dict[str, str]) -> None:
    facts = talk.says(typed).facts

    assert {
        fact.role: fact.person.login for fact in facts if isinstance(fact, RoleSet) and fact.person
    } == given


def test_one_of_several_that_cannot_be_refuses_all_of_them(talk: Talk) -> None:
    assert talk.says("/role ic @bob, scribe @carol").code == "no-access"
    assert talk.incident.team.roles == {}


def test_words_behind_a_role_are_told(talk: Talk) -> None:
    assert talk.says("/ic @bob until 18:00").say.endswith(
        "Coordinates and decides.\nNot recorded: until 18:00"
    )
    assert talk.says("/ic @bob please").say == "bob is Incident Commander already. Nothing changes."
    assert talk.says("/handoff to @alice, I go to bed", by=BOB).say.endswith("\nNot recorded: I go to bed")


@pytest.mark.parametrize("typed", ["/ic me", "/role ic myself", "/take ic me", "/take ic @alice"])
def test_me_is_who_speaks(talk: Talk, typed: str) -> None:
    talk.says(typed)

    assert talk.incident.team.roles == {"ic": ALICE}


def test_several_roles_are_taken_in_one_line(talk: Talk) -> None:
    talk.says("/take incident commander and scribe")

    assert talk.incident.team.roles == {"ic": ALICE, "scribe": ALICE}


@pytest.mark.parametrize("name", ["hotdash", "dirt-free-crm", "pagerduty", "sev", "neutral", "habit-tracker"])
def test_every_role_may_be_named_as_the_panel_shows_it(name: str) -> None:
    book = shipped(name)

    for kind in book.roles:
        for title in (kind.id, kind.title, kind.title.lower()):
            (said,) = said_roles(f"{title} @bob", book).roles
            assert (said.kind.id, [one.login for one in said.people]) == (kind.id, ["bob"])


def test_a_long_line_is_read_as_far_as_a_line_of_people_goes(talk: Talk) -> None:
    assert talk.says("/role ic" + " scribe" * 500).code == ""


def test_giving_a_role_names_who_had_it_and_what_else_the_person_holds(talk: Talk) -> None:
    talk.says("/ic @alice")
    talk.says("/scribe @bob")

    assert talk.says("/ic @bob").say == (
        "Incident Commander is now **bob** (was alice). bob is also Scribe. Duties: Coordinates and decides."
    )
    assert talk.says("/ic @bob").say == "bob is Incident Commander already. Nothing changes."


@pytest.mark.parametrize("typed", ["/ic", "/take ic", "/role ic", "/commander", "/take incident-commander"])
def test_who_names_nobody_takes_the_role(talk: Talk, typed: str) -> None:
    talk.says("/ic @alice")
    heard = talk.says(typed, by=BOB)

    assert heard.facts == (RoleSet(role="ic", person=BOB),)
    assert heard.say == "Incident Commander is now **bob** (was alice). Duties: Coordinates and decides."
    assert talk.says(typed, by=BOB).say == "bob is Incident Commander already. Nothing changes."


@pytest.mark.parametrize("nobody", ["none", "-", "Nobody"])
def test_a_role_can_be_left_empty(talk: Talk, nobody: str) -> None:
    talk.says("/ic @bob")

    assert talk.says(f"/role ic {nobody}").say == "Nobody is Incident Commander now (was bob)."
    assert talk.incident.team.roles == {}
    assert talk.says("/ic none").say == "Nobody is Incident Commander already. Nothing changes."


@pytest.mark.parametrize(
    ("typed", "code", "said"),
    [
        (
            "/role",
            "malformed",
            "Which role? This runbook has `ic`, `tech`, `comms`, `scribe`. Usage: `/role <role> [@user]`",
        ),
        ("/role pilot @bob", "malformed", "`pilot` is not a role; this runbook has"),
        (
            "/ic stranger",
            "malformed",
            "`stranger` is not a person who can work here; write the login with an @",
        ),
        ("/ic carol", "malformed", "`carol` is not a person who can work here;"),
        ("/ic shy", "missing", "GitHub did not say what `shy` may do here."),
        ("/ic @acme/oncall", "malformed", "`@acme/oncall` is a team, and this is for one person; name one,"),
        ("/ic \uff20bob", "malformed", "`\uff20bob` begins with another sign than `@`, which GitHub knows"),
        (
            "/ic @alice @bob",
            "malformed",
            "Only one person can be Incident Commander, and `@alice` and `@bob` are named. Name one, such as",
        ),
        (
            "/ic alice, @bob",
            "malformed",
            "Only one person can be Incident Commander, and `@alice` and `@bob`",
        ),
        ("/ic @bob instead of @alice", "malformed", "`instead of @alice` cannot be read here. Write a role"),
        ("/role @bob", "malformed", "Which role? This runbook has `ic`"),
        ("/assign bob", "malformed", "`bob` is not a role;"),
        ("/take", "malformed", "Which role? This runbook has `ic`"),
        ("/take @bob", "malformed", "`@bob` is not a role;"),
        (
            "/take ic @bob",
            "malformed",
            "`/take` takes a role yourself. For somebody else write `/role ic @bob`.",
        ),
        ("/take ic none", "malformed", "`/take` takes a role. To leave it empty write `/role ic none`."),
        (
            "/handoff @bob @claire",
            "malformed",
            "All your roles go to one person, and `@bob` and `@claire` are",
        ),
        (
            "/handoff ic @bob",
            "malformed",
            "`/handoff` hands over all your roles. For one of them write `/role ic",
        ),
        (
            "/handoff ic",
            "malformed",
            "`/handoff` hands over all your roles. For one of them write `/role ic @user",
        ),
        ("/ic @-x", "malformed", "`@-x` is not a person"),
        ("/ic @stranger", "missing", "GitHub knows no account `stranger`."),
        ("/ic @nobody", "missing", "GitHub knows no account `nobody`."),
        ("/ic @shy", "missing", "GitHub did not say what `shy` may do here. Try again in a minute."),
        (
            "/ic @carol",
            "no-access",
            "`carol` cannot work on this: it needs at least `triage` access, and GitHub says `read`.",
        ),
    ],
)
def test_a_role_for_nobody_we_know_is_refused_with_the_way_out(
    talk: Talk, typed: str, code: str, said: str
) -> None:
    heard = talk.says(typed)

    assert (heard.code, heard.say[: len(said)]) == (code, said)
    assert talk.incident.team.roles == {}


def test_a_runbook_without_a_commander_says_so() -> None:
    talk = Talk(book=runbook(roles={}))

    assert talk.says("/ic @bob").say == "This runbook has no incident commander."
    assert talk.says("/handoff @bob").say == "You hold no role to hand over."


def test_handing_over_gives_all_ones_roles(talk: Talk) -> None:
    talk.says("/ic @alice")
    talk.says("/comms @alice")

    heard = talk.says("/handoff @bob")

    assert heard.say == (
        "Incident Commander, Communications Lead: **bob** takes over.\n"
        "- **Incident Commander**. Duties: Coordinates and decides.\n"
        "- **Communications Lead**. Duties: Tells everybody else."
    )
    assert talk.incident.team.roles == {"ic": BOB, "comms": BOB}
    assert ALICE in talk.incident.team.responders


def test_handing_over_without_a_role_names_the_commander(talk: Talk) -> None:
    assert talk.says("/handover @bob").facts == (RoleSet(role="ic", person=BOB),)
    assert talk.says("/handoff @alice", by=BOB).say == (
        "Incident Commander: **alice** takes over. Duties: Coordinates and decides."
    )
    assert talk.says("/handoff @bob", by=BOB).code == "malformed"


def test_handing_over_by_somebody_without_a_role_says_who_it_was(talk: Talk) -> None:
    talk.says("/ic @alice")

    assert talk.says("/handoff @alice", by=BOB).say == "alice is Incident Commander already. Nothing changes."
    assert talk.says("/handoff @bob", by=CLAIRE).say == (
        "Incident Commander: **bob** takes over (was alice). Duties: Coordinates and decides."
    )
    assert talk.says("/handoff").say.startswith("Who? Write the login with an @")


def test_an_answer_tells_the_deadlines_of_when_it_is_processed(talk: Talk) -> None:
    heard = talk.says("/ack", processed_after=timedelta(hours=11))

    assert heard.say.endswith("Next: Alert now (DevOps); Notice to Manager now (Manager).")
    assert talk.incident.reached("acknowledged") == talk.now


# -- roles of a written runbook


ROLES = {
    "ic": {"title": "Commander", "primary": "Boss", "backup": "Deputy", "within": "10m", "not": ["tech"]},
    "tech": {"title": "Technical Lead", "duties": ["Investigates", "Fixes"]},
    "experts": {"many": True},
}


def written(**more: Any) -> Talk:
    book = small(roles=ROLES | more)
    return Talk("SEV1", book=book, settings=Settings(people={"Boss": ("alice",), "Deputy": ("bob",)}))


def test_who_takes_a_role_reads_its_duties() -> None:
    heard = written().says("/take technical-lead", by=BOB)
    assert heard.say == "Technical Lead is now **bob**. Duties: Investigates; Fixes."


def test_a_role_for_several_is_shared_and_left_to_the_others() -> None:
    """004-10."""
    talk = written()
    talk.says("/take experts", by=BOB)
    talk.says("/take tech", by=CLAIRE)
    assert talk.says("/take experts", by=CLAIRE).say == (
        "**claire** is now Experts too, beside bob. claire is also Technical Lead."
    )
    assert talk.says("/take experts", by=CLAIRE).say == "claire is Experts already. Nothing changes."
    assert talk.incident.team.holders("experts") == (BOB, CLAIRE)

    heard = talk.says("/handoff @alice", by=BOB)
    assert heard.say == "Experts: **alice** takes over."
    assert talk.incident.team.holders("experts") == (CLAIRE, ALICE)
    talk.says("/handoff @claire", by=ALICE)
    assert talk.incident.team.holders("experts") == (CLAIRE,)
    assert talk.says("/role experts none").say == "Nobody is Experts now (was claire)."
    assert talk.incident.team.holders("experts") == ()


def test_several_who_leave_a_role_together_are_all_named() -> None:
    talk = written()
    talk.says("/take experts", by=BOB)
    talk.says("/take experts", by=CLAIRE)
    assert talk.says("/role experts none").say == "Nobody is Experts now (was bob, claire)."


@pytest.mark.parametrize(("first", "second"), [("/ic @bob", "/role tech @bob"), ("/take tech", "/ic")])
def test_two_roles_that_exclude_each_other_are_refused_with_the_way_out(first: str, second: str) -> None:
    talk = written()
    talk.says(first, by=BOB)
    heard = talk.says(second, by=BOB)
    has, other = ("Commander", "ic") if "ic" in first else ("Technical Lead", "tech")
    both = "Commander and Technical Lead" if other == "ic" else "Technical Lead and Commander"
    assert (heard.code, heard.facts) == ("state", ())
    assert heard.say == (
        f"By this runbook nobody is {both} at once, and bob would be. Name somebody else, or give that role "
        f"away first: `/role {other} @user`."
    )
    assert has in both


def test_nobody_is_handed_two_roles_that_exclude_each_other() -> None:
    talk = written()
    talk.says("/take tech", by=BOB)
    talk.says("/ic @alice")
    assert talk.says("/handoff @bob", by=ALICE).code == "state"
    assert talk.says("/handoff @claire", by=ALICE).facts == (RoleSet(role="ic", person=CLAIRE),)


def test_a_proposal_can_be_declined_and_handed_on() -> None:
    talk = written()
    talk.add("roles", RoleProposed(role="ic", login="Alice", title="Boss"))
    assert talk.says("/handoff @claire", by=ALICE).facts == (RoleSet(role="ic", person=CLAIRE),)

    talk = written()
    talk.add("roles", RoleProposed(role="ic", login="alice", title="Boss"))
    assert talk.says("/role ic none").say == "Nobody is Commander now."
    assert talk.incident.team.proposal("ic") is None
    assert talk.says("/role ic none").say == "Nobody is Commander already. Nothing changes."


def test_who_acknowledged_before_takes_what_is_theirs_by_saying_so_again() -> None:
    talk = written()
    talk.says("/ack", by=BOB)
    assert talk.says("/ack", by=BOB).say == "You have acknowledged already, bob. Nothing changes."
    due = talk.now
    talk.add("t:ic", Fired(timer="ic-filled/0/0", deadline="Commander due", due=due))
    heard = talk.says("/ack", by=BOB)
    assert (heard.say, heard.facts) == ("Commander is now **bob**.", (RoleSet(role="ic", person=BOB),))


def test_the_all_clear_releases_who_has_a_role() -> None:
    talk = written()
    talk.says("/take tech", by=BOB)
    assert RolesReleased() in talk.says('/all-clear --override "done"', rights=Rights.MAINTAIN).facts
    assert talk.incident.team.roles == {"tech": BOB}
    talk.says("/reopen it is back")
    assert talk.incident.team.roles == {}

    nobody = written()
    assert RolesReleased() not in nobody.says('/all-clear --override "done"', rights=Rights.MAINTAIN).facts


def test_an_earlier_time_behind_an_acknowledgement_is_told_how_to_set(talk: Talk) -> None:
    talk.later(minutes=30)
    heard = talk.says("/acknowledged 14:20", by=BOB)
    assert "`/time acknowledged 2026-03-02 14:20` puts it at that time." in heard.say
    assert talk.incident.reached("acknowledged") == at("14:31")


@pytest.mark.parametrize("behind", ["", "on it", "14:31", "3/4 13:05", "12 hosts are down"])
def test_an_acknowledgement_without_an_earlier_time_says_nothing_of_it(talk: Talk, behind: str) -> None:
    talk.later(minutes=30)
    assert "/time" not in talk.says(f"/ack {behind}", by=BOB).say


@pytest.mark.parametrize("behind", ["15:30", "in 10 minutes", "tomorrow 09:00"])
def test_a_time_to_come_behind_an_acknowledgement_is_told_to_count_from_now(talk: Talk, behind: str) -> None:
    heard = talk.says(f"/ack {behind}", by=BOB)
    assert " It counts from now: " in heard.say
    assert "is still to come." in heard.say
    assert "/time" not in heard.say


def test_an_earlier_time_behind_a_status_or_a_resolution_is_told_too(talk: Talk) -> None:
    talk.says("/ack", by=BOB)
    talk.later(minutes=30)
    assert "`/time identified 2026-03-02 14:20`" in talk.says("/identified 14:20 the pool").say
    assert "/time" not in talk.says("/identified 14:25 it is the pool").say
