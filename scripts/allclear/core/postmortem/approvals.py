"""Who is asked to review a post-mortem, and whose approval is missing."""

from __future__ import annotations

from msgspec import Struct

from allclear.core.model.pull_reviews import PullReviews
from allclear.core.policy.runbook import Runbook
from allclear.core.policy.settings import Settings, login_like
from allclear.core.postmortem.remarks import APPROVAL, Remark
from allclear.core.record.incident import Incident
from allclear.core.view.people import people_behind

MOST_NAMED = 5
"""So many of those who may approve are named."""


class Approvals(Struct, frozen=True):
    """``given``: whose approval counts; ``outdated``: whose would, had it not been given to another text than
    stands there now; ``objecting``: who asks for changes and may; ``missing``: so many are left; ``open_to``:
    who may give them, empty: anybody with write access who did not write it. All are logins.
    """

    given: tuple[str, ...] = ()
    outdated: tuple[str, ...] = ()
    objecting: tuple[str, ...] = ()
    missing: int = 0
    open_to: tuple[str, ...] = ()


def reviewers(incident: Incident, runbook: Runbook, settings: Settings) -> tuple[str, ...]:
    """The logins of those whom the runbook asks for a review, each once; without any, of those who
    responded. No bots.
    """
    titles = runbook.review.reviewers
    logins = [login for title in titles for login in people_behind(title, incident, runbook, settings)]
    bots = frozenset(settings.bots)
    logins = logins or [one.login for one in incident.team.responders if one.id not in bots]
    usable = [one for one in logins if login_like(one) and not one.endswith("[bot]")]
    return tuple({one.casefold(): one for one in usable}.values())


def approvals(incident: Incident, runbook: Runbook, settings: Settings, seen: PullReviews) -> Approvals:
    """What the reviews of its pull request come to. Who wrote its words approves nothing."""
    asked = reviewers(incident, runbook, settings) if runbook.review.reviewers else ()
    authors = {one.id for one in seen.authors}
    said = (*seen.approving, *seen.outdated, *seen.objecting, *seen.authors)
    wrote = {one.login.casefold() for one in said if one.id in authors}
    asked = tuple(one for one in asked if one.casefold() not in wrote)
    named = {one.casefold() for one in asked}

    def counts(login: str) -> bool:
        return login.casefold() not in wrote and (not named or login.casefold() in named)

    given = tuple(one.login for one in seen.approving if counts(one.login))
    wanted = runbook.review.approvals(incident.team.took_part)
    left = {one.casefold() for one in given}
    return Approvals(
        given,
        tuple(one.login for one in seen.outdated if counts(one.login)),
        tuple(one.login for one in seen.objecting if counts(one.login)),
        max(0, wanted - len(given)),
        tuple(one for one in asked if one.casefold() not in left),
    )


def outdated(found: Approvals) -> str:
    """A sentence on approvals that do not count any more."""
    return f"{' and '.join(found.outdated[:MOST_NAMED])} approved an earlier text."


def lacking(found: Approvals, pull: int) -> tuple[Remark, ...]:
    """What the approvals hold against the publication."""
    told = []
    if found.missing:
        who = " or ".join(found.open_to[:MOST_NAMED]) or "somebody with write access who did not write it"
        wanted = found.missing + len(found.given)
        before = f" {outdated(found)}" if found.outdated else ""
        told.append(f"{len(found.given)} of {wanted} approvals.{before} Pull request {pull} waits for {who}.")
    if found.objecting:
        told.append(f"{' and '.join(found.objecting)} asked for changes in pull request {pull}.")
    return tuple(Remark(1, APPROVAL, text) for text in told)
