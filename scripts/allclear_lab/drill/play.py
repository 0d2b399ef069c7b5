"""A whole drill in one call: read the script, play it, show it, write it down."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from rich.console import Console

from allclear_lab.drill.moments import DrillRecord
from allclear_lab.drill.player import DrillPlayer
from allclear_lab.drill.pull_page import FILE, pull_page
from allclear_lab.drill.repository import ProductFiles
from allclear_lab.drill.script import TimedScript
from allclear_lab.drill.terminal import Terminal
from allclear_lab.drill.transcript import page, panel_page


@dataclass(frozen=True, slots=True)
class DrillOptions:
    """``speed``: simulated seconds per real second, 0 for no waiting. ``out``:
    where the files go. ``quiet``: only the end.
    """

    seed: int = 0
    runbook: str = ""
    speed: float = 0
    out: Path = Path("build/drill")
    quiet: bool = False


def play_drill(
    play: TimedScript,
    options: DrillOptions,
    product: ProductFiles,
    *,
    console: Console,
    sleep: Callable[[float], None],
) -> DrillRecord:
    """Play ``play`` to its end. ``sleep`` waits real seconds. Raises ScriptError when it cannot be played."""
    terminal = Terminal(console, play, quiet=options.quiet)
    terminal.opening()
    with tempfile.TemporaryDirectory(prefix="allclear-drill-") as folder:
        player = DrillPlayer(play, product, Path(folder), seed=options.seed, runbook=options.runbook)
        before = play.script.start
        with terminal.progress:
            for moment in player.run():
                if options.speed > 0:
                    sleep(max(0.0, (moment.at - before).total_seconds()) / options.speed)
                before = moment.at
                terminal.labels(player.colors)
                terminal.moment(moment)
        written = write(player.record, options.out)
        terminal.closing(player.record, written)
    return player.record


def write(record: DrillRecord, out: Path) -> list[tuple[str, Path]]:
    """Write the transcript, the panel and the post-mortem below ``out``; what each is, and where."""
    out.mkdir(parents=True, exist_ok=True)
    written = [("transcript", out / "transcript.html")]
    written[0][1].write_text(page(record), encoding="utf-8")
    (out / "panel.html").write_text(panel_page(record.ending.panel, record), encoding="utf-8")
    if record.ending.report:
        path = out / Path(record.ending.path).name
        path.write_text(record.ending.report, encoding="utf-8")
        written.insert(0, ("post-mortem", path))
    if record.ending.pull is not None:
        written.insert(-1, ("pull request", out / FILE))
        (out / FILE).write_text(pull_page(record.ending.pull, ZoneInfo(record.zone)), encoding="utf-8")
    return written
