"""Who can see the repository, as GitHub says."""

from __future__ import annotations

from allclear.adapters.github.client import Client
from allclear.adapters.github.errors import GitHubError
from allclear.core.model.snapshot import Repository, Visibility


def visibility_of(client: Client, repository: Repository) -> Visibility:
    """Private is what GitHub calls private in both of its fields; what it does not say is not known.

    An internal repository is one that the members of an enterprise can see.
    https://docs.github.com/en/rest/repos/repos#get-a-repository
    """
    try:
        data = client.get(f"/repos/{repository.name}").data
    except GitHubError:
        return "unknown"
    private, said = data.get("private"), data.get("visibility")
    if private is True and said in ("private", "internal", None):
        return "private"
    return "public" if private is False or said == "public" else "unknown"
