"""One thing that somebody wants of an incident."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from msgspec import Struct

from allclear.core.conversation.command import Call, Policy
from allclear.core.conversation.parse import Typed
from allclear.core.model.people import Person

Origin = Literal[
    "comment", "severity-label", "incident-label", "close", "reopen", "box", "text", "form", "hint"
]
"""``text``: the text of the issue; ``form``: a comment that is a form of the runbook; ``hint``: one that
begins like a form.
"""

WRITTEN: tuple[Origin, ...] = ("form", "hint")
"""What nobody wrote as a command."""


class Ask(Struct, frozen=True):
    """One thing somebody wants. ``typed`` is what the person wrote; ``keyword``: a commit or the merge of a
    pull request closed the issue, which nobody wanted; ``unclear``: GitHub did not say whether that was it.
    ``told``: what looks like commands and is not done, of one comment; ``added``: because an edit put it
    into a comment that was answered. ``place``: in the order of its comment.
    """

    call: Call
    origin: Origin
    typed: str = ""
    look_alike: bool = False
    overflow: bool = False
    keyword: bool = False
    unclear: bool = False
    told: tuple[Typed, ...] = ()
    added: bool = False
    place: int = 0

    @property
    def order(self) -> tuple[datetime, int, int, str]:
        """Total: by the time it was said, then by id (fault T3), then by its place in the comment."""
        return self.call.at, self.call.comment, self.place, self.call.key.rpartition(".")[2].zfill(6)


def by_bot(person: Person, policy: Policy) -> bool:
    """Whether it is another app or a bot: those give no commands (fault H18)."""
    return person.id in policy.settings.bots or person.login.endswith("[bot]")
