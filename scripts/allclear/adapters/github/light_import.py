"""Imports PyGithub and requests without what Allclear never asks of them.

``github`` imports a class for everything that GitHub knows, some 170 modules, and Allclear speaks through the
requester below them. Some of these import jwt (for the keys of a GitHub App, ``Auth.AppAuth``) and nacl (for
``create_secret``), and these import cryptography and cffi: 20 MB on disk. ``requests`` imports what guesses
the character set of an answer that does not name it, and the tables of international domain names; urllib3
imports ``importlib.metadata`` for the sake of HTTP/2. Together that is a quarter of what a run takes without
this, in memory (17 of 70 MiB) and in CPU.

So names stand in for the cryptography while PyGithub is imported, and a release ships without it; and the
packages in ``LATER`` begin with what is named there. The rest of a package is loaded, by its own
``__init__``, when somebody asks for a name that is not there yet: nothing of it is replaced.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from importlib.machinery import PathFinder
from importlib.util import find_spec
from threading import RLock
from types import ModuleType
from typing import Any

CRYPTOGRAPHY = {"jwt": (), "nacl": ("encoding", "public")}
"""What PyGithub imports for what we do not do, with the names that it takes out of each."""

ANNOTATED = {"github.InstallationAuthorization": ("InstallationAuthorization",)}
"""What ``github.Auth`` names in annotations only; half of PyGithub comes with it."""

LATER = {
    "charset_normalizer": ("version",),
    "idna": (),
    "urllib3.http2": ("probe",),
    "github": ("Auth", "Consts"),
}
"""Packages that begin without their ``__init__``, with the modules of each that go without it."""

ALIKE = {("charset_normalizer", "__version__"): "version"}
"""A name that is asked of such a package while it is imported, and the module that has it."""

HIDDEN = (("github", "GithubException"),)
"""A module that the package's ``__init__`` hides behind a class of the same name."""

_FILLING = RLock()


class _Later(ModuleType):
    """Stands in for a module, which is imported when something of it is used."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # what the import system asks of every module
            raise AttributeError(name)
        return getattr(import_module(self.__name__), name)


class _Package(ModuleType):
    """A package with its place on the disk. A module of it that goes without the package's ``__init__`` is
    imported when it is asked for; any other name that is not there yet makes ``__init__`` run.
    """

    def __getattr__(self, name: str) -> Any:
        with _FILLING:
            if vars(self).get("_lean"):
                if name in LATER[self.__name__]:
                    return import_module(f"{self.__name__}.{name}")
                if module := ALIKE.get((self.__name__, name)):
                    return getattr(import_module(f"{self.__name__}.{module}"), name)
                del vars(self)["_lean"]
                assert self.__spec__ is not None
                assert self.__spec__.loader is not None
                with _stand_ins(CRYPTOGRAPHY):
                    self.__spec__.loader.exec_module(self)
            if name in vars(self):
                return vars(self)[name]
        raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")


@contextmanager
def light_imports() -> Iterator[None]:
    """Imports of PyGithub and requests in here, and later ones of anybody, load what is asked for.

    What is loaded already is left as it is.
    """
    with _stand_ins(CRYPTOGRAPHY | ANNOTATED):
        for name in LATER:
            if name not in sys.modules:
                _begin(name)
        yield
    for name in LATER:
        above, _, last = name.rpartition(".")
        if above in sys.modules and name in sys.modules:
            setattr(sys.modules[above], last, sys.modules[name])
    for name, module in HIDDEN:
        if "_lean" in vars(sys.modules[name]):
            vars(sys.modules[name]).pop(module, None)


@contextmanager
def _stand_ins(unused: Mapping[str, tuple[str, ...]]) -> Iterator[None]:
    """Imports in here find stand-ins; later ones, of anybody, the real packages."""
    ours = []
    for name, parts in unused.items():
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


def _begin(name: str) -> None:
    """Put the package where imports find it. Its parent, where it has one, is not imported for that."""
    above = name.rpartition(".")[0]
    if above in sys.modules:  # and then all of it
        return
    whole = find_spec(above or name)
    if whole is None or whole.submodule_search_locations is None:
        return
    spec = PathFinder.find_spec(name, whole.submodule_search_locations) if above else whole
    if spec is None or spec.submodule_search_locations is None:
        return
    package = _Package(name)
    package.__spec__, package.__loader__, package.__package__ = spec, spec.loader, name
    package.__file__, package.__path__ = spec.origin, spec.submodule_search_locations
    vars(package)["_lean"] = True
    sys.modules[name] = package
