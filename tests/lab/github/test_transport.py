"""Two ways to the same answers: in this process, and over HTTP with connections that live on."""

import io
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from http.client import HTTPConnection

import pytest
import requests

from allclear_lab.github import GitHub, RepositoryHandle, SimClock


@pytest.fixture(params=[False, True], ids=["in process", "over HTTP"])
def hub(request: pytest.FixtureRequest) -> Iterator[GitHub]:
    with GitHub(SimClock(datetime(2025, 10, 19, 14, 2, tzinfo=UTC)), http=request.param) as running:
        yield running


@pytest.fixture
def repo(hub: GitHub) -> RepositoryHandle:
    return hub.create_repository("acme/shop")


@pytest.fixture
def session(hub: GitHub) -> Iterator[requests.Session]:
    with requests.Session() as session:
        if hub.transport is not None:
            session.mount("https://", hub.transport)
        session.headers["Authorization"] = "Bearer " + hub.personal_token(hub.create_user("ann"))
        yield session


def test_a_request_is_answered_with_status_headers_and_body(
    hub: GitHub, repo: RepositoryHandle, session: requests.Session
) -> None:
    home = f"{hub.api_url}/repos/acme/shop"
    made = session.post(f"{home}/issues", json={"title": "Grüße 🚨"}, timeout=10)
    assert (made.status_code, made.reason, made.json()["title"]) == (201, "Created", "Grüße 🚨")
    assert made.headers["content-type"] == "application/json; charset=utf-8"
    listed = session.get(f"{home}/issues", params={"state": "all", "per_page": "1"}, timeout=10)
    assert [one["number"] for one in listed.json()] == [1]
    assert hub.requests[-1].query == {"state": "all", "per_page": "1"}
    same = session.get(f"{home}/issues/1", headers={"If-None-Match": "x"}, timeout=10)
    again = session.get(f"{home}/issues/1", headers={"If-None-Match": same.headers["ETag"]}, timeout=10)
    assert (again.status_code, again.content) == (304, b"")


def test_of_a_parameter_that_comes_twice_the_first_counts(
    hub: GitHub, repo: RepositoryHandle, session: requests.Session
) -> None:
    session.get(f"{hub.api_url}/repos/acme/shop/issues?state=all&labels=&state=open", timeout=10)
    assert hub.requests[-1].query == {"state": "all", "labels": ""}


def test_a_redirect_is_followed(hub: GitHub, repo: RepositoryHandle, session: requests.Session) -> None:
    hub.rename_repository(repo, "store")
    found = session.get(f"{hub.api_url}/repos/acme/shop", timeout=10)
    assert (found.json()["full_name"], [one.status_code for one in found.history]) == ("acme/store", [301])


def test_a_line_that_is_cut_is_an_error_and_the_next_request_is_answered(
    hub: GitHub, repo: RepositoryHandle, session: requests.Session
) -> None:
    hub.faults.add("drop_after")
    with pytest.raises(requests.exceptions.ConnectionError):
        session.get(f"{hub.api_url}/repos/acme/shop", timeout=10)
    assert session.get(f"{hub.api_url}/repos/acme/shop", timeout=10).status_code == 200


def test_an_archive_is_had_piece_by_piece(
    hub: GitHub, repo: RepositoryHandle, session: requests.Session
) -> None:
    bob = hub.create_user("bob")
    repo.grant(bob, "write")
    repo.put_file(".github/workflows/smoke.yml", "on: workflow_dispatch\njobs: {look: {}}\n")
    run = repo.person(bob).dispatch("smoke.yml")
    repo.set_log(run, "1_look.txt", "all is well\n")
    logs = f"{hub.api_url}/repos/acme/shop/actions/runs/{run}/logs"
    where = session.get(logs, allow_redirects=False, timeout=10).headers["Location"]
    del session.headers["Authorization"]  # the storage wants none
    with session.get(where, stream=True, timeout=10) as got:
        packed = io.BytesIO(b"".join(got.iter_content(7)))
    assert zipfile.ZipFile(packed).read("1_look.txt") == b"all is well\n"


@pytest.mark.parametrize("hub", [False], indirect=True, ids=["in process"])
def test_a_request_for_another_host_fails_and_is_a_violation(hub: GitHub, session: requests.Session) -> None:
    for url in ("https://api.github.com/user", "https://api.github.invalid.example/user"):
        with pytest.raises(requests.exceptions.InvalidURL):
            session.get(url, timeout=10)
        assert hub.violations.pop() == f"GET {url}: this is not the embedded GitHub"


@pytest.mark.parametrize("hub", [True], indirect=True, ids=["over HTTP"])
def test_a_connection_carries_one_request_after_another_until_the_server_stops(hub: GitHub) -> None:
    line = HTTPConnection(hub.api_url.removeprefix("http://"), timeout=10)
    token = hub.personal_token(hub.create_user("ann"))
    head = {"Authorization": f"Bearer {token}", "User-Agent": "a test"}
    line.connect()
    socket = line.sock
    for body in (None, "{}", None):
        line.request("GET", "/user", body, head)
        assert line.getresponse().read()
        assert line.sock is socket
    hub.__exit__()
    assert socket.recv(1) == b""
    line.close()
