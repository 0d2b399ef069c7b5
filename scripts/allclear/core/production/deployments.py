"""What runs, read off GitHub's deployments and their statuses: one judgement, which nothing else repeats.

A deployment began when a status of it says `in_progress` or `success`. Only what began touched production.

| Its statuses, oldest first                     | It is       | It may be what runs                  |
|------------------------------------------------|-------------|--------------------------------------|
| ... success                                    | success     | yes                                  |
| ... success, then inactive                     | taken down  | no, unless it made way for another's |
| ... in_progress                                | in progress | yes; it would overwrite a rollback   |
| ... in_progress, then failure, error, inactive | failed      | yes, in part                         |
| waiting, queued or pending                     | waiting     | no; it would overwrite a rollback    |
| waiting, then failure, error, inactive         | not begun   | no                                   |
| none; or pending, then failure; or cut off     | unclear     | people are asked                     |

Only Actions itself writes `waiting`, and the links to jobs: those who use the API may never report that they
began, and then a failure does not say whether they did.
https://docs.github.com/en/rest/deployments/statuses#create-a-deployment-status
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from msgspec import Struct, field

from allclear.core.model.patterns import lazy_regex
from allclear.core.model.release import Good, Release, Releases, State
from allclear.core.model.structs import replace
from allclear.core.policy.provider import Provider
from allclear.core.production.rerun import run_named

PENDING = frozenset({"waiting", "queued", "pending"})
FAILED = frozenset({"failure", "error"})

ORDER = ("waiting", "queued", "pending", "in_progress", "success", "failure", "error", "inactive")
"""The order in which statuses come about, for those of one second."""

WAITS = timedelta(days=30)
"""So long GitHub lets a job wait for its reviewers, and a run be run again:
https://docs.github.com/en/actions/reference/limits
"""

STUCK = timedelta(days=1)
"""No deploy takes longer: what is in progress for longer, behind a later one, is one whose end nobody
reported."""

TOGETHER = timedelta(minutes=1)
"""Within so long of a success GitHub has marked the environment's earlier deployments as inactive."""

_JOB = lazy_regex(r"https://[^/\s]+/[^/\s]+/[^/\s]+/actions/runs/[0-9]+/job/[0-9]+(?:[?#].*)?")
_LINK = lazy_regex(r"https://[A-Za-z0-9][A-Za-z0-9./:_~%?&=+#,;!-]{1,500}")


class DeploymentStatus(Struct, frozen=True):
    """One status of a deployment. ``state`` is in lower case; ``url`` the environment's address, ``log`` a
    link, both raw.
    """

    state: str
    at: datetime
    url: str = ""
    log: str = ""


class Deployment(Struct, frozen=True):
    """A deployment as GitHub tells of it. ``statuses`` from either end; ``newest`` is the last one, where
    GitHub names it. ``cut``: there are more than those. ``workflow``: the file's name of the run that its log
    leads to, empty when it leads to none, None when GitHub does not show the run. ``transient`` and
    ``production`` are what its maker said of the environment. ``smoke``: what a smoke run said of its commit.
    """

    id: int
    sha: str
    created: datetime
    statuses: tuple[DeploymentStatus, ...] = ()
    newest: DeploymentStatus | None = None
    cut: bool = False
    task: str = "deploy"
    ref: str = ""
    creator: str = ""
    workflow: str | None = ""
    environment: str = ""
    transient: bool = False
    production: bool | None = None
    payload: Mapping[str, Any] = field(default_factory=dict)
    smoke: Good = "unknown"

    @property
    def told(self) -> bool:
        """Whether its statuses are those of Actions, which says of every job when it begins."""
        return not self.cut and any(
            one.state == "waiting" or _JOB.fullmatch(one.log) for one in self.statuses
        )

    @property
    def log(self) -> str:
        """The newest link to its log that can be shown; empty when there is none."""
        return next((one.log for one in reversed(ordered(self)) if _LINK.fullmatch(one.log)), "")

    def run(self, page: str) -> int:
        """The run of the repository at ``page`` that made it, as the links of its statuses name it; 0 when
        they name none.
        """
        return next((run for one in reversed(ordered(self)) if (run := run_named(one.log, page))), 0)


