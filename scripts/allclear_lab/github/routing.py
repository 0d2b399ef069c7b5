"""How a route is declared, what its handler is given, and how it answers or refuses."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Protocol, TypeVar
from urllib.parse import urlencode

from allclear_lab.github.state import Account, Issue, Repository, Token

if TYPE_CHECKING:
    from allclear_lab.github.hub import GitHub


class WithAuthor(Protocol):
    """Something somebody made at some time."""

    created_at: datetime
    author_id: int | None


C = TypeVar("C", bound=WithAuthor)
PAGING = ("per_page", "page")


@dataclass(frozen=True, slots=True)
class RouteAnswer:
    """A status, a JSON value (None: empty body) and extra headers. ``changed``: whether the request could
    change something, where its method does not tell.
    """

    status: int
    data: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    changed: bool | None = None


class GitHubRefusal(Exception):  # noqa: N818  # GitHub's no is an answer, not a failure
    """GitHub says no. `status`, `message` and `errors` are what the answer carries."""

    def __init__(
        self,
        status: int,
        message: str,
        errors: Iterable[Any] = (),
        headers: Mapping[str, str] | None = None,
        extra: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(f"{status} {message} {list(errors) or ''}".strip())
        self.status = status
        self.message = message
        self.errors = list(errors)
        self.headers = dict(headers or {})
        self.extra = dict(extra or {})

    def answer(self) -> RouteAnswer:
        """The refusal as GitHub words it."""
        data: dict[str, Any] = {"message": self.message}
        if self.errors:
            data["errors"] = self.errors
        data["documentation_url"] = "https://docs.github.com/rest"
        data["status"] = str(self.status)
        return RouteAnswer(self.status, data | self.extra, self.headers)


class Unfaithful(Exception):  # noqa: N818  # names what the request is
    """Something that is not known here: a route, parameter, field or type. Noted as a violation, 501."""


def not_found() -> GitHubRefusal:
    """404, also for what may not be seen."""
    return GitHubRefusal(404, "Not Found")


def invalid(resource: str, field_name: str, code: str = "invalid", **more: Any) -> GitHubRefusal:
    """422 Validation Failed with one structured error."""
    return GitHubRefusal(
        422, "Validation Failed", [{"resource": resource, "code": code, "field": field_name, **more}]
    )


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does something, by which means. `web` is a person in the browser; `grants` are a token's."""

    account: Account
    via: str = "web"
    grants: Mapping[str, str] = field(default_factory=dict)
    repository_id: int | None = None

    @property
    def is_actions(self) -> bool:
        """Whether this is a workflow's GITHUB_TOKEN, whose acts start no workflow runs."""
        return self.via == "actions"


