import re
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from allclear.core.model.neutral import block, inline
from allclear.core.model.people import Person
from allclear.core.model.structs import replace
from allclear.core.record.audit import Refused
from allclear.core.record.entry import FORMAT, Block, Entry, decode, genesis
from allclear.core.record.incident import Incident
from allclear.core.record.life import Cleared, Joined, SeveritySet, StatusSet
from allclear.core.record.people import Acknowledged, RoleSet
from allclear.core.record.progress import Flagged, Noted
from allclear.core.view.people import people_behind, whom
from allclear.core.view.reply import (
    LIMIT,
    ROOM,
    SHORTENED,
    Composed,
    Notice,
    Part,
    Said,
    compose,
    mention,
    plan_table,
    shorten,
    size,
)
from core.issue_desk import IssueDesk, declared, told
from golden_files import Golden
from stories import ADA, BOB, CAT, HOSTILE, HOTDASH, NOON, RENDERER, SETTINGS, UTC_ZONE, Story
from written import small


def entry(number: int, *facts: Noted | Refused, by: Person = ADA) -> Entry:
    return Entry(key=f"c{number}.0", what="x", by=by, at=NOON, facts=facts or (Noted(at=NOON, text="x"),))


def chained(parts: list[Part]) -> list[Part]:
    head, linked = genesis(7001, 42), []
    for part in parts:
        one = part.entry.chained(head)
        head = one.hash
        linked.append(Part(one, part.said, part.notice, part.extra))
    return linked


def answer(
    number: int, call: str, say: str, mark: str = "done", who: str = "ada", *, extra: str = ""
) -> Part:
    return Part(entry(number), Said(f"c{number}.0", call, who, mark, say), None, extra)


TOLD = Notice(
    key="t:1",
    title="Escalation to CEO",
    text="P0 incident: Production down. Nobody has acknowledged yet. Please write `/ack`.",
    mentions=("mona",),
    names=(),
    due=NOON,
    late=timedelta(),
    action="escalate",
)


def notice(number: int, **more: Any) -> Part:
    return Part(entry(number), None, replace(TOLD, key=f"t:{number}", **more), "")


def posted(*parts: Part, late: int = 0) -> list[Composed]:
    now = NOON + timedelta(minutes=late)
    return compose(7001, 42, chained(list(parts)), renderer=RENDERER, zone=UTC_ZONE, now=now)


def seen(*parts: Part, late: int = 0) -> str:
    """What a person sees of the one comment that is posted."""
    (one,) = posted(*parts, late=late)
    first, rest = one.body.split("\n", 1)
    assert first.startswith("<!-- allclear:entries ")
    return rest.strip()


def test_a_declaration_reads_like_this(golden: Golden) -> None:
    labels = frozenset({"incident", "P0"})
    desk = IssueDesk(title="[INCIDENT P0] Production down", labels=labels, known_labels=labels)
    golden("reply/declaration.md", told(desk.run()))


def test_several_commands_get_one_reply_in_their_order(golden: Golden) -> None:
    body = seen(
        answer(1, "/ack", "You are a responder; the response clock has stopped.", who="bob"),
        answer(
            2,
            "/sev P1 only the dashboard",
            "Severity is now **P1**, it was P0.\nNext: Notice to Manager at 14:20 UTC (Manager).",
        ),
        answer(3, "/akc", "`/akc` is not a command. Did you mean `/ack`? `/help` lists them all.", "refused"),
        answer(
            4, "/help sev", "`/sev <severity> [why]` sets the severity. It takes `triage`.", "helped", "cat"
        ),
    )
    golden("reply/several.md", body)
    assert [body.index(word) for word in ("/ack", "/sev", "/akc", "/help sev")] == sorted(
        body.index(word) for word in ("/ack", "/sev", "/akc", "/help sev")
    )


def test_a_refusal_says_what_is_open_and_how_to_close_it(golden: Golden) -> None:
    say = (
        "Not yet: 2 things are open.\n\n"
        "- Fix applied: `/status monitoring` once the fix is applied\n"
        "- Verification completed: `/check verification`"
    )
    golden("reply/refusal.md", seen(answer(1, "/resolve rolled back", say, "refused", "bob")))


def test_a_late_notice_says_how_late_and_for_whom_nobody_was_notified(golden: Golden) -> None:
    body = seen(notice(1, mentions=("mona", "dave"), names=("Manager",), late=timedelta(minutes=42)), late=42)
    golden("reply/late.md", body)


