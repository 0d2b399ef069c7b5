"""What a release is made for: a Python of GitHub's images, on a kind of machine."""

from __future__ import annotations

from dataclasses import dataclass

NEWEST_GLIBC = 28
"""Native packages that need a newer glibc 2 are not taken: `allclear/launcher.py` holds the machine to it.
Ubuntu 24.04 has 2.39: https://github.com/actions/runner-images
"""


@dataclass(frozen=True, slots=True, order=True)
class Target:
    """``python``: major and minor; ``machine`` as `uname -m` says it."""

    python: tuple[int, int]
    machine: str

    @property
    def tag(self) -> str:
        """As in the names of wheels: ``cp312``."""
        return f"cp{self.python[0]}{self.python[1]}"

    @property
    def folder(self) -> str:
        """Where its native packages are below ``vendor``: `allclear/launcher.py` looks for that name."""
        return f"{self.tag}-{self.machine}"

    @property
    def pip(self) -> tuple[str, ...]:
        """How pip is told to take this target's wheels, whichever Python it runs with itself.

        https://pip.pypa.io/en/stable/cli/pip_download/
        """
        platforms = [f"manylinux_2_{minor}_{self.machine}" for minor in range(NEWEST_GLIBC, 4, -1)]
        return (
            *("--implementation", "cp", "--python-version", f"{self.python[0]}.{self.python[1]}"),
            *(part for abi in (self.tag, "abi3", "none") for part in ("--abi", abi)),
            *(part for one in (*platforms, f"manylinux2014_{self.machine}") for part in ("--platform", one)),
        )


MACHINES = ("x86_64", "aarch64")
PYTHONS = ((3, 12), (3, 14))
"""The system Pythons of ubuntu-24.04 and ubuntu-26.04."""

TARGETS = tuple(Target(python, machine) for python in PYTHONS for machine in MACHINES)


def also(python: tuple[int, int]) -> tuple[Target, ...]:
    """The targets of another Python, which somebody asked for."""
    return tuple(Target(python, machine) for machine in MACHINES)
