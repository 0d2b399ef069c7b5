"""The issue's own text, when it is changed after the declaration so that it names another severity. Nothing
is taken from it, for who may edit a text need not be who may change a severity; but it is answered.
"""

from __future__ import annotations

from datetime import datetime

from allclear.core.conversation.body_fields import levels_in, rating
from allclear.core.conversation.titles import read_title
from allclear.core.conversation.unanswered import FRESH
from allclear.core.model.asking import Asking
from allclear.core.model.neutral import code, inline
from allclear.core.model.people import Person
from allclear.core.model.snapshot import Wants
from allclear.core.plan.passing import Pass
from allclear.core.policy.runbook import Severity
from allclear.core.record.audit import Helped
from allclear.core.record.entry import Entry
from allclear.core.record.incident import Stage
from allclear.core.view.reply import engine_part


def tell_what_the_text_names(current: Pass) -> Asking[None]:
    """Say of a severity, once, that text or title name it since they were changed, and which command takes
    it. GitHub is asked about that only where they name a severity that the incident never had, on its first
    day: later it is no news.
    """
    incident, runbook, issue = current.incident, current.policy.runbook, current.snapshot.issue
    declared = incident.reached("declared")
    if incident.stage != Stage.OPEN or declared is None or current.scarce:
        return
    if current.snapshot.now - declared > FRESH:
        return
    in_body = _new(current, levels_in(rating(issue.body), runbook))
    in_title = _new(current, read_title(issue.title, runbook).levels)
    if in_body is None and in_title is None:
        return
    yield from current.known.learn(Wants(issue_editor=in_body is not None, events=in_title is not None))
    edit = current.snapshot.issue_edit
    if in_body is not None and edit is not None and edit.known and edit.at > declared:
        _tell(current, in_body, "text", edit.editor, edit.at)
    renamed = [one for one in current.snapshot.events or () if one.kind == "renamed" and one.at > declared]
    if in_title is not None and in_title != in_body and renamed:
        _tell(current, in_title, "title", renamed[-1].actor, renamed[-1].at)


def _new(current: Pass, named: tuple[Severity, ...] | list[Severity]) -> Severity | None:
    """The worst of the severities that are named, when it is none that the incident had or was told of."""
    worst = min(named, key=lambda one: current.policy.runbook.rank(one.id), default=None)
    known = worst is None or worst.id in current.ledger.levels or current.ledger.has(_key(worst))
    return None if known else worst


def _key(level: Severity) -> str:
    return f"text:{level.id}"


def _tell(current: Pass, level: Severity, where: str, who: Person | None, at: datetime) -> None:
    say = (
        f"The {where} of the issue was changed and names {inline(level.shown or level.id)} now, but the "
        f"incident stays {inline(current.incident.severity)}: a severity is changed by a command. "
        f"{code('/sev ' + level.id)} makes it {inline(level.shown or level.id)}."
    )
    entry = Entry(key=_key(level), what="text", by=who, at=at, facts=(Helped(),))
    current.add(engine_part(entry, say, "helped", to=who))
