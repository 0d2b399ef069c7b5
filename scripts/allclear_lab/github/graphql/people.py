"""GraphQL's view of accounts, and of what all texts have: author, editor, reactions.

https://docs.github.com/en/graphql/reference
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Protocol

from allclear_lab.github.graphql.connections import Resolver, Shown, connection
from allclear_lab.github.people.access import association
from allclear_lab.github.routing import RouteRequest
from allclear_lab.github.state import Account, Reaction, Repository, Revision, node_id
from allclear_lab.github.views import REACTIONS, stamp, stamp_or_none

_PREFIXES = {"User": "U", "Bot": "BOT", "Organization": "O"}
# REST's short names of reactions, in GraphQL's words.
_CONTENTS = {"+1": "THUMBS_UP", "-1": "THUMBS_DOWN"}


class Text(Protocol):
    """What somebody wrote: an issue or a comment."""

    author_id: int | None
    created_at: datetime
    updated_at: datetime
    reactions: list[Reaction]
    revisions: list[Revision]


def actor(ask: RouteRequest, account_id: int | None) -> Shown | None:
    """An account, null when it is gone."""
    account = ask.hub.world.accounts.get(account_id) if account_id is not None else None
    return user(ask, account) if account else None


def user(ask: RouteRequest, account: Account) -> Shown:
    """User, Bot or Organization (which has no teams here). GraphQL names a bot without the "[bot]" that REST
    appends.
    """

    def teams(info: Any, *, orderBy: Any = None, **bounds: Any) -> Shown:  # noqa: N803  # GitHub's name
        return connection((), dict)(info, **bounds)

    return {
        "__typename": account.kind,
        "id": node_id(_PREFIXES[account.kind], account.id),
        "databaseId": account.id,
        "login": account.login.removesuffix("[bot]"),
        "name": account.name,
        "teams": teams,
        "url": f"{ask.hub.server_url}/{account.login}",
    }


def written(ask: RouteRequest, repository: Repository, text: Text) -> Shown:
    """What every Comment (issues and pull requests are some) tells of who wrote it, and when."""
    last = text.revisions[-1] if text.revisions else None
    return {
        "author": actor(ask, text.author_id),
        "authorAssociation": association(ask.hub.world, repository, text.author_id),
        "createdAt": stamp(text.created_at),
        "editor": actor(ask, last.editor_id) if last else None,
        "includesCreatedEdit": last is not None,
        "lastEditedAt": stamp_or_none(last.at if last else None),
        "reactionGroups": lambda _: reaction_groups(ask, text.reactions),
        "updatedAt": stamp(text.updated_at),
        "viewerDidAuthor": text.author_id == ask.actor.account.id,
    }


def reactions(found: Sequence[Reaction]) -> Resolver:
    """IssueComment.reactions, of one kind or of all."""

    def resolve(info: Any, *, content: str | None = None, **bounds: Any) -> Shown:
        wanted = [one for one in found if content in (None, _CONTENTS.get(one.content, one.content.upper()))]
        return connection(wanted, lambda _: {})(info, **bounds)

    return resolve


def reaction_groups(ask: RouteRequest, reactions: Sequence[Reaction]) -> list[Shown]:
    """One for each kind of reaction, also for those that nobody has chosen."""
    shown = []
    for content in REACTIONS:
        who = [ask.hub.world.accounts.get(one.account_id) for one in reactions if one.content == content]
        known = [one for one in who if one is not None]
        shown.append(
            {
                "content": _CONTENTS.get(content, content.upper()),
                "users": connection(known, lambda one: user(ask, one)),
                "viewerHasReacted": any(one.id == ask.actor.account.id for one in known),
            }
        )
    return shown
