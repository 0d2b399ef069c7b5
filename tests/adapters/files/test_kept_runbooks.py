"""Runbooks that a release brings along as they are executed."""

import pickle
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from allclear.adapters.files.kept_runbooks import kept_runbook, stamped, write_kept
from allclear.adapters.files.runbook_files import names_of
from allclear.adapters.files.runbooks import read_runbook
from allclear.adapters.files.settings import load_policy
from allclear.core.model.errors import SettingsError
from allclear.core.policy.runbook import Runbook

END = f".{sys.implementation.cache_tag}.kept"
ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for name in ("templates/runbooks", "templates/engine.yml"):
        here, there = ROOT / name, tmp_path / name
        if here.is_dir():
            shutil.copytree(here, there, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(here, there)
    return tmp_path


def taken(tree: Path, name: str) -> Runbook | None:
    """What a run takes whose code stands in that tree."""
    return kept_runbook(tree, name, tree / "scripts/allclear")


def test_each_shipped_runbook_is_kept_as_it_would_be_read(tree: Path) -> None:
    assert [taken(tree, name) for name in names_of(tree)] == [None] * len(names_of(tree))
    written = write_kept(tree)
    assert [path.name for path in written] == [f"{name}.yml{END}" for name in names_of(tree)]
    for name in names_of(tree):
        assert taken(tree, name) == read_runbook(tree, name)


def test_a_file_that_says_something_else_is_read(tree: Path) -> None:
    write_kept(tree)
    for path in ("templates/runbooks/neutral.yml", "templates/engine.yml"):
        whole = (tree / path).read_text(encoding="utf-8")
        (tree / path).write_text(f"{whole}\n# changed\n", encoding="utf-8")
        assert taken(tree, "neutral") is None
        (tree / path).write_text(whole, encoding="utf-8")
    assert taken(tree, "neutral") is not None


def test_a_teams_own_file_counts_before_what_is_kept(tree: Path) -> None:
    write_kept(tree)
    own = tree / ".github/allclear/runbooks/neutral.yml"
    own.parent.mkdir(parents=True)
    own.write_text("extends: sev\ntitle: Ours\n", encoding="utf-8")
    assert taken(tree, "neutral") is None
    assert load_policy(tree).runbook.title == "Ours"
    assert taken(tree, "nobody's") is None


def test_what_is_kept_in_a_checkout_that_is_not_the_codes_is_not_loaded(tree: Path) -> None:
    """It is loaded as code is, and whoever has a branch there could have put it there."""
    write_kept(tree)
    assert taken(tree, "neutral") is not None
    assert kept_runbook(tree, "neutral") is None


def test_what_lies_beside_a_link_to_a_shipped_runbook_is_not_loaded(tree: Path) -> None:
    """A branch may hold a link to the file of the release, and code beside the link."""
    write_kept(tree)
    branch = tree / "checkout"
    shutil.copytree(tree / "templates", branch / "templates")
    link = branch / "templates/runbooks/neutral.yml"
    link.unlink()
    link.symlink_to(tree / "templates/runbooks/neutral.yml")
    theirs = branch / f"templates/runbooks/__pycache__/neutral.yml{END}"
    kept = theirs.read_bytes()
    theirs.write_bytes(kept[:32] + pickle.dumps("of a branch"))
    assert kept_runbook(branch, "neutral", tree / "scripts/allclear") == read_runbook(tree, "neutral")


def test_one_that_is_not_whole_is_read_anew(tree: Path) -> None:
    (file,) = [path for path in write_kept(tree) if path.name == f"neutral.yml{END}"]
    kept = file.read_bytes()
    for at in range(0, len(kept), 101):
        for broken in (kept[:at], kept[:at] + bytes([kept[at] ^ 1]) + kept[at + 1 :]):
            file.write_bytes(broken)
            assert taken(tree, "neutral") is None
    file.write_bytes(kept)
    assert taken(tree, "neutral") is not None


@pytest.mark.parametrize(
    "other",
    [
        b"",
        b"rubbish",
        pickle.dumps("no runbook"),
        b"callclear.core.policy.gone\nRunbook\n.",
        b"callclear.core.policy.runbook\nGone\n.",
        b"callclear.core.policy.runbook\nRunbook\n(tR.",
    ],
)
def test_one_of_other_code_is_read_anew(tree: Path, other: bytes) -> None:
    (file,) = [path for path in write_kept(tree) if path.name == f"neutral.yml{END}"]
    file.write_bytes(stamped(other, tree / "templates/runbooks/neutral.yml", tree / "templates/engine.yml"))
    assert taken(tree, "neutral") is None


def test_what_changes_another_is_not_kept_and_a_broken_one_ends_the_making(tree: Path) -> None:
    runbook = tree / "templates/runbooks/another.yml"
    runbook.write_text("extends: neutral\n", encoding="utf-8")
    assert "another.yml" not in [path.name.removesuffix(END) for path in write_kept(tree)]
    runbook.write_text("chains: 7\n", encoding="utf-8")
    with pytest.raises(SettingsError, match="chains"):
        write_kept(tree)


def test_a_run_with_a_kept_runbook_loads_nothing_that_reads_one(tree: Path) -> None:
    write_kept(tree)
    shutil.copytree(ROOT / "scripts/allclear", tree / "scripts/allclear")
    code = (
        "import sys; from pathlib import Path; from allclear.adapters.files.settings import load_policy;"
        f"load_policy(Path({str(tree)!r}));"
        "print(*[name for name in sys.modules if name.endswith(('.runbooks', '.document', '.compiled'))])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={"PYTHONPATH": str(tree / "scripts")},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stdout.split() == []
