"""Chains, rules and the numbers of severities as deadlines, whose ids are recorded and so never change."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from allclear.core.calendar.period import NumberName, Span
from allclear.core.calendar.rhythm import Rhythm
from allclear.core.language.document import RunbookFile
from allclear.core.language.entries import WrittenRule
from allclear.core.language.limits import Limits, a_third
from allclear.core.language.people import role_title
from allclear.core.language.selection import ALL, NONE, Levels
from allclear.core.model.milestones import Milestone
from allclear.core.model.people import RESPONDERS
from allclear.core.model.slug import spelt
from allclear.core.policy.checklists import Moment
from allclear.core.policy.deadline import Chain, Deadline

MILESTONES: Mapping[Moment, Milestone] = {
    "declared": "declared",
    "acknowledged": "acknowledged",
    "identified": "identified",
    "mitigated": "mitigated",
    "resolved": "resolved",
    "all-clear": "closed",
    "published": "published",
}
"""What the engine calls the moments of the language."""

AT_ONCE = Span()


def chains(file: RunbookFile, levels: Levels) -> tuple[Chain, ...]:
    """The chains; the first is for all severities where it names none, the others are for none then."""
    first = next(iter(file.chains))
    return tuple(
        Chain(
            id=name,
            levels=chain.levels,
            severities=levels.selected(chain.for_ or ((ALL,) if name == first else ())),
        )
        for name, chain in file.chains.items()
    )


def clocks(file: RunbookFile, limits: Limits) -> tuple[Deadline, ...]:
    """Every deadline of chains, rules and numbers, in the order in which a reader meets them."""
    found = [
        *(one for chain in chains(file, limits.levels) for one in _climb(chain, file)),
        *_response(file, limits),
        *(one for name, rule in file.rules.items() for one in _rule(name, rule, limits)),
        *_numbers(file, limits),
    ]
    return tuple(found)


def _climb(chain: Chain, file: RunbookFile) -> Iterator[Deadline]:
    """Level 1 is told at the declaration, the next after each step of ``escalate``; the last again and again.

    Level 1 hears of it in any case; the others only while nobody has acknowledged.
    """
    if not chain.severities:
        return
    within = dict.fromkeys(chain.severities, AT_ONCE)
    rhythms: dict[str, Rhythm] = {
        level: file.severities[level].escalate or Rhythm.of(file.severities[level].response)
        for level in chain.severities
    }
    common: dict[str, Any] = {"start": "declared", "within": within, "ladder": chain.id}
    for level, titles in enumerate(chain.levels, start=1):
        name = f"{chain.id}-{level}"
        if level == 1:
            text = "{{ severity }} incident: {{ brief }}"
            alert: dict[str, Any] = common | {"id": name, "title": "Alert", "action": "notify"}
            yield Deadline(**alert, to=titles, level=1, text=text)
            if len(chain.levels) > 1:
                continue
            name = f"{chain.id}-again"
        yield Deadline(
            **common,
            id=name,
            title=f"Escalation to {' and '.join(titles)}",
            until="acknowledged",
            repeat=rhythms,
            first=max(1, level - 1),
            last=level - 1 if level < len(chain.levels) else None,
            action="escalate",
            to=titles,
            level=level,
            text="{{ severity }} incident: {{ brief }}. Nobody has acknowledged yet. Please write `/ack`.",
        )


def _response(file: RunbookFile, limits: Limits) -> Iterator[Deadline]:
    """Reminds everybody whom the first chain has told so far."""
    own = {level: one.id for one in reversed(chains(file, limits.levels)) for level in one.severities}
    yield Deadline(
        id="response",
        title="Response due",
        start="declared",
        until="acknowledged",
        within=dict(limits.numbered(NumberName.RESPONSE)),
        aim="told",
        ladder=own,
        level=1,
        text=(
            "Nobody has acknowledged yet. A {{ severity }} incident needs a response {{ limit }}. "
            "Please write `/ack`."
        ),
    )


def _rule(name: str, rule: WrittenRule, limits: Limits) -> Iterator[Deadline]:
    """Who is told when its condition has held for so long; what it suggests is none of the clock's."""
    if not (rule.tell or rule.escalate):
        return
    chosen = limits.levels.selected(rule.for_ or (ALL,))
    after = limits.spread(rule.after) if rule.after else dict.fromkeys(limits.levels.ids, AT_ONCE)
    yield Deadline(
        id=name,
        title=f"Escalation: {spelt(name)}" if rule.escalate else f"Notice to {' and '.join(rule.tell)}",
        start=MILESTONES[rule.from_] if rule.from_ else "declared",
        from_start=bool(rule.from_),
        until=MILESTONES[rule.until],
        within={level: limit for level, limit in after.items() if level in chosen},
        action="escalate" if rule.escalate else "notify",
        to=rule.tell,
        aim="next" if rule.escalate else "",
        chain=rule.escalate,
        when=rule.when.condition,
        text=rule.say or _why(rule),
    )


def _why(rule: WrittenRule) -> str:
    """What is said where the runbook leaves it open: the reason, and the incident's title."""
    reasons = []
    if rule.when.flag:
        reasons.append("{{ flags }}")
    if rule.until in ("acknowledged", "identified", "mitigated"):
        reasons.append(f"Not {rule.until} yet")
    return ". ".join([*reasons, "{{ severity }} incident: {{ brief }}"])


def _numbers(file: RunbookFile, limits: Limits) -> Iterator[Deadline]:
    """The fix, the end of the monitoring and the post-mortem, by the numbers of each severity."""
    commander, fixer = title_of("ic", file), title_of("tech", file)
    targets = {name: one.target for name, one in file.severities.items() if one.target != NONE}
    if targets:
        yield Deadline(
            id="target",
            title="Fix due",
            start="declared",
            until="mitigated",
            within=dict(limits.spread(targets)),
            to=(fixer,),
            text="This {{ severity }} incident is not fixed yet; the fix was due {{ limit }}.",
        )
    watched = limits.numbered(NumberName.WATCH)
    if watched:
        yield Deadline(
            id="monitoring-over",
            title="End of monitoring",
            start="window-end",
            until="closed",
            within=dict.fromkeys(watched, AT_ONCE),
            action="notify",
            to=(commander, RESPONDERS),
            text=(
                "The monitoring of {{ window_length }} after the fix is over{{ smoke }}. "
                "If all stayed quiet, end the incident with `/all-clear`."
            ),
        )
    review = limits.numbered(NumberName.REVIEW)
    common: dict[str, Any] = {
        "start": "resolved",
        "until": "published",
        "to": (commander, RESPONDERS),
        "ladder": "review",
    }
    reminders = {level: third for level, whole in review.items() if (third := a_third(whole)) is not None}
    if reminders:
        yield Deadline(
            **common,
            id="review-reminder",
            title="Post-mortem reminder",
            within=dict(reminders),
            level=1,
            text=(
                "The post-mortem is not published yet. Review and merge its pull request. "
                "`/postmortem` writes it again."
            ),
        )
    if review:
        yield Deadline(
            **common,
            id="review-due",
            title="Post-mortem due",
            within=dict(review),
            repeat=dict.fromkeys(review, Rhythm.of(Span(days=1))),
            level=2,
            text="The post-mortem is due now. Review and merge its pull request.",
        )


def title_of(role: str, file: RunbookFile) -> str:
    """What people call a role; those who respond, where the runbook does not have it."""
    return role_title(role, file.roles[role]) if role in file.roles else RESPONDERS
