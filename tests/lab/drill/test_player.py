from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
import requests
import yaml
from requests.adapters import BaseAdapter

from allclear_lab.drill.expectations import entries_of
from allclear_lab.drill.moments import SeenChange, SeenComment, SeenIssue
from allclear_lab.drill.observer import what_changed
from allclear_lab.drill.outline import ScriptError
from allclear_lab.drill.player import DrillPlayer
from allclear_lab.drill.repository import ProductFiles
from allclear_lab.drill.script import read_script
from allclear_lab.runner.job_runner import Door
from lab.drill.conftest import HEAD, HOTDASH, OPEN, REAL, Played, Player

Out = Callable[[str], None]
Transport = BaseAdapter | None


def changes(played: Played) -> list[tuple[str, str]]:
    return [
        (one.what, one.text) for moment in played.record.moments for one in (*moment.changes, *moment.answer)
    ]


def test_a_drill_that_goes_as_expected_says_so(play: Player) -> None:
    script = (
        HEAD
        + OPEN
        + """\
    expect: { says: Incident declared, refused: false, quiet: false, labels: [P2], lacks: [P1] }
  - { at: "+4m", who: bob, does: comment, text: /ack, expect: { refused: false } }
  - { at: "+1m", who: bob, does: comment, text: just talking, expect: { quiet: true } }
end: { stage: open, issue: open, severity: P2, status: investigating, responders: [bob], pull_request: none,
       metrics: { acknowledgement: 4 } }
"""
    )
    played = play(script)
    assert played.record.missed == ()
    assert played.output.endswith("It ended as the script expects.\n")


@pytest.mark.parametrize(
    ("expect", "told"),
    [
        ("says: banana", "expected a reply with 'banana'; the bot said '✅ Incident declared"),
        ("refused: true", "expected it to be refused; the bot said"),
        ("quiet: true", "expected no reply; the bot said"),
        ("labels: [P0]", "expected the label 'P0'; the labels are P2, incident, status:investigating"),
        ("lacks: [P2]", "expected no label 'P2'; the labels are"),
    ],
)
def test_an_expectation_that_fails_is_named_with_step_line_and_what_was_seen(
    play: Player, expect: str, told: str
) -> None:
    played = play(HEAD + OPEN + f"    expect:\n      {expect}\n")
    (missed,) = played.record.missed
    assert missed.startswith("step 1 (my.yml, line 14): ")
    assert told in missed
    assert "One thing was not as the script expects." in played.output


def test_no_reply_where_one_was_expected_is_said_too(play: Player) -> None:
    played = play(
        HEAD + OPEN + "  - { who: bob, does: comment, text: hm, expect: { quiet: false, refused: true } }\n"
    )
    assert [miss.split(": ", 1)[1] for miss in played.record.missed] == [
        "expected it to be refused; the bot said nothing",
        "expected a reply; the bot said nothing",
    ]
    assert "2 things were not as the script expects." in played.output


@pytest.mark.parametrize(
    ("end", "told"),
    [
        ("stage: closed", "expected the stage 'closed', and it is 'open'"),
        ("issue: closed", "expected the issue 'closed', and it is 'open'"),
        ("severity: P0", "expected the severity 'P0', and it is 'P2'"),
        ("status: resolved", "expected the status 'resolved', and it is 'investigating'"),
        ("pull_request: merged", "expected the pull request 'merged', and it is 'none'"),
        ("file: reports/x.md", "expected the file 'reports/x.md', and it is 'not there'"),
        ("report: because", "expected 'because' in the post-mortem, and it is not there"),
        ("labels: [P0]", "expected the label 'P0'; the labels are P2, incident, status:investigating"),
        ("lacks: [P2]", "expected no label 'P2'; the labels are"),
        ("roles: { ic: ann }", "expected 'ann' as ic, and it is 'nobody'"),
        ("responders: [ann]", "expected 'ann' among the responders; they are nobody"),
        ("metrics: { resolution: 3 }", "expected 3 minutes of resolution, and it is not recorded"),
        ("metrics: { detection: 3 }", "expected 3 minutes of detection, and it is 10"),
    ],
)
def test_an_end_that_is_not_as_expected_is_named_with_its_line(play: Player, end: str, told: str) -> None:
    (missed,) = play(HEAD + OPEN + f"end:\n  {end}\n").record.missed
    assert missed.startswith("the end (my.yml, line 14): ")
    assert told in missed


