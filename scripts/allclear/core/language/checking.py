"""What is wrong with a written runbook, each with its place in the file."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from allclear.core.calendar.calendar import Calendars
from allclear.core.calendar.period import Period, surely_shorter
from allclear.core.calendar.recurrence import Recurrence
from allclear.core.calendar.rhythm import Rhythm
from allclear.core.language.clock_ids import CLIMBS, clock_ids
from allclear.core.language.document import RunbookFile
from allclear.core.language.done import read_done
from allclear.core.language.entries import WrittenWhen
from allclear.core.language.lists import UNHELD, WrittenList, WrittenStep
from allclear.core.language.paths import leads
from allclear.core.language.selection import ALL, MAJOR, MINOR, WORST, Levels
from allclear.core.model.people import EVERYBODY, RESPONDERS
from allclear.core.model.times import zone
from allclear.core.policy.checklists import MOMENTS, Done

Where = tuple[str | int, ...]

ISSUE = "issue"
"""The channel that is always there."""
ENGINE = "engine"
"""What ``items`` says of a rule that needs no line."""


@dataclass(frozen=True, slots=True)
class RunbookMistake:
    """``why`` is one sentence about what stands at ``where``. ``warning``: it works, and is hardly meant;
    ``row``: so many lines below it.
    """

    where: Where
    why: str
    warning: bool = False
    row: int = 0


def mistakes(file: RunbookFile) -> Iterator[RunbookMistake]:
    """Everything in this runbook that names what is not there, or that could never happen."""
    yield from _severities(file)
    yield from _times(file)
    yield from _conditions(file)
    yield from _chains(file)
    yield from _rules(file)
    yield from _people(file)
    yield from _voices(file)
    yield from _lists(file)
    yield from _rest(file)
    yield from _items(file)


def titles(file: RunbookFile) -> frozenset[str]:
    """Everybody whom the runbook introduces: in chains, as primary or backup, among the contacts."""
    found = {title for chain in file.chains.values() for level in chain.levels for title in level}
    found |= {title for role in file.roles.values() for title in (*role.primary, *role.backup)}
    return frozenset(found | file.contacts.keys())


def unknown(kind: str, name: str, known: Collection[str]) -> str:
    """``no flag 'secruity'; did you mean 'security'?``"""
    near = get_close_matches(name, known, 1) or get_close_matches(name.lower(), known, 1)
    there = f"there are {', '.join(known)}" if known else f"the runbook has no {kind}"
    return f"no {kind} {name!r}; " + (f"did you mean {near[0]!r}?" if near else f"{there}.")


def _named(
    kind: str, where: Where, names: Iterable[str], known: Collection[str], *, alone: bool = False
) -> Iterator[RunbookMistake]:
    """Each of these names that is not known. ``alone``: the name is the value itself, not one of a list."""
    for at, name in enumerate(names):
        if name not in known:
            place = where if alone else (*where, name if isinstance(names, Mapping) else at)
            yield RunbookMistake(place, unknown(kind, name, known))


def _selectors(file: RunbookFile) -> tuple[str, ...]:
    return (*file.severities, ALL, MAJOR, MINOR, WORST)


def _severities(file: RunbookFile) -> Iterator[RunbookMistake]:
    known = tuple(file.severities)
    if file.default_severity:
        yield from _named("severity", ("default_severity",), (file.default_severity,), known, alone=True)
    for name, one in file.severities.items():
        yield from _named("measure", ("severities", name, "at_least"), one.at_least, file.measures)
        yield from _named("channel", ("severities", name, "alert"), one.alert, (ISSUE, *file.channels))
    for where, names in _fors(file):
        yield from _named("severity", where, names, _selectors(file))
    for where, values in _by_severity(file):
        for name in values:
            if name not in _selectors(file):
                yield RunbookMistake((*where, name), unknown("severity", name, _selectors(file)))
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


def steps_of(file: RunbookFile) -> Iterator[tuple[Where, WrittenStep]]:
    """Every step of the lists and routines, with its place."""
    for part in ("lists", "routines"):
        for name, one in getattr(file, part).items():
            for step, written in one.steps.items():
                yield (part, name, "steps", step), written


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
        yield from _named("flag", (*where, "flag"), when.flag, file.flags)
        yield from _named("measure", (*where, "measured"), when.measured, file.measures)


def _whens(file: RunbookFile) -> Iterator[tuple[Where, WrittenWhen]]:
    for part in ("rules", "roles", "voices", "lists"):
        for name, one in getattr(file, part).items():
            yield (part, name, "when"), one.when
    for where, step in steps_of(file):
        yield (*where, "when"), step.when
    for at, criterion in enumerate(file.rollback.immediate):
        yield ("rollback", "immediate", at, "when"), criterion.when


def _members(file: RunbookFile, names: Iterable[str]) -> frozenset[str]:
    """The severities that these names stand for; names that are not there stand for none."""
    return frozenset(
        Levels(tuple(file.severities)).selected(name for name in names if name in _selectors(file))
    )


def _chains(file: RunbookFile) -> Iterator[RunbookMistake]:
    told = set[str]()
    for at, chain in enumerate(file.chains.values()):
        told |= _members(file, chain.for_ or ((ALL,) if at == 0 else ()))
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
            yield from _named("chain", (*here, "escalate"), (rule.escalate,), file.chains, alone=True)
        if rule.suggest:
            levels = (*file.severities, WORST)
            yield from _named("severity", (*here, "suggest"), (rule.suggest,), levels, alone=True)
        if rule.for_ and set(rule.after) - {ALL}:
            why = f"{name} is for the severities that `after` names. Take `for` out, or write one `after`."
            yield RunbookMistake((*here, "for"), why)


def _people(file: RunbookFile) -> Iterator[RunbookMistake]:
    known = (*sorted(titles(file)), EVERYBODY, RESPONDERS, *file.roles)
    for name, rule in file.rules.items():
        yield from _titled(("rules", name, "tell"), rule.tell, known)
    for at, invited in enumerate(file.review.meeting.invite if file.review.meeting else ()):
        yield from _titled(("review", "meeting", "invite", at), (invited.title,), known, alone=True)
    yield from _titled(("review", "reviewers"), file.review.reviewers, known)
    for name, routine in file.routines.items():
        yield from _titled(("routines", name, "to"), routine.to, known)
    for name, role in file.roles.items():
        yield from _named("role", ("roles", name, "not"), role.not_, file.roles)


def _titled(
    where: Where, names: Iterable[str], known: Collection[str], *, alone: bool = False
) -> Iterator[RunbookMistake]:
    folded = {name.lower() for name in known}
    for at, name in enumerate(names):
        if name.lower() not in folded:
            near = get_close_matches(name, known, 1)
            hint = (
                f"did you mean {near[0]!r}?"
                if near
                else "put the title into a chain, a role or `contacts`, or write a role's id."
            )
            yield RunbookMistake(where if alone else (*where, at), f"nobody is {name!r}; {hint}")


def _voices(file: RunbookFile) -> Iterator[RunbookMistake]:
    for name, voice in file.voices.items():
        here = ("voices", name)
        yield from _named("channel", (*here, "to"), voice.to, (ISSUE, *file.channels))
        if "speaker" in voice.model_fields_set:  # else whoever responds, where nobody commands
            yield from _named("role", (*here, "speaker"), (voice.speaker,), file.roles, alone=True)
        if voice.approve:
            yield from _named("role", (*here, "approve"), (voice.approve,), file.roles, alone=True)
            if not voice.public:
                why = "`approve` needs `public: true`: what is not public is said at once."
                yield RunbookMistake((*here, "approve"), why)
        moments = {moment for key in voice.at for moment in spoken_at(key)}
        for key in voice.at:
            yield from _named("moment", (*here, "at", key), spoken_at(key), (*MOMENTS, "update"), alone=True)
        if voice.every and "update" not in moments:
            why = f"{name} speaks again and again, and has no text for `update`: add one under `at`."
            yield RunbookMistake((*here, "every"), why)


def spoken_at(key: str) -> tuple[str, ...]:
    """The moments of a voice's text: ``declared, update`` are two."""
    return tuple(part.strip() for part in key.split(","))


