"""The repository, who one is, and what somebody may over REST.

https://docs.github.com/en/rest: repos/repos, users/users, collaborators/collaborators
"""

from __future__ import annotations

from typing import Any

from allclear_lab.github.people.access import at_least, permissions_of, role_of
from allclear_lab.github.routing import GitHubRefusal, RouteRequest, Routes, not_found
from allclear_lab.github.state import Account, Role
from allclear_lab.github.views import stamp

routes = Routes()

# The old `permission` field knows four words only (D3): maintain reads as write, triage as read.
LEGACY: dict[Role, str] = {
    "none": "none",
    "read": "read",
    "triage": "read",
    "write": "write",
    "maintain": "write",
    "admin": "admin",
}


@routes.add("GET", "/repos/{owner}/{repo}")
def get_repository(ask: RouteRequest) -> Any:
    """full-repository."""
    views, repository = ask.hub.views, ask.repository
    owner = ask.hub.world.accounts[repository.owner_id]
    role = role_of(ask.hub.world, repository, ask.actor.account.id)
    contents = ask.actor.grants.get("contents")
    if ask.actor.is_actions:
        role = "write" if contents == "write" else "read"
    shown = views.repository(repository) | {"permissions": permissions_of(role)}
    shown |= {"network_count": 0, "subscribers_count": 0, "temp_clone_token": None}
    return shown | ({"organization": views.user(owner)} if owner.kind == "Organization" else {})


@routes.add("GET", "/user")
def get_me(ask: RouteRequest) -> Any:
    """One's own profile; a workflow's token has none."""
    if ask.actor.is_actions:
        raise GitHubRefusal(403, "Resource not accessible by integration")
    return _public(ask, ask.actor.account) | {
        "user_view_type": "private",
        "private_gists": 0,
        "total_private_repos": 0,
        "owned_private_repos": 0,
        "disk_usage": 0,
        "collaborators": 0,
        "two_factor_authentication": True,
    }


def _public(ask: RouteRequest, account: Account) -> dict[str, Any]:
    return ask.hub.views.user(account) | {
        "name": account.name,
        "company": None,
        "blog": "",
        "location": None,
        "email": None,
        "hireable": None,
        "bio": None,
        "public_repos": 0,
        "public_gists": 0,
        "followers": 0,
        "following": 0,
        "created_at": stamp(account.created_at),
        "updated_at": stamp(account.created_at),
    }


@routes.add("GET", "/repos/{owner}/{repo}/collaborators/{username}/permission")
def get_permission(ask: RouteRequest) -> Any:
    """What a user may do here. Strangers have "read" in a public repository and are 404 in a private one."""
    world, repository = ask.hub.world, ask.repository
    own = role_of(world, repository, ask.actor.account.id)
    if not ask.actor.is_actions and not at_least(own, "write"):
        raise GitHubRefusal(403, "Must have push access to view collaborator permission.")
    account = world.account_named(ask.params["username"])
    if account is None or account.kind != "User":
        raise GitHubRefusal(404, f"{ask.params['username']} is not a user")
    role = role_of(world, repository, account.id)
    if role == "none":
        raise not_found()
    user = ask.hub.views.user(account) | {"permissions": permissions_of(role), "role_name": role}
    return {"permission": LEGACY[role], "user": user, "role_name": role}
