"""Shipped runbooks as they are executed: made of their files before, and kept beside them.

To read and check a runbook takes a tenth of a run, most of it for loading what does. A release is made with
what came of it (`write_kept`); a run takes that where the files still say the same, and reads all others.
"""

from __future__ import annotations

import hashlib
import pickle
import sys
from pathlib import Path

from allclear.adapters.files.runbook_files import ENGINE, SHIPPED, names_of, path_of
from allclear.adapters.files.shipped import PACKAGE, came_with, stands_at
from allclear.core.policy.runbook import Runbook

_UNREADABLE = (
    pickle.UnpicklingError,
    ArithmeticError,
    AttributeError,
    EOFError,
    ImportError,
    LookupError,
    MemoryError,
    TypeError,
    ValueError,
)
"""What comes of a runbook of other code (https://docs.python.org/3/library/pickle.html)."""

STAMP = 32
"""Bytes before what is kept, which stand for that and for what its files say."""


def kept_runbook(root: Path, name: str, package: Path = PACKAGE) -> Runbook | None:
    """The runbook of this name, if it was kept and its files say what they said then; else it has to be read.

    Only what came with the code of ``package`` is taken: both stand in one release, and whoever can change
    the one can change the other. What lies in another repository may be of a stranger's branch.
    """
    path = path_of(root, name)
    if path is None or not path.startswith(f"{SHIPPED}/"):
        return None
    # Resolved, so that what lies beside it is what lies beside the file itself, and not beside a link to it.
    file = stands_at(root, path, package).resolve()
    if not came_with(file, package):
        return None
    try:
        there = _beside(file).read_bytes()
        kept = there[STAMP:]
        if there != stamped(kept, file, stands_at(root, ENGINE, package)):
            return None
    except OSError:
        return None
    try:
        found = pickle.loads(kept)  # noqa: S301 - it came with the code: who can change the one can change the other
    except _UNREADABLE:
        return None
    return found if isinstance(found, Runbook) else None


def write_kept(root: Path) -> tuple[Path, ...]:
    """Keep the shipped runbooks of a tree that change no other; the files that were written, in order.

    Raises SettingsError for one that is wrong.
    """
    from allclear.adapters.files.runbooks import find, read_runbook  # noqa: PLC0415 - who writes reads them

    written = []
    for name in names_of(root):
        if path_of(root, name) != f"{SHIPPED}/{name}.yml" or find(root, name).base is not None:
            continue
        file = root / SHIPPED / f"{name}.yml"
        kept = _beside(file)
        kept.parent.mkdir(exist_ok=True)
        kept.write_bytes(stamped(pickle.dumps(read_runbook(root, name)), file, root / ENGINE))
        written.append(kept)
    return tuple(written)


def _beside(file: Path) -> Path:
    return file.parent / "__pycache__" / f"{file.name}.{sys.implementation.cache_tag}.kept"


def stamped(kept: bytes, *files: Path) -> bytes:
    """What is kept, behind its stamp. Raises OSError."""
    parts = [kept, *(file.read_bytes() for file in files)]
    return hashlib.sha256(b"".join(hashlib.sha256(part).digest() for part in parts)).digest() + kept