class _Course(Struct):
    """What became of a deployment. ``moments``: each time it changed production, or may have. ``down``: when
    it was reported as inactive after its last success. ``idle``: it waits, or ended without having begun.
    """

    moments: list[tuple[datetime, State]] = field(default_factory=list)
    began: datetime | None = None
    bad: bool = False
    down: list[datetime] = field(default_factory=list)
    idle: tuple[datetime, State] | None = None

    def take(self, status: DeploymentStatus) -> None:
        """The next status."""
        state, at = status.state, status.at
        if state in PENDING:
            self.idle = (at, "waiting") if self.began is None else None
        elif state == "in_progress":
            self.began, self.idle = self.began or at, None
        elif state == "success":
            self.moments.append((at, "success"))
            self.began = self.idle = None
            self.bad, self.down = False, []
        else:
            self._end(state, at)

    def _end(self, state: str, at: datetime) -> None:
        succeeded = any(moment[1] == "success" for moment in self.moments)
        self.bad = self.bad or (succeeded and state in FAILED)
        if self.began is not None:
            self.moments.append((at, "failed"))
            self.began = None
        elif state == "inactive" and self.moments and self.moments[-1][1] == "success":
            self.down.append(at)
        self.idle = None if self.moments else (at, "not begun")


def ordered(one: Deployment) -> list[DeploymentStatus]:
    """Its statuses, the oldest first.

    Those of one second come in the order of the list, from whichever end it begins: the newest one tells.
    """
    listed = list(one.statuses)
    if one.newest is None or one.newest not in (listed[:1] + listed[-1:]):
        listed.sort(key=lambda status: ORDER.index(status.state))
    elif listed[0] == one.newest:
        listed.reverse()
    found = [status for status in sorted(listed, key=lambda status: status.at) if status != one.newest]
    return [*found, *([one.newest] if one.newest else [])]


def _course(one: Deployment) -> _Course:
    course = _Course()
    for status in ordered(one):
        course.take(status)
    if course.began is not None:
        course.moments.append((course.began, "in progress"))
    elif not course.moments:
        ended = course.idle is not None and course.idle[1] == "not begun"
        if course.idle is None or one.cut or (ended and not one.told):
            course.moments.append((course.idle[0] if course.idle else one.created, "unclear"))
            course.idle = None
    return course


def touched(one: Deployment, until: datetime) -> tuple[datetime, State] | None:
    """When it last changed production, or may have, until then, and how far it came by now; None: not before.

    One that began before and ended later counts from its beginning.
    """
    moments = _course(one).moments
    times = [at for at, _ in moments]
    times += [status.at for status in one.statuses if status.state == "in_progress"]
    before = [at for at in times if at <= until]
    return (max(before), moments[-1][1]) if before else None


def releases_of(
    deployments: Sequence[Deployment],
    provider: Provider,
    repository: str,
    now: datetime,
    *,
    others: Iterable[Deployment] = (),
) -> Releases:
    """The releases that these deployments made. ``repository`` is its page; ``others``: the deployments of
    other services to the same environment.

    An older deployment is inactive by now, or still successful: in production environments GitHub leaves it
    so (https://docs.github.com/en/rest/deployments/statuses#create-a-deployment-status, ``auto_inactive``).
    So what runs is what changed production last, among what was not taken down.
    """
    retired = [status.at for one in others for status in one.statuses if status.state == "success"]
    made, idle = list[_Made](), list[_Made]()
    for one in deployments:
        meant = target_of(one, provider)
        if meant is not None:
            course, release = _course(one), _release(one, meant, repository)
            made += _moments(course, release, retired)
            if course.idle is not None:
                at, state = course.idle
                idle.append(_Made(at, 0, replace(release, at=at, state=state, deployed=False)))
    made.sort(key=lambda this: this.order, reverse=True)
    made = _with_runs(made)
    first = next((n for n, this in enumerate(made) if not this.down), len(made))
    newer, listed = (_once(this.release for this in some) for some in (made[:first], made[first:]))
    current = listed[0] if listed else None
    return Releases(
        current=current,
        earlier=listed[1:] if current else newer,
        gone=newer if current else (),
        deploying=_deploying([this.release for this in made], current, now),
        idle=_idle(idle, current, now),
    )


