"""What lies in `reports/incidents` when Allclear comes, and what other apps write: told by whole rooms."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from conversations.room import Room, minutes, open_room

PATH = "reports/incidents/2025-10-19-production-down.md"
OLD = {
    "F011": "---\nlayout: post\ntitle: Production down: what happened\n---\n\nIt was down.\n",
    "F013": "---\nissue: 1\ntitle: Production down\n---\n\nThe old tracker's number 1.\n",
    "F014": "\ufeffProduction down\r\n===============\r\n\r\nIt was down.\r\n",
    "F015": "---\nissue: !!python/object/apply:os.system ['x']\nwhen: 2025-13-45\n---\n\nBites.\n",
}


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    with open_room(tmp_path) as opened:
        yield opened


def to_the_post_mortem(room: Room) -> None:
    """An incident from its label to its all-clear."""
    room.opens("ann")
    room.says("bob", "/ack\n/finding a bad migration\n/status monitoring\n/check verification")
    room.says("bob", "/resolve rolled back")
    room.says("bob", "/all-clear rolled back", after=minutes(121))
    assert room.issue.state == "closed"


@pytest.mark.parametrize(
    "old",
    [
        pytest.param(name, marks=pytest.mark.xfail(strict=True) if name == "F013" else [])
        for name in sorted(OLD)
    ],
)
def test_an_old_post_mortem_of_that_name_is_not_touched_and_ours_gets_another(room: Room, old: str) -> None:
    room.repo.put_file(PATH, OLD[old])

    to_the_post_mortem(room)

    assert room.incident.postmortem.path == "reports/incidents/2025-10-19-production-down-1.md"
    assert [room.repo.file(PATH, one.head) for one in room.repo.pulls()] == [OLD[old]]
    assert room.codes == [0] * len(room.codes)


@pytest.mark.parametrize(
    "front",
    [
        pytest.param("issue: 1\nrepository: acme/blog", marks=pytest.mark.xfail(strict=True)),
        pytest.param("id: INC-2025-001\nissue: 1", marks=pytest.mark.xfail(strict=True)),
        "id: INC-2025-001\nissue: '1'",
    ],
    ids=["F013 another repository", "F013 two numbers", "F013 a number as text"],
)
def test_a_file_that_says_our_number_but_not_our_repository_is_not_ours(room: Room, front: str) -> None:
    foreign = f"---\n{front}\n---\n\nTheirs.\n"
    room.repo.put_file(PATH, foreign)

    to_the_post_mortem(room)

    assert room.incident.postmortem.path == "reports/incidents/2025-10-19-production-down-1.md"
    assert [room.repo.file(PATH, one.head) for one in room.repo.pulls()] == [foreign]


def test_f020_old_files_of_other_names_do_not_disturb(room: Room) -> None:
    names = [f"reports/incidents/{name}.md" for name in (*OLD, "2024/inside")]
    for name, text in zip(names, (*OLD.values(), "# Inside a folder\n"), strict=True):
        room.repo.put_file(name, text)
    before = {name: room.repo.file(name) for name in names}

    to_the_post_mortem(room)

    (pull,) = room.repo.pulls()
    assert {name: room.repo.file(name, pull.head) for name in names} == before
    assert room.incident.postmortem.path == PATH


@pytest.mark.xfail(strict=True)
def test_f021_a_file_where_the_folder_should_be_is_told_on_the_issue_once(room: Room) -> None:
    room.repo.put_file("reports/incidents", "We keep them in the wiki.\n")

    to_the_post_mortem(room)

    told = [one.body for one in room.replies if "`reports/incidents` is a file" in one.body]
    assert len(told) == 1
    assert "/postmortem" in told[0]
    room.write_up()
    room.sweep()
    assert len([one for one in room.replies if "`reports/incidents` is a file" in one.body]) == 1
    assert room.codes == [0] * len(room.codes)
    assert room.repo.file("reports/incidents") == "We keep them in the wiki.\n"


@pytest.mark.xfail(strict=True)
def test_f021_once_the_file_is_away_the_post_mortem_is_written(room: Room) -> None:
    room.repo.put_file("reports/incidents", "We keep them in the wiki.\n")
    to_the_post_mortem(room)
    client = room.client(room.hub.actions_token(room.repo, permissions={"contents": "write"}))
    sha = client.get("/repos/acme/shop/contents/reports/incidents").data["sha"]
    client.send(
        "DELETE", "/repos/acme/shop/contents/reports/incidents", {"message": "Move it away", "sha": sha}
    )

    room.says("bob", "/postmortem")

    assert room.incident.postmortem.path == PATH
    assert len(room.repo.pulls()) == 1


def test_e010_a_command_in_another_apps_comment_is_nobodys(room: Room) -> None:
    room.opens("ann")
    before = len(room.replies)

    room.echoes("rae", "/resolve")
    room.run()

    assert not room.incident.reached("resolved")
    assert len(room.replies) - before <= 2  # the echo itself, and at most what Rae hears


def test_e013_one_comment_for_another_bot_is_answered_once_and_the_settings_silence_it(
    tmp_path: Path,
) -> None:
    typed = "/lifecycle frozen\n/remove-lifecycle stale\n/lgtm\n/cc @cat"
    with open_room(tmp_path, "runbook: hotdash\nignore: [lifecycle, remove-lifecycle, /lgtm, cc]\n") as room:
        room.opens("ann")
        assert room.says("bob", typed) == ""
