"""What the lab waits for, what it shows, and the clock it goes by."""

import io
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

import pytest
from rich.console import Console

from allclear_lab.drill.repository import DOORS, ProductFiles
from allclear_lab.drill.script import Script, read_script
from allclear_lab.github.actions.downloads import link
from allclear_lab.github.clock import RunningClock
from allclear_lab.server.lab import LabEnd, LabEndedError, LabOptions, RunningLab
from allclear_lab.server.pages import LabPages
from allclear_lab.server.screen import LabScreen

ROOT = Path(__file__).resolve().parents[3]
PRODUCT = ProductFiles(DOORS, ROOT / "templates", ROOT / ".github" / "workflows", ROOT / "action.yml")
START = datetime(2025, 10, 19, 14, 2, tzinfo=UTC)
SCRIPT = """\
title: A tile is gone
start: 2025-10-19T09:00:00Z
people:
  - { login: ann, name: Ann Archer, role: maintain, titles: [DevOps] }
  - { login: zed, name: "<script>" }
steps: [{ does: wait }]
"""


@dataclass
class Wall:
    seconds: float = 0

    def __call__(self) -> float:
        return self.seconds


def script(text: str = SCRIPT) -> Script:
    return read_script(text, "my.yml").script


def screen(*, terminal: bool = False, no_color: bool | None = None) -> tuple[LabScreen, io.StringIO]:
    shown = io.StringIO()
    colors: Literal["truecolor"] | None = "truecolor" if terminal else None
    console = Console(file=shown, width=100, force_terminal=terminal, no_color=no_color, color_system=colors)
    return LabScreen(console, script()), shown


def test_the_labs_clock_runs_by_itself_as_fast_as_it_is_told() -> None:
    wall = Wall()
    clock = RunningClock(START, 60, wall)
    wall.seconds = 2
    assert clock.now() == START + timedelta(minutes=2)
    assert clock.advance(30) == START + timedelta(minutes=2, seconds=30)
    clock.set(START)
    wall.seconds = 3
    assert clock.now() == START + timedelta(minutes=1)


def test_the_lab_ends_when_its_time_is_over_or_somebody_asks() -> None:
    wall = Wall()
    timed, asked = LabEnd(5, wall), LabEnd(None, wall)
    timed.wake()
    timed.wait(3600)
    assert [timed.come, asked.come] == [False, False]
    wall.seconds = 5
    timed.wait(3600)
    asked.ask()
    assert [timed.come, asked.come] == [True, True]


def test_a_job_that_sleeps_is_ended_with_the_lab() -> None:
    end = LabEnd(None)
    end.sleep(0)
    end.ask()
    with pytest.raises(LabEndedError):
        end.sleep(3600)


def test_it_shows_who_is_there_with_colour_only_where_it_is_wanted() -> None:
    for terminal, no_color, coloured in ((False, None, False), (True, None, True), (True, True, False)):
        lab, shown = screen(terminal=terminal, no_color=no_color)
        lab.opening("http://127.0.0.1:1", {"ann": "ghp_1", "zed": "ghp_2"}, START, 60)
        assert ("\x1b[1;36m" in shown.getvalue()) is coloured
        assert "60 times as fast" in shown.getvalue()
        assert "maintain, DevOps" in shown.getvalue()


def test_what_goes_wrong_is_named() -> None:
    lab, shown = screen()
    lab.wrong("a workflow file cannot be played: my.yml\x1b[31m")
    assert "✗ a workflow file cannot be played: my.yml" in shown.getvalue()
    assert "\x1b" not in shown.getvalue()


def test_a_workflow_that_cannot_be_played_is_told_and_the_lab_goes_on() -> None:
    end = LabEnd(None)
    told, shown = screen()
    with RunningLab(script(), PRODUCT, LabOptions(), end) as lab:
        lab.repository.put_file(
            ".github/workflows/mine.yml",
            "on: issues\njobs: {a: {steps: [{run: echo hello}, {run: python scripts/respond.py}]}}\n",
        )
        ann = lab.hub.world.account_named("ann")
        assert ann is not None
        lab.repository.person(ann).open_issue("hello")
        told_of = told.wrong

        def wrong(words: str) -> None:
            told_of(words)
            end.ask()

        told.wrong = wrong  # type: ignore[method-assign]  # the first trouble ends this lab
        lab.serve(told)
    assert "a workflow file cannot be played: .github/workflows/mine.yml, job a" in shown.getvalue()


def test_the_pages_show_people_issues_files_and_runs_and_nothing_of_theirs_is_markup() -> None:
    with RunningLab(script(), PRODUCT, LabOptions(), LabEnd(None)) as lab:
        ann = lab.hub.world.account_named("ann")
        assert ann is not None
        person = lab.repository.person(ann)
        number = person.open_issue("<b>down</b>", "<script>alert(1)</script>\n\n[a](javascript:alert(1))")
        person.comment(number, f"see {lab.hub.server_url}/acme/shop/issues/1 and {lab.hub.server_url}/ann")
        run = person.dispatch("sweep.yml")
        lab.repository.set_log(run, "1_sweep.txt", "<i>printed</i>")
        pages = LabPages(lab)
        start = pages.html("/") or ""
        assert lab.tokens["ann"] in start
        assert f'href="/acme/shop/actions/runs/{run}"' in start
        issue = pages.html(f"/acme/shop/issues/{number}") or ""
        assert "&lt;b&gt;down&lt;/b&gt;" in issue
        assert f'href="{lab.hub.server_url}/acme/shop/issues/1"' in issue
        assert f'href="{lab.hub.server_url}/ann"' not in issue
        assert "&lt;i&gt;printed" in (pages.html(f"/acme/shop/actions/runs/{run}") or "")
        assert "name: sweep" in (pages.html("/acme/shop/blob/main/.github/workflows/sweep.yml") or "")
        for page in (start, issue):
            assert "<script" not in page
            assert "javascript:" not in page.replace("(javascript:alert(1))", "")
        for nothing in ("issues/9", "issues/x", "blob/none/a", "blob/main/none", "actions/runs/1", "wiki"):
            assert pages.html(f"/acme/shop/{nothing}") is None
        assert pages.html("/elsewhere") is None
        assert [one["login"] for one in pages.summary()["people"]] == ["ann", "zed"]  # type: ignore[attr-defined]  # plain JSON


def test_a_lab_that_has_ended_leaves_no_folder_and_no_port() -> None:
    with RunningLab(script(), PRODUCT, LabOptions(), LabEnd(None)) as lab:
        folder = lab.folder
        port = int(lab.hub.api_url.rpartition(":")[2])
        assert folder.is_dir()
    assert not folder.exists()
    with RunningLab(script(), PRODUCT, LabOptions(port=port), LabEnd(None)) as again:
        assert again.hub.api_url.endswith(f":{port}")


def test_a_token_of_one_lab_opens_no_other_lab_and_no_download() -> None:
    labs = []
    for _ in range(2):
        with RunningLab(script(), PRODUCT, LabOptions(), LabEnd(None)) as lab:
            labs.append((set(lab.hub.world.tokens), link(lab.hub, lab.repository.state, "logs", 1)[-64:]))
    (tokens, signature), (others, other) = labs
    assert tokens
    assert others
    # Any page may send requests here, from a browser on this machine: what it could work out would let it in.
    assert tokens & others == set()
    assert signature != other
