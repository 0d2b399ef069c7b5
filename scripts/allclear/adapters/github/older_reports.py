"""How much somebody reported of late, by GraphQL: its requests are counted apart from the others."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from allclear.adapters.github.client import Client
from allclear.core.model.snapshot import Repository
from allclear.core.model.times import stamp

QUERY = Path(__file__).with_name("older_reports.graphql")
HOUR = timedelta(hours=1)


def older_reports(client: Client, repository: Repository, label: str, login: str, number: int) -> int:
    """How many issues with this label, older than issue ``number``, somebody opened in the last hour, or had
    answered in it: whatever is written to an issue shows in the time of its last change.
    """
    owner, _, name = repository.name.partition("/")
    since = stamp(client.now - HOUR)
    asked = {"owner": owner, "name": name, "login": login, "label": label, "since": since}
    found = client.graphql(QUERY.read_text(encoding="utf-8"), asked)["repository"]["issues"]["nodes"]
    return sum(one["number"] < number for one in found)
