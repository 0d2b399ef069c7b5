"""What is wrong with the lists of a written runbook, and with what ticks their steps."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from allclear.core.language.document import RunbookFile
from allclear.core.language.done import read_done
from allclear.core.language.entries import WrittenWhen, spoken_at
from allclear.core.language.known_names import RunbookMistake, Where, members, named, steps_of, titled, titles
from allclear.core.language.lists import UNHELD, WrittenList, WrittenStep
from allclear.core.language.selection import ALL
from allclear.core.model.people import EVERYBODY
from allclear.core.policy.checklists import MOMENTS, Done


def list_mistakes(file: RunbookFile) -> Iterator[RunbookMistake]:
    """A list that is never done in time, a step that stands in two lists, and who or what is to tick it and
    does not.
    """
    seen = dict[str, str]()
    for name, one in file.lists.items():
        here = ("lists", name)
        if one.role:
            yield from named("role", (*here, "role"), (one.role,), file.roles, alone=True)
        if one.before in UNHELD:
            why = f"nothing can hold {one.before}: {UNHELD[one.before]}."
            yield RunbookMistake((*here, "before"), why)
        elif one.before in MOMENTS and MOMENTS.index(one.before) <= MOMENTS.index(one.opens):
            why = f"{name} holds {one.before} but opens at {one.opens}: it could never be done in time."
            yield RunbookMistake((*here, "before"), why)
        for step, written in one.steps.items():
            if step in seen:
                why = f"the step {step!r} stands in {seen[step]} too; ids are unique in a runbook."
                yield RunbookMistake((*here, "steps", step), why)
            seen.setdefault(step, name)
            if written.role:
                place = (*here, "steps", step, "role")
                yield from named("role", place, (written.role,), file.roles, alone=True)
    for where, written in steps_of(file):
        if written.done:
            yield from _done(file, where, written)


def _done(file: RunbookFile, where: Where, step: WrittenStep) -> Iterator[RunbookMistake]:
    place = (*where, "done")
    try:
        done = read_done(step.done)
    except ValueError as error:
        yield RunbookMistake(place, f"{error}.")
        return
    if done.kind == "told" and done.names:
        yield from titled(place, done.names, (*sorted(titles(file)), EVERYBODY, *file.roles), alone=True)
    if done.kind == "role":
        yield from named("role", place, done.names, file.roles, alone=True)
        for name in done.names:
            if name in file.roles:
                yield from _asked_where(file, where, step, f"the role {name}", file.roles[name].for_)
    if done.kind == "said":
        yield from _said(file, where, step, done)


def _said(file: RunbookFile, where: Where, step: WrittenStep, done: Done) -> Iterator[RunbookMistake]:
    """A step that a voice does has to be asked for only where that voice speaks."""
    place = (*where, "done")
    (name,) = done.names
    yield from named("voice", place, (name,), file.voices, alone=True)
    voice = file.voices.get(name)
    if voice is None:
        return
    if not any(done.moment in spoken_at(key) for key in voice.at):
        yield RunbookMistake(
            place, f"{name} has no text for {done.moment}: add one under `voices.{name}.at`."
        )
    yield from _asked_where(file, where, step, f"the voice {name}", voice.for_)
    around = _around(file, where)
    conditions = (step.when, *((around.when,) if around else ()))
    if voice.when != WrittenWhen() and voice.when not in conditions:
        yield RunbookMistake(
            place, f"{name} speaks only when its `when` holds: give the step the same `when`."
        )


def _around(file: RunbookFile, where: Where) -> WrittenList | None:
    return file.lists[str(where[1])] if where[0] == "lists" else None


def _asked_where(
    file: RunbookFile, where: Where, step: WrittenStep, what: str, there: Iterable[str]
) -> Iterator[RunbookMistake]:
    """Whether what does a step is there for every severity that the step is asked of."""
    around = _around(file, where)
    asked = members(file, step.for_) & members(file, around.for_ if around else (ALL,))
    missing = [level for level in file.severities if level in asked - members(file, there)]
    if missing:
        why = f"{what} is not there for {', '.join(missing)}: give the step or its list a `for`."
        yield RunbookMistake((*where, "done"), why)
