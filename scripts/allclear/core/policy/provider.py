"""Providers: how one deploy system lists its releases, says which one runs, and goes back to another. Data.

A provider is a few lines of YAML in ``templates/providers/`` or under ``providers:`` in the settings.
"""

from __future__ import annotations

import re
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from allclear.core.model.frozen import Frozen
from allclear.core.model.times import Duration, parse_duration
from allclear.core.policy.service import PLACEHOLDER, VARIABLE, Service, ServiceCommand, Vector

RESERVED = frozenset({"target", "release", "sha"})
"""Placeholders that a release fills, not the service's values."""


class Listing(Frozen):
    """A command that prints releases, newest first unless ``order`` says otherwise.

    ``format``: ``json`` (a list of objects; ``at`` leads to the list in a larger answer) or ``lines``, of
    which each is read by ``pattern``, a regular expression with the groups ``release`` and perhaps
    ``target``, ``ok``, ``at`` and ``current``. For ``json`` these name the fields: ``release`` is what people
    read and type (v41; ``prefix`` goes in front of it), ``target`` what the rollback gets (the same when left
    out), ``state`` with ``good`` which of them work, ``current`` a field that is true for what runs now (as a
    group: that is there). Without it, the newest one that works is taken for the current one.
    """

    run: Vector
    format: Literal["json", "lines"] = "json"
    at: str = ""
    pattern: str = ""
    order: Literal["newest-first", "oldest-first"] = "newest-first"
    prefix: str = Field(default="", max_length=10)
    release: str = "release"
    target: str = ""
    state: str = ""
    good: tuple[str, ...] = ()
    current: str = ""
    created: str = ""
    timeout: Duration = parse_duration("1m")

    @model_validator(mode="after")
    def _readable(self) -> Self:
        if (self.format == "lines") != bool(self.pattern):
            msg = "`pattern` belongs to format `lines`, and only there"
            raise ValueError(msg)
        try:
            groups = re.compile(self.pattern).groupindex
        except re.error as error:
            msg = f"the pattern is not a regular expression: {error}"
            raise ValueError(msg) from error
        if self.pattern and "release" not in groups:
            msg = "the pattern needs a group `release`"
            raise ValueError(msg)
        return self


class Rerun(Frozen):
    """Run the newest successful run of a deploy workflow at the target's commit once more.

    https://docs.github.com/en/rest/actions/workflow-runs#re-run-a-workflow (30 days, 50 times)
    """

    workflow: str = Field(pattern=r"^[A-Za-z0-9._-]{1,100}\.ya?ml$|^\{workflow\}$")


class Start(Frozen):
    """Dispatch a deploy workflow of the repository on its default branch, and wait for it."""

    workflow: str = Field(pattern=r"^[A-Za-z0-9._-]{1,100}\.ya?ml$|^\{workflow\}$")
    inputs: dict[str, str] = Field(default_factory=dict)


class Provider(Frozen):
    """One deploy system.

    ``targets``: the usual source of releases. ``pattern``: what a target must match, whole, before it goes
    anywhere. ``target_from``: which part of a GitHub deployment is the target: its commit, its
    ``environment_url`` (Vercel), or a field of its payload. Exactly one of ``rollback`` (a command),
    ``rerun``, ``start`` does it. ``verify``: commands that must pass afterwards. ``env``: variables (secrets)
    that the commands get. ``values``: placeholders that a service has to fill, with a word on each.
    """

    title: str
    item: str = ""
    targets: Literal["deployments", "provider"] = "deployments"
    target_from: str = Field(default="sha", pattern=r"^(sha|environment_url|payload\.[A-Za-z0-9_]{1,50})$")
    pattern: str = Field(max_length=300)
    values: dict[str, str] = Field(default_factory=dict)
    env: tuple[Annotated[str, Field(pattern=VARIABLE)], ...] = ()
    list: Listing | None = None
    current: Listing | None = None
    rollback: Vector | None = None
    rerun: Rerun | None = None
    start: Start | None = None
    verify: tuple[ServiceCommand, ...] = ()
    settle: Duration = parse_duration("0s")

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if sum(way is not None for way in (self.rollback, self.rerun, self.start)) != 1:
            msg = "name exactly one of rollback, rerun, start"
            raise ValueError(msg)
        if self.targets == "provider" and self.list is None:
            msg = "targets: provider needs a list"
            raise ValueError(msg)
        try:
            re.compile(self.pattern)
        except re.error as error:
            msg = f"the pattern is not a regular expression: {error}"
            raise ValueError(msg) from error
        for vector in self.vectors:
            unknown = (
                {n for word in vector for n in PLACEHOLDER.findall(word)} - self.values.keys() - RESERVED
            )
            if unknown:
                msg = f"{{{min(unknown)}}} is not a placeholder; there are {', '.join(sorted(self.values))}"
                raise ValueError(msg)
            if PLACEHOLDER.search(vector[0]):
                msg = "the program itself cannot be a placeholder"
                raise ValueError(msg)
        return self

    @property
    def vectors(self) -> tuple[Vector, ...]:
        """Every command it may run."""
        listed = tuple(one.run for one in (self.list, self.current) if one is not None)
        return (*listed, *((self.rollback,) if self.rollback else ()), *(c.run for c in self.verify))

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
