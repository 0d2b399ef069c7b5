"""From a raw request to an answer: faults, token, limits, strictness, permission, handler, record."""

from __future__ import annotations

import hashlib
import json
import re
import traceback
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import parse_qsl

from allclear_lab.github.actions.downloads import FOLDER, download
from allclear_lab.github.faults import Fault
from allclear_lab.github.people.access import may_see
from allclear_lab.github.rates import count, headers_of, too_many_writes, write_allowed
from allclear_lab.github.records import RequestRecord
from allclear_lab.github.route_table import find_route
from allclear_lab.github.routing import (
    Actor,
    GitHubRefusal,
    Route,
    RouteAnswer,
    RouteRequest,
    Unfaithful,
    not_found,
)
from allclear_lab.github.state import Repository, Token

if TYPE_CHECKING:
    from allclear_lab.github.hub import GitHub


# The version whose shapes the views show; a request may name no other.
API_VERSION = "2022-11-28"

# What a personal access token may: everything that its owner may here.
SCOPES = "read:org, repo, workflow"

MUTATION = re.compile(r"(\w+)\(input:")
"""The name of a mutation in a document."""


class Dropped(Exception):  # noqa: N818  # says what happens to the line
    """The connection breaks instead of an answer."""


@dataclass(frozen=True, slots=True)
class RawRequest:
    """A request as it came in. Header names are lower case; the path is still percent-encoded."""

    method: str
    path: str
    query: dict[str, str]
    data: bytes
    headers: Mapping[str, str]

    @classmethod
    def of(cls, method: str, target: str, headers: Iterable[tuple[str, str]], data: bytes) -> Self:
        """``target`` is what a request line asks for; of a parameter that comes twice, the first counts."""
        path, _, query = target.partition("?")
        parameters = dict(reversed(parse_qsl(query, keep_blank_values=True)))
        return cls(method, path, parameters, data, {name.lower(): value for name, value in headers})


@dataclass(frozen=True, slots=True)
class RawReply:
    """What goes out."""

    status: int
    headers: dict[str, str]
    text: bytes


class Front:
    """Answers requests, one at a time. A ``strict`` one notes as a violation what it does not know, where
    GitHub would answer 404 or pass over it.
    """

    strict = True

    def __init__(self, hub: GitHub) -> None:
        self._hub = hub

    def answer(self, raw: RawRequest) -> RawReply:
        """The reply to one request; raises Dropped when the line is cut. A crash of ours is a violation."""
        broken = True
        try:
            with self._hub.turn():
                if raw.path.startswith(FOLDER):
                    reply = _from_storage(self._hub, raw)
                else:
                    reply = _Exchange(self._hub, raw, strict=self.strict).run()
            broken = False
        except Dropped:
            broken = False
            raise
        finally:
            if broken:
                self._hub.violations.append(f"{raw.method} {raw.path}: {traceback.format_exc()}")
        return reply


def _written(raw: RawRequest) -> str:
    """What a GraphQL document writes, for those who order faults: ``#closeIssue+updateIssueComment``."""
    if raw.path != "/graphql" or b"mutation" not in raw.data:
        return ""
    try:
        query = json.loads(raw.data)["query"]
    except (LookupError, TypeError, ValueError):
        return ""
    return f"#{'+'.join(MUTATION.findall(query))}" if str(query).lstrip().startswith("mutation") else ""


