"""A release, step by step."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from allclear_release.archive import packed, written
from allclear_release.compiled import Python, compile_tree, keep_tree
from allclear_release.lock import LOCK, pins
from allclear_release.manifest import MANIFEST, Manifest, hashes
from allclear_release.papers import NOTICES, SBOM, notices, sbom
from allclear_release.sources import Sources
from allclear_release.targets import TARGETS, Target
from allclear_release.wheels import Wheel, wheels_for


@dataclass(frozen=True, slots=True)
class Release:
    """``files``: the tree, by path, with its manifest in it."""

    manifest: Manifest
    files: dict[str, bytes]

    @property
    def name(self) -> str:
        """What its folder and its archive are called."""
        return f"allclear-{self.manifest.version}"

    def packed(self) -> bytes:
        """The tree as one file."""
        return packed(self.name, self.files, self.manifest.date)


def build(
    sources: Sources,
    version: str,
    *,
    pythons: Sequence[Python],
    cache: Path,
    targets: Iterable[Target] = TARGETS,
    say: Callable[[str], None] = lambda _: None,
) -> Release:
    """The release of these sources, compiled by these Pythons. Raises ReleaseError.

    ``cache`` keeps the downloaded wheels; ``say`` is told what is being done.
    """
    wanted = sorted(targets)
    locked = pins(sources.files[LOCK].decode())
    files = dict(sources.files)
    wheels: list[Wheel] = []
    for target in wanted:
        say(f"the packages for {target.folder}")
        for wheel in wheels_for(target, locked, cache):
            place = f"vendor/{'pure' if wheel.pure else target.folder}"
            files |= {f"{place}/{path}": content for path, content in wheel.content.items()}
            wheels.append(wheel)
    files[NOTICES] = notices(wheels)
    files[SBOM] = sbom(version, sources.commit, sources.date, wheels)
    files |= _compiled(files, pythons, say)
    manifest = Manifest(
        version=version,
        commit=sources.commit,
        date=sources.date,
        targets=tuple(target.folder for target in wanted),
        interpreters=tuple(python.about for python in pythons),
        files=hashes(files),
    )
    return Release(manifest, dict(sorted((files | {MANIFEST: manifest.text}).items())))


def _compiled(
    files: Mapping[str, bytes], pythons: Sequence[Python], say: Callable[[str], None]
) -> dict[str, bytes]:
    made: dict[str, bytes] = {}
    if pythons:
        with tempfile.TemporaryDirectory(prefix="allclear-release-") as name:
            written(files, Path(name))
            for python in pythons:
                say(f"what {python.about.name} makes of them")
                made |= compile_tree(python, Path(name), files)
                made |= keep_tree(python, Path(name), files)
    return made
