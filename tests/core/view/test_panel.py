import hashlib
import json
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from markdown_it import MarkdownIt

from allclear.core.model.people import Person
from allclear.core.model.structs import replace
from allclear.core.record.checkpoint import intact, is_panel, pack, read_panel
from allclear.core.record.findings import Affected, Found, ImpactSet
from allclear.core.record.life import (
    Cleared,
    Declared,
    Dismissed,
    Duplicated,
    Joined,
    Reported,
    Resolved,
    SeveritySet,
    StatusSet,
)
from allclear.core.record.people import RoleSet
from allclear.core.record.postmortem import PostmortemOpened, PostmortemPublished
from allclear.core.record.progress import ActionAdded, Flagged, Ticked, Updated
from allclear.core.record.seal import Keyring, new_key, parse_keys
from allclear.core.record.state import shape
from allclear.core.view.panel import boxes, render_panel
from allclear.core.view.reply import ROOM, size
from golden_files import Golden
from packing import packed, packed_before, unpacked
from stories import ADA, BOB, CAT, HOSTILE, HOTDASH, ISSUE_URL, NOON, RENDERER, REPOSITORY, UTC_ZONE, Story
from written import raw, runbook_of, small

DAY = NOON.date()


def visible(panel: str) -> str:
    """The panel without its hidden lines: the packing may differ from one zlib to the next."""
    return "\n".join(line for line in panel.split("\n") if not line.startswith("<!-- allclear:")).strip()


def monitoring() -> Story:
    story = Story().middle()
    story.tell(14, CAT, ImpactSet(users=15000, revenue="$45000", text="Nobody can log in"))
    story.tell(15, CAT, Flagged(flag="security"))
    story.tell(16, ADA, Updated(text="Rolling back to 40.\nTen minutes.", next="verify", eta="14:35 UTC"))
    return story.tell(31, BOB, StatusSet(to="monitoring", text="Rolled back"))


def closed() -> Story:
    story = monitoring().tell(40, BOB, Resolved(text="Rolled back to 40"))
    story.tell(45, ADA, Cleared(override="We go home", open_gates=("verification", "monitoring")))
    return story.tell(
        46, None, PostmortemOpened(path="reports/x.md", branch="b", url="https://github.com/p/5", pull=5)
    )


LOOKS: dict[str, Callable[[], str]] = {
    "declared": lambda: Story().declare().panel(),
    "middle": lambda: monitoring_before_the_fix().panel(),
    "monitoring": lambda: monitoring().panel(),
    "closed-with-override": lambda: closed().panel(),
    "report": lambda: Story().tell(0, CAT, Reported(title="The site is slow")).panel(),
    "broken": lambda: (
        Story()
        .middle()
        .panel(
            broken=("[this reply](https://github.com/c/1) was edited",),
            trouble=("`.github/allclear.yml`, line 3: unknown key `peple`; did you mean `people`?",),
            waiting=("`/sev P1` by bob is waiting, because GitHub did not say what they may do.",),
        )
    ),
    "drill": lambda: Story().declare(kind="drill", severity="P2", asked=True).panel(),
}


def monitoring_before_the_fix() -> Story:
    story = monitoring()
    story.entries.pop()
    return story


@pytest.mark.parametrize("name", LOOKS)
def test_this_is_what_people_see(name: str, golden: Golden) -> None:
    golden(f"panel/{name}.md", visible(LOOKS[name]()))


@pytest.mark.parametrize("name", LOOKS)
def test_what_was_written_is_read_back(name: str) -> None:
    panel = LOOKS[name]()
    kept = read_panel(panel, 7001, 42)
    assert kept is not None
    assert is_panel(panel)
    assert kept.state is not None
    assert (kept.cursor_id, kept.cursor_at, kept.count) == (9001, NOON, 50)
    assert kept.settings == '{"runbook":"hotdash"}'


def test_the_same_entries_give_the_same_panel_to_the_byte() -> None:
    story = monitoring()
    kept = read_panel(story.panel(), 7001, 42)
    assert kept is not None
    assert pack(kept) == pack(story.checkpoint)
    again = Story()
    again.entries = list(story.entries)
    assert again.panel() == story.panel()


def test_a_panel_that_went_through_a_browser_is_still_ours() -> None:
    assert read_panel(monitoring().panel().replace("\n", "\r\n") + "\r\n", 7001, 42) is not None


