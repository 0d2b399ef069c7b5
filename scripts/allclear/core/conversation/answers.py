"""One ask, answered. Every ask gets one terminal answer, or waits."""

from __future__ import annotations

from dataclasses import dataclass, replace

from allclear.core.conversation.acting import SAID, acknowledging
from allclear.core.conversation.ask import Ask
from allclear.core.conversation.case import Case
from allclear.core.conversation.command import Answer, Call, Command, CommandContext
from allclear.core.conversation.rights import heard, refuse_unless_allowed
from allclear.core.conversation.saving import scarce
from allclear.core.conversation.taking import taking
from allclear.core.conversation.untaken import not_taken
from allclear.core.conversation.words import nearest
from allclear.core.model.asking import Asking
from allclear.core.model.errors import UserError
from allclear.core.model.neutral import code, inline
from allclear.core.model.people import Person, Rights
from allclear.core.model.snapshot import Wants
from allclear.core.record.audit import Helped, Refused
from allclear.core.record.entry import Entry
from allclear.core.record.facts import Fact
from allclear.core.record.incident import Stage
from allclear.core.record.life import Dismissed
from allclear.core.view.reply import Part, Said


@dataclass(frozen=True, slots=True)
class Silence:
    """A stranger's further commands:
    a reaction at most, no reply, so that nobody can make the bot talk (fault H1).
    """

    comment: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """GitHub did not say what this person may do, or who edited the comment:
    neither run nor refused, asked again by the next pass (fault A16).
    """

    ask: Ask


@dataclass(frozen=True, slots=True)
class Later:
    """A stranger's command while little is left of the hour: its answer, a refusal, waits."""

    comment: int


Verdict = Part | Silence | Waiting | Later


def respond(case: Case) -> Asking[Verdict]:
    """The answer to one ask, once all that it depends on is known."""
    ask, known = case.ask, case.known
    if ask.keyword:
        # Nobody asked for anything, so nobody's rights matter.
        return _part(ask, (Refused(code="keyword"),), "refused", _by_keyword(case))
    if ask.unclear:
        return Waiting(ask)
    rights = yield from known.rights_of(ask.call.author)
    if rights is None:
        return Waiting(ask)
    if (unanswered := _unanswered(case, rights)) is not None:
        return unanswered
    if ask.origin == "comment" and ask.call.edited and (foreign := (yield from _edited(case))) is not None:
        return foreign
    try:
        answer = yield from _answer(case, rights)
    except UserError as refusal:
        return _part(ask, (Refused(code=refusal.code),), "refused", refusal.message)
    mark = "helped" if all(isinstance(fact, Helped) for fact in answer.facts) else "done"
    acted = acknowledging(answer.facts, case.incident, ask.call.author)
    said = f"{answer.say}{_pause(answer.say)}{SAID}" if acted else answer.say
    taken, told = taking(case.context(ask.call, rights), (*answer.facts, *acted))
    said = f"{said}\n{told}" if told else said
    return _part(ask, (*answer.facts, *acted, *taken), mark, said)


def _pause(say: str) -> str:
    return "\n\n" if "\n" in say else " "


def _unanswered(case: Case, rights: Rights) -> Silence | Later | None:
    """What becomes of a command that is not answered now; None for all others."""
    ask = case.ask
    if not heard(case, rights):
        return Silence(ask.call.comment)
    saves = scarce(case.known.snapshot, case.policy.settings.bots)
    if saves and rights < Rights.TRIAGE and ask.origin == "comment":
        return Later(ask.call.comment)
    return None


def _edited(case: Case) -> Asking[Verdict | None]:
    """What becomes of an edited comment that its author did not edit; None when they did."""
    ask, known = case.ask, case.known
    yield from known.learn(Wants(editors=frozenset({ask.call.comment})))
    edit = known.snapshot.editors[ask.call.comment]
    if not edit.known:
        return Waiting(ask)
    if edit.editor is not None and edit.editor.id == ask.call.author.id:
        return None
    return _part(ask, (Refused(code="edited"),), "refused", _edited_by(edit.editor))


