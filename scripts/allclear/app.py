"""One pass over one incident: read -> plan -> apply. The doors call in here, and here is the only broad
catch.

Nothing third-party is imported before it is clear that there is something to do: most comments of a
repository are none of ours, and such a run should end in milliseconds. That is why the imports stand inside
the functions.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from allclear.adapters.event import Env, Look, SetupError, issue_numbers, wanted_issue

if TYPE_CHECKING:
    from allclear.adapters.github import Client
    from allclear.adapters.reading import Reader
    from allclear.core.plan import Plan
    from allclear.core.policy import Policy
    from allclear.core.snapshot import Repository, Snapshot

ROUNDS = 5
"""How often plan() may ask for more: events, then who did that, then where they point to. Two are usual."""

FOLLOW_UPS = 3
"""How many issues one run goes on to, from a duplicate to its original and so on."""

DOWN = 3
"""With so many issues that GitHub could not show or change in one run, it is GitHub that is down."""

FAILED = "<!-- allclear:failed -->"


def respond(
    env: Env, *, sleep: Callable[[float], None] | None = None, out: Callable[[str], None] = print
) -> int:
    """The door of ``respond.yml``: look at the issue of the event. Returns the exit code, 1 for a failure.

    ``env`` is the environment of a GitHub Actions job
    (https://docs.github.com/en/actions/reference/workflows-and-actions/variables). Writes
    ``postmortem=[12]`` to GITHUB_OUTPUT when a post-mortem has to be generated.
    """
    try:
        look = wanted_issue(env)
    except SetupError as problem:
        return _wrong(out, str(problem))
    if isinstance(look, str):
        out(f"Nothing to do: {look}.")
        _output(env, [])
        return 0
    return _guarded(env, sleep, out, lambda run: _each(run, [look.number], lambda _: _respond(run, look)))


def sweep(
    env: Env, *, sleep: Callable[[float], None] | None = None, out: Callable[[str], None] = print
) -> int:
    """The door of ``sweep.yml``: open incidents, and closed ones that owe a post-mortem. Returns the code."""
    return _guarded(env, sleep, out, _sweep)


def postmortem(
    env: Env, *, sleep: Callable[[float], None] | None = None, out: Callable[[str], None] = print
) -> int:
    """The door of ``postmortem.yml``: write those of ``ALLCLEAR_ISSUES`` (numbers). Returns the exit code."""
    try:
        numbers = issue_numbers(env.get("ALLCLEAR_ISSUES", ""))
    except SetupError as problem:
        return _wrong(out, str(problem))
    return _guarded(env, sleep, out, lambda run: _each(run, numbers, lambda number: _write_up(run, number)))


@dataclass(slots=True)
class Run:
    """What one run works with."""

    env: Env
    client: Client
    repository: Repository
    root: Path
    out: Callable[[str], None]
    pending: list[int] = field(default_factory=list)
    crashes: list[Exception] = field(default_factory=list)
    failed: bool = False

    def policy(self, last_good: str | None = None) -> Policy:
        """The settings and the runbook of the checkout, with the commands and the words."""
        from allclear.adapters.settings import load_policy
        from allclear.adapters.templates import Templates
        from allclear.commands import COMMANDS
        from allclear.core.policy import Policy

        loaded = load_policy(self.root, last_good=last_good)
        return Policy(
            loaded.settings, loaded.runbook, COMMANDS, Templates(self.root / "templates"), loaded.trouble
        )


def _start(env: Env, sleep: Callable[[float], None] | None, out: Callable[[str], None]) -> Run:
    import time

    from allclear.adapters.github import Client
    from allclear.core.snapshot import Repository

    missing = [name for name in ("GITHUB_TOKEN", "GITHUB_REPOSITORY") if not env.get(name)]
    if missing:
        raise SetupError(f"{' and '.join(missing)} is not set; this script is started by a workflow")
    name = env["GITHUB_REPOSITORY"]
    client = Client(
        env.get("GITHUB_API_URL", "https://api.github.com"), env["GITHUB_TOKEN"], sleep=sleep or time.sleep
    )
    number = env.get("GITHUB_REPOSITORY_ID", "")
    repo_id = int(number) if number.isdigit() else int(client.get(f"/repos/{name}").data["id"])
    url = f"{env.get('GITHUB_SERVER_URL', 'https://github.com')}/{name}"
    root = Path(env.get("GITHUB_WORKSPACE") or Path(__file__).parents[2])
    return Run(env, client, Repository(repo_id, name, url), root, out)


def _guarded(
    env: Env, sleep: Callable[[float], None] | None, out: Callable[[str], None], work: Callable[[Run], None]
) -> int:
    """Do the work. What GitHub refuses for now is one clear line and a red run; a crash is raised last."""
    from allclear.adapters.errors import GitHubError

    run: Run | None = None
    code = 0
    try:
        run = _start(env, sleep, out)
        work(run)
    except SetupError as problem:
        code = _wrong(out, str(problem))
    except GitHubError as error:
        code = _wrong(out, f"{told(error)} Nothing is lost: the next run does what this one did not.")
    if run is None:
        return code
    _output(env, run.pending)
    for crash in run.crashes:
        raise crash
    return 1 if run.failed else code


def _each(run: Run, numbers: list[int], work: Callable[[int], None]) -> None:
    """Do the work for every issue. One that is gone, moved or breaks us does not keep the others waiting."""
    from allclear.adapters.errors import (
        GitHubError,
        GoneError,
        InvalidError,
        MovedError,
        NotFoundError,
        UnavailableError,
    )

    unanswered = 0
    for number in numbers:
        try:
            work(number)
        except (GoneError, InvalidError, MovedError, NotFoundError, UnavailableError) as error:
            unanswered += isinstance(error, UnavailableError)
            if unanswered == DOWN:
                raise
            _wrong(run.out, f"Issue {number}: {told(error)}")
            run.failed = True
        except GitHubError:
            raise
        except Exception as crash:  # noqa: BLE001 - the one broad catch: said on the issue, raised at the end
            run.crashes.append(crash)
            _confess(run, number)


def told(error: Exception) -> str:
    """What GitHub's refusal means, and what to do about it."""
    from allclear.adapters.errors import ForbiddenError, MovedError, RateLimitedError, UnauthorizedError

    match error:
        case RateLimitedError():
            until = f"{error.retry_at:%H:%M:%S UTC}"
            return f"GitHub's rate limit is used up until {until}; stopped ({error.message})."
        case ForbiddenError():
            return (
                f"The token lacks a permission ({error.message}). "
                "Compare the job's `permissions:` with the workflow we ship."
            )
        case UnauthorizedError():
            return f"The token is not valid, or no longer ({error.message})."
        case MovedError():
            return f"{error.message}."
        case _:
            return f"GitHub did not do it ({error})."


def _wrong(out: Callable[[str], None], message: str) -> int:
    line = " ".join(message.split()).replace("%", "%25")
    out(f"::error::{line}")
    return 1


def _confess(run: Run, number: int) -> None:
    """Say on the issue that this run failed, once an hour at most; the traceback is in the run."""
    from datetime import timedelta

    from allclear.adapters.errors import GitHubError
    from allclear.core.clock import stamp

    url = f"{run.repository.url}/actions/runs/{run.env.get('GITHUB_RUN_ID', '')}"
    issue = f"/repos/{run.repository.name}/issues/{number}"
    try:
        run.client.get(issue)  # The crash may have come before GitHub told the time.
        recent = run.client.items(f"{issue}/comments", {"since": stamp(run.client.now - timedelta(hours=1))})
        if not any(_is_confession(one) for one in recent):
            body = f"{FAILED}\n\n⚠️ I failed: [see this run]({url}). Nothing is lost, the next tries again."
            run.client.send("POST", f"{issue}/comments", {"body": body})
    except GitHubError as error:
        run.out(f"The failure could not be said on issue {number}: {error.status}")


def _is_confession(comment: Mapping[str, Any]) -> bool:
    """Whether a bot said that it failed; people may write what they like."""
    by_bot = (comment.get("user") or {}).get("type") == "Bot"
    return by_bot and str(comment.get("body", "")).startswith(FAILED)


def _output(env: Env, pending: list[int]) -> None:
    """Numbers only, so that nothing from an issue can speak the runner's protocol (E2)."""
    path = env.get("GITHUB_OUTPUT")
    if path:
        with Path(path).open("a", encoding="utf-8") as file:
            file.write(f"postmortem={json.dumps(sorted(set(pending)))}\n")


def _respond(run: Run, look: Look) -> None:
    queue = [look]
    seen: set[int] = set()
    for _ in range(FOLLOW_UPS):
        if not queue:
            break
        here = queue.pop(0)
        seen.add(here.number)
        queue += [Look(number) for number in look_at(run, here) if number not in seen]


def look_at(run: Run, look: Look) -> tuple[int, ...]:
    """One pass: read, plan, apply. Returns the other issues it touched, which want a look as well."""
    from allclear.adapters.reading import Reader

    policy = run.policy()
    reader = Reader(run.client, run.repository, policy.settings.bots)
    decided = _decide(run, reader, policy, reader.read(look.number, look.comment))
    _apply(run, decided)
    plan = decided.plan
    if plan.postmortem:
        run.pending.append(look.number)
    waits = f", {len(plan.waiting)} waiting for GitHub to say who may" if plan.waiting else ""
    run.out(
        f"Issue {look.number}: {len(plan.answers)} new in the record, {len(plan.effects)} changes{waits}."
    )
    joins = plan.incident.duplicate_of if decided.snapshot.issue.state == "open" else None
    return (joins,) if joins is not None else ()


@dataclass(frozen=True, slots=True)
class Decided:
    """A plan with what it was made from."""

    policy: Policy
    snapshot: Snapshot
    plan: Plan


def _decide(run: Run, reader: Reader, policy: Policy, snapshot: Snapshot) -> Decided:
    """Plan, and look up what the plan still wants to know, until it knows enough."""
    from allclear.core.journal import checkpoint
    from allclear.core.plan import plan

    if policy.trouble:
        kept = checkpoint(snapshot.panel, run.repository, snapshot.issue.number, policy.settings.bots)
        policy = run.policy(kept.settings) if kept else policy
    decided = plan(snapshot, policy)
    for _ in range(ROUNDS):
        if not decided.wants:
            break
        snapshot = reader.look_up(snapshot, decided.wants)
        decided = plan(snapshot, policy)
    return Decided(policy, snapshot, decided)


def _apply(run: Run, decided: Decided) -> None:
    from allclear.adapters.writing import Writer

    writer = Writer(run.client, run.repository, decided.snapshot.issue.number, decided.policy.settings.bots)
    for effect in decided.plan.effects:
        writer.perform(effect)


def _sweep(run: Run) -> None:
    """Look over all incidents with open work; look closer only where there is something to do."""
    from allclear.adapters.overview import Overview
    from allclear.adapters.reading import Reader

    policy = run.policy()
    reader = Reader(run.client, run.repository, policy.settings.bots)
    looked = dict(Overview(run.client, run.repository, policy.settings.bots).open_work())
    busy = []

    def look_closer_where_needed(number: int) -> None:
        seen = looked[number]
        plan = _decide(run, reader, policy, seen).plan if seen is not None else None
        if plan is None or plan.effects or plan.wants:
            busy.append(number)
            _respond(run, Look(number))
        elif plan.postmortem:
            run.pending.append(number)

    _each(run, list(looked), look_closer_where_needed)
    if not looked:
        _prepare(run, policy)
    run.out(f"{len(looked)} incidents looked over, {len(busy)} with something to do.")


def _prepare(run: Run, policy: Policy) -> None:
    """Make the labels that are missing while nothing burns: an issue form can only set those that exist.

    https://docs.github.com/en/communities/using-templates-to-encourage-useful-issues-and-pull-requests/syntax-for-issue-forms
    """
    from allclear.adapters.reading import Reader
    from allclear.adapters.writing import Writer
    from allclear.core.labels import missing

    there = Reader(run.client, run.repository, policy.settings.bots).labels()
    writer = Writer(run.client, run.repository, 0, policy.settings.bots)
    for label in missing(policy.runbook, there):
        writer.perform(label)


def _write_up(run: Run, number: int) -> None:
    """Catch up with the issue, write its post-mortem, open the pull request, record where it is."""
    from allclear.adapters import reports
    from allclear.adapters.reading import Reader
    from allclear.adapters.writing import Writer
    from allclear.core.facts import PostmortemOpened
    from allclear.core.postmortem import Written, candidates, write
    from allclear.core.writeup import can_be_written, record_opening

    look_at(run, Look(number))
    policy = run.policy()
    reader = Reader(run.client, run.repository, policy.settings.bots)
    decided = _decide(run, reader, policy, reader.read(number))
    policy, incident, entries = decided.policy, decided.plan.incident, decided.plan.entries
    if not can_be_written(incident):
        run.out(f"Issue {number} is no incident; there is nothing to write about.")
        return
    now = decided.snapshot.now
    default = str(run.client.get(f"/repos/{run.repository.name}").data["default_branch"])
    existing = reports.look(run.client, run.repository, number, candidates(incident, now), default)

    def again(text: str | None) -> Written:
        return write(
            incident,
            entries,
            policy.runbook,
            policy.settings,
            existing=text,
            taken=existing.taken,
            renderer=policy.renderer,
            zone=policy.zone,
            repository=run.repository.name,
            issue_url=decided.snapshot.issue.url,
            now=now,
        )

    done = reports.publish(run.client, run.repository, default, existing, again(existing.text), again=again)
    opened = PostmortemOpened(path=done.path, branch=done.branch, url=done.url, pull=done.pull)
    reply = record_opening(incident, entries, opened, done.note, policy, run.repository, now)
    if reply is not None:
        Writer(run.client, run.repository, number, policy.settings.bots).perform(reply)
        look_at(run, Look(number))
    run.out(f"Issue {number}: the post-mortem is at {done.url}")
    run.pending.clear()
