"""An issue was opened: is it looked at now, or by the sweep? Asked before anything that costs much."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from allclear.adapters.files.event import Trigger
from allclear.adapters.github.again import known
from allclear.adapters.github.older_reports import older_reports
from allclear.core.conversation.opening import admitted, askable, left_to_others, plenty
from allclear.core.model.budget import Budget
from allclear.jobs.run import Run

NONE: Mapping[str, Budget] = {}


def waits_for_sweep(run: Run, trigger: Trigger) -> bool:
    """Whether an outsider's opening waits for the sweep, which asks what they may do: they opened too many of
    late, another run looks at it, or nearly nothing is left of the hour. Only while not plenty of it is left.
    """
    if not trigger.outsider:
        return False
    left = known(run.client.budgets, NONE)
    requests, queries = left.get("core"), left.get("graphql")
    if plenty(requests) and plenty(queries):
        return False
    if trigger.opening and left_to_others(requests, queries):
        run.out(f"Issue {trigger.number} is left to the run of its opening, and to the sweep.")
        return True
    older = None
    if askable(queries):
        label, login = run.policy().settings.labels.incident, trigger.outsider
        asked = partial(older_reports, run.client, run.repository, label, login, trigger.number)
        older = known(asked, None)
    if admitted(older, requests):
        return False
    run.out(f"Issue {trigger.number} waits for the sweep: its author has opened many of late.")
    return True
