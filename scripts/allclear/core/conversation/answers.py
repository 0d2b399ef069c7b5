"""One ask, answered. Every ask gets one terminal answer, or waits."""

from __future__ import annotations

from msgspec import Struct

from allclear.core.conversation.acting import SAID, acknowledging
from allclear.core.conversation.addresses import reads_like_a_page
from allclear.core.conversation.ask import WRITTEN, Ask
from allclear.core.conversation.case import Case
from allclear.core.conversation.command import Answer, Call, Command, CommandContext
from allclear.core.conversation.contained import kept_as_text
from allclear.core.conversation.ending import ending
from allclear.core.conversation.hints import foreign, told, told_foreign, told_page
from allclear.core.conversation.reading import with_example
from allclear.core.conversation.rights import heard, refuse_unless_allowed
from allclear.core.conversation.saving import scarce
from allclear.core.conversation.taking import taking
from allclear.core.conversation.untaken import not_taken
from allclear.core.conversation.words import commands_in
from allclear.core.model.asking import Asking
from allclear.core.model.errors import UserError
from allclear.core.model.neutral import code, inline
from allclear.core.model.people import Person, Rights
from allclear.core.model.snapshot import Wants
from allclear.core.model.structs import replace
from allclear.core.record.audit import Helped, Refused
from allclear.core.record.entry import Entry, command_key
from allclear.core.record.facts import Fact
from allclear.core.record.incident import Stage
from allclear.core.record.life import Dismissed
from allclear.core.view.reply import Part, Said


class Silence(Struct, frozen=True):
    """A stranger's further commands:
    a reaction at most, no reply, so that nobody can make the bot talk (fault H1).
    """

    comment: int


class Waiting(Struct, frozen=True):
    """GitHub did not say what this person may do, or who edited the comment:
    neither run nor refused, asked again by the next pass (fault A16).
    """

    ask: Ask


class Later(Struct, frozen=True):
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
    if ask.origin == "form":
        case = replace(case, ask=ending(case))
        ask = case.ask
    if (
        ask.origin in ("comment", *WRITTEN)
        and ask.call.edited
        and (foreign := (yield from _edited(case))) is not None
    ):
        return foreign
    if (asked_nothing := _asked_nothing(case)) is not None:
        return asked_nothing
    try:
        answer = yield from _answer(case, rights)
    except UserError as refusal:
        said = f"{_taken_as(ask)}{_refusal(refusal, case, rights)}{_kept(case, rights)}"
        return _part(ask, (Refused(code=refusal.code),), "refused", said)
    mark = "helped" if all(isinstance(fact, Helped) for fact in answer.facts) else "done"
    acted = acknowledging(answer.facts, case.incident, ask.call.author)
    said = f"{_taken_as(ask)}{answer.say}"
    said = f"{said}{_pause(said)}{SAID}" if acted else said
    if case.taken_as:
        said = f"This is {code(case.taken_as, 200)} here.{_pause(said)}{said}"
    taken, told = taking(case.context(ask.call, rights), (*answer.facts, *acted))
    said = f"{said}\n{told}" if told else said
    said = f"{said}{_kept(case, rights)}"
    return _part(ask, (*answer.facts, *acted, *taken), mark, said)


def _taken_as(ask: Ask) -> str:
    """What a form without a slash was taken for; empty for everything else."""
    return f"Taken as `/{ask.call.word}`. " if ask.origin == "form" else ""


def _refusal(refusal: UserError, case: Case, rights: Rights) -> str:
    """What is said of a refused command: a line to type belongs to it."""
    if case.named is None or case.ask.told or case.ask.origin not in ("comment", "text", *WRITTEN):
        return refusal.message
    return with_example(refusal, case.named[0], case.context(case.ask.call, rights))


def _kept(case: Case, rights: Rights) -> str:
    """What is said of other commands in the text of this one."""
    ask = case.ask
    if ask.origin not in ("comment", "text") or ask.told or ask.look_alike:
        return ""
    kept = kept_as_text(case.context(ask.call, rights))
    return f"\n\n{kept}" if kept else ""


def _pause(say: str) -> str:
    return "\n\n" if "\n" in say else " "


