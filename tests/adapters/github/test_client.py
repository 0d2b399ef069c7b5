"""GitHub's answers on bad days, one by one: what is tried again, what stops, what is never taken for data."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import partial
from typing import Any

import pytest
import requests
import responses

from allclear.adapters.github.client import MOST_PAGES, Client
from allclear.adapters.github.errors import (
    ConflictError,
    ForbiddenError,
    GitHubError,
    GoneError,
    InvalidError,
    MovedError,
    NotFoundError,
    RateLimitedError,
    UnauthorizedError,
    UnavailableError,
)
from allclear.adapters.github.first_reads import EarlyAnswer, FirstReads
from allclear.adapters.github.paging import last_page, next_page

API = "http://127.0.0.1:1/api"
NOW = datetime(2025, 10, 19, 14, 2, tzinfo=UTC)


class Line:
    """The wire: `says` queues an answer, `client` asks; waiting moves the server's clock."""

    def __init__(self, wire: responses.RequestsMock) -> None:
        self.wire = wire
        self.now = NOW
        self.waits: list[float] = []
        self.client = Client(API, "token", sleep=self.sleep)

    def sleep(self, seconds: float) -> None:
        assert seconds >= 0
        self.waits.append(seconds)
        self.now += timedelta(seconds=seconds)

    def says(
        self, status: int, data: Any = None, verb: str = "GET", path: str = "/x", **headers: str
    ) -> None:
        body = data if isinstance(data, str | Exception) else None
        self.wire.add(
            verb,
            f"{API}{path}",
            body=body,
            json=None if body is not None or data is None else data,
            status=status,
            headers={"Date": format_datetime(NOW, usegmt=True)}
            | {name.replace("_", "-"): value for name, value in headers.items()},
        )

    @property
    def asked(self) -> int:
        return len(self.wire.calls)


@pytest.fixture
def line() -> Iterator[Line]:
    with responses.RequestsMock(
        assert_all_requests_are_fired=True, registry=responses.registries.OrderedRegistry
    ) as wire:
        yield Line(wire)


def test_the_clock_is_githubs_and_unknown_before_its_first_answer(line: Line) -> None:
    with pytest.raises(UnavailableError, match="not answered yet"):
        _ = line.client.now
    line.says(200, {})
    line.client.get("/x")
    assert line.client.now == NOW


def test_an_answer_without_a_date_leaves_the_clock_as_it_was(line: Line) -> None:
    line.says(200, {})
    line.wire.add("GET", f"{API}/x", json={})
    line.client.get("/x")
    line.client.get("/x")
    assert line.client.now == NOW


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a1_a_read_is_tried_three_times_at_most(line: Line, status: int) -> None:
    for _ in range(3):
        line.says(status)
    with pytest.raises(UnavailableError):
        line.client.get("/x")
    assert line.waits == [0.5, 1.0]


def test_a1_a_read_that_works_at_last_is_an_answer(line: Line) -> None:
    line.says(502)
    line.says(502)
    line.says(200, {"ok": 1})
    assert line.client.get("/x").data == {"ok": 1}


@pytest.mark.parametrize(
    "fault", [502, requests.ConnectionError("reset"), requests.ReadTimeout("slow"), "<html>", '{"id": 1', ""]
)
def test_a2_a3_a_write_is_never_repeated_by_the_client(line: Line, fault: Any) -> None:
    line.says(fault if isinstance(fault, int) else 201, None if isinstance(fault, int) else fault, "POST")
    with pytest.raises(UnavailableError):
        line.client.send("POST", "/x", {"body": "hello"})
    assert line.asked == 1


def test_a3_an_empty_answer_where_data_belongs_is_none(line: Line) -> None:
    line.says(204, None, "DELETE")
    assert line.client.send("DELETE", "/x").data is None


def test_a3_an_error_page_that_is_no_json_is_still_its_status(line: Line) -> None:
    line.says(404, "<html>")
    with pytest.raises(NotFoundError, match="no message"):
        line.client.get("/x")


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (307, MovedError),
        (308, MovedError),
        (400, InvalidError),
        (401, UnauthorizedError),
        (403, ForbiddenError),
        (404, NotFoundError),
        (409, ConflictError),
        (410, GoneError),
        (422, InvalidError),
        (451, GoneError),
    ],
)
def test_every_refusal_has_its_type_and_is_not_tried_again(
    line: Line, status: int, kind: type[GitHubError]
) -> None:
    line.says(status, {"message": "No."})
    with pytest.raises(kind, match=r"GET /x: No\.") as caught:
        line.client.get("/x")
    assert type(caught.value) is kind
    assert (caught.value.status, caught.value.data) == (status, {"message": "No."})
    assert line.waits == []


@pytest.mark.parametrize("status", [304, 418])
def test_a21_an_unheard_of_status_is_not_taken_for_nothing_there(line: Line, status: int) -> None:
    for _ in range(3):
        line.says(status)
    with pytest.raises(UnavailableError):
        line.client.get("/x")


