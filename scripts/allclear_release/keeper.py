"""Makes what a run would make anew each time, with the Python that runs this: `python keeper.py TREE`.

The packages are those of the tree. Prints the path of each file that it wrote. One process and one order, as
in `compiler.py`, whose code it may load by then.
"""

import os
import sys
from pathlib import Path

REGEXES = "scripts/allclear/adapters/files/regexes_to_keep.py"
"""What keeps patterns: versions of before had none."""


def main(tree: str) -> None:
    """Write patterns as they are matched, templates as code and shipped runbooks as they are executed, beside
    their files.
    """
    os.chdir(tree)
    root = Path.cwd()
    own = f"cp{sys.version_info[0]}{sys.version_info[1]}-{os.uname().machine}"
    sys.path[:0] = [str(root / part) for part in ("scripts", f"vendor/{own}", "vendor/pure")]

    written = []
    if (root / REGEXES).exists():
        # First of all, for it listens to what is loaded.
        from allclear.adapters.files import regexes_to_keep  # noqa: PLC0415 - found from here on

        written.append(regexes_to_keep.write_kept())

    from allclear.adapters.files.kept_runbooks import write_kept  # noqa: PLC0415 - found from here on
    from allclear.adapters.files.templates import Templates  # noqa: PLC0415 - found from here on

    for path in (*written, *write_kept(root), *Templates(root / "templates").write_compiled()):
        sys.stdout.write(f"{path.relative_to(root).as_posix()}\n")


if __name__ == "__main__":
    main(sys.argv[1])
