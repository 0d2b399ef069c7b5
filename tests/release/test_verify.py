"""A release held against what its commit makes: every byte that differs is found."""

import json
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from allclear import cli_release
from allclear_release.archive import packed
from allclear_release.errors import ReleaseError
from allclear_release.manifest import MANIFEST, Manifest, hashes, read_manifest
from allclear_release.verify import Finding, against_manifest, compilers, held_against, open_release
from release.conftest import Workshop, made

Again = Mapping[str, str]


def findings(
    workshop: Workshop, again: Again, changed: dict[str, bytes | None], manifest: Manifest | None = None
) -> dict[str, Finding]:
    """What is found in the release of the workshop with some files changed; None takes one out."""
    files = {name: text for name, text in {**workshop.release.files, **changed}.items() if text is not None}
    stated = manifest or workshop.release.manifest
    who = compilers(stated.interpreters, [sys.executable])
    return {one.part: one for one in held_against(stated, hashes(files), again, who)}


@pytest.fixture(scope="module")
def tampered(workshop: Workshop, again: Again) -> dict[str, Finding]:
    """One file of each kind changed, by somebody who wrote a fitting manifest."""
    tag = sys.implementation.cache_tag
    changed: dict[str, bytes | None] = {
        "scripts/allclear/app.py": b"evil",
        "vendor/pure/requests/api.py": b"evil",
        "vendor/pure/idna/core.py": None,
        "NOTICES.txt": b"",
        f"scripts/allclear/__pycache__/app.{tag}.pyc": b"evil",
        "vendor/pure/sitecustomize.py": b"evil",
        ".github/workflows/evil.yml": b"evil",
        "scripts/allclear/__pycache__/app.cpython-399.pyc": b"evil",
    }
    files = {name: text for name, text in {**workshop.release.files, **changed}.items() if text is not None}
    stated = hashes({name: text for name, text in files.items() if name != MANIFEST})
    return findings(workshop, again, changed, workshop.release.manifest.model_copy(update={"files": stated}))


def test_what_is_built_again_is_the_same(workshop: Workshop, again: Again) -> None:
    found = findings(workshop, again, {})
    assert [one for one in found.values() if one.same is not True] == []
    assert (
        sum(one.files for part, one in found.items() if "manifest" not in part)
        == len(workshop.release.files) - 1
    )


def test_what_was_changed_is_named_whatever_the_manifest_says(tampered: dict[str, Finding]) -> None:
    assert tampered["its files, against its own manifest"].same is True
    assert tampered["code and templates of the commit"].wrong == ("scripts/allclear/app.py",)
    packages = tampered["packages, by the lock's hashes"]
    assert packages.wrong == (
        "vendor/pure/idna/core.py",
        "vendor/pure/requests/api.py",
        "vendor/pure/sitecustomize.py",
    )
    assert packages.why == "1 changed, 1 missing, 1 too many"
    assert tampered["licences and the list of packages"].wrong == ("NOTICES.txt",)


def test_what_was_compiled_from_something_else_is_found(tampered: dict[str, Finding]) -> None:
    (compiled,) = [one for part, one in tampered.items() if part.startswith("compiled by ")]
    assert compiled.wrong == (f"scripts/allclear/__pycache__/app.{sys.implementation.cache_tag}.pyc",)


def test_what_nothing_makes_is_found(tampered: dict[str, Finding]) -> None:
    assert tampered["files that belong to nothing"].wrong == (
        ".github/workflows/evil.yml",
        "scripts/allclear/__pycache__/app.cpython-399.pyc",
    )


def test_a_file_that_does_not_fit_the_manifest_is_found_without_building(workshop: Workshop) -> None:
    manifest, found = workshop.release.manifest, hashes(workshop.release.files)
    assert against_manifest(manifest, found).same is True
    changed = against_manifest(manifest, found | hashes({"action.yml": b"evil"}))
    assert (changed.same, changed.wrong) == (False, ("action.yml",))


def test_what_another_python_compiled_cannot_be_compared_and_that_is_said(
    workshop: Workshop, again: Again
) -> None:
    (python,) = workshop.release.manifest.interpreters
    other = python.model_copy(update={"version": f"{python.version}9"})
    stated = workshop.release.manifest.model_copy(update={"interpreters": (other,)})
    one = findings(workshop, again, {}, stated)[f"compiled by {other.name}"]
    assert one.same is None
    assert one.why.startswith("not comparable: ")
    assert python.name in one.why


