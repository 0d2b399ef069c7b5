"""What a job says to its runner: outputs, the summary, and lines of the log that order it nothing (E2).

The runner reads its files and the standard output of a step as commands:
https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from pathlib import Path

from allclear.adapters.files.event import Env
from allclear.core.model.neutral import cut, plain
from allclear.core.model.patterns import lazy_regex

LARGEST_SUMMARY = 1024 * 1024
"""Bytes of a step's summary. GitHub shows nothing of one that is larger (same page, "Step isolation")."""

LONGEST_LINE = 2000
"""Characters of a line in the log."""

_NAME = lazy_regex(r"[A-Za-z_][A-Za-z0-9_-]{0,99}")
_CUT = "\n\nThe rest was left out: GitHub shows 1 MiB.\n"

# The runner compares by the rules of a language, which skip signs that are seen nowhere: whatever is not
# plain ASCII may stand between two colons and they still are `::`. A space is not skipped.
# https://github.com/actions/runner/blob/main/src/Runner.Common/ActionCommand.cs (StartsWith, IndexOf)
_COMMAND = lazy_regex(r"^([^!-~]*:)(?=[^ -~]*:)")
_OLD_COMMAND = lazy_regex(r"#(?=[^ -~]*#[^ -~]*\[)")


def write_outputs(env: Env, values: Mapping[str, str]) -> None:
    """Give the step these outputs. Without GITHUB_OUTPUT, outside of a job, nothing happens.

    Between two delimiters that nobody can guess, so that a value of several lines stays one. Raises
    ValueError for a name that is none.
    """
    path = env.get("GITHUB_OUTPUT")
    if not path:
        return
    written = []
    for name, value in values.items():
        if not _NAME.fullmatch(name):
            msg = f"not the name of an output: {name!r}"
            raise ValueError(msg)
        delimiter = f"end-{secrets.token_hex(16)}"
        written.append(f"{name}<<{delimiter}\n{value}\n{delimiter}\n")
    with Path(path).open("a", encoding="utf-8", errors="replace", newline="") as file:
        file.writelines(written)


def summarise(env: Env, markdown: str) -> None:
    """Add a paragraph to the summary of the job, which everybody who may see the run reads.

    ``markdown`` is ours, with the text of others made inert before. Without GITHUB_STEP_SUMMARY, nothing.
    """
    path = env.get("GITHUB_STEP_SUMMARY")
    if not path:
        return
    file = Path(path)
    there = file.stat().st_size if file.exists() else 0
    text = f"{markdown.rstrip()}\n\n".encode(errors="replace")
    room = LARGEST_SUMMARY - there
    if len(text) > room:
        keep = room - len(_CUT)
        if keep <= 0:
            return
        text = text[:keep].decode(errors="ignore").encode() + _CUT.encode()
    with file.open("ab") as summary:
        summary.write(text)


def safe_line(text: str) -> str:
    """``text`` as one line of the log that is no command to the runner, whoever wrote it."""
    line = cut(" ".join(plain(text).splitlines()), LONGEST_LINE)
    return _OLD_COMMAND.sub("# ", _COMMAND.sub(r"\1 ", line))


def safe_lines(text: str) -> Iterator[str]:
    """Every line of ``text``, such as what a command printed, each safe to print."""
    return (safe_line(line) for line in plain(text).splitlines())
