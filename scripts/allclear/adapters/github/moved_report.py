"""Where a post-mortem of the default branch went: people sort theirs into folders, or find better names."""

from __future__ import annotations

from urllib.parse import quote

from allclear.adapters.github.client import Client
from allclear.adapters.github.errors import NotFoundError
from allclear.core.model.snapshot import Repository
from allclear.core.postmortem.file_name import is_report

MOST_MOVES = 3
"""So many moves, one after the other, are followed."""


def moved_to(client: Client, repository: Repository, path: str, branch: str) -> str | None:
    """The path of today, as far as git tells the moves; None when the file is gone.

    The last commit that changed a path without a file is the one that took it away:
    https://docs.github.com/en/rest/commits/commits#list-commits
    """
    root = f"/repos/{repository.name}"
    for _ in range(MOST_MOVES):
        touched = client.get(f"{root}/commits", {"sha": branch, "path": path, "per_page": 1}).data
        if not touched:
            return None
        changed = client.get(f"{root}/commits/{touched[0]['sha']}").data.get("files") or ()
        renamed = (one for one in changed if one["status"] == "renamed")
        following = next((str(one["filename"]) for one in renamed if one["previous_filename"] == path), "")
        if not is_report(following):
            return None
        path = following
        try:
            client.get(f"{root}/contents/{quote(path)}", {"ref": branch})
        except NotFoundError:
            continue
        return path
    return None
