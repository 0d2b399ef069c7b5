"""Routes of pull requests (https://docs.github.com/rest/pulls)."""

from __future__ import annotations

from typing import Any

from allclear_lab.github.git.routes import git_of, views_of
from allclear_lab.github.pulls.acts import (
    edit_pull,
    merge_pull,
    open_pull,
    pull_of,
    request_reviews,
    review,
)
from allclear_lab.github.pulls.state import PullRequest, Pulls
from allclear_lab.github.pulls.views import PullViews
from allclear_lab.github.routing import GitHubRefusal, RouteAnswer, RouteRequest, Routes, Unfaithful, invalid

routes = Routes()

PULLS = "/repos/{owner}/{repo}/pulls"
ONE = PULLS + "/{pull_number}"


def _pull(ask: RouteRequest) -> PullRequest:
    return pull_of(ask.repository, ask.params["pull_number"])


def _show(ask: RouteRequest) -> PullViews:
    return PullViews(ask.hub.views, ask.repository)


@routes.add(
    "GET",
    PULLS,
    query=("state", "head", "base", "sort", "direction", "per_page", "page"),
    needs="pull_requests:read",
)
def list_pulls(ask: RouteRequest) -> Any:
    """Pull requests, open ones unless told, newest first. `head` is owner:branch, or no filter."""
    issues = ask.repository.issues
    state, base = ask.query.get("state", "open"), ask.query.get("base")
    owner, colon, head = ask.query.get("head", "").partition(":")
    if state not in ("open", "closed", "all"):
        raise invalid("PullRequest", "state")
    ours = ask.hub.world.accounts[ask.repository.owner_id].login.casefold()
    found = [
        one
        for one in ask.repository.room(Pulls).by_number.values()
        if state in ("all", issues[one.number].state)
        and base in (None, one.base)
        and (not colon or (owner.casefold(), head) == (ours, one.head))
    ]
    sort = ask.query.get("sort", "created")
    if sort not in ("created", "updated"):
        raise Unfaithful(f"sorting pull requests by {sort!r}")
    direction = ask.query.get("direction", "asc" if "sort" in ask.query and sort != "created" else "desc")
    found.sort(
        key=lambda one: (
            issues[one.number].updated_at if sort == "updated" else issues[one.number].created_at,
            one.number,
        ),
        reverse=direction == "desc",
    )
    return ask.page(found, _show(ask).simple)


@routes.add(
    "POST",
    PULLS,
    body=("title", "head", "base", "body", "draft", "maintainer_can_modify"),
    needs="pull_requests:write",
)
def create_pull(ask: RouteRequest) -> Any:
    """Open one."""
    head, base = ask.field("head"), ask.field("base")
    if head is None or base is None:
        raise GitHubRefusal(422, 'Invalid request.\n\n"head", "base" weren\'t supplied.')
    pull = open_pull(
        ask.hub,
        ask.repository,
        ask.actor,
        title=ask.field("title"),
        head=head,
        base=base,
        body=ask.field("body"),
        draft=ask.field("draft", bool, False),
        maintainer_can_modify=ask.field("maintainer_can_modify", bool, False),
    )
    shown = _show(ask).full(pull)
    return RouteAnswer(201, shown, {"Location": shown["url"]})


@routes.add("GET", ONE, needs="pull_requests:read")
def get_pull(ask: RouteRequest) -> Any:
    """One by number."""
    return _show(ask).full(_pull(ask))


@routes.add("PATCH", ONE, body=("title", "body", "state", "base"), needs="pull_requests:write")
def patch_pull(ask: RouteRequest) -> Any:
    """Change it."""
    pull, state = _pull(ask), ask.field("state")
    if state not in (None, "open", "closed"):
        raise invalid("PullRequest", "state")
    edit_pull(
        ask.hub,
        ask.repository,
        pull,
        ask.actor,
        title=ask.field("title"),
        body=ask.field("body"),
        state=state,
        base=ask.field("base"),
    )
    return _show(ask).full(pull)


@routes.add(
    "PUT",
    ONE + "/merge",
    body=("commit_title", "commit_message", "sha", "merge_method"),
    needs="contents:write",
)
def put_merge(ask: RouteRequest) -> Any:
    """Merge it."""
    method = ask.field("merge_method", str, "merge")
    if method not in ("merge", "squash", "rebase"):
        raise invalid("PullRequest", "merge_method")
    commit = merge_pull(
        ask.hub,
        ask.repository,
        _pull(ask),
        ask.actor,
        method=method,
        sha=ask.field("sha"),
        title=ask.field("commit_title"),
        message=ask.field("commit_message"),
    )
    return {"sha": commit.sha, "merged": True, "message": "Pull Request successfully merged"}


@routes.add("GET", ONE + "/files", query=("per_page", "page"), needs="pull_requests:read")
def list_files(ask: RouteRequest) -> Any:
    """What it changes, since its branch left the base."""
    git, show, pull = git_of(ask), views_of(ask), _pull(ask)
    changes = git.differences(git.merge_base(pull.base_sha, pull.head_sha), pull.head_sha)
    return ask.page(changes, lambda one: show.change(one, pull.head_sha))


@routes.add("GET", ONE + "/commits", query=("per_page", "page"), needs="pull_requests:read")
def list_commits(ask: RouteRequest) -> Any:
    """Its commits, oldest first."""
    git, show, pull = git_of(ask), views_of(ask), _pull(ask)
    return ask.page(git.beyond(pull.head_sha, pull.base_sha), show.commit)


@routes.add("GET", ONE + "/requested_reviewers", needs="pull_requests:read")
def list_requested(ask: RouteRequest) -> Any:
    """Who is asked and has not reviewed."""
    shown = [ask.hub.views.user(ask.hub.world.accounts[one]) for one in _pull(ask).reviewer_ids]
    return {"users": shown, "teams": []}


@routes.add(
    "POST", ONE + "/requested_reviewers", body=("reviewers", "team_reviewers"), needs="pull_requests:write"
)
def request_reviewers(ask: RouteRequest) -> Any:
    """Ask people. Teams cannot be asked here: the embedded GitHub has none."""
    pull = _pull(ask)
    if ask.field("team_reviewers", list, []):
        raise Unfaithful("team reviewers")
    request_reviews(ask.hub, ask.repository, pull, ask.actor, ask.field("reviewers", list, []))
    return RouteAnswer(201, _show(ask).simple(pull))


@routes.add("GET", ONE + "/reviews", query=("per_page", "page"), needs="pull_requests:read")
def list_reviews(ask: RouteRequest) -> Any:
    """Submitted reviews, oldest first."""
    pull, show = _pull(ask), _show(ask)
    return ask.page(pull.reviews, lambda one: show.review(pull, one))


@routes.add("POST", ONE + "/reviews", body=("body", "event", "commit_id"), needs="pull_requests:write")
def create_review(ask: RouteRequest) -> Any:
    """A whole review at once. One without `event` would wait for its end, which is not known here."""
    states = {"APPROVE": "APPROVED", "REQUEST_CHANGES": "CHANGES_REQUESTED", "COMMENT": "COMMENTED"}
    pull, event, text = _pull(ask), ask.field("event"), ask.field("body", str, "")
    if event is None:
        raise Unfaithful("a review without an event")
    if event not in states or (event != "APPROVE" and not text):
        wrong = "Event is not one of them" if event not in states else "Body cannot be blank"
        raise GitHubRefusal(422, "Unprocessable Entity", [wrong])
    made = review(ask.hub, ask.repository, pull, ask.actor, states[event], text)
    return _show(ask).review(pull, made)
