"""Make a plan true: the reply first, then at once what waits for nothing else, then the rest in its order.
Beside the reply it is asked what the rest needs to know.

What is tried at once may be done twice. A failure there that says nothing about the effect (a limit, no
answer, a document of several that was not done) is no failure yet: the effect has its turn once more, alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

from msgspec import Struct, field

from allclear.adapters.github.again import UNDOCUMENTED
from allclear.adapters.github.at_once import MOST, Call
from allclear.adapters.github.client import Client
from allclear.adapters.github.dispatch import default_branch
from allclear.adapters.github.document import Mutation, Nodes, mutation, write
from allclear.adapters.github.errors import (
    GitHubError,
    RateLimitedError,
    UnauthorizedError,
    UnavailableError,
    explain,
)
from allclear.adapters.github.limits import is_secondary
from allclear.adapters.github.write import Writer
from allclear.core.conversation.saving import COMFORTS
from allclear.core.model.effects import (
    AddLabels,
    Assign,
    AssignActionIssue,
    Close,
    CreateLabel,
    Dispatch,
    Effect,
    JoinOther,
    PutPanel,
    RemoveLabel,
    Reopen,
    Reply,
    SetActionIssue,
)
from allclear.jobs.decided import Decided
from allclear.jobs.run import Run

Beside = Callable[[Client], Mapping[str, str]]
"""What is asked while the reply is written, and neither waits for the other. It returns the ids in GraphQL of
labels, by name, that came with it.
"""

TWICE = (AddLabels, Assign, AssignActionIssue, Close, Dispatch, PutPanel, RemoveLabel, Reopen, SetActionIssue)
"""What may be done twice without a look at what is there, and without waiting for a list to show it."""

WAITS: dict[type[Effect], tuple[type[Effect], ...]] = {
    # Of an issue that is full of labels, one goes before one comes.
    AddLabels: (CreateLabel, RemoveLabel),
    # An issue is not closed as a duplicate before the other one heard of it.
    Close: (JoinOther,),
    # Nobody is assigned twice: the panel knows who was.
    PutPanel: (Assign,),
}
"""What an effect waits for, where that stands before it in the plan."""


CAN_WAIT = (*COMFORTS, Assign)
"""What is left undone while a limit holds."""

NO_WORD = (RateLimitedError, UnauthorizedError, UnavailableError)
"""Failures that say nothing about an effect: it has its turn alone."""


class Attempt(Struct):
    """What became of the effects that were tried at once, by their place in the plan: what was ``done``, and
    what GitHub ``refused``. ``limits``: those that were met. ``ended``: the token is not valid any more.
    ``labels``: the ids of labels that came with what was asked beside the reply; ``branch``: the default one,
    which was asked there too.
    """

    made: bool = False
    labels: Mapping[str, str] = field(default_factory=dict)
    branch: str = ""
    done: set[int] = field(default_factory=set)
    refused: dict[int, GitHubError] = field(default_factory=dict)
    limits: list[RateLimitedError] = field(default_factory=list)
    ended: UnauthorizedError | None = None

    def keep(self, failure: GitHubError | None) -> None:
        """Keep what is not of one effect alone: a limit, and that the token ended."""
        if isinstance(failure, RateLimitedError):
            self.limits.append(failure)
        elif isinstance(failure, UnauthorizedError):
            self.ended = failure


def apply(run: Run, decided: Decided, *, beside: Beside | None = None) -> dict[str, str]:
    """Make the plan true. Returns the operations that GitHub would not start, and why."""
    writer = Writer(run.client, run.repository, decided.snapshot.issue.number, decided.policy.settings.bots)
    refused: dict[str, str] = {}
    later = False
    attempt = Attempt()
    _begin(run, decided.plan.effects, writer, attempt, beside)
    limit = _waited(run, attempt)
    for at, effect in enumerate(decided.plan.effects):
        if limit is None and not attempt.made and not isinstance(effect, Reply):
            _try_at_once(run, decided, attempt)
            limit = _waited(run, attempt)
        if at in attempt.done or (later and isinstance(effect, Close)):
            continue
        if limit is not None and isinstance(effect, CAN_WAIT):
            if isinstance(effect, Assign):
                _name_unassigned(run, effect)
            continue
        if limit is not None:
            run.client.wait_for(limit)
        failure = attempt.refused.get(at) or _outcome(partial(writer.perform, effect))
        match failure:
            case None:
                continue
            case _ if _ends(failure, effect):
                raise failure
            case RateLimitedError():
                # No call before it ends, and then first of all what tells people how things are.
                limit, run.failed = failure, True
            case UnavailableError():
                run.failed = True
                later = later or isinstance(effect, JoinOther)
            case _ if isinstance(effect, Dispatch):
                refused[effect.operation] = (
                    f"GitHub does not start {effect.workflow} ({failure.status}). "
                    "Is the file on the default branch, as it was shipped?"
                )
                continue
        _leave(run, effect, failure)
    return refused


def _ends(failure: GitHubError, effect: Effect) -> bool:
    """Whether nothing is done after it. The reply is the record, and the panel the word that all was done."""
    if isinstance(failure, RateLimitedError):
        return not isinstance(effect, CAN_WAIT)
    return isinstance(failure, UnauthorizedError) or isinstance(effect, Reply | PutPanel)


def _leave(run: Run, effect: Effect, error: GitHubError) -> None:
    """Say that an effect is left undone, and why."""
    if isinstance(effect, Assign):
        _name_unassigned(run, effect, explain(error))
    else:
        run.warn(f"{type(effect).__name__} is left undone until the next run. {explain(error)}")


def _name_unassigned(run: Run, effect: Assign, why: str = "") -> None:
    """Who responds is assigned once, for who is taken off stays off: with the panel it counts as done."""
    people = ", ".join(effect.logins)
    run.warn(f"{people} could not be assigned, and no later run does it: assign by hand. {why}")


def _perform(do: Call) -> None:
    """An answer in another form than the documented one leaves it as open as none whether it was done."""
    try:
        do()
    except UNDOCUMENTED as error:
        raise UnavailableError(0, "GitHub answered in a form that is not documented") from error


def _outcome(do: Call) -> GitHubError | None:
    """Do it. Returns what it failed with; None when it is done."""
    try:
        _perform(do)
    except GitHubError as error:
        return error
    return None


def _waited(run: Run, attempt: Attempt) -> RateLimitedError | None:
    """Wait for the limits that were met at once. None when they are over; else the one that takes too long,
    until which the comforts are left undone. Raises UnauthorizedError when nothing can be asked any more.
    """
    if attempt.ended is not None:
        raise attempt.ended
    met, attempt.limits = attempt.limits, []
    if met:
        attempt.branch = ""  # after the wait, another one may be the default
    for limit in met:
        try:
            run.client.wait_for(limit)
        except RateLimitedError:
            run.failed = True
            run.warn(f"What can wait is left undone until the next run. {explain(limit)}")
            return limit
    return None


def _begin(
    run: Run, effects: Sequence[Effect], writer: Writer, attempt: Attempt, beside: Beside | None
) -> None:
    """Write the first reply, and ask what is asked beside it: ``beside``, and on which branch workflows are
    started. Raises what keeps the reply from being written. With nothing to ask, the reply has its turn too.
    """
    questions: list[Callable[[Client], None]] = []
    if beside is not None:
        questions.append(partial(_ask_labels, attempt, beside))
    if any(isinstance(one, Dispatch) for one in effects):
        questions.append(partial(_ask_branch, attempt, f"/repos/{run.repository.name}"))
    if not questions or not effects or not isinstance(effects[0], Reply):
        return
    lines = [run.client.hurried() for _ in questions]
    asked = [partial(_ask, attempt, one, line) for one, line in zip(questions, lines, strict=True)]
    run.at_once([partial(_perform, partial(writer.perform, effects[0])), *asked])
    for line in lines:
        run.client.heard(line)
    attempt.done.add(0)


def _try_at_once(run: Run, decided: Decided, attempt: Attempt) -> None:
    """Try what waits for nothing else. Of the issue's changes, several are one request, in their order."""
    attempt.made, effects = True, decided.plan.effects
    written, alone = sorted_out(effects, Nodes.of(decided.snapshot, attempt.labels))
    lines: list[Client] = []

    def line() -> Client:
        # The first call is made here, so it goes over the connection that is there.
        lines.append(run.client.hurried(here=not lines))
        return lines[-1]

    calls: list[Call] = []
    if written:
        calls.append(partial(_write, attempt, line(), written))
    for at in alone[: MOST - len(calls)]:
        number, bots = decided.snapshot.issue.number, decided.policy.settings.bots
        writer = Writer(line(), run.repository, number, bots, branch=attempt.branch)
        calls.append(partial(_try, attempt, writer, at, effects[at]))
    if written or len(calls) > 1:
        run.at_once(calls)
        for one in lines:
            run.client.heard(one)


