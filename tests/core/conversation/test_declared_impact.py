"""Who and what is hit, as the text of an issue says it: stored as it is meant, or told."""

from __future__ import annotations

import pytest

from allclear.core.conversation.body_fields import fields
from allclear.core.conversation.declared_impact import MOST_NOTES, DeclaredImpact, declared_impact
from allclear.core.model.authored import read_authored
from allclear.core.policy.settings import Settings
from allclear.core.record.life import Declared
from core.issue_desk import IssueDesk, facts, told
from stories import BOB

SERVICES = {
    "web": {"health": ["https://web.example.com"]},
    "api-gateway": {"health": ["https://a.example.com"]},
}


def read(body: str, *known: str) -> DeclaredImpact:
    return declared_impact(fields(body), known)


@pytest.mark.parametrize(
    ("body", "users", "about"),
    [
        *((f"{name}: 1200", 1200, "") for name in ("Users", "Users affected", "Affected users", "Customers")),
        *((f"{name}: 1200", 1200, "") for name in ("Customers impacted", "Number of users affected")),
        *(
            (one, 1200, "")
            for one in ("**Users**: 1200", "- Users: 1200", "| Users | 1200 |", "Users = 1200")
        ),
        *(
            (one, 1200, "")
            for one in ("### Users affected\n\n1200", "### How many users are affected?\n1200")
        ),
        *(
            (one, 1200, "")
            for one in ("users=1200", "Affected: 1200 users", "Affected: 1200", "Users:\n1200")
        ),
        ("Users: ~15k", 15000, "about"),
        ("Users affected: more than 15 000 users.", 15000, "more than"),
        ("Affected: ~300 customers in the EU", 300, "about"),
        ("Impact: 15k users cannot pay", 15000, ""),
        ("User impact: half\nImpact: 1200 users", 1200, ""),
        ("Users: 1200\nUsers affected: 1200", 1200, ""),
        ("Estimated number of users affected: ~300", 300, "about"),
        ("Severity: P1; Users: 300 | Services: web", 300, ""),
        ("Severity: P1, Users: 300", 300, ""),
        ("- [x] Users: 300\n- [ ] Users: 400", 300, ""),
        ("```\nUsers: 5\n```\n> Users: 6\n\nUsers: 1200", 1200, ""),
    ],
)
def test_a_number_of_users_is_read_under_its_usual_names(body: str, users: int, about: str) -> None:
    found = read(body)
    assert (found.users, found.about, found.notes) == (users, about, ())


@pytest.mark.parametrize(
    ("body", "revenue"),
    [
        ("Revenue: $45k/h", "$45k/h"),
        ("Revenue impact: 45k EUR", "45k EUR"),
        ("### Lost revenue\n\nabout $2k per day", "about $2k per day"),
        ("users=1200 revenue=$45k", "$45k"),
        ("Impact: 1200 users, $45k/h", "$45k/h"),
        ("Impact: revenue=$45k checkout is down\nRevenue: $45k", "$45k"),
    ],
)
def test_an_amount_of_money_is_read_under_its_usual_names(body: str, revenue: str) -> None:
    found = read(body)
    assert (found.revenue, found.notes) == (revenue, ())


@pytest.mark.parametrize(
    ("body", "services"),
    [
        *(
            (f"{name}: web, api", ("web", "api"))
            for name in ("Affected", "Impacted", "Services", "Component")
        ),
        *((f"{name}: web, api", ("web", "api")) for name in ("Affected services", "Impacted services")),
        *((f"{name}: web, api", ("web", "api")) for name in ("Services impacted", "Affected components")),
        ("### Affected service\n\nweb", ("web",)),
        ("### Which services are affected?\n\n- web\n- api", ("web", "api")),
        ("Affected: the web service\nServices: api", ("web", "api")),
        ("Affected: customer-api", ("customer-api",)),
        ("Services: web, the api service and `db`/`cache`", ("web", "api", "db", "cache")),
        ("Services: none", ()),
    ],
)
def test_services_are_read_under_their_usual_names(body: str, services: tuple[str, ...]) -> None:
    found = read(body)
    assert (found.services, found.text, found.notes) == (services, "", ())


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("Affected: everyone", "everyone"),
        ("Affected: all EU customers", "all EU customers"),
        ("Affected: checkout is down for some", "checkout is down for some"),
        ("Impact: nobody can pay\nAffected: everyone", "nobody can pay; everyone"),
        ("Impact: nobody can pay\nusers=1200", "nobody can pay"),
        ("Users affected: 300 (EU only)", "(EU only)"),
        ("Users: 300, EU only", "EU only"),
        ("Revenue: $45k/h since noon", "since noon"),
    ],
)
def test_what_is_affected_may_be_a_sentence(body: str, text: str) -> None:
    found = read(body)
    assert (found.text, found.services, found.notes) == (text, (), ())


