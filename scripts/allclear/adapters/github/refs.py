"""Creating and looking up refs. A ref is created once: whoever comes second is told where it points.

https://docs.github.com/en/rest/git/refs
"""

from __future__ import annotations

from urllib.parse import quote

from allclear.adapters.github.again import again
from allclear.adapters.github.client import Client
from allclear.adapters.github.errors import InvalidError, NotFoundError, UnavailableError


def tip(client: Client, git: str, ref: str) -> str | None:
    """The commit that ``ref`` (``refs/heads/main``) points to; None when there is no such ref.

    ``git`` is where the API has the repository's objects: ``/repos/acme/shop/git``.
    """
    try:
        data = client.get(f"{git}/ref/{quote(ref.removeprefix('refs/'))}").data
    except NotFoundError:
        return None
    return str(data["object"]["sha"])


def create(client: Client, git: str, ref: str, sha: str) -> str:
    """Point a new ref at a commit. Returns what it points to: another commit when somebody was first.

    422 means that the ref is there, or that GitHub will not have it, or nothing at all: GitHub answers
    "Reference update failed" at random (https://github.com/github/rest-api-description/issues/4887). So the
    ref is looked for, and only what is not there is sent again. Raises InvalidError when that does not help,
    ForbiddenError when this token may not create it.
    """

    def make() -> str:
        try:
            client.send("POST", f"{git}/refs", {"ref": ref, "sha": sha})
        except InvalidError:
            there = tip(client, git, ref)
            if there is None:
                raise
            return there
        return sha

    return again(
        client.pause,
        make,
        applied=lambda: tip(client, git, ref),
        on=(UnavailableError, InvalidError),
    )
