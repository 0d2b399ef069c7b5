"""A merged post-mortem that people moved is found where it is now, as far as git tells it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from allclear.adapters.github.moved_report import MOST_MOVES, moved_to
from writing_desk import PATH, Desk, open_desk

TEXT = "# The pool was too small\n\nIt was sized for half of the users.\n"


@pytest.fixture
def desk() -> Iterator[Desk]:
    with open_desk() as opened:
        opened.repo.put_file(PATH, TEXT)
        yield opened


def move(desk: Desk, path: str, to: str, text: str = TEXT) -> None:
    """A pull request that renames it, squashed into one commit."""
    branch = f"move-{len(desk.repo.pulls())}"
    desk.bob.push_file(branch, to, text)
    desk.bob.delete_file(branch, path)
    desk.bob.merge_pull(desk.bob.open_pull("Move", branch), "squash")


def found(desk: Desk) -> str | None:
    return moved_to(desk.client, desk.repository, PATH, "main")


def test_it_is_found_behind_as_many_moves_as_are_followed(desk: Desk) -> None:
    path = PATH
    for turn in range(MOST_MOVES):
        following = f"reports/incidents/2025/Q{turn + 1}/pool.md"
        move(desk, path, following, f"{TEXT}{turn}\n")
        path = following
        assert found(desk) == path
    move(desk, path, "reports/incidents/pool.md")
    assert found(desk) is None


def test_what_was_never_there_or_was_deleted_is_not_found(desk: Desk) -> None:
    assert moved_to(desk.client, desk.repository, "reports/incidents/never.md", "main") is None
    desk.bob.push_file("gone", "notes.md", "Elsewhere")
    desk.bob.delete_file("gone", PATH)
    desk.bob.merge_pull(desk.bob.open_pull("Delete", "gone"), "squash")
    assert found(desk) is None


@pytest.mark.parametrize(
    "to", ["docs/pool.md", "reports/incidents/notes/pool.md", "reports/incidents/README.md", f"{PATH}.txt"]
)
def test_what_is_no_post_mortem_where_it_is_now_is_not_found(desk: Desk, to: str) -> None:
    move(desk, PATH, to)
    assert found(desk) is None
