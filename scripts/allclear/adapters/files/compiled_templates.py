"""Templates as Python code that was made of them before, beside them, as Python keeps that of its modules.

Compiling the templates of one `/note` takes a twelfth of its run. A release is made with the code
(`write_compiled`); a run only reads it, where it came with the code that runs, and compiles all others.
https://jinja.palletsprojects.com/en/stable/api/#bytecode-cache
"""

from __future__ import annotations

import sys
from pathlib import Path

from jinja2 import Environment
from jinja2.bccache import Bucket, FileSystemBytecodeCache

SUFFIX = ".j2"


class CompiledTemplates(FileSystemBytecodeCache):
    """The code that stands beside the templates of a folder. Jinja compares a hash of the template's text,
    and the version of its own code.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__(str(folder / "__pycache__"), "%s")

    def get_cache_key(self, name: str, filename: str | None = None) -> str:
        """The name of the file: a release is used in another folder than the one where it was made."""
        del filename
        return f"{name}.{sys.implementation.cache_tag}.code"

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Nothing: a run leaves no files in a checkout."""


def write_compiled(folder: Path, environment: Environment) -> tuple[Path, ...]:
    """Compile the templates of a folder with this Python and this Jinja, each as ``<folder's name>/<file>``,
    wherever the folder stands; the files that were written, in order. ``environment``: the one of Templates.
    """
    kept = CompiledTemplates(folder)
    into = Path(kept.directory)
    into.mkdir(exist_ok=True)
    written = []
    for path in sorted(folder.glob(f"*{SUFFIX}")):
        source = path.read_text(encoding="utf-8")
        bucket = Bucket(environment, kept.get_cache_key(path.name), kept.get_source_checksum(source))
        bucket.code = environment.compile(source, path.name, f"{folder.name}/{path.name}")
        file = into / bucket.key
        file.write_bytes(bucket.bytecode_to_string())
        written.append(file)
    return tuple(written)