@pytest.mark.parametrize(
    ("body", "note"),
    [
        (
            "Users affected: all",
            "`Users: all` is not one number, so it stands in the text only. `/impact users=",
        ),
        ("Users: 10-20 %", "`Users: 10-20 %` is not one number, so it stands in the text only."),
        ("Users: the login is blank", "`Users: the login is blank` is not one number,"),
        ("Users: 1200\nUsers affected: 300", "`Users: 1200 / 300` can be two numbers, so none was recorded."),
        (
            "Revenue: lots",
            "`Revenue: lots` is not one amount, so it was not recorded. `/impact revenue=$",
        ),
        ("Revenue: $1\nRevenue: $2", "`Revenue: $1 / $2` can be two numbers,"),
        ("Services: the web service is slow", "is no list of services, so none was recorded. `/affects"),
        ("Services: all", "`Affected services: all` is no list of services,"),
        ("Services: @cat", "`Affected services: @cat` is no list of services,"),
        ("Services: https://example.com", "is no list of services,"),
        ("Services: Web App, Mobile App", "is no list of services,"),
    ],
)
def test_what_cannot_be_read_is_not_recorded_and_told_with_what_to_write(body: str, note: str) -> None:
    found = read(body)
    assert note in " ".join(found.notes)
    assert (found.users, found.revenue, found.services) == (None, "", ())


@pytest.mark.parametrize(
    ("body", "text", "note"),
    [
        ("Impact: users=lots", "users=lots", "stands as text only. `lots` is not a number of users;"),
        ("Impact: 10-20 % of users", "10-20 % of users", "is not one number, so it stands in the text only."),
    ],
)
def test_an_impact_whose_number_cannot_be_read_stays_text_and_is_told(
    body: str, text: str, note: str
) -> None:
    found = read(body)
    assert (found.users, found.text) == (None, text)
    assert note in " ".join(found.notes)


def test_of_two_numbers_in_two_places_the_later_counts_and_is_told() -> None:
    users = read("Impact: 1200 users\nUsers affected: 1300")
    assert (users.users, users.notes) == (
        1300,
        ("The text names 1,200 users and 1,300 users; the second counts. `/impact` corrects it.",),
    )
    revenue = read("Impact: revenue=$1\nRevenue: $2")
    assert (revenue.revenue, revenue.notes) == (
        "$2",
        ("The text names `$1` and `$2`; the second counts. `/impact` corrects it.",),
    )


def test_where_the_settings_list_services_only_those_are_recorded_and_as_they_are_spelt() -> None:
    found = read("Services: Web, api-gateway, ledger", "web", "api-gateway")
    assert found.services == ("web", "api-gateway")
    assert read("Services: web/api-gateway", "web", "api-gateway").services == ("web", "api-gateway")
    (note,) = found.notes
    assert note == (
        "`ledger` is no service here, so it was not recorded; this repository has `web`, `api-gateway`. "
        "`/affects web api-gateway` records one."
    )


def test_a_text_that_says_it_a_thousand_times_is_answered_shortly() -> None:
    found = read("".join(f"users={at}\n" for at in range(1000)) + "Impact: users=lots\n" * 1000)
    assert len(found.notes) <= MOST_NOTES


def test_a_service_that_is_called_like_a_small_word_is_one() -> None:
    assert read("Services: all, to", "all", "to").services == ("all", "to")


FULL = (
    "Severity: P1\nStarted: 13:40\nDetected: 13:45\nDetected by: Datadog\nUsers affected: ~15 000\n"
    "Revenue: US$45k/h\nImpact: nobody can pay\nAffected services: web, api-gateway"
)

NUMBERS = (15000, "about", "US$45k/h", "nobody can pay")


def declared_of(desk: IssueDesk) -> Declared:
    (fact,) = [one for one in facts(desk.plan()) if isinstance(one, Declared)]
    return fact