def test_people_can_do_everything_that_a_script_may_name(play: Player) -> None:
    script = (
        HOTDASH
        + """\
steps:
  - who: zed
    does: form
    title: Tiles are gone
    fields: { Severity: P2 - Medium, What is happening: No tiles., User impact: "" }
  - { who: bob, does: comment, text: /confirm }
  - { at: "+1m", who: bob, does: comment, id: talk, text: hello }
  - { at: "+1m", who: bob, does: edit, of: talk, text: /ack }
  - { at: "+1m", who: ann, does: react, of: talk, reaction: rocket }
  - { at: "+1m", who: ann, does: label, label: backend }
  - { at: "+1m", who: ann, does: unlabel, label: backend }
  - { at: "+1m", who: bob, does: tick, item: verification }
  - { at: "+1m", who: bob, does: untick, item: verification }
  - { at: "+1m", who: ann, does: close }
  - { at: "+1m", who: ann, does: delete, of: talk }
  - { at: "+1m", who: ann, does: comment, text: '/all-clear --override "a drill"' }
  - { at: "+1m", who: bob, does: review, approve: false, changes: { "_What went well?_": Nothing. } }
  - { at: "+1m", who: ann, does: review }
  - { at: "+1m", who: ann, does: decline }
  - { at: "+1m", who: ann, does: reopen }
end: { pull_request: closed }
"""
    )
    played = play(script)
    assert played.record.missed == ()
    seen = changes(played)
    for wanted in (
        ("reacted", "rocket"),
        ("labeled", "backend"),
        ("unlabeled", "backend"),
        ("ticked", "verification"),
        ("unticked", "verification"),
        ("deleted", "bob's comment"),
        ("edited", "bob's comment"),
        ("closed", ""),
        ("reopened", ""),
        ("changed", "pull request #2"),
        ("approved", "pull request #2"),
        ("declined", "pull request #2"),
    ):
        assert wanted in seen
    assert "_No response_" in played.record.ending.issue.body


@pytest.mark.parametrize(
    ("step", "told"),
    [
        ("who: ann, does: merge", "there is no open pull request"),
        ("who: ann, does: tick, item: banana", "the panel has no box `banana`"),
        ("who: zed, does: label, label: P0", "403 Must have admin rights"),
        ("who: ann, does: untick, item: verification", "has no task [x]"),
    ],
)
def test_a_step_that_cannot_be_done_is_named(play: Player, step: str, told: str) -> None:
    (missed,) = play(HEAD + OPEN.replace("P2", "P1") + f"  - {{ {step} }}\n").record.missed
    assert missed.startswith("step 2 (my.yml, line 13): this could not be done: ")
    assert told in missed


def test_a_review_of_words_that_are_not_there_is_named(play: Player) -> None:
    over = "  - { who: ann, does: comment, text: '/all-clear --override \"a drill\"' }\n"
    review = "  - { who: bob, does: review, changes: { no such words: x } }\n"
    (missed,) = play(HOTDASH + OPEN + over + review).record.missed
    assert "does not say 'no such words'" in missed


def test_an_issue_that_nobody_may_open_ends_the_drill_with_a_reason(play: Player) -> None:
    script = (
        HEAD
        + OPEN.replace('"[INCIDENT P2] Sales tile is gone"', '"  "')
        + "  - { who: ann, does: comment, text: x }\n"
    )
    with pytest.raises(ScriptError, match=r"my\.yml, line 8: nobody opened an issue"):
        play(script)


def test_the_sweep_runs_between_steps_and_keeps_the_promises_of_the_clock(play: Player) -> None:
    played = play(HOTDASH + OPEN + '  - { at: "+65m", does: wait }\n')
    sweeps = [moment for moment in played.record.moments if moment.timed is None]
    assert len(sweeps) == 6
    assert [moment.at.strftime("%H:%M") for moment in sweeps if not moment.quiet] == ["10:00"]
    assert "5 sweeps until 09:50 UTC: nothing was due" in played.output


def test_of_many_events_at_once_the_first_and_the_last_run(play: Player) -> None:
    opened = play(HEAD + OPEN).record.moments[0]
    assert opened.events == ("issues.opened", "issues.labeled", "issues.labeled")
    assert [run.event for run in opened.runs] == ["issues.opened", "issues.labeled"]


def test_speed_waits_for_simulated_time(play: Player) -> None:
    played = play(HEAD + OPEN + '  - { at: "+5m", does: wait }\n', speed=60)
    assert played.slept == [0.0, 5.0]
    assert play(HEAD + OPEN).slept == []


def test_another_runbook_can_be_played(play: Player) -> None:
    assert play(HEAD + OPEN, runbook="hotdash").record.ending.incident.runbook.name == "hotdash"


def with_respond(door: Door) -> ProductFiles:
    return replace(REAL, doors={**REAL.doors, "respond": door})


def broken(env: Mapping[str, str], *, sleep: Callable[[float], None], out: Out, transport: Transport) -> int:
    out("::error::it broke")
    out("")
    sleep(0.5)
    return 1


def silent(env: Mapping[str, str], *, sleep: Callable[[float], None], out: Out, transport: Transport) -> int:
    return 3


def test_a_door_that_fails_is_told_with_its_last_words(play: Player) -> None:
    product = replace(REAL, doors={**REAL.doors, "respond": broken, "sweep": silent})
    played = play(HEAD + OPEN + '  - { at: "+15m", does: wait }\n', product=product)
    assert (
        played.record.missed[0]
        == "step 1 (my.yml, line 8): `respond` ended with 1 on issues.opened: ::error::it broke"
    )
    assert "sweep at 09:10: `sweep` ended with 3 on schedule: nothing was printed" in played.record.missed


