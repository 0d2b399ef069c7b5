"""The states an incident goes through, under the runbook's titles."""

from __future__ import annotations

from collections.abc import Mapping

from allclear.core.language.document import RunbookFile
from allclear.core.model.milestones import Milestone
from allclear.core.policy.contradictions import MisplacedError
from allclear.core.policy.runbook import Status

ALWAYS = ("investigating", "monitoring", "resolved")
"""States that the engine cannot do without."""

REACHES: Mapping[str, Milestone] = {
    "identified": "identified",
    "monitoring": "mitigated",
    "resolved": "resolved",
}
COLOURS = {
    "investigating": "5319e7",
    "identified": "1d76db",
    "mitigating": "0052cc",
    "monitoring": "006b75",
    "resolved": "0e8a16",
}
WORDS: Mapping[str, tuple[str, ...]] = {
    "investigating": ("investigate", "triage"),
    "identified": ("found", "diagnosed"),
    "mitigating": ("fixing", "mitigate", "fix"),
    "monitoring": (
        *("verifying", "verify", "monitor", "mitigated", "watching"),
        *("fix applied", "fix deployed", "fix released", "fix shipped", "fix is out", "fix is in"),
    ),
    "resolved": ("fixed", "done"),
}
"""What people type for them, beside the id and the title."""


def states(file: RunbookFile) -> tuple[Status, ...]:
    """The states in the order an incident goes through them. Raises MisplacedError when one is missing."""
    missing = [name for name in ALWAYS if name not in file.states]
    if missing:
        raise MisplacedError(f"{missing[0]} is missing; every runbook needs {', '.join(ALWAYS)}", ("states",))
    return tuple(
        Status(
            id=name,
            title=file.states[name],
            words=(*WORDS[name], file.states[name]),
            reaches=REACHES.get(name),
            color=COLOURS[name],
        )
        for name in COLOURS
        if name in file.states
    )
