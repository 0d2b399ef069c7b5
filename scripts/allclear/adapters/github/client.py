"""The one door to GitHub's API, through PyGithub. No decisions here: requests, pages, patience and typed
errors.

PyGithub's own retries and throttle are switched off: it repeats POST after a 5xx, which may write twice, and
its pace costs a ten-call command 4.8 s. Reads are repeated here, a write never is: whoever wrote looks
first.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

from msgspec import Struct

from allclear.adapters.github.again import BACKOFF, again
from allclear.adapters.github.errors import (
    ConflictError,
    ForbiddenError,
    GitHubError,
    GoneError,
    InvalidError,
    MovedError,
    NotFoundError,
    RateLimitedError,
    UnauthorizedError,
    UnavailableError,
)
from allclear.adapters.github.first_reads import FirstReads, address
from allclear.adapters.github.light_import import light_imports
from allclear.adapters.github.limits import is_limit, retry_at
from allclear.adapters.github.paging import next_page
from allclear.core.model.budget import Budget

with light_imports():
    import requests
    from github import Auth, Consts
    from github.Requester import HTTPRequestsConnectionClass, HTTPSRequestsConnectionClass, Requester
    from requests.adapters import BaseAdapter

PAGE = 100
MOST_PAGES = 120
"""12,000 items: more than any issue is read for (I2); a bound, so that no loop is without one."""

PATIENCE = timedelta(seconds=150)
"""How long one run waits in all for a secondary limit to end; then it stops, and the next run resumes."""

TIMEOUT = 20
"""Seconds without a sign of GitHub after which a request counts as unanswered."""

HURRY = 6
"""The same, where nobody should have to wait for what is asked."""

LEFT = ("limit", "remaining", "reset")
"""What GitHub says of an hour's requests, in headers and in the answer to ``/rate_limit``."""

MOVED_TO = "x-moved-to"
"""The header that a redirect's ``Location`` is kept under, where PyGithub does not look."""


class ApiAnswer(Struct, frozen=True):
    """``data`` is the decoded JSON, None for an empty body. Header names are in lower case."""

    status: int
    data: Any
    headers: Mapping[str, str]


