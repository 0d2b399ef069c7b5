"""What a repository's owner writes in ``.github/allclear.yml``."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, field_validator

from allclear.core.model.frozen import Frozen
from allclear.core.model.people import Rights
from allclear.core.model.times import zone
from allclear.core.policy.provider import Provider
from allclear.core.policy.service import HOST, NAME, Action, Service

ACTIONS_BOT = 41898282
"""The account behind GITHUB_TOKEN, ``github-actions[bot]``: one for all of github.com."""


def _login(text: str) -> str:
    if not login_like(text):
        msg = f"{text!r} is not a GitHub login; write it without the @, as in octocat"
        raise ValueError(msg)
    return text


Login = Annotated[str, AfterValidator(_login)]
ServiceName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,59}$")]
RightsWord = Literal["read", "triage", "write", "maintain", "admin"]
LabelName = Annotated[str, Field(max_length=50, pattern=r"^[^\s,](?:[^,\r\n]*[^\s,])?$")]
"""No comma: GitHub reads one in the filter of a list of issues as the end of the name."""


class LabelNames(Frozen):
    """What a repository calls the labels of its incidents; GitHub compares them without case.

    ``postmortem`` is on closed incidents whose post-mortem is not published; ``routine`` is on the issues
    of routines; ``severities`` and ``states`` go
    by the runbook's ids. What is not named keeps the name that the runbook or we give it.
    """

    incident: LabelName = "incident"
    reported: LabelName = "status:reported"
    postmortem: LabelName = "postmortem:pending"
    routine: LabelName = "routine"
    severities: dict[str, LabelName] = Field(default_factory=dict)
    states: dict[str, LabelName] = Field(default_factory=dict)


class Settings(Frozen):
    """The owner's choices; every one has a default, so that an empty file works.

    ``people`` maps a title of the runbook (``CEO``, ``Manager``, ``DevOps``) to GitHub logins without the @.
    ``rights`` raises the least role of a command, and lowers those of operations, to ``write`` at the least:
    a personal repository has no ``maintain``. ``bots`` are the current and retired
    account ids whose entries count. ``ignore`` are slash commands of other bots, which get no answer.
    ``zone`` overrides the runbook's; ``labels`` gives the labels other names.

    ``services`` is a list of names, or a mapping of names to what is known of each. ``providers`` adds deploy
    systems to those that are shipped, or replaces one. ``actions`` are what ``/run`` may do. ``hosts`` are
    the only ones that smoke checks and measures talk to; ``private_hosts`` (``host`` or ``host:port``) may
    also lie in a private network and speak plain HTTP.

    ``public_evidence`` lets evidence be collected in a public repository too, where everybody who is signed
    in to GitHub can download it. In a private or internal one it is collected anyhow.
    """

    runbook: str = Field(default="hotdash", pattern=r"^[a-z][a-z0-9-]{0,40}$")
    zone: str = ""
    people: dict[str, tuple[Login, ...]] = Field(default_factory=dict)
    services: dict[ServiceName, Service] = Field(default_factory=dict)
    providers: dict[Annotated[str, Field(pattern=NAME)], Provider] = Field(default_factory=dict)
    actions: dict[Annotated[str, Field(pattern=NAME)], Action] = Field(default_factory=dict)
    hosts: tuple[Annotated[str, Field(pattern=HOST)], ...] = ()
    private_hosts: tuple[Annotated[str, Field(pattern=HOST)], ...] = ()
    rights: dict[str, RightsWord] = Field(default_factory=dict)
    bots: tuple[int, ...] = (ACTIONS_BOT,)
    ignore: tuple[str, ...] = ()
    status_page: str = ""
    labels: LabelNames = LabelNames()
    public_evidence: bool = False

    @field_validator("services", mode="before")
    @classmethod
    def _names_only(cls, services: Any) -> Any:
        """A list of names is a mapping to nothing known; a name without lines below it, too."""
        if isinstance(services, list | tuple):
            if not all(isinstance(name, str) for name in services):
                msg = "write a list of names, such as `[web, api]`, or `name:` with its lines below"
                raise ValueError(msg)
            services = dict.fromkeys(services)
        if isinstance(services, dict):
            return {name: {} if value is None else value for name, value in services.items()}
        return services

    @field_validator("zone")
    @classmethod
    def _zone(cls, name: str) -> str:
        if name:
            zone(name)
        return name

    def least(self, command: str, built_in: Rights, floor: Rights | None = None) -> Rights:
        """The role that ``command`` needs here: what the code says, or what the settings say instead.

        They may raise it, and lower it as far as ``floor``: never, for most commands.
        """
        word = self.rights.get(command)
        if not word:
            return built_in
        return max(built_in if floor is None else floor, Rights[word.upper()])

    @property
    def operates(self) -> bool:
        """Whether anything here can be rolled back, looked at or run."""
        return bool(self.services or self.actions)

    @property
    def named(self) -> tuple[str, ...]:
        """Every login behind any title, each once."""
        return tuple(dict.fromkeys(login for logins in self.people.values() for login in logins))

    def holders(self, title: str) -> tuple[str, ...]:
        """The logins behind a title, compared without case; empty when the settings name none."""
        wanted = title.strip().lower()
        return next((logins for name, logins in self.people.items() if name.strip().lower() == wanted), ())


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
