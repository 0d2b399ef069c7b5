"""GraphQL's mutations. Each is the REST route that does the same, with its permissions, limits and events.

https://docs.github.com/en/graphql/reference/mutations
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from allclear_lab.github.graphql.connections import Shown, cursor, refuse
from allclear_lab.github.graphql.issues import comment
from allclear_lab.github.graphql.nodes import account_of, locate, unknown_node
from allclear_lab.github.graphql.people import user
from allclear_lab.github.graphql.pulls import review_shown
from allclear_lab.github.graphql.repositories import repository_shown, shown_by_number
from allclear_lab.github.issues import acts as issue_acts
from allclear_lab.github.issues import comment_routes, label_routes
from allclear_lab.github.issues import routes as issue_routes
from allclear_lab.github.pulls import routes as pull_routes
from allclear_lab.github.pulls.acts import make_ready, pull_of
from allclear_lab.github.routing import GitHubRefusal, Handler, RouteAnswer, RouteRequest, Unfaithful
from allclear_lab.github.state import Comment, Issue, Label, Repository

R = TypeVar("R")
Input = Mapping[str, Any]
_MODULES = (issue_routes, comment_routes, label_routes, pull_routes)
_ROUTES = {route.handler: route for module in _MODULES for route in module.routes.all}
# What an input may hold, as `gh` sends it empty, and nothing here knows.
_UNKNOWN = ("authorEmail", "commitOID", "headRepositoryId", "milestoneId", "projectIds", "teamIds")
_LOCKS = {"OFF_TOPIC": "off-topic", "RESOLVED": "resolved", "SPAM": "spam", "TOO_HEATED": "too heated"}
_KINDS = {403: "FORBIDDEN", 404: "NOT_FOUND", 410: "NOT_FOUND"}


def through_rest(
    ask: RouteRequest, handler: Handler, repository: Repository, body: Input | None = None, **params: Any
) -> Any:
    """What the route of this handler answers to the same caller; its refusal in GraphQL's form."""
    route = _ROUTES[handler]
    if ask.actor.is_actions and not route.allows(ask.actor.grants):
        raise refuse("FORBIDDEN", "Resource not accessible by integration")
    try:
        answer = handler(
            replace(ask, route=route, params=params, query={}, body=body or {}, _repository=repository)
        )
    except GitHubRefusal as refusal:
        raise _refused(refusal) from None
    return answer.data if isinstance(answer, RouteAnswer) else answer


# Issues


def create_issue(ask: RouteRequest, given: Input) -> Shown:
    """Opens an issue."""
    repository = locate(ask, given["repositoryId"]).repository
    body = _texts(given, "title", "body") | _labels(ask, given) | _assignees(ask, given)
    made = through_rest(ask, issue_routes.create_issue, repository, body)
    return _issue(ask, repository, made["number"])


def update_issue(ask: RouteRequest, given: Input) -> Shown:
    """Changes what is given."""
    repository, one = _conversation(ask, given["id"])
    body = _texts(given, "title", "body") | _labels(ask, given) | _assignees(ask, given)
    return _edited(ask, repository, one, body | _state(given))


def close_issue(ask: RouteRequest, given: Input) -> Shown:
    """Closes it, as completed unless told."""
    repository, one = _conversation(ask, given["issueId"])
    reason = given.get("stateReason")
    body = {"state": "closed"} | ({"state_reason": reason.lower()} if reason else {})
    return _edited(ask, repository, one, body)


def reopen_issue(ask: RouteRequest, given: Input) -> Shown:
    """Opens it again."""
    return _edited(ask, *_conversation(ask, given["issueId"]), {"state": "open"})


def add_comment(ask: RouteRequest, given: Input) -> Shown:
    """Writes a comment on an issue or a pull request."""
    repository, one = _conversation(ask, given["subjectId"])
    made = through_rest(
        ask, comment_routes.create_comment, repository, _texts(given, "body"), issue_number=one.number
    )
    node = comment(ask, repository, repository.comments[made["id"]])
    edge = {"cursor": cursor(len(one.comment_ids) - 1), "node": node}
    return {"commentEdge": edge, "subject": shown_by_number(ask, repository, one.number)}


