"""Voices speak at their moments, once, in their words; what everybody may read waits to be published."""

from typing import Any, Literal

import pytest

from allclear.core.conversation.spoken import Occasion, named_values
from allclear.core.model.effects import Reply
from allclear.core.model.operation import Smoke, SmokeLine
from allclear.core.model.people import Person
from allclear.core.model.structs import replace
from allclear.core.policy.runbook import Runbook
from allclear.core.policy.settings import Settings
from allclear.core.record.incident import Incident, ProductionState, SmokeRun, Stage
from core.issue_desk import IssueDesk
from stories import ADA, BOB, CAT, NOON, UTC_ZONE
from written import runbook, small

PEOPLE = Settings(
    people={"On-call": ("bob",), "On-call Engineer": ("bob",), "System Administrator": ("bob",)}
)
LEVELS = {"SEV1": {"response": "5m", "update": "30m"}, "SEV2": {"response": "1h"}, "SEV3": {"response": "1d"}}


def desk(book: Runbook, severity: str = "SEV1", **more: Any) -> IssueDesk:
    found = IssueDesk(
        title=f"[INCIDENT {severity}] Checkout is down",
        labels=frozenset({"incident"}),
        runbook=book,
        settings=PEOPLE,
        **more,
    )
    found.run()
    return found


def replies(found: IssueDesk) -> str:
    """Everything that was answered."""
    return "\n".join(one.body for one in found.comments if one.body.startswith("<!-- allclear:entries"))


def said(found: IssueDesk, who: Person, text: str) -> str:
    """What is answered to this comment."""
    found.says(who, text)
    return "\n".join(one.body for one in found.run().effects if isinstance(one, Reply))


def later(found: IssueDesk, minutes: float) -> str:
    found.later(minutes)
    return "\n".join(one.body for one in found.run().effects if isinstance(one, Reply))


def team(**more: Any) -> dict[str, Any]:
    return {
        "voices": {"team": {"at": {"declared": "Down", "resolved": "Up again", "all-clear": "Over"}} | more}
    }


def test_a_voice_speaks_at_its_moments_once() -> None:
    found = desk(small(severities=LEVELS, lists={}, **team()))
    assert "> Down" in replies(found)
    assert "Down" not in said(found, BOB, "/ack")
    assert "> Up again" in said(found, BOB, "/status monitoring\n/resolve restarted")
    assert replies(found).count("> Down") == 1


def test_a_severity_or_a_flag_in_which_it_does_not_speak() -> None:
    book = small(severities=LEVELS, lists={}, **team(**{"for": "SEV1", "when": {"flag": "user-facing"}}))
    found = desk(book)
    assert "> Down" not in replies(found)
    assert "> Down" in said(found, BOB, "/flag user-facing"), "it begins late with its first text"
    assert "> Down" not in replies(desk(book, "SEV3"))


def test_who_has_spoken_also_ends_though_its_condition_holds_no_longer() -> None:
    book = small(severities=LEVELS, lists={}, **team(when={"flag": "user-facing"}))
    found = desk(book)
    said(found, BOB, "/flag user-facing")
    said(found, BOB, "/unflag user-facing")
    assert "> Up again" in said(found, BOB, "/status monitoring\n/resolve restarted")


def test_who_never_spoke_says_nothing_at_the_end() -> None:
    found = desk(small(severities=LEVELS, lists={}, **team(when={"flag": "user-facing"})))
    assert "> Up again" not in said(found, BOB, "/status monitoring\n/resolve restarted")


def test_a_voice_with_nothing_to_say_before_the_end_says_that_it_is_over() -> None:
    found = desk(small(severities=LEVELS, lists={}, voices={"team": {"at": {"resolved": "Up again"}}}))
    assert "> Up again" in said(found, BOB, "/status monitoring\n/resolve restarted")


def test_of_several_new_moments_it_says_the_newest() -> None:
    voices = {"team": {"at": {"declared": "Down", "mitigated": "Fixed", "resolved": "Up again"}}}
    found = desk(small(severities=LEVELS, lists={}, voices=voices))
    told = said(found, BOB, "/status monitoring\n/resolve restarted")
    assert "> Up again" in told
    assert "> Fixed" not in told
    assert "> Fixed" not in later(found, 5)


def test_an_incident_that_is_written_up_afterwards_is_said_to_nobody() -> None:
    book = small(severities=LEVELS, lists={}, **team())
    found = IssueDesk(title="[RETRO SEV1] Checkout was down", labels=frozenset({"incident"}), runbook=book)
    found.run()
    assert "> Down" not in replies(found)


