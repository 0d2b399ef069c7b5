"""The lists of the written runbooks, walked through rule by rule: what each waits for, and what closes it."""

from __future__ import annotations

from datetime import timedelta

from allclear.core.clock.checklist import asked_lists, checklist
from allclear.core.clock.gates import holds
from allclear.core.model.operation import Artifact
from allclear.core.model.stored import read_values
from allclear.core.record.life import Cleared
from allclear.core.record.postmortem import PostmortemOpened
from allclear.core.record.production import OperationAsked, OperationEnded
from allclear.core.record.progress import ActionAdded, Fired
from commands.room import ALICE, BOB, CLAIRE, Talk
from written import runbook


def talk(name: str, severity: str) -> Talk:
    """An incident under a written runbook."""
    return Talk(severity, book=runbook(name))


def held(room: Talk, before: str) -> list[str]:
    """What still holds it, by id."""
    return [one.id for one in holds(room.incident, room.runbook, before, room.now, room.zone)]


def shown(room: Talk) -> dict[str, list[str]]:
    """The open lists by heading, with what is left of each."""
    lists = asked_lists(room.incident, room.runbook, room.now)
    return {
        one.checklist.title: [item.step.id for item in one.items if not item.done]
        for one in lists
        if one.since is not None
    }


def done(room: Talk) -> set[str]:
    return {item.step.id for item in checklist(room.incident, room.runbook, room.now) if item.done}


def told(room: Talk, deadline: str) -> None:
    fired = Fired(timer=f"{deadline}/0/0", deadline="Alert", due=room.now, to=("bob",))
    room.add(f"t:{deadline}", fired)


def ran(room: Talk, kind: str, name: str = "", **outcome: object) -> None:
    """An operation that was asked for and done."""
    op = f"{kind}-{len(room.entries):06d}"
    asked = {"op": op, "kind": kind, "name": name, "expires": room.now + timedelta(minutes=30)}
    room.add(f"asked {op}", read_values(OperationAsked, asked), by=CLAIRE)
    room.later(minutes=1)
    room.add(f"ended {op}", read_values(OperationEnded, {"op": op, "outcome": "done"} | outcome))


def rolled_back(room: Talk) -> None:
    ran(room, "rollback")
    room.says("/status monitoring")


def test_002_17_a_commander_goes_through_the_incident_before_it_is_resolved() -> None:
    room = talk("sev", "SEV1")
    assert held(room, "resolve") == ["command", "roles", "decision"]

    room.says("/flag user-facing")
    assert held(room, "resolve") == ["command", "roles", "decision", "customers-told"]
    assert room.says("/resolve rolled back").say.startswith(
        "This is not resolved yet. 4 things are still open:\n"
        "- Take command, announce in channel: `/role ic @somebody`, or `/check command`\n"
    )
    for role in ("ic", "tech", "comms", "scribe"):
        room.says(f"/role {role} @alice")
    room.says("/status monitoring")
    assert held(room, "resolve") == ["customers-told"]
    room.says("/check customers-told")
    assert held(room, "resolve") == []
    assert room.says("/resolve rolled back").code == ""


def test_002_18_the_window_and_the_closing_list_come_before_the_all_clear() -> None:
    room = talk("sev", "SEV2")
    rolled_back(room)
    for step in ("command", "roles", "health", "cache", "circuits", "integrity"):
        room.says(f"/check {step}")
    room.says("/resolve rolled back")

    # What the all-clear does by itself does not hold it, and the window is said once.
    assert held(room, "all-clear") == ["schedule", "monitoring"]
    room.says("/check schedule")
    room.later(minutes=30)
    assert held(room, "all-clear") == []
    assert "monitor" in done(room)
    room.says("/all-clear rolled back")
    assert {"stand-down", "verified"} <= done(room)


def test_002_19_after_a_rollback_four_things_are_looked_at() -> None:
    room = talk("sev", "SEV1")
    assert "After Rollback" not in shown(room)
    rolled_back(room)

    after = ["health", "cache", "circuits", "integrity"]
    assert shown(room)["After Rollback"] == after
    ran(room, "action", "health-check-full")
    # A look at a fixed production is no new fix: it is still the rollback that is watched.
    assert shown(room)["After Rollback"] == after[1:]
    assert held(room, "all-clear") == ["verified", "schedule", *after[1:], "monitoring"]


def test_002_20_after_a_fix_forward_it_is_watched_for_longer() -> None:
    room = talk("sev", "SEV1")
    room.says("/status monitoring")

    assert shown(room)["After Fix Forward"] == ["enhanced", "prepare", "standby"]
    assert "After Rollback" not in shown(room)
    assert room.says("/check enhanced").say == "Done: Monitor closely for 1 hour."