def test_an_update_is_said_below_the_answer(golden: Golden) -> None:
    said = declared().answered(BOB, "/update Rolling back.\nTen minutes.\nNext: verify\nETA: 14:30 UTC")
    golden("reply/update.md", said)


def test_a_drill_mentions_nobody(golden: Golden) -> None:
    body = seen(notice(1, mentions=(), names=("CEO", "mona"), kind="drill"))
    assert "@" not in body
    golden("reply/drill.md", body)


PEOPLE = st.lists(st.sampled_from(["mona", "dave", "eve"]), unique=True)
TITLES = st.lists(st.sampled_from(["CEO", "Manager", "responders"]), unique=True)


@given(PEOPLE, TITLES, st.sampled_from(["real", "drill", "retro"]))
def test_a_notice_that_mentions_people_does_not_say_that_nobody_was_notified(
    mentions: list[str], names: list[str], kind: str
) -> None:
    told = seen(notice(1, mentions=tuple(mentions), names=tuple(names), kind=kind))
    assert ("@" in told) is bool(mentions)
    if mentions and kind == "real":
        assert "was notified" not in told
    elif names:
        assert "Nobody was notified, because" in told
    assert all(name in told for name in names)


def test_why_nobody_was_notified_is_said() -> None:
    for kind, why in (
        ("real", "because nobody fills these roles yet: CEO, Manager."),
        ("drill", "because this is a drill. It is meant for CEO, Manager."),
        ("retro", "because this incident is written up afterwards. It is meant for CEO, Manager."),
    ):
        assert why in seen(notice(1, mentions=(), names=("CEO", "Manager"), kind=kind))
    assert "Nobody fills this role yet: CEO." in seen(notice(1, mentions=("dave",), names=("CEO",)))


def test_on_time_is_not_called_late() -> None:
    assert "late." not in seen(notice(1, late=timedelta(seconds=59)))


def test_the_entries_stand_on_line_one_and_can_be_read_back() -> None:
    parts = chained([answer(1, "/ack", "ok"), notice(2)])
    (one,) = compose(7001, 42, parts, renderer=RENDERER, zone=UTC_ZONE, now=NOON)
    held = decode(one.body)
    assert held == Block(v=FORMAT, repo=7001, issue=42, entries=tuple(part.entry for part in parts))
    assert one.keys == ("c1.0", "c2.0")


def test_a_reply_has_its_answer_then_what_goes_with_it_then_its_notice() -> None:
    first, second = replace(answer(1, "/ack", "ok"), extra="  the plan\n"), notice(2)
    (one,) = posted(first, second)
    places = [one.body.index(text) for text in ("`/ack` · ada", "the plan", "@mona")]
    assert places == sorted(places)
    assert "\n\n\n" not in one.body


def test_nothing_to_say_is_no_comment() -> None:
    assert posted() == []


def test_an_entry_without_words_is_still_written_down() -> None:
    (one,) = posted(Part(entry(1)))
    assert decode(one.body) is not None
    assert "\n" not in one.body


def test_three_hundred_commands_fit_into_few_comments_and_none_is_lost() -> None:
    bodies = posted(*(answer(n, f"/note number {n}", f"Noted: number {n}.") for n in range(300)))
    assert 1 < len(bodies) < 5
    assert [key for one in bodies for key in one.keys] == [f"c{n}.0" for n in range(300)]
    head = genesis(7001, 42)
    for one in bodies:
        assert size(one.body) <= ROOM
        held = decode(one.body)
        assert held is not None
        assert tuple(entry.key for entry in held.entries) == one.keys
        for kept in held.entries:
            assert kept.prev == head
            head = kept.hash


def test_an_answer_longer_than_a_comment_is_shortened_at_a_line_and_the_fence_closed() -> None:
    say = "Look:\n```\n" + "\n".join(f"line {n} 🔥" for n in range(20_000)) + "\n```"
    (one,) = posted(answer(1, "/help", say))
    assert size(one.body) <= ROOM
    assert one.body.endswith(f"🔥\n```\n\n{SHORTENED}")
    assert decode(one.body) is not None


def test_the_longest_text_a_command_takes_fits_even_in_emoji() -> None:
    fact = Noted(at=NOON, text="🔥" * 4000)
    part = Part(entry(1, fact), Said("c1.0", "/note", "ada", "done", block("🔥" * 4000)), None, "")
    (one,) = posted(part)
    assert size(one.body) <= LIMIT
    assert decode(one.body) is not None


def test_shortening_leaves_closed_fences_alone() -> None:
    text = "a\n```\nb\n```\n" + "c\n" * 500
    assert shorten(text, 300).count("```") == 2
    assert size(shorten(text, 300)) <= 300
    assert shorten("a\nb", 300) == f"a\nb\n\n{SHORTENED}"


