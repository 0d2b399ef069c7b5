"""Reference pages and JSON Schemas: every key of a file that people write, from the models that read it."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from functools import cache
from typing import Any, get_args

from msgspec import Struct
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from allclear.core.model.authored import Authored
from allclear.core.model.authored_model import AuthoredModel, model_of
from allclear.core.model.times import compact

MOST_EXAMPLES = 2
"""Examples of what may stand at a key."""

DIALECT = "http://json-schema.org/draft-07/schema#"
"""What editors understand."""


class ReferenceKey(Struct, frozen=True):
    """One key. ``path``: of the entry that it stands in, empty at the top; ``form``: what may stand there, in
    Markdown; ``default``: as it is written, empty where there is none; ``meaning``: a sentence.
    """

    path: str
    name: str
    form: str
    default: str
    meaning: str


class ReferencePart(Struct, frozen=True):
    """The keys of one kind of entry, and every place where it may stand."""

    paths: tuple[str, ...]
    meaning: str
    keys: tuple[ReferenceKey, ...]


def parts(model: type[BaseModel]) -> tuple[ReferencePart, ...]:
    """The file's keys, then those of its entries, each kind once."""
    places: dict[type[BaseModel], list[str]] = {}
    for path, kind in _walk(model, ""):
        places.setdefault(kind, []).append(path)
    names = {kind.__name__: paths[0] for kind, paths in places.items()}
    return tuple(
        ReferencePart(tuple(paths), _summary(kind), tuple(_keys(kind, paths[0], names)))
        for kind, paths in places.items()
    )


def schema(model: type[BaseModel], title: str, *, partial: bool = False) -> dict[str, Any]:
    """The JSON Schema of such a file, as editors read it: each key with what it means.

    ``partial``: the file may change another one, so that nothing has to be there, and `none` may stand for
    any entry.
    """
    found = model.model_json_schema(by_alias=True)
    for kind in {kind for _, kind in _walk(model, "")}:
        part = found if kind is model else found["$defs"][kind.__name__]
        _explain(part, kind)
        if partial:
            part.pop("required", None)
    for part in found["properties"].values() if partial else ():
        for key in ("additionalProperties", "patternProperties"):
            _or_none(part, key)
    return {"$schema": DIALECT, **found, "title": title}


def _or_none(part: dict[str, Any], key: str) -> None:
    """Let `none` stand for an entry of this map, which takes it out."""
    none = {"const": "none"}
    inside = part.get(key)
    if key == "additionalProperties" and isinstance(inside, dict):
        part[key] = {"anyOf": [inside, none]}
    elif key == "patternProperties" and isinstance(inside, dict):
        part[key] = {pattern: {"anyOf": [one, none]} for pattern, one in inside.items()}


def _explain(part: dict[str, Any], model: type[BaseModel]) -> None:
    part["description"] = _summary(model)
    told = meanings(model)
    for name, field in model.model_fields.items():
        shown = part["properties"][field.alias or name]
        shown.pop("title", None)
        shown["description"] = told.get(name, "")


def reference(title: str, intro: str, found: Sequence[ReferencePart], examples: Mapping[str, str]) -> str:
    """A page. ``examples``: pieces of YAML by the path of the entry that they show."""
    lines = [f"# {title}", "", intro, ""]
    for part in found:
        path = part.paths[0]
        also = f" Also `{'`, `'.join(part.paths[1:])}`." if part.paths[1:] else ""
        lines += [f"## `{path}`" if path else "## At the top", "", f"{part.meaning}{also}", ""]
        lines += ["| Key | What stands there | Without it | Meaning |", "| --- | --- | --- | --- |"]
        lines += [
            f"| `{key.name}` | {key.form} | {key.default or '**needed**'} | {_cell(key.meaning)} |"
            for key in part.keys
        ]
        lines.append("")
        if path in examples:
            lines += ["```yaml", examples[path].rstrip(), "```", ""]
    return "\n".join(lines).rstrip() + "\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _walk(model: type[BaseModel], path: str) -> Iterator[tuple[str, type[BaseModel]]]:
    yield path, model
    for name, field in model.model_fields.items():
        here = f"{path}.{field.alias or name}".strip(".")
        for inner, kind in _inside(field.annotation, here):
            yield from _walk(kind, inner)


