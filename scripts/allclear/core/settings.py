"""What a repository's owner writes in ``.github/allclear.yml``."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, field_validator

from allclear.core.clock import zone
from allclear.core.frozen import Frozen
from allclear.core.people import Rights

ACTIONS_BOT = 41898282
"""The account behind GITHUB_TOKEN, ``github-actions[bot]``: one for all of github.com."""

Login = str
RightsWord = Literal["read", "triage", "write", "maintain", "admin"]


class Settings(Frozen):
    """The owner's choices; every one has a default, so that an empty file works.

    ``people`` maps a title of the runbook (``CEO``, ``Manager``, ``DevOps``) to GitHub logins without the @.
    ``rights`` raises (never lowers) the least role of a command. ``bots`` are the current and retired
    account ids whose entries count. ``ignore`` are slash commands of other bots, which get no answer.
    ``zone`` overrides the runbook's.
    """

    runbook: str = Field(default="hotdash", pattern=r"^[a-z][a-z0-9-]{0,40}$")
    zone: str = ""
    people: dict[str, tuple[Login, ...]] = Field(default_factory=dict)
    services: tuple[str, ...] = ()
    rights: dict[str, RightsWord] = Field(default_factory=dict)
    bots: tuple[int, ...] = (ACTIONS_BOT,)
    ignore: tuple[str, ...] = ()
    status_page: str = ""

    @field_validator("people")
    @classmethod
    def _logins(cls, people: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
        for title, logins in people.items():
            for login in logins:
                if not login_like(login):
                    msg = f"{title}: {login!r} is not a GitHub login; write it without the @, as in octocat"
                    raise ValueError(msg)
        return people

    @field_validator("zone")
    @classmethod
    def _zone(cls, name: str) -> str:
        if name:
            zone(name)
        return name

    def least(self, command: str, built_in: Rights) -> Rights:
        """The role that ``command`` needs here: what the code says, or more."""
        word = self.rights.get(command)
        return max(built_in, Rights[word.upper()]) if word else built_in

    def holders(self, title: str) -> tuple[str, ...]:
        """The logins behind a title, compared without case; empty when the settings name none."""
        return next((logins for name, logins in self.people.items() if name.lower() == title.lower()), ())


def login_like(text: str) -> bool:
    """Whether ``text`` could be a GitHub login:
    up to 39 letters, digits and single hyphens (an app's may end in ``[bot]``).
    """
    name = text.removesuffix("[bot]")
    return (
        0 < len(name) <= 39
        and name.isascii()
        and name.replace("-", "").replace("_", "").isalnum()
        and not name.startswith("-")
    )