def test_a_panel_of_another_issue_or_repository_is_not_believed() -> None:
    panel = Story().declare().panel()
    assert read_panel(panel, 7001, 43) is None
    assert read_panel(panel, 7002, 42) is None


def resealed(panel: str, inside: str) -> str:
    """What somebody with write access and our code could write."""
    head = panel.rsplit("\n", 1)[0] + "\n"
    opening, closing = "<!-- allclear:checkpoint ", " -->"
    held = json.dumps({"packed": inside}, separators=(",", ":"))
    seal = hashlib.sha256(f"{head}{opening}{held}{closing}".encode()).hexdigest()[:24]
    return head + opening + json.dumps({"packed": inside, "sum": seal}, separators=(",", ":")) + closing


def held_in(panel: str) -> str:
    """What a panel holds of the record, packed."""
    last = panel.rsplit("\n", 1)[-1]
    held: dict[str, str] = json.loads(last[len("<!-- allclear:checkpoint ") : -len(" -->")])
    return held["packed"]


def test_resealing_what_was_there_is_the_same_panel() -> None:
    panel = Story().declare().panel()
    assert resealed(panel, held_in(panel)) == panel


def test_when_somebody_last_said_a_word_is_read_back() -> None:
    story = monitoring()
    said = replace(story.checkpoint, word=NOON + timedelta(hours=1))
    assert read_panel(resealed(story.panel(), pack(said)), 7001, 42) == said


NESTED = b'{"entries":' + b"[" * 100_000 + b"]" * 100_000 + b"}"
BROKEN = [
    packed(b" " * 5_000_000),
    packed(b'{"entries":[]}', cut=5),
    packed(b'{"entries":[]}'),
    packed(NESTED),
    packed_before(b" " * 5_000_000),
    packed_before(b'{"entries":[]}'),
    packed_before(NESTED),
    packed_before(b"{}").replace("e", "1.e", 1),
    "1.",
    "2.AAAA",
    "?",
    "AAAA",
    "",
]


@pytest.mark.parametrize("held", BROKEN, ids=range(len(BROKEN)))
def test_a_checkpoint_that_cannot_be_ours_is_a_full_read_not_a_crash(held: str) -> None:
    panel = Story().declare().panel()
    assert read_panel(resealed(panel, held), 7001, 42) is None


def test_a_checkpoint_that_an_earlier_version_packed_is_read() -> None:
    panel = monitoring().panel()
    held = packed_before(unpacked(held_in(panel)))
    assert read_panel(resealed(panel, held), 7001, 42) == read_panel(panel, 7001, 42)


def test_what_all_checkpoints_say_takes_no_room() -> None:
    panel = Story().declare().panel()
    text = unpacked(held_in(panel))
    assert len(held_in(panel)) < 0.6 * len(packed_before(text))
    assert packed(text) == held_in(panel)


def test_a_state_that_another_version_folded_is_read_anew_and_the_settings_count() -> None:
    panel = Story().declare().panel()
    text = unpacked(held_in(panel))
    old = json.dumps(
        {"entries": []} | {k: v for k, v in json.loads(text).items() if k not in ("shape", "state")}
    )
    for other in (text.replace(shape(), "0" * 16), old):
        assert other != text
        kept = read_panel(resealed(panel, packed(other)), 7001, 42)
        assert kept is not None
        assert (kept.state, kept.settings) == (None, '{"runbook":"hotdash"}')


@pytest.mark.parametrize(
    "change",
    [
        lambda panel: panel.replace("Investigating", "Resolved"),
        lambda panel: panel.replace("- [ ] Fix applied", "- [x] Fix applied"),
        lambda panel: panel.replace('"sum":"', '"sum":"0'),
        lambda panel: panel.rsplit("\n", 1)[0],
        lambda panel: panel.split("\n", 1)[1],
        lambda panel: panel.replace('"v":1', '"v":2'),
        lambda panel: panel.replace('{"v":1', '{"w":1'),
        lambda panel: panel + "x",
        lambda panel: "",
    ],
)
def test_a_touched_panel_is_read_anew(change: Callable[[str], str]) -> None:
    panel = Story().declare().panel()
    assert change(panel) != panel
    assert read_panel(change(panel), 7001, 42) is None


def test_a_comment_is_not_a_panel() -> None:
    assert not is_panel("Look: <!-- allclear:panel {} -->")