def test_an_emoji_counts_as_githubs_strictest_reading_does() -> None:
    assert size("a🔥") == 3


@pytest.mark.parametrize(
    ("login", "written"),
    [
        ("ada", "@ada"),
        ("octo-cat", "@octo-cat"),
        ("helper[bot]", r"helper\[bot\]"),
        ("not a login", "not a login"),
    ],
)
def test_only_people_are_mentioned(login: str, written: str) -> None:
    assert mention(login) == written


def test_hostile_words_stay_words_wherever_they_are_said() -> None:
    body = seen(
        answer(1, f"/note {HOSTILE}", inline(HOSTILE), "refused", HOSTILE),
        notice(2, mentions=(HOSTILE,), names=(HOSTILE,), text=inline(HOSTILE), title=inline(HOSTILE)),
    )
    shown = MarkdownIt("commonmark").render(body)
    text = re.sub(r"<code>.*?</code>", "", shown, flags=re.DOTALL)
    assert not re.search(r"[@#]\w|GH-\d|http:|<em>|<!--|\u202e", text)
    assert not re.search(r"(?<!\\)<!--", re.sub(r"`[^`\n]+`", "", body))


def test_user_text_never_reaches_line_one_as_it_was() -> None:
    (one,) = posted(Part(entry(1, Noted(at=NOON, text=f"--> {HOSTILE}\nline"))))
    first = one.body.split("\n", 1)[0]
    assert first.count("-->") == 1
    assert "@" not in first
    assert "#" not in first


def test_people_behind_a_title() -> None:
    story = Story().declare().tell(1, BOB, Acknowledged(by=BOB)).tell(2, ADA, RoleSet(role="ic", person=CAT))
    incident = story.incident
    behind = {
        title: people_behind(title, incident, HOTDASH, SETTINGS)
        for title in ("responders", "Incident Commander", "ic", "scribe", "ceo", "Manager")
    }
    assert behind == {
        "responders": ("bob", "cat"),
        "Incident Commander": ("cat",),
        "ic": ("cat",),
        "scribe": (),
        "ceo": ("mona",),
        "Manager": (),
    }
    assert whom(("CEO", "Manager"), incident, HOTDASH, SETTINGS) == "CEO (mona), Manager (nobody yet)"


def rows(story: Story) -> list[str]:
    return plan_table(story.incident, story.runbook, UTC_ZONE, SETTINGS).split("\n")[2:]


def test_the_plan_tells_now_then_clock_times_then_what_waits_for_something() -> None:
    team = "Incident Commander, responders"
    assert rows(Story().declare(severity="P1")) == [
        "| now | Alert | DevOps (dave, eve) |",
        "| 14:20 UTC | Notice to Manager, unless mitigated | Manager (nobody yet) |",
        "| 14:20 UTC | Response due, unless acknowledged | DevOps (dave, eve) |",
        f"| 1 hour after the fix | End of monitoring, unless closed | {team} |",
        f"| 1 day after the resolution | Post-mortem reminder, unless published | {team} |",
        f"| 3 days after the resolution | Post-mortem due, then every day until published | {team} |",
        f"| 3 days after the resolution | Checklist due: Post-Incident, then every day until done | {team} |",
    ]


def only(rule: dict[str, object]) -> Story:
    """An incident of a runbook whose clock knows nothing but this rule."""
    book = small(rules={"late": rule})
    kept = tuple(one for one in book.deadlines if one.id == "late")
    return Story(replace(book, deadlines=kept)).declare(severity="SEV1")


def test_a_deadline_for_a_flag_is_planned_once_the_flag_is_up() -> None:
    story = only(
        {"when": {"flag": "security"}, "from": "resolved", "after": "2h", "until": "all-clear", "tell": "CTO"}
    )
    assert rows(story) == []
    story.tell(1, ADA, Flagged(flag="security"))
    assert rows(story) == [
        "| 2 hours after the resolution | Notice to CTO, unless closed | CTO (nobody yet) |"
    ]


def test_what_is_over_has_no_plan() -> None:
    assert plan_table(Incident(number=42), HOTDASH, UTC_ZONE, SETTINGS) == ""
    story = Story().declare(severity="P3").notify().tell(1, BOB, Acknowledged(by=BOB), Joined(issue=3))
    story.tell(2, ADA, StatusSet(to="monitoring"), SeveritySet(to="P3")).tell(3, ADA, Cleared())
    assert rows(story) == []
