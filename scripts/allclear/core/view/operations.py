"""What the panel shows of operations, smoke runs and the hotfix, as inert values for its template."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from allclear.core.clock.checklist import unconfirmed
from allclear.core.model.neutral import code, inline
from allclear.core.model.operation import DANGEROUS, NAMES, NOT_LOOKED_AT, Operation, Smoke
from allclear.core.model.times import clock_time
from allclear.core.policy.runbook import Runbook
from allclear.core.record.incident import Incident, SmokeRun

MOST = 5
"""Operations that are shown; the newest, and always those that are open or of unknown outcome."""

SIGNS = {
    "asked": "✋",
    "ready": "⏳",
    "waiting": "✋",
    "running": "▶️",
    "done": "✅",
    "failed": "❌",
    "refused": "🚫",
    "unknown": "⚠️",
    "expired": "⌛",
    "cancelled": "🚫",
}


def titled(operation: Operation) -> str:
    """``Rollback of `web` to `v41` (`rollback-7f3a2c1d`)``, neutral."""
    what = f"Action {code(operation.name)}" if operation.kind == "action" else NAMES[operation.kind]
    dry = " as a dry run" if operation.dry_run else ""
    of = f" of {code(operation.service)}" if operation.service else ""
    to = f" to {code(operation.release or operation.target)}" if operation.release or operation.target else ""
    return f"{what}{of}{to}{dry} ({code(operation.id)})"


def shown_operations(incident: Incident, runbook: Runbook, zone: ZoneInfo) -> list[dict[str, str]]:
    """What changes production or keeps evidence, newest first. Smoke runs have a place of their own."""
    mine = [one for one in incident.production.operations.values() if one.kind != "smoke"]
    loud = [one for one in mine if one.open or one.outcome == "unknown"]
    kept = {one.id for one in (*loud, *mine[-MOST:])}
    return [
        _shown(one, incident, unconfirmed(one, incident, runbook), zone)
        for one in reversed(mine)
        if one.id in kept
    ]


def _shown(operation: Operation, incident: Incident, doubted: str, zone: ZoneInfo) -> dict[str, str]:
    last = incident.last
    state = operation.outcome or operation.state
    when = operation.ended or operation.asked
    return {
        "sign": SIGNS["unknown" if doubted or _refuted(operation) else state],
        "title": titled(operation),
        "state": _state(operation, zone, incident) + (f", {unverified(doubted)}" if doubted else ""),
        "url": operation.url,
        "at": clock_time(when, zone, near=last),
    }


def unverified(why: str) -> str:
    """``**not verified**: the deploy system cannot be asked what runs now``, neutral."""
    return f"**not verified**: {inline(why, 300)}".rstrip(".")


def _refuted(operation: Operation) -> bool:
    """Whether it went through and production is not well."""
    return operation.outcome == "done" and operation.smoke is not None and not operation.smoke.passed


def _state(operation: Operation, zone: ZoneInfo, incident: Incident) -> str:
    """Where it stands, in a few words."""
    until = clock_time(operation.expires, zone, near=incident.last) if operation.expires else ""
    in_time = f" by {until}" if until else ""
    match operation.state:
        case "asked":
            return f"needs a second person{in_time}: `/approve {operation.id}`"
        case "ready":
            return "requested, not started yet"
        case "waiting":
            return f"needs a reviewer{in_time}"
        case "running":
            return f"running{_deploys(operation)}"
    change = f", {code(operation.before)} → {code(operation.after)}" if operation.after else ""
    smoke = ""
    if operation.smoke is not None and operation.kind in DANGEROUS:
        smoke = ", smoke run passed" if operation.smoke.passed else ", **smoke run failed**"
    outcome = {"unknown": "**outcome unknown, look at production**", "failed": "**failed**"}
    return f"{outcome.get(operation.outcome or '', operation.outcome or '')}{change}{smoke}"


def _deploys(operation: Operation) -> str:
    """That its deploy run waits, or waited, for people."""
    if not operation.deploy_run:
        return ""
    run = f"[its deploy run]({operation.deploy_url})" if operation.deploy_url else "its deploy run"
    return f", and {run} asked the reviewers of {code(operation.deploy_environment)}"


def shown_smoke(incident: Incident, zone: ZoneInfo) -> list[dict[str, str]]:
    """The newest smoke run of every service: passed or not, when, and what failed."""
    return [
        {
            "sign": "✅" if run.smoke.passed else "❌",
            "service": code(name),
            "told": _passed(run, zone, incident)
            if run.smoke.passed
            else f"**failed** ({', '.join(code(line.name) for line in run.smoke.failures[:MOST])})",
            "at": clock_time(run.at, zone, near=incident.last),
            "url": run.url,
        }
        for name, run in incident.production.smoke.items()
    ]


def _passed(run: SmokeRun, zone: ZoneInfo, incident: Incident) -> str:
    """``passed, 11 times in a row since 14:42 UTC``."""
    if run.count == 1 or run.since is None:
        return "passed"
    return f"passed, {run.count} times in a row since {clock_time(run.since, zone, near=incident.last)}"


def shown_hotfix(incident: Incident) -> dict[str, str] | None:
    """The hotfix: its branch and where to look; None without one."""
    hotfix = incident.production.hotfix
    if hotfix is None:
        return None
    state = ""
    if hotfix.merged or hotfix.closed:
        state = "merged" if hotfix.merged else "closed without being merged"
    elif hotfix.pending or hotfix.unpushed:
        state = "being prepared" if hotfix.pending else "waits for somebody to push its branch"
    return {"branch": code(hotfix.branch) if hotfix.branch else "", "url": hotfix.url, "state": inline(state)}


OUTCOME_SIGNS = {"pass": "✅", "fail": "❌", "error": "⚠️", "skipped": "⚪"}
MOST_LINES = 40
"""Lines that are shown one by one; failures first when there are more."""


def smoke_table(smoke: Smoke) -> str:
    """A Markdown table: check, outcome, what was seen, seconds. Empty when nothing was looked at.

    Numbers of the recovery that the settings name no source of are left out beside others.
    """
    if not smoke.lines:
        return ""
    # Where nothing else was looked at, that is what there is to say.
    lines = tuple(line for line in smoke.lines if line.detail != NOT_LOOKED_AT) or smoke.lines
    looked = len(lines)
    if looked > MOST_LINES:
        lines = tuple(sorted(lines, key=lambda line: line.outcome == "pass"))[:MOST_LINES]
    rows = [
        f"| {OUTCOME_SIGNS[line.outcome]} | {code(line.name)} | {inline(line.detail, 120) or line.outcome} "
        f"| {line.seconds:.1f} s |"
        for line in lines
    ]
    more = looked - len(lines)
    rest = [f"| | and {more} more | | |"] if more else []
    return "\n".join(["| | Check | Result | Took |", "|---|---|---|---|", *rows, *rest])