def _from_storage(hub: GitHub, raw: RawRequest) -> RawReply:
    """A download; an error has no body. A fault that halves a JSON answer halves an archive as well."""
    fault = hub.faults.strike(raw.method, raw.path)
    if fault is not None and fault.cuts_the_line:
        raise Dropped
    answer, data = fault.instead() if fault else None, b""
    if answer is None:
        try:
            data = download(hub, raw.path, raw.query, raw.headers)
            answer = RouteAnswer(200)
        except GitHubRefusal as refusal:
            answer = refusal.answer()
    if fault is not None:
        answer = fault.afterwards(answer)
        data = data[: len(data) // 2] if fault.kind == "truncated_json" else data
    if answer.status != 200:
        return RawReply(answer.status, dict(answer.headers), b"")
    return RawReply(200, {"Content-Type": "application/zip"}, data)


class _Exchange:
    """One request on its way through."""

    def __init__(self, hub: GitHub, raw: RawRequest, *, strict: bool) -> None:
        self.hub = hub
        self.strict = strict
        self.raw = raw
        self.method = raw.method
        self.body: Any = None
        self.token = self._token()
        self.resource = "graphql" if raw.path == "/graphql" else "core"
        self.free = raw.path == "/rate_limit"
        # A GraphQL query is sent with POST as well; its answer tells whether it was a mutation.
        self.mutating = raw.method not in {"GET", "HEAD"} and self.resource != "graphql"
        self.route: Route | None = None
        self.params: dict[str, Any] = {}
        found = find_route(raw.method, self._current_path())
        if found:
            self.route, self.params = found

    def run(self) -> RawReply:
        """Do it, write it down, and answer."""
        fault = self.hub.faults.strike(self.method, self.raw.path + _written(self.raw))
        instead = fault.instead() if fault else None
        answer = self._answer() if instead is None else instead
        if answer.changed is not None:
            self.mutating = answer.changed
        applied = instead is None and answer.status < 400
        if fault is not None:
            answer = fault.afterwards(answer)
        reply = self._reply(answer, fault)
        self._write_down(reply, answer, fault, applied=applied)
        if fault is not None and fault.cuts_the_line:
            raise Dropped
        return reply

    def _reply(self, answer: RouteAnswer, fault: Fault | None) -> RawReply:
        status = answer.status
        text = b"" if answer.data is None else json.dumps(answer.data, ensure_ascii=False).encode()
        headers = self._common_headers() | dict(answer.headers)
        if answer.data is not None:
            headers["Content-Type"] = "application/json; charset=utf-8"
        if self.method == "GET" and status == 200:
            # https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api
            headers["ETag"] = f'W/"{hashlib.sha256(text).hexdigest()}"'
            if self.raw.headers.get("if-none-match") == headers["ETag"]:
                status, text = 304, b""
                del headers["Content-Type"]
        if status != 304 and self.token is not None and not self.free:
            count(self.hub, self.token, self.resource)
        headers |= headers_of(self.hub, self.token, self.resource)
        if fault is None:
            return RawReply(status, headers, text)
        if fault.kind == "not_accessible" and self.route is not None:
            headers["X-Accepted-GitHub-Permissions"] = self.route.accepted_permissions()
        elif fault.kind == "primary_exhausted":
            headers |= {"X-RateLimit-Remaining": "0", "X-RateLimit-Used": headers["X-RateLimit-Limit"]}
        elif fault.kind == "truncated_json":
            text = text[: len(text) // 2]
        elif fault.kind == "html_200":
            headers["Content-Type"] = "text/html; charset=utf-8"
            return RawReply(200, headers, b"<!DOCTYPE html><html><body>Unicorn!</body></html>")
        return RawReply(status, headers, text)

    def _write_down(
        self, reply: RawReply, answer: RouteAnswer, fault: Fault | None, *, applied: bool
    ) -> None:
        dropped = fault is not None and fault.cuts_the_line
        self.hub.requests.append(
            RequestRecord(
                method=self.method,
                path=self.raw.path,
                query=self.raw.query,
                body=self.body,
                token_kind=self.token.kind if self.token else "none",
                status=0 if dropped else reply.status,
                response=None if dropped or reply.status == 304 else answer.data,
                headers=reply.headers,
                mutating=self.mutating,
                route=self.route.template if self.route else "",
                applied=applied,
                fault=fault.kind if fault else "",
            )
        )

    def _answer(self) -> RouteAnswer:
        try:
            return self._handled()
        except GitHubRefusal as refusal:
            return refusal.answer()
        except Unfaithful as strange:
            self.hub.violations.append(str(strange))
            return RouteAnswer(
                501, {"message": str(strange), "documentation_url": "https://docs.github.com/rest"}
            )

    def _handled(self) -> RouteAnswer:
        self._check_headers()
        token = self._known_token()
        account = self.hub.world.accounts[token.account_id]
        actor = Actor(account, token.kind, token.permissions, token.repository_id)
        if self.mutating and self.hub.limits_writes and not write_allowed(self.hub, token):
            raise too_many_writes()
        self.body = self._parsed()
        if self.route is None and not self.strict:
            raise not_found()
        if self.route is None:
            msg = f"{self.method} {self.raw.path}: the embedded GitHub knows no such route"
            raise Unfaithful(msg)
        self._check_strictly(self.route)
        repository = self._repository(actor)
        if actor.is_actions and not self.route.allows(actor.grants):
            accepted = {"X-Accepted-GitHub-Permissions": self.route.accepted_permissions()}
            raise GitHubRefusal(403, "Resource not accessible by integration", headers=accepted)
        ask = RouteRequest(
            hub=self.hub,
            route=self.route,
            token=token,
            actor=actor,
            params=self.params,
            query=self.raw.query,
            body=self.body if self.body is not None else {},
            headers=self.raw.headers,
            path=self.raw.path,
            _repository=repository,
        )
        result = self.route.handler(ask)
        return result if isinstance(result, RouteAnswer) else RouteAnswer(200, result)

    def _check_headers(self) -> None:
        if not self.raw.headers.get("user-agent"):
            raise GitHubRefusal(403, "Request forbidden by administrative rules. User-Agent is missing.")
        if "diff" in (accept := self.raw.headers.get("accept", "")) or "patch" in accept:
            raise Unfaithful(f"{self.method} {self.raw.path}: the form {accept} is not known here")
        version = self.raw.headers.get("x-github-api-version", API_VERSION)
        if version != API_VERSION and not self.strict:
            raise GitHubRefusal(400, f"Unsupported API version: {version}. Use {API_VERSION}.")
        if version != API_VERSION:
            msg = f"{self.method} {self.raw.path}: API version {version} is not known here"
            raise Unfaithful(msg)

    def _parsed(self) -> Any:
        if not self.raw.data:
            return None
        try:
            return json.loads(self.raw.data)
        except ValueError:
            raise GitHubRefusal(400, "Problems parsing JSON") from None

    def _check_strictly(self, route: Route) -> None:
        for name in sorted(self.raw.query.keys() - route.query) if self.strict else ():
            msg = f"{route.name}: query parameter {name!r} is not known here"
            raise Unfaithful(msg)
        if self.body in (None, {}) or (route.body is not None and "*" in route.body):
            return
        if not isinstance(self.body, dict):
            if not self.strict:
                raise GitHubRefusal(400, "Body should be a JSON object")
            msg = f"{route.name}: the body is no object"
            raise Unfaithful(msg)
        for name in sorted(self.body.keys() - (route.body or frozenset())) if self.strict else ():
            msg = f"{route.name}: body field {name!r} is not known here"
            raise Unfaithful(msg)

    def _token(self) -> Token | None:
        scheme, _, text = self.raw.headers.get("authorization", "").partition(" ")
        return self.hub.world.tokens.get(text) if scheme.lower() in {"bearer", "token"} else None

    def _known_token(self) -> Token:
        if self.token is None or self.token.account_id not in self.hub.world.accounts:
            raise GitHubRefusal(401, "Bad credentials")
        budget = count(self.hub, self.token, self.resource, by=0)
        if not budget.remaining and not self.free:
            raise GitHubRefusal(403, "API rate limit exceeded for installation.")
        return self.token

    def _current_path(self) -> str:
        """/repositories/{id}/… is another name for /repos/{owner}/{name}/…, used in redirects."""
        parts = self.raw.path.split("/")
        if len(parts) > 2 and parts[1] == "repositories" and parts[2].isdecimal():
            repository = self.hub.world.repositories.get(int(parts[2]))
            if repository is not None:
                return "/".join(["", "repos", self.hub.world.full_name(repository), *parts[3:]])
        return self.raw.path

    def _repository(self, actor: Actor) -> Repository | None:
        if "owner" not in self.params or "repo" not in self.params:
            return None
        world = self.hub.world
        full_name = f"{self.params['owner']}/{self.params['repo']}"
        found = world.repository_named(full_name)
        moved = world.moved_names.get(full_name.casefold())
        if found is None and moved is not None and may_see(world, world.repositories[moved], actor):
            raise self._moved(moved)
        if found is None or not may_see(world, found, actor):
            raise not_found()
        return found

    def _moved(self, repository_id: int) -> GitHubRefusal:
        """301 for reads, 307 for writes, as the renamed repository's answers say in GitHub's description."""
        rest = "/".join(["", *self.raw.path.split("/")[4:]])
        url = f"{self.hub.api_url}/repositories/{repository_id}{rest}"
        status = 307 if self.mutating else 301
        return GitHubRefusal(status, "Moved Permanently", headers={"Location": url}, extra={"url": url})

    def _common_headers(self) -> dict[str, str]:
        # https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/scopes-for-oauth-apps
        personal = self.token is not None and self.token.kind == "personal"
        return ({"X-OAuth-Scopes": SCOPES} if personal else {}) | {
            "Server": "github.com",
            "Date": format_datetime(self.hub.now(), usegmt=True),
            "X-GitHub-Request-Id": f"ACED:{self.hub.world.next_id('request'):X}",
            "X-GitHub-Media-Type": "github.v3; format=json",
            "X-GitHub-Api-Version-Selected": API_VERSION,
        }
