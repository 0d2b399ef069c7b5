"""What changed before an incident began, ranked: whoever responds looks there first.

The window goes from the last known good release to the start, and is three days at most. What changed within
the hour before the start comes first; then what reached production, what the affected service runs, and the
nearest.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from msgspec import Struct, field

from allclear.core.model.milestones import IncidentKind
from allclear.core.model.neutral import cut
from allclear.core.model.operation import WORKFLOWS
from allclear.core.model.patterns import lazy_regex
from allclear.core.model.recent_change import RecentChange
from allclear.core.model.structs import replace
from allclear.core.policy.own_deployments import look
from allclear.core.policy.provider import Provider
from allclear.core.policy.service import Service
from allclear.core.policy.settings import Settings
from allclear.core.production.announcement import TASK
from allclear.core.production.deployments import Deployment, target_of, touched
from allclear.core.record.incident import Incident, Stage

LONGEST = timedelta(days=3)
"""What is older is not likely to be the cause: a weekend lies in between at most."""

HOUR = timedelta(hours=1)
"""What changed within so long before the start comes first; and a release that ran for so long before another
replaced it was good, as far as anybody noticed.
"""

KEPT = {"name": 100, "where": 200, "by": 80, "text": 200}
"""Characters of what people wrote that are kept of a change."""

MOST = 3
"""Lines that are said."""

ENVIRONMENTS = ("production", "prod", "live", "github-pages")
"""What environments that people use are called, where the settings name no service."""

_DEPLOYS = lazy_regex(r"deploy|release|publish|production|rollout|ship", re.IGNORECASE)
"""What the file of a deploy workflow is called, where the settings name none."""

_LOOKED_AT: frozenset[IncidentKind] = frozenset({"real", "drill"})


class MergedPull(Struct, frozen=True):
    """A pull request that was merged. ``author`` is a login, empty for an account that is gone."""

    number: int
    title: str
    url: str
    author: str
    merged: datetime


class SeenCommit(Struct, frozen=True):
    """A commit, when it was committed, and the pull request that brought it. ``login`` is its author's
    account, ``name`` what git has. ``changed``: the paths of those that were asked for.
    """

    sha: str
    at: datetime
    subject: str = ""
    url: str = ""
    login: str = ""
    name: str = ""
    pull: MergedPull | None = None
    changed: tuple[str, ...] = ()

    @property
    def by(self) -> str:
        """Who is to be asked about it. An address is nobody's business, whoever has one for a name."""
        name = self.name if "@" not in self.name else ""
        return (self.pull.author if self.pull else "") or self.login or name

    @property
    def landed(self) -> datetime:
        """When it came to the branch."""
        return self.pull.merged if self.pull else self.at


class FailedRun(Struct, frozen=True):
    """A workflow run on the default branch that failed. ``file`` is the workflow's, ``by`` a login."""

    id: int
    at: datetime
    file: str
    name: str
    url: str
    by: str = ""


class RecentHistory(Struct, frozen=True):
    """What GitHub tells of the time before the start, newest first. ``deployed``: the commits of the
    deployments, by sha; ``branch`` the default one, of which ``commits`` and ``failed`` tell; ``page`` is the
    repository's.
    """

    branch: str = ""
    page: str = ""
    deployments: tuple[Deployment, ...] = ()
    deployed: Mapping[str, SeenCommit] = field(default_factory=dict)
    commits: tuple[SeenCommit, ...] = ()
    failed: tuple[FailedRun, ...] = ()


class Question(Struct, frozen=True):
    """What is asked: what changed ``until`` then, ``services`` being affected."""

    until: datetime
    services: tuple[str, ...]

    @property
    def since(self) -> datetime:
        """What came later is looked at."""
        return self.until - LONGEST


def question(incident: Incident) -> Question | None:
    """What is to be asked about the incident; None when it is not open, or is only written up."""
    until = incident.opened if incident.interval else incident.reached("started")
    if incident.stage != Stage.OPEN or incident.kind not in _LOOKED_AT or until is None:
        return None
    return Question(until, incident.impact.services)


def environments(settings: Settings) -> tuple[str, ...]:
    """The environments whose deployments count, each once."""
    named = [service.environment for service in settings.services.values()]
    return tuple({name.casefold(): name for name in named or ENVIRONMENTS}.values())


class _Candidate(Struct, frozen=True):
    """A change, and what it is ranked by: ``reach`` is 0 for what reached production, 1 for what may have, 2
    for what did not; ``affected``: it is of a service that is.
    """

    change: RecentChange
    reach: int
    affected: bool = False

    def rank(self, until: datetime) -> tuple[bool, int, bool, timedelta]:
        before = until - self.change.at
        return before > HOUR, self.reach, not self.affected, before


def is_news(changes: tuple[RecentChange, ...], asked: Question, incident: Incident) -> bool:
    """Whether this was not said as it is: what changed, or that after the start was corrected nothing did."""
    said = incident.findings
    told = tuple(replace(one, undo="") for one in said.changed)
    return changes != told or (bool(told) and said.changed_until != asked.until)


def is_newest(change: RecentChange, history: RecentHistory) -> bool:
    """Whether nothing was deployed to the environment after this deployment, whatever became of it."""
    there = [one for one in history.deployments if one.environment.casefold() == change.where.casefold()]
    return there[0].id == change.id


def recent_changes(
    history: RecentHistory, asked: Question, settings: Settings, providers: Mapping[str, Provider]
) -> tuple[RecentChange, ...]:
    """The likeliest first, three at most."""
    released, since = _released(history, asked, settings, providers)
    runs = {number for one in history.deployments if (number := one.run(history.page))}
    found = [*released, *_failed(history, settings, runs), *_merged(history, asked)]
    there = [one for one in found if since < one.change.at <= asked.until]
    there.sort(key=lambda one: one.rank(asked.until))
    return tuple(_brief(one.change) for one in there[:MOST])


