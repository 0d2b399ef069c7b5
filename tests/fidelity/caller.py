"""Who walks past the routes: requests with one token, and what came back."""

from __future__ import annotations

from typing import Any

import requests

from allclear_lab.github import GitHub, RepositoryHandle


class Caller:
    """Sends requests with one token and says what came back."""

    def __init__(self, hub: GitHub, token: str, home: str = "/repos/acme/shop") -> None:
        self.hub = hub
        self.home = home
        self._session = requests.Session()
        self._session.headers["Authorization"] = f"Bearer {token}"

    def __call__(self, method: str, path: str, body: Any = None, /, *, expect: int, **query: Any) -> Any:
        """The JSON of the answer. `path` is below the repository, or absolute with two slashes."""
        url = self.hub.api_url + (path[1:] if path.startswith("//") else self.home + path)
        answer = self._session.request(
            method, url, json=body, params=query, allow_redirects=False, timeout=10
        )
        assert answer.status_code == expect, f"{method} {path}: {answer.status_code} {answer.text[:500]}"
        return answer.json() if answer.content else None


def account_id(shop: RepositoryHandle, login: str) -> int:
    return account_id_in(shop.hub, login)


def account_id_in(hub: GitHub, login: str) -> int:
    account = hub.world.account_named(login)
    assert account is not None
    return account.id