class Client:
    """GitHub's REST API for one token. ``sleep`` takes seconds.
    ``now`` is GitHub's clock, from its last answer; ``budget`` what was left then of the hour's requests,
    GraphQL's aside; ``asked`` counts the answers.

    ``transport`` carries every request in place of the network
    (https://requests.readthedocs.io/en/latest/user/advanced/#transport-adapters). ``early``: what this run
    asked for already; each of its answers is taken in place of asking the same.
    """

    def __init__(
        self,
        api_url: str,
        token: str,
        *,
        sleep: Callable[[float], None] = time.sleep,
        transport: BaseAdapter | None = None,
        hurried: bool = False,
        early: FirstReads | None = None,
    ) -> None:
        self._api_url, self._token, self._hurried = api_url, token, hurried
        self.early = early
        self._silent = False
        timeout = HURRY if hurried else TIMEOUT
        self._requester = requester_for(api_url, Auth.Token(token), timeout)
        self._transport = transport
        self._line = _line(api_url, timeout)
        self._carry(self._line.session)
        self._sleep = sleep
        self._waited = timedelta()
        self._now: datetime | None = None
        self.budget: Budget | None = None
        self.asked = 0

    @property
    def now(self) -> datetime:
        """GitHub's time at its last answer, UTC, to the second.
        Raises UnavailableError before there was one.
        """
        if self._now is None:
            raise UnavailableError(0, "GitHub has not answered yet, so the time is not known")
        return self._now

    def hurried(self, *, here: bool = False) -> Client:
        """A client for what nobody should have to wait for: nothing is asked twice, no limit is waited for,
        and after the first request that GitHub does not answer there is no other.

        It has a connection of its own, for a connection is no two threads'. ``here``: it has this one's.
        """
        made = Client(self._api_url, self._token, sleep=self._sleep, transport=self._transport, hurried=True)
        if here:
            made._line = self._line
        return made

    def heard(self, other: Client) -> None:
        """Count what a client beside this one asked and wrote meanwhile as done by this one."""
        if self.early is not None:
            self.early.drop()
        self.asked += other.asked
        self._now = max((one for one in (self._now, other._now) if one is not None), default=None)
        left = [one for one in (self.budget, other.budget) if one is not None]
        self.budget = min(left, key=lambda one: (-one.reset.timestamp(), one.remaining), default=None)

    def pause(self, seconds: float) -> None:
        """Wait before looking again at something that may not be visible yet, or did not work."""
        if not self._silent:
            self._sleep(seconds)

    def wait_for(self, limit: RateLimitedError) -> None:
        """Wait until a limit ends, which some write met. Raises it when that takes longer than patience."""
        wait = max(timedelta(), limit.retry_at - self.now)
        if self._waited + wait > PATIENCE:
            raise limit
        self._waited += wait
        self._sleep(wait.total_seconds())

    def budgets(self) -> Mapping[str, Budget]:
        """What is left of the hour, by resource (``core``, ``graphql``). To ask costs nothing.

        https://docs.github.com/en/rest/rate-limit/rate-limit#get-rate-limit-status-for-the-authenticated-user
        """
        told = self.get("/rate_limit").data["resources"]
        found = {name: _budget(told[name]) for name in ("core", "graphql")}
        return {name: budget for name, budget in found.items() if budget is not None}

    def stranger(self) -> requests.Session:
        """A session that reaches what GitHub leads to, and does not carry the token there."""
        session = requests.Session()
        # Without an auth of its own, requests would look for one in ~/.netrc.
        session.auth = _nobody
        self._carry(session)
        return session

    def _carry(self, session: requests.Session) -> None:
        if self._transport is not None:
            session.trust_env = False  # no proxy and no ~/.netrc stands in between
            session.mount("https://", self._transport)
            session.mount("http://", self._transport)

    def get(self, path: str, params: Mapping[str, str | int] | None = None) -> ApiAnswer:
        """Read. 5xx and broken connections are tried again, at most three times (A1)."""
        return self._read("GET", path, params, None)

    def send(
        self, verb: str, path: str, body: Mapping[str, Any] | None = None, *, accept: tuple[int, ...] = ()
    ) -> ApiAnswer:
        """Write once. Statuses in ``accept`` come back as an answer instead of an error."""
        if self.early is not None:
            self.early.drop()
        return self._patiently(verb, path, None, body, accept)

    def pages(self, path: str, params: Mapping[str, str | int] | None = None) -> Iterator[list[Any]]:
        """Every page of a list. Follows the Link header;
        without one, a full page means that there is more (A18).
        """
        query: dict[str, str | int] = {**(params or {}), "per_page": PAGE, "page": 1}
        for _ in range(MOST_PAGES):
            answer = self.get(path, query)
            if not isinstance(answer.data, list):
                raise UnavailableError(answer.status, f"GET {path} did not answer with a list")
            yield answer.data
            following = next_page(answer.headers.get("link"))
            if following is None and ("link" in answer.headers or len(answer.data) < PAGE):
                return
            query["page"] = int(query["page"]) + 1 if following is None else following

    def items(self, path: str, params: Mapping[str, str | int] | None = None) -> list[Any]:
        """All items of a list, each id once, whatever was inserted or deleted while paging (A18)."""
        return list({item["id"]: item for page in self.pages(path, params) for item in page}.values())

    def graphql(self, query: str, variables: Mapping[str, Any]) -> Mapping[str, Any]:
        """The ``data`` of a query. Errors and partial data are failures, never "nothing there" (A8)."""
        asked = {"query": query, "variables": dict(variables)}
        answer = self._read("POST", self._requester.graphql_url, None, asked).data
        found = answer.get("data") if isinstance(answer, dict) and not answer.get("errors") else None
        if not isinstance(found, dict):
            raise UnavailableError(200, "GraphQL did not answer with data", answer)
        return found

    def once(self, document: str, variables: Mapping[str, Any]) -> ApiAnswer:
        """What GraphQL answers to a document: asked once, and no limit is waited for."""
        asked = {"query": document, "variables": dict(variables)}
        return self._request("POST", self._requester.graphql_url, None, asked, ())

    def _read(
        self, verb: str, path: str, params: Mapping[str, str | int] | None, body: Mapping[str, Any] | None
    ) -> ApiAnswer:
        """What only reads may be asked three times."""
        waits = () if self._hurried else BACKOFF
        return again(self._sleep, lambda: self._patiently(verb, path, params, body, ()), waits=waits)

    def _patiently(
        self,
        verb: str,
        path: str,
        params: Mapping[str, str | int] | None,
        body: Mapping[str, Any] | None,
        accept: tuple[int, ...],
    ) -> ApiAnswer:
        """One request; a secondary limit is waited for while patience lasts (A4, A5): it was not applied."""
        for factor in (1, 2):
            try:
                return self._request(verb, path, params, body, accept)
            except RateLimitedError as limit:
                wait = max(timedelta(), limit.retry_at - self.now) * factor
                if self._hurried or self._waited + wait > PATIENCE:
                    raise
                self._waited += wait
                self._sleep(wait.total_seconds())
        return self._request(verb, path, params, body, accept)

    def _request(
        self,
        verb: str,
        path: str,
        params: Mapping[str, str | int] | None,
        body: Mapping[str, Any] | None,
        accept: tuple[int, ...],
    ) -> ApiAnswer:
        if self._silent:
            raise UnavailableError(0, f"{verb} {path}: GitHub did not answer before, so it was not asked")
        told = self.early.take(address(path, params)) if self.early is not None and verb == "GET" else None
        if told is not None:
            moved = {MOVED_TO if name == "location" else name: value for name, value in told.headers.items()}
            return self._answered(verb, path, told.status, moved, told.text, accept)
        try:
            status, headers, output = self._requester.requestJson(
                verb,
                path,
                dict(params) if params else None,
                None,
                dict(body) if body is not None else None,
                self._line,
            )
        except requests.RequestException as error:
            self._silent = self._hurried
            raise UnavailableError(0, f"{verb} {path}: {type(error).__name__}") from error
        self._silent = self._hurried and status >= 500
        return self._answered(verb, path, status, headers, output, accept)

    def _answered(
        self,
        verb: str,
        path: str,
        status: int,
        headers: Mapping[str, Any],
        output: str,
        accept: tuple[int, ...],
    ) -> ApiAnswer:
        """What an answer says. Raises GitHubError."""
        self.count(headers)
        data = _decode(output, status, f"{verb} {path}")
        if status < 300:
            return ApiAnswer(status, data, headers)
        failure = self._failure(status, data, headers, f"{verb} {path}")
        if status in accept and not isinstance(failure, RateLimitedError):
            return ApiAnswer(status, data, headers)
        raise failure

    def count(self, headers: Mapping[str, Any]) -> None:
        """Take note of an answer: what time it is, and what is left of the hour."""
        self.asked += 1
        if date := headers.get("date"):
            self._now = parsedate_to_datetime(str(date)).astimezone(UTC)
        if headers.get("x-ratelimit-resource") == "core":
            self.budget = _budget({name: headers.get(f"x-ratelimit-{name}") for name in LEFT}) or self.budget

    def _failure(self, status: int, data: Any, headers: Mapping[str, Any], where: str) -> GitHubError:
        told = str(data.get("message", "")) if isinstance(data, dict) else ""
        message = f"{where}: {told or 'no message'}"
        if takes := headers.get("x-accepted-github-permissions"):
            # https://docs.github.com/en/rest/authentication/permissions-required-for-fine-grained-personal-access-tokens
            message += f"; it takes {takes}"
        if to := headers.get(MOVED_TO):
            message += f"; it moved to {to}"
        if status in (403, 429) and is_limit(status, told, headers):
            return RateLimitedError(status, message, retry_at(headers, self.now), data)
        if status >= 500:
            return UnavailableError(status, message, data)
        kinds: dict[int, type[GitHubError]] = {
            301: MovedError,
            302: MovedError,
            307: MovedError,
            308: MovedError,
            400: InvalidError,
            401: UnauthorizedError,
            403: ForbiddenError,
            404: NotFoundError,
            409: ConflictError,
            410: GoneError,
            422: InvalidError,
            451: GoneError,
        }
        # 304 without our asking for it, or anything else unheard of: unknown is not "empty" (A21).
        return kinds.get(status, UnavailableError)(status, message, data)


