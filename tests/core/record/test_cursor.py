"""The cursor: how far comments need not be read again, and from when on they are all the same."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest

from allclear.core.model.snapshot import Comment, Issue, LastEdit, Snapshot
from allclear.core.model.structs import replace
from allclear.core.record.chain import read
from allclear.core.record.checkpoint import Checkpoint, pack, read_panel, sealed
from allclear.core.record.cursor import ReadUpTo, advance
from allclear.core.record.panel_text import first_line
from allclear.core.record.read_again import OVERLAP, SHORT_OVERLAP, STRIDE, read_again_from
from allclear.core.record.seal import Trust
from core.issue_desk import BOT
from stories import ADA, NOON, REPOSITORY, Story

BOTS = Trust.of((BOT.id,))


def moved(comments: Sequence[Comment], kept: Checkpoint | None = None) -> ReadUpTo:
    """Where the next pass may begin, going on from what a panel kept."""
    panel = None
    if kept is not None:
        body = f"{first_line(REPOSITORY.id, 42)}\nhi\n"
        panel = Comment(5, BOT, sealed(body, pack(kept), REPOSITORY.id, 42), NOON, NOON)
    issue = Issue(42, "Down", "", ADA, "open", frozenset({"incident"}), (), NOON, "", pinned_comment=5)
    seen = Snapshot(REPOSITORY, issue, tuple(comments), NOON, panel=panel, panel_edit=LastEdit(BOT, NOON))
    return advance(seen, read(seen, BOTS), ())


def crowd(count: int, pace: float, first: int = 1) -> list[Comment]:
    """Comments ``pace`` seconds after each other."""
    return [
        Comment(number, ADA, "chatter", at := NOON + timedelta(seconds=pace * number), at)
        for number in range(first, first + count)
    ]


def kept_after(cursor: ReadUpTo) -> Checkpoint:
    state = Story().declare().state
    return Checkpoint(state, cursor.id, cursor.at, cursor.count, "", again_at=cursor.again_at)


def again_from(kept: Checkpoint, overlap: timedelta) -> datetime:
    return read_again_from(kept.cursor_at, kept.again_at, overlap)


def test_of_a_crowd_one_stride_is_read_again_whether_it_came_at_once_or_bit_by_bit() -> None:
    every = crowd(3 * STRIDE + 7, 1)
    at_once = moved(every)
    assert (at_once.count, at_once.again_at) == (3 * STRIDE, every[2 * STRIDE - 1].created_at)
    first = moved(every[: STRIDE + 3])
    assert (first.count, first.again_at) == (STRIDE, NOON)
    assert moved(every[STRIDE:], kept_after(first)) == at_once


def test_where_comments_are_few_five_minutes_are_read_again() -> None:
    cursor = moved(crowd(STRIDE, 10))
    assert cursor.again_at is None
    assert again_from(kept_after(cursor), OVERLAP) == cursor.at - OVERLAP


def test_a_cursor_that_does_not_move_keeps_from_when_on_comments_are_read_again() -> None:
    cursor = moved(crowd(STRIDE, 1))
    assert moved(crowd(3, 1, first=STRIDE + 1), kept_after(cursor)) == cursor


@pytest.mark.parametrize(
    ("pace", "overlap", "again"),
    [(1, OVERLAP, STRIDE), (1, SHORT_OVERLAP, STRIDE), (2, SHORT_OVERLAP, 60), (4, OVERLAP, 200)],
)
def test_no_more_than_a_stride_and_no_more_than_the_overlap_is_read_again(
    pace: float, overlap: timedelta, again: int
) -> None:
    cursor = moved(crowd(2 * STRIDE, pace))
    assert cursor.at - again_from(kept_after(cursor), overlap) == timedelta(seconds=again)


def test_a_panel_says_so_only_where_it_matters() -> None:
    few, many = kept_after(moved(crowd(STRIDE, 10))), kept_after(moved(crowd(STRIDE, 1)))
    assert again_at(many) == many.again_at
    assert again_at(few) is None
    assert pack(replace(many, again_at=None)) != pack(many)


def again_at(kept: Checkpoint) -> datetime | None:
    """What is read back."""
    body = f"{first_line(REPOSITORY.id, 42)}\nhi\n"
    found = read_panel(sealed(body, pack(kept), REPOSITORY.id, 42), REPOSITORY.id, 42)
    assert found is not None
    return found.again_at
