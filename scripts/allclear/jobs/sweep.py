"""Everything that is due, in all incidents."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import partial

from allclear.adapters.files.event import Trigger
from allclear.adapters.github.action_issues import listed
from allclear.adapters.github.again import known
from allclear.adapters.github.executions import Executions
from allclear.adapters.github.overview import Overview
from allclear.adapters.github.pulls import recent_pulls
from allclear.adapters.github.read import Reader
from allclear.adapters.github.write import Writer
from allclear.core.conversation.command import Policy
from allclear.core.model.neutral import code
from allclear.core.model.operation import is_hand_id
from allclear.core.model.snapshot import Issue
from allclear.core.model.structs import replace
from allclear.core.plan.aftermath import aftermath
from allclear.core.record.incident import Incident
from allclear.jobs.digest import tell_overdue
from allclear.jobs.freeze import freeze_all, remember
from allclear.jobs.respond import decide, hand_over, respond
from allclear.jobs.review import MOST_REVIEWS, renew_missing
from allclear.jobs.routines import open_routines
from allclear.jobs.run import Run

Each = Callable[[Run, list[int], Callable[[int], None]], None]
"""Does the work for every issue, whatever one of them does to us."""


def sweep(run: Run, each: Each) -> None:
    """Look over all incidents with open work; look closer only where there is something to do."""
    run.sweeping = True
    policy = run.policy()
    names = policy.settings.labels
    reader = Reader(run.client, run.repository, policy.trust, names)
    work = Overview(run.client, run.repository, policy.trust, names).open_work()
    # What is known comes first, then the oldest: who reports too much is answered in the order of opening.
    looked = {one.number: one for one in sorted(work, key=lambda one: (one.seen is None, one.number))}
    records = _records(run, policy) if looked else {}
    # Hotfixes that people opened by hand are looked for here, once for all: an answer is in a hurry.
    run.recent_pulls = recent_pulls(run.client, run.repository) if looked else ()
    if any(one.seen is None or one.seen.issue.state == "closed" for one in looked.values()):
        # Only an incident that has ended has action items with issues of their own.
        none: tuple[Issue, ...] | None = None
        run.action_issues = known(partial(listed, run.client, run.repository, names.action), none)
    busy = []
    incidents: list[tuple[Incident, str]] = []
    reviewed: set[int] = set()

    def reconcile_where_needed(number: int) -> None:
        seen = looked[number].seen
        if seen is None and looked[number].opened_by in run.over:
            return
        decided = decide(run, reader, policy, seen) if seen is not None else None
        if decided is not None:
            incidents.append((decided.plan.incident, decided.snapshot.issue.url))
            reviewed.update(() if decided.plan.reviewed is None else (decided.plan.reviewed,))
            if len(reviewed) >= MOST_REVIEWS:
                run.recent_pulls = tuple(replace(one, head="") for one in run.recent_pulls or ())
        unheard = decided is not None and _unheard(decided.plan.incident, records.get(number, frozenset()))
        if decided is None or decided.plan.effects or unheard:
            busy.append(number)
            respond(run, Trigger(number, dispatched=unheard))
        else:
            remember(run, decided)
            hand_over(run, number, decided.plan)
        if decided is not None and _lags(run, decided.plan.incident):
            run.outputs["postmortem"].append(number)

    each(run, list(looked), reconcile_where_needed)
    freeze_all(run, policy.runbook, looked)
    renew_missing(run, (incident for incident, _ in incidents), reviewed)
    if not looked:
        create_missing_labels(run, policy)
    open_routines(run, incidents)
    tell_overdue(run)
    run.out(f"{len(looked)} incidents were checked, and {len(busy)} had something to do.")


def _lags(run: Run, incident: Incident) -> bool:
    """Whether its merged report lacks what happened later, because a job that was to write it failed."""
    if aftermath(incident) is None:
        return False
    from allclear.jobs.index import lags  # noqa: PLC0415 - a YAML parser, for this alone

    return lags(run, incident)


def _unheard(incident: Incident, records: frozenset[str]) -> bool:
    """Whether an operation was started by hand for this incident and is not in it yet."""
    by_hand = {name for name in records if is_hand_id(name)}
    return incident.active and bool(by_hand - incident.production.operations.keys())


def _records(run: Run, policy: Policy) -> Mapping[int, frozenset[str]]:
    """The operations that left a record, by issue: what was started by hand may have lost its word to us."""
    if not policy.settings.operates:
        return {}
    return Executions(run.client, run.repository).known()


def create_missing_labels(run: Run, policy: Policy) -> None:
    """Make the labels that are missing while nothing burns: an issue form can only set those that exist.

    https://docs.github.com/en/communities/using-templates-to-encourage-useful-issues-and-pull-requests/syntax-for-issue-forms
    """
    there = Reader(run.client, run.repository, policy.trust).labels()
    for name in policy.labels.looking_like_incident(there):
        run.warn(
            f"The repository has the label {code(name)}, and an issue with it is no incident, because the "
            f"label of incidents is {code(policy.labels.incident)}. If yours are meant by it, write "
            f"{code(f'incident: {json.dumps(name, ensure_ascii=False)}')} below `labels:` in "
            f"`.github/allclear.yml`, and set the repository variable ALLCLEAR_LABEL to the same name."
        )
    writer = Writer(run.client, run.repository, 0, policy.settings.bots)
    for label in policy.labels.missing(there):
        writer.perform(label)
