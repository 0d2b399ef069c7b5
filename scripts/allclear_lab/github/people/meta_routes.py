"""The front page of the API, which `gh auth status` asks for what a token may, and what is left of the hour.

https://docs.github.com/en/rest/meta/meta#github-api-root
https://docs.github.com/en/rest/rate-limit/rate-limit#get-rate-limit-status-for-the-authenticated-user
"""

from __future__ import annotations

from typing import Any

from allclear_lab.github.rates import count
from allclear_lab.github.routing import RouteRequest, Routes

routes = Routes()

_LINKS = {
    "current_user_url": "/user",
    "authorizations_url": "/authorizations",
    "code_search_url": "/search/code?q={query}{&page,per_page,sort,order}",
    "commit_search_url": "/search/commits?q={query}{&page,per_page,sort,order}",
    "emails_url": "/user/emails",
    "emojis_url": "/emojis",
    "events_url": "/events",
    "feeds_url": "/feeds",
    "followers_url": "/user/followers",
    "following_url": "/user/following{/target}",
    "gists_url": "/gists{/gist_id}",
    "issue_search_url": "/search/issues?q={query}{&page,per_page,sort,order}",
    "issues_url": "/issues",
    "keys_url": "/user/keys",
    "label_search_url": "/search/labels?q={query}&repository_id={repository_id}{&page,per_page}",
    "notifications_url": "/notifications",
    "organization_url": "/orgs/{org}",
    "organization_repositories_url": "/orgs/{org}/repos{?type,page,per_page,sort}",
    "organization_teams_url": "/orgs/{org}/teams",
    "public_gists_url": "/gists/public",
    "rate_limit_url": "/rate_limit",
    "repository_url": "/repos/{owner}/{repo}",
    "repository_search_url": "/search/repositories?q={query}{&page,per_page,sort,order}",
    "current_user_repositories_url": "/user/repos{?type,page,per_page,sort}",
    "starred_url": "/user/starred{/owner}{/repo}",
    "starred_gists_url": "/gists/starred",
    "user_url": "/users/{user}",
    "user_organizations_url": "/user/orgs",
    "user_repositories_url": "/users/{user}/repos{?type,page,per_page,sort}",
    "user_search_url": "/search/users?q={query}{&page,per_page,sort,order}",
}


@routes.add("GET", "/")
def get_root(ask: RouteRequest) -> Any:
    """Where everything is, also what the embedded GitHub does not have."""
    page = f"{ask.hub.server_url}/settings/connections/applications{{/client_id}}"
    links = {name: ask.hub.api_url + tail for name, tail in _LINKS.items()}
    return links | {"current_user_authorizations_html_url": page}


@routes.add("GET", "/rate_limit")
def get_rate_limit(ask: RouteRequest) -> Any:
    """What is left of the hour. It costs nothing, and is answered when nothing is left."""
    left = {name: _left(ask, name) for name in ("core", "graphql", "search")}
    return {"resources": left, "rate": left["core"]}


def _left(ask: RouteRequest, resource: str) -> dict[str, int]:
    budget = count(ask.hub, ask.token, resource, by=0)
    return {
        "limit": budget.limit,
        "used": budget.used,
        "remaining": budget.remaining,
        "reset": int(budget.reset.timestamp()),
    }
