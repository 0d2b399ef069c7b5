"""A JSON answer of somebody else's service, read and looked into. Nothing in it is trusted."""

from __future__ import annotations

import json
import re
from typing import Any, NoReturn

from allclear.core.neutral import plain

LONGEST_SHOWN = 4000
"""Characters of a value. It is cut to what people read only when its secrets are out: half of one is none."""

_INDEX = re.compile(r"[0-9]{1,6}")
_KINDS = {dict: "an object", list: "a list", str: "a text", bool: "true or false", type(None): "null"}


class AnswerError(ValueError):
    """The answer is not what it should be. The message says, for people and without its text, what it is."""


def read_json(body: bytes) -> Any:
    """The JSON value in ``body`` (UTF-8). Raises AnswerError for anything else, NaN and Infinity as well."""
    if not body.strip():
        raise AnswerError("the answer is empty")
    try:
        return json.loads(body.decode("utf-8-sig"), parse_constant=_refuse)
    except (ValueError, RecursionError) as error:  # of a number beyond bounds, or 10,000 brackets
        raise AnswerError("the answer is no JSON") from error


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)


def at_path(value: Any, path: str) -> Any:
    """What stands at ``path``: keys and list numbers between dots, as in ``checks.0.ok``. Empty: everything.

    Raises AnswerError when there is nothing.
    """
    here = value
    for part in path.split(".") if path else ():
        if isinstance(here, dict) and part in here:
            here = here[part]
        elif isinstance(here, list) and _INDEX.fullmatch(part) and int(part) < len(here):
            here = here[int(part)]
        else:
            raise AnswerError(f"the answer has no {path}")
    return here


def same(seen: Any, expected: str | float | bool | None) -> bool:
    """Whether JSON holds the expected scalar: numbers by their value, and never a number for true.

    The settings give text only, whose looks mean nothing: ``true`` is the text, and true as well.
    """
    if isinstance(expected, str) and not isinstance(seen, str):
        expected = _meant(expected)
    if isinstance(seen, bool) or isinstance(expected, bool):
        return seen is expected
    return type(seen) in (str, int, float, type(None)) and bool(seen == expected)


def _meant(text: str) -> str | float | bool | None:
    """The number, boolean or null that ``text`` spells in JSON, or itself."""
    try:
        value: str | float | bool | None = json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return text
    return value if isinstance(value, int | float | type(None)) else text


def wanted(expected: str | float | bool | None) -> str:
    """An expected scalar as ``shown``; what may be either without the marks of a text."""
    return shown(_meant(expected) if isinstance(expected, str) else expected)


def shown(value: Any) -> str:
    """A scalar as JSON in one line; of anything else only what it is."""
    if isinstance(value, dict | list):
        return _KINDS[type(value)]
    return " ".join(plain(json.dumps(value, ensure_ascii=False)[:LONGEST_SHOWN]).split())


def kind(value: Any) -> str:
    """What it is, for people: ``a list``, ``null``."""
    return _KINDS.get(type(value), "a number")
