"""What people write into the record: impact, findings, updates, notes, times, action items."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from allclear.core.model.asking import HistoryNeededError
from allclear.core.model.authored import read_authored
from allclear.core.model.counts import counted
from allclear.core.policy.settings import Settings
from allclear.core.record.audit import Helped
from allclear.core.record.findings import Found, ImpactSet
from allclear.core.record.lean import MOST_ACTIONS
from allclear.core.record.life import MilestoneSet
from allclear.core.record.progress import ActionAdded, ActionEnded, Noted, Updated
from allclear.core.record.voices import Spoken
from commands.room import BOB, Heard, Talk, at, runbook
from written import runbook as written_runbook


@pytest.mark.parametrize(
    ("typed", "users"),
    [
        ("15000", "15,000 users"),
        ("15,000", "15,000 users"),
        ("15.000", "15,000 users"),
        ("1_250_000", "1,250,000 users"),
        ("~15K", "about 15,000 users"),
        ("1.5k", "1,500 users"),
        ("100+", "at least 100 users"),
        ("0", "0 users"),
        ('"15,000"', "15,000 users"),
        (">1000", "more than 1,000 users"),
    ],
)
def test_users_are_counted_as_people_write_numbers(talk: Talk, typed: str, users: str) -> None:
    heard = talk.says(f"/impact users={typed} checkout is down")

    assert heard.say == f"Impact recorded: {users}. Text: checkout is down"
    assert counted(talk.incident.impact.users, talk.incident.impact.about) == users
    assert talk.incident.impact.text == "checkout is down"


@pytest.mark.parametrize(
    "typed", ["lots", "-5", "1.5", "1.2345k", "15,00", "99999999999", "9999b", "1e9", "\u0661\u0665", "15kk"]
)
def test_a_number_of_users_that_is_none_is_refused(talk: Talk, typed: str) -> None:
    heard = talk.says(f"/impact users={typed}")

    assert heard.code == "malformed"
    assert heard.say.startswith(f"`{typed}` is not a number of users; write `users=15000` or `users=15k`.")


@pytest.mark.parametrize(
    ("typed", "revenue", "text"),
    [
        ("$45000", "$45000", ""),
        ("$45,000.50 since noon", "$45,000.50", "since noon"),
        ("EUR 2,000 since noon", "EUR 2,000", "since noon"),
        ('"EUR 2,000" since noon', "EUR 2,000", "since noon"),
        ("“2.000 €”", "2.000 €", ""),
        ("$2k/h", "$2k/h", ""),
        ("~£3M", "~£3M", ""),
        ("USD5000", "USD5000", ""),
        ("45k API is down", "45k", "API is down"),
        ("unknown", "unknown", ""),
    ],
)
def test_revenue_keeps_the_words_of_the_person(talk: Talk, typed: str, revenue: str, text: str) -> None:
    assert talk.says(f"/impact revenue={typed}").facts == (ImpactSet(revenue=revenue, text=text),)


@pytest.mark.parametrize(
    "typed", ["much", "EUR", "EUR lots", "$", "45000rm", "$" + "9" * 40, '"@all 5"', "$1/furlong"]
)
def test_an_amount_that_is_none_is_refused(talk: Talk, typed: str) -> None:
    assert "is not an amount; write `revenue=$45000`" in talk.says(f"/impact revenue={typed}").say


def test_impact_says_both_numbers_and_what_is_left_out_stays(talk: Talk) -> None:
    assert (
        talk.says("/impact users=~15k revenue=$45000\nlogin too").say
        == "Impact recorded: about 15,000 users and revenue \\$45000. Text: login too"
    )
    assert (
        talk.says("/impact only the old checkout").say
        == "Impact recorded as text. It says: only the old checkout"
    )
    known = talk.incident.impact
    assert (known.users, known.about, known.revenue) == (15_000, "about", "$45000")
    assert known.text == "only the old checkout"


def test_a_number_under_another_name_stays_in_the_text_and_is_told(talk: Talk) -> None:
    heard = talk.says("/impact loss=$45k")

    assert heard.facts == (ImpactSet(text="loss=$45k"),)
    assert heard.say == (
        "Impact recorded as text. It says: loss=\\$45k\n"
        "`loss=$45k` was read neither as a number of users nor as revenue, so it stands in the text. "
        "Write `/impact users=15000` or `/impact revenue=$45000`."
    )


def test_what_is_no_number_of_users_stays_in_the_text_and_is_told(talk: Talk) -> None:
    heard = talk.says("/impact users=10-20 %, revenue=unknown")

    assert heard.facts == (ImpactSet(revenue="unknown", text="users=10-20 %"),)
    assert heard.say == (
        "Impact recorded: revenue unknown. Text: users=10-20 %\n"
        "`10-20 %` is not a number of users, so it stands in the text. "
        "Write one number, such as `/impact users=15000`, or `users=0` for nobody."
    )


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("15000", "`/impact users=15000` records it as a number of users."),
        ("~15k", "`/impact users=~15k` records it as a number of users."),
        ("$45k", "`/impact revenue=$45k` records it as revenue."),
        ("P0", "`/sev P0` sets the severity."),
        ("services=web, api", "`/affects web, api` names what is affected."),
        ("the EU only", "It says: the EU only"),
        ("10-20 %", "It says: 10-20 %"),
        ("users=15 services=web", "Text: services=web"),
    ],
)
def test_a_text_that_may_be_more_than_a_sentence_is_told_of_what_records_it(
    talk: Talk, typed: str, said: str
) -> None:
    assert talk.says(f"/impact {typed}").say.endswith(said)


def test_impact_needs_something_to_say(talk: Talk) -> None:
    said = "The text is missing. Usage: `/impact [users=<n>] [revenue=<amount>] [<text>]`, for example"
    assert talk.says("/impact").say.startswith(said)


def test_services_add_up(talk: Talk) -> None:
    assert talk.says("/affects checkout, api").say == "Affected services: `checkout`, `api`."
    assert talk.says("/affected api mail").say == "Affected services: `checkout`, `api`, `mail`."
    assert talk.says("/affects mail").say == "Already listed: `mail`. Nothing changes."
    assert talk.incident.impact.services == ("checkout", "api", "mail")


@pytest.mark.parametrize(
    "typed",
    [
        "checkout, api",
        "checkout; api.",
        "checkout and api",
        "checkout & api",
        "checkout + api!",
        "the checkout and api services",
        "checkout, api, etc.",
        "`checkout`, **api**",
        "\n- checkout\n- api\nboth answer 500",
    ],
)
def test_services_are_told_from_what_stands_between_them(talk: Talk, typed: str) -> None:
    assert talk.says(f"/affects {typed}").say == "Affected services: `checkout`, `api`."


def test_a_remark_in_brackets_is_no_service_and_is_told(talk: Talk) -> None:
    said = "Affected services: `checkout`, `api`. Not recorded: (eu only); write it with `/impact`."

    assert talk.says("/affects checkout, api (eu only)").say == said
    assert talk.says("/affects api (all)").say == (
        "Already listed: `api`. Nothing changes. Not recorded: (all); write it with `/impact`."
    )


def test_a_list_of_services_has_an_end(talk: Talk) -> None:
    assert talk.says("/affects" + " api" * 201).say.startswith("These are 201 words, and `/affects` takes")


@pytest.mark.parametrize("typed", ["unknown", "n/a", "tbd", "-checkout", "!checkout"])
def test_what_names_no_service_is_told(talk: Talk, typed: str) -> None:
    what = "a service taken away, which `/undo` does" if typed[0] in "-!" else "not the name of a service"

    assert talk.says(f"/affects {typed}").say.startswith(f"`{typed}` is {what}.")
    assert talk.incident.impact.services == ()


def test_a_sentence_is_no_list_of_services(talk: Talk) -> None:
    assert talk.says("/affects checkout is down").say == (
        "`is` is not the name of a service. Write names only, such as `/affects checkout api`, "
        "and a sentence with `/impact`. Usage: `/affects <service>…`."
    )
    assert talk.says("/affects checkout: 500s").say.startswith("`checkout:` is not the name of a service.")
    for typed in ("all", "#12", "https://shop.example.com", "customers"):
        assert f"`{typed}` is not the name of a service." in talk.says(f"/affects {typed}").say
    assert talk.says("/affects checkout?").say.startswith("`checkout?` is not the name of a service.")
    listed = Talk(settings=read_authored(Settings, {"services": ["Checkout", "api"]}))
    assert "such as `/affects Checkout`" in listed.says("/affects checkout is down").say
    assert listed.says("/affects checkout/api").say == "Affected services: `Checkout`, `api`."


@pytest.mark.parametrize("typed", ["@bob", "checkout @bob", "api, **@bob**", "@acme/oncall", "bob@x.org"])
def test_a_person_is_no_service(talk: Talk, typed: str) -> None:
    said = talk.says(f"/affects {typed}").say
    assert "is a person or a team, and no service. Write names only, such as `/affects checkout api`" in said
    assert talk.incident.impact.services == ()
    listed = Talk(settings=read_authored(Settings, {"services": ["bob", "api"]}))
    assert listed.says("/affects @bob").say == "Affected services: `bob`."
    assert "This repository has `bob`, `api`." in listed.says("/affects @eve").say


def test_services_the_settings_list_are_the_only_ones() -> None:
    talk = Talk(settings=read_authored(Settings, {"services": ["Checkout", "api"]}))

    assert talk.says("/affects checkout").say == "Affected services: `Checkout`."
    assert talk.says("/affects mail").say.startswith(
        "`mail` is not a service; this repository has `Checkout`, `api`."
    )
    assert talk.says("/affects").say.startswith(
        "Which service? This repository has `Checkout`, `api`. Usage:"
    )


def test_a_service_has_a_name_of_reasonable_length(talk: Talk) -> None:
    assert talk.says("/affects").say.startswith("Which service? Usage: `/affects <service>…`")
    assert "is too long for the name of a service" in talk.says(f"/affects {'x' * 61}").say
    assert talk.says(f"/affects {'x' * 60}").code == ""


def test_the_four_fields_of_a_finding(talk: Talk) -> None:
    talk.later(minutes=9)
    heard = talk.says(
        "/finding\n- **Root cause:** the pool is exhausted\n  since the deploy\nEVIDENCE: 500s\n"
        "Impact: 15,000 users\nProposed-fix: roll back"
    )

    assert heard.facts == (
        Found(
            root_cause="the pool is exhausted\n  since the deploy",
            evidence="500s",
            impact="15,000 users",
            proposed_fix="roll back",
        ),
    )
    assert heard.say == (
        "Recorded: root cause, evidence, impact, proposed fix. "
        "The root cause was identified 10 min after the declaration. The status is now **Identified**."
    )


def test_the_fields_of_one_line_are_told_apart_whatever_it_begins_with(talk: Talk) -> None:
    (fact,) = talk.says("/finding pool exhausted, evidence: logs, fix: roll back").facts
    assert fact == Found(root_cause="pool exhausted", evidence="logs", proposed_fix="roll back")
    (fact,) = talk.says("/finding the log says cause: none, and so on").facts
    assert fact == Found(root_cause="the log says cause: none, and so on")


def test_a_finding_without_fields_is_the_root_cause(talk: Talk) -> None:
    heard = talk.says("/finding the pool is exhausted")

    assert heard.facts == (Found(root_cause="the pool is exhausted"),)
    assert heard.say.endswith("The status is now **Identified**. Not known yet: proposed fix.")


def test_text_before_the_fields_belongs_to_the_root_cause(talk: Talk) -> None:
    assert talk.says("/finding the pool\nEvidence: 500s").facts == (
        Found(root_cause="the pool", evidence="500s"),
    )
    assert talk.says("/finding the pool\nCause: leaks").facts == (Found(root_cause="the pool\nleaks"),)


def test_findings_may_come_in_parts(talk: Talk) -> None:
    assert (
        talk.says("/finding Evidence: 500s").say
        == "Recorded: evidence. Not known yet: root cause, proposed fix. Causes to think of: Recent changes "
        "(deploys, migrations, config); External dependencies (Supabase, Shopify, Fly.io status); Resource "
        "exhaustion (CPU, memory, disk, connections); Security incident (secrets exposed, DDoS)."
    )
    assert talk.incident.status == "investigating"
    talk.says("/finding Root cause: the pool")
    assert (
        talk.says("/finding Root cause: the pool leaks\nFix: roll back").say
        == "Recorded: root cause, proposed fix."
    )
    assert talk.incident.findings.evidence == "500s"


def test_an_unfilled_form_is_refused(talk: Talk) -> None:
    heard = talk.says(
        "/finding\nRoot cause: <description>\nEvidence:\nImpact: <user count, duration>\nProposed fix: "
    )

    assert (
        heard.say
        == "All fields are empty. Fill in at least one of root cause, evidence, impact and proposed fix."
    )
    assert talk.says("/finding").code == "malformed"
    assert talk.says("/finding Root cause: unknown\nEvidence: ?").say.startswith("All fields are empty.")
    assert talk.says("/finding not known yet").say.startswith("All fields are empty.")


def test_what_is_no_root_cause_yet_does_not_make_the_incident_identified(talk: Talk) -> None:
    doubts = ("not the pool", "the pool?", "Root cause: is it the pool?\nEvidence: 500s", "none")
    for typed in (*doubts, "we don't know yet", "root cause is still unknown", "no cause found"):
        heard = talk.says(f"/finding {typed}")
        assert (heard.code, "reads as if the root cause is not known yet." in heard.say) == ("unclear", True)
    assert talk.says("/finding not enough connections").code == ""


def test_the_fields_may_stand_on_one_line(talk: Talk) -> None:
    assert talk.says("/finding Root cause: the pool; proposed fix: a larger one").facts == (
        Found(root_cause="the pool", proposed_fix="a larger one"),
    )
    assert talk.says("/finding\n1. Root cause: the pool\n2. Impact: unknown").facts == (
        Found(root_cause="the pool"),
    )


def test_a_finding_in_a_report_has_no_clock_yet() -> None:
    assert "after the start of the clock" not in Talk(report=True).says("/finding the pool").say


def test_an_update_starts_the_cadence_anew() -> None:
    talk = Talk("P0")
    talk.later(minutes=6)
    heard = talk.says("/update Rolled back\nNext: watch\nmore news\nETA: 15:00")

    assert heard.facts == (
        Updated(text="Rolled back\nmore news", next="watch", eta="15:00"),
        Spoken(voice="team", moment="update"),
    )
    assert heard.say == (
        "Update 1 is announced. The next one is due by 14:22 UTC.\n\n"
        "**Team**\n\n"
        "> 📢 UPDATE: Checkout is down\n"
        ">\n"
        "> Time: 2026-03-02 14:07 UTC\n"
        "> Progress: Rolled back\n"
        "> more news\n"
        "> Current status: Investigating\n"
        "> Next: watch\n"
        "> ETA: 15:00"
    )


def test_a_severity_without_a_cadence_promises_no_next_update(talk: Talk) -> None:
    assert talk.says("/update Rolled back").say.startswith("Update 1 is announced.\n\n**Team**\n")
    assert talk.says("/update\nProgress: all quiet").facts[0] == Updated(text="all quiet")


def test_an_update_without_news_is_refused(talk: Talk) -> None:
    assert (
        talk.says("/update").say == "The text is missing. Usage: `/update <text>`, "
        "for example `/update Rolled back, error rate is falling`."
    )
    said = (
        "What is the news? Only `Next:` and `ETA:` have text. The news comes first, and each of them begins"
    )
    assert talk.says("/update\nNext: watch").say == f"{said} a line of its own below it."


@pytest.mark.parametrize(
    ("typed", "text", "eta"),
    [
        ("fix is out, eta 15:30", "fix is out", "15:30"),
        ("fix is out (ETA: 20 min)", "fix is out", "20 min"),
        ("Fix is out. ETA 3 pm CET.", "Fix is out", "3 pm CET"),
        ("fix is out - ETA ~10-20 min", "fix is out", "~10-20 min"),
        ("fix is out, ETA 15:30\nETA: 16:00", "fix is out, ETA 15:30", "16:00"),
        ("ETA 15:30", "ETA 15:30", ""),
        ("there is no ETA 3 services are hit", "there is no ETA 3 services are hit", ""),
        ("beta 15:30", "beta 15:30", ""),
    ],
)
def test_an_eta_at_the_end_of_the_news_is_its_eta(talk: Talk, typed: str, text: str, eta: str) -> None:
    fact = talk.says(f"/update {typed}").facts[0]

    assert isinstance(fact, Updated)
    assert (fact.text, fact.eta) == (text, eta)


def test_a_text_longer_than_an_entry_may_keep_is_refused(talk: Talk) -> None:
    heard = talk.says(f"/update {'x' * 4001}")

    assert heard.say.startswith("That is 4,001 characters, and a command takes at most 4,000.")
    assert talk.says(f"/update {'x' * 4000}").code == ""


def said_at(heard: Heard) -> list[tuple[object, str]]:
    return [(fact.at, fact.text) for fact in heard.facts if isinstance(fact, Noted)]


def test_a_note_without_a_time_is_now(talk: Talk) -> None:
    heard = talk.says("/note restarted the workers")

    assert said_at(heard) == [(at("14:01"), "restarted the workers")]
    assert heard.say == "Noted at 14:01 UTC."


@pytest.mark.parametrize(
    ("typed", "when"),
    [
        ("13:55 restarted", at("13:55")),
        ("[13:55] restarted", at("13:55")),
        ("13:55Z - restarted", at("13:55")),
        ("[13:55+02:00] restarted", at("11:55")),
        ("23:10 restarted", at("23:10", day=1)),
        ("2026-02-28T09:00:00Z restarted", at("09:00") - timedelta(days=2)),
        ("[2026-03-01 09:00]: restarted", at("09:00", day=1)),
        ("14:04 restarted", at("14:01")),
        ("1:55 PM: restarted", at("13:55")),
        ("yesterday 23:10 restarted", at("23:10", day=1)),
        ("[14:00 CEST] - restarted", at("12:00")),
        ("restarted | 13:55", at("13:55")),
        ("1. 13:55 restarted", at("13:55")),
        ("5 minutes ago: restarted", at("13:56")),
    ],
)
def test_a_note_may_name_its_time(talk: Talk, typed: str, when: object) -> None:
    assert said_at(talk.says(f"/note {typed}")) == [(when, "restarted")]


def test_a_time_is_read_in_the_runbooks_zone_and_shown_in_it() -> None:
    talk = Talk(book=runbook(zone="Europe/Berlin"))
    heard = talk.says("/note 14:30 restarted")

    assert said_at(heard) == [(at("13:30"), "restarted")]
    assert heard.say == "Noted at 14:30 CET."


def test_one_note_a_line(talk: Talk) -> None:
    heard = talk.says("/note 13:50 first\n\n- 13:55 second\n* third [really]\n[deploy] went out")

    assert said_at(heard) == [
        (at("13:50"), "first"),
        (at("13:55"), "second"),
        (at("14:01"), "third [really]"),
        (at("14:01"), "[deploy] went out"),
    ]
    assert heard.say == "4 notes were added, at 13:50 UTC, 13:55 UTC, 14:01 UTC."


@pytest.mark.parametrize(
    "typed",
    [
        *("3pm call with the vendor tomorrow", "18:00 the vendor will call", "[18:00] deploy is planned"),
        *("20:00 Tonight we fail over", "| When (CET) | What |\n|---|---|\n| 19:00 | deploy is scheduled |"),
    ],
)
def test_a_note_of_what_is_to_come_is_not_put_at_the_day_before(talk: Talk, typed: str) -> None:
    heard = talk.says(f"/note {typed}")
    assert heard.facts == ()
    assert "is meant, which is still to come, and a note is of what has been." in heard.say


def test_a_note_of_an_hour_of_24_may_say_its_half_of_the_day(talk: Talk) -> None:
    assert said_at(talk.says("/note 13:40 this afternoon we restarted")) == [
        (at("13:40"), "this afternoon we restarted")
    ]


@pytest.mark.parametrize(
    ("typed", "when"),
    [
        ("13:50 told them that we deploy tomorrow", at("13:50")),
        ("yesterday 18:00 said it will fail", at("18:00", day=1)),
        ("18:00 first alert", at("18:00", day=1)),
        ("call with the vendor tomorrow at 18:00", at("14:01")),
    ],
)
def test_a_note_of_what_has_been_may_speak_of_what_is_to_come(talk: Talk, typed: str, when: datetime) -> None:
    ((said, _),) = said_at(talk.says(f"/note {typed}"))
    assert said == when


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "The text is missing. Usage: `/note [14:05] <text>`"),
        ("14:00", "`14:00` is a time without text. Write `/note 14:05 what happened`."),
        ("[14:00]", "`[14:00]` is a time without text."),
        ("[14:00 sharp] restarted", "`[14:00 sharp]` is not a time; write `[14:05]`"),
        ("[25:00] restarted", "`[25:00]` is not a time;"),
        ("2026-03-03 09:00 restarted", "2026-03-03 09:00 UTC is in the future."),
        (
            "2026-01-30 09:00 restarted",
            "`2026-01-30 09:00 restarted` is more than 30 days before the incident.",
        ),
    ],
)
def test_a_note_that_cannot_be_right_is_refused(talk: Talk, typed: str, said: str) -> None:
    heard = talk.says(f"/note {typed}")

    assert (heard.code, heard.say[: len(said)]) == ("malformed", said)
    assert not talk.incident.progress.updates


def test_notes_are_as_many_as_a_reply_can_carry(talk: Talk) -> None:
    assert talk.says("/note\n" + "x\n" * 51).say == "These are 51 notes, and one command takes at most 50."
    assert len(talk.says("/note\n" + "x\n" * 50).facts) == 50
    many = talk.says("/note\n" + "x\n" * 1_500).say
    assert many == "These are 1500 lines, and one command takes at most 50 notes."


@pytest.mark.parametrize(
    "zone", ["UTC", "Europe/Berlin", "Asia/Kolkata", "America/Sao_Paulo", "Asia/Kathmandu"]
)
@pytest.mark.parametrize(
    "typed",
    ["1:05 PM", "yesterday 23:50", "2 Mar 7:05 CET", "10 minutes ago", "-90m", "Sun 13:05", "00:30-00:45"],
)
def test_a_note_that_is_typed_again_as_it_is_shown_is_the_same(zone: str, typed: str) -> None:
    talk = Talk(book=runbook(zone=zone))
    first = talk.says(f"/note {typed} restarted")
    shown = first.say.removeprefix("Noted at ").removesuffix(".")
    ((moment, text),) = said_at(first)
    assert said_at(talk.says(f"/note {shown} {text}")) == [(moment, text)]


def test_of_a_span_the_end_stays_in_the_note(talk: Talk) -> None:
    heard = talk.says("/note 13:50-13:55 no logins")

    assert said_at(heard) == [(at("13:50"), "until 13:55: no logins")]
    assert talk.says("/note 13:50-13:55").say.startswith("`13:50-13:55` is a time without text.")


def test_what_looks_like_a_time_and_is_none_is_noted_now_and_told(talk: Talk) -> None:
    heard = talk.says("/note 25:05 restarted")

    assert said_at(heard) == [(at("14:01"), "25:05 restarted")]
    assert heard.say == (
        "Noted at 14:01 UTC.\n`25:05` was not read as a time; one is written such as `14:05`, `2:05 PM` or "
        "`2026-03-01 14:05`."
    )
    assert talk.says("/note 1305 restarted").say.endswith(
        "`1305` was not read as a time; if it is one, write `13:05`."
    )
    assert talk.says("/note restarted at 13:05").say.endswith(
        "`13:05` stays in the text, and the note is of now. A time comes first, such as `/note 13:05 \u2026`."
    )
    assert talk.says("/note 13:05 local time: restarted").say == (
        "Noted at 13:05 UTC.\n`local time` was not read as a zone, so that it is 13:05 UTC. "
        "An offset is written `14:05+02:00`."
    )
    assert talk.says("/time detected 13:05 local time").say.startswith(
        "`local time` behind the time was not read."
    )
    assert talk.says("/note ```\nat 13:05\n```").say.count("\n") == 0
    many = talk.says("/note\n25:01 a\n25:01 b\n25:02 c\n25:03 d\n25:04 e").say
    assert [word for word in ("25:01", "25:02", "25:03", "25:04") if many.count(f"`{word}`") == 1] == [
        "25:01",
        "25:02",
        "25:03",
    ]
    assert "not read" not in talk.says("/note 10:1 reads to writes\n1305 users wrote").say


def test_a_time_that_can_be_two_is_asked_about_and_not_noted(talk: Talk) -> None:
    heard = talk.says("/note 02/01/2026 13:05 restarted")

    assert (heard.code, heard.facts) == ("malformed", ())
    assert heard.say.startswith("`02/01/2026` can be `2026-02-01` or `2026-01-02`.")


def test_a_note_in_a_report_has_only_its_own_time_to_go_by() -> None:
    assert said_at(Talk(report=True).says("/note 13:55 seen")) == [(at("13:55"), "seen")]


def test_correcting_the_detection_takes_an_unsaid_start_along(talk: Talk) -> None:
    heard = talk.says("/time detected 13:40")

    assert heard.say == "Detected and started: **13:40 UTC** (was 14:00 UTC)."
    assert heard.facts == (
        MilestoneSet(milestone="detected", at=at("13:40"), old=at("14:00")),
        MilestoneSet(milestone="started", at=at("13:40"), old=at("14:00")),
    )


@pytest.mark.parametrize(
    "typed",
    [
        "/time detected 1:40 PM",
        "/time detected=13:40",
        "/time detected: 13:40",
        "/time **detected** `13:40`",
        "/time detected_at=13:40",
        "/time detection -> 13:40",
        "/time detection time was 13:40",
        "/time detected at 13:40 UTC.",
        "/time 13:40 detected",
        "/time 13:40 UTC = detected",
        "/detected 13:40",
        "/detected at 14:40 CET",
        "/time detected 13:40-13:50",
        "/time detected 1340",
        "/time detected 13.40",
        "/time detected 21 minutes ago",
    ],
)
def test_a_correction_is_read_in_usual_spellings_and_either_order(talk: Talk, typed: str) -> None:
    assert talk.says(typed).say == "Detected and started: **13:40 UTC** (was 14:00 UTC)."


def test_a_text_behind_a_correction_is_told_to_be_left_out(talk: Talk) -> None:
    assert talk.says("/time detected 13:40 by the graphs").say.endswith(
        "The text `by the graphs` is not kept with a time; `/note` keeps one."
    )


def test_a_start_that_somebody_gave_stays_where_it_is() -> None:
    talk = Talk(started=at("13:30"), detected=at("13:50"))

    assert talk.says("/time detect 13:40").say == "Detected: **13:40 UTC** (was 13:50 UTC)."
    assert talk.says("/time started 13:40").say == "Started: **13:40 UTC** (was 13:30 UTC)."
    assert talk.says("/time started 13:40").facts == (Helped(),)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (
            "/time detected 13:20",
            "Started cannot be after detected, and started is 13:30 UTC.",
        ),
        (
            "/time started 13:55",
            "Started cannot be after detected, and detected is 13:50 UTC.",
        ),
        ("/time mitigated 13:20", "Started cannot be after mitigated, and started is 13:30 UTC."),
        ("/time detected 2026-03-02 20:00", "20:00 UTC is in the future."),
        ("/time started 13:40 in the morning", "`13:40 in the morning` is not a time;"),
        (
            "/time started 1:40 yesterday afternoon",
            "`afternoon` behind the time was not read. Write the",
        ),
        ("/time started 1:40 UTC this afternoon", "`this afternoon` behind the time was not read."),
        ("/time started 1:40 am Nachmittag", "`am Nachmittag` behind the time was not read."),
        ("/time started 1:40 abends", "`abends` behind the time was not read."),
        ("/note 1:40 de la tarde reinicio", "`de la tarde` behind the time was not read."),
        ("/time detected tomorrow", "`tomorrow` is not a time; write one such as `14:05`"),
        ("/time detected", "When? Write a time, such as `14:05`"),
        (
            "/time declared 13:00",
            "`declared` is not a milestone to correct; you can correct `started`, `detected`",
        ),
        ("/time", "Which milestone? You can correct `started`,"),
        ("/time 13:00", "Which milestone? You can correct `started`,"),
        ("/time 13:00 declared", "`declared` is not a milestone to correct; you can correct `started`,"),
        ("/detected", "When? Write a time, such as `14:05`"),
        ("/time detected 13:40 XYZ", "`XYZ` behind the time was not read. Write a zone or an offset,"),
        ("/time detected 13:40 started 13:30", "`started 13:30` is another milestone. Write one `/time`"),
        ("/time detected 13:40\nstarted: 13:30", "`started: 13:30` is another milestone."),
        ("/time detected 13:40, +2", "`+2` behind the time was not read."),
        ("/time detected 13:40 IST", "`IST` is the name of several zones."),
    ],
)
def test_a_time_that_cannot_be_right_is_refused(typed: str, said: str) -> None:
    talk = Talk(started=at("13:30"), detected=at("13:50"))
    talk.says("/status monitoring")

    heard = talk.says(typed)

    assert (heard.code, heard.say[: len(said)]) == ("malformed", said)


@pytest.mark.parametrize(
    ("milestone", "how"),
    [
        ("acknowledged", "First it needs `/ack`."),
        ("identified", "First it needs `/finding` with the root cause."),
        ("mitigated", "First it needs `/status monitoring` once the fix is applied."),
        ("resolved", "First it needs `/resolve <what fixed it>`."),
    ],
)
def test_only_what_happened_can_be_corrected(talk: Talk, milestone: str, how: str) -> None:
    heard = talk.says(f"/time {milestone} 13:55")

    assert heard.code == "state"
    assert heard.say == f"The incident is not {milestone} yet, so there is no time to correct. {how}"


def test_a_report_has_no_times_to_correct_before_its_declaration() -> None:
    assert Talk(report=True).says("/time started 13:00").say.endswith("First it needs a declaration.")


def test_correcting_the_mitigation_moves_the_window(talk: Talk) -> None:
    talk.later(minutes=30)
    talk.says("/status monitoring")

    assert talk.says("/time mitigated 14:20").say == (
        "Mitigated: **14:20 UTC** (was 14:31 UTC). Extended monitoring ends at 15:20 UTC."
    )


def test_after_a_reopening_nothing_lies_before_it(talk: Talk) -> None:
    talk.says("/status monitoring")
    talk.says('/check verification notified root-cause investigation --override "known"')
    talk.says("/resolve")
    talk.says("/reopen again")
    talk.says("/ack")

    heard = talk.says("/time ack 14:02")

    assert heard.say.startswith("The incident was reopened at 14:04 UTC; acknowledged cannot be before that.")
    assert talk.says("/time ack 14:04").code == ""
    assert talk.says("/time detected 13:59").code == ""


def test_an_action_item_with_owner_and_date(talk: Talk) -> None:
    heard = talk.says("/action @bob due:2026-12-01 alert on pool exhaustion\nand test it")

    assert heard.facts == (
        ActionAdded(number=1, owner=BOB, due="2026-12-01", text="alert on pool exhaustion\nand test it"),
    )
    assert heard.say == "Action item 1 was added for **bob**, due 2026-12-01."


def test_a_list_adds_one_action_item_a_line(talk: Talk) -> None:
    heard = talk.says("/action Follow-ups:\n- @bob alert on it by 2026-12-01\n- [ ] write it down")

    assert heard.facts == (
        ActionAdded(number=1, owner=BOB, due="2026-12-01", text="alert on it"),
        ActionAdded(number=2, text="write it down"),
    )
    assert heard.say == (
        "Action item 1 was added for **bob**, due 2026-12-01: alert on it\n"
        "Action item 2 was added without an owner yet: write it down\n"
        "Not recorded: Follow-ups"
    )
    assert talk.says("/todo more").say == "Action item 3 was added without an owner yet."


def test_what_stays_in_the_text_of_an_action_item_is_told(talk: Talk) -> None:
    assert talk.says("/action @bob @claire fix it").say == (
        "Action item 1 was added for **bob**.\nIt has one owner; `@claire` stays in its text."
    )
    assert talk.says("/action fix it due soon").say == (
        "Action item 2 was added without an owner yet.\n"
        "`due soon` is not a date and stays in its text; write it as `due:friday`."
    )
    assert talk.says("/action delete the logs before 2026-12-01").say.endswith(
        "\n`2026-12-01` stays in its text; if it is due then, write `due:2026-12-01`."
    )
    assert talk.says("/action add a test with @bob and @claire").say.endswith(
        "\n`@claire` stays in its text; `/action @claire …` makes them the owner."
    )
    assert "`@bob` stays in its text" in talk.says("/action add tests\n@bob for web\nand mobile").say
    assert talk.says("/action @acme/oncall fix it").say.endswith(
        "\n`@acme/oncall` stays in its text; `/action @octocat …` makes one person the owner."
    )


def test_an_action_item_may_leave_both_out(talk: Talk) -> None:
    talk.says("/action write a test")

    assert talk.says("/todo ask @bob about the pool").say == "Action item 2 was added without an owner yet."
    assert talk.says("/action write it down DUE: 2026-03-02").facts == (
        ActionAdded(number=3, due="2026-03-02", text="write it down"),
    )
    assert talk.says("/action add a test, @bob, friday").facts == (
        ActionAdded(number=4, owner=BOB, due="2026-03-06", text="add a test"),
    )


@pytest.mark.parametrize(
    ("typed", "code", "said"),
    [
        ("/action", "malformed", "The text is missing. Usage: `/action [@owner] [due:<date>] <text>`"),
        ("/action @bob due:2026-12-01", "malformed", "What is to be done?"),
        ("/action @stranger fix it", "missing", "GitHub knows no account `stranger`."),
        ("/action @carol fix it", "no-access", "`carol` cannot work on this: it needs"),
        (
            "/action fix it due:soon",
            "malformed",
            "`soon` is not a date; write it as `friday` or `2026-03-09`.",
        ),
        ("/action fix it due:2026-02-30", "malformed", "`2026-02-30` is not a date;"),
        ("/action fix it due:2026-03-01", "malformed", "2026-03-01 is in the past. When is it due?"),
    ],
)
def test_an_action_item_that_cannot_be_right_is_refused(talk: Talk, typed: str, code: str, said: str) -> None:
    heard = talk.says(typed)

    assert (heard.code, heard.say[: len(said)]) == (code, said)
    assert talk.incident.progress.actions == ()


def test_a_fenced_block_belongs_to_the_note_above_it(talk: Talk) -> None:
    heard = talk.says("/note\n```\n14:00 first\n```\n\n- 13:55 second\n```\nlog\n```")

    assert said_at(heard) == [(at("14:01"), "```\n14:00 first\n```"), (at("13:55"), "second\n```\nlog\n```")]


@pytest.mark.parametrize(
    ("below", "told"),
    [
        ("\nThanks all!\n\nwho is on call?", "`Thanks all!` and 1 more line."),
        ("\na\nb\n\nc", "`a` and 2 more lines."),
        ("\n@cat?", "`@cat?`."),
    ],
)
def test_talk_below_a_text_is_told_and_not_recorded(talk: Talk, below: str, told: str) -> None:
    heard = talk.says(f"/note restarted\n{below}")

    assert said_at(heard) == [(at("14:01"), "restarted")]
    assert heard.say.replace("\u2060", "").endswith(f"\n\nNot part of it: {told}")


def test_the_form_of_an_update_says_what_it_does_not_change(talk: Talk) -> None:
    heard = talk.says("/update\nCurrent status: \U0001f534 Verifying\nProgress: the fix is out")

    assert heard.facts[0] == Updated(text="the fix is out")
    assert "The status is not changed by this: `/status monitoring` does it." in heard.say
    assert "`/resolve` does it" in talk.says("/update\nCurrent status: Resolved\nProgress: done").say
    assert "not changed" not in talk.says("/update\nCurrent status: well\nProgress: done").say


def test_the_impact_in_an_update_is_not_recorded_by_it() -> None:
    talk = Talk("SEV1", book=written_runbook("sev"))
    said = talk.says("/update\nImpact: the EU\nActions: restarting").say
    assert "The impact is not recorded by this: `/impact the EU` does it." in said
    talk.says("/impact the EU")
    assert "not recorded" not in talk.says("/update\nImpact: the EU\nActions: restarting").say
    assert talk.says("/update Status: all is well").facts[0] == Updated(text="Status: all is well")


# -- what becomes of action items


@pytest.fixture
def planned(talk: Talk) -> Talk:
    talk.says("/action @bob due:2026-12-01 alert on pool exhaustion")
    talk.says("/action write a test")
    return talk


@pytest.mark.parametrize(
    ("typed", "outcome", "why"),
    [
        ("2 done", "done", ""),
        ("#2 done", "done", ""),
        ("item #2 is now done.", "done", ""),
        ("2: Closed", "done", ""),
        ("2 \u2705", "done", ""),
        ("mark 2 as done", "done", ""),
        ("close 2", "done", ""),
        ("closed: action item 2", "done", ""),
        ("2 completed, merged in #5", "done", "merged in #5"),
        ("done 2, merged", "done", "merged"),
        ("finished 2 because it was quick", "done", "it was quick"),
        ("2 done\nand tested", "done", "and tested"),
        ("2 won't-do: too late", "dropped", "too late"),
        ("2 dropped (too late)", "dropped", "too late"),
    ],
)
def test_an_item_ends_in_whatever_order_its_number_and_the_word_stand(
    planned: Talk, typed: str, outcome: str, why: str
) -> None:
    assert planned.says(f"/action {typed}").facts == (ActionEnded(number=2, outcome=outcome, why=why),)  # type: ignore[arg-type]  # one of the two


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("7 done", "There is no action item 7. Open: 1, 2. Write `/action done 1`."),
        ("2 dropped", "Why will nobody do it? The post-mortem says so: `/action drop 2 <why>`."),
        ("2 closed beta", "`/action done 2 beta` ends that; a new one begins with another word."),
        ("close 2 leaks", "may be about action item 2, or a new one."),
        ("done 1, 2", "names several action items, and one line ends one"),
        ("1 and #2 are done", "names several action items, and one line ends one"),
    ],
)
def test_what_may_end_an_item_or_be_a_new_one_is_asked_about(planned: Talk, typed: str, said: str) -> None:
    heard = planned.says(f"/action {typed}")
    assert (heard.facts, said in heard.say) == ((), True), heard.say


@pytest.mark.parametrize(
    "typed", ["close 5 leaks", "done properly: alerts", "2 done-like things", "item 2 needs an alert"]
)
def test_what_speaks_of_no_item_is_a_new_one(planned: Talk, typed: str) -> None:
    (fact,) = planned.says(f"/action {typed}").facts
    assert isinstance(fact, ActionAdded)
    assert fact.text == typed


@pytest.mark.parametrize("typed", ["/action done 2", "/todo Done: #2", "/action done 2 it was quick"])
def test_an_action_item_is_done(planned: Talk, typed: str) -> None:
    heard = planned.says(typed)

    assert heard.facts == (
        ActionEnded(number=2, outcome="done", why="it was quick" if "quick" in typed else ""),
    )
    assert heard.say == "Action item 2 is done: write a test. 1 is still open."
    assert planned.says("/action done 1").say.endswith("None is open now.")
    assert [one.outcome for one in planned.incident.progress.actions] == ["done", "done"]


@pytest.mark.parametrize("word", ["drop", "dropped", "wontdo", "wont-do", "won't-do"])
def test_an_action_item_is_dropped_for_a_reason(planned: Talk, word: str) -> None:
    assert planned.says(f"/action {word} 1").say.startswith("Why will nobody do it?")
    heard = planned.says(f"/action {word} 1 the pool\nis gone")

    assert heard.facts == (ActionEnded(number=1, outcome="dropped", why="the pool\nis gone"),)
    assert heard.say == "Action item 1 is dropped: alert on pool exhaustion. 1 is still open."


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("/action done", "Which action item? Open: 1, 2. Write `/action done 1`."),
        ("/action drop", "Which action item? Open: 1, 2. Write `/action drop 1 <why>`."),
        ("/action done 7", "There is no action item 7. Open: 1, 2. Write `/action done 1`."),
    ],
)
def test_which_action_item_is_over_has_to_be_said(planned: Talk, typed: str, said: str) -> None:
    heard = planned.says(typed)

    assert (heard.say, heard.code) == (said, "malformed")


def test_an_action_item_is_over_once_and_taking_it_back_opens_it_again(planned: Talk) -> None:
    planned.says("/action done 1")
    assert planned.says("/action drop 1 too late").say == "Action item 1 is done already."
    planned.says("/undo")
    assert [one.outcome for one in planned.incident.progress.actions] == ["", ""]


def test_without_an_action_item_there_is_nothing_to_end(talk: Talk) -> None:
    assert talk.says("/action done 1").say == (
        "There is no action item 1. None is open; `/action <text>` adds one."
    )


@pytest.mark.parametrize("text", ["drop the old table", "done is better than perfect", "done 3.5 times"])
def test_words_that_only_begin_so_are_an_action_item(talk: Talk, text: str) -> None:
    assert talk.says(f"/action {text}").facts == (ActionAdded(number=1, text=text),)


def test_the_number_of_an_action_item_stays_when_one_before_it_is_taken_back(talk: Talk) -> None:
    talk.says("/action first")
    talk.says("/action second", by=BOB)
    talk.says("/undo")
    assert [(one.number, one.text) for one in talk.incident.progress.actions] == [(2, "second")]
    assert "Action item 3 was added" in talk.says("/action third").say


def test_of_what_the_checkpoint_left_out_the_comments_are_read(planned: Talk) -> None:
    planned.says("/action done 1")
    with pytest.raises(HistoryNeededError):
        planned.says("/action done 1", brief=True)


def test_more_action_items_than_anybody_keeps_an_eye_on_are_refused(talk: Talk) -> None:
    for number in range(MOST_ACTIONS):
        talk.says(f"/action number {number}")
    assert talk.says("/action one more").say.startswith("More than 50 action items cannot be open.")
    talk.says("/action done 4")
    assert "Action item 51 was added" in talk.says("/action one more").say


@pytest.mark.parametrize(
    ("text", "minutes", "kept"),
    [
        ("from 13:00 to 13:20 errors", "13:00", "until 13:20: errors"),
        ("between 13:00 and 13:20 errors", "13:00", "until 13:20: errors"),
        ("since 13:00 errors", "13:00", "errors"),
        ("on 2026-03-02 13:00 errors", "13:00", "errors"),
        ("on Monday 13:00 errors", "13:00", "errors"),
        ("13:00 and 13:20 errors", "13:00", "and 13:20 errors"),
        ("on three hosts", "14:01", "on three hosts"),
        ("from 3 to 5 hosts", "14:01", "from 3 to 5 hosts"),
        ("between the two releases", "14:01", "between the two releases"),
    ],
)
def test_small_words_stand_before_a_time(talk: Talk, text: str, minutes: str, kept: str) -> None:
    assert said_at(talk.says(f"/note {text}")) == [(at(minutes), kept)]


def test_of_two_times_the_one_that_is_meant_is_asked_for(talk: Talk) -> None:
    heard = talk.says("/time started 00:05 or 00:10")

    assert (heard.facts, heard.code) == ((), "malformed")
    assert heard.say.startswith("`00:05 or 00:10` names two times. Write the one that is meant, such as")


def test_a_dash_divides_a_milestone_from_its_time(talk: Talk) -> None:
    (moved,) = talk.says("/time started - 00:05").facts

    assert isinstance(moved, MilestoneSet)
    assert moved.at == at("00:05")


@pytest.mark.parametrize(
    ("typed", "word"),
    [
        ("15k users", "15k"),
        ("10% of web", "10%"),
        ("checkout, maybe api", "maybe"),
        ("everyone", "everyone"),
        ("We think web", "We"),
    ],
)
def test_a_number_or_a_guess_is_no_service(talk: Talk, typed: str, word: str) -> None:
    heard = talk.says(f"/affects {typed}")

    assert heard.facts == ()
    assert heard.say.startswith(f"`{word}` is not the name of a service.")


def test_the_lines_of_a_list_of_services_all_count(talk: Talk) -> None:
    assert talk.says("/affects - checkout\n- api").say == "Affected services: `checkout`, `api`."
