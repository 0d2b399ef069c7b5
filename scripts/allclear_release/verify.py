"""A release held against what its commit and the lock's hashes make here."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from allclear_release.archive import commit_of, unpacked, written
from allclear_release.build import build
from allclear_release.compiled import Python, python_at
from allclear_release.errors import ReleaseError
from allclear_release.manifest import MANIFEST, Interpreter, Manifest, hashes, read_manifest
from allclear_release.sources import of_commit
from allclear_release.targets import MACHINES, Target

_TARGET = re.compile(rf"cp3(?P<minor>[0-9]{{1,2}})-(?P<machine>{'|'.join(MACHINES)})")
MOST = 20
"""Files of one finding that are named one by one."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One part of a release. ``same``: whether it is what was made here, None where that cannot be compared;
    ``files``: how many it has; ``wrong``: those that differ, at most MOST; ``why``: in a few words, what is
    wrong or why it cannot be compared.
    """

    part: str
    files: int
    same: bool | None
    why: str = ""
    wrong: tuple[str, ...] = ()


def open_release(content: bytes) -> tuple[Manifest, dict[str, bytes]]:
    """The manifest and the files of an archive. Raises ReleaseError."""
    files = unpacked(content)
    if MANIFEST not in files:
        raise ReleaseError(f"This is no release of Allclear: there is no {MANIFEST} in it")
    return read_manifest(files[MANIFEST]), files


def commit_in(content: bytes) -> str:
    """The id of the commit that users pin, made of an archive's files. Raises ReleaseError."""
    manifest, files = open_release(content)
    with tempfile.TemporaryDirectory(prefix="allclear-release-") as name:
        written(files, Path(name, "tree"))
        return commit_of(Path(name, "tree"), Path(name, "commit.git"), manifest)


def verify(
    content: bytes,
    checkout: Path,
    *,
    pythons: Sequence[str],
    cache: Path,
    say: Callable[[str], None] = lambda _: None,
) -> tuple[Manifest, tuple[Finding, ...]]:
    """Build the release again from its commit, which ``checkout`` has, and hold every file against it.

    ``pythons``: programs that may have compiled it, beside the usual names. Raises ReleaseError where it
    cannot be built at all.
    """
    manifest, files = open_release(content)
    try:
        sources = of_commit(checkout, manifest.commit)
    except ReleaseError as error:
        raise ReleaseError(
            f"It says that it was built from {manifest.commit}. Is that commit in this checkout? Try: "
            f"git fetch --tags. {error}"
        ) from None
    here = compilers(manifest.interpreters, pythons)
    again = build(
        sources,
        manifest.version,
        pythons=[one for one in here.values() if isinstance(one, Python)],
        cache=cache,
        targets=[_target(name) for name in manifest.targets],
        say=say,
    )
    return manifest, held_against(manifest, hashes(files), hashes(again.files), here)


def held_against(
    manifest: Manifest,
    found: Mapping[str, str],
    wanted: Mapping[str, str],
    here: Mapping[Interpreter, Python | str],
) -> tuple[Finding, ...]:
    """What is wrong with files that are ``found`` in a release, where ``wanted`` were made of its commit:
    both as SHA-256, by path. ``here``: who compiled the wanted ones, see `compilers`.
    """
    parts = [
        against_manifest(manifest, found),
        _compared("code and templates of the commit", *_both(found, wanted, _of_commit)),
        _compared("packages, by the lock's hashes", *_both(found, wanted, _of_packages)),
        _compared("licences and the list of packages", *_both(found, wanted, _of_papers)),
    ]
    for about, one in here.items():
        chosen = _compiled_by(about)
        called = f"compiled by {about.name}"
        if isinstance(one, str):
            parts.append(Finding(called, sum(map(chosen, found)), None, one))
        else:
            parts.append(_compared(called, *_both(found, wanted, chosen)))
    known = [_of_commit, _of_packages, _of_papers, *map(_compiled_by, here)]
    others = sorted(name for name in found if name != MANIFEST and not any(one(name) for one in known))
    if others:
        parts.append(
            Finding("files that belong to nothing", len(others), False, "unknown", tuple(others[:MOST]))
        )
    return tuple(parts)


def against_manifest(manifest: Manifest, found: Mapping[str, str]) -> Finding:
    """Whether a release's files, by path as SHA-256, are those that its manifest names: nothing is built for
    that.
    """
    but_itself = {name: one for name, one in found.items() if name != MANIFEST}
    return _compared("its files, against its own manifest", but_itself, manifest.files)


def compilers(wanted: Iterable[Interpreter], named: Sequence[str]) -> dict[Interpreter, Python | str]:
    """For each Python of a manifest, the same one on this machine, or why it cannot be compared."""
    return dict(_compilers(wanted, named))


def _compilers(
    wanted: Iterable[Interpreter], named: Sequence[str]
) -> Iterator[tuple[Interpreter, Python | str]]:
    for about in wanted:
        names = (*named, f"python{about.python[0]}.{about.python[1]}", "python3")
        there = [one for one in map(python_at, names) if isinstance(one, Python)]
        exact = next((one for one in there if _exact(one.about) == _exact(about)), None)
        near = {one.about.name for one in there if one.about.python == about.python}
        seen = f"only {', '.join(sorted(near))} is" if near else "it is not"
        yield about, exact or f"not comparable: {seen} on this machine"


def _exact(about: Interpreter) -> tuple[str, str, str]:
    return about.implementation, about.version, about.magic


def _target(name: str) -> Target:
    found = _TARGET.fullmatch(name)
    if found is None:
        raise ReleaseError(f"Its manifest names the target {name!r}, which this checkout does not know")
    return Target((3, int(found["minor"])), found["machine"])


def _both(
    found: Mapping[str, str], wanted: Mapping[str, str], chosen: Callable[[str], bool]
) -> tuple[dict[str, str], dict[str, str]]:
    """Those of the files that are chosen."""
    some, others = ({name: text for name, text in one.items() if chosen(name)} for one in (found, wanted))
    return some, others


def _compared(part: str, found: Mapping[str, str], wanted: Mapping[str, str]) -> Finding:
    wrong = sorted(name for name in found.keys() | wanted.keys() if found.get(name) != wanted.get(name))
    kinds = {
        "changed": len([name for name in wrong if name in found and name in wanted]),
        "missing": len([name for name in wrong if name not in found]),
        "too many": len([name for name in wrong if name not in wanted]),
    }
    why = ", ".join(f"{count} {kind}" for kind, count in kinds.items() if count)
    return Finding(part, len(found), not wrong, why, tuple(wrong[:MOST]))


def _of_commit(name: str) -> bool:
    plain = "/__pycache__/" not in name
    return plain and name.startswith(("scripts/", "templates/", "requirements/", "action.yml", "LICENSE"))


def _of_packages(name: str) -> bool:
    return name.startswith("vendor/") and "/__pycache__/" not in name


def _of_papers(name: str) -> bool:
    return name in {"NOTICES.txt", "sbom.cdx.json"}


def _compiled_by(about: Interpreter) -> Callable[[str], bool]:
    end = tuple(f".{about.tag}.{kind}" for kind in ("pyc", "code", "kept"))
    return lambda name: name.startswith(("scripts/", "templates/", "vendor/")) and name.endswith(end)
