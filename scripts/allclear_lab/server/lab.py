"""One lab from its beginning to its end: the server answers on threads, workflows are played on this one."""

from __future__ import annotations

import secrets
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Self

from rich.console import Console

from allclear.core.model.times import utc
from allclear_lab.drill.moments import SeenIssue
from allclear_lab.drill.observer import what_changed
from allclear_lab.drill.repository import ProductFiles, ScriptedRepository
from allclear_lab.drill.script import Script
from allclear_lab.github import GitHub
from allclear_lab.github.clock import RunningClock
from allclear_lab.github.routing import Unfaithful
from allclear_lab.github.transport import InProcess
from allclear_lab.runner.expressions import UnplayableError
from allclear_lab.runner.job_runner import RunnerSetup
from allclear_lab.runner.step_runs import StepRun
from allclear_lab.server.front import OpenFront
from allclear_lab.server.pages import LabPages
from allclear_lab.server.screen import LabScreen

KEPT = 1000
"""So many of the last requests are remembered."""


@dataclass(frozen=True, slots=True)
class LabOptions:
    """``port`` 0 is a free one. ``speed``: seconds of the lab in one of the wall's clock. ``seconds`` of the
    wall's clock until it ends; None for no end. ``runbook`` "" is the script's.
    """

    port: int = 0
    speed: float = 1
    seconds: float | None = None
    runbook: str = ""


class LabEndedError(BaseException):
    """The lab ends while a job waits. No Exception, so that no job takes it for a failure of its own."""


