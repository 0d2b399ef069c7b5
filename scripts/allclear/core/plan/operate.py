"""The life of an operation: from the entry that asks to the entry that says how it ended.

The record in git and the workflow run are looked at, never waited for: every pass writes down what is new.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta

from msgspec import Struct

from allclear.core.clock.gates import held_by_lists, listed, still_open
from allclear.core.clock.window import window_end
from allclear.core.conversation.acting import acknowledging
from allclear.core.conversation.notices import audience
from allclear.core.model.asking import Asking
from allclear.core.model.deploy_run import PendingReview
from allclear.core.model.effects import Dispatch
from allclear.core.model.neutral import code, inline
from allclear.core.model.operation import DANGEROUS, NAMES, NOUNS, WORKFLOWS, Operation, is_hand_id
from allclear.core.model.people import RESPONDERS, Person
from allclear.core.model.snapshot import Sighting, Wants
from allclear.core.model.structs import replace
from allclear.core.model.times import clock_time, spell
from allclear.core.plan.passing import Pass
from allclear.core.policy.runbook import Runbook
from allclear.core.production.ending import belated, expired, judge, stopped, to_look_at
from allclear.core.record.entry import Entry
from allclear.core.record.facts import Fact
from allclear.core.record.incident import Incident, Stage
from allclear.core.record.life import StatusSet
from allclear.core.record.production import (
    DeployWaits,
    OperationAsked,
    OperationEnded,
    OperationStarted,
)
from allclear.core.view.operations import smoke_table, titled, unverified
from allclear.core.view.reply import Notice, engine_part


def to_start(current: Pass) -> Iterator[Dispatch]:
    """What has to be dispatched: new in this pass, or asked for before and nothing of it is to be seen."""
    seen = current.snapshot.operations
    known = current.incident.production.operations
    for operation in (*known.values(), *current.starts):
        if operation.state != "ready" or is_hand_id(operation.id):
            continue
        if operation.id in current.ready_before and (seen is None or operation.id in _begun(seen)):
            continue
        given = {
            "operation": operation.id,
            "service": operation.service,
            "incident": str(current.incident.number),
        }
        if operation.kind in DANGEROUS:
            given["target"] = operation.target
        yield Dispatch(WORKFLOWS[operation.kind], operation.id, tuple(sorted(given.items())))


def _begun(seen: Mapping[str, Sighting]) -> frozenset[str]:
    return frozenset(name for name, one in seen.items() if one != Sighting())


def operate(current: Pass, *, news: bool = False, scheduled: frozenset[str] = frozenset()) -> Asking[None]:
    """Write down what became of the operations, and what follows for the incident.

    ``news``: an executor sent us, so look whatever the record knows of: one may have been started by hand,
    or called off too late. ``scheduled``: smoke runs of the window, which are looked at as well.
    """
    wanted = Wants(operations=to_look_at(current.incident) | scheduled)
    if news and not wanted and current.policy.settings.operates:
        wanted = Wants(operations=stopped(current.incident), by_hand=True)
    yield from current.known.learn(wanted)
    seen = current.snapshot.operations or {}
    now = current.snapshot.now
    for name in sorted(seen):
        _adopt(current, seen[name])
    for operation in tuple(current.incident.production.operations.values()):
        if not operation.open:
            late = belated(operation, seen.get(operation.id, Sighting()))
            if late is not None:
                yield from tell_end(current, operation, late)
            continue
        if operation.state == "asked":
            fact: OperationStarted | OperationEnded | None = expired(operation, now)
        elif current.snapshot.operations is not None:
            fact = judge(operation, seen.get(operation.id, Sighting()), now)
        else:
            continue
        if isinstance(fact, OperationStarted):
            # What only reads is over in a minute: its end says all.
            if operation.kind in DANGEROUS:
                _tell_start(current, operation, fact)
        elif fact is not None:
            yield from tell_end(current, operation, fact)
        review = seen.get(operation.id, Sighting()).review
        ended = isinstance(fact, OperationEnded)
        if review is not None and not ended and operation.deploy_run != review.run:
            _tell_review(current, operation, review)


def _adopt(current: Pass, seen: Sighting) -> None:
    """Take in an operation whose run was dispatched by hand and linked itself to this incident (000-14)."""
    record, run = seen.execution, seen.run
    if record is None or run is None or not run.ours or not record.by_hand:
        return
    if record.operation in current.incident.production.operations or current.incident.stage != Stage.OPEN:
        return
    by = run.by or Person(id=record.actor_id, login=record.actor or "ghost")
    from allclear.core.production.order import linked  # noqa: PLC0415 - most passes adopt nothing

    fact = linked(record)
    facts: tuple[Fact, ...] = (fact, *acknowledging((fact,), current.incident, by))
    entry = Entry(key=f"o:{record.operation}", what=record.kind, by=by, at=record.claimed, facts=facts)
    dry = " as a dry run" if fact.dry_run else ""
    say = f"{_name(fact)} was started by hand{dry}: [its run]({run.url}). Its id is {code(record.operation)}."
    current.add(engine_part(entry, say))


def _name(fact: OperationAsked) -> str:
    """``A rollback of `web` ``, ``The action `restart` ``: the subject of a sentence."""
    what = f"the action {code(fact.name)}" if fact.kind == "action" else NOUNS[fact.kind]
    return f"{what[0].upper()}{what[1:]}" + (f" of {code(fact.service)}" if fact.service else "")


def _tell_start(current: Pass, operation: Operation, fact: OperationStarted) -> None:
    state = "waiting" if fact.waiting else "running"
    entry = Entry(
        key=f"o:{operation.id}:{state}:{fact.run}",
        what=operation.kind,
        at=current.snapshot.now,
        facts=(fact,),
    )
    link = f"[its run]({fact.url})" if fact.url else "its run"
    if fact.waiting:
        where = f" of {code(operation.environment)}" if operation.environment else ""
        say = f"{titled(operation)} waits for a reviewer{where}, in {link} under *Review deployments*."
    else:
        say = f"{titled(operation)} is running: {link}."
    current.add(engine_part(entry, say, "helped"))


def _tell_review(current: Pass, operation: Operation, review: PendingReview) -> None:
    """The deploy run waits for people of its own: they are told, with its link, as soon as it is seen."""
    fact = DeployWaits(op=operation.id, run=review.run, url=review.url, environment=review.environment)
    now = current.snapshot.now
    entry = Entry(key=f"o:{operation.id}:deploy:{review.run}", what=operation.kind, at=now, facts=(fact,))
    link = f"[it]({review.url})" if review.url else "it"
    teams = f" So may the teams {', '.join(inline(team) for team in review.teams)}." if review.teams else ""
    where = code(review.environment)
    say = (
        f"{titled(operation)} started a deploy run that waits for a reviewer of {where} itself. Approve "
        f"{link} under *Review deployments*.{teams} When its time is up, it is cancelled."
    )
    real = current.incident.kind == "real"
    notice = Notice(
        key=entry.key,
        title=f"A deploy run waits for a reviewer of {where}",
        text=say,
        mentions=review.reviewers if real else (),
        names=() if real else review.reviewers,
        due=now,
        late=timedelta(),
        action="notify",
        kind=current.incident.kind,
    )
    current.add(
        engine_part(
            entry, f"{titled(operation)}: its deploy run waits for a reviewer.", "helped", notice=notice
        )
    )


class Consequence(Struct, frozen=True):
    """What an operation's end means: the status it leads to, whether people are paged, and what they are told
    to do.
    """

    to: str = ""
    page: bool = False
    hint: str = ""


def consequence(
    operation: Operation, fact: OperationEnded, incident: Incident, runbook: Runbook
) -> Consequence:
    """A rollback that went well and was not refuted by its smoke run is the fix: the window starts (000-19).
    A smoke run that fails after the fix takes the incident back to mitigating.
    """
    failed = fact.smoke is not None and not fact.smoke.passed
    fixed = incident.reached("mitigated") is not None
    if incident.stage != Stage.OPEN or operation.dry_run:
        return Consequence()
    if failed and fixed:
        hint = "The fix does not hold, so the incident is mitigating again."
        return Consequence(_before_monitoring(runbook), page=True, hint=hint)
    if fact.outcome == "done" and fact.unverified and not failed:
        return Consequence(hint=_unseen(operation, incident, runbook))
    if operation.kind == "rollback" and fact.outcome == "done" and not failed:
        waiting = () if fixed else tuple(held_by_lists(incident, runbook, "monitoring"))
        if waiting:
            return Consequence(hint=f"It is not monitored yet. {still_open(waiting)}\n{listed(waiting)}")
        return Consequence("" if fixed else "monitoring")
    if operation.kind == "action" and fact.outcome == "done" and not failed:
        from allclear.core.production.list_run import next_after  # noqa: PLC0415 - most passes end no action

        return Consequence(hint=next_after(operation.name, incident, runbook))
    if operation.kind in DANGEROUS:
        page = failed or fact.outcome in ("failed", "unknown")
        return Consequence(page=page, hint=STILL_BROKEN if failed else _hint(operation, fact))
    return Consequence()


def _hint(operation: Operation, fact: OperationEnded) -> str:
    """What to do after an end that is not the wanted one."""
    again = code(f"/run {operation.name}" if operation.kind == "action" else "/rollback")
    match fact.outcome:
        case "failed":
            return f"Look at its run. Then try {again} again, or fix forward with `/hotfix`."
        case "unknown":
            return (
                f"Look at production first: nothing is tried again automatically. {again} asks for a new try."
            )
        case "expired":
            return f"Nothing was changed. {again} asks for it again."
        case "refused":
            return "Nothing was changed."
    return ""


def _unseen(operation: Operation, incident: Incident, runbook: Runbook) -> str:
    """What to do where the deploy system cannot say whether it worked: look, and say so."""
    steps = [step.id for step in runbook.boxes if step.smoke]
    ways = [code(f"/smoke {operation.service}".strip())] if operation.service else []
    ways += [code(f"/check {step}") for step in steps[:1]]
    fixed = incident.reached("mitigated") is not None
    begins = "" if fixed else " `/status monitoring` then begins the monitoring."
    return f"Look at production, and say that it is well with {' or '.join(ways)}.{begins}"


STILL_BROKEN = (
    "It went through, but production is still not healthy. Try another release, or fix forward with "
    "`/hotfix`."
)


def _before_monitoring(runbook: Runbook) -> str:
    """The state right before monitoring: mitigating, where the runbook has it."""
    order = [state.id for state in runbook.states]
    return order[order.index("monitoring") - 1]


def tell_end(
    current: Pass,
    operation: Operation,
    fact: OperationEnded,
    *,
    asked: OperationAsked | None = None,
    more: str = "",
) -> Asking[None]:
    """Write down and tell how an operation ended. ``asked``: what the record does not hold of it yet;
    ``more``: what else there is to say (Markdown, ours).
    """
    policy, now = current.policy, current.snapshot.now
    follows = consequence(operation, fact, current.incident, policy.runbook)
    facts: list[Fact] = [asked, fact] if asked is not None else [fact]
    if follows.to and follows.to != current.incident.status:
        facts.append(StatusSet(to=follows.to))
    mark = "ended" if operation.open else "late"
    entry = Entry(key=f"o:{operation.id}:{mark}", what=operation.kind, at=now, facts=tuple(facts))
    well = fact.outcome == "done" and (fact.smoke is None or fact.smoke.passed)
    too_late = "" if operation.open else "This was called off too late: its run had already begun."
    lines = [too_late, _verdict(operation, fact), follows.hint, more]
    page = (yield from _page(entry.key, operation, fact, current)) if follows.page else None
    part = engine_part(
        entry,
        " ".join(filter(None, lines)),
        "done" if well else "refused",
        notice=page,
        extra=_table(operation, fact),
    )
    current.add(part)
    _tell_window(current, follows)


def _table(operation: Operation, fact: OperationEnded) -> str:
    """The smoke run's table; not when the engine looked by itself and all is well."""
    if fact.smoke is None or (operation.by is None and operation.kind == "smoke" and fact.smoke.passed):
        return ""
    return smoke_table(fact.smoke)