def _lists(file: RunbookFile) -> Iterator[RunbookMistake]:
    seen = dict[str, str]()
    for name, one in file.lists.items():
        here = ("lists", name)
        if one.role:
            yield from _named("role", (*here, "role"), (one.role,), file.roles, alone=True)
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
                yield from _named("role", place, (written.role,), file.roles, alone=True)
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
        yield from _titled(place, done.names, (*sorted(titles(file)), EVERYBODY, *file.roles), alone=True)
    if done.kind == "role":
        yield from _named("role", place, done.names, file.roles, alone=True)
        for name in done.names:
            if name in file.roles:
                yield from _asked_where(file, where, step, f"the role {name}", file.roles[name].for_)
    if done.kind == "said":
        yield from _said(file, where, step, done)


def _said(file: RunbookFile, where: Where, step: WrittenStep, done: Done) -> Iterator[RunbookMistake]:
    """A step that a voice does has to be asked for only where that voice speaks."""
    place = (*where, "done")
    (name,) = done.names
    yield from _named("voice", place, (name,), file.voices, alone=True)
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
    asked = _members(file, step.for_) & _members(file, around.for_ if around else (ALL,))
    missing = [level for level in file.severities if level in asked - _members(file, there)]
    if missing:
        why = f"{what} is not there for {', '.join(missing)}: give the step or its list a `for`."
        yield RunbookMistake((*where, "done"), why)


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
