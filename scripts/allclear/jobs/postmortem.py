"""The post-mortem of one incident: written, opened as a pull request, recorded."""

from __future__ import annotations

from allclear.adapters.files.event import Trigger
from allclear.adapters.github import report_review, reports
from allclear.adapters.github.errors import GitHubError, NotAFolderError, explain
from allclear.adapters.github.read import Reader
from allclear.adapters.github.write import Writer
from allclear.core.conversation.command import Policy
from allclear.core.postmortem.document import Written, candidates, write
from allclear.core.postmortem.front_matter import Report
from allclear.core.postmortem.reviewing import reviewed
from allclear.core.postmortem.verdict import verdict
from allclear.core.postmortem.writeup import can_be_written, record_blocking, record_opening
from allclear.core.record.postmortem import PostmortemOpened
from allclear.jobs.index import renew_index
from allclear.jobs.respond import decide, reconcile
from allclear.jobs.run import Run


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
    merged = existing.pull is not None and existing.pull.state == "merged"
    if merged and not incident.postmortem.pending:
        run.out(f"Issue {number}: the post-mortem is merged.")
        renew_index(run, policy, default)
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
    reply = record_opening(incident, decided.plan.record, opened, done.note, policy, run.repository, now)
    if reply is not None:
        Writer(run.client, run.repository, number, policy.settings.bots).perform(reply)
        reconcile(run, Trigger(number))
    run.out(f"Issue {number}: the post-mortem is at {done.url}")
    if done.open:
        review(run, done, policy, rewrite(existing.text).report)
    renew_index(run, policy, default)
    run.outputs["postmortem"].clear()


def review(run: Run, done: reports.Published, policy: Policy, record: Report) -> None:
    """Look at the report as it stands on its branch, with what people wrote, and say what is left.

    A status or comment that cannot be written is a warning: the post-mortem itself is there, and the next
    writing of it looks again.
    """
    client, repository, pull = run.client, run.repository, done.pull or 0
    try:
        commit = report_review.head_of(client, repository, pull)
        text = reports.text_at(client, repository, done.path, commit)
        if text is None:
            return
        found = reviewed(text, policy.runbook, record)
        page = report_review.file_page(repository, commit, done.path)
        report_review.say(client, repository, pull, commit, verdict(found, page), policy.settings.bots)
    except GitHubError as error:
        run.warn(f"The review of pull request {pull} is not shown there. {explain(error)}")
        return
    held = sum(one.holds for one in found)
    run.out(f"Pull request {pull}: {f'{held} to mend' if held else 'nothing holds the publication'}.")