@dataclass(slots=True)
class RouteRequest:
    """One request, checked: the route knows it, the token is good, the repository may be seen."""

    hub: GitHub
    route: Route
    token: Token
    actor: Actor
    params: dict[str, Any]
    query: dict[str, str]
    body: Any
    headers: Mapping[str, str]
    path: str
    _repository: Repository | None = None

    @property
    def repository(self) -> Repository:
        """The repository the path names."""
        if self._repository is None:
            raise not_found()
        return self._repository

    @property
    def issue(self) -> Issue:
        """The issue (or pull request) the path names."""
        return self.issue_at(self.params["issue_number"])

    def issue_at(self, number: int) -> Issue:
        """Issue or pull request `number`: 404, 410 and 301 as GitHub answers them."""
        issue = self.repository.issues.get(number)
        if issue is None:
            raise not_found()
        if not issue.pull:
            self._require_issues_permission()
        if issue.transferred_to:
            location = f"{self.hub.api_url}/repos/{issue.transferred_to}"
            raise GitHubRefusal(
                301, "Moved Permanently", headers={"Location": location}, extra={"url": location}
            )
        if issue.deleted:
            raise GitHubRefusal(410, "This issue was deleted")
        return issue

    def _require_issues_permission(self) -> None:
        """pull-requests: write opens pull requests' conversations only, not those of issues."""
        needs = "|".join(need for need in self.route.needs.split("|") if need.startswith("issues:"))
        if self.actor.is_actions and not allows(needs, self.actor.grants):
            accepted = {"X-Accepted-GitHub-Permissions": self.route.accepted_permissions()}
            raise GitHubRefusal(403, "Resource not accessible by integration", headers=accepted)

    def visible(self, items: Iterable[C]) -> list[C]:
        """What a list shows of things with an author and a creation time: all, unless reads are stale."""
        since = self.hub.faults.stale_since(self.hub.now())
        if since is None:
            return list(items)
        own = self.actor.account.id
        return [one for one in items if one.created_at <= since or one.author_id != own]

    def field(self, name: str, kind: type | tuple[type, ...] = str, default: Any = None) -> Any:
        """A body field; a value of the wrong type is 422, as GitHub's schema check answers."""
        value = self.body.get(name, default)
        wrong = not isinstance(value, kind) or (isinstance(value, bool) and kind is int)
        if value is not None and wrong:
            said = f"Invalid request.\n\nFor 'properties/{name}', {value!r} is of the wrong type."
            raise GitHubRefusal(422, said)
        return value

    def names(self, value: Any, key: str) -> list[str]:
        """A list of names, given as strings or as objects with `key`; 422 for anything else."""
        items = value if isinstance(value, list) else [value]
        given = [one.get(key) if isinstance(one, dict) else one for one in items]
        found = [one for one in given if isinstance(one, str)]
        if len(found) < len(given):
            raise GitHubRefusal(422, f'Invalid request.\n\nNo subschema in "anyOf" matched for {key}.')
        return found

    def choice(self, name: str, allowed: tuple[str, ...]) -> str:
        """A query parameter with fixed values; the first is the default, others are 422."""
        value = self.query.get(name, allowed[0])
        if value not in allowed:
            raise invalid("Issue", name)
        return value

    def since(self) -> datetime:
        """The `since` parameter, ISO 8601; the beginning of time without it."""
        text = self.query.get("since")
        if text is None:
            return datetime.min.replace(tzinfo=UTC)
        try:
            when = datetime.fromisoformat(text)
        except ValueError:
            raise invalid("Issue", "since") from None
        return when if when.tzinfo else when.replace(tzinfo=UTC)

    def number(self, name: str, default: int) -> int:
        """A whole number from the query."""
        value = self.query.get(name, "")
        return int(value) if value.isdecimal() else default

    def page(self, items: list[Any], show: Callable[[Any], Any], key: str | None = None) -> RouteAnswer:
        """One page of `items` with its Link header; only what is on the page is shown.

        https://docs.github.com/en/rest/using-the-rest-api/using-pagination-in-the-rest-api
        """
        size = min(max(self.number("per_page", 30), 1), 100)
        number = max(self.number("page", 1), 1)
        last = max(1, -(-len(items) // size))
        shown = [show(item) for item in items[(number - 1) * size : number * size]]
        turns = {}
        if number > 1:
            turns["prev"] = min(number - 1, last)
        if number < last:
            turns["next"] = number + 1
            turns["last"] = last
        if number > 1:
            turns["first"] = 1
        link = ", ".join(f'<{self._page_url(page)}>; rel="{rel}"' for rel, page in turns.items())
        data = shown if key is None else {"total_count": len(items), key: shown}
        return RouteAnswer(200, data, {"Link": link} if link else {})

    def _page_url(self, number: int) -> str:
        query = {name: value for name, value in self.query.items() if name != "page"}
        return f"{self.hub.api_url}{self.path}?{urlencode({**query, 'page': number})}"


def allows(needs: str, grants: Mapping[str, str]) -> bool:
    """Whether one of the alternatives in `needs` is granted; write includes read."""
    if not needs:
        return True
    for need in needs.split("|"):
        name, _, level = need.partition(":")
        if grants.get(name) == "write" or (level == "read" and grants.get(name) == "read"):
            return True
    return False


Handler = Callable[[RouteRequest], Any]


@dataclass(frozen=True, slots=True)
class Route:
    """A method and a path template in GitHub's words, the only parameters it takes, what a token needs.

    `needs` is "permission:level", alternatives joined by "|"; "" needs nothing (metadata is always there).
    """

    method: str
    template: str
    handler: Handler
    query: frozenset[str]
    body: frozenset[str] | None
    needs: str

    @property
    def name(self) -> str:
        """METHOD /template."""
        return f"{self.method} {self.template}"

    def accepted_permissions(self) -> str:
        """The X-Accepted-GitHub-Permissions header: alternatives are joined by a semicolon."""
        return "; ".join(need.replace(":", "=") for need in self.needs.split("|"))

    def allows(self, grants: Mapping[str, str]) -> bool:
        """Whether an actions token with these permissions may call it."""
        return allows(self.needs, grants)


class Routes:
    """The routes of one module. A handler answers a JSON value (200) or an `Answer`.

    body=None means: no body is read, and a body with fields is a violation. body=("*",) takes any JSON value.
    """

    def __init__(self) -> None:
        self.all: list[Route] = []

    def add(
        self,
        method: str,
        template: str,
        *,
        query: Iterable[str] = (),
        body: Iterable[str] | None = None,
        needs: str = "",
    ) -> Callable[[Handler], Handler]:
        """Declare a route; the decorated function is its handler and stays as it is."""

        def register(handler: Handler) -> Handler:
            fields = None if body is None else frozenset(body)
            self.all.append(Route(method, template, handler, frozenset(query), fields, needs))
            return handler

        return register
