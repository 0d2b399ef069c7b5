"""Services: what runs in production, how it is looked at, and how it is put back. Data of the settings file.

Nothing in here is a shell line. A command is a vector of words; a placeholder such as ``{target}`` stands for
one word that was checked against a pattern first.
"""

import re
from typing import Annotated, Literal

from msgspec import Meta, field

from allclear.core.model.authored import Authored, sign
from allclear.core.model.patterns import lazy_regex
from allclear.core.model.times import Duration, parse_duration
from allclear.core.policy.own_deployments import DeploymentFilter

NAME = r"^[a-z][a-z0-9-]{0,40}$"
HOST = r"^[A-Za-z0-9.\-\[\]:_]{1,253}$"
VARIABLE = r"^[A-Z_][A-Z0-9_]{0,100}$"
PLACEHOLDER = lazy_regex(r"\{([a-z_]{1,30})\}")

Name = Annotated[str, sign(NAME)]
Word = Annotated[str, sign(r"^[^\x00]*$", longest=2000)]
Vector = Annotated[tuple[Word, ...], Meta(min_length=1, max_length=100)]
"""The words of a command. The first is the program; no shell ever reads them."""
Scalar = str | int | float | bool | None


class ServiceCommand(Authored, frozen=True, kw_only=True):
    """A named command: `npm run test:smoke` is `run: [npm, run, "test:smoke"]`. Exit code 0 is a pass."""

    name: Name
    """What it is called in results."""
    title: str = ""
    """What people read; the name when it is left out."""
    item: str = ""
    """The number of the rule in your written runbook that it carries out."""
    run: Vector
    """The program and its words. No shell reads them."""
    env: tuple[Annotated[str, sign(VARIABLE)], ...] = ()
    """Variables that it gets beside PATH and HOME: secrets of the environment that the workflow's job
    passes on.
    """
    timeout: Duration = parse_duration("2m")
    """After so long it is ended, with its children."""


class HttpCheck(Authored, frozen=True, kw_only=True):
    """One request, and what its answer has to be."""

    name: Name
    """What it is called in results."""
    title: str = ""
    """What people read; the name when it is left out."""
    item: str = ""
    """The number of the rule in your written runbook that it carries out."""
    url: Annotated[str, Meta(max_length=2000)]
    """The address. Its host has to stand under `hosts` or `private_hosts`."""
    method: Literal["GET", "HEAD", "POST"] = "GET"
    """How it is asked."""
    headers: Annotated[dict[str, str], Meta(max_length=20)] = field(default_factory=dict)
    """Headers of the request."""
    body: Annotated[str, Meta(max_length=20_000)] = ""
    """The body of the request."""
    status: tuple[Annotated[int, Meta(ge=100, le=599)], ...] = (200,)
    """The status codes that pass."""
    expect: Annotated[dict[str, Scalar], Meta(max_length=20)] = field(default_factory=dict)
    """Values in the JSON answer by their path, such as `status` or `checks.0.ok`."""
    text: Annotated[str, Meta(max_length=1000)] = ""
    """A text that the answer has to hold."""
    within: Duration | None = None
    """The slowest answer that passes."""
    timeout: Duration = parse_duration("10s")
    """After so long without an answer it has failed."""
    tries: Annotated[int, Meta(ge=1, le=20)] = 1
    """How many requests are made, for what fails now and then."""
    needed: Annotated[int, Meta(ge=1, le=20)] | None = None
    """How many of the `tries` have to pass; all of them when it is left out."""
    retries: Annotated[int, Meta(ge=0, le=10)] = 0
    """How often a failing request is asked again before it counts as failed."""
    pause: Duration = parse_duration("2s")
    """The wait before a request is asked again."""
    redirects: Annotated[int, Meta(ge=0, le=5)] = 0
    """How many redirects are followed, each held to the same rules; 0 refuses them."""

    def __post_init__(self) -> None:
        if self.needed is not None and self.needed > self.tries:
            msg = f"needed is {self.needed}, more than the {self.tries} tries"
            raise ValueError(msg)


class Measure(Authored, frozen=True, kw_only=True):
    """Where a number of the runbook is read: exactly one of `run`, `url`, `prometheus`.

    No number, several, and NaN are errors, and no pass.
    """

    run: Vector | None = None
    """A command; the last number of the last line that it prints counts."""
    env: tuple[Annotated[str, sign(VARIABLE)], ...] = ()
    """Variables that the command gets beside PATH and HOME."""
    url: str = ""
    """An address that answers JSON."""
    path: str = ""
    """Where the number stands in the answer of `url`, such as `data.errors.0`."""
    prometheus: str = ""
    """The address of a Prometheus server."""
    query: str = ""
    """The instant query that gives one value
    (https://prometheus.io/docs/prometheus/latest/querying/api/#instant-queries).
    """
    times: float = 1.0
    """What the number is multiplied with: 100 makes a ratio a percentage."""
    timeout: Duration = parse_duration("30s")
    """After so long without a number it is an error."""

    def __post_init__(self) -> None:
        if sum((self.run is not None, bool(self.url), bool(self.prometheus))) != 1:
            msg = "name exactly one source: run, url (with path) or prometheus (with query)"
            raise ValueError(msg)
        if bool(self.prometheus) != bool(self.query):
            msg = "prometheus and query go together"
            raise ValueError(msg)


