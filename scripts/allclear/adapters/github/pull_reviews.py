"""The reviews of a pull request: whose last word is an approval, and who wrote the commits."""

from __future__ import annotations

from allclear.adapters.github.client import Client
from allclear.adapters.github.errors import UnavailableError
from allclear.adapters.github.read import Reader, person
from allclear.core.model.people import Person, Rights
from allclear.core.model.pull_reviews import PullReviews
from allclear.core.model.snapshot import Repository

LAST_WORDS = frozenset({"APPROVED", "CHANGES_REQUESTED", "DISMISSED"})
"""States that take the place of what somebody said before; a comment leaves that as it is."""

MOST_PEOPLE = 20
"""So many people's rights are asked for: more approvals than any runbook wants."""


def pull_reviews(client: Client, repository: Repository, reader: Reader, number: int) -> PullReviews:
    """The last words of people with write access, in the first hundred reviews and commits.

    https://docs.github.com/en/rest/pulls/reviews#list-reviews-for-a-pull-request
    https://docs.github.com/en/rest/pulls/pulls#list-commits-on-a-pull-request
    """
    root = f"/repos/{repository.name}/pulls/{number}"
    last: dict[int, tuple[Person, str]] = {}
    for one in client.get(f"{root}/reviews", {"per_page": 100}).data:
        who = person(one["user"])
        if who is not None and one["state"] in LAST_WORDS:
            last[who.id] = (who, str(one["state"]))
    commits = client.get(f"{root}/commits", {"per_page": 100}).data
    authors = frozenset(int(one["author"]["id"]) for one in commits if one["author"])
    said: dict[str, list[Person]] = {"APPROVED": [], "CHANGES_REQUESTED": []}
    for who, state in list(last.values())[:MOST_PEOPLE]:
        if state in said and _may(reader, who):
            said[state].append(who)
    return PullReviews(tuple(said["APPROVED"]), tuple(said["CHANGES_REQUESTED"]), authors)


def _may(reader: Reader, who: Person) -> bool:
    """Whether their approval counts: on GitHub that of people with write access does."""
    rights = reader.access(who.login).rights_of(who)
    if rights is None:
        raise UnavailableError(0, f"GitHub does not say what {who.login} may do")
    return rights >= Rights.WRITE
