"""What a voice says of how the fix was verified, and what it says when it begins at the end."""

import pytest

from allclear.core.clock.step_text import worded
from allclear.core.conversation.spoken import Due, Occasion, due, named_values, shown_words, words
from allclear.core.model.operation import Smoke, SmokeLine
from allclear.core.model.structs import replace
from allclear.core.policy.voices import UPDATE, SpokenText, Voice
from allclear.core.record.findings import Affected
from allclear.core.record.life import Cleared, Reopened, Resolved, StatusSet
from allclear.core.record.observed import Measured
from allclear.core.record.production import OperationAsked, OperationEnded
from allclear.core.record.progress import Ticked, Updated
from core.production_desk import BAD, GOOD, OP
from stories import ADA, BOB, HOTDASH, ISSUE_URL, NOON, SETTINGS, UTC_ZONE, Story
from written import runbook

RATE = SmokeLine(name="error-rate", kind="measure", outcome="pass", detail="0.05 %, below 0.1 %")
MEASURED = Smoke(lines=(*GOOD.lines, RATE))


def fixed(smoke: Smoke | None = None, *, minute: float = 20) -> Story:
    """Fixed after 15 minutes, with a smoke run that ended so."""
    story = Story().middle().tell(15, BOB, StatusSet(to="monitoring"))
    if smoke is not None:
        asked = OperationAsked(op=OP, kind="smoke", name="smoke", service="web")
        story.tell(minute, BOB, asked).tell(minute, None, OperationEnded(op=OP, outcome="done", smoke=smoke))
    return story


def verified(story: Story) -> str:
    when = Occasion(HOTDASH, SETTINGS, UTC_ZONE, ISSUE_URL, NOON)
    return named_values(story.incident, when)["verified"]


@pytest.mark.parametrize(
    ("story", "told"),
    [
        (fixed(), "not looked at"),
        (fixed(GOOD, minute=14), "not looked at"),
        (fixed(GOOD), "All smoke checks passed"),
        (fixed(MEASURED), "All metrics normal"),
        (fixed(MEASURED).tell(25, BOB, Measured(measure="error-rate", value=12)), "All smoke checks passed"),
        (fixed(BAD), "No. The last smoke run of web failed"),
        (fixed().tell(20, BOB, Ticked(step="verification")), "Checked by bob"),
        (fixed().tell(20, None, Ticked(step="verification")), "not looked at"),
    ],
    ids=[
        "nobody",
        "before-the-fix",
        "smoke",
        "measures",
        "measured-otherwise",
        "failed",
        "person",
        "nobody-known",
    ],
)
def test_no_more_is_said_to_be_verified_than_was_seen(story: Story, told: str) -> None:
    assert verified(story) == told


def test_002_a9_the_channel_is_called_after_the_service_and_else_after_the_title() -> None:
    """002-09: `#incident-2024-01-15-payments`."""
    book, when = runbook("sev"), NOON.replace(hour=10)
    story = Story(book).declare("Payment processing down", "SEV1", started=when)
    occasion = Occasion(book, SETTINGS, UTC_ZONE, ISSUE_URL, NOON)
    assert named_values(story.incident, occasion)["room"] == "#incident-2025-10-19-payment-processing-down"
    story.tell(1, BOB, Affected(services=("payments", "checkout")))
    assert named_values(story.incident, occasion)["room"] == "#incident-2025-10-19-payments"
    assert worded("{{ room }}", story.incident, book) == "#incident-2025-10-19-payments"


def test_a_text_is_headed_by_what_its_voice_is_called() -> None:
    voice = Voice(id="customer-success", severities=("P0",), at={"declared": SpokenText(text="We look")})
    told = words(
        voice, "declared", Story().middle().incident, Occasion(HOTDASH, SETTINGS, UTC_ZONE, "", NOON)
    )
    assert shown_words(voice, told).startswith("**Customer success**\n")


def test_the_fix_that_did_not_last_is_not_said_to_be_the_fix_after_reopening() -> None:
    story = fixed().tell(20, BOB, Resolved(text="Rolled back")).tell(30, BOB, Reopened(why="It is back"))
    when = Occasion(HOTDASH, SETTINGS, UTC_ZONE, ISSUE_URL, NOON)
    assert named_values(story.incident, when)["fix"] == named_values(fixed().incident, when)["fix"]
    story.tell(40, BOB, Resolved())
    assert "Rolled back" not in named_values(story.incident, when)["fix"]
    assert any(line.text == "Rolled back" for line in story.incident.timeline)


def test_an_update_keeps_its_lines_in_what_a_voice_says_and_in_a_subject_they_are_one() -> None:
    spoken = SpokenText(subject="News: {{ text }}", text="Now:\n{{ text }}\nThat is all")
    voice = Voice(id="team", severities=("P0",), at={UPDATE: spoken})
    written = "The cache is empty\n\n\n  # @ada\r\n- a list"
    story = Story().middle().tell(20, BOB, Updated(text=written))
    told = words(voice, UPDATE, story.incident, Occasion(HOTDASH, SETTINGS, UTC_ZONE, ISSUE_URL, NOON))
    assert told.text == "Now:\nThe cache is empty\n\\# @\u2060ada\n\\- a list\nThat is all"
    assert told.subject == "News: The cache is empty \\# @\u2060ada \\- a list"
    for_all = replace(voice, public=True)
    told = words(for_all, UPDATE, story.incident, Occasion(HOTDASH, SETTINGS, UTC_ZONE, ISSUE_URL, NOON))
    assert told.text == "Now:\nThe cache is empty # @ada - a list\nThat is all"


def test_an_override_says_that_nothing_was_verified_and_why() -> None:
    story = fixed(GOOD).tell(30, ADA, Cleared(override="The *board* calls", open_gates=("monitoring",)))
    assert verified(story) == r"No. It was overridden: The \*board\* calls (open: monitoring)"


def test_what_is_over_at_once_was_not_resolved_first() -> None:
    voice = next(one for one in HOTDASH.voices if one.id == "team")
    story = Story().middle().tell(30, BOB, Resolved(text="Rolled back"))
    assert due(voice, story.incident) == Due("resolved")
    over = Story().middle().tell(30, ADA, Cleared(override="false alarm"))
    assert due(voice, over.incident) == Due("all-clear", ("resolved",))
