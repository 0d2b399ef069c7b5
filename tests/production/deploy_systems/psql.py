"""psql: one statement, given with ``-c``, on the database that a URL names.

https://www.postgresql.org/docs/current/app-psql.html: 2 is the exit code of a connection that went bad, 1
that of a statement, and a table ends with its number of rows.
"""

from __future__ import annotations

import sys
from typing import Any

from production.deploy_systems.playing import State, fail, say, words_of

URL = "postgres://allclear:p4ss-w0rd@db.example.com/shop"
COLUMNS = ("pid", "state", "query_start", "query")


def fresh() -> dict[str, Any]:
    """`queries`: pid, state and minutes of each that runs. `down`: nothing listens there."""
    return {"queries": [[101, "active", 12], [102, "active", 1], [103, "idle", 90]], "down": False}


def main(path: str) -> None:
    state = State(path)
    state.called("psql: error: FATAL:  sorry, too many clients already")
    words, options = words_of(
        sys.argv[1:], {"-c": True, "--command": True, "-v": True}, "psql: invalid option -- {}"
    )
    if state["down"]:
        fail('psql: error: connection to server at "db.example.com", port 5432 failed: Connection refused', 2)
    if words != [URL]:
        fail('psql: error: FATAL:  password authentication failed for user "allclear"', 2)
    _answer(state, options.get("-c") or options.get("--command") or "")


def _answer(state: State, statement: str) -> None:
    if "query_time" in statement:
        fail('ERROR:  column "query_time" does not exist')
    if "pg_terminate_backend" in statement:
        ended = [row for row in state["queries"] if row[1] == "active" and row[2] > 5]
        state["queries"] = [row for row in state["queries"] if row not in ended]
        state.save()
        rows = [f"{row[0]} | t" for row in ended]
    elif "interval" in statement:
        rows = [f"{row[0]} | 00:{row[2]:02}:00" for row in state["queries"] if row[2] > 5]
    elif "count(*)" in statement:
        rows = [str(len(state["queries"]))]
    elif "version()" in statement:
        rows = ["PostgreSQL 16.4 on x86_64-pc-linux-gnu"]
    else:
        rows = ["1"]
    say("\n".join([" answer", "--------", *(f" {row}" for row in rows), f"({len(rows)} rows)"]))
