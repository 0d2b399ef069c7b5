"""The proxy of the benchmarks: it passes on, it waits once a request, and it knows what was asked."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from delaying_proxy import Answered, DelayingProxy, delaying_proxy

from conversations.room import Room, open_room


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    with open_room(tmp_path, http=True) as found:
        found.opens("ann")
        yield found


@pytest.fixture
def waited() -> list[float]:
    return []


@pytest.fixture
def proxy(room: Room, waited: list[float]) -> Iterator[DelayingProxy]:
    with delaying_proxy(room.hub.api_url, wait=waited.append) as found:
        yield found


def token(room: Room) -> dict[str, str]:
    return {"Authorization": f"token {room.hub.actions_token(room.repo, {'issues': 'write'})}"}


def test_it_listens_on_this_machine_only(proxy: DelayingProxy) -> None:
    assert proxy.url.startswith("http://127.0.0.1:")


def test_what_github_answers_comes_through(room: Room, proxy: DelayingProxy) -> None:
    path = f"/repos/acme/shop/issues/{room.number}/comments"
    answer = requests.post(proxy.url + path, json={"body": "Hello"}, headers=token(room), timeout=10)
    assert (answer.status_code, answer.json()["body"]) == (201, "Hello")
    assert room.comments[-1].body == "Hello"
    (asked,) = proxy.asked
    assert (asked.method, asked.path, asked.status, asked.refused) == ("POST", path, 201, "")
    assert asked.received <= asked.answered


def test_an_address_in_an_answer_leads_to_the_proxy_again(room: Room, proxy: DelayingProxy) -> None:
    path = f"/repos/acme/shop/issues/{room.number}"
    for _ in range(2):
        room.people["bob"].comment(room.number, "Any news?")
    answer = requests.get(f"{proxy.url}{path}/comments?per_page=1", headers=token(room), timeout=10)
    assert answer.links["next"]["url"].startswith(proxy.url)
    assert answer.json()[0]["url"].startswith(proxy.url)
    assert room.hub.api_url not in answer.text


def test_each_request_waits_once_on_whatever_connection(
    room: Room, proxy: DelayingProxy, waited: list[float]
) -> None:
    proxy.delay = 0.1
    address, headers = f"{proxy.url}/repos/acme/shop/issues/{room.number}", token(room)
    with requests.Session() as session:
        for _ in range(3):
            session.get(address, headers=headers, timeout=10)
    requests.get(address, headers=headers, timeout=10)
    assert waited == [0.1] * 4
    assert len(proxy.asked) == 4


def test_without_a_delay_nothing_waits(room: Room, proxy: DelayingProxy, waited: list[float]) -> None:
    requests.get(f"{proxy.url}/repos/acme/shop", headers=token(room), timeout=10)
    assert waited == []


def test_requests_on_two_connections_wait_at_the_same_time(room: Room) -> None:
    both = threading.Barrier(2, timeout=10)  # is passed only when two wait in it
    headers = token(room)

    def meet(_seconds: float) -> None:
        both.wait()

    with delaying_proxy(room.hub.api_url, wait=meet) as proxy:
        proxy.delay = 0.1
        address = f"{proxy.url}/repos/acme/shop"
        other = threading.Thread(target=requests.get, args=(address,), kwargs={"headers": headers})
        other.start()
        assert requests.get(address, headers=headers, timeout=10).status_code == 200
        other.join(10)
        assert [asked.status for asked in proxy.asked] == [200, 200]


def test_a_stand_in_answers_first_and_waits_as_well(
    room: Room, proxy: DelayingProxy, waited: list[float]
) -> None:
    proxy.delay = 0.2
    known = len(room.hub.requests)
    proxy.instead = lambda method, target, _: (
        Answered(204, (), b"") if (method, target) == ("POST", "/made/up") else None
    )
    assert requests.post(f"{proxy.url}/made/up", json={}, timeout=10).status_code == 204
    assert len(room.hub.requests) == known
    assert requests.get(f"{proxy.url}/repos/acme/shop", headers=token(room), timeout=10).ok
    assert waited == [0.2, 0.2]


def test_what_github_refuses_is_kept_with_its_reason(room: Room, proxy: DelayingProxy) -> None:
    requests.get(f"{proxy.url}/repos/acme/shop/issues/999", headers=token(room), timeout=10)
    (asked,) = proxy.asked
    assert asked.status == 404
    assert "Not Found" in asked.refused
