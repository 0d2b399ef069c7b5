"""What a runbook promises, worked out anew from its file and from what people did: an oracle for the clock.

It reads the YAML as it was written (with the engine's defaults beside it) and the facts of the record in
their order. It imports no clock, no calendar and no compiled deadline of the engine. At any point of the
record it says who has to be told of what now.

Covered: chains (level 1, the climb, the repeated last level, several missed levels that collapse into the
highest), `response`, rules with `tell` or `escalate` (`after`, `from`, `until`, each raising of a flag),
people called by `/escalate`, `target`, the clocks of roles, what voices owe (`every`), drafts that wait,
silence, the end of the monitoring, the reminder and the due date of the post-mortem, lists with `due`; each
with `for` and values by severity, severities that change, incidents that are reopened, the all-clear, and
whom each is for by title, role, chain and settings. And that no voice keeps back what it has to say.

Taken from the record as it stands, and not judged: who has which role and to whom it is proposed, what voices
said, and whether a command was accepted. Of lists it knows only whether a step without `done` and `run` is
left unticked: with none left, their reminders are neither asked for nor refused. Not covered: `when` with
`fix: rollback`, `fix: hotfix` or `measured`, `suggest`, smoke runs, drills, duplicates, contacts outside
their hours, and what texts say beside names, logins and times.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from allclear.core.policy.settings import Settings
from allclear.core.record.audit import Helped, Refused
from allclear.core.record.entry import Entry
from allclear.core.record.facts import Fact
from allclear.core.record.findings import Found
from allclear.core.record.life import Cleared, Declared, Reopened, Resolved, SeveritySet, StatusSet
from allclear.core.record.people import Acknowledged, RoleLeft, RoleProposed, RoleSet, RolesReleased
from allclear.core.record.postmortem import PostmortemPublished
from allclear.core.record.progress import Escalated, Fired, Flagged, Ticked, Unflagged, Unticked
from allclear.core.record.voices import Drafted, Spoken
from proof.month.wall_clock import WallClock, a_third

RESPONDERS = "responders"
NEVER = datetime.min.replace(tzinfo=UTC)
NOON = datetime(2026, 1, 12, 12, tzinfo=UTC)
"""A Monday on which no clock changes: lengths of time are compared from there."""
MOMENTS = ("declared", "acknowledged", "identified", "mitigated", "resolved", "all-clear", "published")
ENDINGS = ("resolved", "all-clear", "published")
STATES = {"identified": "identified", "monitoring": "mitigated", "resolved": "resolved"}
"""The states that reach a moment."""


@dataclass
class Speech:
    """What a voice said in this interval."""

    said: set[str] = field(default_factory=set)
    last: datetime | None = None
    draft: str = ""
    since: datetime | None = None


@dataclass
class Facts:
    """What happened to an incident, as far as promises depend on it. Times are UTC."""

    severity: str = ""
    since: datetime = NEVER
    """Since when the incident stands as it does: nothing was owed sooner."""
    opened: datetime = NEVER
    interval: int = 0
    stage: str = ""
    status: str = "investigating"
    reached: dict[str, datetime] = field(default_factory=dict)
    reporter: str = ""
    responders: list[str] = field(default_factory=list)
    roles: dict[str, list[str]] = field(default_factory=dict)
    proposed: dict[str, str] = field(default_factory=dict)
    released: bool = False
    flags: dict[str, tuple[str, datetime]] = field(default_factory=dict)
    heard: set[str] = field(default_factory=set)
    before: set[str] | None = None
    """Who had heard before the breath in which something is being said; None between two."""
    word: datetime = NEVER
    ticks: set[str] = field(default_factory=set)
    calls: list[tuple[datetime, tuple[str, ...], int]] = field(default_factory=list)
    voices: dict[str, Speech] = field(default_factory=dict)
    told: list[tuple[str, str, datetime]] = field(default_factory=list)
    """Promises that were kept in this interval: id, mark, when."""

    @property
    def here(self) -> set[str]:
        """Everybody at work, by login."""
        return {*self.responders, *(who for holders in self.roles.values() for who in holders), self.reporter}

    def take(self, entry: Entry) -> None:
        """One more entry of the record, which is no promise kept."""
        self.before = None
        took_part = any(not isinstance(fact, Refused | Helped) for fact in entry.facts)
        if entry.by is not None and (took_part or entry.by.login in self.here):
            self.word = max(self.word, entry.at)
        for fact in entry.facts:
            self._take(fact, entry)

    def _take(self, fact: Fact, entry: Entry) -> None:  # noqa: C901, PLR0912, PLR0915 - one arm a fact
        at = entry.at
        match fact:
            case Declared():
                self.severity, self.opened, self.since, self.stage = fact.severity, at, at, "open"
                self.reached = {"declared": at}
                self.reporter = entry.by.login if entry.by else ""
            case Acknowledged():
                self.reached.setdefault("acknowledged", at)
                self._responds(fact.by.login)
            case SeveritySet():
                self.severity, self.since = fact.to, at
            case StatusSet():
                order = list(STATES)
                later = order[order.index(fact.to) + 1 :] if fact.to in order else order
                if fact.to == "mitigating":
                    later = ["monitoring", "resolved"]
                for state in later:
                    self.reached.pop(STATES[state], None)
                    self.since = at
                if fact.to in STATES:
                    self.reached.setdefault(STATES[fact.to], at)
            case Found(root_cause=str(cause)) if cause:
                self.reached.setdefault("identified", at)
            case Resolved() | Cleared():
                for moment in ("mitigated", "resolved"):
                    self.reached.setdefault(moment, at)
                if isinstance(fact, Cleared):
                    self.stage, self.reached["all-clear"] = "closed", at
            case Reopened():
                if self.released:
                    self.roles, self.proposed, self.released = {}, {}, False
                self.stage, self.opened, self.since, self.interval = "open", at, at, self.interval + 1
                self.reached = {"declared": at}
                self.heard, self.ticks, self.calls, self.voices, self.told = set(), set(), [], {}, []
            case RolesReleased():
                self.released = True
            case RoleSet(person=None):
                self.roles.pop(fact.role, None)
                self.proposed[fact.role] = ""
            case RoleSet():
                assert fact.person is not None
                before = self.roles.get(fact.role, []) if fact.beside else []
                self.roles[fact.role] = [*before, fact.person.login]
                self._responds(fact.person.login)
            case RoleLeft():
                self.roles[fact.role] = [one for one in self.roles[fact.role] if one != fact.person.login]
                if not self.roles[fact.role]:
                    del self.roles[fact.role]
            case RoleProposed():
                self.proposed[fact.role] = fact.login
                self.heard |= {fact.title.lower()} - {""}
            case Flagged():
                self.flags.setdefault(fact.flag, (entry.key, at))
            case Unflagged():
                self.flags.pop(fact.flag, None)
            case Escalated():
                self.calls.append((at, fact.to, fact.level))
                self.heard |= {title.lower() for title in fact.to}
            case Ticked():
                self.ticks.add(fact.step)
            case Unticked():
                self.ticks.discard(fact.step)
            case Spoken():
                speech = self.voices.setdefault(fact.voice, Speech())
                speech.said |= {fact.moment, *fact.passed}
                speech.last, speech.draft, speech.since = at, "", None
            case Drafted():
                speech = self.voices.setdefault(fact.voice, Speech())
                speech.said |= set(fact.passed)
                if fact.moment in ENDINGS and speech.draft not in ENDINGS:
                    speech.since = None  # The older text is outdated.
                speech.draft, speech.since = fact.moment, speech.since or at
            case PostmortemPublished():
                self.reached["published"] = fact.at
            case _:
                pass

    def _responds(self, login: str) -> None:
        if login not in self.responders:
            self.responders.append(login)


@dataclass(frozen=True)
class Promise:
    """Something that is owed. ``mark`` tells those of one id apart; ``due`` (UTC) is when, and ``since`` from
    when on it could be asked for. ``sure`` False: perhaps nothing is owed.
    """

    id: str
    due: datetime
    titles: tuple[str, ...] = ()
    mark: str = ""
    ladder: str = ""
    level: int = 0
    chain: str = ""
    aim: str = ""
    sure: bool = True
    again: bool = False


@dataclass(frozen=True)
class Owed:
    """What has to be said in one breath: the highest of several promises, with the lower ones.

    ``titles``: everybody whom any of them is for.
    """

    top: Promise
    all: tuple[Promise, ...]
    titles: tuple[str, ...]

    @property
    def known_by(self) -> tuple[str, datetime, tuple[str, ...]]:
        """By id, due time and the ids of what it covers."""
        return (self.top.id, self.top.due, tuple(sorted(one.id for one in self.all if one is not self.top)))


class Promises:
    """The promises of one runbook. ``file``: as it was written, with the defaults of the engine; ``numbers``:
    those of the engine for severities that name none.
    """

    def __init__(self, file: Mapping[str, Any], numbers: Mapping[str, Any], settings: Settings) -> None:
        self.file = file
        self.numbers = numbers
        self.settings = settings
        self.clock = WallClock(ZoneInfo(file.get("zone", "UTC")), file.get("calendars", {}))
        self.levels = list(file["severities"])

    def owed(self, facts: Facts, now: datetime, *, sure: bool = False) -> list[Owed]:
        """Everything that has to be said now, in the order of what was due first. ``sure``: without what
        perhaps nobody asks for.
        """
        late = sorted(
            (
                one
                for one in self._promises(facts, now)
                if one.due <= now and one.sure >= sure and not self._kept(one, facts)
            ),
            key=lambda one: (one.due, one.id),
        )
        found = []
        heard = set(facts.heard)
        for ladder in dict.fromkeys(one.ladder or one.id for one in late):
            steps = [one for one in late if (one.ladder or one.id) == ladder]
            for together in [[one] for one in steps] if ladder == "called" else [steps]:
                group = sorted(together, key=lambda one: (one.level, one.due))
                titles: list[str] = []
                for one in group:
                    more = self._titles(one, facts, heard)
                    heard |= {title.lower() for title in more}
                    titles += more
                found.append(Owed(group[-1], tuple(group), tuple(dict.fromkeys(titles))))
        return found

    def keep(self, owed: Owed, facts: Facts, now: datetime) -> None:
        """It was said."""
        facts.before = set(facts.heard) if facts.before is None else facts.before
        facts.told += [(one.id, one.mark, now) for one in owed.all]
        facts.heard |= {title.lower() for title in owed.titles}
        if owed.top.id == "called":
            facts.calls.remove((owed.top.due, owed.top.titles, owed.top.level))

    def logins(self, owed: Owed, facts: Facts) -> set[str]:
        """Who has to be notified: who stands behind its titles, else the first responder."""
        found = {login for title in owed.titles for login in self._behind(title, facts)}
        first = self._chains(facts.severity)[0][1][0]
        return found or {login for title in first for login in self._behind(title, facts)}

    def silent(self, facts: Facts) -> list[str]:
        """The voices that have something to say and did not."""
        if facts.stage not in ("open", "closed"):
            return []
        return [name for name, voice in self.file["voices"].items() if self._holds_back(name, voice, facts)]

    def _holds_back(self, name: str, voice: Mapping[str, Any], facts: Facts) -> bool:
        texts = {moment.strip() for key in voice["at"] for moment in key.split(",")}
        reached = [one for one in MOMENTS if one in texts and one in facts.reached]
        speaks = self._for(voice, facts.severity) and bool(self._since(voice, facts))
        speech = facts.voices.get(name, Speech())
        if not (speech.said or speech.last or speech.draft):
            opens = bool(texts - set(ENDINGS) - {"update"})
            return speaks and bool(reached) and not (opens and set(ENDINGS) & set(reached))
        # What was before something that it said is said no more.
        last = max((MOMENTS.index(one) for one in speech.said if one in MOMENTS), default=-1)
        left = [one for one in reached if MOMENTS.index(one) > last and one != speech.draft]
        if not speaks:
            left = [one for one in left if one in ENDINGS]
        if speech.draft:
            left = [one for one in left if MOMENTS.index(one) > MOMENTS.index(speech.draft)]
        return bool(left)

    # -- what there is

    def _promises(self, facts: Facts, now: datetime) -> Iterator[Promise]:
        if facts.stage == "open":
            yield from self._climbs(facts, now)
            yield from self._rules(facts)
            yield from self._roles(facts)
            yield from self._words(facts, now)
            yield from self._silence(facts, now)
            yield from self._target(facts)
            yield from self._window(facts)
            yield from (Promise("called", at, to, f"{at}", "called", n) for at, to, n in facts.calls)
        if facts.stage in ("open", "closed"):
            yield from self._review(facts, now)
            yield from self._lists(facts, now)
            yield from self._drafts(facts, now)

    def _climbs(self, facts: Facts, now: datetime) -> Iterator[Promise]:
        """Who is told at the declaration, who after each step, and who is reminded."""
        written = self.file["severities"][facts.severity]
        rhythm = written.get("escalate") or written["response"]
        unanswered = not {"acknowledged", "mitigated"} & facts.reached.keys()
        for name, levels in self._chains(facts.severity):
            first = {title.lower() for title in levels[0]}
            called = facts.heard if "acknowledged" in facts.reached else self._called_for_worse(facts)
            if not first <= called:
                yield Promise(f"{name}-1", facts.opened, tuple(levels[0]), ladder=name, level=1)
            if rhythm == "by hand" or not unanswered:
                continue
            for number, titles in enumerate(levels[1:], start=2):
                if number < len(levels):
                    due = self.clock.again(rhythm, facts.opened, number - 1)
                    yield Promise(f"{name}-{number}", due, tuple(titles), ladder=name, level=number)
            least = max(1, len(levels) - 1)
            times = max(least, self.clock.latest(rhythm, facts.opened, now))
            last = f"{name}-{len(levels)}" if len(levels) > 1 else f"{name}-again"
            due = self.clock.again(rhythm, facts.opened, times)
            yield Promise(last, due, tuple(levels[-1]), ladder=name, level=len(levels), again=True)
        if unanswered:
            due = self.clock.after(written["response"], facts.opened)
            own = self._chains(facts.severity)[0][0]
            yield Promise("response", due, ladder=own, level=1, aim="told")

    def _called_for_worse(self, facts: Facts) -> set[str]:
        """Whom a chain has told in this interval that is for worse severities only."""
        at, told = self.levels.index(facts.severity), {name for name, _, _ in facts.told}
        found = set[str]()
        for level in self.levels[:at]:
            for name, levels in self._chains(level):
                if all(name not in dict(self._chains(other)) for other in self.levels[at:]):
                    for number, titles in enumerate(levels, start=1):
                        found |= {one.lower() for one in titles} if f"{name}-{number}" in told else set()
        return found

    def _rules(self, facts: Facts) -> Iterator[Promise]:
        for name, rule in self.file["rules"].items():
            if not (rule.get("tell") or rule.get("escalate")) or not self._for(rule, facts.severity):
                continue
            after = self._chosen(rule.get("after", "0m"), facts.severity)
            start = facts.reached.get(rule.get("from", "declared"))
            if after is None or start is None or rule.get("until", "resolved") in facts.reached:
                continue
            # Nobody is called to answer for a production that is restored.
            if rule.get("until") == "acknowledged" and "mitigated" in facts.reached:
                continue
            for mark, since in self._since(rule, facts):
                due = max(self.clock.after(after, start if "from" in rule else max(start, since)), since)
                aim, chain = ("next", rule["escalate"]) if rule.get("escalate") else ("", "")
                yield Promise(name, due, tuple(_listed(rule.get("tell"))), mark, aim=aim, chain=chain)

    def _roles(self, facts: Facts) -> Iterator[Promise]:
        for name, role in self.file["roles"].items():
            within = self._number(self._chosen(role.get("within"), facts.severity), facts.severity)
            if not within or not self._for(role, facts.severity) or name in facts.roles:
                continue
            if "resolved" in facts.reached:
                continue
            to = (*_listed(role.get("primary")), *_listed(role.get("backup")))
            for mark, since in self._since(role, facts):
                due = max(self.clock.after(within, max(facts.opened, since)), since)
                yield Promise(f"{name}-filled", due, to, mark, aim="" if to else "first")

    def _words(self, facts: Facts, now: datetime) -> Iterator[Promise]:
        """What voices owe again and again."""
        for name, voice in self.file["voices"].items():
            rhythm = self._rhythm(voice, facts.severity)
            texts = {moment.strip() for key in voice["at"] for moment in key.split(",")}
            speaks = self._for(voice, facts.severity) and "update" in texts
            if not rhythm or not speaks or "resolved" in facts.reached:
                continue
            if facts.voices.get(name, Speech()).draft:  # It is asked for by its own clock.
                continue
            last = max(facts.voices.get(name, Speech()).last or facts.opened, facts.opened)
            to = (self._title(voice.get("speaker", "ic")), RESPONDERS)
            for mark, since in self._since(voice, facts):
                start = max(last, since)
                yield self._repeated(f"{name}-update", rhythm, start, now, to, mark or f"{start}")

    def _drafts(self, facts: Facts, now: datetime) -> Iterator[Promise]:
        for name, voice in self.file["voices"].items():
            speech = facts.voices.get(name, Speech())
            since, ending = speech.since, speech.draft in ENDINGS
            if since is None or "published" in facts.reached or ("resolved" in facts.reached and not ending):
                continue
            rhythm = self._rhythm(voice, facts.severity) if self._for(voice, facts.severity) else None
            to = (self._title(voice.get("speaker", "ic")), self._title(voice.get("approve", "ic")))
            often = f"{rhythm or '30m'}, then 1d after 4h"
            yield self._repeated(f"{name}-draft", often, since, now, to, f"{since}")

    def _silence(self, facts: Facts, now: datetime) -> Iterator[Promise]:
        """Asked for while nothing else insists on an answer."""
        written = self.file["severities"][facts.severity]
        span = self._silence_span(written, facts.severity)
        climbs = self._chains(facts.severity) and written.get("escalate") != "by hand"
        if not span or (climbs and not {"acknowledged", "mitigated"} & facts.reached.keys()):
            return
        start = max(facts.word, facts.opened, self._window_end(facts) or facts.opened)
        if "acknowledged" not in facts.reached:  # Nobody has to speak before somebody has to respond.
            start = max(start, self.clock.after(written["response"], facts.opened))
        to, mark = (self._title("ic"),), f"{start}"
        for number, aim in enumerate(("", "first", "next")):
            times = number + 1
            if number == 2:
                times = max(times, self.clock.latest(span, start, now))
            due = self.clock.after(span, start, times)
            yield Promise(
                f"silence-{number + 1}", due, to, mark, "silence", number, aim=aim, again=number == 2
            )

    def _silence_span(self, written: Mapping[str, Any], level: str) -> str | None:
        """Where the runbook names none, people need not speak more often than they owe updates."""
        span: str | None = self._own("silence", level)
        owed = written.get("update", "none")
        if not span or "silence" in written or owed in ("none", "by hand"):
            return span
        last = re.sub(r".*then | after .*", "", owed)
        return max(span, last, key=lambda one: self.clock.after(one, NOON))

    def _target(self, facts: Facts) -> Iterator[Promise]:
        target = self.file["severities"][facts.severity].get("target")
        if target and "mitigated" not in facts.reached:
            yield Promise("target", self.clock.after(target, facts.opened), (self._title("tech"),))

    def _window_end(self, facts: Facts) -> datetime | None:
        watch = self._own("watch", facts.severity)
        fixed = facts.reached.get("mitigated")
        span = watch["fix-forward"] if isinstance(watch, Mapping) else watch
        return self.clock.after(span, fixed) if span and fixed else None

    def _window(self, facts: Facts) -> Iterator[Promise]:
        end = self._window_end(facts)
        if end is not None:
            yield Promise("monitoring-over", end, (self._title("ic"), RESPONDERS), f"{end}")

    def _review(self, facts: Facts, now: datetime) -> Iterator[Promise]:
        span, start = self._own("review", facts.severity), facts.reached.get("resolved")
        if not span or start is None or "published" in facts.reached:
            return
        to = (self._title("ic"), RESPONDERS)
        if not (span.startswith(("1 ", "next"))):
            third = self.clock.after(a_third(span), start)
            yield Promise("review-reminder", third, to, ladder="review", level=1)
        due = self._daily(self.clock.after(span, start), now)
        yield Promise("review-due", due, to, ladder="review", level=2, again=True)

    def _lists(self, facts: Facts, now: datetime) -> Iterator[Promise]:
        for name, one in self.file["lists"].items():
            due = self._chosen(one.get("due"), facts.severity)
            within = self._number(due, facts.severity)
            opens = one.get("opens", "declared")
            start = facts.reached.get(opens)
            if not self._for(one, facts.severity) or start is None:
                continue
            if (facts.stage == "closed" or not within) and opens not in ENDINGS:
                continue
            if not within:
                yield from self._undated(name, one, facts, start, now)
                continue
            to = (self._title(one["role"]),) if "role" in one else (self._title("ic"), RESPONDERS)
            sure = self._unticked(one, facts)
            for mark, since in self._since(one, facts):
                first = self.clock.after(within, max(start, since))
                at = self._daily(first, now)
                ladder = "review" if due == "review" else ""
                yield Promise(f"{name}-list", at, to, mark, ladder, 0, sure=sure, again=True)

    def _undated(
        self, name: str, one: Mapping[str, Any], facts: Facts, start: datetime, now: datetime
    ) -> Iterator[Promise]:
        """A list for afterwards without a date of its own: a week after it opened, and each week."""
        to = (self._title(one.get("role", "ic")),)
        for mark, since in self._since(one, facts):
            first = self.clock.after("7d", max(start, since))
            at = self.clock.again("7d", first, self.clock.latest("7d", first, now))
            yield Promise(f"{name}-left", at, to, mark, sure=self._unticked(one, facts), again=True)

    def _unticked(self, one: Mapping[str, Any], facts: Facts) -> bool:
        """Whether a step is left that only people can tick."""
        for name, written in one["steps"].items():
            step = {"text": written} if isinstance(written, str) else written
            if step.keys() & {"done", "run", "optional"} or name in facts.ticks:
                continue
            if self._for(step, facts.severity) and self._since(step, facts):
                return True
        return False

    # -- how it is written

    def _kept(self, one: Promise, facts: Facts) -> bool:
        return any(
            (name, mark) == (one.id, one.mark) and (not one.again or at >= one.due)
            for name, mark, at in facts.told
        )

    def _repeated(
        self, name: str, rhythm: str, start: datetime, now: datetime, to: tuple[str, ...], mark: str
    ) -> Promise:
        times = max(1, self.clock.latest(rhythm, start, now))
        return Promise(name, self.clock.again(rhythm, start, times), to, mark, again=True)

    def _daily(self, first: datetime, now: datetime) -> datetime:
        """That time, or the last day's at the same time."""
        return self.clock.again("1d", first, self.clock.latest("1d", first, now))

    def _since(self, written: Mapping[str, Any], facts: Facts) -> list[tuple[str, datetime]]:
        """Since when its condition holds, each raising of a flag by itself."""
        when = written.get("when", {})
        start = facts.opened
        if "fix" in when:
            fixed = facts.reached.get("mitigated")
            if when["fix"] != "fix-forward" or fixed is None:
                return []
            start = fixed
        if "flag" not in when:
            return [("", max(start, facts.opened))]
        raised = [facts.flags[flag] for flag in _listed(when["flag"]) if flag in facts.flags]
        return [(key, max(at, start, facts.opened)) for key, at in raised]

    def _members(self, name: str) -> list[str]:
        groups = {"all": self.levels, "major": self.levels[:2], "minor": self.levels[2:]}
        return groups.get(name, [name])

    def _for(self, written: Mapping[str, Any], level: str) -> bool:
        return any(level in self._members(name) for name in _listed(written.get("for", "all")))

    def _chosen(self, value: Any, level: str) -> str | None:
        """The value of a severity: its own, else its class', else that of all."""
        found: str | None
        if not isinstance(value, Mapping):
            found = value
            return found
        group = "major" if level in self.levels[:2] else "minor"
        found = next((value[name] for name in (level, group, "all") if name in value), None)
        return None if found == "none" else found

    def _number(self, value: str | None, level: str) -> str | None:
        """A number by its name is the severity's own."""
        found = value
        if value in ("response", "update", "evidence"):
            found = self.file["severities"][level].get(value)
        elif value in ("watch", "review"):
            found = self._own(value, level)
        return found

    def _own(self, name: str, level: str) -> Any:
        """What the severity says, else what the engine does."""
        said = self.file["severities"][level].get(name)
        if said is not None:
            return None if said == "none" else said
        found = self._chosen(self.numbers[name], level)
        if found and found.endswith("office days") and "office" not in self.file.get("calendars", {}):
            return found.replace(" office days", "d")
        return found

    def _rhythm(self, voice: Mapping[str, Any], level: str) -> str | None:
        every = self._number(self._chosen(voice.get("every"), level), level)
        return None if every in ("by hand", "none") else every

    def _chains(self, level: str) -> list[tuple[str, list[list[str]]]]:
        """The chains that climb for this severity: ids and levels."""
        found = []
        for number, (name, written) in enumerate(self.file["chains"].items()):
            chain = written if isinstance(written, Mapping) else {"levels": written}
            nobody: list[str] = [] if number else ["all"]
            if any(level in self._members(one) for one in _listed(chain.get("for", nobody))):
                found.append((name, [_listed(one) for one in chain["levels"]]))
        return found

    def _chain(self, name: str, level: str) -> list[list[str]]:
        written = self.file["chains"].get(name)
        if written is None:
            return self._chains(level)[0][1]
        levels = written["levels"] if isinstance(written, Mapping) else written
        return [_listed(one) for one in levels]

    def _titles(self, one: Promise, facts: Facts, heard: set[str]) -> list[str]:
        """Whom it is for, when so many heard of the incident."""
        if not one.aim:
            return list(one.titles)
        levels = self._chain(one.chain, facts.severity)
        if one.aim == "first":
            return [*one.titles, *levels[0]]
        if one.aim == "told":
            # Who is told at the same time by something else needs no reminder of it.
            known = facts.heard if facts.before is None else facts.before
            return [title for level in levels for title in level if title.lower() in known] or levels[0]
        fresh = [level for level in levels if not {title.lower() for title in level} <= heard]
        return [*one.titles, *(fresh or levels[-1:])[0]]

    def _title(self, role: str) -> str:
        """What people call a role; those who respond, where the runbook does not have it."""
        found = self.file["roles"].get(role)
        if found is None:
            return RESPONDERS
        words = role.replace("-", " ")
        return str(found.get("title") or words[:1].upper() + words[1:])

    def _behind(self, title: str, facts: Facts) -> list[str]:
        """The logins behind a title: who responds, who has the role, who is meant for it, whom the settings
        name.
        """
        wanted = title.lower()
        if wanted == RESPONDERS:
            return facts.responders
        for name, role in self.file["roles"].items():
            if wanted in (name, self._title(name).lower()):
                proposed = [facts.proposed[name]] if facts.proposed.get(name) else []
                primary = [who for one in _listed(role.get("primary")) for who in self.settings.holders(one)]
                backup = [who for one in _listed(role.get("backup")) for who in self.settings.holders(one)]
                found = facts.roles.get(name) or proposed or primary or backup
                if found:
                    return found
        if wanted == "all hands":
            return list(self.settings.named)
        return list(self.settings.holders(title))


def _listed(value: Any) -> list[Any]:
    """One or several, as several."""
    if value is None:
        return []
    return list(value) if isinstance(value, list | tuple) else [value]


def lateness(said: datetime, owed: Owed, facts: Facts) -> timedelta:
    """How long after it could first be asked for it was said."""
    return said - max(owed.top.due, facts.since)


def kept(entry: Entry) -> Fired | None:
    """The promise that an entry keeps; None when it is about something else."""
    return next((fact for fact in entry.facts if isinstance(fact, Fired)), None)
