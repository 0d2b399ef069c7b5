"""A whole drill in one call: read the script, play it, show it, write it down."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from allclear_lab.drill.moments import Record
from allclear_lab.drill.script import Play
from allclear_lab.drill.show import Terminal
from allclear_lab.drill.stage import House, Stage
from allclear_lab.drill.transcript import page, panel_page


@dataclass(frozen=True, slots=True)
class Wishes:
    """``speed``: simulated seconds per real second, 0 for no waiting. ``out``:
    where the files go. ``quiet``: only the end.
    """

    seed: int = 0
    runbook: str = ""
    speed: float = 0
    out: Path = Path("build/drill")
    quiet: bool = False


def play_drill(
    play: Play, wishes: Wishes, house: House, *, console: Console, sleep: Callable[[float], None]
) -> Record:
    """Play ``play`` to its end. ``sleep`` waits real seconds. Raises ScriptError when it cannot be played."""
    terminal = Terminal(console, play, quiet=wishes.quiet)
    terminal.opening()
    with tempfile.TemporaryDirectory(prefix="allclear-drill-") as folder:
        stage = Stage(play, house, Path(folder), seed=wishes.seed, runbook=wishes.runbook)
        before = play.script.start
        with terminal.progress:
            for moment in stage.perform():
                if wishes.speed > 0:
                    sleep(max(0.0, (moment.at - before).total_seconds()) / wishes.speed)
                before = moment.at
                terminal.labels(stage.colors)
                terminal.moment(moment)
        written = write(stage.record, wishes.out)
        terminal.closing(stage.record, written)
    return stage.record


def write(record: Record, out: Path) -> list[tuple[str, Path]]:
    """Write the transcript, the panel and the post-mortem below ``out``; what each is, and where."""
    out.mkdir(parents=True, exist_ok=True)
    written = [("transcript", out / "transcript.html")]
    written[0][1].write_text(page(record), encoding="utf-8")
    (out / "panel.html").write_text(panel_page(record.ending.panel, record), encoding="utf-8")
    if record.ending.report:
        path = out / Path(record.ending.path).name
        path.write_text(record.ending.report, encoding="utf-8")
        written.insert(0, ("post-mortem", path))
    return written