def update_issue_comment(ask: RouteRequest, given: Input) -> Shown:
    """Replaces the text."""
    repository, one = _comment(ask, given["id"])
    through_rest(ask, comment_routes.edit_comment, repository, _texts(given, "body"), comment_id=one.id)
    return {"issueComment": comment(ask, repository, one)}


def delete_issue_comment(ask: RouteRequest, given: Input) -> Shown:
    """Deletes it."""
    repository, one = _comment(ask, given["id"])
    through_rest(ask, comment_routes.delete_comment, repository, comment_id=one.id)
    return {}


# What has no route at GitHub, or none here: the deed itself, as of a person in the browser


def delete_issue(ask: RouteRequest, given: Input) -> Shown:
    """Deletes it for ever."""
    repository, one = _conversation(ask, given["issueId"])
    _done(lambda: issue_acts.delete_issue(ask.hub, repository, one, ask.actor))
    return {"repository": repository_shown(ask, repository)}


def transfer_issue(ask: RouteRequest, given: Input) -> Shown:
    """Moves it to another repository."""
    repository, one = _conversation(ask, given["issueId"])
    target = locate(ask, given["repositoryId"]).repository
    moved = _done(lambda: issue_acts.transfer(ask.hub, repository, one, ask.actor, target))
    return _issue(ask, target, moved.number)


def lock(ask: RouteRequest, given: Input) -> Shown:
    """Locks the conversation."""
    repository, one = _conversation(ask, given["lockableId"])
    reason = _LOCKS[given["lockReason"]] if given.get("lockReason") else None
    _done(lambda: issue_acts.lock(ask.hub, repository, one, ask.actor, reason))
    return {"lockedRecord": shown_by_number(ask, repository, one.number)}


def unlock(ask: RouteRequest, given: Input) -> Shown:
    """Unlocks it."""
    repository, one = _conversation(ask, given["lockableId"])
    _done(lambda: issue_acts.unlock(ask.hub, repository, one, ask.actor))
    return {"unlockedRecord": shown_by_number(ask, repository, one.number)}


def mark_ready(ask: RouteRequest, given: Input) -> Shown:
    """No longer a draft."""
    repository, one = _conversation(ask, given["pullRequestId"])
    _done(lambda: make_ready(ask.hub, repository, pull_of(repository, one.number), ask.actor))
    return _pull(ask, repository, one.number)


# Labels and assignees, of issues and of pull requests


def add_labels(ask: RouteRequest, given: Input) -> Shown:
    """Puts labels on."""
    repository, one = _conversation(ask, given["labelableId"])
    through_rest(ask, label_routes.add_to_issue, repository, _labels(ask, given), issue_number=one.number)
    return {"labelable": shown_by_number(ask, repository, one.number)}


def remove_labels(ask: RouteRequest, given: Input) -> Shown:
    """Takes labels off; those that are not on it are passed over."""
    repository, one = _conversation(ask, given["labelableId"])
    on = {repository.labels[each].name for each in one.label_ids}
    for name in _labels(ask, given)["labels"]:
        if name in on:
            through_rest(ask, label_routes.remove_from_issue, repository, issue_number=one.number, name=name)
    return {"labelable": shown_by_number(ask, repository, one.number)}


def add_assignees(ask: RouteRequest, given: Input) -> Shown:
    """Adds assignees."""
    return _assigned(ask, given, issue_routes.add_assignees)


def remove_assignees(ask: RouteRequest, given: Input) -> Shown:
    """Removes assignees."""
    return _assigned(ask, given, issue_routes.remove_assignees)


# Pull requests


