"""What voices say: which text is due, the values it names, and the words that come of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from msgspec import Struct

from allclear.core.calendar.words import in_words, minutes_in_words
from allclear.core.clock.checklist import failing
from allclear.core.clock.condition import holding
from allclear.core.clock.done import passed_at
from allclear.core.clock.durations import durations
from allclear.core.clock.step_text import short_name
from allclear.core.conversation.command import CommandContext
from allclear.core.language.wording import PUBLIC, filled, role_value, stand_ins
from allclear.core.model.milestones import Milestone
from allclear.core.model.neutral import in_lines, inline, plain
from allclear.core.model.slug import spelt
from allclear.core.policy.deadline import Condition
from allclear.core.policy.runbook import Runbook
from allclear.core.policy.settings import Settings
from allclear.core.policy.voices import ENDINGS, UPDATE, Voice
from allclear.core.record.incident import Incident, Speech, Stage
from allclear.core.view.meeting import meeting_owed

MOMENTS: Mapping[str, Milestone] = {
    "declared": "declared",
    "acknowledged": "acknowledged",
    "identified": "identified",
    "mitigated": "mitigated",
    "resolved": "resolved",
    "all-clear": "closed",
    "published": "published",
}
"""The moments of a runbook, in their order, and what of the record they are."""

MOMENTS_ORDER = {moment: at for at, moment in enumerate(MOMENTS)}

FENCE = "`" * 5

NOBODYS = Voice(id="", severities=())
"""For texts that are no voice's: what a rule says."""

LONGEST = 4000
"""Characters of one value that somebody typed."""


class Occasion(Struct, frozen=True):
    """Under which runbook and settings a text is said, in which zone, at what time (UTC), and the issue's
    address.
    """

    runbook: Runbook
    settings: Settings
    zone: ZoneInfo
    link: str
    at: datetime

    @classmethod
    def of(cls, context: CommandContext) -> Occasion:
        """The occasion on which a command is answered."""
        link = f"{context.repository.url}/issues/{context.incident.number}"
        return cls(context.runbook, context.settings, context.zone, link, context.at)


class Due(Struct, frozen=True):
    """The moment whose text is said next. ``passed``: those that are older, and are said no more."""

    moment: str
    passed: tuple[str, ...] = ()


def speaks(voice: Voice, incident: Incident) -> bool:
    """Whether its severity and its condition hold."""
    if incident.severity not in voice.severities:
        return False
    return voice.when == Condition() or bool(holding(incident, voice.when))


def due(voice: Voice, incident: Incident) -> Due | None:
    """What this voice has to say now; None when it is silent.

    It begins with its first text, however late. Of several newer moments it says the newest. Who has spoken
    also ends, though its condition holds no longer; who had nothing to say before the end says nothing then.
    What was before the runbook that has this voice applied was said by the other one, in its own way.
    """
    if incident.stage not in (Stage.OPEN, Stage.CLOSED) or incident.kind == "retro":
        return None
    reached, earlier = _reached(voice, incident)
    speech = incident.voices.get(voice.id, Speech())
    begun = bool(speech.said) or speech.last is not None or speech.draft is not None
    active = speaks(voice, incident)
    over = any(moment in ENDINGS for moment in reached)
    if begun:
        reached = [*earlier, *reached]
    elif not earlier:
        if not active or not reached or (voice.opens and over):
            return None
        # Of several ends it says the last: what is over at once was not resolved first.
        first, *newer = reversed(reached) if over else reached
        return Due(first, tuple(newer))
    waiting = speech.draft.moment if speech.draft is not None else ""
    last = max((MOMENTS_ORDER.get(moment, -1) for moment in speech.said), default=-1)
    fresh = [moment for moment in reached if MOMENTS_ORDER[moment] > last and moment != waiting]
    if not active:
        fresh = [moment for moment in fresh if moment in ENDINGS]
    if waiting in MOMENTS_ORDER:
        fresh = [moment for moment in fresh if MOMENTS_ORDER[moment] > MOMENTS_ORDER[waiting]]
    return Due(fresh[-1], tuple(fresh[:-1])) if fresh else None


