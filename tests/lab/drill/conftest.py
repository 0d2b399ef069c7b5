from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from rich.console import Console

from allclear_lab.drill.moments import Record
from allclear_lab.drill.script import read_script
from allclear_lab.drill.stage import DOORS, House
from allclear_lab.drill.theatre import Wishes, play_drill

TEMPLATES = Path(__file__).resolve().parents[3] / "templates"
WORKFLOWS = TEMPLATES.parent / ".github" / "workflows"
HEAD = """\
title: A tile is gone
start: 2025-10-19T09:00:00Z
people:
  - { login: ann, name: Ann Archer, role: maintain, titles: [DevOps] }
  - { login: bob, name: Bob Okafor, role: write }
  - { login: zed, name: Zed }
"""
OPEN = """\
steps:
  - who: ann
    does: open
    title: "[INCIDENT P2] Sales tile is gone"
    text: "Started: 2025-10-19T08:50:00Z"
    labels: [incident, P2]
"""


@dataclass
class Played:
    record: Record
    output: str
    out: Path
    slept: list[float]


Player = Callable[..., Played]
REAL = House(DOORS, TEMPLATES, WORKFLOWS, TEMPLATES.parent / "action.yml")


@pytest.fixture
def play(tmp_path: Path) -> Player:
    """Plays a script's text with the real doors (or others) and keeps what it showed."""

    def run(text: str, *, house: House = REAL, terminal: bool = False, **wishes: object) -> Played:
        screen = io.StringIO()
        console = Console(
            file=screen, width=100, force_terminal=terminal, color_system="truecolor" if terminal else None
        )
        slept: list[float] = []
        chosen = Wishes(out=tmp_path / "out", **wishes)  # type: ignore[arg-type]  # the tests name real wishes
        record = play_drill(read_script(text, "my.yml"), chosen, house, console=console, sleep=slept.append)
        return Played(record, screen.getvalue(), tmp_path / "out", slept)

    return run
