"""Where words, runbooks and providers stand: in the repository, or in the Allclear that runs."""

from __future__ import annotations

from pathlib import Path

TEMPLATES = "templates"
PACKAGE = Path(__file__).resolve().parents[2]
"""The code that runs."""


def stands_at(root: Path, path: str, package: Path = PACKAGE) -> Path:
    """Where ``path``, of the repository checked out at ``root``, is read.

    What is below ``templates`` comes with the code when the repository has no such folder: beside the scripts
    in a release or a checkout, in ``package`` when installed. A repository that has the folder uses its own,
    whole, as it was reviewed.
    """
    if path.partition("/")[0] != TEMPLATES or (root / TEMPLATES).is_dir():
        return root / path
    return (package if (package / TEMPLATES).is_dir() else package.parents[1]) / path


def came_with(path: Path, package: Path = PACKAGE) -> bool:
    """Whether ``path`` is below the templates that came with the code of ``package``.

    Only then may code be loaded from beside it: who could change the one could change the other. In any other
    repository, what lies beside a template is somebody's, whoever's branch is checked out there.
    """
    real = path.resolve()
    return any(real.is_relative_to(place / TEMPLATES) for place in (package, package.parents[1]))
