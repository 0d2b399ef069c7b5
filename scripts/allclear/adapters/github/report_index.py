"""Renews the reports on the default branch and their index: by one commit, or by a pull request where the
branch takes none.

What is written follows the commit that was looked at, and the branch moves forward only: of two that write at
once the second is refused, looks again, and finds what the first one did. Nothing is ever forced.
https://docs.github.com/en/rest/git/refs#update-a-reference
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import quote

from msgspec import Struct

from allclear.adapters.github.client import Client
from allclear.adapters.github.errors import ConflictError, GitHubError, NotFoundError
from allclear.adapters.github.pulls import Proposal, compare_link, not_permitted, open_pull, pulls_of
from allclear.adapters.github.read import moment
from allclear.adapters.github.refs import create
from allclear.adapters.github.report_review import file_page
from allclear.core.model.snapshot import Repository
from allclear.core.postmortem.document import branch as report_branch
from allclear.core.postmortem.file_name import FOLDER, INDEX_NAME

TRIES = 5
"""How often it is written anew when the branch changed under our hands."""
LATE = 1.0
"""Seconds before the branch is looked at again."""
BRANCH = "allclear/incident-index-"
"""How the branch of the pull request begins; the commit that it left from follows."""
MOVED = "not a fast forward"
"""GitHub's words when somebody was quicker. What it says of a branch that takes no commit differs from rule
to rule.
"""
UNCLEAR = ("does not exist", "Reference update failed")
"""Its words when it does not know our commit yet, and at random (adapters.github.refs), but also of a branch
with rules (https://github.com/actions/github-script/issues/455): said twice, it is the branch.
"""
MESSAGE = "Renew the post-mortems and their index"
BODY = (
    "This renews the part of `reports/incidents/README.md` that is made from the post-mortems, and in the "
    "front matter of merged post-mortems what happened later. What people wrote is as it was. It comes as a "
    "pull request because the default branch takes no commit of a workflow."
)


class ReportListing(Struct, frozen=True):
    """The folder at ``commit``: what git calls the content of each file in it, by its name."""

    commit: str
    blobs: Mapping[str, str]


class Renewed(Struct, frozen=True):
    """What was done: ``""`` for nothing, else where it is to be seen, and what is left to do for people.
    ``pull``: the number of its pull request.
    """

    url: str = ""
    note: str = ""
    pull: int | None = None


Write = Callable[[ReportListing, ReportListing], Mapping[str, str]]
"""The texts, by the names of their files, that are to be other ones: when the first listing is that of the
default branch, in the second one, which may be the same.
"""


def renew(client: Client, repository: Repository, default_branch: str, write: Write) -> Renewed:
    """Bring the folder up to date. Raises ConflictError when the branch keeps changing, and other kinds of
    GitHubError: the next run renews it then.
    """
    desk = _ReportDesk(client, repository, default_branch)
    listing, unclear = desk.listing(default_branch), 0
    for _ in range(TRIES):
        texts = write(listing, listing)
        if not texts:
            return Renewed()
        refused = desk.commit(default_branch, listing, texts)
        if refused is None:
            shown = INDEX_NAME if INDEX_NAME in texts else min(texts)
            return Renewed(file_page(repository, default_branch, f"{FOLDER}/{shown}"))
        if MOVED not in refused:
            again = desk.listing(default_branch)
            unclear += any(words in refused for words in UNCLEAR)
            if again.commit == listing.commit and unclear != 1:
                # Nobody was quicker: the branch takes no commit of ours.
                return desk.propose(again, write)
        # GitHub may show the branch as it was for a moment more.
        client.pause(LATE)
        listing = desk.listing(default_branch)
    raise ConflictError(409, f"{default_branch} keeps changing; the next run renews it")


def proposed_since(client: Client, repository: Repository, number: int, since: datetime) -> bool:
    """Whether what is missing in the report of that incident was proposed since then: in a pull request that
    is open, or that people closed.
    """
    own = report_branch(number)
    params: dict[str, str | int] = {"state": "all", "sort": "updated", "direction": "desc", "per_page": 50}
    for one in client.get(f"/repos/{repository.name}/pulls", params).data:
        name = _own_branch(one, repository)
        ours = name.startswith((BRANCH, f"{own}-")) or name == own
        if ours and one["merged_at"] is None and moment(one["updated_at"]) >= since:
            return True
    return False


def blob_text(client: Client, repository: Repository, name: str) -> str:
    """The text that git calls so (https://docs.github.com/en/rest/git/blobs#get-a-blob)."""
    data = client.get(f"/repos/{repository.name}/git/blobs/{name}").data
    return base64.b64decode(data["content"]).decode(errors="surrogateescape")


class _ReportDesk(Struct, frozen=True):
    """The requests for the folder."""

    client: Client
    repository: Repository
    default_branch: str

    @property
    def root(self) -> str:
        return f"/repos/{self.repository.name}"

    def listing(self, branch: str) -> ReportListing:
        """The folder as it stands on a branch, all of it from one commit."""
        ref = self.client.get(f"{self.root}/git/ref/heads/{quote(branch)}").data
        commit = str(ref["object"]["sha"])
        return ReportListing(commit, self._blobs(commit))

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
        data = self.client.get(f"{self.root}/git/trees/{tree}", {"recursive": "1"}).data
        if data["truncated"]:
            raise GitHubError(
                0, f"{FOLDER} has more files than GitHub lists; `allclear report --index` works"
            )
        return {str(one["path"]): str(one["sha"]) for one in data["tree"] if _is_file(one)}

    def commit(self, branch: str, onto: ReportListing, texts: Mapping[str, str]) -> str | None:
        """One commit on the branch that changes these files. None when GitHub took it, else why it did not.

        https://docs.github.com/en/rest/git/trees#create-a-tree
        """
        git = f"{self.root}/git"
        base = self.client.get(f"{git}/commits/{onto.commit}").data["tree"]["sha"]
        files = [
            {"path": f"{FOLDER}/{name}", "mode": "100644", "type": "blob", "sha": self._keep(text)}
            for name, text in sorted(texts.items())
        ]
        tree = self.client.send("POST", f"{git}/trees", {"base_tree": base, "tree": files}).data["sha"]
        body = {"message": MESSAGE, "tree": tree, "parents": [onto.commit]}
        made = self.client.send("POST", f"{git}/commits", body).data["sha"]
        ref = f"{git}/refs/heads/{quote(branch)}"
        moved = self.client.send("PATCH", ref, {"sha": made, "force": False}, accept=(409, 422))
        return None if moved.status == 200 else str(moved.data.get("message", ""))

    def _keep(self, text: str) -> str:
        """What git calls this text, which GitHub has from now on, to the byte."""
        content = base64.b64encode(text.encode(errors="surrogateescape")).decode()
        body = {"content": content, "encoding": "base64"}
        return str(self.client.send("POST", f"{self.root}/git/blobs", body).data["sha"])

    def propose(self, listing: ReportListing, write: Write) -> Renewed:
        """Bring it by a pull request: the open one, or one from here."""
        name = self._open_branch()
        if name is None:
            name = f"{BRANCH}{listing.commit[:12]}"
            if pulls_of(self.client, self.repository, name):
                return Renewed(note="People closed its pull request. The next merge proposes it again.")
            create(self.client, f"{self.root}/git", f"refs/heads/{name}", listing.commit)
        self._bring(name, listing, write)
        pull = open_pull(self.client, self.repository, Proposal(MESSAGE, name, self.default_branch, BODY))
        if pull is None:
            link = compare_link(self.repository, self.default_branch, name)
            return Renewed(link, not_permitted(link))
        note = "The default branch takes no commit of a workflow, so people merge it."
        return Renewed(pull.url, note, pull.number)

    def _open_branch(self) -> str | None:
        """The branch of the open pull request; None when there is none of ours."""
        for one in self.client.get(f"{self.root}/pulls", {"state": "open", "per_page": 100}).data:
            name = _own_branch(one, self.repository)
            if name.startswith(BRANCH):
                return name
        return None

    def _bring(self, branch: str, listing: ReportListing, write: Write) -> None:
        """Write on the branch, around what people wrote there."""
        for _ in range(TRIES):
            there = self.listing(branch)
            texts = write(listing, there)
            if not texts or self.commit(branch, there, texts) is None:
                return
            self.client.pause(LATE)
        raise ConflictError(409, f"{branch} keeps changing; the next run tries again")


def _own_branch(pull: Mapping[str, Any], repository: Repository) -> str:
    """The branch of this repository that a pull request comes from; empty for one of a fork."""
    head: Mapping[str, Any] = pull["head"]
    here = (head["repo"] or {}).get("full_name", "").casefold() == repository.name.casefold()
    return str(head["ref"]) if here else ""


def _is_file(entry: Mapping[str, Any]) -> bool:
    """A file of git's, and neither a folder nor a link, which leads anywhere."""
    return bool(entry["type"] == "blob" and entry["mode"] != "120000")
