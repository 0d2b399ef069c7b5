"""Until when nothing is to do on an incident unless somebody asks for something: a line in the panel says so.

With it, a run for a comment that asks for nothing ends where it begins (core.plan.talk). So it stands there
only while nothing that a pass looks at can change by itself: no operation is under way, no fix is watched, no
pull request is waited for. It is the same whenever it is computed, until the time that it names.
"""

from __future__ import annotations

from datetime import datetime

from allclear.core.clock.advice import next_advice
from allclear.core.clock.deadlines import next_due
from allclear.core.model.structs import replace
from allclear.core.model.times import stamp
from allclear.core.plan.passing import Pass
from allclear.core.record.incident import Stage
from allclear.core.record.panel_text import issue_digest, quiet_line


def quiet(current: Pass, labels: frozenset[str], word: datetime | None) -> str:
    """The line, or nothing. ``labels``: those of the issue when this pass is done; ``word``: the last word of
    the people at work that the checkpoint knows of; a later one only puts a deadline off.
    """
    if not _still(current):
        return ""
    snapshot, runbook = current.snapshot, current.policy.runbook
    incident = replace(current.incident, word=word)
    due = next_due(incident, runbook, snapshot.now)
    advice = next_advice(incident, runbook, snapshot.now)
    first = min((one for one in (due, advice) if one is not None), default=None)
    if first is not None and first <= snapshot.now:
        return ""  # what is due and was not said is looked at by every run
    issue = snapshot.issue
    return quiet_line(
        stamp(first) if first is not None else "",
        current.policy.settings.bots,
        issue_digest(issue.title, issue.body, labels),
    )


def _still(current: Pass) -> bool:
    """Whether nothing changes by itself but the time. Without a key, nobody could believe the line."""
    incident, policy = current.incident, current.policy
    unsaid = current.waiting or current.postponed or policy.trouble or policy.keys is None
    if unsaid or incident.stage != Stage.OPEN or current.snapshot.issue.state != "open":
        return False
    fixed = incident.reached("mitigated") is not None or incident.reached("resolved") is not None
    production, postmortem = incident.production, incident.postmortem
    under_way = any(one.open for one in production.operations.values()) or production.hotfix is not None
    return not (fixed or under_way or postmortem.pending or postmortem.pull is not None)
