"""Providers: how one deploy system lists its releases, says which one runs, and goes back to another. Data.

A provider is a few lines of YAML in ``templates/providers/`` or under ``providers:`` in the settings.
"""

import re
from collections.abc import Collection
from typing import Annotated, Literal

from msgspec import Meta, field

from allclear.core.model.authored import Authored, sign
from allclear.core.model.times import Duration, parse_duration
from allclear.core.policy.service import PLACEHOLDER, VARIABLE, Service, ServiceCommand, Vector

RESERVED = frozenset({"target", "release", "sha"})
"""Placeholders that a release fills, not the service's values."""


class Listing(Authored, frozen=True, kw_only=True):
    """A command that prints releases."""

    run: Vector
    """The program and its words."""
    format: Literal["json", "object", "lines"] = "json"
    """`json`: a list of objects; `object`: one of them alone; `lines`: each is read by `pattern`."""
    at: str = ""
    """Where the list stands in a larger JSON answer."""
    pattern: str = ""
    """For `lines`, a regular expression with the groups `release` and, where there are any, `target`,
    `ok`, `at`, `current`, `origin`. The service's values stand in it as `{name}`.
    """
    order: Literal["newest-first", "oldest-first", "by-number"] = "newest-first"
    """The order in which it prints them."""
    prefix: Annotated[str, Meta(max_length=10)] = ""
    """What stands before the release when people read and type it."""
    release: str = "release"
    """The field that people read and type, such as v41."""
    target: str = ""
    """The field that the rollback gets; the same as `release` when it is left out."""
    state: str = ""
    """The field that says whether a release works."""
    good: tuple[str, ...] = ()
    """The values of `state` that mean that it works."""
    under_way: tuple[str, ...] = ()
    """The values of `state` that mean that it is being deployed."""
    current: str = ""
    """The field that is true for what runs now. Without it the newest release that works is taken for
    that.
    """
    created: str = ""
    """The field that says since when a release is there."""
    origin: str = ""
    """For deploy systems that number anew what they go back to: the field that names the release which
    this one repeats.
    """
    origin_pattern: Annotated[str, Meta(max_length=300)] = "(.+)"
    """Where in `origin` that release stands: the first group of a regular expression."""
    timeout: Duration = parse_duration("1m")
    """After so long the command is ended."""

    def __post_init__(self) -> None:
        if (self.format == "lines") != bool(self.pattern):
            msg = "`pattern` belongs to format `lines`, and only there"
            raise ValueError(msg)
        if self.pattern and "release" not in _compiled(self.pattern, "pattern").groupindex:
            msg = "the pattern needs a group `release`"
            raise ValueError(msg)
        if not _compiled(self.origin_pattern, "origin_pattern").groups:
            msg = "the origin_pattern needs a group"
            raise ValueError(msg)

    @property
    def tells_when(self) -> bool:
        """Whether it says since when its releases are there."""
        return bool(self.created) or "at" in self._groups

    @property
    def tells_current(self) -> bool:
        """Whether it says which release runs now."""
        return bool(self.current) or "current" in self._groups

    @property
    def _groups(self) -> Collection[str]:
        return _compiled(self.pattern, "pattern").groupindex


def _compiled(pattern: str, called: str) -> re.Pattern[str]:
    """The regular expression. Raises ValueError when it is none."""
    try:
        return re.compile(pattern)
    except re.error as error:
        msg = f"the {called} is not a regular expression: {error}"
        raise ValueError(msg) from error


class Rerun(Authored, frozen=True, kw_only=True):
    """Run the run of a deploy workflow that made the target's deployment once more.

    https://docs.github.com/en/rest/actions/workflow-runs#re-run-a-workflow (30 days, 50 times)
    """

    workflow: Annotated[str, sign(r"^[A-Za-z0-9._-]{1,100}\.ya?ml$|^\{workflow\}$")]
    """The workflow's file, or `{workflow}` for a value of the service."""


class Start(Authored, frozen=True, kw_only=True):
    """Dispatch a deploy workflow of the repository on its default branch, and wait for it."""

    workflow: Annotated[str, sign(r"^[A-Za-z0-9._-]{1,100}\.ya?ml$|^\{workflow\}$")]
    """The workflow's file, or `{workflow}` for a value of the service."""
    inputs: dict[str, str] = field(default_factory=dict)
    """Its inputs; `{target}` and the service's values stand in them."""


