"""Voices speak: at once where the team reads it, as a draft where everybody does."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from allclear.core.conversation.notices import audience
from allclear.core.conversation.spoken import Due, Occasion, due, shown_words, words
from allclear.core.model.asking import Asking
from allclear.core.model.people import RESPONDERS
from allclear.core.plan.passing import Pass
from allclear.core.policy.voices import Voice
from allclear.core.record.entry import Entry
from allclear.core.record.fold import apply
from allclear.core.record.voices import Drafted, Spoken
from allclear.core.view.reply import Notice, Part, engine_part


def let_voices_speak(current: Pass) -> Asking[None]:
    """Say what every voice has to say now, in the order of the runbook. An incident that ended under another
    runbook stays as it was.
    """
    for voice in _voices(current):
        now = due(voice, current.incident)
        if now is None:
            continue
        if voice.public:
            part = yield from _draft(current, voice, now)
        else:
            part = _said(current, voice, now)
        current.add(part)


def speakers(current: Pass) -> Iterator[tuple[str, ...]]:
    """Whom the drafts are for that have to be written now, by their titles."""
    for voice in _voices(current):
        if voice.public and due(voice, current.incident) is not None:
            yield _speaker(current, voice)


def _voices(current: Pass) -> tuple[Voice, ...]:
    """Those that speak: none of an incident that ended under another runbook."""
    runbook = current.policy.runbook
    return runbook.voices if current.incident.runbook.hash == runbook.hash else ()


def _speaker(current: Pass, voice: Voice) -> tuple[str, ...]:
    """Who speaks for it, by titles."""
    roles = current.policy.runbook.roles
    return (next((role.title for role in roles if role.id == voice.speaker), RESPONDERS), RESPONDERS)


def _key(current: Pass, voice: Voice, moment: str) -> str:
    return f"voice:{voice.id}:{moment}:{current.incident.interval}"


def _occasion(current: Pass) -> Occasion:
    policy, snapshot = current.policy, current.snapshot
    return Occasion(policy.runbook, policy.settings, policy.zone, snapshot.issue.url, snapshot.now)


def _said(current: Pass, voice: Voice, now: Due) -> Part:
    snapshot = current.snapshot
    fact = Spoken(voice=voice.id, moment=now.moment, passed=now.passed)
    key = _key(current, voice, now.moment)
    entry = Entry(key=key, what="voice", at=snapshot.now, facts=(fact,))
    told = words(voice, now.moment, current.incident, _occasion(current))
    return engine_part(entry, shown_words(voice, told), "done")


def _draft(current: Pass, voice: Voice, now: Due) -> Asking[Part]:
    """Whoever speaks for this voice is told that a text waits, and sees it."""
    snapshot, policy = current.snapshot, current.policy
    fact = Drafted(voice=voice.id, moment=now.moment, passed=now.passed)
    key = _key(current, voice, f"draft-{now.moment}")
    entry = Entry(key=key, what="draft", at=snapshot.now, facts=(fact,))
    incident = apply(current.incident, entry, fact, policy.runbook)
    told = words(voice, now.moment, incident, _occasion(current))
    reached = yield from audience(_speaker(current, voice), current.incident, policy, current.known)
    notice = Notice(
        key=key,
        title=f"A text for {voice.id} is wanted",
        text=(
            f"Nothing is said to {voice.id} until somebody publishes it: `/draft {voice.id}` with lines such "
            f"as `issue: …` fills it in, `/publish {voice.id}` releases it."
        ),
        mentions=reached.mentions,
        names=reached.names,
        due=snapshot.now,
        late=timedelta(),
        action="notify",
        message=shown_words(voice, told),
        kind=incident.kind,
        instead=reached.instead,
    )
    return Part(entry, notice=notice)
