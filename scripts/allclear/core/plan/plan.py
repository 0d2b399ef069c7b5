"""plan(): from what the issue shows to what should be different. Pure: the same snapshot gives the same plan.

entries already written -> asks without an entry -> command -> verdict -> fold -> incident
  -> due deadlines -> wanted labels, people, panel -> effects

What it lacks it asks for where it needs it, and goes on with the answer: a pass parses and decides once.
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct, field

from allclear.core.clock.deadlines import due
from allclear.core.clock.roles import proposals
from allclear.core.conversation.answers import Later, Silence, Waiting, respond
from allclear.core.conversation.ask import Ask
from allclear.core.conversation.case import Case
from allclear.core.conversation.command import Policy
from allclear.core.conversation.declare import OVER, declare
from allclear.core.conversation.inbox import inbox
from allclear.core.conversation.notices import look_for_all, notice
from allclear.core.conversation.proposing import proposing
from allclear.core.conversation.unanswered import Replies
from allclear.core.model.asking import Asking, HistoryNeededError, Knowledge
from allclear.core.model.effects import Effect
from allclear.core.model.neutral import code
from allclear.core.model.snapshot import Snapshot, Wants
from allclear.core.model.structs import replace
from allclear.core.plan.action_issues import follow_actions, mirror_ends
from allclear.core.plan.aftermath import aftermath
from allclear.core.plan.follow import follow
from allclear.core.plan.guide import guide
from allclear.core.plan.learn import learn
from allclear.core.plan.mirror import effects, waits
from allclear.core.plan.operate import operate
from allclear.core.plan.passing import Pass, add_up
from allclear.core.plan.refute import refuted
from allclear.core.plan.retitled import tell_what_the_title_names
from allclear.core.plan.review_progress import follow_review
from allclear.core.plan.speaking import let_voices_speak, speakers
from allclear.core.plan.watch import due_now, settle, take_results, watch
from allclear.core.policy.runbook import Runbook
from allclear.core.production.ending import ready
from allclear.core.production.hotfix import wanted
from allclear.core.production.recent_changes import Question, RecentHistory, question
from allclear.core.record.action_item import ACTION_DUE
from allclear.core.record.audit import RunbookChanged, TamperKind
from allclear.core.record.chain import read
from allclear.core.record.entry import Entry, Recorded
from allclear.core.record.incident import Incident, Stage
from allclear.core.view.guidance import first_words
from allclear.core.view.reply import Part, engine_part, plan_table


class Plan(Struct, frozen=True):
    """What was decided: ``effects``, in order. ``entries`` are those that were read, with those of the pass;
    ``record`` is how far it goes.

    ``postmortem``: it has to be (re)generated. ``happened``: what its merged report follows is not as it was.
    ``hotfix``: branch or pull request have to be made.
    ``waiting``: commands nobody could be asked about. ``over``: a report that waits for its author's next
    hour. ``saved``: what is no page and no answer waits, for little is left of the hour. ``look_back``: it
    has to be looked what changed before the start, once all else is done. ``reviewed``: the pull request of
    the post-mortem, where it changed and its review was looked at.
    """

    incident: Incident
    entries: tuple[Entry, ...] = ()
    effects: tuple[Effect, ...] = ()
    postmortem: bool = False
    happened: bool = False
    hotfix: bool = False
    waiting: tuple[str, ...] = ()
    over: bool = False
    saved: bool = False
    answers: tuple[str, ...] = ()
    look_back: Question | None = None
    record: Recorded = field(default_factory=Recorded)
    reviewed: int | None = None


def plan(
    snapshot: Snapshot, policy: Policy, *, news: bool = False, history: RecentHistory | None = None
) -> Asking[Plan]:
    """Decide. Nothing to do is a plan without effects. ``news``: an executor sent us. ``history``: what was
    found when it was looked what changed before the start.

    It goes on from what the panel kept of the record; where that is not enough, all comments are read, and it
    is decided anew. Raises NewerFormatError when the record is of a newer version.
    """
    if snapshot.issue.is_pull:
        return Plan(Incident(snapshot.issue.number))  # A pull request is no incident, whatever its labels.
    known = Knowledge(snapshot)
    try:
        return (yield from _pass(known, policy, news, history))
    except HistoryNeededError:
        yield from known.learn(Wants(history=True))
        return (yield from _pass(known, policy, news, history))


def _pass(known: Knowledge, policy: Policy, news: bool, history: RecentHistory | None) -> Asking[Plan]:
    """One pass over what is known."""
    snapshot = known.snapshot
    journal = read(snapshot, policy.trust)
    if journal.base is not None and journal.base.runbook != policy.runbook.hash:
        raise HistoryNeededError
    journal = yield from refuted(known, journal, policy)
    onto = journal.base.incident if journal.base is not None else None
    incident = add_up(snapshot, journal.entries, policy, onto=onto)
    if incident.stage == Stage.NOTHING and not policy.labels.marks_incident(snapshot.issue.labels):
        return Plan(incident)
    current = Pass(known, policy, journal, incident, list(journal.entries), journal.head, journal.ledger)
    current.ready_before = ready(incident)
    current.actions_before = {one.number: one for one in incident.progress.actions}
    current.review_mark = journal.checkpoint.review if journal.checkpoint else ""
    before, known_after = question(incident), aftermath(incident)
    yield from _begin(current)
    if current.incident.stage == Stage.NOTHING:
        return Plan(current.incident, waiting=(current.undeclared,), over=current.undeclared == OVER)
    yield from _propose(current)
    due_smoke = due_now(current)
    yield from operate(current, news=news, scheduled=frozenset(one.id for one in due_smoke))
    yield from take_results(current, due_smoke)
    replies = Replies(journal.replies, whole=journal.base is None)
    asks = yield from inbox(
        current.known, journal.checkpoint, current.ledger, current.incident, policy, replies
    )
    for ask in asks:
        yield from _speak(current, only_certain=True)
        yield from _answer(current, ask)
    yield from tell_what_the_title_names(current)
    guide(current)
    yield from follow(current)
    mirror_ends(current)
    yield from follow_actions(current)
    yield from follow_review(current)
    yield from watch(current)
    yield from _propose(current)
    yield from _speak(current)
    yield from let_voices_speak(current)
    if history is not None:
        from allclear.core.plan.what_changed import tell_what_changed  # noqa: PLC0415 - only after a declaration or a corrected start

        yield from tell_what_changed(current, history)
    settle(current)
    learn(current)
    mirrored = yield from effects(current)
    return Plan(
        current.incident,
        entries=tuple(current.entries),
        effects=mirrored,
        postmortem=current.incident.postmortem.pending,
        happened=aftermath(current.incident) not in (None, known_after),
        hotfix=wanted(current.incident) or current.pushed,
        waiting=tuple(waits(current)),
        saved=current.scarce,
        answers=tuple(part.entry.key for part in current.parts),
        look_back=asked if (asked := question(current.incident)) != before else None,
        record=Recorded(current.head, current.ledger.count),
        reviewed=current.reviewed,
    )


def _begin(current: Pass) -> Asking[None]:
    """What has to be in the record before anything else: what a key takes over, the declaration, a changed
    runbook, tampering.
    """
    _take_over(current)
    runbook, issue, now = current.policy.runbook, current.snapshot.issue, current.snapshot.now
    if current.incident.stage == Stage.NOTHING:
        declared = yield from declare(current.known, current.policy)
        if isinstance(declared, str):
            current.undeclared = declared
        else:
            _record(current, declared)
    elif current.incident.stage == Stage.OPEN and current.incident.runbook.hash != runbook.hash:
        fact = RunbookChanged(name=runbook.name, hash=runbook.hash)
        entry = Entry(
            key=f"runbook:{runbook.hash}:{current.ledger.count}", what="runbook", at=now, facts=(fact,)
        )
        say = (
            f"The runbook {code(runbook.name)} was changed during this incident. Its deadlines apply from "
            "now on."
        )
        before = current.incident.severity
        current.add(engine_part(entry, f"{say}{_lost_severity(before, runbook)}"))
    for broken in current.journal.broken:
        entry = Entry(key=broken.key, what="tampered", at=now, facts=(broken.fact,))
        say = TOLD[broken.fact.what].format(url=broken.fact.url or issue.url)
        current.add(engine_part(entry, say, "refused"))


def _lost_severity(before: str, runbook: Runbook) -> str:
    """What is said where the runbook no longer has the incident's severity."""
    known = [one.id for one in runbook.severities]
    if before in known:
        return ""
    ways = " or ".join(code(f"/sev {one}") for one in known[:4])
    return (
        f" It has no severity {code(before)}: this counts as {code(known[0])} until somebody writes {ways}."
    )


