"""The monitoring window after a fix: watched by itself, ended by a failure, offered an end when it stays
well.
"""

from __future__ import annotations

from allclear_lab.drill.production_server import Version
from conversations.room import minutes
from production.stage import Production

GATES = ("/ack", "/finding the pool is exhausted since v42")


def rolled_back(production: Production) -> None:
    production.opens()
    for text in GATES:
        production.says("bob", text)
    production.says("mia", "/rollback web")
    production.approve("ann")
    assert "status:monitoring" in production.room.issue.labels


def test_smoke_runs_repeat_and_the_end_offers_the_all_clear(production: Production) -> None:
    """Section 4, 000-19: P0 is watched for two hours, every ten minutes."""
    rolled_back(production)
    before = len(production.room.replies)
    for _ in range(11):
        production.sweep(minutes(10))
    assert production.operations("smoke") == []  # The rollback brought its own, and no run was news.
    assert "times in a row since" in production.room.panel.body
    quiet = [one for one in production.room.replies[before:] if "moke run" in one.body]
    assert len(quiet) <= 1, [one.body for one in quiet]
    assert "✅" in production.says("mia", "/resolve rolled back to v41")
    assert production.room.incident.production.smoke["web"].count >= 11
    production.sweep(minutes(10))
    told = "\n".join(comment.body for comment in production.room.replies)
    assert "The monitoring of 2 hours after the fix is over, and the last smoke run passed." in told
    assert "✅" in production.says("mia", "/all-clear")
    assert production.room.issue.state == "closed"


def test_a_failure_in_the_window_takes_the_incident_back_and_pages(production: Production) -> None:
    rolled_back(production)
    assert "✅" in production.says("mia", "/resolve rolled back to v41")
    production.target.release(production.releases["v41"], Version("v41", healthy=False))
    told = production.sweep(minutes(10))
    assert "The fix does not hold, so the incident is mitigating again." in told
    assert "@bob" in told
    labels = production.room.issue.labels
    assert "status:mitigating" in labels
    assert "status:resolved" not in labels
    incident = production.room.incident
    assert incident.reached("mitigated") is None
    assert incident.reached("resolved") is None
    assert "cannot be ticked" in production.says("bob", "/check verification")
    smokes = len(production.operations("smoke"))
    production.sweep(minutes(10))
    assert len(production.operations("smoke")) == smokes  # No window, nothing to watch.


def test_the_panel_tells_what_is_left_of_the_window(production: Production) -> None:
    rolled_back(production)
    assert "2 h left as of" in production.room.panel.body
    production.sweep(minutes(30))
    assert (
        "1 h 29 min left as of" in production.room.panel.body
        or "1 h 30 min left" in production.room.panel.body
    )
    assert "- ✅ Smoke run of `web`: passed" in production.room.panel.body


def test_002_21_evidence_is_kept_by_itself_and_the_post_mortem_is_written_while_it_runs(
    production: Production,
) -> None:
    rolled_back(production)
    production.says("mia", "/resolve rolled back to v41")
    kept = production.operation("evidence")
    assert (kept.outcome, kept.by) == ("done", None)
    assert kept.artifact is not None
    assert len(kept.artifact.sha256) == 64
    told = "\n".join(comment.body for comment in production.room.replies)
    assert kept.artifact.sha256[:20] in told
    for _ in range(12):
        production.sweep(minutes(10))
    production.says("mia", "/evidence")
    production.asks("mia", "/all-clear")
    production.run_everything()
    assert len(production.room.repo.pulls()) == 1


def test_a_run_of_a_watch_that_is_over_looks_at_nothing_and_is_no_news(production: Production) -> None:
    rolled_back(production)
    room = production.room
    told = len(room.replies)
    late = {"operation": "smoke-00000000", "service": "web", "incident": str(room.issue.number)}
    run = room.people["bob"].dispatch("smoke.yml", late)
    production.run_everything()
    assert room.repo.run(run).conclusion == "failure"
    assert len(room.replies) == told
