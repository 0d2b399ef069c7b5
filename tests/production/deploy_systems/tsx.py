"""The script of a repository that restores a database: `tsx scripts/migrate.ts --env PROD --rollback <name>`.

With `--list`, it prints a backup a line, the newest first; `marks` is whether it puts a `*` after what runs.
"""

from __future__ import annotations

import os
import sys
from typing import Any

from production.deploy_systems.playing import State, fail, say, words_of


def fresh(backups: list[str], current: str = "") -> dict[str, Any]:
    """`backups`: their names, oldest first."""
    return {"backups": backups, "current": current, "marks": bool(current)}


def main(path: str) -> None:
    state = State(path)
    state.called("Error: too many connections")
    if not os.environ.get("DATABASE_URL"):
        fail("Error: DATABASE_URL is not set")
    flags = {"--env": True, "--list": False, "--rollback": True}
    words, options = words_of(sys.argv[1:], flags, "Error: unknown option {}")
    if words != ["scripts/migrate.ts"] or options.get("--env") != "PROD":
        fail("Error: no such script")
    if "--list" in options:
        say(listed(state))
        return
    if options["--rollback"] not in state["backups"]:
        fail(f"Error: there is no backup {options['--rollback']}")
    state["current"] = options["--rollback"]
    state.save()
    say("restored")


def listed(state: dict[str, Any]) -> str:
    """What `--list` prints: the name, the day, and a `*` after what runs."""
    mark = state["current"] if state["marks"] else ""
    return "\n".join(f"{name} {name[:10]}{' *' * (name == mark)}" for name in reversed(state["backups"]))
