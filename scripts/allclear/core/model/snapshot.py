"""What the issue shows: frozen facts about the world at one moment.
The adapter fills it in, plan() reads it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

from msgspec import Struct, field

from allclear.core.model.budget import Budget
from allclear.core.model.deploy_run import DeployRun, PendingReview
from allclear.core.model.execution import Execution
from allclear.core.model.people import Access, Person
from allclear.core.model.pull_reviews import PullReviews
from allclear.core.model.release import Comparison, EnvironmentSeen, Releases
from allclear.core.model.report_seen import ReportPlace, ReportSeen

Visibility = Literal["public", "private", "unknown"]
"""Who can see the repository: everybody; those with access (internal counts as private); GitHub did not say,
which is as good as everybody.
"""


class Repository(Struct, frozen=True):
    """``id`` is the numeric id that entries are bound to; ``name`` is ``owner/name``; ``url`` its page."""

    id: int
    name: str
    url: str


class Comment(Struct, frozen=True):
    """``author`` is None for a deleted account (ghost). ``refused`` is True when a 👎 stands on it, whoever
    put it there. ``node``: its id in GraphQL.
    """

    id: int
    author: Person | None
    body: str
    created_at: datetime
    updated_at: datetime
    url: str = ""
    refused: bool = False
    node: str = ""

    @property
    def edited(self) -> bool:
        """Whether GitHub shows another time for the last change than for the creation."""
        return self.updated_at > self.created_at


class Issue(Struct, frozen=True):
    """``state`` is ``open`` or ``closed``. ``closed_by`` is who closed it, when GitHub says, and
    ``closed_as`` how: ``completed``, ``not_planned``, ``duplicate``. ``is_pull``: it is a pull request, which
    GitHub shows as an issue too. ``node``: its id in GraphQL; ``label_nodes``: those of its labels, by name.
    """

    number: int
    title: str
    body: str
    author: Person | None
    state: str
    labels: frozenset[str]
    assignees: tuple[Person, ...]
    created_at: datetime
    url: str
    closed_by: Person | None = None
    closed_at: datetime | None = None
    locked: bool = False
    pinned_comment: int | None = None
    is_pull: bool = False
    node: str = ""
    closed_as: str = ""
    label_nodes: tuple[tuple[str, str], ...] = ()


class IssueEvent(Struct, frozen=True):
    """One line of the issue's event log: ``kind`` is labeled, unlabeled, closed, reopened, renamed ...

    ``former_title``: what the title was before it was renamed.
    """

    id: int
    kind: str
    actor: Person | None
    at: datetime
    label: str | None = None
    commit: str | None = None
    former_title: str | None = None


class PullSeen(Struct, frozen=True):
    """A pull request from ``branch`` into ``base``; the branch is in another repository when ``fork``.

    ``author`` is None for bots and for accounts that are gone. ``closed``: when it ended, merged or not.
    ``head``: its newest commit, and ``reviews``: the newest reviews of it, in a form that changes when they
    do; both are empty where nobody asked.
    """

    number: int
    url: str
    branch: str
    base: str
    author: Person | None
    merged: datetime | None = None
    closed: datetime | None = None
    fork: bool = False
    head: str = ""
    reviews: str = ""


class Closer(Struct, frozen=True):
    """What closed the issue last, ``at`` that time: a pull request that was merged, or a commit; neither when
    somebody closed it by hand. ``known`` False: GitHub did not say.
    """

    at: datetime | None = None
    pull: PullSeen | None = None
    commit: bool = False
    known: bool = True


class PullEnd(Struct, frozen=True):
    """How a pull request ended, as far as it did: ``closed`` is the time of the merge too."""

    merged: datetime | None = None
    closed: datetime | None = None


class LastEdit(Struct, frozen=True):
    """Who last edited a comment or an issue's text, or wrote it when nobody did; ``editor`` None: an account
    that is gone.

    ``known`` False: GitHub could not be asked this time, so nothing that depends on it is decided.
    """

    editor: Person | None
    at: datetime
    known: bool = True


class OtherIssue(Struct, frozen=True):
    """What a command needs to know of another issue it names. ``incident``: it carries the incident label.
    ``known`` False: GitHub did not say this time.
    """

    number: int
    title: str
    incident: bool = False
    open: bool = False
    known: bool = True


class Acting(Struct, frozen=True):
    """How far the job of a run came that changes something, as its steps tell: the job waits or was not there
    (``waiting``), it did not come to the step that acts (``before``), that step ``began`` and nobody knows
    more, it ``passed`` or ``failed``. ``unseen``: GitHub does not show the jobs of the run.

    ``started`` and ``ended`` are the step's times.
    https://docs.github.com/en/rest/actions/workflow-jobs#list-jobs-for-a-workflow-run
    """

    state: Literal["waiting", "before", "began", "passed", "failed", "unseen"]
    started: datetime | None = None
    ended: datetime | None = None

    @property
    def untouched(self) -> bool:
        """Whether it is certain that nothing was begun."""
        return self.state in ("waiting", "before")


class RunSeen(Struct, frozen=True):
    """A workflow run. ``ours``: it runs the workflow of its kind, from the default branch, dispatched.

    ``status``: queued, waiting, in_progress, completed and others; ``by`` is who dispatched it. ``ended``:
    when it was completed. ``acting`` None: its jobs were not looked at.
    https://docs.github.com/en/rest/actions/workflow-runs#get-a-workflow-run
    """

    id: int
    url: str
    status: str
    conclusion: str | None
    ours: bool = True
    by: Person | None = None
    attempt: int = 1
    ended: datetime | None = None
    acting: Acting | None = None

    @property
    def waits(self) -> bool:
        """Whether it waits for its environment's reviewers, and nothing of it that acts was begun."""
        return self.status == "waiting" and self.acting is not None and self.acting.state == "waiting"

    @property
    def untouched(self) -> bool:
        """Whether it is certain that it changed nothing."""
        return self.acting is not None and self.acting.untouched

    @property
    def over(self) -> bool:
        """Whether nothing of an operation may happen in it any more: it ended, or somebody runs it once
        more, which no executor goes along with (C8).
        """
        return self.status == "completed" or self.attempt > 1


