"""How long something took is one number, wherever people read it: cut to whole minutes, never rounded up."""

import re
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allclear.commands import COMMANDS
from allclear.core.clock.durations import durations
from allclear.core.conversation.command import Policy
from allclear.core.conversation.notices import values
from allclear.core.model.times import in_minutes, whole_minutes
from allclear.core.postmortem.document import write
from allclear.core.postmortem.front_matter import read
from allclear.core.record.life import Cleared, Resolved, StatusSet
from allclear_lab.drill.terminal import span
from stories import BOB, HOTDASH, ISSUE_URL, NOON, RENDERER, SETTINGS, Story

SECONDS = st.integers(min_value=0, max_value=9 * 86_400)
UNITS = {"d": 1440, "h": 60, "m": 1}
"""Minutes of a unit, by how its name begins: notices say `1 hour 5 minutes` for `1 h 5 min`."""


def said(text: str) -> tuple[int, int]:
    """The minutes that some words say, and the smallest unit that they can say, in minutes."""
    if text.startswith("less than 1 min"):
        return 0, 1
    words = re.findall(r"(\d+) (d|h|min|days?|hours?|minutes?)\b", text)
    found = [(number, unit[0]) for number, unit in words]
    assert found, text
    # Two units are shown: beside days that are not whole, minutes are left out.
    least = 1 if len(found) < 2 else UNITS[found[-1][1]]
    return sum(int(number) * UNITS[unit] for number, unit in found), least


def agrees(text: str, minutes: int) -> None:
    shown, least = said(text)
    assert shown == minutes - minutes % least, text


def fixed_after(seconds: float) -> Story:
    """An incident that began when it was declared, was fixed so long after, and resolved at that moment."""
    story = Story().declare(started=NOON)
    story.tell(seconds / 60, BOB, StatusSet(to="monitoring"))
    return story.tell(seconds / 60, BOB, Resolved(text="rolled back"))


def post_mortem(story: Story) -> str:
    return write(
        story.incident,
        HOTDASH,
        SETTINGS,
        existing=None,
        taken=frozenset(),
        renderer=RENDERER,
        zone=ZoneInfo("UTC"),
        repository="hotdash/app",
        issue_url=ISSUE_URL,
        now=NOON,
    ).text


@given(SECONDS)
def test_words_and_figures_say_the_same(seconds: int) -> None:
    elapsed = timedelta(seconds=seconds)
    minutes = whole_minutes(elapsed)
    assert timedelta(minutes=minutes) <= elapsed < timedelta(minutes=minutes + 1)
    agrees(in_minutes(elapsed), minutes)
    # What the drill shows is read back from the front matter, as minutes.
    assert span(minutes) == in_minutes(elapsed)


@given(SECONDS)
def test_panel_notice_and_post_mortem_say_the_same_of_the_same_incident(seconds: int) -> None:
    story = fixed_after(seconds)
    minutes = whole_minutes(timedelta(seconds=seconds))
    policy = Policy(SETTINGS, HOTDASH, COMMANDS, RENDERER, (), {})

    panel = story.panel()
    (length,) = re.findall(r"⏱️ \*\*(.+?)\*\* from start to resolution", panel)
    (fix,) = re.findall(r"^Fix .+? UTC, (.+) after the start$", panel, re.MULTILINE)
    filled = values(story.incident, policy, ISSUE_URL, NOON)
    for text in (length, fix, filled["duration"]):
        agrees(text, minutes)
    assert filled["minutes"] == ("1 minute" if minutes == 1 else f"{minutes} minutes")

    text = post_mortem(story)
    written = read(text).report
    assert written is not None
    assert written.impact.duration_minutes == minutes
    assert (written.durations.mitigation, written.durations.resolution) == (minutes, minutes)
    rows = re.findall(
        r"^\| (?:Mitigation|Resolution) \| .+? \| (.+?)(?: \((\d+) min\))? \|$", text, re.MULTILINE
    )
    assert len(rows) == 2
    for words, figure in rows:
        agrees(words, minutes)
        assert figure in ("", str(minutes))
    (head,) = re.findall(r"^\*\*Duration\*\*: (.+?)  $", text, re.MULTILINE)
    unit = "minute" if minutes == 1 else "minutes"
    assert head == ("less than 1 minute" if minutes == 0 else f"{minutes} {unit}")


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (0, "less than 1 min"),
        (59, "less than 1 min"),
        (60, "1 min"),
        (17 * 60 + 59, "17 min"),
        (5399, "1 h 29 min"),
        (2 * 86_400 - 1, "1 d 23 h"),
        (-5, "less than 1 min"),
    ],
)
def test_nothing_is_rounded_up(seconds: int, told: str) -> None:
    assert in_minutes(timedelta(seconds=seconds)) == told


def test_what_took_no_time_is_no_missing_figure() -> None:
    story = fixed_after(0).tell(1, BOB, Cleared())
    assert durations(story.incident).resolution == timedelta()
    assert "| Resolution | started → resolved | less than 1 min |" in post_mortem(story)
