"""Titles as people write them: what of them names a severity or a drill, and what is the title itself."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allclear.core.conversation.titles import LONGEST, read_title
from allclear.core.model.structs import replace
from allclear.core.policy.runbook import Severity
from written import runbook

HOTDASH = runbook("hotdash")
SHIPPED = ("hotdash", "hotdash-agents", "habit-tracker", "neutral", "sev", "dirt-free-crm", "pagerduty")
TITLES = (
    "Login broken",
    "[web] Login broken",
    "/checkout answers 500",
    "--force fails",
    "サイト停止",
    "3 pods down",
)
PLAIN = (
    "Fwd: ALERT [FIRING:1] HighErrorRate (checkout prod critical)",
    "[FIRING:2] KubePodCrashLooping (payments critical)",
    "[RESOLVED] HighLatency",
    "[BUG] Login broken",
    "[web] Login broken",
    "[2025-10-19] Login broken",
    "[#1234] Login broken",
    "[EU] [prod] Login broken",
    "High CPU on web-1",
    "High error rate on checkout",
    "high memory: web-1",
    "Critical path is slow",
    "CRITICAL: Out of memory",
    "critical - disk full on db-1",
    "Low disk space on db-2",
    "Normal users cannot sign in",
    "Urgent care page is blank",
    "Priority mail is late",
    "Severity filter of the search is broken",
    "S3 is down",
    "S3: 503 on PUT",
    "S1 trains are not shown",
    "p95 above 10 s",
    "p99: 12 s",
    "p1 latency of checkout",
    "P95 latency at 12 s",
    "P2P sync fails",
    "P1x nodes are gone",
    "AWS P3 instances are gone",
    "Release 2.0 P1",
    "OpenSSH 9.3p1 rejects keys",
    "OpenSSH 9.3-P1",
    "v1.2.3-p2 crashes",
    "10.0.0.1:6379 refuses connections",
    "https://example.com/P1 answers 500",
    "web-p1.example.com is down",
    "ip-10-0-1-2 P1.example.com",
    "P1's owner is on leave",
    "P1.5 of the plan is missing",
    "Level 3 outage in Frankfurt",
    "Level 3: routes withdrawn",
    "1: checkout is down",
    "1 of 3 replicas down",
    "0 orders since noon",
    "2 factor login fails",
    "Incident in the EU region",
    "Incident response form is broken",
    "incident.io webhook fails",
    "Drill-down of the chart is empty",
    "Drill bits cannot be ordered",
    "Retrofit jobs stuck",
    "Alert: error rate above 5 %",
    "Report: totals are wrong",
    "WARN [main] pool exhausted",
    "ERROR 2025-10-19 14:05:00 P1Worker failed",
    "2025-10-19T14:05:00Z severity=high msg=timeout",
    '{"severity":"P1","msg":"timeout"}',
    "** PROBLEM Service Alert: web01/HTTP is CRITICAL **",
    "Problem: High CPU utilization",
    "kernel: [12345.678] Out of memory: Kill process 123",
    "[Triggered] Redis latency is high",
    "[Sentry] TypeError: x is undefined",
    "Backup failed (high)",
    "Disk usage (critical)",
    "Checkout (beta) is down",
    "🔥 everything is on fire",
    "POST /v1/orders 500 (P95 9s)",
    "Plan P1 and plan P2 are swapped in the shop",
    "SEVERE: javax.naming.NamingException",
    "Several users see P0 badges in the list",
    "",
)


@pytest.mark.parametrize("title", PLAIN)
def test_a_title_that_only_sounds_like_it_names_no_severity_and_stays_as_it_is(title: str) -> None:
    found = read_title(title, HOTDASH)
    assert (found.bare, found.kind, found.levels) == (title, None, [])


def spellings(level: Severity) -> tuple[str, ...]:
    """How people write a severity outside of brackets."""
    letters, number = level.id[:-1], level.id[-1]
    return (
        level.id,
        f"{letters}-{number}",
        f"SEV{number}",
        f"sev-{number}",
        f"SEV {number}",
        f"Severity {number}",
    )


@pytest.mark.parametrize("name", SHIPPED)
def test_every_prefix_gives_back_the_severity_and_the_title(name: str) -> None:
    book = runbook(name)
    wrong = []
    for level, title in product((book.severities[0], book.severities[-1]), TITLES):
        for said in (*spellings(level), level.shown):
            prefixes = [f"{said}: ", f"{said} - ", f"{said} | ", f"{said} ", f"Incident {said}: "]
            prefixes += [f"{said} incident: ", f"🚨 {said}: ", f"INCIDENT {said} "]
            for written in (said, f"{said}!!", level.words[0]):
                prefixes += [
                    f"[{written}] ",
                    f"[{written}]",
                    f"({written}) ",
                    f"【{written}】",
                    f"🔥 [{written}]: ",
                ]
                prefixes += [f"[INCIDENT {written}] ", f"[incident - {written}] ", f"[Incident: {written}] "]
                prefixes += [f"[INCIDENT][{written}] ", f"[{written}][INCIDENT] ", f"[INCIDENT/{written}] "]
            texts = [(prefix + title, title) for prefix in prefixes]
            texts += [
                (f"{title} [{said}]", title),
                (f"{title} ({said})", title),
                (f"{title} - {said}", title),
            ]
            for text, bare in texts:
                found = read_title(text, book)
                if (found.bare, {one.id for one in found.levels}) != (bare, {level.id}):
                    wrong.append((text, found.bare, [one.id for one in found.levels]))
    assert wrong == []


@pytest.mark.parametrize(
    ("title", "bare", "kind", "levels"),
    [
        ("DRILL: game day", "game day", "drill", []),
        ("[DRILL P1] Game day", "Game day", "drill", ["P1"]),
        ("[INCIDENT][DRILL] Game day", "Game day", "drill", []),
        ("Game day (drill)", "Game day", "drill", []),
        ("Retro - Login", "Login", "retro", []),
        ("INCIDENT: Login", "Login", "real", []),
        ("[INCIDENT high] Login", "Login", "real", ["P1"]),
        ("[INCIDENT-P1] Login", "Login", "real", ["P1"]),
        ("[INCIDENT P5] Login", "Login", "real", []),
        ("[INCIDENT SEV 9] Login", "Login", "real", []),
        ("[Incident report] Login", "Login", "real", []),
        ("[INCIDENT #12] Login", "[INCIDENT #12] Login", None, []),
        ("[Urgent] Login", "Login", None, ["P1"]),
        ("P1/P2 Login", "Login", None, ["P1", "P2"]),
        ("P1/checkout Login", "P1/checkout Login", None, []),
        ("[P1/P2] Login", "Login", None, ["P1", "P2"]),
        ("Severity: P1 - Login", "Login", None, ["P1"]),
        ("P1 Alert: Login", "Login", None, ["P1"]),
        ("サイト停止 P0", "サイト停止", None, ["P0"]),
        ("Login broken, SEV 1!", "Login broken", None, ["P1"]),
        ("P0", "P0", None, ["P0"]),
        ("[INCIDENT P0]", "[INCIDENT P0]", "real", ["P0"]),
        ("[P1 Login", "[P1 Login", None, []),
        ("Login P1]", "Login P1]", None, []),
        ("[] Login", "[] Login", None, []),
        ("[P1]" * 9 + " Login", "[P1] Login", None, ["P1"] * 8),
    ],
)
def test_kinds_and_several_severities_are_read(
    title: str, bare: str, kind: str | None, levels: list[str]
) -> None:
    found = read_title(title, HOTDASH)
    assert (found.bare, found.kind, [one.id for one in found.levels]) == (bare, kind, levels)


def test_a_runbook_that_calls_its_severities_s1_reads_them_in_capitals() -> None:
    book = replace(
        HOTDASH,
        severities=tuple(
            replace(one, id=f"S{at}", words=(f"s{at}", str(at))) for at, one in enumerate(HOTDASH.severities)
        ),
    )
    assert [one.id for one in read_title("S1: Login", book).levels] == ["S1"]
    assert [one.id for one in read_title("S1 Login", book).levels] == ["S1"]
    assert read_title("s1 Login", book).levels == []


@given(st.text(alphabet="[]()PpSEV-120:| /inciden【】🔥!", max_size=60))
def test_whatever_the_title_what_is_left_of_it_is_a_part_of_it(title: str) -> None:
    found = read_title(title, HOTDASH)
    assert found.bare in " ".join(title.split()) or found.bare == ""


@pytest.mark.parametrize("sign", ["[", "[P1", "(" * 3, "P1/", "P1: ", "🔥", "-", ": ", "sev ", "incident "])
def test_a_long_title_is_read_in_no_time(sign: str) -> None:
    assert len(read_title(sign * 70_000, HOTDASH).bare) <= LONGEST


@pytest.mark.parametrize(
    ("title", "levels", "bare"),
    [
        ("P0!!! everything is down", ["P0"], "everything is down"),
        ("[web][P1] Login broken", ["P1"], "[web] Login broken"),
        ("Re: [P1] Login broken", ["P1"], "Login broken"),
        ("Fwd: AW: P1: Login broken", ["P1"], "Login broken"),
        ("[acme/shop] P1: Login broken (#12)", ["P1"], "[acme/shop] Login broken (#12)"),
        ("[web] Login broken", [], "[web] Login broken"),
        ("Re: Login broken", [], "Re: Login broken"),
        ("[FIRING:1] P1 HighErrorRate", ["P1"], "[FIRING:1] HighErrorRate"),
        ("P1 and P2 customers cannot log in", [], "P1 and P2 customers cannot log in"),
        ("P1 and web are down", ["P1"], "and web are down"),
        ("P0\uff01 Login broken", ["P0"], "Login broken"),
        ("P1 customers cannot log in", [], "P1 customers cannot log in"),
        ("P2 tickets, too many", [], "P2 tickets, too many"),
        ("P1 Customers cannot log in", ["P1"], "Customers cannot log in"),
        ("P1: customers cannot log in", ["P1"], "customers cannot log in"),
        ("[P1] customers cannot log in", ["P1"], "customers cannot log in"),
        ("INCIDENT P1 customers cannot log in", ["P1"], "customers cannot log in"),
        ("SEV-1 login broken", ["P1"], "login broken"),
        ("[a] [b] [c] [d] [e] x", [], "[a] [b] [c] [d] [e] x"),
    ],
)
def test_what_stands_before_or_behind_a_prefix_does_not_hide_it(
    title: str, levels: list[str], bare: str
) -> None:
    read = read_title(title, runbook("hotdash"))
    assert ([one.id for one in read.levels], read.bare) == (levels, bare)


@pytest.mark.parametrize(
    ("title", "levels", "bare"),
    [
        # Marks, quotes and emoji around a severity are no part of it.
        *((f"{one} Login", "P1", "Login") for one in ("**P1**", "*P1*", "__P1__", "`P1`", '"P1"', "<P1>")),
        *((f"{one} Login", "P1", "Login") for one in ("«P1»", "“P1”", "„P1“", "**[P1]**", "#P1", "***P1***")),
        *((f"Login {one}", "P1", "Login") for one in ("**P1**", "`P1`", "<P1>", "#P1", "/ P1", "~ P1")),
        ("**P1: Login**", "P1", "Login"),
        ("**Login**", "", "**Login**"),
        ("**Login** and **API**", "", "**Login** and **API**"),
        (":fire: [P1] Login", "P1", "Login"),
        (":rotating_light: P1: Login", "P1", "Login"),
        (":fire: Login", "", ":fire: Login"),
        ("[🔥 P1] Login", "P1", "Login"),
        ("[P1 :fire:] Login", "P1", "Login"),
        # What stands between the two.
        *((f"P1{one}Login", "P1", "Login") for one in (" / ", " > ", ". ", "- ", " -> ", " = ", " · ", "→ ")),
        ("P1 /checkout fails", "P1", "/checkout fails"),
        ("[INCIDENT]-[P1]-Login", "P1", "Login"),
        # The kind, an alarm, a date or a ticket before it.
        *((f"{one} Login", "P1", "Login") for one in ("INCIDENT [P1]", "Incident (sev1)", "INCIDENT **P1**")),
        *((f"{one} Login", "P1", "Login") for one in ("[INCIDENT_P1]", "[P1_INCIDENT]", "INCIDENT_P1")),
        *((f"{one} Login", "P1", "Login") for one in ("ALERT P1", "ALERT [P1]", "[P1-ALERT]", "Alert P1:")),
        *((f"{one} P1 Login", "P1", f"{one} Login") for one in ("[ALERT]", "[2025-10-19]", "[a] [b]")),
        *((f"{one} P1 Login", "P1", f"{one} Login") for one in ("2025-10-19", "INC0012", "14:05")),
        *((f"{one} P1 Login", "P1", f"{one} Login") for one in ("ALERT:", "URGENT", "Outage:", "PROD -")),
        *(
            (f"{one} P1: Login", "P1", f"{one} Login")
            for one in ("2025-10-19:", "OUTAGE", "OPS-12", "INC0012")
        ),
        ("Production incident: Login", "", "Production incident: Login"),
        ("INCIDENT [web] Login", "", "INCIDENT [web] Login"),
        # A part of its own within the title.
        ("web: P1: Login", "P1", "web: Login"),
        ("web - P1 - Login", "P1", "web - Login"),
        ("web | P1 | Login", "P1", "web | Login"),
        ("Login [P1] since noon", "P1", "Login since noon"),
        ("checkout [P1]: 500s", "P1", "checkout: 500s"),
        ("Login [web] since noon", "", "Login [web] since noon"),
        ("web - v2 - Login", "", "web - v2 - Login"),
        # By its field, and with a name beside the number.
        *((f"{one} Login", "P1", "Login") for one in ("Severity: P1", "severity=P1", "prio 1", "Sev: P1 -")),
        *((f"{one} Login", "P1", "Login") for one in ("P1 high:", "P1 - High -", "SEV-1-high:")),
        *((f"{one} Login", "P1 P1", "Login") for one in ("P1/High", "High/P1:", "P1-high")),
        ("Login (severity high)", "P1", "Login"),
        ("Critical/P1: Login", "P0 P1", "Login"),
        *(
            (f"{one} Login", "P1", "Login")
            for one in ("severity: high -", "High severity:", "High priority:")
        ),
        *((f"Login{one}", "P1", "Login") for one in (" severity: P1", ", severity: high", " - prio=P1!")),
        ("Login, severity: bad", "", "Login, severity: bad"),
        *((f"{one} Login", "P1 P2", "Login") for one in ("P1 & P2:", "P1 or P2:", "[P1 and P2]")),
        *((f"{one} Login", "P1", "Login") for one in ("Possible P1:", "New P1:", "[Potential P1]")),
        *((f"{one} Login", "P1", "Login") for one in ("!! P1 !!", ">>> P1 <<<", "=== P1 ===", "\u203c P1 »")),
        # An arrow says which of two counts.
        *((f"{one} Login", "P1", "Login") for one in ("P2 -> P1", "P2→P1:", "[P2 -> P1]")),
        ("INCIDENT P2 → P1: Login", "P1", "Login"),
        ("P2 -> web", "P2", "web"),
        *(
            (f"{one} Login", "P0", "Login")
            for one in ("P1 escalated to P0:", "P1 now P0 -", "P1 raised to P0")
        ),
        *((f"{one} Login", "P1", "Login") for one in ("Upgraded to P1:", "Downgraded to P1 -")),
    ],
)
def test_a_severity_is_read_wherever_it_is_a_part_of_its_own(title: str, levels: str, bare: str) -> None:
    read = read_title(title, HOTDASH)
    named = [one.id for one in read.levels]
    assert (sorted(set(named)), read.bare) == (sorted(set(levels.split())), bare)


@pytest.mark.parametrize(
    "title",
    [
        "we thought it was P1 last week",
        "Login broken, was P1, now P2",
        "Is this a P1?",
        "Not a P1: Login broken",
        "No P1 alerts are sent",
        "P1 was wrong in the mail",
        "P1 to P2 downgrade mail is never sent",
        "P1/P2 customers cannot log in",
        "Upgrade from P2 to P1 fails",
        "Users see P1",
        "Users see `P1`",
        "[AWS] P3 instances are gone",
        "EC2 P3 instances are gone",
        "Replica (P1) is down",
        "@P1 does not answer",
        "P1-checkout is down",
        "web-P1/api is down",
        '"high" load on web',
        "Plan P1: cannot be bought",
        "Upgraded to P1 hardware fails",
        "P1 page never reached us",
        "Priority: high CPU on web",
        "& P1 is an entity",
    ],
)
def test_a_title_that_talks_of_a_severity_in_its_sentence_names_none(title: str) -> None:
    read = read_title(title, HOTDASH)
    assert ([one.id for one in read.levels], read.bare) == ([], title)


@pytest.mark.parametrize(
    ("title", "bare"),
    [
        ("DRILL [P1] Login", "Login"),
        ("DRILL (P1): Login", "Login"),
        ("[DRILL_P1] Login", "Login"),
        ("**DRILL** P1 Login", "Login"),
        (":warning: DRILL P1 Login", "Login"),
        ("P1 DRILL Login", "Login"),
        ("[P1] DRILL - Login", "Login"),
        ("2025-10-19 DRILL: Login", "2025-10-19 Login"),
    ],
)
def test_a_drill_is_one_however_its_severity_is_marked(title: str, bare: str) -> None:
    read = read_title(title, HOTDASH)
    assert (read.kind, read.bare) == ("drill", bare)


def test_a_drill_in_small_letters_behind_a_severity_is_a_word_of_the_sentence() -> None:
    assert read_title("P1 drill bits cannot be ordered", HOTDASH).kind is None