def test_a_reopened_incident_is_said_anew() -> None:
    found = desk(small(severities=LEVELS, lists={}, **team()))
    said(found, ADA, '/all-clear --override "a false alarm"')
    assert "> Down" in said(found, BOB, "/reopen it is down again")


def test_an_update_is_the_word_of_every_voice_of_the_team() -> None:
    found = desk(runbook("dirt-free-crm"))
    told = said(found, BOB, "/update Restarting\nETA: 15:00")
    assert "📊 INCIDENT UPDATE - SEV 1" in told
    assert "Current Actions: Restarting" in told
    assert "Next Update: 2025-10-19 08:06 PDT" in told
    assert "ETA: 15:00" in told
    assert "Impact: not known yet" in told
    assert "War Room: #incident-20251019-0705" in told


def test_002_10_the_first_word_has_names_and_times() -> None:
    found = desk(runbook("sev"))
    told = said(found, BOB, "/ack\n/ic @bob")
    assert "SEV1 acknowledged: Checkout is down. Responders: bob. Timer started 2025-10-19" in told


def test_002_11_what_people_read_elsewhere_is_a_block_to_copy() -> None:
    told = said(desk(runbook("sev")), BOB, "/ack")
    assert "**Stakeholders** · incidents@example.com" in told.replace("\\", "").replace("\u2060", "")
    assert "`````\nSubject: [SEV1] Production Incident - not known yet\n\nTeam," in told
    assert "Updates every 15 minutes in incident channel." in told


PUBLIC = {
    "voices": {
        "customers": {
            "public": "true",
            "every": "30m",
            "at": {"declared, update": "{{ public_issue }} hits {{ public_affected }}", "resolved": "Over"},
        }
    }
}


def customers(**more: Any) -> IssueDesk:
    return desk(small(severities=LEVELS, lists={}, **PUBLIC), **more)


def test_what_everybody_may_read_is_a_draft_that_somebody_is_told_of() -> None:
    told = replies(customers())
    assert "A text for customers is wanted" in told
    assert "[what does not work] hits [what is affected]" in told


def test_a_draft_takes_what_is_typed_for_the_public_and_says_what_is_missing() -> None:
    found = customers()
    told = said(found, BOB, "/draft customers\nissue: Sign-in fails")
    assert "Sign-in fails hits [what is affected]" in told
    assert "Still to be filled in: `[what is affected]`" in told
    told = said(found, BOB, "/draft affected: all | customers")
    assert "Sign-in fails hits all | customers" in told
    assert "`/publish customers` releases it." in told


def test_a_text_with_a_stand_in_is_not_released() -> None:
    assert "This is not released: `[what does not work]`" in said(customers(), ADA, "/publish customers")


def test_who_commands_releases_it_and_nobody_else() -> None:
    found = customers()
    said(found, BOB, "/ic @bob\n/draft issue: Sign-in\naffected: everybody")
    assert "bob, who is Incident Commander, releases what is said to customers." in said(
        found, CAT, "/publish"
    )
    told = said(found, BOB, "/publish")
    assert "**Released.** Copy it to where they read it:" in told
    assert "Sign-in hits everybody" in told
    assert "Sign-in hits everybody" in said(found, BOB, "/publish customers"), "a word again and again"


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("/publish customers not yet", "reads as if it is not so yet"),
        ("/publish customers if bob agrees", "reads as if it is not so yet"),
        ("/publish customers tomorrow", "reads as if it is not so yet"),
        ("/publish customers issue: Sign-up", "`/draft customers issue: Sign-up` first"),
        ("/publish customers\nissue: Sign-up", "`/draft customers issue: Sign-up` first"),
        ("/publish issue: Sign-up", "`/draft customers issue: Sign-up` first"),
    ],
)
def test_what_is_not_so_yet_or_changes_the_text_releases_nothing(typed: str, why: str) -> None:
    found = customers()
    said(found, BOB, "/ic @bob\n/draft issue: Sign-in\naffected: everybody")
    told = said(found, BOB, typed)
    assert why in told
    assert "`/publish customers`" in told
    assert "Released" not in told


def test_a_remark_behind_the_voice_releases_its_text() -> None:
    found = customers()
    said(found, BOB, "/ic @bob\n/draft issue: Sign-in\naffected: everybody")
    assert "**Released.**" in said(found, BOB, "/publish customers agreed with legal")


def test_while_nobody_commands_somebody_who_maintains_releases_it() -> None:
    found = customers()
    said(found, BOB, "/draft issue: Sign-in\naffected: everybody")
    assert "Nobody is Incident Commander yet" in said(found, BOB, "/publish")
    assert "**Released, while nobody is Incident Commander.**" in said(found, ADA, "/publish")


