"""The clock of HotDash through the doors (000-01 to 000-06, 000-19, 000-26; G4): when, to whom, once."""

import re
from datetime import timedelta
from pathlib import Path

import pytest

from allclear.core.model.stored import json_of
from conversations.room import SETTINGS, Room, minutes, open_room


def spoken(room: Room, known: int) -> dict[str, set[str]]:
    """The notices of the replies after the first `known`: title -> who was mentioned."""
    found: dict[str, set[str]] = {}
    for reply in room.replies[known:]:
        for people, title in re.findall(r"((?:^@.*\n)?)^\*\*[⏰🚨📢🗂️]+ (.+)\*\*$", reply.body, re.MULTILINE):
            # What a voice says, and silence, have tests of their own.
            if not title.startswith("INCIDENT: ") and title != "Nobody has said anything":
                found[title] = set(re.findall(r"@([\w-]+)", people))
    return found


def sweep_after(room: Room, count: float) -> dict[str, set[str]]:
    """What a sweep so many minutes later says."""
    room.clock.advance(minutes(count))
    known = len(room.replies)
    assert room.sweep() == 0
    return spoken(room, known)


def opens(room: Room, severity: str) -> dict[str, set[str]]:
    room.opens("ann", f"[INCIDENT {severity}] Tiles", labels=("incident", severity))
    return spoken(room, 0)


@pytest.mark.parametrize(
    ("severity", "before", "after", "title"),
    [
        ("P1", 14, 1, "Notice to Manager"),
        ("P2", 59, 1, "Notice to Manager"),
        ("P3", 24 * 60 - 1, 1, "Response due"),
    ],
)
def test_nobody_is_reminded_a_minute_early_and_everybody_in_time(
    room: Room, severity: str, before: float, after: float, title: str
) -> None:
    opens(room, severity)
    assert sweep_after(room, before) == {}
    due = {"Response due": {"bob", "cat"}}
    assert sweep_after(room, after) == due | ({title: {"mia"}} if title != "Response due" else {})


def test_a_p0_goes_to_the_ceo_at_once_and_again_every_five_minutes_until_somebody_acknowledges(
    room: Room,
) -> None:
    assert opens(room, "P0") == {
        "Escalation to CEO": {"ann", "bob", "cat"},
        "Notice to All hands": {"ann", "bob", "cat", "mia"},
    }
    assert sweep_after(room, 4) == {}
    assert sweep_after(room, 1) == {"Escalation to CEO": {"ann", "bob", "cat"}}
    assert sweep_after(room, 0) == {}
    assert sweep_after(room, 5)["Escalation to CEO"] >= {"ann"}
    room.says("bob", "/ack", after=minutes(4))
    assert "Escalation to CEO" not in sweep_after(room, 10)


def test_an_escalation_to_the_manager_goes_on_until_the_fix_and_not_only_until_the_ack(room: Room) -> None:
    opens(room, "P1")
    room.says("bob", "/ack")
    assert sweep_after(room, 15) == {"Notice to Manager": {"mia"}}
    assert sweep_after(room, 60) == {}


def test_a_fix_in_time_escalates_to_nobody(room: Room) -> None:
    opens(room, "P1")
    room.says("bob", "/ack")
    room.says("bob", "/status monitoring")
    assert sweep_after(room, 30) == {}


def test_missed_levels_collapse_to_the_highest_and_tell_the_lower_ones_people_with_the_lateness(
    room: Room,
) -> None:
    opens(room, "P0")
    known = len(room.replies)
    assert sweep_after(room, 63)["Escalation to CEO"] == {"ann", "bob", "cat"}
    assert len(room.replies) == known + 1
    assert "<sub>This was due at 15:02 UTC and comes 3 min late.</sub>" in room.replies[-1].body
    (fired,) = [e for e in room.journal.entries if e.key.startswith("t:ceo-2/0/12")]
    assert json_of(fired.facts[0])["covers"] == ["response/0/0"]


