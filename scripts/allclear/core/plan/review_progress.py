"""How far the review of the post-mortem's open pull request is: a draft, in review, approved.

It is found out again when the pull request or what the record says of the incident changed, and by nothing
that anybody could have written on GitHub. The panel's checkpoint keeps for what it was looked at last.
"""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import TYPE_CHECKING

from allclear.core.model.asking import Asking
from allclear.core.model.neutral import inline
from allclear.core.model.pull_reviews import PullReviews
from allclear.core.model.report_seen import ReportPlace, ReportSeen
from allclear.core.model.snapshot import PullSeen, Wants
from allclear.core.plan.passing import Pass
from allclear.core.record.entry import Entry
from allclear.core.record.incident import Stage
from allclear.core.record.postmortem import PostmortemReviewed
from allclear.core.record.postmortem_state import ReviewState
from allclear.core.view.reply import Notice, Part, engine_part

if TYPE_CHECKING:
    from allclear.core.postmortem.approvals import Approvals

MOST_CALLED = 10
"""So many reviewers are called; more are asked by the pull request itself."""


def follow_review(current: Pass) -> Asking[None]:
    """Take in how far the review is. A run that has not listed the pull requests, and was not asked by
    ``/review``, looks at nothing.
    """
    incident = current.incident
    pull = incident.postmortem.pull
    if pull is None or incident.stage not in (Stage.OPEN, Stage.CLOSED) or incident.review == "published":
        current.review_mark = ""
        return
    listed = {one.number: one for one in current.snapshot.recent_pulls or ()}
    mark = _mark(current, listed[pull]) if pull in listed else ""
    place = ReportPlace(pull, incident.postmortem.path, proposed=True)
    changed = bool(mark) and mark != current.review_mark
    if not changed and place not in current.snapshot.merged_reports:
        return
    wanted = current.policy.runbook.review.approvals(incident.team.took_part)
    asked = frozenset({pull}) if wanted else frozenset[int]()
    yield from current.known.learn(Wants(merged_reports=frozenset({place}), pull_reviews=asked))
    seen = current.snapshot.merged_reports[place]
    if (
        not seen.known
        or not seen.commit
        or any(not current.snapshot.pull_reviews[one].known for one in asked)
    ):
        return
    _take_in(current, pull, seen)
    if changed:
        # What was entered now is no reason to look again.
        current.review_mark, current.reviewed = _mark(current, listed[pull]), pull


def _mark(current: Pass, pull: PullSeen) -> str:
    """Stands for all that the review depends on and that changes: the newest commit, what people said of it,
    the record's newest entry, the title and the runbook; and the day, for whether a change that the words
    name was merged, and who may approve, changes without any of them. Empty for a pull request that has
    ended.
    """
    if pull.closed is not None or not pull.head:
        return ""
    incident = current.incident
    told = (pull.head, pull.reviews, incident.last, incident.title, current.policy.runbook.hash)
    text = repr((*told, f"{current.snapshot.now:%Y-%m-%d}"))
    return hashlib.sha256(text.encode(errors="surrogateescape")).hexdigest()[:16]


def _take_in(current: Pass, pull: int, seen: ReportSeen) -> None:
    from allclear.core.postmortem.review_state import review_state  # noqa: PLC0415 - most passes look at no review
    from allclear.core.postmortem.reviewing import (  # noqa: PLC0415 - a YAML parser, for this alone
        PullUnderReview,
        findings,
    )

    policy, snapshot = current.policy, current.snapshot
    runbook, settings = policy.runbook, policy.settings
    its_pull = PullUnderReview(pull, snapshot.pull_reviews.get(pull, PullReviews()))
    name = snapshot.repository.name
    found = findings(seen, its_pull, current.incident, runbook, settings, name, snapshot.now)
    held, given = found.holding, found.approvals
    state = review_state(held, approved=bool(given.given))
    before = current.incident.postmortem
    if state == before.review:
        return
    called = state == "in review" and before.called != pull
    fact = PostmortemReviewed(pull=pull, commit=seen.commit, state=state, called=called)
    entry = Entry(
        key=f"review:{pull}:{current.ledger.count}", what="postmortem", at=snapshot.now, facts=(fact,)
    )
    current.add(_part(current, entry, state, given, len(held), called=called))


def _part(
    current: Pass, entry: Entry, state: ReviewState, given: Approvals, held: int, *, called: bool
) -> Part:
    """What is said of the new state: to the reviewers where it is their turn for the first time."""
    from allclear.core.postmortem.approvals import outdated  # noqa: PLC0415 - most passes look at no review

    mortem = current.incident.postmortem
    link = f"[pull request #{mortem.pull}]({mortem.url})"
    if state == "draft":
        return engine_part(
            entry, f"The post-mortem is a **draft** again: {held} to mend in {link}. `/review` lists them."
        )
    if state == "approved":
        who = inline(" and ".join(given.given), 300)
        return engine_part(entry, f"The post-mortem is **approved** by {who}: {link} may be merged.")
    waits = f"It has {len(given.given)} of {given.missing + len(given.given)} approvals."
    if given.objecting:
        waits = f"{inline(' and '.join(given.objecting), 300)} asked for changes."
    elif not given.missing:
        waits = "It may be merged."
    elif given.outdated:
        waits += f" {inline(outdated(given), 300)}"
    text = f"Nothing is left to write in {link}. {waits}"
    reviewers = _called(current, given) if called else ()
    if not reviewers:
        return engine_part(entry, f"The post-mortem is **in review**. {text}")
    real = current.incident.kind == "real"
    notice = Notice(
        key=entry.key,
        title="The post-mortem is in review",
        text=text,
        mentions=reviewers if real else (),
        names=() if real else reviewers,
        due=current.snapshot.now,
        late=timedelta(),
        action="notify",
        kind=current.incident.kind,
    )
    return Part(entry, notice=notice)


def _called(current: Pass, given: Approvals) -> tuple[str, ...]:
    """The logins of those who are asked to review, but for who wrote it or has approved; nobody where the
    runbook names nobody and no approval is missing.
    """
    from allclear.core.postmortem.approvals import reviewers  # noqa: PLC0415 - most passes look at no review

    incident, policy = current.incident, current.policy
    if not policy.runbook.review.reviewers and not given.missing:
        return ()
    seen = current.snapshot.pull_reviews.get(incident.postmortem.pull or 0, PullReviews())
    done = {login.casefold() for login in (*given.given, *(one.login for one in seen.authors))}
    asked = reviewers(incident, policy.runbook, policy.settings)
    return tuple(one for one in asked if one.casefold() not in done)[:MOST_CALLED]