def test_a_status_that_was_expected_is_an_answer(line: Line) -> None:
    line.says(422, {"message": "already_exists"}, "POST")
    assert line.client.send("POST", "/x", accept=(422,)).status == 422


@pytest.mark.parametrize("verb", ["GET", "POST", "PATCH", "PUT", "DELETE"])
@pytest.mark.parametrize("where", [f"{API}/y", "https://elsewhere.example/y", f"{API}/x"])
def test_a20_a_redirect_is_never_followed(line: Line, verb: str, where: str) -> None:
    line.says(301, {"message": "Moved Permanently"}, verb, Location=where)
    ask = line.client.get if verb == "GET" else partial(line.client.send, verb)
    with pytest.raises(MovedError, match=r"moved to "):
        ask("/x", {"page": 2})
    assert line.asked == 1


@pytest.mark.parametrize("status", [403, 429])
def test_a4_no_call_before_retry_after_has_passed(line: Line, status: int) -> None:
    line.says(status, {"message": "You have exceeded a secondary rate limit"}, Retry_After="17")
    line.says(200, {})
    line.client.get("/x")
    assert line.waits == [17]


@pytest.mark.parametrize(
    ("status", "message"),
    [(429, "Too many"), (403, "You have exceeded a secondary rate limit."), (403, "abuse detection")],
)
def test_a5_without_retry_after_it_waits_a_minute_then_longer_then_stops(
    line: Line, status: int, message: str
) -> None:
    line.says(status, {"message": message})
    line.says(status, {"message": message})
    with pytest.raises(RateLimitedError) as caught:
        line.client.get("/x")
    assert line.waits == [60]
    assert caught.value.retry_at == NOW + timedelta(minutes=1)


def test_a5_patience_is_for_the_whole_run(line: Line) -> None:
    for _ in range(2):
        line.says(429, {}, Retry_After="70")
        line.says(200, {})
        line.client.get("/x")
    line.says(429, {}, Retry_After="70")
    with pytest.raises(RateLimitedError):
        line.client.get("/x")
    assert line.waits == [70, 70]


def test_a5_the_third_refusal_in_a_row_is_the_last(line: Line) -> None:
    for _ in range(3):
        line.says(429, {}, Retry_After="10")
    with pytest.raises(RateLimitedError):
        line.client.get("/x")
    assert line.waits == [10, 20]


def test_a6_a_used_up_primary_limit_stops_until_its_reset(line: Line) -> None:
    reset = NOW + timedelta(minutes=40)
    line.says(
        403,
        {"message": "API rate limit exceeded"},
        X_RateLimit_Remaining="0",
        X_RateLimit_Reset=str(int(reset.timestamp())),
    )
    with pytest.raises(RateLimitedError) as caught:
        line.client.get("/x")
    assert (caught.value.retry_at, line.waits) == (reset, [])


def test_a6_a_reset_that_has_passed_already_is_not_waited_for(line: Line) -> None:
    reset = str(int((NOW - timedelta(seconds=3)).timestamp()))
    line.says(403, {"message": "no"}, X_RateLimit_Remaining="0", X_RateLimit_Reset=reset)
    line.says(200, {})
    line.client.get("/x")
    assert line.waits == [0]


def test_a_limit_is_a_limit_even_where_a_refusal_would_be_accepted(line: Line) -> None:
    line.says(403, {"message": "secondary rate limit"}, "PUT", Retry_After="5")
    line.says(204, None, "PUT")
    assert line.client.send("PUT", "/x", accept=(403,)).status == 204
    assert line.waits == [5]


def test_a10_a_missing_permission_is_named(line: Line) -> None:
    line.says(
        403,
        {"message": "Resource not accessible by integration"},
        "POST",
        X_Accepted_GitHub_Permissions="issues=write; pull_requests=write",
    )
    with pytest.raises(ForbiddenError, match="it takes issues=write; pull_requests=write"):
        line.client.send("POST", "/x")
    assert line.asked == 1


def links(**pages: int) -> str:
    return ", ".join(f'<{API}/x?per_page=100&page={page}>; rel="{rel}"' for rel, page in pages.items())


def test_a18_pages_follow_the_link_header(line: Line) -> None:
    line.says(200, [{"id": 1}], Link=links(next=2, last=2))
    line.says(200, [{"id": 2}], Link=links(first=1, prev=1))
    assert [one["id"] for one in line.client.items("/x")] == [1, 2]


def test_a18_without_a_link_header_a_full_page_means_that_there_is_more(line: Line) -> None:
    line.says(200, [{"id": n} for n in range(100)])
    line.says(200, [{"id": n} for n in range(100, 130)])
    assert len(line.client.items("/x")) == 130


