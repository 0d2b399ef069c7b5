"""Services: what runs in production, how it is looked at, and how it is put back. Data of the settings file.

Nothing in here is a shell line. A command is a vector of words; a placeholder such as ``{target}`` stands for
one word that was checked against a pattern first.
"""

from __future__ import annotations

import re
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from allclear.core.model.frozen import Frozen
from allclear.core.model.times import Duration, parse_duration
from allclear.core.policy.own_deployments import DeploymentFilter

NAME = r"^[a-z][a-z0-9-]{0,40}$"
HOST = r"^[A-Za-z0-9.\-\[\]:_]{1,253}$"
VARIABLE = r"^[A-Z_][A-Z0-9_]{0,100}$"
PLACEHOLDER = re.compile(r"\{([a-z_]{1,30})\}")

Name = Annotated[str, Field(pattern=NAME)]
Word = Annotated[str, Field(max_length=2000, pattern=r"^[^\x00]*$")]
Vector = Annotated[tuple[Word, ...], Field(min_length=1, max_length=100)]
"""The words of a command. The first is the program; no shell ever reads them."""
Scalar = str | int | float | bool | None


class ServiceCommand(Frozen):
    """A named command: ``npm run test:smoke`` as ``run: [npm, run, test:smoke]`` (000-17, 003-27).

    Exit code 0 is a pass. ``env`` names the variables it gets beside PATH and HOME: secrets of the
    environment that the workflow's job maps. ``timeout`` ends it, with its children.
    """

    name: Name
    title: str = ""
    item: str = ""
    run: Vector
    env: tuple[Annotated[str, Field(pattern=VARIABLE)], ...] = ()
    timeout: Duration = parse_duration("2m")


class HttpCheck(Frozen):
    """One request and what its answer has to be.

    ``within``: the slowest answer that passes. ``tries`` and ``needed``: n of m for what fails
    intermittently (001-A8): it passes when ``needed`` of ``tries`` requests do. ``retries``: how often a
    failing request is asked again, ``pause`` apart, before it counts as failed. ``expect`` maps a path into
    the JSON answer (``status``, ``checks.0.ok``) to its value. ``redirects``: how many hops may be followed,
    each held to the same rules; 0 refuses them.
    """

    name: Name
    title: str = ""
    item: str = ""
    url: str = Field(max_length=2000)
    method: Literal["GET", "HEAD", "POST"] = "GET"
    headers: dict[str, str] = Field(default_factory=dict, max_length=20)
    body: str = Field(default="", max_length=20_000)
    status: tuple[Annotated[int, Field(ge=100, le=599)], ...] = (200,)
    expect: dict[str, Scalar] = Field(default_factory=dict, max_length=20)
    text: str = Field(default="", max_length=1000)
    within: Duration | None = None
    timeout: Duration = parse_duration("10s")
    tries: int = Field(default=1, ge=1, le=20)
    needed: int | None = Field(default=None, ge=1, le=20)
    retries: int = Field(default=0, ge=0, le=10)
    pause: Duration = parse_duration("2s")
    redirects: int = Field(default=0, ge=0, le=5)

    @model_validator(mode="after")
    def _sensible(self) -> Self:
        if self.needed is not None and self.needed > self.tries:
            msg = f"needed is {self.needed}, more than the {self.tries} tries"
            raise ValueError(msg)
        return self


class Measure(Frozen):
    """Where a number of the runbook's recovery criteria (000-18) is read: exactly one source.

    ``run``: the last number of the last line that a command prints. ``url`` with ``path``: a number in a JSON
    answer. ``prometheus`` with ``query``: an instant query that gives one value
    (https://prometheus.io/docs/prometheus/latest/querying/api/#instant-queries). ``times`` multiplies what
    was read, for units: 100 makes a ratio a percentage. No number, several, and NaN are errors, no pass.
    """

    run: Vector | None = None
    env: tuple[Annotated[str, Field(pattern=VARIABLE)], ...] = ()
    url: str = ""
    path: str = ""
    prometheus: str = ""
    query: str = ""
    times: float = 1.0
    timeout: Duration = parse_duration("30s")

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if sum((self.run is not None, bool(self.url), bool(self.prometheus))) != 1:
            msg = "name exactly one source: run, url (with path) or prometheus (with query)"
            raise ValueError(msg)
        if bool(self.prometheus) != bool(self.query):
            msg = "prometheus and query go together"
            raise ValueError(msg)
        return self


class Rollback(Frozen):
    """The rules of a service's rollback.

    ``approval``: ``environment`` asks the required reviewers of the GitHub environment (003-A2);
    ``second-person`` asks somebody else for ``/approve``, for plans without required reviewers; ``none`` is
    for what cannot hurt. ``targets``: where the list of releases comes from: GitHub's deployments or the
    provider's own list. ``migrations``: paths (globs) whose change makes a rollback unsafe (004-27, question
    2). ``expires``: after so long nothing starts any more. ``settle``: the wait before the smoke checks
    (003-28 waits 30 s).
    """

    approval: Literal["environment", "second-person", "none"] = "environment"
    targets: Literal["deployments", "provider"] | None = None
    migrations: tuple[str, ...] = ("**/migrations/**", "**/migrate/**", "prisma/migrations/**")
    expires: Duration = parse_duration("30m")
    timeout: Duration = parse_duration("15m")
    settle: Duration = parse_duration("0s")
    after: tuple[ServiceCommand, ...] = ()


