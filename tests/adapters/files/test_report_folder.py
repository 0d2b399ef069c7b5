"""The reports of a working copy: each is parsed once, and no cache is ever believed against its content."""

import os
import subprocess
from pathlib import Path

import pytest

from allclear.adapters.files import report_folder
from allclear.adapters.files.report_folder import (
    blob_name,
    cache_of,
    paths_by_content,
    read_reports,
    report_paths,
)
from core.metrics.files import text


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "shop" / "reports/incidents"
    folder.mkdir(parents=True)
    for number in range(3):
        (folder / f"2025-10-1{number}-x.md").write_text(text(issue=number), encoding="utf-8")
    (folder / "README.md").write_text("# Ours\n", encoding="utf-8")
    (folder / "notes.txt").write_text("x", encoding="utf-8")
    (folder / "drafts.md").mkdir()
    (folder / "2025-10-19-elsewhere.md").symlink_to("/etc/passwd")
    return tmp_path / "shop"


def names(root: Path) -> list[str]:
    return [path.name for path in report_paths(root)]


def test_reports_are_the_markdown_files_of_the_folder_but_its_page(root: Path) -> None:
    assert names(root) == [f"2025-10-1{number}-x.md" for number in range(3)]
    (root / "reports/incidents/README.md").rename(root / "reports/incidents/readme.md")
    assert len(names(root)) == 3


def test_no_folder_has_no_reports(tmp_path: Path) -> None:
    assert read_reports(tmp_path) == ()
    assert paths_by_content(tmp_path) == {}


def test_a_content_is_called_as_git_calls_it(root: Path) -> None:
    path = report_paths(root)[0]
    said = subprocess.run(["git", "hash-object", str(path)], capture_output=True, text=True, check=True)
    assert blob_name(path.read_bytes()) == said.stdout.strip()
    assert paths_by_content(root)[said.stdout.strip()] == path


def test_what_was_read_once_is_not_parsed_again(root: Path, tmp_path: Path) -> None:
    """Seen by what the cache says of a content that does not say so."""
    cache = tmp_path / "cache.json"
    first = read_reports(root, cache)
    assert read_reports(root, cache) == first
    cache.write_bytes(cache.read_bytes().replace(b'"issue":2', b'"issue":77'))
    (root / "reports/incidents/2025-10-11-x.md").write_text(text(issue=9), encoding="utf-8")
    (root / "reports/incidents/2025-10-10-x.md").rename(root / "reports/incidents/2025-10-09-y.md")
    assert [one.row.issue for one in read_reports(root, cache)] == [0, 9, 77]
    assert b'"issue":1' not in cache.read_bytes()


@pytest.mark.parametrize(
    "broken",
    [b"", b"{", b"[]", b'{"by": "x", "rows": {}}', b'{"by": 1, "rows": 2}', b"\xff" * 100, b'{"by":"x"}'],
)
def test_a_broken_cache_costs_time_only(root: Path, tmp_path: Path, broken: bytes) -> None:
    cache = tmp_path / "cache.json"
    cache.write_bytes(broken)
    found = read_reports(root, cache)
    assert found == read_reports(root)
    assert cache.read_bytes() != broken
    kept = cache.read_bytes()
    assert read_reports(root, cache) == found
    assert cache.read_bytes() == kept
    cache.write_bytes(kept[: len(kept) // 2])
    assert read_reports(root, cache) == found
    cache.write_bytes(kept.replace(b'"issue":1', b'"issue":"one"'))
    assert read_reports(root, cache) == found


def test_what_another_version_read_is_read_again(root: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache.json"
    found = read_reports(root, cache)
    by = report_folder._by().encode()
    cache.write_bytes(cache.read_bytes().replace(by, b"0" * 16).replace(b'"issue":1', b'"issue":77'))
    assert read_reports(root, cache) == found
    assert by in cache.read_bytes()


def test_a_cache_without_a_place_is_none(root: Path, tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("x", encoding="utf-8")
    assert len(read_reports(root, blocked / "cache.json")) == 3
    assert cache_of(root, {}) is None


def test_the_cache_is_outside_the_working_copy_and_one_for_each(root: Path, tmp_path: Path) -> None:
    one = cache_of(root, {"HOME": "/home/ann"})
    other = cache_of(tmp_path, {"HOME": "/home/ann"})
    assert one is not None
    assert other is not None
    assert one != other
    assert one.parent == other.parent == Path("/home/ann/.cache/allclear")
    assert cache_of(root, {"HOME": "/home/ann", "XDG_CACHE_HOME": "/c"}) == Path("/c/allclear", one.name)


def test_a_report_that_cannot_be_read_or_is_too_large_is_told(root: Path) -> None:
    folder = root / "reports/incidents"
    (folder / "2025-10-12-x.md").write_bytes(b"x" * (report_folder.LARGEST + 1))
    (folder / "2025-10-13-bytes.md").write_bytes(b"---\ntitle: \xff\n---\n# \xfe\n")
    rows = {one.path.rpartition("/")[2]: one.row for one in read_reports(root)}
    assert "larger than 1 MB" in rows["2025-10-12-x.md"].faults[0].text
    assert rows["2025-10-13-bytes.md"].faults


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is forbidden to root")
def test_a_report_without_the_right_to_read_it_is_told(root: Path) -> None:
    path = root / "reports/incidents/2025-10-12-x.md"
    path.chmod(0)
    assert "cannot be read" in read_reports(root)[2].row.faults[0].text
    assert len(paths_by_content(root)) == 2


def test_progress_is_told_file_by_file(root: Path) -> None:
    told: list[tuple[int, int]] = []
    read_reports(root, seen=lambda done, count: told.append((done, count)))
    assert told == [(1, 3), (2, 3), (3, 3)]
