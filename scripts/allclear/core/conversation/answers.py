"""One ask, answered: rights, stage, the command's own verdict.
Every ask gets one terminal answer, or waits.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from allclear.core.conversation.command import Answer, Call, Command, CommandContext, Policy
from allclear.core.conversation.declare import claims, declaration
from allclear.core.conversation.inbox import ENDED, Ask
from allclear.core.conversation.notices import announcement
from allclear.core.conversation.words import nearest, resolve_word
from allclear.core.model.errors import UserError
from allclear.core.model.neutral import block, code, inline
from allclear.core.model.people import UNKNOWN, Rights
from allclear.core.model.snapshot import Snapshot
from allclear.core.record.audit import Helped, Refused
from allclear.core.record.entry import Entry
from allclear.core.record.facts import Fact
from allclear.core.record.incident import Incident, Stage
from allclear.core.record.life import Cleared, Dismissed
from allclear.core.record.progress import Updated
from allclear.core.view.reply import Part, Said


@dataclass(frozen=True, slots=True)
class Silence:
    """A stranger's further commands:
    a reaction at most, no reply, so that nobody can make the bot talk (fault H1).
    """

    comment: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """GitHub did not say what this person may do:
    neither run nor refused, asked again by the next pass (fault A16).
    """

    ask: Ask


Verdict = Part | Silence | Waiting


def _already_told(ask: Ask, entries: tuple[Entry, ...]) -> bool:
    spoken = [
        e for e in entries if e.by is not None and e.by.id == ask.call.author.id and e.key[:1] in {"c", "l"}
    ]
    return any(isinstance(fact, Refused | Helped) for entry in spoken for fact in entry.facts)


def respond(
    ask: Ask, incident: Incident, entries: tuple[Entry, ...], snapshot: Snapshot, policy: Policy
) -> Verdict:
    """The answer to one ask; ``entries`` are all so far, those of this pass included."""
    author = ask.call.author
    rights = snapshot.access.get(author.login.lower(), UNKNOWN).rights_of(author)
    if rights is None:
        return Waiting(ask)
    named = resolve_word(ask.call.word, policy.runbook, policy.commands)
    withdrawn = ask.origin == "close" and _own_report(ask, incident)
    if rights < Rights.TRIAGE and not withdrawn:
        unheard = named is None or ask.look_alike or ask.overflow
        if unheard or _already_told(ask, entries):
            return Silence(ask.call.comment)
    try:
        answer = _verdict(ask, named, rights, incident, entries, snapshot, policy)
    except UserError as refusal:
        return _part(ask, (Refused(code=refusal.code),), "refused", refusal.message)
    mark = "helped" if all(isinstance(fact, Helped) for fact in answer.facts) else "done"
    part = _part(ask, answer.facts, mark, answer.say)
    if not answer.announce:
        return part
    context = context_of(ask.call, rights, incident, entries, snapshot, policy)
    after = context.after(*answer.facts)
    told = announcement(
        answer.announce, after, policy, snapshot.issue.url, ask.call.at, _details(answer.facts)
    )
    return Part(part.entry, part.said, None, told)


def _details(facts: tuple[Fact, ...]) -> dict[str, str]:
    for fact in facts:
        if isinstance(fact, Updated):
            return {"text": block(fact.text) if "\n" in fact.text else inline(fact.text, 2000)}
        if isinstance(fact, Cleared):
            open_gates = ", ".join(inline(gate) for gate in fact.open_gates)
            return {
                "verified": f"NOT verified, overridden: {inline(fact.override)} (open: {open_gates})"
                if fact.override
                else "all gates passed"
            }
    return {}


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


def _verdict(
    ask: Ask,
    named: tuple[Command, str] | None,
    rights: Rights,
    incident: Incident,
    entries: tuple[Entry, ...],
    snapshot: Snapshot,
    policy: Policy,
) -> Answer:
    if ask.overflow:
        raise UserError(
            "Only the first 100 commands of a comment are read. Put the others into another comment."
        )
    if ask.look_alike:
        raise UserError(
            "This looks like a command but is none: the sign in front is not a plain `/`. "
            "Type it anew, at the start of a line.",
            "look-alike",
        )
    if ask.origin == "incident-label":
        raise UserError(
            "The label marks the record and was put back. "
            "`/dismiss`, `/duplicate #n` or `/all-clear` end an incident.",
            "state",
        )
    if ask.origin == "severity-label" and not ask.call.line:
        raise UserError(
            "Labels mirror the record; this one was put back. `/sev <severity>` changes the severity.",
            "state",
        )
    if ask.origin == "close" and ask.call.word == "dismiss" and _own_report(ask, incident):
        return Answer(
            (Dismissed(why="withdrawn by its author"),), "Withdrawn by its author; nobody was paged."
        )
    if named is None:
        near = nearest(ask.call.word, policy.runbook, policy.commands)
        hint = f" Did you mean {code('/' + near)}?" if near else ""
        raise UserError(
            f"{code('/' + ask.call.word)} is not a command.{hint} `/help` lists them all.", "unknown"
        )
    command, prefix = named
    _allowed(ask, command, rights, incident, policy)
    call = completed(ask.call, prefix)
    if command.unedited and call.edited:
        raise UserError(
            f"`/{command.name}` is not taken from an edited comment: write it in a new one.", "edited"
        )
    try:
        return command.answer(context_of(call, rights, incident, entries, snapshot, policy))
    except UserError as refusal:
        if ask.origin == "close":
            by = (
                "A closing keyword does not end an incident"
                if ask.keyword
                else "Closing the issue does not end the incident"
            )
            raise UserError(f"{by}; it was opened again. {refusal.message}", refusal.code) from refusal
        raise


def completed(call: Call, prefix: str) -> Call:
    """The call with the words that its short form stands for: ``/sev1`` is ``/sev 1``."""
    return replace(call, line=f"{prefix} {call.line}".strip())


def confirmer(policy: Policy) -> str:
    """The role that makes an incident of a report here."""
    return policy.settings.least("confirm", policy.commands["confirm"].least).word


def _own_report(ask: Ask, incident: Incident) -> bool:
    return (
        incident.stage == Stage.REPORT
        and incident.team.reporter is not None
        and incident.team.reporter.id == ask.call.author.id
    )


def _allowed(ask: Ask, command: Command, rights: Rights, incident: Incident, policy: Policy) -> None:
    """Refuse what this person may not do, and what the incident's stage does not allow."""
    least = policy.settings.least(command.name, command.least, command.floor)
    if rights < least:
        undo = {
            "severity-label": " The label was put back.",
            "incident-label": " The label was put back.",
            "close": " The issue was opened again.",
            "reopen": " The issue was closed again.",
        }.get(ask.origin, "")
        raise UserError(
            f"`/{command.name}` takes `{least.word}` access to this repository; "
            f"GitHub says you have `{rights.word}`.{undo} "
            "Ask somebody of the team to do it, or an admin for access.",
            "not-allowed",
        )
    if incident.stage in (Stage.REPORT, Stage.DISMISSED) and not command.early:
        told = (
            "This is a report, not an incident yet"
            if incident.stage == Stage.REPORT
            else "This report was dismissed"
        )
        who = confirmer(policy)
        raise UserError(f"{told}: somebody with `{who}` access writes `/confirm` first.", "not-an-incident")
    if incident.stage in ENDED and not (command.late or command.early):
        raise UserError("This incident is over. `/reopen <why>` starts it again.", "state")


def context_of(
    call: Call,
    rights: Rights,
    incident: Incident,
    entries: tuple[Entry, ...],
    snapshot: Snapshot,
    policy: Policy,
) -> CommandContext:
    """What a command sees of all this."""
    report = None
    if incident.stage in (Stage.REPORT, Stage.DISMISSED):
        said = claims(snapshot.issue, policy.runbook, policy.zone, snapshot.now)
        report = declaration(said, policy.runbook, incident.team.reporter)
    return CommandContext(
        call=call,
        incident=incident,
        runbook=policy.runbook,
        settings=policy.settings,
        zone=policy.zone,
        by=call.author,
        rights=rights,
        at=call.at,
        now=snapshot.now,
        access=snapshot.access,
        others=snapshot.others,
        entries=entries,
        commands=policy.commands,
        report=report,
        repository=snapshot.repository,
        releases=snapshot.releases,
        comparisons=snapshot.comparisons,
        environments=snapshot.environments,
        providers=policy.providers,
    )
