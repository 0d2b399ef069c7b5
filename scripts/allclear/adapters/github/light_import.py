"""Imports PyGithub without the cryptography that Allclear never asks of it.

``github`` imports jwt (for the keys of a GitHub App, ``Auth.AppAuth``) and nacl (for ``create_secret``), and
these import cryptography and cffi: 20 MB on disk, 10 MB in memory, and a third of the time that the import of
the client takes, for a client that shows one token. So names stand in for the two while PyGithub is imported,
and a release ships without them. Whoever does use one gets the real package, or an error that names it.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from types import ModuleType
from typing import Any

UNUSED = {"jwt": (), "nacl": ("encoding", "public")}
"""What PyGithub imports for what we do not do, with the names that it takes out of each."""


class _Later(ModuleType):
    """Stands in for a module, which is imported when something of it is used."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # what the import system asks of every module
            raise AttributeError(name)
        return getattr(import_module(self.__name__), name)


@contextmanager
def without_cryptography() -> Iterator[None]:
    """Imports of PyGithub in here find the stand-ins; later ones, of anybody, the real packages.

    What is loaded already is left as it is.
    """
    ours = []
    for name, parts in UNUSED.items():
        if name in sys.modules:
            continue
        module = _Later(name)
        for part in parts:
            setattr(module, part, _Later(f"{name}.{part}"))
        sys.modules[name] = module
        ours.append(name)
    try:
        yield
    finally:
        for name in ours:
            del sys.modules[name]
