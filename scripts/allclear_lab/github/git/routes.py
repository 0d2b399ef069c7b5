"""Routes of refs, commits, trees, branches and comparisons (https://docs.github.com/rest/git)."""

from __future__ import annotations

import base64
import binascii
from datetime import UTC, datetime
from typing import Any

from allclear_lab.github.git.acts import check_ref, move_ref, must_keep_workflows, require_commit
from allclear_lab.github.git.objects import Commit, GitObjects, Signature
from allclear_lab.github.git.views import GitViews, signature
from allclear_lab.github.people.access import must
from allclear_lab.github.routing import (
    GitHubRefusal,
    RouteAnswer,
    RouteRequest,
    Routes,
    Unfaithful,
    not_found,
)

routes = Routes()

REPO = "/repos/{owner}/{repo}"


def git_of(ask: RouteRequest) -> GitObjects:
    """The object store of the repository that is asked for."""
    return ask.repository.room(GitObjects)


def views_of(ask: RouteRequest) -> GitViews:
    """How its objects are shown."""
    return GitViews(ask.hub.views, ask.repository)


def _ref_name(ask: RouteRequest) -> str:
    ref: str = ask.params["ref"]
    return ref if ref.startswith("refs/") else f"refs/{ref}"


@routes.add("GET", REPO + "/git/ref/{ref}", needs="contents:read")
def get_ref(ask: RouteRequest) -> Any:
    """One ref by its exact name."""
    name = _ref_name(ask)
    if name not in git_of(ask).refs:
        raise not_found()
    return views_of(ask).ref(name)


@routes.add("GET", REPO + "/git/matching-refs/{ref}", needs="contents:read")
def matching_refs(ask: RouteRequest) -> Any:
    """Refs that start so; an empty list when there are none."""
    start = _ref_name(ask)
    return [views_of(ask).ref(name) for name in sorted(git_of(ask).refs) if name.startswith(start)]


@routes.add("POST", REPO + "/git/refs", body=("ref", "sha"), needs="contents:write")
def create_ref(ask: RouteRequest) -> Any:
    """A new ref; 422 when it exists. The one compare-and-swap a claim can build on."""
    must(ask.hub.world, ask.repository, ask.actor, "write", "contents")
    git, ref, sha = git_of(ask), ask.field("ref"), ask.field("sha")
    if not git.refs:
        raise GitHubRefusal(409, "Git Repository is empty.")
    if ref is None or sha is None:
        raise GitHubRefusal(422, 'Invalid request.\n\n"ref", "sha" weren\'t supplied.')
    check_ref(ref)
    if sha not in git.commits:
        raise GitHubRefusal(422, "Object does not exist")
    if ref in git.refs:
        raise GitHubRefusal(422, "Reference already exists")
    in_the_way = next(
        (one for one in git.refs if one.startswith(f"{ref}/") or ref.startswith(f"{one}/")), None
    )
    if in_the_way:
        # A ref is a file to git: a name cannot also be a folder of names.
        raise GitHubRefusal(422, f"Reference cannot be created: '{in_the_way}' exists")
    must_keep_workflows(ask.repository, ask.actor, sha)
    move_ref(ask.hub, ask.repository, ask.actor, ref, sha)
    shown = views_of(ask).ref(ref)
    return RouteAnswer(201, shown, {"Location": shown["url"]})


@routes.add("PATCH", REPO + "/git/refs/{ref}", body=("sha", "force"), needs="contents:write")
def update_ref(ask: RouteRequest) -> Any:
    """Move a ref: forward only, unless forced."""
    must(ask.hub.world, ask.repository, ask.actor, "write", "contents")
    git, name, sha = git_of(ask), _ref_name(ask), ask.field("sha")
    if sha is None:
        raise GitHubRefusal(422, 'Invalid request.\n\n"sha" wasn\'t supplied.')
    if name not in git.refs:
        raise GitHubRefusal(422, "Reference does not exist")
    if sha not in git.commits:
        raise GitHubRefusal(422, "Object does not exist")
    if not ask.field("force", bool, False) and not git.contains(sha, git.refs[name]):
        raise GitHubRefusal(422, "Update is not a fast forward")
    if name in git.reviewed:
        # https://docs.github.com/en/repositories/configuring-branches-and-merges-in-your-repository/managing-rulesets/available-rules-for-rulesets
        raise GitHubRefusal(
            422, "Repository rule violations found\n\nChanges must be made through a pull request.\n\n"
        )
    must_keep_workflows(ask.repository, ask.actor, sha)
    move_ref(ask.hub, ask.repository, ask.actor, name, sha)
    return views_of(ask).ref(name)


