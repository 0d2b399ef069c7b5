"""What a pass decided, and what it knew when it did."""

from __future__ import annotations

from msgspec import Struct

from allclear.core.conversation.command import Policy
from allclear.core.model.snapshot import Snapshot
from allclear.core.plan.plan import Plan


class Decided(Struct, frozen=True):
    """A plan, and the issue as it was read for it, with all that was looked up on the way."""

    policy: Policy
    snapshot: Snapshot
    plan: Plan
