"""What GitHub shows of its objects: JSON shapes of the REST API, which webhooks use too.

Shapes follow the schemas simple-user, full-repository, label, issue, issue-comment and reaction of GitHub's
OpenAPI description (https://github.com/github/rest-api-description). Nothing here changes state.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from urllib.parse import quote

from allclear_lab.github.people.access import association
from allclear_lab.github.state import (
    ACTIONS_BOT_ID,
    Account,
    Comment,
    Issue,
    Label,
    Reaction,
    Repository,
    World,
    node_id,
)

JSON = dict[str, Any]

REACTIONS = ("+1", "-1", "laugh", "confused", "heart", "hooray", "rocket", "eyes")

_REPOSITORY_LINKS = {
    "archive_url": "/{archive_format}{/ref}",
    "assignees_url": "/assignees{/user}",
    "blobs_url": "/git/blobs{/sha}",
    "branches_url": "/branches{/branch}",
    "collaborators_url": "/collaborators{/collaborator}",
    "comments_url": "/comments{/number}",
    "commits_url": "/commits{/sha}",
    "compare_url": "/compare/{base}...{head}",
    "contents_url": "/contents/{+path}",
    "contributors_url": "/contributors",
    "deployments_url": "/deployments",
    "downloads_url": "/downloads",
    "events_url": "/events",
    "forks_url": "/forks",
    "git_commits_url": "/git/commits{/sha}",
    "git_refs_url": "/git/refs{/sha}",
    "git_tags_url": "/git/tags{/sha}",
    "hooks_url": "/hooks",
    "issue_comment_url": "/issues/comments{/number}",
    "issue_events_url": "/issues/events{/number}",
    "issues_url": "/issues{/number}",
    "keys_url": "/keys{/key_id}",
    "labels_url": "/labels{/name}",
    "languages_url": "/languages",
    "merges_url": "/merges",
    "milestones_url": "/milestones{/number}",
    "notifications_url": "/notifications{?since,all,participating}",
    "pulls_url": "/pulls{/number}",
    "releases_url": "/releases{/id}",
    "stargazers_url": "/stargazers",
    "statuses_url": "/statuses/{sha}",
    "subscribers_url": "/subscribers",
    "subscription_url": "/subscription",
    "tags_url": "/tags",
    "teams_url": "/teams",
    "trees_url": "/git/trees{/sha}",
}
_USER_LINKS = {
    "followers_url": "/followers",
    "following_url": "/following{/other_user}",
    "gists_url": "/gists{/gist_id}",
    "starred_url": "/starred{/owner}{/repo}",
    "subscriptions_url": "/subscriptions",
    "organizations_url": "/orgs",
    "repos_url": "/repos",
    "events_url": "/events{/privacy}",
    "received_events_url": "/received_events",
}


def stamp(when: datetime) -> str:
    """A time as GitHub writes it: 2025-10-19T14:02:00Z."""
    return when.strftime("%Y-%m-%dT%H:%M:%SZ")


def stamp_or_none(when: datetime | None) -> str | None:
    """As `stamp`, null for no time."""
    return stamp(when) if when else None


class Views:
    """Shows objects of one world under one pair of addresses."""

    def __init__(self, world: World, api_url: str, server_url: str) -> None:
        """`api_url` leads links of the API, `server_url` links for people."""
        self.world = world
        self.api = api_url
        self.server = server_url

    def repository_url(self, repository: Repository) -> str:
        """The repository's API address."""
        return f"{self.api}/repos/{self.world.full_name(repository)}"

    def user(self, account: Account) -> JSON:
        """simple-user."""
        path = account.login.replace("[", "%5B").replace("]", "%5D")
        url = f"{self.api}/users/{path}"
        page = f"apps/{account.login.removesuffix('[bot]')}" if account.kind == "Bot" else account.login
        prefix = {"User": "U", "Bot": "BOT", "Organization": "O"}[account.kind]
        return {
            "login": account.login,
            "id": account.id,
            "node_id": node_id(prefix, account.id),
            "avatar_url": f"https://avatars.githubusercontent.com/u/{account.id}?v=4",
            "gravatar_id": "",
            "url": url,
            "html_url": f"{self.server}/{page}",
            **{name: url + tail for name, tail in _USER_LINKS.items()},
            "type": account.kind,
            "user_view_type": "public",
            "site_admin": False,
        }

    def user_by_id(self, account_id: int | None) -> JSON | None:
        """simple-user, or null for a deleted account (a ghost)."""
        account = self.world.accounts.get(account_id) if account_id is not None else None
        return self.user(account) if account else None

    def organization(self, account: Account) -> JSON:
        """organization-simple, as webhooks carry it."""
        url = f"{self.api}/orgs/{account.login}"
        return {
            "login": account.login,
            "id": account.id,
            "node_id": node_id("O", account.id),
            "url": url,
            "repos_url": f"{url}/repos",
            "events_url": f"{url}/events",
            "hooks_url": f"{url}/hooks",
            "issues_url": f"{url}/issues",
            "members_url": f"{url}/members{{/member}}",
            "public_members_url": f"{url}/public_members{{/member}}",
            "avatar_url": f"https://avatars.githubusercontent.com/u/{account.id}?v=4",
            "description": None,
        }

    def repository(self, repository: Repository) -> JSON:
        """The `repository` object of webhooks, and the base of the REST answer."""
        world, full_name, url = self.world, self.world.full_name(repository), self.repository_url(repository)
        owner = world.accounts[repository.owner_id]
        page = f"{self.server}/{full_name}"
        host = self.server.partition("://")[2]
        opened = sum(1 for issue in repository.issues.values() if issue.state == "open" and not issue.deleted)
        return {
            "id": repository.id,
            "node_id": node_id("R", repository.id),
            "name": repository.name,
            "full_name": full_name,
            "private": repository.private,
            "owner": self.user(owner),
            "html_url": page,
            "description": None,
            "fork": False,
            "url": url,
            **{name: url + tail for name, tail in _REPOSITORY_LINKS.items()},
            "created_at": stamp(repository.created_at),
            "updated_at": stamp(repository.updated_at),
            "pushed_at": stamp(repository.pushed_at),
            "git_url": f"git://{host}/{full_name}.git",
            "ssh_url": f"git@{host}:{full_name}.git",
            "clone_url": f"{page}.git",
            "svn_url": page,
            "homepage": None,
            "size": 0,
            "stargazers_count": 0,
            "watchers_count": 0,
            "language": None,
            "has_issues": repository.has_issues,
            "has_projects": True,
            "has_downloads": True,
            "has_wiki": True,
            "has_pages": False,
            "has_discussions": False,
            "forks_count": 0,
            "mirror_url": None,
            "archived": repository.archived,
            "disabled": False,
            "open_issues_count": opened,
            "license": None,
            "allow_forking": True,
            "is_template": False,
            "web_commit_signoff_required": False,
            "topics": [],
            "visibility": "private" if repository.private else "public",
            "forks": 0,
            "open_issues": opened,
            "watchers": 0,
            "default_branch": repository.default_branch,
        }

    def label(self, repository: Repository, label: Label) -> JSON:
        """One label."""
        return {
            "id": label.id,
            "node_id": node_id("LA", repository.id, label.id),
            "url": f"{self.repository_url(repository)}/labels/{quote(label.name, safe='')}",
            "name": label.name,
            "color": label.color,
            "default": label.default,
            "description": label.description,
            "archived_at": None,
            "archived_by": None,
        }

    def labels(self, repository: Repository, label_ids: Iterable[int]) -> list[JSON]:
        """The labels with these ids."""
        return [self.label(repository, repository.labels[one]) for one in label_ids]

    def reactions(self, reactions: list[Reaction], url: str) -> JSON:
        """reaction-rollup."""
        counts = dict.fromkeys(REACTIONS, 0)
        for one in reactions:
            counts[one.content] += 1
        return {"url": f"{url}/reactions", "total_count": len(reactions), **counts}

    def reaction(self, reaction: Reaction) -> JSON:
        """One reaction."""
        return {
            "id": reaction.id,
            "node_id": node_id("REA", reaction.id),
            "user": self.user_by_id(reaction.account_id),
            "content": reaction.content,
            "created_at": stamp(reaction.created_at),
        }

    def comment(self, repository: Repository, comment: Comment, *, body: str | None = None) -> JSON:
        """issue-comment. `body` shows an older text instead."""
        base = self.repository_url(repository)
        url = f"{base}/issues/comments/{comment.id}"
        issue = repository.issues[comment.issue_number]
        kind = "pull" if issue.pull else "issues"
        page = f"{self.server}/{self.world.full_name(repository)}/{kind}/{issue.number}"
        return {
            "url": url,
            "html_url": f"{page}#issuecomment-{comment.id}",
            "issue_url": f"{base}/issues/{issue.number}",
            "id": comment.id,
            "node_id": node_id("IC", repository.id, comment.id),
            "user": self.user_by_id(comment.author_id),
            "created_at": stamp(comment.created_at),
            "updated_at": stamp(comment.updated_at),
            "body": comment.body if body is None else body,
            "author_association": association(self.world, repository, comment.author_id),
            "reactions": self.reactions(comment.reactions, url),
            "performed_via_github_app": self.actions_app() if comment.via_app else None,
            "pin": self._pin(comment),
        }

    def _pin(self, comment: Comment) -> JSON | None:
        if comment.pinned_at is None:
            return None
        return {"pinned_at": stamp(comment.pinned_at), "pinned_by": self.user_by_id(comment.pinned_by)}

    def issue(self, repository: Repository, issue: Issue) -> JSON:
        """issue, as lists and webhooks show it."""
        base = self.repository_url(repository)
        url = f"{base}/issues/{issue.number}"
        page = f"{self.server}/{self.world.full_name(repository)}"
        assignees = [self.user(self.world.accounts[one]) for one in issue.assignee_ids]
        prefix, kind = ("PR", "pull") if issue.pull else ("I", "issues")
        pinned = repository.comments.get(issue.pinned_comment_id) if issue.pinned_comment_id else None
        shown: JSON = {
            "url": url,
            "repository_url": base,
            "labels_url": f"{url}/labels{{/name}}",
            "comments_url": f"{url}/comments",
            "events_url": f"{url}/events",
            "html_url": f"{page}/{kind}/{issue.number}",
            "id": issue.id,
            "node_id": node_id(prefix, repository.id, issue.id),
            "number": issue.number,
            "title": issue.title,
            "user": self.user_by_id(issue.author_id),
            "labels": self.labels(repository, issue.label_ids),
            "state": issue.state,
            "locked": issue.locked,
            "assignees": assignees,
            "milestone": None,
            "comments": len(issue.comment_ids),
            "created_at": stamp(issue.created_at),
            "updated_at": stamp(issue.updated_at),
            "closed_at": stamp_or_none(issue.closed_at),
            "assignee": assignees[0] if assignees else None,
            "author_association": association(self.world, repository, issue.author_id),
            "active_lock_reason": issue.lock_reason,
            "sub_issues_summary": self.sub_issues(repository, issue),
            "issue_dependencies_summary": {
                "blocked_by": 0,
                "total_blocked_by": 0,
                "blocking": 0,
                "total_blocking": 0,
            },
            "body": issue.body,
            "reactions": self.reactions(issue.reactions, url),
            "timeline_url": f"{url}/timeline",
            "performed_via_github_app": self.actions_app() if issue.via_app else None,
            "state_reason": issue.state_reason,
            "pinned_comment": self.comment(repository, pinned) if pinned else None,
        }
        if issue.pull:
            shown["draft"] = issue.pull.draft
            shown["pull_request"] = {
                "url": f"{base}/pulls/{issue.number}",
                "html_url": shown["html_url"],
                "diff_url": f"{shown['html_url']}.diff",
                "patch_url": f"{shown['html_url']}.patch",
                "merged_at": stamp_or_none(issue.pull.merged_at),
            }
        return shown

    def sub_issues(self, repository: Repository, issue: Issue) -> JSON:
        """How many sub-issues there are, and how many of them are closed."""
        closed = sum(repository.issues[one].state == "closed" for one in issue.children)
        total = len(issue.children)
        percent = closed * 100 // total if total else 0
        return {"total": total, "completed": closed, "percent_completed": percent}

    def actions_app(self) -> JSON:
        """The GitHub Actions app, which performs what its token does. Without the optional ``client_id``: the
        description of the payloads of issues does not have it.
        """
        owner = Account(9919, "github", "Organization", self.world.accounts[ACTIONS_BOT_ID].created_at)
        return {
            "id": 15368,
            "slug": "github-actions",
            "node_id": node_id("A", 15368),
            "owner": self.user(owner),
            "name": "GitHub Actions",
            "description": "Automate your workflow from idea to production",
            "external_url": "https://help.github.com/en/actions",
            "html_url": f"{self.server}/apps/github-actions",
            "created_at": "2018-07-30T09:30:17Z",
            "updated_at": "2025-03-07T16:35:00Z",
            "permissions": {"contents": "write", "issues": "write", "metadata": "read"},
            "events": ["workflow_dispatch"],
        }