def test_boxes_are_read_by_their_name_wherever_they_stand() -> None:
    panel = Story().middle().panel()
    seen = boxes(panel)
    during, fix, after = HOTDASH.lists
    assert list(seen) == [step.id for one in (during, fix) for step in one.steps]
    assert not seen.keys() & {step.id for step in after.steps}
    assert seen["status-page"]
    assert not seen["fix"]
    turned = "\r\n".join(reversed(panel.split("\n"))).replace("- [ ] Fix applied", "* [X] Fix applied")
    assert boxes(turned) == seen | {"fix": True}


def test_nobody_can_write_a_box_into_the_panel() -> None:
    box = "- [x] Fix applied (`fix`)"
    story = Story().declare(title=box)
    story.tell(1, ADA, Updated(text=f"hello\n{box}", next=box, eta=box))
    story.tell(2, ADA, Found(root_cause=box, evidence=f"\n{box}\n{box}"))
    assert not boxes(story.panel())["fix"]


def hostile() -> Story:
    story = Story().declare(title=HOSTILE, services=(HOSTILE,), impact=HOSTILE)
    story.tell(1, Person(id=9, login=HOSTILE), RoleSet(role="ic", person=Person(id=9, login=HOSTILE)))
    story.tell(2, ADA, Found(root_cause=HOSTILE, evidence=HOSTILE, impact=HOSTILE, proposed_fix=HOSTILE))
    story.tell(3, ADA, Updated(text=f"{HOSTILE}\n{HOSTILE}", next=HOSTILE, eta=HOSTILE))
    story.tell(4, ADA, ImpactSet(revenue=HOSTILE, text=HOSTILE), Flagged(flag=HOSTILE))
    story.tell(5, ADA, Resolved(text=HOSTILE))
    return story.tell(6, ADA, Cleared(text=HOSTILE, override=HOSTILE))


@pytest.mark.parametrize(
    "panel",
    [
        hostile().panel(),
        Story().tell(0, Person(id=9, login=HOSTILE), Reported(title=HOSTILE)).panel(),
        hostile().tell(7, ADA, Duplicated(of=7)).panel(),
    ],
    ids=["closed", "report", "duplicate"],
)
def test_hostile_text_stays_text(panel: str) -> None:
    assert len(re.findall(r"(?<!\\)<!--", re.sub(r"`[^`\n]+`", "", panel))) == 2
    assert read_panel(panel, 7001, 42) is not None
    assert "\u202e" not in panel
    shown = MarkdownIt("commonmark").render(visible(panel))
    text = re.sub(r"<code>.*?</code>", "", shown, flags=re.DOTALL)
    assert not re.search(r"[@#]\w", re.sub(r"Duplicate of #7|incident as #7", "", text))
    assert not re.search(r"GH-\d", text)
    assert 'href="http://evil' not in text
    assert "http://evil" not in text
    assert "<em>" not in text


def test_people_are_linked_and_never_mentioned() -> None:
    story = Story().middle()
    story.tell(13, ADA, RoleSet(role="scribe", person=Person(id=5, login="helper[bot]")))
    panel = visible(story.panel())
    assert "@" not in panel
    assert "👤 Incident Commander: [ada](https://github.com/ada)" in panel
    assert r"[helper\[bot\]](https://github.com/apps/helper)" in panel


def test_deadlines_show_when_and_whom_they_reach() -> None:
    panel = visible(Story().declare().notify().panel())
    assert "- **now** Escalation to CEO → [mona](https://github.com/mona)" in panel
    assert (
        "- **14:10 UTC** Response due → [dave](https://github.com/dave), [eve](https://github.com/eve)"
        in panel
    )
    assert "- **14:20 UTC** Update for team due → nobody yet as Incident Commander, responders" in panel


def test_a_duplicate_stops_and_points_to_the_other() -> None:
    panel = visible(Story().middle().tell(20, ADA, Duplicated(of=7)).panel())
    assert "Duplicate of #7" in panel
    assert "⏱️" not in panel
    assert "### Next" not in panel
    assert "[ ]" not in panel


def test_a_dismissed_report_says_so() -> None:
    story = Story().tell(0, CAT, Reported(title="Slow")).tell(1, ADA, Dismissed(why="It was my wifi"))
    assert visible(story.panel()).startswith("## ⚪ No incident · Slow")


def test_another_report_of_the_same_is_shown() -> None:
    story = Story().declare().tell(1, None, Joined(issue=44, people=(BOB,)))
    assert "🔗 It was reported again as #44" in story.panel()