def test_the_role_that_the_runbook_asks_for_releases_it() -> None:
    voices = {"customers": PUBLIC["voices"]["customers"] | {"approve": "comms"}}
    found = desk(small(severities=LEVELS, lists={}, voices=voices))
    said(found, BOB, "/comms @cat\n/draft issue: Sign-in\naffected: everybody")
    assert "cat, who is Communications Lead, releases" in said(found, ADA, "/publish")
    assert "**Released.**" in said(found, CAT, "/publish")
    found = desk(small(severities=LEVELS, lists={}, voices=voices))
    said(found, BOB, "/ic @bob\n/draft issue: Sign-in\naffected: everybody")
    assert "**Released as Incident Commander.**" in said(found, BOB, "/publish")


def test_a_draft_is_chased_until_it_is_published_also_after_the_resolution() -> None:
    found = customers()
    assert "Draft for customers not published" in later(found, 31)
    assert "Draft for customers not published" in later(found, 30)
    said(found, BOB, "/status monitoring\n/resolve restarted")
    assert "Draft for customers not published" in later(found, 31)


def test_a_newer_draft_replaces_an_older_one() -> None:
    found = customers()
    assert "Over" in said(found, BOB, "/status monitoring\n/resolve restarted")
    assert "**Released" in said(found, ADA, "/publish customers")
    assert "Nothing waits to be said to customers" not in said(found, ADA, "/draft customers")


def test_the_draft_of_the_end_is_asked_for_by_its_own_clock() -> None:
    found = customers()
    found.later(31)
    told = said(found, BOB, "/status monitoring\n/resolve restarted")
    assert "A text for customers is wanted" in told
    assert "not published" not in told
    assert "not published" not in later(found, 29)
    assert "Draft for customers not published" in later(found, 1)


def test_words_are_owed_again_and_again_until_the_resolution() -> None:
    found = desk(
        small(severities=LEVELS, voices={"team": {"every": "30m", "at": {"update": "{{ text }}"}}}, lists={})
    )
    assert "Update for team due" not in later(found, 29)
    assert "Update for team due" in later(found, 2)
    said(found, BOB, "/update On it")
    assert "Update for team due" not in later(found, 28)
    assert "Update for team due" in later(found, 2)


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("/draft team", "`team` is not a voice for the public; this runbook has `customers`, `status`."),
        ("/draft", "Which voice? This runbook has `customers`, `status`."),
        ("/publish status", "Nothing waits to be said to status now."),
    ],
)
def test_what_cannot_be_meant_is_refused_with_what_there_is(text: str, answer: str) -> None:
    voices = PUBLIC["voices"] | {"status": {"public": "true", "at": {"identified": "Found"}}}
    assert answer in said(desk(small(severities=LEVELS, lists={}, voices=voices)), ADA, text)


def test_a_runbook_without_a_voice_for_the_public_says_so() -> None:
    told = said(desk(small(severities=LEVELS, lists={})), ADA, "/draft")
    assert "This runbook has no voice for the public." in told


def test_what_is_typed_for_the_public_is_put_in_as_it_is_and_mentions_nobody() -> None:
    found = customers()
    told = said(found, BOB, "/draft issue: {{ severity }} `````\naffected: @ada #1 <!-- x -->")
    assert "{{ severity }} ''''' hits @ada #1 <!-- x -->" in told
    assert told.partition("\n")[2].count("`````") == 2


def test_a_value_for_the_public_has_a_greatest_length() -> None:
    told = said(customers(), BOB, f"/draft issue: {'x' * 301}")
    assert "`issue` has 301 characters; 300 are the most." in told


def test_a_clock_of_twelve_hours() -> None:
    voices = {"team": {"clock": "12h", "at": {"declared": "Since {{ started }}"}}}
    assert "> Since 2025-10-19 2:05 PM UTC" in replies(
        desk(small(severities=LEVELS, lists={}, voices=voices))
    )


def test_a_text_names_the_meeting_and_its_line_falls_away_where_there_is_none() -> None:
    texts = {"at": {"resolved": "Up again\nReview: {{ meeting }}"}}
    asked = {
        "voices": {"team": texts | {"clock": "12h"}},
        "lists": {},
        "review": {"meeting": {"invite": ["ic"]}},
    }
    found = desk(small(severities=LEVELS, **asked))
    said(found, BOB, "/meeting 2026-12-01 15:00")
    ended = said(found, BOB, "/status monitoring\n/resolve restarted")
    assert "> Review: Tuesday, 2026-12-01 3:00 PM UTC" in ended
    found = desk(small(severities=LEVELS, **asked))
    assert "> Review: not planned yet" in said(found, BOB, "/status monitoring\n/resolve restarted")
    found = desk(small(severities=LEVELS, **(asked | {"review": {}})))
    assert "Review:" not in said(found, BOB, "/status monitoring\n/resolve restarted")


