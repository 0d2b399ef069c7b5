"""What can be done to pull requests: opening, closing, merging, asking for reviews, reviewing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from allclear_lab.github.actions.acts import hold_pull_run
from allclear_lab.github.git.acts import branch_ref, close_by_keyword, move_ref
from allclear_lab.github.git.objects import Commit, GitObjects, Signature
from allclear_lab.github.git.views import WEB_FLOW, signature
from allclear_lab.github.issues import acts as issue_acts
from allclear_lab.github.people.access import may_be_assigned, must
from allclear_lab.github.pulls.state import PullRequest, PullReview, Pulls
from allclear_lab.github.pulls.views import PullViews
from allclear_lab.github.routing import Actor, GitHubRefusal, invalid, not_found
from allclear_lab.github.state import Account, Issue, PullMark, Repository

if TYPE_CHECKING:
    from allclear_lab.github.hub import GitHub


def pull_of(repository: Repository, number: int) -> PullRequest:
    """The pull request of that number, or 404."""
    pull = repository.room(Pulls).by_number.get(number)
    if pull is None:
        raise not_found()
    return pull


def announce(
    hub: GitHub, repository: Repository, issue: Issue, actor: Actor, action: str, more: Mapping[str, Any]
) -> None:
    """Deliver a `pull_request` event. A workflow's token makes runs that wait for approval (B2)."""
    pull = pull_of(repository, issue.number)
    if actor.is_actions and action in ("opened", "synchronize", "reopened"):
        hold_pull_run(hub, repository, pull, actor)
    shown = PullViews(hub.views, repository).full(pull)
    hub.deliver(repository, actor, "pull_request", action, number=pull.number, pull_request=shown, **more)


def open_pull(
    hub: GitHub,
    repository: Repository,
    actor: Actor,
    *,
    title: str | None,
    head: str,
    base: str,
    body: str | None = None,
    draft: bool = False,
    maintainer_can_modify: bool = False,
) -> PullRequest:
    """Open one from a branch of the same repository; 422 as GitHub words it when it cannot be."""
    must(hub.world, repository, actor, "read", "pull_requests")
    if actor.is_actions and not repository.allow_actions_pull_requests:
        raise GitHubRefusal(403, "GitHub Actions is not permitted to create or approve pull requests.")
    if draft and not repository.allow_drafts:
        raise GitHubRefusal(422, "Draft pull requests are not supported in this repository.")
    git = repository.room(GitObjects)
    if title is None or not title.strip():
        raise invalid("PullRequest", "title", "missing_field")
    issue_acts.check_body(body, "PullRequest")
    owner = hub.world.accounts[repository.owner_id].login
    head_sha = git.refs.get(branch_ref(head.removeprefix(f"{owner}:")))
    base_sha = git.refs.get(branch_ref(base))
    if head_sha is None:
        raise invalid("PullRequest", "head")
    if base_sha is None:
        raise invalid("PullRequest", "base")
    head = head.removeprefix(f"{owner}:")
    if not git.beyond(head_sha, base_sha):
        raise _custom(f"No commits between {base} and {head}")
    if any(_same(repository, one, head, base) for one in repository.room(Pulls).by_number.values()):
        raise _custom(f"A pull request already exists for {owner}:{head}.")
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
        pull=PullMark(draft=draft),
    )
    repository.issues[issue.number] = issue
    pull = PullRequest(hub.world.next_id("pull"), issue.number, head, base, head_sha, base_sha)
    pull.maintainer_can_modify = maintainer_can_modify
    repository.room(Pulls).by_number[pull.number] = pull
    hub.announce_pull(repository, issue, actor, "opened", {})
    return pull


