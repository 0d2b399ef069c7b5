"""What is wrong with a written runbook, each with its place in the file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from allclear.core.calendar.calendar import Calendars
from allclear.core.calendar.period import Period, surely_shorter
from allclear.core.calendar.recurrence import Recurrence
from allclear.core.calendar.rhythm import Rhythm
from allclear.core.language.checking_lists import list_mistakes
from allclear.core.language.clock_ids import CLIMBS, clock_ids
from allclear.core.language.document import RunbookFile
from allclear.core.language.entries import WrittenWhen, spoken_at
from allclear.core.language.known_names import (
    RunbookMistake,
    Where,
    members,
    named,
    selectors,
    steps_of,
    titled,
    titles,
    unknown,
)
from allclear.core.language.paths import leads
from allclear.core.language.selection import ALL, WORST
from allclear.core.model.people import EVERYBODY, RESPONDERS
from allclear.core.model.times import zone
from allclear.core.policy.checklists import MOMENTS

ISSUE = "issue"
"""The channel that is always there."""
ENGINE = "engine"
"""What ``items`` says of a rule that needs no line."""


def mistakes(file: RunbookFile) -> Iterator[RunbookMistake]:
    """Everything in this runbook that names what is not there, or that could never happen."""
    yield from _severities(file)
    yield from _times(file)
    yield from _conditions(file)
    yield from _chains(file)
    yield from _rules(file)
    yield from _people(file)
    yield from _voices(file)
    yield from list_mistakes(file)
    yield from _rest(file)
    yield from _items(file)


def _severities(file: RunbookFile) -> Iterator[RunbookMistake]:
    known = tuple(file.severities)
    if file.default_severity:
        yield from named("severity", ("default_severity",), (file.default_severity,), known, alone=True)
    for name, one in file.severities.items():
        yield from named("measure", ("severities", name, "at_least"), one.at_least, file.measures)
        yield from named("channel", ("severities", name, "alert"), one.alert, (ISSUE, *file.channels))
    for where, names in _fors(file):
        yield from named("severity", where, names, selectors(file))
    for where, values in _by_severity(file):
        for name in values:
            if name not in selectors(file):
                yield RunbookMistake((*where, name), unknown("severity", name, selectors(file)))
    yield from _thresholds(file)


def _thresholds(file: RunbookFile) -> Iterator[RunbookMistake]:
    """A measure's bands fall from the worse to the less."""
    for measure in file.measures:
        worse: tuple[str, float] | None = None
        for name, one in file.severities.items():
            least = one.at_least.get(measure)
            if least is None:
                continue
            if worse is not None and least >= worse[1]:
                why = f"{name} {measure} {least:g} is not below {worse[0]}'s {worse[1]:g}."
                yield RunbookMistake(("severities", name, "at_least", measure), why)
            worse = (name, least)


def _fors(file: RunbookFile) -> Iterator[tuple[Where, Iterable[str]]]:
    """Every place where severities are chosen."""
    for part in ("chains", "rules", "roles", "voices", "lists", "patterns"):
        for name, one in getattr(file, part).items():
            yield (part, name, "for"), one.for_
    for where, step in steps_of(file):
        yield (*where, "for"), step.for_
    for at, criterion in enumerate(file.rollback.immediate):
        yield ("rollback", "immediate", at, "for"), criterion.for_
    for at, invited in enumerate(file.review.meeting.invite if file.review.meeting else ()):
        yield ("review", "meeting", "invite", at, "for"), invited.for_
    for name, routine in file.routines.items():
        yield ("routines", name, "after"), routine.after
        yield ("routines", name, "open"), routine.open


def _by_severity(file: RunbookFile) -> Iterator[tuple[Where, dict[str, object]]]:
    """Every map that goes by severity."""
    for part, key in (("rules", "after"), ("roles", "within"), ("voices", "every"), ("lists", "due")):
        for name, one in getattr(file, part).items():
            yield (part, name, key), dict(getattr(one, key))


def _times(file: RunbookFile) -> Iterator[RunbookMistake]:
    """The zone, the calendars, and phrases that these calendars give no end."""
    try:
        calendars = Calendars(zone(file.zone), file.calendars)
    except ValueError as error:
        yield RunbookMistake(("zone",), f"{error}.")
        return
    for name, calendar in file.calendars.items():
        why = calendar.refusal()
        if why:
            yield RunbookMistake(("calendars", name, "holidays"), f"{why}.")
    for where, phrase in _phrases(file):
        why = phrase.refusal(calendars)
        if why:
            yield RunbookMistake(where, f"{why}.")
    for name, contact in file.contacts.items():
        if contact.hours:
            why = calendars.refusal(contact.hours)
            if why:
                yield RunbookMistake(("contacts", name, "hours"), f"{why}.")


def _phrases(file: RunbookFile) -> Iterator[tuple[Where, Period | Rhythm | Recurrence]]:
    for name, one in file.severities.items():
        here = ("severities", name)
        keys = ("response", "escalate", "update", "silence", "target", "evidence", "review")
        for key in keys:
            value = getattr(one, key)
            if isinstance(value, Period | Rhythm):
                yield (*here, key), value
        ways = dict.fromkeys((one.watch.rollback, one.watch.fix_forward)) if one.watch else {}
        yield from (((*here, "watch"), way) for way in ways if isinstance(way, Period))
    for where, values in _by_severity(file):
        for level, phrase in values.items():
            if isinstance(phrase, Period | Rhythm):
                yield (*where, level), phrase
    for name, horizon in file.review.horizons.items():
        yield ("review", "horizons", name, "within"), horizon.within
    for name, routine in file.routines.items():
        yield ("routines", name, "every"), routine.every


