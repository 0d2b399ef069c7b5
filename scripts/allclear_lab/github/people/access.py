"""Who may see and do what, as GitHub decides it.

Roles: https://docs.github.com/en/organizations, "Repository roles for an organization".
"""

from __future__ import annotations

from allclear_lab.github.routing import Actor, GitHubRefusal, not_found
from allclear_lab.github.state import ROLES, Repository, Role, World


def role_of(world: World, repository: Repository, account_id: int | None) -> Role:
    """The role an account really has: granted, by owning, or "read" for anybody in a public repository."""
    if account_id is None or account_id not in world.accounts:
        return "none"
    owner = world.accounts[repository.owner_id]
    if account_id == owner.id or account_id in owner.owners:
        return "admin"
    granted = repository.roles.get(account_id, "none")
    if granted == "none" and not repository.private:
        return "read"
    return granted


def at_least(role: Role, least: Role) -> bool:
    """Whether `role` includes `least`."""
    return ROLES.index(role) >= ROLES.index(least)


def may_see(world: World, repository: Repository, actor: Actor) -> bool:
    """Whether the repository exists for this actor. An actions token sees its own, and public ones."""
    if not repository.private:
        return True
    if actor.is_actions:
        return actor.repository_id == repository.id
    return role_of(world, repository, actor.account.id) != "none"


def may(world: World, repository: Repository, actor: Actor, least: Role, area: str = "issues") -> bool:
    """Whether the actor may do what needs `least`; an actions token needs write for `area` instead."""
    if actor.is_actions:
        return actor.repository_id == repository.id and actor.grants.get(area) == "write"
    return at_least(role_of(world, repository, actor.account.id), least)


def must(world: World, repository: Repository, actor: Actor, least: Role, area: str = "issues") -> None:
    """Refuse with 404 what may not be seen and with 403 what may not be done."""
    if not may_see(world, repository, actor):
        raise not_found()
    if not may(world, repository, actor, least, area):
        raise forbidden(actor)


def forbidden(actor: Actor) -> GitHubRefusal:
    """403 in the words for this kind of caller."""
    if actor.is_actions:
        return GitHubRefusal(403, "Resource not accessible by integration")
    return GitHubRefusal(403, "Must have admin rights to Repository.")


def association(world: World, repository: Repository, account_id: int | None) -> str:
    """author_association as outsiders see it: private organization members look like strangers."""
    if account_id is None or account_id not in world.accounts:
        return "NONE"
    owner = world.accounts[repository.owner_id]
    if account_id == owner.id:
        return "OWNER"
    if owner.members.get(account_id) == "public":
        return "MEMBER"
    # A private member's roles come from the membership, so they do not show as COLLABORATOR either.
    if account_id in repository.roles and account_id not in owner.members:
        return "COLLABORATOR"
    return "NONE"


def may_be_assigned(world: World, repository: Repository, account_id: int) -> bool:
    """Whether an account can be an assignee: it needs a role of its own, not just a public repository."""
    account = world.accounts.get(account_id)
    if account is None or account.kind != "User":
        return False
    owner = world.accounts[repository.owner_id]
    return account_id == owner.id or account_id in repository.roles or account_id in owner.members


def permissions_of(role: Role) -> dict[str, bool]:
    """The `permissions` map GitHub shows for a role."""
    levels: dict[str, Role] = {
        "admin": "admin",
        "maintain": "maintain",
        "push": "write",
        "triage": "triage",
        "pull": "read",
    }
    return {name: at_least(role, least) for name, least in levels.items()}
