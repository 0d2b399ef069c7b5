"""What a run asks before its libraries are there: at once, once, and never to its harm."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
import threading
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from github import Auth

from adapters.answering import answering, plain
from allclear.adapters.github import first_reads as early
from allclear.adapters.github.client import requester_for
from allclear.adapters.github.first_reads import (
    GRAPHQL,
    LARGEST,
    EarlyAnswer,
    FirstReads,
    first_reads,
    over_network,
    place,
)
from allclear.core.model.times import stamp
from allclear.core.record.checkpoint import Checkpoint, pack, sealed
from allclear.core.record.read_again import OVERLAP, read_again_from
from packing import packed_before, unpacked
from stories import NOON

ROOT = Path(__file__).resolve().parents[3]
ENV = {"GITHUB_REPOSITORY": "acme/shop", "GITHUB_TOKEN": "t", "ALLCLEAR_KEY": "ac1-"}
ISSUE = "/repos/acme/shop/issues/7"
COMMENTS = f"{ISSUE}/comments?page=1&per_page=100"
RIGHTS = "/repos/acme/shop/collaborators/bob/permission"
WRITTEN = datetime(2025, 10, 19, 14, 5, tzinfo=UTC)
DATE = "Sun, 19 Oct 2025 14:05:59 GMT"
FINE = EarlyAnswer(200, {}, "{}")


def event(text: str = "/ack", count: int = 3, **more: Any) -> dict[str, Any]:
    user = {"login": "Bob", "type": "User"}
    comment = {"id": 1, "body": text, "user": user, "created_at": "2025-10-19T14:05:00Z"}
    return {"action": "created", "issue": {"number": 7, "comments": count}, "comment": comment} | more


def asked(given: Mapping[str, Any], answer: str = "{}", date: str = DATE, **env: str) -> list[str]:
    """What is asked early for an event."""
    paths: list[str] = []

    def ask(path: str, _body: bytes) -> EarlyAnswer:
        paths.append(path)
        return EarlyAnswer(200, {"date": date}, answer if path == ISSUE else "{}")

    first_reads(ENV | env, given, 7, ask)
    return paths


def test_of_a_command_the_issue_its_comments_and_its_authors_rights_are_asked() -> None:
    assert asked(event()) == [ISSUE, COMMENTS, RIGHTS]


def test_where_nothing_is_signed_the_comments_come_with_who_edited_them() -> None:
    assert asked(event(), ALLCLEAR_KEY="") == [ISSUE, GRAPHQL, RIGHTS]


@pytest.mark.parametrize("text", ["Thanks!", "see /var/log", "/checkout is down", "```\n/ack\n```", "a /ack"])
def test_of_a_comment_that_perhaps_is_none_nobodys_rights_are_asked(text: str) -> None:
    assert asked(event(text)) == [ISSUE, COMMENTS]


def test_of_a_bots_comment_nobodys_rights_are_asked() -> None:
    user = {"login": "other[bot]", "type": "Bot"}
    assert asked(event(comment={"id": 1, "body": "/ack", "user": user})) == [ISSUE, COMMENTS]


@pytest.mark.parametrize("text", ["/ack", "well:\n  /all-clear", "/note: 14:05 saw it", "/SEV P1"])
def test_a_command_is_found_where_people_write_one(text: str) -> None:
    assert asked(event(text))[-1] == RIGHTS


@pytest.mark.parametrize("date", ["Sun, 19 Oct 2025 14:06:00 GMT", "nonsense", ""])
def test_a_run_that_had_to_wait_asks_nobodys_rights_for_the_command_may_have_its_answer(date: str) -> None:
    assert asked(event(), date=date) == [ISSUE, COMMENTS]


def of(*logins: str) -> list[str]:
    """The questions for the rights of these people."""
    return [f"/repos/acme/shop/collaborators/{login}/permission" for login in logins]


@pytest.mark.parametrize(
    ("text", "people"),
    [
        ("/ic @Cat", ["cat"]),
        ("/ack\r\n/role comms @cat, scribe @Dan\r\nthanks @eve", ["cat", "dan"]),
        ("/action @cat add a test, as @dan said", ["cat"]),
        ("/note thanks @cat", []),
        ("/ack thanks @cat", []),
        ("/ic", []),
        ("/role comms @org/team", []),
        ("/ic @bob", []),
        ("/role ic @Bob, comms @cat", ["cat"]),
        ("/ic @../../../user", []),
        ("/ic @cat/../../user", []),
        ("/ic @cat%2F..%2F..", []),
        ("/ic @cat?page=2", []),
        ("/ic @cat#x", []),
        ("/ic @" + "a" * 40, []),
        ("/ic @c\u0430t", []),
        ("/ic " + " ".join(f"@user{n}" for n in range(50)), ["user0", "user1"]),
        ("\n".join(f"/ic @user{n}" for n in range(50)), ["user0", "user1"]),
        ("/ack\n" + "x" * 2000 + "\n/ic @cat", []),
        ("/ack\n> /ic @cat", []),
        ("/ack\n    /ic @cat", []),
    ],
)
def test_so_are_the_rights_of_whom_its_command_names_but_of_two_at_most(text: str, people: list[str]) -> None:
    assert asked(event(text)) == [ISSUE, COMMENTS, RIGHTS, *of(*people)]


@pytest.mark.parametrize(
    "text", ["```\n/ic @cat\n```", "/ic @cat\n```\nlog\n```", "hello @cat", "`/ic @cat`"]
)
def test_of_a_comment_that_perhaps_is_none_it_is_asked_of_nobody_whom_it_names(text: str) -> None:
    assert asked(event(text)) == [ISSUE, COMMENTS]


def test_a_run_that_had_to_wait_asks_no_rights_of_those_named_either() -> None:
    assert asked(event("/ic @cat"), date="Sun, 19 Oct 2025 14:06:00 GMT") == [ISSUE, COMMENTS]


@pytest.mark.parametrize(
    ("association", "private", "people"),
    [
        ("MEMBER", False, ["cat"]),
        ("COLLABORATOR", False, ["cat"]),
        ("CONTRIBUTOR", False, ["cat"]),
        ("NONE", False, []),
        ("FIRST_TIMER", None, []),
        ("NONE", True, ["cat"]),
    ],
)
def test_a_strangers_command_costs_no_request_for_whom_it_names(
    association: str, private: bool | None, people: list[str]
) -> None:
    given = event("/ic @cat", repository={"private": private})
    given["comment"]["author_association"] = association
    assert asked(given) == [ISSUE, COMMENTS, RIGHTS, *of(*people)]


def test_where_the_event_has_no_time_nobodys_rights_are_asked() -> None:
    user = {"login": "Bob", "type": "User"}
    assert asked(event(comment={"id": 1, "body": "/ack", "user": user})) == [ISSUE, COMMENTS]


def test_where_nothing_says_how_many_comments_there_are_those_that_changed_last_are_asked_for() -> None:
    assert asked({"inputs": {"issue": "7"}}) == [ISSUE, GRAPHQL]


@pytest.mark.parametrize(
    "panel",
    ["{}", "[]", "no JSON", '{"pinned_comment": null}', '{"pinned_comment": {"body": null}}']
    + [
        json.dumps({"pinned_comment": {"body": f'<!-- allclear:checkpoint {{"packed":"{packed}"'}})
        for packed in (
            "AAAA",
            "eJwDAAAAAAE=",
            "A",
            packed_before("[" * 60_000),
            packed_before('{"cursor_at":"0001-01-01T00:00:00+00:00"}'),
            packed_before('["cursor_at"]'),
        )
    ],
)
def test_where_no_checkpoint_says_which_comments_are_new_they_are_left_for_later(panel: str) -> None:
    assert asked(event(count=99), answer=panel) == [ISSUE, GRAPHQL, RIGHTS]


@pytest.mark.parametrize("again", [None, NOON - timedelta(seconds=50)], ids=["few", "a crowd"])
@pytest.mark.parametrize("before", [False, True], ids=["packed as today", "packed as before"])
def test_of_many_comments_those_are_asked_for_that_the_run_will_want_where_graphql_does_not_tell(
    again: datetime | None, before: bool
) -> None:
    kept = Checkpoint(None, 9, NOON, 50, "", again_at=again)
    held = packed_before(unpacked(pack(kept))) if before else pack(kept)
    panel = json.dumps({"pinned_comment": {"body": sealed("", held, 7001, 42)}})
    since = stamp(read_again_from(kept.cursor_at, kept.again_at, OVERLAP))
    newest = f"{COMMENTS}&since={since.replace(':', '%3A')}"
    assert asked(event(count=99), answer=panel) == [ISSUE, GRAPHQL, newest, RIGHTS]


@pytest.mark.parametrize("name", sorted(early.UNLIKE))
def test_behind_a_proxy_or_with_other_certificates_nothing_is_asked_early(name: str) -> None:
    assert first_reads(ENV | {name: "http://proxy"}, event(), 7) is None
    assert first_reads(ENV | {name.lower(): "http://proxy"}, event(), 7) is None


def test_without_a_token_or_a_repository_nothing_is_asked_early() -> None:
    assert first_reads({"GITHUB_TOKEN": "t"}, event(), 7) is None
    assert first_reads({"GITHUB_REPOSITORY": "acme/shop"}, event(), 7) is None


@pytest.mark.parametrize(
    "url", ["api.github.com", "https://", "//api.github.com", "ftp://api.github.com", "x:y"]
)
def test_a_token_goes_nowhere_where_the_api_has_no_address(url: str) -> None:
    assert first_reads(ENV | {"GITHUB_API_URL": url}, event(), 7) is None


def test_the_three_are_under_way_at_the_same_time() -> None:
    together = threading.Barrier(3, timeout=30)

    def ask(_path: str, _body: bytes) -> EarlyAnswer:
        together.wait()  # breaks, and with it the test, unless all three come here
        return FINE

    reads = FirstReads(ask, at_once=True)
    for path in ("/a", "/b", "/c"):
        reads.begin(path)
    assert [reads.take(path) for path in ("/a", "/b", "/c")] == [FINE] * 3


@pytest.mark.parametrize("count", [3, 98, 99, 5000])
def test_what_a_command_reads_first_is_one_stage(monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    """None of the four waits for another: each goes on only when all of them were asked."""
    together = threading.Barrier(4, timeout=30)

    def ask(path: str, _body: bytes) -> EarlyAnswer:
        together.wait()
        return EarlyAnswer(200, {}, path)

    monkeypatch.setattr(early, "over_network", lambda _url, _token: ask)
    comments = COMMENTS if count < 99 else GRAPHQL
    reads = first_reads(ENV, event("/ic @cat", count), 7, now=WRITTEN)
    assert reads is not None
    paths = [ISSUE, comments, RIGHTS, *of("cat")]
    answers = [reads.take(path) for path in paths]
    assert [answer.text for answer in answers if answer] == paths


@pytest.mark.parametrize("count", [3, 5000])
def test_so_is_what_is_read_for_talk(monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    together = threading.Barrier(2, timeout=30)

    def ask(path: str, _body: bytes) -> EarlyAnswer:
        together.wait()
        return EarlyAnswer(200, {}, path)

    monkeypatch.setattr(early, "over_network", lambda _url, _token: ask)
    reads = first_reads(ENV, event("any news?", count), 7, now=WRITTEN)
    assert reads is not None
    assert [bool(reads.look(path)) for path in (ISSUE, COMMENTS if count < 99 else GRAPHQL)] == [True, True]
    assert reads.look(RIGHTS) is None


@pytest.mark.parametrize(("seconds", "asks"), [(0, True), (59, True), (60, False)])
def test_what_time_it_is_may_be_told(seconds: int, asks: bool) -> None:
    paths: list[str] = []
    first_reads(ENV, event(), 7, lambda path, _: paths.append(path), WRITTEN + timedelta(seconds=seconds))
    assert (RIGHTS in paths) is asks


def test_where_the_newest_do_not_reach_back_the_others_are_asked_for_once_both_are_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The list is there before the issue, and the issue is not kept waiting by it."""
    listed = threading.Event()
    panel = json.dumps(
        {"pinned_comment": {"body": sealed("", pack(Checkpoint(None, 9, NOON, 50, "")), 7001, 42)}}
    )

    def ask(path: str, body: bytes) -> EarlyAnswer:
        if path == ISSUE:
            listed.wait(30)
        if body:
            listed.set()
        return EarlyAnswer(200, {}, panel if path == ISSUE else path)

    monkeypatch.setattr(early, "over_network", lambda _url, _token: ask)
    reads = first_reads(ENV, event("any news?", 5000), 7, now=WRITTEN)
    assert reads is not None
    assert reads.newest(f"{ISSUE}/comments") is None
    assert reads.listed == f"{COMMENTS}&since={reads.since.replace(':', '%3A')}"
    answer = reads.take(reads.listed)
    assert answer is not None
    assert answer.text == reads.listed


