"""The runbook as the document that people read: Markdown with everything that it promises."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from allclear.core.calendar.period import Period
from allclear.core.calendar.rhythm import Rhythm
from allclear.core.language.document import RunbookFile
from allclear.core.language.entries import WrittenEntry, WrittenVoice, WrittenWhen
from allclear.core.language.fields import spelt
from allclear.core.language.lists import WrittenList, WrittenStep
from allclear.core.language.markdown import bullets, fenced, flat, small, table, without_doubles
from allclear.core.language.numbers import Numbers, numbers_of
from allclear.core.language.selection import ALL, Levels
from allclear.core.model.neutral import diagram

COLOURS = ("🔴", "🟠", "🟡", "🟢")
"""By rank, the worst first; ⚪ for any further severity."""


def page(file: RunbookFile, numbers: Numbers) -> str:
    """The document. What people wrote in the file is Markdown there, and stays it."""
    parts = [
        _head(file),
        _severities(file, numbers),
        _flow(file),
        _told(file),
        _people(file),
        *(_checklist(file, name, one) for name, one in file.lists.items()),
        _voices(file),
        _patterns(file),
        _rollback(file),
        _look(file),
        _review(file),
        _routines(file),
        _words(file),
    ]
    return "\n\n".join("\n".join(without_doubles(part)).strip() for part in parts if part) + "\n"


def _items(entry: WrittenEntry) -> str:
    """The numbers of the rules, small, behind what they stand for."""
    return small(entry.item)


def _titled(name: str, title: str) -> str:
    return title or spelt(name)


def _for(file: RunbookFile, names: Sequence[str]) -> str:
    """``P0, P1``; empty for all severities."""
    levels = Levels(tuple(file.severities)).selected(names or (ALL,))
    return ", ".join(_shown(file, name) for name in levels) if len(levels) < len(file.severities) else ""


def _in(file: RunbookFile, names: Sequence[str]) -> str:
    """`` (P0, P1)``; empty for all severities."""
    shown = _for(file, names)
    return f" ({shown})" if shown else ""


def _shown(file: RunbookFile, name: str) -> str:
    return (file.severities[name].shown or name) if name in file.severities else name


def _when(file: RunbookFile, when: WrittenWhen) -> str:
    """``flag Security breach; fix rollback``; empty without a condition."""
    told = [f"flag {' or '.join(file.flags.get(flag, flag) for flag in when.flag)}"] if when.flag else []
    told += [f"fixed by {when.fix}"] if when.fix else []
    for name, least in when.measured.items():
        measure = file.measures[name]
        told.append(f"{_titled(name, measure.title)} at least {least:g} {measure.unit}".strip())
    return ", ".join(told)


def _by_severity(file: RunbookFile, values: Mapping[str, Any]) -> str:
    """``15 minutes``, or ``P0: 15 minutes, P1: 1 hour``."""
    told = {
        name: value.words() if isinstance(value, Period | Rhythm) else value for name, value in values.items()
    }
    if set(told) == {ALL}:
        return str(told[ALL])
    return ", ".join(f"{_shown(file, name)}: {value}" for name, value in told.items())


def _head(file: RunbookFile) -> list[str]:
    about = dict(file.about)
    lines = [f"# {flat(file.title or file.name)}{small(about.pop('item', ()))}"]
    lines += ["", *about.pop("text", ())]
    for name in ("objectives", "principles"):
        texts = about.pop(name, ())
        lines += ["", f"**{spelt(name)}**", "", *bullets(texts)] if texts else []
    facts = [(spelt(name), ", ".join(texts)) for name, texts in about.items()]
    facts += [("Zone", file.zone), ("Extends", file.extends)]
    return [*lines, "", *table(("", ""), [fact for fact in facts if fact[1]])]


def _severities(file: RunbookFile, numbers: Numbers) -> list[str]:
    lines = ["## Which severity is it?", ""]
    if file.default_severity:
        lines += [f"{_shown(file, file.default_severity)} counts until somebody names one.", ""]
    for rank, (name, one) in enumerate(file.severities.items()):
        sign = COLOURS[rank] if rank < len(COLOURS) else "⚪"
        lines += [f"### {sign} {_shown(file, name)}{f' · {one.name}' if one.name else ''}{_items(one)}", ""]
        lines += [*bullets(one.definition), ""]
        least = [
            f"{_titled(measure, file.measures[measure].title)} from {value:g} {file.measures[measure].unit}"
            for measure, value in one.at_least.items()
        ]
        told = {"Such as": one.examples, "Does": one.impact, "Measured": least}
        lines += [f"{title}: {'; '.join(map(flat, texts))}\n" for title, texts in told.items() if texts]
        own = numbers_of(file, name, numbers)
        watch = "" if own.watch is None else own.watch.words()
        if own.watch_rollback != own.watch and own.watch_rollback is not None:
            watch = f"{watch or 'not'}; after a rollback {own.watch_rollback.words()}"
        channels = [file.channels.get(channel, channel) for channel in one.alert if channel != "issue"]
        periods = {
            "Somebody acknowledges within": own.response,
            "The fix should be applied by": own.target,
            "Evidence is kept within": own.evidence,
            "The post-mortem is due within": own.review,
            "Somebody is asked after a silence of": own.silence,
        }
        rows = [(title, period.words()) for title, period in periods.items() if period is not None]
        rows.insert(1, ("Unacknowledged, the next level is told", own.escalate.words()))
        rows += [("People are owed a word", own.update.words())] if own.update else []
        rows += [("A fix is watched for", watch), ("Pages also go to", ", ".join(channels))]
        rows += [("Labels", ", ".join([one.label, *one.labels]).strip(", "))]
        rows += [("Pull requests", "show a red status until it is mitigated" if one.freeze else "")]
        lines += [*table(("", ""), [row for row in rows if row[1]]), ""]
    return lines


def _flow(file: RunbookFile) -> list[str]:
    """What comes after what, and which list holds which moment."""
    lines = ["## What happens", "", "```mermaid", "flowchart LR"]
    moments = ("declared", "acknowledged", "identified", "mitigated", "resolved", "all-clear", "published")
    lines += [f"  {moment.replace('-', '_')}([{spelt(moment)}])" for moment in moments]
    lines += [f"  {' --> '.join(moment.replace('-', '_') for moment in moments)}"]
    for at, (name, one) in enumerate(file.lists.items()):
        if one.before:
            held = {"monitoring": "mitigated", "investigating": "declared"}.get(one.before, one.before)
            held = "mitigated" if held == "mitigating" else held.replace("-", "_")
            lines += [f'  list{at}["{diagram(_titled(name, one.title))}"] -. before .-> {held}']
    return [*lines, "```"]


def _told(file: RunbookFile) -> list[str]:
    lines = ["## Who is told", ""]
    for at, (name, chain) in enumerate(file.chains.items()):
        members = _for(file, chain.for_) or ("all severities" if at == 0 or chain.for_ else "by hand only")
        levels = " → ".join(" and ".join(level) for level in chain.levels)
        lines += [f"- **{spelt(name)}** ({members}): {levels}{_items(chain)}"]
    rows = [
        (
            f"{spelt(name)}{_items(rule)}",
            _for(file, rule.for_),
            _when(file, rule.when),
            _by_severity(file, rule.after),
            " until ".join(part for part in (f"from {rule.from_}" if rule.from_ else "", rule.until) if part),
            ", ".join(
                (
                    *rule.tell,
                    *((f"next level of {spelt(rule.escalate)}",) if rule.escalate else ()),
                    *((f"suggests {_suggested(file, rule.suggest)}",) if rule.suggest else ()),
                )
            ),
            rule.say,
        )
        for name, rule in file.rules.items()
    ]
    return [*lines, "", *table(("Rule", "For", "When", "After", "Counts until", "Then", "Says"), rows)]


def _suggested(file: RunbookFile, name: str) -> str:
    return _shown(file, next(iter(file.severities)) if name == "worst" else name)


def _people(file: RunbookFile) -> list[str]:
    roles = [
        (
            f"{_titled(name, role.title)}{_items(role)}",
            ", ".join(part for part in (_for(file, role.for_), _when(file, role.when)) if part),
            " or ".join(role.primary),
            " or ".join(role.backup),
            _by_severity(file, role.within),
            ", ".join(_titled(other, file.roles[other].title) for other in role.not_),
            "yes" if role.many else "",
            role.duties,
        )
        for name, role in file.roles.items()
    ]
    head = ("Role", "For", "First", "Else", "Filled within", "Not together with", "Several", "Duties")
    contacts = [
        (f"{title}{_items(one)}", one.mail, one.slack, one.phone, one.web, one.hours, one.note)
        for title, one in file.contacts.items()
    ]
    columns = ("Contact", "Mail", "Chat", "Phone", "Page", "Hours", "Note")
    channels = [(spelt(name), text) for name, text in file.channels.items()]
    lines = ["## Who does what", "", *table(head, roles)]
    lines += ["", "### Contacts", "", *table(columns, contacts)] if contacts else []
    return [*lines, "", "### Channels", "", *table(("", ""), channels)] if channels else lines


def _checklist(file: RunbookFile, name: str, one: WrittenList) -> list[str]:
    told = [
        _for(file, one.for_),
        f"when {_when(file, one.when)}" if one.when != WrittenWhen() else "",
        f"opens at {one.opens}" if one.opens != "declared" else "",
        f"{one.before} waits for it" if one.before else "",
        f"due {_by_severity(file, one.due)} after it opened" if one.due else "",
        _titled(one.role, file.roles[one.role].title) if one.role else "",
    ]
    lines = [f"## {_titled(name, one.title)}{_items(one)}", "", "; ".join(filter(None, told)), ""]
    return [*lines, *_boxes(file, one.steps)]


def _boxes(file: RunbookFile, steps: Mapping[str, WrittenStep]) -> list[str]:
    lines = []
    for name, step in steps.items():
        told = [
            f"seen by {step.done}" if step.done else "",
            f"`/run {step.run}`" if step.run else "",
            "optional" if step.optional else "",
            _for(file, step.for_),
            f"when {_when(file, step.when)}" if step.when != WrittenWhen() else "",
            _titled(step.role, file.roles[step.role].title) if step.role else "",
        ]
        more = "; ".join(filter(None, told))
        lines += [f"- [ ] {flat(step.text)} (`{name}`{f': {more}' if more else ''}){_items(step)}"]
        lines += bullets(step.parts, "  ")
    return lines


def _voices(file: RunbookFile) -> list[str]:
    lines = ["## What is said", ""] if file.voices else []
    for name, voice in file.voices.items():
        lines += [f"### {spelt(name)}{_items(voice)}", "", _spoken(file, voice), ""]
        for moments, spoken in voice.at.items():
            subject = f" · {spoken.subject}" if spoken.subject else ""
            lines += [f"**{spelt(moments)}**{subject}{_items(spoken)}", "", *fenced(spoken.text), ""]
    return lines


def _spoken(file: RunbookFile, voice: WrittenVoice) -> str:
    approve = _titled(voice.approve, file.roles[voice.approve].title) if voice.approve else ""
    told = [
        f"to {', '.join(file.channels.get(channel, channel) for channel in voice.to)}",
        _for(file, voice.for_),
        f"when {_when(file, voice.when)}" if voice.when != WrittenWhen() else "",
        f"by {_titled(voice.speaker, file.roles[voice.speaker].title)}",
        f"again {_by_severity(file, voice.every)}" if voice.every else "",
        f"public: a draft until {approve or 'the incident commander'} publishes it" if voice.public else "",
        f"{voice.clock} clock" if voice.clock != "24h" else "",
    ]
    return "; ".join(filter(None, told))


def _patterns(file: RunbookFile) -> list[str]:
    lines = ["## Known kinds of incidents", ""] if file.patterns else []
    for name, one in file.patterns.items():
        lines += [f"### {_titled(name, one.title)}{_in(file, one.for_)}{_items(one)}", ""]
        lines += [f"Symptoms: {', '.join(one.symptoms)}", ""]
        for command in one.look:
            lines += [*fenced(command), ""]
        lines += [f"- {text}{f': `/run {action}`' if action else ''}" for text, action in one.fix.items()]
        lines += [f"- Later: {one.later}"] if one.later else []
        lines += [""]
    return lines


def _rollback(file: RunbookFile) -> list[str]:
    written = file.rollback
    lines = [f"## Going back or fixing forward{_items(written)}", ""]
    if written.fix_forward:
        lines += [f"A fix that takes less than {written.fix_forward.words()} is better than a rollback.", ""]
    reasons = [
        (f"{one.text}{_items(one)}", _for(file, one.for_), _when(file, one.when)) for one in written.immediate
    ]
    return [*lines, *table(("Go back at once", "For", "When"), reasons)]


def _look(file: RunbookFile) -> list[str]:
    lines: list[str] = []
    for heading, commands in file.look.items():
        lines += [f"### {heading}", ""]
        for command in commands:
            lines += [*fenced(command), ""]
    for heading, links in file.links.items():
        lines += [f"### {heading}", ""]
        lines += [f"- {name}: {text}" for name, text in links.items()]
        lines += [""]
    return ["## Where to look", "", *lines] if lines else []


def _review(file: RunbookFile) -> list[str]:
    lines = [f"## What is learned{_items(file.review)}", ""]
    meeting = file.review.meeting
    if meeting is not None:
        invited = [
            f"{one.title}{f' ({_for(file, one.for_)})' if _for(file, one.for_) else ''}"
            for one in meeting.invite
        ]
        lines += [f"**Meeting**{_items(meeting)}: {', '.join(invited)}", ""]
        agenda = [
            (f"{heading}{_items(one)}", one.takes.words(), one.parts)
            for heading, one in meeting.agenda.items()
        ]
        lines += [*table(("Agenda", "Takes", "About"), agenda), ""]
    sections = [(f"{name}{_items(one)}", one.block, one.parts) for name, one in file.review.sections.items()]
    lines += [*table(("Post-mortem", "From the record", "Asked of people"), sections), ""]
    horizons = [
        (f"{spelt(name)}{_items(one)}", one.within.words(), one.parts)
        for name, one in file.review.horizons.items()
    ]
    return [*lines, *table(("Action items", "Done within", "Such as"), horizons)]


def _routines(file: RunbookFile) -> list[str]:
    lines = ["## Again and again", ""] if file.routines else []
    for name, one in file.routines.items():
        told = [
            str(one.every),
            f"after a published post-mortem{_in(file, one.after)}" if one.after else "",
            f"with the open incidents{_in(file, one.open)}" if one.open else "",
            f"by {', '.join(one.to)}",
        ]
        lines += [f"### {_titled(name, one.title)}{_items(one)}", "", "; ".join(filter(None, told)), ""]
        lines += [*_boxes(file, one.steps), ""]
    return lines


def _words(file: RunbookFile) -> list[str]:
    """What the words above mean."""
    lines = ["## Words", "", *table(("State", "Shown as"), list(file.states.items())), ""]
    lines += [*table(("Flag", "Means"), list(file.flags.items())), ""]
    measures = [
        (f"{_titled(name, one.title)}{_items(one)}", one.unit, one.recovered)
        for name, one in file.measures.items()
    ]
    lines += [*table(("Measure", "Unit", "Well again"), measures), ""]
    calendars = [
        (
            f"{spelt(name)}{', '.join(('', *one.item))}",
            one.days,
            one.hours,
            one.holidays,
            one.every,
            one.start,
        )
        for name, one in file.calendars.items()
    ]
    lines += [*table(("Calendar", "Days", "Hours", "Holidays", "Every", "From"), calendars), ""]
    lines += [*table(("Phase", "Until"), [(name, end.words()) for name, end in file.phases.items()]), ""]
    for title, texts in (("How incidents are noticed", file.detection), ("Causes to think of", file.causes)):
        lines += [f"**{title}**", "", *bullets(texts), ""] if texts else []
    return lines
