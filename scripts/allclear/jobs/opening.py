"""An issue was opened: is it looked at now, or by the sweep? Asked before anything that costs much."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from allclear.adapters.files.event import Trigger
from allclear.adapters.github.again import known
from allclear.adapters.github.older_reports import older_reports
from allclear.adapters.github.read import Reader
from allclear.core.conversation.opening import admitted, askable, plenty
from allclear.core.model.budget import Budget
from allclear.core.model.people import Rights
from allclear.jobs.run import Run

NONE: Mapping[str, Budget] = {}


def waits_for_sweep(run: Run, trigger: Trigger) -> bool:
    """Whether an opening waits for the sweep, which asks for rights: its author opened too many of late, or
    another run looks at it. So only while more than a little of the hour is used up, and nobody who cannot
    be judged is made to wait.
    """
    if not trigger.opened_by:
        return False
    left = known(run.client.budgets, NONE)
    requests, queries = left.get("core"), left.get("graphql")
    if plenty(requests) and plenty(queries):
        return False
    if trigger.opening:
        run.out(f"Issue {trigger.number} is left to the run of its opening, and to the sweep.")
        return True
    policy = run.policy()
    reader = Reader(run.client, run.repository, policy.trust, policy.settings.labels)
    older = None
    if askable(queries):
        label, login = policy.settings.labels.incident, trigger.opened_by
        asked = partial(older_reports, run.client, run.repository, label, login, trigger.number)
        older = known(asked, None)
    admits = admitted(older, requests)
    if admits is None:
        rights = reader.access(trigger.opened_by).rights
        admits = rights is None or rights >= Rights.TRIAGE
    if not admits:
        run.out(f"Issue {trigger.number} waits for the sweep: its author has opened many of late.")
    return not admits