def _edited_by(editor: Person | None) -> str:
    """Why nothing of a comment is done that somebody else changed: nobody speaks in another's name."""
    who = inline(editor.login) if editor is not None else "somebody who is gone"
    return (
        f"This comment was edited by {who}, and not by its author, so nothing in it is done. "
        "Write the command in a new comment."
    )


def _by_keyword(case: Case) -> str:
    """What is said when the merge of a pull request, or a commit, closed the issue (000-A1)."""
    closer = case.known.snapshot.closer
    pull = closer.pull if closer is not None else None
    what = f"the merge of [pull request #{pull.number}]({pull.url})" if pull else "a commit"
    end = "/all-clear" if case.incident.stage == Stage.OPEN else "/dismiss"
    return (
        f"A closing keyword does not end an incident; it was opened again. GitHub closed it for {what}. "
        f"{code(end)} ends it."
    )


def _part(ask: Ask, facts: tuple[Fact, ...], mark: str, say: str) -> Part:
    call = ask.call
    entry = Entry(
        key=call.key,
        what=call.word.lower()[:40],
        by=call.author,
        at=call.at,
        source=call.comment or None,
        facts=facts,
    )
    typed = ask.typed if ask.origin != "comment" or ask.look_alike else f"/{call.word} {call.line}".rstrip()
    return Part(entry, Said(call.key, typed or call.word, call.author.login, mark, say))


def _answer(case: Case, rights: Rights) -> Asking[Answer]:
    """What is said to somebody who is heard. Raises UserError with what they can do about it."""
    ask, policy = case.ask, case.policy
    if ask.overflow:
        raise UserError(
            "Only the first 100 commands of a comment are read. Put the others into another comment."
        )
    if ask.look_alike:
        raise UserError(
            "This looks like a command, but its first character is not a plain `/`. "
            "Type it again, at the start of a line.",
            "look-alike",
        )
    if ask.told:
        raise UserError(not_taken(ask.told, added=ask.added), "not-taken")
    if ask.origin == "incident-label":
        raise UserError(
            "This label marks the incident, so it was put back. "
            "An incident ends with `/dismiss`, `/duplicate #n` or `/all-clear`.",
            "state",
        )
    if ask.origin == "severity-label" and not ask.call.line:
        raise UserError(
            "An incident has one severity label, so this one was put back. "
            "`/sev <severity>` changes the severity.",
            "state",
        )
    if case.withdraws:
        return Answer(
            (Dismissed(why="withdrawn by its author"),),
            "The author withdrew this report. Nobody had been paged.",
        )
    if case.named is None:
        near = nearest(ask.call.word, policy.runbook, policy.commands)
        hint = f" Did you mean {code('/' + near)}?" if near else ""
        raise UserError(
            f"{code('/' + ask.call.word)} is not a command.{hint} `/help` lists them all.", "unknown"
        )
    command, prefix = case.named
    refuse_unless_allowed(case, command, rights)
    if ask.origin == "close" and case.known.snapshot.issue.closed_as == "duplicate":
        raise UserError(
            "Closing the issue as a duplicate does not say of which incident; it was opened again. "
            "`/duplicate #12`, with the number of the other one, ends this one and moves its people there.",
            "state",
        )
    call = replace(ask.call, line=f"{prefix} {ask.call.line}".strip())
    if command.unedited and call.edited:
        raise UserError(
            f"`/{command.name}` is not accepted from an edited comment. Write it in a new one.", "edited"
        )
    try:
        return command.answer((yield from informed(case, command, call, rights)))
    except UserError as refusal:
        if ask.origin != "close":
            raise
        by = "Closing the issue does not end the incident; it was opened again."
        raise UserError(f"{by} {refusal.message}", refusal.code) from refusal


def informed(case: Case, command: Command, call: Call, rights: Rights) -> Asking[CommandContext]:
    """The context with all that the command wants to know. What is found may make it want more, and whoever
    drives the pass bounds that.
    """
    context = case.context(call, rights)
    while case.known.snapshot.lacks(wanted := command.wanted(context)):
        yield from case.known.learn(wanted)
        context = case.context(call, rights)
    return context