def test_002_21_evidence_is_due_within_two_hours() -> None:
    room = talk("sev", "SEV1")
    room.says("/status monitoring")
    for step in ("command", "roles"):
        room.says(f"/check {step}")
    assert "Immediate (Within 2 hours)" not in shown(room)
    room.says("/resolve rolled back")

    title = "Immediate (Within 2 hours)"
    assert shown(room)[title] == ["export", "document", "logs", "metrics", "database"]
    ran(room, "evidence", artifact=Artifact(url="https://x.test", sha256="0" * 64, kinds=("logs",)))
    assert shown(room)[title] == ["document", "metrics", "database"]
    ran(room, "evidence", artifact=Artifact(url="https://x.test", sha256="0" * 64, kinds=("metrics",)))
    room.add("pm", PostmortemOpened(path="x", branch="b", url="https://x.test/pr"))
    assert shown(room)[title] == ["database"]


def test_002_22_the_follow_up_goes_on_after_the_all_clear() -> None:
    room = talk("sev", "SEV1")
    room.add("c", Cleared(override="a drill of the pager"), by=CLAIRE)

    title = "Within 48 hours"
    assert shown(room)[title] == ["conduct", "actions", "runbooks", "share"]
    room.add("a1", ActionAdded(text="an alert", owner=BOB), by=ALICE)
    assert "actions" in shown(room)[title]
    room.entries.pop()
    room.add("a2", ActionAdded(text="an alert", owner=BOB, due="2026-04-01"), by=ALICE)
    room.says("/check runbooks share")
    assert shown(room)[title] == ["conduct"]


def test_000_28_and_29_hotdash_has_its_two_lists_and_its_options_for_a_fix() -> None:
    room = talk("hotdash", "P0")
    assert shown(room) == {
        "During Incident": [
            *("notified", "status-page", "investigation", "root-cause", "fix", "verification", "all-clear")
        ]
    }
    assert held(room, "resolve") == ["notified", "investigation", "root-cause", "fix", "verification"]
    told(room, next(one.id for one in room.runbook.deadlines if one.action == "notify"))
    room.says("/ack")
    assert shown(room)["Apply Immediate Fix"] == ["rollback", "hotfix", "secret", "restart"]
    room.says("/finding the pool")
    ran(room, "action", "apps-restart")
    assert "restart" not in shown(room)["Apply Immediate Fix"]
    room.says("/status monitoring")
    room.says("/check verification")
    assert held(room, "resolve") == []
    room.says("/resolve restarted")
    assert shown(room)["Post-Incident"] == ["post-mortem", "actions", "runbooks", "prevention", "debrief"]
    assert held(room, "all-clear") == ["monitoring"]
    room.later(hours=2)
    assert held(room, "all-clear") == []


def test_000_04_a_typo_needs_nothing_but_its_resolution() -> None:
    room = talk("hotdash", "P3")
    assert shown(room) == {}
    assert room.says("/resolve a typo").code == ""
    assert held(room, "all-clear") == []


def test_001_01_what_is_done_for_a_p0_of_the_agents() -> None:
    room = talk("hotdash-agents", "P0")
    assert held(room, "resolve") == ["tell-manager", "begin", "mitigated"]
    room.says("/flag deployment")
    # What a step waits for is not said a second time.
    assert held(room, "resolve") == ["tell-manager", "emergency-rollback", "begin"]
    told(room, "critical-1")
    room.says("/ack")
    rolled_back(room)
    assert held(room, "resolve") == []


def test_001_02_to_04_the_other_levels_of_the_agents() -> None:
    high = talk("hotdash-agents", "P1")
    assert held(high, "resolve") == ["notify-manager", "begin-mitigation", "log-details"]
    assert shown(talk("hotdash-agents", "P2"))["P2 Actions"] == ["investigate", "plan"]
    low = talk("hotdash-agents", "P3")
    assert shown(low)["P3 Actions"] == ["develop"]
    assert held(low, "resolve") == []


def test_001_06_the_assessment_is_for_every_level() -> None:
    room = talk("hotdash-agents", "P2")
    assert shown(room)["Assessment"] == ["affected", "users", "deployments"]
    assert room.says("/check affected users deployments").code == ""
    assert "Assessment" in shown(room)
    assert shown(room)["Assessment"] == []


