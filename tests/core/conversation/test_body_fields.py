"""The fields of a body, as forms, templates and people write them."""

from __future__ import annotations

import pytest

from allclear.core.conversation.body_fields import fields, first_line
from allclear.core.conversation.field_values import MOST_SERVICES, levels_in, services_in
from written import runbook

HOTDASH = runbook("hotdash")


@pytest.mark.parametrize(
    "body",
    [
        *(
            "Severity: P1",
            "severity:P1",
            "Severity : P1",
            "Severity\uff1aP1",
            "**Severity:** P1",
            "**Severity**: P1",
        ),
        *(
            "**Severity: P1**",
            "__Severity__: P1",
            "- Severity: P1",
            "* **Severity** \u2013 P1",
            "1. Severity: P1",
        ),
        *(
            "🔥 Severity: P1",
            "Severity = P1",
            "Severity \u2014 P1",
            "Severity -- P1",
            "Sev: P1",
            "Severity level: P1",
        ),
        *(
            "# Severity\nP1",
            "###### Severity\n\nP1",
            "## Severity: P1",
            "### 🔥 Severity\nP1",
            "### Severity (P0-P3)\nP1",
        ),
        *(
            "**Severity**\nP1",
            "**Severity:**\nP1",
            "Severity:\nP1\n\nIt is slow.",
            "Severity\n========\nP1",
            "Severity?\n---\nP1",
        ),
        *("| Severity | P1 |", "| Severity | P1 |\n|---|---|\n| Impact | carts |", "|**Severity**|`P1`|"),
        *(
            "| Severity | Impact |\n|:--|---|\n| P1 | carts |",
            "| Field | Value |\n|---|---|\n| Severity | P1 |",
        ),
        *(
            "### Severity\n- [ ] P0\n- [x] P1\n- [ ] P2",
            "### Severity\n\n- P1\n",
            "Severity: `P1`",
            "Severity: **P1**",
        ),
        *(
            "Severity: <!-- P0 to P3 --> P1",
            "<!-- Severity: P0 -->\nSeverity: P1",
            "> Severity: P0\n\nSeverity: P1",
        ),
        *("```\nSeverity: P0\n```\nSeverity: P1", "~~~~ log\n~~~\nSeverity: P0\n~~~~\nSeverity: P1"),
        *(
            "    Severity: P0\n\nSeverity: P1",
            "### Severity\n\nP1\n\n---\n",
            "Severity: P1\\nStatus: Investigating",
        ),
        *(
            "Severity: P1\nSeverity: P2",
            "### Log\n\nSeverity: P0\n\n### Severity\n\nP1",
            "/severity: P0\nSeverity: P1",
        ),
        *("## Severity\n\nSeverity: P1", "## Incident\nSeverity: P1", "Severity:\n\nP0\n\n### Severity\nP1"),
        *(
            "<b>Severity: P0</b>\nSeverity: P1",
            "Severity: unknown\nSeverity: P1",
            "Severity://x\nSeverity: P1",
        ),
    ],
)
def test_a_severity_is_read_off_every_usual_form(body: str) -> None:
    assert [one.id for one in levels_in(fields(body).get("severity", ""), HOTDASH)] == ["P1"]


@pytest.mark.parametrize(
    "body",
    [
        *(
            "",
            "### Severity\n\n_No response_\n",
            "Severity:",
            "~~Severity: P0~~",
            "Severity: ~~P0~~",
            "Severity: -",
            "Severity: n/a",
            "The severity: P1",
        ),
        *(
            "```\nSeverity: P0",
            "<!-- Severity: P0",
            "> Severity: P0",
            "### Severity\n\nNot sure",
            "| a |\n" * 30,
        ),
        *("### Severity\n\n_No response_\n\n### Log\n\nSeverity: P3 said the alert", "    Severity: P1"),
        *("### Severity\n- [ ] P0\n- [ ] P1", "| Severity |", "| Severity | |", "https://severity: P1"),
        *("| Severity | Impact |\n|---|---|", "| Severity | Impact |\n|---|---|\n| | |"),
    ],
)
def test_what_is_not_filled_in_or_not_said_is_no_severity(body: str) -> None:
    assert "severity" not in fields(body)


def test_of_a_severity_that_was_struck_out_the_one_beside_it_counts() -> None:
    assert fields("Severity: ~~P0~~ P1")["severity"] == "P1"
    assert fields("~~Severity: P0~~\nSeverity: P1")["severity"] == "P1"
    assert fields("Impact: ~15k users, ~~ about 2 hours")["impact"] == "~15k users, ~~ about 2 hours"