def test_a18_what_moves_to_the_next_page_meanwhile_is_taken_once(line: Line) -> None:
    line.says(200, [{"id": 1}, {"id": 2}], Link=links(next=2))
    line.says(200, [{"id": 2}, {"id": 3}], Link=links(prev=1))
    assert [one["id"] for one in line.client.items("/x")] == [1, 2, 3]


def test_a18_a_list_without_an_end_is_read_to_a_bound() -> None:
    with responses.RequestsMock() as wire:
        endless = Line(wire)
        endless.says(200, [{"id": n} for n in range(100)])
        assert len(endless.client.items("/x")) == 100
        assert endless.asked == MOST_PAGES


def test_a3_an_object_where_a_list_belongs_is_a_failure(line: Line) -> None:
    line.says(200, {"message": "?"})
    with pytest.raises(UnavailableError, match="a list"):
        line.client.items("/x")


@pytest.mark.parametrize(
    "link", [None, "", "nonsense", '<http://x?page=z>; rel="next"', '<http://x>; rel="next"']
)
def test_a_link_header_without_a_page_names_none(link: str | None) -> None:
    assert (next_page(link), last_page(link)) == (None, None)


def test_a8_graphql_answers_with_its_data(line: Line) -> None:
    line.says(200, {"data": {"node": None}}, "POST", "/graphql")
    assert line.client.graphql("query", {"id": "x"}) == {"node": None}


@pytest.mark.parametrize(
    "answer",
    [
        {"data": None, "errors": [{"message": "boom"}]},
        {"data": {"node": {"editor": None}}, "errors": [{"message": "partial"}]},
        {"errors": [{"type": "NOT_FOUND", "message": "gone"}]},
        {"data": None},
        {"message": "?"},
        [],
        "<html>",
        '{"data": {"no',
        "",
    ],
)
def test_a8_errors_and_partial_data_are_failures_not_emptiness(line: Line, answer: Any) -> None:
    for _ in range(3 if isinstance(answer, str) else 1):
        line.says(200, answer, "POST", "/graphql")
    with pytest.raises(UnavailableError):
        line.client.graphql("query", {})


def test_a8_a_graphql_query_reads_so_it_is_tried_again(line: Line) -> None:
    line.says(502, None, "POST", "/graphql")
    line.says(200, {"data": {}}, "POST", "/graphql")
    assert line.client.graphql("query", {}) == {}


def test_a4_graphql_waits_for_a_limit_too(line: Line) -> None:
    line.says(403, {"message": "secondary rate limit"}, "POST", "/graphql", Retry_After="9")
    line.says(200, {"data": {}}, "POST", "/graphql")
    line.client.graphql("query", {})
    assert line.waits == [9]


def test_in_a_hurry_nothing_is_asked_twice_and_no_limit_is_waited_for(line: Line) -> None:
    line.says(429, {"message": "API rate limit exceeded"}, Retry_After="1")
    line.says(404, {"message": "Not Found"})
    line.says(502)
    quick = line.client.hurried()
    with pytest.raises(RateLimitedError):
        quick.get("/x")
    with pytest.raises(NotFoundError):
        quick.get("/x")
    with pytest.raises(UnavailableError, match="502"):
        quick.get("/x")
    assert (line.asked, line.waits) == (3, [])


@pytest.mark.parametrize("end", [502, requests.Timeout()])
def test_in_a_hurry_nothing_more_is_asked_once_github_did_not_answer(
    line: Line, end: int | Exception
) -> None:
    line.says(end if isinstance(end, int) else 200, end if isinstance(end, Exception) else None)
    quick = line.client.hurried()
    for _ in range(2):
        with pytest.raises(UnavailableError):
            quick.get("/x")
    assert line.asked == 1


def test_what_a_client_beside_did_counts_and_makes_early_answers_old(line: Line) -> None:
    told = {"X_RateLimit_Resource": "core", "X_RateLimit_Limit": "1000", "X_RateLimit_Reset": "1760886120"}
    early = FirstReads(lambda *_: EarlyAnswer(200, {}, '{"old": 1}'), at_once=False)
    early.begin("/x")
    client = Client(API, "token", sleep=line.sleep, early=early)
    line.says(201, {}, "POST", "/y", **told, X_RateLimit_Remaining="7")
    line.says(200, {"new": 1})
    beside = client.hurried()
    beside.send("POST", "/y", {})
    client.heard(beside)
    assert (client.asked, client.now) == (1, NOW)
    assert client.budget is not None
    assert client.budget.remaining == 7
    assert client.get("/x").data == {"new": 1}


@pytest.mark.parametrize("here", [False, True])
def test_a_hurried_client_asks_once_and_does_not_wait_to_ask_again(line: Line, here: bool) -> None:
    line.says(502, verb="POST", path="/y")
    beside = line.client.hurried(here=here)
    with pytest.raises(UnavailableError):
        beside.send("POST", "/y", {})
    beside.pause(1)
    assert line.waits == []
