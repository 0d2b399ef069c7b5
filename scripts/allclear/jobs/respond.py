"""One pass over one incident: read -> plan -> apply."""

from __future__ import annotations

from collections.abc import Mapping

from allclear.adapters.files.event import Trigger
from allclear.adapters.github.dispatch import dispatch
from allclear.adapters.github.errors import (
    ForbiddenError,
    InvalidError,
    NotFoundError,
    explain,
)
from allclear.adapters.github.read import Reader
from allclear.core.conversation.command import Policy
from allclear.core.conversation.declare import OVER
from allclear.core.conversation.saving import hold
from allclear.core.model.asking import drive
from allclear.core.model.effects import Dispatch
from allclear.core.model.snapshot import Sighting, Snapshot, Wants
from allclear.core.model.structs import replace
from allclear.core.plan.plan import Plan, plan
from allclear.core.production.recent_changes import RecentHistory
from allclear.core.record.chain import checkpoint_of
from allclear.core.record.incident import Stage
from allclear.jobs.apply import apply
from allclear.jobs.decided import Decided
from allclear.jobs.freeze import look_ahead, remember
from allclear.jobs.opening import waits_for_sweep
from allclear.jobs.run import Run

SAVED = (
    "Little is left of what GitHub lets this repository's workflows ask and write in this hour. Pages and "
    "answers go out; labels, reactions, refusals to outsiders and a panel without news wait for a later run."
)

MERGED = ("published:", "held:")
"""The keys of the entries that say that a post-mortem was merged: news for the index of all. What happens to
it later is in the plan.
"""

FOLLOW_UPS = 3
"""How many issues one run goes on to, from a duplicate to its original and so on."""


def respond(run: Run, trigger: Trigger) -> None:
    """Look at the issue, and at the other issues that this touches."""
    if waits_for_sweep(run, trigger) or (trigger.opening and _handed_on(run, trigger.number)):
        return
    queue = [trigger]
    seen: set[int] = set()
    for _ in range(FOLLOW_UPS):
        if not queue:
            break
        here = queue.pop(0)
        seen.add(here.number)
        queue += [Trigger(number) for number in reconcile(run, here) if number not in seen]


def _handed_on(run: Run, number: int) -> bool:
    """Whether the issue is in other hands: nothing is to do there, or a run was started that has its turn.

    Whether the run of the opening knows of the labels is not known, and two that write at once would answer
    twice. So what is still to do is left to a run in the issue's group.
    """
    policy = run.policy()
    reader = Reader(run.client, run.repository, policy.trust, policy.settings.labels)
    decided = decide(run, reader, policy, reader.read(number))
    if not decided.plan.effects:
        _log(run, number, decided.plan)
        return True
    started = Dispatch("respond.yml", "", (("issue", str(number)),))
    try:
        dispatch(run.client, f"/repos/{run.repository.name}", started)
    except (ForbiddenError, InvalidError, NotFoundError) as error:
        run.warn(f"No run could be started for issue {number}, so it is looked at here. {explain(error)}")
        return False
    run.out(f"Issue {number}: a run was started, which looks at it when the one of the opening is over.")
    return True


def reconcile(run: Run, trigger: Trigger) -> tuple[int, ...]:
    """One pass: read, plan, apply. Returns the other issues it touched, which want a look as well."""
    policy = run.policy()
    reader = Reader(run.client, run.repository, policy.trust, policy.settings.labels)
    seen = reader.read(trigger.number, trigger.comment, wide=run.sweeping)
    decided = decide(run, reader, policy, seen, news=trigger.dispatched)
    return carry_out(run, reader, decided)


def carry_out(run: Run, reader: Reader, decided: Decided) -> tuple[int, ...]:
    """Make the plan true, and keep what others in this run have to know of it. Returns the other issues it
    touched.
    """
    plan, number = decided.plan, decided.snapshot.issue.number
    refused = apply(run, decided, beside=look_ahead(run, decided))
    if refused:
        # Said at once: nobody should wait for a rollback that cannot start.
        again = decide(run, reader, run.policy(), reader.read(number), refused=refused)
        apply(run, again)
    remember(run, decided)
    run.incident = run.incident or plan.incident.stage == Stage.OPEN
    author = decided.snapshot.issue.author
    if plan.over and author is not None:
        run.over.add(author.id)
    hand_over(run, number, plan)
    if plan.look_back is not None:
        run.look_backs[number] = plan
    _log(run, number, plan)
    joins = plan.incident.links.duplicate_of if decided.snapshot.issue.state == "open" else None
    return (joins,) if joins is not None else ()


def keep_turn(run: Run) -> None:
    """Wait a little after the work on an incident while little is left of the hour: the next run of it starts
    when this one ends, and looks at all that came meanwhile.
    """
    if not run.incident or run.failed or run.look_backs or any(run.outputs.values()):
        return
    wait = hold(run.client.budget, run.client.asked, run.client.now)
    if wait:
        run.out(f"Little is left of the hour's requests, so the next run waits {wait.total_seconds():.0f} s.")
        run.client.pause(wait.total_seconds())


def _log(run: Run, number: int, plan: Plan) -> None:
    """One line about a pass."""
    waits = f", {len(plan.waiting)} waiting for GitHub to say who may" if plan.waiting else ""
    waits = f", and {OVER}" if plan.over else waits
    run.out(f"Issue {number}: {len(plan.answers)} new in the record, {len(plan.effects)} changes{waits}.")
    if plan.saved:
        run.warn(SAVED)


def hand_over(run: Run, number: int, plan: Plan) -> None:
    """Name the issue for the jobs that have to do the rest."""
    if plan.postmortem or plan.happened or any(key.startswith(MERGED) for key in plan.answers):
        run.outputs["postmortem"].append(number)
    if plan.hotfix:
        run.outputs["hotfix"].append(number)


def decide(
    run: Run,
    reader: Reader,
    policy: Policy,
    snapshot: Snapshot,
    *,
    news: bool = False,
    refused: Mapping[str, str] | None = None,
    history: RecentHistory | None = None,
) -> Decided:
    """Plan, and look up what the plan wants to know on its way.

    ``news``: an executor sent us, so look at the operations' records whatever the incident knows of them.
    ``refused``: operations that GitHub would not start, and why. ``history``: what happened before the start.
    """
    if policy.trouble:
        kept = checkpoint_of(snapshot, policy.trust)
        policy = run.policy(kept.settings) if kept else policy
    if run.recent_pulls is not None:
        snapshot = replace(snapshot, recent_pulls=run.recent_pulls)
    if run.action_issues is not None:
        snapshot = replace(snapshot, action_issues=run.action_issues)
    told = {name: Sighting(refused=why) for name, why in (refused or {}).items()}

    known = snapshot

    def look_up(seen: Snapshot, wants: Wants) -> Snapshot:
        nonlocal known
        known = reader.look_up(seen, wants)
        if wants.assignable:
            from allclear.adapters.github.assignable import assignable  # noqa: PLC0415 - most passes page nobody, or one person, asked about alone

            found = assignable(run.client, run.repository, wants.assignable)
            known = replace(known, assignable={**known.assignable, **found})
        if wants.elsewhere:
            from allclear.adapters.github.lookups import Lookups  # noqa: PLC0415 - a third of all modules, and most passes ask for nothing of it

            known = Lookups(run.client, run.repository, policy).fill(known, wants)
        if known.operations:
            known = replace(known, operations={**known.operations, **told})
        return known

    asking = plan(snapshot, policy, news=news, history=history)
    decision = drive(asking, snapshot, look_up)
    return Decided(policy, known, decision)