@pytest.mark.parametrize(
    ("body", "name", "value"),
    [
        ("Start: 13:40", "started", "13:40"),
        ("Start time (UTC): 13:40", "started", "13:40 UTC"),
        ("Started (if known): 13:40", "started", "13:40"),
        ("Priority: P1", "priority", "P1"),
        ("Detected by: PagerDuty", "detected by", "PagerDuty"),
        ("Impact \u2014 half of the users", "impact", "half of the users"),
        ("**Impact**: half of the users", "impact", "half of the users"),
        ("### User impact\n\nHalf of them\ncannot pay", "user impact", "Half of them cannot pay"),
        ("Affected service(s): web", "affected services", "web"),
        ("Services affected: web", "affected services", "web"),
        ("Impact: **all** of **them**", "impact", "**all** of **them**"),
    ],
)
def test_the_other_fields_have_their_usual_names(body: str, name: str, value: str) -> None:
    assert fields(body)[name] == value


@pytest.mark.parametrize(
    ("value", "levels"),
    [
        ("P1", ["P1"]),
        ("P0 \u2014 Critical (All hands)", ["P0"]),
        ("P0 - Critical", ["P0", "P0"]),
        ("High (P0)", ["P1", "P0"]),
        ("P1/P2?", ["P1", "P2"]),
        ("P1 or maybe P2", ["P1", "P2"]),
        ("P1-P2", ["P1", "P2"]),
        ("P2 (was P1)", ["P2"]),
        ("P2, one of the P1 nodes is down", ["P2"]),
        ("probably P1", ["P1"]),
        ("sev-1", ["P1"]),
        ("SEV 1 for now", ["P1"]),
        ("HIGH!!", ["P1"]),
        ("catastrophic", []),
        ("not P1", []),
        ("", []),
        ("P2 -> P1", ["P1"]),
        ("P2\u2192P1 since noon", ["P1"]),
        ("from P2 to P1", ["P1"]),
        ("upgraded from P2 to SEV 1", ["P1"]),
        ("raised to P1", ["P1"]),
        ("P1 -> web", ["P1"]),
        ("web -> P1", []),
        ("P1 to P2", ["P1", "P2"]),
        ("between P1 and P2", ["P1", "P2"]),
        ("P1-high", ["P1", "P1"]),
        ("\U0001f534 High", ["P1"]),
        (":red_circle: P1", ["P1"]),
        ("<kbd>P1</kbd>", ["P1"]),
        ("`P1`", ["P1"]),
    ],
)
def test_a_value_names_the_severity_that_it_begins_with_and_those_joined_to_it(
    value: str, levels: list[str]
) -> None:
    assert [one.id for one in levels_in(value, HOTDASH)] == levels


def test_a_name_with_a_comma_is_not_another_severity() -> None:
    book = runbook("pagerduty")
    assert [one.id for one in levels_in("SEV1 \u2014 Critical, public", book)] == ["SEV1"]
    assert [one.id for one in levels_in("SEV2 - Critical", book)] == ["SEV2"]


@pytest.mark.parametrize(
    ("value", "services"),
    [
        ("web, api", ("web", "api")),
        ("web; api;web", ("web", "api")),
        ("web and api", ("web", "api")),
        ("`web` & **api**", ("web", "api")),
        ("[web](https://example.com/web), api", ("web", "api")),
        ("web (all regions), api.", ("web", "api")),
        ("[web] [api]", ("web", "api")),
        ("the web service", ("web",)),
        ("both web, api; also db plus search etc.", ("web", "api", "db", "search")),
        ("- + /", ()),
        ("x" * 61, ()),
        ("", ()),
    ],
)
def test_services_are_names_and_not_what_stands_between_them(value: str, services: tuple[str, ...]) -> None:
    assert services_in(value) == services


@pytest.mark.parametrize(
    ("body", "services"),
    [
        ("### Affected services\n\n- web\n- api\n", ("web", "api")),
        ("### Affected services\n\n* web\n* api\n", ("web", "api")),
        ("### Affected services\n\n1. web\n2) api\n", ("web", "api")),
        ("### Affected services\n\n- [x] web\n- [X] api\n- [ ] db\n", ("web", "api")),
        ("Affected services:\n- web\n- api\n\nIt is slow", ("web", "api")),
        ("Affected services:\nweb and api\nImpact: none", ("web", "api")),
    ],
)
def test_services_are_listed_as_people_list_things(body: str, services: tuple[str, ...]) -> None:
    assert services_in(fields(body)["affected services"]) == services


