"""`allclear report`: the numbers of all incidents, for people and for programs."""

from __future__ import annotations

import csv
import io
import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from allclear import cli
from allclear.core.metrics.index_page import BEGIN, END
from core.metrics.files import text
from golden_files import Golden
from terminal import on_a_terminal

ROOT = Path(__file__).resolve().parents[1]
INDEX = "reports/incidents/README.md"


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("NO_COLOR", raising=False)
    return tmp_path / "cache"


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A working copy with three reports that can be counted, and a drill."""
    root = tmp_path / "shop"
    (root / ".github").mkdir(parents=True)
    (root / ".github/allclear.yml").write_text("runbook: hotdash\n", encoding="utf-8")
    (root / "templates").symlink_to(ROOT / "templates")
    for number, (day, service) in enumerate(
        (("2025-09-02", "web"), ("2025-10-03", "api"), ("2025-10-04", "web"))
    ):
        write(
            root,
            f"{day}-x.md",
            issue=number,
            services=[service],
            started_at=f"{day}T10:00:00Z",
            resolved_at=f"{day}T1{number}:30:00Z",
            impact={"users_affected": 10 * number},
        )
    write(root, "2025-10-05-drill.md", issue=9, kind="drill")
    return root


def write(root: Path, name: str, content: str | None = None, **more: Any) -> Path:
    path = root / "reports/incidents" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text(**more) if content is None else content, encoding="utf-8")
    return path


def report(root: Path, *words: str) -> Result:
    return CliRunner().invoke(cli.main, ["report", "--root", str(root), *words], catch_exceptions=False)


def test_people_read_a_table_with_what_each_number_means(shop: Path, golden: Golden) -> None:
    said = report(shop)
    assert said.exit_code == 0
    golden("metrics/table.txt", "\n".join(line.rstrip() for line in said.stdout.split("\n")).rstrip("\n"))
    assert "\x1b" not in said.output


def test_programs_read_json_and_spreadsheets_csv(shop: Path) -> None:
    found = json.loads(report(shop, "--format", "json").stdout)
    assert [(month["month"], month["incidents"]) for month in found["months"]] == [
        ("2025-09", 1),
        ("2025-10", 2),
    ]
    rows = list(csv.DictReader(io.StringIO(report(shop, "--format", "csv").stdout)))
    assert [row["issue"] for row in rows] == ["9", "2", "1", "0"]


def test_a_page_is_the_index_with_the_labels_of_the_settings(shop: Path) -> None:
    said = report(shop, "--format", "md").stdout
    assert "| 2025-10-04 | [Checkout is down](./2025-10-04-x.md) | P1 |" in said
    assert (
        "https://github.com/acme/shop/issues?q=is%3Aissue%20label%3A%22incident%22%20label%3A%22P1%22" in said
    )


@pytest.mark.parametrize(
    ("words", "issues"),
    [
        (("--since", "2025-10-04"), {9, 2}),
        (("--since", "2025-10"), {9, 2, 1}),
        (("--since", "36500d"), {9, 2, 1, 0}),
        (("--service", "WEB"), {2, 0}),
        (("--service", "web", "--service", "api", "--since", "2025-10"), {2, 1}),
    ],
)
def test_a_part_of_them_is_chosen_by_day_and_service(
    shop: Path, words: tuple[str, ...], issues: set[int]
) -> None:
    found = json.loads(report(shop, "--format", "json", *words).stdout)
    assert {one["issue"] for one in found["incidents"]} == issues


def test_no_empty_table_is_shown_where_nothing_is_counted(tmp_path: Path) -> None:
    write(tmp_path, "2025-10-05-drill.md", issue=9, kind="drill")
    said = report(tmp_path)
    assert said.exit_code == 0
    assert said.stdout == "Of 1 report here none is counted. --format csv lists each with the reason.\n"


def test_nothing_that_fits_is_said(shop: Path) -> None:
    said = report(shop, "--service", "mail")
    assert (said.exit_code, said.stdout) == (0, "There is no report here that fits.\n")
    assert said.stderr == "No report names the service mail. The reports name: api, web.\n"


@pytest.mark.parametrize("since", ["soon", "10-2025", "2025-13-01", "99999999999d", "5", ""])
def test_a_day_that_is_none_is_told_with_an_example(shop: Path, since: str) -> None:
    said = report(shop, "--since", since) if since else report(shop, "--since", " ")
    assert (said.exit_code, said.stdout) == (2, "")
    assert "Write it as 2025-10-01, 2025-10 or 90d." in said.stderr


def test_a_folder_without_reports_is_told_with_the_way_out(tmp_path: Path) -> None:
    said = report(tmp_path)
    assert said.exit_code == 2
    assert "allclear report --root path/to/repository" in said.stderr


def test_a_wrong_report_is_named_with_line_and_remedy_and_never_changed(shop: Path) -> None:
    path = write(shop, "2025-10-06-wrong.md", "---\nid: x\ntitle: a: b\n---\n")
    before = path.read_bytes()
    said = report(shop, "--format", "json")
    assert said.exit_code == 1
    assert said.stderr.startswith(f"{path}:3: mend: The front matter")
    assert json.loads(said.stdout)["all"]["incidents"] == 3
    report(shop, "--index")
    assert path.read_bytes() == before


def test_the_index_is_renewed_around_what_people_wrote(shop: Path) -> None:
    page = shop / INDEX
    page.write_text(f"# Ours\n\n{BEGIN}\nold\n{END}\n\nThe end.\n", encoding="utf-8")
    assert report(shop, "--index").stdout == f"{page} was renewed.\n"
    said = page.read_text(encoding="utf-8")
    assert said.startswith(f"# Ours\n\n{BEGIN}\n\n## All 4 reports")
    assert said.endswith(f"{END}\n\nThe end.\n")
    assert report(shop, "--index").stdout == f"{page} is up to date.\n"


def test_the_index_is_made_where_there_is_none(shop: Path) -> None:
    report(shop, "--index")
    assert (shop / INDEX).read_text(encoding="utf-8").startswith("# Post-mortems\n")


def test_the_second_run_says_the_same_from_the_cache(shop: Path, cache: Path) -> None:
    first = report(shop, "--format", "json").stdout
    (kept,) = (cache / "allclear").iterdir()
    assert report(shop, "--format", "json").stdout == first
    kept.write_bytes(kept.read_bytes()[:100])
    assert report(shop, "--format", "json").stdout == first


def test_what_a_report_says_is_no_command_to_the_terminal(shop: Path) -> None:
    write(shop, "2025-10-07-x.md", title="[red]a\x1b[31mb", severity="[bold]P1", issue=77)
    said = report(shop).stdout
    assert "[red]a[31mb" in said
    assert "[bold]P1" in said
    assert "\x1b" not in said


CALL = (sys.executable, "-m", "allclear", "report")


def shown(shop: Path, cache: Path, **more: str) -> str:
    env = (
        os.environ
        | {"PYTHONPATH": str(ROOT / "scripts"), "XDG_CACHE_HOME": str(cache), "COLUMNS": "120"}
        | more
    )
    return on_a_terminal(CALL, shop, env)


def test_a_terminal_shows_progress_and_colours_and_without_colour_neither(shop: Path, cache: Path) -> None:
    write(shop, "2025-10-06-wrong.md", "---\nid: x\ntitle: a: b\n---\n")
    coloured = shown(shop, cache)
    assert "Reading reports" in coloured
    assert "\x1b[31mmend" in coloured
    plain = shown(shop, cache, NO_COLOR="1")
    assert "Incidents" in plain
    assert "\x1b" not in plain
    assert "Reading reports" not in plain