def _inside(annotation: Any, path: str) -> Iterator[tuple[str, type[BaseModel]]]:
    """The models in a field, with the place where they stand: below a name in a map."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel | Authored):
        yield path, annotation if issubclass(annotation, BaseModel) else model_of(annotation)
        return
    arguments = get_args(annotation)
    if getattr(annotation, "__origin__", None) is dict:
        yield from _inside(arguments[1], f"{path}.<id>")
        return
    for one in arguments:
        yield from _inside(one, path)


def _keys(model: type[BaseModel], path: str, places: Mapping[str, str]) -> Iterator[ReferenceKey]:
    told = meanings(model)
    written = model.model_json_schema(by_alias=True)
    for name, field in model.model_fields.items():
        key = field.alias or name
        form = _form(written["properties"][key], places)
        yield ReferenceKey(path, key, form, _default(field), told.get(name, ""))


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return ""
    value = field.get_default(call_default_factory=True)
    if isinstance(value, timedelta):
        return f"`{compact(value)}`"
    if value is None or value in ("", (), {}) or isinstance(value, BaseModel | Authored):
        return "nothing"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    return f"`{', '.join(map(str, value)) if isinstance(value, tuple) else value}`"


@cache
def meanings(model: type[BaseModel]) -> Mapping[str, str]:
    """What stands below each field in the source, those of the classes above it included."""
    found: dict[str, str] = {}
    source = model.kind if issubclass(model, AuthoredModel) else model
    for kind in reversed(source.__mro__):
        if not issubclass(kind, BaseModel | Authored) or kind is BaseModel:
            continue
        (defined,) = ast.parse(textwrap.dedent(inspect.getsource(kind))).body
        assert isinstance(defined, ast.ClassDef)
        for line, after in zip(defined.body, defined.body[1:], strict=False):
            match line, after:
                case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(text))):
                    found[name] = " ".join(text.split()).replace("``", "`")
                case _:
                    pass
    return found


def _summary(model: type[BaseModel]) -> str:
    return " ".join((model.__doc__ or "").split()).replace("``", "`")


def _form(written: Mapping[str, Any], places: Mapping[str, str]) -> str:
    """What may stand there, in words. ``places``: where the keys of an entry are told, by its kind."""
    if "$ref" in written:
        place = places[written["$ref"].rsplit("/", 1)[-1]]
        return f"[these keys](#{_anchor(place)})"
    if "anyOf" in written:
        forms = [_form(one, places) for one in written["anyOf"] if one.get("type") != "null"]
        return " or ".join(dict.fromkeys(form for form in forms if form))
    if "enum" in written or "const" in written:
        values = [value for value in written.get("enum", [written.get("const")]) if value != ""]
        return " or ".join(f"`{value}`" for value in values)
    if written.get("examples"):
        shown = " or ".join(f"`{example}`" for example in written["examples"][:MOST_EXAMPLES])
        return f"{written['$comment']}, such as {shown}"
    kind = written.get("type")
    if kind == "object":
        patterns = iter(written.get("patternProperties", {}).values())
        inside: Mapping[str, Any] = written.get("additionalProperties") or next(patterns, {})
        return f"names, each with {_form(inside, places)}"
    if kind == "array":
        return _many(written.get("items") or {}, places)
    words = {"number": "a number", "integer": "a whole number", "boolean": "`true` or `false`"}
    return words.get(str(kind), "a text")


def _many(inside: Mapping[str, Any], places: Mapping[str, str]) -> str:
    """A list, and what stands in it."""
    one = _form(inside, places) if inside else ""
    words = {"a text": " of texts", "a whole number": " of whole numbers", "": ""}
    return f"a list{words[one]}" if one in words else f"a list, each with {one}"


def _anchor(heading: str) -> str:
    """Where GitHub puts a heading (https://docs.github.com/en/get-started/writing-on-github)."""
    return "".join(sign for sign in heading.lower() if sign.isalnum() or sign in "-_")
