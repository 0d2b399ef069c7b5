"""What people of the script do, in the browser."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import assert_never

from allclear_lab.drill.moments import SeenChange, SeenIssue
from allclear_lab.drill.observer import Observer
from allclear_lab.drill.script import ScriptPerson, ScriptRelease, TimedStep
from allclear_lab.drill.steps import (
    ApproveStep,
    CommentStep,
    DeleteStep,
    DispatchStep,
    EditStep,
    FormStep,
    LabelStep,
    MergeStep,
    OpenStep,
    ReactStep,
    ReviewStep,
    StateStep,
    TickStep,
    WaitStep,
)
from allclear_lab.github import BrowserUser, GitHub, GitHubRefusal, RepositoryHandle


@dataclass(frozen=True, slots=True)
class ActionResult:
    """What came of an attempt. ``issue`` is the number of an issue it opened;
    ``trouble`` says why it was not possible.
    """

    issue: int | None = None
    changes: tuple[SeenChange, ...] = ()
    trouble: str = ""


class ImpossibleActionError(Exception):
    """The step cannot be done in this repository; the message says why."""


class People:
    """The people of the cast, each with an account and a role, acting on one repository."""

    def __init__(
        self, hub: GitHub, repository: RepositoryHandle, watch: Observer, people: Sequence[ScriptPerson]
    ) -> None:
        self._observer = watch
        self._hub = hub
        self._repository = repository
        self._comments: dict[str, int] = {}
        self._people: Mapping[str, BrowserUser] = {
            actor.login: _enter(hub, repository, actor) for actor in people
        }

    def push(self, release: ScriptRelease) -> str:
        """The commit of a release; its sha."""
        branch = self._repository.state.default_branch
        return self._people[release.who].push_file(branch, release.path, release.name, release.text)

    def guard(self, environment: str, reviewers: Sequence[str]) -> None:
        """Make an environment whose jobs these people have to approve."""
        accounts = [self._hub.world.accounts[self._people[login].id] for login in reviewers]
        self._repository.environment(environment, accounts)

    def tokens(self) -> Mapping[str, str]:
        """A personal access token of everybody, by login."""
        accounts = {login: self._hub.world.accounts[person.id] for login, person in self._people.items()}
        return {login: self._hub.personal_token(account) for login, account in accounts.items()}

    def do(self, timed: TimedStep, issue: SeenIssue | None) -> ActionResult:
        """Do the step; a refusal by GitHub, or a thing that is not there, is told and not raised."""
        try:
            return self._do(timed, issue)
        except (ImpossibleActionError, GitHubRefusal, LookupError) as error:
            return ActionResult(trouble=f"this could not be done: {error}")

    def _do(self, timed: TimedStep, issue: SeenIssue | None) -> ActionResult:  # noqa: C901, PLR0912 - one arm a step
        step = timed.step
        if isinstance(step, WaitStep):
            return ActionResult()
        me = self._people[step.who]
        if isinstance(step, OpenStep):
            return ActionResult(issue=me.open_issue(step.title, step.text, labels=step.labels))
        if isinstance(step, FormStep):
            return ActionResult(issue=me.open_issue(step.title, _form(step.fields), form_labels=step.labels))
        if issue is None:
            raise ImpossibleActionError("the issue could not be opened")
        match step:
            case CommentStep():
                made = me.comment(issue.number, step.text)
                self._comments[step.id or f"step {timed.number}"] = made
            case EditStep():
                me.edit_comment(self._comments[step.of], step.text)
            case DeleteStep():
                me.delete_comment(self._comments[step.of])
            case ReactStep():
                me.react(self._comments[step.of], step.reaction)
            case LabelStep(does="label"):
                me.label(issue.number, step.label)
            case LabelStep():
                me.unlabel(issue.number, step.label)
            case TickStep():
                return self._tick(me, step, issue)
            case StateStep(does="close"):
                me.close(issue.number, reason="completed")
            case StateStep():
                me.reopen(issue.number)
            case MergeStep() | ReviewStep():
                return self._report(me, step)
            case ApproveStep():
                return self._approve(me, step)
            case DispatchStep():
                run = self._repository.run(me.dispatch(step.workflow, step.inputs))
                return ActionResult(
                    changes=(SeenChange(step.who, bot=False, what="started", text=run.title),)
                )
            case _:
                assert_never(step)
        return ActionResult()

    def _tick(self, me: BrowserUser, step: TickStep, issue: SeenIssue) -> ActionResult:
        """Click the box of the panel that carries the step's id."""
        panel = next((comment for comment in issue.comments if comment.panel), None)
        line = (
            re.search(rf"^- \[[ x]\] (.*\(`{re.escape(step.item)}`\).*)$", panel.body, re.MULTILINE)
            if panel
            else None
        )
        if panel is None or line is None:
            raise ImpossibleActionError(f"the panel has no box `{step.item}`")
        if step.does == "tick":
            me.tick(panel.id, line.group(1))
        else:
            me.untick(panel.id, line.group(1))
        return ActionResult(
            changes=(
                SeenChange(
                    step.who, bot=False, what="ticked" if step.does == "tick" else "unticked", text=step.item
                ),
            )
        )

    def _approve(self, me: BrowserUser, step: ApproveStep) -> ActionResult:
        """Review the deployment that the newest waiting run asks for."""
        run = next((run for run in reversed(self._repository.runs()) if run.status == "waiting"), None)
        if run is None:
            raise ImpossibleActionError("no run waits for an approval")
        place = run.waiting_for
        if step.does == "approve":
            me.approve(run.id, step.text)
        else:
            me.reject(run.id, step.text)
        what = "approved" if step.does == "approve" else "rejected"
        return ActionResult(
            changes=(SeenChange(step.who, bot=False, what=what, text=f"the run {run.title} ({place})"),)
        )

    def _report(self, me: BrowserUser, step: MergeStep | ReviewStep) -> ActionResult:
        """Work on the post-mortem's pull request."""
        pull = next((one for one in self._observer.pulls() if one.state == "open"), None)
        if pull is None:
            raise ImpossibleActionError("there is no open pull request")
        told = f"pull request #{pull.number}"
        if isinstance(step, MergeStep) and step.does == "merge":
            me.merge_pull(pull.number)
            return ActionResult(changes=(SeenChange(step.who, bot=False, what="merged", text=told),))
        if isinstance(step, MergeStep):
            me.close_pull(pull.number)
            return ActionResult(changes=(SeenChange(step.who, bot=False, what="declined", text=told),))
        for path, text in self._observer.changed(pull.branch).items() if step.changes else ():
            for old in step.changes:
                if old not in text:
                    raise ImpossibleActionError(f"{path} does not say {old!r}")
            me.push_file(
                pull.branch, path, reduce(lambda now, pair: now.replace(*pair), step.changes.items(), text)
            )
        if step.approve or step.text:
            me.review(pull.number, "APPROVED" if step.approve else "COMMENTED", step.text)
        done = {"changed": bool(step.changes), "approved": step.approve}
        what = " and ".join(word for word, so in done.items() if so) or "commented"
        told += f": {step.text}" if step.text else ""
        return ActionResult(changes=(SeenChange(step.who, bot=False, what=what, text=told),))


def _enter(hub: GitHub, repository: RepositoryHandle, actor: ScriptPerson) -> BrowserUser:
    user = hub.create_user(actor.login, name=actor.name or actor.login)
    if actor.role != "none":
        repository.grant(user, actor.role)
    return repository.person(user)


def _form(fields: Mapping[str, str]) -> str:
    """The issue's body as GitHub writes it from an issue form.

    https://docs.github.com/en/communities/using-templates-to-encourage-useful-issues-and-pull-requests/syntax-for-issue-forms
    """
    return "\n\n".join(f"### {head}\n\n{text.strip() or '_No response_'}" for head, text in fields.items())
