"""kubectl: get with custom columns, rollout undo, rollout status, rollout restart, scale, logs.

https://kubernetes.io/docs/concepts/workloads/controllers/deployment/ and kubectl's source: going back numbers
the replica set anew, and its annotation `revision-history` keeps the number that it had. The deployment's own
annotation follows when the controller has seen it.
"""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import Any

from production.deploy_systems.playing import State, fail, say, words_of

REVISION = "deployment.kubernetes.io/revision"
FLAGS = {
    "--namespace": True,
    "-n": True,
    "--no-headers": False,
    "--output": True,
    "-o": True,
    "--to-revision": True,
    "--timeout": True,
    "--replicas": True,
    "--since": True,
}


def fresh(now: str, revisions: list[tuple[int, str]]) -> dict[str, Any]:
    """`revisions`: number and what runs in it, oldest first; the last one runs. `lag`: so often somebody
    has to look before the controller has followed. `stuck`: its pods never become ready.
    """
    return {
        "name": "web",
        "namespace": "default",
        "now": now,
        "since": now,
        "paused": False,
        "stuck": False,
        "lag": 0,
        "replicas": 2,
        "restarts": 0,
        "sets": [{"revision": number, "template": word, "history": ""} for number, word in revisions],
    }


def main(path: str) -> None:
    state = State(path)
    state.called("Error from server (TooManyRequests): the server has received too many requests")
    config = os.environ.get("KUBECONFIG", "")
    if not config or not Path(config).is_file():
        fail("The connection to the server localhost:8080 was refused - is that the right host?")
    words, options = words_of(sys.argv[1:], FLAGS, "error: unknown flag: {}")
    namespace = options.get("--namespace") or options.get("-n") or "default"
    if words[:1] == ["get"]:
        _get(state, words[1], namespace, options)
    elif words[:2] == ["rollout", "undo"]:
        _named(state, words[2], namespace)
        _undo(state, int(options.get("--to-revision") or 0))
    elif words[:2] == ["rollout", "status"]:
        _named(state, words[2], namespace)
        if state["stuck"]:
            fail('error: deployment "web" exceeded its progress deadline')
        say('deployment "web" successfully rolled out')
    elif words[:2] == ["rollout", "restart"]:
        _named(state, words[2], namespace)
        state["restarts"] += 1
        state.save()
        say("deployment.apps/web restarted")
    elif words[:1] == ["scale"]:
        _named(state, words[1], namespace)
        state["replicas"] = int(options["--replicas"])
        state.save()
        say("deployment.apps/web scaled")
    elif words[:1] == ["logs"]:
        _named(state, words[1], namespace)
        say("GET /api/cart 500")
    else:
        fail(f"error: unknown command {words[:2]}")


def _named(state: State, what: str, namespace: str) -> None:
    if what != f"deployment/{state['name']}" or namespace != state["namespace"]:
        fail(f'Error from server (NotFound): deployments.apps "{what.partition("/")[2]}" not found')


def _get(state: State, what: str, namespace: str, options: dict[str, str]) -> None:
    if what == "replicasets":
        found = [_replica_set(state, one) for one in state["sets"]] if namespace == state["namespace"] else []
        found.append({"metadata": {"ownerReferences": [{"name": "web-2"}], "annotations": {REVISION: "9"}}})
    else:
        _named(state, what, namespace)
        found = [_deployment(state)]
    spec = (options.get("--output") or options.get("-o") or "").removeprefix("custom-columns=")
    columns = [part.partition(":") for part in spec.split(",")]
    if "--no-headers" not in options:
        say("   ".join(name for name, _, _ in columns))
    for one in sorted(found, key=str):
        say("   ".join(_at(one, where) for _, _, where in columns))


def _replica_set(state: State, one: dict[str, Any]) -> dict[str, Any]:
    annotations = {REVISION: str(one["revision"])}
    annotations |= {f"{REVISION}-history": one["history"]} if one["history"] else {}
    return {"metadata": {"ownerReferences": [{"name": state["name"]}], "annotations": annotations}}


def _deployment(state: State) -> dict[str, Any]:
    shown = max(one["revision"] for one in state["sets"])
    if state["lag"]:
        state["lag"] -= 1
        state.save()
        shown = state["before"]
    conditions = [
        {"type": "Available", "lastUpdateTime": "2020-01-01T00:00:00Z"},
        {"type": "Progressing", "lastUpdateTime": state["since"]},
    ]
    return {"metadata": {"annotations": {REVISION: str(shown)}}, "status": {"conditions": conditions}}


def _at(value: Any, path: str) -> str:
    """What stands at a path: `.a.b`, `[0]`, `[?(@.type=="X")]`, with dots that are escaped."""
    for name, index, key, wanted in re.findall(
        r'\.((?:\\.|[^.\[\\])+)|\[([0-9]+)\]|\[\?\(@\.(\w+)=="([^"]*)"\)\]', path
    ):
        if name:
            value = value.get(name.replace("\\", "")) if isinstance(value, dict) else None
        elif index:
            value = value[int(index)] if isinstance(value, list) and len(value) > int(index) else None
        else:
            value = next((one for one in value or [] if one.get(key) == wanted), None)
    return "<none>" if value is None else str(value)


def _undo(state: State, wanted: int) -> None:
    if state["paused"]:
        fail(
            "error: you cannot rollback a paused deployment; resume it first with 'kubectl rollout resume "
            "deployment/web' and try again"
        )
    sets = state["sets"]
    found = [one for one in sets if one["revision"] == wanted]
    if not found:
        fail(f"error: unable to find specified revision {wanted} in history")
    newest = max(sets, key=lambda one: one["revision"])
    if found[0]["template"] == newest["template"]:
        say(f"deployment.apps/web skipped rollback (current template already matches revision {wanted})")
        return
    before = newest["revision"]
    found[0]["history"] = ",".join(filter(None, [found[0]["history"], str(wanted)]))
    found[0]["revision"] = before + 1
    state |= {"before": before, "since": state["now"]}
    state.save()
    say("deployment.apps/web rolled back")
