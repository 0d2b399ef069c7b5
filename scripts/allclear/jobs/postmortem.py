"""The post-mortem of one incident: written, opened as a pull request, recorded."""

from __future__ import annotations

from datetime import datetime

from allclear.adapters.files.event import Trigger
from allclear.adapters.github import reports
from allclear.adapters.github.errors import GitHubError, NotAFolderError, explain
from allclear.adapters.github.pulls import Pull
from allclear.adapters.github.read import Reader
from allclear.adapters.github.write import Writer
from allclear.core.conversation.command import Policy
from allclear.core.plan.aftermath import aftermath
from allclear.core.postmortem.document import Written, candidates, write
from allclear.core.postmortem.file_name import calendar_path
from allclear.core.postmortem.front_matter import Report
from allclear.core.postmortem.invitation import invitation
from allclear.core.postmortem.recorded_report import record
from allclear.core.postmortem.writeup import can_be_written, record_blocking, record_opening
from allclear.core.record.incident import Incident
from allclear.core.record.postmortem import PostmortemOpened
from allclear.jobs.index import renew_index
from allclear.jobs.respond import decide, reconcile
from allclear.jobs.review import renew
from allclear.jobs.run import Run

CLOSED = (
    "It was closed and not merged, and nothing in the record is new. Open it again to go on with it: what is "
    "written there is looked at again."
)
"""What is said of a pull request that would only come back as it was."""


def postmortem(run: Run, number: int) -> None:
    """Catch up with the issue, write its post-mortem, open the pull request, record where it is."""
    reconcile(run, Trigger(number))
    policy = run.policy()
    reader = Reader(run.client, run.repository, policy.trust, policy.settings.labels)
    decided = decide(run, reader, policy, reader.read(number, whole=True))
    policy, incident = decided.policy, decided.plan.incident
    if not can_be_written(incident):
        run.out(f"Issue {number} is not an incident, so there is nothing to write about.")
        return
    now = decided.snapshot.now
    default = str(run.client.get(f"/repos/{run.repository.name}").data["default_branch"])
    existing = reports.find(run.client, run.repository, number, candidates(incident, now), default)
    merged = existing.pull if existing.pull is not None and existing.pull.state == "merged" else None
    if merged is not None and not incident.postmortem.pending:
        run.out(f"Issue {number}: the post-mortem is merged.")
        review(run, merged.number, incident, merged=True)
        renew_index(run, policy, default, followed(run, policy, incident, now))
        run.outputs["postmortem"].clear()
        return

    def rewrite(text: str | None) -> Written:
        return write(
            incident,
            policy.runbook,
            policy.settings,
            existing=text,
            taken=existing.taken,
            renderer=policy.renderer,
            zone=policy.zone,
            repository=run.repository.name,
            issue_url=decided.snapshot.issue.url,
            now=now,
        )

    try:
        done = reports.publish(
            run.client, run.repository, default, existing, rewrite(existing.text), rewrite=rewrite
        )
    except NotAFolderError as blocked:
        told = record_blocking(
            incident, decided.plan.entries, decided.plan.record, blocked.path, policy, run.repository, now
        )
        if told is not None:
            Writer(run.client, run.repository, number, policy.settings.bots).perform(told)
        run.out(f"Issue {number}: the post-mortem waits. {blocked.message}.")
        run.outputs["postmortem"].clear()
        return
    opened = PostmortemOpened(path=done.path, branch=done.branch, url=done.url, pull=done.pull)
    note = done.note or (CLOSED if existing.pull is not None and _closed(existing.pull, done) else "")
    reply = record_opening(incident, decided.plan.record, opened, note, policy, run.repository, now)
    if reply is not None:
        Writer(run.client, run.repository, number, policy.settings.bots).perform(reply)
        reconcile(run, Trigger(number))
    run.out(f"Issue {number}: the post-mortem is at {done.url}")
    if done.open or done.note:
        invite(run, done, policy, incident, decided.snapshot.issue.url)
    if done.open and done.pull is not None:
        review(run, done.pull, incident)
    # A pull request that is open brings it itself.
    renew_index(run, policy, default, {} if done.open else followed(run, policy, incident, now))
    run.outputs["postmortem"].clear()


def _closed(last: Pull, done: reports.Published) -> bool:
    """Whether all that there is to propose stands in a pull request that people closed."""
    return last.state == "closed" and last.number == done.pull


def followed(run: Run, policy: Policy, incident: Incident, now: datetime) -> dict[str, Report]:
    """What the record says for the front matter of the merged report, by its path; empty where none was
    merged.
    """
    if aftermath(incident) is None:
        return {}
    bots = frozenset(policy.settings.bots)
    front = record(incident, policy.runbook, repository=run.repository.name, bots=bots, now=now)
    return {incident.postmortem.path: front}


def invite(run: Run, done: reports.Published, policy: Policy, incident: Incident, issue_url: str) -> None:
    """Put the calendar file of the meeting beside the report, once the meeting has a time.

    One that cannot be written is a warning: the time stands on the issue as well.
    """
    name = run.repository.name
    file = invitation(
        incident,
        policy.runbook,
        policy.settings,
        repository=name,
        issue_url=issue_url,
        report_url=done.url,
    )
    if file is None:
        return
    path = calendar_path(done.path)
    message = f"Meeting about incident {incident.number}"
    try:
        made = reports.attach(run.client, run.repository, done.branch, path, file, message)
    except GitHubError as error:
        run.warn(f"The calendar file of the meeting is not beside the report. {explain(error)}")
        return
    run.out(f"The meeting is in {path}{'' if made else ', as before'}.")


def review(run: Run, pull: int, incident: Incident, *, merged: bool = False) -> None:
    """Look at the report as it stands on its branch, with what people wrote, and say what is left.

    A status or comment that cannot be written is a warning: the post-mortem itself is there, and the next
    sweep looks again.
    """
    try:
        renew(run, pull, {incident.number: incident}, merged=merged)
    except GitHubError as error:
        run.warn(f"The review of pull request {pull} is not shown there. {explain(error)}")
