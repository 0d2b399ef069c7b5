"""A person in the browser: the same rules as for everybody, and what they do starts workflows."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from allclear_lab.github.actions import acts as actions_acts
from allclear_lab.github.actions import run_acts
from allclear_lab.github.git import acts as git_acts
from allclear_lab.github.git.objects import GitObjects
from allclear_lab.github.issues import acts as issue_acts
from allclear_lab.github.issues import comment_acts
from allclear_lab.github.people.access import must
from allclear_lab.github.pulls import acts as pulls_acts
from allclear_lab.github.routing import Actor, not_found
from allclear_lab.github.state import Comment, Issue, Repository

if TYPE_CHECKING:
    from collections.abc import Iterator

    from allclear_lab.github.hub import GitHub


class PersonBase:
    """Who, where. Verbs raise Refusal when the browser would not offer or would refuse them."""

    def __init__(self, hub: GitHub, repository_id: int, account_id: int) -> None:
        self.hub = hub
        self._repository_id = repository_id
        self.id = account_id

    @property
    def login(self) -> str:
        """The login now."""
        return self.hub.world.accounts[self.id].login

    @contextmanager
    def acting(self) -> Iterator[tuple[GitHub, Repository, Actor]]:
        """The three things every act needs, with the world held still."""
        with self.hub.turn():
            yield self.hub, self.hub.world.repositories[self._repository_id], self.hub.person_actor(self.id)


class IssuePerson(PersonBase):
    """What people do on issues."""

    def open_issue(
        self,
        title: str,
        body: str = "",
        labels: Iterable[str] = (),
        form_labels: Iterable[str] = (),
        assignees: Iterable[str] = (),
    ) -> int:
        """Open an issue; answers its number. Below triage `labels` are dropped; a form's labels are not."""
        with self.acting() as act:
            made = issue_acts.open_issue(
                *act, title, body, labels=labels, form_labels=form_labels, assignees=assignees
            )
            return made.number

    def edit_issue(self, number: int, title: str | None = None, body: str | None = None) -> None:
        """Change title or body."""
        with self.acting() as (hub, repository, actor):
            issue_acts.edit_issue(hub, repository, _issue(repository, number), actor, title=title, body=body)

    def label(self, number: int, *names: str) -> None:
        """Put labels on; refused below triage."""
        with self.acting() as (hub, repository, actor):
            issue_acts.add_labels(hub, repository, _issue(repository, number), actor, names)

    def unlabel(self, number: int, *names: str) -> None:
        """Take labels off; refused below triage."""
        with self.acting() as (hub, repository, actor):
            for name in names:
                issue_acts.remove_label(hub, repository, _issue(repository, number), actor, name)

    def assign(self, number: int, *logins: str) -> None:
        """Add assignees; refused below triage."""
        with self.acting() as (hub, repository, actor):
            issue_acts.assign(hub, repository, _issue(repository, number), actor, logins)

    def unassign(self, number: int, *logins: str) -> None:
        """Remove assignees; refused below triage."""
        with self.acting() as (hub, repository, actor):
            issue_acts.unassign(hub, repository, _issue(repository, number), actor, logins)

    def close(self, number: int, reason: str = "completed", commit_sha: str | None = None) -> None:
        """Close it; `commit_sha` as a closing keyword in a pushed commit leaves it behind."""
        with self.acting() as (hub, repository, actor):
            issue_acts.close(
                hub, repository, _issue(repository, number), actor, reason, commit_sha=commit_sha
            )

    def reopen(self, number: int) -> None:
        """Reopen it."""
        with self.acting() as (hub, repository, actor):
            issue_acts.reopen(hub, repository, _issue(repository, number), actor)

    def lock(self, number: int, reason: str | None = None) -> None:
        """Lock the conversation; refused below write."""
        with self.acting() as (hub, repository, actor):
            issue_acts.lock(hub, repository, _issue(repository, number), actor, reason)

    def unlock(self, number: int) -> None:
        """Unlock the conversation; refused below write."""
        with self.acting() as (hub, repository, actor):
            issue_acts.unlock(hub, repository, _issue(repository, number), actor)

    def transfer_issue(self, number: int, full_name: str) -> int:
        """Move an issue to another repository; answers its number there. Refused below write in either."""
        with self.acting() as (hub, repository, actor):
            target = hub.world.repository_named(full_name)
            if target is None:
                raise not_found()
            return issue_acts.transfer(hub, repository, _issue(repository, number), actor, target).number

    def delete_issue(self, number: int) -> None:
        """Delete it for ever; refused below admin."""
        with self.acting() as (hub, repository, actor):
            issue_acts.delete_issue(hub, repository, _issue(repository, number), actor)


