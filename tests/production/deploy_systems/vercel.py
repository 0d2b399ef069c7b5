"""vercel: rollback, promote, their status, inspect, list, env add.

https://vercel.com/docs/cli and the source of vercel/vercel: it talks on stderr; on the Hobby plan only the
deployment before the current one can be taken; `inspect --format` is there since 2026. After a rollback the
domain stays where it is, whatever is deployed, until something is promoted
(https://vercel.com/docs/instant-rollback); what was built as a preview is built anew to be promoted, under
another address. There is no `env push`; `env add` does not overwrite without `--force`, and `--value` is not
there in older versions.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

from production.deploy_systems.playing import State, fail, say, warn, words_of


def fresh(deployments: list[str], domain: str = "app.hotrodan.com") -> dict[str, Any]:
    """`deployments`: their addresses, oldest first; the last one is what the domain shows. `previews`: those
    that were built as previews. `hobby`: the plan. `remaps`: whether the domain follows. `old`: a program
    from before `--format`. `assigns`: whether the domain goes to the next production deployment by itself.
    """
    return {
        "deployments": deployments,
        "current": deployments[-1],
        "domain": domain,
        "hobby": False,
        "remaps": True,
        "old": False,
        "previews": [],
        "assigns": True,
        "env": {},
    }


def main(path: str) -> None:
    state = State(path)
    state.called("Error: Too many requests - try again in 42 seconds (429)")
    if not os.environ.get("VERCEL_TOKEN"):
        fail('Error: No existing credentials found. Please run `vercel login` or pass "--token"')
    if not (os.environ.get("VERCEL_ORG_ID") and os.environ.get("VERCEL_PROJECT_ID")):
        fail("Error: Your codebase isn’t linked to a project on Vercel. Run `vercel link` to begin.")
    command, *rest = sys.argv[1:]
    flags = {"--yes": False, "--timeout": True}
    if command == "inspect":
        flags = {} if state["old"] else {"--format": True}
    elif command == "list":
        flags = {"--prod": False, "--yes": False}
    elif command == "env":
        flags = {"--force": False, "--yes": False} | ({} if state["old"] else {"--value": True})
    words, options = words_of(rest, flags, "Error: unknown or unexpected option: {}")
    if command in ("rollback", "promote"):
        _move(state, command, words)
    elif command == "inspect":
        _inspect(state, words[0], options)
    elif command == "list":
        say("\n".join(f"{url}  Ready  Production" for url in reversed(state["deployments"])))
    elif command == "env":
        _variable(state, words, options)
    else:
        fail(f'Error: Found argument "{command}" which is not a command')


def _move(state: State, command: str, words: list[str]) -> None:
    if words == ["status"]:
        warn(f"No deployment {command} in progress")
        return
    if words[0] not in state["deployments"] + state["previews"]:
        fail(f'Error: Can\'t find the deployment "{words[0]}" under the context "acme"')
    if command == "rollback" and words[0] in state["previews"]:
        fail("Error: Deployment not eligible for rollback (422)")
    at = state["deployments"].index(state["current"])
    if state["hobby"] and command == "rollback" and state["deployments"].index(words[0]) != at - 1:
        fail("Error: To roll back further than the previous production deployment, upgrade to pro (402)")
    moved(state, command, words[0])
    state.save()
    warn(f"Success! shop was rolled back to {words[0]} (dpl_1) [2s]")


def _variable(state: State, words: list[str], options: dict[str, str]) -> None:
    if words[0] != "add":
        fail("Error: Invalid subcommand")
    name, target = words[1:]
    if f"{name} {target}" in state["env"] and "--force" not in options:
        fail(f"Error: The variable {name} has already been added to the Production environment")
    state["env"][f"{name} {target}"] = options["--value"]
    state.save()
    warn(f"Overrode Environment Variable {name} to Project shop [96ms]")


def moved(state: dict[str, Any], command: str, url: str) -> None:
    """What `vercel rollback` or `vercel promote` does to a deployment that is there."""
    if url in state["previews"]:
        deployed(state, url.replace("shop-", "shop-again-"))
        return
    state["assigns"] = command == "promote"
    if state["remaps"]:
        state["current"] = url


def deployed(state: dict[str, Any], url: str) -> None:
    """A production deployment that was built: the domain goes there, unless somebody rolled back."""
    state["deployments"].append(url)
    if state["assigns"]:
        state["current"] = url


def _inspect(state: State, what: str, options: dict[str, str]) -> None:
    if what != state["domain"]:
        fail(f'Error: Can\'t find the deployment "{what}" under the context "acme"')
    warn("Fetching deployment")
    if options.get("--format") == "json":
        say(shown(state))


def shown(state: dict[str, Any]) -> str:
    """What `vercel inspect <domain> --format=json` prints."""
    url = state["current"].removeprefix("https://")
    return json.dumps({"id": "dpl_1", "name": "shop", "url": url, "readyState": "READY"}, indent=2)
