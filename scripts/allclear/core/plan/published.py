"""When a post-mortem is published: merged, with nothing in it that holds it, or overridden."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from allclear.core.model.asking import Asking
from allclear.core.model.neutral import code, cut, inline, plain
from allclear.core.model.people import Rights
from allclear.core.model.pull_reviews import PullReviews
from allclear.core.model.report_seen import ReportPlace, ReportSeen
from allclear.core.model.snapshot import Wants
from allclear.core.model.structs import replace
from allclear.core.plan.passing import Pass
from allclear.core.record.entry import Entry
from allclear.core.record.incident import Stage
from allclear.core.record.postmortem import PostmortemHeld, PostmortemOpened, PostmortemPublished
from allclear.core.record.postmortem_state import ReviewOverride, ReviewState
from allclear.core.view.reply import engine_part

if TYPE_CHECKING:
    from allclear.core.postmortem.remarks import Remark

MOST_KEPT = 200
"""Characters of the first finding that the record keeps."""

UNREAD = "unread"
"""What stands for the findings of a file that GitHub did not show."""


def published(current: Pass) -> Asking[None]:
    """Take in that the post-mortem's pull request was merged, and what holds the report all the same.

    One that was merged before a reopening says nothing of the post-mortem that is to follow. What is mended
    on the default branch afterwards is seen by the next pass.
    """
    incident = current.incident
    pull, held = incident.postmortem.pull, incident.postmortem.held
    if pull is None or incident.stage != Stage.CLOSED or incident.reached("published"):
        return
    pulls = frozenset({pull, held.pull if held is not None else pull})
    if any(current.ledger.has(f"published:{one}") for one in pulls):
        return
    yield from current.known.learn(Wants(pulls=pulls))
    ends = current.snapshot.pulls
    if ends[pull].merged is None and held is not None:
        # What a later pull request is to mend may be mended without it.
        pull = held.pull
    merged = ends[pull].merged
    if merged is None or (incident.opened is not None and merged < incident.opened):
        return
    place = ReportPlace(pull, incident.postmortem.path)
    yield from current.known.learn(Wants(merged_reports=frozenset({place})))
    seen = current.snapshot.merged_reports[place]
    reviews = PullReviews()
    if current.policy.runbook.review.approvals(incident.team.took_part):
        yield from current.known.learn(Wants(pull_reviews=frozenset({pull})))
        reviews = current.snapshot.pull_reviews[pull]
    seen = replace(seen, known=seen.known and reviews.known)
    found = _findings(current, pull, seen, reviews) if seen.known else ()
    given = incident.postmortem.override
    if given is not None or (seen.known and not found):
        _publish(current, pull, merged, len(found), given)
    else:
        _hold(current, pull, seen, found)


def opened_by_hand(current: Pass) -> Asking[None]:
    """Take in the pull request that somebody opened from the branch of the post-mortem, where workflows may
    open none. Whoever can read may open one from a branch that is there: only that of people with write
    access counts.

    Only where the pull requests are listed anyway. What ended before this interval began is none of its.
    """
    incident, mortem = current.incident, current.incident.postmortem
    if not mortem.branch or mortem.pull is not None or mortem.pending:
        return
    if incident.stage not in (Stage.OPEN, Stage.CLOSED):
        return
    since = incident.opened
    found = [
        (one, one.author)
        for one in current.snapshot.recent_pulls or ()
        if one.branch == mortem.branch
        and not one.fork
        and one.author is not None
        and (one.closed is None or one.merged is not None)
        and (one.merged is None or since is None or one.merged >= since)
    ]
    for pull, author in sorted(found, key=lambda one: (one[0].closed is not None, -one[0].number)):
        rights = yield from current.known.rights_of(author)
        if rights is not None and rights >= Rights.WRITE:
            fact = PostmortemOpened(path=mortem.path, branch=mortem.branch, url=pull.url, pull=pull.number)
            key = f"postmortem-pull:{pull.number}:{current.ledger.count}"
            entry = Entry(key=key, what="postmortem", at=current.snapshot.now, facts=(fact,))
            say = (
                f"[Pull request #{pull.number}]({pull.url}) by {inline(author.login)} brings the "
                "post-mortem and is followed here."
            )
            current.add(engine_part(entry, say))
            return


def _publish(current: Pass, pull: int, merged: datetime, findings: int, given: ReviewOverride | None) -> None:
    held = current.incident.postmortem.held
    # What was mended or overridden later is published when that was seen, and not when it was merged.
    at = merged if held is None else current.snapshot.now
    fact = PostmortemPublished(at=at, findings=findings if given else 0, followed=True)
    say = f"The post-mortem is published: {inline(current.incident.postmortem.path)}."
    if given is not None and findings:
        who = inline(given.by.login) if given.by else "somebody who is gone"
        say += (
            f" The review held it for {_things(findings)} to mend, and {who} overrode that: "
            f"{inline(given.reason, 300)}"
        )
    current.add(engine_part(Entry(key=f"published:{pull}", what="published", at=at, facts=(fact,)), say))


def _hold(current: Pass, pull: int, seen: ReportSeen, found: Sequence[Remark]) -> None:
    """Say what is missing, once for each set of findings. A file that could not be read this time says
    nothing against what was found in it before.
    """
    digest = _digest(found) if seen.known else UNREAD
    before = current.incident.postmortem.held
    if before is not None and before.pull == pull and (not seen.known or before.digest == digest):
        return
    first = found[0] if found else None
    fact = PostmortemHeld(
        pull=pull,
        count=len(found),
        digest=digest,
        url=seen.url,
        line=first.line if first else 0,
        text=cut(plain(first.text), MOST_KEPT) if first else "",
        state=_state(found) if seen.known else current.incident.postmortem.review,
    )
    entry = Entry(
        key=f"held:{pull}:{current.ledger.count}", what="postmortem", at=current.snapshot.now, facts=(fact,)
    )
    say = "\n".join(_said(seen, found))
    current.add(engine_part(entry, say, "refused"))


def _state(found: Sequence[Remark]) -> ReviewState:
    """What the findings leave of the review of a post-mortem that was merged all the same."""
    from allclear.core.postmortem.review_state import review_state  # noqa: PLC0415 - hardly a pass has one to publish

    return review_state(found)


def _said(seen: ReportSeen, found: Sequence[Remark]) -> Iterator[str]:
    if not seen.known:
        yield (
            f"The post-mortem was merged, and GitHub did not show {code(seen.path)}, so it is not published "
            "yet. The next sweep looks again; nothing is to be done."
        )
        return
    yield (
        f"The post-mortem was merged, and it is **not published**: {_things(len(found))} to mend. Its "
        "deadline goes on."
    )
    yield ""
    from allclear.core.postmortem.verdict import listed  # noqa: PLC0415 - hardly a pass has one to hold back

    yield from listed(found, seen.url)
    yield ""
    edit = seen.url.replace("/blob/", "/edit/", 1)
    how = (
        f"[Edit the file]({edit}), by a pull request or on the default branch"
        if seen.text
        else ("Bring the file back, by a pull request or on the default branch")
    )
    yield (
        f"{how}. `/postmortem` brings the record up to date in a new pull request. Where it has to be "
        'published as it is, somebody with `maintain` access writes `/postmortem --override "why"`.'
    )


def _things(count: int) -> str:
    return "1 thing" if count == 1 else f"{count} things"


def _findings(current: Pass, pull: int, seen: ReportSeen, reviews: PullReviews) -> tuple[Remark, ...]:
    """What holds the report as it was merged."""
    from allclear.core.postmortem.reviewing import (  # noqa: PLC0415 - a YAML parser, for this alone
        PullUnderReview,
        findings,
    )

    found = findings(
        seen,
        PullUnderReview(pull, reviews),
        current.incident,
        current.policy.runbook,
        current.policy.settings,
        current.snapshot.repository.name,
        current.snapshot.now,
    )
    return found.holding


def _digest(found: Sequence[Remark]) -> str:
    """The first 16 hex digits of the SHA-256 of what is to mend, wherever it stands."""
    told = "\n".join(sorted(f"{one.rule} {one.text}" for one in found))
    return hashlib.sha256(told.encode(errors="surrogateescape")).hexdigest()[:16]
