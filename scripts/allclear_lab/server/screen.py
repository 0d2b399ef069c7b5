"""The lab on a terminal: who is there, then what people do and what runs, as it happens."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from rich.console import Console, Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from allclear.core.model.neutral import cut, plain
from allclear_lab.drill.moments import SeenChange, SeenComment, visible
from allclear_lab.drill.script import Script
from allclear_lab.drill.terminal import BOT, COLORS, WORDS, Barred, markdown
from allclear_lab.github import Delivery
from allclear_lab.runner.step_runs import StepRun, told_runs

LONGEST = 2000
"""Characters of one comment that are shown."""


class LabScreen:
    """Shows one lab on ``console``; everything is printed by one thread."""

    def __init__(self, console: Console, script: Script) -> None:
        self._console, self._script = console, script
        self._colors = {
            person.login: COLORS[index % len(COLORS)] for index, person in enumerate(script.people)
        }

    def opening(self, api: str, tokens: Mapping[str, str], now: datetime, speed: float) -> None:
        """Where it listens, who is there, and what to type first."""
        script = self._script
        about = (
            "A GitHub on this machine, with Allclear in it. What you do here with the token of one of the "
            "people starts the workflows as on GitHub."
        )
        pace = "as fast as the wall's clock" if speed == 1 else f"{speed:g} times as fast as the wall's clock"
        places = Table.grid(padding=(0, 2))
        for name, told in (
            ("look", f"{api}/"),
            ("REST", f"{api}/repos/{script.repository}"),
            ("GraphQL", f"{api}/graphql"),
            ("time", f"{now:%Y-%m-%d %H:%M} UTC, {pace}"),
        ):
            places.add_row(Text(name, style="dim"), Text(told))
        self._console.print(
            Panel(
                Group(Text(about), Text(), places, Text(), self._people(tokens)),
                title=Text.assemble(("Allclear lab", "bold not dim"), "  ", (script.repository, "dim")),
                title_align="left",
                border_style="dim",
                padding=(1, 2),
            )
        )
        home, token = f"{api}/repos/{script.repository}", tokens[script.people[0].login]
        body = '{"title": "[INCIDENT P0] Production down", "labels": ["incident", "P0"]}'
        self._say(Text("Declare an incident from another terminal; Ctrl-C here ends the lab.", style="dim"))
        self._say(Text(f"\n  curl {home}/issues -H 'Authorization: token {token}' -d '{body}'\n"))

    def _people(self, tokens: Mapping[str, str]) -> Table:
        """Everybody with a token, which is there to be copied: only what stands behind it may be cut."""
        people = Table.grid(padding=(0, 2))
        for _ in range(2):
            people.add_column(no_wrap=True)
        people.add_column(no_wrap=True, overflow="ellipsis", ratio=1)
        for person in self._script.people:
            role = "no role" if person.role == "none" else person.role
            people.add_row(
                Text(person.login, style=f"bold {self._colors[person.login]}"),
                Text(tokens[person.login]),
                Text(", ".join([role, *person.titles]), style="dim"),
            )
        return people

    def event(self, delivery: Delivery, *, at: str) -> None:
        """Something that a person did."""
        who = Text(delivery.actor_login, style=f"bold {self._colors.get(delivery.actor_login, 'white')}")
        head = Text.assemble(who, "  ", (_what(delivery), "dim"))
        parts: list[RenderableType] = [head]
        if (delivery.event, delivery.action) == ("issue_comment", "created"):
            text = plain(str(delivery.payload["comment"]["body"] or "")).strip()
            parts.append(Text(cut(text, LONGEST) or "(no text)"))
        style = self._colors.get(delivery.actor_login, "dim")
        self._console.print(Barred(Group(*parts), time=at, style=style))

    def ran(self, runs: Sequence[StepRun], *, at: str) -> None:
        """Steps of workflows that ended; the last line that a failed one printed."""
        reads, writes = sum(run.reads for run in runs), sum(run.writes for run in runs)
        took = sum(run.seconds for run in runs) * 1000
        told = ", ".join(told_runs(runs, events=True))
        figures = f"{told} · {reads} reads, {writes} writes · {took:.0f} ms"
        self._console.print(Barred(Text(figures, style="dim"), time=at, bar="·"))
        for run in runs:
            if run.code:
                lines = [line for line in run.output.splitlines() if line.strip()]
                last = plain(lines[-1]) if lines else "nothing was printed"
                self.wrong(f"`{run.door}` ended with {run.code}: {last}")

    def answered(
        self, number: int, replies: Sequence[SeenComment], changes: Sequence[SeenChange], *, panel: bool
    ) -> None:
        """What a workflow did on an issue."""
        for reply in replies:
            who = Text.assemble(("allclear", f"bold {BOT}"), (f"  #{number}", "dim"))
            self._console.print(Barred(Group(who, markdown(visible(reply.body))), style=BOT))
        told = [_change(change) for change in changes] + (["panel updated"] if panel else [])
        if told:
            self._console.print(Barred(Text(", ".join(told), style="dim"), style=BOT))

    def wrong(self, words: str) -> None:
        """Something that cannot be played, or failed."""
        self._console.print(Barred(Text(cut(plain(words), LONGEST), style="bold red"), style="red", bar="✗"))

    def closing(self) -> None:
        """It is over."""
        self._say(Text("The lab has ended; nothing of it is left.", style="dim"))

    def _say(self, text: Text) -> None:
        # What is there to be copied must not be broken into lines.
        self._console.print(text, soft_wrap=True)


def _what(delivery: Delivery) -> str:
    """An event in a few words."""
    payload = delivery.payload
    place = next(
        (f" #{payload[kind]['number']}" for kind in ("issue", "pull_request") if kind in payload), ""
    )
    about = ""
    if "label" in payload:
        about = f" {payload['label']['name']}"
    elif delivery.action == "opened":
        about = f" {(payload.get('issue') or payload['pull_request'])['title']}"
    elif "workflow" in payload:
        about = f" {payload['workflow'].rpartition('/')[2]}"
    elif "ref" in payload:
        about = f" {payload['ref']}"
    return cut(plain(f"{delivery.event} {delivery.action or ''}".strip() + place + about), 120)


def _change(change: SeenChange) -> str:
    if change.what in {"labeled", "unlabeled"}:
        return f"{'+' if change.what == 'labeled' else '-'}{plain(change.text)}"
    return f"{WORDS[change.what]} {plain(change.text)}".strip()
