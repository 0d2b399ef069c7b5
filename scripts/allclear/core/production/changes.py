"""What changed a service between two looks at its releases: by us or by others, whatever it was."""

from __future__ import annotations

from allclear.core.model.neutral import code
from allclear.core.model.release import Release, Releases

NAMED = 5
"""Deployments that are named; the rest is counted."""


def changed_since(before: Releases, now: Releases) -> tuple[str, ...]:
    """Sentences without a full stop, neutral Markdown; empty when nothing changed what runs.

    What only waits, or did not begin, changed nothing. Where GitHub does not say, or it cannot be told whose
    the deployments are, nothing is known, and that is a change as well.
    """
    if not (before.known and now.known):
        return ("GitHub does not say what was deployed meanwhile",)
    if before.mixed or now.mixed:
        return ("it cannot be told which deployments are the service's own",)
    said = []
    if _fact(before.current) != _fact(now.current):
        said.append(_runs(before.current, now.current))
    seen = {_fact(one) for one in (before.current, *before.earlier, *before.gone)}
    newer = [one for one in (*now.gone, *now.earlier) if _fact(one) not in seen and _since(before, one)]
    said += [_deployed(one) for one in newer[:NAMED]]
    said += [f"{len(newer) - NAMED} more were deployed"] if len(newer) > NAMED else []
    return tuple(said)


def _fact(one: Release | None) -> tuple[object, ...]:
    """What makes it the same deployment that came as far."""
    return (one.id, one.identity, one.state, one.at) if one is not None else ()


def _since(before: Releases, one: Release) -> bool:
    """Whether it came after what ran then: of several in a row the newest is listed, so older ones appear
    when that one turns out to have been none.
    """
    ran = before.current
    return ran is None or ran.at is None or one.at is None or one.at >= ran.at


def _runs(before: Release | None, now: Release | None) -> str:
    was, is_ = (_named(one) for one in (before, now))
    if before is not None and now is not None and before.id == now.id:
        return (
            f"the deployment of {code(now.name)} was {_STATES[before.state]} and is {_STATES[now.state]} now"
        )
    return f"{was} was running, and now {is_} is"


def _named(one: Release | None) -> str:
    if one is None:
        return "a release that is not known"
    said = "" if one.state == "success" else f" ({_STATES[one.state]})"
    return f"{code(one.name)}{said}"


def _deployed(one: Release) -> str:
    return f"{code(one.name)} was deployed ({_STATES[one.state]})"


_STATES = {
    "success": "successful",
    "failed": "not successful",
    "in progress": "in progress",
    "unclear": "not known to have begun",
    "waiting": "waiting",
    "not begun": "rejected or cancelled",
}