def test_services_are_so_many_at_most() -> None:
    assert len(services_in(" ".join(f"s{at}" for at in range(99)))) == MOST_SERVICES


@pytest.mark.parametrize(
    "sign",
    [
        "<!--",
        "-->",
        "| a ",
        "| a |\n",
        "#",
        "# a\n",
        "**",
        "a: ",
        "Impact: x\n",
        "- [x] ",
        "```\n",
        "`",
        "(",
        "\\n",
        ">\n",
    ],
)
def test_a_huge_body_is_read_whatever_it_is_made_of(sign: str) -> None:
    text = (sign * 65_536)[:65_536]
    assert len(fields(text)) <= 1
    assert levels_in(text, HOTDASH) == ()
    assert len(services_in(text)) <= MOST_SERVICES


@pytest.mark.parametrize(
    ("body", "name", "value"),
    [
        ("severity P1", "severity", "P1"),
        ("Sev 1 customers", "severity", None),
        ("**Severity** P1", "severity", "P1"),
        ("Severity: [x] P1 [ ] P2", "severity", "P1"),
        ("Severity: [ ] P1 [X] P2 (high)", "severity", "P2 (high)"),
        ("Since: 13:40", "started", "13:40"),
        ("Reported by: a customer", "detected by", "a customer"),
        ("Component: web", "affected services", "web"),
        ("Started 13:40", "started", "13:40"),
        ("Detected at 13:45 UTC", "detected", "13:45 UTC"),
        ("Started deploying at 13:40", "started", None),
        ("Severity=P1", "severity", "P1"),
        ("severity=high msg=timeout", "severity", None),
        ("users=1200 revenue=$45k", "impact values", "users=1200 revenue=$45k"),
        ("When did it start?\n---\n13:40", "started", "13:40"),
        ("System: Ubuntu", "affected services", None),
        ("Severity (P0\u2013P3): P1", "severity", "P1"),
        ("Severity [P0-P3]: P1", "severity", "P1"),
        ("Severity? P1", "severity", "P1"),
        ("### What is the severity?\n\nP1", "severity", "P1"),
        ("Initial severity: P1", "severity", "P1"),
        ("Urgency: High", "priority", "High"),
        ("Severity: P1; Started: 13:40", "started", "13:40"),
        ("Severity: P1, all hands: now", "severity", "P1, all hands: now"),
        ("- [x] Severity: P1", "severity", "P1"),
        ("- [ ] Severity: P1", "severity", None),
    ],
)
def test_a_field_is_read_without_its_colon_with_boxes_in_its_line_and_by_other_names(
    body: str, name: str, value: str | None
) -> None:
    assert fields(body).get(name) == value


@pytest.mark.parametrize(
    ("body", "line"),
    [
        ("P1: checkout is down\nfor all", "P1: checkout is down"),
        ("\n\n## SEV1\n\nIt is down", "SEV1"),
        ("```\nP1\n```\n> P2\n\nIt is down", "It is down"),
        ("    P1\n\nIt is down", "It is down"),
        ("- P1\n- P2", ""),
        ("", ""),
    ],
)
def test_the_first_line_is_the_first_of_the_text_itself(body: str, line: str) -> None:
    assert first_line(body) == line


@pytest.mark.parametrize(
    "history",
    [
        "On Sun, Oct 19, 2025 at 2:02 PM Bob <bob@example.com> wrote:\n\nSeverity: P0",
        "Von: Bob\nGesendet: Sonntag, 19. Oktober 2025\nAn: shop\nBetreff: Kasse\n\nSeverity: P0",
        "-----Original Message-----\nFrom: Bob\nSeverity: P0",
        f"{'_' * 32}\nFrom: Bob <bob@example.com>\nSent: Sunday\nTo: shop\n\nSeverity: P0",
    ],
)
def test_a_mail_below_the_text_names_nothing_and_a_mail_alone_is_the_report(history: str) -> None:
    assert fields(f"Severity: P2\nUsers: 300\n\n{history}") == {"severity": "P2", "users": "300"}
    assert fields(f"The checkout is down.\n\n{history}") == {}
    assert fields(history)["severity"] == "P0"


def test_what_stands_below_a_dash_may_be_a_part_of_the_report() -> None:
    assert fields("Severity: P2\n\n-- \nServices: web")["affected services"] == "web"
    assert fields("From: 13:40\nTo: 14:20\nSeverity: P2")["severity"] == "P2"
