"""plan(): from what the issue shows to what should be different. Pure: the same snapshot gives the same plan.

entries already written -> asks without an entry -> command -> verdict -> fold -> incident
  -> due deadlines -> wanted labels, people, panel -> effects
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from allclear.core.clock.deadlines import due
from allclear.core.conversation.answers import Silence, Waiting, confirmer, respond
from allclear.core.conversation.command import Policy
from allclear.core.conversation.declare import Claims, claims, declaration
from allclear.core.conversation.inbox import Ask, inbox
from allclear.core.conversation.notices import notice
from allclear.core.model.effects import Effect
from allclear.core.model.neutral import code, inline
from allclear.core.model.people import UNKNOWN, Person, Rights
from allclear.core.model.snapshot import IssueEvent, Snapshot, Wants
from allclear.core.model.times import spell
from allclear.core.plan.follow import follow
from allclear.core.plan.mirror import effects, waits
from allclear.core.plan.needs import labelled_by, needs
from allclear.core.plan.operate import operate
from allclear.core.plan.passing import Pass, add_up
from allclear.core.plan.watch import watch
from allclear.core.production.ending import ready
from allclear.core.record.audit import RunbookChanged
from allclear.core.record.chain import read
from allclear.core.record.entry import Entry
from allclear.core.record.incident import Incident, Stage
from allclear.core.record.life import Reported
from allclear.core.view.labels import INCIDENT_LABEL
from allclear.core.view.reply import Part, Said, plan_table


@dataclass(frozen=True, slots=True)
class Plan:
    """``wants`` not empty: look these up and plan again, nothing was decided. Else ``effects``, in order.

    ``postmortem``: it has to be (re)generated. ``waiting``: commands nobody could be asked about.
    """

    incident: Incident
    entries: tuple[Entry, ...] = ()
    effects: tuple[Effect, ...] = ()
    wants: Wants = field(default_factory=Wants)
    postmortem: bool = False
    waiting: tuple[str, ...] = ()
    answers: tuple[str, ...] = ()


def plan(snapshot: Snapshot, policy: Policy) -> Plan:
    """Decide. Nothing to do is a plan without effects."""
    journal = read(snapshot, policy.settings.bots)
    incident = add_up(snapshot, journal.entries, policy)
    if incident.stage == Stage.NOTHING and INCIDENT_LABEL not in snapshot.issue.labels:
        return Plan(incident)
    asks = inbox(snapshot, journal, incident, policy)
    wants = needs(snapshot, journal, incident, asks, policy)
    if wants:
        return Plan(incident, wants=wants)
    current = Pass(snapshot, policy, journal, incident, list(journal.entries), journal.head)
    current.ready_before = ready(incident)
    _begin(current)
    operate(current)
    if current.incident.stage == Stage.NOTHING:
        return Plan(current.incident, waiting=("who may declare it could not be asked",))
    so_far = replace(journal, entries=tuple(current.entries))
    for ask in inbox(snapshot, so_far, current.incident, policy):
        _speak(current, only_certain=True)
        _answer(current, ask)
    follow(current)
    watch(current)
    _speak(current)
    return Plan(
        current.incident,
        entries=tuple(current.entries),
        effects=tuple(effects(current)),
        postmortem=current.incident.postmortem.pending,
        waiting=tuple(waits(current)),
        answers=tuple(part.entry.key for part in current.parts),
    )


def _begin(current: Pass) -> None:
    """What has to be in the record before anything else: the declaration, a changed runbook, tampering."""
    runbook, issue, now = current.policy.runbook, current.snapshot.issue, current.snapshot.now
    if current.incident.stage == Stage.NOTHING:
        _declare(current)
    elif current.incident.stage == Stage.OPEN and current.incident.runbook.hash != runbook.hash:
        fact = RunbookChanged(name=runbook.name, hash=runbook.hash)
        entry = Entry(
            key=f"runbook:{runbook.hash}:{len(current.entries)}", what="runbook", at=now, facts=(fact,)
        )
        say = f"The runbook {code(runbook.name)} changed during this incident; the clocks are planned anew."
        current.add(Part(entry, Said(entry.key, "", "", "done", say)))
    for broken in current.journal.broken:
        entry = Entry(key=broken.key, what="tampered", at=now, facts=(broken.fact,))
        told = (
            "was edited and no longer counts"
            if broken.fact.what == "edited"
            else "comes after one that was deleted or edited"
        )
        say = (
            f"The record was tampered with: [this reply]({broken.fact.url or issue.url}) {told}. "
            "What it answered was looked at again."
        )
        current.add(Part(entry, Said(entry.key, "", "", "refused", say)))


def _declare(current: Pass) -> None:
    """An incident when somebody with the right opened or labelled it, a report otherwise (fault H2)."""
    snapshot, policy = current.snapshot, current.policy
    issue = snapshot.issue
    labelled = labelled_by(snapshot.events or ())
    candidates: list[tuple[Person, IssueEvent | None]] = []
    if labelled is not None and labelled.actor is not None:
        candidates.append((labelled.actor, labelled))
    if issue.author is not None:
        candidates.append((issue.author, None))
    rights = [
        snapshot.access.get(person.login.lower(), UNKNOWN).rights_of(person) for person, _ in candidates
    ]
    by = next(
        (
            who
            for who, may in zip(candidates, rights, strict=True)
            if may is not None and may >= Rights.TRIAGE
        ),
        None,
    )
    said = claims(issue, policy.runbook, policy.zone, snapshot.now)
    if by is not None:
        at = by[1].at if by[1] else (labelled.at if labelled else issue.created_at)
        entry = Entry(
            key="declare",
            what="declare",
            by=by[0],
            at=at,
            facts=(declaration(said, policy.runbook, issue.author),),
        )
        current.add(Part(entry, Said("declare", "", by[0].login, "done", _declared(said, policy))))
        _show_plan(current)
    elif None not in rights:
        at = labelled.at if labelled else issue.created_at
        entry = Entry(
            key="declare", what="report", by=issue.author, at=at, facts=(Reported(title=said.title),)
        )
        say = (
            "Thank you. This is a **report**, not an incident yet: nobody was paged. "
            f"Somebody with `{confirmer(policy)}` access writes `/confirm` to make it one, or `/dismiss`."
        )
        current.add(
            Part(entry, Said("declare", "", issue.author.login if issue.author else "", "helped", say))
        )


def _show_plan(current: Pass) -> None:
    """What will happen when, below the answer that made it an incident."""
    table = plan_table(current.incident, current.policy.runbook, current.policy.zone, current.policy.settings)
    current.parts[-1] = replace(
        current.parts[-1], extra=f"**What will happen when**\n\n{table}" if table else ""
    )


def _declared(said: Claims, policy: Policy) -> str:
    severity = policy.runbook.severity(said.severity)
    what = {
        "real": "Incident",
        "drill": "Drill (pages nobody, counts nowhere)",
        "retro": "Incident, written up afterwards",
    }[said.kind]
    response = f"Response wanted within {spell(severity.response)}: `/ack`."
    lines = [f"{what} declared: **{severity.id} · {inline(severity.name)}**. {response}"]
    if len(said.named) > 1:
        lines.append(
            f"It names {' and '.join(said.named)}; the highest counts. `/sev <severity>` settles it."
        )
    elif said.asked:
        lines.append(
            f"It names no severity, so {severity.id} counts for now. Which is it? `/sev <severity>`."
        )
    lines += [f"Could not read {code(text)}; `/time started 14:05` corrects it." for text in said.unread]
    return "\n".join(lines)


def _answer(current: Pass, ask: Ask) -> None:
    before = current.incident.stage
    verdict = respond(ask, current.incident, tuple(current.entries), current.snapshot, current.policy)
    match verdict:
        case Silence(comment):
            current.silent.append(comment)
        case Waiting():
            current.waiting.append(ask)
        case _:
            current.add(verdict)
            if before in (Stage.REPORT, Stage.DISMISSED) and current.incident.stage == Stage.OPEN:
                _show_plan(current)


def _speak(current: Pass, *, only_certain: bool = False) -> None:
    """Say what is due. ``only_certain``: what no answer of this pass can stop, for gates may wait for it."""
    policy, now = current.policy, current.snapshot.now
    for timer in due(current.incident, policy.runbook, now):
        if timer.deadline.until is None or not only_certain:
            entry, spoken = notice(timer, current.incident, policy, current.snapshot.issue.url, now)
            current.add(Part(entry, notice=spoken))
