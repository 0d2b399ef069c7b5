"""The templates, filled in for incidents of every kind before there is one: what cannot be rendered is found
then.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from difflib import get_close_matches
from typing import get_args

from msgspec import Struct

from allclear.core.calendar.recurrence import Recurrence
from allclear.core.conversation.command import Policy
from allclear.core.conversation.notices import Audience
from allclear.core.language.fields import Block
from allclear.core.model.errors import TextError
from allclear.core.model.milestones import IncidentKind
from allclear.core.model.neutral import code, cut
from allclear.core.model.operation import Smoke, SmokeLine
from allclear.core.model.people import Person
from allclear.core.model.snapshot import Repository
from allclear.core.model.stored import read_values
from allclear.core.model.structs import replace
from allclear.core.plan.routine_issue import RoutineIssue, RoutineMarker, Turn
from allclear.core.plan.routines import Opening, PublishedIncident, routine_values
from allclear.core.policy.routine import Routine, RoutineStep
from allclear.core.postmortem.document import TEMPLATE, document_values, pull_request_values
from allclear.core.postmortem.recorded_report import record
from allclear.core.production.hotfix import body_values
from allclear.core.record.audit import Adopted
from allclear.core.record.entry import Entry
from allclear.core.record.facts import Fact
from allclear.core.record.findings import Found, ImpactSet
from allclear.core.record.fold import fold
from allclear.core.record.incident import Incident, Stage
from allclear.core.record.life import (
    Cleared,
    Declared,
    Dismissed,
    Duplicated,
    Joined,
    Reopened,
    Reported,
    StatusSet,
)
from allclear.core.record.people import Acknowledged, RoleSet
from allclear.core.record.postmortem import PostmortemOpened, PostmortemPublished
from allclear.core.record.production import (
    HotfixAsked,
    HotfixMerged,
    HotfixOpened,
    OperationAsked,
    OperationEnded,
)
from allclear.core.record.progress import ActionAdded, Flagged, Updated
from allclear.core.view.panel import panel_values
from allclear.core.view.reply import MARKS, SIGNS, Notice, Said, answer_values, notice_values

SOME_DAY = datetime(2025, 10, 19, 14, 2, tzinfo=UTC)
DAY = timedelta(days=1)
ADA, BOB = Person(id=1, login="ada"), Person(id=2, login="bob")
HERE = Repository(1, "acme/shop", "https://github.com/acme/shop")
ISSUE = "https://github.com/acme/shop/issues/1"

_MEND = "Mend what stands between its braces."

Values = Mapping[str, object]


class BrokenTemplate(Struct, frozen=True):
    """A file of ``templates/`` that cannot be rendered: ``why``, with what to do, and its ``line``, from
    1. ``missing``: it is not there. ``document``: a post-mortem is written in it.
    """

    name: str
    line: int
    why: str
    missing: bool = False
    document: bool = False


def broken_templates(
    policy: Policy, names: Collection[str] = (), *, severities: int | None = None
) -> Iterator[BrokenTemplate]:
    """Every template that cannot be rendered, in the order in which they are met, each once; only these
    ``names`` when there are any. ``severities``: for incidents of so many, the worst first; of all without.
    """
    for name, samples in _samples(policy, severities):
        if names and name not in names:
            continue
        filled, missing = list(samples), False
        try:
            why, line = _unknown(name, filled[0], policy)
            for values in () if why else filled:
                policy.renderer.file(name, values)
        except TextError as error:
            missing, line = error.message == f"the template {name} is not there", error.line
            why = f"this template cannot be rendered: {cut(error.message, 200)}. {_MEND}"
        if why:
            why = "this template does not exist; `allclear init` writes the usual one." if missing else why
            yield BrokenTemplate(name, line or 1, why, missing, name == TEMPLATE)


def _unknown(name: str, known: Values, policy: Policy) -> tuple[str, int]:
    """A name in the template that stands for nothing, also where no sample comes to it, and its line."""
    for one, line in policy.renderer.file_names(name).items():
        if one not in known:
            near = get_close_matches(one, known, 1)
            hint = (
                f"did you mean {code(near[0])}?"
                if near
                else f"there are {cut(', '.join(sorted(known)), 200)}."
            )
            return f"{code(one)} is not a value of this template; {hint}", line
    return "", 0


def _samples(policy: Policy, severities: int | None) -> Iterator[tuple[str, Iterable[Values]]]:
    """Each template with values that take every turn in it."""
    yield "answer.md.j2", map(answer_values, _answers())
    yield "notice.md.j2", (notice_values(one, policy.zone, SOME_DAY + DAY) for one in _notices())
    incidents = list(_incidents(policy, severities))
    yield "panel.md.j2", (one for incident in incidents for one in _panels(incident, policy))
    told = [one for one in incidents if one.stage not in (Stage.REPORT, Stage.DISMISSED)]
    documents = [(one, _document(one, policy)) for one in told]
    reviewed = [(one, {**values, **_review()}) for one, values in documents[:1]]
    documents += reviewed
    yield TEMPLATE, (values for _, values in documents)
    pulls = (pull_request_values(values, "x.md", one, policy.runbook) for one, values in documents)
    yield "pull_request.md.j2", pulls
    yield "hotfix.md.j2", (body_values(one, "hotfix/incident-1", "main", ISSUE) for one in told)
    yield "routine.md.j2", _routines(policy)


def _answers() -> Iterator[Said]:
    for mark in MARKS:
        for call in ("", "/ack"):
            yield from (Said("c1.0", call, "ada", mark, say) for say in ("a", "a\nb"))


def _notices() -> Iterator[Notice]:
    kinds: tuple[IncidentKind, ...] = ("real", "drill", "retro")
    to = ((("ada",), (), ""), ((), ("DevOps",), ""), (("ada",), ("DevOps", "CEO"), ""), ((), (), "Nobody."))
    for kind in kinds:
        for action in SIGNS:
            for people, names, instead in to:
                for late, form in ((timedelta(), ""), (DAY, "form")):
                    yield Notice(
                        "t:1", "Title", "text", people, names, SOME_DAY, late, action, form, kind, instead
                    )


def _panels(incident: Incident, policy: Policy) -> Iterator[Values]:
    """The panel when all is well, and with everything that may be wrong."""
    for lines, keys in (((), policy.keys), (("Something is wrong.",), None)):
        values = panel_values(
            incident,
            policy.runbook,
            policy.settings,
            zone=policy.zone,
            repository=HERE,
            issue_url=ISSUE,
            trouble=lines,
            waiting=lines,
            broken=lines,
            keys=keys,
        )
        yield values | {"shortened": bool(lines)}


def _review() -> Values:
    """What a runbook may ask for after an incident, all of it."""
    parts: tuple[tuple[str, ...], ...] = ((), ("What went well",))
    return {
        "sections": [
            {"id": "own", "heading": "Heading", "block": block, "parts": asked}
            for block in get_args(Block)
            for asked in parts
        ],
        "meeting": {"time": "", "attendees": ["Manager"], "agenda": ["Overview"]},
        "horizons": [("soon", "3 days", "Fixes"), ("later", "3 months", "")],
    }


def _routines(policy: Policy) -> Iterator[Values]:
    """Issues of a routine with everything that they may say, and with nothing of it."""
    step = RoutineStep(text="Look at the alerts", parts=("All of them",), run="restart")
    turn = Turn(due=SOME_DAY, since=SOME_DAY)
    rich = Routine(
        id="daily",
        title="Daily checks",
        every=Recurrence.parse("daily 09:00"),
        open=tuple(one.id for one in policy.runbook.severities),
        to=("DevOps",),
        steps=(step, replace(step, run="", optional=True)),
    )
    bare = replace(rich, open=(), steps=())
    marker = RoutineMarker(name="daily", turn=turn)
    late = (RoutineIssue(1, "Daily checks", ISSUE, True, marker),)
    after = PublishedIncident(1, "Checkout is down", ISSUE, policy.runbook.severities[0].id, SOME_DAY)
    found = Audience(("ada",), ("DevOps",), "Nobody else.")
    for opening, reached, incidents in (
        (Opening(rich, marker, SOME_DAY + DAY, after, late), found, None),
        (Opening(rich, marker, SOME_DAY + DAY, overdue=late * 2), Audience((), ()), ()),
        (Opening(bare, marker, SOME_DAY + DAY), found, ()),
    ):
        yield routine_values(opening, reached, incidents, policy, HERE)


def _document(incident: Incident, policy: Policy) -> Values:
    bots = frozenset(policy.settings.bots)
    front = record(incident, policy.runbook, repository=HERE.name, bots=bots, now=SOME_DAY)
    return document_values(
        incident,
        policy.runbook,
        front,
        settings=policy.settings,
        zone=policy.zone,
        issue_url=ISSUE,
        now=SOME_DAY + DAY,
    )


def _incidents(policy: Policy, severities: int | None) -> Iterator[Incident]:
    """Incidents of every severity on every way that the templates tell of."""
    yield _told(policy, Reported(title="Checkout is slow"))
    yield _told(policy, Reported(title="Checkout is slow"), Dismissed(why="It is not"))
    for severity in policy.runbook.severities[:severities]:
        bare, asked = _declared(severity.id, policy), _declared(severity.id, policy, asked=True)
        rich = _declared(severity.id, policy, services=("web",), detected_by="an alert")
        yield _told(policy, asked)
        yield _told(policy, bare, Duplicated(of=2))
        yield _told(
            policy, _declared(severity.id, policy, kind="drill"), HotfixAsked(text="", commit="a" * 40)
        )
        yield _told(policy, _declared(severity.id, policy, kind="retro"), Cleared(text="Rolled back"))
        yield _told(policy, rich, *_rich(policy))
        yield _told(policy, rich, *_rich(policy), *_ending())
        yield _told(policy, bare, Cleared(override="We go home"), Reopened(why="It is back"), Reopened())


def _declared(severity: str, policy: Policy, **more: object) -> Fact:
    runbook = policy.runbook
    said = {"severity": severity, "title": "Checkout is down", "started": SOME_DAY - DAY} | more
    return read_values(Declared, said | {"runbook": runbook.name, "runbook_hash": runbook.hash})


def _rich(policy: Policy) -> Iterator[Fact]:
    """Everything that may happen to an open incident."""
    runbook = policy.runbook
    yield Adopted(heads=(), count=0)
    yield Acknowledged(by=BOB)
    yield from (RoleSet(role=role.id, person=ADA) for role in runbook.roles)
    yield from (Flagged(flag=flag) for flag in runbook.flags)
    yield ImpactSet(users=1500, revenue="$45000", text="Nobody can pay")
    yield Found(root_cause="A lock", evidence="line 1\nline 2", proposed_fix="Roll back")
    yield Joined(issue=3)
    yield ActionAdded(text="Add an alert", owner=BOB, due="2026-12-01")
    yield Updated(text="Rolling back", next="Watch it", eta="15:00")
    yield HotfixAsked(text="Release the lock", service="web", commit="a" * 40)
    yield HotfixOpened(branch="hotfix/incident-1", base="main", url="https://github.com/x", pull=4)
    failed = Smoke(lines=(SmokeLine(name="home", outcome="fail"),))
    for kind in ("rollback", "smoke", "evidence"):
        order = {"op": f"{kind}-1", "kind": kind, "service": "web", "target": "v1"}
        yield read_values(OperationAsked, order)
        smoke = failed if kind == "smoke" else None
        yield OperationEnded(op=f"{kind}-1", outcome="done", url="https://github.com/run", smoke=smoke)
    yield from (StatusSet(to=state.id) for state in runbook.states if state.reaches == "mitigated")


def _ending() -> Iterator[Fact]:
    yield HotfixMerged(at=SOME_DAY)
    yield Cleared(override="We go home", open_gates=("verification",))
    yield PostmortemOpened(path="x.md", branch="b", url="https://github.com/y", pull=5)
    yield PostmortemPublished(at=SOME_DAY)


def _told(policy: Policy, *facts: Fact) -> Incident:
    entry = Entry(key="declare", what="declare", at=SOME_DAY, by=ADA, facts=facts)
    return fold(1, (entry,), policy.runbook)
