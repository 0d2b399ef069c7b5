"""Commits and refs as a store of small records, with the only compare-and-swap that GitHub offers.

Creating a ref fails when it exists; moving one without force fails unless the new commit stands on top of the
old one. Everything else here is retried after an unclear answer, and looks before it does (A2).
https://docs.github.com/en/rest/git/refs
"""

from __future__ import annotations

from dataclasses import dataclass

from allclear.adapters.github.again import again
from allclear.adapters.github.client import Client
from allclear.adapters.github.errors import InvalidError, NotFoundError
from allclear.core.model.snapshot import Repository


@dataclass(frozen=True, slots=True)
class Tip:
    """Where a ref stands, and the message of that commit."""

    sha: str
    message: str


class LostError(Exception):
    """Somebody else moved the ref first; what it says now decides."""


class Records:
    """The refs of one repository that hold records."""

    def __init__(self, client: Client, repository: Repository) -> None:
        self._client = client
        self._base = f"/repos/{repository.name}"
        self._git = f"{self._base}/git"
        self._tree = ""
        self._branch = ""

    @property
    def default_branch(self) -> str:
        """The repository's default branch, asked for once."""
        self._branch = self._branch or str(self._client.get(self._base).data["default_branch"])
        return self._branch

    def read(self, ref: str) -> Tip | None:
        """What stands there; None when there is no such ref."""
        sha = self._sha(ref)
        return Tip(sha, self.message(sha)) if sha else None

    def message(self, sha: str) -> str:
        """The message of a commit."""
        return str(self._client.get(f"{self._git}/commits/{sha}").data["message"])

    def starting(self, prefix: str) -> dict[str, str]:
        """Every ref below ``prefix``, a path that ends with a slash, and the commit it points to."""
        found = self._client.get(f"{self._git}/matching-refs/{prefix.removeprefix('refs/')}").data
        return {str(one["ref"]): str(one["object"]["sha"]) for one in found}

    def create(self, ref: str, message: str) -> Tip | None:
        """Create the ref with a record; None when it exists: somebody was first.

        The answer may be lost after the write: then it is ours when it points to our commit.
        """
        sha = self._commit(message, [])

        def make() -> str:
            try:
                self._client.send("POST", f"{self._git}/refs", {"ref": ref, "sha": sha})
            except InvalidError:
                there = self._sha(ref)
                if there is None:
                    raise
                return there
            return sha

        there = again(self._client.pause, make, applied=lambda: self._sha(ref))
        return Tip(sha, message) if there == sha else None

    def append(self, ref: str, onto: str, message: str) -> Tip:
        """Put a record on top of the commit ``onto``. Raises LostError when the ref stands elsewhere."""
        sha = self._commit(message, [onto])

        def move() -> str | None:
            try:
                self._client.send("PATCH", f"{self._git}/{ref}", {"sha": sha, "force": False})
            except (InvalidError, NotFoundError):
                return self._sha(ref)
            return sha

        def moved() -> str | None:
            there = self._sha(ref)
            return there if there != onto else None

        if again(self._client.pause, move, applied=moved) != sha:
            raise LostError(ref)
        return Tip(sha, message)

    def _sha(self, ref: str) -> str | None:
        try:
            data = self._client.get(f"{self._git}/ref/{ref.removeprefix('refs/')}").data
        except NotFoundError:
            return None
        return str(data["object"]["sha"])

    def _commit(self, message: str, parents: list[str]) -> str:
        """A commit that changes no file. Made twice after an unclear answer, the other one is litter, no
        harm.
        """
        body = {"message": message, "tree": self._any_tree(), "parents": parents}
        made = again(self._client.pause, lambda: self._client.send("POST", f"{self._git}/commits", body))
        return str(made.data["sha"])

    def _any_tree(self) -> str:
        """A commit needs a tree that exists: that of the default branch."""
        if not self._tree:
            tip = self._sha(f"refs/heads/{self.default_branch}")
            self._tree = str(self._client.get(f"{self._git}/commits/{tip}").data["tree"]["sha"])
        return self._tree