def merge_pull(
    hub: GitHub,
    repository: Repository,
    pull: PullRequest,
    actor: Actor,
    *,
    method: str = "merge",
    sha: str | None = None,
    title: str | None = None,
    message: str | None = None,
) -> Commit:
    """Merge, squash or rebase it: 409 when `sha` is not its head any more, 405 when it cannot be merged."""
    must(hub.world, repository, actor, "write", "contents")
    git, issue = repository.room(GitObjects), repository.issues[pull.number]
    if sha is not None and sha != pull.head_sha:
        raise GitHubRefusal(409, "Head branch was modified. Review and try the merge again.")
    files = git.merged_files(pull.base_sha, pull.head_sha)
    if issue.state == "closed" or files is None or (issue.pull and issue.pull.draft):
        raise GitHubRefusal(405, "Pull Request is not mergeable")
    own, now = signature(actor.account, hub.now()), hub.now()
    owner = hub.world.accounts[repository.owner_id].login
    squash = method == "squash"
    subject = title or (
        f"{issue.title} (#{pull.number})"
        if squash
        else f"Merge pull request #{pull.number} from {owner}/{pull.head}"
    )
    detail = message if message is not None else "" if squash else issue.title
    if method == "rebase":
        commit = _rebased(git, pull, own)
    else:
        commit = git.add_commit(
            git.add_tree(files),
            (pull.base_sha,) if squash else (pull.base_sha, pull.head_sha),
            own,
            Signature(*WEB_FLOW, now),
            f"{subject}\n\n{detail}".strip(),
        )
    pull.merge_commit_sha, pull.merged_by = commit.sha, actor.account.id
    issue.pull = PullMark(draft=False, merged_at=now)
    issue_acts.record(hub, repository, issue, actor, "merged", commit_id=commit.sha)
    base_before = pull.base_sha
    hand = replace(actor, grants={**actor.grants, "issues": "write"})
    issue_acts.close(hub, repository, issue, hand)
    pull.base_sha = base_before
    if pull.base == repository.default_branch:
        close_by_keyword(hub, repository, actor, issue.body or "", pull=pull.number)
    move_ref(hub, repository, actor, branch_ref(pull.base), commit.sha)
    return commit


def _rebased(git: GitObjects, pull: PullRequest, committer: Signature) -> Commit:
    """Its commits once more on top of the base, each by its author, for who merges; merges are left out.

    https://docs.github.com/en/pull-requests/collaborating-with-pull-requests/incorporating-changes-from-a-pull-request/about-pull-request-merges#rebasing-and-merging-your-commits
    """
    tip, files = git.commits[pull.base_sha], git.files(pull.base_sha)
    for one in git.beyond(pull.head_sha, pull.base_sha):
        if len(one.parents) > 1:
            continue
        after = git.files(one.sha)
        for change in git.changes(one.parents[0] if one.parents else None, one.sha):
            files.pop(change.path, None)
            files |= {change.path: after[change.path]} if change.path in after else {}
        tip = git.add_commit(git.add_tree(files), (tip.sha,), one.author, committer, one.message)
    return tip


def edit_pull(
    hub: GitHub,
    repository: Repository,
    pull: PullRequest,
    actor: Actor,
    *,
    title: str | None = None,
    body: str | None = None,
    state: str | None = None,
    base: str | None = None,
) -> None:
    """Change text, state or base branch; None leaves it."""
    issue = repository.issues[pull.number]
    if base is not None and base != pull.base:
        must(hub.world, repository, actor, "write", "pull_requests")
        sha = repository.room(GitObjects).refs.get(branch_ref(base))
        if sha is None:
            raise invalid("PullRequest", "base")
        changes = {"base": {"ref": {"from": pull.base}, "sha": {"from": pull.base_sha}}}
        pull.base, pull.base_sha = base, sha
        issue.updated_at = hub.now()
        hub.announce_pull(repository, issue, actor, "edited", {"changes": changes})
    issue_acts.edit_issue(hub, repository, issue, actor, title=title, body=body)
    if state == "closed":
        issue_acts.close(hub, repository, issue, actor)
    elif state == "open" and issue.state == "closed":
        if issue.pull and issue.pull.merged_at:
            raise invalid(
                "PullRequest", "state", "invalid", message="A merged pull request cannot be reopened"
            )
        _may_reopen(repository, pull)
        issue_acts.reopen(hub, repository, issue, actor)


def _may_reopen(repository: Repository, pull: PullRequest) -> None:
    """422 without its branch, with another history on it, or beside an open one of the same branches. What
    was added to the branch meanwhile belongs to it then.

    https://docs.github.com/en/pull-requests/collaborating-with-pull-requests/incorporating-changes-from-a-pull-request/closing-a-pull-request
    """
    git = repository.room(GitObjects)
    head, base = git.refs.get(branch_ref(pull.head)), git.refs.get(branch_ref(pull.base))
    why = ""
    if head is None or base is None:
        why = f"The {pull.head if head is None else pull.base} branch has been deleted."
    elif not git.contains(head, pull.head_sha):
        why = f"The {pull.head} branch was force-pushed or recreated."
    elif any(
        _same(repository, one, pull.head, pull.base) for one in repository.room(Pulls).by_number.values()
    ):
        why = f"There is already an open pull request from {pull.head} to {pull.base}."
    if why or head is None or base is None:
        raise invalid("PullRequest", "state", message=f"state cannot be changed. {why}")
    pull.head_sha, pull.base_sha = head, base


