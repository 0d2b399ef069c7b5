"""Commits and refs as a store of small records, with the only compare-and-swap that GitHub offers.

Creating a ref fails when it exists; moving one without force fails unless the new commit stands on top of the
old one. Everything here is tried again after an unclear answer, and looks before it does (A2).

Every record has one and the same tree, of one file: a workflow's token may point no ref at workflow files
that no branch has any more, and those of the default branch change while an operation is under way (Z3).
https://docs.github.com/en/rest/git/refs
"""

from __future__ import annotations

from msgspec import Struct

from allclear.adapters.github.again import again
from allclear.adapters.github.client import Client
from allclear.adapters.github.errors import InvalidError, NotFoundError, UnavailableError
from allclear.adapters.github.refs import create, tip
from allclear.core.model.snapshot import Repository

README = """\
The message of this commit is a record of Allclear, incident response in this repository: of an operation on
production, or of the lock of a service. It is no part of the repository's code, and nothing is built from it.
"""


class Tip(Struct, frozen=True):
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
        return Tip(sha, message) if create(self._client, self._git, ref, sha) == sha else None

    def append(self, ref: str, onto: str, message: str) -> Tip:
        """Put a record on top of the commit ``onto``. Raises LostError when the ref stands elsewhere, or is
        gone.
        """
        sha = self._commit(message, [onto])

        def move() -> str:
            try:
                self._client.send("PATCH", f"{self._git}/{ref}", {"sha": sha, "force": False})
            except (InvalidError, NotFoundError):
                there = moved()
                if there is None:
                    raise  # Nobody moved it: refused without a reason, as creating one is.
                return there
            return sha

        def moved() -> str | None:
            """Where the ref stands, empty when it is gone; None while it is where it was."""
            there = self._sha(ref)
            return None if there == onto else there or ""

        unclear = (UnavailableError, InvalidError, NotFoundError)
        if again(self._client.pause, move, applied=moved, on=unclear) != sha:
            raise LostError(ref)
        return Tip(sha, message)

    def _sha(self, ref: str) -> str | None:
        return tip(self._client, self._git, ref)

    def _commit(self, message: str, parents: list[str]) -> str:
        """A commit that says ``message``. Made twice after an unclear answer, the other one is litter, no
        harm.
        """
        return self._make("commits", {"message": message, "tree": self._own_tree(), "parents": parents})

    def _own_tree(self) -> str:
        """The tree of all records, made once a job: to git the same files are the same tree."""
        if not self._tree:
            file = {"path": "README.md", "mode": "100644", "type": "blob", "content": README}
            self._tree = self._make("trees", {"tree": [file]})
        return self._tree

    def _make(self, kind: str, body: dict[str, object]) -> str:
        """The name of a new object."""
        made = again(self._client.pause, lambda: self._client.send("POST", f"{self._git}/{kind}", body))
        return str(made.data["sha"])
