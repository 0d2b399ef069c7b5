"""What the page says about the time after an incident, what is done again and again, and what words mean."""

from __future__ import annotations

from allclear.core.calendar.recurrence import AfterPeriod, Recurrence
from allclear.core.language.document import RunbookFile
from allclear.core.language.markdown import bullets, small, table
from allclear.core.language.page_during import boxes
from allclear.core.language.page_words import bracketed, capital, items, role_title, severities, titled
from allclear.core.model.people import RESPONDERS
from allclear.core.model.slug import spelt


def review(file: RunbookFile) -> list[str]:
    """The meeting, the post-mortem's headings and the dates of action items."""
    lines = ["## What is learned", "", items(file.review).strip(), ""]
    meeting = file.review.meeting
    if meeting is not None:
        invited = [
            f"{role_title(file, one.title)}{bracketed(severities(file, one.for_))}" for one in meeting.invite
        ]
        lines += ["### The meeting", "", items(meeting).strip(), ""]
        lines += [f"Invited: {', '.join(invited)}. `/meeting` gives it a date.", ""]
        agenda = [
            (f"{heading}{items(one)}", one.takes.words(), one.parts)
            for heading, one in meeting.agenda.items()
        ]
        lines += [*table(("Agenda", "Takes", "About"), agenda), ""]
    asked = [role_title(file, title) for title in file.review.reviewers] or [RESPONDERS]
    needs = (
        "1, or none where one person responded alone"
        if file.review.approvals is None
        else str(file.review.approvals)
    )
    lines += [f"Reviewed by: {', '.join(asked)}. Approvals before it is published: {needs}.", ""]
    sections = [
        (f"{name}{items(one)}", one.block.replace("-", " "), one.parts)
        for name, one in file.review.sections.items()
    ]
    lines += [*table(("Post-mortem", "From the record", "Asked of people"), sections), ""]
    horizons = [
        (f"{spelt(name)}{items(one)}", one.within.words(), one.parts)
        for name, one in file.review.horizons.items()
    ]
    return [*lines, *table(("Action items", "Done within", "Such as"), horizons)]


def routines(file: RunbookFile) -> list[str]:
    """What comes by the calendar."""
    lines = ["## Again and again", ""] if file.routines else []
    for name, one in file.routines.items():
        told = [
            f"{_comes(one.every)}, by {', '.join(one.to)}.",
            f"Also after a published post-mortem{bracketed(severities(file, one.after))}."
            if one.after
            else "",
            f"Lists the open incidents{bracketed(severities(file, one.open))}." if one.open else "",
        ]
        lines += [f"### {titled(name, one.title)}", "", items(one).strip(), ""]
        lines += [" ".join(filter(None, told)), "", *boxes(file, one.steps), ""]
    return lines


def _comes(every: Recurrence) -> str:
    """``Every 3 months``; ``Mon-fri 09:00``."""
    return capital(f"every {every.period.cadence()}" if isinstance(every, AfterPeriod) else str(every))


def words(file: RunbookFile) -> list[str]:
    """What the words above mean."""
    lines = [
        "## Words",
        "",
        *table(("State", "Shown as"), [(f"`{name}`", said) for name, said in file.states.items()]),
        "",
    ]
    lines += [*table(("Flag", "Means"), [(f"`/flag {name}`", told) for name, told in file.flags.items()]), ""]
    measures = [
        (f"{titled(name, one.title)}{items(one)}", one.unit, one.recovered)
        for name, one in file.measures.items()
    ]
    lines += [*table(("Measure", "Unit", "Well again"), measures), ""]
    calendars = [
        (f"{spelt(name)}{small(one.item)}", one.days, one.hours, one.holidays, one.every, one.start)
        for name, one in file.calendars.items()
    ]
    lines += [*table(("Calendar", "Days", "Hours", "Holidays", "Every", "From"), calendars), ""]
    lines += [*table(("Phase", "Until"), [(name, end.words()) for name, end in file.phases.items()]), ""]
    for title, texts in (("How incidents are noticed", file.detection), ("Causes to think of", file.causes)):
        lines += [f"**{title}**", "", *bullets(texts), ""] if texts else []
    return lines
