"""Allclear's cold door beside Node actions that answer comments, behind the same delaying proxy.

Nothing is fetched: the built files of the peers are given by path, and one that is missing is left out, with
the reason. Each round runs every program once, there and back in turn; ratios are medians of the rounds'.
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from contestants import OURS, PEERS, Contestant, contestant, door, state_of
from delaying_proxy import DelayingProxy, delaying_proxy, nobody
from figures import Figures
from pairs import Played, in_turn, played, ratio
from stand_in import StandInForGitHub
from stopwatch import Stopwatch, stopwatch

from allclear_lab.github import HubSnapshot
from conversations.room import KEY, ROOT, SETTINGS, Room, open_room
from conversations.test_budget import PRODUCTION

TITLE = "Beside Node actions"
DELAYS = (0.0, 0.1)
"""Seconds a request."""
ROUNDS = 11
RUNNER = {
    "CI": "true",
    "GITHUB_ACTIONS": "true",
    "GITHUB_ACTOR": "bob",
    "GITHUB_EVENT_NAME": "issue_comment",
    "GITHUB_JOB": "job",
    "GITHUB_REF": "refs/heads/main",
    "GITHUB_REPOSITORY": "acme/shop",
    "GITHUB_RUN_ATTEMPT": "1",
    "GITHUB_RUN_ID": "1",
    "GITHUB_RUN_NUMBER": "1",
    "GITHUB_SERVER_URL": "https://github.com",
    "GITHUB_WORKFLOW": "workflow",
    "RUNNER_OS": "Linux",
}
VALUES = ("github.token", "github.repository", "job.status", "personal")
"""What the defaults of the peers' inputs ask for, and a personal access token."""
FILES = ("GITHUB_ENV", "GITHUB_OUTPUT", "GITHUB_PATH", "GITHUB_STATE", "GITHUB_STEP_SUMMARY")
PEER_RIGHTS = {
    "checks": "read",
    "contents": "write",
    "deployments": "write",
    "issues": "write",
    "pull_requests": "write",
    "statuses": "read",
}
"""What the workflows in the peers' documentation give the job's token, all of it together."""


