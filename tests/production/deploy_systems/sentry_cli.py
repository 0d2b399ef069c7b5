"""sentry-cli: issues list. https://docs.sentry.io/cli/"""

from __future__ import annotations

import os
import sys
from typing import Any

from production.deploy_systems.playing import State, fail, say, words_of

FLAGS = {"--org": True, "--project": True, "--status": True, "--max-rows": True}


def fresh(project: str) -> dict[str, Any]:
    """`project`: organization and project, such as ``acme/shop``. `issues`: titles of those unresolved."""
    return {"project": project, "issues": ["TypeError: tiles is undefined"]}


def main(path: str) -> None:
    state = State(path)
    state.called("error: API request failed (http status: 429)")
    if not os.environ.get("SENTRY_AUTH_TOKEN"):
        fail("error: Auth token is required for this request. Please run `sentry-cli login` and try again!")
    words, options = words_of(sys.argv[1:], FLAGS, "error: unexpected argument '{}' found")
    if words != ["issues", "list"]:
        fail(f"error: unrecognized subcommand '{words[-1]}'", 2)
    if f"{options.get('--org')}/{options.get('--project')}" != state["project"]:
        fail("error: Project not found (http status: 404)")
    if options.get("--status") not in ("resolved", "muted", "unresolved"):
        fail("error: invalid value for '--status <STATUS>'", 2)
    say(
        "\n".join(f"| 4711 | SHOP-1 | {title} | unresolved | error |" for title in state["issues"])
        or "No issues found"
    )