@routes.add("POST", REPO + "/git/trees", body=("tree", "base_tree"), needs="contents:write")
def create_tree(ask: RouteRequest) -> Any:
    """A tree of files, each given with its text or as a blob that is there; on top of another tree, or alone.

    https://docs.github.com/en/rest/git/trees#create-a-tree
    """
    must(ask.hub.world, ask.repository, ask.actor, "write", "contents")
    git, entries, base = git_of(ask), ask.field("tree", list), ask.field("base_tree")
    if not entries:
        raise GitHubRefusal(422, "Invalid tree info")
    if base is not None and base not in git.trees:
        raise GitHubRefusal(422, "base_tree is not a valid tree oid")
    files = git.tree_files(base) if base is not None else {}
    for one in entries:
        given = set(one) - {"path", "mode", "type"}
        if given not in ({"content"}, {"sha"}) or (one["mode"], one["type"]) != ("100644", "blob"):
            raise Unfaithful(f"a tree entry {sorted(one)} of mode {one.get('mode')}")
        if "sha" in one and one["sha"] not in git.blobs:
            raise GitHubRefusal(422, f"tree.sha {one['sha']} is not a valid blob")
        files[one["path"]] = one["sha"] if "sha" in one else git.add_blob(one["content"].encode())
    return RouteAnswer(201, views_of(ask).tree(git.add_tree(files)))


@routes.add("POST", REPO + "/git/blobs", body=("content", "encoding"), needs="contents:write")
def create_blob(ask: RouteRequest) -> Any:
    """One content that no file has yet (https://docs.github.com/en/rest/git/blobs#create-a-blob)."""
    must(ask.hub.world, ask.repository, ask.actor, "write", "contents")
    content, encoding = ask.field("content"), ask.field("encoding") or "utf-8"
    if content is None:
        raise GitHubRefusal(422, 'Invalid request.\n\n"content" wasn\'t supplied.')
    if encoding not in ("utf-8", "base64"):
        raise GitHubRefusal(422, f"{encoding} is not a valid encoding")
    try:
        raw = base64.b64decode(content) if encoding == "base64" else content.encode()
    except binascii.Error:
        raise GitHubRefusal(422, "content is not valid Base64") from None
    sha = git_of(ask).add_blob(raw)
    url = views_of(ask).blob(sha)["url"]
    return RouteAnswer(201, {"sha": sha, "url": url}, {"Location": url})


@routes.add("GET", REPO + "/git/trees/{tree_sha}", query=("recursive",), needs="contents:read")
def get_tree(ask: RouteRequest) -> Any:
    """One folder: the names in it with what git calls their contents; with any value of ``recursive`` those
    of the folders below as well (https://docs.github.com/en/rest/git/trees#get-a-tree).
    """
    if ask.params["tree_sha"] not in git_of(ask).trees:
        raise not_found()
    return views_of(ask).tree(ask.params["tree_sha"], below="recursive" in ask.query)


@routes.add("GET", REPO + "/git/blobs/{file_sha}", needs="contents:read")
def get_blob(ask: RouteRequest) -> Any:
    """One content, whatever it is called now (https://docs.github.com/rest/git/blobs)."""
    if ask.params["file_sha"] not in git_of(ask).blobs:
        raise not_found()
    return views_of(ask).blob(ask.params["file_sha"])


@routes.add("DELETE", REPO + "/git/refs/{ref}", needs="contents:write")
def delete_ref(ask: RouteRequest) -> Any:
    """Remove a ref; what people merge by hand ends so (`gh pr merge --delete-branch`)."""
    must(ask.hub.world, ask.repository, ask.actor, "write", "contents")
    name = _ref_name(ask)
    if name not in git_of(ask).refs:
        raise GitHubRefusal(422, "Reference does not exist")
    move_ref(ask.hub, ask.repository, ask.actor, name, None)
    return RouteAnswer(204)


@routes.add("GET", REPO + "/git/commits/{commit_sha}", needs="contents:read")
def get_git_commit(ask: RouteRequest) -> Any:
    """The bare commit object."""
    commit = git_of(ask).commits.get(ask.params["commit_sha"])
    if commit is None:
        raise not_found()
    return views_of(ask).git_commit(commit)