def test_what_a_rule_says_may_name_every_value_that_texts_may_name() -> None:
    say = "{{ severity_name }}: {{ services }} hit, {{ ic }} commands, watched for {{ watch }}, {{ cause }}"
    book = small(
        severities=LEVELS | {"SEV1": {"response": "5m", "name": "Critical", "shown": "SEV 1"}},
        rules={"gravest": "none", "team": {"tell": "On-call", "say": f"{{{{ severity }}}} · {say}"}},
    )
    told = replies(desk(book))
    assert (
        "SEV 1 · Critical: not known yet hit, nobody yet commands, watched for 30 minutes, not known yet"
        in told
    )


STAGES = {
    "voices": {
        "page": {
            "public": "true",
            "at": {
                "declared": "Looking",
                "identified": "Found",
                "resolved": "Over",
                "update": "{{ public_status }}",
            },
        }
    }
}


def test_a_text_of_an_earlier_moment_is_not_wanted_after_a_later_one_was_said() -> None:
    found = desk(small(severities=LEVELS, lists={}, **STAGES))
    said(found, BOB, "/ack\n/publish page")
    assert "> Found" not in said(found, BOB, "/finding the disk is full")
    assert "Over" in said(found, BOB, "/status monitoring\n/resolve a new disk")
    said(found, BOB, "/publish page")
    assert later(found, 10) == "", "nothing is left to be said"


def test_after_the_end_no_update_is_published() -> None:
    found = desk(
        small(severities={**LEVELS, "SEV1": {"response": "5m", "watch": "none"}}, lists={}, **STAGES)
    )
    said(found, BOB, "/ack\n/publish page\n/draft page status: better")
    said(found, BOB, "/status monitoring\n/resolve a new disk")
    said(found, BOB, "/publish page")
    assert "Nothing waits to be said to page now" not in said(found, BOB, "/publish page")
    said(found, BOB, "/all-clear")
    assert "Nothing waits to be said to page now" in said(found, BOB, "/publish page")


def test_while_a_text_waits_it_is_asked_for_once_and_after_four_hours_once_a_day() -> None:
    found = customers()
    chased = [at for at in range(30, 60 * 30, 30) if "not published" in later(found, 30)]
    assert "**⏰ Update for customers due**" not in replies(found)
    assert [at for at in chased if at <= 240] == [30, 60, 90, 120, 150, 180, 210, 240]
    assert [at for at in chased if at > 240] == [240 + 24 * 60]


def test_where_people_read_it_is_named_with_its_values() -> None:
    told = said(desk(runbook("sev")), BOB, "/ack")
    assert "incident-2025-10-19-checkout-is-down" in told.split("**Team**")[1].split("\n")[0]


def test_003_14_what_is_not_known_is_said_and_after_the_resolution_there_is_no_next_update() -> None:
    found = desk(runbook("habit-tracker"), "P1")
    assert "**Current Actions**: not said yet\n**Next Update**: 2025-10-19 14:35 UTC" in replies(found)
    said(found, BOB, "/ack\n/status monitoring\n/check channel")
    told = said(found, BOB, "/resolve restarted")
    assert "Resolved" in told
    assert "Next Update" not in told


def test_who_has_not_begun_says_only_the_newest_of_what_ends() -> None:
    levels = {**LEVELS, "SEV1": {"response": "5m", "watch": "none"}}
    ends = {"voices": {"team": {"at": {"resolved": "Up again", "all-clear": "Over"}}}}
    told = said(desk(small(severities=levels, lists={}, **ends)), ADA, '/all-clear --override "wrong"')
    assert "> Over" in told
    assert "Up again" not in told


def test_a_flag_that_goes_up_after_the_resolution_begins_nothing() -> None:
    found = desk(small(severities=LEVELS, lists={}, **team(when={"flag": "user-facing"})))
    said(found, BOB, "/status monitoring\n/resolve restarted")
    told = said(found, BOB, "/flag user-facing")
    assert "> Down" not in told
    assert "> Up again" not in told