def _tell_window(current: Pass, follows: Consequence) -> None:
    """Say until when it is watched, now that the fix is in the record."""
    end = window_end(current.incident, current.policy.runbook)
    if follows.to != "monitoring" or end is None:
        return
    now = current.snapshot.now
    until = clock_time(end, current.policy.zone, near=now)
    told = f"Extended monitoring runs {spell(end - now)}, until {until}."
    last = current.parts[-1]
    assert last.said is not None  # the end that was told just before
    current.parts[-1] = replace(last, said=replace(last.said, say=f"{last.said.say} {told}"))


VERDICTS = {
    "done": "is done",
    "failed": "**failed**",
    "refused": "was **refused**",
    "unknown": "**ended in an unknown state**",
    "expired": "expired",
    "cancelled": "was cancelled",
}


def _became(operation: Operation, fact: OperationEnded) -> str:
    """``is done, and its smoke run passed``: what became of it, after its title."""
    if operation.kind == "smoke" and fact.smoke is not None:
        return "passed" if fact.smoke.passed else "**failed**"
    if fact.smoke is None:
        doubted = f", but {unverified(fact.unverified)}" if fact.outcome == "done" and fact.unverified else ""
        return f"{VERDICTS[fact.outcome]}{doubted}"
    smoke = "and its smoke run passed" if fact.smoke.passed else "but its smoke run **failed**"
    return f"{VERDICTS[fact.outcome]}, {smoke}"


