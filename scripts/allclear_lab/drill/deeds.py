"""What people of the script do, in the browser."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import assert_never

from allclear_lab.drill.moments import Change, Subject
from allclear_lab.drill.script import Actor, Release, Scene
from allclear_lab.drill.steps import (
    Approve,
    Comment,
    Delete,
    Dispatch,
    Edit,
    Form,
    Label,
    Merge,
    Open,
    React,
    Review,
    State,
    Tick,
    Wait,
)
from allclear_lab.drill.watch import Watch
from allclear_lab.github import GitHub, Person, Refusal, RepositoryHandle


@dataclass(frozen=True, slots=True)
class Deed:
    """What came of an attempt. ``issue`` is the number of an issue it opened;
    ``trouble`` says why it was not possible.
    """

    issue: int | None = None
    changes: tuple[Change, ...] = ()
    trouble: str = ""


class Impossible(Exception):  # noqa: N818 - it says what happened, and reads like that
    """The step cannot be done on this stage; the message says why."""


class Hands:
    """The people of the cast, each with an account and a role, acting on one repository."""

    def __init__(
        self, hub: GitHub, repository: RepositoryHandle, watch: Watch, people: Sequence[Actor]
    ) -> None:
        self._watch = watch
        self._hub = hub
        self._repository = repository
        self._comments: dict[str, int] = {}
        self._people: Mapping[str, Person] = {actor.login: _enter(hub, repository, actor) for actor in people}

    def push(self, release: Release) -> str:
        """The commit of a release; its sha."""
        branch = self._repository.state.default_branch
        return self._people[release.who].push_file(branch, release.path, release.name, release.text)

    def guard(self, environment: str, reviewers: Sequence[str]) -> None:
        """Make an environment whose jobs these people have to approve."""
        accounts = [self._hub.world.accounts[self._people[login].id] for login in reviewers]
        self._repository.environment(environment, accounts)

    def do(self, scene: Scene, issue: Subject | None) -> Deed:
        """Do the step; a refusal by GitHub, or a thing that is not there, is told and not raised."""
        try:
            return self._do(scene, issue)
        except (Impossible, Refusal, LookupError) as error:
            return Deed(trouble=f"this could not be done: {error}")

    def _do(self, scene: Scene, issue: Subject | None) -> Deed:  # noqa: C901, PLR0912 - one arm a deed
        step = scene.step
        if isinstance(step, Wait):
            return Deed()
        me = self._people[step.who]
        if isinstance(step, Open):
            return Deed(issue=me.open_issue(step.title, step.text, labels=step.labels))
        if isinstance(step, Form):
            return Deed(issue=me.open_issue(step.title, _form(step.fields), form_labels=step.labels))
        if issue is None:
            raise Impossible("the issue could not be opened")
        match step:
            case Comment():
                made = me.comment(issue.number, step.text)
                self._comments[step.id or f"step {scene.number}"] = made
            case Edit():
                me.edit_comment(self._comments[step.of], step.text)
            case Delete():
                me.delete_comment(self._comments[step.of])
            case React():
                me.react(self._comments[step.of], step.reaction)
            case Label(does="label"):
                me.label(issue.number, step.label)
            case Label():
                me.unlabel(issue.number, step.label)
            case Tick():
                return self._tick(me, step, issue)
            case State(does="close"):
                me.close(issue.number, reason="completed")
            case State():
                me.reopen(issue.number)
            case Merge() | Review():
                return self._report(me, step)
            case Approve():
                return self._approve(me, step)
            case Dispatch():
                run = self._repository.run(me.dispatch(step.workflow, step.inputs))
                return Deed(changes=(Change(step.who, bot=False, what="started", text=run.title),))
            case _:
                assert_never(step)
        return Deed()

    def _tick(self, me: Person, step: Tick, issue: Subject) -> Deed:
        """Click the box of the panel that carries the step's id."""
        panel = next((comment for comment in issue.comments if comment.panel), None)
        line = (
            re.search(rf"^- \[[ x]\] (.*\(`{re.escape(step.item)}`\).*)$", panel.body, re.MULTILINE)
            if panel
            else None
        )
        if panel is None or line is None:
            raise Impossible(f"the panel has no box `{step.item}`")
        if step.does == "tick":
            me.tick(panel.id, line.group(1))
        else:
            me.untick(panel.id, line.group(1))
        return Deed(
            changes=(
                Change(
                    step.who, bot=False, what="ticked" if step.does == "tick" else "unticked", text=step.item
                ),
            )
        )

    def _approve(self, me: Person, step: Approve) -> Deed:
        """Review the deployment that the newest waiting run asks for."""
        run = next((run for run in reversed(self._repository.runs()) if run.status == "waiting"), None)
        if run is None:
            raise Impossible("no run waits for an approval")
        place = run.waiting_for
        if step.does == "approve":
            me.approve(run.id, step.text)
        else:
            me.reject(run.id, step.text)
        what = "approved" if step.does == "approve" else "rejected"
        return Deed(changes=(Change(step.who, bot=False, what=what, text=f"the run {run.title} ({place})"),))

    def _report(self, me: Person, step: Merge | Review) -> Deed:
        """Work on the post-mortem's pull request."""
        pull = next((one for one in self._watch.pulls() if one.state == "open"), None)
        if pull is None:
            raise Impossible("there is no open pull request")
        told = f"pull request #{pull.number}"
        if isinstance(step, Merge) and step.does == "merge":
            me.merge_pull(pull.number)
            return Deed(changes=(Change(step.who, bot=False, what="merged", text=told),))
        if isinstance(step, Merge):
            me.close_pull(pull.number)
            return Deed(changes=(Change(step.who, bot=False, what="declined", text=told),))
        for path, text in self._watch.changed(pull.branch).items() if step.changes else ():
            for old in step.changes:
                if old not in text:
                    raise Impossible(f"{path} does not say {old!r}")
            me.push_file(
                pull.branch, path, reduce(lambda now, pair: now.replace(*pair), step.changes.items(), text)
            )
        if step.approve:
            me.review(pull.number, "APPROVED")
        what = (
            "changed and approved"
            if step.changes and step.approve
            else "approved"
            if step.approve
            else "changed"
        )
        return Deed(changes=(Change(step.who, bot=False, what=what, text=told),))


def _enter(hub: GitHub, repository: RepositoryHandle, actor: Actor) -> Person:
    user = hub.create_user(actor.login, name=actor.name or actor.login)
    if actor.role != "none":
        repository.grant(user, actor.role)
    return repository.person(user)


def _form(fields: Mapping[str, str]) -> str:
    """The issue's body as GitHub writes it from an issue form.

    https://docs.github.com/en/communities/using-templates-to-encourage-useful-issues-and-pull-requests/syntax-for-issue-forms
    """
    return "\n\n".join(f"### {head}\n\n{text.strip() or '_No response_'}" for head, text in fields.items())
