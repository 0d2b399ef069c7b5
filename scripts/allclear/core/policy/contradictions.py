"""What one part of a runbook says that another contradicts, with its path in the file."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

from allclear.core.model.times import zone

if TYPE_CHECKING:
    from allclear.core.policy.runbook import Runbook

Where = tuple[int | str, ...]


class MisplacedError(ValueError):
    """A contradiction. ``where`` is its path in the file, ``others`` are those after it."""

    def __init__(self, message: str, where: Where, others: tuple[MisplacedError, ...] = ()) -> None:
        super().__init__(message)
        self.where = where
        self.others = others


def misplaced(error: object) -> Where:
    """The path of what is wrong, below what was checked as a whole."""
    return error.where if isinstance(error, MisplacedError) else ()


def contradictions(runbook: Runbook) -> Iterator[MisplacedError]:
    """Every name that stands for something the runbook does not have, and every id that is there twice."""
    try:
        zone(runbook.zone)
    except ValueError as error:
        yield MisplacedError(str(error), ("zone",))
    for part, what in (("severities", "severity"), ("steps", "step"), ("deadlines", "deadline")):
        ids = [one.id for one in getattr(runbook, part)]
        for index, name in enumerate(ids):
            if name in ids[:index]:
                yield MisplacedError(f"{what} {name!r} is there twice", (part, index, "id"))
    for where, told, name, allowed in _names(runbook):
        if name not in allowed:
            there = ", ".join(sorted(allowed)) or "none"
            yield MisplacedError(
                f"{told} names {name!r}, which this runbook does not have; it has {there}", where
            )


def _names(runbook: Runbook) -> Iterator[tuple[Where, str, str, Collection[str]]]:
    """Where a name stands, what to call that place, the name, and those that may stand there."""
    levels = [severity.id for severity in runbook.severities]
    yield ("default_severity",), "default_severity", runbook.default_severity, levels
    for index, deadline in enumerate(runbook.deadlines):
        here = ("deadlines", index)
        for key, names in (("within", tuple(deadline.within)), ("repeat", tuple(deadline.repeat))):
            yield from (((*here, key, name), f"deadline {deadline.id}", name, levels) for name in names)
        if deadline.flag:
            yield (*here, "flag"), f"deadline {deadline.id} flag", deadline.flag, runbook.flags
    yield from _in_gates(runbook, levels)
    for part, spans in (("watching", runbook.watching.every), ("evidence", runbook.evidence.within)):
        key = "every" if part == "watching" else "within"
        yield from (((part, key, name), f"{part}.{key}", name, levels) for name in spans)
    lists = [
        (("freeze", "severities"), runbook.freeze.severities, levels),
        (("reversal", "severities"), runbook.reversal.severities, levels),
        (("reversal", "flags"), runbook.reversal.flags, runbook.flags),
        (("postmortem", "required"), runbook.postmortem.required, levels),
    ]
    for where, names, allowed in lists:
        yield from (((*where, at), ".".join(where), name, allowed) for at, name in enumerate(names))
    for title, form in runbook.messages.items():
        for at, name in enumerate(form.severities):
            yield ("messages", title, "severities", at), f"message {title}", name, levels
    fired = [deadline.id for deadline in runbook.deadlines]
    for index, step in enumerate(runbook.steps):
        if step.verified and step.verified.fired:
            yield ("steps", index, "verified", "fired"), f"step {step.id}", step.verified.fired, fired


def _in_gates(runbook: Runbook, levels: Collection[str]) -> Iterator[tuple[Where, str, str, Collection[str]]]:
    steps = [step.id for step in runbook.steps]
    for index, gate in enumerate(runbook.gates):
        here = ("gates", index)
        yield from (((*here, "elapsed", name), f"gate {gate.before}", name, levels) for name in gate.elapsed)
        for way, spans in gate.after.items():
            told = f"gate {gate.before} after"
            yield from (((*here, "after", way, name), told, name, levels) for name in spans)
        named = [("except_steps", gate.except_steps), ("steps", () if gate.steps == "all" else gate.steps)]
        for key, names in named:
            yield from (
                ((*here, key, at), f"gate {gate.before}", name, steps) for at, name in enumerate(names)
            )