def _verdict(operation: Operation, fact: OperationEnded) -> str:
    """One line: what, how, before and after, who approved, how long, and where to look."""
    more = []
    if fact.before and fact.after:
        more.append(f"{code(fact.before)} → {code(fact.after)}")
    if fact.approver:
        more.append(f"approved by {inline(fact.approver)}")
    if fact.seconds:
        more.append(f"took {spell(timedelta(seconds=fact.seconds))}")
    if fact.artifact is not None:
        kept = f", kept until {fact.artifact.expires:%Y-%m-%d}" if fact.artifact.expires else ""
        more.append(
            f"[{fact.artifact.files} files]({fact.artifact.url}){kept}, SHA-256 {code(fact.artifact.sha256)}"
        )
    if fact.url:
        more.append(f"[its run]({fact.url})")
    about = f" ({', '.join(more)})" if more else ""
    why = f": {inline(fact.text)}" if fact.text else ""
    return f"{titled(operation)} {_became(operation, fact)}{about}{why.rstrip('.')}."


def _page(key: str, operation: Operation, fact: OperationEnded, current: Pass) -> Asking[Notice]:
    """Failure and unknown page again: who commands, who responds, and who responds first."""
    runbook, now = current.policy.runbook, current.snapshot.now
    command = runbook.role("ic")
    titles = (*([command.title] if command else []), RESPONDERS, runbook.first_responder)
    reached = yield from audience(titles, current.incident, current.policy, current.known)
    failing = ", ".join(code(line.name) for line in fact.smoke.failures[:5]) if fact.smoke else ""
    return Notice(
        key=key,
        title=f"{NAMES[operation.kind]}: {_loud(fact)}",
        text=f"{titled(operation)} {_became(operation, fact)}."
        + (f" These checks fail: {failing}." if failing else ""),
        mentions=reached.mentions,
        names=reached.names,
        due=now,
        late=timedelta(),
        action="escalate",
        kind=current.incident.kind,
        instead=reached.instead,
    )


def _loud(fact: OperationEnded) -> str:
    if fact.smoke is not None and not fact.smoke.passed:
        return "production is not healthy"
    return {"failed": "it failed", "unknown": "its outcome is unknown"}.get(fact.outcome, fact.outcome)