def test_t1_a_reminder_that_is_in_time_shows_no_lateness(room: Room) -> None:
    opens(room, "P1")
    sweep_after(room, 15)
    assert "said" not in room.replies[-1].body


def test_everything_is_said_once_however_often_anybody_looks(room: Room) -> None:
    opens(room, "P0")
    sweep_after(room, 20)
    known = len(room.comments)
    for _ in range(3):
        assert room.sweep() == 0
        assert room.run() == 0
    assert len(room.comments) == known


def test_a_comment_catches_up_with_what_the_cron_forgot(room: Room) -> None:
    opens(room, "P1")
    known = len(room.replies)
    room.says("rae", "is anybody there?", after=minutes(200))
    assert spoken(room, known) == {"Notice to Manager": {"mia"}, "Response due": {"bob", "cat"}}


def test_the_cadence_of_a_p0_starts_with_the_declaration_and_anew_with_every_update(room: Room) -> None:
    opens(room, "P0")
    room.says("bob", "/ack", after=0)
    assert sweep_after(room, 14) == {}
    assert sweep_after(room, 1) == {"Update for team due": {"bob"}}
    room.says("bob", "/update rolling back", after=minutes(5))
    assert sweep_after(room, 14) == {}
    assert sweep_after(room, 1) == {"Update for team due": {"bob"}}
    assert sweep_after(room, 40) == {"Update for team due": {"bob"}}


@pytest.mark.parametrize("severity", ["P1", "P2", "P3"])
def test_only_a_p0_has_a_cadence(room: Room, severity: str) -> None:
    opens(room, severity)
    room.says("bob", "/ack")
    assert "Update for team due" not in sweep_after(room, 300)


def test_raising_the_severity_fires_what_is_overdue_by_it_at_once(room: Room) -> None:
    opens(room, "P3")
    room.clock.advance(minutes(90))
    known = len(room.replies)
    room.says("bob", "/sev P1")
    assert spoken(room, known)["Notice to Manager"] == {"mia"}
    assert sweep_after(room, 0) == {}


def test_lowering_the_severity_drops_what_was_to_come(room: Room) -> None:
    opens(room, "P1")
    room.says("bob", "/sev P3")
    assert sweep_after(room, 120) == {}
    assert "Response due" in sweep_after(room, 24 * 60)


@pytest.mark.parametrize(("severity", "window"), [("P0", 120), ("P1", 60), ("P2", 30)])
def test_the_end_of_the_monitoring_window_is_told_to_who_responded(
    room: Room, severity: str, window: float
) -> None:
    opens(room, severity)
    for text in ("/ack", "/finding x", "/check verification", "/status monitoring"):
        room.says("bob", text, after=0)
    room.says("bob", "/resolve rolled back", after=0)
    assert sweep_after(room, window - 1) == {}
    assert sweep_after(room, 1) == {"End of monitoring": {"bob"}}
    assert sweep_after(room, 300) == {}


def closed(room: Room, severity: str = "P1") -> None:
    opens(room, severity)
    for text in ("/ack", "/finding x", "/check verification", "/status monitoring", "/resolve fixed"):
        room.says("bob", text, after=0)
    room.says("mia", '/all-clear --override "drill over"', after=0)
    assert room.issue.state == "closed"


def test_the_post_mortem_of_a_closed_incident_is_asked_for_after_a_day_and_three_and_every_day_then(
    room: Room,
) -> None:
    closed(room)
    day = 24 * 60
    assert sweep_after(room, day - 1) == {}
    assert sweep_after(room, 1) == {"Post-mortem reminder": {"bob"}}
    assert sweep_after(room, day) == {}
    assert sweep_after(room, day) == {"Post-mortem due": {"bob"}}
    assert sweep_after(room, day) == {"Post-mortem due": {"bob"}}


