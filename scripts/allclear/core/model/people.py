"""Who is in the room, and what they may do."""

from __future__ import annotations

from enum import IntEnum

from msgspec import Struct

from allclear.core.model.stored import Stored


class Person(Stored, frozen=True, kw_only=True):
    """A GitHub account. ``id`` decides, ``login`` is for reading: logins are recyclable, ids are not.

    ``id`` 0 is an account nobody has asked GitHub about yet (a login from the settings file).
    """

    id: int
    login: str


RESPONDERS = "responders"
"""The title of all who work on the incident."""
EVERYBODY = "All hands"
"""The title of all people of the settings together."""
GROUPS = frozenset({RESPONDERS, EVERYBODY.lower()})
"""Both, in lower case: whom nobody has to name."""


class Rights(IntEnum):
    """A repository role, weakest first, so that ``rights >= Rights.TRIAGE`` reads as it is meant.

    The names are GitHub's `role_name`s:
    https://docs.github.com/en/rest/collaborators/collaborators#get-repository-permissions-for-a-user
    """

    NONE = 0
    READ = 1
    TRIAGE = 2
    WRITE = 3
    MAINTAIN = 4
    ADMIN = 5

    @property
    def word(self) -> str:
        """The role as GitHub writes it, such as ``triage``."""
        return self.name.lower()


class Access(Struct, frozen=True):
    """What GitHub said about one login when asked.

    ``rights`` is None when GitHub did not say (5xx, 403): unknown is not permission, and not refusal either.
    ``person`` is None when there is no such account. ``node``: its id in GraphQL.
    """

    rights: Rights | None
    person: Person | None = None
    node: str = ""

    def rights_of(self, person: Person) -> Rights | None:
        """What ``person`` may do, by numeric id; None when GitHub did not say.

        A login that changed hands since has no rights.
        """
        if self.rights is None:
            return None
        return self.rights if self.person is not None and self.person.id == person.id else Rights.NONE


UNKNOWN = Access(None)
"""GitHub was not asked, or did not answer."""
