"""A repository with one person of each role, and three ways in: the browser, PyGithub, bare requests."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
import requests
from github import Auth, Github
from github.Repository import Repository

from allclear_lab.github import Account, BrowserUser, GitHub, RepositoryHandle, SimClock
from allclear_lab.github.state import Role

ROLES: tuple[Role, ...] = ("read", "triage", "write", "maintain", "admin")
Client = Callable[[str], Repository]


@pytest.fixture
def clock() -> SimClock:
    return SimClock(datetime(2025, 10, 19, 14, 2, tzinfo=UTC))


@pytest.fixture
def hub(clock: SimClock) -> Iterator[GitHub]:
    with GitHub(clock, http=True) as running:
        yield running


@pytest.fixture
def repo(hub: GitHub) -> RepositoryHandle:
    return hub.create_repository("acme/shop")


@pytest.fixture
def users(hub: GitHub, repo: RepositoryHandle) -> dict[str, Account]:
    """By role; `stranger` has none."""
    made: dict[str, Account] = {}
    for role in ROLES:
        made[role] = hub.create_user(f"{role}-user")
        repo.grant(made[role], role)
    made["stranger"] = hub.create_user("stranger")
    return made


@pytest.fixture
def people(repo: RepositoryHandle, users: dict[str, Account]) -> dict[str, BrowserUser]:
    return {role: repo.person(user) for role, user in users.items()}


@pytest.fixture
def bot(hub: GitHub, repo: RepositoryHandle) -> str:
    """The token of a workflow that may write issues."""
    return hub.actions_token(repo, {"issues": "write"})


@pytest.fixture
def client(hub: GitHub) -> Client:
    """`client(token)` is acme/shop through PyGithub, which waits for nothing and retries nothing."""

    def connect(token: str) -> Repository:
        github = Github(
            auth=Auth.Token(token),
            base_url=hub.api_url,
            seconds_between_requests=0,
            seconds_between_writes=0,
            retry=None,
        )
        return github.get_repo("acme/shop")

    return connect


@dataclass
class Wire:
    """Bare requests with one token; a path without a slash in front is below acme/shop."""

    hub: GitHub
    token: str
    session: requests.Session

    def __call__(self, method: str, path: str, json: Any = None, **headers: str) -> requests.Response:
        url = path if path.startswith("/") else f"/repos/acme/shop/{path}"
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.token:
            sent["Authorization"] = f"Bearer {self.token}"
        return self.session.request(
            method, self.hub.api_url + url, json=json, headers=sent, timeout=10, allow_redirects=False
        )


@pytest.fixture
def wire(hub: GitHub) -> Iterator[Callable[[str], Wire]]:
    with requests.Session() as session:
        yield lambda token: Wire(hub, token, session)
