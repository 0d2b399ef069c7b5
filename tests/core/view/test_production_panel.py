"""What people see of production on the panel: operations, smoke runs, the hotfix. Golden files."""

import re

import pytest

from allclear.core.model.operation import Smoke, SmokeLine
from allclear.core.model.structs import replace
from allclear.core.record.life import StatusSet
from allclear.core.record.production import (
    HotfixAsked,
    HotfixMerged,
    HotfixOpened,
    OperationApproved,
    OperationAsked,
    OperationEnded,
    OperationStarted,
)
from allclear.core.view.operations import MOST_LINES, smoke_table
from core.production_desk import BAD, GOOD, OP, RUN_URL, Desk, minute
from core.view.test_panel import visible
from golden_files import Golden
from stories import ADA, BOB, CAT, HOSTILE


def panel(desk: Desk) -> str:
    return visible(desk.story.panel())


def life() -> list[tuple[str, Desk]]:
    """One rollback from the question to the smoke run, the states in their order."""
    asked = Desk().asked(approval="second-person", why="errors since v42")
    ready = Desk().asked(approval="second-person").tell(16, BOB, OperationApproved(op=OP))
    started = OperationStarted(op=OP, run=77, url=RUN_URL)
    waiting = Desk().asked().tell(16, None, replace(started, waiting=True))
    running = Desk().asked(expires=None).tell(16, None, started)
    ended = OperationEnded(op=OP, outcome="done", run=77, url=RUN_URL, before="v42", after="v41", smoke=GOOD)
    done = Desk().asked().tell(20, None, ended, StatusSet(to="monitoring"))
    refuted = Desk().asked().tell(20, None, replace(ended, smoke=BAD))
    return [
        ("asked", asked),
        ("ready", ready),
        ("waiting", waiting),
        ("running", running),
        ("done", done),
        ("refuted", refuted),
    ]


@pytest.mark.parametrize(("name", "desk"), life(), ids=[name for name, _ in life()])
def test_a_rollback_is_shown_where_it_stands(name: str, desk: Desk, golden: Golden) -> None:
    golden(f"panel/rollback-{name}.md", panel(desk))


def test_unknown_outcomes_stay_in_sight_however_much_comes_after(golden: Golden) -> None:
    desk = Desk().asked().tell(16, None, OperationEnded(op=OP, outcome="unknown", text="lost"))
    for number in range(7):
        op = f"action-00000{number}"
        desk.tell(17 + number, CAT, OperationAsked(op=op, kind="action", name="restart", service="web"))
        desk.tell(17 + number, None, OperationEnded(op=op, outcome="done"))
    shown = panel(desk)
    assert "outcome unknown, look at production" in shown
    assert "action-000000" not in shown
    assert "action-000006" in shown
    golden("panel/unknown.md", shown)


def test_the_hotfix_is_shown_with_its_branch_and_pull_request() -> None:
    desk = Desk().tell(15, BOB, HotfixAsked(text="cap the pool"))
    assert "- 🩹 Hotfix, being prepared" in panel(desk)
    opened = HotfixOpened(branch="hotfix/incident-42", base="main", url="https://github.com/p/9", pull=9)
    desk.tell(16, None, opened)
    assert "- 🩹 Hotfix `hotfix/incident-42` · [pull request](https://github.com/p/9)" in panel(desk)
    desk.tell(30, None, HotfixMerged(at=minute(29)))
    assert "- 🩹 Hotfix `hotfix/incident-42`, merged" in panel(desk)
    assert desk.incident.production.fixed_by == "hotfix"


def test_names_that_people_chose_are_inert_on_the_panel() -> None:
    desk = Desk().tell(
        15, ADA, OperationAsked(op=OP, kind="action", name=HOSTILE, service=HOSTILE, target=HOSTILE)
    )
    outside_code = re.sub(r"`[^`\n]*`", "", panel(desk))
    for live in ("@everyone", "@ada", "#1", "](http://evil)", "<!--"):
        assert live not in outside_code
    assert "@everyone" in panel(desk)


def test_a_long_smoke_table_shows_failures_first_and_counts_the_rest() -> None:
    lines = [SmokeLine(name=f"ok-{number}", outcome="pass") for number in range(MOST_LINES + 5)]
    table = smoke_table(Smoke(lines=(*lines, SmokeLine(name="bad", outcome="fail", detail="500 | @ada"))))
    rows = table.splitlines()
    assert "`bad`" in rows[2]
    assert "500 \\|" in rows[2]
    assert rows[-1] == "| | and 6 more | | |"
    assert smoke_table(Smoke()) == ""
