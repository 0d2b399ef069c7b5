"""The pull request of the post-mortem as a page of Markdown, as it was reviewed."""

from __future__ import annotations

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from allclear.core.model.neutral import inline
from allclear.core.model.times import clock_time
from allclear_lab.drill.moments import SeenComment, SeenPull, SeenReview, visible

FILE = "pull-request.md"


def pull_page(pull: SeenPull, zone: ZoneInfo) -> str:
    """Its title, its state, its checks, what it says, and everything that was said about it."""
    return "\n\n".join(_parts(pull, zone)) + "\n"


def _parts(pull: SeenPull, zone: ZoneInfo) -> Iterator[str]:
    yield f"# {inline(pull.title)} (#{pull.number})"
    yield f"{pull.state.capitalize()}, from the branch `{pull.branch}`."
    if pull.statuses:
        yield "\n".join(("| Check | State | |", "|---|---|---|", *_checks(pull)))
    yield f"---\n\n{visible(pull.body)}"
    for said in pull.talk:
        words = visible(said.body)
        yield f"---\n\n**{_who(said)}**, {said.at.astimezone(zone):%Y-%m-%d} {clock_time(said.at, zone)}"
        if words:
            yield words


def _checks(pull: SeenPull) -> Iterator[str]:
    for one in pull.statuses:
        words = one.words.replace("|", "\\|")
        yield f"| `{one.context}` | {one.state} | {words} |"


def _who(said: SeenComment | SeenReview) -> str:
    login = said.login.removesuffix("[bot]")
    if isinstance(said, SeenReview):
        return f"{login} {said.state}"
    return f"{'Allclear' if said.bot else login} commented"
