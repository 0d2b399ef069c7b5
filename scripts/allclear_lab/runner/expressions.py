"""GitHub's expressions, as far as workflow files of this repository use them. Anything else is an error.

https://docs.github.com/en/actions/reference/workflows-and-actions/expressions
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

_TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:[^']|'')*')|(?P<sign>&&|\|\||==|!=|[!(),])|(?P<name>[A-Za-z_][\w\-.*]*))"
)
_EXPRESSION = re.compile(r"\$\{\{(.*?)\}\}", re.DOTALL)
STATUS = frozenset({"always", "cancelled", "failure", "success"})
"""The functions that take the place of the ``success()`` that every condition begins with."""


class UnplayableError(ValueError):
    """The workflow file says something that is not understood here, and must not be passed over."""


@dataclass(frozen=True, slots=True)
class ExpressionContext:
    """What an expression may name. ``contexts``: github, vars, inputs, needs, steps, secrets; within those
    that are in ``strict`` a name that is not there is an error, in others it is empty as on GitHub.
    ``state`` answers always(), success(), failure() and cancelled().
    """

    contexts: Mapping[str, Mapping[str, Any]]
    state: Mapping[str, bool]
    strict: frozenset[str] = frozenset({"github", "needs", "steps"})

    def look(self, path: str) -> Any:
        """The value at a dotted path; ``*`` collects one field of every element of a list."""
        root, *rest = path.split(".")
        if path in ("true", "false", "null"):
            return {"true": True, "false": False, "null": None}[path]
        if root not in self.contexts:
            raise UnplayableError(f"nobody here knows `{path}`")
        if root in self.strict and (not rest or rest[0] not in self.contexts[root]):
            raise UnplayableError(f"nobody here knows `{path}`")
        return _walk(self.contexts[root], rest)

    def fill(self, text: str) -> str:
        """A text of the file with its ``${{ }}`` filled in."""
        return _EXPRESSION.sub(lambda found: _text(evaluate(found[1], self)), text)

    def holds(self, condition: str) -> bool:
        """Whether a job or a step with this ``if:`` runs. Without a status function, success() is meant."""
        bare = condition.strip().removeprefix("${{").removesuffix("}}").strip()
        called = set(re.findall(r"([a-z]+)\(", bare))
        if not called & STATUS and not self.state["success"]:
            return False
        return not bare or _true(evaluate(bare, self))


def evaluate(expression: str, known: ExpressionContext) -> Any:
    """The value of one expression, without ``${{ }}``. Raises Unplayable for what is not understood."""
    tokens, at = list[tuple[str, str]](), 0
    text = expression.rstrip()
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None:
            raise UnplayableError(f"not understood: {text[at:]!r} in {text!r}")
        tokens.append((found.lastgroup or "", found[0].strip()))
        at = found.end()
    reader = _ExpressionReader(tokens, known, text)
    value = reader.either()
    reader.done()
    return value


class _ExpressionReader:
    """Reads the tokens from left to right: ``||`` binds least, then ``&&``, then comparisons, then ``!``."""

    def __init__(self, tokens: list[tuple[str, str]], known: ExpressionContext, text: str) -> None:
        self._tokens, self._known, self._text = tokens, known, text

    def either(self) -> Any:
        value = self._both()
        while self._take("||"):
            other = self._both()
            value = value if _true(value) else other
        return value

    def done(self) -> None:
        if self._tokens:
            raise UnplayableError(f"not understood: {self._tokens[0][1]!r} in {self._text!r}")

    def _both(self) -> Any:
        value = self._compared()
        while self._take("&&"):
            other = self._compared()
            value = other if _true(value) else value
        return value

    def _compared(self) -> Any:
        value = self._single()
        while sign := self._take("==", "!="):
            value = _same(value, self._single()) == (sign == "==")
        return value

    def _single(self) -> Any:
        if self._take("!"):
            return not _true(self._single())
        if self._take("("):
            value = self.either()
            self._must(")")
            return value
        kind, token = self._tokens.pop(0) if self._tokens else ("", "")
        if kind == "text":
            return token[1:-1].replace("''", "'")
        if kind != "name":
            raise UnplayableError(f"not understood: {self._text!r}")
        return self._call(token) if self._take("(") else self._known.look(token)

    def _call(self, name: str) -> Any:
        given = []
        while not self._take(")"):
            given.append(self.either())
            if not self._take(","):
                self._must(")")
                break
        if name in STATUS and not given:
            return self._known.state[name]
        if name not in _FUNCTIONS:
            raise UnplayableError(f"nobody here knows the function {name}()")
        return _FUNCTIONS[name](*given)

    def _take(self, *signs: str) -> str:
        if self._tokens and self._tokens[0] in [("sign", sign) for sign in signs]:
            return self._tokens.pop(0)[1]
        return ""

    def _must(self, sign: str) -> None:
        if not self._take(sign):
            raise UnplayableError(f"{sign!r} is missing in {self._text!r}")


def _walk(value: Any, path: list[str]) -> Any:
    for number, name in enumerate(path):
        if name == "*":
            inner = [_walk(one, path[number + 1 :]) for one in value or ()]
            return [one for one in inner if one is not None]
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)


def _true(value: Any) -> bool:
    return value not in (None, False, "", 0)


def _same(one: Any, other: Any) -> bool:
    """Loose equality: texts without case; values of different kinds as numbers."""
    if isinstance(one, str) and isinstance(other, str):
        return one.casefold() == other.casefold()
    return _number(one) == _number(other)


def _number(value: Any) -> float:
    if value is None or value == "":
        return 0
    try:
        return float(value)
    except (TypeError, ValueError):
        return math.nan


def _contains(where: Any, what: Any) -> bool:
    if isinstance(where, list):
        return any(_same(one, what) for one in where)
    return _text(what).casefold() in _text(where).casefold()


def _starts_with(text: Any, beginning: Any) -> bool:
    return _text(text).casefold().startswith(_text(beginning).casefold())


def _join(values: Any, between: str = ",") -> str:
    return between.join(map(_text, values)) if isinstance(values, list) else _text(values)


def _format(pattern: str, *values: Any) -> str:
    return re.sub(r"\{(\d+)\}", lambda found: _text(values[int(found[1])]), pattern)


_FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "contains": _contains,
    "format": _format,
    "fromJSON": json.loads,
    "join": _join,
    "startsWith": _starts_with,
}
