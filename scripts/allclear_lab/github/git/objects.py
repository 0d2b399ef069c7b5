"""Blobs, trees, commits and refs, as git itself names them: SHA-1 over git's own object format.

Pure data, no routes. Objects are immutable and only ever added, so a copy shares them.
"""

from __future__ import annotations

import difflib
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime


@dataclass(frozen=True)
class Signature:
    """Who wrote or committed, and when (UTC)."""

    name: str
    email: str
    date: datetime

    def __str__(self) -> str:
        return f"{self.name} <{self.email}> {int(self.date.timestamp())} +0000"


@dataclass(frozen=True)
class TreeEntry:
    """One name in a tree: ``kind`` is ``blob``, ``tree``, or ``commit`` of a submodule. ``link``: the blob is
    the target of a symbolic link.
    """

    name: str
    kind: str
    sha: str
    link: bool = False

    @property
    def mode(self) -> str:
        """The mode as the API shows it."""
        return {"tree": "040000", "commit": "160000"}.get(self.kind, "120000" if self.link else "100644")


@dataclass(frozen=True)
class Commit:
    """A commit. ``number`` counts the repository's commits: under a clock that stands still, dates do not."""

    sha: str
    tree: str
    parents: tuple[str, ...]
    author: Signature
    committer: Signature
    message: str
    number: int


@dataclass(frozen=True)
class FileChange:
    """One path that differs between two commits; of a renamed one, ``previous`` is what it was called."""

    path: str
    status: str
    sha: str
    additions: int
    deletions: int
    patch: str
    previous: str = ""


