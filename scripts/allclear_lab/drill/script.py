"""The script of a drill: who says what, and when. One YAML file;
an unknown word in it is an error with its line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from difflib import get_close_matches
from itertools import pairwise
from typing import Any, Literal

from pydantic import Field, ValidationError

from allclear.core.model.frozen import Frozen
from allclear.core.model.times import Duration, parse_duration, utc
from allclear.core.policy.settings import login_like
from allclear_lab.drill.outline import Outline, Place, ScriptError, read_outline
from allclear_lab.drill.steps import (
    CommentStep,
    DeleteStep,
    EditStep,
    FormStep,
    OpenStep,
    ReactStep,
    Step,
    Texts,
    WaitStep,
)

_CLOCK = re.compile(r"(?:(\d{4}-\d{2}-\d{2})[ T])?([01]?\d|2[0-3]):([0-5]\d)")
LONGEST = timedelta(days=14)
"""A drill ends within two weeks of simulated time: every ten minutes of it are one run of the sweep."""


class ScriptPerson(Frozen):
    """Somebody in the drill.
    ``role`` is the role in the repository, ``titles`` are the runbook's (DevOps, CEO).
    """

    login: str
    name: str = ""
    role: Literal["none", "read", "triage", "write", "maintain", "admin"] = "none"
    titles: Texts = ()


class ExpectedEnd(Frozen):
    """How the incident has to end; what is left out is not looked at. ``file`` is on the default branch,
    ``report``
    are texts in it, ``metrics`` are minutes.
    """

    stage: Literal["nothing", "report", "open", "dismissed", "duplicate", "closed"] | None = None
    issue: Literal["open", "closed"] | None = None
    severity: str | None = None
    status: str | None = None
    labels: Texts = ()
    lacks: Texts = ()
    pull_request: Literal["none", "open", "merged", "closed"] | None = None
    file: str | None = None
    report: Texts = ()
    roles: dict[str, str] = Field(default_factory=dict)
    responders: Texts = ()
    metrics: dict[Literal["detection", "acknowledgement", "mitigation", "resolution"], int] = Field(
        default_factory=dict
    )


class ScriptRelease(Frozen):
    """A release that was deployed before the drill: a commit by ``who`` that says ``text``, and how the
    version behaves. ``path`` is the file it changed. ``errors`` are percent, ``p95`` are seconds.
    """

    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,40}$")
    at: datetime
    who: str
    text: str
    path: str = "app.txt"
    healthy: bool = True
    errors: float = 0.02
    p95: float = 0.4


class ScriptProduction(Frozen):
    """What runs, and who approves changes to it. The last of the ``releases`` is current.

    The service is real and answers on the loopback interface; ``{production}`` in the settings is its
    address. Its deploy program, ``python3 deploy.py {production} {target}``, lies in the checkout.
    """

    environment: str = "production"
    reviewers: Texts = ()
    releases: tuple[ScriptRelease, ...] = Field(min_length=1)


class Script(Frozen):
    """A whole drill.
    ``settings`` is what ``.github/allclear.yml`` holds beside the people, who come from the cast.
    """

    title: str
    about: str = ""
    start: datetime
    repository: str = Field(default="acme/shop", pattern=r"^[A-Za-z0-9-]{1,39}/[A-Za-z0-9._-]{1,100}$")
    sweep: Duration = Field(default=timedelta(minutes=10), ge=timedelta(minutes=1))
    settings: dict[str, Any] = Field(default_factory=dict)
    people: tuple[ScriptPerson, ...] = Field(min_length=1)
    production: ScriptProduction | None = None
    steps: tuple[Step, ...] = Field(min_length=1)
    end: ExpectedEnd = ExpectedEnd()


@dataclass(frozen=True, slots=True)
class TimedStep:
    """One step with its number (1-based), its time (UTC) and the line of the script where it stands."""

    number: int
    at: datetime
    line: int
    step: Step


@dataclass(frozen=True, slots=True)
class TimedScript:
    """A script that can be played. ``path`` and ``outline`` are for naming places in it."""

    path: str
    script: Script
    timed_steps: tuple[TimedStep, ...]
    outline: Outline

    def actor(self, login: str) -> ScriptPerson:
        """The person of that login; everybody that a step names is in the cast."""
        return next(actor for actor in self.script.people if actor.login == login)


def read_script(text: str, path: str, longest: timedelta = LONGEST) -> TimedScript:
    """Read a script. ``path`` is its name in errors, ``longest`` how long it may last.

    Raises ScriptError with one line per mistake, each naming file, line and what to write instead.
    """
    outline = read_outline(text, path)
    try:
        script = Script.model_validate(outline.source.value)
    except ValidationError as error:
        raise ScriptError([_told(outline, mistake) for mistake in error.errors()]) from error
    wrong = [*_cast(script, outline), *_references(script, outline), *_history(script, outline)]
    times, late = _times(script, outline, longest)
    if wrong or late:
        raise ScriptError([*wrong, *late])
    timed_steps = tuple(
        TimedStep(number, at, outline.line("steps", number - 1), step)
        for number, (at, step) in enumerate(zip(times, script.steps, strict=True), start=1)
    )
    return TimedScript(path, script, timed_steps, outline)


def _told(outline: Outline, mistake: Any) -> str:
    """A mistake that pydantic found, for people."""
    place = mistake["loc"]
    name = str(place[-1]) if place else "the script"
    if mistake["type"] == "extra_forbidden":
        siblings = outline.known(Script, place)
        near = get_close_matches(name, siblings, 1)
        fix = f"did you mean `{near[0]}`?" if near else f"known here: {', '.join(siblings)}"
        return outline.say(place, f"`{name}` is not known; {fix}")
    if mistake["type"] == "missing":
        return outline.say(place[:-1], f"`{name}` is missing; write `{name}: …`")
    if mistake["type"] == "union_tag_invalid":
        return outline.say(
            (*place, "does"),
            f"nobody can `{mistake['ctx']['tag']}`; write one of {mistake['ctx']['expected_tags']}",
        )
    if mistake["type"] == "union_tag_not_found":
        return outline.say(place, "a step needs `does: …`, such as `does: comment`")
    words = mistake["msg"].removeprefix("Value error, ")
    return outline.say(place, f"`{name}`: {words[0].lower()}{words[1:]}")


def _cast(script: Script, outline: Outline) -> list[str]:
    logins = [actor.login for actor in script.people]
    wrong = []
    for index, login in enumerate(logins):
        if not login_like(login):
            wrong.append(
                outline.say(
                    ("people", index, "login"), f"{login!r} is not a GitHub login; write it without the @"
                )
            )
        if login in logins[:index]:
            wrong.append(
                outline.say(("people", index, "login"), f"{login!r} is there twice; each person once")
            )
    for place, who in _named(script):
        if who not in logins:
            near = get_close_matches(who, logins, 1)
            fix = f"did you mean `{near[0]}`?" if near else f"the people are {', '.join(logins)}"
            wrong.append(outline.say(place, f"nobody is called `{who}`; {fix}"))
    return wrong


def _named(script: Script) -> Iterator[tuple[Place, str]]:
    """Everybody whom the script names, and where."""
    for index, step in enumerate(script.steps):
        if who := getattr(step, "who", ""):
            yield ("steps", index, "who"), who
    if script.production is not None:
        for index, release in enumerate(script.production.releases):
            yield ("production", "releases", index, "who"), release.who
        for who in script.production.reviewers:
            yield ("production", "reviewers"), who


def _references(script: Script, outline: Outline) -> list[str]:
    """``of`` names an earlier comment; the issue is opened before anything happens on it, and once."""
    wrong, named, opened = [], set[str](), False
    for index, step in enumerate(script.steps):
        if isinstance(step, OpenStep | FormStep):
            if opened:
                wrong.append(
                    outline.say(
                        ("steps", index, "does"), "one drill is one incident; take the second opening out"
                    )
                )
            opened = True
        elif not opened and not isinstance(step, WaitStep):
            wrong.append(
                outline.say(
                    ("steps", index, "does"), "nothing is open yet; begin with `does: open` or `does: form`"
                )
            )
            opened = True
        if isinstance(step, EditStep | DeleteStep | ReactStep) and step.of not in named:
            wrong.append(outline.say(("steps", index, "of"), f"no earlier comment has `id: {step.of}`"))
        if isinstance(step, CommentStep) and step.id:
            named.add(step.id)
    return wrong


def _history(script: Script, outline: Outline) -> Iterator[str]:
    """Releases come one after the other, and before the drill begins."""
    if script.production is None:
        return
    times = [utc(release.at) for release in script.production.releases]
    for index, (at, after) in enumerate(pairwise([*times, utc(script.start)])):
        if at >= after:
            what = "the drill's start" if index == len(times) - 1 else "the release below it"
            yield outline.say(
                ("production", "releases", index, "at"), f"this is not before {what}; the oldest comes first"
            )


def _times(script: Script, outline: Outline, longest: timedelta) -> tuple[list[datetime], list[str]]:
    now, times, wrong = utc(script.start), list[datetime](), list[str]()
    for index, step in enumerate(script.steps):
        try:
            now = _next(now, step.at)
        except ValueError as error:
            wrong.append(outline.say(("steps", index, "at"), str(error)))
        times.append(now)
    backwards = [later for earlier, later in pairwise([utc(script.start), *times]) if later < earlier]
    if backwards:
        where = times.index(backwards[0])
        wrong.append(
            outline.say(("steps", where, "at"), "this is before the step above it; time only goes on")
        )
    if times[-1] - utc(script.start) > longest:
        wrong.append(
            outline.say(("steps", len(times) - 1, "at"), f"a drill lasts {longest.days} days at most")
        )
    return times, wrong


def _next(now: datetime, at: str) -> datetime:
    if at.startswith("+"):
        try:
            return now + timedelta(seconds=parse_duration(at[1:]).total_seconds())
        except (ValueError, OverflowError):
            raise ValueError(f"{at!r} is not a time; write +3m, 14:05 or 2025-10-20 09:00") from None
    clock = _CLOCK.fullmatch(at.strip())
    if clock is None:
        raise ValueError(f"{at!r} is not a time; write +3m, 14:05 or 2025-10-20 09:00")
    day, hour, minute = clock.groups()
    try:
        on = date.fromisoformat(day) if day else now.date()
    except ValueError:
        raise ValueError(f"{day!r} is not a date; write it as 2025-10-20") from None
    return datetime(on.year, on.month, on.day, int(hour), int(minute), tzinfo=UTC)
