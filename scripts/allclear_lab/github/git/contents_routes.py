"""Files through the API (https://docs.github.com/rest/repos/contents)."""

from __future__ import annotations

import base64
import binascii
import posixpath
from typing import Any

from allclear_lab.github.git.acts import branch_ref, commit_files
from allclear_lab.github.git.objects import Commit, GitObjects, TreeEntry
from allclear_lab.github.git.routes import git_of, given_signature, views_of
from allclear_lab.github.git.views import signature
from allclear_lab.github.people.access import must
from allclear_lab.github.routing import GitHubRefusal, RouteAnswer, RouteRequest, Routes, not_found

routes = Routes()

FILE = "/repos/{owner}/{repo}/contents/{path}"


@routes.add("GET", FILE, query=("ref",), needs="contents:read")
def get_contents(ask: RouteRequest) -> Any:
    """A file with its text, or the names in a folder."""
    git, show, path = git_of(ask), views_of(ask), ask.params["path"].strip("/")
    ref = ask.query.get("ref") or ask.repository.default_branch
    sha = git.resolve(ref)
    if sha is None:
        if "ref" in ask.query:
            raise GitHubRefusal(404, f"No commit found for the ref {ref}")
        raise GitHubRefusal(404, "This repository is empty.")
    found = git.entry(git.commits[sha].tree, path)
    if found is None:
        raise not_found()
    if found.link:
        found = _behind(git, git.commits[sha].tree, path, found)
    if found.kind != "tree":
        return show.file(path, found, ref, content=True)
    folder = f"{path}/" if path else ""
    return [show.file(folder + entry.name, entry, ref, content=False) for entry in git.trees[found.sha]]


def _behind(git: GitObjects, tree: str, path: str, link: TreeEntry) -> TreeEntry:
    """The file that a symbolic link leads to, whose text GitHub shows then; the link itself without one."""
    target = posixpath.normpath(posixpath.join(posixpath.dirname(path), git.blobs[link.sha].decode()))
    outside = target.startswith(("../", "/"))
    found = None if outside else git.entry(tree, target)
    return found if found is not None and found.kind == "blob" and not found.link else link


@routes.add(
    "PUT",
    FILE,
    body=("message", "content", "sha", "branch", "committer", "author"),
    needs="contents:write",
)
def put_contents(ask: RouteRequest) -> Any:
    """Create or update one file: an update needs the sha of the file it replaces."""
    must(ask.hub.world, ask.repository, ask.actor, "write", "contents")
    message, content = ask.field("message"), ask.field("content")
    missing = [f'"{name}"' for name, value in (("message", message), ("content", content)) if value is None]
    if missing:
        raise GitHubRefusal(422, f"Invalid request.\n\n{', '.join(missing)} weren't supplied.")
    try:
        raw = base64.b64decode(content, validate=False)
    except binascii.Error:
        raise GitHubRefusal(422, "content is not valid Base64") from None
    _must_be_folders(ask)
    existing = _replaced(ask)
    _must_be_free(ask, "update" if existing else "create")
    commit = _commit(ask, {_path(ask): raw})
    show = views_of(ask)
    entry = git_of(ask).entry(commit.tree, _path(ask))
    assert entry is not None
    shown = show.file(_path(ask), entry, _branch(ask), content=False)
    return RouteAnswer(200 if existing else 201, {"content": shown, "commit": show.git_commit(commit)})


@routes.add("DELETE", FILE, body=("message", "sha", "branch", "committer", "author"), needs="contents:write")
def delete_contents(ask: RouteRequest) -> Any:
    """Remove one file, named with its sha."""
    must(ask.hub.world, ask.repository, ask.actor, "write", "contents")
    if ask.field("message") is None or ask.field("sha") is None:
        raise GitHubRefusal(422, 'Invalid request.\n\n"message", "sha" weren\'t supplied.')
    if _current(ask) is None:
        raise not_found()
    _replaced(ask)
    _must_be_free(ask, "delete")
    commit = _commit(ask, {_path(ask): None})
    return {"content": None, "commit": views_of(ask).git_commit(commit)}


def _path(ask: RouteRequest) -> str:
    path: str = ask.params["path"]
    parts = path.split("/")
    if any(part in ("", ".", "..", ".git") for part in parts):
        raise GitHubRefusal(422, f"path contains a malformed path component: {path}")
    return path


def _branch(ask: RouteRequest) -> str:
    branch: str = ask.field("branch") or ask.repository.default_branch
    git = git_of(ask)
    if git.refs and branch_ref(branch) not in git.refs:
        raise GitHubRefusal(404, f"Branch {branch} not found")
    return branch


def _current(ask: RouteRequest) -> str | None:
    """The blob that stands at the path now."""
    git: GitObjects = git_of(ask)
    tip = git.refs.get(branch_ref(_branch(ask)))
    entry = git.entry(git.commits[tip].tree, _path(ask)) if tip else None
    if entry is not None and entry.kind != "blob":
        raise GitHubRefusal(422, f"{_path(ask)} is a directory")
    return entry.sha if entry else None


def _must_be_folders(ask: RouteRequest) -> None:
    """409 where a file stands in the place of a folder (https://github.com/Molunerfinn/PicGo/issues/955)."""
    git: GitObjects = git_of(ask)
    tip = git.refs.get(branch_ref(_branch(ask)))
    parts = _path(ask).split("/")
    for count in range(1, len(parts)):
        found = git.entry(git.commits[tip].tree, "/".join(parts[:count])) if tip else None
        if found is not None and found.kind == "blob":
            raise GitHubRefusal(
                409,
                "Sorry, a file exists where you\u2019re trying to create a subdirectory. "
                "Choose a new path and try again.",
            )


def _must_be_free(ask: RouteRequest, what: str) -> None:
    """409 on a branch that takes pull requests only, as for a wrong sha
    (https://github.com/BobAnkh/auto-generate-changelog/issues/78).
    """
    if branch_ref(_branch(ask)) in git_of(ask).reviewed:
        raise GitHubRefusal(409, f"Could not {what} file: Changes must be made through a pull request.")


def _replaced(ask: RouteRequest) -> bool:
    """Whether there is a file to replace; 422 without its sha, 409 with another one."""
    current, given = _current(ask), ask.field("sha")
    if current is not None and given is None:
        raise GitHubRefusal(422, 'Invalid request.\n\n"sha" wasn\'t supplied.')
    if given is not None and given != current:
        raise GitHubRefusal(409, f"{_path(ask)} does not match {given}")
    return current is not None


def _commit(ask: RouteRequest, changes: dict[str, bytes | None]) -> Commit:
    own = signature(ask.actor.account, ask.hub.now())
    committer = given_signature(ask, "committer", own)
    return commit_files(
        ask.hub,
        ask.repository,
        ask.actor,
        _branch(ask),
        changes,
        ask.field("message"),
        author=given_signature(ask, "author", committer),
        committer=committer,
    )