def make_draft(hub: GitHub, repository: Repository, pull: PullRequest, actor: Actor) -> None:
    """A draft again, so that it cannot be merged."""
    must(hub.world, repository, actor, "write", "pull_requests")
    issue = repository.issues[pull.number]
    if issue.pull is not None and not issue.pull.draft and issue.state == "open":
        issue.pull = replace(issue.pull, draft=True)
        hub.announce_pull(repository, issue, actor, "converted_to_draft", {})


def make_ready(hub: GitHub, repository: Repository, pull: PullRequest, actor: Actor) -> None:
    """No longer a draft, so that it can be merged."""
    must(hub.world, repository, actor, "write", "pull_requests")
    issue = repository.issues[pull.number]
    if issue.pull is not None and issue.pull.draft:
        issue.pull = replace(issue.pull, draft=False)
        hub.announce_pull(repository, issue, actor, "ready_for_review", {})


def request_reviews(
    hub: GitHub, repository: Repository, pull: PullRequest, actor: Actor, logins: Iterable[str]
) -> None:
    """Ask people for a review; 422 and nobody asked when one of them is the author or no collaborator."""
    must(hub.world, repository, actor, "triage", "pull_requests")
    issue = repository.issues[pull.number]
    asked = [_collaborator(hub, repository, login) for login in logins]
    if any(account.id == issue.author_id for account in asked):
        raise GitHubRefusal(422, "Review cannot be requested from pull request author.")
    for account in asked:
        if account.id not in pull.reviewer_ids:
            pull.reviewer_ids.append(account.id)
            _review_asked(hub, repository, issue, actor, account, "review_requested")


def review(
    hub: GitHub, repository: Repository, pull: PullRequest, actor: Actor, state: str, body: str
) -> PullReview:
    """A person's review: APPROVED, CHANGES_REQUESTED or COMMENTED. It answers a request."""
    must(hub.world, repository, actor, "read", "pull_requests")
    issue = repository.issues[pull.number]
    if issue.author_id == actor.account.id and state != "COMMENTED":
        raise GitHubRefusal(422, "Can not approve your own pull request")
    made = PullReview(hub.world.next_id("review"), actor.account.id, state, body, pull.head_sha, hub.now())
    pull.reviews.append(made)
    if actor.account.id in pull.reviewer_ids:
        pull.reviewer_ids.remove(actor.account.id)
    show = PullViews(hub.views, repository)
    hub.deliver(
        repository,
        actor,
        "pull_request_review",
        "submitted",
        pull_request=show.simple(pull),
        # The webhook writes the state in small letters, the API in capitals.
        review={**show.review(pull, made), "state": state.lower()},
    )
    return made


def _review_asked(
    hub: GitHub, repository: Repository, issue: Issue, actor: Actor, account: Account, action: str
) -> None:
    issue.updated_at = hub.now()
    issue_acts.record(hub, repository, issue, actor, action, requested_reviewer_id=account.id)
    shown = hub.views.user(account)
    hub.announce_pull(repository, issue, actor, action, {"requested_reviewer": shown})


def _collaborator(hub: GitHub, repository: Repository, login: str) -> Account:
    account = hub.world.account_named(login)
    if account is None or not may_be_assigned(hub.world, repository, account.id):
        raise GitHubRefusal(
            422,
            "Reviews may only be requested from collaborators. One or more of the users or teams you "
            f"specified is not a collaborator of the {hub.world.full_name(repository)} repository.",
        )
    return account


def _same(repository: Repository, pull: PullRequest, head: str, base: str) -> bool:
    return (pull.head, pull.base) == (head, base) and repository.issues[pull.number].state == "open"


def _custom(message: str) -> GitHubRefusal:
    error = {"resource": "PullRequest", "code": "custom", "message": message}
    return GitHubRefusal(422, "Validation Failed", [error])
