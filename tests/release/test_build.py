"""The tree that users pin: what is in it, the same bytes each time, and true to its manifest."""

import hashlib
import io
import json
import marshal
import subprocess
import sys
import tarfile
from collections.abc import Mapping
from dataclasses import replace
from importlib.util import MAGIC_NUMBER
from pathlib import Path, PurePosixPath

import pytest
from click.testing import CliRunner

from allclear_release.__main__ import main
from allclear_release.archive import commit_of, packed, unpacked, written
from allclear_release.build import Release
from allclear_release.compiled import python_at
from allclear_release.errors import DownloadError, ReleaseError
from allclear_release.lock import LOCK, Pin, pins
from allclear_release.manifest import MANIFEST, hashes, read_manifest
from allclear_release.sources import changed, of_commit, of_folder
from allclear_release.targets import TARGETS
from allclear_release.verify import open_release
from allclear_release.wheels import wheels_for
from release.conftest import COMMIT, DATE, ROOT, Workshop, made, release_of

OWN = f"cp{sys.version_info[0]}{sys.version_info[1]}"


def test_it_holds_what_a_run_needs_and_nothing_of_tests_lab_or_docs(workshop: Workshop) -> None:
    names = [PurePosixPath(name) for name in workshop.release.files]
    tops = {name.parts[0] for name in names}
    papers = {"LICENSE", "NOTICES.txt", "manifest.json", "sbom.cdx.json"}
    assert tops == {"action.yml", "requirements", "scripts", "templates", "vendor"} | papers
    assert {name.parts[1] for name in names if name.parts[0] == "requirements"} == {"run.txt"}
    rooms = {name.parts[1] for name in names if name.parts[0] == "scripts" and len(name.parts) > 2}
    assert rooms == {"allclear"}
    folders = {part for name in names for part in name.parts[:-1]}
    assert not folders & {"tests", "test", "allclear_lab", "allclear_release", "drills", "docs"}
    assert [
        name
        for name in names
        if name.parts[:2] == ("scripts", "allclear") and name.name.startswith(("cli.", "cli_", "__main__"))
    ] == []
    doors = {name.stem for name in names if len(name.parts) == 2 and name.parts[0] == "scripts"}
    assert doors == {file.stem for file in (ROOT / "scripts").glob("*.py")}


def test_templates_and_runbooks_are_ready_for_the_python_that_runs_them(workshop: Workshop) -> None:
    tag = sys.implementation.cache_tag
    for name in workshop.sources.files:
        folder, _, file = name.rpartition("/")
        if name.endswith(".j2"):
            assert f"{folder}/__pycache__/{file}.{tag}.code" in workshop.release.files
        elif folder == "templates/runbooks":
            assert f"{folder}/__pycache__/{file}.{tag}.kept" in workshop.release.files


def test_native_packages_stand_in_a_folder_of_their_python_and_machine_and_pure_ones_once(
    workshop: Workshop,
) -> None:
    vendor = [name.split("/") for name in workshop.release.files if name.startswith("vendor/")]
    (own,) = {parts[1] for parts in vendor} - {"pure"}
    assert own.startswith(f"{OWN}-")
    libraries = {parts[1] for parts in vendor if parts[-1].endswith(".so")}
    assert libraries == {own}
    assert {"github", "pydantic", "requests", "jinja2"} <= {
        parts[2] for parts in vendor if parts[1] == "pure"
    }
    native = {parts[2] for parts in vendor if parts[1] == own}
    assert {"markupsafe", "msgspec", "pydantic_core", "yaml"} <= native
    shipped = {parts[2] for parts in vendor}
    assert not shipped & {"jwt", "nacl", "cryptography", "cffi", "pycparser"}


def test_all_code_is_compiled_and_no_import_looks_at_its_source_again(workshop: Workshop) -> None:
    files = workshop.release.files
    code = [name for name in files if name.endswith(".py") and name.count("/") > 1]
    for name in code:
        path = PurePosixPath(name)
        made = files[str(path.parent / "__pycache__" / f"{path.stem}.{sys.implementation.cache_tag}.pyc")]
        # https://peps.python.org/pep-0552/: the lowest bit says hash, the next that it is checked.
        assert (made[:4], int.from_bytes(made[4:8], "little")) == (MAGIC_NUMBER, 0b01)
        assert marshal.loads(made[16:]).co_filename == name  # noqa: S302 - what this test's own build wrote
    assert len(code) > 500


def test_nothing_in_it_names_the_folder_where_it_was_built(workshop: Workshop) -> None:
    home = str(Path.home()).encode()
    places = [str(ROOT).encode(), b"allclear-release-", *([home + b"/"] if len(home) > 5 else [])]
    found = [name for name, content in workshop.release.files.items() for place in places if place in content]
    assert found == []


def test_two_builds_are_the_same_byte_for_byte(workshop: Workshop, again: Mapping[str, str]) -> None:
    assert hashes(workshop.release.files) == again


