"""The review of the post-mortems of a pull request: a status on its newest commit, and one comment.

The files are read by the API and are text; nothing of the branch runs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from allclear.adapters.github import report_review, reports
from allclear.adapters.github.changes import changes_seen
from allclear.adapters.github.errors import (
    GitHubError,
    GoneError,
    InvalidError,
    MovedError,
    NotFoundError,
    explain,
)
from allclear.adapters.github.freeze import open_pulls
from allclear.adapters.github.pull_reviews import pull_reviews
from allclear.adapters.github.read import Reader
from allclear.core.conversation.command import Policy
from allclear.core.model.report_seen import ReportSeen
from allclear.core.plan.passing import add_up
from allclear.core.postmortem.approvals import approvals, lacking
from allclear.core.postmortem.remarks import Remark
from allclear.core.postmortem.reviewing import as_hints, issue_of, remarks_on, reviewed
from allclear.core.postmortem.verdict import CONTEXT, ReviewedFile, verdict
from allclear.core.record.chain import read
from allclear.core.record.incident import Incident, Stage
from allclear.jobs.run import Run

NONE = "Brings no post-mortem."
"""The status of a pull request without any."""

MOST_FILES = 5
"""Post-mortems of one pull request that are looked at."""

MOST_REVIEWS = 10
"""Pull requests that one sweep looks at again; the next goes on."""


def review(run: Run, number: int) -> None:
    """Look at the post-mortems that pull request ``number`` brings, for the event that started this run."""
    for one in renew(run, number):
        for remark in one.remarks:
            run.annotate(one.path, remark.line, remark.text, aloud=remark.holds)


def renew(run: Run, number: int, known: Mapping[int, Incident] | None = None) -> tuple[ReviewedFile, ...]:
    """Write status and comment anew, as far as they do not say so already. ``known``: incidents that this run
    has read, by their issues. What the pull request brings, as far as it was looked at.

    Raises adapters.errors.GitHubError.
    """
    client, repository, policy = run.client, run.repository, run.policy()
    pull = report_review.pull_with_reports(client, repository, number)
    if not pull.open or not pull.paths:
        if pull.open and not pull.fork:
            # A branch that requires the status would wait for it for ever.
            report_review.set_status(client, repository, number, pull.head, "success", NONE)
        run.out(f"Pull request {number} {'brings no post-mortem' if pull.open else 'is closed'}.")
        return ()
    files = [_look(run, policy, pull, path, known or {}) for path in pull.paths[:MOST_FILES]]
    if len(pull.paths) > MOST_FILES:
        run.warn(f"Pull request {number} brings {len(pull.paths)} post-mortems; {MOST_FILES} were looked at.")
    told = verdict(files)
    report_review.say(client, repository, number, pull.head, told, policy.settings.bots)
    run.out(f"Pull request {number}: {told.description}")
    return tuple(files)


def renew_missing(run: Run, incidents: Iterable[Incident]) -> None:
    """In a sweep: look at the post-mortems whose newest commit has no status, because the run that a push
    starts waits for somebody to approve it, or never came.
    """
    waiting = {
        one.postmortem.pull: one
        for one in incidents
        if one.postmortem.pull is not None and one.reached("published") is None
    }
    if not waiting:
        return
    try:
        seen = open_pulls(run.client, run.repository, CONTEXT)
        left = [one.number for one in seen if one.number in waiting and one.state is None]
        for number in left[:MOST_REVIEWS]:
            renew(run, number, {waiting[number].number: waiting[number]})
    except GitHubError as error:
        run.warn(f"The reviews of post-mortems wait for the next sweep. {explain(error)}")


def _look(
    run: Run,
    policy: Policy,
    pull: report_review.PullWithReports,
    path: str,
    known: Mapping[int, Incident],
) -> ReviewedFile:
    """One file as it stands on the branch, held against the record of its issue."""
    repository = run.repository
    url = report_review.file_page(repository, pull.head, path)
    try:
        text = reports.text_at(run.client, repository, path, pull.head) or ""
    except InvalidError as error:
        return ReviewedFile(path, url, (Remark(1, "unread", f"This cannot be read: {error.message}."),))
    number = issue_of(text, repository.name, "" if pull.fork else pull.branch)
    if number is None:
        return ReviewedFile(path, url, as_hints(reviewed(text, policy.runbook)))
    incident = known.get(number) or _incident(run, policy, number)
    if incident is None:
        nobody = Remark(1, "whose", f"Issue {number}, which this is about, is no incident here.")
        return ReviewedFile(path, url, (nobody, *reviewed(text, policy.runbook)))
    seen = ReportSeen(path, text, url, changes=changes_seen(run.client, repository, text))
    found = remarks_on(seen, incident, policy.runbook, policy.settings, repository.name, run.client.now)
    if policy.runbook.review.approvals(incident.team.took_part):
        reader = Reader(run.client, repository, policy.trust)
        reviews = pull_reviews(run.client, repository, reader, pull.number)
        asked = approvals(incident, policy.runbook, policy.settings, reviews)
        found = (*lacking(asked, pull.number), *found)
    given = incident.postmortem.override if incident.postmortem.pull == pull.number else None
    return ReviewedFile(path, url, found, given)


def _incident(run: Run, policy: Policy, number: int) -> Incident | None:
    """What the record of the issue adds up to; None when it is no incident.

    A job for pull requests is not given the key of the record, so a forged record could make this review
    green: whether a merged post-mortem is published is looked at again by those who have the key.
    """
    reader = Reader(run.client, run.repository, policy.trust, policy.settings.labels)
    try:
        snapshot = reader.read(number, whole=True)
    except (GoneError, MovedError, NotFoundError):
        return None
    if snapshot.issue.is_pull:
        return None
    incident = add_up(snapshot, read(snapshot, policy.trust).entries, policy)
    return None if incident.stage == Stage.NOTHING else incident
