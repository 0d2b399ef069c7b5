"""From a raw request to an answer: faults, token, limits, strictness, permission, handler, headers, record."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any

from .access import may_see
from .faults import APPLIED, Fault
from .rates import count, headers_of
from .records import RequestRecord
from .route_table import RouteTable
from .routing import Actor, Answer, Ask, Refusal, Route, Unfaithful, not_found
from .state import Repository, Token

if TYPE_CHECKING:
    from werkzeug.datastructures import Headers, MultiDict

    from .hub import GitHub


class Dropped(Exception):
    """The connection breaks instead of an answer."""


class Front:
    """Answers requests, one at a time."""

    def __init__(self, hub: GitHub) -> None:
        self._hub = hub
        self._table = RouteTable()

    def answer(
        self, method: str, path: str, args: MultiDict[str, str], data: bytes, headers: Headers
    ) -> tuple[int, dict[str, str], bytes]:
        """Status, headers and body for one request; raises Dropped when the line is cut."""
        hub = self._hub
        with hub.turn():
            exchange = _Exchange(hub, self._table, method, path, dict(args.items()), data, headers)
            return exchange.run()


class _Exchange:
    """One request on its way through."""

    def __init__(
        self,
        hub: GitHub,
        table: RouteTable,
        method: str,
        path: str,
        query: dict[str, str],
        data: bytes,
        headers: Headers,
    ) -> None:
        self.hub = hub
        self.method = method
        self.path = path
        self.query = query
        self.data = data
        self.headers = headers
        self.body: Any = None
        self.token = self._token()
        self.resource = "graphql" if path == "/graphql" else "core"
        self.mutating = method not in {"GET", "HEAD"}
        self.route: Route | None = None
        self.params: dict[str, Any] = {}
        found = table.find(method, self._current_path())
        if found:
            self.route, self.params = found

    def run(self) -> tuple[int, dict[str, str], bytes]:
        """Do it, write it down, and answer."""
        fault = self.hub.faults.strike(self.method, self.path)
        if fault is not None and fault.kind not in APPLIED:
            answer, applied = self._weather(fault), False
        else:
            answer = self._answer()
            applied = answer.status < 400
        if fault is not None and fault.kind == "error_after":
            answer = Refusal(fault.status or 502, "Server Error").answer()
        text = b"" if answer.data is None else json.dumps(answer.data, ensure_ascii=False).encode()
        headers = self._common_headers() | dict(answer.headers)
        if answer.data is not None:
            headers["Content-Type"] = "application/json; charset=utf-8"
        if self.method == "GET" and answer.status == 200:
            headers["ETag"] = f'W/"{hashlib.sha256(text).hexdigest()}"'
            if self.headers.get("If-None-Match") == headers["ETag"]:
                answer, text = Answer(304), b""
                headers.pop("Content-Type")
        if answer.status != 304 and self.token is not None and self.path != "/rate_limit":
            count(self.hub, self.token, self.resource)
        headers |= headers_of(self.hub, self.token, self.resource)
        if fault is not None and fault.kind == "primary_exhausted":
            headers["X-RateLimit-Remaining"] = "0"
        if fault is not None and fault.kind == "truncated_json":
            text = text[: len(text) // 2]
        if fault is not None and fault.kind == "html_200":
            answer, text = Answer(200), b"<!DOCTYPE html><html><body>Unicorn!</body></html>"
            headers["Content-Type"] = "text/html; charset=utf-8"
        dropped = fault is not None and fault.kind in {"drop_before", "drop_after"}
        self.hub.requests.append(
            RequestRecord(
                method=self.method,
                path=self.path,
                query=self.query,
                body=self.body,
                token_kind=self.token.kind if self.token else "none",
                status=0 if dropped else answer.status,
                response=None if dropped else answer.data,
                headers=headers,
                mutating=self.mutating,
                route=self.route.template if self.route else "",
                applied=applied,
                fault=fault.kind if fault else "",
            )
        )
        if dropped:
            raise Dropped
        return answer.status, headers, text

    def _answer(self) -> Answer:
        try:
            return self._handled()
        except Refusal as refusal:
            return refusal.answer()
        except Unfaithful as strange:
            self.hub.violations.append(str(strange))
            return Answer(501, {"message": str(strange), "documentation_url": "https://docs.github.com/rest"})

    def _handled(self) -> Answer:
        token = self._known_token()
        actor = Actor(
            self.hub.world.accounts[token.account_id], token.kind, token.permissions, token.repository_id
        )
        if self.data:
            try:
                self.body = json.loads(self.data)
            except ValueError:
                raise Refusal(400, "Problems parsing JSON") from None
        if self.route is None:
            msg = f"{self.method} {self.path}: the sandbox knows no such route"
            raise Unfaithful(msg)
        self._check_strictly(self.route)
        repository = self._repository(actor)
        if actor.is_actions and not self.route.allows(actor.grants):
            accepted = {"X-Accepted-GitHub-Permissions": self.route.accepted_permissions()}
            raise Refusal(403, "Resource not accessible by integration", headers=accepted)
        ask = Ask(
            hub=self.hub,
            route=self.route,
            actor=actor,
            params=self.params,
            query=self.query,
            body=self.body if self.body is not None else {},
            headers=self.headers,
            path=self.path,
            _repository=repository,
        )
        result = self.route.handler(ask)
        return result if isinstance(result, Answer) else Answer(200, result)

    def _check_strictly(self, route: Route) -> None:
        for name in sorted(self.query.keys() - route.query):
            msg = f"{route.name}: query parameter {name!r} is not GitHub's"
            raise Unfaithful(msg)
        if route.body is not None and "*" in route.body:
            return
        if self.body is None or (isinstance(self.body, dict) and not self.body):
            return
        if not isinstance(self.body, dict):
            msg = f"{route.name}: the body is no object"
            raise Unfaithful(msg)
        for name in sorted(self.body.keys() - (route.body or frozenset())):
            msg = f"{route.name}: body field {name!r} is not GitHub's"
            raise Unfaithful(msg)

    def _token(self) -> Token | None:
        scheme, _, text = self.headers.get("Authorization", "").partition(" ")
        return self.hub.world.tokens.get(text) if scheme.lower() in {"bearer", "token"} else None

    def _known_token(self) -> Token:
        if self.token is None or self.token.account_id not in self.hub.world.accounts:
            raise Refusal(401, "Bad credentials")
        window = count(self.hub, self.token, self.resource, by=0)
        if window.used >= window.limit:
            raise Refusal(403, "API rate limit exceeded for installation.")
        return self.token

    def _current_path(self) -> str:
        """/repositories/{id}/… is another name for /repos/{owner}/{name}/…, used in redirects."""
        parts = self.path.split("/")
        if len(parts) > 2 and parts[1] == "repositories" and parts[2].isdecimal():
            repository = self.hub.world.repositories.get(int(parts[2]))
            if repository is not None:
                return "/".join(["", "repos", self.hub.world.full_name(repository), *parts[3:]])
        return self.path

    def _repository(self, actor: Actor) -> Repository | None:
        if "owner" not in self.params or "repo" not in self.params:
            return None
        world = self.hub.world
        full_name = f"{self.params['owner']}/{self.params['repo']}"
        found = world.repository_named(full_name)
        if found is None and (moved := world.moved_names.get(full_name.casefold())):
            if not may_see(world, world.repositories[moved], actor):
                raise not_found()
            rest = "/".join(self.path.split("/")[4:])
            location = f"{self.hub.api_url}/repositories/{moved}" + (f"/{rest}" if rest else "")
            raise Refusal(
                307 if self.mutating else 301,
                "Moved Permanently",
                headers={"Location": location},
                extra={"url": location},
            )
        if found is None or not may_see(world, found, actor):
            raise not_found()
        return found

    def _common_headers(self) -> dict[str, str]:
        return {
            "Server": "github.com",
            "Date": format_datetime(self.hub.now(), usegmt=True),
            "X-GitHub-Request-Id": f"ACED:{self.hub.world.next_id('request'):X}",
            "X-GitHub-Media-Type": "github.v3; format=json",
            "X-GitHub-Api-Version-Selected": self.headers.get("X-GitHub-Api-Version", "2022-11-28"),
        }

    def _weather(self, fault: Fault) -> Answer:
        return _WEATHER[fault.kind](fault)


def _error_before(fault: Fault) -> Answer:
    return Refusal(fault.status or 500, "Server Error").answer()


def _secondary(fault: Fault) -> Answer:
    headers = {} if fault.retry_after is None else {"Retry-After": str(fault.retry_after)}
    message = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
    return Refusal(fault.status or 403, message, headers=headers).answer()


def _exhausted(_: Fault) -> Answer:
    return Refusal(403, "API rate limit exceeded for installation.").answer()


def _unauthorized(_: Fault) -> Answer:
    return Refusal(401, "Bad credentials").answer()


def _not_accessible(_: Fault) -> Answer:
    return Refusal(403, "Resource not accessible by integration").answer()


def _gone(fault: Fault) -> Answer:
    messages = {404: "Not Found", 410: "This issue was deleted", 451: "Repository access blocked"}
    status = fault.status or 404
    return Refusal(status, messages[status]).answer()


def _redirect(fault: Fault) -> Answer:
    url = fault.location
    return Refusal(
        fault.status or 301, "Moved Permanently", headers={"Location": url}, extra={"url": url}
    ).answer()


_WEATHER: Mapping[str, Any] = {
    "error_before": _error_before,
    "secondary": _secondary,
    "primary_exhausted": _exhausted,
    "unauthorized": _unauthorized,
    "not_accessible": _not_accessible,
    "gone": _gone,
    "redirect": _redirect,
    "drop_before": lambda _: Answer(0),
}
