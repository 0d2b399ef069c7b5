"""GitHub's published OpenAPI description, as a judge of what the embedded GitHub is asked, answers and sends.

The file is npm ``@octokit/openapi``'s ``generated/api.github.com.json`` (MIT, GitHub's own description). It
is 13 MB, so it is never committed: ``ALLCLEAR_GITHUB_OPENAPI`` names it, or ``.ci-tools/openapi`` holds it.
openapi-core checks types, formats, enumerations and required fields. GitHub's schemas do not close their
objects, so that an invented field would pass; ``undeclared`` closes them for us.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

from openapi_core import Config, OpenAPI
from openapi_core.exceptions import OpenAPIError
from openapi_core.testing import MockRequest, MockResponse

HOST = "https://api.github.com"
# What GitHub sends and its description leaves out, place by place. Nothing else may be undeclared.
UNDESCRIBED = (
    # Labels can be archived: githubkit's models, of a later month, require both fields on every label.
    re.compile(r".*\.archived_(at|by)"),
    # `basic-error` has it, `validation-error` and the errors written out in place have not:
    # https://docs.github.com/rest/using-the-rest-api/troubleshooting-the-rest-api
    re.compile(r"error \$\.status"),
    # The description of `POST …/statuses/{sha}` leaves the validation error out that its words name:
    # https://docs.github.com/rest/commits/statuses#create-a-commit-status
    re.compile(r"error \$\.errors"),
    # Every account carries it (`simple-user`); the accounts written out inside webhook schemas lag behind.
    re.compile(r"payload .*\.user_view_type"),
    # The `issues` webhooks have it; the issue written out inside the `issue_comment` ones lags behind.
    re.compile(r"payload \$\.issue\.pinned_comment"),
)
# Where the description is wrong about what it describes: component, place in it, and what holds.
CORRECTIONS = (
    # A label of a pull request without a description has null, as `label` says of all labels.
    (
        "pull-request-simple",
        ("properties", "labels", "items", "properties", "description"),
        {"nullable": True},
    ),
)
# Described twice: `{basehead}` is the path of today.
OLD_SPELLINGS = {"/repos/{owner}/{repo}/compare/{base}...{head}"}
# `created` of a list of runs is described as a time. It takes a search: `>=2025-01-01` or a range.
# https://docs.github.com/search-github/getting-started-with-searching-on-github/understanding-the-search-syntax
SEARCHES = {"created"}

KEPT_HERE = Path(__file__).parents[2] / ".ci-tools/openapi/package/generated/api.github.com.json"


def description_path() -> Path:
    """Where the description should be; whether it is there is for the caller to ask."""
    return Path(os.environ.get("ALLCLEAR_GITHUB_OPENAPI") or KEPT_HERE)


@dataclass(frozen=True)
class Operation:
    """One method of one path, with the values that an actual path gives to the template's parameters."""

    method: str
    template: str
    spec: Mapping[str, Any]
    values: Mapping[str, str]

    @property
    def path(self) -> str:
        """The actual path, with slashes inside a parameter (``heads/main``) encoded."""
        return re.sub(r"\{(\w+)\}", lambda name: quote(self.values[name[1]], safe=""), self.template)

    def __str__(self) -> str:
        return f"{self.method} {self.template}"


