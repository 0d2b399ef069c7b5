"""Roles and contacts of a written runbook, as the engine has them."""

from __future__ import annotations

from allclear.core.policy.contact import Contact
from allclear.core.policy.deadline import Condition, Deadline
from allclear.core.policy.role import RoleKind
from allclear.core.policy.runbook import Runbook
from written import runbook, small


def role(book: Runbook, name: str) -> RoleKind:
    return next(one for one in book.roles if one.id == name)


def clocks(book: Runbook) -> list[Deadline]:
    return [one for one in book.deadlines if one.role]


def test_a_role_has_those_whom_it_is_meant_for_and_its_duties_one_by_one() -> None:
    """004-06, 004-07: primary, backup and duties of the commander and the technical lead."""
    book = runbook("dirt-free-crm")
    ic, tech = role(book, "ic"), role(book, "tech")

    assert (ic.primary, ic.backup) == (("System Administrator",), ("Lead Developer",))
    assert len(ic.duties) == 5
    assert ic.duties[0] == "Overall incident coordination"
    assert (tech.primary, tech.backup) == (("Lead Developer",), ("Senior Developer",))
    assert ic.severities == tech.severities == ("SEV1", "SEV2")
    assert ic.words == ("incident-commander", "commander")


def test_roles_of_flags_are_there_for_every_severity_while_the_flag_is_up() -> None:
    """004-10: as needed."""
    book = runbook("dirt-free-crm")
    security, vendors = role(book, "security"), role(book, "vendors")

    assert security.severities == ("SEV1", "SEV2", "SEV3", "SEV4")
    assert security.when == Condition(flag=("security", "customer-data"))
    assert vendors.many
    assert vendors.primary == ()


def test_a_role_that_somebody_has_to_have_by_a_time_has_a_clock() -> None:
    """002-08: within the time of the response, until somebody has it."""
    (clock,) = clocks(runbook("sev"))

    assert (clock.id, clock.role, clock.title) == ("ic-filled", "ic", "Incident Commander due")
    assert (clock.start, clock.until) == ("declared", "resolved")
    assert {level: str(limit) for level, limit in clock.within.items()} == {"SEV1": "5m", "SEV2": "15m"}
    assert (clock.to, clock.aim) == (("On-call Engineer",), "")
    assert "/ack" not in clock.text


def test_a_clock_of_a_role_is_for_the_backup_too_and_is_known_by_what_it_was_called() -> None:
    (clock,) = clocks(runbook("dirt-free-crm"))
    assert clock.to == ("System Administrator", "Lead Developer")
    assert "The backup (Lead Developer) takes it with `/ack` as well." in clock.text

    (mine,) = clocks(small(roles={"lead": {"within": "5m"}}, earlier={"lead-filled": ["lead-due"]}))
    assert (mine.to, mine.aim, mine.earlier) == ((), "first", ("lead-due",))


def test_a_limit_of_a_severity_that_the_role_is_not_for_is_none() -> None:
    book = small(roles={"lead": {"for": "SEV1", "within": {"SEV1": "5m", "SEV3": "1h"}}})
    assert [list(one.within) for one in clocks(book)] == [["SEV1"]]
    assert clocks(small(roles={"lead": {"for": "SEV1", "within": {"SEV3": "1h"}}})) == []


def test_a_title_with_braces_is_no_value_of_the_text() -> None:
    (clock,) = clocks(small(roles={"lead": {"within": "5m", "backup": "{{ secret }}"}}))
    assert "The backup ( secret ) takes it" in clock.text


def test_only_a_commander_without_a_primary_is_whoever_acknowledges_first() -> None:
    book = small(roles={"ic": {}, "tech": {}})
    assert [(one.id, one.by_ack) for one in book.roles] == [("ic", True), ("tech", False)]
    assert not role(runbook("sev"), "ic").by_ack


def test_a_title_that_is_another_roles_id_is_no_word_for_the_role() -> None:
    book = small(roles={"ic": {"title": "Tech"}, "tech": {"title": "…"}})
    assert [one.words for one in book.roles] == [(), ()]


def test_contacts_are_in_the_order_of_the_file() -> None:
    """004-35 to 004-37."""
    book = runbook("dirt-free-crm")
    assert [one.title for one in book.contacts][:2] == ["System Administrator", "Lead Developer"]
    assert book.contacts[3] == Contact(
        title="Database Specialist", mail="dba@acme.test", slack="@database-admin", hours="office"
    )
