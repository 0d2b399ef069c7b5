from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from rich.console import Console

from allclear_lab.drill.moments import DrillRecord
from allclear_lab.drill.play import DrillOptions, play_drill
from allclear_lab.drill.repository import DOORS, ProductFiles
from allclear_lab.drill.script import read_script

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
HOTDASH = f"{HEAD}settings: {{ runbook: hotdash }}\n"
"""Of which even a minor incident has boxes, a window and a post-mortem."""
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
    record: DrillRecord
    output: str
    out: Path
    slept: list[float]


Player = Callable[..., Played]
REAL = ProductFiles(DOORS, TEMPLATES, WORKFLOWS, TEMPLATES.parent / "action.yml")


@pytest.fixture
def play(tmp_path: Path) -> Player:
    """Plays a script's text with the real doors (or others) and keeps what it showed."""

    def run(text: str, *, product: ProductFiles = REAL, terminal: bool = False, **options: object) -> Played:
        screen = io.StringIO()
        console = Console(
            file=screen, width=100, force_terminal=terminal, color_system="truecolor" if terminal else None
        )
        slept: list[float] = []
        chosen = DrillOptions(out=tmp_path / "out", **options)  # type: ignore[arg-type]  # the tests name real options
        record = play_drill(read_script(text, "my.yml"), chosen, product, console=console, sleep=slept.append)
        return Played(record, screen.getvalue(), tmp_path / "out", slept)

    return run
