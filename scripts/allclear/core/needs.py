"""What plan() would still like to know.
Asked for only when it changes the decision: requests are the price.
"""

from __future__ import annotations

from allclear.core import hotfix
from allclear.core.answers import completed, room_of
from allclear.core.arguments import issue_number, logins
from allclear.core.command import Command
from allclear.core.inbox import Ask, ticked_boxes, wants_events
from allclear.core.incident import CLOSED, NOTHING, OPEN, Incident
from allclear.core.journal import Journal
from allclear.core.judging import to_look_at
from allclear.core.labels import INCIDENT_LABEL
from allclear.core.people import UNKNOWN
from allclear.core.policy import Policy
from allclear.core.snapshot import IssueEvent, Snapshot, Wants
from allclear.core.words import resolve_word


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
    declaring = incident.stage == NOTHING and INCIDENT_LABEL in snapshot.issue.labels
    if declaring:
        if snapshot.issue.author is not None:
            people.add(snapshot.issue.author.login)
        by = labelled_by(snapshot.events or ())
        if by is not None and by.actor is not None:
            people.add(by.actor.login)
    clicked = bool(ticked_boxes(snapshot, incident, policy)) and journal.checkpoint is None
    pull = (
        incident.postmortem.pull if incident.stage == CLOSED and not incident.reached("published") else None
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
    if command.wants is None or rights is None or rights < least or incident.stage not in (OPEN, NOTHING):
        return Wants()
    room = room_of(completed(ask.call, prefix), rights, incident, journal.entries, snapshot, policy)
    return command.wants(room)
