"""githubkit's models as a second judge: pydantic classes generated from GitHub's own descriptions.

Which model an answer must parse with is not listed by hand: githubkit's client is asked for the same
request, and says which model it would have used.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
import types
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from types import SimpleNamespace
from typing import Any, get_args

from githubkit.versions import LATEST_VERSION
from githubkit.webhooks import parse_obj
from pydantic import TypeAdapter, ValidationError

# The description of one issue's events knows labels, assignees and renames, but neither `closed` nor
# `reopened`, which GitHub sends there. The model of all issues' events takes them.
# https://docs.github.com/rest/using-the-rest-api/issue-event-types
ALSO = {
    "GET /repos/{owner}/{repo}/issues/{issue_number}/events": "GET /repos/{owner}/{repo}/issues/events",
}


class _Asked:
    """Stands where githubkit's HTTP client would: it keeps what it was asked for, and asks nobody."""

    config = SimpleNamespace(rest_api_validate_body=False)

    def request(self, *_where: object, **how: Any) -> Mapping[str, Any]:
        return how


def answer_problems(method: str, template: str, status: int, body: object) -> Iterator[str]:
    """Why an answer does not parse, at most one line for each place in it."""
    adapter = _adapter(method, template, status)
    if adapter is None:
        yield f"githubkit knows no {method} {template}"
    elif body is not None or status >= 400:
        yield from _parse(adapter.validate_python, body)


def delivery_problems(event: str, payload: Mapping[str, Any]) -> Iterator[str]:
    """Why a webhook payload does not parse with githubkit's webhook models."""
    yield from _parse(lambda value: parse_obj(event, value), payload)


def _parse(parse: Callable[[Any], object], value: object) -> Iterator[str]:
    try:
        parse(value)
    except ValidationError as refusal:
        for error in refusal.errors(include_url=False, include_input=False)[:5]:
            yield f"githubkit: {'.'.join(map(str, error['loc']))}: {error['msg']}"


def _basic_error() -> (
    Any
):  # Any: a generated class, which mypy cannot follow through githubkit's lazy modules
    return importlib.import_module(f"{_schemas()}.models").BasicError


def _schemas() -> str:
    return f"githubkit_schemas.v{LATEST_VERSION.replace('-', '_')}"


@cache
def _adapter(method: str, template: str, status: int) -> TypeAdapter[Any] | None:
    asked = _asked(method, template)
    if asked is None:
        return None
    if status >= 400:
        return TypeAdapter((asked.get("error_models") or {}).get(str(status), _basic_error()))
    model: Any = asked.get("response_model") or type(None)
    if also := ALSO.get(f"{method} {template}"):
        other = _asked(*also.split())
        assert other is not None, f"githubkit knows no {also}"
        item, another = get_args(model)[0], get_args(other["response_model"])[0]
        model = types.GenericAlias(list, (item | another,))
    return TypeAdapter(model)


@cache
def _methods() -> dict[str, Callable[..., Any]]:
    """``GET /repos/{owner}/{repo}`` -> githubkit's function, whose docstring has that line."""
    rest = importlib.import_module(f"{_schemas()}.rest")
    methods: dict[str, Callable[..., Any]] = {}
    for module in pkgutil.iter_modules(rest.__path__):
        for client in vars(importlib.import_module(f"{rest.__name__}.{module.name}")).values():
            if inspect.isclass(client) and client.__name__.endswith("Client"):
                for name, method in inspect.getmembers(client, inspect.isfunction):
                    line = re.search(
                        r"^\s*((?:GET|POST|PUT|PATCH|DELETE) /\S*)$", method.__doc__ or "", re.MULTILINE
                    )
                    if line and not name.startswith("async_"):
                        methods[line[1]] = method
    return methods


def _asked(method: str, template: str) -> Mapping[str, Any] | None:
    function = _methods().get(f"{method} {template}")
    if function is None:
        return None
    needed = [
        name
        for name, parameter in inspect.signature(function).parameters.items()
        if parameter.kind is parameter.POSITIONAL_OR_KEYWORD and name != "self"
    ]
    asked: Mapping[str, Any] = function(SimpleNamespace(_github=_Asked(), _REST_API_VERSION=""), *needed)
    return asked
