from __future__ import annotations

from allclear.core.clock.deadlines import timers
from allclear.core.conversation.arguments import Body
from allclear.core.conversation.command import Answer, CommandContext, command
from allclear.core.conversation.fields import labelled
from allclear.core.conversation.spoken import Occasion, shown_words, updating, words
from allclear.core.model.errors import UserError
from allclear.core.model.people import Rights
from allclear.core.model.times import clock_time
from allclear.core.policy.voices import UPDATE
from allclear.core.record.facts import Fact
from allclear.core.record.progress import Updated
from allclear.core.record.voices import Spoken

FIELDS = {"next": ("next", "next steps", "next step"), "eta": ("eta",), "progress": ("progress",)}


@command(
    "update", least=Rights.TRIAGE, examples=("/update Rolled back, error rate is falling",), reversible=True
)
def update(context: CommandContext, text: Body) -> Answer:
    """Announces a status update in the runbook's form; the clock of the next one starts again.

    Lines beginning with `Next:` and `ETA:` go into their own fields:

    ``` /update Rolled back, error rate is falling Next: watch the dashboards ETA: 15:00 ```
    """
    found, outside = labelled(text, FIELDS, run_on=False)
    said = "\n".join(part for part in (found.get("progress", ""), outside) if part)
    if not said:
        raise UserError("What is the news? Only `Next:` and `ETA:` have text.")
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
    say = "\n\n".join([f"Update {after.progress.updated} is announced.{follows}", *told])
    return Answer(facts, say)
