"""Brings a post-mortem to its branch and opens the pull request, through the API only.

Every step looks whether it was done already: killed anywhere and started again, there is one branch, one
commit of one text and one pull request. Nothing is ever forced.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import quote

from msgspec import Struct

from allclear.adapters.github.client import Client
from allclear.adapters.github.errors import (
    ConflictError,
    GitHubError,
    InvalidError,
    NotAFolderError,
    NotFoundError,
)
from allclear.adapters.github.moved_report import moved_to
from allclear.adapters.github.pulls import Proposal, Pull, compare_link, not_permitted, open_pull, pulls_of
from allclear.adapters.github.refs import create
from allclear.core.model.snapshot import Repository
from allclear.core.postmortem import front_matter as report
from allclear.core.postmortem.document import Written, branch
from allclear.core.postmortem.file_name import FOLDER
from allclear.core.postmortem.sections import says_the_same

TRIES = 3
"""How often a file that changed under our hands is read and merged again."""
ATTEMPTS = 50
"""Pull requests one incident may have had, one after the other."""


class Existing(Struct, frozen=True):
    """What is there. ``text`` is the report as people left it, None when there is none; it stands at
    ``path``.

    ``branch`` is where to write next; ``sha`` the file's there, None when the file is not on it. ``taken``
    are paths of other incidents' reports.
    """

    branch: str
    text: str | None = None
    path: str = ""
    sha: str | None = None
    pull: Pull | None = None
    taken: frozenset[str] = frozenset()


class Published(Struct, frozen=True):
    """``pull`` None: ``url`` is a link to open it with, and ``note`` says why.
    ``changed``: a commit was made. ``open``: the pull request is open.
    """

    pull: int | None
    url: str
    branch: str
    path: str
    note: str = ""
    changed: bool = False
    open: bool = False


def text_at(client: Client, repository: Repository, path: str, ref: str) -> str | None:
    """The report at a branch or commit; None when it is not there."""
    file = _ReportFiles(client, repository, 0).read(path, ref)
    return file.text if file else None


def attach(client: Client, repository: Repository, branch: str, path: str, text: str, message: str) -> bool:
    """Put a file of ours beside the report, on its branch; whether there was something to commit.

    Somebody who commits there at the same time wins, and the next run writes it: raises ConflictError then,
    and other kinds of adapters.errors.GitHubError.
    """
    there = _ReportFiles(client, repository, 0).read(path, branch)
    if there is not None and there.text == text:
        return False
    body = {
        "message": message,
        "content": base64.b64encode(text.encode()).decode(),
        "branch": branch,
        **({"sha": there.sha} if there else {}),
    }
    client.send("PUT", f"/repos/{repository.name}/contents/{quote(path)}", body)
    return True


def find(
    client: Client, repository: Repository, number: int, paths: Sequence[str], default_branch: str
) -> Existing:
    """Find the report of issue ``number``: on its branch, in its last pull request, or merged.

    ``paths`` are where it may stand, likeliest first (core.postmortem.candidates). People may have renamed it
    on its branch, or where it was merged.
    """
    files = _ReportFiles(client, repository, number)
    name, pull = files.current_branch()
    found, taken = files.find(paths, name)
    found = found or files.renamed(name, default_branch)
    if found is not None:
        return Existing(name, found.text, found.path, found.sha, pull, taken)
    for ref in (*((pull.head,) if pull is not None and pull.state == "closed" else ()), default_branch):
        found, more = files.find(paths, ref)
        taken |= more
        if found is not None:
            return Existing(name, found.text, found.path, None, pull, taken)
    merged = pull is not None and pull.state == "merged"
    moved = moved_to(client, repository, paths[0], default_branch) if merged else None
    found, _ = files.find((moved,), default_branch) if moved is not None else (None, taken)
    if found is not None:
        return Existing(name, found.text, found.path, None, pull, taken)
    return Existing(name, pull=pull, taken=taken | files.claimed(paths[0]))


def publish(
    client: Client,
    repository: Repository,
    default_branch: str,
    existing: Existing,
    written: Written,
    *,
    rewrite: Callable[[str | None], Written],
) -> Published:
    """Commit the report and open its pull request, as far as that is not done.

    ``rewrite`` writes the report over another existing text: somebody may commit between our reading and our
    writing. Raises NotAFolderError when a file stands where the folder has to be, and other kinds of
    adapters.errors.GitHubError; what was done until then is found by the next run.
    """
    files = _ReportFiles(client, repository, written.report.issue or 0)
    path = existing.path or written.path
    last = existing.pull
    if existing.sha is None and existing.text is not None and says_the_same(written.text, existing.text):
        # Merged, or closed by somebody who had read just this: nothing is left to propose. A question that
        # vanishes because somebody wrote beside it is no news.
        url = last.url if last else f"{repository.url}/blob/{default_branch}/{quote(path)}"
        return Published(last.number if last else None, url, existing.branch, path)
    changed = False
    if written.text != existing.text:
        if existing.text is None:
            # Before the branch is made, which would keep that file.
            files.must_be_folders(path, default_branch)
        if existing.sha is None:
            files.branch_off(existing.branch, default_branch)
        written, changed = files.put(existing, path, written, rewrite)
    if last is not None and last.state == "open":
        note = "" if last.asked or files.reviewed(last.number) else files.ask(last.number, written.reviewers)
        return Published(last.number, last.url, existing.branch, path, note, changed, open=True)
    return files.open(existing, path, written, default_branch, changed=changed)


class _File(Struct, frozen=True):
    path: str
    text: str
    sha: str


class _ReportFiles(Struct, frozen=True):
    """The requests for one incident's report, named by what they are for."""

    client: Client
    repository: Repository
    number: int

    @property
    def root(self) -> str:
        return f"/repos/{self.repository.name}"

    def current_branch(self) -> tuple[str, Pull | None]:
        """The branch whose turn it is, and the newest pull request: of it, else of the one before."""
        last: Pull | None = None
        for attempt in range(1, ATTEMPTS + 1):
            name = branch(self.number, attempt)
            pulls = pulls_of(self.client, self.repository, name)
            if not pulls:
                return name, last
            last = pulls[0]
            if last.state == "open":
                return name, last
        raise GitHubError(
            0,
            f"the post-mortem of #{self.number} has had {ATTEMPTS} pull requests already; somebody has to "
            "look at it",
        )

    def find(self, paths: Sequence[str], ref: str) -> tuple[_File | None, frozenset[str]]:
        """The report at ``ref``, and which of ``paths`` are somebody else's there.

        A file is ours when it names the issue and the repository: an old tracker has numbers too. Where we
        know that ours stands, when there is one path, it is ours unless it names another incident.
        """
        taken: set[str] = set()
        for path in paths:
            file = self.read(path, ref)
            if file is None:
                continue
            known = len(paths) == 1 and _issue(file.text) in (self.number, None)
            if known or self.ours(file.text):
                return file, frozenset(taken)
            taken.add(path)
        return None, frozenset(taken)

    def renamed(self, name: str, default_branch: str) -> _File | None:
        """The report under another name, among what the branch changed."""
        try:
            between = self.client.get(
                f"{self.root}/compare/{quote(default_branch, safe='')}...{quote(name, safe='')}"
            ).data
        except NotFoundError:
            return None
        for changed in between["files"]:
            path = str(changed["filename"])
            if changed["status"] != "removed" and path.startswith(f"{FOLDER}/") and path.endswith(".md"):
                file = self.read(path, name)
                if file is not None and _issue(file.text) == self.number:
                    return file
        return None

    def claimed(self, path: str) -> frozenset[str]:
        """``path``, when another incident's open pull request brings it."""
        ours = branch(self.number)
        for one in self.client.get(f"{self.root}/pulls", {"state": "open", "per_page": 100}).data:
            name = str(one["head"]["ref"])
            if not name.startswith(branch(0)[:-1]) or name == ours or name.startswith(f"{ours}-"):
                continue
            file = self.read(path, str(one["head"]["sha"]))
            if file is not None and not self.ours(file.text):
                return frozenset((path,))
        return frozenset()

    def read(self, path: str, ref: str) -> _File | None:
        """A text file at a branch or commit; None when it is not there."""
        try:
            data = self.client.get(f"{self.root}/contents/{quote(path)}", {"ref": ref}).data
        except NotFoundError:
            return None
        if not isinstance(data, dict) or data.get("encoding") != "base64":
            # Over 1 MB GitHub leaves the text out: https://docs.github.com/en/rest/repos/contents
            raise InvalidError(
                422, f"{path} is not a file of less than 1 MB; move it away or make it smaller", data
            )
        # What is no UTF-8 goes back as the bytes it was.
        text = base64.b64decode(data["content"]).decode(errors="surrogateescape")
        return _File(path, text, str(data["sha"]))

    def ours(self, text: str) -> bool:
        """Whether the front matter names this incident: its issue and its repository."""
        said = report.read(text).metadata
        where = str(said.get("repository", "")).casefold()
        return said.get("issue") == self.number and where == self.repository.name.casefold()

    def must_be_folders(self, path: str, ref: str) -> None:
        """Raise NotAFolderError where a file stands in the place of one of the folders of ``path``."""
        parts = path.split("/")
        for folder in ("/".join(parts[:count]) for count in range(1, len(parts))):
            try:
                found = self.client.get(f"{self.root}/contents/{quote(folder)}", {"ref": ref}).data
            except NotFoundError:
                return
            if not isinstance(found, list):
                raise NotAFolderError(folder)

    def branch_off(self, name: str, default_branch: str) -> None:
        """Make the branch, unless it is there."""
        head = self.client.get(f"{self.root}/git/ref/heads/{quote(default_branch)}").data["object"]["sha"]
        create(self.client, f"{self.root}/git", f"refs/heads/{name}", head)

    def put(
        self, existing: Existing, path: str, written: Written, rewrite: Callable[[str | None], Written]
    ) -> tuple[Written, bool]:
        """Commit the file, over what is there now; whether there was something to commit."""
        sha = existing.sha
        for _ in range(TRIES):
            body = {
                "message": written.message,
                "content": base64.b64encode(written.text.encode(errors="surrogateescape")).decode(),
                "branch": existing.branch,
            }
            if sha is not None:
                body["sha"] = sha
            made = self.client.send("PUT", f"{self.root}/contents/{quote(path)}", body, accept=(409, 422))
            if made.status in (200, 201):
                return written, True
            file = self.read(path, existing.branch)
            sha = file.sha if file else None
            if file is not None:
                if _issue(file.text) not in (self.number, None):
                    break
                written = rewrite(file.text)
                if written.text == file.text:
                    return written, False
        raise ConflictError(409, f"{path} on {existing.branch} keeps changing; the next run tries again")

    def open(
        self, existing: Existing, path: str, written: Written, default_branch: str, *, changed: bool
    ) -> Published:
        """Open the pull request and ask for reviews."""
        name = existing.branch
        pull = open_pull(
            self.client, self.repository, Proposal(written.title, name, default_branch, written.body)
        )
        if pull is None:
            compare = compare_link(self.repository, default_branch, name)
            return Published(None, compare, name, path, not_permitted(compare), changed)
        note = self.ask(pull.number, written.reviewers)
        return Published(pull.number, pull.url, name, path, note, changed, open=True)

    def reviewed(self, pull: int) -> bool:
        """Whether somebody has reviewed already: asking again would be a nuisance."""
        return bool(self.client.get(f"{self.root}/pulls/{pull}/reviews", {"per_page": 1}).data)

    def ask(self, pull: int, reviewers: Sequence[str]) -> str:
        """Ask for reviews: all at once, else one by one without those who cannot. The note for people."""
        path = f"{self.root}/pulls/{pull}/requested_reviewers"
        if (
            not reviewers
            or self.client.send("POST", path, {"reviewers": [*reviewers]}, accept=(422,)).status != 422
        ):
            return ""
        left_out = [
            login
            for login in reviewers
            if len(reviewers) == 1
            or self.client.send("POST", path, {"reviewers": [login]}, accept=(422,)).status == 422
        ]
        names = ", ".join(f"`{login}`" for login in left_out)
        return f"No review was asked of {names}: GitHub says they cannot review here." if left_out else ""


def _issue(text: str) -> Any:
    """The incident whose report this is, as the front matter says; None when it does not."""
    return report.read(text).metadata.get("issue")
