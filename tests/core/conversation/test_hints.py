"""What is said of a word that is no command, and that what it says to type can be typed, in every runbook."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from allclear.commands import COMMANDS
from allclear.core.conversation.addresses import ASIDES, SENTENCES
from allclear.core.conversation.elsewhere import ALONE, OTHERS, ROWS, TOOLS
from allclear.core.conversation.examples import example_words, filled
from allclear.core.model.authored import read_authored
from allclear.core.model.people import Person
from allclear.core.model.structs import replace
from allclear.core.policy.settings import Settings
from allclear.core.record.audit import Refused
from core.issue_desk import IssueDesk, declared, facts, new, told
from stories import ADA, BOB
from stories import SETTINGS as STORY_SETTINGS
from written import runbook, small

RUNBOOKS = sorted(file.stem for file in Path("templates/runbooks").glob("*.yml"))
SETTINGS = read_authored(
    Settings,
    {
        "people": {"CEO": ["mona"]},
        "services": {"web": {"health": ["https://app.example.com/health"]}},
        "actions": {"restart": {"title": "Restart", "run": ["fly", "restart"], "least": "write"}},
        "hosts": ["app.example.com"],
    },
)
WITH_WEB = replace(STORY_SETTINGS, services=SETTINGS.services)
NOT_TAKEN = frozenset({"unknown", "malformed", "look-alike"})
"""The codes of what nobody could have meant so."""

UNDERSTOOD = ("is in the future", "cannot be after", "cannot be before")
"""What is said of a time that was understood, and that this incident cannot have had."""


def desk_of(name: str) -> IssueDesk:
    book = runbook(name)
    level = book.default_severity
    label = book.label(book.severity(level))
    desk = declared(
        runbook=book,
        settings=SETTINGS,
        labels=frozenset({"incident", label}),
        known_labels=frozenset({"incident", *(book.label(one) for one in book.severities)}),
    )
    octocat = Person(id=77, login="octocat")
    desk.access = desk.access | {"octocat": desk.access["cat"].__class__(desk.access["cat"].rights, octocat)}
    desk.says(ADA, "/action write a test")
    desk.run()
    return desk


def shown_lines(text: str) -> list[str]:
    """The commands that a text shows in backticks."""
    return [line for line in re.findall(r"`(/[^`]+)`", text) if "<" not in line and "…" not in line]


def refused(desk: IssueDesk, lines: list[str]) -> list[tuple[str, str]]:
    """Which of the lines, each typed on the incident as it is, are not understood; with the answer."""
    found = []
    for line in lines:
        comments = list(desk.comments)
        desk.write(ADA, line)
        plan = desk.plan()
        desk.comments = comments
        codes = {one.code for one in facts(plan) if isinstance(one, Refused)}
        said = told(plan)
        if (codes & NOT_TAKEN or not new(plan)) and not any(words in said for words in UNDERSTOOD):
            found.append((line, said))
    return found


@pytest.mark.parametrize("name", RUNBOOKS)
def test_what_a_hint_says_to_type_can_be_typed(name: str) -> None:
    desk = desk_of(name)
    words = example_words(desk.runbook, desk.settings)
    lines = dict.fromkeys(filled(line, words) for row in ROWS for line in shown_lines(row.say))
    assert refused(desk, [*lines]) == []


@pytest.mark.parametrize("name", RUNBOOKS)
def test_the_examples_of_a_command_are_of_this_runbook(name: str) -> None:
    desk = desk_of(name)
    there = [
        one
        for one in COMMANDS.values()
        if not (
            (one.name in ("flag", "unflag") and not desk.runbook.flags)
            or (one.name == "pattern" and not desk.runbook.patterns)
            or (one.name in ("draft", "publish") and not any(voice.public for voice in desk.runbook.voices))
            or one.name in ("approve", "cancel", "flag-off", "help")
        )
    ]
    lines = [line for one in there for line in one.examples_here(desk.runbook, desk.settings)]
    assert refused(desk, lines) == []


@pytest.mark.parametrize("name", RUNBOOKS)
def test_a_command_without_its_argument_is_told_an_example_that_can_be_typed(name: str) -> None:
    desk = desk_of(name)
    for command in [one for one in COMMANDS.values() if one.name != "help"]:
        comments = list(desk.comments)
        desk.write(ADA, f"/{command.name}")
        said = told(desk.plan())
        desk.comments = comments
        if ", for example" in said:
            assert refused(desk, shown_lines(said.split(", for example")[1])) == [], said


def test_no_word_means_two_things() -> None:
    every = [word for row in ROWS for word in row.words]
    names = {name for one in COMMANDS.values() for name in (one.name, *one.aliases)}
    groups = [set(every) - ALONE, TOOLS, OTHERS, ASIDES, names]
    assert len(every) == len(set(every))
    assert [a & b for n, a in enumerate(groups) for b in groups[n + 1 :] if a & b] == []
    assert COMMANDS.keys() >= SENTENCES


@pytest.mark.parametrize("word", sorted({word for row in ROWS for word in row.words}))
def test_every_usual_word_leads_somewhere(word: str) -> None:
    said = declared().answered(BOB, f"/{word}")
    assert "is not a command. " not in said
    assert "mean" not in said


@pytest.mark.parametrize(
    ("typed", "taken"),
    [
        ("/rca the pool", "/finding the pool"),
        ("/root cause the pool", "/finding the pool"),
        ("/Root cause: the pool", "/finding the pool"),
        ("/cause the pool", "/finding the pool"),
        ("/prio p0", "/sev p0"),
        ("/users ~15k", "/impact users=~15k"),
        ("/revenue 45k EUR", '/impact revenue="45k EUR"'),
        ("/revenue $45k", "/impact revenue=$45k"),
        ("/claim", "/ack"),
        ("/began 13:05", "/time started 13:05"),
        ("/S0", "/sev P0"),
        ("/S0!", "/sev P0"),
        ("/level-0", "/sev P0"),
    ],
)
def test_a_word_with_the_same_meaning_is_taken_and_the_answer_says_as_what(typed: str, taken: str) -> None:
    desk = declared()
    assert f"This is `{taken}` here." in desk.answered(BOB, typed)
    assert not [one for one in facts(desk.plan()) if isinstance(one, Refused)]


def test_what_was_taken_from_another_tools_word_can_be_taken_back() -> None:
    desk = declared()
    desk.answered(BOB, "/rca the pool")
    assert "`rca` was taken back" in desk.answered(BOB, "/undo")


def test_what_was_taken_from_the_number_of_a_severity_can_be_taken_back() -> None:
    desk = declared()
    desk.answered(BOB, "/S0")
    assert "`s0` was taken back" in desk.answered(BOB, "/undo")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("/s0", "`/sev P0` sets the severity."),
        ("/S0 checkout", "`/sev P0` sets the severity."),
        ("/urgent", "`/sev P1` sets the severity."),
        (
            "/P9",
            "names no severity of this runbook, which has `P0`, `P1`, `P2`, `P3`. `/sev P1` sets one.",
        ),
        ("/sev-9 x", "`/sev-9` names no severity of this runbook, which has `P0`,"),
        ("/downgrade to P3", "`/sev P3` changes the severity."),
        ("/raise from P2 to P0", "`/sev P0` changes the severity."),
        ("/users are angry", "`/impact users=1200 are angry` records"),
        ("/users 502", "`/users` is not a command here."),
        ("/priority high-ish", "`/sev P1` sets the severity."),
        ("/upgrade p0", "`/sev P0` changes the severity."),
        ("/all hands", "`/all` is not a command."),
        ("/all clear thanks", "`/all-clear thanks` ends"),
        ("/roll back", "`/rollback` takes the release back."),
        ("/roll web", "`/roll` is not a command."),
        ("/inc sev P0 it is all down", "Write `/sev P0 it is all down`."),
        ("/inc retro", "`/postmortem` opens"),
        ("/assign @cat", "`/ic @cat` names who leads, and `/role tech @cat` gives another role."),
        ("/revert sev", "`/undo` takes back your last command, and `/rollback` the release."),
        ("/workaround x", "`/status monitoring` says that it works again"),
        ("/recovered", "`/status monitoring` says that it works again"),
        ("/announce the fix is out", "`/update the fix is out` tells"),
        ("/comm the fix is out", "`/update the fix is out` tells"),
        ("/tl @cat", "`/role tech @cat` gives another role."),
        ("/channel #inc-5", "`/note #inc-5` writes"),
        ("/start drill", "`/time started 14:05` when it began."),
        ("/inc", "commands stand by themselves. `/help` lists them all."),
        ("/incident xyzzy", "`/help` lists them all."),
        ("/oncall", "CEO is `mona`"),
        ("/end of story", "`/end` is not a command. `/help` lists them all."),
        ("/rollback-web", "Did you mean `/rollback web`?"),
        ("/flag-off-checkout", "Did you mean `/flag-off`?"),
        ("/status-monitoring", "Did you mean `/status monitoring`?"),
        ("/check-root-cause", "Did you mean `/check root-cause`?"),
        ("/take-comms", "Did you mean `/take comms`?"),
        ("/ack-it", "Did you mean `/ack`?"),
        ("/xyzzy-it", "`/xyzzy-it` is not a command. `/help` lists them all."),
        ("/lgtm", "`/lgtm` is a command of other bots. `ignore: [lgtm]`"),
    ],
)
def test_what_is_told(typed: str, said: str) -> None:
    assert said in declared(settings=WITH_WEB).answered(BOB, typed)


def test_an_action_is_told_of_though_it_is_called_as_a_page_is() -> None:
    search = read_authored(
        Settings, {"actions": {"search": {"title": "Reindex", "run": ["x"], "least": "write"}}}
    )
    assert "`/run search`" in declared(settings=search).answered(BOB, "/search")
    assert declared(settings=search).answered(BOB, "/search returns 500") == ""
    assert declared().answered(BOB, "/search") == ""


def test_a_text_from_people_stays_in_its_backticks() -> None:
    said = declared().answered(BOB, "/summary ` @mona {people} <!-- x")
    assert "`/update ' @mona {people} <!-- x`" in said


def test_without_people_in_the_settings_it_says_where_they_are_named() -> None:
    desk = declared(settings=Settings())
    assert "`people:` in `.github/allclear.yml`" in desk.answered(BOB, "/oncall")


def test_an_action_of_the_settings_is_never_run_by_its_bare_name() -> None:
    desk = declared(settings=SETTINGS)
    assert "`/run restart now`" in desk.answered(BOB, "/restart now")
    assert "Did you mean `/run restart`?" in desk.answered(BOB, "/restart-web")


def test_many_commands_of_other_bots_are_answered_once() -> None:
    desk = declared()
    said = desk.answered(BOB, "\n".join(f"/{word}" for word in sorted(OTHERS)[:12]))
    assert said.count("of other bots") == 1
    assert "and 2 more" in said


def test_what_the_settings_ignore_is_not_named() -> None:
    desk = declared(settings=Settings(ignore=("lgtm",)))
    said = desk.answered(BOB, "/lgtm\n/cc @cat\n/note on it")
    assert "lgtm" not in said
    assert said.count("`/cc`") == 1


def test_a_runbook_without_roles_has_examples_too() -> None:
    words = example_words(small(), Settings()).keys()
    assert {"severity", "status"} <= words


def test_a_hole_without_a_word_shows_its_example() -> None:
    assert filled("/run {action|restart} {rest}") == "/run restart"
    assert filled("/run {action|restart}", {"action": "scale"}) == "/run scale"


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (
            "/\u0430ck",
            "in `\u0430ck` is CYRILLIC SMALL LETTER A, no plain letter. Type `/ack` again in plain",
        ),
        ("/resolv\u0435d", "Type `/resolved` again in plain letters."),
        ("/\u0430cck", "Type `/ack` again in plain letters."),
        ("/\u0430\u0435\u043e", "no plain letter. `/help` lists them all."),
        ("/set sev P1", "commands stand by themselves. Write `/sev P1`."),
        ("/hypothesis it is the pool", "`/note it is the pool` keeps a thought"),
        ("/complete status-page", "`/check status-page` ticks a step"),
        ("/remind me in 10 min", "`/note look again at 15:00` writes down"),
        ("/drill on", "the title of its issue begins with `DRILL:`."),
    ],
)
def test_a_word_that_is_nearly_one_of_ours_leads_to_it(typed: str, said: str) -> None:
    assert said in declared().answered(BOB, typed).replace("\u2060", "")
