"""Roles of written runbooks, pass by pass: proposed, taken, told of when nobody has them, and released."""

from __future__ import annotations

from typing import Any

from allclear.core.model.authored import read_authored
from allclear.core.model.effects import Reply
from allclear.core.model.people import Access, Person, Rights
from allclear.core.plan.plan import Plan
from allclear.core.policy.runbook import Runbook
from allclear.core.policy.settings import Settings
from allclear.core.record.people import RoleProposed, RoleSet
from allclear.core.record.progress import Fired
from core.issue_desk import IssueDesk, facts, told
from stories import ADA, BOB, CAT
from written import runbook, small

CRM = {
    "System Administrator": ["ada"],
    "Lead Developer": ["bob"],
    "Operations Manager": ["cat"],
    "Business Owner": ["mona"],
    "CTO": ["mona"],
    "Security Team": ["dave"],
}
SEV = {"On-call Engineer": ["ada"], "Team Lead": ["bob"]}


def desk(book: Runbook, people: dict[str, list[str]], severity: str = "SEV1", **more: Any) -> IssueDesk:
    labels = frozenset({"incident", severity}) | more.pop("labels", frozenset())
    settings = read_authored(Settings, {"people": people})
    return IssueDesk(
        title="Checkout is down",
        labels=labels,
        known_labels=labels,
        runbook=book,
        settings=settings,
        **more,
    )


def proposed(plan: Plan) -> list[tuple[str, str]]:
    return [(one.role, one.login) for one in facts(plan) if isinstance(one, RoleProposed)]


def given(plan: Plan) -> list[tuple[str, str | None]]:
    found = [one for one in facts(plan) if isinstance(one, RoleSet)]
    return [(one.role, one.person.login if one.person else None) for one in found]


def fired(plan: Plan) -> list[str]:
    return [one.timer for one in facts(plan) if isinstance(one, Fired)]


def notice(plan: Plan, title: str) -> str:
    """The notice of that title, with whom it mentions, up to the next."""
    text = told(plan)
    start = text.index(title)
    before = text.rindex("\n\n", 0, start) if "\n\n" in text[:start] else 0
    return text[before:].strip().split("\n\n@")[0]


# -- proposed


def test_at_the_declaration_everybody_hears_of_their_role_with_its_duties() -> None:
    """004-06 to 004-09."""
    plan = desk(runbook("dirt-free-crm"), CRM).run()

    assert proposed(plan) == [("ic", "ada"), ("tech", "bob"), ("comms", "cat"), ("business", "mona")]
    said = notice(plan, "**📢 Roles**")
    assert said.startswith("@ada @bob @cat @mona\n")
    assert (
        "- **Incident Commander** (`ic`): ada (System Administrator). Duties: Overall incident coordination; "
        "Decision making authority; Stakeholder communication; Resource allocation; Documentation oversight."
    ) in said
    assert "- **Business Liaison** (`business`): mona (Business Owner). Duties: Business impact" in said
    assert "gives it to somebody else" in said


def test_a_double_booking_is_said_where_it_is_proposed() -> None:
    people = {name: logins for name, logins in CRM.items() if name != "Business Owner"}
    said = notice(desk(runbook("dirt-free-crm"), people).run(), "**📢 Roles**")
    assert (
        "cat (Operations Manager), because nobody stands behind Business Owner; cat is also Communications "
        "Lead." in said
    )


def test_of_a_single_role_one_hears_as_of_a_single_role() -> None:
    """002-08."""
    plan = desk(runbook("sev"), SEV).run()
    assert proposed(plan) == [("ic", "ada")]
    assert notice(plan, "**📢 A role for you**").startswith("@ada\n**📢 A role for you**")


def test_nobody_is_told_of_a_role_in_a_drill() -> None:
    plan = desk(runbook("sev"), SEV, labels=frozenset({"drill"})).run()
    assert proposed(plan) == [("ic", "ada")]
    assert "@ada" not in told(plan)
    assert "It is meant for ada." in notice(plan, "**📢 A role for you**")


def test_a_person_who_cannot_be_notified_is_no_reason_that_nobody_hears() -> None:
    book = small(roles={"lead": {"primary": "Boss"}})
    plan = desk(book, {"Boss": ["gone"], "On-call": ["bob"]}).run()
    assert notice(plan, "**📢 A role for you**").startswith("@bob\n")
    assert "stands behind @⁠gone, so this goes to On-call." in told(plan)