def test_after_the_close_the_second_list_and_the_published_post_mortem_stand_there() -> None:
    story = closed().tell(60, ADA, ActionAdded(owner=BOB, text="Alert on pool"))
    story.tell(70, None, PostmortemPublished(at=NOON + timedelta(minutes=70)))
    panel = visible(story.panel())
    assert "### Post-Incident" in panel
    assert "- [x] Post-mortem created <sub>auto</sub> (`post-mortem`)" in panel
    assert "- [ ] Action items assigned (`actions`)" in panel  # the one that there is has no date
    assert "### Action items\n- **1** Alert on pool (bob, no date)" in panel
    assert "[Post-mortem, pull request 5](https://github.com/p/5), published" in panel


def test_what_was_offered_and_nobody_took_is_not_shown_once_it_is_over() -> None:
    assert "### Apply Immediate Fix" in monitoring().panel()
    assert "the settings have no action" in monitoring().panel()
    over = closed().panel()
    assert "### Apply Immediate Fix" not in over
    took = monitoring().tell(32, BOB, Ticked(step="rollback")).tell(40, BOB, Resolved(text="x"))
    over = took.tell(200, ADA, Cleared()).panel()
    assert "- [x] Option A: Rollback to last known good version" in over
    assert "the settings have no action" not in over


def test_without_a_pull_request_the_branch_is_linked() -> None:
    opened = PostmortemOpened(path="reports/x.md", branch="b", url="https://github.com/compare/b")
    panel = closed().tell(50, None, opened).panel()
    assert "[Post-mortem, ready for a pull request](https://github.com/compare/b)" in panel


def test_a_clean_close_has_a_green_mark() -> None:
    panel = Story().middle().tell(30, ADA, Resolved(text="x")).tell(200, ADA, Cleared()).panel()
    assert visible(panel).startswith("## ✅ P0 · Closed · Production down")


def test_when_every_gate_is_passed_the_way_out_is_free() -> None:
    story = Story().declare(severity="P3").tell(1, ADA, Resolved(text="x"))
    assert "Nothing is open before `/all-clear`" in story.panel()


def test_the_gate_after_the_next_is_a_number() -> None:
    panel = Story().middle().panel()
    assert "Open before `/resolve`: `fix`, `verification`" in panel
    assert "Open before `/all-clear`: 2 things" in panel


def test_while_the_fix_is_watched_the_panel_says_until_when() -> None:
    story = monitoring().tell(35, ADA, Ticked(step="verification")).tell(40, BOB, Resolved(text="x"))
    panel = story.panel()
    assert "Open before `/all-clear`: extended monitoring until 16:36 UTC" in panel
    assert "/resolve`:" not in panel


def test_many_people_are_a_number() -> None:
    story = Story().declare()
    for number in range(20):
        person = Person(id=100 + number, login=f"person-{number}")
        story.tell(1, person, Joined(issue=number + 50, people=(person,)))
    assert "person-10](https://github.com/person-10), and 9 more" in story.panel()


def test_a_severity_the_runbook_no_longer_knows_is_still_shown() -> None:
    panel = visible(Story().declare().tell(1, ADA, SeveritySet(to="SEV9")).panel())
    assert panel.startswith("## ⚪ SEV9 · Investigating · Production down")


def test_a_status_the_runbook_no_longer_knows_is_shown_as_it_is() -> None:
    story = Story().declare().tell(1, ADA, StatusSet(to="monitoring"))
    story.runbook = replace(HOTDASH, states=HOTDASH.states[:1])
    assert "P0 · monitoring · Production down" in visible(story.panel())


def test_after_the_phases_there_is_no_hint() -> None:
    story = Story().declare().tell(90, BOB, Updated(text="Still at it"))
    assert "By now usually" not in story.panel()


def test_an_issue_nobody_declared_has_a_panel_without_clocks() -> None:
    panel = Story().panel()
    assert read_panel(panel, 7001, 42) is not None
    assert "⏱️" not in panel


def noisy(count: int, text: str) -> Story:
    story = Story().declare()
    for number in range(count):
        # Every text is different, so that packing does not save us.
        digits = "".join(hashlib.sha256(f"{number}/{turn}".encode()).hexdigest() for turn in range(40))
        story.tell(number, ADA, Updated(text=f"{text}{digits}"))
    return story


