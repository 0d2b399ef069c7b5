"""Who can see the repository: private is only what GitHub says is private."""

from __future__ import annotations

from typing import Any

import pytest
import responses

from allclear.adapters.github.client import Client
from allclear.adapters.github.visibility import visibility_of
from allclear.core.model.snapshot import Repository, Visibility

SHOP = Repository(1, "acme/shop", "https://github.com/acme/shop")
URL = "http://127.0.0.1:1/api/repos/acme/shop"


@pytest.mark.parametrize(
    ("said", "seen"),
    [
        ({"private": True, "visibility": "private"}, "private"),
        ({"private": True, "visibility": "internal"}, "private"),
        ({"private": True}, "private"),
        ({"private": False, "visibility": "public"}, "public"),
        ({"private": False}, "public"),
        ({"private": True, "visibility": "public"}, "public"),
        ({"private": False, "visibility": "private"}, "public"),
        ({"private": True, "visibility": "secret"}, "unknown"),
        ({"visibility": "private"}, "unknown"),
        ({}, "unknown"),
    ],
)
@responses.activate
def test_only_what_both_fields_call_private_is(said: dict[str, Any], seen: Visibility) -> None:
    responses.get(URL, json=said)
    assert visibility_of(Client("http://127.0.0.1:1/api", "t", sleep=print), SHOP) == seen


@pytest.mark.parametrize("status", [401, 403, 404, 500])
@responses.activate
def test_what_github_does_not_show_is_not_known(status: int) -> None:
    responses.get(URL, status=status, json={"message": "no"})
    assert visibility_of(Client("http://127.0.0.1:1/api", "t", sleep=lambda _: None), SHOP) == "unknown"
