"""What is told of a rollback before it begins: what it would undo, and the decision tree of 004-27."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from allclear.core.clock.going_back import going_back
from allclear.core.conversation.command import CommandContext
from allclear.core.model.neutral import code, inline
from allclear.core.model.release import Change, Comparison, Release, linked
from allclear.core.model.times import clock_time, in_minutes, spell
from allclear.core.policy.runbook import Runbook
from allclear.core.production.request import Request
from allclear.core.production.rollback import Aim, migrations_in, unseen
from allclear.core.record.incident import Incident

ROWS = 10
"""Commits and migrations that are listed; the rest is counted."""

AUTHORS = 8
"""People that are named."""

OTHERS = 5
"""Deployments that are named because they would overwrite the rollback."""

RECENT = timedelta(hours=24)
"""A release that ran well for longer is not likely to have caused what began now."""


def opening(aimed: Aim, context: CommandContext) -> list[str]:
    """From what to what, and what would overwrite it: paragraphs."""
    return list(filter(None, (heading(aimed, context), overwriting(aimed.beside))))


def heading(aimed: Aim, context: CommandContext) -> str:
    """From what to what, and how it was chosen: one line."""
    what = f"Rollback of {code(aimed.name)}"
    if aimed.release is None:
        which = f"{code(aimed.word)}" if aimed.word else "the release before the current one"
        which = f"from {code(aimed.current.name)} to {which}" if aimed.current else f"to {which}"
        asked = (
            f"{code(aimed.service.provider)} has the list of releases, so the run looks it up and says "
            "which one"
        )
        return f"**{what}** {which}. {asked}."
    now = _named(aimed.current, "since", context) if aimed.current else "what is running now"
    return f"**{what}:** {now} → {_named(aimed.release, 'of', context)}."


def understood(request: Request, aimed: Aim) -> str:
    """What was read out of the words of the request: one line, before what follows from it."""
    there = code(aimed.word) if aimed.word else "the release before the current one"
    to = code(aimed.release.name) if aimed.release else there
    chosen = "" if request.target or aimed.release is None else ", the last known good one"
    given = {
        "with migrations": request.with_migrations,
        "while something is deployed": request.while_deploying,
    }
    options = ", ".join(option for option, wanted in given.items() if wanted) or "none"
    now = code(aimed.current.name) if aimed.current else "what is running now"
    return (
        f"Understood: service {code(aimed.name)}; from {now}; "
        f"to {to}{chosen}; options: {options}; reason: {inline(request.why, 200) or 'none given'}."
    )


def _named(release: Release, word: str, context: CommandContext) -> str:
    known = f"[{code(release.name)}]({release.url})" if release.url else code(release.name)
    when = clock_time(release.at, context.zone, near=context.at) if release.at else ""
    facts = [_state(release, word, when)]
    facts += [{"good": "its smoke run passed", "bad": "its smoke run **failed**"}.get(release.smoke, "")]
    said = ", ".join(filter(None, facts))
    return f"{known} ({said})" if said else known


def _state(release: Release, word: str, when: str) -> str:
    """How sure it is that it runs, and since when. The log's link, where it is not."""
    if release.state == "success":
        return f"{word} {when}" if when else ""
    deployment = f"[deployment]({release.log})" if release.log else "deployment"
    if release.state == "in progress":
        return f"**its {deployment} is in progress**" + (f", since {when}" if when else "")
    if release.state == "failed":
        return f"**its {deployment} began and did not succeed**" + (f", {when}" if when else "")
    return f"**it is not known whether its {deployment} began**"


def overwriting(beside: Sequence[Release]) -> str:
    """What would overwrite the rollback if it went on: one paragraph, empty when nothing would."""
    lines = [_would_overwrite(one) for one in beside[:OTHERS]]
    lines += [f"- and {len(beside) - OTHERS} more"] if len(beside) > OTHERS else []
    return "\n".join(["**This would overwrite the rollback:**", *lines]) if lines else ""


def _would_overwrite(one: Release) -> str:
    said = {
        "in progress": "is being deployed",
        "waiting": "waits to be deployed: do not approve it, or cancel it first",
    }.get(one.state, "was rejected or cancelled before it began: do not run it again")
    return f"- {linked(one)} {said}"


