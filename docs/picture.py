# ruff: noqa: INP001 - a script, not a package
"""Draws docs/panel.png and docs/review.png in a headless Chromium: the panel of the default drill in the
middle of the incident, and the pull request of its post-mortem in the middle of its review.

    .venv/bin/python docs/picture.py

It needs Chromium and fonts: apt-get install chromium fonts-liberation fonts-noto-color-emoji.
The drill is played by the real code. The pictures show the panel right after step PANEL and the pull request
right after step REVIEW, at twice the size, for sharp text.
"""

from __future__ import annotations

import shutil
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

from allclear_lab.drill.player import DrillPlayer
from allclear_lab.drill.repository import DOORS, ProductFiles
from allclear_lab.drill.script import read_script
from allclear_lab.drill.transcript import panel_page, pull_request_page

ROOT = Path(__file__).resolve().parents[1]
PANEL = 14
REVIEW = 23
WIDTH = 820
TALLEST = 2400
FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --hide-scrollbars --force-device-scale-factor=2"
)


def pages(folder: Path) -> dict[str, str]:
    """The pages to draw, by the names of their pictures."""
    script = ROOT / "templates" / "drills" / "hotdash.yml"
    play = read_script(script.read_text(encoding="utf-8"), script.name)
    product = ProductFiles(DOORS, ROOT / "templates", ROOT / ".github" / "workflows", ROOT / "action.yml")
    player = DrillPlayer(play, product, folder)
    panel, shown, pull = "", "", None
    for moment in player.run():
        panel = moment.panel or panel
        number = moment.timed.number if moment.timed else 0
        shown = panel if number == PANEL else shown
        pull = player.pulls[-1] if number == REVIEW else pull
    if pull is None:
        raise RuntimeError(f"there is no pull request after step {REVIEW}")
    return {"panel": panel_page(shown, player.record), "review": pull_request_page(pull, player.record)}


def browse(browser: str, folder: Path, *options: str) -> str:
    """Run the browser once with a new profile below ``folder``; what it printed."""
    profile = tempfile.mkdtemp(dir=folder)
    call = [browser, *FLAGS.split(), f"--user-data-dir={profile}", *options]
    return subprocess.run(call, check=True, capture_output=True, timeout=120, text=True).stdout  # noqa: S603 - all ours


def draw(page: Path, picture: Path, height: int, browser: str, folder: Path) -> None:
    """A screenshot of ``page``, ``height`` CSS pixels tall."""
    browse(browser, folder, f"--window-size={WIDTH},{height}", f"--screenshot={picture}", page.as_uri())


def height_of(page: Path, browser: str, folder: Path) -> int:
    """How tall the page is, in CSS pixels: the browser writes it into the title, which it then prints."""
    asking = folder / "asking.html"
    ask = "<script>onload=()=>{document.title=document.body.scrollHeight}</script>"
    asking.write_text(page.read_text(encoding="utf-8").replace("</body>", f"{ask}</body>"), encoding="utf-8")
    seen = browse(browser, folder, f"--window-size={WIDTH},100", "--dump-dom", asking.as_uri())
    return min(TALLEST, int(seen.split("<title>")[1].split("</title>")[0]))


def main() -> int:
    """Draw it; the exit code."""
    browser = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if browser is None:
        sys.stderr.write(
            "There is no Chromium here: apt-get install chromium fonts-liberation fonts-noto-color-emoji\n"
        )
        return 2
    with tempfile.TemporaryDirectory() as work:
        folder = Path(work)
        for name, text in pages(folder / "drill").items():
            page, picture = folder / f"{name}.html", ROOT / "docs" / f"{name}.png"
            page.write_text(text, encoding="utf-8")
            draw(page, picture, height_of(page, browser, folder), browser, folder)
            width, height = struct.unpack(">II", picture.read_bytes()[16:24])
            sys.stdout.write(f"docs/{name}.png: {width} x {height}\n")
    return 0


raise SystemExit(main())
