"""flyctl: releases, machine list, deploy, status, logs, apps restart, secrets set, scale count.

https://fly.io/docs/flyctl/ and the source of superfly/flyctl: releases are pending, running, complete, failed
or interrupted; `deploy` updates one machine after the other, and counts one as updated that went back to its
old image (superfly/flyctl#4921). Without `--no-tail`, logs are followed and never end; there is no `--since`.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

from production.deploy_systems.playing import State, fail, say, words_of

FLAGS = {
    "releases": {"--app": True, "-a": True, "--image": False, "--json": False, "-j": False},
    "machine": {"--app": True, "-a": True, "--json": False, "-j": False},
    "status": {"--app": True, "-a": True, "--json": False},
    "logs": {"--app": True, "-a": True, "--no-tail": False, "-n": False, "--json": False, "-j": False},
    "apps restart": {"--force-stop": False, "--skip-health-checks": False},
    "secrets set": {"--app": True, "-a": True, "--stage": False, "--detach": False},
    "scale count": {"--app": True, "-a": True, "--yes": False, "-y": False},
    "deploy": {"--app": True, "-a": True, "--image": True, "-i": True, "--yes": False, "-y": False},
}


def image(word: str) -> str:
    return f"registry.fly.io/hotdash-app:deployment-{word}"


def fresh(now: str, releases: list[tuple[int, str, str]], machines: list[tuple[int, str]]) -> dict[str, Any]:
    """`releases`: version, status, image, oldest first; `machines`: the release of each and its image.

    `deploy` is how the next one goes: well, partial, half, release-command. `lacks`: options that only newer
    versions have. `others`: further apps of the account; `logs`: level and text of each line; `sick`: no
    machine passes its health checks once it is restarted.
    """
    return {
        "app": "hotdash-app",
        "now": now,
        "releases": [
            {"Version": version, "Status": status, "ImageRef": image(word), "CreatedAt": now}
            for version, status, word in releases
        ],
        "machines": [{"version": version, "image": image(word)} for version, word in machines],
        "deploy": "well",
        "known": sorted({image(word) for _, _, word in releases}),
        "lacks": [],
        "others": [],
        "logs": [("info", "listening on :8080"), ("error", "TypeError: tiles is undefined")],
        "sick": False,
        "restarts": 0,
        "secrets": {},
    }


def main(path: str) -> None:
    state = State(path)
    state.called("Error: failed retrieving app releases: too many requests (429)")
    if not os.environ.get("FLY_API_TOKEN"):
        fail("Error: no access token available. Please login with 'flyctl auth login'")
    command, *rest = sys.argv[1:]
    if rest and f"{command} {rest[0]}" in FLAGS:
        command, rest = f"{command} {rest[0]}", rest[1:]
    if command not in FLAGS:
        fail(f'Error: unknown command "{command}" for "flyctl"')
    there = {name: value for name, value in FLAGS[command].items() if name not in state["lacks"]}
    words, options = words_of(rest, there, "Error: unknown flag: {}")
    app = words[0] if command == "apps restart" else options.get("--app") or options.get("-a")
    if app not in (state["app"], *state["others"]):
        fail(f'Error: Could not find App "{app}"')
    if command == "releases":
        if words:
            fail(f'Error: unknown command "{words[0]}" for "flyctl releases"')
        say(json.dumps(sorted(state["releases"], key=lambda one: -one["Version"]), indent=4))
    elif command == "machine":
        say(json.dumps([_machine(n, one) for n, one in enumerate(state["machines"])], indent=4))
    elif command == "status":
        say(f"App\n  Name = {app}\n")
    elif command == "deploy":
        _deploy(state, options.get("--image") or options.get("-i") or "")
    else:
        _operate(state, command, words, options)


def _operate(state: State, command: str, words: list[str], options: dict[str, str]) -> None:
    if command == "logs":
        if not {"--no-tail", "-n"} & options.keys():
            fail("Error: context canceled")  # the end of following them, once somebody stops it
        for level, text in state["logs"]:
            line = {"level": level, "instance": "3d8d9795ce9300", "message": text}
            say(
                json.dumps(line)
                if {"--json", "-j"} & options.keys()
                else f"app[3d8d9795ce9300] [{level}] {text}"
            )
        return
    if command == "scale count":
        if not {"--yes", "-y"} & options.keys():
            fail("Error: yes flag must be specified when not running interactively")
        newest = state["machines"][0]
        state["machines"] = [dict(newest) for _ in range(int(words[0]))]
    elif command == "secrets set":
        if not words or not all("=" in word for word in words):
            fail("Error: secrets must be provided as NAME=VALUE pairs")
        state["secrets"] |= dict(word.split("=", 1) for word in words)
    state["restarts"] += command != "scale count"
    state.save()
    if state["sick"]:
        fail("Error: failed to restart machine 3d8d9795ce9300: failed to wait for health checks to pass")
    say(f"{command}: done")


def _machine(number: int, one: dict[str, Any]) -> dict[str, Any]:
    metadata = {"fly_process_group": "app", "fly_release_version": str(one["version"])}
    return {
        "id": f"3d8d9795ce93{number:02}",
        "state": "started",
        "config": {"image": one["image"], "metadata": metadata if one["version"] else {}},
    }


def _deploy(state: State, wanted: str) -> None:
    how = state["deploy"]
    if wanted not in state["known"]:
        fail(f'Error: failed to fetch an image or build from source: could not find image "{wanted}"')
    version = max(one["Version"] for one in state["releases"]) + 1
    release = {"Version": version, "Status": "running", "ImageRef": wanted, "CreatedAt": state["now"]}
    state["releases"].append(release)
    if how == "release-command":
        release["Status"] = "failed"
        state.save()
        fail("Error: release command failed - aborting deployment.")
    left = {"well": 0, "partial": 1, "half": 1}[how]
    made = [one for one in state["machines"] if one["version"]]
    for number, one in enumerate(made, start=1):
        if number > len(made) - left:
            break
        one |= {"version": version, "image": wanted}
        say(f"[{number}/{len(made)}] Machine update finished: success")
    release["Status"] = "failed" if how == "half" else "complete"
    state.save()
    if how == "half":
        fail("Error: failed to update machine: timeout reached waiting for machine to be started")
    say("Finished deploying")