def _brief(change: RecentChange) -> RecentChange:
    """With no longer texts than are shown, so that the record and the panel have room for it."""
    shown: dict[str, Any] = {name: cut(getattr(change, name), most) for name, most in KEPT.items()}
    return replace(change, **shown)


def _released(
    history: RecentHistory, asked: Question, settings: Settings, providers: Mapping[str, Provider]
) -> tuple[list[_Candidate], datetime]:
    """The releases since the last known good one of each environment, and since when that is for all."""
    groups: dict[tuple[str, tuple[str, ...]], list[_Candidate]] = {}
    for one in history.deployments:
        names = _services(one, settings)
        moment = touched(one, asked.until)
        if moment is None or (_deployable(settings) and not names):
            continue
        at, state = moment
        hit = [name for name in names if name in asked.services]
        service = names[0] if len(names) == 1 else hit[0] if len(hit) == 1 else ""
        commit = history.deployed.get(one.sha)
        change = RecentChange(
            kind="deployment",
            at=at,
            name=_named(one, service, settings, providers),
            where=one.environment,
            by=commit.by if commit else "",
            url=one.log or f"{history.page}/commit/{one.sha}",
            text=_about(one, commit),
            state=state,
            service=service,
            id=one.id,
        )
        key = (one.environment.casefold(), names)
        groups.setdefault(key, []).append(_Candidate(change, 0, affected=bool(hit)))
    found, goods = list[_Candidate](), list[datetime]()
    for group in groups.values():
        suspects, good = _since_good(group)
        found += suspects
        goods += [good] if good is not None else []
    return found, max(asked.since, min(goods)) if len(goods) == len(groups) > 0 else asked.since


def _since_good(group: list[_Candidate]) -> tuple[list[_Candidate], datetime | None]:
    """The newest release, and those before it that ran for less than an hour; and when the one before them
    came, which is the last known good one.
    """
    group.sort(key=lambda one: one.change.at, reverse=True)
    suspects = group[:1]
    for one in group[1:]:
        ran = suspects[-1].change.at - one.change.at
        if one.change.state == "success" and ran >= HOUR:
            return suspects, one.change.at
        suspects.append(one)
    return suspects, None


def _services(one: Deployment, settings: Settings) -> tuple[str, ...]:
    """The services whose deployment it may be, by all that it says of itself."""
    seen = look(task=one.task, ref=one.ref, creator=one.creator, workflow="", payload=one.payload)
    return tuple(
        name
        for name, service in _deployable(settings).items()
        if service.environment.casefold() == one.environment.casefold()
        and (
            one.payload.get("service") == name
            if one.task == TASK
            else service.deployments.admits(seen, but="workflow")
        )
    )


def _deployable(settings: Settings) -> Mapping[str, Service]:
    """The services of which more is said than the name, which is no more than a word that people use."""
    return {name: service for name, service in settings.services.items() if service != Service()}


def _named(one: Deployment, service: str, settings: Settings, providers: Mapping[str, Provider]) -> str:
    """What people call the release: as a rollback does, where it can tell."""
    provider = providers.get(settings.services[service].provider) if service else None
    meant = target_of(one, provider) if provider is not None else None
    return meant[1] if meant is not None else one.sha[:7]


def _about(one: Deployment, commit: SeenCommit | None) -> str:
    if one.task == TASK:
        return "a rollback"
    if commit is None:
        return ""
    return f"#{commit.pull.number} {commit.pull.title}" if commit.pull else commit.subject


def _failed(history: RecentHistory, settings: Settings, known: Collection[int]) -> Iterator[_Candidate]:
    """Deploy workflows that failed and left no deployment: part of their work may be done."""
    named = {service.deployments.workflow for service in settings.services.values()} - {""}
    for run in history.failed:
        ours = run.file in WORKFLOWS.values()
        deploys = run.file in named if named else _DEPLOYS.search(run.file) is not None
        if deploys and not ours and run.id not in known:
            change = RecentChange(
                kind="run", at=run.at, name=run.name, where=history.branch, by=run.by, url=run.url
            )
            yield _Candidate(change, 1)


def _merged(history: RecentHistory, asked: Question) -> Iterator[_Candidate]:
    """What changed workflows or infrastructure, and the pull requests that no deployment has yet."""
    out = [one for one in history.deployments if touched(one, asked.until) is not None]
    newest = max((history.deployed[one.sha].at for one in out if one.sha in history.deployed), default=None)
    shown = {one.sha for one in out}
    told = set[int]()
    for changed in (True, False):  # of a pull request with several commits, the one that tells most
        for commit in history.commits:
            waits = newest is None or commit.at > newest
            wanted = bool(commit.changed) if changed else commit.pull is not None and waits
            number = commit.pull.number if commit.pull else 0
            if wanted and commit.sha not in shown and number not in told:
                told |= {number} - {0}
                yield _Candidate(_merge(commit), 1 if commit.changed else 2)


def _merge(commit: SeenCommit) -> RecentChange:
    return RecentChange(
        kind="settings" if commit.changed else "pull",
        at=commit.landed,
        name=f"#{commit.pull.number}" if commit.pull else commit.sha[:7],
        where=", ".join(commit.changed),
        by=commit.by,
        url=commit.pull.url if commit.pull else commit.url,
        text=commit.pull.title if commit.pull else commit.subject,
    )
