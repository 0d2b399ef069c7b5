"""Who may: every role and every command, by the table of the product's description, not by the code's."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from allclear.commands import COMMANDS
from allclear.core.record.audit import Refused
from conversations.room import SETTINGS, Room, open_room

READ, TRIAGE, WRITE, MAINTAIN, ADMIN = "read", "triage", "write", "maintain", "admin"
ORDER = (READ, TRIAGE, WRITE, MAINTAIN, ADMIN)
SPEAKERS = {"rae": READ, "cat": TRIAGE, "bob": WRITE, "mia": MAINTAIN, "ann": ADMIN}

# The least role of each command, and words that are a proper use of it.
TABLE = {
    "/ack": TRIAGE,
    "/sev P1": TRIAGE,
    "/status identified": TRIAGE,
    "/role tech @bob": TRIAGE,
    "/ic @bob": TRIAGE,
    "/take comms": TRIAGE,
    "/escalate CEO": TRIAGE,
    "/pattern pool": TRIAGE,
    "/draft customers": TRIAGE,
    "/publish customers": TRIAGE,
    "/meeting 2025-10-21 10:00": TRIAGE,
    "/handoff @bob": TRIAGE,
    "/impact users=10": TRIAGE,
    "/affects api": TRIAGE,
    "/finding it was the cache": TRIAGE,
    "/update we look at it": TRIAGE,
    "/note hello": TRIAGE,
    "/time detected 14:00": WRITE,
    "/check verification": TRIAGE,
    "/uncheck status-page": TRIAGE,
    "/flag security": TRIAGE,
    "/unflag security": TRIAGE,
    "/hotfix raise the pool size": WRITE,
    "/run restart": MAINTAIN,
    "/run": WRITE,
    "/flag-off payments": WRITE,
    "/rollback": MAINTAIN,
    "/smoke": TRIAGE,
    "/approve": MAINTAIN,
    "/cancel": TRIAGE,
    "/resolve done": WRITE,
    "/all-clear done": WRITE,
    '/all-clear --override "a false alarm"': MAINTAIN,
    "/reopen it is back": WRITE,
    "/duplicate #2": WRITE,
    "/action write a test": TRIAGE,
    "/step debrief @bob due:2026-12-01": TRIAGE,
    "/postmortem": WRITE,
    "/review": TRIAGE,
    "/evidence": WRITE,
    "/undo": TRIAGE,
    "/confirm": WRITE,
    "/dismiss": WRITE,
}


# What the commands that touch production are about.
PRODUCTION = """
actions:
  restart: { title: Restart it, run: ["true"], approval: none }
  disable: { title: Disable it, run: ["true", "{flag}"], parameters: { flag: { pattern: "[a-z]+" } },
             flag: true, least: write, approval: none }
"""


def test_the_table_has_every_command() -> None:
    assert {words.split()[0][1:] for words in TABLE} | {"help"} == set(COMMANDS)


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room]:
    """Two incidents and a report; each test begins with the same ones."""
    with open_room(tmp_path_factory.mktemp("rights"), SETTINGS + PRODUCTION) as room:
        room.opens("out", "[INCIDENT P1] A report", form_labels=("incident", "P1"))
        room.opens("ann", "[INCIDENT P1] Another", labels=("incident", "P1"))
        room.opens("ann", "[INCIDENT P1] Tiles", labels=("incident", "P1"))
        yield room


@pytest.mark.parametrize("words", TABLE)
@pytest.mark.parametrize("who", SPEAKERS)
def test_a_command_is_refused_for_want_of_a_role_exactly_where_the_table_says(
    stage: Room, who: str, words: str
) -> None:
    before, delivered = stage.hub.snapshot(), stage.delivered
    stage.number = 1 if words in ("/confirm", "/dismiss") else 3
    stage.says(who, words)
    (entry,) = [entry for entry in stage.journal.entries if entry.key.startswith("c")]
    refusals = [fact.code for fact in entry.facts if isinstance(fact, Refused)]
    allowed = ORDER.index(SPEAKERS[who]) >= ORDER.index(TABLE[words])
    stage.hub.restore(before)
    stage.delivered = delivered
    assert ("not-allowed" in refusals) is not allowed


@pytest.mark.parametrize("who", [*SPEAKERS, "out"])
def test_anybody_who_can_comment_may_ask_for_help(room: Room, who: str) -> None:
    room.opens("ann")
    assert "| command | does |" in room.says(who, "/help")


def test_a_member_whose_membership_is_private_is_known_by_the_permission_endpoint(room: Room) -> None:
    room.opens("ann")
    member = room.hub.create_user("sam")
    room.hub.add_org_member("acme", member, public=False)
    room.repo.grant(member, "triage")
    room.people["sam"] = room.repo.person(member)
    assert "✅" in room.says("sam", "/ack")


def test_settings_raise_the_role_of_a_command_and_never_lower_it(tmp_path: Path) -> None:
    with open_room(tmp_path, "rights: { sev: maintain, resolve: read }\n") as room:
        room.opens("ann")
        assert "`/sev` needs `maintain` access" in room.says("bob", "/sev P1")
        assert "`/resolve` needs `write` access" in room.says("cat", "/resolve")
        assert "lowered from P0" in room.says("mia", "/sev P1")


def test_permission_is_that_of_the_moment_of_processing(room: Room) -> None:
    room.opens("ann")
    room.writes("bob", "/sev P1")
    room.repo.revoke(room.account("bob"))
    room.run()
    assert room.incident.severity == "P0"


def test_a_login_that_changed_hands_has_no_rights_for_the_old_comment(room: Room) -> None:
    room.opens("ann")
    room.writes("bob", "/sev P1")
    room.hub.rename_user(room.account("bob"), "robert")
    thief = room.hub.create_user("bob")
    room.repo.grant(thief, "admin")
    room.run()
    # The comment is shown under the new name of its author, who still has the role.
    assert room.incident.severity == "P1"
    (entry,) = [entry for entry in room.journal.entries if entry.key.startswith("c")]
    assert entry.by is not None
    assert entry.by.login == "robert"


def test_a_deleted_account_gives_no_commands(room: Room) -> None:
    room.opens("ann")
    room.writes("bob", "/sev P1")
    room.hub.delete_user(room.account("bob"))
    room.run()
    assert room.incident.severity == "P0"


def test_another_bot_gives_no_commands(room: Room) -> None:
    room.opens("ann")
    app = room.hub.create_user("helper[bot]")
    room.repo.grant(app, "admin")
    room.people["helper"] = room.repo.person(app)
    assert room.says("helper", "/sev P1") == ""


def test_unknown_permission_is_neither_yes_nor_no(room: Room) -> None:
    room.opens("ann")
    room.hub.faults.add(
        "error_before", match=lambda _, path: path.endswith("/permission"), times=20, status=502
    )
    assert room.says("bob", "/sev P1") == ""
    assert room.incident.severity == "P0"
    assert "is waiting, because GitHub did not say what they may do" in room.panel.body
    room.hub.faults.clear()
    room.run()
    assert room.incident.severity == "P1"
    assert "waits:" not in room.panel.body


def test_an_override_from_an_edited_comment_is_refused(room: Room) -> None:
    room.opens("ann")
    comment = room.writes("mia", "I think we are fine")
    room.clock.advance(60)
    room.people["bob"].edit_comment(comment, '/all-clear --override "bob says so"')
    room.deliver()
    assert room.issue.state == "open"
    assert "edited" in room.replies[-1].body
