"""A sweep asks GraphQL for a few fields of each incident, and REST only where that does not answer. Whatever
happened, and whatever events were lost: the few fields show that something is to do wherever all of them do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from allclear.adapters.github.overview import OpenWork, Overview
from allclear.adapters.github.read import Reader
from allclear.jobs.respond import decide
from allclear.jobs.run import start
from conversations.room import KEY, Room, minutes, open_room
from sampling import examples

OLDER = "\n\nAn older text."


def looked(room: Room) -> dict[str, set[int]]:
    """What a sweep would look at more closely, and what it would look at in all, both ways."""
    found: dict[str, set[int]] = {}

    def look(env: dict[str, str], **more: Any) -> int:
        run = start(env, **more)
        policy = run.policy()
        names = policy.settings.labels
        reader = Reader(run.client, run.repository, policy.trust, names)
        overview = Overview(run.client, run.repository, policy.trust, names)

        def busy(one: OpenWork) -> bool:
            if one.seen is None:
                return True
            plan = decide(run, reader, policy, one.seen).plan
            return bool(plan.effects or plan.postmortem or plan.happened or plan.hotfix or plan.answers)

        def sorted_out(name: str, every: Iterable[OpenWork]) -> None:
            there = list(every)
            found[name] = {one.number for one in there}
            found[f"{name}, busy"] = {one.number for one in there if busy(one)}

        run.client.get("/rate_limit")  # the clock
        sorted_out("brief", overview.open_work())
        sorted_out("all", overview.by_rest())
        return 0

    look.__name__ = "sweep"
    assert room.door(look, "schedule", {}) == 0
    return found


def lost(room: Room) -> None:
    """The events of what was done are lost."""
    room.delivered = len(room.hub.deliveries)


def pinned(room: Room, number: int) -> str:
    """The text of the panel."""
    room.number = number
    return room.panel.body


def newest_by(room: Room, who: str) -> int | None:
    return next((one.id for one in reversed(room.comments) if one.author == who), None)


def edits(room: Room, who: str, by: str, text: str) -> None:
    comment = newest_by(room, who)
    if comment is not None:
        room.people[by].edit_comment(comment, text)


def removes(room: Room, who: str) -> None:
    comment = newest_by(room, who)
    if comment is not None:
        room.people["ann"].delete_comment(comment)


def forges(room: Room, who: str, first: dict[int, str]) -> None:
    """Somebody, or another workflow of the repository, writes the first panel of ours over the newest."""
    pinned = room.issue.pinned_comment_id
    if pinned is None or room.number not in first:
        return
    if who == "bot":
        token = room.hub.actions_token(room.repo, permissions={"issues": "write"})
        path = f"/repos/acme/shop/issues/comments/{pinned}"
        room.client(token).send("PATCH", path, {"body": first[room.number]})
    else:
        room.people[who].edit_comment(pinned, first[room.number])


def unlabels(room: Room, name: str) -> None:
    if name in room.issue.labels:
        room.people["ann"].unlabel(room.number, name)


def by_hand(room: Room, deed: str) -> None:
    ann, pinned, number = room.people["ann"], room.issue.pinned_comment_id, room.number
    match deed:
        case "close" if room.issue.state == "open":
            ann.close(number)
        case "reopen" if room.issue.state == "closed":
            ann.reopen(number)
        case "rename":
            ann.edit_issue(number, title="[INCIDENT P1] Checkout is down")
        case "rewrite":
            ann.edit_issue(number, body=f"/sev P2 a part{OLDER}")
        case "unpin" if pinned is not None:
            ann.unpin_comment(pinned)
        case "drop the panel" if pinned is not None:
            ann.delete_comment(pinned)
        case "tick" if pinned is not None:
            body = room.repo.state.comments[pinned].body
            ann.edit_comment(pinned, body.replace("- [ ]", "- [x]", 1))
        case "save the panel" if pinned is not None:
            body = room.repo.state.comments[pinned].body
            ann.edit_comment(pinned, f"{body}\n")
            ann.edit_comment(pinned, body)
        case _:
            pass


DO: dict[str, Callable[..., object]] = {
    "says": lambda room, who, text: room.says(who, text),
    "writes": lambda room, who, text: room.writes(who, text),
    "edits": edits,
    "removes": removes,
    "labels": lambda room, name: room.people["ann"].label(room.number, name),
    "unlabels": unlabels,
    "by hand": by_hand,
    "forges": forges,
    "echoes": lambda room, text: room.echoes("out", text),
    "sweep": lambda room: room.sweep(),
    "wait": lambda room, time: room.clock.advance(minutes(time)),
    "other": lambda room, number: setattr(room, "number", number),
}

PEOPLE = st.sampled_from(["ann", "bob", "cat", "rae", "out"])
WORDS = st.sampled_from(
    [
        "/ack",
        "/sev P1 all of it",
        "/note seen",
        "/resolve",
        "thanks",
        "/status monitoring",
        "/ic @cat",
        "/akc",
    ]
)
HANDS = [
    "close",
    "reopen",
    "rename",
    "rewrite",
    "unpin",
    "drop the panel",
    "tick",
    "save the panel",
    "assign",
]
DEEDS = st.one_of(
    st.tuples(st.just("says"), PEOPLE, WORDS),
    st.tuples(st.just("writes"), PEOPLE, WORDS),
    st.tuples(
        st.just("edits"),
        st.sampled_from(["bob", "rae", "github-actions[bot]"]),
        st.sampled_from(["ann", "bob"]),
        WORDS,
    ),
    st.tuples(st.just("removes"), st.sampled_from(["bob", "rae", "github-actions[bot]"])),
    st.tuples(st.sampled_from(["labels", "unlabels"]), st.sampled_from(["P0", "P1", "incident", "question"])),
    st.tuples(st.just("by hand"), st.sampled_from(HANDS)),
    st.tuples(st.just("forges"), st.sampled_from(["bot", "bob"])),
    st.tuples(st.just("echoes"), WORDS),
    st.tuples(st.just("sweep")),
    st.tuples(st.just("wait"), st.sampled_from([0.1, 3, 6, 40, 60 * 7, 60 * 30, 60 * 24 * 9])),
    st.tuples(st.just("other"), st.sampled_from([1, 2])),
)

NIGHT_OF_A_LOST_EDIT = [
    ("writes", "bob", "thanks"),
    ("sweep",),
    ("wait", 1800),
    ("edits", "bob", "bob", "/ack"),
]


@pytest.mark.usefixtures("proof")
@example(deeds=NIGHT_OF_A_LOST_EDIT, key=KEY)
@example(deeds=[("by hand", "rewrite"), ("wait", 40), ("sweep",), ("wait", 60 * 30)], key="")
@example(deeds=[("sweep",), ("wait", 3), ("by hand", "save the panel")], key="")
@settings(
    max_examples=examples(20, 400),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(deeds=st.lists(DEEDS, min_size=2, max_size=8), key=st.sampled_from([KEY, ""]))
def test_a_brief_look_sees_something_to_do_wherever_a_look_at_all_of_it_does(
    deeds: list[tuple[Any, ...]], key: str
) -> None:
    with TemporaryDirectory() as folder, open_room(Path(folder)) as room:
        room.key = key
        room.opens("ann", "[INCIDENT P2] A part", "It is slow.", labels=("incident", "P2"))
        room.clock.advance(minutes(1))
        room.opens("bob", "[INCIDENT P0] Production down", f"Nothing works.{OLDER}")
        first = {1: pinned(room, 1), 2: pinned(room, 2)}
        for name, *what in deeds:
            DO[name](room, *what, *([first] if name == "forges" else []))
            lost(room)
            found = looked(room)
            assert found["brief"] == found["all"]
            assert found["brief, busy"] == found["all, busy"]
