"""Deploy systems as their programs behave: releases, states, delays, refusals. Each is a file that becomes a
program of its own, with its state beside it.

    fly = install(folder, "flyctl", flyctl.fresh(...))     # puts `flyctl` into folder/bin
    fly.change(deploy="partial")                           # the next deploy leaves a machine as it was
    fly.state["machines"]                                  # what is there now
    fly.calls                                              # what was asked of it, oldest first

`busy` is how often it answers first that there were too many requests.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

TESTS = Path(__file__).parents[2]


@dataclass(frozen=True)
class Installed:
    """A program in a folder of its own, and its state."""

    program: Path

    @property
    def file(self) -> Path:
        return self.program.with_suffix(".json")

    @property
    def state(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.file.read_text(encoding="utf-8"))
        return found

    def change(self, **more: Any) -> None:
        self.file.write_text(json.dumps(self.state | more), encoding="utf-8")

    @property
    def calls(self) -> list[list[str]]:
        """The words of each call, without the program."""
        found: list[list[str]] = self.state["calls"]
        return found


def install(folder: Path, name: str, state: dict[str, Any]) -> Installed:
    """The program `name` in ``folder/bin``, played by the file of that name here, `-` being `_`."""
    bin_ = folder / "bin"
    bin_.mkdir(exist_ok=True)
    program = bin_ / name
    text = f"import sys\nsys.path.insert(0, {str(TESTS)!r})\n"
    text += f"from production.deploy_systems import {name.replace('-', '_')} as played\n"
    program.write_text(
        f"#!{sys.executable}\n{text}played.main({str(program.with_suffix('.json'))!r})\n", encoding="utf-8"
    )
    program.chmod(0o755)
    installed = Installed(program)
    installed.file.write_text(json.dumps({"calls": [], "busy": 0} | state), encoding="utf-8")
    return installed