TOLD: Mapping[TamperKind, str] = {
    "edited": "The record was changed by hand: [this reply]({url}) was edited and no longer counts. What it "
    "answered has been processed again.",
    "gap": "The record was changed by hand: [this reply]({url}) comes after a reply that was deleted or "
    "edited. What it answered has been processed again.",
    "stray": "The record was changed by hand: [this comment]({url}) does not follow the reply before it, so "
    "it does not count. Either a reply was deleted, or somebody else wrote this one. What it answered has "
    "been processed again.",
    "unsigned": "[This comment]({url}) looks like a reply of mine, but no key of this repository signed it, "
    "so it does not count. Somebody made another workflow write it, or edited it.",
    "untrue": "[This comment]({url}) looks like a reply of mine, but the issue or the clock says otherwise, "
    "so that part of it does not count. Somebody made another workflow write it, or edited it.",
}
"""What is said of a comment that is no record, once."""


def _take_over(current: Pass) -> None:
    """The first pass with a key takes over what was written before: the first entry that it signs."""
    adopted = current.journal.adopt
    if adopted is None:
        return
    entry = Entry(
        key=f"adopted:{adopted.heads[-1]}", what="adopted", at=current.snapshot.now, facts=(adopted,)
    )
    say = (
        "From here on the record is signed. What was written before is not signed with the key that is in "
        f"force now, and counts as it stands ({adopted.count} in the record)."
    )
    current.add(engine_part(entry, say, "helped"))


