import re
from datetime import timedelta
from zoneinfo import ZoneInfo

from allclear.core.model.people import Person
from allclear.core.postmortem.timeline import RATIO, lines, mermaid, table
from allclear.core.record.life import Resolved
from allclear.core.record.people import Acknowledged
from allclear.core.record.progress import Noted
from stories import ADA, BOB, HOSTILE, NOON, UTC_ZONE, Story


def test_the_table_is_told_by_time_not_by_when_it_was_typed() -> None:
    story = Story().declare().tell(4, BOB, Acknowledged(by=BOB))
    story.tell(9, ADA, Noted(at=NOON + timedelta(minutes=2), text="Alert seen"))
    assert table(story.incident, UTC_ZONE).split("\n") == [
        "| Time | Who | What |",
        "|---|---|---|",
        "| 2025-10-19 14:02 UTC | ada | Started |",
        "| 14:05 UTC | ada | Declared P0 |",
        "| 14:07 UTC | ada | Note: Alert seen |",
        "| 14:09 UTC | bob | Acknowledged |",
    ]


def test_what_has_the_same_time_stays_in_the_order_it_was_said() -> None:
    story = Story().declare()
    for word in ("one", "two", "three"):
        story.tell(5, ADA, Noted(at=NOON, text=word))
    assert [line.text for line in lines(story.incident)][-3:] == ["one", "two", "three"]


def test_a_new_day_shows_its_date_and_the_zone_is_the_runbooks() -> None:
    story = Story().declare().tell(8 * 60, BOB, Acknowledged(by=BOB)).notify(8 * 60 + 1)
    rows = table(story.incident, ZoneInfo("Europe/Berlin")).split("\n")
    assert rows[2].startswith("| 2025-10-19 16:02 CEST | ada |")
    assert rows[4].startswith("| 2025-10-20 00:05 CEST | bob |")
    assert rows[5] == "| 00:06 CEST | Allclear | Team notified: DevOps |"


def test_without_a_line_there_is_no_table_and_no_diagram() -> None:
    assert table(Story().incident, UTC_ZONE) == ""
    assert mermaid(Story().incident, UTC_ZONE) == ""


def test_hostile_text_makes_neither_a_cell_nor_a_line() -> None:
    story = Story().declare(title=HOSTILE, detected_by=HOSTILE)
    story.tell(1, Person(id=9, login=HOSTILE), Noted(at=NOON, text=f"{HOSTILE}\n| x | y | z |\n```"))
    rows = table(story.incident, UTC_ZONE).split("\n")
    assert len(rows) == 5
    for row in rows[2:]:
        assert len(re.findall(r"(?<!\\)\|", row)) == 4
        assert not re.search(r"[@#]\w|(?<!\\)<|http:|GH-\d|(?<!\\)`|\u202e", row)
    drawn = mermaid(story.incident, UTC_ZONE)
    assert not re.search(r"[@#<>`|;\u202e]", drawn.removeprefix("```mermaid").removesuffix("```"))


def test_the_diagram_shows_milestones_with_a_colon_mermaid_takes_for_text() -> None:
    story = Story().declare().tell(4, BOB, Acknowledged(by=BOB)).tell(11 * 60, ADA, Resolved(text="x"))
    assert mermaid(story.incident, UTC_ZONE).split("\n") == [
        "```mermaid",
        "timeline",
        "    title Production down",
        "    section 2025-10-19 UTC",
        f"        14{RATIO}02 : Started",
        f"        14{RATIO}05 : Detected",
        "              : Declared",
        f"        14{RATIO}09 : Acknowledged",
        "    section 2025-10-20 UTC",
        f"        01{RATIO}05 : Fix applied",
        "              : Resolved",
        "```",
    ]
