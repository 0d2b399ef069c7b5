"""Lines that people can type here: an example names what this runbook and these settings have."""

from __future__ import annotations

from collections.abc import Mapping

from allclear.core.model.patterns import lazy_regex
from allclear.core.policy.runbook import Runbook
from allclear.core.policy.settings import Settings

_HOLE = lazy_regex(r"\{([a-z]{1,20})(?:\|([^{}|]{0,200}))?\}")
"""``{severity|P1}``: a word of the runbook, and what stands there where none is known."""

_NO_WORDS: Mapping[str, str] = {}


def filled(template: str, words: Mapping[str, str] = _NO_WORDS) -> str:
    """The line of ``template`` with ``words`` in its holes, by name; else a hole has its own example."""
    return " ".join(_HOLE.sub(lambda hole: words.get(hole[1]) or hole[2] or "", template).split())


def example_words(runbook: Runbook, settings: Settings) -> dict[str, str]:
    """What an example may name: ``severity``, ``status`` and a ``later`` one, ``role``, ``leader`` (the role
    of who leads), ``lead`` (the command that names them), ``step`` and an ``other``, ``after`` (a step for
    after the incident), ``voice`` (a public one), ``title`` (of somebody to call), ``flag``, ``pattern``,
    ``service`` and ``action``.

    What the runbook or the settings do not have is left out.
    """
    between = [state.id for state in runbook.states if state.id not in (runbook.states[0].id, "resolved")]
    commander = runbook.role("ic")
    roles = [role.id for role in runbook.roles]
    leader = commander.id if commander else roles[0] if roles else ""
    steps = sorted(runbook.boxes, key=lambda step: step.done is not None)  # those for people come first
    lists = sorted((one for one in runbook.lists if one.afterwards), key=lambda one: bool(one.before))
    afterwards = [step for one in lists for step in sorted(one.steps, key=lambda step: step.done is not None)]
    found = {
        # Not the worst: whoever copies an example calls nobody out of bed.
        "severity": runbook.severities[min(1, len(runbook.severities) - 1)].id,
        "status": next(iter(between), ""),
        "later": next(reversed(between), ""),
        "leader": leader,
        "lead": "/ic" if commander else f"/role {leader}" if leader else "",
        "role": next((role for role in roles if role != leader), leader),
        "step": next((step.id for step in steps), ""),
        "other": next((step.id for step in steps[1:]), ""),
        "after": next((step.id for step in afterwards), ""),
        "voice": next((voice.id for voice in runbook.voices if voice.public), ""),
        "title": next((title for chain in runbook.chains for title in chain.levels[-1]), ""),
        "flag": next(iter(runbook.flags), ""),
        "pattern": next((one.id for one in runbook.patterns), ""),
        "service": next(iter(settings.services), ""),
        "action": next(iter(settings.actions), ""),
    }
    return {name: word for name, word in found.items() if word}
