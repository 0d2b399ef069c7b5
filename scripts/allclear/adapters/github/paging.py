"""The pages of a list, as the Link header names them."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit


def next_page(link: str | None) -> int | None:
    """The page that a Link header calls next
    (https://docs.github.com/en/rest/using-the-rest-api/using-pagination-in-the-rest-api).
    """
    return _page(link, "next")


def last_page(link: str | None) -> int | None:
    """The page that a Link header calls last."""
    return _page(link, "last")


def _page(link: str | None, wanted: str) -> int | None:
    for part in (link or "").split(","):
        address, _, rel = part.partition(";")
        if f'rel="{wanted}"' in rel:
            page = parse_qs(urlsplit(address.strip(" <>")).query).get("page", [""])[0]
            return int(page) if page.isdigit() else None
    return None
