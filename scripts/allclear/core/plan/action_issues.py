"""Action items as issues: once the post-mortem is published each has one, and the item follows it.

Level-triggered: what is in the list of issues and not in the record is recorded, what is in the record and
has no issue gets one. The list is the sweep's, one for all incidents.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Literal

from allclear.core.model.action_marker import action_marker
from allclear.core.model.asking import Asking, HistoryNeededError
from allclear.core.model.effects import AssignActionIssue, OpenActionIssue, SetActionIssue
from allclear.core.model.neutral import inline
from allclear.core.model.people import Rights
from allclear.core.model.snapshot import Issue
from allclear.core.plan.passing import Pass
from allclear.core.record.action_item import ActionItem
from allclear.core.record.entry import Entry
from allclear.core.record.facts import Fact
from allclear.core.record.incident import Incident, Stage
from allclear.core.record.lean import MOST_ACTIONS
from allclear.core.record.progress import ActionAdded, ActionEnded, ActionFiled, ActionReopened
from allclear.core.view.action_issue import (
    LONGEST_ITEM,
    action_body,
    action_title,
    due_of,
    first_named,
    horizon_of,
)
from allclear.core.view.reply import engine_part

MOST_OPENED = 10
"""Issues that one pass opens; the next one opens the others."""
MOST_ADOPTED = 5
"""Issues that people opened by hand and one pass takes in: for each, it is asked what its author may do."""
SETTLING = timedelta(minutes=30)
"""So long after an item was ended its issue may still be on its way to being closed."""
_ENDS: Mapping[str, Literal["done", "dropped"]] = {"not_planned": "dropped", "duplicate": "dropped"}


def filed(incident: Incident) -> bool:
    """Whether its action items are issues: its post-mortem was published since that is so."""
    published = incident.reached("published") is not None
    return incident.stage == Stage.CLOSED and published and incident.postmortem.followed


def follow_actions(current: Pass) -> Asking[None]:
    """Record what became of the issues, and open those that are missing. Without a list, nothing is known."""
    listed = current.snapshot.action_issues
    if listed is None or not filed(current.incident):
        return
    there: dict[int, Issue] = {}
    by_hand = []
    for issue in sorted(listed, key=lambda one: one.number):
        number = _marked(issue, current)
        if number:
            there.setdefault(number, issue)
        elif first_named(issue, current.snapshot.repository) == current.incident.number:
            by_hand.append(issue)
    for number, issue in there.items():
        _take(current, number, issue)
    yield from _by_hand(current, by_hand)
    _open_missing(current, there)


def mirror_ends(current: Pass) -> None:
    """Close the issues of what was ended in this pass by a command, and reopen those that were taken back."""
    for number, before in current.actions_before.items():
        now = next((one for one in current.incident.progress.actions if one.number == number), None)
        if before.issue and now is not None and now.outcome != before.outcome:
            current.issue_states.setdefault(before.issue, _state_of(now))


def _state_of(item: ActionItem) -> str:
    """How its issue should be: open, or closed as what."""
    return {"": "open", "done": "completed", "dropped": "not_planned"}[item.outcome]


def _marked(issue: Issue, current: Pass) -> int:
    """The number of the item of this incident that the issue is; 0: of none."""
    bots = current.policy.settings.bots
    marker = action_marker(issue.body) if issue.author is not None and issue.author.id in bots else None
    here = (current.snapshot.repository.id, current.incident.number)
    return marker.item if marker is not None and (marker.repo, marker.issue) == here else 0


def _item(number: int, current: Pass, *, whole: bool = False) -> ActionItem | None:
    """The item of that number. ``whole``: also one that is over, of which the checkpoint keeps nothing."""
    found = next((one for one in current.incident.progress.actions if one.number == number), None)
    if found is None and whole and current.journal.base is not None:
        raise HistoryNeededError
    return found


def _take(current: Pass, number: int, issue: Issue) -> None:
    """What the issue of an item says."""
    item = _item(number, current, whole=issue.state == "open")
    if item is None:
        if issue.state == "open":
            # Whoever added it has taken it back.
            current.issue_states[issue.number] = "not_planned"
        return
    if not item.issue:
        fact = ActionFiled(number=number, issue=issue.number)
        _say(current, f"action-issue:{issue.number}", f"Action item {number} is #{issue.number}.", fact)
        owner = _assigned(item, current)
        if owner and not issue.assignees:
            # The run that opened it did not come so far, or GitHub cannot assign them.
            current.assigned_issues.append(AssignActionIssue(issue.number, owner))
    if item.issue in (0, issue.number):
        _follow(current, item, issue)


def _assigned(item: ActionItem, current: Pass) -> tuple[str, ...]:
    """Who the issue is assigned to; a drill calls nobody."""
    return (item.owner.login,) if item.owner is not None and current.incident.kind != "drill" else ()


def _follow(current: Pass, item: ActionItem, issue: Issue) -> None:
    """The item follows its issue, or the issue the item where that was ended by a command."""
    number, link = item.number, f"#{issue.number}"
    settled = item.ended is None or current.snapshot.now - item.ended > SETTLING
    if issue.state != "open" and not item.outcome:
        outcome = _ENDS.get(issue.closed_as, "done")
        at = issue.closed_at or current.snapshot.now
        key = f"action-closed:{issue.number}:{at:%Y%m%dT%H%M%S}"
        if current.ledger.has(key):
            # It was closed, and a command opened the item again.
            current.issue_states[issue.number] = "open"
            return
        how = "as not planned" if outcome == "dropped" else "as completed"
        ended = ActionEnded(number=number, outcome=outcome, why=f"{link} was closed {how}")
        _say(current, key, f"Action item {number} is {outcome}: {link} was closed {how}.", ended)
    elif issue.state == "open" and item.outcome and issue.closed_as == "reopened" and settled:
        key = f"action-reopened:{issue.number}:{current.ledger.count}"
        _say(
            current,
            key,
            f"Action item {number} is open again: {link} was reopened.",
            ActionReopened(number=number),
        )
    elif issue.state == "open" and item.outcome:
        current.issue_states[issue.number] = _state_of(item)


def _by_hand(current: Pass, issues: list[Issue]) -> Asking[None]:
    """Issues that people opened with the label and the incident's number."""
    asked = 0
    for issue in issues:
        known = next((one for one in current.incident.progress.actions if one.issue == issue.number), None)
        key = f"action-issue:{issue.number}"
        if known is not None:
            _follow(current, known, issue)
        elif current.ledger.has(key):
            if issue.state == "open" and current.journal.base is not None:
                raise HistoryNeededError  # It was over, and may be open again.
        elif asked < MOST_ADOPTED and issue.author is not None and _has_room(current.incident):
            asked += 1
            rights = yield from current.known.rights_of(issue.author)
            if rights is not None and rights >= Rights.TRIAGE:
                _adopt(current, issue)