def test_a_role_that_comes_with_a_severity_or_a_flag_is_proposed_then() -> None:
    """004-10."""
    one = desk(runbook("dirt-free-crm"), CRM, "SEV4")
    assert proposed(one.run()) == []
    one.says(BOB, "/flag security")
    assert proposed(one.run()) == [("security", "dave")]
    one.says(BOB, "/sev SEV1")
    assert [role for role, _ in proposed(one.run())] == ["ic", "tech", "comms", "business"]
    assert proposed(one.later(1).run()) == []


def given_after(one: IssueDesk, who: Person, text: str) -> list[tuple[str, str | None]]:
    one.says(who, text)
    return given(one.run())


# -- taken by acting


def test_whoever_it_is_proposed_to_has_it_from_their_next_command_on() -> None:
    """004-07."""
    one = desk(runbook("dirt-free-crm"), CRM)
    one.run()
    said = one.answered(BOB, "/note the pool is exhausted")
    assert "Technical Lead is now **bob**. Duties: Technical investigation and resolution;" in said
    assert given_after(one, BOB, "/note again") == []


def test_asking_for_help_takes_no_role() -> None:
    one = desk(runbook("sev"), SEV)
    one.run()
    assert given_after(one, ADA, "/help") == []
    assert given_after(one, ADA, "/ack") == [("ic", "ada")]


def test_a_command_that_gives_the_role_to_somebody_else_does_not_take_it() -> None:
    one = desk(runbook("sev"), SEV)
    one.run()
    assert given_after(one, ADA, "/ic @bob") == [("ic", "bob")]


def test_what_is_said_in_one_pass_with_the_declaration_counts() -> None:
    one = desk(runbook("sev"), SEV)
    one.says(ADA, "/ack")
    plan = one.run()
    assert (proposed(plan), given(plan)) == ([("ic", "ada")], [("ic", "ada")])


def test_a_bot_has_no_role() -> None:
    bot = Person(id=77, login="helper[bot]")
    one = desk(small(roles={"ic": {}}), {"On-call": ["ada"]})
    one.access["helper[bot]"] = Access(Rights.WRITE, bot)
    one.run()
    assert given_after(one, bot, "/ack") == []


def test_the_first_who_acknowledges_commands_where_nobody_is_meant_to() -> None:
    """003-07: and acting is acknowledging."""
    one = desk(small(roles={"ic": {"duties": ["Coordinates"]}}), {"On-call": ["ada"]})
    one.run()
    said = one.answered(BOB, "/finding Root cause: the pool is exhausted")
    assert said.endswith("This counts as an acknowledgement.\nIc is now **bob**. Duties: Coordinates.")
    assert given_after(one, CAT, "/ack") == []


def test_who_acknowledges_first_reads_what_a_commander_does() -> None:
    """003-07."""
    one = desk(runbook("habit-tracker"), {"On-Call": ["ada"]}, "P1")
    one.run()
    assert one.answered(BOB, "/ack").endswith(
        "Incident Commander (IC) is now **bob**. Duties: Coordinate response efforts; Make decisions on "
        "mitigation strategies; Communicate with stakeholders; Delegate tasks to responders."
    )


def test_who_ends_the_incident_takes_no_role_on_the_way() -> None:
    one = desk(small(roles={"lead": {"primary": "On-call"}}), {"On-call": ["ada"]}, "SEV3")
    one.run()
    assert given_after(one, ADA, "/duplicate #13") == []
    assert given_after(one, ADA, '/all-clear --override "false alarm"') == []
    assert one.state == "closed"


def test_undoing_a_command_gives_back_the_role_that_was_taken_with_it() -> None:
    one = desk(runbook("sev"), SEV)
    one.run()
    one.answered(ADA, "/flag security")
    one.says(ADA, "/undo")
    team = one.run().incident.team
    assert (team.roles, team.proposed["ic"].login) == ({}, "ada")


# -- when nobody has it in time


def test_after_its_time_the_primary_and_the_backup_are_told_and_the_backup_takes_it_with_an_ack() -> None:
    """004-06, 004-03: an incident commander within an hour."""
    one = desk(runbook("dirt-free-crm"), CRM, "SEV2")
    one.run()
    one.answered(BOB, "/ack")
    assert "ic-filled/0/0" not in fired(one.later(57).run())

    plan = one.later(2).run()
    assert "ic-filled/0/0" in fired(plan)
    assert notice(plan, "**⏰ Incident Commander due**").startswith("@ada @bob\n")
    said = one.answered(BOB, "/ack")
    assert "Incident Commander is now **bob**. bob is also Technical Lead. Duties:" in said
    assert "You have acknowledged already" in one.answered(BOB, "/ack")


def test_once_somebody_has_it_nobody_is_told() -> None:
    one = desk(runbook("sev"), SEV)
    one.run()
    one.answered(ADA, "/ack")
    assert [timer for timer in fired(one.later(120).run()) if timer.startswith("ic-")] == []