@pytest.mark.parametrize(
    ("manifest", "told"),
    [
        (None, "there is no manifest.json in it"),
        (b"[]", "not that of a release"),
        (b'{"format": 2}', "not that of a release: format"),
    ],
)
def test_what_is_no_release_is_refused(manifest: bytes | None, told: str) -> None:
    files = {"x": b"y"} | ({MANIFEST: manifest} if manifest is not None else {})
    with pytest.raises(ReleaseError, match="release") as refused:
        open_release(packed("a", files, 0))
    assert told in str(refused.value)


def test_a_version_in_a_manifest_is_one() -> None:
    good = {"version": "1.2.3", "commit": "a" * 40, "date": 1, "targets": [], "interpreters": [], "files": {}}
    assert read_manifest(json.dumps(good).encode()).version == "1.2.3"
    for wrong in ({"version": "../1"}, {"commit": "--output=x"}, {"more": 1}):
        with pytest.raises(ReleaseError):
            read_manifest(json.dumps(good | wrong).encode())


@pytest.mark.parametrize(
    ("same", "code", "told"),
    [
        ((True, True), 0, "Every file is what the commit makes."),
        ((True, None), 3, "What can be compared is the same."),
        ((None, False), 1, "Do not use it."),
    ],
)
def test_people_see_a_table_and_an_exit_code(
    monkeypatch: pytest.MonkeyPatch,
    workshop: Workshop,
    tmp_path: Path,
    same: tuple[bool | None, ...],
    code: int,
    told: str,
) -> None:
    rows = tuple(
        Finding(f"part {number}", 7, one, "" if one else "why", () if one else ("a\x1b[31m",))
        for number, one in enumerate(same)
    )
    monkeypatch.setattr("allclear_release.verify.verify", lambda *_, **__: (workshop.release.manifest, rows))
    monkeypatch.setattr("allclear_release.verify.commit_in", lambda _: "c" * 40)
    file = tmp_path / "x.tar.gz"
    file.touch()
    done = CliRunner().invoke(cli_release.verify_release, [str(file)])
    assert done.exit_code == code
    assert told in done.stdout
    assert "Allclear 1.2.3, of " in done.stdout
    assert f"to compare with what is pinned: {'c' * 40}" in done.stdout
    assert "\x1b" not in done.stdout


def verified(checkout: Path, content: bytes) -> Result:
    """What `allclear verify-release` says about an archive, with the Python of the tests at hand."""
    file = checkout / "build/handed.tar.gz"
    file.write_bytes(content)
    words = [str(file), "--checkout", str(checkout), "--python", sys.executable]
    return CliRunner().invoke(cli_release.verify_release, words, catch_exceptions=False)


def test_a_release_is_built_again_from_its_commit_and_every_file_compared(small: Path) -> None:
    content = made(small)
    commit = (small / "build/release/allclear-1.2.3.commit").read_text().strip()
    same = verified(small, content)
    assert (same.exit_code, "Every file is what the commit makes." in same.stdout) == (0, True)
    assert f"The commit that has these files, to compare with what is pinned: {commit}" in same.stdout
    manifest, files = open_release(content)
    other = verified(small, packed("allclear-1.2.3", files | {"action.yml": b"evil"}, manifest.date))
    assert (other.exit_code, "    action.yml" in other.stdout) == (1, True)
    assert commit not in other.stdout
    (python,) = manifest.interpreters
    elsewhere = python.model_copy(update={"version": "3.99.1", "python": (3, 99)})
    stated = manifest.model_copy(update={"interpreters": (elsewhere,)})
    unknown = verified(small, packed("allclear-1.2.3", files | {MANIFEST: stated.text}, manifest.date))
    assert (unknown.exit_code, "not comparable: it is not on this machine" in unknown.stdout) == (3, True)


def test_a_manifest_cannot_name_a_target_or_a_commit_that_nobody_knows(small: Path) -> None:
    manifest, files = open_release(made(small))
    for wrong, told in (({"targets": ("../../etc",)}, "does not know"), ({"commit": "a" * 40}, "git fetch")):
        stated = manifest.model_copy(update=wrong)
        done = verified(small, packed("allclear-1.2.3", files | {MANIFEST: stated.text}, manifest.date))
        assert done.exit_code == 2
        assert told in done.stderr