def test_a_merged_post_mortem_ends_the_asking_for_it_and_the_sweep_forgets_what_is_learned(
    room: Room,
) -> None:
    closed(room)
    room.merges_report("ann")
    assert sweep_after(room, 60) == {}
    assert "The post-mortem is published" in room.replies[-1].body
    assert sweep_after(room, 5 * 24 * 60).keys() == {"Checklist due: Post-Incident"}
    room.says("bob", '/check actions runbooks prevention debrief --wont-do "nothing to learn"')
    assert "postmortem:pending" not in room.issue.labels
    assert sweep_after(room, 5 * 24 * 60) == {}


def test_a_duplicate_and_a_dismissed_report_have_no_clocks(room: Room) -> None:
    opens(room, "P0")
    original = room.number
    opens(room, "P0")
    room.says("bob", f"/duplicate #{original}")
    known = len(room.comments)
    room.clock.advance(minutes(300))
    assert room.sweep() == 0
    assert len(room.comments) == known


def test_a_reopened_incident_has_clocks_of_its_own(room: Room) -> None:
    closed(room, "P0")
    known = len(room.replies)
    room.says("bob", "/reopen it is back", after=minutes(600))
    assert spoken(room, known)["Escalation to CEO"] == {"ann", "bob", "cat"}
    assert "Escalation to CEO" in sweep_after(room, 5)
    assert room.incident.interval == 1


def test_a_title_nobody_stands_behind_is_shown_by_its_name_and_the_first_responder_hears(
    tmp_path: Path,
) -> None:
    with open_room(tmp_path, "runbook: hotdash\npeople:\n  DevOps: [bob]\n") as room:
        assert opens(room, "P0")["Escalation to CEO"] == {"bob"}
        assert "<sub>Nobody fills this role yet: CEO.</sub>" in room.replies[0].body


def test_the_panel_shows_the_phase_by_the_clock_as_a_hint(room: Room) -> None:
    opens(room, "P0")
    room.says("bob", "/note started", after=minutes(10))
    assert "Expected phase by now: Investigation" in room.panel.body
    room.says("bob", "/note later", after=minutes(10))
    assert "Expected phase by now: Mitigation" in room.panel.body


BROKEN = "runbook: hotdash\npeople:\n  CEO: [ann\n"


def test_i1_broken_settings_keep_paging_by_the_last_good_ones_and_the_panel_says_so(room: Room) -> None:
    opens(room, "P0")
    settings = room.root / ".github" / "allclear.yml"
    settings.write_text(BROKEN, encoding="utf-8")
    assert sweep_after(room, 5)["Escalation to CEO"] == {"ann", "bob", "cat"}
    assert "`.github/allclear.yml` line" in room.panel.body
    assert "can be read counts; of the last good settings `people`." in room.panel.body
    assert sweep_after(room, 5)["Escalation to CEO"] == {"ann"}
    settings.write_text(SETTINGS, encoding="utf-8")
    assert "last good settings" in room.panel.body
    assert room.run() == 0
    assert "last good settings" not in room.panel.body


def test_i1_settings_broken_from_the_start_still_declare_and_say_so(tmp_path: Path) -> None:
    with open_room(tmp_path, BROKEN) as room:
        opens(room, "P0")
        assert room.incident.stage == "open"
        for _ in range(2):
            assert "can be read counts; what is wrong in `people` does not." in room.panel.body
            assert room.run() == 0


def test_t4_a_person_who_left_the_settings_is_not_paged_any_more(room: Room) -> None:
    opens(room, "P0")
    settings = room.root / ".github" / "allclear.yml"
    settings.write_text("runbook: hotdash\npeople:\n  DevOps: [cat]\n  CEO: [mia]\n", encoding="utf-8")
    assert sweep_after(room, 5)["Escalation to CEO"] == {"mia", "cat"}