class Sighting(Struct, frozen=True):
    """What the world shows of an operation: its record in git, and its run. Both None: nothing began.

    ``refused``: GitHub would not start its workflow, and why. ``review``: the deploy run that it started
    waits for reviewers of its own.
    """

    execution: Execution | None = None
    run: RunSeen | None = None
    refused: str = ""
    review: PendingReview | None = None


class Wants(Struct, frozen=True):
    """What a decision wants to know; false when that is nothing. ``editors``: who last edited these comments;
    ``issue_editor``: who last edited the text of the issue.

    ``operations``: the sightings of these operations; with them come, and ``by_hand`` asks for nothing but,
    those of operations that were started by hand for this issue. ``comparisons``: pairs of commits, base and
    head. ``recent_pulls``: the pull requests of the repository that changed last. ``closer``: what closed the
    issue. ``branches``: whether the repository has them. ``visibility``: who can see the repository.
    ``refusals``: comments with a 👎, of which it matters whether it is ours. ``reports``: how many older ones
    of its author's took up the last hour. ``merged_reports``: post-mortems as they
    stand; ``pull_reviews``: what people said of pull requests. ``history``: all comments, because what the
    checkpoint keeps of the record is not enough. ``assignable``: whether these logins may be assigned
    here, as far as GitHub tells of all of them at once.
    """

    logins: frozenset[str] = frozenset()
    issues: frozenset[int] = frozenset()
    events: bool = False
    labels: bool = False
    panel_editor: bool = False
    editors: frozenset[int] = frozenset()
    issue_editor: bool = False
    pulls: frozenset[int] = frozenset()
    recent_pulls: bool = False
    closer: bool = False
    branches: frozenset[str] = frozenset()
    visibility: bool = False
    operations: frozenset[str] = frozenset()
    by_hand: bool = False
    releases: frozenset[str] = frozenset()
    comparisons: frozenset[tuple[str, str]] = frozenset()
    environments: frozenset[str] = frozenset()
    refusals: frozenset[int] = frozenset()
    deploy_runs: frozenset[int] = frozenset()
    reports: bool = False
    merged_reports: frozenset[ReportPlace] = frozenset()
    pull_reviews: frozenset[int] = frozenset()
    history: bool = False
    assignable: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return self != Wants()

    @property
    def elsewhere(self) -> bool:
        """Whether some of it stands neither on issues nor among the repository's people and labels."""
        return any(
            (
                *(self.recent_pulls, self.closer, self.visibility, self.by_hand, self.operations),
                *(self.branches, self.releases, self.comparisons, self.environments, self.deploy_runs),
                *(self.merged_reports, self.pull_reviews),
            )
        )

    def __or__(self, other: Wants) -> Wants:
        return Wants(
            logins=self.logins | other.logins,
            issues=self.issues | other.issues,
            events=self.events or other.events,
            labels=self.labels or other.labels,
            panel_editor=self.panel_editor or other.panel_editor,
            editors=self.editors | other.editors,
            issue_editor=self.issue_editor or other.issue_editor,
            pulls=self.pulls | other.pulls,
            recent_pulls=self.recent_pulls or other.recent_pulls,
            closer=self.closer or other.closer,
            branches=self.branches | other.branches,
            visibility=self.visibility or other.visibility,
            operations=self.operations | other.operations,
            by_hand=self.by_hand or other.by_hand,
            releases=self.releases | other.releases,
            comparisons=self.comparisons | other.comparisons,
            environments=self.environments | other.environments,
            refusals=self.refusals | other.refusals,
            deploy_runs=self.deploy_runs | other.deploy_runs,
            reports=self.reports or other.reports,
            merged_reports=self.merged_reports | other.merged_reports,
            pull_reviews=self.pull_reviews | other.pull_reviews,
            history=self.history or other.history,
            assignable=self.assignable | other.assignable,
        )