class _Made(Struct, frozen=True):
    """A release at one moment of its deployment, the ``number``th. ``down``: it was taken down since."""

    at: datetime
    number: int
    release: Release
    down: bool = False

    @property
    def order(self) -> tuple[datetime, int, int]:
        return self.at, self.release.id, self.number


def _with_runs(made: Sequence[_Made]) -> list[_Made]:
    """Each release with the newest run that deployed it, which a rollback of ours that came later hides.

    ``made`` is newest first.
    """
    runs = dict[str, int]()
    for this in made:
        if this.release.run and this.release.deployed:
            runs.setdefault(this.release.identity, this.release.run)
    return [
        replace(this, release=replace(this.release, run=runs.get(this.release.identity, 0))) for this in made
    ]


def _moments(course: _Course, release: Release, retired: Collection[datetime]) -> Iterator[_Made]:
    """A release each time that production was changed: something old may be put back like that."""
    down = any(all(abs(down - at) > TOGETHER for at in retired) for down in course.down)
    for number, (at, state) in enumerate(course.moments):
        good = state == "success"
        yield _Made(
            at,
            number,
            replace(
                release,
                at=at,
                state=state,
                deployed=good,
                smoke="bad" if good and course.bad else release.smoke,
            ),
            down=good and down,
        )


def _release(one: Deployment, meant: tuple[str, str], repository: str) -> Release:
    return Release(
        target=meant[0],
        name=meant[1],
        sha=one.sha,
        smoke=one.smoke,
        url=f"{repository}/commit/{one.sha}",
        log=one.log,
        id=one.id,
        run=one.run(repository),
    )


def target_of(one: Deployment, provider: Provider) -> tuple[str, str] | None:
    """What the deploy system is given, and what people call it. None: it is no deployment of the service.

    A payload without that field is another tool's, and so is a success without an address. Before that the
    address is not known: then the target is empty, so that nobody can go back there, but it may be what runs.
    """
    if provider.target_from == "sha":
        return one.sha, one.sha[:7]
    if provider.target_from == "environment_url":
        good = [status for status in reversed(ordered(one)) if status.state == "success"]
        url = next((status.url for status in good if status.url), "")
        return None if good and not url else (url, one.sha[:7])
    value = one.payload.get(provider.target_from.removeprefix("payload."))
    text = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
    return (text, text) if text else None


def _once(releases: Iterable[Release]) -> tuple[Release, ...]:
    """Of the same release deployed several times in a row, the newest."""
    groups = groupby(releases, key=lambda release: (release.identity, release.state))
    return tuple(next(group) for _, group in groups)


def _deploying(releases: Iterable[Release], current: Release | None, now: datetime) -> tuple[Release, ...]:
    found = [one for one in releases if one.state == "in progress"]
    return tuple(one for one in found if one == current or (one.at is not None and now - one.at <= STUCK))


def _idle(made: Sequence[_Made], current: Release | None, now: datetime) -> tuple[Release, ...]:
    """What waits, of any age, and what did not begin since the current release came."""
    since = current.at if current is not None else None
    newest = sorted(made, key=lambda this: this.order, reverse=True)
    return tuple(
        this.release
        for this in newest
        if now - this.at <= WAITS and (this.release.state == "waiting" or since is None or this.at >= since)
    )