def _has_room(incident: Incident) -> bool:
    known = incident.progress
    return len(known.open_actions) + known.left_out < MOST_ACTIONS


def _adopt(current: Pass, issue: Issue) -> None:
    """An issue that somebody opened by hand is an action item too."""
    number = current.incident.progress.planned + 1
    owner = next(iter(issue.assignees), None)
    added = ActionAdded(number=number, owner=owner, due=due_of(issue), text=issue.title[:LONGEST_ITEM])
    say = f"#{issue.number} is action item {number} of this incident: {inline(issue.title, 100)}"
    _say(current, f"action-issue:{issue.number}", say, added, ActionFiled(number=number, issue=issue.number))
    _follow(current, current.incident.progress.actions[-1], issue)


def _open_missing(current: Pass, there: Mapping[int, Issue]) -> None:
    known = current.incident.progress
    missing = [
        one for one in known.open_actions if one.followed and not one.issue and one.number not in there
    ]
    if not missing or current.scarce:
        return
    if current.journal.base is not None:
        raise HistoryNeededError  # The checkpoint keeps no more of an action item than its beginning.
    policy, incident = current.policy, current.incident
    for item in missing[:MOST_OPENED]:
        horizon = horizon_of(item, incident, policy.runbook, policy.zone)
        labels = (policy.settings.labels.action, *([f"horizon:{horizon}"] if horizon else []))
        current.opened_issues.append(
            OpenActionIssue(
                title=action_title(item),
                body=action_body(item, incident, current.snapshot.repository, horizon),
                labels=labels,
                assignees=_assigned(item, current),
                parent=incident.number,
            )
        )


def _say(current: Pass, key: str, say: str, *facts: Fact) -> None:
    now: datetime = current.snapshot.now
    current.add(engine_part(Entry(key=key, what="action", at=now, facts=facts), say, "helped"))


def issue_effects(current: Pass) -> tuple[OpenActionIssue | SetActionIssue | AssignActionIssue, ...]:
    """What has to be done to the issues of action items."""
    states = (SetActionIssue(number, state) for number, state in current.issue_states.items())
    return (*states, *current.assigned_issues, *current.opened_issues)