@dataclass(frozen=True)
class Options:
    """What to measure: the command line of the door, Node, and the peers' built files by their options."""

    door: str = str(ROOT / "scripts" / "respond.py")
    node: str = ""
    built: tuple[tuple[str, str], ...] = ()
    rounds: int = ROUNDS


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of this part."""
    group = parser.add_argument_group("peers", "what the part `peers` compares; nothing is fetched")
    for peer in PEERS:
        group.add_argument(
            f"--{peer.option}", metavar="DIR/dist/index.js", default="", help=f"the built file of {peer.name}"
        )
    group.add_argument("--node", default="", help="the Node that runs them (the one on the PATH)")
    group.add_argument(
        "--door", default=Options.door, help="a respond.py for this Python, or a whole command line"
    )
    group.add_argument(
        "--rounds", type=_positive, default=ROUNDS, help=f"how often each program runs ({ROUNDS})"
    )


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text} is no number of rounds")
    return int(text)


def options_of(given: argparse.Namespace) -> Options:
    """What somebody asked for."""
    built = tuple((peer.option, str(getattr(given, peer.option))) for peer in PEERS)
    return Options(given.door, given.node, built, given.rounds)


@dataclass(frozen=True)
class Case:
    """A comment, who answers it besides us, and whether it asks for anything. ``place``: where it is written.
    A peer named in ``says`` is told something else, on a pull request, since it knows no incidents.
    """

    name: str
    text: str
    against: tuple[str, ...]
    asks: bool = True
    place: str = "incident"
    says: tuple[tuple[str, str], ...] = ()


COMMAND, DISPATCH, DEPLOY = (peer.name for peer in PEERS)
CASES = (
    Case("`/note`", "/note saw the first error", (COMMAND, DISPATCH)),
    Case("`/ack`", "/ack", (COMMAND, DISPATCH)),
    Case("`/sev P1`", "/sev P1", (COMMAND, DISPATCH, DEPLOY), says=((DEPLOY, ".deploy"),)),
    Case("talk on an incident", "Thanks, I am looking into it.", (COMMAND, DISPATCH), asks=False),
    Case("none of ours", "Thanks, that helped.", (COMMAND, DISPATCH), asks=False, place="question"),
)


@dataclass
class Field:
    """A young incident that is up to date, a question, and a pull request that could be deployed."""

    room: Room
    proxy: DelayingProxy
    watch: Stopwatch
    stand_in: StandInForGitHub
    folder: Path
    quiet: HubSnapshot
    with_pull: HubSnapshot
    numbers: dict[str, int]

    def runs(self, who: Contestant, case: Case) -> Played:
        """Somebody comments, and the program runs for it. Raises RuntimeError when it does not do its work,
        or does it where nobody asked: that is no figure.
        """
        told = dict(case.says).get(who.name)
        place = "pull" if told else case.place
        self.room.hub.restore(self.with_pull if told else self.quiet)
        self.room.clock.set(datetime.now(UTC))  # as on GitHub: the comment is new when the program starts
        self.room.people["bob"].comment(self.numbers[place], told or case.text)
        self.proxy.instead = nobody if who.name == OURS else self.stand_in
        env = self._env(who)
        self.proxy.asked.clear()
        laps, state = [], dict[str, str]()
        for step in who.steps:
            laps.append(self.watch.time(step, env | state))
            state = state_of((self.folder / "GITHUB_STATE").read_text(encoding="utf-8"))
        asked = list(self.proxy.asked)
        if who.did(asked) != case.asks:
            log = "\n".join(f"{one.method} {one.path} {one.status} {one.refused}" for one in asked)
            raise RuntimeError(f"{who.name} did not do what {case.name} asks for:\n{log}\n{laps[0].out}")
        return played(laps, asked, who.signs(asked))

    def _env(self, who: Contestant) -> dict[str, str]:
        hub, room = self.room.hub, self.room
        event = self.folder / "event.json"
        event.write_text(json.dumps(hub.deliveries[-1].payload), encoding="utf-8")
        for name in FILES:
            (self.folder / name).write_text("", encoding="utf-8")
        return {
            "PATH": os.environ["PATH"],
            **RUNNER,
            **{name: str(self.folder / name) for name in FILES},
            "GITHUB_API_URL": self.proxy.url,
            "GITHUB_EVENT_PATH": str(event),
            "GITHUB_GRAPHQL_URL": f"{self.proxy.url}/graphql",
            "GITHUB_REPOSITORY_ID": str(room.repo.id),
            "GITHUB_SHA": room.repo.branches()["main"],
            "GITHUB_WORKSPACE": str(room.root),
            **who.env,
            **({"ALLCLEAR_KEY": KEY, "GITHUB_TOKEN": self._ours()} if who.name == OURS else {}),
        }

    def _ours(self) -> str:
        return self.room.hub.actions_token(self.room.repo, permissions=self.room.rights("respond"))


@contextmanager
def field() -> Iterator[tuple[Field, dict[str, str]]]:
    """The field, and the values of the expressions that the peers' defaults ask for."""
    with (
        TemporaryDirectory() as name,
        open_room(Path(name), SETTINGS + PRODUCTION, http=True) as room,
        delaying_proxy(room.hub.api_url) as proxy,
        stopwatch(Path(name)) as watch,
    ):
        room.key = KEY
        (room.root / "templates").unlink()  # a repository has its settings, and the rest comes with the door
        room.clock.set(datetime.now(UTC) - timedelta(minutes=1))
        question = room.people["ann"].open_issue("How do I reset my password?", "", ("question",))
        incident = room.opens("ann")
        room.clock.set(datetime.now(UTC))
        room.sweep()
        # Tokens are made first, so that they are good in both states.
        token = room.hub.actions_token(room.repo, permissions=PEER_RIGHTS)
        personal = room.hub.personal_token(room.account("ann"))
        values = dict(zip(VALUES, (token, "acme/shop", "success", personal), strict=True))
        quiet = room.hub.snapshot()
        bob = room.people["bob"]
        head = bob.push_file("fix", "fix.txt", "It works.\n")
        pull = bob.open_pull("Fix it", "fix")
        room.people["mia"].review(pull)
        stand_in = StandInForGitHub(room.repo, head)
        numbers = {"incident": incident, "question": question, "pull": pull}
        yield Field(room, proxy, watch, stand_in, Path(name), quiet, room.hub.snapshot(), numbers), values


