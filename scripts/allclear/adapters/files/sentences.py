"""What pydantic finds wrong with a file, as sentences for the people who wrote it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import get_close_matches
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from allclear.adapters.files.strict_yaml import Source
from allclear.core.calendar.phrase import one_of
from allclear.core.model.authored import Authored
from allclear.core.model.authored_model import model_of
from allclear.core.policy.contradictions import misplaced
from allclear.core.policy.service import HOST, NAME, VARIABLE

PLAINLY = {
    "tuple_type": "write a list here, such as `[one, two]`",
    "dict_type": "write lines of `name: value` here",
    "model_type": "write lines of `name: value` here",
    "string_type": "write a text here; in quotes it may hold any sign",
    "bool_parsing": "write `true` or `false`",
    "int_parsing": "write a whole number",
    "too_short": "write one at least",
}
"""What pydantic says in Python's words (https://docs.pydantic.dev/latest/errors/validation_errors/)."""

SIGNS = {
    NAME: "write lower-case letters, digits and hyphens, and a letter first",
    r"^[a-z][a-z-]{0,30}$": "write lower-case letters and hyphens, and a letter first",
    r"^[A-Za-z][A-Za-z0-9]{0,19}$": "write at most 20 letters and digits, and a letter first",
    r"^[A-Za-z0-9][A-Za-z0-9._-]{0,59}$": "write at most 60 letters, digits, dots and hyphens",
    r"^[0-9a-f]{6}$": "write a colour as six hexadecimal digits, such as `b60205`",
    HOST: "write the name of a host, such as `app.example.com`",
    VARIABLE: "write the name of a variable in capitals, such as `API_TOKEN`",
    r"^[a-z_]{1,30}$": "write lower-case letters and underscores",
    r"^([a-z][a-z0-9-]{0,40})?$": "write the name of a provider: lower-case letters, digits and hyphens",
    r"^[A-Za-z0-9._-]{1,100}\.ya?ml$|^\{workflow\}$": "write a workflow's file, such as `deploy.yml`",
    r"^[^\s,](?:[^,\r\n]*[^\s,])?$": "write the name of a label: one line without a comma",
}
"""What a text has to be like, by the pattern that it is held to."""


def dotted(where: tuple[int | str, ...]) -> str:
    """A path in a file as people count: ``deadlines.1.text`` is of the first one."""
    return ".".join(str(part + 1 if isinstance(part, int) else part) for part in where)


def sentences(
    error: ValueError, kind: type[Authored], source: Source, shown: str, thing: str
) -> Iterator[str]:
    """One sentence a mistake: file, line, what is wrong, what to do. ``error`` is that of `read_authored`."""
    assert isinstance(error, ValidationError)  # what it raises, for all that do not load pydantic for it
    for where, why in mistakes_of(error, model_of(kind), source.value, thing):
        yield f"`{shown}` line {source.line(where)}: {why}"


def mistakes_of(
    error: ValidationError, model: type[BaseModel], value: Any, thing: str
) -> Iterator[tuple[tuple[int | str, ...], str]]:
    """Where each mistake stands in ``value``, and a sentence: what is wrong, what to do."""
    errors = error.errors(include_url=False)
    meant = {
        (*found["loc"][:-1], near)
        for found in errors
        if found["type"] == "extra_forbidden" and (near := _near(found["loc"], model))
    }
    literal = dict[tuple[int | str, ...], list[str]]()
    for found in errors:
        if found["type"] == "literal_error":
            allowed = re.findall(r"'([^']+)'", found["ctx"]["expected"])
            literal.setdefault(_standing(found["loc"], value), []).extend(allowed)
    for found in errors:
        if found["type"] == "missing" and found["loc"] in meant:
            continue  # it is there, misspelt
        wrong = (found.get("ctx") or {}).get("error")
        where = _standing((*found["loc"], *misplaced(wrong)), value)
        name = dotted(where)
        if found["type"] == "extra_forbidden":
            known, near = sorted(_fields(model, where[:-1])), _near(where, model)
            there = f"there are {', '.join(f'`{k}`' for k in known)}." if known else "take it out."
            hint = f"did you mean `{near}`?" if near else there
            yield where, f"`{where[-1]}` is not {thing}; {hint}"
        elif found["type"] == "missing":
            yield where, f"`{name}` is missing; add it."
        elif found["type"] == "literal_error":
            if allowed := literal.pop(where, []):
                yield where, f"`{name}`: {_one_of(found['input'], allowed)}"
        else:
            message = PLAINLY.get(found["type"], found["msg"].removeprefix("Value error, "))
            message = message.replace("Input should be", "it has to be")
            if found["type"] == "string_pattern_mismatch":
                message = SIGNS.get(
                    str(found["ctx"]["pattern"]), "there is a sign in it that may not stand there"
                )
            yield where, f"{f'`{name}`: ' if name else ''}{message}."


def _standing(where: tuple[int | str, ...], value: Any) -> tuple[int | str, ...]:
    """The path as it stands in the file: pydantic puts the kinds that it tried into it. What is missing, or
    has to be one of a map's keys, is its last part.
    """
    if isinstance(value, dict) and where and where[0] not in value:
        return tuple(part for part in where if part != "[key]")  # of a file that this one changes
    found: list[int | str] = []
    for at, part in enumerate(where):
        if part == "[key]" or (not isinstance(value, dict | list) and at):
            break
        found.append(part)
        inside = dict(enumerate(value)) if isinstance(value, list) else value
        if not isinstance(inside, dict) or part not in inside:
            break
        value = inside[part]
    return tuple(found)


def _one_of(value: Any, allowed: list[str]) -> str:
    near = get_close_matches(str(value).lower(), allowed, 1)
    return f"did you mean `{near[0]}`?" if near else f"write {one_of([f'`{one}`' for one in allowed])}."


def _near(where: tuple[int | str, ...], model: type[BaseModel]) -> str:
    """The name that was meant by the last of a path; empty when none is alike."""
    near = get_close_matches(str(where[-1]).lower(), sorted(_fields(model, where[:-1])), 1)
    return near[0] if near else ""


def _fields(model: type[BaseModel], where: tuple[int | str, ...]) -> frozenset[str]:
    """The names that may stand at ``where``, read off the models' annotations."""
    kinds = [model]
    for part in where:
        named = [field for kind in kinds for name, field in _named(kind) if name == part]
        if named:
            kinds = [inner for field in named for inner in _models(field.annotation)]
    return frozenset(name for kind in kinds for name, _ in _named(kind))


def _named(kind: type[BaseModel]) -> Iterator[tuple[str, FieldInfo]]:
    """The fields of a model, by the names that people write."""
    return ((field.alias or name, field) for name, field in kind.model_fields.items())


def _models(kind: Any) -> Iterator[type[BaseModel]]:
    """The models in an annotation, however deep in lists, mappings and alternatives."""
    if isinstance(kind, type) and issubclass(kind, BaseModel | Authored):
        yield kind if issubclass(kind, BaseModel) else model_of(kind)
    for inner in get_args(kind):
        yield from _models(inner)
