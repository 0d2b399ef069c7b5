"""Looking what changed before an incident began, once everything else of the run is done.

Nothing waits for it and nothing fails with it: GitHub is asked each thing once and quickly, and whatever goes
wrong is a line of the job's log.
"""

from __future__ import annotations

from allclear.adapters.github.errors import GitHubError
from allclear.adapters.github.read import Reader
from allclear.adapters.github.recent_history import recent_history
from allclear.core.model.structs import replace
from allclear.core.plan.plan import Plan
from allclear.core.production.recent_changes import is_news, recent_changes
from allclear.core.record.entry import NewerFormatError
from allclear.jobs.freeze import freeze_after
from allclear.jobs.respond import carry_out, decide
from allclear.jobs.run import Run

ROUNDS = 2
"""The second, when somebody corrected the start while it was looked at."""


def look_back(run: Run) -> None:
    """Say of each incident that this run declared, or whose start or services it learned, what changed."""
    for _ in range(ROUNDS):
        todo = dict(run.look_backs)
        run.look_backs.clear()
        for number, plan in todo.items():
            # What happens to the run in here is none of its failures.
            quick = replace(run, client=run.client.hurried(), failed=False, freezes={})
            try:
                _tell(quick, number, plan)
            except (
                GitHubError,
                NewerFormatError,
                # An answer that is not in the form it is documented in.
                AttributeError,
                LookupError,
                TypeError,
                ValueError,
            ) as error:
                told = f"{type(error).__name__}: {error}"
                run.out(f"Issue {number}: it is not known what changed before it began ({told}).")


def _tell(run: Run, number: int, plan: Plan) -> None:
    """A pass over the incident that knows what changed, where there is anything to say."""
    policy, asked = run.policy(), plan.look_back
    if asked is None:
        return
    history = recent_history(run.client, run.repository, policy.settings, asked)
    found = recent_changes(history, asked, policy.settings, policy.providers)
    if not is_news(found, asked, plan.incident):
        run.out(f"Issue {number}: nothing new is known to have changed before it began.")
        return
    reader = Reader(run.client, run.repository, policy.trust, policy.settings.labels)
    decided = decide(run, reader, policy, reader.read(number), history=history)
    read = decided.plan.record.count - len(decided.plan.answers)
    if read < plan.record.count:
        run.out(f"Issue {number}: GitHub does not show yet what was answered, so no more is said now.")
        return
    carry_out(run, reader, decided)
    freeze_after(run)
