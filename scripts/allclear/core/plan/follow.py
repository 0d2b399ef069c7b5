"""What other issues and pull requests did to this incident: joined, published, fixed forward."""

from __future__ import annotations

from allclear.core.model.neutral import inline
from allclear.core.model.times import spell
from allclear.core.plan.passing import Pass
from allclear.core.production.hotfix import to_follow
from allclear.core.record.entry import Entry
from allclear.core.record.join import read_join
from allclear.core.record.life import Joined
from allclear.core.record.postmortem import PostmortemPublished
from allclear.core.record.production import HotfixMerged
from allclear.core.view.reply import Part, Said


def follow(current: Pass) -> None:
    """Write down what happened elsewhere since the last pass."""
    _joined(current)
    _published(current)
    _merged(current)


def _joined(current: Pass) -> None:
    """Issues that say they are this incident."""
    answered = {entry.key for entry in current.entries}
    for comment in current.snapshot.comments:
        join = (
            read_join(comment.body)
            if comment.author and comment.author.id in current.policy.settings.bots
            else None
        )
        if join is None or (join.repo, join.of) != (current.snapshot.repository.id, current.incident.number):
            continue
        key = f"j{join.issue}.{comment.id}"
        if key not in answered and join.issue not in current.incident.links.joined:
            fact = Joined(issue=join.issue, people=join.people)
            entry = Entry(key=key, what="joined", at=comment.created_at, source=comment.id, facts=(fact,))
            current.add(
                Part(
                    entry,
                    Said(key, "", "", "done", f"#{join.issue} is this incident; its people came along."),
                )
            )


def _published(current: Pass) -> None:
    """The post-mortem's pull request was merged."""
    answered = {entry.key for entry in current.entries}
    pull = current.incident.postmortem.pull
    merged = current.snapshot.pulls.get(pull) if pull is not None else None
    key = f"published:{pull}"
    if merged is not None and key not in answered and current.incident.reached("published") is None:
        entry = Entry(key=key, what="published", at=merged, facts=(PostmortemPublished(at=merged),))
        current.add(
            Part(
                entry,
                Said(
                    key,
                    "",
                    "",
                    "done",
                    f"The post-mortem is published: {inline(current.incident.postmortem.path)}.",
                ),
            )
        )


def _merged(current: Pass) -> None:
    """Write down that the hotfix was merged: the incident is fixed forward, once that is deployed."""
    incident = current.incident
    merged = [current.snapshot.pulls.get(pull) for pull in to_follow(incident, ())]
    hotfix = incident.production.hotfix
    if not merged or merged[0] is None or hotfix is None:
        return
    key = f"hotfix-merged:{hotfix.pull}"
    entry = Entry(key=key, what="hotfix", at=current.snapshot.now, facts=(HotfixMerged(at=merged[0]),))
    window = current.policy.runbook.window(incident.severity, "hotfix")
    length = f" ({spell(window)} after a fix forward)" if window else ""
    say = (
        f"The hotfix [#{hotfix.pull}]({hotfix.url}) is merged. Deploy it, then "
        f"`/status monitoring` starts the extended monitoring{length}."
    )
    current.add(Part(entry, Said(key, "", "", "done", say)))
