"""Pull requests as the REST API and webhooks show them: pull-request-simple and pull-request."""

from __future__ import annotations

from allclear_lab.github.git.objects import GitObjects
from allclear_lab.github.people.access import association
from allclear_lab.github.pulls.state import PullRequest, PullReview
from allclear_lab.github.state import Repository, node_id
from allclear_lab.github.views import JSON, Views, stamp, stamp_or_none


class PullViews:
    """Shows the pull requests of one repository."""

    def __init__(self, show: Views, repository: Repository) -> None:
        self.show = show
        self.repository = repository
        self.git = repository.room(GitObjects)
        self.api = show.repository_url(repository)
        self.html = f"{show.server}/{show.world.full_name(repository)}"

    def simple(self, pull: PullRequest) -> JSON:
        """pull-request-simple, the line of a list."""
        repository, show = self.repository, self.show
        issue = repository.issues[pull.number]
        mark = issue.pull
        url, page, issue_url = (
            f"{self.api}/pulls/{pull.number}",
            f"{self.html}/pull/{pull.number}",
            f"{self.api}/issues/{pull.number}",
        )
        links = {
            "self": url,
            "html": page,
            "issue": issue_url,
            "comments": f"{issue_url}/comments",
            "review_comments": f"{url}/comments",
            "review_comment": f"{self.api}/pulls/comments{{/number}}",
            "commits": f"{url}/commits",
            "statuses": f"{self.api}/statuses/{pull.head_sha}",
        }
        assignees = [show.user(show.world.accounts[one]) for one in issue.assignee_ids]
        return {
            "url": url,
            "id": pull.id,
            "node_id": node_id("PR", repository.id, issue.id),
            "html_url": page,
            "diff_url": f"{page}.diff",
            "patch_url": f"{page}.patch",
            "issue_url": issue_url,
            "number": pull.number,
            "state": issue.state,
            "locked": issue.locked,
            "title": issue.title,
            "user": show.user_by_id(issue.author_id),
            "body": issue.body,
            "created_at": stamp(issue.created_at),
            "updated_at": stamp(issue.updated_at),
            "closed_at": stamp_or_none(issue.closed_at),
            "merged_at": stamp_or_none(mark.merged_at if mark else None),
            "merge_commit_sha": pull.merge_commit_sha,
            "assignee": assignees[0] if assignees else None,
            "assignees": assignees,
            "requested_reviewers": [show.user(show.world.accounts[one]) for one in pull.reviewer_ids],
            "requested_teams": [],
            "labels": show.labels(repository, issue.label_ids),
            "milestone": None,
            "draft": bool(mark and mark.draft),
            "commits_url": links["commits"],
            "review_comments_url": links["review_comments"],
            "review_comment_url": links["review_comment"],
            "comments_url": links["comments"],
            "statuses_url": links["statuses"],
            "head": self._end(pull.head, pull.head_sha, fork_id=pull.fork_id),
            "base": self._end(pull.base, pull.base_sha),
            "_links": {name: {"href": href} for name, href in links.items()},
            "author_association": association(show.world, repository, issue.author_id),
            "auto_merge": None,
            "active_lock_reason": issue.lock_reason,
        }

    def full(self, pull: PullRequest) -> JSON:
        """pull-request, one by itself."""
        issue = self.repository.issues[pull.number]
        merged = bool(issue.pull and issue.pull.merged_at)
        root = self.git.merge_base(pull.base_sha, pull.head_sha)
        changes = self.git.differences(root, pull.head_sha)
        behind = {one.sha for one in self.git.history(pull.base_sha)}
        clean = (
            None
            if merged or issue.state == "closed"
            else self.git.merged_files(pull.base_sha, pull.head_sha) is not None
        )
        return {
            **self.simple(pull),
            "merged": merged,
            "mergeable": clean,
            "rebaseable": clean,
            "mergeable_state": {None: "unknown", True: "clean", False: "dirty"}[clean],
            "merged_by": self.show.user_by_id(pull.merged_by),
            "comments": len(issue.comment_ids),
            "review_comments": 0,
            "maintainer_can_modify": pull.maintainer_can_modify,
            "commits": sum(one.sha not in behind for one in self.git.history(pull.head_sha)),
            "additions": sum(change.additions for change in changes),
            "deletions": sum(change.deletions for change in changes),
            "changed_files": len(changes),
        }

    def review(self, pull: PullRequest, review: PullReview) -> JSON:
        """pull-request-review."""
        page, url = (
            f"{self.html}/pull/{pull.number}#pullrequestreview-{review.id}",
            f"{self.api}/pulls/{pull.number}",
        )
        return {
            "id": review.id,
            "node_id": node_id("PRR", self.repository.id, review.id),
            "user": self.show.user_by_id(review.account_id),
            "body": review.body,
            "state": review.state,
            "html_url": page,
            "pull_request_url": url,
            "author_association": association(self.show.world, self.repository, review.account_id),
            "_links": {"html": {"href": page}, "pull_request": {"href": url}},
            "submitted_at": stamp(review.submitted_at),
            "commit_id": review.commit_id,
        }

    def _end(self, branch: str, sha: str, *, fork_id: int | None = None) -> JSON:
        home = self.repository if fork_id is None else self.show.world.repositories[fork_id]
        owner = self.show.world.accounts[home.owner_id]
        return {
            "label": f"{owner.login}:{branch}",
            "ref": branch,
            "sha": sha,
            "user": self.show.user(owner),
            "repo": self.show.repository(home),
        }
