"""What each Python makes of a tree's code, by that Python itself."""

from __future__ import annotations

import json
import platform
import shutil
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from allclear_release.errors import ReleaseError
from allclear_release.manifest import Interpreter

COMPILER = Path(__file__).with_name("compiler.py")
KEEPER = Path(__file__).with_name("keeper.py")
KEEPS = "scripts/allclear/adapters/files/kept_runbooks.py"
"""What the keeper starts with: versions of before it had none."""
PATIENCE = 600
"""Seconds for one Python and a whole tree."""

_ASK = """
import importlib.util, json, platform, sys
print(json.dumps({
    "implementation": platform.python_implementation(),
    "version": platform.python_version(),
    "build": " ".join(platform.python_build()),
    "compiler": platform.python_compiler(),
    "magic": importlib.util.MAGIC_NUMBER.hex(),
    "tag": sys.implementation.cache_tag,
    "python": sys.version_info[:2],
}))
"""
# No `-I`, which would ignore the hash seed; nothing of the user's and of site-packages all the same.
_ALONE = ("-s", "-S", "-P", "-B", "-W", "ignore")
_ENVIRONMENT = {"PYTHONHASHSEED": "0", "LC_ALL": "C.UTF-8"}


@dataclass(frozen=True, slots=True)
class Python:
    """A program, and which Python it is."""

    program: str
    about: Interpreter


def python_at(name: str) -> Python | str:
    """The Python of this name or path, or why there is none to compile with."""
    program = shutil.which(name)
    if program is None:
        return f"{name} is not on this machine"
    try:
        done = subprocess.run(  # noqa: S603 - a Python that whoever builds has named
            [program, *_ALONE, "-c", _ASK], env=_ENVIRONMENT, capture_output=True, timeout=30, check=False
        )
        about = json.loads(done.stdout) if done.returncode == 0 else None
    except (OSError, ValueError, subprocess.TimeoutExpired):
        about = None
    if about is None:
        return f"{name} does not run here, or is older than Python 3.11"
    return Python(program, Interpreter.model_validate(about))


def sources_for(about: Interpreter, files: Iterable[str]) -> Iterator[str]:
    """The paths that this Python compiles, in order: no doors, no packages of other Pythons."""
    own = f"cp{about.python[0]}{about.python[1]}-"
    for name in sorted(files):
        parts = PurePosixPath(name).parts
        if not name.endswith(".py") or (parts[0] == "scripts" and len(parts) == 2):
            continue
        if parts[0] == "scripts" or (
            parts[0] == "vendor" and (parts[1] == "pure" or parts[1].startswith(own))
        ):
            yield name


def compiled_path(source: str, about: Interpreter) -> str:
    """Where Python looks for what it compiled: https://peps.python.org/pep-3147/"""
    path = PurePosixPath(source)
    return str(path.parent / "__pycache__" / f"{path.stem}.{about.tag}.pyc")


def compile_tree(python: Python, tree: Path, files: Iterable[str]) -> Mapping[str, bytes]:
    """Compile a tree that is written at ``tree``; what came of it, by path. Raises ReleaseError."""
    paths = list(sources_for(python.about, files))
    _run(python, COMPILER, tree, "compile the tree", "\n".join(paths))
    made = (compiled_path(path, python.about) for path in paths)
    return {path: (tree / path).read_bytes() for path in made}


def keep_tree(python: Python, tree: Path, files: Iterable[str]) -> Mapping[str, bytes]:
    """What a run with this Python finds made of templates and runbooks, by path; nothing where the tree has
    no packages for it on this machine. Raises ReleaseError.
    """
    major, minor = python.about.python
    packages = f"vendor/cp{major}{minor}-{platform.machine()}/"
    there = set(files)
    if KEEPS not in there or not any(path.startswith(packages) for path in there):
        return {}
    made = _run(python, KEEPER, tree, "make templates and runbooks ready").splitlines()
    return {path: (tree / path).read_bytes() for path in made}


def _run(python: Python, program: Path, tree: Path, what: str, given: str = "") -> str:
    """What one of our programs prints that the Python runs over a tree. Raises ReleaseError."""
    done = subprocess.run(  # noqa: S603 - the same Python, with a program of ours
        [python.program, *_ALONE, str(program), str(tree)],
        input=given,
        env=_ENVIRONMENT,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    if done.returncode:
        raise ReleaseError(f"{python.program} could not {what}: {done.stderr.strip()[-2000:]}")
    return done.stdout