def sorted_out(effects: Sequence[Effect], nodes: Nodes) -> tuple[dict[int, Mutation], list[int]]:
    """Of the effects, by their place: those that go into one document, and those that are tried alone."""
    able = [at for at, one in enumerate(effects) if isinstance(one, TWICE)]
    changes = {at: found for at in able if (found := mutation(effects[at], nodes)) is not None}
    written: dict[int, Mutation] = {}
    for at, one in changes.items():
        before = [other for other in range(at) if _waits(effects[at], effects[other])]
        if set(before) <= written.keys():
            written[at] = one
    written = written if len(written) > 1 else {}
    alone = [
        at
        for at in able
        if at not in written and not any(_waits(effects[at], effects[other]) for other in range(at))
    ]
    return written, [at for at in alone if _edits(effects[at])]


def _waits(effect: Effect, other: Effect) -> bool:
    return isinstance(other, WAITS.get(type(effect), ()))


def _edits(effect: Effect) -> bool:
    """Whether it is no panel that has to be posted or pinned first."""
    return not isinstance(effect, PutPanel) or (effect.comment is not None and effect.pinned)


def _write(attempt: Attempt, client: Client, mutations: Mapping[int, Mutation]) -> None:
    """The changes that are one document. What is not done there is done alone, which says why not."""

    def do() -> None:
        done = write(client, tuple(mutations.values()))
        attempt.done |= {at for at, well in zip(mutations, done, strict=True) if well}

    attempt.keep(_outcome(do))


def _ask(attempt: Attempt, question: Callable[[Client], None], client: Client) -> None:
    """Whoever needs what GitHub does not answer asks again, and says what became of it."""
    failure = _outcome(partial(question, client))
    if isinstance(failure, RateLimitedError):
        attempt.keep(failure)


def _ask_labels(attempt: Attempt, beside: Beside, client: Client) -> None:
    try:
        attempt.labels = beside(client)
    except RateLimitedError as limit:
        # The used-up hour of GraphQL is not the one of REST.
        if is_secondary(limit.message):
            raise


def _ask_branch(attempt: Attempt, base: str, client: Client) -> None:
    attempt.branch = default_branch(client, base)


def _try(attempt: Attempt, writer: Writer, at: int, effect: Effect) -> None:
    if isinstance(effect, PutPanel):
        failure = _outcome(partial(writer.edit_panel, effect))
    else:
        failure = _outcome(partial(writer.perform, effect))
    attempt.keep(failure)
    if failure is None:
        attempt.done.add(at)
    elif not isinstance(failure, NO_WORD) and not isinstance(effect, PutPanel):
        attempt.refused[at] = failure