def test_once_something_changes_nothing_is_asked_any_more() -> None:
    paths: list[str] = []
    reads = FirstReads(lambda path, _: paths.append(path), at_once=False)
    reads.drop()
    reads.begin("/a")
    assert (reads.take("/a"), paths) == (None, [])


@pytest.mark.parametrize("url", ["https://api.github.com:port", "http://[half"])
def test_an_address_that_is_none_is_left_to_the_client(url: str) -> None:
    assert first_reads(ENV | {"GITHUB_API_URL": url}, event(), 7) is None


def test_without_threads_it_is_asked_in_the_normal_way(monkeypatch: pytest.MonkeyPatch) -> None:
    def start(_thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", start)
    reads = FirstReads(lambda *_: FINE, at_once=True)
    reads.begin("/a")
    assert reads.take("/a") is None


def test_an_answer_is_taken_once() -> None:
    reads = FirstReads(lambda *_: FINE, at_once=False)
    reads.begin("/a")
    assert reads.take("/a") is FINE
    assert reads.take("/a") is None


def test_nothing_is_taken_once_something_changes() -> None:
    reads = FirstReads(lambda *_: FINE, at_once=False)
    reads.begin("/a")
    reads.drop()
    assert reads.take("/a") is None


def test_what_hangs_is_not_waited_for_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(early, "TIMEOUT", 0)
    ever = threading.Event()

    def ask(_path: str, _body: bytes) -> EarlyAnswer:
        ever.wait(60)
        return FINE

    reads = FirstReads(ask, at_once=True)
    reads.begin("/a")
    assert reads.take("/a") is None
    ever.set()


def test_what_breaks_is_as_if_it_had_not_been_asked() -> None:
    reads = FirstReads(lambda *_: None, at_once=False)
    reads.begin("/a")
    assert reads.take("/a") is None


def test_what_github_still_works_out_is_asked_again() -> None:
    reads = FirstReads(lambda *_: EarlyAnswer(202, {}, ""), at_once=False)
    reads.begin("/a")
    assert reads.take("/a") is None


def test_the_token_goes_to_the_api_and_to_no_place_that_it_names() -> None:
    with answering(plain(b"", "301 Moved", "Location: http://127.0.0.1:9/elsewhere")) as api:
        got = over_network(api.url("/api/v3"), "secret")("/a?b=1", b"")
    assert got is not None
    assert got.status == 301
    assert [request.split(b"\r\n")[0] for request in api.requests] == [b"GET /api/v3/a?b=1 HTTP/1.1"]
    assert b"Authorization: token secret" in api.requests[0]


def test_a_packed_answer_is_unpacked() -> None:
    with answering(plain(gzip.compress(b'{"a":1}'), "200 OK", "Content-Encoding: gzip", "X-Y: z")) as api:
        got = over_network(api.url(), "t")("/a", b"")
    assert got is not None
    assert (got.status, got.headers["x-y"], got.text) == (200, "z", '{"a":1}')


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "packed"])
@pytest.mark.parametrize("over", [0, 1])
def test_an_answer_that_is_too_large_is_none(
    monkeypatch: pytest.MonkeyPatch, packed: bool, over: int
) -> None:
    """A small one may be packed, of which the rest is not unpacked."""
    monkeypatch.setattr(early, "LARGEST", 5000)
    text = b"a" * (5000 + over)
    said = plain(gzip.compress(text), "200 OK", "Content-Encoding: gzip") if packed else plain(text)
    with answering(said) as api:
        assert (over_network(api.url(), "t")("/a", b"") is None) is bool(over)