class CommentPerson(PersonBase):
    """What people do with comments."""

    def comment(self, number: int, body: str) -> int:
        """Write a comment; answers its id."""
        with self.acting() as (hub, repository, actor):
            return comment_acts.write_comment(hub, repository, _issue(repository, number), actor, body).id

    def edit_comment(self, comment_id: int, body: str) -> None:
        """Replace a comment's text."""
        with self.acting() as (hub, repository, actor):
            comment_acts.edit_comment(hub, repository, _comment(repository, comment_id), actor, body)

    def delete_comment(self, comment_id: int) -> None:
        """Delete a comment."""
        with self.acting() as (hub, repository, actor):
            comment_acts.delete_comment(hub, repository, _comment(repository, comment_id), actor)

    def tick(self, comment_id: int, text: str) -> None:
        """Click the empty box of the first task that contains `text`: an edit by the clicker."""
        self._click(comment_id, text, "[ ]", "[x]")

    def untick(self, comment_id: int, text: str) -> None:
        """Click the ticked box of the first task that contains `text`."""
        self._click(comment_id, text, "[x]", "[ ]")

    def pin_comment(self, comment_id: int) -> None:
        """Pin a comment on its issue."""
        with self.acting() as (hub, repository, actor):
            comment_acts.pin_comment(hub, repository, _comment(repository, comment_id), actor)

    def unpin_comment(self, comment_id: int) -> None:
        """Unpin it."""
        with self.acting() as (hub, repository, actor):
            comment_acts.unpin_comment(hub, repository, _comment(repository, comment_id), actor)

    def react(self, comment_id: int, content: str) -> None:
        """React to a comment; starts no workflow."""
        with self.acting() as (hub, repository, actor):
            comment_acts.react(hub, _comment(repository, comment_id).reactions, actor, content)

    def _click(self, comment_id: int, text: str, before: str, after: str) -> None:
        with self.acting() as (hub, repository, actor):
            comment = _comment(repository, comment_id)
            lines = comment.body.split("\n")
            for index, line in enumerate(lines):
                box = re.match(r"\s*(?:[-*+]|\d+[.)])\s+(\[[ xX]\])\s", line)
                if box and text in line and box[1].lower() == before:
                    lines[index] = line[: box.start(1)] + after + line[box.end(1) :]
                    comment_acts.edit_comment(hub, repository, comment, actor, "\n".join(lines))
                    return
            msg = f"comment {comment_id} has no task {before} {text!r}"
            raise LookupError(msg)