class HotfixPolicy(Frozen):
    """Where a hotfix starts: 000-15 from the default branch, 003-13 from what runs in production."""

    start: Literal["default-branch", "production"] = "default-branch"
    base: str = Field(default="", max_length=200)


class ActionParameter(Frozen):
    """What a person may put into an action: one of ``choices``, or a word that ``pattern`` matches whole."""

    choices: tuple[str, ...] = ()
    pattern: str = Field(default="", max_length=300)

    @model_validator(mode="after")
    def _one_rule(self) -> Self:
        if bool(self.choices) == bool(self.pattern):
            msg = "name either choices or a pattern"
            raise ValueError(msg)
        try:
            re.compile(self.pattern)
        except re.error as error:
            msg = f"the pattern is not a regular expression: {error}"
            raise ValueError(msg) from error
        return self

    def accepts(self, value: str) -> bool:
        """Whether ``value`` may be passed on. Never a word that a program would read as an option."""
        if value.startswith("-") or not value.isprintable() or not value.isascii() or len(value) > 200:
            return False
        return value in self.choices if self.choices else re.fullmatch(self.pattern, value) is not None


class Action(Frozen):
    """A named, allow-listed operation for ``/run <action>``: restart, scale, configuration (000-16, 001-08).

    ``flag``: it is what ``/flag-off <name>`` runs, with the name as ``{flag}``.
    """

    title: str
    item: str = ""
    service: str = ""
    environment: str = "production"
    run: Vector
    env: tuple[Annotated[str, Field(pattern=VARIABLE)], ...] = ()
    parameters: dict[Annotated[str, Field(pattern=r"^[a-z_]{1,30}$")], ActionParameter] = Field(
        default_factory=dict
    )
    flag: bool = False
    least: Literal["write", "maintain", "admin"] = "maintain"
    approval: Literal["environment", "second-person", "none"] = "environment"
    expires: Duration = parse_duration("30m")
    timeout: Duration = parse_duration("10m")

    @model_validator(mode="after")
    def _named(self) -> Self:
        used = {name for word in self.run for name in PLACEHOLDER.findall(word)}
        unknown = used - self.parameters.keys()
        if unknown:
            msg = f"run names {{{min(unknown)}}}, which is not one of its parameters"
            raise ValueError(msg)
        if PLACEHOLDER.search(self.run[0]):
            msg = "the program itself cannot be a parameter"
            raise ValueError(msg)
        if self.flag and "flag" not in self.parameters:
            msg = "a flag action needs the parameter `flag`"
            raise ValueError(msg)
        return self


class Service(Frozen):
    """One service. ``values`` fill the provider's placeholders, such as ``app: hotdash-app``.

    ``health``: addresses that have to answer 200, the short form of a smoke check. ``smoke``,
    ``commands`` and ``recovery`` are the smoke run; ``recovery`` maps an id of the runbook's criteria to its
    source. ``smoke_environment``: the GitHub environment whose secrets the smoke run needs, without
    reviewers. ``evidence``: log, metric and snapshot commands (002-21). ``deployments``: which of the
    environment's deployments are its own, where services share one.
    """

    environment: str = Field(default="production", pattern=r"^[^\x00-\x1f\\'\"`,;/]{1,100}$")
    provider: str = Field(default="", pattern=r"^([a-z][a-z0-9-]{0,40})?$")
    values: dict[Annotated[str, Field(pattern=r"^[a-z_]{1,30}$")], Word] = Field(default_factory=dict)
    health: tuple[str, ...] = Field(default=(), max_length=20)
    smoke: tuple[HttpCheck, ...] = Field(default=(), max_length=80)
    commands: tuple[ServiceCommand, ...] = Field(default=(), max_length=20)
    recovery: dict[Name, Measure] = Field(default_factory=dict)
    smoke_environment: str = Field(default="", pattern=r"^[^\x00-\x1f\\'\"`,;/]{0,100}$")
    rollback: Rollback = Rollback()
    hotfix: HotfixPolicy = HotfixPolicy()
    evidence: tuple[ServiceCommand, ...] = Field(default=(), max_length=40)
    deployments: DeploymentFilter = DeploymentFilter()

    @model_validator(mode="after")
    def _distinct(self) -> Self:
        names = [check.name for check in self.smoke] + [command.name for command in self.commands]
        doubled = {name for name in names if names.count(name) > 1}
        if doubled:
            msg = f"the check {min(doubled)!r} is there twice"
            raise ValueError(msg)
        return self

    @property
    def checks(self) -> tuple[HttpCheck, ...]:
        """All HTTP checks: the health addresses first, as checks of their own."""
        names = {check.name for check in self.smoke} | {command.name for command in self.commands}
        made = []
        for number, url in enumerate(self.health, start=1):
            name = "health" if len(self.health) == 1 else f"health-{number}"
            while name in names:
                name = f"{name}-url"
            names.add(name)
            made.append(HttpCheck(name=name, url=url))
        return (*made, *self.smoke)

    @property
    def has_smoke(self) -> bool:
        """Whether there is anything that a smoke run could look at."""
        return bool(self.health or self.smoke or self.commands or self.recovery)