class LabEnd:
    """Waits that the end of the lab cuts short: a signal, or its time is over."""

    def __init__(self, seconds: float | None, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._until = None if seconds is None else monotonic() + seconds
        # A signal arrives in the middle of anything, and a SimpleQueue may be filled there.
        self._news = SimpleQueue[None]()
        self._asked = False

    @property
    def come(self) -> bool:
        """Whether it is time to end."""
        return self._asked or (self._until is not None and self._monotonic() >= self._until)

    def ask(self, *_: object) -> None:
        """End as soon as possible; a handler of signals."""
        self._asked = True
        self.wake()

    def wake(self) -> None:
        """Somebody did something: whoever waits looks again."""
        self._news.put(None)

    def wait(self, seconds: float) -> None:
        """Wait at most so long, until something happens or the end comes."""
        if self._until is not None:
            seconds = min(seconds, self._until - self._monotonic())
        try:
            self._news.get(timeout=max(0.0, seconds))
        except Empty:
            return

    def sleep(self, seconds: float) -> None:
        """Wait so long, whatever happens. Raises LabEndedError at the end of the lab."""
        over = self._monotonic() + seconds
        while not self.come and self._monotonic() < over:
            self.wait(over - self._monotonic())
        if self.come:
            raise LabEndedError


class RunningLab:
    """A script's repository that people and tools talk to, as a context manager. ``folder`` is its own."""

    def __init__(self, script: Script, product: ProductFiles, options: LabOptions, ending: LabEnd) -> None:
        self.people = script.people
        self.tokens: dict[str, str] = {}
        self._script, self._product, self._options, self._ending = script, product, options, ending
        self._stack = ExitStack()
        self._seen: dict[int, SeenIssue] = {}
        self._told = 0

    def __enter__(self) -> Self:
        with self._stack:
            own = tempfile.TemporaryDirectory(prefix="allclear-lab-")
            self.folder = Path(self._stack.enter_context(own))
            self._clock = RunningClock(datetime.now(UTC), self._options.speed)
            pages = LabPages(self)
            self.hub = GitHub(
                self._clock,
                # Any page in a browser here may send requests: it must not be able to work out a token.
                secrets.randbits(128),
                server_url="",
                http=True,
                port=self._options.port,
                front=lambda hub: OpenFront(hub, pages, self._ending.wake),
            )
            self._stack.enter_context(self.hub)
            # The product's own requests need no network, and no proxy that is set for it.
            self.hub.transport = InProcess(self.hub.front, self.hub.violations, self.hub.api_url)
            # Whoever asks already waits until everything is there.
            with self.hub.turn():
                self._prepare()
            self._stack = self._stack.pop_all()
        return self

    def _prepare(self) -> None:
        """Make the repository, as if the script began now."""
        doors, begin = self._product.doors, self._clock.now()
        checkout, shift = self.folder / "checkout", begin - utc(self._script.start)
        setup = RunnerSetup(doors, checkout, self.folder, self._sleep, start=timedelta())
        scripted = ScriptedRepository(
            self._script,
            self._product,
            self.hub,
            setup,
            self._stack,
            shift=shift,
            runbook=self._options.runbook,
        )
        self._clock.set(begin)
        self.repository, self._runner = scripted.handle, scripted.runner
        self._observer = scripted.observer
        self.tokens |= scripted.people.tokens()
        self._told = len(self.hub.deliveries)
        self._next_sweep = begin + self._script.sweep

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def now(self) -> datetime:
        """The lab's time."""
        return self._clock.now()

    def serve(self, screen: LabScreen) -> None:
        """Play what people start, and the sweeps, until the lab ends."""
        moved = True
        while not self._ending.come:
            if not moved:
                left = (self._next_sweep - self._clock.now()).total_seconds()
                self._ending.wait(left / self._options.speed)
            try:
                if self._clock.now() >= self._next_sweep:
                    self._next_sweep = self._clock.now() + self._script.sweep
                    self.hub.schedule("sweep.yml")
                moved = self._step(screen)
            except (UnplayableError, Unfaithful) as error:
                screen.wrong(f"a workflow file cannot be played: {error}")
                moved = True

    def _step(self, screen: LabScreen) -> bool:
        """Show what people did, and play one job; whether there was one."""
        self._tell_events(screen)
        self._seen = self._issues()
        ran = self._runner.step()
        if ran is None:
            return False
        self._tell_run(screen, ran)
        with self.hub.turn():
            del self.hub.requests[:-KEPT]
        for what in self.hub.violations:
            screen.wrong(what)
        self.hub.violations.clear()
        return True

    def _tell_events(self, screen: LabScreen) -> None:
        while self._told < len(self.hub.deliveries):
            delivery = self.hub.deliveries[self._told]
            self._told += 1
            if delivery.event != "schedule" and not delivery.actor_login.endswith("[bot]"):
                screen.event(delivery, at=f"{delivery.at:%H:%M}")

    def _tell_run(self, screen: LabScreen, ran: list[StepRun]) -> None:
        """What ran and what it did. A sweep that had nothing to do is not told."""
        if any(run.code or run.writes or run.event != "schedule" for run in ran):
            screen.ran(ran, at=f"{self.now():%H:%M}")
        for number, issue in self._issues().items():
            said, changes, panel = what_changed(self._seen.get(number), issue, "")
            screen.answered(number, [one for one in said if one.bot], changes, panel=bool(panel))

    def _issues(self) -> dict[int, SeenIssue]:
        with self.hub.turn():
            return {one.number: self._observer.issue(one.number) for one in self.repository.issues()}

    def _sleep(self, seconds: float) -> None:
        """What a job sleeps passes on the lab's clock."""
        self._ending.sleep(seconds / self._options.speed)


def run_lab(script: Script, product: ProductFiles, options: LabOptions, *, console: Console) -> None:
    """A whole lab in one call. Raises OSError when the port is taken."""
    ending = LabEnd(options.seconds)
    screen = LabScreen(console, script)
    with _signals(ending), RunningLab(script, product, options, ending) as lab:
        screen.opening(lab.hub.api_url, lab.tokens, lab.now(), options.speed)
        with suppress(LabEndedError):
            lab.serve(screen)
    screen.closing()


@contextmanager
def _signals(ending: LabEnd) -> Iterator[None]:
    """Ctrl-C and SIGTERM end the lab; a second one ends it at once, wherever it is."""

    def first(number: int, _: object) -> None:
        signal.signal(number, before[signal.Signals(number)])
        ending.ask()

    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    for number in before:
        signal.signal(number, first)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
