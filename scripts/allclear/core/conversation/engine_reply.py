"""What the engine answers when a job of its own has ended: one entry, and the words for whoever waits."""

from __future__ import annotations

from allclear.core.conversation.command import Policy
from allclear.core.model.effects import Reply
from allclear.core.record.entry import Entry, Recorded
from allclear.core.view.reply import compose, engine_part


def engine_reply(entry: Entry, say: str, record: Recorded, *, repo: int, issue: int, policy: Policy) -> Reply:
    """The reply that carries ``entry``, the next in ``record``, and says so."""
    part = engine_part(entry.chained(record.head), say)
    (one,) = compose(
        repo, issue, [part], renderer=policy.renderer, zone=policy.zone, now=entry.at, keys=policy.keys
    )
    return Reply(one.body, one.keys)
