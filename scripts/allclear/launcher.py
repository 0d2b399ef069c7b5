"""Opens a door with the packages that came along with the code: `python3 -S launcher.py respond`.

`action.yml` starts it. A release holds the packages, unpacked and compiled, below `vendor`: what is the same
on every machine once, the rest in a folder for each Python and machine. Where there is one for the Python
that runs this, the door sees that alone, and none of the machine's own packages (`-S`); elsewhere it sees
what is installed.

Without a door it says whether the packages fit: in a sentence, and by its exit code. Any Python 3 can read
it, and it imports nothing that Python has not imported by then.
"""

from __future__ import annotations

import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
SCRIPTS = os.path.dirname(HERE)
VENDOR = os.path.join(os.path.dirname(SCRIPTS), "vendor")
GLIBC = (2, 28)
"""What the native packages need at most: `NEWEST_GLIBC` of what builds releases."""


def packages() -> list[str]:
    """The folders of the packages for this Python on this machine; none where they do not fit."""
    major, minor = sys.version_info[:2]
    own = os.path.join(VENDOR, f"cp{major}{minor}-{os.uname().machine}")
    # Flags: a Python without its global lock, or one for debugging, loads other files.
    plain = sys.implementation.name == "cpython" and not sys.abiflags
    fits = plain and os.path.isdir(own) and glibc(c_library()) >= GLIBC
    return [own, os.path.join(VENDOR, "pure")] if fits else []


def c_library() -> str:
    """What the machine's C library calls itself, such as "glibc 2.39"; "" where it does not, as on macOS.

    https://www.gnu.org/software/libc/manual/html_node/String-Parameters.html
    """
    try:
        return os.confstr("CS_GNU_LIBC_VERSION") or ""
    except ValueError:
        return ""


def glibc(said: str) -> tuple[int, ...]:
    """The version of that library; () for another one, such as that of Alpine Linux."""
    name, _, version = said.partition(" ")
    parts = version.split(".")[:2]
    return tuple(map(int, parts)) if name == "glibc" and all(map(str.isdigit, parts)) else ()


def say(*, fits: bool) -> int:
    """Tell the log what happens next. Returns the exit code."""
    name, machine = f"Python {sys.version.split()[0]}", os.uname().machine
    if fits:
        sys.stdout.write(f"{name} of this machine runs the packages of the release: nothing is set up.\n")
        return 0
    why = (
        f"The release has no packages for {name} on {machine}"
        if os.path.isdir(VENDOR)
        else "This is no release"
    )
    sys.stdout.write(f"{why}: Python is set up, and the packages are installed by the hashes of the lock.\n")
    return 1


def main() -> int:
    """Open the door that is named. Returns the exit code, unless the door ends the process."""
    found = packages()
    if not sys.argv[1:]:
        return say(fits=bool(found))
    if not found:
        import site

        site.main()
    sys.path[:] = [SCRIPTS, *found, *(path for path in sys.path if path != HERE)]
    door = os.path.join(SCRIPTS, f"{sys.argv[1]}.py")
    with open(door, encoding="utf-8") as file:
        code = compile(file.read(), door, "exec")
    exec(code, {"__name__": "__main__", "__file__": door})
    return 0


if __name__ == "__main__":
    sys.exit(main())