def programs(options: Options, values: Mapping[str, str]) -> tuple[dict[str, Contestant], list[str]]:
    """Who takes part, by name, and why others do not."""
    found, missing = {OURS: door(options.door)}, list[str]()
    node = shutil.which(options.node or "node")
    if node is None:
        return found, [f"every peer: {options.node or 'node'} is not there (`--node`)"]
    built = dict(options.built)
    for peer in PEERS:
        if not built.get(peer.option):
            missing.append(f"{peer.name}: not given (`--{peer.option} DIR/dist/index.js`)")
            continue
        try:
            found[peer.name] = contestant(peer, node, Path(built[peer.option]), values)
        except FileNotFoundError as problem:
            missing.append(f"{peer.name}: {problem}")
    return found, missing


def absent(options: Options) -> str:
    """Why no peer takes part; "" when one does."""
    found, missing = programs(options, dict.fromkeys(VALUES, ""))
    return "" if len(found) > 1 else "; ".join(missing)


@dataclass(frozen=True)
class Measured:
    """The runs of one case at one delay, by program, a list entry a round."""

    case: Case
    delay: float
    runs: dict[str, list[Played]]

    def half(self, who: str, what: Callable[[Played], float]) -> float:
        """The median of a program's runs."""
        return median(what(one) for one in self.runs[who])

    def ratio(self, peer: str, what: Callable[[Played], float]) -> float:
        """Of the pairs."""
        return ratio([what(one) for one in self.runs[OURS]], [what(one) for one in self.runs[peer]])

    @property
    def peers(self) -> list[str]:
        """Who ran beside us."""
        return [one for one in self.runs if one != OURS]


def measured(
    say: Callable[[str], None], options: Options
) -> tuple[list[Measured], dict[str, Contestant], list[str]]:
    """Every case at every delay, on an incident of its own, so that it is young and nothing of it comes due;
    one round more, the first, which fills caches and does not count. With who took part, and why others did
    not.
    """
    found = []
    for delay in DELAYS:
        for case in CASES:
            with field() as (ground, values):
                taking_part, missing = programs(options, values)
                ground.proxy.delay = delay
                names = [OURS, *(one for one in case.against if one in taking_part)]
                runs: dict[str, list[Played]] = {name: [] for name in names}
                for number in range(options.rounds + 1):
                    say(f"peers: {case.name} at {1000 * delay:.0f} ms, {number} of {options.rounds}")
                    for name in in_turn(names, number):
                        run = ground.runs(taking_part[name], case)
                        runs[name] += [run] if number else []
                found.append(Measured(case, delay, runs))
    return found, taking_part, missing


def wall(run: Played) -> float:
    """Seconds from the start of the first step to the end of the last."""
    return run.wall


def cpu(run: Played) -> float:
    """Seconds of the processor."""
    return run.cpu


def compared(say: Callable[[str], None], options: Options) -> Figures:
    """The table, and what became of the aims; skipped where no peer is there."""
    nobody_there = absent(options)
    if nobody_there:
        return Figures(TITLE, (), (), skipped=nobody_there)
    found, taking_part, missing = measured(say, options)
    note = (
        f"`{named(options.door)}` as a workflow starts it, with everything compiled, beside "
        f"{_beside(taking_part)}: the steps of an action with the inputs that a runner gives them, for the "
        "same comment (branch-deploy: `.deploy` on an approved pull request; what it asks and the embedded "
        "GitHub does not know is answered in the documented shapes). Each request waits so long in a proxy. "
        f"Medians of {options.rounds} rounds, in which each ran once; a ratio, Allclear to the peer, is the "
        "median of the rounds' ratios. Seen: when the reply was written, of a peer its reaction or comment. "
        "github/command and branch-deploy run twice, before and after the job's own steps, which are not in "
        "it. What a process does while a request of its own is under way counts as waiting for GitHub."
    )
    if missing:
        note += "\n\nLeft out: " + "; ".join(missing) + "."
    head = ("", "wall ms", "ratio", "CPU ms", "ratio", "seen ms", "MiB", "requests")
    rows = [row for one in found for row in _rows(one)]
    return Figures(TITLE, head, tuple(rows), note, "\n".join(["Against the aims:", "", *aims(found)]))


