from __future__ import annotations

import re
from collections.abc import Mapping

from allclear.core.clock.deadlines import timers
from allclear.core.conversation.arguments import Body
from allclear.core.conversation.command import Answer, CommandContext, command
from allclear.core.conversation.fields import labelled
from allclear.core.conversation.forms import UPDATING, forms_of, labels_of, without_head
from allclear.core.conversation.spoken import Occasion, shown_words, updating, words
from allclear.core.model.errors import UserError
from allclear.core.model.neutral import code
from allclear.core.model.patterns import lazy_regex
from allclear.core.model.people import Rights
from allclear.core.model.times import clock_time
from allclear.core.policy.runbook import Runbook
from allclear.core.policy.voices import UPDATE
from allclear.core.record.facts import Fact
from allclear.core.record.progress import Updated
from allclear.core.record.voices import Spoken


@command(
    "update", least=Rights.TRIAGE, examples=("/update Rolled back, error rate is falling",), reversible=True
)
def update(context: CommandContext, text: Body) -> Answer:
    """Announces a status update in the runbook's form; the clock of the next one starts again.

    Lines beginning with `Next:` and `ETA:` go into their own fields, as the lines of the runbook's form do:

    ``` /update Rolled back, error rate is falling Next: watch the dashboards ETA: 15:00 ```
    """
    found, said = _read(text, context.runbook)
    if not said:
        raise UserError(
            "What is the news? Only `Next:` and `ETA:` have text. The news comes first, and each of them "
            "begins a line of its own below it."
        )
    if "eta" not in found:
        said, found = _with_eta(said, found)
    fact = Updated(text=said, next=found.get("next", ""), eta=found.get("eta", ""))
    voices = updating(context.incident, context.runbook)
    facts: tuple[Fact, ...] = (fact, *(Spoken(voice=voice.id, moment=UPDATE) for voice in voices))
    after = context.after(*facts)
    spoken = {voice.id for voice in voices}
    due = [
        one.due
        for one in timers(after, context.runbook, context.at)
        if one.deadline.voice in spoken and one.due > context.at
    ]
    follows = f" The next one is due by {clock_time(due[0], context.zone, near=context.at)}." if due else ""
    when = Occasion.of(context)
    told = [shown_words(voice, words(voice, UPDATE, after, when)) for voice in voices]
    first = f"Update {after.progress.updated} is announced.{follows}{_unchanged(found, context)}"
    return Answer(facts, "\n\n".join([first, *told]))


def _read(text: str, runbook: Runbook) -> tuple[dict[str, str], str]:
    """The fields of an update, and what it says. Where it says nothing beside the fields of the runbook's
    form, all lines but `Next:` and `ETA:` are what it says.
    """
    forms = [form for form in forms_of(runbook) if form.command == "update"]
    for labels, own in ((labels_of(forms), without_head(text, forms)), (UPDATING, text)):
        found, outside = labelled(own, labels, run_on=False)
        said = "\n".join(part for part in (found.get("text", ""), outside) if part)
        if said:
            break
    return found, said


_ETA_LAST = lazy_regex(
    r"(?:(?<=\w)[,;.!:]?\s{1,3}|(?<=[,;.!])\s{0,3})[-\u2013\u2014(\[]{0,2}\s?eta(?:\s{0,3}[:=]|\s)\s{0,3}"
    r"(?P<eta>[~<]?\d{1,3}(?:[-\u2013]\d{1,3})?\s?(?:m|mins?|minutes?|h|hrs?|hours?|days?)"
    r"|~?(?:\d{4}-\d\d-\d\d[ T])?\d{1,2}(?:[:.h]\d\d|(?=\s?[ap]m))(?:\s?[ap]m)?(?:\s[A-Z]{2,5})?)"
    r"[)\].]{0,2}$",
    re.IGNORECASE,
)
_LONGEST_ETA = 60
"""Characters at the end of an update in which an ETA is looked for."""


def _with_eta(said: str, found: Mapping[str, str]) -> tuple[str, dict[str, str]]:
    """The news without the ETA that its last line ends with, and the fields with it: ``rolled back, ETA
    15:30``.
    """
    begin = max(0, len(said) - _LONGEST_ETA)
    last = _ETA_LAST.search(said, begin)
    if last is None or not said[: last.start()].strip():
        return said, dict(found)
    return said[: last.start()].rstrip(" ,;:"), {**found, "eta": last["eta"].strip()}


_SIGNS = lazy_regex(r"^\W{1,20}")


def _unchanged(found: Mapping[str, str], context: CommandContext) -> str:
    """What the form says otherwise than the record, and an update does not change."""
    told = []
    meant = _SIGNS.sub("", found.get("status", "")).casefold()
    states = context.runbook.states
    state = next((one for one in states if meant and meant.startswith((one.title.casefold(), one.id))), None)
    if state is not None and state.id != context.incident.status:
        way = f"/{'resolve' if state.id == 'resolved' else f'status {state.id}'}"
        told.append(f" The status is not changed by this: {code(way)} does it.")
    impact = found.get("impact", "")
    if impact and impact != context.incident.impact.text:
        told.append(f" The impact is not recorded by this: {code(f'/impact {impact}')} does it.")
    return "".join(told)
