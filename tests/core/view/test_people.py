"""People as the panel and the plan show them: who has which role, who is asked, how to reach whom."""

from __future__ import annotations

from typing import Any

from allclear.core.policy.runbook import Runbook
from allclear.core.policy.settings import Settings
from allclear.core.record.life import Cleared
from allclear.core.record.people import Acknowledged, RoleProposed, RoleSet
from allclear.core.record.progress import Flagged
from allclear.core.view.people import duties, linked, people_behind, shown_contacts, shown_roles, whom
from stories import ADA, BOB, CAT, SETTINGS, UTC_ZONE, Story
from written import runbook, small

HOST = "https://github.com"


def story(book: Runbook, settings: Settings = SETTINGS) -> Story:
    return Story(book, settings).declare(severity=book.severities[0].id)


def shown(one: Story) -> dict[str, str]:
    return dict(shown_roles(one.incident, one.runbook, UTC_ZONE, HOST))


def link(login: str) -> str:
    return f"[{login}]({HOST}/{login})"


# -- roles


def test_a_role_that_nobody_has_is_shown_with_how_to_take_it_and_by_when() -> None:
    """002-08."""
    one = story(runbook("sev"))
    assert shown(one) == {
        "Incident Commander": "nobody yet, by 14:10 UTC (`/take ic`)",
        "Nobody yet": (
            "Technical Lead (`/take tech`), Communications Lead (`/take comms`), Scribe (`/take scribe`)"
        ),
    }


def test_a_proposal_is_shown_with_its_reason_until_somebody_has_the_role() -> None:
    one = story(runbook("sev")).tell(
        0,
        None,
        RoleProposed(role="ic", login="bob", title="On-call Engineer", why="nobody stands behind *it*"),
    )
    assert shown(one)["Incident Commander"] == (
        f"proposed to {link('bob')}, because nobody stands behind \\*it\\*, by 14:10 UTC (`/take ic`)"
    )
    one.tell(1, BOB, RoleSet(role="ic", person=BOB))
    assert shown(one)["Incident Commander"] == link("bob")
    one.tell(2, BOB, RoleSet(role="ic"))
    assert shown(one)["Incident Commander"] == "nobody yet, by 14:10 UTC (`/take ic`)"


def test_a_role_of_a_flag_is_shown_while_it_is_needed_or_somebody_has_it() -> None:
    """004-10."""
    one = story(runbook("dirt-free-crm"))
    assert "Security Specialist" not in shown(one)["Nobody yet"]
    raised = shown(one.tell(1, ADA, Flagged(flag="security")))
    assert raised["Nobody yet"].endswith("Security Specialist (`/take security`)")
    held = story(runbook("dirt-free-crm")).tell(1, ADA, RoleSet(role="security", person=CAT))
    assert shown(held)["Security Specialist"] == link("cat")


def test_everybody_who_has_a_role_is_shown_and_of_a_closed_incident_nobody_else() -> None:
    one = story(small(roles={"experts": {"many": True}, "lead": {}}))
    one.tell(1, ADA, RoleSet(role="experts", person=ADA))
    one.tell(2, BOB, RoleSet(role="experts", person=BOB, beside=True))
    assert shown(one)["Experts"] == f"{link('ada')}, {link('bob')}"
    assert list(shown(one.tell(9, ADA, Cleared()))) == ["Experts"]


def test_the_panel_shows_the_roles_and_folds_the_contacts() -> None:
    panel = story(runbook("dirt-free-crm")).panel()
    assert "👤 Incident Commander: nobody yet, by 14:20 UTC (`/take ic`)" in panel
    table = panel[panel.index("<details><summary>Contacts</summary>") :].split("</details>")[0].strip()
    assert table.split("\n")[2:6] == [
        "| Who | Mail | Chat | Phone | Page | Hours | Note |",
        "|---|---|---|---|---|---|---|",
        "| System Administrator | admin@⁠acme.test | @⁠admin |  |  |  |  |",
        "| Lead Developer | dev-lead@⁠acme.test | @⁠dev-lead |  |  |  |  |",
    ]
    assert "Contacts" not in story(runbook("dirt-free-crm")).tell(9, ADA, Cleared()).panel()


# -- contacts


def contacts(book: Runbook, settings: Settings = SETTINGS) -> Any:
    return shown_contacts(story(book, settings).incident, book, settings, HOST)


def test_a_contact_is_shown_with_who_stands_behind_it_and_only_with_what_any_of_them_has() -> None:
    """004-35, 004-36, 002-27."""
    book = small(
        calendars={"office": {"days": "mon-fri", "hours": "09:00-17:00"}},
        contacts={
            "CEO": {"hours": "office", "phone": "see | the vault"},
            "Vendor": {"web": "https://vendor.example/help?x=1", "hours": "always"},
            "Other": {"web": "ask [them](http://evil)"},
        },
    )
    assert contacts(book) == {
        "head": [["Who", "Phone", "Page", "Hours"]],
        "rows": [
            [f"CEO ({link('mona')})", "see \\| the vault", "", "mon-fri 09:00-17:00"],
            ["Vendor", "", "[vendor.example](https://vendor.example/help?x=1)", "always"],
            ["Other", "", "ask \\[them\\](http⁠://evil)", ""],
        ],
    }


def test_a_runbook_without_contacts_has_no_such_table() -> None:
    assert contacts(small()) is None


# -- who stands behind a title


def test_a_role_is_its_holders_else_whom_it_is_proposed_to_else_those_it_is_meant_for() -> None:
    people = Settings(people={"Boss": ("mona",), "Deputy": ("dave", "eve")})
    book = small(roles={"lead": {"primary": "Boss", "backup": "Deputy", "many": True}})

    def behind(one: Story, settings: Settings = people) -> tuple[str, ...]:
        return people_behind("LEAD", one.incident, book, settings)

    one = story(book, people)
    assert behind(one) == ("mona",)
    assert behind(one, Settings(people={"Deputy": ("dave", "eve")})) == ("dave", "eve")
    assert behind(one, Settings(people={"Lead": ("zoe",)})) == ("zoe",)
    assert behind(one, Settings()) == ()
    assert behind(one.tell(1, None, RoleProposed(role="lead", login="eve"))) == ("eve",)
    one.tell(2, BOB, RoleSet(role="lead", person=BOB)).tell(
        3, CAT, RoleSet(role="lead", person=CAT, beside=True)
    )
    assert behind(one) == ("bob", "cat")


def test_who_hears_of_a_deadline_is_shown_by_title_and_login() -> None:
    one = story(small(roles={"lead": {}})).tell(1, BOB, Acknowledged(by=BOB))
    assert whom(("CEO", "Lead", "responders", "Nobody"), one.incident, one.runbook, SETTINGS) == (
        "CEO (mona), Lead, responders (bob), Nobody (nobody yet)"
    )


def test_duties_are_a_sentence_of_their_own() -> None:
    book = small(roles={"lead": {"duties": ["Leads *all*", "Decides"]}, "ops": {}})
    assert [duties(role) for role in book.roles] == [" Duties: Leads \\*all\\*; Decides.", ""]


def test_a_login_is_a_link_that_notifies_nobody() -> None:
    assert linked("helper[bot]", HOST) == "[helper\\[bot\\]](https://github.com/apps/helper)"
    assert linked("no login", HOST) == "no login"