def strange(env: Mapping[str, str], *, sleep: Callable[[float], None], out: Out, transport: Transport) -> int:
    head = {"Authorization": f"Bearer {env['GITHUB_TOKEN']}"}
    with requests.Session() as session:
        assert transport is not None
        session.mount("https://", transport)
        session.get(f"{env['GITHUB_API_URL']}/repos/{env['GITHUB_REPOSITORY']}/fortune", headers=head)
    return 0


def test_a_request_that_github_does_not_know_fails_the_drill(play: Player) -> None:
    missed = play(HEAD + OPEN, product=with_respond(strange)).record.missed
    assert missed
    assert "GitHub would not know this" in missed[0]
    assert "fortune" in missed[0]


def test_the_checkout_holds_the_settings_and_the_titles_of_the_cast(play: Player, tmp_path: Path) -> None:
    seen: list[str] = []

    def peek(
        env: Mapping[str, str], *, sleep: Callable[[float], None], out: Out, transport: Transport
    ) -> int:
        seen.append((Path(env["GITHUB_WORKSPACE"]) / ".github" / "allclear.yml").read_text())
        return 0

    script = HEAD + "settings: { zone: Europe/Berlin }\n" + OPEN
    assert play(script, product=with_respond(peek)).record.zone == "Europe/Berlin"
    assert yaml.safe_load(seen[0]) == {"people": {"DevOps": ["ann"]}, "zone": "Europe/Berlin"}


def test_workflows_that_start_each_other_without_end_are_stopped(tmp_path: Path) -> None:
    """Only a dispatch could do that; here a person is made to answer every run."""

    def chatty(
        env: Mapping[str, str], *, sleep: Callable[[float], None], out: Out, transport: Transport
    ) -> int:
        repository = player._repository
        repository.people.do(player.play.timed_steps[1], repository.observer.issue(1))
        return 0

    script = HEAD + OPEN + "  - { who: ann, does: comment, text: and again }\n"
    player = DrillPlayer(
        read_script(script, "my.yml"),
        with_respond(chatty),
        tmp_path,
    )
    with pytest.raises(RuntimeError, match="start each other without end"):
        list(player.run())


def test_a_title_or_a_text_changed_by_hand_is_seen() -> None:
    at = datetime(2025, 10, 19, tzinfo=UTC)
    before = SeenIssue(1, "A tile", "ann", "gone", at, "open", {}, ())
    after = replace(before, title="Two tiles", body="still gone")
    assert what_changed(before, after, "ann")[1] == (
        SeenChange("ann", bot=False, what="renamed", text="Two tiles"),
        SeenChange("ann", bot=False, what="edited", text="the issue"),
    )


def test_entries_that_somebody_spoilt_are_left_out() -> None:
    at = datetime(2025, 10, 19, tzinfo=UTC)
    spoilt = SeenComment(1, "github-actions[bot]", bot=True, body="<!-- allclear:entries {} -->", at=at)
    stranger = replace(spoilt, bot=False)
    assert entries_of([spoilt, stranger]) == ()


def test_a_drill_with_labels_of_other_names_is_played_by_them(play: Player) -> None:
    labels = 'settings: { labels: { incident: "🔥 incident", severities: { P2: "severity: low" } } }\n'
    opened = OPEN.replace("labels: [incident, P2]", 'labels: ["🔥 incident", "severity: low"]')
    played = play(
        labels + HEAD + opened + '    expect: { says: Incident declared, labels: ["severity: low"] }\n'
    )
    assert played.record.missed == ()


def test_a_wait_sees_what_the_clock_says_at_its_minute(play: Player) -> None:
    script = (
        HEAD
        + OPEN.replace("P2", "P1")
        + """\
  - { at: "+14m", does: wait, expect: { quiet: true } }
  - { at: "+1m", does: wait, expect: { says: nobody has acknowledged } }
"""
    )
    assert play(script).record.missed == ()


def test_the_day_is_said_where_another_one_begins(play: Player) -> None:
    output = play(HOTDASH + OPEN + '  - { at: "2025-10-21 09:10", sweep: 12h, does: wait }\n').output
    days = [line.strip("─ ") for line in output.splitlines() if line.startswith("──")]
    assert days[0] == "Monday, 2025-10-20"
    assert "Tuesday, 2025-10-21" in days


def test_after_a_wait_with_rarer_sweeps_none_is_made_up_for(play: Player) -> None:
    rare = '  - { at: "2025-10-21 09:10", sweep: 12h, does: wait }\n  - { at: "+20m", does: wait }\n'
    moments = play(HOTDASH + OPEN + rare).record.moments
    waits = [number for number, moment in enumerate(moments) if moment.timed is not None]
    between = [moment.at.strftime("%H:%M") for moment in moments[waits[-2] + 1 : waits[-1]]]
    assert between == ["09:20"]
