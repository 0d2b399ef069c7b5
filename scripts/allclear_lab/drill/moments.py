"""What a drill leaves behind, as data: one Moment a step or sweep, and the Ending.
Shown by show.py and transcript.py.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from allclear.core.record.incident import Incident
from allclear_lab.drill.script import ScriptPerson, TimedScript, TimedStep
from allclear_lab.runner.step_runs import StepRun

PANEL = "<!-- allclear:panel "
_HIDDEN = re.compile(r"<!--.*?-->\n?", re.DOTALL)


def visible(body: str) -> str:
    """A bot comment without what GitHub does not show of it: hidden comments."""
    return _HIDDEN.sub("", body).strip()


@dataclass(frozen=True, slots=True)
class SeenComment:
    """A comment as it stood at that moment. ``login`` is "" for a deleted account;
    ``bot``: one of the engine's.
    """

    id: int
    login: str
    bot: bool
    body: str
    at: datetime
    reactions: tuple[str, ...] = ()

    @property
    def panel(self) -> bool:
        """Whether this is the status comment, which is shown apart."""
        return self.bot and self.body.startswith(PANEL)


@dataclass(frozen=True, slots=True)
class SeenChange:
    """Something else that changed on the issue: ``what`` is labeled, unlabeled, closed, reopened, assigned,
    unassigned, renamed, reacted, edited, deleted or pinned; ``text`` says which, on one line. ``login`` did
    it. ``where`` and ``body``: of a comment on another issue, which one, and the comment as it is written.
    """

    login: str
    bot: bool
    what: str
    text: str = ""
    where: str = ""
    body: str = ""


@dataclass(frozen=True, slots=True)
class Moment:
    """One step of the script, or one sweep (``timed`` None), and everything that came of it.

    ``changes`` are the person's own changes, ``answer`` the bot's; ``said`` and ``replies`` the new comments
    of both.
    ``panel`` is the status comment when it changed. ``missed`` names what the script expected and did not
    get.
    """

    at: datetime
    timed: TimedStep | None
    actor: ScriptPerson | None
    said: tuple[SeenComment, ...] = ()
    changes: tuple[SeenChange, ...] = ()
    replies: tuple[SeenComment, ...] = ()
    answer: tuple[SeenChange, ...] = ()
    panel: str = ""
    events: tuple[str, ...] = ()
    runs: tuple[StepRun, ...] = ()
    missed: tuple[str, ...] = ()

    @property
    def quiet(self) -> bool:
        """Whether nothing came of it that anybody would see: most sweeps."""
        return self.timed is None and not (self.replies or self.answer or self.panel or self.missed)


@dataclass(frozen=True, slots=True)
class SeenIssue:
    """The issue as it is: ``labels`` map a name to its colour (six hex digits)."""

    number: int
    title: str
    author: str
    body: str
    created_at: datetime
    state: str
    labels: Mapping[str, str]
    comments: tuple[SeenComment, ...]
    pinned: int | None = None
    assignees: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SeenOther:
    """Another issue than the incident: ``comments`` are their texts."""

    number: int
    title: str
    comments: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SeenReview:
    """A review of a pull request: ``state`` is approved, changes requested or commented."""

    login: str
    state: str
    body: str
    at: datetime


@dataclass(frozen=True, slots=True)
class SeenStatus:
    """What a check says of the newest commit: ``state`` is success, failure, pending or error."""

    context: str
    state: str
    words: str


@dataclass(frozen=True, slots=True)
class SeenPull:
    """The post-mortem's pull request. ``state``: open, merged or closed. ``reviewers`` have not answered."""

    number: int
    title: str
    body: str
    state: str
    branch: str
    reviewers: tuple[str, ...]
    comments: tuple[SeenComment, ...] = ()
    reviews: tuple[SeenReview, ...] = ()
    statuses: tuple[SeenStatus, ...] = ()

    @property
    def talk(self) -> tuple[SeenComment | SeenReview, ...]:
        """Comments and reviews in the order in which they came."""
        return tuple(sorted((*self.comments, *self.reviews), key=lambda one: one.at))


@dataclass(frozen=True, slots=True)
class Ending:
    """How it ended. ``report`` is the post-mortem's text at ``path`` (on the default branch once merged),
    ``front`` its
    front matter; ``metrics`` are minutes by name, None where a milestone is missing.
    """

    at: datetime
    issue: SeenIssue
    incident: Incident
    panel: str
    pull: SeenPull | None
    path: str
    report: str
    merged: bool
    metrics: Mapping[str, int | None]
    missed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DrillRecord:
    """A whole drill, played.
    ``zone`` is the IANA zone times are read in, ``colors`` those of the repository's labels.
    """

    play: TimedScript
    zone: str
    colors: Mapping[str, str]
    moments: tuple[Moment, ...]
    ending: Ending

    @property
    def missed(self) -> tuple[str, ...]:
        """Everything that was not as the script expects, in order."""
        return (*(miss for moment in self.moments for miss in moment.missed), *self.ending.missed)

    @property
    def runs(self) -> tuple[StepRun, ...]:
        """Every door run of the drill."""
        return tuple(run for moment in self.moments for run in moment.runs)