def create_pull_request(ask: RouteRequest, given: Input) -> Shown:
    """Opens a pull request between two branches of the repository."""
    repository = locate(ask, given["repositoryId"]).repository
    body = {
        **_texts(given, "title", "body", "draft"),
        "head": given["headRefName"],
        "base": given["baseRefName"],
        "maintainer_can_modify": bool(given.get("maintainerCanModify")),
    }
    made = through_rest(ask, pull_routes.create_pull, repository, body)
    return _pull(ask, repository, made["number"])


def update_pull_request(ask: RouteRequest, given: Input) -> Shown:
    """Changes what is given."""
    repository, one = _conversation(ask, given["pullRequestId"])
    base = {"base": given["baseRefName"]} if given.get("baseRefName") else {}
    body = _texts(given, "title", "body") | _state(given) | base
    if body:
        through_rest(ask, pull_routes.patch_pull, repository, body, pull_number=one.number)
    more = _labels(ask, given) | _assignees(ask, given)
    if more:
        through_rest(ask, issue_routes.edit_issue, repository, more, issue_number=one.number)
    return _pull(ask, repository, one.number)


def close_pull_request(ask: RouteRequest, given: Input) -> Shown:
    """Closes it unmerged."""
    return update_pull_request(ask, {"pullRequestId": given["pullRequestId"], "state": "CLOSED"})


def reopen_pull_request(ask: RouteRequest, given: Input) -> Shown:
    """Opens it again."""
    return update_pull_request(ask, {"pullRequestId": given["pullRequestId"], "state": "OPEN"})


def merge_pull_request(ask: RouteRequest, given: Input) -> Shown:
    """Merges it."""
    repository, one = _conversation(ask, given["pullRequestId"])
    asked = {
        "merge_method": (given.get("mergeMethod") or "MERGE").lower(),
        "sha": given.get("expectedHeadOid"),
        "commit_title": given.get("commitHeadline"),
        "commit_message": given.get("commitBody"),
    }
    body = {name: value for name, value in asked.items() if value is not None}
    through_rest(ask, pull_routes.put_merge, repository, body, pull_number=one.number)
    return _pull(ask, repository, one.number)


def add_review(ask: RouteRequest, given: Input) -> Shown:
    """A whole review."""
    repository, one = _conversation(ask, given["pullRequestId"])
    body = _texts(given, "body", "event")
    made = through_rest(ask, pull_routes.create_review, repository, body, pull_number=one.number)
    pull = pull_of(repository, one.number)
    (review,) = [each for each in pull.reviews if each.id == made["id"]]
    return {"pullRequestReview": review_shown(ask, repository, pull, review)}


def request_reviews(ask: RouteRequest, given: Input) -> Shown:
    """Asks people. Without `union` GitHub takes back what was asked of others, which is not known here."""
    repository, one = _conversation(ask, given["pullRequestId"])
    wanted = [account_of(ask, each) for each in given.get("userIds") or ()]
    asked = pull_of(repository, one.number).reviewer_ids
    if not given.get("union") and not set(asked) <= {each.id for each in wanted}:
        raise Unfaithful("a review that was asked for is taken back")
    body = {"reviewers": [each.login for each in wanted if each.id not in asked]}
    through_rest(ask, pull_routes.request_reviewers, repository, body, pull_number=one.number)
    return _pull(ask, repository, one.number)


MUTATIONS: Mapping[str, Callable[[RouteRequest, Input], Shown]] = {
    "addAssigneesToAssignable": add_assignees,
    "addComment": add_comment,
    "addLabelsToLabelable": add_labels,
    "addPullRequestReview": add_review,
    "closeIssue": close_issue,
    "closePullRequest": close_pull_request,
    "createIssue": create_issue,
    "createPullRequest": create_pull_request,
    "deleteIssue": delete_issue,
    "deleteIssueComment": delete_issue_comment,
    "lockLockable": lock,
    "markPullRequestReadyForReview": mark_ready,
    "mergePullRequest": merge_pull_request,
    "removeAssigneesFromAssignable": remove_assignees,
    "removeLabelsFromLabelable": remove_labels,
    "reopenIssue": reopen_issue,
    "reopenPullRequest": reopen_pull_request,
    "requestReviews": request_reviews,
    "transferIssue": transfer_issue,
    "unlockLockable": unlock,
    "updateIssue": update_issue,
    "updateIssueComment": update_issue_comment,
    "updatePullRequest": update_pull_request,
}


