"""plan() in memory: its questions are answered from what a test says there is."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from allclear.core.conversation.command import Policy
from allclear.core.model.asking import Asking, drive
from allclear.core.model.people import UNKNOWN
from allclear.core.model.pull_reviews import PullReviews
from allclear.core.model.release import Comparison, EnvironmentSeen, Releases
from allclear.core.model.report_seen import ReportSeen
from allclear.core.model.snapshot import Closer, LastEdit, PullEnd, Snapshot, Wants
from allclear.core.model.structs import replace
from allclear.core.plan.plan import Plan, plan
from allclear.core.production.recent_changes import RecentHistory

T = TypeVar("T")
LookUp = Callable[[Snapshot, Wants], Snapshot]


def nothing_more(snapshot: Snapshot, wants: Wants) -> Snapshot:
    """What is not in the snapshot is not to be found, and of people GitHub does not say what they may do."""
    edit = LastEdit(None, snapshot.now)
    nowhere = EnvironmentSeen(exists=False, known=False)
    return replace(
        snapshot,
        access={**snapshot.access, **dict.fromkeys(wants.logins, UNKNOWN)},
        others={**snapshot.others, **dict.fromkeys(wants.issues)},
        events=() if wants.events else snapshot.events,
        repository_labels=frozenset() if wants.labels else snapshot.repository_labels,
        editors={**snapshot.editors, **{number: _untouched(snapshot, number) for number in wants.editors}},
        issue_edit=LastEdit(snapshot.issue.author, snapshot.issue.created_at)
        if wants.issue_editor
        else snapshot.issue_edit,
        panel_edit=edit if wants.panel_editor else snapshot.panel_edit,
        pulls={**snapshot.pulls, **dict.fromkeys(wants.pulls, PullEnd())},
        recent_pulls=() if wants.recent_pulls else snapshot.recent_pulls,
        closer=Closer(known=False) if wants.closer else snapshot.closer,
        visibility="unknown" if wants.visibility else snapshot.visibility,
        branches={**snapshot.branches, **dict.fromkeys(wants.branches, False)},
        operations={} if wants.operations or wants.by_hand else snapshot.operations,
        releases={**snapshot.releases, **dict.fromkeys(wants.releases, Releases(None, (), known=False))},
        comparisons={**snapshot.comparisons, **dict.fromkeys(wants.comparisons, Comparison(known=False))},
        environments={**snapshot.environments, **dict.fromkeys(wants.environments, nowhere)},
        refusals={**snapshot.refusals, **dict.fromkeys(wants.refusals, False)},
        deploy_runs={**snapshot.deploy_runs, **dict.fromkeys(wants.deploy_runs)},
        reports=0 if wants.reports else snapshot.reports,
        pull_reviews={**snapshot.pull_reviews, **dict.fromkeys(wants.pull_reviews, PullReviews(known=False))},
        merged_reports={
            **snapshot.merged_reports,
            **{place: ReportSeen(place.path, known=False) for place in wants.merged_reports},
        },
        whole=snapshot.whole or wants.history,
        assignable={**snapshot.assignable, **dict.fromkeys(wants.assignable, False)},
    )


def _untouched(snapshot: Snapshot, number: int) -> LastEdit:
    """Edited by its author, if by anybody."""
    author = next((one.author for one in snapshot.comments if one.id == number), None)
    return LastEdit(author, snapshot.now)


def no_questions(_snapshot: Snapshot, wants: Wants) -> Snapshot:
    """For a snapshot that holds everything."""
    raise AssertionError(f"asked for {wants}")


def driven(asking: Asking[T], snapshot: Snapshot, look_up: LookUp = nothing_more) -> T:
    """What was decided, with the questions answered."""
    return drive(asking, snapshot, look_up)


def planned(
    snapshot: Snapshot,
    policy: Policy,
    look_up: LookUp = nothing_more,
    *,
    news: bool = False,
    history: RecentHistory | None = None,
) -> Plan:
    """The plan for a snapshot."""
    return drive(plan(snapshot, policy, news=news, history=history), snapshot, look_up)


def questions(snapshot: Snapshot, policy: Policy, *, news: bool = False) -> list[Wants]:
    """What plan() asks for on its way, when nothing of it is to be found."""
    asked: list[Wants] = []

    def noted(seen: Snapshot, wants: Wants) -> Snapshot:
        asked.append(wants)
        return nothing_more(seen, wants)

    planned(snapshot, policy, noted, news=news)
    return asked
