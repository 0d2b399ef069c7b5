import io
import zipfile
from collections.abc import Callable, Iterator

import pytest
import responses

from allclear.adapters.github import run_logs
from allclear.adapters.github.client import Client
from allclear.adapters.github.errors import GitHubError, GoneError, NotFoundError, UnavailableError
from allclear_lab.github.faults import Kind
from conversations.room import Room

BASE = "/repos/acme/shop"
Serve = Callable[[bytes | None], None]


@pytest.fixture
def run(room: Room) -> int:
    """A run of a workflow that somebody started."""
    room.repo.put_file(".github/workflows/smoke.yml", "name: smoke\non: workflow_dispatch\njobs: {}\n")
    return room.people["mia"].dispatch("smoke.yml", {})


@pytest.fixture
def client(room: Room) -> Client:
    token = room.hub.actions_token(room.repo, permissions={"actions": "read"})
    return room.client(token)


def read(client: Client, run: int) -> list[tuple[str, str]]:
    return [(name, data.decode()) for name, data in run_logs.run_logs(client, BASE, run)]


def test_the_logs_of_the_jobs_come_in_their_order(room: Room, client: Client, run: int) -> None:
    """The storage refuses a request that carries the API's token: so none does."""
    for name in ("10_report.txt", "2_smoke.txt", "0_claim.txt", "claim/1_Set up job.txt", "notes.txt"):
        room.repo.set_log(run, name, f"log of {name}\n")
    assert read(client, run) == [
        (name, f"log of {name}\n") for name in ("0_claim.txt", "2_smoke.txt", "10_report.txt", "notes.txt")
    ]


def test_without_whole_jobs_the_steps_are_read(room: Room, client: Client, run: int) -> None:
    room.repo.set_log(run, "claim/1_Set up job.txt", "up\n")
    assert read(client, run) == [("claim/1_Set up job.txt", "up\n")]


def test_a_run_that_is_not_there_has_no_log(client: Client) -> None:
    with pytest.raises(NotFoundError):
        read(client, 404)


def test_a_log_that_expired_is_gone(room: Room, client: Client, run: int) -> None:
    room.hub.faults.add("gone", lambda _, path: path.endswith("/logs"), status=410)
    with pytest.raises(GoneError):
        read(client, run)


@pytest.mark.parametrize("kind", ["error_before", "drop_before"])
def test_what_did_not_answer_is_asked_again(room: Room, client: Client, run: int, kind: Kind) -> None:
    room.repo.set_log(run, "0_claim.txt", "claimed\n")
    room.hub.faults.add(kind, lambda _, path: path.endswith("/logs"), times=2)
    assert read(client, run) == [("0_claim.txt", "claimed\n")]


def test_three_times_without_an_answer_is_enough(room: Room, client: Client, run: int) -> None:
    room.hub.faults.add("error_before", lambda _, path: path.endswith("/logs"), times=3)
    with pytest.raises(UnavailableError):
        read(client, run)


@pytest.fixture
def storage(room: Room) -> Iterator[Serve]:
    """Let the logs lie somewhere else: what the storage answers is the test's; None is an error."""
    where = "https://storage.example/archive"
    with responses.RequestsMock() as wire:
        wire.add_passthru(room.hub.api_url)

        def serve(answer: bytes | None) -> None:
            wire.add("GET", where, body=answer or b"", status=503 if answer is None else 200)
            room.hub.faults.add(
                "redirect", lambda _, path: path.endswith("/logs"), status=302, location=where, times=9
            )

        yield serve
        assert ["Authorization" in call.request.headers for call in wire.calls] == [False] * len(wire.calls)


def packed(files: dict[str, bytes]) -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in files.items():
            made.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
    return archive.getvalue()


def test_an_archive_that_blows_up_stays_within_its_bound(client: Client, run: int, storage: Serve) -> None:
    storage(packed({"0_claim.txt": b"a" * 40_000_000}))
    ((_, data),) = run_logs.run_logs(client, BASE, run)
    assert len(data) == run_logs.MOST_OPENED


def test_an_archive_of_very_many_files_is_read_to_a_bound(client: Client, run: int, storage: Serve) -> None:
    storage(packed({f"{number}_job.txt": b"x" for number in range(300)}))
    assert len(read(client, run)) == run_logs.MOST_FILES


def test_an_archive_that_is_too_long_is_not_read(client: Client, run: int, storage: Serve) -> None:
    storage(b"\0" * (run_logs.MOST_PACKED + 1))
    with pytest.raises(GitHubError, match="longer than 50 MB"):
        read(client, run)


def test_names_that_climb_out_of_a_folder_are_only_names(client: Client, run: int, storage: Serve) -> None:
    storage(packed({"../../etc/passwd": b"x", "/abs.txt": b"y"}))
    assert [name for name, _ in read(client, run)] == ["../../etc/passwd", "/abs.txt"]


GOOD = packed({"0_claim.txt": b"claimed\n" * 1000})


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"not a zip",
        GOOD[:-30],
        GOOD[:45] + b"\xff" * 10 + GOOD[55:],
        GOOD.replace(b"\x08\x00", b"\x63\x00"),
    ],
    ids=["empty", "no archive", "half", "spoilt", "an unknown method"],
)
def test_a_broken_archive_is_said_to_be_broken(client: Client, run: int, storage: Serve, data: bytes) -> None:
    storage(data)
    with pytest.raises(GitHubError, match="broken"):
        read(client, run)


def test_a_storage_that_is_down_is_said_to_be_down(client: Client, run: int, storage: Serve) -> None:
    storage(None)
    with pytest.raises(UnavailableError, match="could not be fetched"):
        read(client, run)


@pytest.mark.parametrize(("where", "why"), [("http://127.0.0.1:1/", "ConnectionError"), ("", "is nowhere")])
def test_a_redirect_to_nowhere_is_no_log(room: Room, client: Client, run: int, where: str, why: str) -> None:
    room.hub.faults.add(
        "redirect", lambda _, path: path.endswith("/logs"), status=302, location=where, times=9
    )
    with pytest.raises(UnavailableError, match=why):
        read(client, run)
