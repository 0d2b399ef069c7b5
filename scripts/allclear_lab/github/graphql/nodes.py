"""What a node id leads to.

https://docs.github.com/en/graphql/guides/using-global-node-ids
"""

from __future__ import annotations

from dataclasses import dataclass

from allclear_lab.github.graphql.connections import Shown, refuse, require
from allclear_lab.github.graphql.issues import comment, label
from allclear_lab.github.graphql.people import user
from allclear_lab.github.graphql.repositories import conversation_shown, repository_shown
from allclear_lab.github.people.access import may_see
from allclear_lab.github.routing import RouteRequest
from allclear_lab.github.state import Account, Comment, Issue, Label, Repository, numbers_of


@dataclass(frozen=True, slots=True)
class LocatedNode:
    """Something of a repository (the repository itself: ``thing`` too)."""

    repository: Repository
    thing: Repository | Issue | Comment | Label


def shown_node(ask: RouteRequest, wanted: str) -> Shown:
    """Query.node."""
    prefix, _ = numbers_of(wanted)
    if prefix in {"U", "BOT", "O"}:
        return user(ask, account_of(ask, wanted))
    found = locate(ask, wanted)
    match found.thing:
        case Repository():
            return repository_shown(ask, found.repository)
        case Issue() as one:
            return conversation_shown(ask, found.repository, one)
        case Comment() as one:
            require(ask, "issues:read")
            return comment(ask, found.repository, one)
        case Label() as one:
            require(ask, "issues:read")
            return label(ask, found.repository, one)


def account_of(ask: RouteRequest, wanted: str) -> Account:
    """The account of an id; NOT_FOUND."""
    prefix, numbers = numbers_of(wanted)
    found = ask.hub.world.accounts.get(numbers[0]) if numbers and prefix in {"U", "BOT", "O"} else None
    if found is None:
        raise unknown_node(wanted)
    return found


def locate(ask: RouteRequest, wanted: str) -> LocatedNode:
    """A repository or something in one that the caller may see; NOT_FOUND."""
    prefix, numbers = numbers_of(wanted)
    repository = ask.hub.world.repositories.get(numbers[0]) if numbers else None
    if repository is None or not may_see(ask.hub.world, repository, ask.actor):
        raise unknown_node(wanted)
    thing: Repository | Issue | Comment | Label | None = None
    match prefix, numbers[1:]:
        case "R", ():
            thing = repository
        case (("I" | "PR"), (number,)):
            issues = (one for one in repository.issues.values() if one.id == number)
            thing = next((one for one in issues if not one.deleted and not one.transferred_to), None)
            if thing is not None and (thing.pull is not None) is not (prefix == "PR"):
                thing = None
        case "IC", (number,):
            thing = repository.comments.get(number)
        case "LA", (number,):
            thing = repository.labels.get(number)
    if thing is None:
        raise unknown_node(wanted)
    return LocatedNode(repository, thing)


def unknown_node(wanted: str) -> Exception:
    """NOT_FOUND, for what is not there and for what may not be seen."""
    return refuse("NOT_FOUND", f"Could not resolve to a node with the global id of '{wanted}'")
