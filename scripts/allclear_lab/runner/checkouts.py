"""What `actions/checkout` leaves in a workspace: the files of the run's commit.

The product's own files, as its templates, are in no repository of the embedded GitHub, so they lie below: of
a path that both have, the repository's file counts.
"""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from allclear_lab.github import RepositoryHandle
from allclear_lab.runner.expressions import UnplayableError


class Checkouts:
    """Checkouts of one repository. ``below`` holds the files that it does not have itself; ``folder`` is
    where the files of each commit are kept.
    """

    def __init__(self, repository: RepositoryHandle, below: Path, folder: Path) -> None:
        self._repository, self._below, self._folder = repository, below, folder

    def lay_out(self, sha: str, workspace: Path) -> None:
        """Fill a workspace, a folder that does not exist yet, with links to the files."""
        _merge(self._commit(sha), self._below, workspace)

    def _commit(self, sha: str) -> Path:
        """The files of a commit, written once."""
        home = self._folder / sha
        if home.exists():
            return home
        files = {PurePosixPath(path): data for path, data in self._repository.checkout(sha).items()}
        for path in files:
            if path.is_absolute() or ".." in path.parts:
                raise UnplayableError(f"{path}: git would not check this out")
        home.mkdir(parents=True)
        for path, data in files.items():
            (home / path).parent.mkdir(parents=True, exist_ok=True)
            (home / path).write_bytes(data)
        return home


def _merge(above: Path, below: Path, target: Path) -> None:
    target.mkdir(parents=True)
    names = {entry.name for place in (above, below) for entry in place.iterdir()}
    for name in names:
        first, second = above / name, below / name
        if first.is_dir() and second.is_dir():
            _merge(first, second, target / name)
        else:
            (target / name).symlink_to(first if first.exists() else second)
