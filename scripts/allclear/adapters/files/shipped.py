"""Where words, runbooks and providers stand: in the repository, or in the Allclear that runs."""

from __future__ import annotations

from pathlib import Path

TEMPLATES = "templates"
_PACKAGE = Path(__file__).resolve().parents[2]


def stands_at(root: Path, path: str, package: Path = _PACKAGE) -> Path:
    """Where ``path``, of the repository checked out at ``root``, is read.

    What is below ``templates`` comes with the code when the repository has no such folder: beside the scripts
    in a release or a checkout, in ``package`` when installed. A repository that has the folder uses its own,
    whole, as it was reviewed.
    """
    if path.partition("/")[0] != TEMPLATES or (root / TEMPLATES).is_dir():
        return root / path
    return (package if (package / TEMPLATES).is_dir() else package.parents[1]) / path
