"""Renews the index of the reports on the default branch: by a commit, or by a pull request where the branch
takes no commit.

Whoever writes says which page it replaces, and has looked at all reports of one commit: of two that write at
once the second is refused, looks again, and finds what the first one did. Nothing is ever forced.
https://docs.github.com/en/rest/repos/contents#create-or-update-file-contents
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from allclear.adapters.github.client import Client
from allclear.adapters.github.errors import ConflictError, GitHubError, NotFoundError
from allclear.adapters.github.pulls import Proposal, compare_link, not_permitted, open_pull, pulls_of
from allclear.adapters.github.refs import create
from allclear.core.model.snapshot import Repository
from allclear.core.postmortem.file_name import FOLDER, INDEX, INDEX_NAME

TRIES = 5
"""How often a page that changed under our hands is written anew."""
LATE = 1.0
"""Seconds before the branch is looked at again."""
BRANCH = "allclear/incident-index-"
"""How the branch of the pull request begins; the commit that it left from follows."""
MESSAGE = "Renew the index of the post-mortems"
BODY = (
    "This renews the part of `reports/incidents/README.md` that is made from the post-mortems. What people "
    "wrote above and below it is as it was. It comes as a pull request because the default branch takes no "
    "commit of a workflow."
)


@dataclass(frozen=True, slots=True)
class ReportListing:
    """The folder at ``commit``: what git calls the content of each file in it, by its name. ``page`` is the
    text of the page, None where there is none.
    """

    commit: str
    blobs: Mapping[str, str]
    page: str | None


@dataclass(frozen=True, slots=True)
class Renewed:
    """What was done: ``""`` for nothing, else where it is to be seen, and what is left to do for people.
    ``pull``: the number of its pull request.
    """

    url: str = ""
    note: str = ""
    pull: int | None = None


Write = Callable[[ReportListing, str | None], str | None]
"""The page as it should be, over the page that is given; None where there is nothing to write about."""


def renew(client: Client, repository: Repository, default_branch: str, write: Write) -> Renewed:
    """Bring the page up to date. Raises ConflictError when it keeps changing, and other kinds of GitHubError:
    the next merge renews it then.
    """
    desk = _IndexDesk(client, repository, default_branch)
    listing = desk.listing()
    for _ in range(TRIES):
        text = write(listing, listing.page)
        if text is None or text == listing.page:
            return Renewed()
        refused = desk.put(default_branch, text, listing.blobs.get(INDEX_NAME))
        if refused is None:
            return Renewed(f"{repository.url}/blob/{quote(default_branch)}/{INDEX}")
        if _quicker(refused):
            # GitHub may show the branch as it was for a moment more.
            client.pause(LATE)
            listing = desk.listing()
            continue
        again = desk.listing()
        if (again.commit, again.blobs.get(INDEX_NAME)) == (listing.commit, listing.blobs.get(INDEX_NAME)):
            # Nobody was quicker: the branch takes no commit of ours.
            return desk.propose(again, write)
        listing = again
    raise ConflictError(409, f"{INDEX} keeps changing; the next merge of a post-mortem renews it")


def blob_text(client: Client, repository: Repository, name: str) -> str:
    """The text that git calls so (https://docs.github.com/en/rest/git/blobs#get-a-blob)."""
    data = client.get(f"/repos/{repository.name}/git/blobs/{name}").data
    return base64.b64decode(data["content"]).decode(errors="surrogateescape")


@dataclass(frozen=True, slots=True)
class _IndexDesk:
    """The requests for the page."""

    client: Client
    repository: Repository
    default_branch: str

    @property
    def root(self) -> str:
        return f"/repos/{self.repository.name}"

    def listing(self) -> ReportListing:
        """The folder as it stands on the default branch, all of it from one commit."""
        ref = self.client.get(f"{self.root}/git/ref/heads/{quote(self.default_branch)}").data
        commit = str(ref["object"]["sha"])
        blobs = self._blobs(commit)
        page = blob_text(self.client, self.repository, blobs[INDEX_NAME]) if INDEX_NAME in blobs else None
        return ReportListing(commit, blobs, page)

    def _blobs(self, commit: str) -> Mapping[str, str]:
        """A listing of the contents has a thousand files at most, so the folder is read as git's tree
        (https://docs.github.com/en/rest/git/trees#get-a-tree).
        """
        above, _, name = FOLDER.rpartition("/")
        try:
            found = self.client.get(f"{self.root}/contents/{quote(above)}", {"ref": commit}).data
        except NotFoundError:
            return {}
        beside = found if isinstance(found, list) else []
        tree = next((one["sha"] for one in beside if (one["name"], one["type"]) == (name, "dir")), None)
        if tree is None:
            return {}
        data = self.client.get(f"{self.root}/git/trees/{tree}").data
        if data["truncated"]:
            raise GitHubError(
                0, f"{FOLDER} has more files than GitHub lists; `allclear report --index` works"
            )
        return {str(one["path"]): str(one["sha"]) for one in data["tree"] if _is_file(one)}

    def put(self, branch: str, text: str, replaced: str | None) -> str | None:
        """Commit the page in the place of ``replaced``. None when GitHub took it, else why it did not."""
        body = {
            "message": MESSAGE,
            "content": base64.b64encode(text.encode(errors="surrogateescape")).decode(),
            "branch": branch,
        }
        if replaced is not None:
            body["sha"] = replaced
        made = self.client.send("PUT", f"{self.root}/contents/{INDEX}", body, accept=(409, 422))
        return None if made.status in (200, 201) else str(made.data.get("message", ""))

    def propose(self, listing: ReportListing, write: Write) -> Renewed:
        """Bring it by a pull request: the open one, or one from here."""
        branch = self._open_branch()
        if branch is None:
            branch = f"{BRANCH}{listing.commit[:12]}"
            if pulls_of(self.client, self.repository, branch):
                return Renewed(note="People closed its pull request. The next merge proposes it again.")
            create(self.client, f"{self.root}/git", f"refs/heads/{branch}", listing.commit)
        self._bring(branch, listing, write)
        pull = open_pull(self.client, self.repository, Proposal(MESSAGE, branch, self.default_branch, BODY))
        if pull is None:
            link = compare_link(self.repository, self.default_branch, branch)
            return Renewed(link, not_permitted(link))
        note = "The default branch takes no commit of a workflow, so people merge it."
        return Renewed(pull.url, note, pull.number)

    def _open_branch(self) -> str | None:
        """The branch of the open pull request; None when there is none of ours."""
        for one in self.client.get(f"{self.root}/pulls", {"state": "open", "per_page": 100}).data:
            head: Mapping[str, Any] = one["head"]
            ours = (head["repo"] or {}).get("full_name", "").casefold() == self.repository.name.casefold()
            if ours and str(head["ref"]).startswith(BRANCH):
                return str(head["ref"])
        return None

    def _bring(self, branch: str, listing: ReportListing, write: Write) -> None:
        """Write the page on the branch, around what people wrote there."""
        for _ in range(TRIES):
            there = self._page_on(branch)
            page = blob_text(self.client, self.repository, there) if there else None
            text = write(listing, page)
            if text in (None, page) or self.put(branch, text or "", there) is None:
                return
        raise ConflictError(409, f"{INDEX} on {branch} keeps changing; the next merge tries again")

    def _page_on(self, branch: str) -> str | None:
        try:
            data = self.client.get(f"{self.root}/contents/{INDEX}", {"ref": branch}).data
        except NotFoundError:
            return None
        return str(data["sha"])


def _quicker(refused: str) -> bool:
    """Whether GitHub says that the page, or the branch, is not as we saw it. What it says of a branch that
    takes no commit differs from rule to rule.
    """
    return any(words in refused for words in ("does not match", "but expected", "wasn't supplied"))


def _is_file(entry: Mapping[str, Any]) -> bool:
    """A file of git's, and neither a folder nor a link, which leads anywhere."""
    return bool(entry["type"] == "blob" and entry["mode"] != "120000")
