"""Roles are proposed: the people who are meant for them hear of it, with what they would have to do."""

from __future__ import annotations

from datetime import timedelta

from allclear.core.clock.roles import proposals
from allclear.core.conversation.command import Policy
from allclear.core.conversation.notices import audience
from allclear.core.model.asking import Asking, Knowledge
from allclear.core.model.neutral import code, inline
from allclear.core.policy.runbook import Runbook
from allclear.core.record.entry import Entry
from allclear.core.record.incident import Incident
from allclear.core.record.people import RoleProposed
from allclear.core.view.people import duties
from allclear.core.view.reply import Notice, Part


def proposing(incident: Incident, policy: Policy, known: Knowledge) -> Asking[Part | None]:
    """The entry and the notice about roles that are to be proposed now; None when there are none."""
    now = known.snapshot.now
    found = proposals(incident, policy.runbook, policy.settings, now)
    if not found:
        return None
    reached = yield from audience([f"@{one.login}" for one in found], incident, policy, known)
    names = "+".join(one.role for one in found)
    entry = Entry(key=f"roles:{incident.interval}:{names}", what="roles", at=now, facts=found)
    lines = "\n".join(_line(one, policy.runbook) for one in found)
    text = (
        "Whoever is named here has the role from their next command on, such as `/ack`. `/role <role> @user` "
        f"gives it to somebody else.\n\n{lines}"
    )
    spoken = Notice(
        key=entry.key,
        title="A role for you" if len(found) == 1 else "Roles",
        text=text,
        mentions=reached.mentions,
        names=reached.names,
        due=now,
        late=timedelta(),
        action="notify",
        kind=incident.kind,
        instead=reached.instead,
    )
    return Part(entry, notice=spoken)


def _line(one: RoleProposed, runbook: Runbook) -> str:
    role = next(role for role in runbook.roles if role.id == one.role)
    title = f" ({inline(one.title)})" if one.title else ""
    why = f", because {inline(one.why)}" if one.why else ""
    return f"- **{inline(role.title)}** ({code(role.id)}): {inline(one.login)}{title}{why}.{duties(role)}"
