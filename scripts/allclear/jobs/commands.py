"""Commands of the settings: words, no shell, the variables they may see, and no secret in the log. They run
in a step that holds no token, so that nothing here reaches GitHub.
"""

from __future__ import annotations

import contextlib
import shlex
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from pathlib import Path

from msgspec import Struct

from allclear.adapters.files.job_output import safe_line
from allclear.adapters.production.processes import Finished, run_command
from allclear.core.model.neutral import cut
from allclear.core.model.operation import Ending
from allclear.core.model.scrub import Scrubber, scrubber, secret_values
from allclear.core.model.times import spell
from allclear.core.policy.service import Vector
from allclear.core.policy.variables import DATA, secret_names
from allclear.core.production.listing import LARGEST, FillingError, filled
from allclear.jobs.run import LocalStep

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


class Commands(Struct, frozen=True):
    """Runs commands in the checkout of this job. ``clean`` takes the job's secrets out of what they print."""

    step: LocalStep
    clean: Scrubber

    @classmethod
    def of(cls, step: LocalStep, listed: Iterable[str]) -> Commands:
        """``listed``: variables that are secrets because a command asks for them."""
        return cls(step, scrubber(secret_values(step.env, listed)))

    def run(
        self, vector: Vector, values: Mapping[str, str], timeout: timedelta, env: Sequence[str]
    ) -> Finished:
        """Run it, and print what it printed. Raises ExecutionError when a placeholder has no value."""
        try:
            words = filled(vector, values)
        except FillingError as error:
            raise ExecutionError(f"a command is not complete: {error}", "refused") from error
        self.log(f"$ {shlex.join(words)}")
        with variables(self.step.env, env) as given:
            done = run_command(
                words, timeout=min(timeout, LONGEST), env=given, cwd=self.step.root, most=LARGEST
            )
        for line in self.clean.clean(done.output).splitlines():
            self.step.out(safe_line(line))
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
            return cut(last or "the program is not installed", SHOWN)
        how = f"stopped after {spell(timedelta(seconds=done.seconds))}" if done.timed_out else ""
        return cut(": ".join(filter(None, [how or f"exit {done.code}", last])), SHOWN)

    def log(self, text: str) -> None:
        """One line of the log, without secrets."""
        self.step.out(safe_line(self.clean.clean(text)))


def empty(env: Mapping[str, str], listed: Iterable[str], environment: str) -> tuple[str, ...]:
    """One sentence for each secret that a command lists and that is not there: no workflow passes it, or one
    does and GitHub has no value for it.
    """
    where = f"in the environment {environment}" if environment else "as a secret of the repository"
    return tuple(
        f"{name} is empty: set it {where}."
        if name in env
        else f"{name} is not passed by the workflow: `allclear check` shows the line to add."
        for name in secret_names(listed)
        if not env.get(name)
    )


@contextlib.contextmanager
def variables(env: Mapping[str, str], names: Sequence[str]) -> Iterator[dict[str, str]]:
    """The variables a command may see. Where ``KUBECONFIG_DATA`` is listed beside ``KUBECONFIG``, it gets the
    path of a file with that text, readable by nobody else, and gone afterwards.
    """
    given = {name: env[name] for name in names if env.get(name)}
    with tempfile.TemporaryDirectory(prefix="allclear-") as folder:
        for name in names:
            data = given.get(f"{name}{DATA}")
            if data and name not in given:
                path = Path(folder) / name.lower()
                path.touch(mode=0o600)
                path.write_text(data, encoding="utf-8")
                given[name] = str(path)
        yield given
