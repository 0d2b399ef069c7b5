"""Saying what changed before the incident began, with the command that takes a release back."""

from __future__ import annotations

from allclear.core.conversation.answers import informed
from allclear.core.conversation.ask import Ask
from allclear.core.conversation.case import Case
from allclear.core.conversation.command import Call
from allclear.core.model.asking import Asking
from allclear.core.model.errors import UserError
from allclear.core.model.people import Person, Rights
from allclear.core.model.recent_change import RecentChange
from allclear.core.model.structs import replace
from allclear.core.plan.passing import Pass
from allclear.core.policy.provider import source_of_targets
from allclear.core.production.recent_changes import (
    RecentHistory,
    is_newest,
    is_news,
    question,
    recent_changes,
)
from allclear.core.production.rollback import aim, line_to_type, request_of, under_way
from allclear.core.record.entry import Entry
from allclear.core.record.findings import ChangesFound
from allclear.core.view.recent_changes import changes_told
from allclear.core.view.reply import engine_part

NOBODY = Person(id=0, login="allclear")
"""In whose name it is tried whether a rollback would be refused. Nobody asks for one."""


def tell_what_changed(current: Pass, history: RecentHistory) -> Asking[None]:
    """Say what changed before the start, unless that was said already; nothing where nothing was found. When
    the start was corrected, so that what was said is wrong, that is said too.
    """
    policy, asked = current.policy, question(current.incident)
    if asked is None:
        return
    found = recent_changes(history, asked, policy.settings, policy.providers)
    if not is_news(found, asked, current.incident):
        return
    changes = list[RecentChange]()
    for change in found:
        first = change.service not in {one.service for one in changes}
        line = (yield from _way_back(current, change, history)) if first else ""
        changes.append(replace(change, undo=line))
    fact = ChangesFound(until=asked.until, changes=tuple(changes))
    now = current.snapshot.now
    entry = Entry(key=f"changed:{current.ledger.count}", what="changed", at=now, facts=(fact,))
    current.add(engine_part(entry, changes_told(changes, asked.until, policy.zone, now), "helped"))


def _way_back(current: Pass, change: RecentChange, history: RecentHistory) -> Asking[str]:
    """The line that takes a release back; empty where the command would be refused now, or would take
    something else back. The command itself is asked: there is no second judgement.
    """
    policy, incident = current.policy, current.incident
    command, service = policy.commands.get("rollback"), policy.settings.services.get(change.service)
    if command is None or service is None or not service.provider:
        return ""
    if incident.reached("mitigated") is not None or under_way(incident, change.service) is not None:
        return ""
    call = Call("changed", command.name, change.service, "", 0, NOBODY, current.snapshot.now)
    ask, replies = Ask(call, "comment"), current.journal.replies
    case = Case(ask, current.known, policy, incident, current.read_entries, current.ledger, replies)
    context = yield from informed(case, command, call, Rights.NONE)
    try:
        request = request_of(context)
        aimed = aim(request, context)
        command.answer(context)
    except UserError:
        return ""
    if source_of_targets(aimed.service, aimed.provider) == "provider":
        return f"/rollback {change.service}" if is_newest(change, history) else ""
    runs = aimed.current is not None and aimed.current.id == change.id
    return line_to_type(aimed.name, request, aimed.release) if runs and aimed.release is not None else ""
