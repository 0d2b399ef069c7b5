"""heroku: releases, releases:rollback, addons:upgrade.

https://devcenter.heroku.com/articles/releases and the source of heroku/cli: a rollback is a new release,
called "Rollback to v41". Where the app has a release phase, it is pending until that has run, and the one
before stays current. A plan is changed by the name of the service where only one add-on of it is there, and
an Essential database stays in its tier
(https://devcenter.heroku.com/articles/updating-heroku-postgres-databases).
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

from production.deploy_systems.playing import State, fail, say, warn, words_of


def fresh(now: str, releases: list[tuple[int, str, str]]) -> dict[str, Any]:
    """`releases`: version, status, description, oldest first. `phase` is how often somebody has to look
    before the release phase is over, `ends` how it ends. `addons`: the plan of each, by its name.
    """
    rows = [
        {"version": version, "status": status, "description": words, "current": False, "created_at": now}
        for version, status, words in releases
    ]
    next(row for row in reversed(rows) if row["status"] == "succeeded")["current"] = True
    more = {"phase": 0, "ends": "succeeded", "kept": 50, "addons": {}}
    return {"app": "hotdash-app", "now": now, "releases": rows, **more}


def main(path: str) -> None:
    state = State(path)
    state.called(" ›   Error: Your account reached the API limit. Please wait a few minutes")
    if not os.environ.get("HEROKU_API_KEY"):
        fail(" ›   Error: not logged in", 100)
    command, *rest = sys.argv[1:]
    flags = {
        "releases": {"--app": True, "-a": True, "--json": False, "--num": True, "-n": True},
        "releases:rollback": {"--app": True, "-a": True},
        "addons:upgrade": {"--app": True, "-a": True},
    }
    if command not in flags:
        fail(f" ›   Warning: {command} is not a heroku command.", 127)
    words, options = words_of(rest, flags[command], " ›   Error: Nonexistent flag: {}")
    app = options.get("--app") or options.get("-a")
    if app != state["app"]:
        fail(" ›   Error: Couldn't find that app.")
    if command == "releases":
        _settle(state)
        newest = sorted(state["releases"], key=lambda row: -row["version"])
        say(json.dumps(newest[: int(options.get("--num") or 15)], indent=2))
    elif command == "addons:upgrade":
        _change_plan(state, words)
    else:
        _roll_back(state, words)


def _settle(state: State) -> None:
    """The release phase goes on while somebody looks."""
    pending = [row for row in state["releases"] if row["status"] == "pending"]
    if not pending:
        return
    state["phase"] -= 1
    if state["phase"] <= 0:
        pending[-1]["status"] = state["ends"]
        if state["ends"] == "succeeded":
            for row in state["releases"]:
                row["current"] = row is pending[-1]
    state.save()


def _roll_back(state: State, words: list[str]) -> None:
    wanted = words[0].removeprefix("v") if words else ""
    found = [row for row in state["releases"] if str(row["version"]) == wanted]
    if not found:
        fail(" ›   Error: Couldn't find that release.")
    if found[0]["status"] != "succeeded":
        fail(" ›   Error: Cannot rollback to a release that had a failed status.")
    version = max(row["version"] for row in state["releases"]) + 1
    made = {
        "version": version,
        "status": "pending" if state["phase"] else "succeeded",
        "description": f"Rollback to v{wanted}",
        "current": not state["phase"],
        "created_at": state["now"],
    }
    if made["current"]:
        for row in state["releases"]:
            row["current"] = False
    state["releases"].append(made)
    state.save()
    say(f"Rolling back ⬢ {state['app']} to v{wanted}... done, v{version}")
    warn(" ›   Warning: Rollback affects code and config vars; it doesn't add or remove addons.")


def _change_plan(state: State, words: list[str]) -> None:
    service, _, plan = words[-1].partition(":")
    named = words[0] if len(words) > 1 else service
    found = [name for name, now in state["addons"].items() if named in (name, now.partition(":")[0])]
    if not plan:
        fail(" ›   Error: No plan specified.")
    if not found:
        fail(" ›   Error: Couldn't find that add-on.")
    if len(found) > 1:
        fail(f" ›   Error: Multiple add-ons match {named} on {state['app']}")
    before = state["addons"][found[0]]
    if "essential" in before and "essential" not in plan:
        fail(" ›   Error: An Essential database stays in its tier; use pg:copy")
    state["addons"][found[0]] = f"{service}:{plan}"
    state.save()
    say(f"Changing {found[0]} on {state['app']} from {before} to {service}:{plan}... done")
