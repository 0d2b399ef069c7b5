"""Facts: what an entry can say happened. A fact holds the outcome, never the request.

A topic is a file: its facts, their union, and the arms that fold them. A new fact is a class, its name in the
union and its arm there, and nothing here; only a new topic is named in ``Fact`` and in ``fold.apply``.
"""

from __future__ import annotations

from allclear.core.record.audit import AuditFact
from allclear.core.record.findings import FindingsFact
from allclear.core.record.life import LifeFact
from allclear.core.record.observed import ObservedFact
from allclear.core.record.people import PeopleFact
from allclear.core.record.postmortem import PostmortemFact
from allclear.core.record.production import ProductionFact
from allclear.core.record.progress import ProgressFact
from allclear.core.record.voices import VoicesFact

Fact = (
    LifeFact
    | PeopleFact
    | FindingsFact
    | ObservedFact
    | ProgressFact
    | ProductionFact
    | VoicesFact
    | PostmortemFact
    | AuditFact
)
