"""The lists of a written runbook on the panel, in the post-mortem and in its pull request."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from allclear.core.model.authored import read_authored
from allclear.core.model.neutral import JOINER
from allclear.core.policy.settings import Settings
from allclear.core.postmortem.document import Written, write
from allclear.core.record.findings import Found
from allclear.core.record.life import Cleared, Resolved, StatusSet
from allclear.core.record.people import Acknowledged, RoleSet
from allclear.core.record.progress import Flagged, Ticked
from allclear.core.view.panel import boxes
from core.view.test_panel import visible
from golden_files import Golden
from stories import ADA, BOB, ISSUE_URL, NOON, RENDERER, UTC_ZONE, Story
from written import runbook, small

SETTINGS = read_authored(
    Settings,
    {
        "people": {"On-call Engineer": ["dave"], "System Administrator": ["dave"], "DevOps": ["dave"]},
        "actions": {
            "cache-clear-all": {"title": "Clear the caches", "run": ["npm", "run", "cache:clear:all"]},
            "apps-restart": {
                "title": "Restart",
                "run": ["fly", "apps", "restart", "{app}"],
                "parameters": {"app": {"choices": ["web", "db"]}},
            },
        },
    },
)


def began(name: str, severity: str) -> Story:
    """Declared, acknowledged, and a commander."""
    story = Story(runbook(name), SETTINGS).declare(severity=severity)
    story.tell(4, BOB, Acknowledged(by=BOB))
    return story.tell(5, ADA, RoleSet(role="ic", person=ADA)) if name != "hotdash" else story


def watched(name: str, severity: str) -> Story:
    story = began(name, severity).tell(10, BOB, Found(root_cause="The pool is exhausted"))
    return story.tell(20, BOB, StatusSet(to="monitoring"))


def over(name: str, severity: str) -> Story:
    story = watched(name, severity).tell(40, BOB, Resolved(text="Rolled back"))
    return story.tell(90, ADA, Cleared(override="All is quiet", open_gates=("schedule", "monitoring")))


LOOKS: dict[str, Callable[[], Story]] = {
    "sev-began": lambda: began("sev", "SEV1").tell(6, BOB, Flagged(flag="user-facing")),
    "sev-watched": lambda: watched("sev", "SEV1"),
    "sev-over": lambda: over("sev", "SEV1"),
    "dirt-free-crm-watched": lambda: watched("dirt-free-crm", "SEV1"),
    "hotdash-began": lambda: began("hotdash", "P0"),
}


@pytest.mark.parametrize("name", LOOKS)
def test_this_is_what_people_see_of_the_lists(name: str, golden: Golden) -> None:
    golden(f"panel/lists/{name}.md", visible(LOOKS[name]().panel()))


def test_a_click_on_a_box_of_any_list_is_read() -> None:
    panel = LOOKS["sev-watched"]().panel()
    seen = boxes(panel.replace("- [ ] Schedule post-mortem", "- [x] Schedule post-mortem"))
    assert {"command", "schedule", "cache-x"} & seen.keys() == {"command", "schedule"}
    assert seen["schedule"]
    assert not seen["monitor"]


def test_who_ticked_a_step_stands_beside_it() -> None:
    panel = began("sev", "SEV1").tell(7, BOB, Ticked(step="focus")).panel()
    assert "- [x] Keep focus on resolution, not blame <sub>bob, 14:12 UTC</sub> (`focus`)" in panel


def test_a_list_that_holds_a_state_says_so_until_it_is_reached() -> None:
    book = small(lists={"first": {"before": "monitoring", "steps": {"look": "Look at it"}}})
    story = Story(book, SETTINGS).declare(severity="SEV3")
    panel = story.panel()
    assert "### First · before `/status monitoring`" in panel
    assert "Open before `/status monitoring`: `look`" in panel
    story.tell(3, BOB, Ticked(step="look"))
    assert "<details><summary>✅ First: 1 of 1 done</summary>" in story.panel()
    story.tell(4, BOB, StatusSet(to="monitoring"))
    assert "/status monitoring`" not in story.panel()


def test_a_state_that_is_no_moment_is_past_when_the_incident_is_in_it() -> None:
    book = small(lists={"first": {"before": "mitigating", "steps": {"look": "Look at it"}}})
    story = Story(book, SETTINGS).declare(severity="SEV3")
    assert "Open before `/status mitigating`: `look`" in story.panel()
    story.tell(3, BOB, Ticked(step="look")).tell(4, BOB, StatusSet(to="mitigating"))
    assert "/status mitigating`" not in story.panel()


def test_hostile_words_in_a_title_are_inert_in_a_step() -> None:
    steps = {"look": "Look at {{ brief }}, `rm -rf {{ brief }}` and {{ unknown }}", "code": "`/ack`"}
    story = Story(small(lists={"first": {"steps": steps}}), SETTINGS)
    panel = story.declare("@everyone `x` #1", severity="SEV3").panel()
    line = next(line for line in panel.split("\n") if "(`look`)" in line)
    assert f"Look at @{JOINER}everyone" in line
    assert "{{ unknown }}" in line
    assert "- [ ] `/ack` (`code`)" in panel


def test_bullets_go_first_when_the_panel_is_too_long() -> None:
    parts = [f"{number} {'x' * 250}" for number in range(30)]
    lists = {
        f"list{one}": {"steps": {f"step{one}-{at}": {"text": "T", "parts": parts} for at in range(5)}}
        for one in range(3)
    }
    panel = Story(small(lists=lists), SETTINGS).declare(severity="SEV3").panel()
    assert "- [ ] T (`step2-4`)" in panel
    assert "xxxx" not in panel
    assert "This panel was shortened to fit." in panel


def of(story: Story) -> Written:
    return write(
        story.incident,
        story.runbook,
        SETTINGS,
        existing=None,
        taken=frozenset(),
        renderer=RENDERER,
        zone=UTC_ZONE,
        repository="acme/shop",
        issue_url=ISSUE_URL,
        now=NOON + timedelta(days=1),
    )


def test_the_post_mortem_has_the_lists_under_their_headings() -> None:
    text = of(over("sev", "SEV1")).text
    section = text[text.index("## Checklists") : text.index("## Durations")]
    assert "### During Incident\n\n- [x] Take command, announce in channel\n- [ ] Assign roles" in section
    assert "### Within 48 hours\n\n- [ ] Conduct blameless post-mortem\n" in section
    assert "> **Open at that time**: Schedule post-mortem, Extended monitoring." in text


def test_the_post_mortem_says_what_a_person_ticked_without_the_fact() -> None:
    steps = {"cause": {"text": "Cause", "done": "identified"}, "meet": {"text": "Meet", "done": "meeting"}}
    story = Story(small(lists={"first": {"steps": steps | {"look": "Look"}}}), SETTINGS).declare(
        severity="SEV3"
    )
    story.tell(
        5,
        BOB,
        Ticked(step="cause", without="the vendor *keeps* it"),
        Ticked(step="meet"),
        Ticked(step="look"),
    )
    text = of(story).text
    assert "- [x] Cause (ticked by hand by bob: the vendor \\*keeps\\* it)\n" in text
    assert "- [x] Meet (ticked by hand by bob)\n- [x] Look\n" in text


def test_the_pull_request_asks_for_what_is_left_afterwards() -> None:
    body = of(over("sev", "SEV1")).body
    assert (
        "**Immediate (Within 2 hours)**\n\n- [ ] Export incident data\n- [ ] Preserve evidence: Logs" in body
    )
    assert "**Within 48 hours**\n\n- [ ] Conduct blameless post-mortem\n" in body
    assert "During Incident" not in body
