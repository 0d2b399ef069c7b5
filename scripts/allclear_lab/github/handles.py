"""What tests and the drill hold in their hands: a repository, and its issues as plain readable objects."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from allclear_lab.github.actions import acts as actions_acts
from allclear_lab.github.actions import artifacts, run_acts
from allclear_lab.github.actions.state import Job, Runs, WorkflowRun
from allclear_lab.github.deployments import deployments, environments
from allclear_lab.github.git import acts as git_acts
from allclear_lab.github.git import commit_statuses
from allclear_lab.github.git.commit_statuses import CommitStatus
from allclear_lab.github.git.objects import GitObjects
from allclear_lab.github.issues import label_acts
from allclear_lab.github.people.browser_user import BrowserUser
from allclear_lab.github.pulls import acts as pulls_acts
from allclear_lab.github.pulls.state import PullRequest, Pulls
from allclear_lab.github.records import Delivery
from allclear_lab.github.routing import not_found
from allclear_lab.github.state import Account, Issue, Label, Repository, Role

if TYPE_CHECKING:
    from allclear_lab.github.hub import GitHub


@dataclass(frozen=True, slots=True)
class CommentView:
    """A comment as it is now. `author` is a login or "ghost"; reactions are (login, content)."""

    id: int
    author: str
    author_id: int | None
    body: str
    created_at: datetime
    updated_at: datetime
    reactions: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class IssueView:
    """An issue as it is now."""

    number: int
    title: str
    body: str
    author: str
    state: str
    state_reason: str | None
    labels: frozenset[str]
    assignees: tuple[str, ...]
    comments: tuple[CommentView, ...]
    pinned_comment_id: int | None
    locked: bool
    created_at: datetime
    updated_at: datetime
    closed_at: datetime | None
    closed_by: str | None


@dataclass(frozen=True, slots=True)
class ReviewView:
    """A submitted review; ``state`` is APPROVED, CHANGES_REQUESTED or COMMENTED."""

    author: str
    state: str
    body: str
    submitted_at: datetime


@dataclass(frozen=True, slots=True)
class PullView:
    """A pull request as it is now; `head` and `base` are branches, `reviewers` have not answered yet."""

    number: int
    title: str
    body: str
    author: str
    state: str
    merged: bool
    draft: bool
    head: str
    base: str
    reviewers: tuple[str, ...]
    merge_commit_sha: str | None
    head_sha: str = ""
    reviews: tuple[ReviewView, ...] = ()


class RepositoryHandle:
    """One repository of a hub; survives `restore` and renaming, since it holds only the id."""

    def __init__(self, hub: GitHub, repository_id: int) -> None:
        self.hub = hub
        self.id = repository_id

    @property
    def state(self) -> Repository:
        """The repository's own record."""
        return self.hub.world.repositories[self.id]

    @property
    def full_name(self) -> str:
        """owner/name."""
        return self.hub.world.full_name(self.state)

    def grant(self, user: Account, role: Role) -> None:
        """Give a user a role, in place of an earlier one."""
        with self.hub.turn():
            self.state.roles[user.id] = role

    def revoke(self, user: Account) -> None:
        """Take a user's role away."""
        with self.hub.turn():
            self.state.roles.pop(user.id, None)

    def person(self, user: Account) -> BrowserUser:
        """That user, acting here in the browser."""
        return BrowserUser(self.hub, self.id, user.id)

    def create_label(self, name: str, color: str = "ededed", description: str | None = None) -> None:
        """Seed a label, as the repository's owner would have made it before: no event."""
        with self.hub.turn():
            label_acts.check_label(name, color, description)
            if self.state.label_named(name):
                msg = f"label {name} exists"
                raise ValueError(msg)
            made = Label(self.hub.world.next_id("label"), name, color.lower(), description)
            self.state.labels[made.id] = made

    def put_file(self, path: str, text: str, branch: str | None = None) -> str:
        """Seed a file on a branch (the default one): no event; answers the commit's sha."""
        with self.hub.turn():
            return git_acts.seed_file(self.hub, self.state, path, text, branch).sha

    def protect(self, branch: str) -> None:
        """From now on the API writes no file to the branch: changes come by pull requests."""
        with self.hub.turn():
            self.state.room(GitObjects).reviewed.add(git_acts.branch_ref(branch))

    def file(self, path: str, branch: str | None = None) -> str | None:
        """The text of a file on a branch (the default one); None when it is not there."""
        with self.hub.turn():
            return git_acts.file_text(self.state, path, branch)

    def files(self, branch: str | None = None) -> list[str]:
        """The paths of a branch (the default one)."""
        with self.hub.turn():
            git = self.state.room(GitObjects)
            return sorted(git.files(git.refs[git_acts.branch_ref(branch or self.state.default_branch)]))

    def checkout(self, sha: str) -> dict[str, bytes]:
        """Every file of a commit, by path; nothing of submodules."""
        with self.hub.turn():
            git = self.state.room(GitObjects)
            return {path: git.blobs[blob] for path, blob in git.files(sha).items() if blob in git.blobs}

    def branches(self) -> dict[str, str]:
        """Branch name -> commit sha."""
        with self.hub.turn():
            refs = self.state.room(GitObjects).refs.items()
            return {ref[11:]: sha for ref, sha in refs if ref.startswith("refs/heads/")}

    def pulls(self) -> list[PullView]:
        """All pull requests by number."""
        with self.hub.turn():
            return [self._pull_view(one) for one in self.state.room(Pulls).by_number.values()]

    def pull(self, number: int) -> PullView:
        """Pull request `number`; Refusal(404) when there is none."""
        with self.hub.turn():
            return self._pull_view(pulls_acts.pull_of(self.state, number))

    def pretend_fork(self, number: int, fork: RepositoryHandle) -> None:
        """From now on the pull request's head is shown as a branch of that name in another repository."""
        with self.hub.turn():
            pulls_acts.pull_of(self.state, number).fork_id = fork.id

    def runs(self) -> list[WorkflowRun]:
        """All workflow runs, oldest first."""
        with self.hub.turn():
            return list(self.state.room(Runs).by_id.values())

    def run(self, run_id: int) -> WorkflowRun:
        """One workflow run as it is now, not to be changed; Refusal(404) when there is none."""
        with self.hub.turn():
            return run_acts.run_of(self.state, run_id)

    def changed_files(self, pull: int) -> list[str]:
        """The paths that a pull request changes, since its branch left the base."""
        with self.hub.turn():
            git, seen = self.state.room(GitObjects), pulls_acts.pull_of(self.state, pull)
            root = git.merge_base(seen.base_sha, seen.head_sha)
            return [change.path for change in git.changes(root, seen.head_sha)]

    def begin_run(self, path: str, delivery: Delivery) -> int:
        """An event starts a workflow file of the default branch; answers the run's id."""
        with self.hub.turn():
            return actions_acts.begin(self.hub, self.state, path, delivery).id

    def start_run(self, run_id: int) -> None:
        """A runner takes the first job of a queued run: it is in_progress. ValueError in another state."""
        with self.hub.turn():
            run_acts.start(self.hub, self.run(run_id))

    def wait_run(self, run_id: int, environment: str, *, deployment: bool = True) -> bool:
        """A job of the run names an environment; True when the run waits now for one of its reviewers.

        It is a deployment of the run's commit, unless its file says `deployment: false`. A missing
        environment is made without protection; a branch that it does not admit fails the run.
        """
        with self.hub.turn():
            return run_acts.wait(self.hub, self.state, self.run(run_id), environment, deployment=deployment)

    def finish_run(self, run_id: int, conclusion: str) -> None:
        """The run ends: success, failure, cancelled, timed_out, startup_failure ...; ValueError if it has."""
        with self.hub.turn():
            run_acts.finish(self.hub, self.state, self.run(run_id), conclusion)

    def set_jobs(self, run_id: int, *jobs: Job) -> None:
        """The jobs that the run shows from now on; without it every run has one, the file's first."""
        with self.hub.turn():
            self.run(run_id).jobs = jobs

    def set_log(self, run_id: int, name: str, text: str) -> None:
        """Put a file, such as `1_claim.txt`, into the archive of the run's logs."""
        with self.hub.turn():
            self.run(run_id).logs[name] = text

    def add_artifact(self, run_id: int, name: str, data: bytes, days: int = 90) -> int:
        """Upload an artifact as a step of the run; `data` is the zip file. Answers its id."""
        with self.hub.turn():
            return artifacts.add(self.hub, self.state, self.run(run_id), name, data, days).id

    def environment(
        self,
        name: str,
        reviewers: Iterable[Account] = (),
        *,
        prevent_self_review: bool = True,
        branches: bool = True,
    ) -> None:
        """Make an environment, or give it other rules: who reviews, and whether only the default branch may.

        ValueError for more than six reviewers.
        """
        with self.hub.turn():
            environments.protect(
                self.hub,
                self.state,
                name,
                [one.id for one in reviewers],
                prevent_self_review=prevent_self_review,
                branches=branches,
            )

    def deploy(
        self,
        ref: str,
        environment: str = "production",
        state: str = "success",
        payload: object = None,
        **more: Any,
    ) -> int:
        """Seed a deployment of a branch, tag or commit; answers its id. ``state``: its statuses, the oldest
        first, with spaces between them, "" for none.

        ``more`` are ``task``, ``transient``, ``production``, ``log_url`` and ``environment_url`` of its
        statuses, and ``by``, the account that reports it: the owner unless told.
        """
        urls = {name: more.pop(name, "") for name in ("log_url", "environment_url")}
        with self.hub.turn():
            by = more.pop("by", None)
            owner = self.hub.person_actor(self.state.owner_id if by is None else by.id)
            made = deployments.deploy(self.hub, self.state, owner, ref, environment, payload=payload, **more)
            for one in state.split():
                deployments.report(self.hub, self.state, owner, made, one, **urls)
            return made.id

    def report(self, deployment: int, state: str, **more: Any) -> None:
        """One more status of a deployment; ``more``: ``log_url``, ``environment_url``, ``auto_inactive``."""
        with self.hub.turn():
            made = self.state.room(deployments.Deployments).by_id[deployment]
            owner = self.hub.person_actor(self.state.owner_id)
            deployments.report(self.hub, self.state, owner, made, state, **more)

    def set_status(self, sha: str, context: str, state: str, description: str = "") -> None:
        """Seed a status of a commit."""
        with self.hub.turn():
            owner = self.hub.person_actor(self.state.owner_id)
            commit_statuses.say(self.hub, self.state, owner, sha, context, state, description)

    def statuses(self, sha: str) -> dict[str, CommitStatus]:
        """Context -> the last status of a commit under it."""
        with self.hub.turn():
            latest = self.state.room(commit_statuses.CommitStatuses).latest(sha)
            return {one.context: one for one in latest}

    def refs(self, start: str = "refs/") -> dict[str, str]:
        """Full ref name -> commit sha, of the refs that start so."""
        with self.hub.turn():
            refs = self.state.room(GitObjects).refs.items()
            return {ref: sha for ref, sha in refs if ref.startswith(start)}

    def issue(self, number: int) -> IssueView:
        """Issue or pull request `number`; Refusal(404) when there is none."""
        with self.hub.turn():
            issue = self.state.issues.get(number)
            if issue is None or issue.deleted or issue.transferred_to:
                raise not_found()
            return self._view(issue)

    def issues(self) -> list[IssueView]:
        """All of them, pull requests too, by number."""
        with self.hub.turn():
            issues = self.state.issues.values()
            return [self._view(one) for one in issues if not one.deleted and not one.transferred_to]

    def _pull_view(self, pull: PullRequest) -> PullView:
        issue = self.state.issues[pull.number]
        return PullView(
            number=pull.number,
            title=issue.title,
            body=issue.body or "",
            author=self._login(issue.author_id),
            state=issue.state,
            merged=bool(issue.pull and issue.pull.merged_at),
            draft=bool(issue.pull and issue.pull.draft),
            head=pull.head,
            base=pull.base,
            reviewers=tuple(self._login(one) for one in pull.reviewer_ids),
            merge_commit_sha=pull.merge_commit_sha,
            head_sha=pull.head_sha,
            reviews=tuple(
                ReviewView(self._login(one.account_id), one.state, one.body, one.submitted_at)
                for one in pull.reviews
            ),
        )

    def _login(self, account_id: int | None) -> str:
        account = self.hub.world.accounts.get(account_id) if account_id is not None else None
        return account.login if account else "ghost"

    def _view(self, issue: Issue) -> IssueView:
        state = self.state
        comments = [state.comments[one] for one in issue.comment_ids]
        return IssueView(
            number=issue.number,
            title=issue.title,
            body=issue.body or "",
            author=self._login(issue.author_id),
            state=issue.state,
            state_reason=issue.state_reason,
            labels=frozenset(state.labels[one].name for one in issue.label_ids),
            assignees=tuple(self._login(one) for one in issue.assignee_ids),
            comments=tuple(
                CommentView(
                    id=one.id,
                    author=self._login(one.author_id),
                    author_id=one.author_id,
                    body=one.body,
                    created_at=one.created_at,
                    updated_at=one.updated_at,
                    reactions=tuple((self._login(r.account_id), r.content) for r in one.reactions),
                )
                for one in comments
            ),
            pinned_comment_id=issue.pinned_comment_id,
            locked=issue.locked,
            created_at=issue.created_at,
            updated_at=issue.updated_at,
            closed_at=issue.closed_at,
            closed_by=self._login(issue.closed_by) if issue.closed_at else None,
        )