def _reached(voice: Voice, incident: Incident) -> tuple[list[str], list[str]]:
    """The moments that this voice has a text for, and that were reached: under this runbook, and before."""
    since = incident.runbook.since
    times = {
        moment: at
        for moment, milestone in MOMENTS.items()
        if moment in voice.at and (at := incident.reached(milestone)) is not None
    }
    earlier = [moment for moment, at in times.items() if since is not None and at < since]
    return [moment for moment in times if moment not in earlier], earlier


def updating(incident: Incident, runbook: Runbook) -> tuple[Voice, ...]:
    """The voices whose word an `/update` is: not public, with a text for it, and speaking."""
    return tuple(
        voice
        for voice in runbook.voices
        if not voice.public and UPDATE in voice.at and speaks(voice, incident)
    )


class Words(Struct, frozen=True):
    """A text as it is said. ``places``: where people read it elsewhere than on the issue."""

    subject: str
    text: str
    places: tuple[str, ...] = ()

    @property
    def whole(self) -> str:
        """Both, as they are copied."""
        return f"Subject: {self.subject}\n\n{self.text}" if self.subject else self.text


def named_values(incident: Incident, when: Occasion, voice: Voice = NOBODYS) -> dict[str, str]:
    """What texts may name: each value, or what stands for it while it is not known."""
    return stand_ins(values(voice, incident, when), [role.id for role in when.runbook.roles])


def words(voice: Voice, moment: str, incident: Incident, when: Occasion) -> Words:
    """What the voice says at this moment, for which it has a text."""
    spoken = voice.at[moment]
    known = named_values(incident, when, voice)
    gone = never(voice, incident, when.runbook)
    channels = when.runbook.channels
    places = tuple(filled(channels.get(name, name), known) for name in voice.to if name != "issue")
    subject = " ".join(filled(spoken.subject, known).split())
    return Words(subject, filled(spoken.text, known, gone), places)


def never(voice: Voice, incident: Incident, runbook: Runbook) -> frozenset[str]:
    """The values that incidents of this severity never have; rhythms end at the resolution."""
    found = set[str]()
    if incident.severity not in voice.cadence:
        found |= {"cadence", "next_update"}
    if incident.reached("resolved") is not None:
        found.add("next_update")
    if runbook.window(incident.severity, incident.production.fixed_by) is None:
        found.add("watch")
    if incident.severity not in runbook.postmortem.required and not incident.postmortem.url:
        found.add("postmortem")
    if meeting_owed(incident, runbook) is None and incident.postmortem.meeting is None:
        found.add("meeting")
    return frozenset(found)


def values(voice: Voice, incident: Incident, when: Occasion) -> dict[str, str]:
    """The values that this voice's texts may name, as far as they are known: inert Markdown, or plain text
    for the public, who read it elsewhere.
    """
    show = _plainly if voice.public else _inertly
    runbook, zone, at = when.runbook, when.zone, when.at
    severity = next((one for one in runbook.severities if one.id == incident.severity), None)
    state = runbook.state(incident.status)
    last = incident.progress.updates[-1] if incident.progress.updates else None
    started, resolved = incident.reached("started"), incident.reached("resolved")
    lasted = durations(incident).resolution
    window = runbook.window(incident.severity, incident.production.fixed_by)
    rhythm = voice.cadence.get(incident.severity)
    follows = rhythm.since(1).due(1, at, runbook.times) if rhythm is not None else None
    plan = incident.postmortem.meeting
    found = {
        "id": f"INC-{(started or at).astimezone(zone):%Y}-{incident.number:03}",
        "link": when.link,
        "brief": show(incident.brief),
        "meeting": f"{plan.at.astimezone(zone):%A}, {_time(plan.at, zone, voice)}" if plan else "",
        "severity": (severity.shown or severity.id) if severity else incident.severity,
        "severity_name": show(severity.name) if severity else "",
        "status": show(state.title if state else incident.status),
        "services": show(", ".join(incident.impact.services)),
        "impact": show(incident.impact.text),
        "cause": show(incident.findings.root_cause),
        "fix": show(_fix(incident)),
        "text": _in_lines(last.text, voice) if last else "",
        "next": show(last.next) if last else "",
        "eta": show(last.eta) if last else "",
        "started": _time(started, zone, voice),
        "time": _time(at, zone, voice),
        "resolved_at": _time(resolved, zone, voice),
        "next_update": _time(follows, zone, voice),
        "date": f"{(started or at).astimezone(zone):%Y-%m-%d}",
        "timestamp": f"{(started or at).astimezone(zone):%Y%m%d-%H%M}",
        "duration": in_words(lasted) if lasted is not None else "",
        "minutes": minutes_in_words(lasted) if lasted is not None else "",
        "watch": window.words() if window is not None else "",
        "cadence": rhythm.cadence() if rhythm is not None else "",
        "responders": show(", ".join(person.login for person in incident.team.responders)),
        "postmortem": incident.postmortem.url,
        "verified": _verified(incident, runbook, show),
        "slug": short_name(incident),
        **{
            role_value(role): show(", ".join(person.login for person in incident.team.holders(role)))
            for role in incident.team.roles
        },
        **{name: show(text) for name, text in incident.public.items() if name in PUBLIC},
    }
    places = {
        "room": runbook.channels.get("room", ""),
        "status_page": when.settings.status_page or runbook.channels.get("status-page", ""),
    }
    around = stand_ins(found, ())
    return found | {name: filled(text, around | found) for name, text in places.items()}


