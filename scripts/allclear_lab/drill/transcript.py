"""The drill as one HTML page: the issue's conversation as GitHub shows it. One file, no request."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import frontmatter
import yaml
from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup

from allclear.core.model.neutral import plain
from allclear.core.model.times import in_minutes, whole_minutes, zone
from allclear.core.postmortem.timeline import MILESTONES
from allclear_lab.drill.expectations import was_refused
from allclear_lab.drill.markup import to_html
from allclear_lab.drill.moments import (
    DrillRecord,
    Moment,
    SeenChange,
    SeenComment,
    SeenPull,
    SeenReview,
    visible,
)
from allclear_lab.drill.player import SERVER
from allclear_lab.drill.terminal import FACES, WORDS, ink, span
from allclear_lab.runner.step_runs import told_runs

BOT = "allclear"


def page(record: DrillRecord) -> str:
    """The whole page. The same record gives the same bytes."""
    return _template("transcript.html.j2").render(_TranscriptPage(record).values())


def panel_page(panel: str, record: DrillRecord) -> str:
    """A page with nothing but one panel on it, for a picture."""
    return _template("panel.html.j2").render(panel=_TranscriptPage(record).html(visible(panel)))


def pull_request_page(pull: SeenPull, record: DrillRecord) -> str:
    """A page with nothing but a pull request on it, for a picture."""
    return _template("pull_page.html.j2").render(pull=_TranscriptPage(record).pull(pull))


def _template(name: str) -> Template:
    loader = PackageLoader("allclear_lab.drill", "")
    environment = Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.get_template(name)


def address(target: str, comments: frozenset[int]) -> str:
    """Where a link leads on this page: to its comment, pull request or report;
    elsewhere only by http(s); else "".
    """
    if target.startswith(f"{SERVER}/"):
        parts = urlsplit(target)
        number = parts.fragment.removeprefix("issuecomment-")
        if number.isdigit():
            return f"#c{number}" if int(number) in comments else ""
        places = {
            "pull": "#pull",
            "blob": "#report",
            "tree": "#report",
            "compare": "#report",
            "issues": "#top",
        }
        pieces = parts.path.split("/")
        return places.get(pieces[3], "") if len(pieces) > 3 else ""
    return target if target.startswith(("https://", "http://")) else ""


class _TranscriptPage:
    """What the template shows, as plain values and ready HTML."""

    def __init__(self, record: DrillRecord) -> None:
        self._record = record
        self._zone: ZoneInfo = zone(record.zone)
        self._people = {actor.login: index for index, actor in enumerate(record.play.script.people)}
        said = [one for moment in record.moments for one in (*moment.said, *moment.replies)]
        self._address = partial(address, comments=frozenset(one.id for one in said))

    def html(self, text: str, *, trusted: bool = True, comment: bool = True, diagram: str = "") -> Markup:
        """Rendered Markdown. The renderer escapes everything that people wrote."""
        rendered = to_html(text, address=self._address, trusted=trusted, comment=comment, diagram=diagram)
        return Markup(rendered)  # noqa: S704 - made by our renderer, which lets no foreign tag through

    def values(self) -> Mapping[str, Any]:
        """Everything the template names."""
        record, ending = self._record, self._record.ending
        script = record.play.script
        reads, writes = sum(run.reads for run in record.runs), sum(run.writes for run in record.runs)
        return {
            "title": plain(ending.issue.title),
            "number": ending.issue.number,
            "state": ending.issue.state,
            "repository": script.repository,
            "about": plain(script.about),
            "script": plain(script.title),
            "day": f"{script.start.astimezone(self._zone):%A, %d %B %Y}",
            "zone": record.zone,
            "labels": [self._label(name) for name in ending.issue.labels],
            "people": [self._person(actor.login) for actor in script.people],
            "panel": self.html(visible(ending.panel)),
            "metrics": [(name, span(value)) for name, value in ending.metrics.items()],
            "figures": [
                ("comments", sum(len(moment.said) for moment in record.moments)),
                ("replies", sum(len(moment.replies) for moment in record.moments)),
                ("runs", len({run.run_id for run in record.runs})),
                ("requests", f"{reads} + {writes}"),
            ],
            "milestones": self._milestones(),
            "rows": self._rows(),
            "missed": [plain(missed) for missed in record.missed],
            "pull": self.pull(record.ending.pull) if record.ending.pull else None,
            "report": self._report(),
        }

    def _label(self, name: str) -> dict[str, str]:
        color = self._record.colors.get(name, "ededed")
        return {"name": plain(name), "color": f"#{color}", "ink": ink(color)}

    def _person(self, login: str) -> dict[str, Any]:
        index = self._people.get(login)
        if index is None:
            return {
                "login": login.removesuffix("[bot]") or "ghost",
                "name": "",
                "role": "",
                "titles": "",
                "initials": "✓",
                "hue": None,
            }
        actor = self._record.play.script.people[index]
        words = plain(actor.name).split() or [login]
        initials = "".join(word[0] for word in (words[0], *words[1:][-1:])).upper()
        titles = plain(", ".join(actor.titles))
        role = "no role" if actor.role == "none" else actor.role
        return {
            "login": login,
            "name": plain(actor.name),
            "role": role,
            "titles": titles,
            "initials": initials,
            "hue": index * 137 % 360,
        }

    def _milestones(self) -> list[dict[str, str]]:
        """The milestones that were reached, in the order of time, each
        with what has passed since the one before.
        """
        incident = self._record.ending.incident
        reached = sorted(
            (at, title) for milestone, title in MILESTONES.items() if (at := incident.reached(milestone))
        )
        order = list(MILESTONES.values())
        reached.sort(key=lambda pair: (pair[0], order.index(pair[1])))
        rows, before = [], None
        for at, title in reached:
            passed = f"+{in_minutes(at - before)}" if before and whole_minutes(at - before) else ""
            rows.append({"title": title, "time": self._clock(at), "passed": passed})
            before = at
        return rows

    def _rows(self) -> list[dict[str, Any]]:
        """The conversation; sweeps in which nothing happened are one line together."""
        rows: list[dict[str, Any]] = []
        quiet: list[Moment] = []
        day = self._record.play.script.start.astimezone(self._zone).date()
        for moment in self._record.moments:
            if moment.quiet:
                quiet.append(moment)
                continue
            if quiet:
                rows.append(self._quiet(quiet))
                quiet = []
            today = moment.at.astimezone(self._zone).date()
            rows.append(self._row(moment, f"{today:%A, %d %B}" if today != day else ""))
            day = today
        return [*rows, self._quiet(quiet)] if quiet else rows

    def _quiet(self, sweeps: Sequence[Moment]) -> dict[str, Any]:
        first, last = self._clock(sweeps[0].at), self._clock(sweeps[-1].at)
        count = f"{len(sweeps)} sweeps, {first} to {last}" if len(sweeps) > 1 else f"1 sweep, {first}"
        return {"kind": "quiet", "text": f"{count}: nothing was due"}

    def _row(self, moment: Moment, day: str) -> dict[str, Any]:
        step = moment.timed.step if moment.timed else None
        reads, writes = sum(run.reads for run in moment.runs), sum(run.writes for run in moment.runs)
        doors = told_runs(moment.runs, events=True)
        return {
            "kind": "step",
            "day": day,
            "number": moment.timed.number if moment.timed else 0,
            "time": self._clock(moment.at),
            "who": self._person(moment.actor.login) if moment.actor else None,
            "sweep": moment.timed is None,
            "passes": moment.timed is not None and moment.actor is None,
            "note": plain(step.note) if step else "",
            "title": plain(getattr(step, "title", "")),
            "said": [self._said(said) for said in moment.said],
            "changes": [self._change(change) for change in moment.changes],
            "replies": [self._said(reply) for reply in moment.replies],
            "answer": [self._change(change) for change in moment.answer],
            "panel": bool(moment.panel),
            "refused": was_refused(moment),
            "events": len(moment.events),
            "doors": doors,
            "reads": reads,
            "writes": writes,
            "missed": [plain(missed) for missed in moment.missed],
        }

    def _said(self, said: SeenComment) -> dict[str, Any]:
        body = visible(said.body) if said.bot else said.body
        return {
            "id": said.id,
            "who": BOT if said.bot else said.login,
            "time": self._clock(said.at),
            "html": self.html(body, trusted=said.bot) if body.strip() else "",
        }

    def _change(self, change: SeenChange) -> dict[str, Any]:
        label = self._label(change.text) if change.what in ("labeled", "unlabeled") else None
        text = FACES.get(change.text, change.text) if change.what == "reacted" else plain(change.text)
        return {"what": change.what, "label": label, "text": f"{WORDS.get(change.what, '')} {text}".strip()}

    def pull(self, pull: SeenPull) -> dict[str, Any]:
        """A pull request, as the template of it shows it."""
        return {
            "number": pull.number,
            "title": plain(pull.title),
            "state": pull.state,
            "branch": pull.branch,
            "reviewers": [self._person(login) for login in pull.reviewers],
            "html": self.html(visible(pull.body)),
            "statuses": pull.statuses,
            "talk": [self._said_about(one) for one in pull.talk],
        }

    def _said_about(self, said: SeenComment | SeenReview) -> dict[str, Any]:
        words = visible(said.body)
        bot = isinstance(said, SeenComment) and said.bot
        return {
            "login": "allclear" if bot else plain(said.login),
            "bot": bot,
            "did": said.state if isinstance(said, SeenReview) else "commented",
            "time": self._clock(said.at),
            "html": self.html(words, trusted=bot) if words else "",
        }

    def _report(self) -> dict[str, Any] | None:
        """The post-mortem:
        its front matter as text, its body rendered, our own timeline in place of the diagram.
        """
        ending = self._record.ending
        if not ending.report:
            return None
        read = frontmatter.loads(ending.report)
        front = yaml.safe_dump(read.metadata, sort_keys=False, allow_unicode=True, width=100)
        drawn = (
            '<p class="diagram">The diagram GitHub draws here is the timeline at the top of this page.</p>'
        )
        return {
            "path": ending.path,
            "merged": ending.merged,
            "front": front,
            "html": self.html(read.content, comment=False, diagram=drawn),
        }

    def _clock(self, moment: datetime) -> str:
        return moment.astimezone(self._zone).strftime("%H:%M")