def test_t2_times_are_told_in_the_runbooks_zone_on_both_sides_of_a_change_of_the_clocks(
    tmp_path: Path,
) -> None:
    with open_room(tmp_path, f"zone: Europe/Berlin\n{SETTINGS}") as room:
        room.clock.advance(timedelta(days=6, hours=10, minutes=30))  # 2025-10-26 00:32 UTC, 02:32 CEST
        opens(room, "P2")
        assert "03:32" not in room.replies[0].body.split("declared", 1)[0]
        assert "02:32 CET" in room.replies[0].body  # an hour later the same hand position, another zone
        assert sweep_after(room, 59) == {}
        assert "Notice to Manager" in sweep_after(room, 1)
        room.says("bob", "/note 02:05 the first of two such times")
        assert room.codes == [0] * len(room.codes)


def test_t2_a_year_ends_and_a_leap_day_comes_between_a_deadline_and_its_time(room: Room) -> None:
    room.clock.advance(timedelta(days=862, hours=9, minutes=30))  # 2028-02-28 23:32 UTC
    assert room.clock.now().strftime("%m-%d") == "02-28"
    opens(room, "P3")
    assert sweep_after(room, 24 * 60 - 1) == {}
    assert sweep_after(room, 1) == {"Response due": {"bob", "cat"}}
    assert "02-29" in str(room.clock.now())


def test_t5_an_incident_that_is_open_for_four_hundred_days_still_says_what_is_due_once(room: Room) -> None:
    opens(room, "P1")
    assert sweep_after(room, 400 * 24 * 60) == {
        "Notice to Manager": {"mia"},
        "Response due": {"bob", "cat"},
    }
    assert "late" in room.replies[-1].body
    assert sweep_after(room, 24 * 60) == {}


def test_a_sweep_over_thirty_quiet_incidents_takes_a_handful_of_requests(room: Room) -> None:
    for _ in range(30):
        opens(room, "P3")
        room.says("bob", "/ack")
    room.clock.advance(minutes(30))
    room.sweep()
    known = len(room.hub.requests)
    assert room.sweep() == 0
    # One of them asks which pull requests are open, for the deploy freeze, one which changed last, and one
    # who edited the panels.
    assert len(room.hub.requests) - known <= 8
    assert not any(record.mutating for record in room.hub.requests[known:])


def test_a_sweep_finds_the_one_incident_of_thirty_with_a_lost_command(room: Room) -> None:
    for _ in range(30):
        opens(room, "P3")
        room.clock.advance(30)  # 80 writes a minute are all that GitHub takes
    room.clock.advance(minutes(30))
    room.number = 7
    room.writes("bob", "/sev P1")
    room.number = 9
    room.writes("rae", "thanks")
    known = len(room.hub.requests)
    assert room.sweep() == 0
    room.number = 7
    assert room.incident.severity == "P1"
    assert sum(record.mutating for record in room.hub.requests[known:]) <= 6


def test_p1_a_lost_command_written_while_the_panel_was_on_its_way_is_found_by_the_sweep(room: Room) -> None:
    opens(room, "P3")
    written: list[int] = []

    def before_the_panel(method: str, where: str) -> bool:
        if method == "PATCH" and "/comments/" in where and not written:
            written.append(room.people["bob"].comment(room.number, "/sev P2"))
            room.clock.advance(1)
        return False

    room.hub.faults.add("gone", before_the_panel)
    room.writes("bob", "/note seen")
    assert room.run() == 0
    room.delivered = len(room.hub.deliveries)
    room.hub.faults.clear()
    assert written
    room.clock.advance(minutes(10))
    assert room.sweep() == 0
    assert room.incident.severity == "P2"


def test_a_quiet_day_of_many_chatting_issues_is_swept_in_a_handful_of_requests(room: Room) -> None:
    for _ in range(5):
        opens(room, "P3")
    for number in range(1, 6):
        room.number = number
        for _ in range(70):
            room.writes("rae", "chatter")
    room.clock.advance(minutes(10))
    known = len(room.hub.requests)
    assert room.sweep() == 0
    # For all: the lists (two), their last comments, pull requests, action items, the freeze. For each that is
    # looked at closer: the issue, its comments, who edited its panel, and the panel.
    assert len(room.hub.requests) - known <= 3 + 3 + 5 * 4