def undone(aimed: Aim, comparison: Comparison | None, context: CommandContext) -> str:
    """What the rollback would undo: commits, their authors, migrations by path. Neutral Markdown."""
    doubt = unseen(aimed, comparison)
    if comparison is None or not comparison.commits:
        return (
            f"It is not known what would be undone: {inline(doubt)}."
            if doubt
            else "No commit would be undone."
        )
    found = migrations_in(comparison.paths, aimed.service.rollback.migrations)
    lines = [f"**This would undo** {_counted(comparison)} and {_many(len(found), 'migration')}."]
    lines += [f"There may be more: {inline(doubt)}."] if doubt else []
    lines += ["", "| Commit | By | What |", "|---|---|---|"]
    # The newest first: the cause is more likely among them.
    lines += [_row(change, context) for change in comparison.commits[: -ROWS - 1 : -1]]
    more = comparison.total - min(ROWS, len(comparison.commits))
    lines += [f"| | | and {more} more |"] if more > 0 else []
    if found:
        lines += ["", "These migrations would stay in the database:"]
        lines += [f"- {code(path, 200)}" for path in found[:ROWS]]
        lines += [f"- and {len(found) - ROWS} more"] if len(found) > ROWS else []
    return "\n".join(lines)


def _counted(comparison: Comparison) -> str:
    authors = list(dict.fromkeys(change.author for change in reversed(comparison.commits)))
    named = ", ".join(inline(author, 40) for author in authors[:AUTHORS])
    others = " and others" if len(authors) > AUTHORS else ""
    by = f" by {named}{others}" if named else ""
    return f"{_many(comparison.total, 'commit')}{by}"


def _many(count: int, what: str) -> str:
    return f"{count or 'no'} {what}{'' if count == 1 else 's'}"


def _row(change: Change, context: CommandContext) -> str:
    sha = code(change.sha[:7])
    link = f"[{sha}]({context.repository.url}/commit/{change.sha})" if context.repository.url else sha
    return f"| {link} | {inline(change.author, 40)} | {inline(change.subject, 120)} |"


def decision(aimed: Aim, comparison: Comparison | None, context: CommandContext) -> str:
    """The three questions of 004-27 with what is known of them. People answer; nothing is decided by it."""
    quick = spell(context.runbook.reversal.fix_forward)
    return "\n".join(
        [
            "| Ask before you approve | What is known |",
            "|---|---|",
            f"| 1. Could a fix be deployed within {quick}? If so, fix forward. | {_forward(context)} |",
            f"| 2. Is a rollback safe for the data? If not, fix forward. | {_safe(aimed, comparison)} |",
            f"| 3. Will it restore the service? If not, investigate further. | {_helps(aimed, context)} |",
        ]
    )


def _forward(context: CommandContext) -> str:
    met = immediate(context.runbook, context.incident)
    if met:
        return f"Skip this question: {met} is a reason to roll back at once"
    known, level = context.runbook.reversal.reasons, context.incident.severity
    reasons = "; ".join(inline(one.text) for one in known if one.counts(level))
    return "You decide" + (f". Roll back at once if: {reasons}" if reasons else "")


def immediate(runbook: Runbook, incident: Incident) -> str:
    """Which of the criteria for going back at once (004-26) the record itself shows; empty when none."""
    return ", ".join(inline(one.reason.text) for one in going_back(incident, runbook))


def _safe(aimed: Aim, comparison: Comparison | None) -> str:
    if not aimed.service.rollback.migrations:
        return "Yes: the settings say that this service has no migrations"
    paths = comparison.paths if comparison is not None else ()
    found = migrations_in(paths, aimed.service.rollback.migrations)
    if found:
        return f"**No**: {_many(len(found), 'migration')} would stay"
    doubt = unseen(aimed, comparison)
    if doubt:
        return f"**Not known**: {inline(doubt)}. Please look for yourself"
    if not paths:
        return "Yes: nothing changed between the two releases"
    return f"Yes: no migration is among the {_many(len(paths), 'changed path')}"


def _helps(aimed: Aim, context: CommandContext) -> str:
    began = context.incident.reached("started") or context.incident.reached("declared")
    since = aimed.current.at if aimed.current else None
    if since is None or began is None:
        return "Not known: there is no record of when the current release came"
    if since > began:
        return f"Unlikely: this release came {in_minutes(since - began)} after the incident began"
    before = in_minutes(began - since)
    return (
        f"Likely: this release came {before} before the incident began"
        if began - since <= RECENT
        else f"Doubtful: this release had run for {before} when the incident began"
    )