def _conditions(file: RunbookFile) -> Iterator[RunbookMistake]:
    for where, when in _whens(file):
        yield from named("flag", (*where, "flag"), when.flag, file.flags)
        yield from named("measure", (*where, "measured"), when.measured, file.measures)


def _whens(file: RunbookFile) -> Iterator[tuple[Where, WrittenWhen]]:
    for part in ("rules", "roles", "voices", "lists"):
        for name, one in getattr(file, part).items():
            yield (part, name, "when"), one.when
    for where, step in steps_of(file):
        yield (*where, "when"), step.when
    for at, criterion in enumerate(file.rollback.immediate):
        yield ("rollback", "immediate", at, "when"), criterion.when


def _chains(file: RunbookFile) -> Iterator[RunbookMistake]:
    told = set[str]()
    for at, chain in enumerate(file.chains.values()):
        told |= members(file, chain.for_ or ((ALL,) if at == 0 else ()))
    for name in CLIMBS & file.chains.keys():
        why = f"the engine has an escalation {name!r} itself; choose another id."
        yield RunbookMistake(("chains", name), why)
    for name in file.severities:
        if name not in told:
            why = f"{name} has no chain: nobody would be told. Name it under `for` of one of the chains."
            yield RunbookMistake(("severities", name), why)


def _rules(file: RunbookFile) -> Iterator[RunbookMistake]:
    for name, rule in file.rules.items():
        here = ("rules", name)
        if name in clock_ids(file):
            yield RunbookMistake(here, f"the engine has a clock {name!r} itself; choose another id.")
        if not (rule.tell or rule.escalate or rule.suggest):
            yield RunbookMistake(here, f"{name} does nothing. Give it `tell`, `escalate` or `suggest`.")
        if rule.escalate:
            yield from named("chain", (*here, "escalate"), (rule.escalate,), file.chains, alone=True)
        if rule.suggest:
            levels = (*file.severities, WORST)
            yield from named("severity", (*here, "suggest"), (rule.suggest,), levels, alone=True)
        if rule.for_ and set(rule.after) - {ALL}:
            why = f"{name} is for the severities that `after` names. Take `for` out, or write one `after`."
            yield RunbookMistake((*here, "for"), why)


def _people(file: RunbookFile) -> Iterator[RunbookMistake]:
    known = (*sorted(titles(file)), EVERYBODY, RESPONDERS, *file.roles)
    for name, rule in file.rules.items():
        yield from titled(("rules", name, "tell"), rule.tell, known)
    for at, invited in enumerate(file.review.meeting.invite if file.review.meeting else ()):
        yield from titled(("review", "meeting", "invite", at), (invited.title,), known, alone=True)
    yield from titled(("review", "reviewers"), file.review.reviewers, known)
    for name, routine in file.routines.items():
        yield from titled(("routines", name, "to"), routine.to, known)
    for name, role in file.roles.items():
        yield from named("role", ("roles", name, "not"), role.not_, file.roles)


def _voices(file: RunbookFile) -> Iterator[RunbookMistake]:
    for name, voice in file.voices.items():
        here = ("voices", name)
        yield from named("channel", (*here, "to"), voice.to, (ISSUE, *file.channels))
        if "speaker" in voice.model_fields_set:  # else whoever responds, where nobody commands
            yield from named("role", (*here, "speaker"), (voice.speaker,), file.roles, alone=True)
        if voice.approve:
            yield from named("role", (*here, "approve"), (voice.approve,), file.roles, alone=True)
            if not voice.public:
                why = "`approve` needs `public: true`: what is not public is said at once."
                yield RunbookMistake((*here, "approve"), why)
        moments = {moment for key in voice.at for moment in spoken_at(key)}
        for key in voice.at:
            yield from named("moment", (*here, "at", key), spoken_at(key), (*MOMENTS, "update"), alone=True)
        if voice.every and "update" not in moments:
            why = f"{name} speaks again and again, and has no text for `update`: add one under `at`."
            yield RunbookMistake((*here, "every"), why)


def _rest(file: RunbookFile) -> Iterator[RunbookMistake]:
    for name in file.contacts:
        if name in (EVERYBODY, RESPONDERS):
            why = f"{name} stands for people of the incident; choose another title."
            yield RunbookMistake(("contacts", name), why)
    worse: tuple[str, Period] | None = None
    for name, one in file.severities.items():
        if worse is not None and surely_shorter(one.response, worse[1]):
            why = f"{name} is answered within {one.response}, sooner than {worse[0]} with {worse[1]}."
            yield RunbookMistake(("severities", name, "response"), why, warning=True)
        worse = (name, one.response)


def _items(file: RunbookFile) -> Iterator[RunbookMistake]:
    """A path under ``items`` leads to a line of the runbook."""
    data = file.model_dump(by_alias=True)
    for number, paths in file.items.items():
        for path in paths:
            if path != ENGINE and not leads(data, path):
                yield RunbookMistake(
                    ("items", number),
                    f"{path!r} leads nowhere; write a path such as lists.during, or engine.",
                )
