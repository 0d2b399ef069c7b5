from __future__ import annotations

from allclear.core.arguments import FlagWord
from allclear.core.command import Answer, Room, command
from allclear.core.facts import Helped, Unflagged
from allclear.core.neutral import code
from allclear.core.people import Rights


@command("unflag", least=Rights.TRIAGE, examples=("/unflag security",), reversible=True)
def unflag(room: Room, name: FlagWord) -> Answer:
    """Lowers a flag; the deadlines that stand only for it stop."""
    if name not in room.incident.flags:
        return Answer((Helped(),), f"The flag {code(name)} is not up. Nothing changes.")
    return Answer((Unflagged(flag=name),), f"Flag lowered: {code(name)}.")