def _unanswered(case: Case, rights: Rights) -> Silence | Later | None:
    """What becomes of a command that is not answered now; None for all others."""
    ask = case.ask
    if ask.origin in WRITTEN and rights < Rights.TRIAGE:
        return Silence(comment=0)  # They gave no command, so that there is nothing to refuse.
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


def _of_other_bots(case: Case) -> dict[str, str]:
    """The commands of other bots in the comment, as they were typed, by the keys of their entries."""
    policy, comment = case.policy, case.ask.call.comment
    bodies = (one.body for one in case.known.snapshot.comments if one.id == comment)
    ignored = {word.lower().lstrip("/") for word in policy.settings.ignore}
    return {
        command_key(comment, one.place): one.word
        for body in bodies
        for one in commands_in(body, policy.runbook, policy.commands)
        if not (one.look_alike or one.told) and foreign(one.word) and one.word.lower() not in ignored
    }


def _told_above(case: Case) -> bool:
    """Whether the answer to another bot's command above this one spoke of this one too."""
    ask = case.ask
    if case.named is not None or ask.look_alike or ask.overflow or ask.told or not foreign(ask.call.word):
        return False
    return next(iter(_of_other_bots(case)), ask.call.key) != ask.call.key


def _entry(ask: Ask, facts: tuple[Fact, ...]) -> Entry:
    call = ask.call
    return Entry(
        key=call.key,
        what=call.word.lower()[:40],
        by=call.author,
        at=call.at,
        source=call.comment or None,
        facts=facts,
    )


def _part(ask: Ask, facts: tuple[Fact, ...], mark: str, say: str) -> Part:
    call, entry = ask.call, _entry(ask, facts)
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
    if case.named is None and foreign(ask.call.word):
        raise UserError(told_foreign(_of_other_bots(case).values()), "unknown")
    if case.named is None:
        raise UserError(told(ask.call.word, ask.call.line, policy), "unknown")
    command, line = case.named
    refuse_unless_allowed(case, command, rights)
    _no_nameless_duplicate(case)
    _no_page(case, command, line)
    word = command.name if case.taken_as else ask.call.word  # some commands look at their own other names
    call = replace(ask.call, word=word, line=line)
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


def _no_page(case: Case, command: Command, line: str) -> None:
    """Refuse what somebody typed of the page that is called as the command is: it may be announced to all."""
    typed = case.ask.origin in ("comment", "text") and not case.taken_as
    if typed and reads_like_a_page(command.name, line):
        raise UserError(told_page(case.ask.call.word, line), "malformed")


def _no_nameless_duplicate(case: Case) -> None:
    """Refuse a closing by hand as a duplicate, which does not say of what."""
    if case.ask.origin == "close" and case.known.snapshot.issue.closed_as == "duplicate":
        raise UserError(
            "Closing the issue as a duplicate does not say of which incident; it was opened again. "
            "`/duplicate #12`, with the number of the other one, ends this one and moves its people there.",
            "state",
        )


def _asked_nothing(case: Case) -> Part | None:
    """What becomes of words that ask for nothing: those of other bots but the first, and the beginning of a
    form. None for all others.
    """
    if _told_above(case):
        return Part(_entry(case.ask, (Refused(code="unknown"),)))  # One answer for all of them is enough.
    if case.ask.origin == "hint":
        return _part(case.ask, (Helped(),), "helped", _hint(case.ask.call))
    return None


def _hint(call: Call) -> str:
    """What is said once to who begins a form and does not go on: nothing of it was recorded."""
    word = code(f"/{call.word}")
    return (
        f"This reads like {word}, and nothing was recorded. Write {word} in the line above it, or begin the "
        f"comment with at least two of its lines: {call.line}."
    )


def informed(case: Case, command: Command, call: Call, rights: Rights) -> Asking[CommandContext]:
    """The context with all that the command wants to know. What is found may make it want more, and whoever
    drives the pass bounds that.
    """
    context = case.context(call, rights)
    while case.known.snapshot.lacks(wanted := command.wanted(context)):
        yield from case.known.learn(wanted)
        context = case.context(call, rights)
    return context
