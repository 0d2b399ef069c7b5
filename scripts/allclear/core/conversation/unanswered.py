"""What people wrote and has no answer yet: commands in comments and in the issue's own text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from msgspec import Struct, field

from allclear.core.conversation.ask import Ask, Origin, by_bot
from allclear.core.conversation.command import Call, Policy
from allclear.core.conversation.declare import claims
from allclear.core.conversation.forms import filled_in, forms_of, told_of
from allclear.core.conversation.parse import MOST_CALLS, Typed
from allclear.core.conversation.words import commands_in, compared, nearest, understood
from allclear.core.model.asking import Asking, HistoryNeededError, Knowledge
from allclear.core.model.neutral import code, inline
from allclear.core.model.patterns import lazy_regex
from allclear.core.model.people import Person, Rights
from allclear.core.model.snapshot import Comment, LastEdit, Snapshot, Wants
from allclear.core.model.structs import replace
from allclear.core.record.entry import command_key, form_key
from allclear.core.record.incident import Incident, Stage
from allclear.core.record.ledger import Ledger

FRESH = timedelta(days=1)
"""So long after the declaration the issue's text is looked at for commands that nobody answered."""

_MAY_BE_FIELD = lazy_regex("[:=#\uff1a]|\\*\\*|__|^ {0,9}\\|", re.MULTILINE)

SEEN = timedelta(hours=1)
"""An edit that is so much older than our newest reply was seen by the run that wrote it."""

TEXT = "declare."
"""What the keys of answers to the issue's own text begin with."""


class Replies(Struct, frozen=True):
    """Our replies: ``by_key`` is the comment that shows each entry, by its key, of those that were read;
    ``whole``: all of them were.
    """

    by_key: Mapping[str, int] = field(default_factory=dict)
    whole: bool = True


NO_REPLIES = Replies()


def in_comments(
    snapshot: Snapshot,
    ledger: Ledger,
    policy: Policy,
    refused: frozenset[int],
    replies: Replies,
    *,
    forms: bool = False,
) -> Iterator[Ask]:
    """The unanswered commands of the comments, without those of the comments that we ``refused``; with
    ``forms``, those that comments are which hold a form of the runbook. A hint is given once.
    """
    hinted = set[str]()
    bots = policy.settings.bots
    ours = [one.created_at for one in snapshot.comments if one.author is not None and one.author.id in bots]
    for comment in snapshot.comments:
        author = comment.author
        if author is None or by_bot(author, policy) or comment.id in refused:
            continue
        typed = _commands(comment.body, policy)
        fields = forms and _MAY_BE_FIELD.search(comment.body)
        form = _form(comment, author, typed, ledger, policy) if fields else None
        if form is not None and form.call.key not in hinted:
            hinted.add(form.call.key)
            yield form
        if typed and comment.edited and ledger.touched(comment.id, commands=True):
            # What was answered is answered; a new command wants a new comment (fault H6).
            if comment.updated_at + SEEN > max(ours, default=comment.created_at):
                yield from _added(comment, author, typed, snapshot, ledger, replies)
        else:
            yield from _of_one(comment, author, typed, ledger)


def _form(
    comment: Comment, author: Person, typed: Sequence[Typed], ledger: Ledger, policy: Policy
) -> Ask | None:
    """What is wanted by a comment that is a form of the runbook, or begins with a part of one; None where it
    is neither, or has an answer.
    """
    found = filled_in(comment.body, typed, forms_of(policy.runbook))
    if found is None or found.form.command in {word.lower().lstrip("/") for word in policy.settings.ignore}:
        return None
    key = f"hint:{found.form.command}" if found.hint else form_key(comment.id)
    if ledger.has(key) or ledger.touched(comment.id, commands=True):
        return None
    meant = Typed(found.form.command, told_of(found.form) if found.hint else "", found.text)
    origin: Origin = "hint" if found.hint else "form"
    return Ask(_call(comment, author, key, meant), origin, found.first, place=-1)


def _commands(body: str, policy: Policy) -> list[Typed]:
    ignored = {word.lower().lstrip("/") for word in policy.settings.ignore}
    found = commands_in(body, policy.runbook, policy.commands, policy.settings.actions)
    return [one for one in found if one.word.lower() not in ignored]


def _of_one(comment: Comment, author: Person, typed: Sequence[Typed], ledger: Ledger) -> Iterator[Ask]:
    """The unanswered commands of one comment; what is not taken where it stands is told in one answer."""
    told = tuple(one for one in typed[:MOST_CALLS] if one.told)
    for place, found in enumerate(typed):
        if found in told:
            continue
        key = command_key(comment.id, found.place)
        if not ledger.has(key):
            overflow = place >= MOST_CALLS
            call = _call(comment, author, key, found)
            yield Ask(
                call, "comment", found.typed, look_alike=found.look_alike, overflow=overflow, place=place
            )
    key = command_key(comment.id, "told")
    if told and not ledger.has(key):
        call = _call(comment, author, key, told[0])
        yield Ask(call, "comment", told[0].typed, told=told, place=typed.index(told[0]))


