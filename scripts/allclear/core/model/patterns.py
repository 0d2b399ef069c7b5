"""Regular expressions that are compiled when they are first used.

The modules that a run imports have over three hundred of them, of which it uses a third; compiling the others
as well took 30 ms of each run.
"""

from __future__ import annotations

import re
from typing import Any, cast

_METHODS = ("search", "match", "fullmatch", "split", "findall", "finditer", "sub", "subn")


class LazyRegex:
    """Like a compiled one; from the first use on, its methods are those of the compiled one."""

    def __init__(self, pattern: str, options: re.RegexFlag) -> None:
        self.pattern = pattern
        self.options = options

    def __getattr__(self, name: str) -> Any:
        compiled = re.compile(self.pattern, self.options)
        for method in _METHODS:
            setattr(self, method, getattr(compiled, method))
        return getattr(compiled, name)


def lazy_regex(pattern: str, options: re.RegexFlag = re.NOFLAG) -> re.Pattern[str]:
    """What `re.compile` gives, later: a mistake in it is told when it is first used, or by a test of ours."""
    return cast("re.Pattern[str]", LazyRegex(pattern, options))
