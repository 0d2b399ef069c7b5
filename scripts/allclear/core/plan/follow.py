"""What other issues and pull requests did to this incident: joined, published, fixed forward."""

from __future__ import annotations

from allclear.core.model.asking import Asking
from allclear.core.model.neutral import inline
from allclear.core.model.snapshot import Comment, Wants
from allclear.core.model.times import spell
from allclear.core.plan.passing import Pass
from allclear.core.record.chain import Break
from allclear.core.record.entry import Entry
from allclear.core.record.incident import Stage
from allclear.core.record.join import read_join
from allclear.core.record.life import Joined
from allclear.core.record.postmortem import PostmortemPublished
from allclear.core.record.production import HotfixMerged
from allclear.core.view.reply import engine_part


def follow(current: Pass) -> Asking[None]:
    """Write down what happened elsewhere since the last pass."""
    _joined(current)
    yield from _published(current)
    yield from _merged(current)


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
        if not join.counts(current.policy.keys):
            _name_unsigned(current, comment, answered)
            continue
        key = f"j{join.issue}.{comment.id}"
        if key not in answered and join.issue not in current.incident.links.joined:
            fact = Joined(issue=join.issue, people=join.people)
            entry = Entry(key=key, what="joined", at=comment.created_at, source=comment.id, facts=(fact,))
            current.add(
                engine_part(entry, f"#{join.issue} is the same incident. Its people were added here.")
            )


def _name_unsigned(current: Pass, comment: Comment, answered: set[str]) -> None:
    """Say once that a comment brings nobody along. One that an earlier pass followed is known by its key."""
    broken = Break.of(comment, "unsigned")
    followed = any(key.startswith("j") and key.endswith(f".{comment.id}") for key in answered)
    if followed or broken.key in answered:
        return
    entry = Entry(key=broken.key, what="tampered", at=current.snapshot.now, facts=(broken.fact,))
    say = (
        f"[This comment]({comment.url}) says that another incident is this one, but no key of this "
        "repository signed it, so it brings nobody along."
    )
    current.add(engine_part(entry, say, "refused"))


def _published(current: Pass) -> Asking[None]:
    """The post-mortem's pull request was merged. One that was merged before a reopening says nothing of the
    post-mortem that is to follow.
    """
    incident = current.incident
    pull, key = incident.postmortem.pull, f"published:{incident.postmortem.pull}"
    told = any(entry.key == key for entry in current.entries)
    if pull is None or told or incident.stage != Stage.CLOSED or incident.reached("published"):
        return
    yield from current.known.learn(Wants(pulls=frozenset({pull})))
    merged = current.snapshot.pulls.get(pull)
    if merged is not None and (incident.opened is None or merged >= incident.opened):
        entry = Entry(key=key, what="published", at=merged, facts=(PostmortemPublished(at=merged),))
        say = f"The post-mortem is published: {inline(incident.postmortem.path)}."
        current.add(engine_part(entry, say))


def _merged(current: Pass) -> Asking[None]:
    """Write down that the hotfix was merged: the incident is fixed forward, once that is deployed."""
    incident, hotfix = current.incident, current.incident.production.hotfix
    if incident.stage != Stage.OPEN or hotfix is None or hotfix.pull is None or hotfix.merged is not None:
        return
    yield from current.known.learn(Wants(pulls=frozenset({hotfix.pull})))
    merged = current.snapshot.pulls.get(hotfix.pull)
    if merged is None:
        return
    fact = HotfixMerged(at=merged)
    entry = Entry(key=f"hotfix-merged:{hotfix.pull}", what="hotfix", at=current.snapshot.now, facts=(fact,))
    window = current.policy.runbook.window(incident.severity, "hotfix")
    length = f" of {spell(window)}" if window else ""
    say = (
        f"The hotfix [#{hotfix.pull}]({hotfix.url}) is merged. When it is deployed, write "
        f"`/status monitoring`, which starts the extended monitoring{length}."
    )
    current.add(engine_part(entry, say))
