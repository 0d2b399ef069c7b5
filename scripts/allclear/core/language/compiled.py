"""From the file to what the engine executes. Each part of the language has a module here; this puts them
together.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable

from allclear.core.calendar.period import NumberName
from allclear.core.language.checklists import checklists, dues, evidence, gates, watching
from allclear.core.language.clocks import chains, clocks
from allclear.core.language.document import RunbookFile
from allclear.core.language.learning import review, routines
from allclear.core.language.levels import levels_of, severities
from allclear.core.language.limits import Limits
from allclear.core.language.numbers import Numbers
from allclear.core.language.people import contacts, role_clocks, roles
from allclear.core.language.production import criteria, reversal
from allclear.core.language.shown import about, links, look, patterns, phases
from allclear.core.language.states import states
from allclear.core.language.suggesting import measures, severity_rules
from allclear.core.language.voices import owed, voices
from allclear.core.model.structs import replace
from allclear.core.policy.deadline import Deadline
from allclear.core.policy.runbook import Freeze, PostmortemPolicy, Runbook


def compiled(file: RunbookFile, numbers: Numbers) -> Runbook:
    """The runbook that the engine executes. ``file``: with the defaults merged in; ``numbers``: the engine's,
    for severities that name none. Raises MisplacedError for a contradiction, with its path in the file.
    """
    levels = levels_of(file)
    limits = Limits(file, levels, numbers)
    return Runbook(
        name=file.name,
        title=file.title or file.name,
        zone=file.zone,
        first_responder=next(iter(file.chains.values())).levels[0][0],
        severities=severities(file, levels),
        default_severity=file.default_severity or levels.ids[max(0, len(levels.ids) - 2)],
        states=states(file),
        roles=roles(file, levels),
        flags=tuple(file.flags),
        detection=file.detection,
        lists=checklists(file, limits),
        gates=gates(file, limits),
        watching=watching(file, limits),
        evidence=evidence(limits),
        deadlines=_known_before(
            file,
            (
                *clocks(file, limits),
                *role_clocks(file, limits),
                *dues(file, limits),
                *owed(file, levels, numbers),
            ),
        ),
        voices=voices(file, levels, numbers),
        channels=dict(file.channels),
        chains=chains(file, levels),
        contacts=contacts(file),
        calendars=dict(file.calendars),
        silence=dict(limits.silence),
        recovery=criteria(file),
        freeze=Freeze(severities=tuple(name for name, one in file.severities.items() if one.freeze)),
        reversal=reversal(file, levels),
        causes=file.causes,
        phases=tuple(phases(file)),
        about=about(file),
        look=look(file),
        link_groups=links(file),
        measures=measures(file, levels),
        severity_rules=tuple(severity_rules(file, limits)),
        patterns=patterns(file, levels),
        flag_titles=dict(file.flags),
        postmortem=PostmortemPolicy(required=tuple(limits.numbered(NumberName.REVIEW))),
        review=review(file, levels),
        routines=routines(file, levels),
        hash=stamp(file),
    )


def _known_before(file: RunbookFile, deadlines: Iterable[Deadline]) -> tuple[Deadline, ...]:
    """With the names they had in earlier runbooks, so that an open incident is not told of them again."""
    return tuple(replace(one, earlier=file.earlier.get(one.id, ())) for one in deadlines)


def stamp(file: RunbookFile) -> str:
    """The first 12 hex digits of the SHA-256 of what the file says, defaults left out: a version that knows
    one more key changes no runbook, and holidays are not part of it.
    """
    text = json.dumps(file.model_dump(mode="json", by_alias=True, exclude_defaults=True), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:12]