def _added(
    comment: Comment,
    author: Person,
    typed: Sequence[Typed],
    snapshot: Snapshot,
    ledger: Ledger,
    replies: Replies,
) -> Iterator[Ask]:
    """What an edit put into a comment that was answered: told once for each edit."""
    key = command_key(comment.id, f"e{comment.updated_at:%Y%m%d%H%M%S}")
    if ledger.has(key):
        return
    added = _unrepeated(typed, author, snapshot, replies, command_key(comment.id, ""))
    if added:
        call = _call(comment, author, key, added[0])
        yield Ask(call, "comment", added[0].typed, told=added, added=True)


def _unrepeated(
    typed: Sequence[Typed], author: Person, snapshot: Snapshot, replies: Replies, cause: str
) -> tuple[Typed, ...]:
    """Those that no reply to this ``cause``, the beginning of its keys, repeats, as an answer or in a list:
    what the text said when it was answered stands there. Raises HistoryNeededError when such a reply may not
    have been read.
    """
    ours = {reply for key, reply in replies.by_key.items() if key.startswith(cause)}
    shown = [one.body for one in snapshot.comments if one.id in ours]
    found = tuple(
        one
        for one in typed
        if not any(
            f"{code(one.typed)} · {inline(author.login)}" in reply or f"- {code(one.typed)}: " in reply
            for reply in shown
        )
    )
    if found and not replies.whole:
        raise HistoryNeededError
    return found


def _call(comment: Comment, author: Person, key: str, found: Typed) -> Call:
    return Call(
        key=key,
        word=found.word,
        line=found.line,
        below=found.below,
        comment=comment.id,
        author=author,
        at=comment.created_at,
        edited=comment.edited,
    )


def in_text(
    known: Knowledge, ledger: Ledger, incident: Incident, policy: Policy, replies: Replies
) -> Asking[list[Ask]]:
    """The unanswered commands in the issue's own text, and a severity that was written into it later.

    They count as its author's. Dangerous ones do not count there, nothing does that somebody else may have
    written, and of strangers nothing is looked at: of a report they hear that somebody has to confirm it.
    """
    issue, opened = known.snapshot.issue, incident.opened
    if incident.stage != Stage.OPEN or opened is None or known.snapshot.now - opened > FRESH:
        return []
    typed = [one for one in _commands(issue.body, policy) if _known(one, policy)] if "/" in issue.body else []
    news = [one for one in typed if not ledger.has(f"{TEXT}{_place(one)}")]
    level = _severity_in(known.snapshot, ledger, incident, policy)
    if issue.author is None or not (news or level):
        return []
    yield from known.learn(Wants(issue_editor=True))
    edit = known.snapshot.issue_edit
    if edit is None or not edit.known or edit.editor is None or by_bot(edit.editor, policy):
        return []
    rights = yield from known.rights_of(edit.editor)
    if rights is None or rights < Rights.TRIAGE:
        return []
    found = list(_later(level, edit, opened))
    if edit.editor.id != issue.author.id or edit.at > opened:
        added = _unrepeated(news, issue.author, known.snapshot, replies, TEXT)
        key = f"{TEXT}e{edit.at:%Y%m%d%H%M%S}"
        if added and not ledger.has(key):
            call = _text_call(key, added[0], edit.editor, edit.at)
            found.append(Ask(call, "text", added[0].typed, told=added, added=True))
        return found
    at = max(issue.created_at, opened)
    told = tuple(one for one in news if _place(one) == "told")
    for place, one in enumerate(news):
        if one not in told:
            call = _text_call(f"{TEXT}{one.place}", one, issue.author, at)
            found.append(Ask(call, "text", one.typed, place=place))
    if told:
        call = _text_call(f"{TEXT}told", told[0], issue.author, at)
        found.append(Ask(call, "text", told[0].typed, told=told, place=news.index(told[0])))
    return found


def _known(typed: Typed, policy: Policy) -> bool:
    """Whether it is a command or looks like one of ours misspelt: a report may begin its lines with paths and
    with words of other tools.
    """
    if typed.look_alike:
        return False
    ours = understood(typed.word, typed.line, policy.runbook, policy.commands) is not None
    action = compared(typed.word) in policy.settings.actions
    return ours or action or nearest(typed.word, policy.runbook, policy.commands) is not None


def _place(typed: Typed) -> str:
    return "told" if typed.told or typed.bare_only else typed.place


def _text_call(key: str, found: Typed, author: Person, at: datetime) -> Call:
    return Call(key, found.word, found.line, found.below, comment=0, author=author, at=at)


def _severity_in(snapshot: Snapshot, ledger: Ledger, incident: Incident, policy: Policy) -> str:
    """The severity that the issue's text names and that never was in force; empty when there is none."""
    bare = replace(snapshot.issue, title="", labels=frozenset())
    named = claims(bare, policy.labels, policy.zone, snapshot.now).named
    level = named[0] if named else ""
    new = level and level != incident.severity and level not in ledger.levels
    return level if new and not ledger.has(f"{TEXT}sev-{level}") else ""


def _later(level: str, edit: LastEdit, opened: datetime) -> Iterator[Ask]:
    """What is told of a severity that was written into the text after it became an incident."""
    if level and edit.editor is not None and edit.at > opened:
        found = Typed("sev", level, "")
        call = _text_call(f"{TEXT}sev-{level}", found, edit.editor, edit.at)
        yield Ask(call, "text", found.typed, told=(found,), added=True)
