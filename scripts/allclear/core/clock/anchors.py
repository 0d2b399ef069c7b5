"""Where clocks start: a milestone, the last word, the end of a window, and each time that a condition comes
true.
"""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from allclear.core.clock.checklist import left_of
from allclear.core.clock.condition import holding
from allclear.core.clock.window import window_end
from allclear.core.policy.deadline import Condition, Deadline
from allclear.core.policy.runbook import Runbook
from allclear.core.policy.voices import ENDINGS
from allclear.core.record.incident import Incident, Speech, Stage


class Anchor(Struct, frozen=True):
    """``at`` (UTC) is what the limit counts from, ``not_before`` when the condition came true, if it has one.

    ``mark`` tells anchors of one deadline apart; it is empty where there is but one in each interval.
    """

    at: datetime
    mark: str = ""
    not_before: datetime | None = None


def anchors(incident: Incident, deadline: Deadline, runbook: Runbook) -> tuple[Anchor, ...]:
    """Where the clocks of a deadline start, as the incident stands; empty when none has."""
    start = _start(incident, deadline, runbook)
    if start is None:
        return ()
    if deadline.when == Condition():
        moving = deadline.start in ("window-end", "word", "voice", "draft")
        return (Anchor(start, f"{start:%Y%m%dT%H%M%S}" if moving else ""),)
    found = []
    for mark, since in holding(incident, deadline.when):
        # A reopened incident tells anew of what has held since before.
        begun = max(since, incident.opened or since)
        found.append(Anchor(start if deadline.from_start else max(start, begun), mark, begun))
    return tuple(found)


def _start(incident: Incident, deadline: Deadline, runbook: Runbook) -> datetime | None:
    if deadline.start == "declared":
        return incident.opened
    if deadline.start == "window-end":
        return window_end(incident, runbook)
    speech = incident.voices.get(deadline.voice, Speech())
    if deadline.start == "draft":
        outdated = _outdated(speech, incident)
        return speech.draft.since if speech.draft is not None and not outdated else None
    if deadline.start == "voice":
        # A text that waits to be published is asked for by its own clock.
        return _since_opened(incident, speech.last) if speech.draft is None else None
    if deadline.start == "word":
        return _silent_since(incident, runbook)
    return incident.reached(deadline.start)


def _outdated(speech: Speech, incident: Incident) -> bool:
    """Whether the text that waits is one of before the end, and the incident is resolved."""
    draft = speech.draft
    return draft is not None and draft.moment not in ENDINGS and incident.reached("resolved") is not None


def _silent_since(incident: Incident, runbook: Runbook) -> datetime | None:
    """Since when people are waited for: the last word; while a fix is watched, the end of the window; while
    nobody acknowledged, when somebody has to respond, which may be in days. The latest of them: what comes
    earlier brings the question no nearer.
    """
    spoken, opened = _since_opened(incident, incident.word), incident.opened
    if spoken is None or opened is None:
        return spoken
    waited = [spoken]
    if (over := window_end(incident, runbook)) is not None:
        waited.append(over)
    if incident.reached("acknowledged") is None:
        waited.append(runbook.severity(incident.severity).response.after(opened, runbook.times))
    return max(waited)


def _since_opened(incident: Incident, at: datetime | None) -> datetime | None:
    return max(at, incident.opened) if at and incident.opened else incident.opened


def running(incident: Incident, deadline: Deadline, runbook: Runbook) -> bool:
    """Whether its clock runs: for this severity, before what it waits for, while the incident is open; one
    of a role while nobody has that.

    What waits for somebody to acknowledge stops when the fix is there: nobody is called to a restored
    production. What waits for a list goes on after the all-clear when the list is one for afterwards, until
    the list is done.
    """
    if incident.severity not in deadline.within:
        return False
    if deadline.role in incident.team.roles:
        return False
    if deadline.checklist and not _left_to_all(deadline.checklist, incident, runbook):
        return False
    over = deadline.until is not None and incident.reached(deadline.until) is not None
    if over or (deadline.until == "acknowledged" and incident.reached("mitigated") is not None):
        return False
    if deadline.start == "word" and incident.kind == "retro":
        return False
    if incident.stage == Stage.OPEN:
        return True
    afterwards = bool(deadline.checklist) and deadline.start in ("resolved", "closed", "published")
    with_it = deadline.start != "published" and deadline.ladder_at(incident.severity) == "review"
    # Of a post-mortem that was published when it ended everything, nobody is asked for what is left.
    over = incident.reached("published") is not None and with_it and not incident.postmortem.followed
    goes_on = deadline.until == "published" or (afterwards and not over)
    return incident.stage == Stage.CLOSED and goes_on and incident.postmortem.learned is None


def _left_to_all(name: str, incident: Incident, runbook: Runbook) -> bool:
    """Whether anything is left of that list that nobody took on: who did is asked by another clock."""
    left = left_of(name, incident, runbook)
    return any(item.step.id not in incident.progress.duties for item in left)
