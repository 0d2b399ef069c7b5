"""What is compared: a door of Allclear, and Node actions as a runner starts them."""

from __future__ import annotations

import hashlib
import re
import shlex
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from delaying_proxy import Asked

OURS = "Allclear"
COMMENT = r"POST /repos/[^/]+/[^/]+/issues/\d+/comments"
REACTION = r"POST /repos/[^/]+/[^/]+/issues/comments/\d+/reactions"


@dataclass(frozen=True)
class Contestant:
    """A program that answers comments. ``steps`` are the commands of its main step and, where it has one, of
    its post step. ``sign`` is the request that shows people that it heard them, and ``done`` the one without
    which it did not do its work, both as patterns of "METHOD target"; ``digest`` is how the SHA-256 of its
    built file begins.
    """

    name: str
    steps: tuple[tuple[str, ...], ...]
    sign: str
    done: str
    env: Mapping[str, str] = field(default_factory=dict)
    digest: str = ""

    def signs(self, asked: Sequence[Asked]) -> list[Asked]:
        """The answered requests that people see."""
        return [one for one in asked if one.status < 300 and _is(one, self.sign)]

    def did(self, asked: Sequence[Asked]) -> bool:
        """Whether it did its work."""
        return any(one.status < 300 and _is(one, self.done) for one in asked)


def _is(asked: Asked, pattern: str) -> bool:
    return re.fullmatch(pattern, f"{asked.method} {asked.path.partition('?')[0]}") is not None


@dataclass(frozen=True)
class Peer:
    """An action that answers comments. ``option`` names the path of its built file on the command line;
    ``inputs`` is what a workflow would say besides its defaults; ``personal``: inputs that take a personal
    access token.
    """

    name: str
    option: str
    sign: str
    done: str
    inputs: Mapping[str, str]
    personal: tuple[str, ...] = ()


PEERS = (
    Peer(
        "github/command",
        "command",
        REACTION,
        REACTION.replace("POST", "DELETE") + r"/\d+",
        {"command": "/", "allowed_contexts": "issue"},
    ),
    Peer(
        "slash-command-dispatch",
        "dispatch",
        REACTION,
        "POST /repos/[^/]+/[^/]+/dispatches",
        {"commands": "ack\nnote\nsev", "issue-type": "issue"},
        personal=("token",),
    ),
    Peer("branch-deploy", "deploy", COMMENT, r"POST /repos/[^/]+/[^/]+/deployments/\d+/statuses", inputs={}),
)


def door(command: str) -> Contestant:
    """Allclear's own. ``command`` is a script for this Python, or a whole command line."""
    words = shlex.split(command)
    if len(words) == 1 and words[0].endswith(".py"):
        words = [sys.executable, str(Path(words[0]).resolve())]
    return Contestant(OURS, (tuple(words),), COMMENT, COMMENT)


def contestant(peer: Peer, node: str, built: Path, values: Mapping[str, str]) -> Contestant:
    """The peer whose built file lies at ``built``, with its `action.yml` beside or above it; ``values`` are
    those of `github.token` and the like. Raises FileNotFoundError when one of the files is missing.
    """
    if not built.is_file():
        raise FileNotFoundError(f"{built} is not there")
    folder = next((one for one in built.resolve().parents[:2] if (one / "action.yml").is_file()), None)
    if folder is None:
        raise FileNotFoundError(f"no action.yml stands beside or above {built}")
    action = yaml.safe_load((folder / "action.yml").read_text(encoding="utf-8"))
    inputs = {
        name: filled(given.get("default", ""), values) for name, given in (action["inputs"] or {}).items()
    }
    inputs |= {**peer.inputs, **dict.fromkeys(peer.personal, values["personal"])}
    digest = hashlib.sha256(built.read_bytes()).hexdigest()[:12]
    steps = tuple((node, str(folder / action["runs"][at])) for at in ("main", "post") if at in action["runs"])
    return Contestant(peer.name, steps, peer.sign, peer.done, given_as(inputs), digest)


def filled(default: Any, values: Mapping[str, str]) -> str:
    """A default of `action.yml` as the runner gives it: a text, with the expressions in it replaced."""
    text = str(default).lower() if isinstance(default, bool) else str(default)
    return re.sub(r"\$\{\{\s*([\w.]+)\s*\}\}", lambda hit: values[hit[1]], text)


def given_as(inputs: Mapping[str, str]) -> dict[str, str]:
    """Inputs as environment variables: spaces become underscores, hyphens stay.
    https://docs.github.com/en/actions/reference/workflows-and-actions/metadata-syntax#inputs
    """
    return {f"INPUT_{name.replace(' ', '_').upper()}": value for name, value in inputs.items()}


def state_of(file: str) -> dict[str, str]:
    """What the main step wrote into GITHUB_STATE, as the post step is given it.
    https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands#sending-values-to-the-pre-and-post-actions
    """
    return {f"STATE_{name}": value for name, value in _written(file.splitlines())}


def _written(lines: Sequence[str]) -> Iterator[tuple[str, str]]:
    rest = iter(lines)
    for line in rest:
        name, heredoc, end = line.partition("<<")
        if not heredoc:
            name, _, value = line.partition("=")
            yield name, value
            continue
        value_lines = []
        for more in rest:
            if more == end:
                break
            value_lines.append(more)
        yield name, "\n".join(value_lines)
