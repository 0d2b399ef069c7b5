"""The commands of an operation: words, no shell, the variables they may see, and no secret in the log."""

from __future__ import annotations

import contextlib
import shlex
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from allclear.adapters.production.processes import Finished, run_command
from allclear.core.model.neutral import cut
from allclear.core.model.operation import Ending
from allclear.core.model.times import spell
from allclear.core.policy.service import Vector
from allclear.core.production.listing import LARGEST, FillingError, filled
from allclear.core.production.scrub import Scrubber, scrubber, secret_values
from allclear.jobs.handover import log
from allclear.jobs.scene import OperationJob

LONGEST = timedelta(minutes=20)
"""A job ends after 30 minutes; what it does must have ended, and be written down, before."""

SHOWN = 300
"""Characters of a command's last line that the record keeps."""


class ExecutionError(Exception):
    """It did not go well. ``outcome``: failed; refused, when nothing was begun; unknown when nobody can say
    what it did. The message is one plain line.
    """

    def __init__(self, message: str, outcome: Ending = "failed") -> None:
        super().__init__(message)
        self.outcome = outcome


@dataclass(frozen=True, slots=True)
class Commands:
    """Runs commands in the checkout of this job. ``clean`` takes the job's secrets out of what they print."""

    job: OperationJob
    clean: Scrubber

    @classmethod
    def of(cls, job: OperationJob, listed: Iterable[str]) -> Commands:
        """``listed``: variables that are secrets because a command asks for them."""
        return cls(job, scrubber(secret_values(job.run.env, [*listed, "GITHUB_TOKEN"])))

    def run(
        self, vector: Vector, values: Mapping[str, str], timeout: timedelta, env: Sequence[str]
    ) -> Finished:
        """Run it, and print what it printed. Raises ExecutionError when a placeholder has no value."""
        try:
            words = filled(vector, values)
        except FillingError as error:
            raise ExecutionError(f"a command is not complete: {error}", "refused") from error
        log(self.job, self.clean.clean(f"$ {shlex.join(words)}"))
        with _given(self.job.run.env, env) as given:
            done = run_command(
                words, timeout=min(timeout, LONGEST), env=given, cwd=self.job.run.root, most=LARGEST
            )
        for line in self.clean.clean(done.output).splitlines():
            log(self.job, line)
        return done

    def expect(self, done: Finished, what: str) -> None:
        """Raises ExecutionError unless the command passed; after a time-out nobody knows what it did."""
        if not done.passed:
            raise ExecutionError(
                f"{what} failed: {self.why(done)}", "unknown" if done.timed_out else "failed"
            )

    def why(self, done: Finished) -> str:
        """One raw line: how it ended, and the last thing it said."""
        lines = [line.strip() for line in self.clean.clean(done.output).splitlines() if line.strip()]
        last = lines[-1] if lines else ""
        if done.missing:
            return cut(last or "the program is not there", SHOWN)
        how = f"stopped after {spell(timedelta(seconds=done.seconds))}" if done.timed_out else ""
        return cut(": ".join(filter(None, [how or f"exit {done.code}", last])), SHOWN)


@contextlib.contextmanager
def _given(env: Mapping[str, str], names: Sequence[str]) -> Iterator[dict[str, str]]:
    """The variables a command may see. Where ``KUBECONFIG_DATA`` is listed beside ``KUBECONFIG``, it gets the
    path of a file with that text, readable by nobody else, and gone afterwards.
    """
    given = {name: env[name] for name in names if env.get(name)}
    with tempfile.TemporaryDirectory(prefix="allclear-") as folder:
        for name in names:
            data = given.get(f"{name}_DATA")
            if data and name not in given:
                path = Path(folder) / name.lower()
                path.touch(mode=0o600)
                path.write_text(data, encoding="utf-8")
                given[name] = str(path)
        yield given
