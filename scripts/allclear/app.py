"""The doors of the workflows: one table of door -> jobs, and the only broad catch.

Nothing third-party is imported before it is clear that there is something to do: most comments of a
repository are none of ours, and such a run should end in milliseconds. That is why a job is imported when it
is done, and other imports stand inside the functions.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import partial

from allclear.adapters.files.event import (
    Env,
    SetupError,
    Trigger,
    issue_numbers,
    read_event,
    wanted_issue,
    wanted_pull,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from requests.adapters import BaseAdapter

    from allclear.adapters.github.at_once import AtOnce
    from allclear.adapters.github.first_reads import FirstReads
    from allclear.core.model.operation import OperationKind
    from allclear.jobs.run import Run

DOORS: Mapping[str, tuple[str, ...]] = {
    "respond": ("respond",),
    "sweep": ("sweep",),
    "postmortem": ("postmortem",),
    "hotfix": ("hotfix",),
    "review": ("review",),
    "rollback": ("claim", "look", "act", "redeploy", "report"),
    "smoke": ("claim", "prepare", "smoke", "report"),
    "evidence": ("claim", "collect", "complete", "report"),
}
"""The scripts, and the jobs behind them: of several, ``ALLCLEAR_STEP`` says which; a workflow sets it.

A job's function is called like its file in ``jobs/``.
"""

LOCAL = frozenset({"act", "smoke", "complete"})
"""Steps that run commands: they are given neither a token nor a Run, which has one."""

KINDS: Mapping[str, tuple[OperationKind, ...]] = {
    "rollback": ("rollback", "action"),
    "smoke": ("smoke",),
    "evidence": ("evidence",),
}
"""The operations that a door may claim and report."""

DOWN = 3
"""With so many issues that GitHub could not show or change in one run, it is GitHub that is down."""


def door(
    name: str,
    env: Env,
    *,
    sleep: Callable[[float], None] | None = None,
    out: Callable[[str], None] = print,
    transport: BaseAdapter | None = None,
    at_once: AtOnce | None = None,
) -> int:
    """Open a door: do the job that ``env``, the environment of a GitHub Actions job, asks for. Returns the
    exit code, 1 for a failure or a refusal.

    ``sleep`` takes seconds; ``transport`` carries the requests to GitHub in place of the network; ``at_once``
    makes those that do not wait for each other. What GitHub refuses for now is one clear line and a red run;
    a crash is raised last. Writes ``postmortem=[12]`` and ``hotfix=[12]`` to GITHUB_OUTPUT when one has to be
    made.
    https://docs.github.com/en/actions/reference/workflows-and-actions/variables
    """
    try:
        work = _work(name, env)
    except SetupError as problem:
        return _error(out, str(problem))
    if env.get("ALLCLEAR_STEP") in LOCAL and name in KINDS:
        return _local(env, sleep, out)
    if isinstance(work, str):
        out(f"Nothing to do: {work}.")
        _write_numbers(env, {"postmortem": [], "hotfix": []})
        return 0
    early = _ask_early(env, transport) if name == "respond" else None
    if early is not None and _is_talk(env, early):
        out("Nothing to do: somebody talked on the incident, and nothing is due.")
        _write_numbers(env, {"postmortem": [], "hotfix": []})
        return 0

    from allclear.adapters.files.kept_regexes import use_kept

    use_kept()  # before the libraries are imported, which bring half of the patterns

    from allclear.adapters.github.errors import GitHubError, explain
    from allclear.core.record.entry import NewerFormatError

    run: Run | None = None
    code = 0
    try:
        from allclear.jobs.run import start

        run = start(env, sleep, out, transport, early, at_once)
        work(run)
    except (SetupError, NewerFormatError) as problem:
        code = _error(out, str(problem))
    except GitHubError as error:
        code = _error(out, f"{explain(error)} Nothing is lost: the next run does what this one did not.")
    if run is None:
        return code
    _write_numbers(env, run.outputs)
    if run.look_backs and not code:
        # Last of all, so that nothing waits for it.
        from allclear.jobs.look_back import look_back

        look_back(run)
        _write_numbers(env, run.outputs)
    for crash in run.crashes:
        raise crash
    return 1 if run.failed else code


def _local(env: Env, sleep: Callable[[float], None] | None, out: Callable[[str], None]) -> int:
    """Do the step that runs commands. It has no token, so that nothing of it can reach GitHub."""
    from allclear.jobs.run import start_local

    try:
        step = start_local(env, sleep, out)
        _job(env["ALLCLEAR_STEP"])(step)
    except SetupError as problem:
        return _error(out, str(problem))
    return 1 if step.failed else 0


respond = partial(door, "respond")
sweep = partial(door, "sweep")
postmortem = partial(door, "postmortem")
hotfix = partial(door, "hotfix")
review = partial(door, "review")
rollback = partial(door, "rollback")
smoke = partial(door, "smoke")
evidence = partial(door, "evidence")


def _work(name: str, env: Env) -> Callable[[Run], None] | str:
    """What a run has to do for this door, or why there is nothing to do. Raises SetupError."""
    if name in KINDS:
        return _operation(name, env.get("ALLCLEAR_STEP", ""))
    (job,) = DOORS[name]
    if name == "sweep":
        return lambda run: _job(job)(run, _each)
    if name == "respond":
        event = wanted_issue(env)
        return event if isinstance(event, str) else lambda run: _respond(run, event)
    if name == "review":
        pull = wanted_pull(env)
        return pull if isinstance(pull, str) else lambda run: _job(job)(run, pull)
    numbers = issue_numbers(env.get("ALLCLEAR_ISSUES", ""))
    return lambda run: _each(run, numbers, lambda number: _job(job)(run, number))


def _operation(name: str, step: str) -> Callable[[Run], None]:
    """The step of an operation that this job is there for. Its outputs are its own business."""
    if step not in DOORS[name]:
        raise SetupError(f"ALLCLEAR_STEP has to be one of {', '.join(DOORS[name])}. A workflow sets it.")

    def work(run: Run) -> None:
        run.outputs.clear()
        run.kinds = KINDS[name]
        _job(step)(run)

    return work


def _ask_early(env: Env, transport: BaseAdapter | None) -> FirstReads | None:
    """Ask for what the run will read, before anything is imported that takes its time."""
    from datetime import UTC, datetime

    from allclear.adapters.github.first_reads import first_reads

    event, trigger = read_event(env), wanted_issue(env)
    if isinstance(trigger, str) or trigger.opening or trigger.outsider:
        return None  # whether a stranger's report is looked at is decided before anything of it is read
    if transport is None:
        return first_reads(env, event, trigger.number, now=datetime.now(UTC))
    from allclear.adapters.github.carried import carried_by

    ask = carried_by(transport, env.get("GITHUB_API_URL", ""), env.get("GITHUB_TOKEN", ""))
    return first_reads(env, event, trigger.number, ask)


def _is_talk(env: Env, early: FirstReads) -> bool:
    """Whether what was asked early tells that nothing is to do."""
    from allclear.adapters.github.early_talk import nothing_asked

    trigger = wanted_issue(env)
    return isinstance(trigger, Trigger) and nothing_asked(env, read_event(env), trigger.number, early)


def _respond(run: Run, event: Trigger) -> None:
    from allclear.jobs.freeze import freeze_after
    from allclear.jobs.respond import keep_turn

    _each(run, [event.number], lambda _: _job("respond")(run, event))
    freeze_after(run)
    keep_turn(run)


def _job(name: str) -> Callable[..., None]:
    """The function of a job."""
    from importlib import import_module

    work: Callable[..., None] = getattr(import_module(f"allclear.jobs.{name}"), name)
    return work


def _each(run: Run, numbers: list[int], work: Callable[[int], None]) -> None:
    """Do the work for every issue. One that is gone, moved or breaks us does not keep the others waiting."""
    from allclear.adapters.github.errors import (
        GitHubError,
        GoneError,
        InvalidError,
        MovedError,
        NotFoundError,
        UnavailableError,
        explain,
    )
    from allclear.core.record.entry import NewerFormatError

    unanswered = 0
    for number in numbers:
        try:
            work(number)
        except (GoneError, InvalidError, MovedError, NotFoundError, UnavailableError) as error:
            unanswered += isinstance(error, UnavailableError)
            if unanswered == DOWN:
                raise
            _error(run.out, f"Issue {number}: {explain(error)}")
            run.failed = True
        except NewerFormatError as error:
            _error(run.out, f"Issue {number}: {error}")
            run.failed = True
        except GitHubError:
            raise
        except Exception as crash:  # noqa: BLE001 - the one broad catch: said on the issue, raised at the end
            run.crashes.append(crash)
            from allclear.jobs.failure import report_failure

            report_failure(run, number)


def _error(out: Callable[[str], None], message: str) -> int:
    line = " ".join(message.split()).replace("%", "%25")
    out(f"::error::{line}")
    return 1


def _write_numbers(env: Env, outputs: Mapping[str, list[int]]) -> None:
    """Numbers only, so that nothing from an issue can speak the runner's protocol (E2)."""
    path = env.get("GITHUB_OUTPUT")
    if path:
        with open(path, "a", encoding="utf-8") as file:  # noqa: PTH123 - no pathlib for a run that ends here
            file.writelines(f"{name}={json.dumps(sorted(set(found)))}\n" for name, found in outputs.items())