class Description:
    """The loaded description. Loading takes about 0.2 s, a check about 5 ms."""

    def __init__(self, path: Path) -> None:
        self._whole: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"), object_hook=_as_meant)
        for component, place, truth in CORRECTIONS:
            wrong = self._whole["components"]["schemas"][component]
            for step in place:
                wrong = wrong[step]
            wrong.update(truth)
        self._judges: dict[str, OpenAPI] = {}

    # Exchanges

    def operation(self, method: str, path: str) -> Operation | None:
        """The operation that ``path`` (without query) belongs to; a template with more fixed words wins."""
        for pattern, template, item in self._templates.get(path.split("/")[1], ()):
            if (found := pattern.fullmatch(path)) and method.lower() in item:
                values = {name: unquote(value) for name, value in found.groupdict().items()}
                return Operation(method.upper(), template, item[method.lower()], values)
        return None

    def request_problems(self, operation: Operation, query: Mapping[str, str], body: object) -> Iterator[str]:
        """What the description has against a request: types, missing fields, unknown names."""
        for name in sorted(query.keys() - self._query_names(operation)):
            yield f"query parameter `{name}` is not in the description"
        yield from self._verdict(operation, _request(operation, query, body))
        if body is not None:
            schema = (
                operation.spec.get("requestBody", {})
                .get("content", {})
                .get("application/json", {})
                .get("schema")
            )
            if schema is None:
                yield "the description has no request body"
            else:
                yield from self._unknown("request", body, schema)

    def response_problems(
        self, operation: Operation, query: Mapping[str, str], sent: object, status: int, body: object
    ) -> Iterator[str]:
        """What the description has against an answer. Errors without a described body are ``basic-error``."""
        answers = operation.spec["responses"]
        if str(status) not in answers and status < 400:
            yield f"status {status} is not in the description ({', '.join(answers)})"
            return
        content = self._follow(answers.get(str(status), {})).get("content", {})
        if not content and status >= 400:
            yield from self._unknown("error", body, {"$ref": "#/components/schemas/basic-error"})
        elif not content:
            if body is not None:
                yield f"status {status} has a body, and the description has none"
        else:
            kind = "application/json" if "application/json" in content else next(iter(content))
            answer = MockResponse(json.dumps(body).encode(), status_code=status, content_type=kind)
            yield from self._verdict(operation, _request(operation, query, sent), answer)
            yield from self._unknown("error" if status >= 400 else "answer", body, content[kind]["schema"])

    def _verdict(
        self, operation: Operation, request: MockRequest, response: MockResponse | None = None
    ) -> Iterator[str]:
        judge = self._judge(operation.template, self._whole["paths"].get(operation.template))
        try:
            if response is None:
                judge.validate_request(request)
            else:
                judge.validate_response(request, response)
        except OpenAPIError as refusal:
            yield from _reasons(refusal)

    # Webhooks

    def delivery_problems(self, event: str, action: str | None, payload: Mapping[str, Any]) -> Iterator[str]:
        """What ``x-webhooks`` has against a payload."""
        name = "-".join(part.replace("_", "-") for part in (event, action) if part)
        item = self._whole["x-webhooks"].get(name)
        if item is None:
            yield f"the description has no webhook `{name}`"
            return
        # The description is OpenAPI 3.0, which knows no webhooks: openapi-core is shown a path instead.
        template = f"/webhooks/{name}"
        schema = item["post"]["requestBody"]["content"]["application/json"]["schema"]
        try:
            self._judge(template, item).validate_request(
                _request(Operation("POST", template, item["post"], {}), {}, payload)
            )
        except OpenAPIError as refusal:
            yield from _reasons(refusal)
        yield from self._unknown("payload", payload, schema)

    # Closing the schemas

    def _unknown(self, what: str, value: object, schema: Mapping[str, Any]) -> Iterator[str]:
        for place in self.undeclared(value, schema):
            if not any(known.fullmatch(f"{what} {place}") for known in UNDESCRIBED):
                yield f"{what} field {place} is not in the description"

    def undeclared(self, value: object, *schemas: Mapping[str, Any], at: str = "$") -> Iterator[str]:
        """Names in ``value`` that none of ``schemas`` (or what they are made of) declares, as ``$.a[0].b``.

        Alternatives are joined: a name is known when any of them knows it. Whether one fits as a whole is
        openapi-core's question.
        """
        parts = [part for schema in schemas for part in self._parts(schema)]
        if isinstance(value, list):
            items = [part["items"] for part in parts if "items" in part]
            for index, item in enumerate(value):
                yield from self.undeclared(item, *items, at=f"{at}[{index}]") if items else ()
        elif isinstance(value, dict):
            shapes = [part for part in parts if part.get("properties")]
            if not shapes or any(part.get("additionalProperties") for part in parts):
                return
            for name, inner in value.items():
                known = [part["properties"][name] for part in shapes if name in part["properties"]]
                if known:
                    yield from self.undeclared(inner, *known, at=f"{at}.{name}")
                else:
                    yield f"{at}.{name}"

    def _parts(self, schema: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
        schema = self._follow(schema)
        yield schema
        for way in ("allOf", "anyOf", "oneOf"):
            for part in schema.get(way, ()):
                yield from self._parts(part)

    def _follow(self, thing: Mapping[str, Any]) -> Mapping[str, Any]:
        while "$ref" in thing:
            _, first, second, name = thing["$ref"].split("/")
            thing = self._whole[first][second][name]
        return thing

    # Finding

    @cached_property
    def _templates(self) -> dict[str, list[tuple[re.Pattern[str], str, Mapping[str, Any]]]]:
        """First word of the path -> its templates, the most specific first."""
        by_word: dict[str, list[tuple[re.Pattern[str], str, Mapping[str, Any]]]] = {}
        for template, item in self._whole["paths"].items():
            if template in OLD_SPELLINGS:
                continue
            wide = {
                name["name"]
                for method in item.values()
                for name in map(self._follow, method.get("parameters", ()))
                if name.get("x-multi-segment") and name["in"] == "path"
            }
            by_word.setdefault(template.split("/")[1], []).append((_pattern(template, wide), template, item))
        for found in by_word.values():
            # A wide parameter swallows everything: it comes last; then more fixed words first.
            found.sort(
                key=lambda entry: (".+" in entry[0].pattern, entry[1].count("{"), -entry[1].count("/"))
            )
        return by_word

    def _query_names(self, operation: Operation) -> set[str]:
        parameters = map(self._follow, operation.spec.get("parameters", ()))
        return {parameter["name"] for parameter in parameters if parameter["in"] == "query"}

    def _judge(self, template: str, item: object) -> OpenAPI:
        """openapi-core over one path only: it looks through all paths for each check, and there are 811."""
        if template not in self._judges:
            cut = {name: self._whole[name] for name in ("openapi", "info", "servers", "components")}
            config = Config(spec_validator_cls=None, server_base_url=HOST)
            self._judges[template] = OpenAPI.from_dict({**cut, "paths": {template: item}}, config=config)
        return self._judges[template]


def _pattern(template: str, wide: set[str]) -> re.Pattern[str]:
    """What paths of a template look like; a wide parameter spans slashes."""

    def spell(name: re.Match[str]) -> str:
        return f"(?P<{name[1]}>{'.+' if name[1] in wide else '[^/]+'})"

    return re.compile(re.sub(r"\\\{(\w+)\\\}", spell, re.escape(template)))


def _as_meant(thing: dict[str, Any]) -> dict[str, Any]:
    """Three habits of the description that OpenAPI's letter does not cover.

    `nullable` with an `enum` that leaves null out still means null. Alternatives of `oneOf` overlap (an error
    fits both `basic-error` and `repository-rule-violation-error`), so it means `anyOf`. A `discriminator`
    tells arrays from objects (contents of a folder and of a file), which have no property to tell them by.
    """
    if thing.get("nullable") and None not in thing.get("enum", (None,)):
        thing["enum"].append(None)
    if "oneOf" in thing:
        thing["anyOf"] = thing.pop("oneOf")
    thing.pop("discriminator", None)
    return thing


def _request(operation: Operation, query: Mapping[str, str], body: object) -> MockRequest:
    data = None if body is None else json.dumps(body).encode()
    args = {
        name: re.sub(r"^[<>=]+|\.\..*", "", value) if name in SEARCHES else value
        for name, value in query.items()
    }
    return MockRequest(HOST, operation.method, operation.path, args=args, data=data)


def _reasons(refusal: BaseException) -> Iterator[str]:
    """The schema errors inside openapi-core's exception, each with the place in the value."""
    cause: BaseException | None = refusal
    while cause is not None:
        errors = getattr(cause, "schema_errors", None)
        if errors:
            for error in errors:
                yield _deepest(error)
            return
        cause = cause.__cause__
    yield f"{type(refusal).__name__}: {refusal}"


def _deepest(error: Any) -> str:  # Any: jsonschema has no types of its own
    """The most telling reason when all alternatives failed: the one that got farthest into the value."""
    leaf = error
    while leaf.context:
        leaf = max(leaf.context, key=lambda reason: len(reason.absolute_path))
    where = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in leaf.absolute_path)
    return f"${where}: {leaf.message[:300]}"