def _fix(incident: Incident) -> str:
    """The fix of this interval: one that did not last is none."""
    found = incident.findings
    return found.fix if found.fixed_in == incident.interval else ""


def _verified(incident: Incident, runbook: Runbook, show: Callable[[str], str]) -> str:
    """How it was seen that the fix works, and no more than was seen; empty where nobody looked."""
    overrides = [one for one in incident.progress.overrides if one.at == incident.reached("closed")]
    if overrides:
        left = ", ".join(overrides[-1].open_gates)
        return show(f"No. It was overridden: {overrides[-1].reason} (open: {left})")
    failed = ", ".join(name for name, _ in failing(incident))
    if failed:
        return show(f"No. The last smoke run of {failed} failed")
    if passed_at(incident) is not None:
        return "All metrics normal" if _normal(incident, runbook) else "All smoke checks passed"
    ticks = [incident.progress.ticks.get(step.id) for step in runbook.boxes if step.smoke]
    people = dict.fromkeys(tick.by.login for tick in ticks if tick is not None and tick.by is not None)
    return show(f"Checked by {', '.join(people)}") if people else ""


def _normal(incident: Incident, runbook: Runbook) -> bool:
    """Whether numbers that say that production has recovered were read since the fix, and all of those do."""
    fixed, gauges = incident.reached("mitigated"), incident.observed.gauges
    read = [(one, gauges[one.id]) for one in runbook.recovery if one.id in gauges]
    since = [one.met(gauge.value) for one, gauge in read if fixed is not None and gauge.at >= fixed]
    return bool(since) and all(since)


def _inertly(text: str) -> str:
    return inline(text, LONGEST)


def _in_lines(text: str, voice: Voice) -> str:
    """What somebody wrote in several lines stays in them."""
    return _plainly(text) if voice.public else in_lines(text, LONGEST)


def _plainly(text: str) -> str:
    return " ".join(plain(text)[:LONGEST].split())


def _time(moment: datetime | None, zone: ZoneInfo, voice: Voice) -> str:
    """With its date and its zone: who reads it may be anywhere."""
    if moment is None:
        return ""
    local = moment.astimezone(zone)
    if voice.clock == "12h":
        return f"{local:%Y-%m-%d} {local.hour % 12 or 12}:{local:%M %p %Z}"
    return f"{local:%Y-%m-%d %H:%M %Z}"


def shown_words(voice: Voice, told: Words) -> str:
    """The words as Markdown: a quotation on the issue; a block to copy where people read it elsewhere."""
    where = f" · {', '.join(map(inline, told.places))}" if told.places else ""
    head = f"**{inline(spelt(voice.id))}**{where}"
    if not voice.public and not told.places:
        lines = [*([f"**{told.subject}**", ""] if told.subject else []), *told.text.split("\n")]
        return "\n".join([head, "", *(f"> {line}".rstrip() for line in lines)])
    return "\n".join([head, "", FENCE, told.whole.replace(FENCE, "'" * len(FENCE)), FENCE])
