"""Who may be assigned to an issue: several people, asked about in one request."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from allclear.adapters.github.again import UNDOCUMENTED
from allclear.adapters.github.client import Client
from allclear.adapters.github.errors import GitHubError, RateLimitedError, UnauthorizedError
from allclear.adapters.github.limits import is_secondary
from allclear.core.model.snapshot import Repository

ALIKE = 10
"""Accounts that are looked at for one login: GitHub also finds those in whose login or name it is a part."""


def assignable(client: Client, repository: Repository, logins: Collection[str]) -> Mapping[str, bool]:
    """Of each of these logins, in lower case, whether GitHub tells that they may be assigned; of nobody
    where it does not answer.

    https://docs.github.com/en/graphql/reference/objects#repository
    """
    nobody = dict.fromkeys(logins, False)
    owner, _, name = repository.name.partition("/")
    given = {f"login{at}": login for at, login in enumerate(sorted(logins))}
    try:
        found = client.graphql(query(len(given)), {"owner": owner, "name": name, **given})["repository"]
        there = {str(one["login"]).lower() for people in found.values() for one in people["nodes"] if one}
    except RateLimitedError as limit:
        if is_secondary(limit.message):
            raise
        return nobody  # The used-up hour of GraphQL is not the one of REST.
    except UnauthorizedError:
        raise
    except (GitHubError, *UNDOCUMENTED):
        return nobody
    return {login: login in there for login in nobody}


def query(count: int) -> str:
    """The text of the query for so many logins, ``$login0`` and so on."""
    given = "".join(f", $login{at}: String!" for at in range(count))
    people = " ".join(
        f"login{at}: assignableUsers(query: $login{at}, first: {ALIKE}) {{ nodes {{ login }} }}"
        for at in range(count)
    )
    return (
        f"query($owner: String!, $name: String!{given}) "
        f"{{ repository(owner: $owner, name: $name) {{ {people} }} }}"
    )
