"""The step that runs a service's commands. It holds the secrets that the operation names, and no token: what
it may do was decided by the step before, and what became of it is written down by the last job.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from pydantic import ValidationError

from allclear.adapters.files.event import SetupError
from allclear.adapters.files.handed import handed_over
from allclear.adapters.files.job_output import safe_line, summarise, write_outputs
from allclear.core.model.errors import UserError
from allclear.core.model.neutral import code, cut, inline
from allclear.core.model.operation import Ending
from allclear.core.model.structs import replace
from allclear.core.policy.provider import Provider
from allclear.core.policy.service import Action, Service
from allclear.core.policy.variables import rollback_names
from allclear.core.production.choice import choose
from allclear.core.production.clearance import refusal_of
from allclear.core.production.handover import Decision, Result, write_result
from allclear.core.production.what_runs import WhatRuns, changed_since, releases
from allclear.jobs.commands import Commands, ExecutionError, empty
from allclear.jobs.deploy import Deploys
from allclear.jobs.look import DECISION
from allclear.jobs.run import LocalStep

SHOWN_AFTER = 3.0
"""Seconds before the first command. A runner tells GitHub that a step began up to a second later, and a sweep
goes by it: a step that GitHub does not show as begun changed nothing.
https://github.com/actions/runner/blob/main/src/Runner.Common/JobServerQueue.cs
"""

LONGEST = 2000
"""Characters of what the record says went wrong."""


def act(step: LocalStep) -> None:
    """Do what was decided, once. Gives the outputs ``result`` and ``smoke``; red unless it went well."""
    decision = decided(step)
    result = _done(step, decision)
    give(step, decision, result)


def decided(step: LocalStep) -> Decision:
    """What the step before decided for this very run. Raises SetupError when that is not there."""
    text = handed_over(step.env, DECISION, step.env.get("ALLCLEAR_DECISION", ""))
    try:
        decision = Decision.model_validate_json(text)
    except ValidationError as error:
        raise SetupError("The decision of the step before cannot be read; nothing is done") from error
    own = (
        step.env.get("ALLCLEAR_OPERATION"),
        step.env.get("GITHUB_RUN_ID"),
        step.env.get("GITHUB_RUN_ATTEMPT"),
    )
    if own != (decision.operation, str(decision.run), "1"):
        raise SetupError("The decision of the step before is another run's; nothing is done")
    return decision


def outputs_of(decision: Decision, result: Result) -> dict[str, str]:
    """What the jobs that follow are given."""
    follows = decision.smoke and result.outcome == "done"
    told = replace(result, smoke_follows=follows)
    return given_of(told) | {"smoke": "true" if follows else "false"}


def given_of(result: Result) -> dict[str, str]:
    """The result, and its outcome by itself: a runner withholds a whole output in which a secret stands, also
    one that nobody named, or that is an ordinary word.
    """
    return {"result": write_result(result), "outcome": result.outcome or ""}


def give(step: LocalStep, decision: Decision, result: Result) -> None:
    """Hand the result to the jobs that follow, and show it on the page of the run."""
    write_outputs(step.env, outputs_of(decision, result))
    title = decision.order.title
    text = f": {result.text}" if result.text else ""
    step.out(safe_line(f"{title}: {result.outcome}{text}"))
    said = f"**{inline(title)}** ({code(decision.operation)}): {result.outcome}{inline(text, 500)}"
    summarise(step.env, said)
    step.failed = result.outcome != "done"


def _done(step: LocalStep, decision: Decision) -> Result:
    if decision.action is not None:
        return _run_action(step, decision, decision.action)
    assert decision.service is not None  # a decision is about one or the other
    assert decision.provider is not None
    return _roll_back(step, decision, decision.service, decision.provider)


def _run_action(step: LocalStep, decision: Decision, action: Action) -> Result:
    """An action of the settings: its words, with the arguments that its rules accept."""
    commands = Commands.of(step, action.env)
    said = _warned(step, decision, action.env)
    text = ""
    outcome: Ending = "done"
    step.pause(SHOWN_AFTER)
    try:
        done = commands.run(action.run, decision.order.arguments, action.timeout, action.env)
        commands.expect(done, "the action")
    except ExecutionError as error:
        text, outcome = _told(error, said), error.outcome
    return Result(operation=decision.operation, outcome=outcome, executed=outcome == "done", text=text)


def _roll_back(step: LocalStep, decision: Decision, service: Service, provider: Provider) -> Result:
    """Choose where only the deploy system has the list, do it, and let it be checked."""
    names = tuple(rollback_names(service, provider))
    deploys = Deploys.of(step, service, provider)
    said = _warned(step, decision, names)
    chosen, before = decision.chosen, decision.before
    try:
        seen = deploys.look()
    except ExecutionError as error:
        if chosen is None:
            return Result(operation=decision.operation, outcome="failed", text=_told(error, said))
        step.out(f"::warning::{safe_line(str(error))}")
        seen = WhatRuns()
    changed = _changed(decision, seen, provider)
    if changed:
        text = f"{changed}; ask for it again if it is still wanted"
        return Result(operation=decision.operation, outcome="refused", text=text)
    if chosen is None:
        now = decision.now or datetime.now(UTC)
        listed = releases(provider, seen, now)
        try:
            chosen = choose(decision.order, decision.avoid, listed, provider)
        except UserError as error:
            return Result(operation=decision.operation, outcome="refused", text=refusal_of(error).line)
        before = listed.current.name if listed.current else before
    result = Result(operation=decision.operation, target=chosen.target, release=chosen.name, before=before)
    if decision.order.dry_run:
        text = f"it would go back from {before or 'what is running now'} to {chosen.name}"
        return replace(result, outcome="done", text=text)
    executed, text, unverified = False, "", ""
    outcome: Ending = "done"
    step.pause(SHOWN_AFTER)
    try:
        deploys.roll_back(chosen)
        executed = True
        unverified = deploys.verify(chosen)
    except ExecutionError as error:
        text, outcome = _told(error, said), error.outcome
    more: dict[str, Any] = {"outcome": outcome, "executed": executed, "text": text, "unverified": unverified}
    return replace(result, **more, after=chosen.name if executed else "")


def _changed(decision: Decision, seen: WhatRuns, provider: Provider) -> str:
    """What changed the service since it was asked for; nothing of that matters to a dry run."""
    if decision.order.dry_run or decision.asked is None:
        return ""
    return changed_since(decision.asked, decision.undone, seen, provider)


def _warned(step: LocalStep, decision: Decision, names: tuple[str, ...]) -> tuple[str, ...]:
    """What is said of secrets that are named, passed and empty; now, and again when something fails."""
    said = empty(step.env, names, decision.environment)
    for line in said:
        step.out(f"::warning::{safe_line(line)}")
    return said


def _told(error: ExecutionError, said: tuple[str, ...]) -> str:
    """Why it went wrong, as records keep it: whoever shows it ends the sentence."""
    why = str(error).rstrip(".")
    return cut(". ".join([why, *said]).rstrip("."), LONGEST)
