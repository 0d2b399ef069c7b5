"""curl, and what the addresses of the shipped settings answer: Fly.io's Prometheus, PostHog's API.

https://curl.se/docs/manpage.html: ``-f`` makes answers from 400 on exit code 22, and not those before;
``-H @-`` reads headers from stdin. https://prometheus.io/docs/prometheus/latest/querying/api/,
https://posthog.com/docs/api/feature-flags: a flag is changed by its number.
"""

from __future__ import annotations

import json
import sys
from typing import Any, NoReturn

from production.deploy_systems.playing import State, fail, say

PROMETHEUS = "https://api.fly.io/prometheus/hotdash/api/v1/query"
POSTHOG = "https://us.posthog.com/api/projects/12345/feature_flags/"
VALUED = ("-H", "-X", "--data", "--data-urlencode")


def fresh(authorization: str) -> dict[str, Any]:
    """`authorization`: the header that is accepted. `numbers`: what a query answers, by a part of it;
    `flags`: which are on; `moved`: everything redirects.
    """
    numbers = {"status=~": "0.0005", "histogram_quantile": "0.42"}
    return {"authorization": authorization, "numbers": numbers, "flags": {"4711": True}, "moved": False}


def main(path: str) -> None:
    state = State(path)
    state.called("curl: (22) The requested URL returned error: 429")
    given: dict[str, list[str]] = {}
    url = ""
    rest = iter(sys.argv[1:])
    for word in rest:
        if word in VALUED:
            given.setdefault(word, []).append(next(rest))
        elif word.startswith("https://"):
            url = word
        elif word != "-sSf":
            fail(f"curl: option {word}: is unknown", 2)
    if state["moved"]:
        sys.exit(0)  # 301 is no failure, and without -L nothing follows it
    headers = [
        line for one in given.get("-H", []) for line in (sys.stdin.read() if one == "@-" else one).split("\n")
    ]
    if f"Authorization: {state['authorization']}" not in headers:
        _refused(401)
    if url == PROMETHEUS:
        _query(state, given["--data-urlencode"][0].removeprefix("query="))
    elif url.startswith(POSTHOG) and given.get("-X") == ["PATCH"]:
        _flag(state, url.removeprefix(POSTHOG).rstrip("/"), json.loads(given["--data"][0]))
    else:
        _refused(404)


def _refused(status: int) -> NoReturn:
    fail(f"curl: (22) The requested URL returned error: {status}", 22)


def _query(state: State, query: str) -> None:
    found = [value for part, value in state["numbers"].items() if part in query and value is not None]
    result = [{"metric": {}, "value": [1760882520.0, value]} for value in found[:1]]
    say(json.dumps({"status": "success", "data": {"resultType": "vector", "result": result}}))


def _flag(state: State, number: str, change: dict[str, Any]) -> None:
    if number not in state["flags"]:
        _refused(404)
    state["flags"][number] = change["active"]
    state.save()
    say(json.dumps({"id": int(number), "key": "new-tiles", "active": change["active"]}))
