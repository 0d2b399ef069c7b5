"""The comments of an issue that may be new, and who last edited its panel: from what was asked for early
(first_reads), where that tells it, else asked for now.
"""

from __future__ import annotations

import json
from typing import Any

from allclear.adapters.github.again import UNDOCUMENTED
from allclear.adapters.github.client import PAGE, Client
from allclear.adapters.github.editors import edit_of, last_edits
from allclear.adapters.github.first_reads import GRAPHQL, address
from allclear.adapters.github.paging import next_page
from allclear.core.model.snapshot import Comment, LastEdit
from allclear.core.record.chain import holds_for
from allclear.core.record.checkpoint import intact


def changed_since(client: Client, path: str, since: str) -> list[Any]:
    """The items of a list that changed ``since`` that time (ISO 8601, UTC; empty: all of them).

    Where those were asked for early that changed last, and they reach back so far, it is taken from there;
    and where the whole of the list was asked for, and is one page.
    """
    found = _of_newest(client, path, since)
    if found is None and since:
        found = _of_page(client, path, since)
    return client.items(path, {"since": since} if since else None) if found is None else found


def panel_edit(client: Client, path: str, panel: Comment | None) -> LastEdit | None:
    """Who last edited a panel among the comments of this list, when its checkpoint would count."""
    if panel is None or not intact(panel.body):
        return None
    newest = client.early.newest(path) if client.early is not None else None
    for one in newest.comments if newest is not None else ():
        if "edit" in one and holds_for(panel, one["id"], one["body"]):
            return edit_of(panel, one["edit"])
    return last_edits(client, [panel])[panel.node]


def _of_newest(client: Client, path: str, since: str) -> list[Any] | None:
    if client.early is None:
        return None
    newest = client.early.newest(path)
    found = newest.since(since) if newest is not None else None
    told = client.early.take(GRAPHQL) if found is not None else None
    if told is None:
        return None
    client.count(told.headers)
    return found


def _of_page(client: Client, path: str, since: str) -> list[Any] | None:
    """None where it has no answer, or one that is not what GitHub documents: it is asked for once more."""
    if client.early is None or client.early.whole != path:
        return None
    told = client.early.take(address(path, {"per_page": PAGE, "page": 1}))
    if told is None or told.status != 200 or next_page(told.headers.get("link")) is not None:
        return None
    client.count(told.headers)
    try:
        found = json.loads(told.text)
        if len(found) < PAGE:
            return [one for one in found if one["updated_at"] >= since]
    except UNDOCUMENTED:
        pass
    return None
