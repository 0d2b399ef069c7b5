"""Commits, refs, trees and files as the REST API shows them."""

from __future__ import annotations

import base64
import re
from datetime import datetime

from allclear_lab.github.git.objects import Commit, FileChange, GitObjects, Signature, TreeEntry
from allclear_lab.github.state import Account, Repository, node_id
from allclear_lab.github.views import JSON, Views, stamp

UNSIGNED = {"verified": False, "reason": "unsigned", "signature": None, "payload": None, "verified_at": None}
NOREPLY = re.compile(r"(\d+)\+.*@users\.noreply\.github\.com")
WEB_FLOW = ("GitHub", "noreply@github.com")
"""Who commits what is merged in the browser or by the API: the account of that id."""
WEB_FLOW_ID = 19864447

MOST_SHOWN = 1_000_000
"""Bytes of a file that come with it: https://docs.github.com/en/rest/repos/contents#get-repository-content"""


class GitViews:
    """Shows what one repository's object store holds."""

    def __init__(self, show: Views, repository: Repository) -> None:
        self.show = show
        self.git = repository.room(GitObjects)
        self.repository = repository
        self.api = show.repository_url(repository)
        self.html = f"{show.server}/{show.world.full_name(repository)}"

    def ref(self, name: str) -> JSON:
        """`git-ref` (https://docs.github.com/rest/git/refs#get-a-reference)."""
        sha = self.git.refs[name]
        return {
            "ref": name,
            "node_id": node_id("REF", self.repository.id, len(name)),
            "url": f"{self.api}/git/{name}",
            "object": {"type": "commit", "sha": sha, "url": f"{self.api}/git/commits/{sha}"},
        }

    def tree(self, sha: str, *, below: bool = False) -> JSON:
        """`git-tree`: the names in it; and what lies ``below`` its folders."""
        shown = self._entries(sha, "", below=below)
        return {"sha": sha, "url": f"{self.api}/git/trees/{sha}", "truncated": False, "tree": shown}

    def _entries(self, sha: str, folder: str, *, below: bool) -> list[JSON]:
        shown = []
        for one in self.git.trees[sha]:
            path = f"{folder}{one.name}"
            entry: JSON = {"path": path, "mode": one.mode, "type": one.kind, "sha": one.sha}
            if one.kind == "blob":
                entry |= {"size": len(self.git.blobs[one.sha]), "url": f"{self.api}/git/blobs/{one.sha}"}
            elif one.kind == "tree":
                entry |= {"url": f"{self.api}/git/trees/{one.sha}"}
            shown.append(entry)
            if below and one.kind == "tree":
                shown += self._entries(one.sha, f"{path}/", below=True)
        return shown

    def blob(self, sha: str) -> JSON:
        """`blob`: the content in Base64."""
        content = self.git.blobs[sha]
        return {
            "sha": sha,
            "node_id": node_id("B", self.repository.id, len(content)),
            "size": len(content),
            "url": f"{self.api}/git/blobs/{sha}",
            "content": base64.b64encode(content).decode(),
            "encoding": "base64",
        }

    def git_commit(self, commit: Commit) -> JSON:
        """`git-commit`: the bare object, without accounts."""
        return {
            "sha": commit.sha,
            "node_id": self._node(commit),
            "url": f"{self.api}/git/commits/{commit.sha}",
            "html_url": f"{self.html}/commit/{commit.sha}",
            "author": _signature(commit.author),
            "committer": _signature(commit.committer),
            "message": commit.message,
            "tree": {"sha": commit.tree, "url": f"{self.api}/git/trees/{commit.tree}"},
            "parents": self._parents(commit, "git/commits"),
            "verification": dict(UNSIGNED),
        }

    def commit(self, commit: Commit, *, files: bool = False) -> JSON:
        """`commit`: with the accounts behind the addresses, and with `files` what it changed."""
        shown: JSON = {
            "sha": commit.sha,
            "node_id": self._node(commit),
            "url": f"{self.api}/commits/{commit.sha}",
            "html_url": f"{self.html}/commit/{commit.sha}",
            "comments_url": f"{self.api}/commits/{commit.sha}/comments",
            "commit": {
                "url": f"{self.api}/git/commits/{commit.sha}",
                "author": _signature(commit.author),
                "committer": _signature(commit.committer),
                "message": commit.message,
                "comment_count": 0,
                "tree": {"sha": commit.tree, "url": f"{self.api}/git/trees/{commit.tree}"},
                "verification": dict(UNSIGNED),
            },
            "author": self._account(commit.author),
            "committer": self._account(commit.committer),
            "parents": self._parents(commit, "commits"),
        }
        if files:
            changes = self.git.differences(commit.parents[0] if commit.parents else None, commit.sha)
            added, gone = sum(one.additions for one in changes), sum(one.deletions for one in changes)
            shown["stats"] = {"additions": added, "deletions": gone, "total": added + gone}
            shown["files"] = [self.change(one, commit.sha) for one in changes]
        return shown

    def pushed_commit(self, commit: Commit) -> JSON:
        """A commit as the `push` webhook shows it."""
        changes = self.git.changes(commit.parents[0] if commit.parents else None, commit.sha)
        return {
            "id": commit.sha,
            "tree_id": commit.tree,
            "distinct": True,
            "message": commit.message,
            "timestamp": commit.committer.date.isoformat(),
            "url": f"{self.html}/commit/{commit.sha}",
            "author": {"name": commit.author.name, "email": commit.author.email},
            "committer": {"name": commit.committer.name, "email": commit.committer.email},
            "added": [one.path for one in changes if one.status == "added"],
            "removed": [one.path for one in changes if one.status == "removed"],
            "modified": [one.path for one in changes if one.status == "modified"],
        }

    def simple_commit(self, commit: Commit) -> JSON:
        """`simple-commit`, the head commit of a run."""
        return {
            "id": commit.sha,
            "tree_id": commit.tree,
            "message": commit.message,
            "timestamp": stamp(commit.committer.date),
            "author": {"name": commit.author.name, "email": commit.author.email},
            "committer": {"name": commit.committer.name, "email": commit.committer.email},
        }

    def change(self, change: FileChange, commit: str) -> JSON:
        """`diff-entry`."""
        return {
            "sha": change.sha,
            "filename": change.path,
            "status": change.status,
            **({"previous_filename": change.previous} if change.previous else {}),
            "additions": change.additions,
            "deletions": change.deletions,
            "changes": change.additions + change.deletions,
            "blob_url": f"{self.html}/blob/{commit}/{change.path}",
            "raw_url": f"{self.html}/raw/{commit}/{change.path}",
            "contents_url": f"{self.api}/contents/{change.path}?ref={commit}",
            # Without a difference in lines there is none.
            **({"patch": change.patch} if change.patch else {}),
        }

    def branch(self, name: str) -> JSON:
        """`branch-with-protection` (https://docs.github.com/rest/branches/branches#get-a-branch)."""
        url = f"{self.api}/branches/{name}"
        return {
            "name": name,
            "commit": self.commit(self.git.commits[self.git.refs[f"refs/heads/{name}"]]),
            "_links": {"self": url, "html": f"{self.html}/tree/{name}"},
            "protected": False,
            "protection": {
                "enabled": False,
                "required_status_checks": {"enforcement_level": "off", "contexts": [], "checks": []},
            },
            "protection_url": f"{url}/protection",
        }

    def file(self, path: str, entry: TreeEntry, ref: str, *, content: bool) -> JSON:
        """`content-file` (with its base64 text) or one line of `content-directory` (without), where a
        submodule is called a file.
        """
        raw = self.git.blobs[entry.sha] if entry.kind == "blob" else b""
        kind = {"tree": "dir", "commit": "submodule" if content else "file"}.get(entry.kind, "file")
        page = "blob" if entry.kind == "blob" else "tree"
        if entry.link:
            kind = "symlink"
        own = f"{self.api}/contents/{path}?ref={ref}"
        git_url = f"{self.api}/git/{'blob' if entry.kind == 'blob' else 'tree'}s/{entry.sha}"
        html_url = f"{self.html}/{page}/{ref}/{path}"
        shown: JSON = {
            "type": kind,
            "name": path.rpartition("/")[2],
            "path": path,
            "sha": entry.sha,
            "size": len(raw),
            "url": own,
            "html_url": html_url,
            "git_url": git_url,
            "download_url": f"{self.html}/raw/{ref}/{path}" if entry.kind == "blob" else None,
            "_links": {"self": own, "git": git_url, "html": html_url},
        }
        if content and kind == "symlink":
            shown["target"] = raw.decode()
        elif content and kind == "submodule":
            shown["submodule_git_url"] = f"{self.show.server}/acme/elsewhere.git"
        elif content and len(raw) > MOST_SHOWN:
            shown |= {"content": "", "encoding": "none"}
        elif content:
            # GitHub breaks the base64 text into lines of 60 characters.
            shown["content"] = re.sub(r"(.{1,60})", r"\1\n", base64.b64encode(raw).decode())
            shown["encoding"] = "base64"
        return shown

    def _parents(self, commit: Commit, kind: str) -> list[JSON]:
        return [
            {"sha": sha, "url": f"{self.api}/{kind}/{sha}", "html_url": f"{self.html}/commit/{sha}"}
            for sha in commit.parents
        ]

    def _account(self, signature: Signature) -> JSON | None:
        if signature.email == WEB_FLOW[1]:
            return self.show.user(Account(WEB_FLOW_ID, "web-flow", "User", self.repository.created_at))
        found = NOREPLY.fullmatch(signature.email)
        account = self.show.world.accounts.get(int(found[1])) if found else None
        return None if account is None else self.show.user(account)

    def _node(self, commit: Commit) -> str:
        return node_id("C", self.repository.id, commit.number)


def signature(account: Account, now: datetime) -> Signature:
    """How an account signs what it commits on the web or through the API: with its no-reply address."""
    address = f"{account.id}+{account.login}@users.noreply.github.com"
    return Signature(account.name or account.login, address, now)


def _signature(who: Signature) -> JSON:
    return {"name": who.name, "email": who.email, "date": stamp(who.date)}
