"""Where the files of a runbook stand."""

from __future__ import annotations

from pathlib import Path

from allclear.adapters.files.shipped import TEMPLATES, stands_at
from allclear.core.model.patterns import lazy_regex

SHIPPED = f"{TEMPLATES}/runbooks"

FOLDERS = (".github/allclear/runbooks", SHIPPED)
"""Where runbooks live: a team's own count before those that are shipped."""

ENGINE = f"{TEMPLATES}/engine.yml"
"""What every runbook says that does not say otherwise."""

NAME = lazy_regex(r"[a-z][a-z0-9-]{0,40}")


def path_of(root: Path, name: str) -> str | None:
    """Where the runbook of this name stands below ``root``; None where there is none."""
    if not NAME.fullmatch(name):
        return None
    paths = (f"{folder}/{name}.yml" for folder in FOLDERS)
    return next((path for path in paths if stands_at(root, path).is_file()), None)


def names_of(root: Path) -> tuple[str, ...]:
    """The runbooks that there are."""
    return tuple(sorted({file.stem for folder in FOLDERS for file in stands_at(root, folder).glob("*.yml")}))
