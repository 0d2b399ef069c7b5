"""Whom a role is proposed to, who takes it, and by when somebody has to have it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from allclear.core.clock.roles import (
    claimed,
    covering,
    due_by,
    excluded,
    open_at,
    overdue,
    proposals,
    role_of,
    wanted,
)
from allclear.core.policy.runbook import Runbook
from allclear.core.policy.settings import Settings
from allclear.core.record.incident import Incident
from allclear.core.record.life import Cleared, Resolved, SeveritySet
from allclear.core.record.people import Acknowledged, RoleProposed, RoleSet
from allclear.core.record.progress import Fired, Flagged, Unflagged
from stories import ADA, BOB, CAT, NOON, Story
from written import small

OFFICE: dict[str, Any] = {
    "calendars": {"office": {"days": "mon-fri", "hours": "09:00-17:00"}},
    "contacts": {"Boss": {"hours": "office"}, "Deputy": {}},
}
"""NOON is a Sunday."""
MEANT = {"primary": "Boss", "backup": "Deputy"}
PEOPLE = Settings(people={"Boss": ("ada",), "Deputy": ("bob",), "Team": ("cat", "dave")})


def book(*, office: bool = False, **roles: dict[str, Any]) -> Runbook:
    return small(roles=roles, flags={"leak": "Something leaks"}, **(OFFICE if office else {}))


def story(runbook: Runbook, severity: str = "SEV1", **more: Any) -> Story:
    return Story(runbook, PEOPLE).declare(severity=severity, **more)


def asked(incident: Incident, runbook: Runbook, settings: Settings = PEOPLE) -> list[tuple[str, str, str]]:
    """Role, login and reason of each proposal."""
    return [(one.role, one.login, one.why) for one in proposals(incident, runbook, settings, NOON)]


def taken(incident: Incident, runbook: Runbook, **how: Any) -> list[str]:
    return [role.id for role in claimed(incident, runbook, PEOPLE, how.pop("by", BOB), **how)]


# -- which roles there are


def test_a_role_is_needed_in_its_severities() -> None:
    runbook = book(lead={"for": "SEV1"}, ops={})
    assert [one.id for one in wanted(story(runbook).incident, runbook)] == ["lead", "ops"]
    assert [one.id for one in wanted(story(runbook, "SEV3").incident, runbook)] == ["ops"]


def test_a_role_of_a_flag_is_needed_while_the_flag_is_up() -> None:
    """004-10."""
    runbook = book(privacy={"when": {"flag": "leak"}})
    one = story(runbook)
    assert wanted(one.incident, runbook) == ()
    assert [role.id for role in wanted(one.tell(1, BOB, Flagged(flag="leak")).incident, runbook)] == [
        "privacy"
    ]
    assert wanted(one.tell(2, BOB, Unflagged(flag="leak")).incident, runbook) == ()


def test_a_role_is_known_by_its_id_and_its_title_in_any_case() -> None:
    runbook = book(lead={"title": "Incident Lead"})
    assert role_of(" LEAD", runbook) == role_of("incident lead", runbook) == runbook.roles[0]
    assert role_of("Incident", runbook) is None


# -- to whom they are proposed


def test_a_role_is_proposed_to_who_stands_alone_behind_its_primary_title() -> None:
    runbook = book(lead=MEANT)
    (one,) = proposals(story(runbook).incident, runbook, PEOPLE, NOON)
    assert one == RoleProposed(role="lead", login="ada", title="Boss")


def test_where_nobody_stands_behind_the_primary_title_it_is_the_backup() -> None:
    runbook = book(lead=MEANT)
    only = Settings(people={"Deputy": ("bob",)})
    assert asked(story(runbook).incident, runbook, only) == [("lead", "bob", "nobody stands behind Boss")]
    assert asked(story(runbook).incident, runbook, Settings()) == []


def test_where_several_people_stand_behind_the_primary_title_it_is_open_to_all_of_them() -> None:
    runbook = book(lead={"primary": "Team", "backup": "Deputy"})
    assert asked(story(runbook).incident, runbook) == []


def test_several_backups_are_nobody_in_particular() -> None:
    runbook = book(lead={"primary": "Nobody", "backup": "Team"})
    assert asked(story(runbook).incident, runbook) == []


def test_outside_the_hours_of_the_primary_title_it_is_the_backup() -> None:
    """004-36."""
    runbook = book(office=True, lead=MEANT)
    incident = story(runbook).incident
    assert asked(incident, runbook) == [("lead", "bob", "it is outside the hours of Boss")]
    monday = NOON + timedelta(days=1)
    assert [one.login for one in proposals(incident, runbook, PEOPLE, monday)] == ["ada"]


def test_outside_their_hours_they_are_asked_where_there_is_nobody_else() -> None:
    runbook = book(office=True, lead={"primary": "Boss"})
    why = "nobody else is there, and it is outside the hours of Boss"
    assert asked(story(runbook).incident, runbook) == [("lead", "ada", why)]


def test_who_has_another_role_here_is_spared_for_the_backup() -> None:
    runbook = book(lead=MEANT, ops=MEANT)
    assert asked(story(runbook).incident, runbook) == [
        ("lead", "ada", ""),
        ("ops", "bob", "ada is also Lead"),
    ]
    held = story(runbook).tell(1, ADA, RoleSet(role="ops", person=ADA)).incident
    assert asked(held, runbook) == [("lead", "bob", "ada is also Ops")]


def test_where_all_are_busy_the_double_booking_is_said() -> None:
    """004-08 and 004-09: one person may have to do both."""
    runbook = book(lead=MEANT, ops=MEANT, comms=MEANT)
    assert asked(story(runbook).incident, runbook)[2] == (
        "comms",
        "ada",
        "ada is also Lead; bob is also Ops",
    )


def test_nobody_is_asked_to_have_two_roles_that_exclude_each_other() -> None:
    """003-07: who commands does not repair as well."""
    runbook = book(ic={"primary": "Boss", "not": ["tech"]}, tech={"primary": "Boss"})
    assert asked(story(runbook).incident, runbook) == [("ic", "ada", "")]
    both = book(ic=MEANT | {"not": ["tech"]}, tech=MEANT)
    assert asked(story(both).incident, both)[1] == ("tech", "bob", "ada is Ic and may not be both")


def test_a_role_of_whoever_acknowledged_first_is_proposed_to_them_when_it_comes_later() -> None:
    runbook = book(ic={"for": "SEV1"})
    one = story(runbook, "SEV3")
    raised = one.tell(5, BOB, SeveritySet(to="SEV1"))
    assert asked(raised.incident, runbook) == []
    one = story(runbook, "SEV3").tell(3, BOB, Acknowledged(by=BOB)).tell(5, BOB, SeveritySet(to="SEV1"))
    assert asked(one.incident, runbook) == [("ic", "bob", "")]


def test_nobody_is_asked_twice_nor_for_what_somebody_has() -> None:
    runbook = book(lead=MEANT)
    one = story(runbook).tell(0, None, RoleProposed(role="lead", login="ada", title="Boss"))
    assert asked(one.incident, runbook) == []
    assert asked(one.tell(1, ADA, RoleSet(role="lead")).incident, runbook) == []
    assert asked(story(runbook).tell(1, ADA, RoleSet(role="lead", person=CAT)).incident, runbook) == []


@pytest.mark.parametrize("end", [Resolved(), Cleared()])
def test_nobody_is_asked_when_it_is_over(end: Resolved | Cleared) -> None:
    runbook = book(lead=MEANT)
    assert asked(story(runbook).tell(9, ADA, end).incident, runbook) == []


def test_nobody_is_asked_for_an_incident_that_is_written_up_afterwards() -> None:
    runbook = book(lead=MEANT)
    assert asked(story(runbook, kind="retro").incident, runbook) == []


# -- by when


def test_a_role_is_due_from_the_declaration_or_from_when_its_condition_began() -> None:
    runbook = book(lead={"within": "15m"}, privacy={"when": {"flag": "leak"}, "within": "5m"}, ops={})
    lead, privacy, ops = runbook.roles
    one = story(runbook)
    assert due_by(one.incident, lead, runbook) == NOON + timedelta(minutes=15)
    assert due_by(one.incident, privacy, runbook) is due_by(one.incident, ops, runbook) is None
    raised = one.tell(20, BOB, Flagged(flag="leak")).incident
    assert due_by(raised, privacy, runbook) == NOON + timedelta(minutes=25)


def test_a_limit_of_another_severity_is_none() -> None:
    runbook = book(lead={"within": {"SEV1": "15m"}})
    assert due_by(story(runbook, "SEV3").incident, runbook.roles[0], runbook) is None


def test_a_role_is_overdue_once_people_were_told() -> None:
    runbook = book(lead=MEANT | {"within": "15m"})
    one = story(runbook)
    assert not overdue(one.incident, runbook.roles[0], runbook)
    late = one.tell(15, None, Fired(timer="lead-filled/0/0", deadline="Lead due", due=NOON))
    assert overdue(late.incident, runbook.roles[0], runbook)


# -- who takes them


def test_whoever_it_is_proposed_to_takes_it_in_any_spelling_of_the_login() -> None:
    runbook = book(lead=MEANT)
    one = story(runbook).tell(0, None, RoleProposed(role="lead", login="BOB", title="Boss"))
    assert taken(one.incident, runbook) == ["lead"]
    assert taken(one.incident, runbook, by=CAT, acknowledges=True, first=True) == []


def test_the_backup_takes_it_by_an_acknowledgement_once_it_is_overdue() -> None:
    runbook = book(lead=MEANT | {"within": "15m"})
    one = story(runbook).tell(0, None, RoleProposed(role="lead", login="ada", title="Boss"))
    assert taken(one.incident, runbook, acknowledges=True) == []
    one.tell(15, None, Fired(timer="lead-filled/0/0", deadline="Lead due", due=NOON))
    assert taken(one.incident, runbook, acknowledges=True) == ["lead"]
    assert taken(one.incident, runbook) == []
    assert taken(one.incident, runbook, by=CAT, acknowledges=True) == []


def test_the_first_acknowledgement_takes_the_command_where_it_is_meant_for_nobody() -> None:
    runbook = book(ic={})
    assert taken(story(runbook).incident, runbook, acknowledges=True, first=True) == ["ic"]
    assert taken(story(runbook).incident, runbook, acknowledges=True) == []


def test_nobody_takes_what_somebody_has_or_what_excludes_another_of_their_roles() -> None:
    runbook = book(ic={"not": ["tech"]}, tech={"primary": "Deputy"})
    one = story(runbook).tell(1, ADA, RoleSet(role="tech", person=BOB))
    assert taken(one.incident, runbook, acknowledges=True, first=True) == []
    one = story(runbook).tell(1, None, RoleProposed(role="tech", login="bob"))
    assert taken(one.incident, runbook, acknowledges=True, first=True) == ["ic"]
    one.tell(2, ADA, RoleSet(role="ic", person=ADA))
    assert taken(one.incident, runbook) == ["tech"]


# -- what excludes what


def test_either_of_two_roles_may_say_that_they_exclude_each_other() -> None:
    runbook = book(ic={"not": ["tech"]}, tech={"title": "Technical Lead"}, ops={})
    one = story(runbook).tell(1, ADA, RoleSet(role="ic", person=ADA), RoleSet(role="ops", person=ADA))
    assert excluded("tech", "ADA", one.incident, runbook) == ("Ic",)
    assert excluded("tech", "bob", one.incident, runbook) == ()
    assert excluded("ops", "ada", one.incident, runbook) == ()
    one = story(runbook).tell(1, ADA, RoleSet(role="tech", person=ADA))
    assert excluded("ic", "ada", one.incident, runbook) == ("Technical Lead",)


# -- who does not answer now


def test_a_title_without_hours_always_answers() -> None:
    runbook = book(office=True)
    assert open_at("Deputy", runbook, NOON)
    assert open_at("Nobody knows", runbook, NOON)
    assert not open_at("BOSS", runbook, NOON)


def test_outside_their_hours_the_backup_hears_as_well_else_the_level_above() -> None:
    """004-36: an office that is closed is no reason to tell nobody."""
    chain = {"chains": {"on-call": ["Boss", ["Deputy", "Manager"]]}}
    runbook = small(roles={"lead": MEANT, "ops": {"primary": "Other"}}, **OFFICE | chain)
    incident = story(runbook).incident
    assert covering(["boss", "Deputy"], incident, runbook, NOON) == ("Deputy",)
    above = small(**OFFICE | chain)
    assert covering(["Boss"], story(above).incident, above, NOON) == ("Deputy", "Manager")
    assert covering(["Boss"], story(above).incident, above, NOON + timedelta(days=1)) == ()