class Provider(Authored, frozen=True, kw_only=True):
    """One deploy system. Exactly one of `rollback`, `rerun`, `start` goes back."""

    title: str
    """What people read."""
    item: str = ""
    """The number of the rule in your written runbook that it carries out."""
    targets: Literal["deployments", "provider"] = "deployments"
    """Where the list of releases comes from, unless the service says otherwise."""
    target_from: Annotated[str, sign(r"^(sha|environment_url|payload\.[A-Za-z0-9_]{1,50})$")] = "sha"
    """Which part of a GitHub deployment is the target: its commit, its `environment_url`, or a field of
    its payload such as `payload.version`.
    """
    pattern: Annotated[str, Meta(max_length=300)]
    """A regular expression that a whole target has to match before it goes anywhere."""
    values: dict[str, str] = field(default_factory=dict)
    """What a service has to fill, with a word on each."""
    env: tuple[Annotated[str, sign(VARIABLE)], ...] = ()
    """Variables (secrets) that the commands get."""
    list: Listing | None = None
    """How the deploy system lists its releases."""
    current: Listing | None = None
    """How it says what runs now, with a row for each machine that runs something. Without it `list` is
    asked, where that tells.
    """
    rollback: Vector | None = None
    """The command that goes back to `{target}`."""
    rerun: Rerun | None = None
    """The workflow whose earlier run is run again."""
    start: Start | None = None
    """The workflow that is started with the target."""
    optional: tuple[str, ...] = ()
    """The `values` that are needed only to ask what runs now."""
    same: Annotated[str, Meta(max_length=300)] = ""
    """A regular expression for the part of a target that has to agree, where the deploy system spells one
    in several ways.
    """
    lag: Duration = parse_duration("1m")
    """So long it may take until what runs is the target."""
    verify: tuple[ServiceCommand, ...] = ()
    """Commands that have to pass afterwards."""
    settle: Duration = parse_duration("0s")
    """The least wait before the smoke checks."""

    def __post_init__(self) -> None:
        if sum(way is not None for way in (self.rollback, self.rerun, self.start)) != 1:
            msg = "name exactly one of rollback, rerun, start"
            raise ValueError(msg)
        if self.targets == "provider" and self.list is None:
            msg = "targets: provider needs a list"
            raise ValueError(msg)
        _compiled(self.pattern, "pattern")
        _compiled(self.same, "part that is the `same`")
        needed = [name for name in self.optional if any(f"{{{name}}}" in word for word in self._acting)]
        if needed:
            msg = f"{{{needed[0]}}} is needed to go back, so it cannot be optional"
            raise ValueError(msg)
        patterns = [one.pattern for one in (self.list, self.current) if one is not None]
        for vector in (*self.vectors, *((pattern,) for pattern in patterns)):
            unknown = (
                {n for word in vector for n in PLACEHOLDER.findall(word)} - self.values.keys() - RESERVED
            )
            if unknown:
                msg = f"{{{min(unknown)}}} is not a placeholder; there are {', '.join(sorted(self.values))}"
                raise ValueError(msg)
        for vector in self.vectors:
            if PLACEHOLDER.search(vector[0]):
                msg = "the program itself cannot be a placeholder"
                raise ValueError(msg)

    @property
    def vectors(self) -> tuple[Vector, ...]:
        """Every command it may run."""
        listed = tuple(one.run for one in (self.list, self.current) if one is not None)
        return (*listed, *((self.rollback,) if self.rollback else ()), *(c.run for c in self.verify))

    @property
    def _acting(self) -> tuple[str, ...]:
        """The words of the commands without which nobody can go back."""
        verify = (word for command in self.verify for word in command.run)
        return (*(self.list.run if self.list else ()), *(self.rollback or ()), *verify)

    @property
    def asked_what_runs(self) -> Listing | None:
        """What tells which release runs now; None where the deploy system cannot be asked."""
        if self.current is not None:
            return self.current
        return self.list if self.list is not None and self.list.tells_current else None

    @property
    def tells_when(self) -> bool:
        """Whether the deploy system says since when its releases are there."""
        return any(one.tells_when for one in (self.list, self.current) if one is not None)

    def alike(self, one: str, other: str) -> bool:
        """Whether two targets are the same release."""
        found = [re.search(self.same, target) for target in (one, other)] if self.same else []
        parts = [match[0] for match in found if match is not None]
        return one == other or (len(parts) == 2 and parts[0] == parts[1] != "")

    def accepts(self, target: str) -> bool:
        """Whether ``target`` may be passed on: it matches, is plain ASCII in one line, and is no option.

        ASCII, because a pattern that takes digits or letters means those, not the look-alikes of all scripts.
        """
        if target.startswith("-") or not (target.isascii() and target.isprintable()) or len(target) > 500:
            return False
        return re.fullmatch(self.pattern, target) is not None


def source_of_targets(service: Service, provider: Provider) -> Literal["deployments", "provider"]:
    """Where the list of releases comes from: the service's word counts before the provider's."""
    return service.rollback.targets or provider.targets
