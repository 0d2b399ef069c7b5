"""npm run: the scripts of a package.json. An option before ``--`` is npm's own, and not the script's.

https://docs.npmjs.com/cli/commands/npm-run
"""

from __future__ import annotations

import sys
from typing import Any

from production.deploy_systems.playing import State, fail, say


def fresh(scripts: list[str]) -> dict[str, Any]:
    """`scripts`: those there are. `ran`: each that ran, with its own words. `fails`: exit codes of those
    that fail.
    """
    return {"scripts": scripts, "ran": [], "fails": {}}


def main(path: str) -> None:
    state = State(path)
    state.called("npm error code E429")
    if sys.argv[1:2] != ["run"]:
        fail(f'Unknown command: "{" ".join(sys.argv[1:])}"')
    before, _, after = "\0".join(sys.argv[2:]).partition("\0--\0")
    words = [word for word in before.split("\0") if not word.startswith("--")]
    given = after.split("\0") if after else []
    if words[0] not in state["scripts"]:
        fail(f'npm error Missing script: "{words[0]}"')
    state["ran"].append([words[0], *words[1:], *given])
    state.save()
    say(f"\n> shop@1.0.0 {words[0]}\n> node scripts/{words[0].replace(':', '-')}.js {' '.join(given)}\n")
    code = state["fails"].get(words[0], 0)
    if code:
        fail(f"npm error Lifecycle script `{words[0]}` failed with error", code)
    say(f"{words[0]}: well")