def test_a_panel_is_no_longer_however_much_was_said() -> None:
    short, long = noisy(500, "").panel(), noisy(1000, "").panel()
    assert size(long) < size(short) + 100
    for panel in (short, long):
        kept = read_panel(panel, 7001, 42)
        assert kept is not None
        assert kept.state is not None
        assert "### Last update" in panel


def test_a_state_that_has_no_room_is_left_out_and_the_settings_stay() -> None:
    story = Story().declare()
    for number in range(2000):
        name = hashlib.sha256(f"{number}".encode()).hexdigest()
        story.tell(number, ADA, Affected(services=(name,)))
    kept = read_panel(story.panel(), 7001, 42)
    assert kept is not None
    assert (kept.state, kept.settings) == (None, '{"runbook":"hotdash"}')
    assert "### During Incident" in story.panel()


def test_too_long_for_a_comment_loses_what_is_needed_least() -> None:
    commands = {"Logs": ["x" * 1000 for _ in range(100)]}
    story = Story(runbook_of(raw("hotdash") | {"look": commands}))
    panel = story.declare().panel()
    assert size(panel) <= ROOM
    assert "Where to look" in panel  # the causes still fit
    assert "x" * 1000 not in panel
    assert "<summary>Links</summary>" not in panel
    assert "### During Incident" in panel
    assert "*This panel was shortened to fit" in panel


def test_a_monstrous_runbook_still_gets_a_headline() -> None:
    steps = {f"s{number}": "x" * 300 for number in range(420)}
    lists = {"during": {"title": "During Incident", "before": "resolved", "steps": steps}}
    runbook = runbook_of(raw("hotdash") | {"lists": lists, "look": {"Logs": ["y" * 70_000]}})
    panel = Story(runbook).declare().panel(broken=tuple(f"reply {n} " + "z" * 600 for n in range(200)))
    assert size(panel) <= ROOM
    assert "P0 · Investigating · Production down" in panel


def test_a_runbook_without_names_for_anything_works() -> None:
    bare = small(lists={}, causes=[], roles={})
    declared = Declared(severity="SEV1", title="x", runbook="small", runbook_hash="")
    panel = visible(Story(bare).tell(0, ADA, declared).panel())
    assert panel.startswith("## 🔴 SEV1 · Investigating · x")
    assert "Where to look" not in panel
    assert "Links" not in panel
    assert "- [ ]" not in panel


def signed_panel(keys: Keyring) -> str:
    story = monitoring()
    return render_panel(
        story.incident,
        story.runbook,
        story.settings,
        story.checkpoint,
        renderer=RENDERER,
        zone=UTC_ZONE,
        repository=REPOSITORY,
        issue_url=ISSUE_URL,
        trouble=(),
        waiting=(),
        broken=(),
        keys=keys,
    )


def test_a_signed_panel_is_read_by_its_key_and_by_nobody_else() -> None:
    one, two = (keyring(new_key(DAY, bytes([number]) * 32)) for number in (1, 2))
    both = Keyring((*two.keys, *one.keys))
    panel = signed_panel(one)
    assert "is not signed" not in panel
    assert read_panel(panel, 7001, 42, one) == monitoring().checkpoint
    assert read_panel(panel, 7001, 42) == monitoring().checkpoint
    # Who signs with another key reads the whole record once, and takes it over.
    assert read_panel(panel, 7001, 42, both) is None
    assert read_panel(panel, 7001, 42, two) is None
    assert read_panel(monitoring().panel(), 7001, 42, one) is None


@pytest.mark.parametrize(
    "change",
    [
        lambda body: body.replace("Verifying", "Resolved", 1),
        lambda body: body.replace('"sig":"', '"sig":"0', 1),
        lambda body: body.replace(',"sig":', ', "sig":', 1),
    ],
    ids=["words", "signature", "blank"],
)
def test_a_signed_panel_that_was_changed_is_none(change: Callable[[str], str]) -> None:
    keys = keyring(new_key(DAY, bytes(32)))
    changed = change(signed_panel(keys))
    assert changed != signed_panel(keys)
    assert read_panel(changed, 7001, 42, keys) is None


def test_whether_a_panel_is_as_it_was_written_is_seen_without_a_key() -> None:
    panel = monitoring().panel()
    assert intact(panel)
    assert intact(panel.replace("\n", "\r\n") + "\r\n")
    assert not intact(panel.replace("Verifying", "Resolved", 1))
    assert not intact("hello")


def keyring(text: str) -> Keyring:
    found = parse_keys(text)
    assert found is not None
    return found
