"""What the issue shows, and what changed on it between two looks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from allclear_lab.drill.moments import (
    SeenChange,
    SeenComment,
    SeenIssue,
    SeenOther,
    SeenPull,
    SeenReview,
    SeenStatus,
    visible,
)
from allclear_lab.github import CommentView, PullView, RepositoryHandle


class Observer:
    """Looks at one repository as somebody with a browser and a clone does."""

    def __init__(self, repository: RepositoryHandle) -> None:
        self._repository = repository

    def issue(self, number: int) -> SeenIssue:
        """The issue as it is now."""
        seen = self._repository.issue(number)
        colors = {label.name: label.color for label in self._repository.state.labels.values()}
        return SeenIssue(
            number=seen.number,
            title=seen.title,
            author=seen.author,
            body=seen.body,
            created_at=seen.created_at,
            state=seen.state,
            labels={name: colors[name] for name in sorted(seen.labels)},
            comments=tuple(_said(comment) for comment in seen.comments),
            pinned=seen.pinned_comment_id,
            assignees=seen.assignees,
        )

    def colors(self) -> Mapping[str, str]:
        """The colour (six hex digits) of every label of the repository."""
        return {label.name: label.color for label in self._repository.state.labels.values()}

    def others(self, number: int | None) -> Mapping[int, SeenOther]:
        """The other issues, by number; pull requests are none."""
        pulls = {one.number for one in self._repository.pulls()}
        return {
            one.number: SeenOther(one.number, one.title, tuple(comment.body for comment in one.comments))
            for one in self._repository.issues()
            if one.number not in pulls and one.number != number
        }

    def pulls(self) -> tuple[SeenPull, ...]:
        """Every pull request, by number."""
        return tuple(self._pull(seen) for seen in self._repository.pulls())

    def _pull(self, seen: PullView) -> SeenPull:
        talk = self._repository.issue(seen.number).comments
        statuses = self._repository.statuses(seen.head_sha)
        return SeenPull(
            seen.number,
            seen.title,
            seen.body,
            "merged" if seen.merged else seen.state,
            seen.head,
            seen.reviewers,
            tuple(_said(comment) for comment in talk),
            tuple(
                SeenReview(one.author, one.state.lower().replace("_", " "), one.body, one.submitted_at)
                for one in seen.reviews
            ),
            tuple(
                SeenStatus(name, one.state, one.description or "") for name, one in sorted(statuses.items())
            ),
        )

    def files(self, branch: str = "") -> Mapping[str, str]:
        """The text of every file on a branch (the default branch for ""), by path;
        nothing where there is no branch.
        """
        if branch and branch not in self._repository.branches():
            return {}
        return {
            path: self._repository.file(path, branch or None) or ""
            for path in self._repository.files(branch or None)
        }

    def changed(self, branch: str) -> Mapping[str, str]:
        """The files of a branch that are new or other than on the default branch."""
        here = self.files()
        return {path: text for path, text in self.files(branch).items() if here.get(path) != text}


def _said(comment: CommentView) -> SeenComment:
    bot = comment.author.endswith("[bot]")
    contents = tuple(content for _, content in comment.reactions)
    return SeenComment(comment.id, comment.author, bot, comment.body, comment.created_at, contents)


def said_elsewhere(before: Mapping[int, SeenOther], after: Mapping[int, SeenOther]) -> Iterator[SeenChange]:
    """The issues that the bot opened, and what it wrote in those that were there."""
    for number, one in after.items():
        old = before.get(number)
        if old is None:
            yield SeenChange("", True, "opened", f"issue #{number}: {one.title}")
        for body in one.comments[len(old.comments) if old else 0 :]:
            where, said = f"issue #{number}", visible(body)
            yield SeenChange("", True, "commented", f"{where}: {' '.join(said.split())}", where, said)


def what_changed(
    before: SeenIssue | None, after: SeenIssue | None, login: str
) -> tuple[tuple[SeenComment, ...], tuple[SeenChange, ...], str]:
    """The new comments, the other changes, and the panel if it is new or
    changed ("" if not). ``login`` "" is the bot.
    """
    if after is None:
        return (), (), ""
    known = {comment.id: comment for comment in before.comments} if before else {}
    fresh = [comment for comment in after.comments if comment.id not in known]
    said = [comment for comment in fresh if not comment.panel]
    if before is None:
        said.insert(0, SeenComment(0, after.author, bot=False, body=after.body, at=after.created_at))
    panel = next((comment.body for comment in after.comments if comment.panel), "")
    old = next((comment.body for comment in known.values() if comment.panel), "")
    changes = tuple(SeenChange(login, not login, what, text) for what, text in _differences(before, after))
    return tuple(said), changes, panel if panel != old else ""


def _differences(before: SeenIssue | None, after: SeenIssue) -> Iterator[tuple[str, str]]:
    had = before or SeenIssue(
        after.number, after.title, after.author, after.body, after.created_at, "open", {}, ()
    )
    if had.title != after.title:
        yield "renamed", after.title
    if had.body != after.body:
        yield "edited", "the issue"
    yield from _comments(had, after)
    yield from _sets("labeled", "unlabeled", tuple(had.labels), tuple(after.labels))
    yield from _sets("assigned", "unassigned", had.assignees, after.assignees)
    if had.state != after.state:
        yield ("closed" if after.state == "closed" else "reopened"), ""
    if after.pinned and had.pinned != after.pinned:
        yield "pinned", "the panel"


def _comments(had: SeenIssue, after: SeenIssue) -> Iterator[tuple[str, str]]:
    """Edits, reactions and deletions; new comments are told apart."""
    known = {comment.id: comment for comment in had.comments}
    for comment in after.comments:
        old = known.pop(comment.id, None)
        if old is not None and old.body != comment.body and not comment.panel:
            yield "edited", f"{comment.login}'s comment"
        for reaction in comment.reactions[len(old.reactions) if old else 0 :]:
            yield "reacted", reaction
    for gone in known.values():
        yield "deleted", "the panel" if gone.panel else f"{gone.login}'s comment"


def _sets(more: str, less: str, had: Sequence[str], has: Sequence[str]) -> Iterator[tuple[str, str]]:
    yield from ((more, name) for name in has if name not in had)
    yield from ((less, name) for name in had if name not in has)
