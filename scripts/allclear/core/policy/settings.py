"""What a repository's owner writes in ``.github/allclear.yml``."""

from typing import Annotated, Any, Literal

from msgspec import field

from allclear.core.model.authored import Authored, Check, Short, sign
from allclear.core.model.people import Rights
from allclear.core.model.times import zone
from allclear.core.policy.provider import Provider
from allclear.core.policy.service import HOST, Action, Name, Service

ACTIONS_BOT = 41898282
"""The account behind GITHUB_TOKEN, ``github-actions[bot]``: one for all of github.com."""


def _login(text: str) -> None:
    if not login_like(text):
        msg = f"{text!r} is not a GitHub login; write it without the @, as in octocat"
        raise ValueError(msg)


def _zone(name: str) -> None:
    if name:
        zone(name)


Login = Annotated[str, Check(_login)]
ServiceName = Annotated[str, sign(r"^[A-Za-z0-9][A-Za-z0-9._-]{0,59}$")]
RightsWord = Literal["read", "triage", "write", "maintain", "admin"]
ReviewLabel = Literal["draft", "in-review", "approved", "published"]
LabelName = Annotated[str, sign(r"^[^\s,](?:[^,\r\n]*[^\s,])?$", longest=50)]
"""No comma: GitHub reads one in the filter of a list of issues as the end of the name."""


def _names_only(services: Any) -> Any:
    """A list of names is a mapping to nothing known."""
    if not isinstance(services, list | tuple):
        return services
    if not all(isinstance(name, str) for name in services):
        msg = "write a list of names, such as `[web, api]`, or `name:` with its lines below"
        raise ValueError(msg)
    return dict.fromkeys(services)


def _names() -> dict[str, Any]:
    return {"type": "array", "items": {"type": "string"}}


def _nothing_known(service: Any) -> Any:
    """A name without lines below it."""
    return {} if service is None else service


def _null() -> dict[str, Any]:
    return {"type": "null"}


class LabelNames(Authored, frozen=True, kw_only=True):
    """What a repository calls the labels of its incidents; GitHub compares them without case. Severity labels
    of other names, such as `sev1`, `SEV-1`, `severity/1` and `priority: critical`, are read as well.
    """

    incident: LabelName = "incident"
    """The label that makes an issue an incident. The repository variable ALLCLEAR_LABEL has to say the
    same.
    """
    reported: LabelName = "status:reported"
    """On reports that nobody with write access has confirmed."""
    postmortem: LabelName = "postmortem:pending"
    """On closed incidents that wait for their post-mortem, a list, a text for the public or an action item
    with a date.
    """
    reviews: dict[ReviewLabel, LabelName] = field(default_factory=dict)
    """By how far the review of the post-mortem is (`draft`, `in-review`, `approved`, `published`), on
    incidents and on its pull request; what is not named is called `postmortem:draft` and so on.
    """
    learned: LabelName = "learned"
    """On closed incidents after which all is done that was asked for."""
    action: LabelName = "action-item"
    """On the issues of action items. One that people open by hand counts too when it names its incident."""
    digest: LabelName = "action-digest"
    """On the issue that lists the action items that are overdue."""
    routine: LabelName = "routine"
    """On the issues of routines."""
    severities: dict[str, LabelName] = field(default_factory=dict)
    """By the runbook's severities; what is not named is called as the runbook calls it."""
    states: dict[str, LabelName] = field(default_factory=dict)
    """By the runbook's states; what is not named is called as the runbook calls it."""


RUNBOOK = "neutral"
"""The runbook of repositories whose settings name none."""


class Settings(Authored, frozen=True, kw_only=True):
    """The owner's choices. Every one has a default, so that an empty file works."""

    runbook: Name = RUNBOOK
    """The runbook that is in force: the name of its file without `.yml`."""
    zone: Annotated[str, Check(_zone)] = ""
    """The IANA time zone in which people read times, and of the runbook's office hours and days; the
    runbook's own when it is left out.
    """
    people: dict[str, tuple[Login, ...]] = field(default_factory=dict)
    """The GitHub logins behind each title of the runbook, such as `Manager`, without the @."""
    services: Annotated[
        dict[ServiceName, Annotated[Service, Short(_nothing_known, _null)]], Short(_names_only, _names)
    ] = field(default_factory=dict)
    """What runs in production. A list of names is enough for `/affects`; `/rollback` and `/smoke` need to
    know more of each.
    """
    providers: dict[Name, Provider] = field(default_factory=dict)
    """Deploy systems of your own, or instead of those that are shipped."""
    actions: dict[Name, Action] = field(default_factory=dict)
    """What `/run` may do."""
    hosts: tuple[Annotated[str, sign(HOST)], ...] = ()
    """The only hosts that smoke checks and measures talk to, as `host` or `host:port`."""
    private_hosts: tuple[Annotated[str, sign(HOST)], ...] = ()
    """Hosts that may also lie in a private network and speak plain HTTP, as `host` or `host:port`."""
    rights: dict[str, RightsWord] = field(default_factory=dict)
    """The least role for a command. It raises what a command asks for; for operations it may also lower
    it to `write`.
    """
    bots: tuple[int, ...] = (ACTIONS_BOT,)
    """The account ids whose entries are the record, former ones included; without it that of
    `github-actions[bot]`.
    """
    ignore: tuple[str, ...] = ()
    """Slash commands of other bots, without the slash, which get no answer."""
    status_page: str = ""
    """The address of the page where customers read how things are."""
    labels: LabelNames = LabelNames()
    """Other names for the labels."""
    digest: Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun", "never"] = "mon"
    """On which day of the week, at nine in the morning, people are told of their overdue action items."""
    public_evidence: bool = False
    """Whether evidence is collected in a public repository too, where everybody who is signed in to
    GitHub can download it.
    """

    def __post_init__(self) -> None:
        _zone(self.zone)
        for login in self.named:
            _login(login)

    @classmethod
    def at_length(cls, value: Any) -> Any:
        """The value with its services by their names."""
        services = _names_only(value.get("services")) if isinstance(value, dict) else None
        if not isinstance(services, dict):
            return value
        return {**value, "services": {name: _nothing_known(one) for name, one in services.items()}}

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
