"""What suggests a severity, or going back: measures with their bands, rules, reasons."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from allclear.core.calendar.period import Period
from allclear.core.language.clocks import AT_ONCE, MILESTONES
from allclear.core.language.document import RunbookFile
from allclear.core.language.entries import WrittenRule
from allclear.core.language.limits import Limits
from allclear.core.language.selection import ALL, WORST, Levels
from allclear.core.model.slug import spelt
from allclear.core.policy.deadline import Deadline
from allclear.core.policy.guidance import RollbackReason, RunbookMeasure, SeverityRule


def measures(file: RunbookFile, levels: Levels) -> tuple[RunbookMeasure, ...]:
    """The measures with the value from which on they are of each severity."""
    return tuple(
        RunbookMeasure(
            id=name,
            title=one.title or spelt(name),
            unit=one.unit,
            least={
                level: file.severities[level].at_least[name]
                for level in levels.ids
                if name in file.severities[level].at_least
            },
        )
        for name, one in file.measures.items()
    )


def severity_rules(file: RunbookFile, limits: Limits) -> Iterator[SeverityRule]:
    """The rules that suggest a severity, each for those that are not as bad."""
    ids = limits.levels.ids
    for name, rule in file.rules.items():
        if not rule.suggest:
            continue
        to = ids[0] if rule.suggest == WORST else rule.suggest
        chosen = limits.levels.selected(rule.for_ or (ALL,))
        after = limits.spread(rule.after) if rule.after else dict.fromkeys(ids, AT_ONCE)
        lesser = ids[ids.index(to) + 1 :]
        within = {level: after[level] for level in lesser if level in chosen and level in after}
        if within:
            yield SeverityRule(to=to, clock=_clock(name, rule, within))


def _clock(name: str, rule: WrittenRule, within: Mapping[str, Period]) -> Deadline:
    return Deadline(
        id=name,
        title=spelt(name),
        start=MILESTONES[rule.from_] if rule.from_ else "declared",
        from_start=bool(rule.from_),
        until=MILESTONES[rule.until],
        within=dict(within),
        when=rule.when.condition,
        text=rule.say,
    )


def reasons(file: RunbookFile, levels: Levels) -> tuple[RollbackReason, ...]:
    """When to go back at once."""
    return tuple(
        RollbackReason(text=one.text, severities=levels.selected(one.for_), when=one.when.condition)
        for one in file.rollback.immediate
    )
