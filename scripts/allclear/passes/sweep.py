"""Everything that is due, in all incidents."""

from __future__ import annotations

from collections.abc import Callable

from allclear.adapters.event import Look
from allclear.adapters.overview import Overview
from allclear.adapters.reading import Reader
from allclear.adapters.writing import Writer
from allclear.core.labels import missing
from allclear.core.policy import Policy
from allclear.passes.freeze import freeze_all, note
from allclear.passes.look import decide, hand_over, respond
from allclear.passes.run import Run

Each = Callable[[Run, list[int], Callable[[int], None]], None]
"""Does the work for every issue, whatever one of them does to us."""


def sweep(run: Run, each: Each) -> None:
    """Look over all incidents with open work; look closer only where there is something to do."""
    policy = run.policy()
    reader = Reader(run.client, run.repository, policy.settings.bots)
    looked = dict(Overview(run.client, run.repository, policy.settings.bots).open_work())
    busy = []

    def look_closer_where_needed(number: int) -> None:
        seen = looked[number]
        decided = decide(run, reader, policy, seen) if seen is not None else None
        if decided is None or decided.plan.effects or decided.plan.wants:
            busy.append(number)
            respond(run, Look(number))
        else:
            note(run, decided)
            hand_over(run, number, decided.plan)

    each(run, list(looked), look_closer_where_needed)
    freeze_all(run, policy.runbook, looked)
    if not looked:
        prepare(run, policy)
    run.out(f"{len(looked)} incidents looked over, {len(busy)} with something to do.")


def prepare(run: Run, policy: Policy) -> None:
    """Make the labels that are missing while nothing burns: an issue form can only set those that exist.

    https://docs.github.com/en/communities/using-templates-to-encourage-useful-issues-and-pull-requests/syntax-for-issue-forms
    """
    there = Reader(run.client, run.repository, policy.settings.bots).labels()
    writer = Writer(run.client, run.repository, 0, policy.settings.bots)
    for label in missing(policy.runbook, there):
        writer.perform(label)
