from __future__ import annotations

from collections.abc import Collection

from allclear.core.conversation.command import Answer, CommandContext, command
from allclear.core.model.errors import UserError
from allclear.core.model.neutral import inline
from allclear.core.model.people import Rights
from allclear.core.model.pull_reviews import PullReviews
from allclear.core.model.report_seen import ReportPlace
from allclear.core.model.snapshot import Wants
from allclear.core.record.audit import Helped


def _place(context: CommandContext) -> ReportPlace | None:
    known = context.incident.postmortem
    return ReportPlace(known.pull, known.path, proposed=True) if known.pull is not None else None


def _wants(context: CommandContext) -> Wants:
    place = _place(context)
    if place is None:
        return Wants()
    wanted = context.runbook.review.approvals(context.incident.team.took_part)
    reviews = frozenset({place.pull}) if wanted else frozenset[int]()
    return Wants(merged_reports=frozenset({place}), pull_reviews=reviews)


def _next(found: Collection[object]) -> str:
    """What comes next for one in which nothing is left to mend."""
    return "" if found else ", and may be merged"


@command("review", least=Rights.TRIAGE, examples=("/review",), late=True, wants=_wants)
def review(context: CommandContext) -> Answer:
    """Shows what is left to mend in the post-mortem, and whose approval is missing.

    It is what the status and the comment on the pull request say. Nothing is written there.
    """
    from allclear.core.postmortem.review_state import review_state  # noqa: PLC0415 - of post-mortems, for this alone
    from allclear.core.postmortem.reviewing import (  # noqa: PLC0415 - a YAML parser, for this alone
        PullUnderReview,
        findings,
    )
    from allclear.core.postmortem.verdict import listed  # noqa: PLC0415 - of post-mortems, for this alone

    known, place = context.incident.postmortem, _place(context)
    if not known.url:
        raise UserError("There is no post-mortem yet. `/postmortem` writes it.", "state")
    if place is None:
        raise UserError(
            f"The post-mortem is a branch without a pull request. [Open it]({known.url}), and the next sweep "
            "finds it, or `/postmortem` at once.",
            "state",
        )
    seen = context.merged_reports[place]
    if not seen.known:
        raise UserError("GitHub does not show the post-mortem now. Try again in a minute.", "unavailable")
    where = f"[pull request #{place.pull}]({known.url})"
    if (
        seen.text is None
        and not seen.commit
        and known.held is None
        and context.incident.review != "published"
    ):
        raise UserError(
            f"The {where} of the post-mortem is not open, and its file is not on the default branch. Open it "
            "again to go on with it.",
            "state",
        )
    runbook, settings, name = context.runbook, context.settings, context.repository.name
    reviews = context.pull_reviews.get(place.pull, PullReviews())
    if not reviews.known:
        raise UserError(
            "GitHub does not show who approved the post-mortem. Try again in a minute.", "unavailable"
        )
    pull = PullUnderReview(place.pull, reviews)
    every = findings(seen, pull, context.incident, runbook, settings, name, context.now)
    found, given = every.holding, every.approvals.given
    hints = len(every.remarks) - len(found)
    said = [f"Approved by {inline(', '.join(given))}."] if given else []
    if context.incident.review == "published" and context.incident.reached("published") is None:
        return Answer(
            (Helped(),),
            f"The post-mortem from before the incident was reopened is **published**: {where}. "
            "`/postmortem` writes what happened since.",
        )
    state = review_state(
        found, approved=bool(given), published=context.incident.reached("published") is not None
    )
    first = {
        "draft": f"The post-mortem is a **draft**, {len(found)} to mend before it is published: {where}.",
        "in review": f"The post-mortem is **in review**: {where}{_next(found)}.",
        "approved": f"The post-mortem is **approved**: {where} may be merged.",
        "published": f"The post-mortem is **published**: {where}.",
    }[state]
    if known.override is not None and found:
        first += " What holds it was overridden."
    more = f"Hints in the pull request, which hold nothing up: {hints}." if hints else ""
    return Answer((Helped(),), "\n".join([first, *listed(found, seen.url), *said, *filter(None, [more])]))
