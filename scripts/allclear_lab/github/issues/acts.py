"""What can be done to issues, the same for people in the browser and for requests: rules, history, events."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from allclear_lab.github.issues.label_acts import label_made_if_missing
from allclear_lab.github.people.access import at_least, forbidden, may, may_be_assigned, may_see, role_of
from allclear_lab.github.routing import Actor, GitHubRefusal, invalid, not_found
from allclear_lab.github.state import Issue, IssueEvent, Label, Repository, Revision, Role

if TYPE_CHECKING:
    from allclear_lab.github.hub import GitHub

# https://docs.github.com/en/rest/issues/comments and the 422 answer of the service.
BODY_LIMIT = 65536
TITLE_LIMIT = 256
MOST_LABELS = 100
STATE_REASONS = ("completed", "not_planned", "duplicate")


def record(
    hub: GitHub, repository: Repository, issue: Issue, actor: Actor, event: str, **more: Any
) -> IssueEvent:
    """Write one line of the issue's history."""
    line = IssueEvent(
        id=hub.world.next_id("event"),
        event=event,
        actor_id=actor.account.id,
        created_at=hub.now(),
        order=hub.world.next_id("order"),
        via_app=actor.is_actions,
        **more,
    )
    issue.events.append(line)
    return line


def announce(
    hub: GitHub, repository: Repository, issue: Issue, actor: Actor, action: str, **more: Any
) -> None:
    """Deliver an `issues` event; for a pull request it is a `pull_request` event with its own payload."""
    if issue.pull:
        hub.announce_pull(repository, issue, actor, action, more)
    else:
        hub.deliver(repository, actor, "issues", action, issue=hub.views.issue(repository, issue), **more)


def can(hub: GitHub, repository: Repository, issue: Issue, actor: Actor, least: Role) -> bool:
    """Whether the actor may do to this issue what needs `least`.

    An actions token needs issues: write; for a pull request pull-requests: write will do.
    """
    if may(hub.world, repository, actor, least):
        return True
    return issue.pull is not None and may(hub.world, repository, actor, least, "pull_requests")


def require(hub: GitHub, repository: Repository, issue: Issue, actor: Actor, least: Role) -> None:
    """403 for whom `can` denies."""
    if not can(hub, repository, issue, actor, least):
        raise forbidden(actor)


def require_visible(hub: GitHub, repository: Repository, actor: Actor) -> None:
    """404 for a repository that may not be seen, 410 where issues are off, 403 in an archive."""
    if not may_see(hub.world, repository, actor):
        raise not_found()
    if repository.archived:
        raise GitHubRefusal(403, "Repository was archived so is read-only.")
    if not repository.has_issues:
        raise GitHubRefusal(410, "Issues are disabled for this repo")


def check_body(body: str | None, resource: str) -> None:
    """422 for a text over 65,536 characters."""
    if body is not None and len(body) > BODY_LIMIT:
        message = f"body is too long (maximum is {BODY_LIMIT} characters)"
        raise invalid(resource, "body", "custom", message=message)


def check_labels(label_ids: Iterable[int]) -> None:
    """422 for more labels than an issue takes."""
    if len(set(label_ids)) > MOST_LABELS:
        message = f"issue cannot have more than {MOST_LABELS} labels"
        raise invalid("Issue", "labels", "custom", message=message)


def check_title(title: str | None) -> None:
    """422 for a missing or overlong title."""
    if title is None or not title.strip():
        raise invalid("Issue", "title", "missing_field")
    if len(title) > TITLE_LIMIT:
        message = f"title is too long (maximum is {TITLE_LIMIT} characters)"
        raise invalid("Issue", "title", "custom", message=message)


def open_issue(
    hub: GitHub,
    repository: Repository,
    actor: Actor,
    title: str,
    body: str | None = None,
    *,
    labels: Iterable[str] = (),
    form_labels: Iterable[str] = (),
    assignees: Iterable[str] = (),
) -> Issue:
    """Open an issue; a form's labels are set whoever opens it.

    Other labels and assignees are silently dropped: below triage in the browser, below push for a token
    (https://docs.github.com/en/rest/issues/issues#create-an-issue, measured in hub4j/github-api#836).
    """
    require_visible(hub, repository, actor)
    check_title(title)
    check_body(body, "Issue")
    trusted = may(hub.world, repository, actor, "triage" if actor.via == "web" else "write")
    asked = labels if trusted else ()
    forms = [one for one in form_labels if repository.forms_make_labels or repository.label_named(one)]
    names = dict.fromkeys([*forms, *asked])
    found = [label_made_if_missing(hub, repository, actor, name) for name in names]
    check_labels(one.id for one in found)
    repository.last_number += 1
    issue = Issue(
        id=hub.world.next_id("issue"),
        number=repository.last_number,
        title=title,
        body=body,
        author_id=actor.account.id,
        created_at=hub.now(),
        updated_at=hub.now(),
        via_app=actor.is_actions,
    )
    issue.label_ids = list(dict.fromkeys(one.id for one in found))
    repository.issues[issue.number] = issue
    announce(hub, repository, issue, actor, "opened")
    for label_id in issue.label_ids:
        _labelled(hub, repository, issue, actor, repository.labels[label_id], on=True)
    if trusted:
        assign(hub, repository, issue, actor, assignees)
    return issue