def test_the_first_answer_says_what_was_taken_as_it_is_recorded() -> None:
    desk = IssueDesk(body=FULL)
    fact = declared_of(desk)
    assert (fact.users, fact.about, fact.revenue, fact.impact) == (
        15000,
        "about",
        "US$45k/h",
        "nobody can pay",
    )
    assert (fact.services, fact.detected_by) == (("web", "api-gateway"), "Datadog")
    assert (
        "It started at 13:40 UTC. It was detected at 13:45 UTC.\nTaken from the text: Detected by: Datadog; "
        "Affected services: `web`, `api-gateway`; Impact: about 15,000 users, revenue US\\$45k/h: nobody can "
        "pay." in told(desk.plan())
    )


def test_what_the_panel_shows_and_is_typed_again_is_the_same() -> None:
    desk = IssueDesk(body=FULL)
    first = desk.run().incident
    assert desk.panel is not None
    shown = desk.panel.body.replace("\\", "").split("### Impact\n", 1)[1].split("\n\n", 1)[0]
    *impact, services = shown.split("\n")
    again = IssueDesk(body="Severity: P1")
    again.run()
    again.says(BOB, "/impact " + "\n".join(impact))
    again.says(BOB, "/affects " + services.removeprefix("📦 "))
    second = again.run().incident
    assert second.impact == first.impact
    written = IssueDesk(body=f"Impact: {impact[0]}\nUser impact: {impact[1]}\nServices: {services[2:]}")
    assert written.run().incident.impact == first.impact


def test_a_report_that_is_confirmed_says_what_was_taken_too() -> None:
    desk = IssueDesk(body=FULL, author=None)
    desk.run()
    assert "Taken from the text: Detected by: Datadog;" in desk.answered(BOB, "/confirm")
    bare = IssueDesk(body="", author=None)
    bare.run()
    assert "Taken from the text" not in bare.answered(BOB, "/confirm")


def test_services_of_the_settings_are_known_at_the_declaration() -> None:
    desk = IssueDesk(body="Affected: WEB, ledger", settings=read_authored(Settings, {"services": SERVICES}))
    assert declared_of(desk).services == ("web",)
    assert "`ledger` is no service here" in told(desk.plan())


@pytest.mark.parametrize(
    ("body", "severity", "asked", "said"),
    [
        ("Severity: P1\nPriority: P2", "P1", False, "`Priority: P2` is not taken, for the severity counts."),
        ("Priority: Low\n\n### Severity\n\nP1", "P1", False, "`Priority: Low` is not taken,"),
        ("| Severity | P1 |\n| Priority | P2 |", "P1", False, "`Priority: P2` is not taken,"),
        ("Severity: P9\nPriority: P1", "P1", True, "`P9` is no severity of this runbook, so P1 counts"),
        ("Priority: P1\nPriority: P2", "P1", True, "names P1 and P2, and the highest counts."),
        ("Priority: someday", "P2", True, "`someday` is no severity of this runbook, so P2 counts"),
    ],
)
def test_a_priority_beside_a_severity_is_told(body: str, severity: str, asked: bool, said: str) -> None:
    desk = IssueDesk(title="Checkout is down", body=body, labels=frozenset({"incident"}))
    fact = declared_of(desk)
    assert (fact.severity, fact.asked) == (severity, asked)
    assert said in told(desk.plan())


@pytest.mark.parametrize(
    "body", ["Severity: P1\nPriority: P1", "Severity: P1\nPriority: High", "Severity: P1\nPriority: soon"]
)
def test_a_priority_that_says_the_same_or_nothing_is_not_told(body: str) -> None:
    desk = IssueDesk(title="Checkout is down", body=body, labels=frozenset({"incident"}))
    assert not declared_of(desk).asked
    assert "Priority" not in told(desk.plan())


def test_who_detected_it_may_stand_behind_the_time() -> None:
    assert declared_of(IssueDesk(body="Detected: 13:45 by PagerDuty")).detected_by == "PagerDuty"
    assert declared_of(IssueDesk(body="Detected: 13:45")).detected_by is None


@pytest.mark.parametrize(
    ("body", "severity", "asked"),
    [
        ("P1: checkout is down", "P1", False),
        ("**SEV1**\n\nCheckout is down", "P1", False),
        ("P1/P2: checkout is down", "P1", True),
        ("P1\nSeverity: P3", "P3", False),
        ("P1\nSeverity: bad", "P2", True),
        ("P1 customers cannot log in", "P2", True),
        ("Checkout is down\nP1", "P2", True),
    ],
)
def test_a_text_may_begin_with_the_severity_as_a_title_does(body: str, severity: str, asked: bool) -> None:
    fact = declared_of(IssueDesk(title="Checkout is down", body=body, labels=frozenset({"incident"})))
    assert (fact.severity, fact.asked) == (severity, asked)
