"""The doors of the workflows call in here, and here is the only broad catch.

Nothing third-party is imported before it is clear that there is something to do: most comments of a
repository are none of ours, and such a run should end in milliseconds. That is why the imports stand inside
the functions.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from allclear.adapters.files.event import Env, SetupError, issue_numbers, wanted_issue

if TYPE_CHECKING:
    from requests.adapters import BaseAdapter

    from allclear.jobs.run import Run

DOWN = 3
"""With so many issues that GitHub could not show or change in one run, it is GitHub that is down."""

FAILED = "<!-- allclear:failed -->"


def respond(
    env: Env,
    *,
    sleep: Callable[[float], None] | None = None,
    out: Callable[[str], None] = print,
    transport: BaseAdapter | None = None,
) -> int:
    """The door of ``respond.yml``: look at the issue of the event. Returns the exit code, 1 for a failure.

    ``env`` is the environment of a GitHub Actions job
    (https://docs.github.com/en/actions/reference/workflows-and-actions/variables); ``sleep`` takes seconds;
    ``transport`` carries the requests to GitHub in place of the network, as for every door here. Writes
    ``postmortem=[12]`` and ``hotfix=[12]`` to GITHUB_OUTPUT when one has to be made.
    """
    try:
        look = wanted_issue(env)
    except SetupError as problem:
        return _wrong(out, str(problem))
    if isinstance(look, str):
        out(f"Nothing to do: {look}.")
        _output(env, {"postmortem": [], "hotfix": []})
        return 0

    def work(run: Run) -> None:
        from allclear.jobs.freeze import freeze_after
        from allclear.jobs.respond import respond

        _each(run, [look.number], lambda _: respond(run, look))
        freeze_after(run)

    return _guarded(env, sleep, out, transport, work)


def sweep(
    env: Env,
    *,
    sleep: Callable[[float], None] | None = None,
    out: Callable[[str], None] = print,
    transport: BaseAdapter | None = None,
) -> int:
    """The door of ``sweep.yml``: open incidents, and closed ones that owe a post-mortem. Returns the code."""

    def work(run: Run) -> None:
        from allclear.jobs.sweep import sweep

        sweep(run, _each)

    return _guarded(env, sleep, out, transport, work)


def postmortem(
    env: Env,
    *,
    sleep: Callable[[float], None] | None = None,
    out: Callable[[str], None] = print,
    transport: BaseAdapter | None = None,
) -> int:
    """The door of ``postmortem.yml``: write those of ``ALLCLEAR_ISSUES`` (numbers). Returns the exit code."""

    def work(run: Run, number: int) -> None:
        from allclear.jobs.postmortem import write_up

        write_up(run, number)

    return _named(env, sleep, out, transport, work)


def hotfix(
    env: Env,
    *,
    sleep: Callable[[float], None] | None = None,
    out: Callable[[str], None] = print,
    transport: BaseAdapter | None = None,
) -> int:
    """The job ``hotfix``: open those of ``ALLCLEAR_ISSUES`` (numbers). Returns the exit code."""

    def work(run: Run, number: int) -> None:
        from allclear.jobs.hotfix import open_hotfix

        open_hotfix(run, number)

    return _named(env, sleep, out, transport, work)


def _named(
    env: Env,
    sleep: Callable[[float], None] | None,
    out: Callable[[str], None],
    transport: BaseAdapter | None,
    work: Callable[[Run, int], None],
) -> int:
    """Do the work for the issues that another job named in ``ALLCLEAR_ISSUES``."""
    try:
        numbers = issue_numbers(env.get("ALLCLEAR_ISSUES", ""))
    except SetupError as problem:
        return _wrong(out, str(problem))
    return _guarded(
        env, sleep, out, transport, lambda run: _each(run, numbers, lambda number: work(run, number))
    )


def rollback(
    env: Env,
    *,
    sleep: Callable[[float], None] | None = None,
    out: Callable[[str], None] = print,
    transport: BaseAdapter | None = None,
) -> int:
    """The jobs of ``rollback-production.yml``, by ``ALLCLEAR_STEP``: claim, execute, report. Returns the
    exit code, 1 when something was refused or did not go well.
    """

    def claim(run: Run) -> None:
        from allclear.jobs.claim import claim

        claim(run, ["rollback", "action"])

    def execute(run: Run) -> None:
        from allclear.jobs.execute import execute

        execute(run)

    def report(run: Run) -> None:
        from allclear.jobs.report import report

        report(run, ["rollback", "action"])

    return _step(env, sleep, out, transport, {"claim": claim, "execute": execute, "report": report})


def smoke(
    env: Env,
    *,
    sleep: Callable[[float], None] | None = None,
    out: Callable[[str], None] = print,
    transport: BaseAdapter | None = None,
) -> int:
    """The jobs of ``smoke.yml``, and the job ``smoke`` of ``rollback-production.yml``, by ``ALLCLEAR_STEP``:
    claim, smoke, report. Returns the exit code, 1 when production is not well.
    """

    def claim(run: Run) -> None:
        from allclear.jobs.claim import claim

        claim(run, ["smoke"])

    def look(run: Run) -> None:
        from allclear.jobs.smoke import look

        look(run, seconds=time.monotonic)

    def report(run: Run) -> None:
        from allclear.jobs.report import report

        report(run, ["smoke"])

    return _step(env, sleep, out, transport, {"claim": claim, "smoke": look, "report": report})


def evidence(
    env: Env,
    *,
    sleep: Callable[[float], None] | None = None,
    out: Callable[[str], None] = print,
    transport: BaseAdapter | None = None,
) -> int:
    """The jobs of ``evidence.yml``, by ``ALLCLEAR_STEP``: claim, collect, seal, report. Returns the exit
    code.
    """

    def claim(run: Run) -> None:
        from allclear.jobs.claim import claim

        claim(run, ["evidence"])

    def collect(run: Run) -> None:
        from allclear.jobs.collect import collect

        collect(run, seconds=time.monotonic)

    def seal(run: Run) -> None:
        from allclear.jobs.collect import seal

        seal(run)

    def report(run: Run) -> None:
        from allclear.jobs.report import report

        report(run, ["evidence"])

    return _step(
        env, sleep, out, transport, {"claim": claim, "collect": collect, "seal": seal, "report": report}
    )


def _step(
    env: Env,
    sleep: Callable[[float], None] | None,
    out: Callable[[str], None],
    transport: BaseAdapter | None,
    steps: Mapping[str, Callable[[Run], None]],
) -> int:
    """The step of an operation that this job is there for. Its outputs are its own business."""
    step = steps.get(env.get("ALLCLEAR_STEP", ""))
    if step is None:
        return _wrong(out, f"ALLCLEAR_STEP has to be one of {', '.join(steps)}; a workflow sets it")

    def work(run: Run) -> None:
        run.outputs.clear()
        step(run)

    return _guarded(env, sleep, out, transport, work)


def _guarded(
    env: Env,
    sleep: Callable[[float], None] | None,
    out: Callable[[str], None],
    transport: BaseAdapter | None,
    work: Callable[[Run], None],
) -> int:
    """Do the work. What GitHub refuses for now is one clear line and a red run; a crash is raised last."""
    from allclear.adapters.github.errors import GitHubError

    run: Run | None = None
    code = 0
    try:
        from allclear.jobs.run import start

        run = start(env, sleep, out, transport)
        work(run)
    except SetupError as problem:
        code = _wrong(out, str(problem))
    except GitHubError as error:
        code = _wrong(out, f"{told(error)} Nothing is lost: the next run does what this one did not.")
    if run is None:
        return code
    _output(env, run.outputs)
    for crash in run.crashes:
        raise crash
    return 1 if run.failed else code


def _each(run: Run, numbers: list[int], work: Callable[[int], None]) -> None:
    """Do the work for every issue. One that is gone, moved or breaks us does not keep the others waiting."""
    from allclear.adapters.github.errors import (
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
    from allclear.adapters.github.errors import (
        ForbiddenError,
        MovedError,
        RateLimitedError,
        UnauthorizedError,
    )

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

    from allclear.adapters.github.errors import GitHubError
    from allclear.core.model.times import stamp

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


def _output(env: Env, outputs: Mapping[str, list[int]]) -> None:
    """Numbers only, so that nothing from an issue can speak the runner's protocol (E2)."""
    path = env.get("GITHUB_OUTPUT")
    if path:
        with Path(path).open("a", encoding="utf-8") as file:
            file.writelines(f"{name}={json.dumps(sorted(set(found)))}\n" for name, found in outputs.items())
