"""`make release`: builds the tree that users pin, into build/release."""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path
from typing import NoReturn

import click

from allclear_release.archive import commit_of, written
from allclear_release.build import build
from allclear_release.compiled import Python, python_at
from allclear_release.errors import ReleaseError
from allclear_release.sources import changed, of_commit, version_of
from allclear_release.targets import PYTHONS, TARGETS, also

CHECKOUT = Path(__file__).resolve().parents[2]
USUAL = " ".join(f"python{major}.{minor}" for major, minor in PYTHONS)
VERSION = re.compile(r"[0-9]+\.[0-9]+\.[0-9]+([a-z0-9.+-]{0,40})")


@click.command()
@click.option("--version", default="", help="The version, such as 1.2.3.")
@click.option("--tag", default="", help="The tag that is released, such as v1.2.3, instead of a version.")
@click.option("--pythons", default=USUAL, help="The Pythons that compile it, by name or path.")
@click.option("--checkout", default=CHECKOUT, type=click.Path(path_type=Path, exists=True, file_okay=False))
def main(version: str, tag: str, pythons: str, checkout: Path) -> None:
    """Build a release of the last commit of a checkout, into its folder build/release."""
    version = _of_tag(checkout, tag) if tag else version
    if not VERSION.fullmatch(version):
        _refuse("Say which version it is to be, for example: make release VERSION=1.2.3")
    out = checkout / "build/release"
    found = [python_at(name) for name in pythons.split()]
    there = [one for one in found if isinstance(one, Python)]
    extra = {one.about.python for one in there} - {*PYTHONS}
    try:
        for path in changed(checkout):
            _say(f"{path} differs from the last commit, and a release is of the commit", warning=True)
        release = build(
            of_commit(checkout),
            version,
            pythons=there,
            cache=checkout / "build/wheels",
            targets=(*TARGETS, *(target for python in sorted(extra) for target in also(python))),
            say=_say,
        )
        folder, archive = out / release.name, out / f"{release.name}.tar.gz"
        repository = out / f"{release.name}.git"
        for old in (folder, repository):
            shutil.rmtree(old, ignore_errors=True)
        written(release.files, folder)
        archive.write_bytes(release.packed())
        commit = commit_of(folder, repository, release.manifest)
    except ReleaseError as error:
        _refuse(str(error))
    (out / f"{release.name}.commit").write_text(f"{commit}\n", encoding="utf-8")
    for missing in (one for one in found if isinstance(one, str)):
        _say(f"Left out: {missing}. A run with that Python compiles what it needs itself.", warning=True)
    size = sum(map(len, release.files.values()))
    click.echo(f"{_shown(folder)}: {len(release.files):,} files, {size / 1e6:.1f} MB")
    click.echo(f"{_shown(archive)}: {archive.stat().st_size / 1e6:.1f} MB")
    click.echo(f"The commit to pin: {commit} ({_shown(repository)}, branch release)")


def _shown(path: Path) -> str:
    return str(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path)


def _say(what: str, *, warning: bool = False) -> None:
    click.echo(click.style(what, fg="yellow") if warning else what, err=True)


def _of_tag(checkout: Path, tag: str) -> str:
    """The version of a tag, which is that of the checkout's last commit; nothing else is released of it."""
    try:
        version = version_of(checkout)
    except ReleaseError as error:
        _refuse(str(error))
    if tag != f"v{version}":
        _refuse(
            f"The tag is {tag!r}, and its pyproject.toml has the version {version!r}. Write the version of "
            f"the release there and commit it, or tag this commit as v{version}"
        )
    return version


def _refuse(why: str) -> NoReturn:
    click.echo(click.style(why, fg="red"), err=True)
    sys.exit(2)


if __name__ == "__main__":
    main()
