"""What can be done to comments: writing, editing, deleting, pinning; and reactions on anything."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from allclear_lab.github.issues.acts import can, check_body, record, require, require_visible
from allclear_lab.github.routing import Actor, GitHubRefusal, invalid, not_found
from allclear_lab.github.state import Comment, Issue, Reaction, Repository, Revision
from allclear_lab.github.views import REACTIONS

if TYPE_CHECKING:
    from allclear_lab.github.hub import GitHub


def write_comment(hub: GitHub, repository: Repository, issue: Issue, actor: Actor, body: str) -> Comment:
    """Add a comment. On a locked issue only people with write (or the workflow's token) may."""
    require_visible(hub, repository, actor)
    _check_comment(body)
    # Unconfirmed for a workflow's token (platform note D14); its write permission is taken for a writer's.
    if issue.locked and not can(hub, repository, issue, actor, "write"):
        raise GitHubRefusal(403, "Unable to create comment because issue is locked.")
    now = hub.now()
    comment = Comment(
        id=hub.world.next_id("comment"),
        issue_number=issue.number,
        author_id=actor.account.id,
        body=body,
        created_at=now,
        updated_at=now,
        via_app=actor.is_actions,
        order=hub.world.next_id("order"),
    )
    repository.comments[comment.id] = comment
    issue.comment_ids.append(comment.id)
    issue.updated_at = now
    _announce(hub, repository, comment, actor, "created")
    return comment


def edit_comment(hub: GitHub, repository: Repository, comment: Comment, actor: Actor, body: str) -> None:
    """Change the text: the author, or anybody with write. The former text stays in the history."""
    require_visible(hub, repository, actor)
    _require_comment_rights(hub, repository, comment, actor)
    _check_comment(body)
    if body == comment.body:
        return
    former = comment.body
    comment.revisions.append(Revision(hub.now(), actor.account.id, former))
    comment.body = body
    comment.updated_at = hub.now()
    _announce(hub, repository, comment, actor, "edited", changes={"body": {"from": former}})


def delete_comment(hub: GitHub, repository: Repository, comment: Comment, actor: Actor) -> None:
    """Delete it: the author, or anybody with write."""
    require_visible(hub, repository, actor)
    _require_comment_rights(hub, repository, comment, actor)
    issue = repository.issues[comment.issue_number]
    issue.comment_ids.remove(comment.id)
    if issue.pinned_comment_id == comment.id:
        issue.pinned_comment_id = None
    issue.updated_at = hub.now()
    record(hub, repository, issue, actor, "comment_deleted", comment_id=comment.id)
    _announce(hub, repository, comment, actor, "deleted")
    del repository.comments[comment.id]


def pin_comment(hub: GitHub, repository: Repository, comment: Comment, actor: Actor) -> None:
    """Pin it on its issue, in place of the one pinned before. Issues only, write needed."""
    require_visible(hub, repository, actor)
    _require_pin_rights(hub, repository, comment, actor)
    issue = repository.issues[comment.issue_number]
    if issue.pinned_comment_id == comment.id:
        return
    before = repository.comments.get(issue.pinned_comment_id) if issue.pinned_comment_id else None
    if before is not None:
        before.pinned_at = before.pinned_by = None
    issue.pinned_comment_id = comment.id
    comment.pinned_at, comment.pinned_by = hub.now(), actor.account.id
    _announce(hub, repository, comment, actor, "pinned")


def unpin_comment(hub: GitHub, repository: Repository, comment: Comment, actor: Actor) -> None:
    """Unpin it; 404 when it is not pinned."""
    require_visible(hub, repository, actor)
    _require_pin_rights(hub, repository, comment, actor)
    issue = repository.issues[comment.issue_number]
    if issue.pinned_comment_id != comment.id:
        raise not_found()
    issue.pinned_comment_id = comment.pinned_at = comment.pinned_by = None
    _announce(hub, repository, comment, actor, "unpinned")


def react(hub: GitHub, reactions: list[Reaction], actor: Actor, content: str) -> tuple[Reaction, bool]:
    """React; the second value is False when this account had that reaction already. No event, ever (D10)."""
    if content not in REACTIONS:
        raise invalid("Reaction", "content")
    for one in reactions:
        if one.account_id == actor.account.id and one.content == content:
            return one, False
    made = Reaction(hub.world.next_id("reaction"), actor.account.id, content, hub.now())
    reactions.append(made)
    return made, True


def take_reaction_back(reactions: list[Reaction], actor: Actor, reaction_id: int) -> None:
    """Remove one's own reaction; 404 for none, 403 for somebody else's."""
    found = next((one for one in reactions if one.id == reaction_id), None)
    if found is None:
        raise not_found()
    if found.account_id != actor.account.id:
        raise GitHubRefusal(
            403, "Resource not accessible by integration" if actor.is_actions else "Forbidden"
        )
    reactions.remove(found)


def text_at(comment: Comment, moment: datetime, editor_id: int) -> str:
    """The text without what `editor_id` changed after `moment`: what a lagging replica still shows."""
    later = [one for one in comment.revisions if one.at > moment and one.editor_id == editor_id]
    return later[0].body if later else comment.body


def _check_comment(body: str) -> None:
    if not body.strip():
        raise invalid("IssueComment", "body", "custom", message="body can't be blank")
    check_body(body, "IssueComment")


def _require_comment_rights(hub: GitHub, repository: Repository, comment: Comment, actor: Actor) -> None:
    if comment.author_id != actor.account.id:
        require(hub, repository, repository.issues[comment.issue_number], actor, "write")


def _require_pin_rights(hub: GitHub, repository: Repository, comment: Comment, actor: Actor) -> None:
    issue = repository.issues[comment.issue_number]
    require(hub, repository, issue, actor, "write")
    if issue.pull:
        raise invalid("IssueComment", "pin", "custom", message="Only comments on issues can be pinned")


def _announce(
    hub: GitHub, repository: Repository, comment: Comment, actor: Actor, action: str, **more: Any
) -> None:
    issue = repository.issues[comment.issue_number]
    hub.deliver(
        repository,
        actor,
        "issue_comment",
        action,
        issue=hub.views.issue(repository, issue),
        comment=hub.views.comment(repository, comment),
        **more,
    )
