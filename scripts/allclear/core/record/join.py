"""Two issues for one outage: the comment that tells the original which people come along (/duplicate)."""

from __future__ import annotations

import json

from pydantic import ValidationError

from allclear.core.model.frozen import Frozen
from allclear.core.model.people import Person
from allclear.core.record.entry import hidden

OPENING = "<!-- allclear:join "
CLOSING = " -->"


class Join(Frozen):
    """Issue ``issue`` of repository ``repo`` was the incident ``of``; ``people`` worked on it."""

    repo: int
    issue: int
    of: int
    people: tuple[Person, ...] = ()

    @property
    def marker(self) -> str:
        """Line one of the comment on the original: found again before it would be written a second time."""
        return f"{OPENING}{hidden(json.dumps(self.model_dump(mode='json'), separators=(',', ':')))}{CLOSING}"


def read_join(body: str) -> Join | None:
    """The join in line one of a comment; None when there is none that can be read."""
    line = body.split("\n", 1)[0].rstrip("\r")
    if not (line.startswith(OPENING) and line.endswith(CLOSING)):
        return None
    try:
        return Join.model_validate_json(line[len(OPENING) : -len(CLOSING)])
    except ValidationError:
        return None