def test_what_is_made_twice_of_one_commit_is_one_archive_and_one_commit_to_pin(small: Path) -> None:
    built = small / "build/release"
    both = [(made(small), (built / "allclear-1.2.3.commit").read_text()) for _ in range(2)]
    assert both[0] == both[1]
    assert unpacked(both[0][0]) == {
        file.relative_to(built / "allclear-1.2.3").as_posix(): file.read_bytes()
        for file in (built / "allclear-1.2.3").rglob("*")
        if file.is_file()
    }


def test_a_release_is_for_the_pythons_of_githubs_images_and_names_those_that_could_not_compile(
    small: Path,
) -> None:
    done = release_of(small, "--version", "1.2.3", "--pythons", f"python9.9 {sys.executable}")
    assert done.exit_code == 0
    assert "Left out: python9.9 is not on this machine." in done.stderr
    manifest, files = open_release((small / "build/release/allclear-1.2.3.tar.gz").read_bytes())
    assert {one.folder for one in TARGETS} < set(manifest.targets)
    assert [one.version for one in manifest.interpreters] == [sys.version.split()[0]]
    assert {name.split(".")[-2] for name in files if name.endswith(".pyc")} == {sys.implementation.cache_tag}


def test_a_tag_is_released_only_as_the_version_of_its_commit(small: Path, tmp_path: Path) -> None:
    for tag in ("v1.2.4", "1.2.3", "v1.2.3.dev", "v$(id)"):
        done = release_of(small, "--tag", tag)
        assert done.exit_code == 2
        assert f"The tag is {tag!r}, and its pyproject.toml has the version '1.2.3'." in done.stderr
    assert not (small / "build/release").exists()
    assert release_of(small, "--tag", "v1.2.3", "--pythons", "").exit_code == 0
    assert (small / "build/release/allclear-1.2.3.tar.gz").exists()
    done = release_of(tmp_path, "--tag", "v1.2.3")
    assert (done.exit_code, done.stderr.startswith("git show failed in ")) == (2, True)


def test_its_manifest_names_version_commit_pythons_and_every_file(workshop: Workshop) -> None:
    files = workshop.release.files
    manifest = read_manifest(files[MANIFEST])
    assert (manifest.version, manifest.commit, manifest.date) == ("1.2.3", COMMIT, DATE)
    assert dict(manifest.files) == {
        name: hashlib.sha256(content).hexdigest() for name, content in files.items() if name != MANIFEST
    }
    (python,) = manifest.interpreters
    assert (python.magic, python.tag) == (MAGIC_NUMBER.hex(), sys.implementation.cache_tag)
    assert python.version == sys.version.split()[0]


def test_it_lists_its_packages_and_brings_their_licences(workshop: Workshop) -> None:
    sbom = json.loads(workshop.release.files["sbom.cdx.json"])
    assert (sbom["bomFormat"], sbom["specVersion"], sbom["version"]) == ("CycloneDX", "1.6", 1)
    assert sbom["metadata"]["timestamp"] == "2025-10-09T08:53:20+00:00"
    lock = workshop.sources.files["requirements/run.txt"].decode()
    listed = {f"{one['name']}=={one['version']}" for one in sbom["components"]}
    assert all(line in lock for line in listed)
    assert all(one["licenses"] for one in sbom["components"])
    assert all(
        file["hashes"][0]["content"] in lock for one in sbom["components"] for file in one["components"]
    )
    assert len({one["bom-ref"] for one in sbom["components"]}) == len(sbom["components"])
    text = workshop.release.files["NOTICES.txt"].decode()
    missing = [
        one["name"]
        for one in sbom["components"]
        if len(text.split(f"\n{one['name']} {one['version']}\n", 1)[1].split("=" * 100)[1].strip()) < 200
    ]
    assert missing == []


def test_an_archive_has_one_order_one_time_and_no_owner(workshop: Workshop) -> None:
    files = {name: workshop.release.files[name] for name in ("action.yml", MANIFEST, "LICENSE")}
    content = Release(workshop.release.manifest, files).packed()
    with tarfile.open(fileobj=io.BytesIO(content)) as tar:
        entries = tar.getmembers()
    assert [one.name for one in entries] == sorted(one.name for one in entries)
    assert {(one.mtime, one.mode, one.uid, one.gid, one.uname, one.gname) for one in entries} == {
        (DATE, 0o644, 0, 0, "", "")
    }
    assert {one.name.split("/")[0] for one in entries} == {"allclear-1.2.3"}
    assert unpacked(content) == files


def test_the_same_tree_is_the_same_commit(workshop: Workshop, tmp_path: Path) -> None:
    written({"a/b.pyc": b"1", ".gitignore": b"*", "c": b"2\r\n"}, tmp_path / "tree")
    made = [commit_of(tmp_path / "tree", tmp_path / f"{n}.git", workshop.release.manifest) for n in (1, 2)]
    assert made[0] == made[1]
    shown = ["git", "--git-dir", str(tmp_path / "1.git"), "log", "--format=%s|%b|%ct|%P", "release"]
    said = subprocess.run(shown, capture_output=True, text=True, timeout=30, check=True).stdout.strip()
    assert said == f"Allclear 1.2.3|Built from {COMMIT}\n|{DATE}|"
    holds = ["git", "--git-dir", str(tmp_path / "1.git"), "archive", "release"]
    with tarfile.open(
        fileobj=io.BytesIO(subprocess.run(holds, capture_output=True, check=True).stdout)
    ) as tar:
        found = {one.name: file.read() for one in tar if (file := tar.extractfile(one))}
    assert found == {"a/b.pyc": b"1", ".gitignore": b"*", "c": b"2\r\n"}


