"""What is asked early, where a transport carries all requests in place of the network."""

from __future__ import annotations

import requests
from requests.adapters import BaseAdapter

from allclear.adapters.github.first_reads import Ask, EarlyAnswer


def carried_by(transport: BaseAdapter, api_url: str, token: str) -> Ask:
    """Asks what `first_reads` asks, by a transport in place of the network."""

    def ask(path: str) -> EarlyAnswer | None:
        session = requests.Session()
        session.trust_env = False  # no proxy and no ~/.netrc stands in between
        session.mount("https://", transport)
        session.mount("http://", transport)
        headers = {"Authorization": f"token {token}", "User-Agent": "allclear"}
        try:
            got = session.get(api_url.rstrip("/") + path, headers=headers, allow_redirects=False)
        except requests.RequestException:
            return None
        return EarlyAnswer(
            got.status_code, {name.lower(): value for name, value in got.headers.items()}, got.text
        )

    return ask
