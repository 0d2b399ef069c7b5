"""The weekly word about action items that are overdue: the last thing that a sweep does.

Nothing in here stops the sweep of incidents. While nothing is overdue it costs no request.
"""

from __future__ import annotations

from allclear.adapters.github.again import UNDOCUMENTED
from allclear.adapters.github.digest import DigestIssue, called, find_digest, put_digest, tell_owner
from allclear.adapters.github.errors import GitHubError, explain
from allclear.core.plan.digest import by_owner, digest_body, overdue, owner_comment, week_name, week_of
from allclear.jobs.run import Run


def tell_overdue(run: Run) -> None:
    """Tell each owner of what is overdue, once a week."""
    policy, now = run.policy(), run.client.now
    week = week_of(policy.settings.digest, now, policy.zone)
    budget = run.client.budget
    if not run.action_issues or week is None or (budget is not None and budget.scarce):
        return
    found = overdue(run.action_issues, week, policy.zone)
    if not found:
        return
    try:
        where = DigestIssue(run.client, run.repository, policy.settings.labels.digest, policy.settings.bots)
        name = week_name(week, policy.zone)
        issue, last = find_digest(where)
        if last == name:
            return
        text = digest_body(found, week, policy.zone)
        if issue is None:
            issue = put_digest(where, None, text.replace(f'"{name}"', '"0000-00-00"', 1))
        known = called(where, issue, name, week)
        for owner, items in by_owner(found).items():
            if owner not in known:
                tell_owner(where, issue, owner_comment(owner, items, week, policy.zone))
        # Last of all: that the week is told. What was cut off before is done by the next sweep.
        put_digest(where, issue, text)
        run.out(f"Issue {issue} lists {len(found)} overdue action items.")
    except GitHubError as error:
        run.warn(f"What is overdue is told by the next sweep. {explain(error)}")
    except UNDOCUMENTED:
        run.warn("What is overdue is told by the next sweep: GitHub's answer is in no documented form.")