@dataclass
class GitObjects:
    """The object store and refs of one repository. Refs are full names: ``refs/heads/main`` -> commit sha.

    ``reviewed``: branches that take changes by pull requests only. ``links``: blobs that are the targets of
    symbolic links, wherever they stand; ``modules``: commits of other repositories.
    """

    blobs: dict[str, bytes] = field(default_factory=dict)
    trees: dict[str, tuple[TreeEntry, ...]] = field(default_factory=dict)
    commits: dict[str, Commit] = field(default_factory=dict)
    refs: dict[str, str] = field(default_factory=dict)
    reviewed: set[str] = field(default_factory=set)
    links: set[str] = field(default_factory=set)
    modules: set[str] = field(default_factory=set)

    # Writing

    def add_blob(self, content: bytes) -> str:
        """Store ``content``; its sha."""
        sha = _name("blob", content)
        self.blobs[sha] = content
        return sha

    def add_link(self, target: str) -> str:
        """Store the target of a symbolic link; its sha."""
        sha = self.add_blob(target.encode())
        self.links.add(sha)
        return sha

    def add_submodule(self, commit: str) -> str:
        """Know a commit of another repository; its sha."""
        self.modules.add(commit)
        return commit

    def add_tree(self, files: Mapping[str, str]) -> str:
        """Store the tree (and its subtrees) of ``path -> blob sha``; its sha."""
        folders: dict[str, dict[str, str]] = {}
        entries = []
        for path, blob in files.items():
            first, _, rest = path.partition("/")
            if rest:
                folders.setdefault(first, {})[rest] = blob
            else:
                kind = "commit" if blob in self.modules else "blob"
                entries.append(TreeEntry(first, kind, blob, link=blob in self.links))
        entries += [TreeEntry(name, "tree", self.add_tree(inner)) for name, inner in folders.items()]
        # git sorts a folder as if its name ended with a slash.
        entries.sort(key=lambda entry: entry.name + ("/" if entry.kind == "tree" else ""))
        raw = b"".join(
            f"{'40000' if entry.kind == 'tree' else entry.mode} {entry.name}\0".encode()
            + bytes.fromhex(entry.sha)
            for entry in entries
        )
        sha = _name("tree", raw)
        self.trees[sha] = tuple(entries)
        return sha

    def add_commit(
        self, tree: str, parents: tuple[str, ...], author: Signature, committer: Signature, message: str
    ) -> Commit:
        """Store a commit of ``tree``; an equal commit that exists already is the same commit."""
        lines = [
            f"tree {tree}",
            *(f"parent {parent}" for parent in parents),
            f"author {author}",
            f"committer {committer}",
        ]
        sha = _name("commit", "\n".join([*lines, "", message]).encode())
        return self.commits.setdefault(
            sha, Commit(sha, tree, parents, author, committer, message, number=len(self.commits))
        )

    # Reading

    def files(self, commit: str) -> dict[str, str]:
        """All files of a commit as ``path -> blob sha``."""
        return self.tree_files(self.commits[commit].tree)

    def tree_files(self, tree: str) -> dict[str, str]:
        """All files of a tree as ``path -> blob sha``."""
        return dict(self._walk(tree, ""))

    def _walk(self, tree: str, folder: str) -> Iterator[tuple[str, str]]:
        for entry in self.trees[tree]:
            if entry.kind == "tree":
                yield from self._walk(entry.sha, f"{folder}{entry.name}/")
            else:
                yield folder + entry.name, entry.sha

    def entry(self, tree: str, path: str) -> TreeEntry | None:
        """What stands at ``path`` (no leading slash) in ``tree``; the empty path is the tree itself."""
        found = TreeEntry("", "tree", tree)
        for part in filter(None, path.split("/")):
            if found.kind != "tree":
                return None
            inner = next((entry for entry in self.trees[found.sha] if entry.name == part), None)
            if inner is None:
                return None
            found = inner
        return found

    def workflows(self, commit: str) -> str | None:
        """The tree of a commit's ``.github/workflows``; None when it has no such folder."""
        found = self.entry(self.commits[commit].tree, ".github/workflows")
        return found.sha if found else None

    def resolve(self, name: str) -> str | None:
        """The commit sha that a branch, tag, full or partial ref name, or (abbreviated) sha means."""
        for ref in (name, f"refs/{name}", f"refs/heads/{name}", f"refs/tags/{name}"):
            if ref in self.refs:
                return self.refs[ref]
        if len(name) >= 7:
            found = [sha for sha in self.commits if sha.startswith(name.lower())]
            return found[0] if len(found) == 1 else None
        return None

    def history(self, commit: str) -> list[Commit]:
        """``commit`` and all its ancestors, newest first."""
        seen: set[str] = set()
        open_ends = [commit]
        while open_ends:
            sha = open_ends.pop()
            if sha not in seen:
                seen.add(sha)
                open_ends += self.commits[sha].parents
        return sorted((self.commits[sha] for sha in seen), key=lambda one: -one.number)

    def contains(self, commit: str, ancestor: str) -> bool:
        """Whether ``ancestor`` is ``commit`` or before it, so that a ref may be fast-forwarded."""
        # A commit is stored after its parents: nothing with a smaller number descends from the ancestor.
        least = self.commits[ancestor].number
        seen: set[str] = set()
        open_ends = [commit]
        while open_ends:
            sha = open_ends.pop()
            if sha == ancestor:
                return True
            if sha not in seen and self.commits[sha].number > least:
                seen.add(sha)
                open_ends += self.commits[sha].parents
        return False

    def beyond(self, head: str, base: str) -> list[Commit]:
        """The commits that ``head`` has and ``base`` has not, oldest first."""
        known = {one.sha for one in self.history(base)}
        return [one for one in reversed(self.history(head)) if one.sha not in known]

    def merge_base(self, one: str, other: str) -> str | None:
        """The newest commit that both have."""
        shared = {commit.sha for commit in self.history(other)}
        return next((commit.sha for commit in self.history(one) if commit.sha in shared), None)

    def changes(self, base: str | None, head: str) -> list[FileChange]:
        """The paths that differ, sorted; everything is added when there is no base."""
        before, after = self.files(base) if base else {}, self.files(head)
        return [
            self._change(path, before.get(path), after.get(path))
            for path in sorted(before.keys() | after.keys())
            if before.get(path) != after.get(path)
        ]

    def differences(self, base: str | None, head: str) -> list[FileChange]:
        """The changes as people are shown them: a removed file that is like an added one was renamed
        (https://git-scm.com/docs/git-diff#Documentation/git-diff.txt-code-Mltngtcode).
        """
        changes = self.changes(base, head)
        left = [one for one in changes if one.status == "removed"]
        before = dict[str, FileChange]()
        for one in changes:
            added = one.status == "added"
            old = next((other for other in left if added and self._alike(other.sha, one.sha)), None)
            if old is not None:
                left.remove(old)
                before[one.path] = old
        gone = {old.path for old in before.values()}
        return [
            self._renamed(before[one.path], one) if one.path in before else one
            for one in changes
            if one.path not in gone
        ]

    def _renamed(self, old: FileChange, new: FileChange) -> FileChange:
        change = self._change(new.path, old.sha, new.sha)
        return replace(change, status="renamed", previous=old.path)

    def _alike(self, one: str, other: str) -> bool:
        """Whether half of the lines are the same, at least."""
        if one == other:
            return True
        first, second = self._lines(one), self._lines(other)
        return bool(first and second) and difflib.SequenceMatcher(None, first, second).ratio() >= 0.5

    def _change(self, path: str, before: str | None, after: str | None) -> FileChange:
        old, new = (self._lines(sha) for sha in (before, after))
        patch = list(difflib.unified_diff(old, new, lineterm="", n=3))[2:]
        return FileChange(
            path=path,
            status="added" if before is None else "removed" if after is None else "modified",
            sha=after or before or "",
            additions=sum(line.startswith("+") for line in patch),
            deletions=sum(line.startswith("-") for line in patch),
            patch="\n".join(patch),
        )

    def _lines(self, sha: str | None) -> list[str]:
        """What a difference shows of a blob or a submodule: nothing of one that is not text."""
        if sha is None:
            return []
        if sha in self.modules:
            return [f"Subproject commit {sha}"]
        raw = self.blobs[sha]
        return [] if b"\0" in raw[:8000] else raw.decode(errors="replace").splitlines()

    def merged_files(self, base: str, head: str) -> dict[str, str] | None:
        """The files of a merge of ``head`` into ``base``; None when both changed a path differently."""
        root = self.merge_base(base, head)
        origin = self.files(root) if root else {}
        ours, theirs = self.files(base), self.files(head)
        merged: dict[str, str] = {}
        for path in origin.keys() | ours.keys() | theirs.keys():
            was, mine, yours = origin.get(path), ours.get(path), theirs.get(path)
            if mine != yours and was not in (mine, yours):
                return None
            kept = yours if was == mine else mine
            if kept is not None:
                merged[path] = kept
        return merged


def _name(kind: str, raw: bytes) -> str:
    """An object's name (https://git-scm.com/book/en/v2/Git-Internals-Git-Objects)."""
    return hashlib.sha1(f"{kind} {len(raw)}\0".encode() + raw, usedforsecurity=False).hexdigest()
