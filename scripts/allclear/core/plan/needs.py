"""What plan() would still like to know.
Asked for only when it changes the decision: requests are the price.
"""

from __future__ import annotations

from allclear.core.conversation.answers import completed, context_of
from allclear.core.conversation.arguments import issue_number, logins
from allclear.core.conversation.command import Command, Policy
from allclear.core.conversation.inbox import Ask, ticked_boxes, wants_events
from allclear.core.conversation.words import resolve_word
from allclear.core.model.people import UNKNOWN
from allclear.core.model.snapshot import IssueEvent, Snapshot, Wants
from allclear.core.production import hotfix
from allclear.core.production.ending import to_look_at
from allclear.core.record.chain import Journal
from allclear.core.record.incident import Incident, Stage
from allclear.core.view.labels import INCIDENT_LABEL


def labelled_by(events: tuple[IssueEvent, ...]) -> IssueEvent | None:
    """The newest event that put the incident label on."""
    return next((e for e in reversed(events) if e.kind == "labeled" and e.label == INCIDENT_LABEL), None)


def needs(
    snapshot: Snapshot, journal: Journal, incident: Incident, asks: tuple[Ask, ...], policy: Policy
) -> Wants:
    """Everything that is asked for and not in the snapshot yet."""
    people: set[str] = set()
    others: set[int] = set()
    special = Wants()
    for ask in asks:
        people.add(ask.call.author.login)
        named = resolve_word(ask.call.word, policy.runbook, policy.commands)
        if named is None:
            continue
        people |= set(logins(f"{ask.call.line}\n{ask.call.below}".strip()))
        number = issue_number(ask.call.line.split(None, 1)[0]) if ask.call.line.split() else None
        if named[0].name == "duplicate" and number is not None:
            others.add(number)
        special |= _of_command(ask, named, snapshot, journal, incident, policy)
    declaring = incident.stage == Stage.NOTHING and INCIDENT_LABEL in snapshot.issue.labels
    if declaring:
        if snapshot.issue.author is not None:
            people.add(snapshot.issue.author.login)
        by = labelled_by(snapshot.events or ())
        if by is not None and by.actor is not None:
            people.add(by.actor.login)
    clicked = bool(ticked_boxes(snapshot, incident, policy)) and journal.checkpoint is None
    pull = (
        incident.postmortem.pull
        if incident.stage == Stage.CLOSED and not incident.reached("published")
        else None
    )
    return special | Wants(
        logins=frozenset(login.lower() for login in people) - snapshot.access.keys(),
        issues=frozenset(others) - snapshot.others.keys() - {snapshot.issue.number},
        events=snapshot.events is None and wants_events(snapshot, incident, policy),
        labels=declaring and snapshot.repository_labels is None,
        panel_editor=clicked and snapshot.panel_edit is None,
        pulls=(frozenset({pull} if pull is not None else ()) - snapshot.pulls.keys())
        | hotfix.to_follow(incident, snapshot.pulls),
        operations=to_look_at(incident, snapshot),
    )


def _of_command(
    ask: Ask,
    named: tuple[Command, str],
    snapshot: Snapshot,
    journal: Journal,
    incident: Incident,
    policy: Policy,
) -> Wants:
    """What the command itself has to know, when this person may give it: strangers cost no requests."""
    command, prefix = named
    author = ask.call.author
    rights = snapshot.access.get(author.login.lower(), UNKNOWN).rights_of(author)
    least = policy.settings.least(command.name, command.least, command.floor)
    if (
        command.wants is None
        or rights is None
        or rights < least
        or incident.stage not in (Stage.OPEN, Stage.NOTHING)
    ):
        return Wants()
    room = context_of(completed(ask.call, prefix), rights, incident, journal.entries, snapshot, policy)
    return command.wants(room)
