"""The hotfix of one incident: its branch and pull request made, and recorded."""

from __future__ import annotations

from allclear.adapters.files.event import Trigger
from allclear.adapters.github.hotfix import HotfixDraft, make
from allclear.adapters.github.read import Reader
from allclear.adapters.github.write import Writer
from allclear.core.production.hotfix import (
    attempt,
    body,
    branch,
    message,
    record_opening,
    title,
    wanted,
)
from allclear.core.record.production import HotfixOpened
from allclear.jobs.respond import decide, reconcile
from allclear.jobs.run import Run


def hotfix(run: Run, number: int) -> None:
    """Catch up with the issue, make the branch and the pull request, record where they are."""
    reconcile(run, Trigger(number))
    policy = run.policy()
    reader = Reader(run.client, run.repository, policy.trust, policy.settings.labels)
    decided = decide(run, reader, policy, reader.read(number, whole=True))
    policy, incident, record = decided.policy, decided.plan.incident, decided.plan.record
    asked = incident.production.hotfix
    if asked is None or not decided.plan.hotfix:
        run.out(f"Issue {number} has not asked for a hotfix, or has it already.")
        return
    service = policy.settings.services.get(asked.service)
    name = branch(number, attempt(incident))
    issue_url = decided.snapshot.issue.url
    draft = HotfixDraft(
        branch=name,
        start=asked.commit,
        base=service.hotfix.base if service else "",
        title=title(incident),
        message=message(incident),
        body=lambda base: body(incident, name, base, issue_url, policy.renderer),
    )
    made = make(run.client, run.repository, draft)
    if not made.url and not wanted(incident):
        run.out(f"Issue {number}: the hotfix's branch was pushed by hand, and still is not to be used.")
        run.outputs["hotfix"].clear()
        return
    opened = HotfixOpened(branch=name, base=made.base, url=made.url, pull=made.pull)
    reply = record_opening(incident, record, opened, made.note, policy, run.repository, decided.snapshot.now)
    Writer(run.client, run.repository, number, policy.settings.bots).perform(reply)
    reconcile(run, Trigger(number))
    where = f"is at {made.url}" if made.url else "has to be pushed by hand"
    run.out(f"Issue {number}: the hotfix {where}")
    run.outputs["hotfix"].clear()
