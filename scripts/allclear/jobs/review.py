"""The review of the post-mortems of a pull request: a status on its newest commit, one comment, one label.

The files are read by the API and are text; nothing of the branch runs.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from allclear.adapters.github import report_review, reports
from allclear.adapters.github.changes import changes_seen
from allclear.adapters.github.errors import (
    ForbiddenError,
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
from allclear.core.model.pull_reviews import PullReviews
from allclear.core.model.report_seen import ReportSeen
from allclear.core.model.structs import replace
from allclear.core.plan.passing import add_up
from allclear.core.postmortem.remarks import Remark
from allclear.core.postmortem.review_state import review_state
from allclear.core.postmortem.reviewing import PullUnderReview, as_hints, findings, issue_of, reviewed
from allclear.core.postmortem.verdict import CONTEXT, STATUS, ReviewedFile, ReviewVerdict, verdict
from allclear.core.production.freeze import OpenPull
from allclear.core.record.chain import read
from allclear.core.record.incident import Incident, Stage
from allclear.jobs.run import Run

NONE = "Brings no post-mortem."
"""The status of a pull request without any."""

MOST_FILES = 5
"""Post-mortems of one pull request that are looked at."""

ROUNDS = 3
"""How often one run looks again because somebody pushed meanwhile; the run of that push looks as well."""

MOST_REVIEWS = 10
"""Pull requests that one sweep looks at again; the next goes on."""


def review(run: Run, number: int) -> None:
    """Look at the post-mortems that pull request ``number`` brings, for the event that started this run."""
    for one in renew(run, number):
        for remark in one.remarks:
            run.annotate(one.path, remark.line, remark.text, aloud=remark.holds)


def renew(
    run: Run,
    number: int,
    known: Mapping[int, Incident] | None = None,
    *,
    afresh: bool = False,
    merged: bool = False,
) -> tuple[ReviewedFile, ...]:
    """Write comment, label and status anew, as far as they do not say so already. ``known``: incidents that
    this run has read, by their issues. ``afresh``: the status is written in any case, so that its time is
    that of the look; ``merged``: also when the pull request was merged. What that brings, as far as it was
    looked at.

    Of two runs at once the one that writes last may have looked first: who has written looks whether the
    commit is still the newest, and else at the newest one. Raises adapters.errors.GitHubError.
    """
    client, repository, policy = run.client, run.repository, run.policy()
    files: list[ReviewedFile] = []
    for _ in range(ROUNDS):
        pull = report_review.pull_with_reports(client, repository, number, merged=merged)
        if pull.open and not pull.paths:
            pull, known = _left_out(run, policy, pull, known or {})
        if not pull.paths:
            if pull.open and not pull.fork:
                # A branch that requires the status would wait for it for ever.
                report_review.set_status(client, repository, number, pull.head, "success", NONE)
            run.out(f"Pull request {number} {'brings no post-mortem' if pull.open else 'is closed'}.")
            break
        files = [_look(run, policy, pull, path, known or {}) for path in pull.paths[:MOST_FILES]]
        told = verdict(files)
        _mark(run, policy, pull, told, files)
        wrote = report_review.say(
            client, repository, number, pull.head, told, policy.settings.bots, afresh=afresh
        )
        run.out(f"Pull request {number}: {told.description}")
        if len(pull.paths) > MOST_FILES:
            run.warn(
                f"Pull request {number} brings {len(pull.paths)} post-mortems; {MOST_FILES} were looked at."
            )
        if not wrote or report_review.newest_commit(client, repository, number) == pull.head:
            break
    return tuple(files)


def _mark(
    run: Run,
    policy: Policy,
    pull: report_review.PullWithReports,
    told: ReviewVerdict,
    files: Iterable[ReviewedFile],
) -> None:
    """The label, and the requests for another review: comforts, which stop nothing."""
    client, repository, labels = run.client, run.repository, policy.labels
    if told.review is None:
        return
    try:
        report_review.label(client, repository, pull, labels.review(told.review), labels.reviews)
        outdated = dict.fromkeys(login for one in files for login in one.outdated)
        if pull.open and outdated:
            again = report_review.ask_again(client, repository, pull, outdated)
            run.out(f"Asked for another review: {', '.join(again) or 'nobody who is not asked already'}.")
    except (ForbiddenError, InvalidError, NotFoundError) as error:  # 404: it may not even see them
        run.out(f"Pull request {pull.number}: its label or its reviewers stay as they are. {explain(error)}")


def renew_missing(run: Run, incidents: Iterable[Incident], looked_at: Collection[int]) -> None:
    """In a sweep: look at the post-mortems whose status is missing or says something else than the record,
    because the run that a push or a review starts waits for somebody to approve it, or never came; at those
    whose record says more since; and at those ``looked_at``, pull requests that were seen to have changed.
    """
    waiting = {
        one.postmortem.pull: one
        for one in incidents
        if one.postmortem.pull is not None and one.reached("published") is None
    }
    if not waiting:
        return
    policy = run.policy()
    try:
        seen = [one for one in open_pulls(run.client, run.repository, CONTEXT) if one.number in waiting]
        left = [one for one in seen if one.number in looked_at or _unseen(one, waiting[one.number], policy)]
        for pull in left[:MOST_REVIEWS]:
            incident = waiting[pull.number]
            # One that says something else may be that of more files, and is written only if it is wrong.
            renew(run, pull.number, {incident.number: incident}, afresh=_outdated(pull, incident))
    except GitHubError as error:
        run.warn(f"The reviews of post-mortems wait for the next sweep. {explain(error)}")


def _unseen(pull: OpenPull, incident: Incident, policy: Policy) -> bool:
    """Whether the status is missing, says something else than the record, or is older than that."""
    return pull.state != expected(incident, policy) or pull.told is None or _outdated(pull, incident)


def _outdated(pull: OpenPull, incident: Incident) -> bool:
    """Whether the status is older than the newest entry of the record."""
    return pull.told is not None and incident.last is not None and incident.last > pull.told


def expected(incident: Incident, policy: Policy) -> str:
    """The state of the status, by what the record knows of the review. Where nobody has to approve, nothing
    holds what is in review.
    """
    mortem = incident.postmortem
    unheld = mortem.review == "in review" and not policy.runbook.review.approvals(incident.team.took_part)
    return "success" if mortem.override is not None or unheld else STATUS[mortem.review]


def _left_out(
    run: Run, policy: Policy, pull: report_review.PullWithReports, known: Mapping[int, Incident]
) -> tuple[report_review.PullWithReports, Mapping[int, Incident]]:
    """A pull request for a post-mortem whose file people took away: it is looked at where it should be."""
    number = None if pull.fork else issue_of("", run.repository.name, pull.branch)
    incident = None if number is None else known.get(number) or _incident(run, policy, number)
    if incident is None or incident.postmortem.pull != pull.number:
        return pull, known
    return replace(pull, paths=(incident.postmortem.path,)), {**known, incident.number: incident}


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
        text = reports.text_at(run.client, repository, path, pull.head)
    except InvalidError as error:
        return ReviewedFile(path, url, (Remark(1, "unread", f"This cannot be read: {error.message}."),))
    number = issue_of(text or "", repository.name, "" if pull.fork else pull.branch)
    if number is None:
        return ReviewedFile(path, url, as_hints(reviewed(text or "", policy.runbook)))
    incident = known.get(number) or _incident(run, policy, number)
    if incident is None:
        nobody = Remark(1, "whose", f"Issue {number}, which this is about, is no incident here.")
        return ReviewedFile(path, url, (nobody, *reviewed(text or "", policy.runbook)))
    changes = changes_seen(run.client, repository, text) if text is not None else {}
    seen = ReportSeen(path, text, url, changes=changes)
    runbook, settings, reviews = policy.runbook, policy.settings, PullReviews()
    if runbook.review.approvals(incident.team.took_part):
        reader = Reader(run.client, repository, policy.trust)
        reviews = pull_reviews(run.client, repository, reader, pull.number)
    its_pull = PullUnderReview(pull.number, reviews)
    found = findings(seen, its_pull, incident, runbook, settings, repository.name, run.client.now)
    given = found.approvals
    its = incident.postmortem.pull == pull.number
    published = not pull.open and incident.review == "published"
    return ReviewedFile(
        path,
        url,
        found.remarks,
        incident.postmortem.override if its else None,
        review_state(found.remarks, approved=bool(given.given), published=published),
        given.outdated if given.missing else (),
    )


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