class CodePerson(PersonBase):
    """What people do with branches, pull requests and workflows."""

    def push_file(self, branch: str, path: str, text: str, message: str | None = None) -> str:
        """Commit one file to a branch (new branches leave from the default one); answers the commit's sha."""
        with self.acting() as act:
            said = message or f"Update {path}"
            return git_acts.commit_files(*act, branch, {path: text.encode()}, said).sha

    def push_bytes(self, branch: str, path: str, content: bytes) -> str:
        """Commit a file that need not be text."""
        with self.acting() as act:
            return git_acts.commit_files(*act, branch, {path: content}, f"Update {path}").sha

    def push_link(self, branch: str, path: str, target: str) -> str:
        """Commit a symbolic link to a path that is relative to it."""
        with self.acting() as (hub, repository, actor):
            link = {path: repository.room(GitObjects).add_link(target)}
            return git_acts.commit_files(hub, repository, actor, branch, {}, "Link", entries=link).sha

    def push_submodule(self, branch: str, path: str, commit: str) -> str:
        """Commit a submodule: a commit of another repository, by its name."""
        with self.acting() as (hub, repository, actor):
            module = {path: repository.room(GitObjects).add_submodule(commit)}
            return git_acts.commit_files(hub, repository, actor, branch, {}, "Submodule", entries=module).sha

    def delete_file(self, branch: str, path: str) -> str:
        """Remove one file from a branch; answers the commit's sha."""
        with self.acting() as act:
            return git_acts.commit_files(*act, branch, {path: None}, f"Delete {path}").sha

    def push_commit(self, sha: str, branch: str) -> None:
        """``git push origin <sha>:refs/heads/<branch>``: any commit that is there, workflow files and all."""
        with self.acting() as (hub, repository, actor):
            must(hub.world, repository, actor, "write", "contents")
            git_acts.move_ref(hub, repository, actor, git_acts.branch_ref(branch), sha)

    def delete_branch(self, branch: str) -> None:
        """Delete a branch; its open pull requests are closed."""
        with self.acting() as (hub, repository, actor):
            must(hub.world, repository, actor, "write", "contents")
            git_acts.move_ref(hub, repository, actor, git_acts.branch_ref(branch), None)

    def open_pull(self, title: str, head: str, base: str | None = None, body: str = "") -> int:
        """Open a pull request; answers its number."""
        with self.acting() as (hub, repository, actor):
            target = base or repository.default_branch
            made = pulls_acts.open_pull(
                hub, repository, actor, title=title, head=head, base=target, body=body
            )
            return made.number

    def edit_pull(
        self, number: int, title: str | None = None, body: str | None = None, base: str | None = None
    ) -> None:
        """Change title, body or base branch."""
        with self.acting() as (hub, repository, actor):
            pull = pulls_acts.pull_of(repository, number)
            pulls_acts.edit_pull(hub, repository, pull, actor, title=title, body=body, base=base)

    def convert_to_draft(self, number: int) -> None:
        """Press *Convert to draft*."""
        with self.acting() as (hub, repository, actor):
            pulls_acts.make_draft(hub, repository, pulls_acts.pull_of(repository, number), actor)

    def ready(self, number: int) -> None:
        """Press *Ready for review* on a draft."""
        with self.acting() as (hub, repository, actor):
            pulls_acts.make_ready(hub, repository, pulls_acts.pull_of(repository, number), actor)

    def merge_pull(self, number: int, method: str = "merge") -> str:
        """Merge it (`merge`, `squash` or `rebase`); answers the last commit's sha. What it says it fixes is
        closed in the merger's name.
        """
        with self.acting() as (hub, repository, actor):
            pull = pulls_acts.pull_of(repository, number)
            return pulls_acts.merge_pull(hub, repository, pull, actor, method=method).sha

    def close_pull(self, number: int) -> None:
        """Close it unmerged."""
        with self.acting() as (hub, repository, actor):
            pulls_acts.edit_pull(
                hub, repository, pulls_acts.pull_of(repository, number), actor, state="closed"
            )

    def reopen_pull(self, number: int) -> None:
        """Open it again."""
        with self.acting() as (hub, repository, actor):
            pulls_acts.edit_pull(hub, repository, pulls_acts.pull_of(repository, number), actor, state="open")

    def request_reviews(self, number: int, *logins: str) -> None:
        """Ask people for a review."""
        with self.acting() as (hub, repository, actor):
            pull = pulls_acts.pull_of(repository, number)
            pulls_acts.request_reviews(hub, repository, pull, actor, logins)

    def review(self, number: int, state: str = "APPROVED", body: str = "") -> int:
        """Submit a review: APPROVED, CHANGES_REQUESTED or COMMENTED; answers its id."""
        with self.acting() as (hub, repository, actor):
            pull = pulls_acts.pull_of(repository, number)
            return pulls_acts.review(hub, repository, pull, actor, state, body).id

    def dispatch(self, workflow: str, inputs: Mapping[str, str] | None = None, ref: str | None = None) -> int:
        """Run a workflow by hand, on the default branch unless told; answers the run's id."""
        with self.acting() as (hub, repository, actor):
            branch = ref or repository.default_branch
            return actions_acts.dispatch(hub, repository, actor, workflow, branch, inputs or {}).id


class RunPerson(PersonBase):
    """What people do with workflow runs."""

    def approve(self, run_id: int, comment: str = "") -> None:
        """Approve the deployment that a run waits for; refused to all but its environment's reviewers."""
        with self.acting() as (hub, repository, actor):
            run = run_acts.run_of(repository, run_id)
            run_acts.review(hub, repository, run, actor, "approved", comment)

    def reject(self, run_id: int, comment: str = "") -> None:
        """Reject it: the run fails."""
        with self.acting() as (hub, repository, actor):
            run = run_acts.run_of(repository, run_id)
            run_acts.review(hub, repository, run, actor, "rejected", comment)

    def rerun(self, run_id: int) -> None:
        """Press "Re-run all jobs"; refused below write, and while the run has not ended.

        Subscribers get a Delivery whose event is `rerun`, which no webhook of GitHub's is: its payload has
        inputs, ref, workflow, run_id, run_attempt and event_name (the event that started the run first).
        """
        with self.acting() as (hub, repository, actor):
            run_acts.rerun(hub, repository, run_acts.run_of(repository, run_id), actor)

    def cancel_run(self, run_id: int) -> None:
        """Cancel a run; refused below write, and when it has ended."""
        with self.acting() as (hub, repository, actor):
            run_acts.cancel(hub, repository, run_acts.run_of(repository, run_id), actor)


class BrowserUser(IssuePerson, CommentPerson, CodePerson, RunPerson):
    """Everything a person can do."""


def _issue(repository: Repository, number: int) -> Issue:
    found = repository.issues.get(number)
    if found is None or found.deleted or found.transferred_to:
        raise not_found()
    return found


def _comment(repository: Repository, comment_id: int) -> Comment:
    found = repository.comments.get(comment_id)
    if found is None:
        raise not_found()
    return found