@pytest.mark.parametrize(
    "name",
    ["../evil", "allclear-1/../../evil", "/allclear-1/evil", "loose", "a//b", "a/./b", "./a/b", "a/.git/b"],
)
def test_an_archive_that_reaches_outside_is_refused(name: str) -> None:
    with pytest.raises(ReleaseError, match="This is no release of Allclear"):
        unpacked(_archive(name))


def _archive(name: str) -> bytes:
    bundle = io.BytesIO()
    with tarfile.open(fileobj=bundle, mode="w:gz") as tar:
        tar.addfile(tarfile.TarInfo(name), io.BytesIO(b""))
    return bundle.getvalue()


@pytest.mark.parametrize("names", [("a/x", "b/x"), ("a/x", "a/x"), ("a/x", "a/x/y")])
def test_an_archive_in_which_something_could_hide_is_refused(names: tuple[str, str]) -> None:
    bundle = io.BytesIO()
    with tarfile.open(fileobj=bundle, mode="w:gz") as tar:
        for name in names:
            tar.addfile(tarfile.TarInfo(name), io.BytesIO(b""))
    with pytest.raises(ReleaseError, match="This is no release of Allclear"):
        unpacked(bundle.getvalue())


def test_a_release_has_a_version() -> None:
    for version in ("", "1.2", "v1.2.3", "1.2.3/../x"):
        done = CliRunner().invoke(main, ["--version", version])
        assert done.exit_code == 2
        assert "make release VERSION=1.2.3" in done.stderr


def test_a_link_in_an_archive_and_what_is_no_archive_are_refused() -> None:
    bundle = io.BytesIO()
    with tarfile.open(fileobj=bundle, mode="w:gz") as tar:
        link = tarfile.TarInfo("allclear-1/link")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tar.addfile(link)
    for content in (bundle.getvalue(), b"", b"\x1f\x8b hello", packed("a", {"b": b"c" * 999}, 0)[:-20]):
        with pytest.raises(ReleaseError, match="This is no release of Allclear"):
            unpacked(content)


def test_a_release_is_of_the_commit_and_what_differs_beside_it_is_named(small: Path) -> None:
    found = of_commit(small)
    assert set(found.files) == {
        *("scripts/respond.py", "scripts/allclear/app.py", "templates/panel.md.j2"),
        *("requirements/run.txt", "action.yml", "LICENSE"),
    }
    assert of_folder(small, found.commit, found.date) == found
    assert changed(small) == ()
    (small / "scripts/allclear/app.py").write_text("changed")
    (small / "scripts/allclear/cli.py").write_text("changed, and for people")
    assert changed(small) == ("scripts/allclear/app.py",)
    assert of_commit(small) == found
    with pytest.raises(ReleaseError, match="git rev-parse failed"):
        of_commit(small, "nowhere")
    warned = release_of(small, "--version", "1.2.3", "--pythons", "").stderr
    assert "scripts/allclear/app.py differs from the last commit" in warned


def test_a_python_that_is_missing_or_too_old_is_named(tmp_path: Path) -> None:
    assert python_at("python9.9") == "python9.9 is not on this machine"
    old = tmp_path / "python3.1"
    old.write_text("#!/bin/sh\nexit 2\n")
    old.chmod(0o700)
    assert python_at(str(old)) == f"{old} does not run here, or is older than Python 3.11"


def test_a_lock_whose_hash_fits_no_file_stops_the_build(workshop: Workshop, tmp_path: Path) -> None:
    pin = Pin("idna", "3.0", frozenset({"0" * 64}))
    with pytest.raises(DownloadError, match="could not be downloaded"):
        wheels_for(TARGETS[0], [pin], tmp_path)
    assert list((tmp_path / TARGETS[0].folder).iterdir()) == []


def test_a_wheel_that_is_here_is_not_asked_for_again_and_is_held_to_the_lock(small: Path) -> None:
    cache = small / "build/wheels"
    (known,) = pins(of_commit(small).files[LOCK].decode())
    pin = replace(known, version="0.0.1")  # no index has that one
    (wheel,) = wheels_for(TARGETS[0], [pin], cache)
    assert "idna/__init__.py" in wheel.content
    (file,) = (cache / TARGETS[0].folder).iterdir()
    (cache / TARGETS[0].folder / "other.whl").write_bytes(b"other")
    two = replace(pin, hashes=pin.hashes | {hashlib.sha256(b"other").hexdigest()})
    with pytest.raises(ReleaseError, match="does not hold exactly one file of idna"):
        wheels_for(TARGETS[0], [two], cache)
    file.write_bytes(b"evil")
    with pytest.raises(DownloadError):
        wheels_for(TARGETS[0], [pin], cache)