def mutations(ask: RouteRequest) -> dict[str, Callable[..., Shown]]:
    """The fields of Mutation for one request; each payload tells who acted."""

    def resolver(name: str, act: Callable[[RouteRequest, Input], Shown]) -> Callable[..., Shown]:
        def resolve(_: Any, **arguments: Input) -> Shown:
            given = arguments["input"]
            if refused := ask.hub.faults.refusal(name):
                raise refuse(*refused)
            for field in _UNKNOWN:
                if given.get(field):
                    raise Unfaithful(f"{name}: {field} is not known here")
            echo = {"clientMutationId": given.get("clientMutationId")}
            return act(ask, given) | echo | {"actor": user(ask, ask.actor.account)}

        return resolve

    return {name: resolver(name, act) for name, act in MUTATIONS.items()}


# What they share


def _done(act: Callable[[], R]) -> R:
    try:
        return act()
    except GitHubRefusal as refusal:
        raise _refused(refusal) from None


def _refused(refusal: GitHubRefusal) -> Exception:
    """REST's refusal as an entry of `errors`, with its reasons in one sentence."""
    reasons = [
        one if isinstance(one, str) else one.get("message") or f"{one.get('field')}: {one.get('code')}"
        for one in refusal.errors
    ]
    return refuse(_KINDS.get(refusal.status, "UNPROCESSABLE"), ", ".join(reasons) or refusal.message)


def _edited(ask: RouteRequest, repository: Repository, one: Issue, body: Input) -> Shown:
    through_rest(ask, issue_routes.edit_issue, repository, body, issue_number=one.number)
    return _issue(ask, repository, one.number)


def _assigned(ask: RouteRequest, given: Input, handler: Handler) -> Shown:
    repository, one = _conversation(ask, given["assignableId"])
    through_rest(ask, handler, repository, _assignees(ask, given), issue_number=one.number)
    return {"assignable": shown_by_number(ask, repository, one.number)}


def _issue(ask: RouteRequest, repository: Repository, number: int) -> Shown:
    return {"issue": shown_by_number(ask, repository, number, pull=False)}


def _pull(ask: RouteRequest, repository: Repository, number: int) -> Shown:
    return {"pullRequest": shown_by_number(ask, repository, number, pull=True)}


def _conversation(ask: RouteRequest, wanted: str) -> tuple[Repository, Issue]:
    found = locate(ask, wanted)
    if not isinstance(found.thing, Issue):
        raise unknown_node(wanted)
    return found.repository, found.thing


def _comment(ask: RouteRequest, wanted: str) -> tuple[Repository, Comment]:
    found = locate(ask, wanted)
    if not isinstance(found.thing, Comment):
        raise unknown_node(wanted)
    return found.repository, found.thing


def _texts(given: Input, *names: str) -> dict[str, Any]:
    return {name: given[name] for name in names if given.get(name) is not None}


def _state(given: Input) -> dict[str, str]:
    return {"state": given["state"].lower()} if given.get("state") else {}


def _labels(ask: RouteRequest, given: Input) -> dict[str, list[str]]:
    """`labelIds` as the names that REST takes; nothing where the field is not given."""
    if given.get("labelIds") is None:
        return {}
    found = [(each, locate(ask, each).thing) for each in given["labelIds"]]
    for wanted, thing in found:
        if not isinstance(thing, Label):
            raise unknown_node(wanted)
    return {"labels": [thing.name for _, thing in found if isinstance(thing, Label)]}


def _assignees(ask: RouteRequest, given: Input) -> dict[str, list[str]]:
    """`assigneeIds` as the logins that REST takes; nothing where the field is not given."""
    if given.get("assigneeIds") is None:
        return {}
    return {"assignees": [account_of(ask, each).login for each in given["assigneeIds"]]}