def test_001_09_and_10_resolution_and_post_mortem_of_the_agents() -> None:
    room = talk("hotdash-agents", "P1")
    room.says('/check notify-manager log-details --override "logged"')
    room.says("/status monitoring")
    room.says("/resolve done")
    assert held(room, "all-clear") == ["verify", "healthy", "monitoring"]
    ran(room, "action", "health-check")
    room.says("/check verify")
    assert held(room, "all-clear") == ["monitoring"]
    room.later(minutes=30)
    assert held(room, "all-clear") == []
    assert shown(room)["Post-Mortem"] == ["timeline", "cause", "prevention", "runbooks"]


def test_003_06_the_first_answer_comes_before_the_resolution() -> None:
    room = talk("habit-tracker", "P0")
    assert held(room, "resolve") == ["acknowledge", "channel", "assign", "post", "mitigated"]
    room.says("/flag user-facing")
    room.says("/ack")
    room.says("/role ic @alice")
    assert held(room, "resolve") == ["channel", "post", "page", "mitigated"]
    said = room.says("/check channel").say
    assert said.startswith("Done: Create incident channel in Slack: #\u2060incident-2026-03-02-")


def test_003_10_to_12_mitigations_are_shown_and_hold_nothing() -> None:
    room = talk("habit-tracker", "P1")
    room.says("/ack")
    assert shown(room)["Common Mitigations"] == ["rollback", "feature", "scale-database", "scale-functions"]
    assert not {"rollback", "feature"} & set(held(room, "resolve"))


def test_003_13_a_hotfix_opens_its_own_lists() -> None:
    room = talk("habit-tracker", "P1")
    assert not {"🔧 Emergency Fixes", "Backport"} & shown(room).keys()


def test_003_16_the_way_to_the_all_clear() -> None:
    room = talk("habit-tracker", "P1")
    room.says("/check acknowledge channel assign post")
    rolled_back(room)
    room.says("/resolve rolled back")
    assert held(room, "all-clear") == ["verify", "monitoring"]
    room.says("/flag user-facing")
    # The text for the status page is said with the all-clear, so that it does not wait for itself.
    assert held(room, "all-clear") == ["verify", "monitoring"]
    room.says("/check verify")
    room.later(minutes=31)
    assert held(room, "all-clear") == []


def test_004_11_and_16_to_18_what_the_first_responder_and_the_lead_do() -> None:
    room = talk("dirt-free-crm", "SEV1")
    assert shown(room)["First Responder Actions (First 15 minutes)"] == ["acknowledge", "escalate", "begin"]
    assert shown(room)["Investigation and Diagnosis"] == ["reproduce", "health", "changes", "evidence"]
    assert shown(room)["Containment and Mitigation"] == ["actions", "communicate"]
    assert held(room, "resolve") == ["develop", "deploy", "validate"]
    room.says("/finding the pool")
    room.says("/status monitoring")
    assert held(room, "resolve") == ["validate"]


def test_004_19_the_closure_checklist() -> None:
    room = talk("dirt-free-crm", "SEV2")
    room.says("/flag user-facing")
    room.says("/finding the pool")
    room.says("/status monitoring")
    room.says("/check validate")
    room.says("/resolve fixed")
    assert held(room, "all-clear") == ["customers", "review", "monitoring"]
    room.later(minutes=31)
    room.says("/check customers review")
    assert held(room, "all-clear") == []


def test_004_28_and_30_after_a_rollback() -> None:
    room = talk("dirt-free-crm", "SEV3")
    assert held(room, "resolve") == []
    rolled_back(room)
    assert held(room, "resolve") == ["verify-rollback"]
    assert {"restoration", "communicate-status", "root-cause"} <= set(held(room, "all-clear"))


def test_004_29_a_database_is_restored_by_hand_or_by_its_action() -> None:
    room = talk("dirt-free-crm", "SEV3")
    assert "Database Rollback (Supabase)" not in shown(room)
    room.says("/flag data-loss")
    assert shown(room)["Database Rollback (Supabase)"] == ["assess-data", "restore-data", "verify-data"]
    ran(room, "action", "database-rollback")
    assert shown(room)["Database Rollback (Supabase)"] == ["assess-data", "verify-data"]


def test_a_small_runbook_has_the_engine_s_two_lists() -> None:
    room = talk("shop", "SEV1")
    assert shown(room)["During the incident"] == ["notified", "root-cause", "fix", "verification"]
    assert held(room, "resolve") == ["notified", "root-cause", "fix", "verification"]
    minor = talk("shop", "SEV3")
    assert shown(minor) == {}
    assert held(minor, "resolve") == []
