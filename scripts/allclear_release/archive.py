"""One file of a tree, and one commit: the same bytes each time, on every machine."""

from __future__ import annotations

import gzip
import io
import os
import subprocess
import tarfile
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from allclear_release.errors import ReleaseError
from allclear_release.manifest import Manifest

LARGEST = 512 * 1024 * 1024
"""Bytes of a release, unpacked."""
MOST_FILES = 50_000


def packed(name: str, files: Mapping[str, bytes], date: int) -> bytes:
    """A ``.tar.gz`` of the files below one folder ``name``. What differs between machines is fixed:
    order, times, owners, rights (https://reproducible-builds.org/docs/archives/).
    """
    bundle = io.BytesIO()
    with (
        gzip.GzipFile(filename="", mode="wb", compresslevel=9, fileobj=bundle, mtime=0) as zipped,
        tarfile.open(fileobj=zipped, mode="w", format=tarfile.GNU_FORMAT) as tar,
    ):
        for path, content in sorted(files.items()):
            one = tarfile.TarInfo(f"{name}/{path}")
            one.size, one.mtime, one.mode = len(content), date, 0o644
            tar.addfile(one, io.BytesIO(content))
    return bundle.getvalue()


def unpacked(content: bytes) -> dict[str, bytes]:
    """The files of an archive below its one folder, in memory: nothing is written. Raises ReleaseError, also
    for what two programs could unpack in two ways: links, names that are written oddly, one name twice.
    """
    found: dict[str, bytes] = {}
    tops = set[str]()
    size = 0
    try:
        with tarfile.open(fileobj=io.BytesIO(content), mode="r:gz") as tar:
            for one in tar:
                size += one.size
                top, *below = PurePosixPath(one.name).parts
                name = "/".join(below)
                tops.add(top)
                if one.isdir():
                    continue
                inside = one.name == f"{top}/{name}" and below and not {"..", "/", ".git"} & {top, *below}
                once = len(tops) == 1 and name not in found
                if not (one.isfile() and inside and once) or size > LARGEST or len(found) >= MOST_FILES:
                    raise ReleaseError(f"This is no release of Allclear: {one.name!r} is no file of one")
                file = tar.extractfile(one)
                found[name] = file.read() if file else b""
    except (tarfile.TarError, OSError, EOFError) as error:
        raise ReleaseError(f"This is no release of Allclear: {error}") from None
    folders = {str(folder) for name in found for folder in PurePosixPath(name).parents}
    for name in sorted(folders & found.keys()):
        raise ReleaseError(f"This is no release of Allclear: {name!r} is a file and a folder")
    return found


def written(files: Mapping[str, bytes], folder: Path) -> None:
    """Write the files below a folder."""
    for place in {PurePosixPath(path).parent for path in files}:
        (folder / place).mkdir(parents=True, exist_ok=True)
    for path, content in files.items():
        (folder / path).write_bytes(content)


def commit_of(tree: Path, repository: Path, manifest: Manifest) -> str:
    """Make the commit that users pin, in a bare repository of its own; its full id. It has no parent, and its
    time is that of the source, so that whoever builds the same tree finds the same id. Raises ReleaseError.
    """
    who = {"NAME": "Allclear", "EMAIL": "allclear@users.noreply.github.com", "DATE": f"{manifest.date} +0000"}
    env = {f"GIT_{kind}_{what}": said for kind in ("AUTHOR", "COMMITTER") for what, said in who.items()}
    env |= {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull, "GIT_DIR": str(repository)}

    def git(*words: str) -> str:
        done = subprocess.run(  # noqa: S603 - git, with words of ours
            ["git", *words],  # noqa: S607 - the git of whoever builds
            env={"PATH": os.environ["PATH"], **env},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        if done.returncode:
            raise ReleaseError(f"git {words[0]} failed: {done.stderr.strip()}")
        return done.stdout.strip()

    git("init", "--quiet", "--bare", "--template=", str(repository))
    git("--work-tree", str(tree), "add", "--all", "--force", ".")
    said = f"Allclear {manifest.version}\n\nBuilt from {manifest.commit}"
    commit = git("commit-tree", git("write-tree"), "-m", said)
    git("update-ref", "refs/heads/release", commit)
    return commit