def _budget(told: Mapping[str, Any]) -> Budget | None:
    """What GitHub says of an hour's requests; None when it does not."""
    limit, left, reset = (str(told.get(name)) for name in LEFT)
    if not (limit.isdigit() and left.isdigit() and reset.isdigit()):
        return None
    return Budget(int(limit), int(left), datetime.fromtimestamp(int(reset), UTC))


def requester_for(api_url: str, auth: Auth.Auth, timeout: int) -> Requester:
    """What PyGithub's ``Github`` would speak through, without its own retries and pace."""
    return Requester(
        auth,
        api_url,
        timeout,
        Consts.DEFAULT_USER_AGENT,
        Consts.DEFAULT_PER_PAGE,
        verify=True,
        retry=None,
        pool_size=None,
        lazy=True,
    )


def _line(api_url: str, timeout: int) -> HTTPRequestsConnectionClass | HTTPSRequestsConnectionClass:
    """A connection on which no redirect is followed:
    PyGithub would follow one with a write, and without the query (A20).
    """
    where = urlsplit(api_url)
    kind = HTTPSRequestsConnectionClass if where.scheme == "https" else HTTPRequestsConnectionClass
    line = kind(where.hostname or "", where.port, timeout=timeout)
    line.session.hooks["response"].append(_stay)
    return line


def _nobody(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


def _stay(answer: requests.Response, **_: Any) -> None:
    if "location" in answer.headers and answer.is_redirect:
        answer.headers[MOVED_TO] = answer.headers.pop("location")


def _decode(output: str, status: int, where: str) -> Any:
    """The JSON of a body. An HTML page, half an answer or none under 200 is a failure, not data (A3)."""
    if not output.strip() and status not in (200, 201):
        return None
    try:
        return json.loads(output)
    except ValueError as error:
        if status >= 400:
            return None
        raise UnavailableError(status, f"{where}: the answer is not JSON") from error
