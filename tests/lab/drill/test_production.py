"""A drill with a production: what it needs in the script, and what people do with its runs."""

from __future__ import annotations

import pytest

from allclear_lab.drill.outline import ScriptError
from allclear_lab.drill.script import read_script
from lab.drill.conftest import HEAD, OPEN, Player

PRODUCTION = """\
production:
  reviewers: [bob]
  releases:
    - { name: v1, at: 2025-10-17T09:00:00Z, who: ann, text: Faster tiles }
    - { name: v2, at: 2025-10-19T08:45:00Z, who: bob, text: New tiles, healthy: false }
settings:
  services:
    web: { provider: ours, health: ["http://{production}/health"] }
  providers:
    ours:
      title: Ours
      pattern: "[0-9a-f]{40}"
      rollback: [python3, deploy.py, "{production}", "{target}"]
  private_hosts: ["{production}"]
"""
ASKED = "  - { who: ann, does: comment, text: /rollback web, expect: { says: waits for a reviewer of } }\n"
DONE = "says: [is done, its smoke run passed]"


def test_a_rollback_waits_for_its_reviewer_and_puts_production_back(play: Player) -> None:
    approve = f'  - {{ at: "+2m", who: bob, does: approve, text: Go., expect: {{ {DONE} }} }}\n'
    played = play(HEAD + PRODUCTION + OPEN + ASKED + approve + "end: { status: monitoring }\n")
    assert played.record.missed == ()
    assert "rollback-production (claim), " not in played.output  # each run with its jobs, once
    assert "rollback-production (execute, smoke, report)" in played.output
    assert "approved the run rollback-production rollback-" in " ".join(played.output.split())


def test_a_rejected_run_may_fail(play: Player) -> None:
    reject = '  - { at: "+2m", who: bob, does: reject, expect: { says: refused, fails: true } }\n'
    played = play(HEAD + PRODUCTION + OPEN + ASKED + reject + "end: { status: mitigating }\n")
    assert played.record.missed == ()
    assert "rejected the run" in played.output


def test_a_workflow_is_started_by_hand(play: Player) -> None:
    started = "who: ann, does: dispatch, workflow: smoke.yml, inputs: { service: web }"
    hand = f"  - {{ {started}, expect: {{ fails: true }} }}\n"  # production is not well
    played = play(HEAD + PRODUCTION + OPEN + hand)
    assert played.record.missed == ()
    assert "started smoke" in played.output
    assert "smoke (claim, smoke, report)" in played.output


@pytest.mark.parametrize(
    ("step", "told"),
    [
        ("who: bob, does: approve", "no run waits for an approval"),
        ("who: zed, does: dispatch, workflow: smoke.yml", "403"),
        ("who: ann, does: dispatch, workflow: none.yml", "404"),
    ],
)
def test_a_step_that_cannot_be_done_is_named(play: Player, step: str, told: str) -> None:
    (missed,) = play(HEAD + PRODUCTION + OPEN + f"  - {{ {step} }}\n").record.missed
    assert "this could not be done" in missed
    assert told in missed


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("reviewers: [bob]", "reviewers: [bop]", "line 8: nobody is called `bop`; did you mean `bob`?"),
        ("who: ann, text", "who: anna, text", "line 10: nobody is called `anna`"),
        ("2025-10-17T09:00", "2025-10-19T08:50", "line 10: this is not before the release below it"),
        ("2025-10-19T08:45", "2025-10-19T09:00", "line 11: this is not before the drill's start"),
        ("healthy: false", "healty: false", "line 11: `healty` is not known; did you mean `healthy`?"),
    ],
)
def test_a_mistake_in_the_production_is_named_with_its_line(old: str, new: str, told: str) -> None:
    with pytest.raises(ScriptError) as caught:
        read_script(HEAD + PRODUCTION.replace(old, new) + OPEN, "my.yml")
    assert told in str(caught.value)
