"""Two issues for one outage: the comment that tells the original which people come along (/duplicate)."""

from __future__ import annotations

import json

from allclear.core.model.people import Person
from allclear.core.model.stored import Stored, read_json, whole_json_of
from allclear.core.model.structs import replace
from allclear.core.record.entry import hidden
from allclear.core.record.seal import Keyring

OPENING = "<!-- allclear:join "
CLOSING = " -->"


class Join(Stored, frozen=True, kw_only=True):
    """Issue ``issue`` of repository ``repo`` was the incident ``of``; ``people`` worked on it."""

    repo: int
    issue: int
    of: int
    people: tuple[Person, ...] = ()
    sig: str = ""

    @property
    def said(self) -> str:
        """What is signed: all but the signature."""
        body = whole_json_of(self)
        del body["sig"]
        return hidden(json.dumps(body, separators=(",", ":")))

    def signed(self, keys: Keyring | None) -> Join:
        """This join, signed when there are keys."""
        if keys is None:
            return self
        return replace(self, sig=keys.sign("join", self.repo, self.of, self.said))

    def counts(self, keys: Keyring | None) -> bool:
        """Whether it is signed, where there are keys."""
        return keys is None or keys.signer("join", self.repo, self.of, self.said, self.sig) is not None

    @property
    def marker(self) -> str:
        """Line one of the comment on the original: found again before it would be written a second time."""
        text = f'{self.said[:-1]},"sig":"{self.sig}"}}' if self.sig else self.said
        return f"{OPENING}{text}{CLOSING}"


def read_join(body: str) -> Join | None:
    """The join in line one of a comment; None when there is none that can be read."""
    line = body.split("\n", 1)[0].rstrip("\r")
    if not (line.startswith(OPENING) and line.endswith(CLOSING)):
        return None
    try:
        return read_json(Join, line[len(OPENING) : -len(CLOSING)])
    except ValueError:
        return None
