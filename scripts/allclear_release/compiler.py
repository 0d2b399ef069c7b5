"""Compiles a tree with the Python that runs this: `python compiler.py TREE PATH ...`.

One process and one order, since what Python writes of a constant depends on what it met before. Each file
bears a hash of its source that no import looks at again (PEP 552): the times of a checkout say nothing.
And it names its source by the path in the tree, so that the folder of the build stands nowhere.
"""

import os
import py_compile
import sys


def main(tree: str, paths: list[str]) -> None:
    """Compile these files of the tree, in this order."""
    os.chdir(tree)
    for path in paths:
        py_compile.compile(
            path,
            dfile=path,
            doraise=True,
            invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
            optimize=0,
        )


if __name__ == "__main__":
    main(sys.argv[1], sys.stdin.read().splitlines())