def named(door: str) -> str:
    """A command line without its folders, which are those of one machine."""
    return " ".join(Path(word).name for word in shlex.split(door))


def _beside(taking_part: Mapping[str, Contestant]) -> str:
    peers = [one for one in taking_part.values() if one.name != OURS]
    if not peers:
        return "nobody"
    node = peers[0].steps[0][0]
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout  # noqa: S603 - the Node that was named
    return f"{', '.join(f'{one.name} (`{one.digest}`)' for one in peers)} under Node {version.strip()}"


def _rows(one: Measured) -> Iterator[tuple[str, ...]]:
    for who in one.runs:
        name = f"{one.case.name}, {1000 * one.delay:.0f} ms a request" if who == OURS else f"· {who}"
        seen = [run.visible for run in one.runs[who] if run.visible is not None]
        walls, cpus = ("", "") if who == OURS else (f"{one.ratio(who, what):.2f}" for what in (wall, cpu))
        yield (
            name,
            _ms(one.half(who, wall)),
            walls,
            _ms(one.half(who, cpu)),
            cpus,
            _ms(median(seen)) if seen else "",
            f"{one.half(who, lambda run: run.memory):.0f}",
            f"{one.half(who, lambda run: run.requests):.0f}",
        )


def _ms(seconds: float) -> str:
    return f"{1000 * seconds:,.0f}"


def aims(found: Sequence[Measured]) -> Iterator[str]:
    """Each aim with what was measured, and where the time of a missed one goes."""
    by = {(one.case.text, one.delay): one for one in found}
    note, ack, sev = (by[case.text, DELAYS[-1]] for case in CASES[:3])
    talk, none = (by[case.text, DELAYS[0]] for case in CASES[3:])
    for one in (note, ack, sev):
        seen = median(run.visible or float("inf") for run in one.runs[OURS])
        yield _aim(f"the reply to {one.case.name} is seen after {_ms(seen)} ms", seen, 0.5, one, "500 ms")
    for one, peer, aim in (
        (ack, COMMAND, 0.60),
        (ack, DISPATCH, 0.85),
        (sev, DEPLOY, 0.15),
        (none, COMMAND, 0.25),
        (none, DISPATCH, 0.25),
        (talk, COMMAND, 0.60),
        (talk, DISPATCH, 0.60),
    ):
        if peer in one.runs:
            taken = one.ratio(peer, wall)
            yield _aim(f"{one.case.name} takes {taken:.2f} of {peer}", taken, aim, one)
    for one in (note, ack, sev):
        spent = one.half(OURS, cpu)
        share = one.ratio(COMMAND, cpu) if COMMAND in one.runs else float("inf")
        kept = share if spent > 0.35 else 0.0
        beside = f", {share:.2f} of {COMMAND}" if COMMAND in one.runs else ""
        yield _aim(
            f"{one.case.name} spends {_ms(spent)} ms of CPU{beside}", kept, 0.60, one, "350 ms, or 0.60"
        )
    largest = max(found, key=lambda one: one.half(OURS, lambda run: run.memory))
    most = largest.half(OURS, lambda run: run.memory)
    said = f"memory is {most:.0f} MiB at most, of {largest.case.name}"
    yield f"- {_verdict(most, 50)}: {said} (aim: 50 MiB)."


def _verdict(value: float, aim: float) -> str:
    return "kept" if value <= aim else "**missed**"


def _aim(said: str, value: float, aim: float, one: Measured, shown: str = "") -> str:
    line = f"- {_verdict(value, aim)}: {said} (aim: {shown or f'{aim:.2f}'})"
    if value <= aim:
        return line + "."
    starting, waiting, working = (
        _ms(one.half(OURS, what))
        for what in (lambda run: run.starting, lambda run: run.waiting, lambda run: run.working)
    )
    return (
        f"{line}. Of {_ms(one.half(OURS, wall))} ms: {starting} ms until the first request, {waiting} ms "
        f"waiting for GitHub, {working} ms between and after requests."
    )