class Snapshot(Struct, frozen=True):
    """All that one pass knows.

    ``comments`` are ascending by id: those changed since the panel's checkpoint, or all without one.
    ``access`` maps a lower-case login to what GitHub said of it; ``others`` an issue number to that issue or
    None when there is none to be seen; ``events``, ``repository_labels``, ``panel_edit`` and ``issue_edit``
    are None until asked for, as are ``recent_pulls``, ``closer`` and ``visibility``; ``editors`` goes by
    comment; ``pulls`` maps a pull request to how it ended, ``branches`` a branch to whether it is there.
    ``operations`` is None until asked for; ``releases`` and ``environments`` go by service and by name,
    ``comparisons`` by base and head, ``deploy_runs`` by id (None: gone); ``refusals`` says of comments
    whether a 👎 on them is ours. ``now`` is GitHub's clock (its ``Date`` header), not the runner's.
    ``action_issues``: the issues of action items, where a sweep has listed them for all incidents.
    ``unsaid``: what was asked for and stays None because GitHub did not say: events, labels, operations,
    reports. ``budget``: what was left of the hour's requests; None: GitHub did not say. ``whole``:
    ``comments`` are all there are. ``assignable``: of whom GitHub told that they may be assigned, where
    it was asked about several; False leaves it open.
    """

    repository: Repository
    issue: Issue
    comments: tuple[Comment, ...]
    now: datetime
    panel: Comment | None = None
    access: Mapping[str, Access] = field(default_factory=dict)
    others: Mapping[int, OtherIssue | None] = field(default_factory=dict)
    events: tuple[IssueEvent, ...] | None = None
    repository_labels: frozenset[str] | None = None
    panel_edit: LastEdit | None = None
    editors: Mapping[int, LastEdit] = field(default_factory=dict)
    issue_edit: LastEdit | None = None
    pulls: Mapping[int, PullEnd] = field(default_factory=dict)
    recent_pulls: tuple[PullSeen, ...] | None = None
    closer: Closer | None = None
    branches: Mapping[str, bool] = field(default_factory=dict)
    visibility: Visibility | None = None
    operations: Mapping[str, Sighting] | None = None
    releases: Mapping[str, Releases] = field(default_factory=dict)
    comparisons: Mapping[tuple[str, str], Comparison] = field(default_factory=dict)
    environments: Mapping[str, EnvironmentSeen] = field(default_factory=dict)
    unsaid: frozenset[str] = frozenset()
    refusals: Mapping[int, bool] = field(default_factory=dict)
    deploy_runs: Mapping[int, DeployRun | None] = field(default_factory=dict)
    reports: int | None = None
    merged_reports: Mapping[ReportPlace, ReportSeen] = field(default_factory=dict)
    pull_reviews: Mapping[int, PullReviews] = field(default_factory=dict)
    budget: Budget | None = None
    whole: bool = False
    action_issues: tuple[Issue, ...] | None = None
    assignable: Mapping[str, bool] = field(default_factory=dict)

    def lacks(self, wants: Wants) -> Wants:
        """What of ``wants`` was not looked up yet. What was looked up and is not there is known: to be
        nothing.
        """
        operations = self.operations is None and "operations" not in self.unsaid
        return Wants(
            logins=frozenset(login.lower() for login in wants.logins) - self.access.keys(),
            issues=wants.issues - self.others.keys() - {self.issue.number},
            events=wants.events and self.events is None and "events" not in self.unsaid,
            labels=wants.labels and self.repository_labels is None and "labels" not in self.unsaid,
            panel_editor=wants.panel_editor and self.panel is not None and self.panel_edit is None,
            editors=wants.editors - self.editors.keys(),
            issue_editor=wants.issue_editor and self.issue_edit is None,
            pulls=wants.pulls - self.pulls.keys(),
            recent_pulls=wants.recent_pulls and self.recent_pulls is None,
            closer=wants.closer and self.closer is None,
            branches=wants.branches - self.branches.keys(),
            visibility=wants.visibility and self.visibility is None,
            operations=wants.operations if operations else frozenset(),
            by_hand=wants.by_hand and operations,
            releases=wants.releases - self.releases.keys(),
            comparisons=wants.comparisons - self.comparisons.keys(),
            environments=wants.environments - self.environments.keys(),
            refusals=wants.refusals - self.refusals.keys(),
            deploy_runs=wants.deploy_runs - self.deploy_runs.keys(),
            reports=wants.reports and self.reports is None and "reports" not in self.unsaid,
            merged_reports=wants.merged_reports - self.merged_reports.keys(),
            pull_reviews=wants.pull_reviews - self.pull_reviews.keys(),
            history=wants.history and not self.whole,
            assignable=wants.assignable - self.assignable.keys(),
        )
