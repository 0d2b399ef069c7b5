"""Which known kinds of incidents it looks like, by the words that people wrote."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from allclear.core.model.neutral import plain
from allclear.core.model.patterns import lazy_regex
from allclear.core.policy.guidance import Pattern
from allclear.core.policy.runbook import Runbook
from allclear.core.record.incident import Incident

MOST_TEXTS = 50
"""Notes that are looked through, the newest; each is as long as a comment at most."""

_WORD = lazy_regex(r"\w+")


def looks_like(
    incident: Incident, runbook: Runbook, notes: Sequence[str] = ()
) -> tuple[tuple[Pattern, str], ...]:
    """The patterns for this severity of which a symptom stands in the title, in what was found, in a note or
    an update, each with that symptom, in the order of the runbook. ``notes``: those that are new.
    """
    patterns = [one for one in runbook.patterns if incident.severity in one.severities]
    if not patterns:
        return ()
    texts = [_words(text) for text in (*_texts(incident), *notes[-MOST_TEXTS:])]
    found = ((pattern, _symptom(pattern, texts)) for pattern in patterns)
    return tuple((pattern, symptom) for pattern, symptom in found if symptom)


def _texts(incident: Incident) -> Iterator[str]:
    found = incident.findings
    yield from (incident.title, found.root_cause, found.evidence, found.proposed_fix, incident.impact.text)
    yield from (update.text for update in incident.progress.updates[-1:])


def _symptom(pattern: Pattern, texts: list[str]) -> str:
    """The first of its symptoms that stands in one of these texts; empty when none does."""
    for symptom in pattern.symptoms:
        wanted = _words(symptom)
        if wanted.strip() and any(wanted in text for text in texts):
            return symptom
    return ""


def _words(text: str) -> str:
    """Its words in lower case with one blank around each, so that one text in another is whole words."""
    return f" {' '.join(_WORD.findall(plain(text).casefold()))} "