def test_a_clock_of_a_role_for_nobody_is_for_the_first_responder() -> None:
    one = desk(small(roles={"lead": {"within": "10m"}}), {"On-call": ["ada"], "Team Lead": ["bob"]}, "SEV2")
    one.run()
    assert notice(one.later(10).run(), "**⏰ Lead due**").startswith("@ada\n")


# -- what an open role is addressed as


def test_what_is_for_a_role_that_nobody_has_reaches_the_primary_else_the_backup() -> None:
    """002-08: never nobody."""
    rule = {"rules": {"ask": {"tell": ["Lead"]}}}
    book = small(roles={"lead": {"primary": "Team", "backup": "Deputy"}}, **rule)
    people = {"On-call": ["dave"], "Team": ["ada", "bob"], "Deputy": ["cat"]}

    assert notice(desk(book, people).run(), "**📢 Notice to Lead**").startswith("@ada @bob\n")
    gone = people | {"Team": ["gone", "gone-too"]}
    said = notice(desk(book, gone).run(), "**📢 Notice to Lead**")
    assert said.startswith("@cat\n")
    assert "so this goes to Deputy." in said
    nobody = {"On-call": ["dave"]}
    said = notice(desk(book, nobody).run(), "**📢 Notice to Lead**")
    assert said.startswith("@dave\n")
    assert "Nobody who can be notified stands behind Lead, so this goes to On-call." in said


def test_a_title_spelt_like_a_role_reaches_whom_the_settings_name_for_it() -> None:
    """Also where the first responder has that name, and where the role is meant for people who are gone."""
    ask = {"rules": {"ask": {"tell": ["EOC"]}}}
    book = small(chains={"on-call": ["EOC", "Boss"]}, roles={"eoc": {"title": "EOC"}}, **ask)
    people = {"EOC": ["dave"], "Boss": ["mona"]}
    assert notice(desk(book, people).run(), "**📢 Notice to EOC**").startswith("@dave\n")

    meant = {"title": "EOC", "primary": ["Duty", "Night"]}
    book = small(chains={"on-call": ["EOC", "Boss"]}, roles={"eoc": meant}, **ask)
    gone = people | {"Duty": ["gone"], "Night": ["gone-too"]}
    assert notice(desk(book, gone).run(), "**📢 Notice to EOC**").startswith("@dave\n")
    assert notice(desk(book, gone | {"EOC": ["away"]}).run(), "**📢 Notice to EOC**").startswith("@mona\n")


def test_everybody_who_has_a_role_hears_of_what_is_for_it() -> None:
    """004-10: external vendors, several at once."""
    book = small(
        roles={"experts": {"many": True}}, rules={"ask": {"tell": ["Experts"], "when": {"flag": "security"}}}
    )
    one = desk(book, {"On-call": ["dave"]})
    one.run()
    one.answered(BOB, "/take experts")
    one.answered(CAT, "/take experts")
    one.says(CAT, "/flag security")
    assert notice(one.run(), "**📢 Notice to Experts**").startswith("@bob @cat\n")


def test_who_does_not_answer_at_this_hour_is_told_together_with_the_level_above() -> None:
    """004-36. NOON is a Sunday."""
    book = small(
        calendars={"office": {"days": "mon-fri", "hours": "09:00-17:00"}},
        contacts={"On-call": {"hours": "office"}},
    )
    plan = desk(book, {"On-call": ["ada"], "Team Lead": ["bob"]}).run()
    assert notice(plan, "**📢 Alert**").startswith("@ada @bob\n")
    plan = desk(book, {"On-call": ["ada"]}).run()
    assert notice(plan, "**📢 Alert**").startswith("@ada\n")
    assert "Team Lead" not in notice(plan, "**📢 Alert**")


# -- released


def test_the_all_clear_releases_everybody_and_a_reopened_incident_asks_anew() -> None:
    one = desk(runbook("sev"), SEV)
    one.run()
    one.answered(ADA, "/ack")
    one.says(ADA, '/all-clear --override "false alarm"')
    closed = one.run().incident
    assert (closed.team.released, closed.team.roles) == (True, {"ic": ADA})

    one.says(ADA, "/reopen it is back")
    plan = one.run()
    assert proposed(plan) == [("ic", "ada")]
    assert (plan.incident.team.roles, plan.incident.team.released) == ({}, False)


def test_replies_carry_what_was_proposed() -> None:
    one = desk(runbook("sev"), SEV)
    bodies = [effect.body for effect in one.run().effects if isinstance(effect, Reply)]
    assert any('"t":"role-proposed","role":"ic","login":"ada"' in body for body in bodies)