def test_the_bound_holds_a_page_of_the_longest_comments_that_people_write() -> None:
    assert LARGEST > 100 * 65_536 * 2


def test_half_of_a_packed_answer_is_none() -> None:
    with answering(plain(gzip.compress(b'{"a":1}')[:-9], "200 OK", "Content-Encoding: gzip")) as api:
        assert over_network(api.url(), "t")("/a", b"") is None


def test_a_question_with_a_body_is_posted() -> None:
    with answering(plain(b"{}")) as api:
        got = over_network(api.url(), "t")(GRAPHQL, b'{"query":"q"}')
    assert got is not None
    head, _, body = api.requests[0].partition(b"\r\n\r\n")
    assert head.split(b"\r\n")[0] == b"POST /graphql HTTP/1.1"
    assert b"Content-Type: application/json" in head
    assert body == b'{"query":"q"}'


@pytest.mark.parametrize(
    ("base", "there"),
    [("", "/graphql"), ("/", "/graphql"), ("/api/v3", "/api/graphql"), ("/api/v3/", "/api/graphql")],
)
def test_graphql_stands_where_the_client_finds_it(base: str, there: str) -> None:
    requester = requester_for(f"https://github.example{base}", Auth.Token("t"), 1)
    assert requester.graphql_url == f"https://github.example{there}"
    assert place(base, GRAPHQL) == there
    assert place(base, "/a") == f"{base.rstrip('/')}/a"


@pytest.mark.parametrize(
    "said", [b"", b"nonsense\r\n\r\n", plain(b"\xff"), plain(b"no", "200 OK", "Content-Encoding: gzip")]
)
def test_half_an_answer_is_none(said: bytes) -> None:
    with answering(said) as api:
        assert over_network(api.url(), "t")("/a", b"") is None


def test_an_unknown_certificate_is_not_believed(tmp_path: Path) -> None:
    with answering(plain()) as api:
        assert over_network(f"https://{api.host}", "t")("/a", b"") is None


def test_nothing_but_the_standard_library_is_imported_for_it() -> None:
    program = "import allclear.adapters.github.first_reads, sys; print(*sorted(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT / "scripts", capture_output=True, text=True, check=True
    )
    loaded = done.stdout.split()
    foreign = {name.partition(".")[0] for name in loaded} & {
        "github",
        "msgspec",
        "pydantic",
        "requests",
        "jinja2",
    }
    ours = [name for name in loaded if name.startswith("allclear.")]
    assert foreign == set()
    assert ours == [
        "allclear.adapters",
        "allclear.adapters.github",
        "allclear.adapters.github.first_reads",
    ]