@routes.add(
    "POST",
    REPO + "/git/commits",
    body=("message", "tree", "parents", "author", "committer"),
    needs="contents:write",
)
def create_git_commit(ask: RouteRequest) -> Any:
    """A commit of a tree that exists; no ref moves."""
    must(ask.hub.world, ask.repository, ask.actor, "write", "contents")
    git = git_of(ask)
    message, tree, parents = ask.field("message"), ask.field("tree"), ask.field("parents", list, [])
    if message is None or tree is None:
        raise GitHubRefusal(422, 'Invalid request.\n\n"message", "tree" weren\'t supplied.')
    if tree not in git.trees:
        raise GitHubRefusal(422, "Tree SHA does not exist")
    if any(parent not in git.commits for parent in parents):
        raise GitHubRefusal(422, "Parent SHA does not exist or is not a commit object")
    own = signature(ask.actor.account, ask.hub.now())
    author = given_signature(ask, "author", own)
    committer = given_signature(ask, "committer", author)
    shown = views_of(ask).git_commit(git.add_commit(tree, tuple(parents), author, committer, message))
    return RouteAnswer(201, shown, {"Location": shown["url"]})


@routes.add(
    "GET",
    REPO + "/commits",
    query=("sha", "path", "since", "until", "per_page", "page"),
    needs="contents:read",
)
def list_commits(ask: RouteRequest) -> Any:
    """The history of a branch, newest first; with `path` only the commits that changed it."""
    git = git_of(ask)
    if not git.refs:
        raise GitHubRefusal(409, "Git Repository is empty.")
    tip = git.resolve(ask.query.get("sha") or ask.repository.default_branch)
    if tip is None:
        raise not_found()
    path = ask.query.get("path", "").strip("/")
    since, until = (_time(ask.query[name]) if name in ask.query else None for name in ("since", "until"))
    found = [
        one
        for one in git.history(tip)
        if (not path or _touches(git, one, path))
        and (since is None or one.committer.date >= since)
        and (until is None or one.committer.date <= until)
    ]
    return ask.page(found, views_of(ask).commit)


@routes.add("GET", REPO + "/commits/{ref}", query=("per_page", "page"), needs="contents:read")
def get_commit(ask: RouteRequest) -> Any:
    """The commit that a branch, tag or sha means, with its changes."""
    return views_of(ask).commit(require_commit(ask.repository, ask.params["ref"]), files=True)


@routes.add("GET", REPO + "/compare/{basehead}", query=("per_page", "page"), needs="contents:read")
def compare(ask: RouteRequest) -> Any:
    """BASE...HEAD within the repository.

    Up to 300 files, on the first page only; the newest 250 commits, or a page of them where one is asked for.
    """
    git, show = git_of(ask), views_of(ask)
    base_name, dots, head_name = ask.params["basehead"].partition("...")
    base, head = git.resolve(base_name), git.resolve(head_name)
    root = git.merge_base(base, head) if base and head else None
    if not dots or base is None or head is None or root is None:
        raise not_found()
    ahead = git.beyond(head, base)
    behind = git.beyond(base, head)
    state = {
        (False, False): "identical",
        (True, False): "ahead",
        (False, True): "behind",
        (True, True): "diverged",
    }
    address = f"{show.html}/compare/{base_name}...{head_name}"
    paged = "page" in ask.query or "per_page" in ask.query
    page = (
        ask.page(ahead, show.commit)
        if paged
        else RouteAnswer(200, [show.commit(one) for one in ahead[-250:]])
    )
    changes = [] if ask.number("page", 1) > 1 else git.differences(root, head)[:300]
    data = {
        "url": f"{show.api}/compare/{base_name}...{head_name}",
        "html_url": address,
        "permalink_url": f"{show.html}/compare/{base[:7]}...{head[:7]}",
        "diff_url": f"{address}.diff",
        "patch_url": f"{address}.patch",
        "base_commit": show.commit(git.commits[base]),
        "merge_base_commit": show.commit(git.commits[root]),
        "status": state[bool(ahead), bool(behind)],
        "ahead_by": len(ahead),
        "behind_by": len(behind),
        "total_commits": len(ahead),
        "commits": page.data,
        "files": [show.change(one, head) for one in changes],
    }
    return RouteAnswer(200, data, page.headers)


def given_signature(ask: RouteRequest, name: str, default: Signature) -> Signature:
    """The `author` or `committer` of a body: name and email are needed, the date is now unless given."""
    given = ask.field(name, dict)
    if given is None:
        return default
    if not given.get("name") or not given.get("email"):
        raise GitHubRefusal(422, f'Invalid request.\n\n"{name}" needs "name" and "email".')
    date = _time(given["date"]) if given.get("date") else ask.hub.now()
    return Signature(given["name"], given["email"], date)


def _touches(git: GitObjects, commit: Commit, path: str) -> bool:
    parent = git.commits[commit.parents[0]].tree if commit.parents else None
    return git.entry(commit.tree, path) != (git.entry(parent, path) if parent else None)


def _time(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise GitHubRefusal(422, f"Invalid request.\n\n{text!r} is not a date-time.") from None
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
