"""How the incident ended, and whether that is what the script expects."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

import frontmatter

from allclear.core.clock.durations import durations, minutes
from allclear.core.model.times import utc
from allclear.core.policy.runbook import Runbook
from allclear.core.record.entry import Entry
from allclear.core.record.fold import fold
from allclear.core.record.incident import Incident
from allclear.core.record.postmortem import PostmortemOpened
from allclear_lab.drill.expectations import entries_of
from allclear_lab.drill.moments import Ending, SeenIssue
from allclear_lab.drill.observer import Observer
from allclear_lab.drill.script import ExpectedEnd, TimedScript

METRICS = ("detection", "acknowledgement", "mitigation", "resolution")


def ending(play: TimedScript, watch: Observer, issue: SeenIssue, runbook: Runbook, at: datetime) -> Ending:
    """Add up what stands on the issue, read the post-mortem back,
    and compare both with the script's ``end``.
    """
    entries = entries_of(issue.comments)
    incident = fold(issue.number, entries, runbook)
    path, branch = _opened(entries)
    pull = next((one for one in reversed(watch.pulls()) if one.branch == branch), None)
    published = watch.files().get(path, "")
    report = published or watch.files(branch).get(path, "") if path else ""
    seen = Ending(
        at=utc(at),
        issue=issue,
        incident=incident,
        panel=next((comment.body for comment in issue.comments if comment.panel), ""),
        pull=pull,
        path=path,
        report=report,
        merged=bool(published),
        metrics=_metrics(report, incident),
        missed=(),
    )
    missed = tuple(
        f"the end ({play.path}, line {play.outline.line('end', key)}): {words}"
        for key, words in _missed(play.script.end, seen)
    )
    return replace(seen, missed=missed)


def _opened(entries: Sequence[Entry]) -> tuple[str, str]:
    """The path and the branch of the post-mortem that the record names last, or twice ""."""
    facts = [fact for entry in entries for fact in entry.facts if isinstance(fact, PostmortemOpened)]
    return (facts[-1].path, facts[-1].branch) if facts else ("", "")


def _metrics(report: str, incident: Incident) -> Mapping[str, int | None]:
    """The durations in minutes that the post-mortem's front matter
    holds, or the incident's own where there is none.
    """
    written = frontmatter.loads(report).metadata.get("durations") if report else None
    if isinstance(written, Mapping):
        return {name: value if isinstance(value := written.get(name), int) else None for name in METRICS}
    counted = durations(incident)
    return {name: minutes(getattr(counted, name)) for name in METRICS}


def _missed(end: ExpectedEnd, seen: Ending) -> Iterator[tuple[str, str]]:
    """The expectations that do not hold, each with its key in the script."""
    plain = {
        "stage": str(seen.incident.stage),
        "issue": seen.issue.state,
        "severity": seen.incident.severity,
        "status": seen.incident.status,
        "pull_request": seen.pull.state if seen.pull else "none",
        "file": seen.path if seen.merged else "",
    }
    for key, value in plain.items():
        wanted = getattr(end, key)
        if wanted is not None and wanted != value:
            told = str(value) or "not there"
            yield key, f"expected the {key.replace('_', ' ')} {str(wanted)!r}, and it is {told!r}"
    labels = ", ".join(sorted(seen.issue.labels)) or "none"
    for name in (one for one in end.labels if one not in seen.issue.labels):
        yield "labels", f"expected the label {name!r}; the labels are {labels}"
    for name in (one for one in end.lacks if one in seen.issue.labels):
        yield "lacks", f"expected no label {name!r}; the labels are {labels}"
    for text in end.report:
        if text not in seen.report:
            yield "report", f"expected {text!r} in the post-mortem, and it is not there"
    yield from _people(end, seen.incident)
    for name, minutes_wanted in end.metrics.items():
        taken = seen.metrics[name]
        if taken != minutes_wanted:
            told = "not recorded" if taken is None else f"{taken}"
            yield "metrics", f"expected {minutes_wanted} minutes of {name}, and it is {told}"


def _people(end: ExpectedEnd, incident: Incident) -> Iterator[tuple[str, str]]:
    holders = {role: person.login for role, person in incident.team.roles.items()}
    for role, login in end.roles.items():
        if holders.get(role) != login:
            yield "roles", f"expected {login!r} as {role}, and it is {holders.get(role, 'nobody')!r}"
    responders = [person.login for person in incident.team.responders]
    for login in end.responders:
        if login not in responders:
            names = ", ".join(responders) or "nobody"
            yield "responders", f"expected {login!r} among the responders; they are {names}"
