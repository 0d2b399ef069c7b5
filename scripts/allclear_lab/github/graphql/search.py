"""GraphQL's search for issues and pull requests, as far as `gh issue list` and `gh pr list` need it.

https://docs.github.com/en/search-github/searching-on-github/searching-issues-and-pull-requests
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from allclear_lab.github.graphql.connections import Resolver, Shown, connection, refuse
from allclear_lab.github.graphql.pulls import pull_state
from allclear_lab.github.graphql.repositories import conversation_shown, has_labels, mentions
from allclear_lab.github.people.access import may_see
from allclear_lab.github.pulls.state import Pulls
from allclear_lab.github.routing import RouteRequest
from allclear_lab.github.state import Issue, Repository

# -label:"needs help", state:open, or a word.
_TERM = re.compile(r'(?P<no>-)?(?:(?P<key>[a-z-]+):)?(?:"(?P<quoted>[^"]*)"|(?P<plain>\S+))')
_SORTS: Mapping[str, Callable[[Issue], Any]] = {
    "created": lambda one: one.created_at,
    "updated": lambda one: one.updated_at,
    "comments": lambda one: len(one.comment_ids),
}


def search(ask: RouteRequest, query: str) -> Resolver:
    """The connection of what a query finds, newest first unless it says `sort:`."""
    sort, down, terms = "created", True, []
    for key, value, no in _terms(query):
        if key == "sort":
            sort, _, direction = value.partition("-")
            down = direction != "asc"
        else:
            terms.append((key, value, no))
    if sort not in _SORTS:
        raise refuse("UNPROCESSABLE", f"The embedded GitHub cannot sort a search by {sort!r}.")
    found = [
        (repository, one)
        for repository in ask.hub.world.repositories.values()
        if may_see(ask.hub.world, repository, ask.actor)
        for one in ask.visible(repository.issues.values())
        if not one.deleted and not one.transferred_to
        if all(_fits(ask, repository, one, key, value) is not no for key, value, no in terms)
    ]
    found.sort(key=lambda each: (_SORTS[sort](each[1]), each[1].number), reverse=down)

    def show(each: tuple[Repository, Issue]) -> Shown:
        return conversation_shown(ask, *each)

    return connection(found, show)


def _terms(query: str) -> Iterator[tuple[str, str, bool]]:
    for hit in _TERM.finditer(query):
        value = hit["plain"] if hit["quoted"] is None else hit["quoted"]
        yield hit["key"] or "", value.casefold(), hit["no"] is not None


def _fits(ask: RouteRequest, repository: Repository, one: Issue, key: str, value: str) -> bool:
    """Whether one qualifier, or a word without one, fits."""
    match key:
        case "":
            return value in f"{one.title}\n{one.body or ''}".casefold()
        case "in":
            return True  # titles and bodies are looked into in any case
        case "repo":
            return ask.hub.world.full_name(repository).casefold() == value
        case "is" | "type" | "state":
            return value in _kinds(one)
        case "label":
            return all(has_labels(repository, one, [value]))
        case "base" | "head":
            return value in _branches(repository, one, key)
        case "draft":
            return (value == "true") is bool(one.pull and one.pull.draft)
        case "author" | "assignee" | "mentions" | "review-requested":
            return _involves(ask, repository, one, key, value)
    raise refuse("UNPROCESSABLE", f"The embedded GitHub does not know {key}: in a search.")


def _involves(ask: RouteRequest, repository: Repository, one: Issue, key: str, value: str) -> bool:
    login = ask.actor.account.login if value == "@me" else value
    account = ask.hub.world.account_named(login)
    if account is None:
        return False
    if key == "author":
        return account.id == one.author_id
    if key == "review-requested":
        pull = repository.room(Pulls).by_number.get(one.number)
        return pull is not None and account.id in pull.reviewer_ids
    return account.id in one.assignee_ids if key == "assignee" else mentions(repository, one, login)


def _branches(repository: Repository, one: Issue, key: str) -> set[str]:
    """The branch of that side of a pull request; an issue has none."""
    pull = repository.room(Pulls).by_number.get(one.number)
    return {(pull.base if key == "base" else pull.head).casefold()} if pull else set()


def _kinds(one: Issue) -> set[str]:
    kind = {"pr", "pull-request", "draft" if one.pull.draft else ""} if one.pull else {"issue"}
    return {*kind, one.state, pull_state(one).casefold(), "locked" if one.locked else "unlocked"}