def edit_issue(
    hub: GitHub,
    repository: Repository,
    issue: Issue,
    actor: Actor,
    *,
    title: str | None = None,
    body: str | None = None,
) -> None:
    """Change title or body; None leaves it. Needs write, or being the author."""
    require_visible(hub, repository, actor)
    if issue.author_id != actor.account.id:
        require(hub, repository, issue, actor, "write")
    changes: dict[str, Any] = {}
    if title is not None and title != issue.title:
        check_title(title)
        changes["title"] = {"from": issue.title}
        record(hub, repository, issue, actor, "renamed", rename=(issue.title, title))
        issue.title = title
    if body is not None and body != (issue.body or ""):
        check_body(body, "Issue")
        changes["body"] = {"from": issue.body or ""}
        issue.revisions.append(Revision(hub.now(), actor.account.id, issue.body or ""))
        issue.body = body
    if changes:
        issue.updated_at = hub.now()
        announce(hub, repository, issue, actor, "edited", changes=changes)


def add_labels(hub: GitHub, repository: Repository, issue: Issue, actor: Actor, names: Iterable[str]) -> None:
    """Put labels on, from triage up; unknown ones come into being, present ones stay without an event."""
    require_visible(hub, repository, actor)
    require(hub, repository, issue, actor, "triage")
    labels = [label_made_if_missing(hub, repository, actor, name) for name in dict.fromkeys(names)]
    check_labels((*issue.label_ids, *(label.id for label in labels)))
    for label in labels:
        if label.id not in issue.label_ids:
            issue.label_ids.append(label.id)
            issue.updated_at = hub.now()
            _labelled(hub, repository, issue, actor, label, on=True)


def remove_label(hub: GitHub, repository: Repository, issue: Issue, actor: Actor, name: str) -> None:
    """Take one label off, from triage up; 404 when it is not on the issue."""
    require_visible(hub, repository, actor)
    require(hub, repository, issue, actor, "triage")
    label = repository.label_named(name)
    if label is None or label.id not in issue.label_ids:
        raise GitHubRefusal(404, "Label does not exist")
    issue.label_ids.remove(label.id)
    issue.updated_at = hub.now()
    _labelled(hub, repository, issue, actor, label, on=False)


def set_labels(hub: GitHub, repository: Repository, issue: Issue, actor: Actor, names: Iterable[str]) -> None:
    """Replace the whole set."""
    names = list(names)
    wanted = {name.casefold() for name in names}
    for label_id in list(issue.label_ids):
        if repository.labels[label_id].name.casefold() not in wanted:
            remove_label(hub, repository, issue, actor, repository.labels[label_id].name)
    add_labels(hub, repository, issue, actor, names)


def _labelled(
    hub: GitHub, repository: Repository, issue: Issue, actor: Actor, label: Label, *, on: bool
) -> None:
    action = "labeled" if on else "unlabeled"
    record(hub, repository, issue, actor, action, label=(label.name, label.color))
    announce(hub, repository, issue, actor, action, label=hub.views.label(repository, label))


def assign(hub: GitHub, repository: Repository, issue: Issue, actor: Actor, logins: Iterable[str]) -> None:
    """Add assignees, ten at most; people who cannot be assigned are left out without a word.

    https://docs.github.com/en/rest/issues/assignees#add-assignees-to-an-issue
    """
    require_visible(hub, repository, actor)
    require(hub, repository, issue, actor, "triage")
    for login in logins:
        account = hub.world.account_named(login)
        if account is None or not may_be_assigned(hub.world, repository, account.id):
            continue
        if account.id in issue.assignee_ids or len(issue.assignee_ids) >= 10:
            continue
        issue.assignee_ids.append(account.id)
        issue.updated_at = hub.now()
        record(hub, repository, issue, actor, "assigned", assignee_id=account.id)
        announce(hub, repository, issue, actor, "assigned", assignee=hub.views.user(account))


def unassign(hub: GitHub, repository: Repository, issue: Issue, actor: Actor, logins: Iterable[str]) -> None:
    """Remove assignees, from triage up; people who are none are passed over."""
    require_visible(hub, repository, actor)
    require(hub, repository, issue, actor, "triage")
    for login in logins:
        account = hub.world.account_named(login)
        if account is None or account.id not in issue.assignee_ids:
            continue
        issue.assignee_ids.remove(account.id)
        issue.updated_at = hub.now()
        record(hub, repository, issue, actor, "unassigned", assignee_id=account.id)
        announce(hub, repository, issue, actor, "unassigned", assignee=hub.views.user(account))


