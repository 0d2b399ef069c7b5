"""The runbook as the document that people read: Markdown with everything that it promises.

What is needed first stands first: which severity it is, who is told, where to look, whether to go back, and
the checklists. What is learned afterwards, and what the words mean, comes last.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from allclear.core.calendar.period import NumberName, Period
from allclear.core.calendar.rhythm import Rhythm
from allclear.core.language.changed import RunbookChange, changes_section
from allclear.core.language.document import RunbookFile
from allclear.core.language.entries import WrittenRole, WrittenRule
from allclear.core.language.limits import Limits
from allclear.core.language.markdown import bullets, flat, small, table, without_doubles
from allclear.core.language.numbers import LevelNumbers, Numbers, numbers_of
from allclear.core.language.page_afterwards import review, routines, words
from allclear.core.language.page_during import checklists, look, patterns, rollback, voices
from allclear.core.language.page_words import (
    SINCE,
    bracketed,
    by_level,
    climb,
    condition,
    grouped,
    items,
    levels_of,
    role_title,
    severities,
    shown,
    titled,
)
from allclear.core.language.selection import Levels
from allclear.core.model.neutral import diagram
from allclear.core.model.slug import spelt

COLOURS = ("🔴", "🟠", "🟡", "🟢")
"""By rank, the worst first; ⚪ for any further severity."""

STAGES: Mapping[str, tuple[str, str]] = {
    "declared": ("Declared", "the incident form"),
    "acknowledged": ("Acknowledged", "/ack"),
    "identified": ("Cause known", "/finding"),
    "mitigated": ("Fix applied", "/status monitoring"),
    "resolved": ("Resolved", "/resolve"),
    "all-clear": ("All clear", "/all-clear"),
    "published": ("Learned", "the merged post-mortem"),
}
"""What happens one after the other, and what people do to get there."""

HELD: Mapping[str, str] = {"investigating": "declared", "mitigating": "mitigated", "monitoring": "mitigated"}
"""The moments that the states stand for."""


def page(file: RunbookFile, numbers: Numbers, changed: tuple[RunbookChange, ...] = ()) -> str:
    """The document. What people wrote in the file is Markdown there, and stays it. ``changed``: what is other
    than in the runbook that it extends.
    """
    limits = Limits(file, Levels(tuple(file.severities)), numbers)
    parts = [
        _head(file),
        changes_section(changed, file.extends),
        _severities(file),
        _numbers(file, numbers),
        _flow(file, limits),
        _told(file, limits),
        _people(file, limits),
        look(file),
        patterns(file),
        rollback(file),
        checklists(file, limits),
        voices(file, limits),
        review(file),
        routines(file),
        words(file),
        ["---", "", f"This page is made by `allclear runbook show {file.name}`."],
    ]
    return "\n\n".join("\n".join(without_doubles(part)).strip() for part in parts if part) + "\n"


def _head(file: RunbookFile) -> list[str]:
    about = dict(file.about)
    numbers = small(about.pop("item", ())).strip()
    lines = [f"# {flat(file.title or file.name)}", "", numbers, "", *about.pop("text", ())]
    for name in ("objectives", "principles"):
        texts = about.pop(name, ())
        lines += ["", f"**{spelt(name)}**", "", *bullets(texts)] if texts else []
    facts = {spelt(name): ", ".join(texts) for name, texts in about.items()}
    facts |= {"Times": f"in {file.zone}", "Changes": f"the runbook {file.extends}" if file.extends else ""}
    return [*lines, "", " · ".join(f"**{name}** {told}" for name, told in facts.items() if told)]


def _severities(file: RunbookFile) -> list[str]:
    lowest = tuple(file.severities)[-2:]
    default = shown(file, file.default_severity or lowest[0])
    lines = ["## Which severity is it?", "", f"{default} counts until somebody names one with `/sev`.", ""]
    for name, one in file.severities.items():
        head = f"### {_sign(file, name)} {shown(file, name)}{f' · {one.name}' if one.name else ''}"
        lines += [head, "", items(one).strip(), "", *bullets(one.definition), ""]
        least = [
            f"{titled(measure, file.measures[measure].title)} from {value:g} {file.measures[measure].unit}"
            for measure, value in one.at_least.items()
        ]
        told = {"Such as": one.examples, "Impact": one.impact, "Measured": least}
        lines += [f"{title}: {'; '.join(map(flat, texts))}\n" for title, texts in told.items() if texts]
    return lines


def _sign(file: RunbookFile, name: str) -> str:
    rank = list(file.severities).index(name)
    return COLOURS[rank] if rank < len(COLOURS) else "⚪"


def _numbers(file: RunbookFile, numbers: Numbers) -> list[str]:
    """What each severity asks for, side by side."""
    columns = [dict(_column(file, name, numbers_of(file, name, numbers))) for name in file.severities]
    head = ["", *(f"{_sign(file, name)} {shown(file, name)}" for name in file.severities)]
    rows = [
        [title, *(column[title] or "-" for column in columns)]
        for title in columns[0]
        if any(column[title] for column in columns)
    ]
    return ["## What each severity asks for", "", *table(head, rows)]


def _column(file: RunbookFile, name: str, own: LevelNumbers) -> Iterator[tuple[str, str]]:
    one = file.severities[name]
    yield "Time to acknowledge", own.response.words()
    yield "Time to fix it", own.target.words() if own.target else ""
    yield "Updates", own.update.words() if own.update else ""
    yield "A fix is watched for", _watch(own)
    yield "Time to keep evidence", own.evidence.words() if own.evidence else ""
    yield "Time to the post-mortem", own.review.words() if own.review else ""
    yield "Silence until somebody is asked", own.silence.words() if own.silence else ""
    channels = [file.channels.get(channel, channel) for channel in one.alert if channel != "issue"]
    yield "Pages also go to", ", ".join(channels)
    yield "Labels", ", ".join(f"`{label}`" for label in (one.label, *one.labels) if label)
    yield "Pull requests", "red until the fix is applied" if one.freeze else ""


def _flow(file: RunbookFile, limits: Limits) -> list[str]:
    """What comes after what, how to get there and by when, and which list holds which moment."""
    lines = ["## What happens", "", "```mermaid", "flowchart TD"]
    lines += [f'  {_node(moment)}(["<b>{title}</b><br/>{way}"])' for moment, (title, way) in STAGES.items()]
    due = {
        "acknowledged": ("within", _words(limits.numbered(NumberName.RESPONSE))),
        "all-clear": ("watched for", dict(_watches(limits))),
        "published": ("within", _words(limits.numbered(NumberName.REVIEW))),
    }
    moments = tuple(STAGES)
    for before, moment in pairwise(moments):
        label = _edge(file, *due[moment]) if moment in due else ""
        lines += [f"  {_node(before)} -->{label} {_node(moment)}"]
    for at, (name, one) in enumerate(file.lists.items()):
        if one.before:
            held = HELD.get(one.before, one.before)
            lines += [f'  list{at}["{diagram(titled(name, one.title))}"] -. before .-> {_node(held)}']
    return [*lines, "```"]


def _edge(file: RunbookFile, said: str, numbers: Mapping[str, str]) -> str:
    """``|"P0 within 5 minutes<br/>P1 within 15 minutes"|``; nothing where no severity has such a number."""
    told = []
    for value, levels in grouped(numbers).items():
        phrase = value if value.startswith("next ") else f"{said} {value}"
        names = "" if len(levels) == len(file.severities) else ", ".join(shown(file, one) for one in levels)
        told.append(diagram(f"{names} {phrase}", 100))
    return f'|"{"<br/>".join(told)}"|' if told else ""


def _words(periods: Mapping[str, Period]) -> dict[str, str]:
    return {level: period.words() for level, period in periods.items()}


def _watches(limits: Limits) -> Iterator[tuple[str, str]]:
    for level in limits.levels.ids:
        if told := _watch(numbers_of(limits.file, level, limits.numbers)):
            yield level, told


def _watch(own: LevelNumbers) -> str:
    """``1 hour, after a rollback 30 minutes``; empty where no fix is watched."""
    told = own.watch.words() if own.watch else ""
    if own.watch_rollback != own.watch and own.watch_rollback is not None:
        return f"{told or 'not at all'}, after a rollback {own.watch_rollback.words()}"
    return told


def _node(moment: str) -> str:
    return moment.replace("-", "_")


def _told(file: RunbookFile, limits: Limits) -> list[str]:
    lines = ["## Who is told", ""]
    first = next(iter(file.chains))
    rows = [
        (
            shown(file, level),
            " and ".join(chain.levels[0]),
            climb(_rhythm(limits, level), chain.levels),
            f"`{name}`{items(chain)}",
        )
        for level in file.severities
        for name, chain in file.chains.items()
        if (chain.for_ or name == first) and level in levels_of(file, chain.for_)
    ]
    lines += [*table(("Severity", "At once", "While nobody acknowledges", "Chain"), rows), ""]
    lines += [
        f"- Chain `{name}`, climbed when it is asked for: "
        f"{' → '.join(' and '.join(level) for level in chain.levels)}{items(chain)}"
        for name, chain in file.chains.items()
        if not chain.for_ and name != first
    ]
    lines += ["", *(line for name, rule in file.rules.items() for line in _rule(file, name, rule, limits))]
    return lines


def _rhythm(limits: Limits, level: str) -> Rhythm:
    return numbers_of(limits.file, level, limits.numbers).escalate


def _rule(file: RunbookFile, name: str, rule: WrittenRule, limits: Limits) -> list[str]:
    """``- **Manager** (P1: after 15 minutes; until the fix is applied): Manager is told, “Unresolved”.``"""
    among = levels_of(file, rule.for_)
    after = {
        level: f"after {one.words()}" for level, one in limits.spread(rule.after).items() if level in among
    }
    told = [
        severities(file, rule.for_),
        condition(file, rule.when),
        by_level(file, after, among if rule.for_ else file.severities),
        f"counted from when {SINCE[rule.from_]}" if rule.from_ else "",
        f"unless {SINCE[rule.until]} before" if rule.until != "resolved" else "",
    ]
    worst = next(iter(file.severities))
    deeds = [
        f"tells {', '.join(rule.tell)}" if rule.tell else "",
        f"tells the next level of `{rule.escalate}`" if rule.escalate else "",
        f"suggests {shown(file, worst if rule.suggest == 'worst' else rule.suggest)}" if rule.suggest else "",
    ]
    say = f": “{flat(rule.say)}”" if rule.say else ""
    why = bracketed("; ".join(filter(None, told)) or "at once")
    return [f"- **{spelt(name)}**{why}: {' and '.join(filter(None, deeds))}{say}{items(rule)}"]


def _people(file: RunbookFile, limits: Limits) -> list[str]:
    roles = [
        (
            f"{titled(name, role.title)}{items(role)}",
            _needed(file, role.for_, condition(file, role.when)),
            " or ".join(role.primary),
            " or ".join(role.backup),
            _filled(file, role, limits),
            ", ".join(role_title(file, other) for other in role.not_),
            "yes" if role.many else "",
        )
        for name, role in file.roles.items()
    ]
    head = (
        "Role",
        "Needed for",
        "Proposed to",
        "Backup",
        "Filled within",
        "Not together with",
        "Several",
    )
    contacts = [
        (f"{title}{items(one)}", one.mail, one.slack, one.phone, one.web, spelt(one.hours), one.note)
        for title, one in file.contacts.items()
    ]
    columns = ("Contact", "Mail", "Chat", "Phone", "Page", "Hours", "Note")
    channels = [f"- {spelt(name)}: {text}" for name, text in file.channels.items()]
    duties = [
        f"- **{titled(name, role.title)}**: {'; '.join(map(flat, role.duties))}"
        for name, role in file.roles.items()
        if role.duties
    ]
    lines = ["## Who does what", "", *table(head, roles), "", *duties]
    lines += ["", "## Contacts", "", *table(columns, contacts)] if contacts else []
    return [*lines, "", "## Where people read", "", *channels] if channels else lines


def _filled(file: RunbookFile, role: WrittenRole, limits: Limits) -> str:
    among = levels_of(file, role.for_)
    within = _words(limits.spread(role.within))
    return by_level(file, {level: told for level, told in within.items() if level in among}, among)


def _needed(file: RunbookFile, names: Sequence[str], when: str) -> str:
    return ", ".join(part for part in (severities(file, names), when) if part)
