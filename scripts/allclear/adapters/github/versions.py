"""Earlier versions of a file of the repository's default branch: what stands in for one that is broken."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from functools import partial
from urllib.parse import quote

from allclear.adapters.github.again import known
from allclear.adapters.github.client import Client
from allclear.core.model.snapshot import Repository

MOST_VERSIONS = 10
"""So many commits are looked through; whoever breaks a file notices before that."""


def versions(client: Client, repository: Repository, path: str) -> Iterator[tuple[str, bytes]]:
    """The versions of a file, newest first, each with seven digits of its commit. None when GitHub does not
    say: nothing more is lost by that than without them.

    https://docs.github.com/en/rest/commits/commits#list-commits
    """
    base = f"/repos/{repository.name}"
    asked: dict[str, str | int] = {"path": path, "per_page": MOST_VERSIONS}
    commits = known(
        lambda: [str(one["sha"]) for one in client.get(f"{base}/commits", asked).data], list[str]()
    )
    for sha in commits[:MOST_VERSIONS]:
        raw = known(partial(_content, client, f"{base}/contents/{quote(path)}", sha), None)
        if raw is not None:
            yield sha[:7], raw


def _content(client: Client, path: str, sha: str) -> bytes:
    """https://docs.github.com/en/rest/repos/contents#get-repository-content"""
    return base64.b64decode(client.get(path, {"ref": sha}).data["content"])
