"""The drill on a terminal: the conversation as it grows, then how it ended.
Colours only where they can be seen.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.markdown import Markdown
from rich.padding import Padding
from rich.panel import Panel
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.rule import Rule
from rich.segment import Segment
from rich.table import Table
from rich.text import Text

from allclear.core.model.neutral import JOINER, plain
from allclear.core.model.times import in_minutes, zone
from allclear_lab.drill.moments import DrillRecord, Ending, Moment, SeenChange, visible
from allclear_lab.drill.script import TimedScript
from allclear_lab.runner.step_runs import told_runs

COLORS = ("cyan", "magenta", "yellow", "blue", "bright_red", "bright_cyan", "bright_magenta", "orange3")
BOT = "green"
GUTTER = 6
_FENCE = re.compile(r"^\s*```")
_TAG = re.compile(r"</?(?:sub|sup|details|summary|b|kbd|br)\s*/?>")
_BOX = re.compile(r"^(\s*)- \[([ x])\] ")
_LINK = re.compile(r"\[([^\]]*)\]\([^()\s]*\)")
_ALERT = re.compile(r"^> \[!(\w+)\]$")
WORDS = {
    "closed": "closed the issue",
    "reopened": "reopened the issue",
    "assigned": "assigned",
    "unassigned": "unassigned",
    "renamed": "renamed it to",
    "edited": "edited",
    "deleted": "deleted",
    "pinned": "pinned",
    "ticked": "ticked",
    "unticked": "unticked",
    "merged": "merged",
    "declined": "closed without merging",
    "approved": "approved",
    "rejected": "rejected",
    "started": "started",
    "changed": "changed words in",
    "changed and approved": "changed words in and approved",
    "commented": "commented on",
    "opened": "opened",
    "reacted": "reacted",
}
FACES = {
    "+1": "👍",
    "-1": "👎",
    "laugh": "😄",
    "confused": "😕",
    "heart": "❤️",
    "hooray": "🎉",
    "rocket": "🚀",
    "eyes": "👀",
}


class Barred:
    """Something with a time on the left of its first line and a coloured bar on the left of all."""

    def __init__(
        self, content: RenderableType, *, time: str = "", style: str = "dim", bar: str = "│"
    ) -> None:
        self._content, self._time, self._style, self._bar = content, time, style, bar

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        width = max(20, options.max_width - GUTTER - 3)
        time = self._time
        for line in console.render_lines(self._content, options.update(width=width), pad=False):
            yield Segment(f"{time:<{GUTTER}} ", console.get_style("dim"))
            yield Segment(f"{self._bar} ", console.get_style(self._style))
            yield from line
            yield Segment.line()
            time = ""


class Terminal:
    """Shows one drill on ``console``; ``quiet`` shows only the verdict and what was not as expected."""

    def __init__(
        self, console: Console, play: TimedScript, *, zone_name: str = "UTC", quiet: bool = False
    ) -> None:
        self.console = console
        self._play = play
        self._zone = zone(zone_name)
        self._quiet = quiet
        self._sweeps: list[Moment] = []
        self._day = play.script.start.astimezone(self._zone).date()
        self._colors = {
            actor.login: COLORS[index % len(COLORS)] for index, actor in enumerate(play.script.people)
        }
        self._labels: dict[str, str] = {}
        self.progress = Progress(
            TextColumn("[bold]{task.description}"),
            BarColumn(bar_width=None),
            MofNCompleteColumn(),
            console=console,
            transient=True,
            disable=quiet or not console.is_terminal,
        )
        self._task = self.progress.add_task("", total=len(play.timed_steps))

    def opening(self) -> None:
        """Who plays."""
        if self._quiet:
            return
        script = self._play.script
        people = Table.grid(padding=(0, 2))
        for actor in script.people:
            people.add_row(
                Text(actor.login, style=f"bold {self._colors[actor.login]}"),
                Text(plain(actor.name)),
                Text(_role(actor.role), style="dim"),
                Text(plain(", ".join(actor.titles)), style="dim"),
            )
        head = Text.assemble(
            (plain(script.title), "bold not dim"),
            "  ",
            (f"{script.repository} · {script.start:%Y-%m-%d %H:%M %Z}", "dim"),
        )
        about = [Text(plain(script.about).strip()), Text()] if script.about else []
        self.console.print(
            Panel(Group(*about, people), title=head, title_align="left", border_style="dim", padding=(1, 2))
        )

    def labels(self, colors: Mapping[str, str]) -> None:
        """The colours of labels seen so far."""
        self._labels.update(colors)

    def moment(self, moment: Moment) -> None:
        """Show what happened now; sweeps in which nothing happened are counted until something does."""
        if moment.timed is not None:
            self.progress.update(self._task, completed=moment.timed.number)
        self.progress.update(self._task, description=self._time(moment.at))
        if self._quiet:
            return
        if moment.quiet:
            self._sweeps.append(moment)
            return
        self._quiet_sweeps()
        self._new_day(moment.at)
        self.console.print(Group(*self._scene(moment), Text()))

    def _quiet_sweeps(self) -> None:
        if not self._sweeps:
            return
        first, last, count = self._sweeps[0], self._sweeps[-1], len(self._sweeps)
        self._new_day(first.at)
        told = (
            "1 sweep: nothing was due"
            if count == 1
            else f"{count} sweeps until {self._until(last.at)}: nothing was due"
        )
        self.console.print(Barred(Text(told, style="dim"), time=self._clock(first.at), bar="·"))
        self.console.print()
        self._sweeps.clear()

    def _until(self, last: datetime) -> str:
        day = last.astimezone(self._zone).date()
        return f"{'' if day == self._day else f'{day} '}{self._time(last)}"

    def _new_day(self, moment: datetime) -> None:
        """Show the day where another one begins: the lines have the time of day only."""
        day = moment.astimezone(self._zone).date()
        if day != self._day:
            self._day = day
            self.console.print(Rule(f"{day:%A}, {day}", style="dim"))
            self.console.print()

    def _scene(self, moment: Moment) -> Iterable[RenderableType]:
        if moment.actor is not None:
            style = self._colors[moment.actor.login]
            who = Text.assemble(
                (moment.actor.login, f"bold {style}"),
                (f"  {plain(moment.actor.name)} · {_role(moment.actor.role)}", "dim"),
            )
            yield Barred(Group(who, *self._spoken(moment)), time=self._clock(moment.at), style=style)
        elif moment.timed is not None:
            yield Barred(Text("time passes", style="dim"), time=self._clock(moment.at), bar="·")
        else:
            yield Barred(Text("scheduled sweep", style="dim"), time=self._clock(moment.at), bar="·")
        if moment.timed is not None and moment.timed.step.note:
            yield Barred(Text(plain(moment.timed.step.note), style="italic dim"), bar=" ")
        for reply in moment.replies:
            yield Barred(
                Group(Text("allclear", style=f"bold {BOT}"), markdown(visible(reply.body))),
                time=self._clock(reply.at),
                style=BOT,
            )
        told = self._told([one for one in moment.answer if not one.body], panel=bool(moment.panel))
        if told:
            yield Barred(told, style=BOT)
        for one in moment.answer:
            if one.body:
                head = Text(f"{WORDS[one.what]} {one.where}", style="dim")
                yield Barred(Group(head, markdown(one.body)), style=BOT)
        if moment.runs:
            yield Barred(Text(_figures(moment), style="dim"), bar=" ")
        for missed in moment.missed:
            yield Barred(Text(plain(missed), style="bold red"), style="red", bar="✗")

    def _spoken(self, moment: Moment) -> list[RenderableType]:
        parts: list[RenderableType] = [Text(plain(said.body).strip() or "(no text)") for said in moment.said]
        step = moment.timed.step if moment.timed else None
        if title := getattr(step, "title", ""):
            parts.insert(0, Text(plain(title), style="bold"))
        told = self._told(moment.changes, panel=False)
        return [*parts, told] if told else parts

    def _told(self, changes: Sequence[SeenChange], *, panel: bool) -> Text | None:
        """The other changes as one line."""
        parts: list[Text] = []
        for change in changes:
            if change.what in ("labeled", "unlabeled"):
                sign = "+" if change.what == "labeled" else "-"
                parts.append(Text.assemble((sign, "dim"), self._chip(change.text)))
            else:
                text = FACES.get(change.text, change.text) if change.what == "reacted" else plain(change.text)
                parts.append(Text(f"{WORDS[change.what]} {text}".strip(), style="dim"))
        if panel:
            parts.append(Text("panel updated", style="dim"))
        return Text("  ").join(parts) if parts else None

    def _chip(self, name: str) -> Text:
        color = self._labels.get(name, "")
        if not color or not self.console.is_terminal:
            return Text(plain(name))
        return Text(f" {plain(name)} ", style=f"{ink(color)} on #{color}")

    def closing(self, record: DrillRecord, written: Sequence[tuple[str, Path]]) -> None:
        """How it ended: the panel, the figures, the files, and everything that was not as expected."""
        self._sweeps.clear()
        ending = record.ending
        if not self._quiet:
            self.console.print(Rule("how it ended", style="dim"))
            if ending.panel:
                head = f"#{ending.issue.number} · pinned"
                self.console.print(
                    Panel(
                        markdown(visible(ending.panel)),
                        title=head,
                        title_align="left",
                        border_style=BOT,
                        padding=(1, 2),
                    )
                )
            self.console.print(Padding(_metrics(ending), (1, 0)))
        for missed in record.missed:
            self.console.print(Text(f"✗ {plain(missed)}", style="bold red"))
        if not self._quiet:
            for what, path in written:
                self.console.print(Text.assemble((f"{what:<14}", "dim"), str(path)), soft_wrap=True)
        verdict = (
            "It ended as the script expects."
            if not record.missed
            else f"{len(record.missed)} things were not as the script expects."
        )
        if len(record.missed) == 1:
            verdict = "One thing was not as the script expects."
        self.console.print(Text(verdict, style="bold red" if record.missed else "bold green"))

    def _clock(self, moment: datetime) -> str:
        return moment.astimezone(self._zone).strftime("%H:%M")

    def _time(self, moment: datetime) -> str:
        return moment.astimezone(self._zone).strftime("%H:%M %Z")


def markdown(text: str) -> Markdown:
    """A bot's words for a terminal:
    boxes and alerts as signs, tags left out, line breaks kept as GitHub does.
    """
    lines, fenced = [], False
    for line in plain(text.replace(JOINER, "")).split("\n"):
        fence = bool(_FENCE.match(line))
        fenced ^= fence
        lines.append(line if fenced or fence else _line(line))
    return Markdown("\n".join(lines), hyperlinks=False)


def _line(line: str) -> str:
    bare = _LINK.sub(r"\1", _TAG.sub("", line))
    boxes = _BOX.sub(lambda box: f"{box.group(1)}- {'☐' if box.group(2) == ' ' else '☑'} ", bare)
    shown = _ALERT.sub(lambda found: f"> **{found.group(1).capitalize()}**", boxes)
    return f"{shown}  " if shown.strip() and not shown.startswith("|") else shown


def ink(color: str) -> str:
    """Black or white, whichever is readable on ``color`` (six hex digits)."""
    red, green, blue = (int(color[i : i + 2], 16) for i in (0, 2, 4))
    return "black" if red * 299 + green * 587 + blue * 114 > 140_000 else "white"


def span(minutes: int | None) -> str:
    """Minutes for people, ``2 h 5 min``; ``not recorded`` for None."""
    if minutes is None:
        return "not recorded"
    return in_minutes(timedelta(minutes=minutes))


def _metrics(ending: Ending) -> Table:
    table = Table.grid(padding=(0, 4))
    table.add_row(*(Text(name, style="dim") for name in ending.metrics))
    table.add_row(*(Text(span(value), style="bold") for value in ending.metrics.values()))
    return table


def _figures(moment: Moment) -> str:
    """What it took: runs, requests, real time."""
    reads, writes = sum(run.reads for run in moment.runs), sum(run.writes for run in moment.runs)
    took = sum(run.seconds for run in moment.runs) * 1000
    told = ", ".join(told_runs(moment.runs))
    return f"{told} · {reads} reads, {writes} writes · {took:.0f} ms"


def _role(role: str) -> str:
    return "no role" if role == "none" else role
