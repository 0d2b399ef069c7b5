"""What is asked early, where a transport carries all requests in place of the network."""

from __future__ import annotations

from urllib.parse import urlsplit

import requests
from requests.adapters import BaseAdapter

from allclear.adapters.github.first_reads import Ask, EarlyAnswer, place


def carried_by(transport: BaseAdapter, api_url: str, token: str) -> Ask:
    """Asks what `first_reads` asks, by a transport in place of the network."""
    host = api_url.removesuffix(urlsplit(api_url).path)

    def ask(path: str, body: bytes) -> EarlyAnswer | None:
        session = requests.Session()
        session.trust_env = False  # no proxy and no ~/.netrc stands in between
        session.mount("https://", transport)
        session.mount("http://", transport)
        headers = {"Authorization": f"token {token}", "User-Agent": "allclear"}
        try:
            verb, where = "POST" if body else "GET", host + place(urlsplit(api_url).path, path)
            got = session.request(verb, where, data=body or None, headers=headers, allow_redirects=False)
        except requests.RequestException:
            return None
        return EarlyAnswer(
            got.status_code, {name.lower(): value for name, value in got.headers.items()}, got.text
        )

    return ask