def _record(current: Pass, part: Part) -> None:
    """Take a part into the record; when it makes an incident, what will happen when stands below it."""
    unopened = current.incident.stage in (Stage.NOTHING, Stage.REPORT, Stage.DISMISSED)
    current.add(part)
    if unopened and current.incident.stage == Stage.OPEN:
        policy = current.policy
        table = plan_table(current.incident, policy.runbook, policy.zone, policy.settings)
        shown = first_words(current.incident, policy.runbook, table)
        current.parts[-1] = replace(current.parts[-1], extra=shown)


def _answer(current: Pass, ask: Ask) -> Asking[None]:
    entries, replies = current.read_entries, current.journal.replies
    case = Case(ask, current.known, current.policy, current.incident, entries, current.ledger, replies)
    verdict = yield from respond(case)
    match verdict:
        case Silence(comment):
            current.silent.append(comment)
        case Later(comment):
            current.postponed.append(comment)
        case Waiting():
            current.waiting.append(ask)
        case _:
            _record(current, verdict)


def _propose(current: Pass) -> Asking[None]:
    """Ask those to take the roles who are meant for them, before anybody answers and after it."""
    yield from _look_for_all(current)
    part = yield from proposing(current.incident, current.policy, current.known)
    if part is not None:
        current.add(part)


def _look_for_all(current: Pass) -> Asking[None]:
    """Ask at once whom the notices of this pass reach, where it has an answer that somebody waits for."""
    if not current.parts:
        return
    policy, now = current.policy, current.snapshot.now
    roles = proposals(current.incident, policy.runbook, policy.settings, now)
    timers = due(_heard(current), policy.runbook, now)
    audiences = ([f"@{one.login}" for one in roles], *(one.to for one in timers), *speakers(current))
    yield from look_for_all(audiences, current.incident, policy, current.known)


def _speak(current: Pass, *, only_certain: bool = False) -> Asking[None]:
    """Say what is due. ``only_certain``: what no answer of this pass can stop, for gates may wait for it."""
    policy, now = current.policy, current.snapshot.now
    for timer in due(_heard(current), policy.runbook, now):
        if timer.deadline.id == ACTION_DUE and current.journal.base is not None:
            raise HistoryNeededError  # The checkpoint keeps no more of an action item than its beginning.
        if timer.deadline.until is None or not only_certain:
            entry, spoken = yield from notice(timer, current.incident, policy, current.known)
            current.add(Part(entry, notice=spoken))


def _heard(current: Pass) -> Incident:
    """The incident with the last word of its people in it, a comment without a command included."""
    return replace(current.incident, word=current.last_word())
