"""What the programs share: their state, their words, how they fail."""

from __future__ import annotations

import json
import sys
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, NoReturn


class State(dict[str, Any]):
    """The state of a deploy system, in a file."""

    def __init__(self, path: str) -> None:
        self._path = Path(path)
        super().__init__(json.loads(self._path.read_text(encoding="utf-8")))

    def save(self) -> None:
        self._path.write_text(json.dumps(self), encoding="utf-8")

    def called(self, busy: str) -> None:
        """One more call; it fails with `busy` as long as there were too many."""
        self["calls"].append(sys.argv[1:])
        wait = self["busy"] > 0
        self["busy"] = max(0, self["busy"] - 1)
        self.save()
        if wait:
            fail(busy)


def say(*words: str) -> None:
    """A line of the output."""
    sys.stdout.write(f"{' '.join(words)}\n")
    sys.stdout.flush()


def warn(text: str) -> None:
    """A line on stderr."""
    sys.stderr.write(f"{text}\n")


def fail(text: str, code: int = 1) -> NoReturn:
    """Say why on stderr, and end."""
    warn(text)
    sys.exit(code)


def words_of(
    given: Collection[str], flags: Mapping[str, bool], unknown: str
) -> tuple[list[str], dict[str, str]]:
    """The words and the options (name to value, "" for one without). `flags`: those there are, and whether a
    value follows. `unknown` says what is wrong with another one.
    """
    words, options = list[str](), dict[str, str]()
    rest = iter(given)
    for word in rest:
        name, sign, value = word.partition("=")
        if not word.startswith("-"):
            words.append(word)
        elif name not in flags:
            fail(unknown.format(name))
        elif not flags[name]:
            options[name] = ""
        else:
            options[name] = value if sign else next(rest, "")
    return words, options