def test_a_text_of_before_the_end_is_not_asked_for_once_it_is_over() -> None:
    voices = {"page": {"public": "true", "at": {"declared": "{{ public_issue }} is broken"}}}
    levels = {**LEVELS, "SEV1": {"response": "5m", "watch": "none"}}
    found = desk(small(severities=levels, lists={}, voices=voices))
    assert "not published" in later(found, 30)
    said(found, BOB, "/ack\n/status monitoring\n/resolve x")
    assert "not published" not in later(found, 30)
    said(found, BOB, "/all-clear\n/draft page issue: search")
    assert "Nothing waits to be said to page now" in said(found, BOB, "/publish page")


def test_the_next_update_is_the_one_of_the_voices_that_spoke() -> None:
    voices = {"page": {"public": "true", "every": "20m", "at": {"declared, update": "Down"}}}
    found = desk(small(severities=LEVELS, lists={}, voices=voices))
    said(found, BOB, "/ack\n/publish page")
    assert "The next one is due by 14:37 UTC." in said(found, BOB, "/update looking")


def test_a_state_that_the_runbook_does_not_have_is_not_reached_by_a_finding() -> None:
    found = desk(runbook("habit-tracker"), "P1")
    assert "The status is now" not in said(found, BOB, "/finding the disk is full")
    assert "status:investigating" in found.labels
    assert "status:identified" not in found.labels


def test_a_severity_is_called_as_the_runbook_calls_it() -> None:
    found = desk(runbook("dirt-free-crm"))
    assert "Incident declared: **SEV 1 · Critical**" in replies(found)
    assert found.panel is not None
    assert " SEV 1 · Investigating · " in found.panel.body


def test_001_01_the_manager_hears_of_a_p0_although_somebody_acknowledged_a_lesser_severity() -> None:
    people = Settings(people={"Deployment Agent": ("bob",), "Manager": ("cat",)})
    found = IssueDesk(
        title="[INCIDENT P2] Slow",
        labels=frozenset({"incident"}),
        runbook=runbook("hotdash-agents"),
        settings=people,
    )
    found.run()
    said(found, BOB, "/ack")
    assert "@bob @cat" in said(found, BOB, "/sev P0").replace("\\", "")


VERIFIED = {"voices": {"team": {"at": {"resolved": "Verified: {{ verified }}"}}}}


def test_000_20_what_was_seen_of_the_fix_is_said() -> None:
    steps = {"check": {"text": "Verified", "done": "smoke", "optional": "true"}}
    book = small(severities=LEVELS, lists={"first": {"steps": steps}}, **VERIFIED)
    assert "Verified: not looked at" in said(desk(book), BOB, "/status monitoring\n/resolve x")
    by_hand = said(desk(book), BOB, "/status monitoring\n/check check\n/resolve x")
    assert "Verified: Checked by bob" in by_hand


@pytest.mark.parametrize(
    ("outcome", "measures", "told"),
    [
        ("pass", {}, "All smoke checks passed"),
        ("fail", {}, "No. The last smoke run of web failed"),
    ],
)
def test_000_20_what_smoke_runs_saw_is_said(
    outcome: Literal["pass", "fail"], measures: dict[str, Any], told: str
) -> None:
    book = small(severities=LEVELS, measures=measures)
    run = SmokeRun(Smoke(lines=(SmokeLine(name="health", outcome=outcome),)), NOON, "smoke-1")
    incident = replace(
        Incident(42, severity="SEV1", stage=Stage.OPEN),
        milestones={"mitigated": NOON},
        production=ProductionState(smoke={"web": run}),
    )
    when = Occasion(book, PEOPLE, UTC_ZONE, "", NOON)
    assert named_values(incident, when)["verified"] == told


OTHERS = {"others": {"at": {"declared": "Down", "resolved": "Up again", "all-clear": "Over"}}}
"""A voice that the runbook before did not have."""


def takes(found: IssueDesk, book: Runbook) -> str:
    """What is said when the repository takes another runbook."""
    found.runbook = book
    return "\n".join(one.body for one in found.run().effects if isinstance(one, Reply))


def test_a_runbook_that_is_taken_on_the_way_says_nothing_of_what_was_before() -> None:
    found = desk(small(severities=LEVELS, lists={}))
    said(found, BOB, "/ack")
    found.later(5)
    told = takes(found, small(severities=LEVELS, lists={}, voices=OTHERS))
    assert "was changed during this incident" in told
    assert "> Down" not in told
    assert "> Up again" in said(found, BOB, "/status monitoring\n/resolve restarted")


def test_an_incident_that_ended_under_another_runbook_stays_as_it_was() -> None:
    found = desk(small(severities=LEVELS, lists={}))
    said(found, ADA, '/all-clear --override "a false alarm"')
    assert "Over" not in takes(found, small(severities=LEVELS, lists={}, voices=OTHERS))