def set_assignees(hub: GitHub, repository: Repository, issue: Issue, actor: Actor, logins: list[str]) -> None:
    """Replace the whole set."""
    wanted = {login.casefold() for login in logins}
    present = [hub.world.accounts[one].login for one in issue.assignee_ids]
    unassign(hub, repository, issue, actor, [one for one in present if one.casefold() not in wanted])
    assign(hub, repository, issue, actor, logins)


def close(
    hub: GitHub,
    repository: Repository,
    issue: Issue,
    actor: Actor,
    reason: str = "completed",
    *,
    commit_sha: str | None = None,
    by_pull: int | None = None,
) -> None:
    """Close it: triage, or its author. A closing keyword passes the commit, or the pull request that was
    merged. Closed: the reason changes.
    """
    _require_state_rights(hub, repository, issue, actor)
    if reason not in STATE_REASONS:
        raise invalid("Issue", "state_reason")
    if issue.state == "closed":
        issue.state_reason = None if issue.pull else reason
        return
    issue.state = "closed"
    issue.state_reason = None if issue.pull else reason
    issue.closed_at = issue.updated_at = hub.now()
    issue.closed_by = actor.account.id
    record(
        hub,
        repository,
        issue,
        actor,
        "closed",
        commit_id=commit_sha,
        by_pull=by_pull,
        state_reason=issue.state_reason,
    )
    announce(hub, repository, issue, actor, "closed")


def reopen(hub: GitHub, repository: Repository, issue: Issue, actor: Actor) -> None:
    """Open it again: triage, or its author."""
    _require_state_rights(hub, repository, issue, actor)
    if issue.state == "open":
        return
    issue.state = "open"
    issue.state_reason = None if issue.pull else "reopened"
    issue.closed_at = issue.closed_by = None
    issue.updated_at = hub.now()
    record(hub, repository, issue, actor, "reopened")
    announce(hub, repository, issue, actor, "reopened")


def _require_state_rights(hub: GitHub, repository: Repository, issue: Issue, actor: Actor) -> None:
    require_visible(hub, repository, actor)
    if issue.author_id != actor.account.id:
        require(hub, repository, issue, actor, "triage")


def lock(hub: GitHub, repository: Repository, issue: Issue, actor: Actor, reason: str | None = None) -> None:
    """Lock the conversation: needs write."""
    require_visible(hub, repository, actor)
    require(hub, repository, issue, actor, "write")
    if reason not in {None, "off-topic", "too heated", "resolved", "spam"}:
        raise invalid("Issue", "lock_reason")
    if not issue.locked:
        issue.locked, issue.lock_reason, issue.updated_at = True, reason, hub.now()
        record(hub, repository, issue, actor, "locked", lock_reason=reason)
        announce(hub, repository, issue, actor, "locked")


def unlock(hub: GitHub, repository: Repository, issue: Issue, actor: Actor) -> None:
    """Unlock the conversation: needs write."""
    require_visible(hub, repository, actor)
    require(hub, repository, issue, actor, "write")
    if issue.locked:
        issue.locked, issue.lock_reason, issue.updated_at = False, None, hub.now()
        record(hub, repository, issue, actor, "unlocked")
        announce(hub, repository, issue, actor, "unlocked")


def transfer(hub: GitHub, repository: Repository, issue: Issue, actor: Actor, target: Repository) -> Issue:
    """Move it to another repository, from write up there and here; its old address answers 301 from then on.

    Comments and assignees go along, labels where the new repository has one of that name.
    """
    for place in (repository, target):
        require_visible(hub, place, actor)
        if not may(hub.world, place, actor, "write"):
            raise forbidden(actor)
    target.last_number += 1
    names = [repository.labels[one].name for one in issue.label_ids]
    known = [label for label in map(target.label_named, names) if label]
    moved = replace(
        issue,
        id=hub.world.next_id("issue"),
        number=target.last_number,
        label_ids=[label.id for label in known],
        updated_at=hub.now(),
    )
    target.issues[moved.number] = moved
    for comment_id in issue.comment_ids:
        comment = target.comments[comment_id] = repository.comments.pop(comment_id)
        comment.issue_number = moved.number
    issue.comment_ids, issue.events, issue.reactions, issue.pinned_comment_id = [], [], [], None
    issue.transferred_to = f"{hub.world.full_name(target)}/issues/{moved.number}"
    record(hub, target, moved, actor, "transferred")
    new = {"new_issue": hub.views.issue(target, moved), "new_repository": hub.views.repository(target)}
    announce(hub, repository, issue, actor, "transferred", changes=new)
    return moved


def delete_issue(hub: GitHub, repository: Repository, issue: Issue, actor: Actor) -> None:
    """Delete it for ever (people with admin, in the browser): afterwards it answers 410."""
    require_visible(hub, repository, actor)
    if not at_least(role_of(hub.world, repository, actor.account.id), "admin"):
        raise GitHubRefusal(403, "Must have admin rights to Repository.")
    announce(hub, repository, issue, actor, "deleted")
    issue.deleted = True