class Rollback(Authored, frozen=True, kw_only=True):
    """The rules of a service's rollback."""

    approval: Literal["environment", "second-person", "none"] = "environment"
    """Who approves: the required reviewers of the GitHub environment, somebody else with `/approve`, or
    nobody, for what cannot hurt.
    """
    targets: Literal["deployments", "provider"] | None = None
    """Where the list of releases comes from: GitHub's deployments, or the deploy system's own list; what
    the provider says when it is left out.
    """
    migrations: tuple[str, ...] = ("**/migrations/**", "**/migrate/**", "prisma/migrations/**")
    """Paths whose change makes a rollback unsafe, with `*` and `**` for any text."""
    expires: Duration = parse_duration("30m")
    """After so long without approval nothing starts any more."""
    timeout: Duration = parse_duration("15m")
    """After so long a rollback that is still running is ended."""
    settle: Duration = parse_duration("0s")
    """The wait before the smoke checks."""
    after: tuple[ServiceCommand, ...] = ()
    """Commands that run once the deploy system is done."""


class HotfixPolicy(Authored, frozen=True, kw_only=True):
    """Where a hotfix starts."""

    start: Literal["default-branch", "production"] = "default-branch"
    """From the default branch, or from what runs in production."""
    base: Annotated[str, Meta(max_length=200)] = ""
    """The branch that its pull request goes to; the default branch when it is left out."""


class ActionParameter(Authored, frozen=True, kw_only=True):
    """What a person may put into an action: one of `choices`, or a word that `pattern` matches."""

    choices: tuple[str, ...] = ()
    """The words that may be chosen."""
    pattern: Annotated[str, Meta(max_length=300)] = ""
    """A regular expression that the whole word has to match."""

    def __post_init__(self) -> None:
        if bool(self.choices) == bool(self.pattern):
            msg = "name either choices or a pattern"
            raise ValueError(msg)
        try:
            re.compile(self.pattern)
        except re.error as error:
            msg = f"the pattern is not a regular expression: {error}"
            raise ValueError(msg) from error

    def accepts(self, value: str) -> bool:
        """Whether ``value`` may be passed on. Never a word that a program would read as an option."""
        if value.startswith("-") or not value.isprintable() or not value.isascii() or len(value) > 200:
            return False
        return value in self.choices if self.choices else re.fullmatch(self.pattern, value) is not None


class Action(Authored, frozen=True, kw_only=True):
    """An operation that `/run` may do: restart, scale, change a configuration."""

    title: str
    """What people read."""
    item: str = ""
    """The number of the rule in your written runbook that it carries out."""
    service: str = ""
    """The service that it is about."""
    environment: str = "production"
    """The GitHub environment whose secrets it needs, and whose reviewers approve."""
    run: Vector
    """The program and its words; `{name}` stands for a parameter. No shell reads them."""
    env: tuple[Annotated[str, sign(VARIABLE)], ...] = ()
    """Variables that it gets beside PATH and HOME."""
    parameters: dict[Annotated[str, sign(r"^[a-z_]{1,30}$")], ActionParameter] = field(default_factory=dict)
    """What people put in, by name."""
    flag: bool = False
    """Whether it is what `/flag-off <name>` runs, with the name as `{flag}`."""
    least: Literal["write", "maintain", "admin"] = "maintain"
    """The least role that may ask for it."""
    approval: Literal["environment", "second-person", "none"] = "environment"
    """Who approves: the required reviewers of the GitHub environment, somebody else with `/approve`, or
    nobody.
    """
    expires: Duration = parse_duration("30m")
    """After so long without approval nothing starts any more."""
    timeout: Duration = parse_duration("10m")
    """After so long it is ended."""

    def __post_init__(self) -> None:
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


class Service(Authored, frozen=True, kw_only=True):
    """One service."""

    environment: Annotated[str, sign(r"^[^\x00-\x1f\\'\"`,;/]{1,100}$")] = "production"
    """The GitHub environment whose reviewers approve a rollback, and whose deployments are read."""
    provider: Annotated[str, sign(r"^([a-z][a-z0-9-]{0,40})?$")] = ""
    """Its deploy system: one that is shipped, or one of `providers`. Without it there is no rollback."""
    values: dict[Annotated[str, sign(r"^[a-z_]{1,30}$")], Word] = field(default_factory=dict)
    """What the provider asks for, such as `app: hotdash-app`."""
    health: Annotated[tuple[str, ...], Meta(max_length=20)] = ()
    """Addresses that have to answer 200: the short form of a smoke check."""
    smoke: Annotated[tuple[HttpCheck, ...], Meta(max_length=80)] = ()
    """Smoke checks over HTTP."""
    commands: Annotated[tuple[ServiceCommand, ...], Meta(max_length=20)] = ()
    """Smoke checks that are commands."""
    recovery: dict[Name, Measure] = field(default_factory=dict)
    """Where the numbers of the runbook's recovery are read, by their ids."""
    smoke_environment: Annotated[str, sign(r"^[^\x00-\x1f\\'\"`,;/]{0,100}$")] = ""
    """The GitHub environment whose secrets the smoke checks need; it has no reviewers."""
    rollback: Rollback = Rollback()
    """The rules of its rollback."""
    hotfix: HotfixPolicy = HotfixPolicy()
    """Where its hotfixes start."""
    evidence: Annotated[tuple[ServiceCommand, ...], Meta(max_length=40)] = ()
    """Commands that print logs, metrics and snapshots; `/evidence` keeps what they print."""
    deployments: DeploymentFilter = DeploymentFilter()
    """Which of the environment's deployments are its own, where several services share it."""

    def __post_init__(self) -> None:
        names = [check.name for check in self.smoke] + [command.name for command in self.commands]
        doubled = {name for name in names if names.count(name) > 1}
        if doubled:
            msg = f"the check {min(doubled)!r} is there twice"
            raise ValueError(msg)

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
