"""What is told of a rollback before it begins: what it would undo, and the decision tree of 004-27."""

from __future__ import annotations

from datetime import timedelta

from allclear.core.conversation.command import CommandContext
from allclear.core.model.neutral import code, inline
from allclear.core.model.release import Change, Comparison, Release
from allclear.core.model.times import clock_time, spell
from allclear.core.policy.runbook import Runbook
from allclear.core.production.rollback import Aim, migrations_in, unseen

ROWS = 10
"""Commits and migrations that are listed; the rest is counted."""

AUTHORS = 8
"""People that are named."""

RECENT = timedelta(hours=24)
"""A release that ran well for longer is not likely to have caused what began now."""


def heading(aimed: Aim, context: CommandContext) -> str:
    """From what to what, and how it was chosen: one line."""
    what = f"Rollback of {code(aimed.name)}"
    if aimed.release is None:
        which = f"{code(aimed.word)}" if aimed.word else "the release before the current one"
        asked = f"{code(aimed.service.provider)} has the list, so the run looks it up and says which it takes"
        return f"**{what}** to {which}: {asked}."
    now = _named(aimed.current, "since", context) if aimed.current else "what runs now"
    return f"**{what}:** {now} → {_named(aimed.release, 'of', context)}."


def _named(release: Release, word: str, context: CommandContext) -> str:
    known = f"[{code(release.name)}]({release.url})" if release.url else code(release.name)
    facts = [f"{word} {clock_time(release.at, context.zone, near=context.at)}"] if release.at else []
    facts += [{"good": "smoke passed", "bad": "its smoke run **failed**"}.get(release.smoke, "")]
    told = ", ".join(filter(None, facts))
    return f"{known} ({told})" if told else known


def undone(aimed: Aim, comparison: Comparison | None, context: CommandContext) -> str:
    """What the rollback would undo: commits, their authors, migrations by path. Neutral Markdown."""
    doubt = unseen(aimed, comparison)
    if comparison is None or not comparison.commits:
        return (
            f"What would be undone is not known: {inline(doubt)}." if doubt else "No commit would be undone."
        )
    found = migrations_in(comparison.paths, aimed.service.rollback.migrations)
    lines = [f"**Would be undone:** {_counted(comparison)}, {_many(len(found), 'migration')}."]
    lines += [f"There may be more: {inline(doubt)}."] if doubt else []
    lines += ["", "| Commit | By | What |", "|---|---|---|"]
    # The newest first: the cause is more likely among them.
    lines += [_row(change, context) for change in comparison.commits[: -ROWS - 1 : -1]]
    more = comparison.total - min(ROWS, len(comparison.commits))
    lines += [f"| | | and {more} more |"] if more > 0 else []
    if found:
        lines += ["", "Migrations that stay in the database:"]
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
    item = f" ({context.runbook.reversal.item})" if context.runbook.reversal.item else ""
    quick = spell(context.runbook.reversal.fix_forward)
    return "\n".join(
        [
            f"| Before you approve{item} | What is known |",
            "|---|---|",
            f"| 1. Is a fix forward out in {quick}? Then fix | {_forward(context)} |",
            f"| 2. Is it safe for the data? Else fix forward | {_safe(aimed, comparison)} |",
            f"| 3. Will it restore the service? Else look deeper | {_helps(aimed, context)} |",
        ]
    )


def _forward(context: CommandContext) -> str:
    met = immediate(context.runbook, context.incident.severity, context.incident.progress.flags)
    if met:
        return f"Not asked: {met} is a reason to go back at once"
    reasons = context.runbook.reversal.immediate
    return "Your call" + (
        f". Back at once if: {'; '.join(inline(why) for why in reasons)}" if reasons else ""
    )


def immediate(runbook: Runbook, severity: str, flags: frozenset[str]) -> str:
    """Which of the criteria for going back at once (004-26) the record itself shows; empty when none."""
    met = [severity] if severity in runbook.reversal.severities else []
    met += [f"flag {flag}" for flag in runbook.reversal.flags if flag in flags]
    return ", ".join(met)


def _safe(aimed: Aim, comparison: Comparison | None) -> str:
    if not aimed.service.rollback.migrations:
        return "Yes: the settings say that it has no migrations"
    paths = comparison.paths if comparison is not None else ()
    found = migrations_in(paths, aimed.service.rollback.migrations)
    if found:
        return f"**No**: {_many(len(found), 'migration')} would stay"
    doubt = unseen(aimed, comparison)
    if doubt:
        return f"**Not known**: {inline(doubt)}. Look yourself"
    return f"Yes: none of {_many(len(paths), 'changed path')} is a migration"


def _helps(aimed: Aim, context: CommandContext) -> str:
    began = context.incident.reached("started") or context.incident.reached("declared")
    since = aimed.current.at if aimed.current else None
    if since is None or began is None:
        return "Not known: when the current release came is not to be seen"
    if since > began:
        return f"Look: it came {spell(since - began)} after the start, so it did not begin there"
    before = spell(began - since)
    return (
        f"Likely: it came {before} before the start"
        if began - since <= RECENT
        else (f"Doubtful: it had run for {before} when it started")
    )
