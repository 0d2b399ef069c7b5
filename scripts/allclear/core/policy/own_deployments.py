"""Which deployments of an environment are a service's own, where several services share it. Data."""

from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Annotated, Any

from msgspec import Meta, field

from allclear.core.model.authored import Authored, sign

DEPLOYS = ("deploy", "deploy:*")
"""The usual words for the task of a deployment: ``deploy`` is GitHub's own, others build on it.
https://docs.github.com/en/rest/deployments/deployments#create-a-deployment
"""

Pattern = Annotated[str, Meta(max_length=200)]


class DeploymentFilter(Authored, frozen=True, kw_only=True):
    """What a deployment of the service looks like. All that is named has to be so."""

    task: Pattern = ""
    """The deployment's task, `*` for any text; without it `deploy` and `deploy:*` count."""
    payload: Annotated[
        dict[Annotated[str, sign(r"^[A-Za-z0-9_.-]{1,50}$")], Pattern], Meta(max_length=10)
    ] = field(default_factory=dict)
    """Fields of the deployment's payload, `*` for any text."""
    workflow: Annotated[str, sign(r"^([A-Za-z0-9._-]{1,100}\.ya?ml)?$")] = ""
    """The file of the workflow whose run the log of its statuses leads to."""
    creator: Annotated[str, Meta(max_length=50)] = ""
    """The login of who made it, compared without case, an app's with or without `[bot]`. What Actions
    records by itself is made by whoever started the run.
    """
    ref: Pattern = ""
    """The branch, tag or commit that was deployed, `*` for any text."""

    @property
    def given(self) -> Mapping[str, str]:
        """What is named, by its setting."""
        single = {
            "task": self.task,
            "workflow": self.workflow,
            "creator": _login(self.creator),
            "ref": self.ref,
        }
        fields = {f"payload.{name}": value for name, value in self.payload.items()}
        return {name: value for name, value in (single | fields).items() if value}

    def admits(self, seen: Mapping[str, str], *, but: str = "") -> bool:
        """Whether a deployment that looks like ``seen`` is one of these; ``but`` is not looked at."""
        wanted = {name: value for name, value in self.given.items() if name != but}
        if not self.task and not any(fnmatchcase(seen.get("task", ""), usual) for usual in DEPLOYS):
            return False
        return all(fnmatchcase(seen.get(name, ""), value) for name, value in wanted.items())

    def covers(self, other: "DeploymentFilter") -> bool:
        """Whether every deployment that ``other`` admits is surely one of these as well."""
        there = other.given
        if not self.task and not any(fnmatchcase(other.task or "deploy", usual) for usual in DEPLOYS):
            return False
        return all(name in there and fnmatchcase(there[name], value) for name, value in self.given.items())


def look(
    *, task: str, ref: str, creator: str, workflow: str, payload: Mapping[str, Any]
) -> Mapping[str, str]:
    """How a deployment looks to a filter."""
    fields = {f"payload.{name}": _text(value) for name, value in payload.items()}
    return {"task": task, "ref": ref, "creator": _login(creator), "workflow": workflow} | fields


def _text(value: object) -> str:
    """As it is written in the settings: ``true``, ``41``, ``web``."""
    return (
        str(value).lower() if isinstance(value, bool) else str(value) if isinstance(value, str | int) else ""
    )


def _login(login: str) -> str:
    return login.lower().removesuffix("[bot]")
